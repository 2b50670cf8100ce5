#include "reference/aftermath.h"
#include "reference/conflict.h"
#include "reference/rules.h"

/* The point of every table here is the reason of the answer. Circumstances: */
enum {
    BY_SCRIPT = 1,         /* at the pre-launch-script endpoint */
    INSIDE_GPUS = 1 << 1,  /* a 422 for something within gpus */
    WITH_PROOF = 1 << 2,   /* the request came with proof headers */
    REPLAYED = 1 << 3,     /* the proof was good once */
    BY_TESTER = 1 << 4,    /* by its User-Agent, a tester asks */
    FOREIGN_TYPE = 1 << 5, /* an update whose media type is not JSON's */
    LACKS_PART = 1 << 6,   /* a form without a script in it */
    OWNED = 1 << 7         /* of a contract-owned CVM */
};

static uint32_t facts_of(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                         enum cf_ref_endpoint endpoint, const struct cf_ref_answer *answer)
{
    uint32_t facts = endpoint == CF_REF_ENDPOINT_SCRIPT ? BY_SCRIPT : 0U;
    facts |= cvm && cvm->kms != CF_REF_KMS_PHALA ? OWNED : 0U;
    facts |= answer->fault_inside_gpus ? INSIDE_GPUS : 0U;
    facts |= answer->refused_proof ? WITH_PROOF : 0U;
    facts |= answer->replayed ? REPLAYED : 0U;
    facts |= answer->foreign_type ? FOREIGN_TYPE : 0U;
    facts |= answer->lacks_part ? LACKS_PART : 0U;
    facts |= server->bugs.tester_asks ? BY_TESTER : 0U;
    return facts;
}

/* ---- wrong numbers ---- */

static const struct cf_ref_rule swaps[] = {
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_200, CF_REF_REASON_ACCEPTED, .value = 200),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_200_UNWATCHED, CF_REF_REASON_ACCEPTED, .unless = BY_TESTER,
               .value = 200),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_200, CF_REF_REASON_ACCEPTED, .when = BY_SCRIPT, .value = 200),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_400, CF_REF_REASON_INVALID, .unless = BY_SCRIPT, .value = 400),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_BODY_400, CF_REF_REASON_NO_BODY, .unless = BY_SCRIPT,
               .value = 400),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_BODY_400, CF_REF_REASON_NO_OBJECT, .unless = BY_SCRIPT,
               .value = 400),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_MALFORMED_JSON_400, CF_REF_REASON_MALFORMED,
               .unless = BY_SCRIPT, .value = 400),
    CF_REF_ROW(CF_REF_DEV_AUTH_MISSING_403, CF_REF_REASON_MISSING_KEY, .value = 403),
    CF_REF_ROW(CF_REF_DEV_AUTH_INVALID_403, CF_REF_REASON_WRONG_KEY, .value = 403),
    CF_REF_ROW(CF_REF_DEV_AUTH_INVALID_500, CF_REF_REASON_WRONG_KEY, .value = 500),
    CF_REF_ROW(CF_REF_DEV_AUTH_OWNED_INVALID_403, CF_REF_REASON_WRONG_KEY, .when = OWNED,
               .value = 403),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_OWNED_400, CF_REF_REASON_INVALID, .when = OWNED,
               .unless = BY_SCRIPT, .value = 400),
    CF_REF_ROW(CF_REF_DEV_AUTH_FOREIGN_401, CF_REF_REASON_FOREIGN_CVM, .value = 401),
    CF_REF_ROW(CF_REF_DEV_AUTH_GPU_RENTAL_409, CF_REF_REASON_GPU_RENTAL, .value = 409),
    CF_REF_ROW(CF_REF_DEV_AUTH_UNKNOWN_400, CF_REF_REASON_UNKNOWN_CVM, .value = 400),
    CF_REF_ROW(CF_REF_DEV_AUTH_UNKNOWN_403, CF_REF_REASON_UNKNOWN_CVM, .value = 403),
    CF_REF_ROW(CF_REF_DEV_AUTH_UNKNOWN_500, CF_REF_REASON_UNKNOWN_CVM, .value = 500),
    CF_REF_ROW(CF_REF_DEV_AUTH_SCRIPT_UNKNOWN_500, CF_REF_REASON_UNKNOWN_CVM, .when = BY_SCRIPT,
               .value = 500),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_UNKNOWN_CVM_400, CF_REF_REASON_UNKNOWN_CVM, .when = BY_SCRIPT,
               .value = 400),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_423, CF_REF_REASON_BUSY, .value = 423),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_CONFLICT_400, CF_REF_REASON_BUSY, .when = BY_SCRIPT, .value = 400),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_465_AS_409, CF_REF_REASON_PHASE_1, .value = 409),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_465_AS_400, CF_REF_REASON_PHASE_1, .when = BY_SCRIPT,
               .value = 400),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_466_AS_400, CF_REF_REASON_HASH, .value = 400),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_466_AS_467, CF_REF_REASON_HASH, .value = 467),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_466_AS_468, CF_REF_REASON_HASH, .value = 468),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_467_AS_466, CF_REF_REASON_TRANSACTION, .value = 466),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_467_AS_468, CF_REF_REASON_TRANSACTION, .value = 468),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_467_AS_500, CF_REF_REASON_TRANSACTION, .value = 500),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_468_AS_467, CF_REF_REASON_NOT_ALLOWED, .value = 467),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_467_AS_400, CF_REF_REASON_HASH, .when = BY_SCRIPT, .value = 400),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_467_AS_400, CF_REF_REASON_TRANSACTION, .when = BY_SCRIPT,
               .value = 400),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_467_AS_400, CF_REF_REASON_NOT_ALLOWED, .when = BY_SCRIPT,
               .value = 400),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_CHAIN_AWAY_467, CF_REF_REASON_CHAIN, .when = BY_SCRIPT,
               .value = 467),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_EMPTY_422, CF_REF_REASON_NO_BODY, .when = BY_SCRIPT, .value = 422),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_TYPE_415, CF_REF_REASON_CONTENT_TYPE, .when = BY_SCRIPT,
               .value = 415),
    CF_REF_ROW(CF_REF_DEV_ROBUSTNESS_SCRIPT_500, CF_REF_REASON_MALFORMED, .when = BY_SCRIPT,
               .value = 500),
    CF_REF_ROW(CF_REF_DEV_ROBUSTNESS_SCRIPT_BYTES_500, CF_REF_REASON_NOT_TEXT, .when = BY_SCRIPT,
               .value = 500),
};

