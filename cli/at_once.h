/*
 * Runs that go on at the same time: two that change one CVM would each take the other's updates for
 * faults of the server, and each put back what the other is about to look at.
 *
 * Each CVM that a run may change is a byte of one file in the user's state folder, locked by the
 * run: the kernel lets it go at any death. Whose it is says the index of folders with snapshots
 * (left_index.h). So this works on one machine and for one user; a help, not a promise.
 */
#ifndef CF_CLI_AT_ONCE_H
#define CF_CLI_AT_ONCE_H

#include "cli/snapshots.h"

struct cf_at_once {
    int fd; /* of the file, -1: nothing is locked */
};

/* Have the CVMs that ours has to ourselves, beside those that we have; folder is where ours is.
 * Errors: CF_EINPUT (another run changes one; the text names the CVM, and the run's folder where
 * that is known). */
CF_MUST_CHECK enum cf_code cf_at_once_take(struct cf_at_once *at_once,
                                           const struct cf_profile *profile,
                                           const struct cf_snapshots *ours, const char *folder,
                                           struct cf_err *err);
/* Let others have them; in a forked child, leave them to the parent alone. */
void cf_at_once_leave(struct cf_at_once *at_once);

#endif
