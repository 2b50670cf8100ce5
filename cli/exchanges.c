#include "cli/exchanges.h"
#include "harness/base/json.h"
#include "harness/record/record.h"
#include "reports/escape.h"

#include <string.h>

/* What a person still reads; the record has the rest. */
enum { BODY_MAX_BYTES = 16 << 10 };

static void put_foreign(struct cf_buf *out, const char *text)
{
    cf_report_escape_terminal(out, text, strlen(text), BODY_MAX_BYTES);
}

static void put_headers(struct cf_buf *out, char mark, const struct cf_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        cf_buf_printf(out, "%c ", mark);
        put_foreign(out, headers->items[i].name);
        cf_buf_puts(out, ": ");
        put_foreign(out, headers->items[i].value);
        cf_buf_putc(out, '\n');
    }
    cf_buf_printf(out, "%c\n", mark);
}

static void put_body(struct cf_buf *out, char mark, const struct cf_body *body)
{
    size_t shown = body->len < BODY_MAX_BYTES ? body->len : BODY_MAX_BYTES;
    for (size_t at = 0; at < shown;) {
        const char *end = memchr(body->bytes + at, '\n', shown - at);
        size_t len = end ? (size_t)(end - body->bytes) - at : shown - at;
        cf_buf_printf(out, "%c ", mark);
        cf_report_escape_terminal(out, body->bytes + at, len, 0);
        cf_buf_putc(out, '\n');
        at += len + 1;
    }
    if (shown < body->len)
        cf_buf_printf(out, "* and %zu bytes more\n", body->len - shown);
    if (body->left_out > 0)
        cf_buf_printf(out, "* a body of %zu bytes, not kept (see --keep-bodies)\n", body->left_out);
}

static void put_http(struct cf_buf *out, const struct cf_exchange *exchange)
{
    cf_buf_puts(out, "> ");
    put_foreign(out, exchange->method);
    cf_buf_putc(out, ' ');
    put_foreign(out, exchange->url);
    cf_buf_putc(out, '\n');
    put_headers(out, '>', &exchange->request_headers);
    put_body(out, '>', &exchange->request_body);
    if (exchange->status == 0)
        return;
    cf_buf_printf(out, "< %d\n", exchange->status);
    put_headers(out, '<', &exchange->response_headers);
    put_body(out, '<', &exchange->response_body);
}

static void put_exchange(struct cf_buf *out, const struct cf_exchange *exchange)
{
    cf_buf_puts(out, "* ");
    put_foreign(out, exchange->purpose);
    cf_buf_printf(out, ", %.1f ms%s\n", exchange->duration_ms,
                  exchange->reused ? ", read by the case before" : "");
    if (exchange->kind == CF_EXCHANGE_HTTP && exchange->method && exchange->url)
        put_http(out, exchange);
    if (exchange->message) {
        cf_buf_puts(out, "* ");
        put_foreign(out, exchange->message);
        cf_buf_putc(out, '\n');
    }
}

void cf_exchanges_put(struct cf_buf *out, const char *line, size_t len)
{
    struct cf_case_record record;
    if (!cf_case_record_parse(&record, line, len))
        return;
    for (size_t i = 0; i < record.exchange_count; i++)
        put_exchange(out, &record.exchanges[i]);
    cf_case_record_release(&record);
}
