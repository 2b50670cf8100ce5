/*
 * A transcript in the network's place.
 *
 * Time is the transcript's too: now() is the moment of the exchange that comes next. A deadline
 * that passed then is in the transcript as an exchange of its own, so waiting ends exactly where it
 * ended then. That exchange is passed over by whatever comes after it, because the engine asks for
 * its time once more, to write it down.
 */
#include "harness/base/mem.h"
#include "harness/run/io.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct replay {
    struct cf_io io;
    const struct cf_case_record *record;
    const struct cf_redactor *redactor;
    bool started;
    size_t next;
    size_t open;        /* the exchange that was begun and has no answer yet */
    bool deadline_told; /* the exchange at next is a deadline, and wait() has said so */
    size_t waited_at;   /* what was next when last waited, */
    int waits;          /* and how often in a row it was */
    bool differs;
    struct cf_err difference;
};

/* ---- differences ---- */

static void differ(struct replay *replay, const char *fmt, ...) CF_PRINTF(2, 3);
static void differ(struct replay *replay, const char *fmt, ...)
{
    char text[1500];
    va_list args;
    if (replay->differs)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    replay->differs = true;
    cf_err_set(&replay->difference, CF_ESTOPPED, "exchange %zu: %s", replay->next + 1, text);
}

static enum cf_code refuse(const struct replay *replay, struct cf_err *err)
{
    return cf_err_set(err, CF_ESTOPPED, "not as recorded: %s", replay->difference.text);
}

static void pass_deadline(struct replay *replay)
{
    replay->next += replay->deadline_told;
    replay->deadline_told = false;
}

static const char *kind_text(const struct cf_exchange *exchange)
{
    static const char *const texts[] = {"a request", "a hook call", "the end of a wait"};
    return texts[exchange->kind];
}

/* The exchange that has to be there now; NULL with a difference when it is not. */
static const struct cf_exchange *expect(struct replay *replay, enum cf_exchange_kind kind)
{
    const struct cf_exchange wanted = {.kind = kind};
    pass_deadline(replay);
    if (replay->differs)
        return NULL;
    if (replay->next >= replay->record->exchange_count) {
        differ(replay, "%s is made that the transcript does not have", kind_text(&wanted));
        return NULL;
    }
    const struct cf_exchange *next = &replay->record->exchanges[replay->next];
    if (next->kind != kind) {
        differ(replay, "%s is made, recorded is %s", kind_text(&wanted), kind_text(next));
        return NULL;
    }
    return next;
}

/* ---- comparing ---- */

static char *redacted(const struct replay *replay, const char *bytes, size_t len, size_t *out_len)
{
    struct cf_buf clean = {0};
    cf_redactor_apply(replay->redactor, bytes, len, &clean);
    return cf_buf_take(&clean, out_len);
}

/* name: of what, "" where there is one only. */
static void same_named_text(struct replay *replay, const char *what, const char *name,
                            const char *now, const char *recorded)
{
    size_t len;
    char *clean = redacted(replay, now, strlen(now), &len);
    if (!clean || strcmp(clean, recorded ? recorded : "") != 0)
        differ(replay, "%s%.150s: now \"%.300s\", recorded \"%.300s\"", what, name,
               clean ? clean : "", recorded ? recorded : "");
    free(clean);
}

static void same_text(struct replay *replay, const char *what, const char *now,
                      const char *recorded)
{
    same_named_text(replay, what, "", now, recorded);
}

static void same_body(struct replay *replay, const char *now, size_t len,
                      const struct cf_body *recorded)
{
    size_t clean_len = 0;
    size_t at = 0;
    char *clean = now ? redacted(replay, now, len, &clean_len) : NULL;
    size_t shorter = clean_len < recorded->len ? clean_len : recorded->len;
    if (!now != !recorded->bytes) {
        differ(replay, "a body is %s now, and was %s then", now ? "sent" : "not sent",
               recorded->bytes ? "sent" : "not sent");
    } else if (now) {
        while (clean && at < shorter && clean[at] == recorded->bytes[at])
            at++;
        if (!clean || at < shorter || clean_len != recorded->len)
            differ(replay, "the body sent is another one from byte %zu (%zu bytes, recorded %zu)",
                   at, clean_len, recorded->len);
    }
    free(clean);
}

/* The value of the index-th header of that name; NULL beyond the last. */
static const char *nth_value(const struct cf_headers *headers, const char *name, size_t index)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (strcmp(headers->items[i].name, name) == 0 && index-- == 0)
            return headers->items[i].value;
    }
    return NULL;
}

