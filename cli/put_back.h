/* Putting CVMs back to their snapshots, and saying what became of each. */
#ifndef CF_CLI_PUT_BACK_H
#define CF_CLI_PUT_BACK_H

#include "cli/snapshots.h"
#include "harness/pool/pool.h"

#include <stdio.h>

/* Take in a CF_EVENT_PUT_BACK of a run on profile: a CVM that is back, as far as its snapshot
 * knows, loses it; what is left as it is gets a line each ("CVM ID: FIELD is as the run left it:
 * WHY"). */
void cf_put_back_note(struct cf_snapshots *snapshots, const struct cf_profile *profile,
                      const struct cf_pool_event *event, struct cf_list *lines);

struct cf_put_back {
    const struct cf_engine *engine;
    const struct cf_profile *profile;
    void (*in_child)(void *context); /* as in struct cf_pool_options */
    void *context;
    FILE *out;                /* where it is told, CVM by CVM */
    struct cf_list left;      /* afterwards: what is left as it is, released by the caller */
    int signal;               /* afterwards: that came meanwhile, 0 */
    unsigned long operations; /* afterwards: updates that it took */
};

/* Put back what snapshots has; what is back is dropped from it. Errors: CF_EINPUT (a CVM is not in
 * the profile: nothing was sent), those of cf_pool_run(). */
CF_MUST_CHECK enum cf_code cf_put_back(struct cf_put_back *job, struct cf_snapshots *snapshots,
                                       struct cf_err *err);

#endif