/* ---- labels ---- */

static const struct cf_ref_rule labels[] = {
    CF_REF_ROW(CF_REF_DEV_VALIDATION_BODY_PROBLEM_JSON, CF_REF_REASON_NO_BODY, .unless = BY_SCRIPT,
               .text = "application/problem+json"),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_BODY_PROBLEM_JSON, CF_REF_REASON_NO_OBJECT,
               .unless = BY_SCRIPT, .text = "application/problem+json"),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_BODY_PROBLEM_JSON, CF_REF_REASON_MALFORMED,
               .unless = BY_SCRIPT, .text = "application/problem+json"),
};

/* ---- refused, and applied nevertheless ---- */

static const struct cf_ref_rule leaks[] = {
    CF_REF_ROW(CF_REF_DEV_VALIDATION_HALF_APPLIED, CF_REF_REASON_INVALID),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_TERMS_HALF_APPLIED, CF_REF_REASON_TERMS),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_OWNED_TERMS_HALF_APPLIED, CF_REF_REASON_TERMS, .when = OWNED),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_IMAGE_HALF_APPLIED, CF_REF_REASON_TERMS),
    CF_REF_ROW(CF_REF_DEV_PREPARE_REFUSED_APPLIED, CF_REF_REASON_TERMS),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_BYTES_CLEAR, CF_REF_REASON_NOT_TEXT, .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_AUTH_MISSING_APPLIED, CF_REF_REASON_MISSING_KEY),
    CF_REF_ROW(CF_REF_DEV_AUTH_OWNED_MISSING_APPLIED, CF_REF_REASON_MISSING_KEY, .when = OWNED),
    CF_REF_ROW(CF_REF_DEV_AUTH_INVALID_APPLIED, CF_REF_REASON_WRONG_KEY),
    CF_REF_ROW(CF_REF_DEV_AUTH_GPU_RENTAL_APPLIED, CF_REF_REASON_GPU_RENTAL),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_APPLIED, CF_REF_REASON_BUSY),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_REFUSED_STORED, CF_REF_REASON_NO_BODY),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_REFUSED_STORED, CF_REF_REASON_CONTENT_TYPE),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_466_APPLIED, CF_REF_REASON_HASH),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_467_APPLIED, CF_REF_REASON_TRANSACTION),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_468_APPLIED, CF_REF_REASON_NOT_ALLOWED),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_CHAIN_AWAY_APPLIED, CF_REF_REASON_CHAIN),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_HALF_APPLIED_NESTED, CF_REF_REASON_INVALID,
               .when = INSIDE_GPUS),
};

