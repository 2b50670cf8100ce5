#include "reference/phases.h"

#include <stdio.h>
#include <string.h>

static const char already_registered[] = "already-registered";

bool cf_ref_phases_is_second(const struct cf_ref_request *request, const struct cf_ref_cvm *cvm)
{
    return cvm->kms != CF_KMS_PHALA && (request->compose_hash || request->transaction_hash);
}

enum cf_code cf_ref_phases_accept(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                  const char *type, struct cf_ref_update *update,
                                  struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    if (cf_deviates(on, CF_DEV_PARTIAL_OMITTED_VCPU_RESET) &&
        !cf_ref_update_has(update, CF_FIELD_VCPU) &&
        cf_ref_update_set_text(update, CF_FIELD_VCPU, "1") != CF_OK)
        return CF_ENOMEM;
    if (cf_deviates(on, CF_DEV_PARTIAL_USER_CONFIG_IGNORED))
        cf_ref_update_drop(update, CF_FIELD_USER_CONFIG);
    struct cf_ref_operation *operation =
        cf_ref_cvm_begin(cvm, type, update, server->now_ms, server->operation_ms);
    cf_ref_server_uuid(server, operation->correlation_id);
    cf_ref_answer_accepted(server, answer, operation);
    return CF_OK;
}

/* ---- phase 1 ---- */

void cf_ref_kms_info_put(const struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    static const char *const slugs[] = {"kms-phala", "kms-ethereum", "kms-base"};
    static const char *const chains[] = {"null", "1", "8453"};
    bool owned = cvm->kms != CF_KMS_PHALA;
    const char *slug = slugs[cvm->kms];
    cf_buf_printf(out, "{\"id\":\"%s-1\",\"slug\":\"%s\",\"url\":\"https://%s.example\"", slug,
                  slug, slug);
    cf_buf_printf(out, ",\"version\":\"0.5.5\",\"chain_id\":%s", chains[cvm->kms]);
    if (owned)
        cf_buf_printf(out, ",\"kms_contract_address\":\"0x%040d\",\"dstack_app_address\":\"0x%s\"",
                      7, cvm->app_id);
    else
        cf_buf_puts(out, ",\"kms_contract_address\":null,\"dstack_app_address\":null");
    cf_buf_printf(out, ",\"gateway_app_id\":\"0x%040d\"}", 9);
}

static void put_token_rows(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                           const struct cf_ref_prepared *prepared, struct cf_ref_answer *answer)
{
    char text[256];
    const char *allowed =
        cf_ref_chain_allows(&server->chain, cvm->app_id, prepared->compose_hash) ? "true" : "false";
    cf_ref_error_row(answer, "commit_token", prepared->token, "Good for one commit in 14 days");
    (void)snprintf(text, sizeof(text), "https://cloud.example/cvms/%s/commit?token=%s", cvm->id,
                   prepared->token);
    cf_ref_error_row(answer, "commit_url", text, "For a person");
    (void)snprintf(text, sizeof(text), "/api/v1/cvms/%s/commit-update", cvm->id);
    cf_ref_error_row(answer, "api_commit_url", text, "For a program");
    (void)snprintf(text, sizeof(text),
                   "{\"compose_hash_allowed\":%s,\"device_id_allowed\":true,\"is_allowed\":%s}",
                   allowed, allowed);
    cf_ref_error_row_json(answer, "onchain_status", text, "As of now");
}

static void answer_465(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                       const struct cf_ref_prepared *prepared, struct cf_ref_answer *answer)
{
    char text[CF_SHA256_HEX + 2];
    const char *prefix = cf_varies(&server->on, CF_VAR_HASHES_WITHOUT_0X) ? "" : "0x";
    struct cf_buf kms_info;
    cf_ref_error_begin(server, answer, 465, "ERR-01-005",
                       "The new compose hash must be registered on chain first");
    (void)snprintf(text, sizeof(text), "%s%s", prefix, prepared->compose_hash);
    cf_ref_error_row(answer, "compose_hash", text, "Register this hash");
    (void)snprintf(text, sizeof(text), "%s%s", prefix, cvm->app_id);
    cf_ref_error_row(answer, "app_id", text, "With this app's contract");
    (void)snprintf(text, sizeof(text), "%s%.32s%.32s", prefix, cvm->id, cvm->id);
    cf_ref_error_row(answer, "device_id", text, "The device it runs on");
    cf_buf_init(&kms_info, 4096);
    cf_ref_kms_info_put(cvm, &kms_info);
    cf_ref_error_row_json(answer, "kms_info", cf_buf_text(&kms_info), "The KMS that asks for it");
    cf_buf_release(&kms_info);
    if (prepared->token[0] != '\0')
        put_token_rows(server, cvm, prepared, answer);
    cf_ref_error_end(server, answer, "Repeat with X-Compose-Hash and X-Transaction-Hash");
}