/* Headers of one name keep their order in a record; between names the order is lost. */
static void same_headers(struct replay *replay, const struct cf_headers *now,
                         const struct cf_headers *recorded)
{
    for (size_t i = 0; i < now->count; i++) {
        size_t index = 0;
        const struct cf_header *header = &now->items[i];
        for (size_t k = 0; k < i; k++)
            index += strcmp(now->items[k].name, header->name) == 0;
        const char *value = nth_value(recorded, header->name, index);
        const char *whole = cf_redactor_header(replay->redactor, header->name, header->value);
        if (value)
            same_named_text(replay, "header ", header->name, whole ? whole : header->value, value);
        else
            differ(replay, "header %.150s is sent that was not sent then", header->name);
    }
    if (now->count != recorded->count)
        differ(replay, "%zu headers are sent, recorded are %zu", now->count, recorded->count);
}

static void same_request(struct replay *replay, const struct cf_http_request *now,
                         const struct cf_exchange *recorded)
{
    same_text(replay, "method", now->method, recorded->method);
    same_text(replay, "url", now->url, recorded->url);
    same_headers(replay, &now->headers, &recorded->request_headers);
    same_body(replay, now->body, now->body_len, &recorded->request_body);
}

/* ---- giving back what came then ---- */

static struct cf_body copy_body(const struct cf_body *from)
{
    return (struct cf_body){.bytes = from->bytes ? cf_memdup(from->bytes, from->len) : NULL,
                            .len = from->len};
}

/* All but purpose and step, which are the engine's. */
static enum cf_code give_back(const struct cf_exchange *from, struct cf_exchange *out,
                              struct cf_err *err)
{
    out->kind = from->kind;
    out->at_ms = from->at_ms;
    out->duration_ms = from->duration_ms;
    out->status = from->status;
    out->reused = from->reused;
    out->method = cf_strdup(from->method);
    out->url = cf_strdup(from->url);
    out->hook = cf_strdup(from->hook);
    out->message = cf_strdup(from->message);
    out->peer = cf_strdup(from->peer);
    out->authority = cf_strdup(from->authority);
    cf_headers_share(&out->request_headers, &from->request_headers);
    cf_headers_share(&out->response_headers, &from->response_headers);
    out->request_body = copy_body(&from->request_body);
    out->response_body = copy_body(&from->response_body);
    return from->error == CF_OK
               ? CF_OK
               : cf_err_set(err, from->error, "%s", from->message ? from->message : "no answer");
}

static enum cf_code take(struct replay *replay, const struct cf_exchange *from,
                         struct cf_exchange *out, struct cf_err *err)
{
    if (replay->differs)
        return refuse(replay, err);
    replay->next++;
    return give_back(from, out, err);
}

/* ---- the world's doings ---- */

static enum cf_code replay_send(struct cf_io *io, const struct cf_http_request *request,
                                struct cf_exchange *out, struct cf_err *err)
{
    struct replay *replay = (struct replay *)io;
    const struct cf_exchange *recorded = expect(replay, CF_EXCHANGE_HTTP);
    if (!recorded)
        return refuse(replay, err);
    same_request(replay, request, recorded);
    return take(replay, recorded, out, err);
}

/* Then as now: nothing was sent, because there were no connections. */
static enum cf_code unsent(struct replay *replay, const char *warm_url,
                           const struct cf_exchange *recorded, struct cf_err *err)
{
    same_text(replay, "url", warm_url, recorded->url);
    if (replay->differs)
        return refuse(replay, err);
    replay->next++;
    return cf_err_set(err, recorded->error == CF_OK ? CF_ENET : recorded->error, "%s",
                      recorded->message ? recorded->message : "no connection");
}

static enum cf_code replay_together(struct cf_io *io, const char *warm_url,
                                    const struct cf_http_request *requests, size_t count,
                                    struct cf_exchange *outs, enum cf_code *codes,
                                    struct cf_err *err)
{
    struct replay *replay = (struct replay *)io;
    const struct cf_exchange *first = expect(replay, CF_EXCHANGE_HTTP);
    if (first && strcmp(first->purpose, CF_PURPOSE_CONNECT) == 0)
        return unsent(replay, warm_url ? warm_url : requests[0].url, first, err);
    for (size_t i = 0; i < count; i++) {
        const struct cf_exchange *recorded = expect(replay, CF_EXCHANGE_HTTP);
        if (recorded)
            same_request(replay, &requests[i], recorded);
        if (replay->differs)
            return refuse(replay, err);
        codes[i] = take(replay, recorded, &outs[i], NULL);
        outs[i].at_ms -= first->at_ms; /* counted from the call, as a live one does */
    }
    return CF_OK;
}

/* Its answer, or that there was none, is given back at its end. */
static enum cf_code replay_begin(struct cf_io *io, const struct cf_http_request *request,
                                 struct cf_exchange *out, struct cf_err *err)
{
    struct replay *replay = (struct replay *)io;
    const struct cf_exchange *recorded = expect(replay, CF_EXCHANGE_HTTP);
    (void)out;
    if (!recorded)
        return refuse(replay, err);
    same_request(replay, request, recorded);
    if (replay->differs)
        return refuse(replay, err);
    replay->open = replay->next++;
    return CF_OK;
}

/* More than anybody waits without an exchange in between, but for a deadline: that is recorded. */
#define WAITS_IN_A_ROW_MAX 100

