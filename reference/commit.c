/* The handler of commit-update. */
#include "reference/admit.h"
#include "reference/aftermath.h"
#include "reference/body.h"
#include "reference/conflict.h"
#include "reference/handlers.h"
#include "reference/phases.h"

static const char *required_text(struct cf_ref_server *server, const cJSON *body,
                                 const char *member, struct cf_ref_answer *answer)
{
    const cJSON *value = cf_json_get(body, member);
    if (cJSON_IsString(value))
        return value->valuestring;
    cf_ref_body_refuse_member(server, member, value, answer);
    return NULL;
}

static void commit(struct cf_ref_server *server, const struct cf_ref_request *request,
                   struct cf_ref_cvm *cvm, const cJSON *body, struct cf_ref_answer *answer)
{
    struct cf_ref_update nothing = {0};
    struct cf_ref_proof proof = {.token = required_text(server, body, "token", answer),
                                 .resumed = request->resumed};
    if (proof.token)
        proof.compose_hash = required_text(server, body, "compose_hash", answer);
    if (proof.compose_hash)
        proof.transaction_hash = required_text(server, body, "transaction_hash", answer);
    if (!proof.transaction_hash)
        return;
    if (cf_ref_blocked(server, request, cvm, CF_REF_ENDPOINT_UPDATE_CVM, &nothing, answer)) {
        if (!answer->later && cf_ref_has(&server->on, CF_REF_DEV_PREPARE_409_BURNS_TOKEN))
            cf_ref_cvm_forget_prepared(cvm);
        return;
    }
    /* An update that was prepared without a token has an empty one: nobody may name it. */
    if (proof.token[0] == '\0')
        proof.token = "?";
    cf_ref_phases_second(server, cvm, CF_REF_ENDPOINT_UPDATE_CVM, &proof, &nothing, answer);
    if (answer->reason == CF_REF_REASON_HASH &&
        cf_ref_has(&server->on, CF_REF_DEV_PREPARE_REFUSED_COMMIT_RESTARTS))
        cf_ref_aftermath_restart(server, cvm);
}

/* The CVM that the token is for, whoever sends it; NULL with the refusal in answer. */
static struct cf_ref_cvm *find(struct cf_ref_server *server, const struct cf_ref_request *request,
                               struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    if (cf_ref_has(on, CF_REF_DEV_PREPARE_COMMIT_401))
        return cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (cvm && !cf_ref_has(on, CF_REF_VAR_WITHOUT_PREPARE_ONLY) &&
        !cf_ref_has(on, CF_REF_VAR_TOKENS_ELSEWHERE))
        return cvm;
    cf_ref_answer_sentence(answer, 404, "Not Found");
    return NULL;
}

void cf_ref_handle_commit_update(struct cf_ref_server *server, const struct cf_ref_request *request,
                                 struct cf_ref_answer *answer)
{
    struct cf_json_doc doc;
    struct cf_ref_cvm *cvm = find(server, request, answer);
    if (!cvm)
        return;
    if (cf_ref_body_parse(server, request, &doc, answer))
        commit(server, request, cvm, doc.root, answer);
    cf_json_release(&doc);
}