enum cf_code cf_ref_phases_first(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                 const char *type, struct cf_ref_update *update, bool prepare_only,
                                 struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    char hash[CF_SHA256_HEX];
    if (cvm->kms == CF_KMS_PHALA)
        return cf_ref_phases_accept(server, cvm, type, update, answer);
    enum cf_code code = cf_ref_cvm_rehash(cvm, on);
    if (code == CF_OK)
        code = cf_ref_compose_hash(on, cvm->name, &cvm->settings, update, hash);
    if (code != CF_OK)
        return code;
    if (!prepare_only && strcmp(hash, cvm->compose_hash) == 0)
        return cf_ref_phases_accept(server, cvm, type, update, answer);
    struct cf_ref_prepared *prepared = cf_ref_cvm_prepare(cvm, type, hash, update);
    if (prepare_only)
        cf_ref_server_uuid(server, prepared->token);
    answer_465(server, cvm, prepared, answer);
    if (cf_deviates(on, CF_DEV_CONFLICT_LOCKED_AFTER_465))
        cvm->locked_until_ms = server->now_ms + 1000;
    return CF_OK;
}

/* ---- phase 2 ---- */

static void answer_refusal(struct cf_ref_server *server, struct cf_ref_answer *answer, int status,
                           const char *field, const char *value, const char *message)
{
    static const char *const codes[] = {"ERR-01-006", "ERR-01-007", "ERR-01-008"};
    static const char *const sentences[] = {"The compose hash is invalid or has expired",
                                            "The transaction could not be verified",
                                            "The compose hash is not allowed on chain"};
    cf_ref_error_begin(server, answer, status, codes[status - 466], sentences[status - 466]);
    cf_ref_error_row(answer, field, value ? value : "", message);
    cf_ref_error_end(server, answer, NULL);
}

/* The prepared update that the proof names; NULL, with the reason, where it names none. */
static struct cf_ref_prepared *redeemable(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                          const struct cf_ref_proof *proof, const char **reason)
{
    const struct cf_ref_switches *on = &server->on;
    char hash[CF_SHA256_HEX];
    struct cf_ref_prepared *prepared = cf_ref_cvm_prepared(cvm, 0);
    *reason = "This hash awaits no registration";
    if (!cf_ref_hash_read(proof->compose_hash, hash)) {
        *reason = "This is no compose hash";
        return NULL;
    }
    if (!prepared || strcmp(prepared->compose_hash, hash) != 0)
        return NULL;
    if (proof->token && strcmp(proof->token, prepared->token) != 0) {
        *reason = "The commit token is unknown or superseded";
        return NULL;
    }
    if (prepared->used && !cf_deviates(on, CF_DEV_TWO_PHASE_REPLAY_ACCEPTED)) {
        *reason = "This hash has been used";
        return NULL;
    }
    if (prepared->expired && !cf_deviates(on, CF_DEV_TWO_PHASE_EXPIRED_ACCEPTED)) {
        *reason = "This hash has expired";
        return NULL;
    }
    return prepared;
}

/* Why the transaction proves nothing; NULL: it does. */
static const char *disproof(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                            const struct cf_ref_prepared *prepared,
                            const struct cf_ref_proof *proof)
{
    const struct cf_ref_switches *on = &server->on;
    char hash[CF_SHA256_HEX];
    if (proof->token && proof->transaction_hash &&
        strcmp(proof->transaction_hash, already_registered) == 0)
        return NULL; /* the allow list alone decides */
    if (!proof->transaction_hash)
        return "A transaction hash is needed";
    if (!cf_ref_hash_read(proof->transaction_hash, hash))
        return "This is no transaction hash";
    const struct cf_ref_transaction *receipt = cf_ref_chain_receipt(&server->chain, hash);
    if (!receipt)
        return cf_deviates(on, CF_DEV_TWO_PHASE_UNKNOWN_TRANSACTION_ACCEPTED)
                   ? NULL
                   : "There is no receipt for this transaction";
    if (receipt->reverted && !cf_deviates(on, CF_DEV_TWO_PHASE_REVERTED_ACCEPTED))
        return "The transaction was reverted";
    if (strcmp(receipt->contract, cvm->app_id) != 0)
        return cf_deviates(on, CF_DEV_TWO_PHASE_OTHER_CONTRACT_ACCEPTED)
                   ? NULL
                   : "The transaction called another contract";
    if (strcmp(receipt->compose_hash, prepared->compose_hash) != 0)
        return "The transaction registered another hash";
    return NULL;
}

enum cf_code cf_ref_phases_second(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                                  const struct cf_ref_proof *proof, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    const char *reason = NULL;
    struct cf_ref_prepared *prepared = redeemable(server, cvm, proof, &reason);
    if (!prepared) {
        answer_refusal(server, answer, 466, "compose_hash", proof->compose_hash, reason);
        return CF_OK;
    }
    reason = disproof(server, cvm, prepared, proof);
    bool allowed = cf_ref_chain_allows(&server->chain, cvm->app_id, prepared->compose_hash) ||
                   cf_deviates(on, CF_DEV_TWO_PHASE_ALLOW_LIST_UNCHECKED);
    if (reason && (allowed || !cf_varies(on, CF_VAR_ALLOW_LIST_FIRST))) {
        answer_refusal(server, answer, 467, "transaction_hash", proof->transaction_hash, reason);
        return CF_OK;
    }
    if (!allowed) {
        answer_refusal(server, answer, 468, "compose_hash", proof->compose_hash,
                       "allowedComposeHashes() says no");
        return CF_OK;
    }
    struct cf_ref_update update = {0};
    enum cf_code code = cf_ref_update_copy(&update, &prepared->update);
    if (code == CF_OK)
        code = cf_ref_phases_accept(server, cvm, prepared->type, &update, answer);
    prepared->used = code == CF_OK;
    cf_ref_update_release(&update);
    return code;
}
