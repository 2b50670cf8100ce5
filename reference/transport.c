#include "reference/transport.h"
#include "reference/answer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SMALL_BODY_BYTES = 1 << 20, LONG_HEADER_BYTES = 1024 };

static bool is_long(const char *header)
{
    return header && strlen(header) >= LONG_HEADER_BYTES;
}

/* ---- a gateway in front ---- */

enum { LIMITED_EVERY = 97, UNREACHED_EVERY = 61, RETRY_AFTER_SECONDS = 1 };

/* Retry-After as the two forms of RFC 9110 (10.2.3) have it. The date is a second further on: it
 * tells no fractions. */
static void say_when(struct cf_ref_answer *answer, bool as_date)
{
    time_t then = time(NULL) + RETRY_AFTER_SECONDS + 1;
    struct tm utc;
    if (as_date && gmtime_r(&then, &utc))
        strftime(answer->retry_after, sizeof(answer->retry_after), "%a, %d %b %Y %H:%M:%S GMT",
                 &utc);
    else
        snprintf(answer->retry_after, sizeof(answer->retry_after), "%d", RETRY_AFTER_SECONDS);
}

/* Now and then the gateway answers by itself, at the same requests in every run of one order: 429
 * to anything, 502 to what only reads. */
static bool gateway_answers(struct cf_ref_server *server, const struct cf_ref_request *request,
                            struct cf_ref_answer *answer)
{
    size_t number = ++server->requests_seen;
    if (number % LIMITED_EVERY == 0) {
        cf_ref_answer_sentence(answer, 429, "Too many requests");
        say_when(answer, number / LIMITED_EVERY % 2 == 0);
        return true;
    }
    if (number % UNREACHED_EVERY == 0 && strcmp(request->method, "GET") == 0) {
        cf_ref_answer_begin(answer, 502, "text/html");
        cf_buf_puts(&answer->body, "<html><h1>502 Bad Gateway</h1></html>\n");
        return true;
    }
    return false;
}

bool cf_ref_wire_accepts(struct cf_ref_server *server, const struct cf_ref_request *request,
                         struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    if (cf_ref_has(on, CF_REF_VAR_GATEWAY_IN_FRONT) && !request->resumed &&
        strncmp(request->target, "/api/", 5) == 0 && gateway_answers(server, request, answer))
        return false;
    bool long_header = is_long(request->compose_hash) || is_long(request->transaction_hash);
    if (long_header && cf_ref_has(on, CF_REF_DEV_ROBUSTNESS_LONG_HEADER_DROPPED)) {
        answer->drop = true;
        return false;
    }
    if (long_header && cf_ref_has(on, CF_REF_DEV_ROBUSTNESS_LONG_HEADER_500)) {
        cf_ref_answer_exception(answer);
        return false;
    }
    if (request->body_len > SMALL_BODY_BYTES && cf_ref_has(on, CF_REF_VAR_SMALL_BODIES)) {
        cf_ref_answer_sentence(answer, 413, "The body is too large");
        return false;
    }
    return true;
}

/* Put white space wherever JSON (RFC 8259, section 2) allows it. */
static void spread_out(struct cf_buf *body)
{
    struct cf_buf spread;
    bool in_string = false;
    cf_buf_init(&spread, body->max_bytes);
    for (size_t i = 0; i < body->len; i++) {
        char c = body->data[i];
        bool structural = !in_string && strchr("{}[]:,", c) && c != '\0';
        cf_buf_puts(&spread, structural ? "\r\n\t" : "");
        cf_buf_putc(&spread, c);
        cf_buf_puts(&spread, structural ? " " : "");
        if (in_string && c == '\\' && i + 1 < body->len)
            cf_buf_putc(&spread, body->data[++i]);
        in_string = c == '"' ? !in_string : in_string;
    }
    cf_buf_release(body);
    *body = spread;
}

/* The answers that the contract gives no body of its own. */
static bool is_bare_error(int status)
{
    return status >= 400 && status != 422 && (status < 465 || status > 468);
}

void cf_ref_wire_finish(struct cf_ref_server *server, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    bool json = answer->content_type && strcmp(answer->content_type, "application/json") == 0;
    if (is_bare_error(answer->status) && cf_ref_has(on, CF_REF_DEV_ROBUSTNESS_HTML_ERRORS)) {
        cf_buf_reset(&answer->body);
        cf_buf_puts(&answer->body, "<!DOCTYPE html>\n<title>Error</title>\n<h1>Error</h1>\n");
        answer->content_type = "text/html";
        return;
    }
    if (json && cf_ref_has(on, CF_REF_VAR_JSON_SPREAD_OUT))
        spread_out(&answer->body);
    if (json && cf_ref_has(on, CF_REF_VAR_JSON_CHARSET))
        answer->content_type = "application/json; charset=utf-8";
}
