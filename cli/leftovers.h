/* What an earlier run in the same folder, or with the same profile in another, left changed: a new
 * run says so and puts it back first, so that it never takes that state for the original. */
#ifndef CF_CLI_LEFTOVERS_H
#define CF_CLI_LEFTOVERS_H

#include "cli/out_folder.h"
#include "cli/snapshots.h"
#include "harness/run/engine.h"

enum cf_left {
    CF_LEFT_NOTHING, /* all is back, or what is not is of this run's profile: it has the snapshots
                      */
    CF_LEFT_REFUSED, /* they cannot be put back like this; nothing was sent */
    CF_LEFT_SOME,    /* of another profile, or in another folder */
    CF_LEFT_SIGNAL
};

struct cf_leftovers {
    const struct cf_engine *engine;
    const struct cf_profile *profile; /* of the new run; NULL: it has CVMs of its own */
    struct cf_out_folder *ours;
    void (*in_child)(void *context); /* as in struct cf_pool_options */
    void *context;
    int signal; /* afterwards: that came meanwhile, 0 */
};

/* Put back what the folder has snapshots of, with the new run's profile where it is the same as the
 * old one's. Everything is told on standard error. out_snapshots is what is not back, and may be
 * released whatever comes back. */
enum cf_left cf_leftovers_put_back(struct cf_leftovers *job, struct cf_snapshots *out_snapshots);

#endif
