#include "reference/proof.h"
#include "reference/answer.h"
#include "reference/proof_bugs.h"

#include <string.h>

static const char already_registered[] = "already-registered";

/* One attempt to prove something. */
struct attempt {
    struct cf_ref_server *server;
    struct cf_ref_cvm *cvm;
    const struct cf_ref_proof *proof;
    char hash[CF_SHA256_HEX];
    struct cf_ref_prepared *prepared; /* the update that the hash names */
    uint32_t facts;                   /* CF_REF_PROOF_... */
    int status;                       /* instead of the contract's; 0: none */
    bool chain_away;                  /* what the chain says could not be had */
};

static bool skips(const struct attempt *a, enum cf_ref_proof_check check)
{
    return cf_ref_proof_skips(&a->server->on, check, a->facts);
}

/* ---- 466: the compose hash ---- */

/* The prepared update that the hash names. Only the newest counts: it supersedes the others. */
static struct cf_ref_prepared *find_prepared(const struct attempt *a)
{
    struct cf_ref_prepared *newest = cf_ref_cvm_prepared(a->cvm, 0);
    bool prepared_by_script = newest && newest->endpoint == CF_REF_ENDPOINT_SCRIPT;
    bool by_script = a->facts & CF_REF_PROOF_BY_SCRIPT;
    if (prepared_by_script != by_script &&
        cf_ref_has(&a->server->on, CF_REF_VAR_HASHES_PER_ENDPOINT))
        return NULL;
    if (newest && strcmp(newest->compose_hash, a->hash) == 0)
        return newest;
    return cf_ref_proof_find_elsewhere(a->server, a->cvm, a->hash, a->proof->token, a->facts);
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

static bool is_listed_anywhere(const struct attempt *a)
{
    const struct cf_ref_chain *chain = &a->server->chain;
    for (size_t i = 0; i < chain->listing_count; i++) {
        if (chain->listings[i].allowed && strcmp(chain->listings[i].compose_hash, a->hash) == 0)
            return true;
    }
    return false;
}

static bool is_allowed(struct attempt *a)
{
    const char *app_id = a->cvm->app_id;
    struct cf_err unread;
    bool allowed = false;
    if (cf_ref_witness_allows(&a->server->witness, app_id, a->hash, &allowed, &unread) != CF_OK)
        a->chain_away = true;
    return allowed || (skips(a, CF_REF_CHECK_THIS_CONTRACT) && is_listed_anywhere(a)) ||
           (skips(a, CF_REF_CHECK_DELISTING) &&
            cf_ref_chain_knows(&a->server->chain, app_id, a->hash)) ||
           (skips(a, CF_REF_CHECK_RELISTING) && cf_ref_cvm_committed(a->cvm, a->hash));
}

static bool is_token_of(const struct attempt *a, const char *token)
{
    const struct cf_ref_switches *on = &a->server->on;
    const char *own = a->prepared->token;
    if (strcmp(token, "%") == 0 && cf_ref_has(on, CF_REF_DEV_PREPARE_TOKEN_WILDCARD))
        return true;
    return cf_ref_has(on, CF_REF_DEV_PREPARE_TOKEN_CUT) ? strncmp(token, own, strlen(own)) == 0
                                                        : strcmp(token, own) == 0;
}

/* Why the prepared update cannot be had any more; NULL: it can. */
static const char *spent(const struct attempt *a)
{
    const struct cf_ref_prepared *prepared = a->prepared;
    if (a->proof->token && !is_token_of(a, a->proof->token) && !skips(a, CF_REF_CHECK_TOKEN))
        return "The commit token is unknown or superseded";
    if (prepared->used && !skips(a, CF_REF_CHECK_UNUSED))
        return "This hash has been used";
    if (prepared->expired && !skips(a, CF_REF_CHECK_UNEXPIRED))
        return "This hash has expired";
    return NULL;
}

/* A bug: the token alone tells what is committed. */
static void go_by_the_token(struct attempt *a)
{
    const struct cf_ref_prepared *newest = cf_ref_cvm_prepared(a->cvm, 0);
    if (newest)
        memcpy(a->hash, newest->compose_hash, sizeof(a->hash));
}

/* Bugs: what is only nearly the hash that is awaited stands for it. */
static bool is_near(const struct attempt *a)
{
    const struct cf_ref_switches *on = &a->server->on;
    const char *text = a->proof->compose_hash;
    const struct cf_ref_prepared *newest = cf_ref_cvm_prepared(a->cvm, 0);
    if (!text || !newest)
        return false;
    const char *hash = newest->compose_hash;
    if (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_LAST_HASH_STAYS)) {
        char read[CF_SHA256_HEX];
        if (!cf_ref_hash_read(text, read))
            return strcmp(a->cvm->bugs.last_proof, hash) == 0;
        memcpy(a->cvm->bugs.last_proof, read, sizeof(read));
    }
    if ((strcmp(text, "%") == 0 && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_WILDCARD_ACCEPTED)) ||
        (strcmp(text, ".*") == 0 && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_PATTERN_ACCEPTED)))
        return true;
    text += strncmp(text, "0x", 2) == 0 ? 2 : 0;
    size_t len = strlen(text);
    bool by_script = a->facts & CF_REF_PROOF_BY_SCRIPT;
    bool script_end = by_script && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_SCRIPT_HASH_END_ACCEPTED);
    bool of_token = a->proof->token && cf_ref_has(on, CF_REF_DEV_PREPARE_COMMIT_HASH_BEGINNING);
    if (of_token || cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_BEGINNING_ACCEPTED))
        return len > 0 && strncmp(hash, text, len) == 0;
    if (script_end || cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_END_ACCEPTED))
        return len > 0 && len <= 64 && strcmp(hash + 64 - len, text) == 0;
    return len == 64 && ((cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_FIRST_HALF_COMPARED) &&
                          strncmp(hash, text, 32) == 0) ||
                         (cf_ref_has(on, CF_REF_DEV_TWO_PHASE_HASH_LAST_HALF_COMPARED) &&
                          strcmp(hash + 32, text + 32) == 0));
}

