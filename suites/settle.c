#include "suites/settle.h"

#include <string.h>

/* 1: the operation has ended (failed: *out_failed); 0: it runs; -1: the list does not tell. */
static int operation_ended(struct cf_case_run *run, const char *id, const char *correlation_id,
                           bool *out_failed, enum cf_code *out_code, struct cf_err *err)
{
    char status[64];
    *out_code = cf_reading_operation(run, id, correlation_id, status, sizeof(status), err);
    if (*out_code == CF_ENOTFOUND) {
        *out_code = CF_OK;
        return -1;
    }
    if (*out_code != CF_OK)
        return -1;
    *out_failed = strcmp(status, "failed") == 0;
    return strcmp(status, "in_progress") != 0;
}

/* One look. 1: settled, 0: not yet, -1: no answer. */
static int look(struct cf_case_run *run, const char *id, const char *correlation_id, bool *listed,
                bool *out_failed, struct cf_reading *out, enum cf_code *out_code,
                struct cf_err *err)
{
    struct cf_reading reading;
    int ended = -1;
    if (*listed) {
        ended = operation_ended(run, id, correlation_id, out_failed, out_code, err);
        if (*out_code != CF_OK)
            return -1;
        *listed = ended >= 0; /* a list without it will not tell later either */
    }
    if (ended == 0)
        return 0;
    *out_code = cf_reading_take(run, id, "read", &reading, err);
    if (*out_code != CF_OK)
        return -1;
    if (cf_reading_busy(&reading) == 1) {
        cf_reading_release(&reading);
        return 0;
    }
    if (out)
        *out = reading;
    else
        cf_reading_release(&reading);
    return 1;
}

/* Past the deadline. A CVM that is not busy is settled, whatever the operations list says of an
 * operation that it never ends: that list is nothing a must can rest on. */
static enum cf_settled settle_late(struct cf_case_run *run, const char *id, struct cf_reading *out)
{
    struct cf_err err = {0};
    struct cf_reading reading;
    bool read = cf_reading_take(run, id, "read past the deadline", &reading, &err) == CF_OK;
    if (read && cf_reading_busy(&reading) == 0) {
        if (out)
            *out = reading;
        else
            cf_reading_release(&reading);
        return CF_SETTLED;
    }
    if (read)
        cf_reading_release(&reading);
    run->end |= CF_END_STUCK;
    return CF_SETTLED_NEVER;
}

enum cf_settled cf_settle(struct cf_case_run *run, const char *id, const char *correlation_id,
                          struct cf_reading *out)
{
    struct cf_err err = {0};
    enum cf_code code = CF_OK;
    bool failed = false;
    bool listed = correlation_id && *correlation_id;
    struct cf_poll poll = cf_run_poll_begin(run, (double)run->profile->settle_timeout_ms);
    for (;;) {
        int state = look(run, id, correlation_id, &listed, &failed, out, &code, &err);
        if (state > 0)
            return failed ? CF_SETTLED_FAILED : CF_SETTLED;
        if (state < 0)
            break;
        if (!cf_run_poll_again(run, &poll, "the operation did not end within settle_timeout_ms"))
            return settle_late(run, id, out);
    }
    if (code == CF_EPROTO)
        cf_run_inconclusive(run, "%s", err.text);
    else
        cf_run_no_answer(run, code, &err);
    return CF_SETTLED_UNKNOWN;
}

bool cf_settle_role(struct cf_case_run *run, int role, struct cf_reading *out)
{
    struct cf_memory *memory = cf_memory_of(run);
    const char *id = role >= 0 ? run->fixtures[role] : NULL;
    if (!memory || !id)
        return false;
    switch (cf_settle(run, id, memory->correlation[role], out)) {
    case CF_SETTLED:
        return true;
    case CF_SETTLED_FAILED:
        cf_run_inconclusive(run, "operation %s failed on CVM %s", memory->correlation[role], id);
        if (out)
            cf_reading_release(out);
        return false;
    case CF_SETTLED_NEVER:
        cf_run_inconclusive(run, "CVM %s was still busy after %ld ms (pixit.timing)", id,
                            run->profile->settle_timeout_ms);
        return false;
    default:
        return false;
    }
}
