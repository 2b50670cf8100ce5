/* Live answers: the network, the profile's hooks, the clock. */
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/run/hook_call.h"
#include "harness/run/io.h"
#include "harness/run/kept.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct live {
    struct cf_io io;
    const struct cf_redactor *redactor;
    struct cf_http_client *client;
};

/* 409 tells of something that goes on, 429 of nothing. */
bool cf_io_is_plain_refusal(const struct cf_exchange *exchange)
{
    int status = exchange->status;
    return status >= 400 && status < 500 && status != 409 && status != 429;
}

static enum cf_code live_send(struct cf_io *io, const struct cf_http_request *request,
                              struct cf_exchange *out, struct cf_err *err)
{
    bool read = strcmp(request->method, "GET") == 0;
    if (!read && !io->assume)
        cf_kept_drop(io, NULL);
    enum cf_code code = cf_http_send(((struct live *)io)->client, request, out, err);
    if (!read && !(code == CF_OK && cf_io_is_plain_refusal(out)))
        cf_kept_drop(io, NULL);
    return code;
}

static enum cf_code live_together(struct cf_io *io, const char *warm_url,
                                  const struct cf_http_request *requests, size_t count,
                                  struct cf_exchange *outs, enum cf_code *codes, struct cf_err *err)
{
    struct live *live = (struct live *)io;
    enum cf_code code = CF_OK;
    if (warm_url) {
        cf_kept_drop(io, NULL);
        /* A connection that could not be opened ahead is opened when it is needed. */
        code = cf_http_warm(live->client, warm_url, &requests[0].headers, count, err);
    }
    if (code == CF_EINPUT || code == CF_EIO)
        return code;
    return cf_http_send_together(live->client, requests, count, outs, codes, err);
}

static enum cf_code live_begin(struct cf_io *io, const struct cf_http_request *request,
                               struct cf_exchange *out, struct cf_err *err)
{
    cf_kept_drop(io, NULL);
    return cf_http_begin(((struct live *)io)->client, request, out, err);
}

static bool live_ended(struct cf_io *io, double ms)
{
    return cf_http_ended(((struct live *)io)->client, ms);
}

static enum cf_code live_end(struct cf_io *io, const struct cf_http_request *request,
                             struct cf_exchange *out, struct cf_err *err)
{
    enum cf_code code = cf_http_end(((struct live *)io)->client, request, out, err);
    cf_kept_drop(io, NULL); /* what was read meanwhile may be of before it */
    return code;
}

static double live_now(struct cf_io *io)
{
    (void)io;
    return cf_clock_ms();
}

static bool live_wait(struct cf_io *io, double ms, double deadline_ms)
{
    (void)io;
    double left = deadline_ms - cf_clock_ms();
    if (left <= 0)
        return false;
    cf_clock_pause(ms < left ? ms : left);
    return true;
}

/* ---- hooks ---- */

/* Keep what went in and came out, without secrets. */
static void store(const struct live *live, const struct cf_buf *from, struct cf_body *to)
{
    struct cf_buf clean = {0};
    cf_redactor_apply(live->redactor, cf_buf_text(from), from->len, &clean);
    to->bytes = cf_buf_take(&clean, &to->len);
}

static void store_message(const struct live *live, enum cf_code code, struct cf_exchange *out,
                          struct cf_err *err)
{
    struct cf_buf clean = {0};
    cf_redactor_apply(live->redactor, err->text, strlen(err->text), &clean);
    out->message = cf_buf_take(&clean, NULL);
    cf_err_set(err, code, "%s", out->message);
}

static enum cf_code live_hook(struct cf_io *io, const struct cf_profile *profile, const char *name,
                              const cJSON *inputs, struct cf_exchange *out, struct cf_err *err)
{
    struct live *live = (struct live *)io;
    struct cf_buf input = {0};
    struct cf_buf output = {0};
    if (!io->assume)
        cf_kept_drop(io, NULL);
    cf_json_print(&input, inputs);
    double start = cf_clock_ms();
    enum cf_code code = cf_hook_call(profile, live->client, name, inputs, &output, err);
    if (code != CF_OK)
        cf_kept_drop(io, NULL);
    out->kind = CF_EXCHANGE_HOOK;
    out->duration_ms = cf_clock_ms() - start;
    out->hook = cf_strdup(name);
    store(live, &input, &out->request_body);
    store(live, &output, &out->response_body);
    if (code != CF_OK)
        store_message(live, code, out, err);
    cf_buf_release(&input);
    cf_buf_release(&output);
    return code;
}

static void live_free(struct cf_io *io)
{
    struct live *live = (struct live *)io;
    cf_kept_drop(io, NULL);
    cf_http_client_free(live->client);
    free(live);
}

static const struct cf_io_ops live_ops = {.send = live_send,
                                          .together = live_together,
                                          .begin = live_begin,
                                          .ended = live_ended,
                                          .end = live_end,
                                          .hook = live_hook,
                                          .now = live_now,
                                          .wait = live_wait,
                                          .free = live_free};

enum { OWN_FILES = 4 };

/* File names in the profile are relative to it. */
static void own_files(const struct cf_profile *profile, char *paths[OWN_FILES])
{
    const char *const names[OWN_FILES] = {profile->ca_file, profile->client_cert_file,
                                          profile->client_key_file, profile->unix_socket};
    for (size_t i = 0; i < OWN_FILES; i++) {
        if (names[i])
            paths[i] = cf_profile_resolve(profile, names[i]);
    }
}

/* The profile's own, for the requests too that do not go to an endpoint: hooks. */
static const char *user_agent(const struct cf_profile *profile)
{
    const cJSON *headers = profile->headers;
    for (const cJSON *h = headers ? headers->child : NULL; h; h = h->next) {
        if (strcasecmp(h->string, "User-Agent") == 0)
            return h->valuestring;
    }
    return NULL;
}

enum cf_code cf_io_live_new(struct cf_io **out, const struct cf_profile *profile,
                            const struct cf_redactor *redactor, double rate_interval_ms,
                            struct cf_err *err)
{
    struct live *live = cf_alloc(sizeof(*live));
    char *paths[OWN_FILES] = {NULL};
    live->io.ops = &live_ops;
    live->redactor = redactor;
    own_files(profile, paths);
    long timeout = profile->request_timeout_ms;
    struct cf_http_options options = {.request_timeout_ms = timeout,
                                      .connect_timeout_ms = timeout < 10000 ? timeout : 10000,
                                      .ca_file = paths[0],
                                      .client_cert_file = paths[1],
                                      .client_key_file = paths[2],
                                      .insecure = profile->insecure,
                                      .proxy = profile->proxy,
                                      .unix_socket = paths[3],
                                      .base_url = profile->base_url,
                                      .http2 = profile->http2,
                                      .user_agent = user_agent(profile),
                                      .min_interval_ms = rate_interval_ms,
                                      .redactor = live->redactor};
    enum cf_code code = cf_http_client_new(&live->client, &options, err);
    for (size_t i = 0; i < OWN_FILES; i++)
        free(paths[i]);
    if (code == CF_OK)
        *out = &live->io;
    else
        live_free(&live->io);
    return code;
}

unsigned long cf_io_request_count(const struct cf_io *io)
{
    return io && io->ops == &live_ops ? cf_http_request_count(((const struct live *)io)->client)
                                      : 0;
}

void cf_io_free(struct cf_io *io)
{
    if (io)
        io->ops->free(io);
}
