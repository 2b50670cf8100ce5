/* UTF-8 as RFC 3629 defines it: no surrogates, no overlong forms, nothing past U+10FFFF. */
#ifndef CF_BASE_UTF8_H
#define CF_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length (1 to 4) of the well-formed sequence at the start of bytes, 0 when there is none.
 * out_code_point may be NULL; it is written only on success. */
size_t cf_utf8_next(const char *bytes, size_t len, uint32_t *out_code_point);

/* Whether all of bytes is well-formed. */
bool cf_utf8_valid(const char *bytes, size_t len);

/* How many bytes of a text of len to show where there is room for max: no character is cut. */
size_t cf_utf8_cut(const char *bytes, size_t len, size_t max);

/* How many bytes at the start stand for themselves in a string of JSON: printable ASCII but quotes
 * and backslashes. The texts of a record are nearly nothing else. */
size_t cf_utf8_plain_span(const char *bytes, size_t len);

#endif
