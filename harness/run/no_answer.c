/* Whom to blame where a request that may change something has no answer, or a gateway's. */
#include "harness/run/run.h"

#include <stdio.h>

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

bool cf_run_may_be_anothers(const struct cf_exchange *exchange)
{
    int status = exchange->status;
    return cf_run_from_gateway(exchange) || cf_exchange_says_html(exchange) || status == 408 ||
           status == 421 || status == 425;
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
    else if (cf_run_may_be_anothers(exchange) && run->record->tries < CF_TRIES_MAX)
        cf_run_undecided(run, "%s was answered %d, which may be a gateway's word (%s)", who,
                         exchange->status, what);
    else
        return false;
    return true;
}
