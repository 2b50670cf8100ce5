/* Talking to the IUT on behalf of a case, keeping the transcript. */
#include "harness/base/mem.h"
#include "harness/case/fault.h"
#include "harness/http/retry_after.h"
#include "harness/http/url.h"
#include "harness/run/io.h"
#include "harness/run/kept.h"
#include "harness/run/sending.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAUSE_MS = 250, RETRY_AFTER_CAP_MS = 10000, RETRIES_MAX = 3 };

/* ---- time ---- */

static double now_ms(const struct cf_case_run *run)
{
    return run->io->ops->now(run->io);
}

/* Times are kept as they are written down, in whole microseconds, before anything is judged by
 * them: whoever judges again from the record has the very same numbers. */
static double microseconds(double ms)
{
    return round(ms * 1000) / 1000;
}

static void keep_times(struct cf_exchange *exchange)
{
    exchange->at_ms = microseconds(exchange->at_ms);
    exchange->duration_ms = microseconds(exchange->duration_ms);
}

/* ---- requests ---- */

static void build_url(struct cf_case_run *run, const char *path, const char *id, struct cf_buf *url)
{
    static const char mark[] = "{cvm_id}";
    const char *at = id ? strstr(path, mark) : NULL;
    cf_buf_puts(url, run->profile->base_url);
    for (; at; at = strstr(path, mark)) {
        cf_buf_append(url, path, (size_t)(at - path));
        cf_http_escape_segment(url, id);
        path = at + strlen(mark);
    }
    cf_buf_puts(url, path);
}

static void add_headers(const struct cf_profile *profile, bool auth, struct cf_headers *out)
{
    const cJSON *headers = profile->headers;
    for (const cJSON *h = headers ? headers->child : NULL; h; h = h->next)
        cf_headers_add(out, h->string, h->valuestring);
    if (auth)
        cf_headers_add(out, profile->auth_header, profile->auth.value);
}

void cf_run_request_init(struct cf_case_run *run, struct cf_http_request *out, const char *method,
                         const char *path, const char *id, bool auth)
{
    struct cf_buf url = {0};
    build_url(run, path, id, &url);
    *out = (struct cf_http_request){.method = method, .url = cf_buf_take(&url, NULL)};
    if (auth && run->usual.count == 0)
        add_headers(run->profile, true, &run->usual);
    if (auth)
        cf_headers_share(&out->headers, &run->usual);
    else
        add_headers(run->profile, false, &out->headers);
}

void cf_run_request_release(struct cf_http_request *request)
{
    union {
        const char *in;
        char *out;
    } url = {request->url}; /* made by cf_run_request_init() */
    free(url.out);
    cf_headers_release(&request->headers);
    *request = (struct cf_http_request){0};
}

/* ---- the last answer ---- */

static void parse_last(struct cf_case_run *run, const struct cf_exchange *exchange)
{
    const struct cf_body *body = &exchange->response_body;
    const struct cf_json_text *text =
        body->len > 0 ? cf_json_texts_read(run->texts, body->bytes, body->len) : NULL;
    cf_json_text_release(run->last_text);
    run->last_text = text;
    run->last = (struct cf_answer){.exchange = exchange,
                                   .json = text ? text->root : NULL,
                                   .json_error = text ? text->error : "no body"};
    run->last_index = (size_t)(exchange - run->record->exchanges);
}

void cf_run_look_at(struct cf_case_run *run, size_t index)
{
    parse_last(run, &run->record->exchanges[index]);
}

static struct cf_exchange *begin_exchange(struct cf_case_run *run, const char *purpose)
{
    struct cf_exchange *exchange = cf_case_record_add_exchange(run->record);
    exchange->step = run->step;
    exchange->purpose = cf_strdup(purpose);
    exchange->at_ms = microseconds(now_ms(run) - run->started_ms);
    /* The array may have moved under the last answer. */
    if (run->last.exchange)
        run->last.exchange = &run->record->exchanges[run->last_index];
    return exchange;
}

