#include "reports/html_data.h"
#include "harness/base/intern.h"
#include "harness/base/json_put.h"
#include "harness/base/utf8.h"
#include "reports/curl.h"
#include "reports/escape.h"
#include "reports/explain.h"
#include "reports/html_passed.h"

#include <string.h>

enum { CURL_BODY_MAX_BYTES = 4096, TITLE_MAX_BYTES = 400 };

void cf_report_html_put_json(struct cf_buf *out, const char *json, size_t len)
{
    size_t plain = 0;
    for (size_t i = 0; i < len; i++) {
        if (json[i] != '<' && json[i] != '>' && json[i] != '&')
            continue;
        cf_buf_append(out, json + plain, i - plain);
        cf_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)json[i]);
        plain = i + 1;
    }
    cf_buf_append(out, json + plain, len - plain);
}

static void flush_json(struct cf_report_file *file, struct cf_buf *json)
{
    cf_report_html_put_json(&file->out, cf_buf_text(json), json->len);
    cf_report_file_pump(file);
    cf_buf_reset(json);
}

/* ---- the index ---- */

static size_t suite_number(const struct cf_report_source *source, const char *suite)
{
    /* Suites are few, and their texts are shared. */
    for (size_t i = 0; i < source->suite_count; i++) {
        if (source->suites[i] == suite)
            return i;
    }
    return 0;
}

static void put_names(struct cf_buf *json, const char *key, const char *const *names, size_t count)
{
    cf_json_put_key(json, key);
    cf_buf_putc(json, '[');
    for (size_t i = 0; i < count; i++) {
        cf_json_put_comma(json);
        cf_json_put_text(json, names[i]);
    }
    cf_buf_putc(json, ']');
}

static void put_index_head(struct cf_buf *json, const struct cf_report_source *source)
{
    static const char *const levels[] = {"must", "should", "observe"};
    static const char *const verdicts[] = {"not-applicable", "pass", "inconclusive", "fail",
                                           "error"};
    const struct cf_summary *summary = source->summary;
    struct cf_buf again = {0};
    cf_buf_putc(json, '{');
    cf_json_put_int_member(json, "piece", CF_REPORT_HTML_PIECE);
    put_names(json, "suites", source->suites, source->suite_count);
    put_names(json, "levels", levels, 3);
    put_names(json, "verdicts", verdicts, 5);
    cf_json_put_key(json, "requirements");
    cf_buf_putc(json, '[');
    for (size_t i = 0; i < summary->requirement_count; i++) {
        cf_json_put_comma(json);
        cf_json_put_text(json, summary->requirements[i].id);
    }
    cf_buf_putc(json, ']');
    cf_json_put_key(json, "statements");
    cf_buf_putc(json, '[');
    for (size_t i = 0; i < summary->requirement_count; i++) {
        cf_json_put_comma(json);
        const char *statement = summary->requirements[i].statement;
        cf_json_put_text(json, statement ? statement : "");
    }
    cf_buf_putc(json, ']');
    cf_report_explain_run(&again, source->info);
    cf_json_put_text_member(json, "again", cf_buf_text(&again));
    cf_buf_release(&again);
    cf_json_put_key(json, "cases");
    cf_buf_putc(json, '[');
}

