/*
 * Reading: GETs that are asked again until they tell something.
 *
 * An answer that tells nothing is never taken for one that tells: not for "idle", not for
 * "unchanged", not for "not listed". What a read has come to is in the transcript: each asking is
 * an exchange, and giving up is the end of a wait, so that judging again ends where it ended then.
 */
#include "harness/http/retry_after.h"
#include "harness/run/io.h"
#include "harness/run/kept.h"
#include "harness/run/sending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    PAUSE_FIRST_MAX_MS = 250,
    PAUSE_MAX_MS = 5000,
    DOUBT_PAUSE_MS = 100,
    DOUBT_MS = 1500, /* for an answer of a kind that was not met before */
    DOUBT_KNOWN_MS = 50,
    RETRY_AFTER_MAX_MS = 30000, /* what an answer may ask for */
    LONG_HELD_OFF_MS = 10000    /* where it asks for more: for how long it is not believed */
};

/* ---- what an answer tells ---- */

bool cf_run_from_gateway(const struct cf_exchange *exchange)
{
    return exchange->status == 502 || exchange->status == 503 || exchange->status == 504;
}

const char *cf_run_coding(const struct cf_exchange *exchange)
{
    const char *coding = cf_headers_get(&exchange->response_headers, "content-encoding");
    return coding && *coding && strcasecmp(coding, "identity") != 0 ? coding : NULL;
}

static bool begins_with_mark(const struct cf_body *body)
{
    return body->len >= 3 && memcmp(body->bytes, "\xEF\xBB\xBF", 3) == 0;
}

/* When something was last sent that may have changed what is read; before that the case began. */
static double changed_ms(const struct cf_case_run *run)
{
    double last_ms = 0;
    for (size_t i = 0; i < run->last_index; i++) {
        const struct cf_exchange *e = &run->record->exchanges[i];
        bool read = e->kind == CF_EXCHANGE_TIMEOUT || (e->method && strcmp(e->method, "GET") == 0);
        if (!read && e->at_ms + e->duration_ms > last_ms)
            last_ms = e->at_ms + e->duration_ms;
    }
    return last_ms;
}

/* Whether the answer is a cache's, and may be older than the last change (RFC 9111 section 5.1):
 * its Age is in whole seconds, of which the last one is cut. */
static bool is_stale(const struct cf_case_run *run)
{
    const struct cf_exchange *exchange = run->last.exchange;
    const char *age = cf_headers_get(&exchange->response_headers, "age");
    if (!age || *age < '0' || *age > '9' || exchange->reused)
        return false;
    double made_ms = exchange->at_ms - 1000 * (strtod(age, NULL) + 1);
    return made_ms < changed_ms(run);
}

/* For longer than anybody waits here. */
static bool is_held_off_for_long(const struct cf_exchange *exchange)
{
    return (exchange->status == 429 || exchange->status >= 500) &&
           cf_http_retry_after_ms(&exchange->response_headers) > RETRY_AFTER_MAX_MS;
}

enum telling {
    TELLS,
    DOUBTFUL, /* it may be another's word: a gateway's, a cache's */
    NOTHING
};

static bool shows(const struct cf_case_run *run, const struct cf_run_wanted *wanted)
{
    return run->last.exchange->status == 200 &&
           (!wanted->shows || wanted->shows(&run->last, wanted->context));
}

/* A text may have a mark of its own, and one of a gateway's before it: whether the last answer is
 * what the one before it with a mark was. marked: 1 + the exchange of that one, 0 for none; from
 * here on, of this one. */
static bool stays(const struct cf_case_run *run, size_t *marked)
{
    const struct cf_exchange *exchanges = run->record->exchanges;
    const struct cf_body *now = &run->last.exchange->response_body;
    const struct cf_body *before = *marked > 0 ? &exchanges[*marked - 1].response_body : NULL;
    *marked = run->last_index + 1;
    return before && before->len == now->len && memcmp(before->bytes, now->bytes, now->len) == 0;
}