bool cf_run_held_off(const struct cf_exchange *exchange)
{
    return exchange->status == 429 ||
           (exchange->status == 503 &&
            cf_headers_get(&exchange->response_headers, "retry-after") != NULL);
}

bool cf_run_asks_again(const struct cf_exchange *exchange)
{
    return cf_run_held_off(exchange) ||
           (exchange->status == 503 && !cf_exchange_says_json(exchange));
}

/* How long to wait before the same is sent once more; -1: it is not. */
static double pause_ms(const struct cf_exchange *exchange, int times)
{
    if (!cf_run_asks_again(exchange))
        return -1;
    double ms = cf_http_retry_after_ms(&exchange->response_headers);
    if (ms < 0)
        return PAUSE_MS * times;
    return ms <= RETRY_AFTER_CAP_MS ? ms : -1;
}

enum cf_code cf_run_send_once(struct cf_case_run *run, const char *purpose,
                              const struct cf_http_request *request, struct cf_err *err)
{
    struct cf_exchange *exchange = begin_exchange(run, purpose);
    enum cf_code code = run->io->ops->send(run->io, request, exchange, err);
    exchange->error = code;
    keep_times(exchange);
    parse_last(run, exchange);
    return code;
}

bool cf_run_take_kept(struct cf_case_run *run, const char *purpose,
                      const struct cf_http_request *request)
{
    struct cf_exchange *exchange = cf_kept_take(run, request->url);
    if (!exchange)
        return false;
    exchange->step = run->step;
    exchange->purpose = cf_strdup(purpose);
    exchange->at_ms = microseconds(now_ms(run) - run->started_ms);
    parse_last(run, exchange);
    return true;
}

enum cf_code cf_run_send(struct cf_case_run *run, const char *purpose,
                         const struct cf_http_request *request, struct cf_err *err)
{
    for (int times = 1;; times++) {
        enum cf_code code = cf_run_send_once(run, purpose, request, err);
        double ms = code == CF_OK ? pause_ms(run->last.exchange, times) : -1;
        if (ms < 0 || times > RETRIES_MAX || !run->io->ops->wait(run->io, ms, INFINITY))
            return code;
    }
}

/* The answer to the exchange at index is there: put it into its place. */
static struct cf_exchange *complete(struct cf_case_run *run, size_t index,
                                    const struct cf_exchange *answered)
{
    struct cf_exchange *exchange = &run->record->exchanges[index];
    struct cf_exchange begun = *exchange;
    *exchange = *answered;
    exchange->step = begun.step;
    exchange->purpose = begun.purpose;
    exchange->at_ms = begun.at_ms;
    return exchange;
}

static enum cf_code send_and_look_once(struct cf_case_run *run, const char *purpose,
                                       const struct cf_http_request *request, cf_run_look_fn *look,
                                       void *context, struct cf_err *err)
{
    struct cf_io *io = run->io;
    struct cf_exchange answered = {0};
    size_t index = run->record->exchange_count;
    begin_exchange(run, purpose);
    io->open = true;
    enum cf_code code = io->ops->begin(io, request, &answered, err);
    if (code == CF_OK) {
        /* Close together at first: what is looked at may be over before one interval is. */
        double most_ms = (double)run->profile->poll_interval_ms / 2;
        for (double ms = most_ms / 8; !io->ops->ended(io, ms); ms = ms * 1.5) {
            ms = ms * 1.5 < most_ms ? ms : most_ms / 1.5;
            look(run, context);
        }
        code = io->ops->end(io, request, &answered, err);
        answered.meanwhile = (int)(run->record->exchange_count - index - 1);
    }
    io->open = false;
    struct cf_exchange *exchange = complete(run, index, &answered);
    exchange->error = code;
    keep_times(exchange);
    parse_last(run, exchange);
    return code;
}

enum cf_code cf_run_send_and_look(struct cf_case_run *run, const char *purpose,
                                  const struct cf_http_request *request, cf_run_look_fn *look,
                                  void *context, struct cf_err *err)
{
    for (int times = 1;; times++) {
        enum cf_code code = send_and_look_once(run, purpose, request, look, context, err);
        double ms = code == CF_OK ? pause_ms(run->last.exchange, times) : -1;
        if (ms < 0 || times > RETRIES_MAX || !run->io->ops->wait(run->io, ms, INFINITY))
            return code;
    }
}

