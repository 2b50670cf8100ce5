#include "reference/phases.h"
#include "reference/answer.h"
#include "reference/apply.h"
#include "reference/proof.h"
#include "reference/registration.h"

#include <stdio.h>
#include <string.h>

#define BIT(field) (UINT32_C(1) << CF_REF_FIELD_##field)

enum {
    FLAGS = BIT(PUBLIC_LOGS) | BIT(PUBLIC_SYSINFO) | BIT(PUBLIC_TCBINFO),
    SIZES = BIT(VCPU) | BIT(MEMORY) | BIT(DISK_SIZE),
    COMPOSE = BIT(DOCKER_COMPOSE_FILE) | BIT(PRE_LAUNCH_SCRIPT) | BIT(ALLOWED_ENVS) | FLAGS
};

/* Forget the fields of mask. */
static void drop_all(struct cf_ref_update *update, uint32_t mask)
{
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        if ((mask >> i) & 1)
            cf_ref_update_drop(update, (enum cf_ref_field)i);
    }
}

/* ---- accepting ---- */

/* The id that the operation is known by. update is what it changes. */
static void name_operation(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                           const struct cf_ref_update *update, char out[CF_REF_UUID_TEXT])
{
    const struct cf_ref_switches *on = &server->on;
    char hex[CF_SHA256_HEX];
    cf_ref_server_uuid(server, out);
    if (cf_ref_has(on, CF_REF_VAR_SHORT_CORRELATION_IDS))
        (void)snprintf(out, CF_REF_UUID_TEXT, "op-%.10s", out + 24);
    if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_CORRELATION_ID_OF_CVM))
        memcpy(out, cvm->vm_uuid, CF_REF_UUID_TEXT);
    if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_CORRELATION_ID_COUNTED))
        (void)snprintf(out, CF_REF_UUID_TEXT, "%zu", cvm->operation_count + 1);
    if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_CORRELATION_ID_OF_CLOCK))
        (void)snprintf(out, CF_REF_UUID_TEXT, "op-%.0f", server->now_ms / 1000);
    if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_CORRELATION_ID_OF_UPDATE) &&
        cf_ref_compose_hash(cvm->id, &update->to, NULL, hex) == CF_OK)
        (void)snprintf(out, CF_REF_UUID_TEXT, "%.16s-%x", hex, (unsigned)update->present);
}

/* A bug: one field of the update is stored in all our CVMs, or in all that a contract owns. */
static enum cf_code share(struct cf_ref_server *server, const struct cf_ref_update *update,
                          enum cf_ref_field field, bool contract_owned_only)
{
    const struct cf_ref_value *value = &update->to.of[field];
    enum cf_code code = CF_OK;
    for (size_t i = 0; i < CF_REF_CVMS && code == CF_OK; i++) {
        struct cf_ref_cvm *cvm = &server->cvms[i];
        if (cvm->role != CF_REF_ROLE_OURS || (contract_owned_only && cvm->kms == CF_REF_KMS_PHALA))
            continue;
        code = cf_ref_value_set(&cvm->settings.of[field], value->bytes, value->len);
        cvm->hashes_stale = true;
    }
    return code;
}

/* Bugs that keep an accepted update from being made in its operation. */
static bool is_stale_upload(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                            const char *hash)
{
    return (cvm->bugs.upload_count > 0 && cf_ref_has(on, CF_REF_DEV_SCRIPT_SECOND_IGNORED)) ||
           (strcmp(hash, cvm->bugs.uploads[1]) == 0 &&
            cf_ref_has(on, CF_REF_DEV_SCRIPT_RETURN_IGNORED));
}

