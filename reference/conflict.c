#include "reference/conflict.h"
#include "reference/rules.h"

#include <stdio.h>
#include <string.h>

/* ---- which locks bugs overlook or keep ---- */

enum point {
    OVERLOOKED, /* an operation runs, and is not seen */
    HELD_ON,    /* none runs, and the lock is not let go */
    WIDE,       /* the lock of another CVM counts too */
    TWO_STEPS,  /* between looking and acting others may look */
    APART,      /* likewise, where the other goes by another endpoint */
    WAITED_FOR  /* one runs, and the request waits for its end */
};

enum {
    BY_SCRIPT = 1,               /* the request is for the pre-launch script */
    AFTER_SCRIPT = 1 << 1,       /* the newest operation is */
    ONLY_USER_CONFIG = 1 << 2,   /* all that the request asks for */
    ONLY_GPUS = 1 << 3,          /* all that the request asks for */
    IMAGE_PENDING = 1 << 4,      /* all that the operation changes */
    NEIGHBOUR_RUNS = 1 << 5,     /* an operation on any CVM */
    KMS_NEIGHBOUR_RUNS = 1 << 6, /* an operation on a CVM of the same KMS */
    WITH_PROOF = 1 << 7,         /* the request has the headers of a phase 2 */
    BY_TOKEN = 1 << 8,           /* the request is a commit-update */
    NO_TIMEOUT = 1 << 9,         /* the request lifts the shutdown timeout */
    PAST_A_QUARTER = 1 << 10,    /* of the running operation's time */
    SAME_SCRIPT = 1 << 11,       /* the request brings the script uploaded last */
    IN_FORCE = 1 << 12,          /* all that the request asks for is so already */
    SAME_CONNECTION = 1 << 13,   /* the operation was asked for on the request's connection */
    BRINGS_SECRETS = 1 << 14     /* the request does */
};

static const struct cf_ref_rule rows[] = {
    CF_REF_ROW(CF_REF_DEV_CONFLICT_IGNORED, OVERLOOKED),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_IGNORED_FOR_SETTINGS, OVERLOOKED, .when = ONLY_USER_CONFIG),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCK_EXPIRES, OVERLOOKED, .when = PAST_A_QUARTER),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_CONNECTION_UNBLOCKED, OVERLOOKED, .when = SAME_CONNECTION),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_GPUS_UNBLOCKED, OVERLOOKED, .when = ONLY_GPUS),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_NO_TIMEOUT_UNBLOCKED, OVERLOOKED, .when = NO_TIMEOUT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SAME_SCRIPT_UNBLOCKED, OVERLOOKED,
               .when = BY_SCRIPT | SAME_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_IN_FORCE_UNBLOCKED, OVERLOOKED, .when = IN_FORCE,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_IMAGE_UNSEEN, OVERLOOKED, .when = IMAGE_PENDING),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SCRIPT_UNBLOCKED, OVERLOOKED, .when = BY_SCRIPT,
               .unless = AFTER_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_UPDATE_UNBLOCKED, OVERLOOKED, .when = AFTER_SCRIPT,
               .unless = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_RELEASED_LATE, HELD_ON),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SCRIPT_RELEASED_LATE, HELD_ON, .when = AFTER_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_GLOBAL_LOCK, WIDE, .when = NEIGHBOUR_RUNS),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCK_PER_KMS, WIDE, .when = KMS_NEIGHBOUR_RUNS),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_CHECK_THEN_ACT, TWO_STEPS),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SCRIPT_CHECK_THEN_ACT, TWO_STEPS, .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SECRETS_CHECK_THEN_ACT, TWO_STEPS, .when = BRINGS_SECRETS),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_PHASE_2_CHECK_THEN_ACT, TWO_STEPS, .when = WITH_PROOF),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SCRIPT_PHASE_2_CHECK_THEN_ACT, TWO_STEPS,
               .when = WITH_PROOF | BY_SCRIPT),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_CHECK_THEN_ACT, TWO_STEPS, .when = BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_PREPARE_COMMIT_UNBLOCKED, OVERLOOKED, .when = BY_TOKEN),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_LOCK_PER_ENDPOINT, APART),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_WAITED_FOR, WAITED_FOR),
    CF_REF_ROW(CF_REF_DEV_CONFLICT_SCRIPT_WAITS, WAITED_FOR, .when = BY_SCRIPT),
};

static const struct cf_ref_rules rules = CF_REF_RULES(rows);

static bool hits(const struct cf_ref_switches *on, enum point point, uint32_t facts)
{
    return cf_ref_rule(on, &rules, (int)point, facts) != NULL;
}

static bool is_uploaded_last(const struct cf_ref_cvm *cvm, const struct cf_ref_update *update)
{
    const struct cf_ref_value *script = &update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    char hash[CF_SHA256_HEX];
    if (!cf_ref_update_has(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT))
        return false;
    cf_sha256_hex(script->bytes, script->len, hash);
    return strcmp(hash, cvm->bugs.uploads[0]) == 0;
}

static bool is_in_force(const struct cf_ref_cvm *cvm, const struct cf_ref_update *update)
{
    bool is = update->present != 0;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        if (cf_ref_update_has(update, (enum cf_ref_field)i))
            is = is && cf_ref_value_is(&update->to.of[i], cvm->settings.of[i].bytes);
    }
    return is;
}

