#include "harness/http/together.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/http/transfer.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/select.h>

enum {
    FDS_PER_CONTENDER = 4, /* one is usual; two while IPv4 and IPv6 are tried side by side */
    POLL_MAX_MS = 1000,
    BLIND_POLL_MS = 5, /* where a handle's descriptor cannot be known */
    WARM_MAX_MS = 5000 /* those opened first are too old by then, and may keep the others out */
};

struct cf_contender {
    struct cf_transfer transfer;
    CURLM *multi;
    bool entered, running;
    bool granted; /* more time, by grant() */
    double began_ms;
    CURLcode result;
};

static void free_contender(struct cf_contender *contender)
{
    if (!contender)
        return;
    cf_transfer_release(&contender->transfer);
    curl_multi_cleanup(contender->multi);
    free(contender);
}

void cf_together_release(struct cf_together *together)
{
    for (size_t i = 0; i < together->contender_count; i++)
        free_contender(together->contenders[i]);
    together->contender_count = 0;
}

static enum cf_code add_contender(struct cf_together *together, struct cf_err *err)
{
    struct cf_contender *contender = cf_alloc(sizeof(*contender));
    enum cf_code code = cf_transfer_init(&contender->transfer, together->options,
                                         together->request_count, together->wary, err);
    if (code == CF_OK) {
        contender->multi = curl_multi_init();
        if (!contender->multi || curl_multi_setopt(contender->multi, CURLMOPT_MAXCONNECTS,
                                                   (long)CF_HTTP_KEPT_CONNECTIONS) != CURLM_OK)
            code = cf_err_set(err, CF_EIO, "libcurl cannot set up simultaneous requests");
    }
    if (code != CF_OK) {
        free_contender(contender);
        return code;
    }
    together->contenders[together->contender_count++] = contender;
    return CF_OK;
}

