/*
 * A worker: a forked process that carries out orders until its socket closes. Cases run as cmocka
 * groups, one test a case; the verdict is in the record that goes up the wire, and what cmocka says
 * is dropped.
 */
#ifndef CF_POOL_WORKER_H
#define CF_POOL_WORKER_H

#include "harness/pool/plan.h"
#include "harness/run/execute.h"

struct cf_worker_setting {
    struct cf_case_setting base; /* each worker makes its redactor */
    const struct cf_plan *plan;
    double rate_interval_ms;
    double late_ms;   /* as struct cf_io has it, for each worker */
    bool transcripts; /* false: records without exchanges, for runs that only count verdicts */
    bool bodies;      /* of passed cases, too; without it their digests alone are recorded */
    bool shared;      /* what a passed case was judged over stands in its own record, too */
};

/* In the child, after fork: never returns. */
_Noreturn void cf_worker_main(const struct cf_worker_setting *setting, int fd);

#endif
