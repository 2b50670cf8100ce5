#include "reference/aftermath.h"
#include "reference/conflict.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- wrong numbers ---- */

enum { ANY_ENDPOINT = -1 };

struct swap {
    enum cf_ref_id deviation;
    enum cf_ref_reason reason;
    int endpoint;
    int status;
};

static const struct swap swaps[] = {
    {CF_REF_DEV_ACCEPTED_200, CF_REF_REASON_ACCEPTED, ANY_ENDPOINT, 200},
    {CF_REF_DEV_SCRIPT_200, CF_REF_REASON_ACCEPTED, CF_REF_ENDPOINT_SCRIPT, 200},
    {CF_REF_DEV_VALIDATION_400, CF_REF_REASON_INVALID, CF_REF_ENDPOINT_UPDATE_CVM, 400},
    {CF_REF_DEV_VALIDATION_BODY_400, CF_REF_REASON_NO_BODY, CF_REF_ENDPOINT_UPDATE_CVM, 400},
    {CF_REF_DEV_VALIDATION_BODY_400, CF_REF_REASON_NO_OBJECT, CF_REF_ENDPOINT_UPDATE_CVM, 400},
    {CF_REF_DEV_VALIDATION_MALFORMED_JSON_400, CF_REF_REASON_MALFORMED, CF_REF_ENDPOINT_UPDATE_CVM,
     400},
    {CF_REF_DEV_AUTH_MISSING_403, CF_REF_REASON_MISSING_KEY, ANY_ENDPOINT, 403},
    {CF_REF_DEV_AUTH_INVALID_403, CF_REF_REASON_WRONG_KEY, ANY_ENDPOINT, 403},
    {CF_REF_DEV_AUTH_INVALID_500, CF_REF_REASON_WRONG_KEY, ANY_ENDPOINT, 500},
    {CF_REF_DEV_AUTH_FOREIGN_401, CF_REF_REASON_FOREIGN_CVM, ANY_ENDPOINT, 401},
    {CF_REF_DEV_AUTH_GPU_RENTAL_409, CF_REF_REASON_GPU_RENTAL, ANY_ENDPOINT, 409},
    {CF_REF_DEV_AUTH_UNKNOWN_400, CF_REF_REASON_UNKNOWN_CVM, ANY_ENDPOINT, 400},
    {CF_REF_DEV_AUTH_UNKNOWN_403, CF_REF_REASON_UNKNOWN_CVM, ANY_ENDPOINT, 403},
    {CF_REF_DEV_AUTH_UNKNOWN_500, CF_REF_REASON_UNKNOWN_CVM, ANY_ENDPOINT, 500},
    {CF_REF_DEV_AUTH_SCRIPT_UNKNOWN_500, CF_REF_REASON_UNKNOWN_CVM, CF_REF_ENDPOINT_SCRIPT, 500},
    {CF_REF_DEV_SCRIPT_UNKNOWN_CVM_400, CF_REF_REASON_UNKNOWN_CVM, CF_REF_ENDPOINT_SCRIPT, 400},
    {CF_REF_DEV_CONFLICT_423, CF_REF_REASON_BUSY, ANY_ENDPOINT, 423},
    {CF_REF_DEV_SCRIPT_CONFLICT_400, CF_REF_REASON_BUSY, CF_REF_ENDPOINT_SCRIPT, 400},
    {CF_REF_DEV_TWO_PHASE_465_AS_409, CF_REF_REASON_PHASE_1, ANY_ENDPOINT, 409},
    {CF_REF_DEV_SCRIPT_465_AS_400, CF_REF_REASON_PHASE_1, CF_REF_ENDPOINT_SCRIPT, 400},
    {CF_REF_DEV_TWO_PHASE_466_AS_400, CF_REF_REASON_HASH, ANY_ENDPOINT, 400},
    {CF_REF_DEV_TWO_PHASE_466_AS_467, CF_REF_REASON_HASH, ANY_ENDPOINT, 467},
    {CF_REF_DEV_TWO_PHASE_466_AS_468, CF_REF_REASON_HASH, ANY_ENDPOINT, 468},
    {CF_REF_DEV_TWO_PHASE_467_AS_466, CF_REF_REASON_TRANSACTION, ANY_ENDPOINT, 466},
    {CF_REF_DEV_TWO_PHASE_467_AS_468, CF_REF_REASON_TRANSACTION, ANY_ENDPOINT, 468},
    {CF_REF_DEV_TWO_PHASE_467_AS_500, CF_REF_REASON_TRANSACTION, ANY_ENDPOINT, 500},
    {CF_REF_DEV_TWO_PHASE_468_AS_467, CF_REF_REASON_NOT_ALLOWED, ANY_ENDPOINT, 467},
    {CF_REF_DEV_SCRIPT_467_AS_400, CF_REF_REASON_HASH, CF_REF_ENDPOINT_SCRIPT, 400},
    {CF_REF_DEV_SCRIPT_467_AS_400, CF_REF_REASON_TRANSACTION, CF_REF_ENDPOINT_SCRIPT, 400},
    {CF_REF_DEV_SCRIPT_467_AS_400, CF_REF_REASON_NOT_ALLOWED, CF_REF_ENDPOINT_SCRIPT, 400},
    {CF_REF_DEV_SCRIPT_EMPTY_422, CF_REF_REASON_NO_BODY, CF_REF_ENDPOINT_SCRIPT, 422},
    {CF_REF_DEV_SCRIPT_TYPE_415, CF_REF_REASON_CONTENT_TYPE, CF_REF_ENDPOINT_SCRIPT, 415},
    {CF_REF_DEV_ROBUSTNESS_SCRIPT_500, CF_REF_REASON_MALFORMED, CF_REF_ENDPOINT_SCRIPT, 500},
    {CF_REF_DEV_ROBUSTNESS_SCRIPT_BYTES_500, CF_REF_REASON_NOT_TEXT, CF_REF_ENDPOINT_SCRIPT, 500},
};

