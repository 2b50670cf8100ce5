#include "reports/explain.h"
#include "reports/curl.h"
#include "reports/escape.h"

#include <string.h>

struct pen {
    struct cf_buf *out;
    const struct cf_report_explain_style *style;
};

static void colour(const struct pen *pen, const char *code)
{
    if (pen->style->colour)
        cf_buf_printf(pen->out, "\x1b[%sm", code);
}

static void foreign(const struct pen *pen, const char *text)
{
    cf_report_escape_terminal(pen->out, text, strlen(text), pen->style->value_max_bytes);
}

/* One line: our word, then foreign text in a colour. Nothing for NULL. */
static void line(const struct pen *pen, const char *label, const char *text, const char *code)
{
    if (!text)
        return;
    cf_buf_puts(pen->out, pen->style->indent);
    cf_buf_puts(pen->out, label);
    colour(pen, code);
    foreign(pen, text);
    colour(pen, "0");
    cf_buf_putc(pen->out, '\n');
}

static bool is_write(const struct cf_exchange *exchange)
{
    return exchange->method && strcmp(exchange->method, "GET") != 0 &&
           strcmp(exchange->method, "HEAD") != 0;
}

const struct cf_exchange *cf_report_explain_exchange(const struct cf_case_record *record, int step)
{
    const struct cf_exchange *read = NULL;
    const struct cf_exchange *write = NULL;
    const struct cf_exchange *earlier = NULL;
    for (size_t i = 0; i < record->exchange_count; i++) {
        const struct cf_exchange *exchange = &record->exchanges[i];
        if (exchange->kind != CF_EXCHANGE_HTTP)
            continue;
        if (exchange->step == step && is_write(exchange))
            write = exchange;
        else if (exchange->step == step)
            read = exchange;
        else if (exchange->step < step && is_write(exchange))
            earlier = exchange;
    }
    if (write)
        return write;
    /* A step that only reads tells what an earlier request did. */
    return earlier ? earlier : read;
}

static void put_mismatch(const struct pen *pen, const struct cf_failure *failure)
{
    line(pen, "- ", failure->message ? failure->message : "not as expected", "1");
    line(pen, "  expected: ", failure->expected, "32");
    line(pen, "  actual:   ", failure->actual, "31");
    if (failure->pointer)
        line(pen, "  at:       ", *failure->pointer ? failure->pointer : "the whole body", "0");
}

static bool same_line(const struct cf_failure *a, const struct cf_failure *b)
{
    return a->line == b->line && a->file && b->file && strcmp(a->file, b->file) == 0;
}

static void put_line(const struct pen *pen, const char *file, int number, const char *source)
{
    if (!file)
        return;
    cf_buf_puts(pen->out, pen->style->indent);
    colour(pen, "36");
    foreign(pen, file);
    cf_buf_printf(pen->out, ":%d", number);
    colour(pen, "0");
    cf_buf_putc(pen->out, '\n');
    line(pen, "  | ", source, "2");
}

static void put_lines(const struct pen *pen, const struct cf_case_record *record)
{
    for (size_t i = 0; i < record->failure_count; i++) {
        const struct cf_failure *failure = &record->failures[i];
        bool before = false;
        for (size_t k = 0; k < i && !before; k++)
            before = same_line(failure, &record->failures[k]);
        if (!before)
            put_line(pen, failure->file, failure->line, failure->source);
    }
    if (record->failure_count == 0)
        put_line(pen, record->file, record->line, NULL);
}

static void put_command(const struct pen *pen, const struct cf_exchange *exchange)
{
    cf_buf_puts(pen->out, pen->style->indent);
    cf_report_curl(pen->out, exchange, pen->style->body_max_bytes);
    cf_buf_putc(pen->out, '\n');
}

/* Each request once, in the order of the mismatches that speak of it. */
static void put_commands(const struct pen *pen, const struct cf_case_record *record)
{
    for (size_t i = 0; i < record->failure_count; i++) {
        const struct cf_exchange *blamed =
            cf_report_explain_exchange(record, record->failures[i].step);
        bool before = !blamed;
        for (size_t k = 0; k < i && !before; k++)
            before = cf_report_explain_exchange(record, record->failures[k].step) == blamed;
        if (!before)
            put_command(pen, blamed);
    }
    for (size_t i = record->exchange_count; record->failure_count == 0 && i > 0; i--) {
        if (record->exchanges[i - 1].kind == CF_EXCHANGE_HTTP) {
            put_command(pen, &record->exchanges[i - 1]);
            return;
        }
    }
}

void cf_report_explain_words(struct cf_buf *out, const struct cf_list *words)
{
    for (size_t i = 0; i < words->count; i++) {
        if (i > 0)
            cf_buf_putc(out, ' ');
        cf_report_escape_shell(out, words->items[i], strlen(words->items[i]));
    }
}

void cf_report_explain_run(struct cf_buf *out, const struct cf_run_info *info)
{
    if (info->again.count > 0)
        cf_report_explain_words(out, &info->again);
    else
        cf_buf_puts(out, "cvm-conformance run");
}

void cf_report_explain_again(struct cf_buf *out, const struct cf_run_info *info, const char *id)
{
    cf_report_explain_run(out, info);
    cf_buf_puts(out, " --case ");
    cf_report_escape_shell(out, id, strlen(id));
}

void cf_report_explain_case(struct cf_buf *out, const struct cf_run_info *info,
                            const struct cf_case_record *record,
                            const struct cf_report_explain_style *style)
{
    struct pen pen = {out, style};
    line(&pen, "", record->statement, "0");
    if (record->failure_count == 0 || record->verdict == CF_ERROR)
        line(&pen, "- ", cf_record_reason(record), "1");
    for (size_t i = 0; i < record->failure_count; i++)
        put_mismatch(&pen, &record->failures[i]);
    put_lines(&pen, record);
    put_commands(&pen, record);
    cf_buf_puts(out, style->indent);
    cf_report_explain_again(out, info, record->id);
    cf_buf_putc(out, '\n');
}