/* A mark that stays is the text's own (marked: see stays()): a gateway's comes and goes. */
static enum telling tells(const struct cf_case_run *run, const struct cf_run_wanted *wanted,
                          size_t *marked, struct cf_err *err)
{
    const struct cf_exchange *exchange = run->last.exchange;
    const char *coding = cf_run_coding(exchange);
    bool json = wanted->body == CF_BODY_JSON || cf_answer_says_json(&run->last);
    if (is_held_off_for_long(exchange))
        cf_err_set(err, CF_EPROTO, "answered %d with a Retry-After of %.0f s", exchange->status,
                   cf_http_retry_after_ms(&exchange->response_headers) / 1000);
    else if (wanted->own_status > 0 && exchange->status == wanted->own_status)
        return DOUBTFUL;
    else if (exchange->status == 429 || exchange->status >= 500)
        cf_err_set(err, CF_EPROTO, "answered %d", exchange->status);
    else if (is_stale(run))
        cf_err_set(err, CF_EPROTO, "answered %d from a cache, by its Age before the last change",
                   exchange->status);
    else if (coding)
        cf_err_set(err, CF_EPROTO,
                   "answered %d, its body coded as \"%.40s\" although identity was asked for",
                   exchange->status, coding);
    else if (exchange->status == 200 && begins_with_mark(&exchange->response_body) &&
             (!stays(run, marked) || wanted->body != CF_BODY_MAY_BEGIN_WITH_MARK || json))
        cf_err_set(err, CF_EPROTO, "answered 200, its body begins with a byte order mark");
    else if (exchange->status != 200 || !json || run->last.json)
        return shows(run, wanted) ? TELLS : DOUBTFUL;
    else
        cf_err_set(err, CF_EPROTO, "answered 200, its body is not JSON: %s", run->last.json_error);
    return NOTHING;
}

/* ---- what is known of a URL ---- */

static unsigned long mark_of(const char *url)
{
    unsigned long mark = 5381;
    for (const char *c = url; *c; c++)
        mark = mark * 33 + (unsigned char)*c;
    return mark ? mark : 1;
}

static bool was_silent(const struct cf_io *io, const char *url)
{
    unsigned long mark = mark_of(url);
    return io->silent[mark % CF_IO_SILENT_MAX] == mark;
}

static void remember(struct cf_io *io, const char *url, bool silent)
{
    unsigned long mark = mark_of(url);
    unsigned long *place = &io->silent[mark % CF_IO_SILENT_MAX];
    if (silent)
        *place = mark;
    else if (*place == mark)
        *place = 0;
}

/* The mark of a doubtful answer, the last one, of a URL or of all those that end alike. */
static unsigned long doubt_of(const struct cf_case_run *run, const char *url)
{
    return mark_of(url) + (unsigned long)run->last.exchange->status;
}

static unsigned long *believed_of(struct cf_io *io, const char *url)
{
    return &io->believed[mark_of(url) % CF_IO_BELIEVED_MAX];
}

static unsigned long *known_of(struct cf_case_run *run, const char *url, unsigned long *out_mark)
{
    const char *end = strrchr(url, '/');
    *out_mark = doubt_of(run, end ? end : url);
    return &run->io->known[*out_mark % CF_IO_BELIEVED_MAX];
}

/* How long a doubtful answer has to stay: not at all where it is that URL's as before, and hardly
 * where such a one has turned out to be the IUT's way. */
static double doubt_ms(struct cf_case_run *run, const char *url)
{
    unsigned long mark;
    const unsigned long *known = known_of(run, url, &mark);
    if (*believed_of(run->io, url) == doubt_of(run, url))
        return 0;
    return *known == mark ? DOUBT_KNOWN_MS : DOUBT_MS;
}

static void believe(struct cf_case_run *run, const char *url)
{
    unsigned long mark;
    unsigned long *known = known_of(run, url, &mark);
    *known = mark;
    *believed_of(run->io, url) = doubt_of(run, url);
}

/* An answer without a doubt: the next one with a doubt is a change. */
static void trust(struct cf_io *io, const char *url)
{
    *believed_of(io, url) = 0;
}

/* ---- asking again ---- */

