/*
 * Runs that go on at the same time: two that change one CVM would each take the other's updates for
 * faults of the server, and each put back what the other is about to look at.
 *
 * They are found by the index of folders with snapshots (left_index.h), so on one machine and for
 * one user. A help, not a promise, as that is.
 */
#ifndef CF_CLI_AT_ONCE_H
#define CF_CLI_AT_ONCE_H

#include "cli/snapshots.h"

/* Whether a run that goes on now, in another folder than this one, changes a CVM of the profile
 * that ours has too. Errors: CF_EINPUT (it does; the text names both). */
CF_MUST_CHECK enum cf_code cf_at_once_check(const struct cf_profile *profile,
                                            const struct cf_snapshots *ours, const char *folder,
                                            struct cf_err *err);

#endif
