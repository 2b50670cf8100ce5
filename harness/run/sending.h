/* Sending once, for those who decide about sending again. Private to harness/run. */
#ifndef CF_RUN_SENDING_H
#define CF_RUN_SENDING_H

#include "harness/run/run.h"

/* Send a request and append the exchange to the record; run->last is its answer. Whatever comes
 * back is given back. Codes as cf_http_send(), and CF_ESTOPPED in a replay that differs. */
CF_MUST_CHECK enum cf_code cf_run_send_once(struct cf_case_run *run, const char *purpose,
                                            const struct cf_http_request *request,
                                            struct cf_err *err);

/* The read is one that is kept (kept.h): its exchange is appended as if it had just been made, and
 * run->last is its answer. False: it has to be sent. */
bool cf_run_take_kept(struct cf_case_run *run, const char *purpose,
                      const struct cf_http_request *request);

#endif