/* [id, suite, level, verdict, title, ms, reason or 0, attempts, unstable, [requirements]] */
static void put_index_entry(struct cf_buf *json, const struct cf_report_source *source,
                            const struct cf_report_case *item, const struct cf_case_record *record,
                            const struct cf_intern *requirements)
{
    const struct cf_results_entry *entry = cf_report_entry(source, item);
    size_t title_len = strnlen(record->title, TITLE_MAX_BYTES);
    cf_json_put_comma(json);
    cf_buf_putc(json, '[');
    cf_json_put_text(json, record->id);
    cf_buf_printf(json, ",%zu,%d,%d,", suite_number(source, entry->suite), (int)entry->level,
                  (int)item->verdict);
    cf_json_put_string(json, record->title, title_len);
    cf_buf_printf(json, ",%.1f,", record->duration_ms);
    if (record->reason)
        cf_json_put_string(json, record->reason, strnlen(record->reason, TITLE_MAX_BYTES));
    else
        cf_buf_putc(json, '0');
    cf_buf_printf(json, ",%zu,%d,[", item->attempts, item->unstable);
    for (size_t i = 0; i < record->requirement_count; i++) {
        size_t number;
        if (!cf_intern_find(requirements, record->requirements[i], &number))
            continue;
        cf_json_put_comma(json);
        cf_buf_printf(json, "%zu", number);
    }
    cf_buf_puts(json, "]]");
}

static void number_requirements(const struct cf_report_source *source, struct cf_intern *out)
{
    for (size_t i = 0; i < source->summary->requirement_count; i++) {
        cf_intern_add(out, source->summary->requirements[i].id);
    }
}

static enum cf_code put_index_entries(struct cf_report_file *file,
                                      const struct cf_report_source *source,
                                      const struct cf_intern *requirements, struct cf_err *err)
{
    struct cf_buf json = {0};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < source->case_count; i++) {
        struct cf_case_record record;
        code = cf_report_read_head(source, &source->cases[i], &record, err);
        if (code != CF_OK)
            break;
        cf_buf_puts(&file->out, i > 0 ? ",\n" : "\n");
        put_index_entry(&json, source, &source->cases[i], &record, requirements);
        cf_case_record_release(&record);
        flush_json(file, &json);
    }
    cf_buf_release(&json);
    return code;
}

enum cf_code cf_report_html_put_index(struct cf_report_file *file,
                                      const struct cf_report_source *source, struct cf_err *err)
{
    struct cf_intern requirements = {0};
    struct cf_buf head = {0};
    cf_buf_puts(&file->out, "<script type=\"application/json\" id=\"cf-index\">");
    put_index_head(&head, source);
    flush_json(file, &head);
    cf_buf_release(&head);
    number_requirements(source, &requirements);
    enum cf_code code = put_index_entries(file, source, &requirements, err);
    cf_buf_puts(&file->out, "]}</script>\n");
    cf_intern_release(&requirements);
    return code;
}

/* ---- the records ---- */

/* Cut a body in place, between characters where it is text; returns its true length, 0 uncut. */
static size_t cut_body(struct cf_body *body, size_t max_bytes)
{
    size_t whole = body->len;
    if (!body->bytes || whole <= max_bytes)
        return 0;
    size_t len = max_bytes;
    while (len > max_bytes - 4 && ((unsigned char)body->bytes[len] & 0xc0) == 0x80)
        len--;
    body->len = len;
    body->bytes[len] = '\0';
    return whole;
}

static void put_null(struct cf_buf *json)
{
    cf_json_put_comma(json);
    cf_buf_puts(json, "null");
}

/* The command as it is, or its number among those that stand for many. */
static void put_curl(struct cf_buf *json, const struct cf_exchange *exchange,
                     struct cf_intern *commands)
{
    struct cf_buf command = {0};
    if (!exchange->request_body.sha256) /* what was left out cannot be sent again */
        cf_report_curl(&command, exchange, CURL_BODY_MAX_BYTES);
    bool whole = exchange->request_body.len <= CF_REPORT_HTML_PASSED_BODY_MAX_BYTES;
    if (command.len == 0) {
        put_null(json);
    } else if (commands && whole) {
        cf_report_html_put_command(json, commands, exchange, command.data);
    } else {
        cf_json_put_comma(json);
        cf_json_put_text(json, command.data);
    }
    cf_buf_release(&command);
}