/* Only these fields. */
#define REST (CF_REF_ALL_FIELDS & ~CF_REF_COMPOSE_FIELDS)
#define SHUTDOWN (CF_REF_BIT_OF(SHUTDOWN_TIMEOUT) | CF_REF_BIT_OF(ALLOW_FORCE_STOP))

static const struct cf_ref_rule half_leaks[] = {
    CF_REF_ROW(CF_REF_DEV_VALIDATION_SECRETS_STORED, CF_REF_REASON_INVALID,
               .value = CF_REF_BIT_OF(ENCRYPTED_ENV)),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_468_REST_APPLIED, CF_REF_REASON_NOT_ALLOWED, .value = REST),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_GPUS_ATTACHED, CF_REF_REASON_INVALID,
               .value = CF_REF_BIT_OF(GPUS)),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_OWNED_FLAGS_SET, CF_REF_REASON_INVALID, .when = OWNED,
               .value = CF_REF_FLAG_FIELDS),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_OWNED_SIZES_APPLIED, CF_REF_REASON_INVALID, .when = OWNED,
               .value = CF_REF_SIZE_FIELDS),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_TERMS_FLAGS_SET, CF_REF_REASON_TERMS, .unless = OWNED,
               .value = CF_REF_FLAG_FIELDS),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_OWNED_TERMS_IMAGE_SET, CF_REF_REASON_TERMS, .when = OWNED,
               .value = CF_REF_BIT_OF(IMAGE)),
    CF_REF_ROW(CF_REF_DEV_AUTH_OWNED_MISSING_RESIZED, CF_REF_REASON_MISSING_KEY, .when = OWNED,
               .value = CF_REF_SIZE_FIELDS),
    CF_REF_ROW(CF_REF_DEV_AUTH_INVALID_FLAGS_SET, CF_REF_REASON_WRONG_KEY, .unless = OWNED,
               .value = CF_REF_FLAG_FIELDS),
    CF_REF_ROW(CF_REF_DEV_AUTH_OWNED_INVALID_RESIZED, CF_REF_REASON_WRONG_KEY, .when = OWNED,
               .value = CF_REF_SIZE_FIELDS),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_466_SHUTDOWN_APPLIED, CF_REF_REASON_HASH, .value = SHUTDOWN),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_467_GPUS_ATTACHED, CF_REF_REASON_TRANSACTION,
               .value = CF_REF_BIT_OF(GPUS)),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_468_IMAGE_SET, CF_REF_REASON_NOT_ALLOWED,
               .value = CF_REF_BIT_OF(IMAGE)),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_SHUTDOWN_APPLIED, CF_REF_REASON_BUSY, .when = OWNED,
               .unless = WITH_PROOF, .value = SHUTDOWN),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_PHASE_2_SHUTDOWN_APPLIED, CF_REF_REASON_BUSY, .when = WITH_PROOF,
               .value = SHUTDOWN),
};

/* ---- refused, and made later ---- */

static const struct cf_ref_rule queues[] = {
    CF_REF_ROW(CF_REF_DEV_CONFLICT_QUEUED, CF_REF_REASON_BUSY),
};

/* ---- refused, and locked nevertheless; or the other way round ---- */

/* The value: until somebody resets the CVM, and for all to see or not. */
enum { FOR_GOOD = 1, UNSEEN = 2 };

