/*
 * Running sequences: all of a list at once, as cases that are kept in memory, spread over the CVMs.
 *
 * Each call begins with CVMs that are as they were: the reference implementation is started anew,
 * and a profile's CVMs are put back at the end of each call. Their snapshots are in the folder for
 * as long as they are not back, as those of a run are.
 */
#ifndef CF_CLI_EXPLORE_TRIES_H
#define CF_CLI_EXPLORE_TRIES_H

#include "cli/at_once.h"
#include "cli/out_folder.h"
#include "cli/snapshots.h"
#include "harness/record/record.h"
#include "harness/run/engine.h"
#include "reference/reference.h"

struct cf_explorer {
    const char *profile_path; /* NULL: the reference implementation, as reference says */
    struct cf_ref_options reference;
    struct cf_out_folder ours; /* for snapshots, while it is ours alone, else fd is -1 */
    struct cf_at_once at_once; /* the CVMs that are ours meanwhile */
    int jobs;                  /* as in cf_pool_options */
    bool in_turn;              /* one sequence after the other, whatever jobs says */
    double until_ms;           /* by cf_clock_ms(): no sequence begins after it; 0: never */
    /* opened */
    const struct cf_engine *engine;
    const struct cf_step_form **forms;
    struct cf_profile profile;
    bool has_profile;
    bool looked;    /* a profile's server was looked at first */
    bool as_served; /* the reference shows less than all of a CVM at one path */
    struct cf_snapshots snapshots;
    struct cf_list left; /* what was not put back, a line each */
    /* meanwhile */
    unsigned long long words; /* seed of the last call's words: no two calls send the same ones */
    int signal;
    unsigned long requests;
    double wall_ms;
};

struct cf_try {
    const cJSON *sequence; /* borrowed */
    enum cf_verdict verdict;
    bool ran;          /* false: time was up, or the call ended early */
    int command;       /* CF_FAIL: index of the one that showed it */
    char *message;     /* CF_FAIL: what the contract was broken by; else the reason */
    char *requirement; /* CF_FAIL: which one was charged, may be NULL */
};

/* Load the profile. Errors are told on standard error, and false is returned. */
bool cf_explorer_open(struct cf_explorer *explorer);
void cf_explorer_release(struct cf_explorer *explorer);

/* Fill in all tries, which the caller releases. One that was not run is CF_INCONCLUSIVE. Errors: as
 * cf_pool_run(), CF_EINPUT (a sequence that is not a case: ours), CF_EIO. */
CF_MUST_CHECK enum cf_code cf_tries_run(struct cf_explorer *explorer, struct cf_try *tries,
                                        size_t count, struct cf_err *err);
void cf_tries_release(struct cf_try *tries, size_t count);

#endif
