#include "reference/phases.h"
#include "reference/answer.h"
#include "reference/apply.h"
#include "reference/phases_bugs.h"
#include "reference/registration.h"

#include <string.h>

/* ---- accepting ---- */

/* Whether it brings a compose file that is no mapping, which no machine boots with. */
static bool starts_nothing(const struct cf_ref_update *update)
{
    return cf_ref_update_has(update, CF_REF_FIELD_DOCKER_COMPOSE_FILE) &&
           !strchr(update->to.of[CF_REF_FIELD_DOCKER_COMPOSE_FILE].bytes, ':');
}

/* Begin the operation that makes this update (emptied) and answer 202. */
static void accept_update(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                          enum cf_ref_endpoint endpoint, struct cf_ref_update *update,
                          struct cf_ref_answer *answer)
{
    uint32_t asked = update->present;
    char id[CF_REF_UUID_TEXT];
    cf_ref_server_uuid(server, id);
    cf_ref_phases_rename(server, cvm, update, id);
    if (endpoint == CF_REF_ENDPOINT_SCRIPT)
        cf_ref_merge_script(&server->on, cvm, update);
    else
        cf_ref_merge(&server->on, cvm, update);
    cf_ref_phases_spoil_update(server, cvm, endpoint, update);
    if (cf_ref_has(&server->on, CF_REF_VAR_APPLIED_AT_ONCE))
        cf_ref_cvm_change(cvm, update);
    if (cf_ref_has(&server->on, CF_REF_VAR_STALE_HASH_REFUSED))
        cf_ref_cvm_forget_prepared(cvm);
    struct cf_ref_operation *operation =
        cf_ref_cvm_begin(cvm, endpoint, update, server->now_ms, cf_ref_server_duration(server));
    cvm->bugs.operations_fail =
        cf_ref_has(&server->on, CF_REF_DEV_PARTIAL_OPERATIONS_FAIL) ||
        (cf_ref_has(&server->on, CF_REF_VAR_EMPTY_FILES_FAIL) && starts_nothing(&cvm->pending));
    memcpy(operation->correlation_id, id, sizeof(id));
    cf_ref_answer_accepted(server, endpoint, id, answer);
    cf_ref_phases_spoil_accepted(server, operation, asked, answer);
}

/* ---- phase 1 ---- */

/* Whether all that is asked for is so already; gpus may come without their mode. */
static bool is_nothing_new(const struct cf_ref_cvm *cvm, const struct cf_ref_update *update)
{
    bool same = update->present != 0;
    for (size_t i = 0; same && i < CF_REF_FIELD_COUNT; i++) {
        const struct cf_ref_value *asked = &update->to.of[i];
        const struct cf_ref_value *now = &cvm->settings.of[i];
        if (!cf_ref_update_has(update, (enum cf_ref_field)i))
            continue;
        size_t len = i == CF_REF_FIELD_GPUS && asked->len > 0 ? asked->len - 1 : asked->len;
        same = now->bytes && asked->bytes && now->len >= len &&
               memcmp(now->bytes, asked->bytes, len) == 0 &&
               (i == CF_REF_FIELD_GPUS || now->len == len);
    }
    return same;
}

static bool has_phases(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                       enum cf_ref_endpoint endpoint, const struct cf_ref_update *update)
{
    return (cvm->kms != CF_REF_KMS_PHALA) != cf_ref_phases_misjudges(on, cvm, endpoint, update);
}

/* Whether the hash is on the list already; a chain that cannot be asked has not said so. */
static bool is_registered(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                          const char *hash)
{
    struct cf_err unread;
    bool allowed = false;
    return cf_ref_witness_allows(&server->witness, cvm->app_id, hash, &allowed, &unread) == CF_OK &&
           allowed;
}

/* The hash that update leads to, and whether it has to be registered first. */
static bool hash_ahead(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                       enum cf_ref_endpoint endpoint, const struct cf_ref_update *update,
                       char out_hash[CF_SHA256_HEX])
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_ref_update seen = *update; /* borrows the values */
    seen.present &= ~cf_ref_phases_blind(on, endpoint, update);
    cf_ref_cvm_rehash(cvm);
    cf_ref_compose_hash(cvm->name, &cvm->settings, &seen, out_hash);
    bool is_new = strcmp(out_hash, cvm->compose_hash) != 0;
    if (is_new)
        cf_ref_phases_spoil_hash(server, cvm, update, out_hash);
    if (cf_ref_has(on, CF_REF_VAR_REGISTERED_NEEDS_NO_PHASES) &&
        is_registered(server, cvm, out_hash))
        is_new = false;
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMITTED_UNPHASED) &&
        cf_ref_cvm_committed(cvm, out_hash))
        is_new = false;
    return is_new || cf_ref_phases_insists(on, update);
}

