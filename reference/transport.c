#include "reference/transport.h"
#include "reference/answer.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL_BODY_BYTES = 1 << 20, LONG_HEADER_BYTES = 1024 };

static bool is_long(const char *header)
{
    return header && strlen(header) >= LONG_HEADER_BYTES;
}

bool cf_ref_wire_accepts(struct cf_ref_server *server, const struct cf_ref_request *request,
                         struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
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