static void swap_status(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint,
                        struct cf_ref_answer *answer)
{
    enum cf_ref_reason reason = answer->reason;
    for (size_t i = 0; i < COUNT(swaps); i++) {
        if (swaps[i].reason == reason && cf_ref_has(on, swaps[i].deviation) &&
            (swaps[i].endpoint == ANY_ENDPOINT || swaps[i].endpoint == (int)endpoint))
            answer->status = swaps[i].status;
    }
}

/* ---- refused, and applied nevertheless ---- */

struct leak {
    enum cf_ref_id deviation;
    enum cf_ref_reason reason;
};

static const struct leak leaks[] = {
    {CF_REF_DEV_VALIDATION_HALF_APPLIED, CF_REF_REASON_INVALID},
    {CF_REF_DEV_AUTH_MISSING_APPLIED, CF_REF_REASON_MISSING_KEY},
    {CF_REF_DEV_AUTH_INVALID_APPLIED, CF_REF_REASON_WRONG_KEY},
    {CF_REF_DEV_AUTH_GPU_RENTAL_APPLIED, CF_REF_REASON_GPU_RENTAL},
    {CF_REF_DEV_CONFLICT_APPLIED, CF_REF_REASON_BUSY},
    {CF_REF_DEV_SCRIPT_REFUSED_STORED, CF_REF_REASON_NO_BODY},
    {CF_REF_DEV_SCRIPT_REFUSED_STORED, CF_REF_REASON_CONTENT_TYPE},
    {CF_REF_DEV_TWO_PHASE_466_APPLIED, CF_REF_REASON_HASH},
    {CF_REF_DEV_TWO_PHASE_467_APPLIED, CF_REF_REASON_TRANSACTION},
    {CF_REF_DEV_TWO_PHASE_468_APPLIED, CF_REF_REASON_NOT_ALLOWED},
};

bool cf_ref_aftermath_wants_update(const struct cf_ref_switches *on, enum cf_ref_reason reason)
{
    for (size_t i = 0; i < COUNT(leaks); i++) {
        if (leaks[i].reason == reason && cf_ref_has(on, leaks[i].deviation))
            return true;
    }
    return false;
}

/* Make what phase 1 prepared, or only what is no part of the compose hash. */
static enum cf_code apply_prepared(struct cf_ref_cvm *cvm, bool all)
{
    const struct cf_ref_prepared *prepared = cf_ref_cvm_prepared(cvm, 0);
    struct cf_ref_update update = {0};
    enum cf_code code = prepared ? cf_ref_update_copy(&update, &prepared->update) : CF_OK;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT && !all; i++) {
        if (cf_ref_field((enum cf_ref_field)i)->in_compose)
            cf_ref_update_drop(&update, (enum cf_ref_field)i);
    }
    if (code == CF_OK)
        cf_ref_cvm_change(cvm, &update);
    cf_ref_update_release(&update);
    return code;
}

static enum cf_code apply_refused(const struct cf_ref_switches *on, struct cf_ref_cvm *cvm,
                                  struct cf_ref_update *asked, const struct cf_ref_answer *answer)
{
    enum cf_ref_reason reason = answer->reason;
    bool rest = reason == CF_REF_REASON_NOT_ALLOWED &&
                cf_ref_has(on, CF_REF_DEV_TWO_PHASE_468_REST_APPLIED);
    bool all = cf_ref_aftermath_wants_update(on, reason);
    if (answer->fault_inside_gpus && cf_ref_has(on, CF_REF_DEV_VALIDATION_HALF_APPLIED_NESTED))
        all = true;
    if (reason == CF_REF_REASON_BUSY && cf_ref_has(on, CF_REF_DEV_CONFLICT_QUEUED)) {
        cf_ref_update_release(&cvm->bugs.queued);
        cvm->bugs.queued = *asked;
        cvm->bugs.queued_due_ms = 0;
        *asked = (struct cf_ref_update){0};
    }
    if (!all && !rest)
        return CF_OK;
    if (reason >= CF_REF_REASON_HASH && reason <= CF_REF_REASON_NOT_ALLOWED)
        return apply_prepared(cvm, all);
    cf_ref_cvm_change(cvm, asked);
    return CF_OK;
}

