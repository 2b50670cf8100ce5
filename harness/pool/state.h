/* What the pool knows while it runs. */
#ifndef CF_POOL_STATE_H
#define CF_POOL_STATE_H

#include "harness/base/intern.h"
#include "harness/pool/options.h"
#include "harness/pool/wire.h"
#include "harness/run/distinct.h"

#include <sys/types.h>

/* SHARING: waits for the case whose exchanges it shares; PENDING where those are not to be had.
 * POSTPONED: to be run (again) once nothing else runs, or (turns.h) nothing that it could disturb.
 * LAST: decided over all other records. SUSPECT: waits until its fixture has taken another update,
 * see suspects.h. HELD: waits for its control's verdict. */
enum cf_item_state {
    CF_ITEM_PENDING,
    CF_ITEM_SHARING,
    CF_ITEM_RUNNING,
    CF_ITEM_POSTPONED,
    CF_ITEM_LAST,
    CF_ITEM_SUSPECT,
    CF_ITEM_HELD,
    CF_ITEM_DONE
};

struct cf_item {
    enum cf_item_state state;
    enum cf_verdict verdict;
    uint32_t operations;              /* started in the last try */
    uint32_t exchanges;               /* of the last try */
    int tries;                        /* that ended without telling anything about the IUT */
    uint32_t failed_on[CF_TRIES_MAX]; /* of these, the main fixtures of those in which an */
    uint32_t failed_on_count;         /* operation failed */
    int32_t failed_at;                /* the step in which all of them did; -1: none is */
    struct cf_form *met;              /* in its last try; NULL: none */
    bool seeks_lock;                  /* in its next try */
    bool has_fault;                   /* it puts the IUT out of order, see turns.h */
    bool meets_faults;                /* it has a fixture of a kind that such cases have */
    bool waits_for_calm;              /* POSTPONED: a fault was over, but perhaps not got over */
    unsigned looks_at_end;            /* that it shares with its like (held.h); 0: none */
    bool if_refused;                  /* if what it sends is, which it need not be */
    uint32_t suspect_on;              /* SUSPECT: its main fixture */
    char *held;                       /* its record while it waits: SUSPECT, HELD, and POSTPONED */
    size_t held_len;                  /* where late_locks.h says so */
};

/* A form that answers without JSON have, see forms.h. */
struct cf_form {
    char text[CF_FORM_BYTES];
    int kept;   /* cases that met it in each of their tries */
    bool lost;  /* a case met it in one try and not in the next */
    bool known; /* to be the IUT's own */
};

/* A refusal that left a lock behind, see refusals.h. */
struct cf_refusal {
    char *request; /* the endpoint; "" where the step is none of the engine's requests */
    char *word;    /* of such a step; else "" */
    int status;
};

struct cf_refusals {
    struct cf_refusal *items;
    size_t count, cap;
    char *example; /* the first case that was charged with one; NULL: none was */
};

struct cf_lease {
    bool taken, quarantined, dirty;
    bool stuck;        /* to be put back before anything else */
    bool was_reset;    /* and has taken no update since */
    bool doubted;      /* whether a lock that was met there is its own, see shared_locks.h */
    double updated_ms; /* when the last case that it took an update of came back; 0: none */
    size_t last;       /* 1 + the worker that had it last; 0: none */
    bool told;         /* what became of it at the end */
    char *snapshot;    /* JSON text, NULL until read */
};

/* Where a worker stands whose case puts the IUT out of order, see turns.h: AHEAD of it, ASKED for
 * its turn, has TAKEN it, or has it OVER and waits. NONE: it has no such case, or goes on with it.
 */
enum cf_worker_turn { CF_TURN_NONE, CF_TURN_AHEAD, CF_TURN_ASKED, CF_TURN_TAKEN, CF_TURN_OVER };

struct cf_worker {
    pid_t pid; /* 0: none */
    int fd;
    bool busy;
    enum cf_worker_turn turn;
    bool beside_fault; /* the IUT may have been out of order during its order, for another's case */
    bool after_fault;  /* or may have been careful still, soon after one */
    struct cf_order order;
    size_t reported; /* cases of the order that have come back */
    double deadline_ms;
    struct cf_buf in;
    unsigned long requests;
    char *record; /* of the case before, for gone.h; NULL: none */
    size_t record_len;
};

/* Whose locks are that cases have met, see shared_locks.h. DOUBTED: that is being tried. */
enum cf_locks { CF_LOCKS_UNKNOWN, CF_LOCKS_DOUBTED, CF_LOCKS_OWN, CF_LOCKS_SHARED };

enum cf_phase { CF_PHASE_PREFLIGHT, CF_PHASE_SNAPSHOTS, CF_PHASE_CASES, CF_PHASE_RESTORE };

struct cf_pool_state {
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
    enum cf_code failed; /* of preflight or snapshots */
    bool preflight_sent;
    bool fits;       /* so the preflight says, which may go on beside cases */
    bool stopping;   /* no more cases are handed out */
    bool fault_left; /* a case with a fault was lost, or a whole run; the IUT may be out of order */
    bool fault_stays; /* the same of a case, and none has ended its fault since */
    double calm_ms;   /* from when on the last fault that was ended tells of nobody; 0: none was */
    bool barred;      /* for now, from what may meet a fault: the order that is looked for */
    struct cf_refusals refusals;
    struct cf_intern harmless; /* kinds of refusals, see refusals.h */
    enum cf_locks locks;
    int lock_doubts;   /* how often the fixture in doubt took an update by itself */
    bool lost_to_lock; /* a fixture was given up for a lock */
    int late_locks;    /* cases in a row that met one to the last, see late_locks.h */
    struct cf_form forms[CF_FORMS_MAX];
    size_t form_count;
    bool expects_late_locks;
    double untried_ms;   /* what the tries would have taken that there was no need for */
    double late_lock_ms; /* how long a case took at most that met one and saw it go */
    bool seeking;        /* which case left a lock is being sought, see refusals.h */
    bool has_sought;     /* or was: some item is one that seeks_lock */
    size_t *longest;     /* items that begin before all others, the longest first, see longest.h */
    size_t longest_count;
    size_t asking; /* the worker that an order is looked for */
    size_t next;   /* no pending item stands before it */
    size_t done, running;
    struct cf_distinct distinct; /* filled only where an item is LAST */
    bool has_last;
    double case_limit_ms;
    double signal_ms; /* when the last signal was heard */
    /* the IUT went away, see gone.h */
    bool gone, restore_hopeless;
    char *gone_reason;
    struct cf_buf gone_requests;
    size_t gone_cases;
};

static inline const struct cf_case *cf_pool_case(const struct cf_pool_state *pool, size_t index)
{
    return pool->plan->items[index].one;
}

#endif
