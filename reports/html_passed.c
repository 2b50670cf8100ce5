#include "reports/html_passed.h"
#include "harness/base/json_put.h"

#include <string.h>

/* An observation stands two levels deep; this leaves the reader's limit room. */
enum { OBSERVATION_DEPTH_MAX = CF_JSON_DEPTH_MAX / 2 };

/* ---- what is not shown ---- */

static bool is_plain_read(const struct cf_exchange *exchange)
{
    return exchange->kind == CF_EXCHANGE_HTTP && exchange->status == 200 && exchange->method &&
           strcmp(exchange->method, "GET") == 0;
}

/* Nine of ten exchanges of a run are reads that were answered, and nobody looks at those of a case
 * that passed: without them the page is a quarter. What it shares with another case stands
 * there. */
size_t cf_report_html_leave_out_reads(struct cf_case_record *record, size_t left_out)
{
    size_t kept = 0;
    size_t whole = record->exchange_count;
    for (size_t i = 0; i < whole; i++) {
        if (record->shares || is_plain_read(&record->exchanges[i]))
            cf_exchange_release(&record->exchanges[i]);
        else
            record->exchanges[kept++] = record->exchanges[i];
    }
    record->exchange_count = kept;
    return record->shares ? 0 : left_out + whole - kept;
}

/* ---- commands ---- */

/* Put the mark in the place of a text that stands at `at`. */
static void put_mark(struct cf_buf *out, const char *from, const char *at, int mark)
{
    cf_buf_append(out, from, (size_t)(at - from));
    cf_buf_putc(out, (char)mark);
}

/* The last place of the body's text, behind the URL; NULL where it is not there as it is. */
static const char *find_body(const char *command, const struct cf_body *body)
{
    const char *found = NULL;
    if (body->len == 0 || memchr(body->bytes, '\0', body->len))
        return NULL;
    for (const char *at = strstr(command, body->bytes); at; at = strstr(at + 1, body->bytes))
        found = at;
    return found;
}

static bool generalize(struct cf_buf *out, const struct cf_exchange *exchange, const char *command)
{
    const struct cf_body *body = &exchange->request_body;
    const char *url = exchange->url ? strstr(command, exchange->url) : NULL;
    if (!url || *exchange->url == '\0')
        return false;
    put_mark(out, command, url, CF_REPORT_HTML_URL);
    command = url + strlen(exchange->url);
    if (body->bytes) {
        const char *at = find_body(command, body);
        if (!at)
            return false;
        put_mark(out, command, at, CF_REPORT_HTML_BODY);
        command = at + body->len;
    }
    cf_buf_puts(out, command);
    return true;
}

void cf_report_html_put_command(struct cf_buf *json, struct cf_intern *commands,
                                const struct cf_exchange *exchange, const char *command)
{
    struct cf_buf general = {0};
    cf_json_put_comma(json);
    if (generalize(&general, exchange, command))
        cf_buf_printf(json, "%zu", cf_intern_add(commands, cf_buf_text(&general)));
    else
        cf_json_put_text(json, command);
    cf_buf_release(&general);
}

/* ---- the record ---- */

static void put_text(struct cf_buf *json, const char *key, const char *text)
{
    if (text && *text != '\0')
        cf_json_put_text_member(json, key, text);
}

static void put_body(struct cf_buf *json, const struct cf_body *body)
{
    if (body->sha256)
        cf_json_put_count_member(json, "body_bytes", body->left_out);
    else if (body->bytes)
        cf_body_write(json, body);
}

static void put_exchange(struct cf_buf *json, const struct cf_exchange *exchange)
{
    cf_json_put_comma(json);
    cf_buf_putc(json, '{');
    if (exchange->kind != CF_EXCHANGE_HTTP)
        cf_json_put_text_member(json, "kind", cf_exchange_kind_name(exchange->kind));
    cf_json_put_int_member(json, "step", exchange->step);
    put_text(json, "purpose", exchange->purpose);
    cf_json_put_ms_member(json, "at_ms", exchange->at_ms);
    cf_json_put_ms_member(json, "duration_ms", exchange->duration_ms);
    cf_json_put_key(json, "request");
    cf_buf_putc(json, '{');
    put_text(json, "hook", exchange->hook);
    put_text(json, "method", exchange->method);
    put_text(json, "url", exchange->url);
    put_body(json, &exchange->request_body);
    cf_buf_putc(json, '}');
    if (exchange->status != 0 || exchange->response_body.bytes) {
        cf_json_put_key(json, "response");
        cf_buf_putc(json, '{');
        cf_json_put_int_member(json, "status", exchange->status);
        put_body(json, &exchange->response_body);
        cf_buf_putc(json, '}');
    }
    put_text(json, "message", exchange->message);
    cf_buf_putc(json, '}');
}

/* What the first of the case's requirements says; the page has it once. */
static const char *statement_of(const struct cf_summary *summary,
                                const struct cf_case_record *record)
{
    for (size_t i = 0; record->requirement_count > 0 && i < summary->requirement_count; i++) {
        if (strcmp(summary->requirements[i].id, record->requirements[0]) == 0)
            return summary->requirements[i].statement;
    }
    return NULL;
}

void cf_report_html_put_passed(struct cf_buf *json, const struct cf_summary *summary,
                               const struct cf_case_record *record)
{
    const char *statement = statement_of(summary, record);
    cf_buf_putc(json, '{');
    if (!statement || !record->statement || strcmp(statement, record->statement) != 0)
        put_text(json, "statement", record->statement);
    if (record->observation) {
        cf_json_put_key(json, "observation");
        cf_json_put_foreign(json, record->observation, OBSERVATION_DEPTH_MAX);
    }
    put_text(json, "cvm", record->cvm);
    put_text(json, "started_at", record->started_at);
    put_text(json, "file", record->file);
    cf_json_put_int_member(json, "line", record->line);
    put_text(json, "control", record->control);
    put_text(json, "shares", record->shares);
    cf_json_put_key(json, "steps");
    cf_buf_putc(json, '[');
    for (size_t i = 0; i < record->exchange_count; i++)
        put_exchange(json, &record->exchanges[i]);
    cf_buf_puts(json, "]}");
}
