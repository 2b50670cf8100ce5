/*
 * Where the runs of a profile have left snapshots: an index in the user's state folder
 * ($XDG_STATE_HOME, else ~/.local/state), so that a run with another --out finds them too.
 *
 * It is a help, not a promise: whoever has no such folder goes without, in silence. An entry is a
 * file whose name begins with the profile's digest and which holds the path of a run's folder.
 */
#ifndef CF_CLI_LEFT_INDEX_H
#define CF_CLI_LEFT_INDEX_H

#include "harness/base/list.h"

/* Enter the folder, or take it out. */
void cf_left_index_add(const char *profile_sha256, const char *folder);
void cf_left_index_remove(const char *profile_sha256, const char *folder);
/* The open file of locks beside the index (at_once.h), for the caller to close; -1 where there can
 * be none. */
int cf_left_index_locks(void);
/* Append the absolute paths of those entered; of any profile, where it is "". */
void cf_left_index_list(const char *profile_sha256, struct cf_list *out);

#endif