/* Which exchange each failure speaks of, by index; -1 for none. */
static void put_blame(struct cf_buf *json, const struct cf_case_record *record)
{
    cf_json_put_key(json, "blame");
    cf_buf_putc(json, '[');
    for (size_t i = 0; i < record->failure_count; i++) {
        const struct cf_exchange *blamed =
            cf_report_explain_exchange(record, record->failures[i].step);
        cf_json_put_comma(json);
        cf_buf_printf(json, "%d", blamed ? (int)(blamed - record->exchanges) : -1);
    }
    cf_buf_putc(json, ']');
}

static void put_repeat(struct cf_buf *json, const struct cf_run_info *info, const char *id)
{
    struct cf_buf repeat = {0};
    cf_report_explain_again(&repeat, info, id);
    cf_json_put_text_member(json, "repeat", cf_buf_text(&repeat));
    cf_buf_release(&repeat);
}

static void put_commands(struct cf_buf *json, const struct cf_case_record *record)
{
    cf_json_put_key(json, "curl");
    cf_buf_putc(json, '[');
    for (size_t i = 0; i < record->exchange_count; i++)
        put_curl(json, &record->exchanges[i], NULL);
    cf_buf_putc(json, ']');
}

static void put_passed_commands(struct cf_buf *json, const struct cf_case_record *record,
                                struct cf_intern *commands)
{
    cf_json_put_key(json, "curl");
    cf_buf_putc(json, '[');
    for (size_t i = 0; i < record->exchange_count; i++) {
        /* Repeating the reads of a case that passed helps nobody. */
        const char *method = record->exchanges[i].method;
        if (method && strcmp(method, "GET") == 0)
            put_null(json);
        else
            put_curl(json, &record->exchanges[i], commands);
    }
    cf_buf_putc(json, ']');
}

/* True lengths of bodies that were cut: [[exchange, "request" or "response", bytes]] */
static void put_cuts(struct cf_buf *json, struct cf_case_record *record)
{
    size_t max_bytes = record->verdict == CF_PASS ? CF_REPORT_HTML_PASSED_BODY_MAX_BYTES
                                                  : CF_REPORT_HTML_BODY_MAX_BYTES;
    cf_json_put_key(json, "cut");
    cf_buf_putc(json, '[');
    for (size_t i = 0; i < record->exchange_count; i++) {
        size_t request = cut_body(&record->exchanges[i].request_body, max_bytes);
        size_t response = cut_body(&record->exchanges[i].response_body, max_bytes);
        if (request) {
            cf_json_put_comma(json);
            cf_buf_printf(json, "[%zu,\"request\",%zu]", i, request);
        }
        if (response) {
            cf_json_put_comma(json);
            cf_buf_printf(json, "[%zu,\"response\",%zu]", i, response);
        }
    }
    cf_buf_putc(json, ']');
}

static void put_attempts(struct cf_buf *json, const struct cf_report_source *source,
                         const struct cf_report_case *item)
{
    cf_json_put_key(json, "attempts");
    cf_buf_putc(json, '[');
    for (size_t i = 0; i < item->attempts; i++) {
        const struct cf_results_entry *entry =
            cf_results_entry(source->results, source->order[item->first + i]);
        cf_json_put_comma(json);
        cf_json_put_text(json, cf_verdict_name(entry->verdict));
    }
    cf_buf_putc(json, ']');
}

/* Whether the page makes the case's command of the run's: "--case 'ID'". */
static bool made_by_the_page(const char *id)
{
    struct cf_buf word = {0};
    cf_report_escape_shell(&word, id, strlen(id));
    bool plain = word.len == strlen(id) || (word.len == strlen(id) + 2 && word.data[0] == '\'');
    cf_buf_release(&word);
    return plain;
}

