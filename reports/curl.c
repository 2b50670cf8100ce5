#include "reports/curl.h"
#include "harness/base/utf8.h"
#include "reports/escape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Linux takes 128 KiB an argument; escapes may quadruple a byte. */
enum { ARGUMENT_MAX_BYTES = 30000 };

/* ---- words with secrets ---- */

/* Length of a "$NAME" at the start of text, 0 without one. */
static size_t marker(const char *text)
{
    if (text[0] != '$' || !(text[1] == '_' || (text[1] >= 'A' && text[1] <= 'Z')))
        return 0;
    return 1 + strspn(text + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

static const char *next_marker(const char *text)
{
    const char *at = strchr(text, '$');
    while (at && marker(at) == 0)
        at = strchr(at + 1, '$');
    return at;
}

/* Whether text means itself between double quotes. */
static bool plain_in_double_quotes(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t step = cf_utf8_next(text + i, len - i, &c);
        if (step == 0 || cf_report_escape_is_awkward(c) || (c < 0x80 && strchr("\"\\`!$", (int)c)))
            return false;
        i += step;
    }
    return true;
}

static bool all_plain(const char *text)
{
    for (const char *at = next_marker(text); at; at = next_marker(text)) {
        if (!plain_in_double_quotes(text, (size_t)(at - text)))
            return false;
        text = at + marker(at);
    }
    return plain_in_double_quotes(text, strlen(text));
}

/* One shell word; its markers are left for the shell to expand. */
static void put_word(struct cf_buf *out, const char *text)
{
    const char *at = next_marker(text);
    if (!at) {
        cf_report_escape_shell(out, text, strlen(text));
        return;
    }
    if (all_plain(text)) {
        cf_buf_printf(out, "\"%s\"", text);
        return;
    }
    for (; at; at = next_marker(text)) {
        if (at > text)
            cf_report_escape_shell(out, text, (size_t)(at - text));
        cf_buf_printf(out, "\"%.*s\"", (int)marker(at), at);
        text = at + marker(at);
    }
    if (*text != '\0')
        cf_report_escape_shell(out, text, strlen(text));
}

/* ---- headers ---- */

/* What curl works out again by itself, from the body and the URL. */
static bool implied(const struct cf_exchange *exchange, const struct cf_header *header)
{
    if (strcasecmp(header->name, "Content-Length") == 0)
        return strtoull(header->value, NULL, 10) == exchange->request_body.len;
    if (strcasecmp(header->name, "Host") != 0 || !exchange->url)
        return false;
    const char *authority = strstr(exchange->url, "://");
    size_t len = strlen(header->value);
    return authority && strncmp(authority + 3, header->value, len) == 0 &&
           (authority[3 + len] == '/' || authority[3 + len] == '\0');
}

static void put_header(struct cf_buf *out, const struct cf_header *header)
{
    struct cf_buf line = {0};
    cf_buf_puts(&line, header->name);
    /* "Name;" is how curl is asked for a header without a value. */
    cf_buf_puts(&line, *header->value == '\0' ? ";" : ": ");
    cf_buf_puts(&line, header->value);
    cf_buf_puts(out, " -H ");
    put_word(out, cf_buf_text(&line));
    cf_buf_release(&line);
}

static void put_headers(struct cf_buf *out, const struct cf_exchange *exchange)
{
    for (size_t i = 0; i < exchange->request_headers.count; i++) {
        if (!implied(exchange, &exchange->request_headers.items[i]))
            put_header(out, &exchange->request_headers.items[i]);
    }
    /* curl adds a form's type to every body unless told not to. */
    if (exchange->request_body.bytes && !cf_headers_get(&exchange->request_headers, "Content-Type"))
        cf_buf_puts(out, " -H 'Content-Type:'");
}

/* ---- body ---- */

static bool needs_pipe(const struct cf_body *body)
{
    return body->bytes && (body->len > ARGUMENT_MAX_BYTES || memchr(body->bytes, '\0', body->len));
}

/* printf '...' in the words of POSIX: three-digit octal escapes. */
static void put_printf(struct cf_buf *out, const struct cf_body *body)
{
    cf_buf_puts(out, "printf '");
    for (size_t i = 0; i < body->len; i++) {
        unsigned char c = (unsigned char)body->bytes[i];
        if (c == '%')
            cf_buf_puts(out, "%%");
        else if (c == '\\')
            cf_buf_puts(out, "\\\\");
        else if (c < 0x20 || c >= 0x7f || c == '\'' || (i == 0 && c == '-'))
            cf_buf_printf(out, "\\%03o", (unsigned)c);
        else
            cf_buf_putc(out, (char)c);
    }
    cf_buf_puts(out, "' | ");
}

static void put_body(struct cf_buf *out, const struct cf_body *body)
{
    if (needs_pipe(body)) {
        cf_buf_puts(out, " --data-binary @-");
        return;
    }
    /* --data-binary would take a leading @ for a file's name. */
    cf_buf_puts(out, body->len > 0 && body->bytes[0] == '@' ? " --data-raw " : " --data-binary ");
    cf_report_escape_shell(out, body->bytes, body->len);
}

/* ---- the command ---- */

static void put_method(struct cf_buf *out, const struct cf_exchange *exchange)
{
    const char *method = exchange->method ? exchange->method : "GET";
    if (strcmp(method, "HEAD") == 0) {
        cf_buf_puts(out, " -I");
    } else if (strcmp(method, "GET") != 0 || exchange->request_body.bytes) {
        cf_buf_puts(out, " -X ");
        cf_report_escape_shell(out, method, strlen(method));
    }
}

static void put_url(struct cf_buf *out, const char *url)
{
    if (strstr(url, "/."))
        cf_buf_puts(out, " --path-as-is");
    if (strpbrk(url, "[]{}"))
        cf_buf_puts(out, " -g");
    cf_buf_putc(out, ' ');
    put_word(out, url);
}

void cf_report_curl(struct cf_buf *out, const struct cf_exchange *exchange, size_t body_max_bytes)
{
    const struct cf_body *body = &exchange->request_body;
    if (exchange->kind != CF_EXCHANGE_HTTP || !exchange->url)
        return;
    bool named = body->bytes && body_max_bytes > 0 && body->len > body_max_bytes;
    if (!named && needs_pipe(body))
        put_printf(out, body);
    cf_buf_puts(out, "curl -sSi");
    put_method(out, exchange);
    put_url(out, exchange->url);
    put_headers(out, exchange);
    if (named)
        cf_buf_printf(out, " --data-binary @BODY # BODY: the request's %zu bytes, in results.json",
                      body->len);
    else if (body->bytes)
        put_body(out, body);
}
