/*
 * The folder that a run writes to: whose it is, and the records as they arrive.
 *
 * One run has it at a time. Its results.ndjson is locked (flock) by the open file itself, so that
 * the kernel lets it go at any death; a second run is refused before anything is sent. Whoever has
 * it removes the reports of earlier runs: none of them stays beside a run that did not make it.
 *
 * Records are read back through the file that is held open, never by its name. When the disk is
 * full the lines go on in memory, so that the verdict is that of the whole run.
 *
 * Whoever owns the machine may move or remove the folder while the run goes on, and begin another
 * run in its place: what is written by name is written after cf_out_folder_stay().
 */
#ifndef CF_CLI_OUT_FOLDER_H
#define CF_CLI_OUT_FOLDER_H

#include "harness/record/results.h"

#include <sys/types.h>

enum { CF_OUT_PATH_BYTES = 4096 };

struct cf_out_folder {
    const char *path;
    char *own_path; /* the same where it is not the one that was asked for any more */
    dev_t device;   /* of the folder itself */
    ino_t inode;
    int fd; /* of results.ndjson; -1: not taken */
    char lines_path[CF_OUT_PATH_BYTES];
    size_t whole;          /* bytes of whole lines in the file */
    int spill_fd;          /* of the lines in memory, -1 while the file takes them */
    bool lost;             /* not there either, since the first that did not fit */
    struct cf_err trouble; /* why the file does not take them any more; code CF_OK while it does */
};

/* Make the folder where it is missing, and have it to ourselves; what is in it stays. Errors:
 * CF_EIO (cannot be made or written), CF_EINPUT (another run has it; results.ndjson is a symbolic
 * link or not a regular file), CF_ELIMIT (path too long). out may be released whatever comes back.
 */
CF_MUST_CHECK enum cf_code cf_out_folder_have(struct cf_out_folder *out, const char *path,
                                              struct cf_err *err);
/* Empty it of an earlier run's records and reports. The file of records is a new one then: others
 * may be reading the old one. Errors: as cf_out_folder_replace(). */
CF_MUST_CHECK enum cf_code cf_out_folder_clear(struct cf_out_folder *folder, struct cf_err *err);
/* Have it to ourselves for reports alone: the earlier run's go, its records stay whatever they are,
 * and ours go to memory. Errors: CF_EINPUT (another run has it), CF_EIO. */
CF_MUST_CHECK enum cf_code cf_out_folder_borrow(struct cf_out_folder *out, const char *path,
                                                struct cf_err *err);
/* Have it hold these lines instead, all at once: a death in between leaves the old ones or the new
 * ones. The reports of an earlier run go. Errors: CF_EIO, CF_EINPUT (as cf_out_folder_have()). */
CF_MUST_CHECK enum cf_code cf_out_folder_replace(struct cf_out_folder *folder, const char *lines,
                                                 size_t len, struct cf_err *err);
/* Append one record. What goes wrong with the file stays in trouble. */
void cf_out_folder_keep(struct cf_out_folder *folder, const char *line, size_t len);
/* Have the records where they can be found again, if the folder was moved (it is followed) or
 * removed (it is made again; under another name where somebody else is in its place). True when
 * it was, and out_what says so: path may be another, and what else was in the folder is to be
 * written again. Where nothing can be made the path stays, and writing there tells why. */
bool cf_out_folder_stay(struct cf_out_folder *folder, struct cf_err *out_what);
/* In a forked child: close what is the parent's. The folder stays the parent's. */
void cf_out_folder_leave(struct cf_out_folder *folder);
/* The records kept so far. Errors: as cf_results_open(). */
CF_MUST_CHECK enum cf_code cf_out_folder_read(const struct cf_out_folder *folder,
                                              struct cf_results **out, struct cf_err *err);
/* Let others have the folder. */
void cf_out_folder_release(struct cf_out_folder *folder);

/* Whether a run has it now. */
bool cf_out_folder_in_use(const char *path);
/* Remove the reports of an earlier run, unless a run has the folder. Takes no memory. */
void cf_out_folder_retire(const char *path);
/* Whether a run was here: reports, or whatever it begins with. */
bool cf_out_folder_is_one(const char *path);

#endif