static enum cf_code reserve(struct cf_together *together, size_t count, struct cf_err *err)
{
    if (count > CF_HTTP_TOGETHER_MAX)
        return cf_err_set(err, CF_ELIMIT, "%zu requests at once; the most is %d", count,
                          CF_HTTP_TOGETHER_MAX);
    while (together->contender_count < count) {
        enum cf_code code = add_contender(together, err);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

/* ---- driving ---- */

static CURLcode result_of(const struct cf_contender *contender)
{
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(contender->multi, &left);
    bool done = message && message->msg == CURLMSG_DONE;
    return done ? message->data.result : CURLE_FAILED_INIT;
}

static bool start_over(const struct cf_contender *contender)
{
    CURL *easy = contender->transfer.easy;
    return curl_multi_remove_handle(contender->multi, easy) == CURLM_OK &&
           curl_multi_add_handle(contender->multi, easy) == CURLM_OK;
}

static void advance(struct cf_contender *contender)
{
    do {
        int running = 0;
        CURLMcode rc = curl_multi_perform(contender->multi, &running);
        if (rc == CURLM_OK && running > 0)
            return;
        contender->result = rc == CURLM_OK ? result_of(contender) : CURLE_FAILED_INIT;
    } while (cf_transfer_again(&contender->transfer) && start_over(contender));
    contender->running = false;
}

/* Append the contender's descriptors to fds (room for FDS_PER_CONTENDER); returns how many, and
 * lowers *wait_ms to when it wants to run at the latest. */
static size_t collect_fds(const struct cf_contender *contender, struct pollfd *fds, int *wait_ms)
{
    fd_set in, out, odd;
    int max_fd = -1;
    long timeout_ms = -1;
    size_t count = 0;
    FD_ZERO(&in);
    FD_ZERO(&out);
    FD_ZERO(&odd);
    curl_multi_fdset(contender->multi, &in, &out, &odd, &max_fd);
    for (int fd = 0; fd <= max_fd && count < FDS_PER_CONTENDER; fd++) {
        short events =
            (short)((FD_ISSET(fd, &in) ? POLLIN : 0) | (FD_ISSET(fd, &out) ? POLLOUT : 0));
        if (events)
            fds[count++] = (struct pollfd){.fd = fd, .events = events};
    }
    if (curl_multi_timeout(contender->multi, &timeout_ms) == CURLM_OK && timeout_ms >= 0 &&
        timeout_ms < *wait_ms)
        *wait_ms = (int)timeout_ms;
    if (count == 0 && *wait_ms > BLIND_POLL_MS)
        *wait_ms = BLIND_POLL_MS;
    return count;
}

/* Release the first count contenders that were entered and wait for all of them; each has a time
 * limit of its own, which ends the loop. */
static void run_contenders(struct cf_together *together, size_t count, struct pollfd *fds)
{
    size_t running = count;
    while (running > 0) {
        running = 0;
        for (size_t i = 0; i < count; i++) {
            if (together->contenders[i]->running)
                advance(together->contenders[i]);
            running += together->contenders[i]->running;
        }
        int wait_ms = POLL_MAX_MS;
        size_t fd_count = 0;
        for (size_t i = 0; i < count; i++)
            if (together->contenders[i]->running)
                fd_count += collect_fds(together->contenders[i], fds + fd_count, &wait_ms);
        if (running > 0)
            poll(fds, fd_count, wait_ms);
    }
}

static void leave(struct cf_contender *contender)
{
    if (contender->entered)
        curl_multi_remove_handle(contender->multi, contender->transfer.easy);
    contender->entered = false;
}

/*
 * A server may take so many connections at a time and leave the next in its queue. Those that wait
 * there come in only if the ones before them end with their answers; what may have changed
 * something is not repeated at once, so nothing is gained by keeping them.
 */
static bool end_with_answer(const struct cf_contender *contender)
{
    const struct cf_transfer *transfer = &contender->transfer;
    return transfer->may_resend ||
           curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
}

/* Prepare one contender; its own faults (bad URL) are its result, not the whole call's. */
static enum cf_code enter(struct cf_contender *contender, const struct cf_http_request *request,
                          struct cf_err *err)
{
    enum cf_code code = cf_transfer_prepare(&contender->transfer, request, err);
    if (code != CF_OK)
        return code;
    if (!end_with_answer(contender) ||
        curl_multi_add_handle(contender->multi, contender->transfer.easy) != CURLM_OK)
        return cf_err_set(err, CF_EIO, "libcurl takes no further request");
    contender->entered = contender->running = true;
    contender->granted = false;
    contender->began_ms = cf_clock_ms();
    return CF_OK;
}

/* ---- the two calls ---- */

enum cf_code cf_together_warm(struct cf_together *together, const char *url,
                              const struct cf_headers *headers, size_t count, struct cf_err *err)
{
    struct cf_http_request request = {.method = "GET", .url = url};
    if (headers)
        request.headers = *headers;
    long limit_ms = together->options->request_timeout_ms;
    enum cf_code code = reserve(together, count, err);
    if (code != CF_OK || count == 0)
        return code;
    struct pollfd *fds = cf_alloc_array(count * FDS_PER_CONTENDER, sizeof(*fds));
    for (size_t i = 0; i < count; i++) {
        struct cf_contender *contender = together->contenders[i];
        enum cf_code entered = enter(contender, &request, code == CF_OK ? err : NULL);
        (void)curl_easy_setopt(contender->transfer.easy, CURLOPT_TIMEOUT_MS,
                               limit_ms < WARM_MAX_MS ? limit_ms : (long)WARM_MAX_MS);
        if (code == CF_OK)
            code = entered;
    }
    cf_pace_wait(together->pace, count);
    run_contenders(together, count, fds);
    for (size_t i = 0; i < count; i++) {
        struct cf_contender *contender = together->contenders[i];
        if (contender->entered && code == CF_OK)
            code = cf_transfer_outcome(&contender->transfer, contender->result, &request, err);
        leave(contender);
    }
    free(fds);
    return code;
}

static void enter_all(struct cf_together *together, const struct cf_http_request *requests,
                      size_t count, struct cf_exchange *outs, enum cf_code *codes)
{
    for (size_t i = 0; i < count; i++) {
        struct cf_contender *contender = together->contenders[i];
        struct cf_err err = {0};
        cf_transfer_store_request(&contender->transfer, &requests[i], &outs[i]);
        codes[i] = enter(contender, &requests[i], &err);
        if (codes[i] != CF_OK)
            codes[i] = cf_transfer_store_failure(&contender->transfer, codes[i], &outs[i], &err);
    }
}

/* Moments of release, counted from the first of them. */
static void store_moments(struct cf_together *together, size_t count, struct cf_exchange *outs)
{
    double first = 0;
    for (size_t i = 0; i < count; i++) {
        double at = together->contenders[i]->transfer.sent_at_ms;
        if (at > 0 && (first <= 0 || at < first))
            first = at;
    }
    for (size_t i = 0; i < count; i++) {
        double at = together->contenders[i]->transfer.sent_at_ms;
        outs[i].at_ms = at > 0 ? at - first : 0;
    }
}

enum cf_code cf_together_send(struct cf_together *together, const struct cf_http_request *requests,
                              size_t count, struct cf_exchange *outs, enum cf_code *codes,
                              struct cf_err *err)
{
    enum cf_code code = reserve(together, count, err);
    if (code != CF_OK || count == 0)
        return code;
    struct pollfd *fds = cf_alloc_array(count * FDS_PER_CONTENDER, sizeof(*fds));
    enter_all(together, requests, count, outs, codes);
    cf_pace_wait(together->pace, count);
    run_contenders(together, count, fds);
    for (size_t i = 0; i < count; i++) {
        struct cf_contender *contender = together->contenders[i];
        if (contender->entered)
            codes[i] = cf_transfer_finish(&contender->transfer, contender->result, &requests[i],
                                          &outs[i], NULL);
        leave(contender);
    }
    store_moments(together, count, outs);
    free(fds);
    return CF_OK;
}

/* ---- one request, and others meanwhile ---- */

/* Go on with the contender once, after waiting for its connection for at most wait_ms. */
static void drive(struct cf_contender *contender, int wait_ms)
{
    struct pollfd fds[FDS_PER_CONTENDER];
    size_t count = collect_fds(contender, fds, &wait_ms);
    poll(fds, count, wait_ms);
    advance(contender);
}

enum cf_code cf_together_begin(struct cf_together *together, const struct cf_http_request *request,
                               struct cf_exchange *out, struct cf_err *err)
{
    enum cf_code code = reserve(together, 1, err);
    if (code != CF_OK)
        return code;
    struct cf_contender *contender = together->contenders[0];
    cf_transfer_store_request(&contender->transfer, request, out);
    cf_pace_wait(together->pace, 1);
    code = enter(contender, request, err);
    if (code != CF_OK)
        return cf_transfer_store_failure(&contender->transfer, code, out, err);
    advance(contender);
    while (contender->running && contender->transfer.sends == 0)
        drive(contender, POLL_MAX_MS);
    return CF_OK;
}

/* What was done meanwhile may have taken longer than there is time for the answer: one that has
 * come since is not late, and libcurl looks at the clock first. */
static void grant(const struct cf_together *together, struct cf_contender *contender)
{
    enum { GRANTED_MS = 200 };
    long limit_ms = together->options->request_timeout_ms;
    double spent_ms = cf_clock_ms() - contender->began_ms;
    if (contender->granted || limit_ms <= 0 || spent_ms < (double)limit_ms)
        return;
    contender->granted = curl_easy_setopt(contender->transfer.easy, CURLOPT_TIMEOUT_MS,
                                          (long)spent_ms + GRANTED_MS) == CURLE_OK;
}

bool cf_together_ended(struct cf_together *together, double ms)
{
    struct cf_contender *contender = together->contenders[0];
    grant(together, contender);
    double until_ms = cf_clock_ms() + ms;
    for (double left = ms; contender->running && left >= 0; left = until_ms - cf_clock_ms())
        drive(contender, left < POLL_MAX_MS ? (int)left : POLL_MAX_MS);
    return !contender->running;
}

enum cf_code cf_together_end(struct cf_together *together, const struct cf_http_request *request,
                             struct cf_exchange *out, struct cf_err *err)
{
    struct cf_contender *contender = together->contenders[0];
    while (contender->running)
        drive(contender, POLL_MAX_MS);
    enum cf_code code =
        cf_transfer_finish(&contender->transfer, contender->result, request, out, err);
    leave(contender);
    return code;
}
