#include "reference/proof.h"
#include "reference/answer.h"

#include <string.h>

static const char already_registered[] = "already-registered";

/* One attempt to prove something. */
struct attempt {
    struct cf_ref_server *server;
    struct cf_ref_cvm *cvm;
    bool by_script; /* the endpoint */
    const struct cf_ref_proof *proof;
    char hash[CF_SHA256_HEX];
    struct cf_ref_prepared *prepared; /* the update that the hash names */
    bool exception;                   /* a deviation threw */
    bool bad_request;                 /* a deviation calls it a 400 */
};

static bool deviates(const struct attempt *a, enum cf_ref_id deviation)
{
    return cf_ref_has(&a->server->on, deviation);
}

/* ---- 466: the compose hash ---- */

static bool names(const struct attempt *a, const struct cf_ref_prepared *prepared)
{
    return prepared && strcmp(prepared->compose_hash, a->hash) == 0;
}

/* Bugs that look further than to the newest update prepared for this CVM. */
static struct cf_ref_prepared *find_elsewhere(const struct attempt *a)
{
    const char *token = a->proof->token;
    bool any_age = deviates(a, CF_REF_DEV_TWO_PHASE_SUPERSEDED_ACCEPTED) ||
                   (token && deviates(a, CF_REF_DEV_PREPARE_OLD_TOKEN_ACCEPTED));
    bool any_used = deviates(a, CF_REF_DEV_TWO_PHASE_REPLAY_LATER);
    struct cf_ref_prepared *other = NULL;
    for (size_t n = 1; (any_age || any_used) && (other = cf_ref_cvm_prepared(a->cvm, n)); n++) {
        if (names(a, other) && (any_age || other->used) &&
            (!token || strcmp(token, other->token) == 0))
            return other;
    }
    for (size_t i = 0; i < CF_REF_CVMS && deviates(a, CF_REF_DEV_TWO_PHASE_OTHER_CVM_ACCEPTED);
         i++) {
        other = cf_ref_cvm_prepared(&a->server->cvms[i], 0);
        if (names(a, other))
            return other;
    }
    return NULL;
}

/* The prepared update that the hash names. Only the newest counts: it supersedes the others. */
static struct cf_ref_prepared *find_prepared(const struct attempt *a)
{
    struct cf_ref_prepared *newest = cf_ref_cvm_prepared(a->cvm, 0);
    bool by_script = newest && newest->endpoint == CF_REF_ENDPOINT_SCRIPT;
    if (by_script != a->by_script && cf_ref_has(&a->server->on, CF_REF_VAR_HASHES_PER_ENDPOINT))
        return NULL;
    return names(a, newest) ? newest : find_elsewhere(a);
}

/* Whether the hash is spelt as phase 1 spells it. */
static bool is_as_shown(const struct attempt *a)
{
    return strncmp(a->proof->compose_hash, "0x", 2) == 0 &&
           strcmp(a->proof->compose_hash + 2, a->hash) == 0;
}

static bool was_handed_out(struct cf_ref_cvm *cvm, const char *token)
{
    const struct cf_ref_prepared *prepared = NULL;
    for (size_t n = 0; (prepared = cf_ref_cvm_prepared(cvm, n)); n++) {
        if (strcmp(prepared->token, token) == 0)
            return true;
    }
    return false;
}

static bool is_right_token(const struct attempt *a)
{
    const char *token = a->proof->token;
    if (strcmp(token, a->prepared->token) == 0 || deviates(a, CF_REF_DEV_PREPARE_TOKEN_UNCHECKED))
        return true;
    for (size_t i = 0; i < CF_REF_CVMS && deviates(a, CF_REF_DEV_PREPARE_COMMIT_ANY_CVM); i++) {
        if (was_handed_out(&a->server->cvms[i], token))
            return true;
    }
    return deviates(a, CF_REF_DEV_PREPARE_OLD_TOKEN_ACCEPTED) && was_handed_out(a->cvm, token);
}

/* Whether a deviation overlooks that the prepared update has been committed. */
static bool overlooks_use(const struct attempt *a)
{
    return deviates(a, CF_REF_DEV_TWO_PHASE_REPLAY_ACCEPTED) ||
           (a->proof->token && deviates(a, CF_REF_DEV_PREPARE_TOKEN_REUSABLE)) ||
           (a->prepared != cf_ref_cvm_prepared(a->cvm, 0) &&
            deviates(a, CF_REF_DEV_TWO_PHASE_REPLAY_LATER));
}

/* Why the prepared update cannot be had any more; NULL: it can. */
static const char *spent(const struct attempt *a)
{
    const struct cf_ref_prepared *prepared = a->prepared;
    if (a->proof->token && !is_right_token(a))
        return "The commit token is unknown or superseded";
    if (prepared->used && !overlooks_use(a))
        return "This hash has been used";
    if (prepared->expired && !deviates(a, CF_REF_DEV_TWO_PHASE_EXPIRED_ACCEPTED))
        return "This hash has expired";
    return NULL;
}

