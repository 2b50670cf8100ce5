/* An answer made in a test, for judges. */
#ifndef CF_TESTS_UNIT_MADE_ANSWER_H
#define CF_TESTS_UNIT_MADE_ANSWER_H

#include "harness/match/expect.h"
#include "tests/unit/unit.h"

struct made_answer {
    struct cf_exchange exchange;
    struct cf_json_doc doc;
    struct cf_err err;
    struct cf_answer answer;
};

/* type and body may be NULL. */
static inline void answer_make(struct made_answer *out, int status, const char *type,
                               const char *body)
{
    *out = (struct made_answer){0};
    out->exchange.status = status;
    if (type)
        cf_headers_add(&out->exchange.response_headers, "Content-Type", type);
    out->answer.exchange = &out->exchange;
    out->exchange.response_body.bytes = body ? strdup(body) : NULL;
    out->exchange.response_body.len = body ? strlen(body) : 0;
    if (body && cf_json_parse(&out->doc, "body", body, strlen(body), 0, &out->err) == CF_OK)
        out->answer.json = out->doc.root;
    else
        out->answer.json_error = body ? out->err.text : NULL;
}

static inline void answer_release(struct made_answer *made)
{
    cf_json_release(&made->doc);
    cf_exchange_release(&made->exchange);
}

#endif
