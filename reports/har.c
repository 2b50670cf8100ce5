#include "reports/har.h"
#include "harness/base/base64.h"
#include "harness/base/clock.h"
#include "harness/base/json_put.h"
#include "harness/base/utf8.h"
#include "reports/report_file.h"

#include <math.h>
#include <string.h>

/* ---- time ---- */

static void put_started(struct cf_buf *out, const struct cf_case_record *record, double at_ms)
{
    double start_ms = 0;
    char text[CF_TIMESTAMP_BYTES] = "1970-01-01T00:00:00.000Z";
    if (cf_clock_parse(record->started_at, &start_ms))
        cf_clock_format(floor(start_ms + (isfinite(at_ms) ? at_ms : 0)), text);
    cf_json_put_text_member(out, "startedDateTime", text);
}

/* ---- parts ---- */

static void put_pair(struct cf_buf *out, const char *name, size_t name_len, const char *value,
                     size_t value_len)
{
    cf_json_put_comma(out);
    cf_buf_puts(out, "{\"name\":");
    cf_json_put_string(out, name, name_len);
    cf_buf_puts(out, ",\"value\":");
    cf_json_put_string(out, value, value_len);
    cf_buf_putc(out, '}');
}

static void put_headers(struct cf_buf *out, const struct cf_headers *headers)
{
    cf_buf_puts(out, ",\"cookies\":[],\"headers\":[");
    for (size_t i = 0; i < headers->count; i++)
        put_pair(out, headers->items[i].name, strlen(headers->items[i].name),
                 headers->items[i].value, strlen(headers->items[i].value));
    cf_buf_puts(out, "],\"headersSize\":-1");
}

/* As it was sent: nothing is percent-decoded. */
static void put_query(struct cf_buf *out, const char *url)
{
    const char *at = strchr(url, '?');
    cf_json_put_key(out, "queryString");
    cf_buf_putc(out, '[');
    while (at && at[1] != '\0') {
        const char *name = at + 1;
        size_t len = strcspn(name, "&#");
        const char *equals = memchr(name, '=', len);
        size_t name_len = equals ? (size_t)(equals - name) : len;
        put_pair(out, name, name_len, equals ? equals + 1 : "", equals ? len - name_len - 1 : 0);
        at = name[len] == '&' ? name + len : NULL;
    }
    cf_buf_putc(out, ']');
}

/* The members "text" and, for bytes that are not text, the one that says it is base64. */
static void put_bytes(struct cf_buf *out, const struct cf_body *body, const char *encoding_key)
{
    if (cf_utf8_valid(body->bytes, body->len)) {
        cf_json_put_key(out, "text");
        cf_json_put_string(out, body->bytes, body->len);
        return;
    }
    cf_json_put_text_member(out, encoding_key, "base64");
    cf_json_put_key(out, "text");
    cf_buf_putc(out, '"');
    cf_base64_encode(out, body->bytes, body->len);
    cf_buf_putc(out, '"');
}

static const char *mime_type(const struct cf_headers *headers)
{
    const char *type = cf_headers_get(headers, "Content-Type");
    return type ? type : "";
}

static void put_request(struct cf_buf *out, const struct cf_exchange *exchange)
{
    const char *url = exchange->url ? exchange->url : "";
    cf_json_put_key(out, "request");
    cf_buf_putc(out, '{');
    cf_json_put_text_member(out, "method", exchange->method ? exchange->method : "GET");
    cf_json_put_text_member(out, "url", url);
    cf_json_put_text_member(out, "httpVersion", "HTTP/1.1");
    put_headers(out, &exchange->request_headers);
    put_query(out, url);
    if (exchange->request_body.bytes) {
        cf_json_put_key(out, "postData");
        cf_buf_putc(out, '{');
        cf_json_put_text_member(out, "mimeType", mime_type(&exchange->request_headers));
        cf_json_put_key(out, "params");
        cf_buf_puts(out, "[]");
        put_bytes(out, &exchange->request_body, "_encoding");
        cf_buf_putc(out, '}');
    }
    cf_json_put_count_member(out, "bodySize", exchange->request_body.len);
    cf_buf_putc(out, '}');
}

static void put_response(struct cf_buf *out, const struct cf_exchange *exchange)
{
    const char *location = cf_headers_get(&exchange->response_headers, "Location");
    cf_json_put_key(out, "response");
    cf_buf_putc(out, '{');
    cf_json_put_int_member(out, "status", exchange->status);
    cf_json_put_text_member(out, "statusText", "");
    cf_json_put_text_member(out, "httpVersion", "HTTP/1.1");
    put_headers(out, &exchange->response_headers);
    cf_json_put_text_member(out, "redirectURL", location ? location : "");
    cf_json_put_key(out, "content");
    cf_buf_putc(out, '{');
    cf_json_put_count_member(out, "size", exchange->response_body.len);
    cf_json_put_text_member(out, "mimeType", mime_type(&exchange->response_headers));
    if (exchange->response_body.bytes)
        put_bytes(out, &exchange->response_body, "encoding");
    cf_buf_putc(out, '}');
    cf_json_put_count_member(out, "bodySize", exchange->response_body.len);
    if (exchange->message)
        cf_json_put_text_member(out, "_error", exchange->message);
    cf_buf_putc(out, '}');
}

