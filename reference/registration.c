#include "reference/registration.h"
#include "reference/answer.h"
#include "reference/kms.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void put_hash_row(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                         const struct cf_ref_prepared *prepared, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    const char *prefix = cf_ref_has(on, CF_REF_VAR_HASHES_WITHOUT_0X) ? "" : "0x";
    const char *hash = cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_OF_NOW) ? cvm->compose_hash
                                                                        : prepared->compose_hash;
    int digits = cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_CUT) ? 32 : 64;
    char text[CF_SHA256_HEX + 2];
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_MISSING))
        return;
    (void)snprintf(text, sizeof(text), "%s%.*s", prefix, digits, hash);
    for (size_t i = strlen(prefix);
         text[i] != '\0' && cf_ref_has(on, CF_REF_VAR_HASHES_IN_CAPITALS); i++)
        text[i] = (char)toupper((unsigned char)text[i]);
    cf_ref_error_row(answer, "compose_hash", text, "Register this hash");
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

/* No details: what a client needs stands beside the sentence, or in it. */
static void answer_briefly(const struct cf_ref_server *server,
                           const struct cf_ref_prepared *prepared, struct cf_ref_answer *answer)
{
    bool inside = cf_ref_has(&server->on, CF_REF_VAR_HASH_IN_A_SENTENCE);
    cf_ref_answer_begin(answer, 465, "application/json");
    cf_buf_printf(&answer->body, "{\"detail\":\"Register %s0x%s on chain first\"",
                  inside ? "" : "the compose hash\",\"compose_hash\":\"", prepared->compose_hash);
    if (prepared->token[0] != '\0')
        cf_buf_printf(&answer->body, ",\"commit_token\":\"%s\"", prepared->token);
    cf_buf_putc(&answer->body, '}');
    answer->reason = CF_REF_REASON_PHASE_1;
}

void cf_ref_registration_answer(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                                const struct cf_ref_prepared *prepared,
                                struct cf_ref_answer *answer)
{
    const char *prefix = cf_ref_has(&server->on, CF_REF_VAR_HASHES_WITHOUT_0X) ? "" : "0x";
    char text[CF_SHA256_HEX + 2];
    struct cf_buf kms_info;
    if (cf_ref_has(&server->on, CF_REF_VAR_HASH_AS_A_MEMBER) ||
        cf_ref_has(&server->on, CF_REF_VAR_HASH_IN_A_SENTENCE)) {
        answer_briefly(server, prepared, answer);
        return;
    }
    cf_ref_error_begin(server, answer, 465, "ERR-01-005",
                       "The new compose hash must be registered on chain first");
    put_hash_row(server, cvm, prepared, answer);
    (void)snprintf(text, sizeof(text), "%s%s", prefix, cvm->app_id);
    cf_ref_error_row(answer, "app_id", text, "With this app's contract");
    (void)snprintf(text, sizeof(text), "%s%.32s%.32s", prefix, cvm->id, cvm->id);
    cf_ref_error_row(answer, "device_id", text, "The device it runs on");
    cf_buf_init(&kms_info, 4096);
    cf_ref_kms_info_put(cvm, &kms_info);
    if (!cf_ref_has(&server->on, CF_REF_DEV_TWO_PHASE_KMS_INFO_MISSING))
        cf_ref_error_row_json(answer, "kms_info", cf_buf_text(&kms_info),
                              "The KMS that asks for it");
    cf_buf_release(&kms_info);
    if (prepared->token[0] != '\0')
        put_token_rows(server, cvm, prepared, answer);
    cf_ref_error_end(server, answer, "Repeat with X-Compose-Hash and X-Transaction-Hash");
    answer->reason = CF_REF_REASON_PHASE_1;
    if (cf_ref_has(&server->on, CF_REF_DEV_TWO_PHASE_465_EMPTY))
        cf_buf_reset(&answer->body);
}
