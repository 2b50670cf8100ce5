/* What a body is when its content coding (RFC 9110 section 8.4) is undone. */
#ifndef CF_HTTP_CODING_H
#define CF_HTTP_CODING_H

#include "harness/base/buf.h"

enum { CF_CODING_MAX_BYTES = 64 << 20 }; /* of what is undone */

/* Whether a body with this Content-Encoding (NULL: none) is anything but itself. A body that begins
 * like gzip is, whatever is said of it. */
bool cf_coding_is_coded(const char *content_encoding, const char *bytes, size_t len);
/* Undo gzip, x-gzip and deflate (with and without zlib's header), the last one first, and append
 * what comes out. False where a coding is another one, the bytes are not of it or cut off, or too
 * much would come out. */
CF_MUST_CHECK bool cf_coding_undo(const char *content_encoding, const char *bytes, size_t len,
                                  struct cf_buf *out);

#endif