/* Bugs that go by which scripts were uploaded before. */
static void note_upload(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                        struct cf_ref_update *update)
{
    const struct cf_ref_value *script = &update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    char hash[CF_SHA256_HEX];
    cf_sha256_hex(script->bytes, script->len, hash);
    if (is_stale_upload(on, cvm, hash))
        cf_ref_update_drop(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT);
    memcpy(cvm->bugs.uploads[1], cvm->bugs.uploads[0], CF_SHA256_HEX);
    memcpy(cvm->bugs.uploads[0], hash, CF_SHA256_HEX);
    cvm->bugs.upload_count++;
}

static void delay_or_skip(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                          enum cf_ref_endpoint endpoint, struct cf_ref_update *update)
{
    const struct cf_ref_switches *on = &server->on;
    uint32_t fields = update->present;
    if (endpoint == CF_REF_ENDPOINT_UPDATE_CVM && fields != 0) {
        if (fields == cvm->bugs.last_fields &&
            cf_ref_has(on, CF_REF_DEV_PARTIAL_SAME_FIELDS_SKIPPED))
            cf_ref_update_release(update);
        cvm->bugs.last_fields = fields;
    }
    if (endpoint == CF_REF_ENDPOINT_SCRIPT &&
        cf_ref_update_has(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT))
        note_upload(on, cvm, update);
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_APPLIED_LATE)) {
        cf_ref_update_release(&cvm->bugs.queued);
        cvm->bugs.queued = *update;
        cvm->bugs.queued_due_ms = server->now_ms + server->operation_ms + 300;
        *update = (struct cf_ref_update){0};
    }
}

/* Begin the operation that makes this update (emptied) and answer 202. */
/* A bug: what was prepared and refused is still in the session that the next update saves. */
static enum cf_code take_along(struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    const struct cf_ref_prepared *newest = cf_ref_cvm_prepared(cvm, 0);
    enum cf_code code = CF_OK;
    for (size_t i = 0;
         newest && cvm->bugs.proposal_rides && i < CF_REF_FIELD_COUNT && code == CF_OK; i++) {
        const struct cf_ref_value *value = &newest->update.to.of[i];
        if (cf_ref_update_has(&newest->update, (enum cf_ref_field)i) &&
            !cf_ref_update_has(update, (enum cf_ref_field)i))
            code = cf_ref_update_set(update, (enum cf_ref_field)i, value->bytes, value->len);
    }
    cvm->bugs.proposal_rides = false;
    return code;
}

static enum cf_code accept_update(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                  enum cf_ref_endpoint endpoint, struct cf_ref_update *update,
                                  struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    uint32_t asked = update->present;
    char id[CF_REF_UUID_TEXT];
    name_operation(server, cvm, update, id);
    enum cf_code code = endpoint == CF_REF_ENDPOINT_SCRIPT ? cf_ref_merge_script(on, cvm, update)
                                                           : cf_ref_merge(on, cvm, update);
    if (code == CF_OK)
        code = take_along(cvm, update);
    if (code != CF_OK)
        return code;
    if (cf_ref_has(on, CF_REF_VAR_APPLIED_AT_ONCE))
        cf_ref_cvm_change(cvm, update);
    if (cf_ref_update_has(update, CF_REF_FIELD_USER_CONFIG) &&
        cf_ref_has(on, CF_REF_DEV_CONFLICT_USER_CONFIG_SHARED))
        code = share(server, update, CF_REF_FIELD_USER_CONFIG, false);
    if (code != CF_OK)
        return code;
    delay_or_skip(server, cvm, endpoint, update);
    if (cf_ref_has(on, CF_REF_VAR_STALE_HASH_REFUSED))
        cf_ref_cvm_forget_prepared(cvm);
    struct cf_ref_operation *operation =
        cf_ref_cvm_begin(cvm, endpoint, update, server->now_ms, server->operation_ms);
    memcpy(operation->correlation_id, id, sizeof(id));
    if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_OPERATION_UNLISTED))
        cf_ref_server_uuid(server, operation->correlation_id);
    server->bugs.accepted_count++;
    bool nameless = asked == BIT(IMAGE) && cf_ref_has(on, CF_REF_DEV_ACCEPTED_IMAGE_ID_MISSING);
    cf_ref_answer_accepted(server, endpoint, nameless ? NULL : id, answer);
    if (asked != 0 && !(asked & ~(uint32_t)SIZES) && cf_ref_has(on, CF_REF_DEV_ACCEPTED_RESIZE_200))
        answer->status = 200;
    return CF_OK;
}

