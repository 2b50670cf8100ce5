/* The pool's insides, shared by pool*.c only. */
#ifndef CF_POOL_POOL_STATE_H
#define CF_POOL_POOL_STATE_H

#include "harness/pool/pool.h"
#include "harness/pool/wire.h"

#include <signal.h>
#include <sys/types.h>

/* POSTPONED: to be tried again once nothing else runs. HELD: waits for its control's verdict. */
enum cf_item_state {
    CF_ITEM_PENDING,
    CF_ITEM_RUNNING,
    CF_ITEM_POSTPONED,
    CF_ITEM_HELD,
    CF_ITEM_DONE
};

struct cf_item {
    enum cf_item_state state;
    enum cf_verdict verdict;
    int tries;  /* that ended without telling anything about the IUT */
    char *held; /* its record, waiting for its control */
    size_t held_len;
};

struct cf_lease {
    bool taken, quarantined, dirty;
    char *baseline; /* JSON text, NULL until read */
};

struct cf_worker {
    pid_t pid; /* 0: none */
    int fd;
    bool busy;
    struct cf_order order;
    size_t reported; /* cases of the order that have come back */
    double deadline_ms;
    struct cf_buf in;
    unsigned long requests;
};

enum cf_phase { CF_PHASE_PREFLIGHT, CF_PHASE_BASELINES, CF_PHASE_CASES, CF_PHASE_RESTORE };

struct cf_pool_run {
    const struct cf_pool_options *options;
    const struct cf_plan *plan;
    const struct cf_profile *profile;
    struct cf_pool_outcome *out;
    struct cf_err *err;
    struct cf_item *items;
    struct cf_lease *leases; /* as profile->fixtures */
    struct cf_worker *workers;
    size_t worker_count;
    enum cf_phase phase;
    enum cf_code failed; /* of preflight or baselines */
    bool preflight_sent;
    bool stopping; /* no more cases are handed out */
    size_t next;   /* no pending item stands before it */
    size_t done, running;
    double case_limit_ms;
};

static inline const struct cf_case *cf_pool_case(const struct cf_pool_run *pool, size_t index)
{
    return pool->plan->items[index].one;
}

/* pool_processes.c: signals and workers. */
bool cf_pool_signals_begin(struct sigaction old[3]);
/* After an interrupt the program is on its way out; a second one must not keep it from writing down
 * what it found. */
void cf_pool_signals_end(const struct sigaction old[3], bool interrupted);
/* Readable when a signal has come; then take them one by one, 0: no more. */
int cf_pool_signal_fd(void);
int cf_pool_next_signal(void);
bool cf_pool_start_worker(struct cf_pool_run *pool, struct cf_worker *worker);
bool cf_worker_order(struct cf_worker *worker, const struct cf_order *order, const char *payload);
/* Wait for the process, killing it at the deadline. True when it ended well. */
bool cf_worker_reap(struct cf_worker *worker, double limit_ms, char *out_how, size_t size);

/* pool_orders.c: what to do next. */
bool cf_pool_next_order(struct cf_pool_run *pool, struct cf_order *order);

/* pool_records.c: what becomes of a case's record. */
void cf_pool_record(struct cf_pool_run *pool, size_t index, enum cf_verdict verdict,
                    const char *line, size_t len);
/* Write the record of an item that did not run, or whose worker was lost. */
void cf_pool_synthesise(struct cf_pool_run *pool, size_t index, enum cf_verdict verdict,
                        const char *fixture, const char *fmt, ...) CF_PRINTF(5, 6);
/* Records still held when the run ends early. */
void cf_pool_release_held(struct cf_pool_run *pool);
void cf_pool_tell(struct cf_pool_run *pool, enum cf_pool_event_kind kind, const char *fmt, ...)
    CF_PRINTF(3, 4);

/* pool_lease.c: which fixtures a case gets. */
bool cf_pool_lease(struct cf_pool_run *pool, const struct cf_case *one,
                   uint32_t out_fixtures[CF_ROLES_MAX]);
void cf_pool_give_back(struct cf_pool_run *pool, const struct cf_case *one,
                       const uint32_t fixtures[CF_ROLES_MAX]);
/* Whether the case could ever get its fixtures again. */
bool cf_pool_can_lease(const struct cf_pool_run *pool, const struct cf_case *one);
/* Whether any item of the plan that is to be run may get the fixture. */
bool cf_pool_uses(const struct cf_pool_run *pool, size_t fixture);

#endif
