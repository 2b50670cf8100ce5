/*
 * Looking at a server that nothing is known of yet: GETs, and nothing else.
 *
 * What a gateway says for itself (429, 502, 503, 504, a connection dropped) says nothing of what is
 * behind it, so such a GET is sent again a few times. Every look has the limits of
 * harness/http/client.h; all of them together have LOOK_LIMIT_MS, after which no more is asked.
 */
#ifndef CF_CLI_INIT_LOOK_H
#define CF_CLI_INIT_LOOK_H

#include "harness/base/json.h"
#include "harness/http/client.h"

struct cf_look {
    struct cf_http_client *client;
    struct cf_redactor *redactor;
    const char *base_url;    /* borrowed; without a trailing slash */
    const char *auth_header; /* borrowed */
    const char *key;         /* borrowed. SECRET */
    double ends_at_ms;       /* on the clock of cf_clock_ms() */
    unsigned asked;          /* requests sent */
};

/* An answer. status 0: there was none. */
struct cf_look_answer {
    int status;
    bool says_json;         /* its Content-Type does */
    struct cf_json_doc doc; /* root NULL: the body is not JSON */
    char *text;             /* the body; "" without one */
    char why[512];          /* what was asked and what came: "GET URL answered 404" */
};

/* placeholder: what stands for the key in all that is shown. Errors: those of
 * cf_http_client_new(). look is released by cf_look_release() also after a failure. */
CF_MUST_CHECK enum cf_code cf_look_init(struct cf_look *look, const char *placeholder,
                                        const char *ca_file, struct cf_err *err);
void cf_look_release(struct cf_look *look);

/* GET base URL + path, with X-Phala-Version where version is not NULL. The caller releases out. */
void cf_look_get(struct cf_look *look, const char *path, const char *version,
                 struct cf_look_answer *out);
void cf_look_answer_release(struct cf_look_answer *answer);

#endif
