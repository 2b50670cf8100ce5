/*
 * What the pool is asked for, what it tells meanwhile, and what it says at the end: the types of
 * pool.h, which the pool's own files need too.
 */
#ifndef CF_POOL_OPTIONS_H
#define CF_POOL_OPTIONS_H

#include "harness/pool/worker.h"
#include "harness/run/distinct.h"

struct cf_pool_event {
    enum cf_pool_event_kind {
        CF_EVENT_RECORD,    /* a case has its final record */
        CF_EVENT_PROGRESS,  /* cases in flight changed */
        CF_EVENT_TROUBLE,   /* something people should know: text */
        CF_EVENT_RESTORING, /* the cases are over, and fixtures are about to be put back: index */
        CF_EVENT_PUT_BACK /* a fixture is as it was, or what of it is left otherwise: line, text */
    } kind;
    size_t index;            /* plan index; CF_EVENT_PUT_BACK: of profile->fixtures;
                              * CF_EVENT_RESTORING: how many */
    enum cf_verdict verdict; /* CF_EVENT_RECORD */
    const char *line;        /* its record as JSON text; CF_EVENT_PUT_BACK: as engine.restore tells
                              * it, "{}" where all is back; NULL where it was not put back at all */
    size_t line_len;
    unsigned operations, exchanges; /* CF_EVENT_RECORD: what the case cost */
    size_t done, total, running;    /* cases */
    const char *text;               /* CF_EVENT_PUT_BACK without a line: why not */
};

typedef void cf_pool_event_fn(void *context, const struct cf_pool_event *event);

struct cf_pool_options {
    struct cf_worker_setting worker;
    int jobs; /* 0: one per exclusive fixture in use, at most cf_pool_jobs_max() */
    bool fail_fast;
    bool throw_away; /* the IUT is: it is not looked at first, nor put back */
    bool known;      /* an earlier call has looked at the IUT, or may not: there is no preflight */
    bool look_only;  /* the IUT is looked at and put back, and no case is run */
    double until_ms; /* by cf_clock_ms(): no case begins after it; 0: never */
    bool ignore_controls;     /* a case's pass stands whatever its control did */
    enum cf_level fail_level; /* what fail_fast counts as failed */
    /* As the plan's items: the operations that each is known to start. Those of many begin first,
     * so that none is waited for when all others are over. NULL: the plan's order stands. */
    const unsigned *operations;
    cf_pool_event_fn *event;
    void *context;
    /* As profile->fixtures: how those were that an earlier run left changed, JSON text as
     * engine.snapshot makes it, and NULL for the others. They are put back to it at the end. NULL:
     * there are none. */
    const char *const *snapshots;
    /* What an earlier run has recorded of the plan: by item, a verdict or -1. Those items are not
     * run and have no event. NULL: nothing. */
    const signed char *finished;
    /* What those records hold of what must be distinct; the pool adds to it. NULL: nothing. */
    struct cf_distinct *distinct;
    /* Called when every fixture that the plan may change was read, before the first change, with
     * all snapshots (as above). Nothing is changed when it fails. May be NULL. */
    enum cf_code (*before_changes)(void *context, const char *const *snapshots, struct cf_err *err);
    /* Called in each new child before anything else, to close what is not its own. May be NULL. */
    void (*in_child)(void *context);
};

enum { CF_JOBS_MAX = 256 };

struct cf_pool_outcome {
    int signal;           /* that ended the run early, 0 */
    bool stopped;         /* by fail_fast, or by until_ms */
    size_t quarantined;   /* fixtures given up */
    size_t not_restored;  /* fixtures that could not be put back */
    size_t worker_faults; /* workers that did not end well */
    unsigned long requests;
    unsigned long operations; /* started besides those in records: to look first, in tries that
                                 another followed, and to put back */
    double operation_ms;      /* how long the preflight took, nearly all of it one update from its
                                 sending to its end; 0: there was none, or cases ran beside it */
    double restore_ms;
    char gone[3000]; /* why the run ended early: nobody answers any more; "" */
};

#endif
