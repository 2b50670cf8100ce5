/*
 * A bundle's files: listing, copying, and their digests in the form of sha256sum(1).
 */
#ifndef CF_CLI_CERTIFY_BUNDLE_H
#define CF_CLI_CERTIFY_BUNDLE_H

#include "harness/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Of a certificate of everything, the largest file has about 7 MB, at three repetitions. */
enum { CF_FILES_MAX = 20000, CF_BUNDLE_FILE_MAX_BYTES = 1 << 30 };

/* Paths relative to a folder, in byte order. */
struct cf_files {
    char **paths;
    size_t count, cap;
    char *bare; /* a folder in it that holds no file, nor does one below; NULL: there is none */
};

/* Every file in folder and below. Errors: CF_EIO, CF_EINPUT (something that is neither a regular
 * file nor a folder, or a name that a list of sums cannot hold; the text names it), CF_ELIMIT. out
 * may be released whatever comes back. */
CF_MUST_CHECK enum cf_code cf_files_list(struct cf_files *out, const char *folder,
                                         struct cf_err *err);
void cf_files_release(struct cf_files *files);
bool cf_files_has(const struct cf_files *files, const char *path);

/* Copy the file at from to the new file to. Errors: CF_EIO. */
CF_MUST_CHECK enum cf_code cf_file_copy(const char *from, const char *to, struct cf_err *err);

bool cf_folder_exists(const char *path);
/* "FOLDER/PATH", for the caller to free. */
char *cf_path_in(const char *folder, const char *path);

/* Append "HEX  PATH" lines for all of folder's files but except (NULL: none). Errors as
 * cf_files_list(). */
CF_MUST_CHECK enum cf_code cf_sums_make(struct cf_buf *out, const char *folder, const char *except,
                                        struct cf_err *err);

/* The dirHash of an in-toto digest set: SHA-256 of the sums of all of folder's files. */
CF_MUST_CHECK enum cf_code cf_folder_digest(const char *folder, char out_hex[65],
                                            struct cf_err *err);

#endif
