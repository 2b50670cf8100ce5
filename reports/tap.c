#include "reports/tap.h"
#include "harness/base/json_put.h"
#include "reports/escape.h"
#include "reports/explain.h"
#include "reports/gate.h"
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

static void put_mismatches(struct cf_buf *out, const struct cf_case_record *record)
{
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
}

static void put_block(struct cf_buf *out, const struct cf_run_info *info,
                      const struct cf_case_record *record, const char *why)
{
    struct cf_buf command = {0};
    cf_report_explain_again(&command, info, record->id);
    cf_buf_puts(out, "  ---\n");
    put_scalar(out, "  requirement", record->statement);
    put_scalar(out, "  level", cf_level_name(record->level));
    put_scalar(out, "  verdict", cf_verdict_name(record->verdict));
    put_scalar(out, "  reason", why);
    put_mismatches(out, record);
    put_scalar(out, "  repeat", cf_buf_text(&command));
    cf_buf_puts(out, "  ...\n");
    cf_buf_release(&command);
}

/* A failure that does not count is told as work to do: it is shown, and closes nothing. */
static void put_point(struct cf_buf *out, const struct cf_report_gate *gate, size_t index,
                      const struct cf_case_record *record)
{
    bool skipped = gate->marks[index] == CF_REPORT_SKIPPED;
    bool todo = skipped && gate->source->cases[index].failed;
    bool good = gate->marks[index] == CF_REPORT_GREEN || (skipped && !todo);
    struct cf_buf why = {0};
    cf_buf_printf(out, "%s %zu - ", good ? "ok" : "not ok", index + 1);
    put_text(out, record->id);
    if (gate->marks[index] != CF_REPORT_GREEN)
        cf_report_gate_put_message(&why, gate, index, record);
    if (skipped) {
        cf_buf_puts(out, todo ? " # TODO " : " # SKIP ");
        put_text(out, cf_buf_text(&why));
    }
    cf_buf_putc(out, '\n');
    if (!good)
        put_block(out, gate->source->info, record, cf_buf_text(&why));
    cf_buf_release(&why);
}

static void put_run_point(struct cf_buf *out, size_t number, const char *name,
                          const struct cf_list *lines)
{
    if (lines->count == 0)
        return;
    cf_buf_printf(out, "not ok %zu - %s\n  ---\n  reasons:\n", number, name);
    for (size_t i = 0; i < lines->count; i++)
        put_scalar(out, "    - reason", lines->items[i]);
    cf_buf_puts(out, "  ...\n");
}

static void put_comment(struct cf_buf *out, const char *line)
{
    cf_buf_puts(out, "# ");
    cf_report_escape_terminal(out, line, strlen(line), 0);
    cf_buf_putc(out, '\n');
}

static void put_head(struct cf_buf *out, const struct cf_report_gate *gate)
{
    const struct cf_report_source *source = gate->source;
    struct cf_buf line = {0};
    size_t points =
        source->case_count + (gate->troubles.count > 0) + (source->info->gate.outdated.count > 0);
    cf_report_put_headline(&line, source);
    cf_buf_printf(out, "TAP version 13\n# %s\n1..%zu\n", cf_buf_text(&line), points);
    for (size_t i = 0; i < source->info->left.count; i++)
        put_comment(out, source->info->left.items[i]);
    cf_buf_release(&line);
}

static enum cf_code write_all(const struct cf_report_gate *gate, struct cf_report_file *file,
                              struct cf_err *err)
{
    const struct cf_report_source *source = gate->source;
    size_t number = source->case_count;
    put_head(&file->out, gate);
    for (size_t i = 0; i < source->case_count; i++) {
        struct cf_case_record record;
        enum cf_code code = cf_report_read(source, &source->cases[i], &record, err);
        if (code != CF_OK)
            return code;
        put_point(&file->out, gate, i, &record);
        cf_case_record_release(&record);
        cf_report_file_pump(file);
    }
    put_run_point(&file->out, ++number, "the run could judge", &gate->troubles);
    number -= gate->troubles.count == 0;
    put_run_point(&file->out, ++number, "the known failures are as listed",
                  &source->info->gate.outdated);
    return CF_OK;
}

enum cf_code cf_report_tap_write(const struct cf_report_source *source, const char *path,
                                 struct cf_err *err)
{
    struct cf_report_file file;
    struct cf_report_gate gate;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    cf_report_gate_init(&gate, source);
    code = write_all(&gate, &file, err);
    cf_report_gate_release(&gate);
    return cf_report_file_close(&file, code, err);
}