static bool is_allowed(const struct attempt *a)
{
    if (deviates(a, CF_REF_DEV_TWO_PHASE_ALLOW_LIST_CACHED) &&
        cf_ref_chain_knows(&a->server->chain, a->cvm->app_id, a->hash))
        return true;
    return cf_ref_chain_allows(&a->server->chain, a->cvm->app_id, a->hash);
}

static void go_by_the_token(struct attempt *a)
{
    const struct cf_ref_prepared *newest = cf_ref_cvm_prepared(a->cvm, 0);
    if (newest)
        memcpy(a->hash, newest->compose_hash, sizeof(a->hash));
}

static const char *fault_of_hash(struct attempt *a)
{
    if (!cf_ref_hash_read(a->proof->compose_hash, a->hash)) {
        a->exception =
            a->proof->compose_hash && deviates(a, CF_REF_DEV_TWO_PHASE_MALFORMED_HASH_500);
        a->bad_request = deviates(a, CF_REF_DEV_TWO_PHASE_MALFORMED_HASH_400) ||
                         cf_ref_has(&a->server->on, CF_REF_VAR_MALFORMED_PROOF_400);
        return "This is no compose hash";
    }
    if (a->proof->token && deviates(a, CF_REF_DEV_PREPARE_COMMIT_HASH_IGNORED))
        go_by_the_token(a);
    if (cf_ref_has(&a->server->on, CF_REF_VAR_EXACT_HASHES) && !is_as_shown(a))
        return "Send the hash as it came";
    a->prepared = find_prepared(a);
    if (a->prepared)
        return spent(a);
    if (is_allowed(a) && deviates(a, CF_REF_DEV_TWO_PHASE_UNKNOWN_HASH_ACCEPTED))
        return NULL;
    return "This hash awaits no registration";
}

/* ---- 467: the transaction ---- */

static bool needs_no_transaction(const struct attempt *a)
{
    const struct cf_ref_proof *proof = a->proof;
    if (proof->prepare_only && deviates(a, CF_REF_DEV_TWO_PHASE_PREPARE_PROVES))
        return true;
    if (!proof->transaction_hash)
        return deviates(a, CF_REF_DEV_TWO_PHASE_PROOF_OPTIONAL) ||
               (a->by_script && deviates(a, CF_REF_DEV_TWO_PHASE_SCRIPT_PROOF_OPTIONAL)) ||
               (is_allowed(a) && cf_ref_has(&a->server->on, CF_REF_VAR_ALLOW_LIST_SUFFICES));
    /* commit-update leaves it to the allow list alone. */
    return proof->token && strcmp(proof->transaction_hash, already_registered) == 0 &&
           !deviates(a, CF_REF_DEV_PREPARE_ALREADY_REGISTERED_REFUSED);
}

static const char *fault_of_transaction(struct attempt *a)
{
    char hash[CF_SHA256_HEX];
    if (needs_no_transaction(a))
        return NULL;
    if (!a->proof->transaction_hash)
        return "A transaction hash is needed";
    if (!cf_ref_hash_read(a->proof->transaction_hash, hash)) {
        a->exception = deviates(a, CF_REF_DEV_TWO_PHASE_MALFORMED_TRANSACTION_500);
        a->bad_request = deviates(a, CF_REF_DEV_TWO_PHASE_MALFORMED_TRANSACTION_400) ||
                         cf_ref_has(&a->server->on, CF_REF_VAR_MALFORMED_PROOF_400);
        return "This is no transaction hash";
    }
    const struct cf_ref_transaction *receipt = cf_ref_chain_receipt(&a->server->chain, hash);
    if (!receipt)
        return deviates(a, CF_REF_DEV_TWO_PHASE_UNKNOWN_TRANSACTION_ACCEPTED)
                   ? NULL
                   : "There is no receipt for this transaction";
    if (receipt->reverted && !deviates(a, CF_REF_DEV_TWO_PHASE_REVERTED_ACCEPTED))
        return "The transaction was reverted";
    if (strcmp(receipt->contract, a->cvm->app_id) != 0)
        return deviates(a, CF_REF_DEV_TWO_PHASE_OTHER_CONTRACT_ACCEPTED)
                   ? NULL
                   : "The transaction called another contract";
    if (strcmp(receipt->compose_hash, a->hash) != 0 &&
        !deviates(a, CF_REF_DEV_TWO_PHASE_OTHER_HASH_ACCEPTED))
        return "The transaction registered another hash";
    return NULL;
}

/* ---- 468: the allow list ---- */

