/* Base64 with padding, RFC 4648 section 4. */
#ifndef CF_BASE_BASE64_H
#define CF_BASE_BASE64_H

#include "harness/base/buf.h"

#include <stdbool.h>

/* Append the encoding of bytes to out. */
void cf_base64_encode(struct cf_buf *out, const void *bytes, size_t len);

/* Append what text stands for to out. False when text is not base64 with padding (out may then hold
 * a part of it). */
CF_MUST_CHECK bool cf_base64_decode(struct cf_buf *out, const char *text, size_t len);

#endif