/* ---- refused, and locked nevertheless ---- */

static const struct leak locks[] = {
    {CF_REF_DEV_CONFLICT_LOCKED_AFTER_400, CF_REF_REASON_NO_BODY},
    {CF_REF_DEV_CONFLICT_LOCKED_AFTER_400, CF_REF_REASON_CONTENT_TYPE},
    {CF_REF_DEV_CONFLICT_LOCKED_AFTER_401, CF_REF_REASON_MISSING_KEY},
    {CF_REF_DEV_CONFLICT_LOCKED_AFTER_401, CF_REF_REASON_WRONG_KEY},
    {CF_REF_DEV_CONFLICT_LOCKED_AFTER_422, CF_REF_REASON_INVALID},
    {CF_REF_DEV_CONFLICT_LOCKED_AFTER_465, CF_REF_REASON_PHASE_1},
    {CF_REF_DEV_CONFLICT_LOCKED_AFTER_466, CF_REF_REASON_HASH},
    {CF_REF_DEV_CONFLICT_LOCKED_AFTER_467, CF_REF_REASON_TRANSACTION},
    {CF_REF_DEV_CONFLICT_LOCKED_AFTER_468, CF_REF_REASON_NOT_ALLOWED},
};

static void forget_lock(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                        enum cf_ref_reason reason)
{
    for (size_t i = 0; i < COUNT(locks); i++) {
        if (locks[i].reason == reason && cf_ref_has(&server->on, locks[i].deviation))
            cvm->bugs.locked_until_ms = server->now_ms + CF_REF_FORGOTTEN_LOCK_MS;
    }
}

static void burn_newest(struct cf_ref_cvm *cvm)
{
    struct cf_ref_prepared *prepared = cf_ref_cvm_prepared(cvm, 0);
    if (prepared)
        prepared->used = true;
}

/* ---- refused, and restarted nevertheless ---- */

static const struct leak restarts[] = {
    {CF_REF_DEV_VALIDATION_REFUSED_OPERATION, CF_REF_REASON_INVALID},
    {CF_REF_DEV_VALIDATION_NO_OBJECT_RESTARTS, CF_REF_REASON_NO_BODY},
    {CF_REF_DEV_VALIDATION_NO_OBJECT_RESTARTS, CF_REF_REASON_NO_OBJECT},
    {CF_REF_DEV_VALIDATION_NO_OBJECT_RESTARTS, CF_REF_REASON_MALFORMED},
};

static bool restarts_anyway(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint,
                            const struct cf_ref_answer *answer)
{
    for (size_t i = 0; i < COUNT(restarts) && endpoint == CF_REF_ENDPOINT_UPDATE_CVM; i++) {
        if (restarts[i].reason == answer->reason && cf_ref_has(on, restarts[i].deviation))
            return true;
    }
    return answer->replayed && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_REPLAY_RESTARTS);
}

void cf_ref_aftermath_restart(struct cf_ref_server *server, struct cf_ref_cvm *cvm)
{
    if (cvm->running)
        return;
    struct cf_ref_update nothing = {0};
    struct cf_ref_operation *operation = cf_ref_cvm_begin(cvm, CF_REF_ENDPOINT_UPDATE_CVM, &nothing,
                                                          server->now_ms, server->operation_ms);
    cf_ref_server_uuid(server, operation->correlation_id);
}

enum cf_code cf_ref_aftermath(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                              enum cf_ref_endpoint endpoint, struct cf_ref_update *asked,
                              struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    enum cf_code code = CF_OK;
    swap_status(on, endpoint, answer);
    if (!cvm || answer->later)
        return CF_OK;
    code = apply_refused(on, cvm, asked, answer);
    if (answer->reason == CF_REF_REASON_BUSY && answer->refused_proof &&
        cf_ref_has(on, CF_REF_DEV_CONFLICT_409_BURNS_HASH))
        burn_newest(cvm);
    forget_lock(server, cvm, answer->reason);
    if (answer->reason == CF_REF_REASON_INVALID &&
        cf_ref_has(on, CF_REF_DEV_CONFLICT_RELEASED_BY_422))
        cvm->bugs.lock_dropped = true;
    cvm->bugs.fault_sticks = answer->reason == CF_REF_REASON_INVALID;
    if (restarts_anyway(on, endpoint, answer))
        cf_ref_aftermath_restart(server, cvm);
    return code;
}