static const struct cf_ref_rule locks[] = {
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_400, CF_REF_REASON_NO_BODY),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_400, CF_REF_REASON_CONTENT_TYPE),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_TERMS, CF_REF_REASON_TERMS),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_401, CF_REF_REASON_MISSING_KEY),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_401, CF_REF_REASON_WRONG_KEY),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_422, CF_REF_REASON_INVALID),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_NO_OBJECT, CF_REF_REASON_MALFORMED,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_NO_OBJECT, CF_REF_REASON_NO_OBJECT,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_NO_OBJECT, CF_REF_REASON_NO_BODY,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_FORM, CF_REF_REASON_MALFORMED, .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_BYTES, CF_REF_REASON_NOT_TEXT, .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_NO_FILE, CF_REF_REASON_NO_BODY,
               .when = BY_SCRIPT | LACKS_PART),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_TYPE, CF_REF_REASON_INVALID, .when = FOREIGN_TYPE),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_GPUS, CF_REF_REASON_INVALID, .when = INSIDE_GPUS),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_BODY, CF_REF_REASON_INVALID, .when = OWNED,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_BODY, CF_REF_REASON_MALFORMED, .when = OWNED,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_BODY, CF_REF_REASON_NO_OBJECT, .when = OWNED,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_BODY, CF_REF_REASON_NO_BODY, .when = OWNED,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_UPLOAD, CF_REF_REASON_MALFORMED,
               .when = OWNED | BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_UPLOAD, CF_REF_REASON_NOT_TEXT,
               .when = OWNED | BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_UPLOAD, CF_REF_REASON_NO_BODY,
               .when = OWNED | BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_UPLOAD, CF_REF_REASON_CONTENT_TYPE,
               .when = OWNED | BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_LARGE, CF_REF_REASON_TOO_LARGE),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_QUERY, CF_REF_REASON_QUERY, .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SCRIPT_LOCKED_AFTER_QUERY, CF_REF_REASON_QUERY,
               .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SCRIPT_LOCKED_AFTER_401, CF_REF_REASON_MISSING_KEY,
               .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SCRIPT_LOCKED_AFTER_401, CF_REF_REASON_WRONG_KEY,
               .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_401, CF_REF_REASON_MISSING_KEY, .when = OWNED,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_LOCKED_AFTER_TERMS, CF_REF_REASON_TERMS, .when = OWNED),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_465, CF_REF_REASON_PHASE_1),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_466, CF_REF_REASON_HASH),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_467, CF_REF_REASON_TRANSACTION),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCKED_AFTER_468, CF_REF_REASON_NOT_ALLOWED),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_409_LEAKS_LOCK, CF_REF_REASON_BUSY, .value = FOR_GOOD),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_400_HIDES_LOCK, CF_REF_REASON_NO_BODY, .when = BY_SCRIPT,
               .value = UNSEEN),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_CHAIN_AWAY_LOCKED, CF_REF_REASON_CHAIN),
};

static const struct cf_ref_rule unlocks[] = {
    CF_REF_ROW(CF_REF_DEV_CONFLICT_RELEASED_BY_422, CF_REF_REASON_INVALID),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_RELEASED_BY_WRONG_KEY, CF_REF_REASON_WRONG_KEY, .unless = OWNED),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_RELEASED_BY_401, CF_REF_REASON_MISSING_KEY, .when = OWNED),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_RELEASED_BY_401, CF_REF_REASON_WRONG_KEY, .when = OWNED),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_RELEASED_BY_422, CF_REF_REASON_INVALID, .when = OWNED),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_OWNED_SCRIPT_RELEASES, CF_REF_REASON_BUSY,
               .when = OWNED | BY_SCRIPT, .unless = WITH_PROOF),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_PHASE_2_RELEASES, CF_REF_REASON_BUSY, .when = WITH_PROOF),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_PHASE_1_RELEASES, CF_REF_REASON_PHASE_1),
};

/* ---- refused, and the proof used up nevertheless ---- */

static const struct cf_ref_rule burns[] = {
    CF_REF_ROW(CF_REF_DEV_CONFLICT_409_BURNS_HASH, CF_REF_REASON_BUSY, .when = WITH_PROOF),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_422_BURNS_HASH, CF_REF_REASON_INVALID),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_401_BURNS_HASH, CF_REF_REASON_MISSING_KEY),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_401_BURNS_HASH, CF_REF_REASON_WRONG_KEY),
};

/* ---- refused, and restarted nevertheless ---- */

static const struct cf_ref_rule restarts[] = {
    CF_REF_ROW(CF_REF_DEV_VALIDATION_REFUSED_OPERATION, CF_REF_REASON_INVALID, .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_NO_OBJECT_RESTARTS, CF_REF_REASON_NO_BODY,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_NO_OBJECT_RESTARTS, CF_REF_REASON_NO_OBJECT,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_NO_OBJECT_RESTARTS, CF_REF_REASON_MALFORMED,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_REPLAY_RESTARTS, CF_REF_REASON_HASH, .when = REPLAYED),
};

/* ---- all of them ---- */

enum table { SWAPS, LEAKS, HALF_LEAKS, QUEUES, LOCKS, UNLOCKS, BURNS, RESTARTS, LABELS };

static const struct cf_ref_rules tables[] = {
    [SWAPS] = CF_REF_RULES(swaps),           [LEAKS] = CF_REF_RULES(leaks),
    [HALF_LEAKS] = CF_REF_RULES(half_leaks), [QUEUES] = CF_REF_RULES(queues),
    [LOCKS] = CF_REF_RULES(locks),           [UNLOCKS] = CF_REF_RULES(unlocks),
    [BURNS] = CF_REF_RULES(burns),           [RESTARTS] = CF_REF_RULES(restarts),
    [LABELS] = CF_REF_RULES(labels),
};

/* One answer, and the circumstances of it. */
struct aftermath {
    struct cf_ref_server *server;
    struct cf_ref_cvm *cvm;
    enum cf_ref_reason reason;
    uint32_t facts;
};

