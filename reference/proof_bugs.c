#include "reference/proof_bugs.h"
#include "reference/rules.h"

#include <string.h>

static const struct cf_ref_rule oversights[] = {
    CF_REF_ROW(CF_REF_DEV_PREPARE_TOKEN_UNCHECKED, CF_REF_CHECK_TOKEN),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_ANY_CVM, CF_REF_CHECK_TOKEN,
               .when = CF_REF_PROOF_TOKEN_OF_ANY),
    CF_REF_ROW(CF_REF_DEV_PREPARE_OLD_TOKEN_ACCEPTED, CF_REF_CHECK_TOKEN,
               .when = CF_REF_PROOF_TOKEN_OF_CVM),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_HASH_IGNORED, CF_REF_CHECK_HASH_OF_TOKEN,
               .when = CF_REF_PROOF_BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_UNKNOWN_HASH_ACCEPTED, CF_REF_CHECK_PREPARED,
               .when = CF_REF_PROOF_LISTED),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SUPERSEDED_ACCEPTED, CF_REF_CHECK_NEWEST),
    CF_REF_ROW(CF_REF_DEV_PREPARE_OLD_TOKEN_ACCEPTED, CF_REF_CHECK_NEWEST,
               .when = CF_REF_PROOF_BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_REPLAY_LATER, CF_REF_CHECK_NEWEST_UNUSED),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_REPLAY_LATER, CF_REF_CHECK_UNUSED,
               .when = CF_REF_PROOF_EARLIER),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_REPLAY_ACCEPTED, CF_REF_CHECK_UNUSED),
    CF_REF_ROW(CF_REF_DEV_PREPARE_TOKEN_REUSABLE, CF_REF_CHECK_UNUSED,
               .when = CF_REF_PROOF_BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_PHASE_2_CHECK_THEN_ACT, CF_REF_CHECK_UNUSED,
               .when = CF_REF_PROOF_RESUMED),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SCRIPT_PHASE_2_CHECK_THEN_ACT, CF_REF_CHECK_UNUSED,
               .when = CF_REF_PROOF_RESUMED | CF_REF_PROOF_BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_CHECK_THEN_ACT, CF_REF_CHECK_UNUSED,
               .when = CF_REF_PROOF_RESUMED),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_OTHER_CVM_ACCEPTED, CF_REF_CHECK_THIS_CVM),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_CVM_IGNORED, CF_REF_CHECK_THIS_CVM,
               .when = CF_REF_PROOF_BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_EXPIRED_ACCEPTED, CF_REF_CHECK_UNEXPIRED),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_CHAIN_AWAY_ACCEPTED, CF_REF_CHECK_CHAIN,
               .when = CF_REF_PROOF_BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_PREPARE_PROVES, CF_REF_CHECK_TRANSACTION,
               .when = CF_REF_PROOF_PREPARE_ONLY),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_PROOF_OPTIONAL, CF_REF_CHECK_TRANSACTION,
               .when = CF_REF_PROOF_NO_TRANSACTION),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SCRIPT_PROOF_OPTIONAL, CF_REF_CHECK_TRANSACTION,
               .when = CF_REF_PROOF_NO_TRANSACTION | CF_REF_PROOF_BY_SCRIPT),
    CF_REF_ROW(CF_REF_VAR_ALLOW_LIST_SUFFICES, CF_REF_CHECK_TRANSACTION,
               .when = CF_REF_PROOF_NO_TRANSACTION | CF_REF_PROOF_LISTED),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_UNKNOWN_TRANSACTION_ACCEPTED, CF_REF_CHECK_RECEIPT),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_REVERTED_ACCEPTED, CF_REF_CHECK_SUCCESS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_OTHER_CONTRACT_ACCEPTED, CF_REF_CHECK_CONTRACT),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_OTHER_HASH_ACCEPTED, CF_REF_CHECK_EVENT),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_REVERTED, CF_REF_CHECK_SUCCESS,
               .when = CF_REF_PROOF_BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_OTHER_CONTRACT, CF_REF_CHECK_CONTRACT,
               .when = CF_REF_PROOF_BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_OTHER_HASH, CF_REF_CHECK_EVENT,
               .when = CF_REF_PROOF_BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_LISTED_ANYWHERE, CF_REF_CHECK_THIS_CONTRACT),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_ALLOW_LIST_CACHED, CF_REF_CHECK_DELISTING),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_COMMITTED_LISTED, CF_REF_CHECK_RELISTING),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_ALLOW_LIST_UNCHECKED, CF_REF_CHECK_ALLOW_LIST),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_SCRIPT_ALLOW_LIST_UNCHECKED, CF_REF_CHECK_ALLOW_LIST,
               .when = CF_REF_PROOF_BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_LIST_UNCHECKED, CF_REF_CHECK_ALLOW_LIST,
               .when = CF_REF_PROOF_BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_MALFORMED_HASH_500, CF_REF_CHECK_HASH_FORM,
               .unless = CF_REF_PROOF_NO_HASH, .value = 500),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_MALFORMED_HASH_400, CF_REF_CHECK_HASH_FORM, .value = 400),
    CF_REF_ROW(CF_REF_VAR_MALFORMED_PROOF_400, CF_REF_CHECK_HASH_FORM, .value = 400),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_MALFORMED_TRANSACTION_500, CF_REF_CHECK_TRANSACTION_FORM,
               .value = 500),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_MALFORMED_TRANSACTION_400, CF_REF_CHECK_TRANSACTION_FORM,
               .value = 400),
    CF_REF_ROW(CF_REF_VAR_MALFORMED_PROOF_400, CF_REF_CHECK_TRANSACTION_FORM, .value = 400),
};

