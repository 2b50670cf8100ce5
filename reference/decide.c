#include "reference/decide.h"
#include "reference/answer.h"
#include "reference/conflict.h"
#include "reference/phases.h"

#include <string.h>
#include <strings.h>

static bool is_word_for_yes(const char *text)
{
    return strcmp(text, "1") == 0 || strcasecmp(text, "yes") == 0 || strcasecmp(text, "on") == 0;
}

bool cf_ref_is_prepare_only(const struct cf_ref_switches *on, const struct cf_ref_request *request)
{
    if (cf_ref_has(on, CF_REF_VAR_WITHOUT_PREPARE_ONLY))
        return false;
    if (cf_ref_has(on, CF_REF_VAR_PREPARE_TRUE_TO_THE_LETTER))
        return request->prepare_only && strcmp(request->prepare_only, "true") == 0;
    if (request->prepare_only && cf_ref_has(on, CF_REF_VAR_PREPARE_ANY_TRUTH) &&
        is_word_for_yes(request->prepare_only))
        return true;
    return request->prepare_only && (strcasecmp(request->prepare_only, "true") == 0 ||
                                     cf_ref_has(on, CF_REF_DEV_PREPARE_WHENEVER_SENT));
}

enum cf_code cf_ref_decide(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                           struct cf_ref_update *update, bool prepare_only,
                           struct cf_ref_answer *answer)
{
    const struct cf_ref_proof proof = {.compose_hash = request->compose_hash,
                                       .transaction_hash = request->transaction_hash,
                                       .prepare_only =
                                           cf_ref_is_prepare_only(&server->on, request)};
    bool second = cf_ref_phases_is_second(server, request, cvm);
    bool only_asks = !second && cvm->kms != CF_REF_KMS_PHALA &&
                     cf_ref_has(&server->on, CF_REF_VAR_PHASE_1_WHILE_BUSY);
    if (!only_asks && cf_ref_blocked(server, request, cvm, endpoint, update, answer)) {
        answer->refused_proof = second;
        if (second && cf_ref_has(&server->on, CF_REF_VAR_REFUSED_PROOF_SPENT))
            cf_ref_cvm_forget_prepared(cvm);
        return CF_OK;
    }
    if (second)
        return cf_ref_phases_second(server, cvm, endpoint, &proof, update, answer);
    return cf_ref_phases_first(server, cvm, endpoint, update, prepare_only, answer);
}