/* A bug: looking for a hash puts it there. */
static bool is_noted(struct attempt *a)
{
    char *noted = a->cvm->bugs.unknown_proof;
    bool again = strcmp(noted, a->hash) == 0;
    memcpy(noted, a->hash, sizeof(a->hash));
    return again && cf_ref_has(&a->server->on, CF_REF_DEV_TWO_PHASE_UNKNOWN_HASH_NOTED);
}

static const char *fault_of_hash(struct attempt *a)
{
    if (is_near(a)) {
        memcpy(a->hash, cf_ref_cvm_prepared(a->cvm, 0)->compose_hash, sizeof(a->hash));
    } else if (!cf_ref_hash_read(a->proof->compose_hash, a->hash)) {
        a->status = cf_ref_proof_status(&a->server->on, CF_REF_CHECK_HASH_FORM, a->facts);
        return "This is not a compose hash";
    }
    if (skips(a, CF_REF_CHECK_HASH_OF_TOKEN))
        go_by_the_token(a);
    if (cf_ref_has(&a->server->on, CF_REF_VAR_EXACT_HASHES) && !is_as_shown(a))
        return "Send the hash as it came";
    a->facts |= is_allowed(a) ? CF_REF_PROOF_LISTED : 0U;
    a->prepared = find_prepared(a);
    a->facts |= a->prepared != cf_ref_cvm_prepared(a->cvm, 0) ? CF_REF_PROOF_EARLIER : 0U;
    if (a->prepared)
        return spent(a);
    if (is_noted(a))
        return NULL;
    return skips(a, CF_REF_CHECK_PREPARED) ? NULL : "This hash awaits no registration";
}

