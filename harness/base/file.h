/* Whole files, with limits and without half-written results. */
#ifndef CF_BASE_FILE_H
#define CF_BASE_FILE_H

#include "harness/base/buf.h"

/* Append the file's bytes to out; out's maximum is the limit. A pipe is read too, but not waited
 * for: one that nobody writes to, and one that says nothing for half a minute, is an error. Errors:
 * CF_ENOTFOUND, CF_EIO, CF_ELIMIT, each naming path. */
CF_MUST_CHECK enum cf_code cf_file_read(const char *path, struct cf_buf *out, struct cf_err *err);

/* Write the file under a temporary name beside path, then rename: readers see the old file or the
 * new one. mode as for open(2). Errors: CF_EIO. */
CF_MUST_CHECK enum cf_code cf_file_write(const char *path, const void *bytes, size_t len,
                                         unsigned mode, struct cf_err *err);

/* The same, and on the disk before it returns: it is there after a loss of power. */
CF_MUST_CHECK enum cf_code cf_file_write_lasting(const char *path, const void *bytes, size_t len,
                                                 unsigned mode, struct cf_err *err);
/* Remove the file, for good; one that is not there will do. Errors: CF_EIO. */
CF_MUST_CHECK enum cf_code cf_file_remove(const char *path, struct cf_err *err);

/* name, or name in the folder of the file at path where it is relative. Caller frees. */
char *cf_file_beside(const char *path, const char *name);

/* Make the directory and its missing parents. Errors: CF_EIO. */
CF_MUST_CHECK enum cf_code cf_file_make_directory(const char *path, struct cf_err *err);

/* Write all of bytes to fd, whatever the kernel takes at a time. Errors: CF_EIO. */
CF_MUST_CHECK enum cf_code cf_fd_write(int fd, const void *bytes, size_t len, struct cf_err *err);

/* Give take what is left to be read from fd, piece by piece, until it fails. path is for messages.
 * Errors: CF_EIO, and take's. */
typedef enum cf_code cf_fd_take_fn(void *context, const char *bytes, size_t len,
                                   struct cf_err *err);
CF_MUST_CHECK enum cf_code cf_fd_each(int fd, const char *path, cf_fd_take_fn *take, void *context,
                                      struct cf_err *err);

#endif