/* One read: what is asked, how often it was, and until when it is. */
struct asking {
    const char *purpose;
    const struct cf_http_request *request;
    const struct cf_run_wanted *wanted;
    struct cf_poll poll;
    struct cf_poll doubt; /* since the first doubtful answer; interval_ms 0: there was none */
    double pause_ms;
    bool held_off; /* for long: the deadline is nearer since */
    int times;
    size_t marked; /* 1 + the exchange of the last answer with a mark; 0: there was none */
};

/* Waiting is for those who may come back: not for a URL that was given up last time, and not where
 * nobody has ever answered, which is a wrong address rather than a bad moment. */
static void begin(struct cf_case_run *run, struct asking *asking)
{
    double interval_ms = (double)run->profile->poll_interval_ms;
    bool silent = was_silent(run->io, asking->request->url);
    asking->poll = cf_run_poll_begin(run, silent ? 0 : (double)run->profile->read_timeout_ms);
    asking->pause_ms = interval_ms < PAUSE_FIRST_MAX_MS ? interval_ms : PAUSE_FIRST_MAX_MS;
}

static bool again(struct cf_case_run *run, struct asking *asking, enum cf_code code)
{
    bool stranger = code == CF_ENET && !run->one && !run->io->answered;
    double asked_ms =
        code == CF_OK ? cf_http_retry_after_ms(&run->last.exchange->response_headers) : -1;
    if (code == CF_OK && is_held_off_for_long(run->last.exchange)) {
        struct cf_poll held_off = cf_run_poll_begin(run, LONG_HELD_OFF_MS);
        if (!asking->held_off && held_off.deadline_ms < asking->poll.deadline_ms)
            asking->poll.deadline_ms = held_off.deadline_ms;
        asking->held_off = true;
        asked_ms = -1;
    }
    asking->poll.interval_ms = asked_ms > asking->pause_ms ? asked_ms : asking->pause_ms;
    if (stranger)
        asking->poll = cf_run_poll_begin(run, 0);
    asking->pause_ms = asking->pause_ms * 2 < PAUSE_MAX_MS ? asking->pause_ms * 2 : PAUSE_MAX_MS;
    return cf_run_poll_again(run, &asking->poll, "a read that tells nothing is given up");
}

/* Whether the doubtful last answer is asked for again; else it has stayed, and is believed. */
static bool doubts(struct cf_case_run *run, struct asking *asking)
{
    const char *url = asking->request->url;
    double pause = asking->doubt.interval_ms * 2;
    if (pause <= 0) {
        asking->doubt = cf_run_poll_begin(run, doubt_ms(run, url));
        pause = DOUBT_PAUSE_MS;
    }
    asking->doubt.interval_ms = pause;
    if (cf_run_poll_again(run, &asking->doubt, "an answer that stays is believed"))
        return true;
    believe(run, url);
    return false;
}

/* CF_OK when answered with something; else what was wrong the last time. */
static enum cf_code ask(struct cf_case_run *run, struct asking *asking, struct cf_err *err)
{
    const char *url = asking->request->url;
    begin(run, asking);
    for (;;) {
        enum telling telling = NOTHING;
        enum cf_code code = cf_run_send_once(run, asking->purpose, asking->request, err);
        asking->times++;
        run->io->answered = run->io->answered || code == CF_OK;
        if (code == CF_EINPUT || code == CF_EIO || code == CF_ESTOPPED)
            return code;
        if (code == CF_OK)
            telling = tells(run, asking->wanted, &asking->marked, err);
        if (telling == TELLS)
            trust(run->io, url);
        if (telling == TELLS || (telling == DOUBTFUL && !doubts(run, asking))) {
            remember(run->io, url, false);
            return CF_OK;
        }
        if (telling == NOTHING && !again(run, asking, code)) {
            remember(run->io, url, true);
            return code == CF_OK ? CF_EPROTO : code;
        }
    }
}

/* ---- is anybody there ---- */

/* Another fixture than the one that was asked about: what ails that one is not the IUT's end. */
static const char *other_fixture(const struct cf_case_run *run)
{
    const struct cf_profile *profile = run->profile;
    for (size_t i = 0; i < profile->fixture_count; i++) {
        const struct cf_fixture *fixture = &profile->fixtures[i];
        if (fixture->kind->exclusive &&
            !(run->fixtures[0] && strcmp(fixture->id, run->fixtures[0]) == 0))
            return fixture->id;
    }
    return run->fixtures[0];
}

