/*
 * Telling whether operations overlap.
 *
 * Fairness decides the shape of the checks on conflicts. An operation may be over before a second
 * request can arrive; two acceptances are a defect only when the operations overlapped. That is
 * known when the read side shows an earlier operation running after a later one was accepted, or
 * when both were accepted within less time than such an operation is known to take. Where neither
 * is known, the case is undecided.
 */
#ifndef CF_SUITES_RUNNING_H
#define CF_SUITES_RUNNING_H

#include "suites/memory.h"

/* Wait until what the read side shows is no older than what was answered before: read_lag_ms. */
void cf_cvm_let_show(struct cf_case_run *run);

/* Whether the read side shows the operation as running, right now or read_lag_ms ago: 1, 0, -1
 * where it does not tell, or could not be read. */
int cf_cvm_runs_now(struct cf_case_run *run, const char *id, const char *correlation_id);

/* Wait for the CVM of a role and return for how many milliseconds at least it was seen busy after
 * the answer at index of the record's exchanges. */
double cf_cvm_busy_for(struct cf_case_run *run, int role, size_t index);

/* Whether an operation runs on the CVM of a role: 1, 0, -1 unknown. By the list; where that does
 * not tell, and nothing else can run (alone), by the CVM itself. */
int cf_cvm_operation_runs(struct cf_case_run *run, int role, const char *correlation_id,
                          bool alone);

/*
 * Whether what the list shows as running is to be believed to run: a list that shows it so for ever
 * is nothing a must can rest on. One that has ended an operation of this case is believed at once.
 * Else one of those that were listed as running has to end (not a certain one: a server that
 * accepts another one meanwhile may lose sight of the first). Waits for well longer than operations
 * usually take, or settle_timeout_ms where that is not known; then the CVM itself tells. Without a
 * list (listed is CF_CVM_UNKNOWN) the CVM told, and is believed.
 */
bool cf_cvm_list_is_true(struct cf_case_run *run, int role, int listed);

/*
 * Pause until a good part of the time is over that an operation usually takes, since the answer
 * in that exchange of the record accepted it, and look whether it still runs: true only where that
 * is shown. False at once where the usual time is not known. In a replay: as it was done then.
 */
bool cf_cvm_runs_late(struct cf_case_run *run, int role, const char *correlation_id,
                      size_t accepted);

/*
 * A request that waits for its answer while another one's operation runs: queued, or only slow? The
 * read side is looked at all the while. The wait is the server's doing when
 * - several looks, begun after the request was sent and answered before it was, show the operation
 *   running: the network is not slow;
 * - that lasts well longer than the first request took to be answered: such requests are not slow;
 * - the answer comes soon after the operation's end, measured by how long it was waited for.
 */
struct cf_cvm_wait {
    int running;       /* of the looks that were followed by another: how many saw it running */
    double seen_ms;    /* when the last of these was answered */
    bool last_running; /* what the last look of all saw */
    double last_ms;
    bool ended;
    double ended_ms; /* the earliest that it can have been, by the looks */
    double lag_ms;   /* that a look may be older than its answer */
    double sent_ms, answered_ms;
};

/* Look once more, as a cf_run_look_fn does. */
void cf_cvm_wait_look(struct cf_case_run *run, struct cf_cvm_wait *wait, int role,
                      const char *correlation_id);
/* The answer is there, or none will come. */
void cf_cvm_wait_end(struct cf_cvm_wait *wait, const struct cf_exchange *answered);
/* first_ms: how long the first request took. */
bool cf_cvm_wait_proves(const struct cf_cvm_wait *wait, double first_ms);

#endif
