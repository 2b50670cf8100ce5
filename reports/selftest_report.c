#include "reports/selftest_report.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "reports/escape.h"
#include "reports/report_file.h"

#include <string.h>

/* ---- JSON ---- */

static void put_text(struct cf_buf *out, const char *name, const char *value, bool first)
{
    cf_buf_puts(out, first ? "" : ", ");
    cf_json_put_text(out, name);
    cf_buf_puts(out, ": ");
    cf_json_put_text(out, value);
}

static void put_row(struct cf_buf *out, const struct cf_selftest_report_row *row)
{
    cf_buf_putc(out, '{');
    put_text(out, "kind", row->kind, true);
    put_text(out, "name", row->name, false);
    put_text(out, "requirement", row->requirement, false);
    put_text(out, "level", row->level, false);
    put_text(out, "sentence", row->sentence, false);
    put_text(out, "outcome", row->outcome, false);
    put_text(out, "detail", row->detail, false);
    cf_buf_printf(out, ", \"good\": %s, \"failed\": %zu, \"must_failed\": %zu",
                  row->good ? "true" : "false", row->failed, row->must_failed);
    cf_buf_printf(out, ", \"requests\": %lu, \"duration_ms\": %.1f}", row->requests,
                  row->duration_ms);
}

static void put_summary(struct cf_buf *out, const struct cf_selftest_report_head *head)
{
    cf_buf_printf(out,
                  ", \"wall_ms\": %.1f, \"requests\": %lu,\n\"summary\": {\"deviations\": %zu, "
                  "\"variants\": %zu, \"survivors\": %zu, \"strays\": %zu, \"false_alarms\": %zu, "
                  "\"broken\": %zu, \"tried_twice\": %zu, ",
                  head->wall_ms, head->requests, head->deviations, head->variants, head->survivors,
                  head->strays, head->false_alarms, head->broken, head->tried_twice);
    cf_buf_printf(out,
                  "\"proven\": {\"must\": {\"total\": %zu, \"proven\": %zu}, "
                  "\"should\": {\"total\": %zu, \"proven\": %zu}}}",
                  head->total[0], head->proven[0], head->total[1], head->proven[1]);
}

enum cf_code cf_selftest_report_json_write(const struct cf_selftest_report_head *head,
                                           const struct cf_selftest_report_row *rows, size_t count,
                                           const char *path, struct cf_err *err)
{
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    cf_buf_puts(&file.out, "{");
    put_text(&file.out, "format", "cvm-conformance-selftest", true);
    cf_buf_puts(&file.out, ", \"version\": 1");
    put_text(&file.out, "suite_version", head->version, false);
    put_text(&file.out, "catalogue_sha256", head->catalogue_sha256, false);
    put_summary(&file.out, head);
    cf_buf_puts(&file.out, ",\n\"subjects\": [");
    for (size_t i = 0; i < count; i++) {
        cf_buf_puts(&file.out, i ? ",\n" : "\n");
        put_row(&file.out, &rows[i]);
        cf_report_file_pump(&file);
    }
    cf_buf_puts(&file.out, "]}\n");
    return cf_report_file_close(&file, CF_OK, err);
}

/* ---- HTML ---- */

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ddd}"
    "th{position:sticky;top:0;background:#f4f4f4}"
    "code{font:13px ui-monospace,monospace;overflow-wrap:break-word}"
    "td:nth-child(1){min-width:13rem}td:nth-child(2){min-width:16rem}"
    "td:nth-child(6){min-width:13rem}td:nth-child(6) code{overflow-wrap:anywhere}"
    "td:last-child,th:last-child{text-align:right}"
    ".bad td{background:#fde8e8}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181c}"
    "th{background:#24272d}th,td{border-color:#3a3d44}.bad td{background:#4a2222}}";

static void put_cell(struct cf_buf *out, const char *text, bool code)
{
    cf_buf_puts(out, code ? "<td><code>" : "<td>");
    cf_report_escape_html(out, text, strlen(text));
    cf_buf_puts(out, code ? "</code></td>" : "</td>");
}

static void put_head(struct cf_buf *out, const struct cf_selftest_report_head *head)
{
    cf_buf_puts(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'\">"
                     "<meta name=\"viewport\" content=\"width=device-width\">"
                     "<title>Kill matrix</title><style>");
    cf_buf_puts(out, style);
    cf_buf_printf(
        out,
        "</style></head><body><h1>Kill matrix</h1><p>%zu deviations: %zu survivors, %zu "
        "strays. %zu variants: %zu false alarms. %zu broken, %zu tried twice.</p><p>Suite ",
        head->deviations, head->survivors, head->strays, head->variants, head->false_alarms,
        head->broken, head->tried_twice);
    cf_report_escape_html(out, head->version, strlen(head->version));
    cf_buf_printf(
        out,
        ", catalogue <code>%.16s</code>, %.1f s, %lu requests. Proven able to fail: %zu of "
        "%zu must, %zu of %zu should.</p>\n",
        head->catalogue_sha256, head->wall_ms / 1000, head->requests, head->proven[0],
        head->total[0], head->proven[1], head->total[1]);
}

/* What is out of place comes first. */
static void put_rows(struct cf_report_file *file, const struct cf_selftest_report_row *rows,
                     size_t count, const char *kind, bool good)
{
    for (size_t i = 0; i < count; i++) {
        const struct cf_selftest_report_row *row = &rows[i];
        bool deviation = strcmp(row->kind, "deviation") == 0;
        if (row->good != good || deviation != (strcmp(kind, "deviation") == 0))
            continue;
        cf_buf_puts(&file->out, row->good ? "<tr>" : "<tr class=\"bad\">");
        put_cell(&file->out, row->name, true);
        put_cell(&file->out, row->sentence, false);
        put_cell(&file->out, row->requirement, true);
        put_cell(&file->out, row->level, false);
        put_cell(&file->out, deviation && good ? "caught" : row->outcome, false);
        put_cell(&file->out, row->detail, true);
        cf_buf_printf(&file->out, "<td>%zu</td></tr>\n", row->failed);
        cf_report_file_pump(file);
    }
}

static void put_table(struct cf_report_file *file, const struct cf_selftest_report_row *rows,
                      size_t count, const char *kind, const char *head)
{
    cf_buf_puts(&file->out, head);
    cf_buf_puts(&file->out, "</tr></thead><tbody>\n");
    put_rows(file, rows, count, kind, false);
    put_rows(file, rows, count, kind, true);
    cf_buf_puts(&file->out, "</tbody></table>\n");
}

enum cf_code cf_selftest_report_html_write(const struct cf_selftest_report_head *head,
                                           const struct cf_selftest_report_row *rows, size_t count,
                                           const char *path, struct cf_err *err)
{
    static const char deviations[] =
        "<h2>Deviations</h2><table><thead><tr><th>Name</th><th>The bug</th><th>Breaks</th>"
        "<th>Level</th><th>Outcome</th><th>Caught by</th><th>Failed</th>";
    static const char variants[] =
        "<h2>Variants</h2><table><thead><tr><th>Name</th><th>The freedom taken</th><th>In the "
        "ledger</th><th>May fail</th><th>Outcome</th><th>Finding or company</th><th>Failed</th>";
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    put_head(&file.out, head);
    put_table(&file, rows, count, "deviation", deviations);
    put_table(&file, rows, count, "variant", variants);
    cf_buf_puts(&file.out, "</body></html>\n");
    return cf_report_file_close(&file, CF_OK, err);
}