/* ---- phase 1 ---- */

static bool was_committed_to(struct cf_ref_cvm *cvm)
{
    const struct cf_ref_prepared *prepared = NULL;
    for (size_t n = 0; (prepared = cf_ref_cvm_prepared(cvm, n)); n++) {
        if (prepared->used)
            return true;
    }
    return false;
}

static bool has_phases(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                       enum cf_ref_endpoint endpoint)
{
    bool script = endpoint == CF_REF_ENDPOINT_SCRIPT;
    if (cvm->kms == CF_REF_KMS_PHALA)
        return cf_ref_has(on, CF_REF_DEV_TWO_PHASE_FOR_MANAGED) ||
               (script && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_FOR_MANAGED_SCRIPT));
    if (script && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_SCRIPT_UNPHASED))
        return false;
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_ONCE_ONLY) && was_committed_to(cvm))
        return false;
    return !cf_ref_has(on, cvm->kms == CF_REF_KMS_ETHEREUM ? CF_REF_DEV_TWO_PHASE_ETHEREUM_UNPHASED
                                                           : CF_REF_DEV_TWO_PHASE_BASE_UNPHASED);
}

bool cf_ref_phases_is_second(const struct cf_ref_server *server,
                             const struct cf_ref_request *request, const struct cf_ref_cvm *cvm)
{
    char hash[CF_SHA256_HEX];
    if (cvm->kms == CF_REF_KMS_PHALA &&
        !cf_ref_has(&server->on, CF_REF_DEV_TWO_PHASE_FOR_MANAGED) &&
        !cf_ref_has(&server->on, CF_REF_VAR_NEEDLESS_PROOF_CHECKED))
        return false;
    if (request->compose_hash && !cf_ref_hash_read(request->compose_hash, hash) &&
        cf_ref_has(&server->on, CF_REF_DEV_TWO_PHASE_MALFORMED_HASH_IGNORED))
        return false;
    if (cf_ref_has(&server->on, CF_REF_VAR_HALF_A_PROOF_IGNORED))
        return request->compose_hash && request->transaction_hash;
    return request->compose_hash || request->transaction_hash;
}

/* Those of the fields that the update sets to this value. */
static uint32_t with_value(const struct cf_ref_update *update, uint32_t fields, const char *value)
{
    uint32_t found = 0;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        uint32_t bit = UINT32_C(1) << i;
        if ((update->present & fields & bit) && cf_ref_value_is(&update->to.of[i], value))
            found |= bit;
    }
    return found;
}

/* The fields of the update that the compose hash does not see. */
static uint32_t blind_spots(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint,
                            const struct cf_ref_update *update)
{
    uint32_t blind = 0;
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMPOSE_FILE_UNPHASED))
        blind |= BIT(DOCKER_COMPOSE_FILE);
    if (endpoint == CF_REF_ENDPOINT_UPDATE_CVM &&
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_SCRIPT_MEMBER_UNPHASED))
        blind |= BIT(PRE_LAUNCH_SCRIPT);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_NO_ENVS_UNPHASED))
        blind |= with_value(update, BIT(ALLOWED_ENVS), "[]");
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_EMPTIED_UNPHASED))
        blind |= with_value(update, BIT(PRE_LAUNCH_SCRIPT), "");
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_FLAGS_UNPHASED))
        blind |= FLAGS;
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_TCBINFO_UNPHASED))
        blind |= BIT(PUBLIC_TCBINFO);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_ENVS_UNPHASED))
        blind |= BIT(ALLOWED_ENVS);
    if (cf_ref_has(on, CF_REF_VAR_FILES_ONLY_HASHED))
        blind |= FLAGS | BIT(ALLOWED_ENVS);
    if ((update->present & SIZES) && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_MIXED_UNPHASED))
        blind |= COMPOSE;
    return blind;
}

