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
    const char *text = request->prepare_only;
    if (!text || cf_ref_has(on, CF_REF_VAR_WITHOUT_PREPARE_ONLY))
        return false;
    if (cf_ref_has(on, CF_REF_VAR_PREPARE_TRUE_TO_THE_LETTER))
        return strcmp(text, "true") == 0;
    return strcasecmp(text, "true") == 0 || cf_ref_has(on, CF_REF_DEV_PREPARE_WHENEVER_SENT) ||
           (is_word_for_yes(text) && cf_ref_has(on, CF_REF_VAR_PREPARE_ANY_TRUTH));
}

/* Refused with 409: what a proof is then still good for. */
static void note_refused_proof(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                               struct cf_ref_answer *answer)
{
    answer->refused_proof = true;
    if (cf_ref_has(&server->on, CF_REF_VAR_REFUSED_PROOF_SPENT))
        cf_ref_cvm_forget_prepared(cvm);
}

void cf_ref_decide(struct cf_ref_server *server, const struct cf_ref_request *request,
                   struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                   struct cf_ref_update *update, bool prepare_only, struct cf_ref_answer *answer)
{
    const struct cf_ref_proof proof = {.compose_hash = request->compose_hash,
                                       .transaction_hash = request->transaction_hash,
                                       .resumed = request->resumed,
                                       .prepare_only =
                                           cf_ref_is_prepare_only(&server->on, request)};
    bool second = cf_ref_phases_is_second(server, request, cvm);
    bool only_asks = !second && cvm->kms != CF_REF_KMS_PHALA &&
                     (cf_ref_has(&server->on, CF_REF_VAR_PHASE_1_WHILE_BUSY) ||
                      cf_ref_has(&server->on, CF_REF_DEV_CONFLICT_PHASE_1_RELEASES));
    if (cvm->kms == CF_REF_KMS_PHALA && server->witness.broken &&
        cf_ref_has(&server->on, CF_REF_VAR_CHAIN_FOR_ALL)) {
        cf_ref_answer_chain_away(endpoint, answer);
        return;
    }
    if (!only_asks && cf_ref_blocked(server, request, cvm, endpoint, update, answer)) {
        if (second)
            note_refused_proof(server, cvm, answer);
        return;
    }
    if (second)
        cf_ref_phases_second(server, cvm, endpoint, &proof, update, answer);
    else
        cf_ref_phases_first(server, cvm, endpoint, update, prepare_only, answer);
}