/* Who only waits, for an end that the transcript does not have, would wait for ever. */
static bool waits_for_nothing(struct replay *replay)
{
    bool again = replay->waits > 0 && replay->waited_at == replay->next;
    replay->waited_at = replay->next;
    replay->waits = again ? replay->waits + 1 : 1;
    if (replay->waits > WAITS_IN_A_ROW_MAX)
        differ(replay, "an end is waited for that the transcript does not have");
    return replay->differs;
}

static bool replay_ended(struct cf_io *io, double ms)
{
    struct replay *replay = (struct replay *)io;
    (void)ms;
    pass_deadline(replay);
    size_t meanwhile = replay->next - replay->open - 1;
    return waits_for_nothing(replay) ||
           (int)meanwhile >= replay->record->exchanges[replay->open].meanwhile;
}

static enum cf_code replay_end(struct cf_io *io, const struct cf_http_request *request,
                               struct cf_exchange *out, struct cf_err *err)
{
    struct replay *replay = (struct replay *)io;
    (void)request;
    if (replay->differs)
        return refuse(replay, err);
    return give_back(&replay->record->exchanges[replay->open], out, err);
}

static enum cf_code replay_hook(struct cf_io *io, const struct cf_profile *profile,
                                const char *name, const cJSON *inputs, struct cf_exchange *out,
                                struct cf_err *err)
{
    struct replay *replay = (struct replay *)io;
    const struct cf_exchange *recorded = expect(replay, CF_EXCHANGE_HOOK);
    struct cf_buf input = {0};
    (void)profile;
    if (!recorded)
        return refuse(replay, err);
    cf_json_print(&input, inputs);
    same_text(replay, "hook", name, recorded->hook);
    same_body(replay, cf_buf_text(&input), input.len, &recorded->request_body);
    cf_buf_release(&input);
    return take(replay, recorded, out, err);
}

static bool replay_reuses(struct cf_io *io)
{
    const struct replay *replay = (const struct replay *)io;
    return replay->next < replay->record->exchange_count &&
           replay->record->exchanges[replay->next].reused;
}

static bool replay_did(struct cf_io *io, const char *purpose)
{
    const struct replay *replay = (const struct replay *)io;
    const struct cf_case_record *record = replay->record;
    const char *then =
        replay->next < record->exchange_count ? record->exchanges[replay->next].purpose : NULL;
    return then && strcmp(then, purpose) == 0;
}

static double replay_now(struct cf_io *io)
{
    struct replay *replay = (struct replay *)io;
    const struct cf_case_record *record = replay->record;
    /* The engine asks first of all when the case starts; recorded times are counted from there. */
    if (!replay->started) {
        replay->started = true;
        return 0;
    }
    if (replay->next < record->exchange_count) {
        double at_ms = record->exchanges[replay->next].at_ms;
        /* Who asks first after a wait that ended writes that down; the next comes later. */
        pass_deadline(replay);
        return at_ms;
    }
    if (record->exchange_count == 0)
        return 0;
    const struct cf_exchange *last = &record->exchanges[record->exchange_count - 1];
    return last->at_ms + last->duration_ms;
}

static bool replay_wait(struct cf_io *io, double ms, double deadline_ms)
{
    struct replay *replay = (struct replay *)io;
    (void)ms;
    pass_deadline(replay);
    const struct cf_case_record *record = replay->record;
    if (waits_for_nothing(replay))
        return false;
    replay->deadline_told = isfinite(deadline_ms) && replay->next < record->exchange_count &&
                            record->exchanges[replay->next].kind == CF_EXCHANGE_TIMEOUT;
    return !replay->deadline_told;
}

static void replay_free(struct cf_io *io)
{
    free(io);
}

static const struct cf_io_ops replay_ops = {.send = replay_send,
                                            .together = replay_together,
                                            .begin = replay_begin,
                                            .ended = replay_ended,
                                            .end = replay_end,
                                            .hook = replay_hook,
                                            .reuses = replay_reuses,
                                            .did = replay_did,
                                            .now = replay_now,
                                            .wait = replay_wait,
                                            .free = replay_free};

struct cf_io *cf_io_replay_new(const struct cf_redactor *redactor,
                               const struct cf_case_record *record)
{
    struct replay *replay = cf_alloc(sizeof(*replay));
    replay->io.ops = &replay_ops;
    replay->record = record;
    replay->redactor = redactor;
    return &replay->io;
}

bool cf_io_replay_differs(const struct cf_io *io)
{
    return ((const struct replay *)io)->differs;
}

const char *cf_io_replay_difference(struct cf_io *io)
{
    struct replay *replay = (struct replay *)io;
    pass_deadline(replay);
    if (!replay->differs && replay->next < replay->record->exchange_count)
        differ(replay, "%s is recorded that is not made (%s)",
               kind_text(&replay->record->exchanges[replay->next]),
               replay->record->exchanges[replay->next].purpose);
    return replay->differs ? replay->difference.text : NULL;
}
