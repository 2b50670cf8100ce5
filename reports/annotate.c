#include "reports/annotate.h"
#include "reports/escape.h"
#include "reports/explain.h"
#include "reports/gate.h"
#include "reports/report_file.h"

#include <string.h>

enum { TEXT_MAX_BYTES = 1000 };

/* A property's value ends at ',' or ':', a message at a line's end; '%' starts an escape. */
static void put_escaped(struct cf_buf *out, const char *text, bool property)
{
    for (; *text != '\0'; text++) {
        bool special = *text == '%' || *text == '\n' || *text == '\r' ||
                       (property && (*text == ':' || *text == ','));
        if (special)
            cf_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
        else
            cf_buf_putc(out, *text);
    }
}

static void put_foreign(struct cf_buf *out, const char *text, bool property)
{
    struct cf_buf shown = {0};
    cf_report_escape_terminal(&shown, text, strlen(text), TEXT_MAX_BYTES);
    put_escaped(out, cf_buf_text(&shown), property);
    cf_buf_release(&shown);
}

static void put_head(struct cf_buf *out, const char *command, const struct cf_case_record *record)
{
    const struct cf_failure *first = record->failure_count ? &record->failures[0] : NULL;
    const char *file = first && first->file ? first->file : record->file;
    cf_buf_printf(out, "::%s ", command);
    if (file) {
        cf_buf_puts(out, "file=");
        put_foreign(out, file, true);
        cf_buf_printf(out, ",line=%d,", first && first->file ? first->line : record->line);
    }
    cf_buf_puts(out, "title=");
    put_foreign(out, record->id, true);
    cf_buf_puts(out, "::");
}

static void put_case(struct cf_buf *out, const struct cf_report_gate *gate, size_t index,
                     const struct cf_case_record *record)
{
    static const struct cf_report_explain_style style = {
        .indent = "", .value_max_bytes = TEXT_MAX_BYTES, .body_max_bytes = TEXT_MAX_BYTES};
    struct cf_buf text = {0};
    put_head(out, gate->marks[index] == CF_REPORT_SKIPPED ? "warning" : "error", record);
    if (record->verdict == CF_FAIL || record->verdict == CF_ERROR) {
        cf_report_explain_case(&text, gate->source->info, record, &style);
        put_escaped(out, cf_buf_text(&text), false);
    } else {
        cf_report_gate_put_message(&text, gate, index, record);
        put_foreign(out, cf_buf_text(&text), false);
    }
    cf_buf_release(&text);
    cf_buf_putc(out, '\n');
}

/* ---- which cases ---- */

enum { ERRORS, WARNINGS, KINDS };

/* The rank of a case in its list, lower first; -1 where it does not stand in it. What is not
 * applicable is no news. */
static int rank(const struct cf_report_gate *gate, size_t index, int kind)
{
    const struct cf_report_case *item = &gate->source->cases[index];
    enum cf_report_mark mark = gate->marks[index];
    if (kind == ERRORS)
        return mark == CF_REPORT_FAILURE ? 0 : mark == CF_REPORT_ERROR ? 1 : -1;
    if (mark != CF_REPORT_SKIPPED || item->verdict == CF_NOT_APPLICABLE)
        return -1;
    bool must = cf_report_entry(gate->source, item)->level == CF_MUST;
    if (item->failed)
        return 0;
    return must ? 1 : -1;
}

static size_t count_kind(const struct cf_report_gate *gate, int kind)
{
    size_t count = 0;
    for (size_t i = 0; i < gate->source->case_count; i++)
        count += rank(gate, i, kind) >= 0;
    return count;
}

static enum cf_code put_kind(struct cf_buf *out, const struct cf_report_gate *gate, int kind,
                             struct cf_err *err)
{
    const struct cf_report_source *source = gate->source;
    size_t shown = 0;
    for (int wanted = 0; wanted < 2; wanted++) {
        for (size_t i = 0; shown < CF_REPORT_ANNOTATIONS_MAX && i < source->case_count; i++) {
            struct cf_case_record record;
            if (rank(gate, i, kind) != wanted)
                continue;
            enum cf_code code = cf_report_read(source, &source->cases[i], &record, err);
            if (code != CF_OK)
                return code;
            put_case(out, gate, i, &record);
            cf_case_record_release(&record);
            shown++;
        }
    }
    return CF_OK;
}

/* ---- the run as a whole ---- */

static void put_notice(struct cf_buf *out, const struct cf_report_gate *gate)
{
    struct cf_buf line = {0};
    cf_report_put_headline(&line, gate->source);
    for (int kind = 0; kind < KINDS; kind++) {
        size_t count = count_kind(gate, kind);
        if (count > CF_REPORT_ANNOTATIONS_MAX)
            cf_buf_printf(&line, "; %zu more %s not annotated", count - CF_REPORT_ANNOTATIONS_MAX,
                          kind == ERRORS ? "failures" : "warnings");
    }
    cf_buf_printf(out, "::notice title=cvm-conformance%%3A %s::", gate->source->summary->verdict);
    put_escaped(out, cf_buf_text(&line), false);
    cf_buf_putc(out, '\n');
    cf_buf_release(&line);
}

static void put_lines(struct cf_buf *out, const char *title, const struct cf_list *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        cf_buf_printf(out, "::error title=%s::", title);
        put_foreign(out, lines->items[i], false);
        cf_buf_putc(out, '\n');
    }
}

static enum cf_code write_all(const struct cf_report_gate *gate, struct cf_buf *out,
                              struct cf_err *err)
{
    put_notice(out, gate);
    put_lines(out, "the run", &gate->troubles);
    put_lines(out, "the baseline", &gate->source->info->gate.outdated);
    enum cf_code code = put_kind(out, gate, ERRORS, err);
    return code == CF_OK ? put_kind(out, gate, WARNINGS, err) : code;
}

enum cf_code cf_report_annotate_github_write(const struct cf_report_source *source,
                                             const char *path, struct cf_err *err)
{
    struct cf_report_file file;
    struct cf_report_gate gate;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    cf_report_gate_init(&gate, source);
    code = write_all(&gate, &file.out, err);
    cf_report_gate_release(&gate);
    return cf_report_file_close(&file, code, err);
}