enum cf_code cf_run_send_json(struct cf_case_run *run, const char *purpose, const char *endpoint,
                              const char *id, const char *json, struct cf_err *err)
{
    struct cf_http_request request;
    const struct cf_endpoint *e = cf_engine_endpoint(run->engine, endpoint);
    if (!e)
        return cf_err_set(err, CF_ENOTFOUND, "no endpoint is called \"%s\"", endpoint);
    cf_run_request_init(run, &request, e->method, e->path, id, true);
    cf_headers_add(&request.headers, "Content-Type", "application/json");
    request.body = json;
    request.body_len = strlen(json);
    enum cf_code code = cf_run_send(run, purpose, &request, err);
    cf_run_request_release(&request);
    return code;
}

/* The connections could not be opened: that, too, belongs into the transcript. */
static void keep_unsent(struct cf_case_run *run, double at_ms, const char *url, enum cf_code code,
                        const struct cf_err *err)
{
    struct cf_exchange *exchange = begin_exchange(run, CF_PURPOSE_CONNECT);
    exchange->at_ms = microseconds(at_ms);
    exchange->method = cf_strdup("GET");
    exchange->url = cf_strdup(url);
    exchange->message = cf_strdup(err->text);
    exchange->error = code;
}

static enum cf_code send_together(struct cf_case_run *run, const char *purpose,
                                  const char *warm_url, const struct cf_http_request *requests,
                                  size_t count, enum cf_code *codes, size_t *out_first,
                                  struct cf_err *err)
{
    enum cf_code *results = codes ? codes : cf_alloc_array(count, sizeof(*results));
    struct cf_exchange *outs = cf_alloc_array(count, sizeof(*outs));
    double at_ms = now_ms(run) - run->started_ms;
    enum cf_code code =
        run->io->ops->together(run->io, warm_url, requests, count, outs, results, err);
    if (code != CF_OK)
        keep_unsent(run, at_ms, requests[0].url, code, err);
    if (out_first)
        *out_first = run->record->exchange_count;
    for (size_t i = 0; i < count; i++) {
        if (code != CF_OK) {
            cf_exchange_release(&outs[i]);
            continue;
        }
        struct cf_exchange *exchange = cf_case_record_add_exchange(run->record);
        *exchange = outs[i];
        exchange->step = run->step;
        exchange->purpose = cf_strdup(purpose);
        exchange->at_ms += at_ms;
        exchange->error = results[i];
        keep_times(exchange);
    }
    run->last = (struct cf_answer){0};
    free(outs);
    if (!codes)
        free(results);
    return code;
}

enum cf_code cf_run_send_together(struct cf_case_run *run, const char *purpose,
                                  const struct cf_http_request *requests, size_t count,
                                  enum cf_code *codes, size_t *out_first, struct cf_err *err)
{
    return send_together(run, purpose, requests[0].url, requests, count, codes, out_first, err);
}

bool cf_run_get_together(struct cf_case_run *run, const char *purpose, const char *const *paths,
                         size_t count, const char *id, size_t *out_first, struct cf_err *err)
{
    if (run->io->open || run->io->reusing)
        return false;
    struct cf_http_request *requests = cf_alloc_array(count, sizeof(*requests));
    for (size_t i = 0; i < count; i++)
        cf_run_request_init(run, &requests[i], "GET", paths[i], id, true);
    enum cf_code code = send_together(run, purpose, NULL, requests, count, NULL, out_first, err);
    for (size_t i = 0; i < count; i++)
        cf_run_request_release(&requests[i]);
    free(requests);
    return code == CF_OK;
}

static bool begins_fault(const struct cf_case_run *run, const char *name)
{
    const struct cf_fault *fault = cf_fault_of_hook(run->engine->vocabulary, name);
    return fault && !run->fault && strcmp(name, fault->begin) == 0;
}