/* Keep update (emptied) aside under its hash and ask for that to be registered. */
static void propose(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                    enum cf_ref_endpoint endpoint, const char *hash, struct cf_ref_update *update,
                    bool prepare_only, struct cf_ref_answer *answer)
{
    cf_ref_phases_spoil_proposal(&server->on, cvm, endpoint, prepare_only, update);
    struct cf_ref_prepared *prepared = cf_ref_cvm_prepare(cvm, endpoint, hash, update);
    if (prepare_only)
        cf_ref_server_uuid(server, prepared->token);
    cf_ref_phases_spoil_prepared(server, cvm, prepared);
    cf_ref_phases_spoil_token(server, cvm, prepare_only, prepared);
    cf_ref_registration_answer(server, cvm, prepared, answer);
}

void cf_ref_phases_first(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                         enum cf_ref_endpoint endpoint, struct cf_ref_update *update,
                         bool prepare_only, struct cf_ref_answer *answer)
{
    char hash[CF_SHA256_HEX];
    if (cf_ref_has(&server->on, CF_REF_VAR_NOTHING_NEW_400) && is_nothing_new(cvm, update)) {
        cf_ref_answer_sentence(answer, 400, "There is nothing to change");
        return;
    }
    bool phased = has_phases(&server->on, cvm, endpoint, update);
    bool is_new = phased && hash_ahead(server, cvm, endpoint, update, hash);
    if (is_new || (phased && prepare_only))
        propose(server, cvm, endpoint, hash, update, prepare_only, answer);
    else if (phased && cvm->running && cf_ref_has(&server->on, CF_REF_VAR_PHASE_1_WHILE_BUSY))
        cf_ref_answer_busy(answer);
    else
        accept_update(server, cvm, endpoint, update, answer);
}

/* ---- phase 2 ---- */

bool cf_ref_phases_is_second(const struct cf_ref_server *server,
                             const struct cf_ref_request *request, const struct cf_ref_cvm *cvm)
{
    const struct cf_ref_switches *on = &server->on;
    char hash[CF_SHA256_HEX];
    if (cvm->kms == CF_REF_KMS_PHALA && !cf_ref_has(on, CF_REF_DEV_TWO_PHASE_FOR_MANAGED) &&
        !cf_ref_has(on, CF_REF_VAR_NEEDLESS_PROOF_CHECKED))
        return false;
    if (request->compose_hash && !cf_ref_hash_read(request->compose_hash, hash) &&
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_MALFORMED_HASH_IGNORED))
        return false;
    if (cf_ref_has(on, CF_REF_VAR_HALF_A_PROOF_IGNORED))
        return request->compose_hash && request->transaction_hash;
    return request->compose_hash || request->transaction_hash;
}

static bool repeats(const struct cf_ref_update *body, const struct cf_ref_prepared *prepared)
{
    bool same = body->present == prepared->update.present;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT && same; i++) {
        const struct cf_ref_value *a = &body->to.of[i];
        const struct cf_ref_value *b = &prepared->update.to.of[i];
        same = a->len == b->len && (a->len == 0 || memcmp(a->bytes, b->bytes, a->len) == 0);
    }
    return same;
}

/* Whether the body of phase 2 is what this server wants there: anything, by the contract. */
static bool is_phase_2_body(const struct cf_ref_switches *on,
                            const struct cf_ref_prepared *prepared,
                            const struct cf_ref_proof *proof, const struct cf_ref_update *body,
                            struct cf_ref_answer *answer)
{
    if (proof->token || !prepared || repeats(body, prepared))
        return true;
    if (cf_ref_has(on, CF_REF_VAR_PHASE_2_BODY_REPEATED))
        cf_ref_answer_sentence(answer, 400, "Repeat the body of phase 1");
    else if (body->present != 0 && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_OTHER_BODY_500))
        cf_ref_answer_exception(answer);
    else
        return true;
    return false;
}

void cf_ref_phases_second(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                          enum cf_ref_endpoint endpoint, const struct cf_ref_proof *proof,
                          struct cf_ref_update *body, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_ref_prepared *prepared = NULL;
    struct cf_ref_update update = {0};
    if (!cf_ref_proof_verify(server, cvm, endpoint, proof, &prepared, answer) ||
        !is_phase_2_body(on, prepared, proof, body, answer))
        return;
    if (prepared) {
        cf_ref_update_copy(&update, &prepared->update);
        prepared->used = true;
        endpoint = prepared->endpoint;
    }
    cf_ref_phases_spoil_commit(on, prepared, proof, body, &update);
    accept_update(server, cvm, endpoint, &update, answer);
    cf_ref_phases_spoil_committed(server, prepared, answer);
    cf_ref_update_release(&update);
}
