#include "suites/hidden_lock.h"
#include "suites/locked.h"
#include "suites/settle.h"

#include <stdio.h>
#include <string.h>

enum { MAIN = 0, PAUSE_MAX_MS = 5000 };

static bool has_main(const struct cf_case_run *run)
{
    return run->one && run->one->role_count > 0 && run->one->roles[MAIN].kind->exclusive;
}

/* Whether every update is answered 409, asked again with growing pauses. */
static bool stays_locked(struct cf_case_run *run)
{
    struct cf_poll poll = cf_run_poll_begin(run, (double)run->profile->settle_timeout_ms);
    int status;
    while ((status = cf_cvm_ask_lock(run, MAIN)) == 409) {
        if (!cf_run_poll_again(run, &poll, "the CVM takes no update within settle_timeout_ms"))
            return true;
        poll.interval_ms =
            poll.interval_ms * 2 < PAUSE_MAX_MS ? poll.interval_ms * 2 : PAUSE_MAX_MS;
    }
    if (status == 202) {
        run->end |= CF_END_TAKEN;
        cf_cvm_settle_answered(run, run->fixtures[MAIN]);
    }
    return false;
}

/* That is none of the case's doing, and counts where nobody can be found whose doing it is. What
 * the case asks could not be judged on such a CVM. */
static void charge_found(struct cf_case_run *run, int step)
{
    const struct cf_mismatch mismatch = {NULL, NULL, "a CVM that takes updates when nothing runs",
                                         "409 for every update until settle_timeout_ms had passed",
                                         "the CVM was found locked"};
    if (cf_cvm_settle(run, run->fixtures[MAIN], NULL, NULL) != CF_CVM_SETTLED)
        return;
    cf_run_charge(run, "conflict.released", step, &mismatch);
    run->record->own_verdict = CF_INCONCLUSIVE;
}

void cf_cvm_see_unlocked(struct cf_case_run *run)
{
    if (!has_main(run) || !stays_locked(run))
        return;
    run->end |= CF_END_LOCKED | CF_END_MET_LOCK;
    charge_found(run, 0);
    cf_run_inconclusive(run, "CVM %s answers every update with 409, though nothing runs on it",
                        run->fixtures[MAIN]);
}

/* What the updates of the main CVM were answered, the suite's own question among them. */
struct answers {
    bool taken;   /* some with 202 */
    bool busy;    /* some with 409 before that */
    bool found;   /* the first with 409: so it was found */
    int refusals; /* since the last that was not */
    int step;     /* of the last one */
};

static struct answers answers_of(const struct cf_case_run *run)
{
    struct answers answers = {0};
    bool any = false;
    for (size_t i = 0; i < run->record->exchange_count; i++) {
        const struct cf_exchange *exchange = &run->record->exchanges[i];
        int status = exchange->status;
        /* One that a transcript does not have has neither method nor URL. */
        if (exchange->kind != CF_EXCHANGE_HTTP || !exchange->method || !exchange->url ||
            strcmp(exchange->method, "PATCH") != 0 || !strstr(exchange->url, run->fixtures[MAIN]))
            continue;
        answers.found = answers.found || (!any && status == 409);
        any = any || status != 0;
        answers.taken = answers.taken || status == 202;
        answers.busy = answers.busy || (status == 409 && !answers.taken);
        answers.refusals = status >= 400 && status < 502 ? answers.refusals + 1 : 0;
        answers.step = exchange->step;
    }
    return answers;
}

static void charge_hidden(struct cf_case_run *run, const struct answers *answers)
{
    char message[120];
    snprintf(message, sizeof(message), "%s left a lock behind",
             answers->refusals > 1 ? "one of the refused requests" : "the refused request");
    const struct cf_mismatch mismatch = {NULL, NULL, "a CVM that takes the next update",
                                         "409 for every update, though nothing runs", message};
    cf_run_charge(run, "conflict.after-refusal", answers->step, &mismatch);
}

void cf_cvm_lock_end(struct cf_case_run *run)
{
    if (!has_main(run) || (run->end & (CF_END_GONE | CF_END_STUCK | CF_END_LOCKED)) ||
        run->record->verdict == CF_ERROR)
        return;
    struct answers answers = answers_of(run);
    bool passed = run->record->verdict == CF_PASS || run->record->verdict == CF_NOT_APPLICABLE;
    /* Who may answer what it likes was held off, too, where the first answer is a conflict. */
    bool met = answers.busy && !answers.taken && (!passed || answers.found);
    bool seeks = run->record->seeks_lock && answers.refusals > 0;
    run->end |= answers.taken ? CF_END_TAKEN : 0;
    if ((met || seeks) && stays_locked(run)) {
        run->end |= CF_END_LOCKED | (answers.found && !seeks ? CF_END_MET_LOCK : 0);
        if (seeks)
            charge_hidden(run, &answers);
        else if (answers.found)
            charge_found(run, answers.step);
    } else if (met && answers.found) {
        run->end |= CF_END_MET_LOCK;
    } else if (answers.refusals > 0 && !met && !seeks) {
        run->end |= CF_END_REFUSED;
    }
}