static const char *fault_of_allow_list(const struct attempt *a)
{
    if (is_allowed(a) || deviates(a, CF_REF_DEV_TWO_PHASE_ALLOW_LIST_UNCHECKED) ||
        (a->by_script && deviates(a, CF_REF_DEV_TWO_PHASE_SCRIPT_ALLOW_LIST_UNCHECKED)) ||
        (a->proof->token && deviates(a, CF_REF_DEV_PREPARE_COMMIT_LIST_UNCHECKED)))
        return NULL;
    /* Whoever lets the transaction off does not ask the list either. */
    if ((!a->proof->transaction_hash || a->proof->prepare_only) && needs_no_transaction(a))
        return NULL;
    return "allowedComposeHashes() says no";
}

/* ---- all three ---- */

static void refuse(struct cf_ref_server *server, const struct cf_ref_proof *proof,
                   enum cf_ref_reason reason, const char *message, struct cf_ref_answer *answer)
{
    bool transaction = reason == CF_REF_REASON_TRANSACTION;
    const char *value = transaction ? proof->transaction_hash : proof->compose_hash;
    const char *field = transaction ? "transaction_hash" : "compose_hash";
    if (reason == CF_REF_REASON_HASH)
        cf_ref_error_begin(server, answer, 466, "ERR-01-006",
                           "The compose hash is invalid or has expired");
    else if (transaction)
        cf_ref_error_begin(server, answer, 467, "ERR-01-007",
                           "The transaction could not be verified");
    else
        cf_ref_error_begin(server, answer, 468, "ERR-01-008",
                           "The compose hash is not allowed on chain");
    cf_ref_error_row(answer, field, value ? value : "", message);
    cf_ref_error_end(server, answer, NULL);
    answer->reason = reason;
}

/* A bug: a refusal uses the hash up, or discards what waits for the right one. */
static void burn(const struct attempt *a, enum cf_ref_reason reason)
{
    struct cf_ref_prepared *newest = cf_ref_cvm_prepared(a->cvm, 0);
    a->cvm->proposal_rides = newest && deviates(a, CF_REF_DEV_TWO_PHASE_REFUSED_RIDES_ALONG);
    if (newest &&
        ((reason != CF_REF_REASON_HASH &&
          cf_ref_has(&a->server->on, CF_REF_VAR_REFUSED_PROOF_SPENT)) ||
         (reason == CF_REF_REASON_HASH && deviates(a, CF_REF_DEV_TWO_PHASE_466_BURNS_HASH)) ||
         (reason == CF_REF_REASON_TRANSACTION &&
          deviates(a, CF_REF_DEV_TWO_PHASE_467_BURNS_HASH)) ||
         (reason == CF_REF_REASON_NOT_ALLOWED && deviates(a, CF_REF_DEV_TWO_PHASE_468_BURNS_HASH))))
        newest->used = true;
}

/* A bug: the prepared update is found by its hash, and made where it was prepared. */
static void commit_elsewhere(const struct attempt *a)
{
    for (size_t i = 0; i < CF_REF_CVMS; i++) {
        struct cf_ref_cvm *other = &a->server->cvms[i];
        struct cf_ref_prepared *prepared = cf_ref_cvm_prepared(other, 0);
        if (other != a->cvm && names(a, prepared))
            cf_ref_cvm_change(other, &prepared->update);
    }
}

bool cf_ref_proof_verify(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                         enum cf_ref_endpoint endpoint, const struct cf_ref_proof *proof,
                         struct cf_ref_prepared **out_prepared, struct cf_ref_answer *answer)
{
    struct attempt a = {.server = server,
                        .cvm = cvm,
                        .by_script = endpoint == CF_REF_ENDPOINT_SCRIPT,
                        .proof = proof};
    enum cf_ref_reason reason = CF_REF_REASON_HASH;
    const char *fault = fault_of_hash(&a);
    if (!fault) {
        const char *transaction = fault_of_transaction(&a);
        const char *listing = fault_of_allow_list(&a);
        bool list_first = listing && cf_ref_has(&server->on, CF_REF_VAR_ALLOW_LIST_FIRST);
        fault = transaction && !list_first ? transaction : listing;
        reason = fault == transaction ? CF_REF_REASON_TRANSACTION : CF_REF_REASON_NOT_ALLOWED;
    }
    *out_prepared = a.prepared;
    if (!fault)
        return true;
    burn(&a, reason);
    refuse(server, proof, reason, fault, answer);
    answer->replayed = reason == CF_REF_REASON_HASH && a.prepared && a.prepared->used;
    if (reason == CF_REF_REASON_HASH && deviates(&a, CF_REF_DEV_TWO_PHASE_466_COMMITS_ELSEWHERE))
        commit_elsewhere(&a);
    if (a.bad_request)
        answer->status = 400;
    if (a.exception)
        cf_ref_answer_exception(answer);
    return false;
}