/* Whether a new hash is asked for although the compose document stays. */
static bool needs_phases_anyway(const struct cf_ref_switches *on,
                                const struct cf_ref_update *update)
{
    return cf_ref_has(on, CF_REF_DEV_TWO_PHASE_FOR_EVERYTHING) ||
           (cf_ref_update_has(update, CF_REF_FIELD_ENCRYPTED_ENV) &&
            cf_ref_has(on, CF_REF_DEV_TWO_PHASE_FOR_ENCRYPTED_ENV)) ||
           (cf_ref_update_has(update, CF_REF_FIELD_IMAGE) &&
            cf_ref_has(on, CF_REF_DEV_TWO_PHASE_FOR_IMAGE)) ||
           ((update->present & COMPOSE) && cf_ref_has(on, CF_REF_VAR_UNCHANGED_NEEDS_PHASES));
}

/* Bugs that give a changed compose document another hash than its own. */
static void spoil_hash(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                       const struct cf_ref_update *update, char hash[CF_SHA256_HEX])
{
    const struct cf_ref_switches *on = &server->on;
    char text[256];
    char salt[CF_REF_UUID_TEXT] = "";
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_SALTED) ||
        cf_ref_has(on, CF_REF_VAR_HASHES_ARE_NAMES))
        cf_ref_server_uuid(server, salt);
    else if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_BY_ORDER))
        (void)snprintf(salt, sizeof(salt), "%x", (unsigned)update->order);
    else if (!cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_OF_CVM))
        return;
    (void)snprintf(text, sizeof(text), "%s %s %s", cvm->id, salt,
                   cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_OF_CVM) ? "" : hash);
    cf_sha256_hex(text, strlen(text), hash);
}

/* The hash that update leads to; *out_new when it has to be registered first. */
static enum cf_code hash_ahead(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                               enum cf_ref_endpoint endpoint, const struct cf_ref_update *update,
                               char out_hash[CF_SHA256_HEX], bool *out_new)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_ref_update seen = *update; /* borrows the values */
    seen.present &= ~blind_spots(on, endpoint, update);
    enum cf_code code = cf_ref_cvm_rehash(cvm);
    if (code == CF_OK)
        code = cf_ref_compose_hash(cvm->name, &cvm->settings, &seen, out_hash);
    if (code != CF_OK)
        return code;
    *out_new = strcmp(out_hash, cvm->compose_hash) != 0;
    if (*out_new)
        spoil_hash(server, cvm, update, out_hash);
    if (cf_ref_has(on, CF_REF_VAR_REGISTERED_NEEDS_NO_PHASES) &&
        cf_ref_chain_allows(&server->chain, cvm->app_id, out_hash))
        *out_new = false;
    *out_new = *out_new || needs_phases_anyway(on, update);
    return CF_OK;
}

/* Bugs that apply at phase 1 what belongs to phase 2. */
static enum cf_code apply_early(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                                enum cf_ref_endpoint endpoint, const struct cf_ref_update *update,
                                bool prepare_only)
{
    bool all =
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_ALL_APPLIED) ||
        (prepare_only && cf_ref_has(on, CF_REF_DEV_PREPARE_APPLIES)) ||
        (endpoint == CF_REF_ENDPOINT_SCRIPT && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_SCRIPT_APPLIED));
    struct cf_ref_update early = {0};
    if (!all && !cf_ref_has(on, CF_REF_DEV_TWO_PHASE_REST_APPLIED))
        return CF_OK;
    enum cf_code code = cf_ref_update_copy(&early, update);
    if (!all)
        drop_all(&early, COMPOSE);
    if (code == CF_OK)
        cf_ref_cvm_change(cvm, &early);
    cf_ref_update_release(&early);
    return code;
}