/* ---- 467: the transaction ---- */

/* commit-update leaves it to the allow list alone. */
static bool says_registered(const struct attempt *a)
{
    return a->proof->token && strcmp(a->proof->transaction_hash, already_registered) == 0 &&
           !cf_ref_has(&a->server->on, CF_REF_DEV_PREPARE_ALREADY_REGISTERED_REFUSED);
}

static const char *fault_of_testimony(const struct attempt *a, const struct cf_ref_testimony *said)
{
    if (said->receipt == CF_REF_RECEIPT_NONE)
        return skips(a, CF_REF_CHECK_RECEIPT) ? NULL : "There is no receipt for this transaction";
    if (said->receipt == CF_REF_RECEIPT_PENDING)
        return skips(a, CF_REF_CHECK_RECEIPT) ? NULL : "The transaction is in no block yet";
    if (said->receipt == CF_REF_RECEIPT_REVERTED && !skips(a, CF_REF_CHECK_SUCCESS))
        return "The transaction was reverted";
    if (!said->of_contract)
        return skips(a, CF_REF_CHECK_CONTRACT) ? NULL : "The transaction called another contract";
    if (!said->of_hash && !skips(a, CF_REF_CHECK_EVENT))
        return "The transaction registered another hash";
    return NULL;
}

static const char *fault_of_receipt(struct attempt *a, const char *transaction_hash)
{
    struct cf_ref_testimony said;
    struct cf_err unread;
    if (cf_ref_witness_transaction(&a->server->witness, transaction_hash, a->cvm->app_id, a->hash,
                                   &said, &unread) == CF_OK)
        return fault_of_testimony(a, &said);
    a->chain_away = true;
    return NULL;
}

/* Bugs: what is only nearly a transaction's hash becomes that. */
static void complete_transaction(const struct attempt *a, char hash[CF_SHA256_HEX])
{
    const struct cf_ref_chain *chain = &a->server->chain;
    bool first = cf_ref_has(&a->server->on, CF_REF_DEV_TWO_PHASE_TRANSACTION_FIRST_HALF_COMPARED);
    bool last = cf_ref_has(&a->server->on, CF_REF_DEV_TWO_PHASE_TRANSACTION_LAST_HALF_COMPARED);
    for (size_t i = 0; i < chain->transaction_count && (first || last); i++) {
        const char *known = chain->transactions[i].hash;
        if ((first && strncmp(known, hash, 32) == 0) ||
            (last && strcmp(known + 32, hash + 32) == 0)) {
            memcpy(hash, known, CF_SHA256_HEX);
            return;
        }
    }
}

/* A bug: what was found good once is good for whatever it is sent with. */
static bool was_found_good(const struct cf_ref_server *server, const char *hash)
{
    bool found = false;
    for (size_t i = 0; i < CF_REF_GOOD_KEPT; i++)
        found = found || strcmp(server->bugs.good[i], hash) == 0;
    return found && cf_ref_has(&server->on, CF_REF_DEV_TWO_PHASE_TRANSACTION_CACHED);
}

static void note_good(struct cf_ref_server *server, const char *hash)
{
    char *next = server->bugs.good[server->bugs.good_count++ % CF_REF_GOOD_KEPT];
    memcpy(next, hash, CF_SHA256_HEX);
}

static const char *fault_of_transaction(struct attempt *a)
{
    char hash[CF_SHA256_HEX];
    if (skips(a, CF_REF_CHECK_TRANSACTION))
        return NULL;
    if (!a->proof->transaction_hash)
        return "A transaction hash is needed";
    if (says_registered(a))
        return NULL;
    if (strcmp(a->proof->transaction_hash, "%") == 0 &&
        cf_ref_has(&a->server->on, CF_REF_DEV_TWO_PHASE_TRANSACTION_WILDCARD_ACCEPTED))
        return NULL;
    if (!cf_ref_hash_read(a->proof->transaction_hash, hash)) {
        a->status = cf_ref_proof_status(&a->server->on, CF_REF_CHECK_TRANSACTION_FORM, a->facts);
        return "This is not a transaction hash";
    }
    complete_transaction(a, hash);
    if (was_found_good(a->server, hash))
        return NULL;
    const char *fault = fault_of_receipt(a, hash);
    if (!fault)
        note_good(a->server, hash);
    return fault;
}

