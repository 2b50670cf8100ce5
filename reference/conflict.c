#include "reference/conflict.h"

/* Whether something runs on another CVM that shares this one's lock. */
static bool neighbour_runs(struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                           bool same_kms_only)
{
    for (size_t i = 0; i < CF_REF_CVMS; i++) {
        struct cf_ref_cvm *other = &server->cvms[i];
        cf_ref_cvm_settle(other, server->now_ms);
        if (other->running && (!same_kms_only || other->kms == cvm->kms))
            return true;
    }
    return false;
}

static bool is_running(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                       enum cf_ref_endpoint endpoint, const struct cf_ref_update *update)
{
    const struct cf_ref_switches *on = &server->on;
    const struct cf_ref_operation *newest = cf_ref_cvm_operation(cvm, 0);
    bool by_script = newest && newest->endpoint == CF_REF_ENDPOINT_SCRIPT;
    if (!cvm->running || cvm->bugs.lock_dropped || cf_ref_has(on, CF_REF_DEV_CONFLICT_IGNORED))
        return false;
    if (update->present == UINT32_C(1) << CF_REF_FIELD_USER_CONFIG &&
        cf_ref_has(on, CF_REF_DEV_CONFLICT_IGNORED_FOR_SETTINGS))
        return false;
    if (update->present == UINT32_C(1) << CF_REF_FIELD_GPUS &&
        cf_ref_has(on, CF_REF_DEV_CONFLICT_GPUS_UNBLOCKED))
        return false;
    if (cvm->pending.present == UINT32_C(1) << CF_REF_FIELD_IMAGE &&
        cf_ref_has(on, CF_REF_DEV_CONFLICT_IMAGE_UNSEEN))
        return false;
    if (endpoint == CF_REF_ENDPOINT_SCRIPT)
        return by_script || !cf_ref_has(on, CF_REF_DEV_CONFLICT_SCRIPT_UNBLOCKED);
    return !by_script || !cf_ref_has(on, CF_REF_DEV_CONFLICT_UPDATE_UNBLOCKED);
}

static bool is_locked(struct cf_ref_server *server, struct cf_ref_cvm *cvm)
{
    const struct cf_ref_switches *on = &server->on;
    const struct cf_ref_operation *newest = cf_ref_cvm_operation(cvm, 0);
    bool late = cf_ref_has(on, CF_REF_DEV_CONFLICT_RELEASED_LATE) ||
                (newest && newest->endpoint == CF_REF_ENDPOINT_SCRIPT &&
                 cf_ref_has(on, CF_REF_DEV_CONFLICT_SCRIPT_RELEASED_LATE));
    if (newest && late && server->now_ms < cvm->ends_ms + CF_REF_FORGOTTEN_LOCK_MS)
        return true;
    if (cf_ref_has(on, CF_REF_DEV_CONFLICT_GLOBAL_LOCK) && neighbour_runs(server, cvm, false))
        return true;
    if (cf_ref_has(on, CF_REF_DEV_CONFLICT_LOCK_PER_KMS) && neighbour_runs(server, cvm, true))
        return true;
    return server->now_ms < cvm->bugs.locked_until_ms;
}

/* Add what the loser of a race asked for to the operation of the winner. */
static void merge_into_pending(struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    uint32_t asked = update->present;
    cf_ref_update_apply(update, &cvm->pending.to);
    cvm->pending.present |= asked;
}

/* Whether this endpoint looks for an operation and starts one in two steps. */
static bool acts_in_two_steps(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint)
{
    return cf_ref_has(on, CF_REF_DEV_CONFLICT_CHECK_THEN_ACT) ||
           (endpoint == CF_REF_ENDPOINT_SCRIPT &&
            cf_ref_has(on, CF_REF_DEV_CONFLICT_SCRIPT_CHECK_THEN_ACT));
}

/* The first step of such a bug: let the request wait while others pass the same check. */
static bool wait_for_others(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint,
                            struct cf_ref_cvm *cvm, struct cf_ref_answer *answer)
{
    if (!acts_in_two_steps(on, endpoint) && !cf_ref_has(on, CF_REF_DEV_CONFLICT_NOBODY_WINS) &&
        !cf_ref_has(on, CF_REF_DEV_CONFLICT_LOSERS_MERGED))
        return false;
    cvm->bugs.contenders++;
    cvm->bugs.contested = cvm->bugs.contested || cvm->bugs.contenders > 1;
    answer->later = true;
    return true;
}

/* The second step. Whether this request lost after all. */
static bool lost(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint,
                 struct cf_ref_cvm *cvm, bool busy, struct cf_ref_update *update)
{
    bool contested = cvm->bugs.contested;
    if (cvm->bugs.contenders > 0 && --cvm->bugs.contenders == 0)
        cvm->bugs.contested = false;
    if (cf_ref_has(on, CF_REF_DEV_CONFLICT_NOBODY_WINS))
        return contested || busy;
    if (busy && cf_ref_has(on, CF_REF_DEV_CONFLICT_LOSERS_MERGED))
        merge_into_pending(cvm, update);
    return busy && !acts_in_two_steps(on, endpoint);
}

bool cf_ref_blocked(struct cf_ref_server *server, const struct cf_ref_request *request,
                    struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                    struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    bool busy = is_running(server, cvm, endpoint, update) || is_locked(server, cvm);
    if (request->resumed)
        busy = lost(on, endpoint, cvm, busy, update);
    else if (!busy && wait_for_others(on, endpoint, cvm, answer))
        return true;
    if (!busy)
        return false;
    cf_ref_answer_sentence(answer, 409, "Another operation is in progress");
    answer->reason = CF_REF_REASON_BUSY;
    if (cf_ref_has(on, CF_REF_DEV_CONFLICT_RELEASED_BY_REFUSAL))
        cvm->bugs.lock_dropped = true;
    if (cf_ref_has(on, CF_REF_VAR_BUSY_RETRY_AFTER))
        answer->retry_after = true;
    return true;
}
