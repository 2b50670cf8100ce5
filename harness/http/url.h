/* What is asked of URLs before any request, and how a path segment is written. */
#ifndef CF_HTTP_URL_H
#define CF_HTTP_URL_H

#include "harness/base/buf.h"

#include <stdbool.h>

/* Percent-encode one path segment (RFC 3986 unreserved stay). Appends to out. */
void cf_http_escape_segment(struct cf_buf *out, const char *text);

/* Whether an absolute URL names a user. */
bool cf_url_has_user(const char *url);

/* Whether url is an absolute http or https URL with a host and without user information, query or
 * fragment; out_loopback tells whether the host is localhost, 127.0.0.0/8 or ::1. Errors:
 * CF_EINPUT with the reason. */
CF_MUST_CHECK enum cf_code cf_http_check_base_url(const char *url, bool *out_loopback,
                                                  bool *out_tls, struct cf_err *err);

#endif