static const struct cf_ref_rules oversight_rules = CF_REF_RULES(oversights);

bool cf_ref_proof_skips(const struct cf_ref_switches *on, enum cf_ref_proof_check check,
                        uint32_t facts)
{
    return cf_ref_rule(on, &oversight_rules, (int)check, facts) != NULL;
}

int cf_ref_proof_status(const struct cf_ref_switches *on, enum cf_ref_proof_check check,
                        uint32_t facts)
{
    const struct cf_ref_rule *rule = cf_ref_rule(on, &oversight_rules, (int)check, facts);
    return rule ? (int)rule->value : 0;
}

static bool names(const struct cf_ref_prepared *prepared, const char *hash)
{
    return prepared && strcmp(prepared->compose_hash, hash) == 0;
}

/* A bug: any hash that phase 1 told is a good one, and what is committed is what came last. */
static bool commits_newest(const struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                           const char *hash)
{
    const struct cf_ref_prepared *older;
    if (!cf_ref_has(&server->on, CF_REF_DEV_TWO_PHASE_OLDER_HASH_COMMITS_NEWEST))
        return false;
    for (size_t n = 1; (older = cf_ref_cvm_prepared(cvm, n)); n++) {
        if (names(older, hash) && !older->used)
            return true;
    }
    return false;
}

struct cf_ref_prepared *cf_ref_proof_find_elsewhere(struct cf_ref_server *server,
                                                    struct cf_ref_cvm *cvm, const char *hash,
                                                    const char *token, uint32_t facts)
{
    bool any_age = cf_ref_proof_skips(&server->on, CF_REF_CHECK_NEWEST, facts);
    bool any_used = cf_ref_proof_skips(&server->on, CF_REF_CHECK_NEWEST_UNUSED, facts);
    struct cf_ref_prepared *other = cf_ref_cvm_prepared(cvm, 0);
    bool plain = other && other->token[0] == '\0';
    if (!token && commits_newest(server, cvm, hash))
        return other;
    any_age = any_age || (token && plain &&
                          cf_ref_has(&server->on, CF_REF_DEV_PREPARE_TOKEN_OUTLIVES_PHASE_1));
    for (size_t n = 1; (any_age || any_used) && (other = cf_ref_cvm_prepared(cvm, n)); n++) {
        if (names(other, hash) && (any_age || other->used) &&
            (!token || strcmp(token, other->token) == 0))
            return other;
    }
    bool any_cvm = cf_ref_proof_skips(&server->on, CF_REF_CHECK_THIS_CVM, facts);
    for (size_t i = 0; i < server->cvm_count && any_cvm; i++) {
        other = cf_ref_cvm_prepared(&server->cvms[i], 0);
        if (names(other, hash) && (!token || strcmp(token, other->token) == 0))
            return other;
    }
    return NULL;
}

/* ---- after a refusal ---- */

/* Refusals that use up what waits for the right proof. */
static const struct cf_ref_rule burns[] = {
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_466_BURNS_HASH, CF_REF_REASON_HASH),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_467_BURNS_HASH, CF_REF_REASON_TRANSACTION),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_468_BURNS_HASH, CF_REF_REASON_NOT_ALLOWED),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_CHAIN_AWAY_BURNS_HASH, CF_REF_REASON_CHAIN),
    CF_REF_ROW(CF_REF_VAR_REFUSED_PROOF_SPENT, CF_REF_REASON_TRANSACTION),
    CF_REF_ROW(CF_REF_VAR_REFUSED_PROOF_SPENT, CF_REF_REASON_NOT_ALLOWED),
};

static const struct cf_ref_rules burn_rules = CF_REF_RULES(burns);

/* A bug: the prepared update is found by its hash, and made where it was prepared. */
static void commit_elsewhere(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                             const char *hash)
{
    for (size_t i = 0; i < server->cvm_count; i++) {
        struct cf_ref_cvm *other = &server->cvms[i];
        struct cf_ref_prepared *prepared = cf_ref_cvm_prepared(other, 0);
        if (other != cvm && names(prepared, hash))
            cf_ref_cvm_change(other, &prepared->update);
    }
}

void cf_ref_proof_refused(struct cf_ref_server *server, struct cf_ref_cvm *cvm, const char *hash,
                          enum cf_ref_reason reason)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_ref_prepared *newest = cf_ref_cvm_prepared(cvm, 0);
    cvm->bugs.proposal_rides = newest && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_REFUSED_RIDES_ALONG);
    if (newest && cf_ref_rule(on, &burn_rules, (int)reason, 0))
        newest->used = true;
    if (reason == CF_REF_REASON_HASH && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_466_COMMITS_ELSEWHERE))
        commit_elsewhere(server, cvm, hash);
}
