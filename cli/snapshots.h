/*
 * What the CVMs looked like before a run: snapshots.json in the run's folder.
 *
 * It is on the disk before the first change and goes when everything is back, so that after any
 * death of the run `cvm-conformance restore` puts the CVMs back with it and the credential alone.
 * It holds the profile without its secrets, with them sealed (base/seal.h), and is for its owner
 * only (mode 0600): settings of CVMs are somebody's, though not secret. A setting that holds the
 * credential is left out.
 */
#ifndef CF_CLI_SNAPSHOTS_H
#define CF_CLI_SNAPSHOTS_H

#include "harness/base/list.h"
#include "harness/case/profile.h"

struct cf_snapshot {
    char *id;   /* of the fixture */
    char *text; /* JSON, as struct cf_engine makes it */
};

struct cf_snapshots {
    char *profile;         /* its public text; NULL: there are no snapshots */
    char *profile_path;    /* absolute: hooks and secrets are beside it */
    char *profile_sha256;  /* of the public text */
    char *sealed;          /* the whole profile, sealed with the credential; NULL: no need */
    struct cf_list hidden; /* what stands in the text for a credential that it held: "$NAME" */
    struct cf_snapshot *items;
    size_t count;
};

/* Those of a run on profile; texts is as profile->fixtures, NULL where there is none. Errors:
 * CF_EINPUT (a secret that cannot be searched for). */
CF_MUST_CHECK enum cf_code cf_snapshots_make(struct cf_snapshots *out,
                                             const struct cf_profile *profile,
                                             const char *const *texts, struct cf_err *err);
void cf_snapshots_release(struct cf_snapshots *snapshots);

/* Whether the folder has some. */
bool cf_snapshots_are_in(const char *folder);
/* Errors: CF_ENOTFOUND, CF_EIO, CF_EINPUT (not such a file), CF_ELIMIT. out may be released
 * whatever comes back. */
CF_MUST_CHECK enum cf_code cf_snapshots_read(struct cf_snapshots *out, const char *folder,
                                             struct cf_err *err);
/* Have the folder hold these; where there are none, have it hold no such file. Returns when that is
 * on the disk. The index of such folders (left_index.h) follows. Errors: CF_EIO, CF_ELIMIT. */
CF_MUST_CHECK enum cf_code cf_snapshots_write(const struct cf_snapshots *snapshots,
                                              const char *folder, struct cf_err *err);

/* The text for the fixture, NULL without one. */
const char *cf_snapshots_text(const struct cf_snapshots *snapshots, const char *id);
/* Whether they are of the profile's server. */
bool cf_snapshots_are_of(const struct cf_snapshots *snapshots, const struct cf_profile *profile);
/* The first of the profile's fixtures that theirs has too, made with whatever profile of the same
 * server; with ours, that ours has as well. NULL without one. */
const char *cf_snapshots_common(const struct cf_snapshots *theirs, const struct cf_profile *profile,
                                const struct cf_snapshots *ours);
/* Drop the fixture's; false when there is none. */
bool cf_snapshots_drop(struct cf_snapshots *snapshots, const char *id);

/* The profile that they were made with. Where it held secrets itself: the file at profile_path
 * while it is what it was; else the sealed text, whose key is the credential, and the credential
 * from the environment: "$NAME" from NAME. Errors: as cf_profile_parse(), CF_EINPUT where a
 * variable is missing or the credential is another one. */
CF_MUST_CHECK enum cf_code cf_snapshots_profile(const struct cf_snapshots *snapshots,
                                                const struct cf_vocabulary *vocabulary,
                                                struct cf_profile *out, struct cf_err *err);

#endif