static uint32_t facts_of(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                         enum cf_ref_endpoint endpoint, const struct cf_ref_update *update,
                         const struct cf_ref_request *request)
{
    const struct cf_ref_operation *newest = cf_ref_cvm_operation(cvm, 0);
    uint32_t facts = endpoint == CF_REF_ENDPOINT_SCRIPT ? BY_SCRIPT : 0U;
    facts |= newest && newest->endpoint == CF_REF_ENDPOINT_SCRIPT ? AFTER_SCRIPT : 0U;
    facts |= request->compose_hash ? WITH_PROOF : 0U;
    facts |= strcmp(request->method, "POST") == 0 ? BY_TOKEN : 0U;
    facts |= update->present == CF_REF_BIT_OF(USER_CONFIG) ? ONLY_USER_CONFIG : 0U;
    facts |= update->present == CF_REF_BIT_OF(GPUS) ? ONLY_GPUS : 0U;
    facts |=
        cf_ref_value_is(&update->to.of[CF_REF_FIELD_SHUTDOWN_TIMEOUT], "null") ? NO_TIMEOUT : 0U;
    facts |= cvm->ends_ms - server->now_ms < 0.75 * server->operation_ms ? PAST_A_QUARTER : 0U;
    facts |= cf_ref_update_has(update, CF_REF_FIELD_ENCRYPTED_ENV) ? BRINGS_SECRETS : 0U;
    facts |= is_uploaded_last(cvm, update) ? SAME_SCRIPT : 0U;
    facts |= is_in_force(cvm, update) ? IN_FORCE : 0U;
    facts |= request->connection == cvm->bugs.locked_by ? SAME_CONNECTION : 0U;
    facts |= cvm->pending.present == CF_REF_BIT_OF(IMAGE) ? IMAGE_PENDING : 0U;
    for (size_t i = 0; i < server->cvm_count; i++) {
        struct cf_ref_cvm *other = &server->cvms[i];
        cf_ref_cvm_settle(other, server->now_ms);
        if (other->running)
            facts |= NEIGHBOUR_RUNS | (other->kms == cvm->kms ? KMS_NEIGHBOUR_RUNS : 0U);
    }
    return facts;
}

/* Whether a lock keeps the update off, whatever the contract says of it. */
static bool is_locked_anyway(const struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                             uint32_t facts)
{
    bool late = server->now_ms < cvm->ends_ms + CF_REF_FORGOTTEN_LOCK_MS;
    return (cf_ref_cvm_operation(cvm, 0) && late && hits(&server->on, HELD_ON, facts)) ||
           hits(&server->on, WIDE, facts) || server->now_ms < cvm->bugs.locked_until_ms ||
           cvm->bugs.lock_leaked || cvm->bugs.lock_hidden;
}

/* ---- races ---- */

/* Add what the loser of a race asked for to the operation of the winner. */
static void merge_into_pending(struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    uint32_t asked = update->present;
    cf_ref_update_apply(update, &cvm->pending.to);
    cvm->pending.present |= asked;
}

/* The first step of such a bug: let the request wait while others pass the same check. */
static bool wait_for_others(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                            uint32_t facts, struct cf_ref_answer *answer)
{
    struct cf_ref_cvm_bugs *bugs = &cvm->bugs;
    if (!hits(on, TWO_STEPS, facts) && !hits(on, APART, facts) &&
        !cf_ref_has(on, CF_REF_DEV_CONFLICT_NOBODY_WINS) &&
        !cf_ref_has(on, CF_REF_DEV_CONFLICT_LOSERS_MERGED))
        return false;
    bugs->contenders++;
    bugs->contested = bugs->contested || bugs->contenders > 1;
    answer->later = true;
    return true;
}

/* The second step. Whether this request lost after all. */
static bool lost(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm, uint32_t facts,
                 bool busy, struct cf_ref_update *update)
{
    struct cf_ref_cvm_bugs *bugs = &cvm->bugs;
    bool contested = bugs->contested;
    if (bugs->contenders > 0 && --bugs->contenders == 0)
        bugs->contested = false;
    if (cf_ref_has(on, CF_REF_DEV_CONFLICT_NOBODY_WINS))
        return contested || busy;
    if (busy && cf_ref_has(on, CF_REF_DEV_CONFLICT_LOSERS_MERGED))
        merge_into_pending(cvm, update);
    bool same_endpoint = !(facts & BY_SCRIPT) == !(facts & AFTER_SCRIPT);
    return busy && !hits(on, TWO_STEPS, facts) && (same_endpoint || !hits(on, APART, facts));
}

/* ---- the contract ---- */

bool cf_ref_blocked(struct cf_ref_server *server, const struct cf_ref_request *request,
                    struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                    struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    uint32_t facts = facts_of(server, cvm, endpoint, update, request);
    bool seen = !cvm->bugs.lock_dropped && !hits(on, OVERLOOKED, facts);
    bool busy = (cvm->running && seen) || is_locked_anyway(server, cvm, facts);
    if (cvm->running && seen && hits(on, WAITED_FOR, facts)) {
        answer->later = true;
        answer->later_ms = cvm->ends_ms;
        return true;
    }
    if (request->resumed)
        busy = lost(on, cvm, facts, busy, update);
    else if (!busy && wait_for_others(on, cvm, facts, answer))
        return true;
    if (!busy) {
        cvm->bugs.locked_by = request->connection;
        return false;
    }
    cf_ref_answer_busy(answer);
    if (cf_ref_has(on, CF_REF_DEV_CONFLICT_RELEASED_BY_REFUSAL))
        cvm->bugs.lock_dropped = true;
    if (cf_ref_has(on, CF_REF_VAR_BUSY_RETRY_AFTER))
        snprintf(answer->retry_after, sizeof(answer->retry_after), "1");
    return true;
}
