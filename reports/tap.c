#include "reports/tap.h"
#include "harness/base/json_put.h"
#include "reports/escape.h"
#include "reports/explain.h"
#include "reports/report_file.h"

#include <string.h>

enum { VALUE_MAX_BYTES = 2000 };

/* One line; '#' would start a directive, '\' is the escape. */
static void put_text(struct cf_buf *out, const char *text)
{
    struct cf_buf line = {0};
    cf_report_escape_terminal(&line, text, strlen(text), VALUE_MAX_BYTES);
    for (const char *at = cf_buf_text(&line); *at != '\0'; at++) {
        if (*at == '#' || *at == '\\')
            cf_buf_putc(out, '\\');
        cf_buf_putc(out, *at);
    }
    cf_buf_release(&line);
}

/* A YAML double-quoted scalar; one that JSON has too. */
static void put_scalar(struct cf_buf *out, const char *key, const char *text)
{
    struct cf_buf line = {0};
    if (!text)
        return;
    cf_report_escape_terminal(&line, text, strlen(text), VALUE_MAX_BYTES);
    cf_buf_printf(out, "%s: ", key);
    cf_json_put_text(out, cf_buf_text(&line));
    cf_buf_putc(out, '\n');
    cf_buf_release(&line);
}

static void put_block(struct cf_buf *out, const struct cf_case_record *record)
{
    struct cf_buf command = {0};
    cf_buf_puts(out, "  ---\n");
    put_scalar(out, "  requirement", record->statement);
    put_scalar(out, "  level", cf_level_name(record->level));
    put_scalar(out, "  verdict", cf_verdict_name(record->verdict));
    put_scalar(out, "  reason", record->reason);
    if (record->failure_count > 0)
        cf_buf_puts(out, "  mismatches:\n");
    for (size_t i = 0; i < record->failure_count; i++) {
        const struct cf_failure *failure = &record->failures[i];
        put_scalar(out, "    - message", failure->message ? failure->message : "");
        put_scalar(out, "      expected", failure->expected);
        put_scalar(out, "      actual", failure->actual);
        put_scalar(out, "      pointer", failure->pointer);
        put_scalar(out, "      file", failure->file);
        cf_buf_printf(out, "      line: %d\n", failure->line);
    }
    cf_report_explain_repeat(&command, record->id);
    put_scalar(out, "  repeat", cf_buf_text(&command));
    cf_buf_release(&command);
    cf_buf_puts(out, "  ...\n");
}

static void put_point(struct cf_buf *out, size_t number, const struct cf_case_record *record)
{
    bool bad = record->verdict == CF_FAIL || record->verdict == CF_ERROR;
    cf_buf_printf(out, "%s %zu - ", bad ? "not ok" : "ok", number);
    put_text(out, record->id);
    if (record->verdict == CF_FAIL && record->level != CF_MUST)
        cf_buf_printf(out, " # TODO level %s", cf_level_name(record->level));
    if (record->verdict == CF_INCONCLUSIVE || record->verdict == CF_NOT_APPLICABLE) {
        cf_buf_printf(out, " # SKIP %s: ", cf_verdict_name(record->verdict));
        put_text(out, cf_record_reason(record));
    }
    cf_buf_putc(out, '\n');
    if (bad)
        put_block(out, record);
}

static void put_head(const struct cf_report_source *source, struct cf_buf *out)
{
    struct cf_buf line = {0};
    cf_buf_puts(out, "TAP version 14\n# ");
    cf_report_put_headline(&line, source);
    cf_buf_puts(out, cf_buf_text(&line));
    cf_buf_release(&line);
    cf_buf_printf(out, "\n1..%zu%s\n", source->case_count,
                  source->case_count ? "" : " # SKIP no case ran");
}

static enum cf_code write_all(const struct cf_report_source *source, struct cf_report_file *file,
                              struct cf_err *err)
{
    put_head(source, &file->out);
    for (size_t i = 0; i < source->case_count; i++) {
        struct cf_case_record record;
        enum cf_code code = cf_report_read(source, &source->cases[i], &record, err);
        if (code != CF_OK)
            return code;
        put_point(&file->out, i + 1, &record);
        cf_case_record_release(&record);
        cf_report_file_pump(file);
    }
    return CF_OK;
}

enum cf_code cf_report_tap_write(const struct cf_report_source *source, const char *path,
                                 struct cf_err *err)
{
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    return cf_report_file_close(&file, write_all(source, &file, err), err);
}
