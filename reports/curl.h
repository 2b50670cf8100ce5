/*
 * An exchange as the curl command that repeats it, one line, ready to paste into a shell.
 *
 * Secrets were replaced by "$NAME" before the exchange was stored; in headers and in the URL such a
 * name stays outside of single quotes, so that the shell puts the caller's own value back. Bodies
 * are given byte for byte; what no argument can hold (NUL bytes, more than a kernel takes) is piped
 * from printf. The text holds no control characters, so it is safe on a terminal.
 */
#ifndef CF_REPORTS_CURL_H
#define CF_REPORTS_CURL_H

#include "harness/record/record.h"

/* Append the command; nothing for an exchange that is not HTTP. A request body longer than
 * body_max_bytes (0: no limit) is named instead: "--data-binary @BODY # BODY: ...". */
void cf_report_curl(struct cf_buf *out, const struct cf_exchange *exchange, size_t body_max_bytes);

#endif
