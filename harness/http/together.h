/*
 * Several requests at the same moment, each on a connection of its own. Private to harness/http.
 *
 * Each contender has a multi handle to itself, although one could drive them all: libcurl keeps
 * connections per multi handle, and with a shared one a contender whose answer is in before the
 * next one starts (the kernel may run the server first) lends its connection to that next one,
 * which then comes after the answer instead of beside it. Apart, each has its own warm connection
 * by construction.
 */
#ifndef CF_HTTP_TOGETHER_H
#define CF_HTTP_TOGETHER_H

#include "harness/http/pace.h"
#include "harness/http/request.h"

enum { CF_HTTP_TOGETHER_MAX = 256 };

struct cf_contender;

struct cf_together {
    const struct cf_http_options *options; /* borrowed, with defaults filled in */
    unsigned long *request_count;          /* borrowed: bumped at each hand-over to the network */
    bool *wary;                            /* borrowed, see cf_transfer_init() */
    struct cf_pace *pace;                  /* borrowed */
    struct cf_contender *contenders[CF_HTTP_TOGETHER_MAX]; /* grow with need, never shrink */
    size_t contender_count;
};

void cf_together_release(struct cf_together *together);

/* As cf_http_warm(). */
CF_MUST_CHECK enum cf_code cf_together_warm(struct cf_together *together, const char *url,
                                            const struct cf_headers *headers, size_t count,
                                            struct cf_err *err);
/* As cf_http_send_together(). */
CF_MUST_CHECK enum cf_code cf_together_send(struct cf_together *together,
                                            const struct cf_http_request *requests, size_t count,
                                            struct cf_exchange *outs, enum cf_code *codes,
                                            struct cf_err *err);

/* As cf_http_begin(), cf_http_ended() and cf_http_end(). */
CF_MUST_CHECK enum cf_code cf_together_begin(struct cf_together *together,
                                             const struct cf_http_request *request,
                                             struct cf_exchange *out, struct cf_err *err);
bool cf_together_ended(struct cf_together *together, double ms);
CF_MUST_CHECK enum cf_code cf_together_end(struct cf_together *together,
                                           const struct cf_http_request *request,
                                           struct cf_exchange *out, struct cf_err *err);

#endif