static void wait_at_fault(const struct cf_case_run *run, bool ended)
{
    if (run->io->at_fault)
        run->io->at_fault(run->io->owner, ended);
}

/* A hook that failed half way may have begun its fault. */
static void note_fault(struct cf_case_run *run, const char *name, enum cf_code code)
{
    const struct cf_fault *fault = cf_fault_of_hook(run->engine->vocabulary, name);
    if (fault && strcmp(name, fault->begin) == 0)
        run->fault = fault;
    else if (fault && code == CF_OK)
        run->fault = NULL;
}

static enum cf_code check_outputs(const struct cf_case_run *run, const char *name,
                                  const cJSON *outputs, struct cf_err *err)
{
    if (!cJSON_IsObject(outputs))
        return cf_err_set(err, CF_EPROTO, "its output is not a JSON object");
    return run->engine->check_hook ? run->engine->check_hook(name, outputs, err) : CF_OK;
}

enum cf_code cf_run_hook(struct cf_case_run *run, const char *name, const cJSON *inputs,
                         cJSON **out, struct cf_err *err)
{
    struct cf_json_doc doc;
    if (!cf_profile_hook(run->profile, name))
        return cf_err_set(err, CF_ENOTFOUND, "the profile has no hook \"%s\"", name);
    if (begins_fault(run, name))
        wait_at_fault(run, false);
    bool broken = run->fault != NULL;
    struct cf_exchange *exchange = begin_exchange(run, "hook");
    enum cf_code code = run->io->ops->hook(run->io, run->profile, name, inputs, exchange, err);
    exchange->error = code;
    keep_times(exchange);
    note_fault(run, name, code);
    if (broken && !run->fault)
        wait_at_fault(run, true);
    if (code == CF_OK)
        code = cf_json_parse(&doc, "the hook's output", exchange->response_body.bytes,
                             exchange->response_body.len, CF_JSON_UNIQUE_KEYS, err);
    if (code != CF_OK) {
        cf_err_prefix(err, "hook %s", name);
        return code;
    }
    *out = doc.root;
    doc.root = NULL;
    cf_json_release(&doc);
    code = check_outputs(run, name, *out, err);
    if (code == CF_OK)
        return CF_OK;
    cJSON_Delete(*out);
    *out = NULL;
    cf_err_prefix(err, "hook %s", name);
    return code;
}

static enum cf_code end_fault(struct cf_case_run *run, const struct cf_fault *fault,
                              struct cf_err *err)
{
    cJSON *nothing = cJSON_CreateObject();
    cJSON *outputs = NULL;
    enum cf_code code = cf_run_hook(run, fault->end, nothing, &outputs, err);
    cJSON_Delete(nothing);
    cJSON_Delete(outputs);
    return code;
}

void cf_run_mend(struct cf_case_run *run)
{
    struct cf_err err = {0};
    if (!run->fault || end_fault(run, run->fault, &err) == CF_OK)
        return;
    run->record->verdict = CF_ERROR;
    free(run->record->reason);
    run->record->reason = cf_strdup(err.text);
}

void cf_run_mend_all(struct cf_case_run *run)
{
    struct cf_err unread;
    const struct cf_fault *fault = run->engine->vocabulary->faults;
    for (; fault && fault->begin; fault++) {
        if (cf_profile_hook(run->profile, fault->end))
            end_fault(run, fault, &unread);
    }
}

/* ---- waiting ---- */

struct cf_poll cf_run_poll_begin(struct cf_case_run *run, double timeout_ms)
{
    double now = now_ms(run);
    return (struct cf_poll){.started_ms = now,
                            .deadline_ms = now + timeout_ms,
                            .interval_ms = (double)run->profile->poll_interval_ms};
}

static const char waiting[] = "wait";

bool cf_run_waits_here(struct cf_case_run *run)
{
    return !run->record->shares || !run->io->ops->did || run->io->ops->did(run->io, waiting);
}

bool cf_run_poll_again(struct cf_case_run *run, struct cf_poll *poll, const char *what)
{
    if (run->io->ops->wait(run->io, poll->interval_ms, poll->deadline_ms))
        return true;
    struct cf_exchange *exchange = begin_exchange(run, waiting);
    exchange->kind = CF_EXCHANGE_TIMEOUT;
    exchange->message = cf_strdup(what);
    return false;
}