/* A bug: phase 1 keeps the whole of the settings, not what was asked. */
static enum cf_code take_snapshot(const struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    enum cf_code code = CF_OK;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT && code == CF_OK; i++) {
        const struct cf_ref_value *now = &cvm->settings.of[i];
        if (!cf_ref_update_has(update, (enum cf_ref_field)i))
            code = cf_ref_update_set(update, (enum cf_ref_field)i, now->bytes, now->len);
    }
    return code;
}

static void name_token(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                       struct cf_ref_prepared *prepared)
{
    cf_ref_server_uuid(server, prepared->token);
    if (cf_ref_has(&server->on, CF_REF_DEV_PREPARE_TOKEN_OF_CVM))
        memcpy(prepared->token, cvm->vm_uuid, sizeof(prepared->token));
    if (cf_ref_has(&server->on, CF_REF_DEV_PREPARE_TOKEN_CONSTANT))
        memcpy(prepared->token, server->cvms[0].vm_uuid, sizeof(prepared->token));
    if (cf_ref_has(&server->on, CF_REF_DEV_PREPARE_TOKEN_OF_HASH))
        (void)snprintf(prepared->token, sizeof(prepared->token), "%.8s-%.4s-4%.3s-8%.3s-%.12s",
                       prepared->compose_hash, prepared->compose_hash + 8,
                       prepared->compose_hash + 12, prepared->compose_hash + 16,
                       prepared->compose_hash + 20);
}

enum cf_code cf_ref_phases_first(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                 enum cf_ref_endpoint endpoint, struct cf_ref_update *update,
                                 bool prepare_only, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    char hash[CF_SHA256_HEX];
    bool is_new = false;
    if (!has_phases(on, cvm, endpoint))
        return accept_update(server, cvm, endpoint, update, answer);
    enum cf_code code = hash_ahead(server, cvm, endpoint, update, hash, &is_new);
    if (code == CF_OK && !is_new && !prepare_only && cvm->running &&
        cf_ref_has(on, CF_REF_VAR_PHASE_1_WHILE_BUSY)) {
        cf_ref_answer_sentence(answer, 409, "Another operation is in progress");
        answer->reason = CF_REF_REASON_BUSY;
        return CF_OK;
    }
    if (code == CF_OK && !is_new && !prepare_only)
        return accept_update(server, cvm, endpoint, update, answer);
    if (code == CF_OK)
        code = apply_early(on, cvm, endpoint, update, prepare_only);
    if (code == CF_OK && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_SNAPSHOT))
        code = take_snapshot(cvm, update);
    if (code != CF_OK)
        return code;
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_FORGETS_EMPTY))
        drop_all(update, with_value(update, ~(uint32_t)COMPOSE, "") |
                             with_value(update, ~(uint32_t)COMPOSE, "null"));
    struct cf_ref_prepared *prepared = cf_ref_cvm_prepare(cvm, endpoint, hash, update);
    if ((prepare_only && !cf_ref_has(on, CF_REF_DEV_PREPARE_TOKEN_MISSING)) ||
        cf_ref_has(on, CF_REF_DEV_PREPARE_ALWAYS))
        name_token(server, cvm, prepared);
    cf_ref_registration_answer(server, cvm, prepared, answer);
    if (prepare_only && cf_ref_has(on, CF_REF_DEV_PREPARE_202))
        answer->status = 202;
    return CF_OK;
}

/* ---- phase 2 ---- */

/* Bugs that make less of phase 2 than phase 1 promised. */
static void spoil_commit(const struct cf_ref_switches *on, const struct cf_ref_prepared *prepared,
                         bool by_token, struct cf_ref_update *update)
{
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_NOTHING) ||
        (by_token && cf_ref_has(on, CF_REF_DEV_PREPARE_COMMIT_NOTHING)) ||
        (prepared && prepared->endpoint == CF_REF_ENDPOINT_SCRIPT &&
         cf_ref_has(on, CF_REF_DEV_TWO_PHASE_SCRIPT_COMMIT_NOTHING)))
        cf_ref_update_release(update);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_COMPOSE_ONLY))
        drop_all(update, ~(uint32_t)COMPOSE);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_FORGETS_FLAGS))
        drop_all(update, FLAGS | BIT(ALLOWED_ENVS));
}

