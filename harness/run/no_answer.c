/* Whom to blame where a request that may change something has no answer, or a gateway's. */
#include "harness/base/mem.h"
#include "harness/run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cf_run_no_answer(struct cf_case_run *run, enum cf_code code, const struct cf_err *err)
{
    bool unreadable = code == CF_EPROTO || code == CF_ELIMIT;
    if (code == CF_EINPUT || code == CF_EIO || code == CF_ESTOPPED)
        cf_run_error(run, "%s", err->text);
    else if (!cf_run_lives(run))
        return;
    else if (run->record->tries == CF_TRIES_MAX && code == CF_ECUT)
        cf_run_not_applicable(run, "%s, in every try, as the refusal of it may be", err->text);
    else if (run->record->tries < CF_TRIES_MAX || !(unreadable || code == CF_EDROPPED))
        cf_run_undecided(run, "%s", err->text);
    else
        cf_run_fail_text(run, NULL, "an HTTP answer", err->text,
                         unreadable ? "the answer cannot be read, in every try"
                                    : "there is no answer, in every try, while others get one");
}

/* Statuses of what stands in between, from its way to the IUT (520 to 530 are one vendor's) to its
 * own client (499): no server of the contract's has a use for one. */
static bool is_in_between(int status)
{
    static const int known[] = {407, 408, 421, 425, 499, 511};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (status == known[i])
            return true;
    }
    return status / 100 == 3 || (status >= 520 && status <= 530);
}

bool cf_run_may_be_anothers(const struct cf_exchange *exchange)
{
    return cf_run_from_gateway(exchange) || cf_exchange_says_html(exchange) ||
           is_in_between(exchange->status);
}

/* An unwanted answer in another form than JSON, which is what the contract speaks. A plain 500 is
 * what frameworks make of a handler that broke: the IUT's own. */
static bool is_out_of_form(const struct cf_exchange *exchange)
{
    return !cf_exchange_says_json(exchange) && exchange->status != 500;
}

/* Whether the same was sent right before it, and held off by an answer that does not tell whether
 * it had been taken all the same: then this one may be what comes of sending it twice. */
static bool was_sent_twice(const struct cf_case_run *run, const struct cf_exchange *exchange)
{
    if (exchange == run->record->exchanges)
        return false;
    const struct cf_exchange *before = exchange - 1;
    const struct cf_body *then = &before->request_body, *now = &exchange->request_body;
    return cf_run_asks_again(before) && strcmp(before->method, exchange->method) == 0 &&
           strcmp(before->url, exchange->url) == 0 && then->len == now->len &&
           (now->len == 0 || memcmp(then->bytes, now->bytes, now->len) == 0);
}

static void form_of(const struct cf_exchange *exchange, char out[CF_FORM_BYTES])
{
    const char *type = cf_headers_get(&exchange->response_headers, "content-type");
    size_t len = type ? strcspn(type, "; \t") : 0;
    (void)snprintf(out, CF_FORM_BYTES, "%d %.*s", exchange->status, len > 40 ? 40 : (int)len,
                   len > 0 ? type : "-");
}

static bool is_form_of_others(const struct cf_case_run *run, const struct cf_exchange *exchange)
{
    char form[CF_FORM_BYTES];
    form_of(exchange, form);
    for (size_t i = 0; i < run->record->form_count; i++) {
        if (strcmp(run->record->forms[i], form) == 0)
            return true;
    }
    return false;
}

bool cf_run_is_own(const struct cf_case_run *run)
{
    return run->last.json || run->record->tries >= CF_TRIES_MAX ||
           is_form_of_others(run, run->last.exchange);
}

bool cf_run_put_off_unreadable(struct cf_case_run *run, const char *who)
{
    const struct cf_exchange *exchange = run->last.exchange;
    char form[CF_FORM_BYTES];
    char what[500];
    if (run->last.json)
        return false;
    run->end |= CF_END_FORM;
    form_of(exchange, form);
    free(run->record->met_form);
    run->record->met_form = cf_strdup(form);
    if (cf_run_is_own(run))
        return false;
    cf_run_describe(exchange, what, sizeof(what));
    cf_run_undecided(run, "%s was answered %d without JSON, which may be a gateway's doing (%s)",
                     who, exchange->status, what);
    return true;
}

void cf_run_describe(const struct cf_exchange *exchange, char *out, size_t size)
{
    const char *type = cf_headers_get(&exchange->response_headers, "content-type");
    snprintf(out, size, "%s %.300s, %s%.60s", exchange->method, exchange->url,
             cf_exchange_says_html(exchange) ? "HTML: " : "", type ? type : "no Content-Type");
}

bool cf_run_put_off(struct cf_case_run *run, const struct cf_exchange *exchange, const char *who)
{
    char what[500];
    cf_run_describe(exchange, what, sizeof(what));
    if (cf_run_held_off(exchange))
        cf_run_undecided(run, "%s was still held off (status %d; %s); see --rate", who,
                         exchange->status, what);
    else if (run->record->tries >= CF_TRIES_MAX)
        return false;
    else if (cf_run_may_be_anothers(exchange) ||
             (is_out_of_form(exchange) && !is_form_of_others(run, exchange)))
        cf_run_undecided(run, "%s was answered %d, which may be a gateway's word (%s)", who,
                         exchange->status, what);
    else if (was_sent_twice(run, exchange))
        cf_run_undecided(run, "%s was answered %d the second time, held off the first (%s)", who,
                         exchange->status, what);
    else
        return false;
    return true;
}
