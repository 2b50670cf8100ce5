#include "reference/registration.h"
#include "reference/answer.h"
#include "reference/kms.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* How this server spells what is hexadecimal. */
static const char *prefix_of(const struct cf_ref_server *server)
{
    return cf_ref_has(&server->on, CF_REF_VAR_HASHES_WITHOUT_0X) ? "" : "0x";
}

static void put_hash_row(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                         const struct cf_ref_prepared *prepared, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    bool of_now = cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_OF_NOW);
    int digits = cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_CUT) ? 32 : 64;
    char hash[CF_SHA256_HEX];
    char text[CF_SHA256_HEX + 8];
    bool named = cf_ref_has(on, CF_REF_VAR_HASHES_NAME_THEIR_ALGORITHM);
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_MISSING))
        return;
    snprintf(hash, sizeof(hash), "%.*s", digits,
             of_now ? cvm->compose_hash : prepared->compose_hash);
    for (size_t i = 0; hash[i] != '\0' && cf_ref_has(on, CF_REF_VAR_HASHES_IN_CAPITALS); i++)
        hash[i] = (char)toupper((unsigned char)hash[i]);
    snprintf(text, sizeof(text), "%s%s", named ? "sha256:" : prefix_of(server), hash);
    cf_ref_error_row(answer, "compose_hash", text, "Register this hash");
}

static void put_kms_row(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                        struct cf_ref_answer *answer)
{
    struct cf_buf kms_info = {0};
    if (cf_ref_has(&server->on, CF_REF_DEV_TWO_PHASE_KMS_INFO_MISSING))
        return;
    cf_ref_kms_info_put(cvm, &kms_info);
    cf_ref_error_row_json(answer, "kms_info", cf_buf_text(&kms_info), "The KMS that asks for it");
    cf_buf_release(&kms_info);
}

/* As JSON; null where the chain cannot be asked. */
static const char *on_the_list(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                               const struct cf_ref_prepared *prepared)
{
    struct cf_err unread;
    bool allowed = false;
    if (cf_ref_witness_allows(&server->witness, cvm->app_id, prepared->compose_hash, &allowed,
                              &unread) != CF_OK)
        return "null";
    return allowed ? "true" : "false";
}

static void put_token_rows(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                           const struct cf_ref_prepared *prepared, struct cf_ref_answer *answer)
{
    char text[256];
    const char *allowed = on_the_list(server, cvm, prepared);
    cf_ref_error_row(answer, "commit_token", prepared->token, "Good for one commit in 14 days");
    snprintf(text, sizeof(text), "https://cloud.example/cvms/%s/commit?token=%s", cvm->id,
             prepared->token);
    cf_ref_error_row(answer, "commit_url", text, "For a person");
    snprintf(text, sizeof(text), "/api/v1/cvms/%s/commit-update", cvm->id);
    cf_ref_error_row(answer, "api_commit_url", text, "For a program");
    snprintf(text, sizeof(text),
             "{\"compose_hash_allowed\":%s,\"device_id_allowed\":true,\"is_allowed\":%s}", allowed,
             allowed);
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
}

static void answer_in_full(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                           const struct cf_ref_prepared *prepared, struct cf_ref_answer *answer)
{
    char text[CF_SHA256_HEX + 2];
    cf_ref_error_begin(server, answer, 465, "ERR-01-005",
                       "The new compose hash must be registered on chain first");
    put_hash_row(server, cvm, prepared, answer);
    snprintf(text, sizeof(text), "%s%s", prefix_of(server), cvm->app_id);
    cf_ref_error_row(answer, "app_id", text, "With this app's contract");
    snprintf(text, sizeof(text), "%s%.32s%.32s", prefix_of(server), cvm->id, cvm->id);
    cf_ref_error_row(answer, "device_id", text, "The device it runs on");
    put_kms_row(server, cvm, answer);
    if (prepared->token[0] != '\0')
        put_token_rows(server, cvm, prepared, answer);
    cf_ref_error_end(server, answer, "Repeat with X-Compose-Hash and X-Transaction-Hash");
}

void cf_ref_registration_answer(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                                const struct cf_ref_prepared *prepared,
                                struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    if (cf_ref_has(on, CF_REF_VAR_HASH_AS_A_MEMBER) ||
        cf_ref_has(on, CF_REF_VAR_HASH_IN_A_SENTENCE))
        answer_briefly(server, prepared, answer);
    else
        answer_in_full(server, cvm, prepared, answer);
    answer->reason = CF_REF_REASON_PHASE_1;
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_465_EMPTY))
        cf_buf_reset(&answer->body);
    if (prepared->token[0] != '\0' && cf_ref_has(on, CF_REF_DEV_PREPARE_202))
        answer->status = 202;
}
