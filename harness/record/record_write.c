/* A run record to one line of JSON. */
#include "harness/base/base64.h"
#include "harness/base/json_put.h"
#include "harness/base/utf8.h"
#include "harness/record/record.h"

#include <string.h>

/* An observation stands two levels deep in results.json; this leaves the reader's limit room. */
enum { OBSERVATION_DEPTH_MAX = CF_JSON_DEPTH_MAX / 2 };

static void put_header_value(struct cf_buf *out, const char *value)
{
    if (cf_utf8_valid(value, strlen(value))) {
        cf_json_put_text(out, value);
        return;
    }
    cf_buf_puts(out, "{\"base64\":\"");
    cf_base64_encode(out, value, strlen(value));
    cf_buf_puts(out, "\"}");
}

static size_t count_same_name(const struct cf_headers *headers, size_t from)
{
    size_t count = 0;
    for (size_t i = from; i < headers->count; i++)
        count += strcmp(headers->items[i].name, headers->items[from].name) == 0;
    return count;
}

static bool written_before(const struct cf_headers *headers, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(headers->items[i].name, headers->items[at].name) == 0)
            return true;
    }
    return false;
}

/* A name that occurs once gets its value, one that occurs more often the array of its values. */
static void put_header(struct cf_buf *out, const struct cf_headers *headers, size_t at)
{
    const char *name = headers->items[at].name;
    cf_json_put_comma(out);
    cf_json_put_text(out, name);
    cf_buf_putc(out, ':');
    if (count_same_name(headers, at) == 1) {
        put_header_value(out, headers->items[at].value);
        return;
    }
    cf_buf_putc(out, '[');
    for (size_t i = at; i < headers->count; i++) {
        if (strcmp(headers->items[i].name, name) != 0)
            continue;
        cf_json_put_comma(out);
        put_header_value(out, headers->items[i].value);
    }
    cf_buf_putc(out, ']');
}

static void put_headers(struct cf_buf *out, const struct cf_headers *headers)
{
    cf_json_put_key(out, "headers");
    cf_buf_putc(out, '{');
    for (size_t i = 0; i < headers->count; i++) {
        if (!written_before(headers, i))
            put_header(out, headers, i);
    }
    cf_buf_putc(out, '}');
}

void cf_body_write(struct cf_buf *out, const struct cf_body *body)
{
    bool text = body->bytes && cf_utf8_valid(body->bytes, body->len) &&
                !memchr(body->bytes, '\0', body->len);
    cf_json_put_key(out, "body");
    if (text)
        cf_json_put_string(out, body->bytes, body->len);
    else
        cf_buf_puts(out, "null");
    if (body->sha256) {
        cf_json_put_text_member(out, "body_sha256", body->sha256);
        cf_json_put_count_member(out, "body_bytes", body->left_out);
    }
    if (text || !body->bytes)
        return;
    cf_json_put_key(out, "body_base64");
    cf_buf_putc(out, '"');
    cf_base64_encode(out, body->bytes, body->len);
    cf_buf_putc(out, '"');
}

static void put_request(struct cf_buf *out, const struct cf_exchange *exchange)
{
    cf_json_put_key(out, "request");
    cf_buf_putc(out, '{');
    if (exchange->hook)
        cf_json_put_text_member(out, "hook", exchange->hook);
    if (exchange->method)
        cf_json_put_text_member(out, "method", exchange->method);
    if (exchange->url)
        cf_json_put_text_member(out, "url", exchange->url);
    put_headers(out, &exchange->request_headers);
    cf_body_write(out, &exchange->request_body);
    cf_buf_putc(out, '}');
}

static void put_response(struct cf_buf *out, const struct cf_exchange *exchange)
{
    cf_json_put_key(out, "response");
    if (exchange->status == 0 && exchange->response_headers.count == 0 &&
        !exchange->response_body.bytes) {
        cf_buf_puts(out, "null");
        return;
    }
    cf_buf_putc(out, '{');
    cf_json_put_int_member(out, "status", exchange->status);
    put_headers(out, &exchange->response_headers);
    cf_body_write(out, &exchange->response_body);
    cf_json_put_ms_member(out, "duration_ms", exchange->duration_ms);
    cf_buf_putc(out, '}');
}

/* Who answered is written where it changes. */
struct told {
    const char *peer, *authority;
};

static void put_changed(struct cf_buf *out, const char *key, const char *now, const char **told)
{
    if (!now || (*told && strcmp(*told, now) == 0))
        return;
    cf_json_put_text_member(out, key, now);
    *told = now;
}