/* ---- 468: the allow list ---- */

/* Whoever lets the transaction off does not ask the list either. */
static const char *fault_of_allow_list(const struct attempt *a)
{
    if ((a->facts & CF_REF_PROOF_LISTED) || skips(a, CF_REF_CHECK_ALLOW_LIST) ||
        skips(a, CF_REF_CHECK_TRANSACTION))
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

static uint32_t facts_of(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                         enum cf_ref_endpoint endpoint, const struct cf_ref_proof *proof)
{
    uint32_t facts = endpoint == CF_REF_ENDPOINT_SCRIPT ? CF_REF_PROOF_BY_SCRIPT : 0U;
    facts |= proof->resumed && cvm->running ? CF_REF_PROOF_RESUMED : 0U;
    facts |= proof->prepare_only ? CF_REF_PROOF_PREPARE_ONLY : 0U;
    facts |= proof->compose_hash ? 0U : CF_REF_PROOF_NO_HASH;
    facts |= proof->transaction_hash ? 0U : CF_REF_PROOF_NO_TRANSACTION;
    if (!proof->token)
        return facts;
    facts |= CF_REF_PROOF_BY_TOKEN;
    facts |= was_handed_out(cvm, proof->token) ? CF_REF_PROOF_TOKEN_OF_CVM : 0U;
    for (size_t i = 0; i < server->cvm_count; i++)
        facts |= was_handed_out(&server->cvms[i], proof->token) ? CF_REF_PROOF_TOKEN_OF_ANY : 0U;
    return facts;
}

/* The first check that fails; NULL: none. */
static const char *find_fault(struct attempt *a, enum cf_ref_reason *out_reason)
{
    const char *fault = fault_of_hash(a);
    *out_reason = CF_REF_REASON_HASH;
    if (fault)
        return fault;
    const char *transaction = fault_of_transaction(a);
    const char *listing = fault_of_allow_list(a);
    *out_reason = CF_REF_REASON_CHAIN;
    if (a->chain_away)
        return skips(a, CF_REF_CHECK_CHAIN) ? NULL : "The chain cannot be asked";
    bool list_first = listing && cf_ref_has(&a->server->on, CF_REF_VAR_ALLOW_LIST_FIRST);
    bool of_transaction = transaction && !list_first;
    *out_reason = of_transaction ? CF_REF_REASON_TRANSACTION : CF_REF_REASON_NOT_ALLOWED;
    return of_transaction ? transaction : listing;
}

bool cf_ref_proof_verify(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                         enum cf_ref_endpoint endpoint, const struct cf_ref_proof *proof,
                         struct cf_ref_prepared **out_prepared, struct cf_ref_answer *answer)
{
    struct attempt a = {.server = server, .cvm = cvm, .proof = proof};
    enum cf_ref_reason reason = CF_REF_REASON_OTHER;
    a.facts = facts_of(server, cvm, endpoint, proof);
    const char *fault = find_fault(&a, &reason);
    *out_prepared = a.prepared;
    if (!fault)
        return true;
    if (reason == CF_REF_REASON_CHAIN)
        cf_ref_answer_chain_away(endpoint, answer);
    else
        refuse(server, proof, reason, fault, answer);
    answer->replayed = reason == CF_REF_REASON_HASH && a.prepared && a.prepared->used;
    cf_ref_proof_refused(server, cvm, a.hash, reason);
    if (a.status == 500)
        cf_ref_answer_exception(answer);
    else if (a.status != 0)
        answer->status = a.status;
    return false;
}
