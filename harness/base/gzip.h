/* Files compressed by gzip (RFC 1952), through zlib. */
#ifndef CF_BASE_GZIP_H
#define CF_BASE_GZIP_H

#include "harness/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a file that begins with these bytes is one. */
bool cf_gzip_begins(const char *bytes, size_t len);

/* Compress the file at from into the new file at to; the same bytes give the same. Errors: CF_EIO.
 */
CF_MUST_CHECK enum cf_code cf_gzip_file(const char *from, const char *to, struct cf_err *err);

/* Write what the file open as in (read from its start; it stays the caller's) is when it is not
 * compressed to out. path is for messages. Errors: CF_EINPUT (not whole, not of gzip, or bytes
 * after its end, be it a second one), CF_ELIMIT (more than max_bytes come out), CF_EIO. */
CF_MUST_CHECK enum cf_code cf_gzip_undo(int in, int out, long long max_bytes, const char *path,
                                        struct cf_err *err);

/* Call take with what comes out of such a file, piece by piece, until it returns false. Errors as
 * cf_gzip_undo(). */
typedef bool cf_gzip_take_fn(void *context, const char *bytes, size_t len);
CF_MUST_CHECK enum cf_code cf_gzip_each(int in, cf_gzip_take_fn *take, void *context,
                                        const char *path, struct cf_err *err);

#endif