static bool is_answered(struct cf_case_run *run, double timeout_ms, struct cf_err *err)
{
    struct cf_http_request request;
    bool answered = false;
    cf_run_request_init(run, &request, "GET", run->engine->sign_of_life, other_fixture(run), true);
    struct cf_poll poll = cf_run_poll_begin(run, run->io->nobody ? 0 : timeout_ms);
    poll.interval_ms = PAUSE_FIRST_MAX_MS;
    do {
        enum cf_code code = cf_run_send_once(run, "is anybody there", &request, err);
        answered = code == CF_OK && !cf_run_from_gateway(run->last.exchange);
        if (code == CF_OK && !answered)
            cf_err_set(err, CF_EPROTO, "GET %s answered %d", request.url,
                       run->last.exchange->status);
    } while (!answered && cf_run_poll_again(run, &poll, "nobody is there"));
    run->io->nobody = !answered;
    cf_run_request_release(&request);
    return answered;
}

/* A whole deadline of its own: the other path's was that path's, and one 502 is any gateway's. */
bool cf_run_lives(struct cf_case_run *run)
{
    struct cf_err err = {0};
    double timeout_ms = (double)run->profile->read_timeout_ms;
    if (!run->one || !run->engine->sign_of_life || is_answered(run, timeout_ms, &err))
        return true;
    run->end |= CF_END_GONE;
    cf_run_inconclusive(run, CF_RUN_GONE ": %s", err.text);
    return false;
}

/* ---- reading ---- */

static void tell_how_often(const struct cf_case_run *run, const struct asking *asking, size_t first,
                           struct cf_err *err)
{
    const struct cf_exchange *from = &run->record->exchanges[first];
    const struct cf_exchange *to = &run->record->exchanges[run->last_index];
    char text[CF_ERR_TEXT_MAX];
    snprintf(text, sizeof(text), "%.1500s", err->text);
    if (asking->times > 1)
        cf_err_set(err, err->code, "GET %s: %s (%d times within %.1f s)", asking->request->url,
                   text, asking->times, (to->at_ms + to->duration_ms - from->at_ms) / 1000);
    else
        cf_err_prefix(err, "GET %s", asking->request->url);
}

enum cf_code cf_run_read(struct cf_case_run *run, const char *purpose,
                         const struct cf_http_request *request, const struct cf_run_wanted *wanted,
                         struct cf_err *err)
{
    struct asking asking = {.purpose = purpose, .request = request, .wanted = wanted};
    size_t first = run->record->exchange_count;
    for (; cf_run_take_kept(run, purpose, request); asking.times++) {
        if (tells(run, wanted, &asking.marked, err) == TELLS)
            return CF_OK;
    }
    enum cf_code code = ask(run, &asking, err);
    if (code == CF_OK || code == CF_EINPUT || code == CF_EIO || code == CF_ESTOPPED)
        return code;
    bool nobody = code != CF_EPROTO && code != CF_ELIMIT;
    bool gateway = code == CF_EPROTO && cf_run_from_gateway(run->last.exchange);
    tell_how_often(run, &asking, first, err);
    if (nobody || gateway)
        cf_run_lives(run);
    return code;
}

enum cf_code cf_run_get(struct cf_case_run *run, const char *purpose, const char *path,
                        const char *id, const struct cf_run_wanted *wanted, struct cf_err *err)
{
    struct cf_http_request request;
    cf_run_request_init(run, &request, "GET", path, id, true);
    enum cf_code code = cf_run_read(run, purpose, &request, wanted, err);
    cf_run_request_release(&request);
    return code;
}

bool cf_run_get_answered(struct cf_case_run *run, size_t index, const struct cf_run_wanted *wanted)
{
    struct cf_err unread = {0};
    size_t marked = 0;
    cf_run_look_at(run, index);
    return run->last.exchange->status != 0 && tells(run, wanted, &marked, &unread) == TELLS;
}
