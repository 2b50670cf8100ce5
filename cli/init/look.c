#include "cli/init/look.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LOOK_LIMIT_MS = 300000, TRIES = 5, PAUSE_MS = 250, LONGEST_PAUSE_MS = 10000 };

enum cf_code cf_look_init(struct cf_look *look, const char *placeholder, const char *ca_file,
                          struct cf_err *err)
{
    look->ends_at_ms = cf_clock_ms() + LOOK_LIMIT_MS;
    look->redactor = cf_redactor_new();
    enum cf_code code =
        cf_redactor_add(look->redactor, look->key, strlen(look->key), placeholder, err);
    if (code == CF_OK)
        code = cf_http_global_init(err);
    if (code != CF_OK)
        return code;
    const struct cf_http_options options = {.ca_file = ca_file, .redactor = look->redactor};
    return cf_http_client_new(&look->client, &options, err);
}

void cf_look_release(struct cf_look *look)
{
    cf_http_client_free(look->client);
    cf_redactor_free(look->redactor);
    *look = (struct cf_look){0};
}

void cf_look_answer_release(struct cf_look_answer *answer)
{
    cf_json_release(&answer->doc);
    free(answer->text);
    *answer = (struct cf_look_answer){0};
}

/* ---- one request ---- */

static bool is_json_type(const char *type)
{
    return type && (strncasecmp(type, "application/json", 16) == 0 || strstr(type, "+json"));
}

static void keep(struct cf_look_answer *out, const struct cf_exchange *exchange)
{
    const struct cf_body *body = &exchange->response_body;
    out->status = exchange->status;
    out->says_json = is_json_type(cf_headers_get(&exchange->response_headers, "Content-Type"));
    out->text = body->bytes ? cf_memdup(body->bytes, body->len) : cf_strdup("");
    if (!body->bytes ||
        cf_json_parse(&out->doc, "the answer", body->bytes, body->len, 0, NULL) != CF_OK)
        out->doc = (struct cf_json_doc){0};
}

/* How long a gateway wants us to wait; a date is not worth reading for that. */
static double pause_ms(const struct cf_exchange *exchange, int tries)
{
    const char *after = cf_headers_get(&exchange->response_headers, "Retry-After");
    double asked_ms = after ? strtod(after, NULL) * 1000 : 0;
    double own_ms = PAUSE_MS << tries;
    if (!(asked_ms > own_ms))
        return own_ms;
    return asked_ms < LONGEST_PAUSE_MS ? asked_ms : LONGEST_PAUSE_MS;
}

/* A connection that cannot be made is tried once more, in case it was the moment. */
static bool is_of_a_gateway(enum cf_code code, int status, int tries)
{
    return (code == CF_ENET && tries == 0) || status == 429 || (status >= 502 && status <= 504);
}

/* Send once. Returns whether it is worth another try, after out_pause_ms. */
static bool ask_once(struct cf_look *look, const struct cf_http_request *request, int tries,
                     struct cf_look_answer *out, double *out_pause_ms)
{
    struct cf_exchange exchange = {0};
    struct cf_err err = {0};
    enum cf_code code = cf_http_send(look->client, request, &exchange, &err);
    look->asked++;
    cf_look_answer_release(out);
    keep(out, &exchange);
    if (exchange.status > 0)
        snprintf(out->why, sizeof(out->why), "GET %.300s answered %d", request->url,
                 exchange.status);
    else
        snprintf(out->why, sizeof(out->why), "GET %.200s: %.280s", request->url, err.text);
    *out_pause_ms = pause_ms(&exchange, tries);
    cf_exchange_release(&exchange);
    return is_of_a_gateway(code, out->status, tries);
}

void cf_look_get(struct cf_look *look, const char *path, const char *version,
                 struct cf_look_answer *out)
{
    struct cf_buf url = {0};
    double wait_ms = 0;
    *out = (struct cf_look_answer){0};
    cf_buf_printf(&url, "%s%s", look->base_url, path);
    struct cf_http_request request = {.method = "GET", .url = cf_buf_text(&url)};
    cf_headers_add(&request.headers, look->auth_header, look->key);
    if (version)
        cf_headers_add(&request.headers, "X-Phala-Version", version);
    for (int tries = 0; tries < TRIES; tries++) {
        if (cf_clock_ms() + wait_ms > look->ends_at_ms) {
            cf_look_answer_release(out);
            snprintf(out->why, sizeof(out->why), "GET %.300s: not asked, %d s are over",
                     request.url, LOOK_LIMIT_MS / 1000);
            break;
        }
        cf_clock_pause(wait_ms);
        if (!ask_once(look, &request, tries, out, &wait_ms))
            break;
    }
    if (!out->text)
        out->text = cf_strdup("");
    cf_headers_release(&request.headers);
    cf_buf_release(&url);
}