static const struct cf_ref_rule *hit(const struct aftermath *a, enum table table)
{
    return cf_ref_rule(&a->server->on, &tables[table], (int)a->reason, a->facts);
}

bool cf_ref_aftermath_wants_update(const struct cf_ref_switches *on, enum cf_ref_reason reason)
{
    return cf_ref_rule(on, &tables[LEAKS], (int)reason, 0) ||
           cf_ref_rule(on, &tables[HALF_LEAKS], (int)reason, 0);
}

/* Make these fields of what phase 1 prepared. */
static void apply_prepared(struct cf_ref_cvm *cvm, uint32_t fields)
{
    const struct cf_ref_prepared *prepared = cf_ref_cvm_prepared(cvm, 0);
    struct cf_ref_update update = {0};
    if (!prepared)
        return;
    cf_ref_update_add(&update, &prepared->update, fields);
    cf_ref_cvm_change(cvm, &update);
}

static void apply_part(struct cf_ref_cvm *cvm, const struct cf_ref_update *asked, uint32_t fields)
{
    struct cf_ref_update part = {0};
    cf_ref_update_add(&part, asked, fields);
    if (part.present != 0)
        cf_ref_cvm_change(cvm, &part);
    cf_ref_update_release(&part);
}

static void apply_refused(const struct aftermath *a, struct cf_ref_update *asked)
{
    bool all = hit(a, LEAKS);
    const struct cf_ref_rule *half = hit(a, HALF_LEAKS);
    bool of_proof = a->reason >= CF_REF_REASON_HASH && a->reason <= CF_REF_REASON_CHAIN;
    if ((of_proof && all) || (half && (of_proof || (a->facts & WITH_PROOF))))
        apply_prepared(a->cvm, all ? CF_REF_ALL_FIELDS : half->value);
    else if (all)
        cf_ref_cvm_change(a->cvm, asked);
    else if (half)
        apply_part(a->cvm, asked, half->value);
}

static void put_off(struct cf_ref_cvm *cvm, struct cf_ref_update *asked)
{
    cf_ref_update_release(&cvm->bugs.queued);
    cvm->bugs.queued = *asked;
    cvm->bugs.queued_due_ms = 0;
    *asked = (struct cf_ref_update){0};
}

static void burn_newest(struct cf_ref_cvm *cvm)
{
    struct cf_ref_prepared *prepared = cf_ref_cvm_prepared(cvm, 0);
    if (prepared)
        prepared->used = true;
}

void cf_ref_aftermath_restart(struct cf_ref_server *server, struct cf_ref_cvm *cvm)
{
    if (cvm->running)
        return;
    struct cf_ref_update nothing = {0};
    struct cf_ref_operation *operation = cf_ref_cvm_begin(
        cvm, CF_REF_ENDPOINT_UPDATE_CVM, &nothing, server->now_ms, cf_ref_server_duration(server));
    cf_ref_server_uuid(server, operation->correlation_id);
}

static void spoil_cvm(const struct aftermath *a, struct cf_ref_update *asked)
{
    struct cf_ref_cvm *cvm = a->cvm;
    if (hit(a, QUEUES))
        put_off(cvm, asked);
    apply_refused(a, asked);
    if (hit(a, BURNS))
        burn_newest(cvm);
    const struct cf_ref_rule *lock = hit(a, LOCKS);
    if (lock && lock->value == FOR_GOOD)
        cvm->bugs.lock_leaked = true;
    else if (lock && lock->value == UNSEEN)
        cvm->bugs.lock_hidden = true;
    else if (lock)
        cvm->bugs.locked_until_ms = a->server->now_ms + CF_REF_FORGOTTEN_LOCK_MS;
    if (hit(a, UNLOCKS))
        cvm->bugs.lock_dropped = true;
    if (hit(a, RESTARTS))
        cf_ref_aftermath_restart(a->server, cvm);
    cvm->bugs.fault_sticks = a->reason == CF_REF_REASON_INVALID;
}

void cf_ref_aftermath(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                      enum cf_ref_endpoint endpoint, struct cf_ref_update *asked,
                      struct cf_ref_answer *answer)
{
    const struct aftermath a = {server, cvm, answer->reason,
                                facts_of(server, cvm, endpoint, answer)};
    const struct cf_ref_rule *swap = hit(&a, SWAPS);
    const struct cf_ref_rule *label = hit(&a, LABELS);
    if (swap)
        answer->status = (int)swap->value;
    if (label)
        answer->content_type = label->text;
    if (cvm && !answer->later)
        spoil_cvm(&a, asked);
}