/* Of the usual time: what is waited before the first look, and between two looks after it. */
static const double better_part = 0.95, piece = 0.05;
/* What was over at the first look may have been over long before it. */
static const double shorter = 0.8;
/* How fast what is known grows towards a longer wait: one short wait among long ones costs little,
 * one long among short ones nothing. */
static const double growth = 0.5;

bool cf_run_poll_slowly(struct cf_case_run *run, struct cf_poll *poll, const char *what)
{
    double least = (double)run->profile->poll_interval_ms;
    double usual = run->io->usual_ms;
    double waited = now_ms(run) - poll->started_ms;
    double pause = piece * (usual > 0 && usual < waited ? usual : waited);
    if (waited < better_part * usual)
        pause = better_part * usual - waited;
    poll->interval_ms = pause > least ? pause : least;
    if (!cf_run_poll_again(run, poll, what))
        return false;
    poll->pauses++;
    poll->waited_ms = now_ms(run) - poll->started_ms;
    return true;
}

/* Whether it is known, or said, that such waits take their time. */
static bool takes_long(const struct cf_case_run *run)
{
    const struct cf_profile *profile = run->profile;
    bool said = profile->operation_ms > 0 && profile->operation_ms >= profile->poll_interval_ms;
    return said || run->io->usual_ms > 2 * (double)profile->poll_interval_ms;
}

void cf_run_poll_since(const struct cf_case_run *run, struct cf_poll *poll, size_t exchange)
{
    const struct cf_exchange *began = &run->record->exchanges[exchange];
    poll->started_ms = run->started_ms + began->at_ms + began->duration_ms;
}

bool cf_run_poll_later(const struct cf_case_run *run, const struct cf_poll *poll)
{
    double least = fmax(better_part * run->io->usual_ms, (double)run->profile->poll_interval_ms);
    return takes_long(run) && now_ms(run) - poll->started_ms < least;
}

/* The rest is for what is to be done before the end. */
static const double late_part = 0.4;

double cf_run_usual_ms(const struct cf_case_run *run)
{
    return run->io->usual_ms > 0 ? run->io->usual_ms : (double)run->profile->operation_ms;
}

bool cf_run_pause_until_late(struct cf_case_run *run, size_t exchange, const char *purpose)
{
    if (run->io->ops->did)
        return run->io->ops->did(run->io, purpose);
    double usual_ms = cf_run_usual_ms(run);
    struct cf_poll pause = cf_run_poll_begin(run, INFINITY);
    double now = pause.started_ms;
    cf_run_poll_since(run, &pause, exchange);
    double ms = late_part * usual_ms - (now - pause.started_ms);
    return ms > 0 && run->io->ops->wait(run->io, ms, INFINITY);
}

/* The time that the last look took is not counted: behind a slow gateway it would be learnt as the
 * operation's, again and again. What was over before it was looked for tells nothing. */
void cf_run_poll_over(struct cf_case_run *run, const struct cf_poll *poll)
{
    double *usual = &run->io->usual_ms;
    if (poll->pauses == 0 && takes_long(run))
        return;
    if (poll->pauses <= 1)
        *usual = shorter * poll->waited_ms;
    else if (*usual <= 0 || poll->waited_ms < *usual)
        *usual = poll->waited_ms;
    else
        *usual += growth * (poll->waited_ms - *usual);
}

enum { LATE_PAUSE_MS = 100 };

struct cf_poll cf_run_poll_begin_late(struct cf_case_run *run)
{
    struct cf_poll poll = cf_run_poll_begin(run, run->io->late_ms);
    poll.interval_ms = LATE_PAUSE_MS;
    return poll;
}

void cf_run_poll_end_late(struct cf_case_run *run, const struct cf_poll *poll)
{
    double spent_ms = now_ms(run) - poll->started_ms;
    run->io->late_ms = run->io->late_ms > spent_ms ? run->io->late_ms - spent_ms : 0;
}