/* An attempt of a case is a page, by which viewers put its exchanges together. */
static void put_page_id(struct cf_buf *out, const char *key, const char *id, int attempt)
{
    struct cf_buf page = {0};
    cf_buf_printf(&page, "%s#%d", id, attempt);
    cf_json_put_text_member(out, key, cf_buf_text(&page));
    cf_buf_release(&page);
}

static void put_entry(struct cf_buf *out, const struct cf_case_record *record,
                      const struct cf_exchange *exchange)
{
    cf_buf_putc(out, '{');
    put_page_id(out, "pageref", record->id, record->attempt);
    put_started(out, record, exchange->at_ms);
    cf_json_put_ms_member(out, "time", exchange->duration_ms);
    put_request(out, exchange);
    put_response(out, exchange);
    cf_json_put_key(out, "cache");
    cf_buf_puts(out, "{}");
    cf_json_put_key(out, "timings");
    cf_buf_puts(out, "{\"send\":0");
    cf_json_put_ms_member(out, "wait", exchange->duration_ms);
    cf_buf_puts(out, ",\"receive\":0}");
    cf_json_put_text_member(out, "_case", record->id);
    cf_json_put_int_member(out, "_attempt", record->attempt);
    cf_json_put_int_member(out, "_step", exchange->step);
    cf_json_put_text_member(out, "_purpose", exchange->purpose);
    cf_buf_putc(out, '}');
}

/* ---- the whole ---- */

static void put_head(const struct cf_report_source *source, struct cf_buf *out)
{
    const struct cf_run_info *info = source->info;
    struct cf_buf line = {0};
    cf_report_put_headline(&line, source);
    cf_buf_puts(out, "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":\"cvm-conformance\"");
    cf_json_put_text_member(out, "version", info->suite_version ? info->suite_version : "");
    cf_buf_putc(out, '}');
    cf_json_put_text_member(out, "comment", cf_buf_text(&line));
    cf_buf_release(&line);
}

static void put_pages(const struct cf_report_source *source, struct cf_report_file *file)
{
    cf_buf_puts(&file->out, ",\"pages\":[");
    for (size_t i = 0; i < source->record_count; i++) {
        const struct cf_results_entry *entry = cf_results_entry(source->results, source->order[i]);
        char started[CF_TIMESTAMP_BYTES];
        cf_clock_format(entry->started_ms, started);
        cf_buf_puts(&file->out, i ? ",\n{" : "\n{");
        cf_json_put_text_member(&file->out, "startedDateTime", started);
        put_page_id(&file->out, "id", entry->id, entry->attempt);
        cf_json_put_text_member(&file->out, "title", entry->id);
        cf_json_put_key(&file->out, "pageTimings");
        cf_buf_puts(&file->out, "{");
        cf_json_put_ms_member(&file->out, "onLoad", entry->duration_ms);
        cf_buf_puts(&file->out, "}}");
        cf_report_file_pump(file);
    }
    cf_buf_puts(&file->out, "],\"entries\":[");
}

static enum cf_code write_all(const struct cf_report_source *source, struct cf_report_file *file,
                              struct cf_err *err)
{
    bool first = true;
    put_head(source, &file->out);
    put_pages(source, file);
    for (size_t i = 0; i < source->record_count; i++) {
        struct cf_case_record record;
        enum cf_code code = cf_results_case(source->results, source->order[i], &record, err);
        if (code != CF_OK)
            return code;
        bool own = !record.shares; /* else the other case's record has them */
        for (size_t k = 0; own && k < record.exchange_count; k++) {
            if (record.exchanges[k].kind != CF_EXCHANGE_HTTP || record.exchanges[k].reused)
                continue;
            cf_buf_puts(&file->out, first ? "\n" : ",\n");
            put_entry(&file->out, &record, &record.exchanges[k]);
            first = false;
        }
        cf_case_record_release(&record);
        cf_report_file_pump(file);
    }
    cf_buf_puts(&file->out, "\n]}}\n");
    return CF_OK;
}

enum cf_code cf_report_har_write(const struct cf_report_source *source, const char *path,
                                 struct cf_err *err)
{
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    return cf_report_file_close(&file, write_all(source, &file, err), err);
}