static void put_exchange(struct cf_buf *out, const struct cf_exchange *exchange, struct told *told)
{
    cf_json_put_comma(out);
    cf_buf_putc(out, '{');
    cf_json_put_text_member(out, "kind", cf_exchange_kind_name(exchange->kind));
    cf_json_put_int_member(out, "step", exchange->step);
    cf_json_put_text_member(out, "purpose", exchange->purpose ? exchange->purpose : "");
    cf_json_put_ms_member(out, "at_ms", exchange->at_ms);
    cf_json_put_ms_member(out, "duration_ms", exchange->duration_ms);
    put_request(out, exchange);
    put_response(out, exchange);
    if (exchange->message)
        cf_json_put_text_member(out, "message", exchange->message);
    if (exchange->error != CF_OK)
        cf_json_put_text_member(out, "error", cf_code_name(exchange->error));
    if (exchange->reused)
        cf_json_put_bool_member(out, "reused", true);
    if (exchange->meanwhile > 0)
        cf_json_put_int_member(out, "meanwhile", exchange->meanwhile);
    put_changed(out, "peer", exchange->peer, &told->peer);
    put_changed(out, "authority", exchange->authority, &told->authority);
    cf_buf_putc(out, '}');
}

static void put_failure(struct cf_buf *out, const struct cf_failure *failure)
{
    cf_json_put_comma(out);
    cf_buf_putc(out, '{');
    cf_json_put_int_member(out, "step", failure->step);
    cf_json_put_text_member(out, "file", failure->file);
    cf_json_put_int_member(out, "line", failure->line);
    cf_json_put_text_member(out, "source", failure->source);
    if (failure->requirement)
        cf_json_put_text_member(out, "requirement", failure->requirement);
    cf_json_put_text_member(out, "place", failure->case_pointer);
    cf_json_put_text_member(out, "pointer", failure->pointer);
    cf_json_put_text_member(out, "expected", failure->expected);
    cf_json_put_text_member(out, "actual", failure->actual);
    cf_json_put_text_member(out, "message", failure->message);
    cf_buf_putc(out, '}');
}

static void put_texts(struct cf_buf *out, const char *key, char *const *texts, size_t count)
{
    cf_json_put_key(out, key);
    cf_buf_putc(out, '[');
    for (size_t i = 0; i < count; i++) {
        cf_json_put_comma(out);
        cf_json_put_text(out, texts[i]);
    }
    cf_buf_putc(out, ']');
}

static void put_head(struct cf_buf *out, const struct cf_case_record *record)
{
    cf_json_put_text_member(out, "id", record->id ? record->id : "");
    cf_json_put_text_member(out, "suite", record->suite ? record->suite : "");
    cf_json_put_text_member(out, "title", record->title ? record->title : "");
    put_texts(out, "requirements", record->requirements, record->requirement_count);
    cf_json_put_text_member(out, "level", cf_level_name(record->level));
    cf_json_put_text_member(out, "verdict", cf_verdict_name(record->verdict));
    if (cf_record_charged(record))
        cf_json_put_text_member(out, "own_verdict", cf_verdict_name(record->own_verdict));
    cf_json_put_text_member(out, "reason", record->reason);
    cf_json_put_key(out, "observation");
    cf_json_put_foreign(out, record->observation, OBSERVATION_DEPTH_MAX);
    cf_json_put_text_member(out, "cvm", record->cvm);
    if (record->cvm_count > 0)
        put_texts(out, "cvms", record->cvms, record->cvm_count);
    cf_json_put_int_member(out, "attempt", record->attempt);
    if (record->tries > 1)
        cf_json_put_int_member(out, "tries", record->tries);
    if (record->failed_on_count > 0)
        put_texts(out, "failed_on", record->failed_on, record->failed_on_count);
    if (record->failed_on_count > 0 && record->failed_at >= 0)
        cf_json_put_int_member(out, "failed_at", record->failed_at);
    if (record->form_count > 0)
        put_texts(out, "forms", record->forms, record->form_count);
    if (record->seeks_lock)
        cf_json_put_bool_member(out, "seeks_lock", true);
    cf_json_put_text_member(out, "started_at", record->started_at ? record->started_at : "");
    cf_json_put_ms_member(out, "duration_ms", record->duration_ms);
    cf_json_put_text_member(out, "statement", record->statement);
    cf_json_put_text_member(out, "file", record->file);
    cf_json_put_int_member(out, "line", record->line);
    cf_json_put_text_member(out, "control", record->control);
    if (record->shares)
        cf_json_put_text_member(out, "shares", record->shares);
    cf_json_put_int_member(out, "checks", record->checks);
    cf_json_put_int_member(out, "operations", record->operations);
}

void cf_case_record_write(struct cf_buf *out, const struct cf_case_record *record)
{
    cf_buf_putc(out, '{');
    put_head(out, record);
    cf_json_put_key(out, "failures");
    cf_buf_putc(out, '[');
    for (size_t i = 0; i < record->failure_count; i++)
        put_failure(out, &record->failures[i]);
    cf_buf_putc(out, ']');
    cf_json_put_key(out, "steps");
    cf_buf_putc(out, '[');
    struct told told = {0};
    for (size_t i = 0; i < record->exchange_count; i++)
        put_exchange(out, &record->exchanges[i], &told);
    cf_buf_puts(out, "]}");
}