static void put_passed(struct cf_buf *json, const struct cf_report_source *source,
                       const struct cf_report_case *item, struct cf_case_record *record,
                       size_t left_out, struct cf_intern *commands)
{
    size_t reads = cf_report_html_leave_out_reads(record, left_out);
    if (reads > 0)
        cf_json_put_count_member(json, "reads", reads);
    if (!made_by_the_page(record->id))
        put_repeat(json, source->info, record->id);
    if (record->exchange_count > 0) {
        put_passed_commands(json, record, commands);
        put_cuts(json, record);
    }
    if (item->attempts > 1)
        put_attempts(json, source, item);
    cf_json_put_key(json, "record");
    cf_report_html_put_passed(json, source->summary, record);
}

static void put_other(struct cf_buf *json, const struct cf_report_source *source,
                      const struct cf_report_case *item, struct cf_case_record *record)
{
    const struct cf_report_cause *cause = cf_report_cause_of(source, record->id);
    put_blame(json, record);
    put_repeat(json, source->info, record->id);
    put_commands(json, record);
    put_cuts(json, record);
    put_attempts(json, source, item);
    cf_json_put_text_member(json, "cause", cause ? cause->sentence : NULL);
    cf_json_put_key(json, "record");
    cf_case_record_write(json, record);
}

static bool is_passed(const struct cf_report_source *source, const struct cf_report_case *item)
{
    const struct cf_results_entry *entry = cf_report_entry(source, item);
    return entry->verdict == CF_PASS && !cf_report_cause_of(source, entry->id);
}

/* Of a case that passed, what it used again is shown nowhere, nor looked at on the way. */
static enum cf_code put_record(struct cf_buf *json, const struct cf_report_source *source,
                               const struct cf_report_case *item, cf_report_html_seen_fn *seen,
                               void *context, struct cf_intern *commands, struct cf_err *err)
{
    struct cf_case_record record;
    bool passed = is_passed(source, item);
    size_t left_out = 0;
    enum cf_code code = passed ? cf_report_read_but_reused(source, item, &record, &left_out, err)
                               : cf_report_read(source, item, &record, err);
    if (code != CF_OK)
        return code;
    seen(context, &record);
    cf_buf_putc(json, '{');
    if (passed)
        put_passed(json, source, item, &record, left_out, commands);
    else
        put_other(json, source, item, &record);
    cf_buf_putc(json, '}');
    cf_case_record_release(&record);
    return CF_OK;
}

/* What the numbers of commands stand for. */
static void put_command_texts(struct cf_report_file *file, const struct cf_intern *commands)
{
    struct cf_buf json = {0};
    cf_buf_puts(&file->out, "<script type=\"application/json\" id=\"cf-commands\">");
    cf_buf_putc(&json, '[');
    for (size_t i = 0; i < commands->count; i++) {
        cf_json_put_comma(&json);
        cf_json_put_text(&json, commands->items[i]);
    }
    cf_buf_putc(&json, ']');
    flush_json(file, &json);
    cf_buf_puts(&file->out, "</script>\n");
    cf_buf_release(&json);
}

enum cf_code cf_report_html_put_records(struct cf_report_file *file,
                                        const struct cf_report_source *source,
                                        cf_report_html_seen_fn *seen, void *context,
                                        struct cf_err *err)
{
    struct cf_buf json = {0};
    struct cf_intern commands = {0};
    enum cf_code code = CF_OK;
    for (size_t i = 0; i < source->case_count; i++) {
        code = put_record(&json, source, &source->cases[i], seen, context, &commands, err);
        if (code != CF_OK)
            break;
        cf_buf_puts(&file->out, i % CF_REPORT_HTML_PIECE
                                    ? ",\n"
                                    : "<script type=\"application/json\" class=\"cf-piece\">[\n");
        flush_json(file, &json);
        if (i % CF_REPORT_HTML_PIECE == CF_REPORT_HTML_PIECE - 1 || i + 1 == source->case_count)
            cf_buf_puts(&file->out, "]</script>\n");
    }
    put_command_texts(file, &commands);
    cf_intern_release(&commands);
    cf_buf_release(&json);
    return code;
}