/* What phase 2 makes: what phase 1 kept, in a server that keeps its word. */
static enum cf_code gather_commit(const struct cf_ref_switches *on,
                                  const struct cf_ref_prepared *prepared,
                                  const struct cf_ref_proof *proof,
                                  const struct cf_ref_update *body, struct cf_ref_update *out)
{
    bool by_body = !proof->token && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_BODY);
    enum cf_code code = CF_OK;
    if (by_body || prepared)
        code = cf_ref_update_copy(out, by_body ? body : &prepared->update);
    for (size_t i = 0; i < CF_REF_FIELD_COUNT && code == CF_OK; i++) {
        const struct cf_ref_value *value = &body->to.of[i];
        bool added = cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_ADDS_BODY) ||
                     (((FLAGS | BIT(ALLOWED_ENVS)) >> i & 1) &&
                      cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_ADDS_FLAGS));
        if (cf_ref_update_has(body, (enum cf_ref_field)i) && added)
            code = cf_ref_update_set(out, (enum cf_ref_field)i, value->bytes, value->len);
    }
    spoil_commit(on, prepared, proof->token != NULL, out);
    return code;
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

/* Whether the body of phase 2 is what this server wants there. */
static bool is_phase_2_body(const struct cf_ref_switches *on,
                            const struct cf_ref_prepared *prepared,
                            const struct cf_ref_proof *proof, const struct cf_ref_update *body,
                            struct cf_ref_answer *answer)
{
    bool other = !proof->token && prepared && !repeats(body, prepared);
    if (other && cf_ref_has(on, CF_REF_VAR_PHASE_2_BODY_REPEATED))
        cf_ref_answer_sentence(answer, 400, "Repeat the body of phase 1");
    else if (other && body->present != 0 && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_OTHER_BODY_500))
        cf_ref_answer_exception(answer);
    else
        return true;
    return false;
}

static enum cf_code finish_commit(struct cf_ref_server *server,
                                  const struct cf_ref_prepared *prepared,
                                  struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    enum cf_code code = CF_OK;
    if (prepared && cf_ref_update_has(&prepared->update, CF_REF_FIELD_DOCKER_COMPOSE_FILE) &&
        cf_ref_has(on, CF_REF_DEV_CONFLICT_COMMIT_SHARED))
        code = share(server, &prepared->update, CF_REF_FIELD_DOCKER_COMPOSE_FILE, true);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_ID_MISSING))
        cf_ref_answer_accepted(server, CF_REF_ENDPOINT_UPDATE_CVM, NULL, answer);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_COMMIT_200))
        answer->status = 200;
    return code;
}

enum cf_code cf_ref_phases_second(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                  enum cf_ref_endpoint endpoint, const struct cf_ref_proof *proof,
                                  struct cf_ref_update *body, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_ref_prepared *prepared = NULL;
    struct cf_ref_update update = {0};
    if (!cf_ref_proof_verify(server, cvm, endpoint, proof, &prepared, answer))
        return CF_OK;
    if (!is_phase_2_body(on, prepared, proof, body, answer))
        return CF_OK;
    enum cf_code code = gather_commit(on, prepared, proof, body, &update);
    if (code == CF_OK)
        code =
            accept_update(server, cvm, prepared ? prepared->endpoint : endpoint, &update, answer);
    if (prepared)
        prepared->used = code == CF_OK;
    if (code == CF_OK)
        code = finish_commit(server, prepared, answer);
    cf_ref_update_release(&update);
    return code;
}
