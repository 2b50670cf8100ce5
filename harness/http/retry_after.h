/* When to come again, as an answer says (RFC 9110 section 10.2.3). */
#ifndef CF_HTTP_RETRY_AFTER_H
#define CF_HTTP_RETRY_AFTER_H

#include "harness/record/record.h"

/*
 * Milliseconds from the answer on that its Retry-After asks to wait for, 0 for a moment that is
 * past; -1 when there is none, or none that can be understood. A date is counted from the answer's
 * own Date, so that a transcript gives the same number for ever; without one it is not understood.
 */
double cf_http_retry_after_ms(const struct cf_headers *headers);

#endif
