#include "reports/html.h"
#include "harness/base/base64.h"
#include "harness/base/digest.h"
#include "reports/explain.h"
#include "reports/html_assets.h"
#include "reports/html_data.h"
#include "reports/html_sections.h"
#include "reports/timeline.h"
#include "reports/timing.h"

#include <string.h>

enum {
    OBSERVATION_MAX_BYTES = 2000,
    OBSERVATIONS_MAX_BYTES = 1 << 20,
    PLAIN_MAX_BYTES = 256 << 10,
    VALUE_MAX_BYTES = 1000,
    BODY_MAX_BYTES = 1000
};

/* What the sections after the data are made of, gathered while the data is written. */
struct gathered {
    const struct cf_run_info *info;
    struct cf_report_timing timing;
    struct cf_report_timeline timeline;
    struct cf_buf observations; /* table rows */
    size_t observations_left_out;
    struct cf_buf plain; /* failures for readers without scripts */
    size_t plain_left_out;
};

/* ---- head ---- */

static void put_hash(struct cf_buf *out, const unsigned char *bytes, size_t len)
{
    unsigned char digest[CF_SHA256_BYTES];
    cf_sha256(bytes, len, digest);
    cf_buf_puts(out, "'sha256-");
    cf_base64_encode(out, digest, sizeof(digest));
    cf_buf_putc(out, '\'');
}

static void put_policy(struct cf_buf *out)
{
    cf_buf_puts(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "script-src ");
    put_hash(out, cf_report_html_script, cf_report_html_script_len);
    cf_buf_puts(out, "; style-src ");
    put_hash(out, cf_report_html_style, cf_report_html_style_len);
    cf_buf_puts(out, "; img-src data:; base-uri 'none'; form-action 'none'\">\n");
}

static void put_head(struct cf_buf *out, const struct cf_report_source *source)
{
    struct cf_buf iut = {0};
    cf_report_put_iut(&iut, source);
    cf_buf_puts(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put_policy(out);
    /* The empty icon keeps browsers from asking the server for one. */
    cf_buf_puts(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n"
                     "<meta name=\"referrer\" content=\"no-referrer\">\n"
                     "<link rel=\"icon\" href=\"data:,\">\n<title>");
    cf_report_html_put_text(out, cf_buf_text(&iut), 0);
    cf_buf_printf(out, ": %s%s</title>\n<style>", source->summary->verdict,
                  source->info->complete ? "" : " (cut short)");
    cf_buf_append(out, cf_report_html_style, cf_report_html_style_len);
    cf_buf_puts(out, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#s-cases\">Skip to the "
                     "cases</a>\n");
    cf_buf_release(&iut);
}

/* ---- gathering ---- */

static void gather_observation(struct gathered *gathered, const struct cf_case_record *record)
{
    struct cf_buf *out = &gathered->observations;
    if (!record->observation)
        return;
    if (out->len > OBSERVATIONS_MAX_BYTES) {
        gathered->observations_left_out++;
        return;
    }
    cf_buf_puts(out, "<tr><th scope=\"row\">");
    cf_report_html_put_case_link(out, record->id);
    cf_buf_puts(out, "</th><td>");
    cf_report_html_put_text(out, record->statement ? record->statement : record->title,
                            VALUE_MAX_BYTES);
    cf_buf_puts(out, "</td><td><code>");
    cf_report_html_put_text(out, record->observation, OBSERVATION_MAX_BYTES);
    cf_buf_puts(out, "</code></td></tr>\n");
}

static void gather_failure(struct gathered *gathered, const struct cf_case_record *record)
{
    static const struct cf_report_explain_style style = {
        .indent = "", .value_max_bytes = VALUE_MAX_BYTES, .body_max_bytes = BODY_MAX_BYTES};
    struct cf_buf text = {0};
    if (record->verdict != CF_FAIL && record->verdict != CF_ERROR)
        return;
    if (gathered->plain.len > PLAIN_MAX_BYTES) {
        gathered->plain_left_out++;
        return;
    }
    cf_report_explain_case(&text, gathered->info, record, &style);
    cf_buf_puts(&gathered->plain, "<h3>");
    cf_report_html_put_badge(&gathered->plain, record->verdict);
    cf_buf_puts(&gathered->plain, " <code>");
    cf_report_html_put_text(&gathered->plain, record->id, VALUE_MAX_BYTES);
    cf_buf_puts(&gathered->plain, "</code></h3>\n<pre>");
    for (char *line = text.data; line && *line != '\0';) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        cf_report_html_put_text(&gathered->plain, line, 0);
        cf_buf_putc(&gathered->plain, '\n');
        line = end ? end + 1 : NULL;
    }
    cf_buf_puts(&gathered->plain, "</pre>\n");
    cf_buf_release(&text);
}

static void gather(void *context, const struct cf_case_record *record)
{
    struct gathered *gathered = context;
    gather_observation(gathered, record);
    gather_failure(gathered, record);
    cf_report_timing_add(&gathered->timing, record);
    cf_report_timeline_add(&gathered->timeline, record);
}

/* ---- sections made of it ---- */

static void put_plain(struct cf_buf *out, const struct gathered *gathered)
{
    cf_buf_puts(out, "<noscript><section><h2>Failures</h2>\n<p>Scripts are off: this is the plain "
                     "list.</p>\n");
    cf_buf_append(out, cf_buf_text(&gathered->plain), gathered->plain.len);
    if (gathered->plain_left_out)
        cf_buf_printf(out, "<p>%zu more.</p>\n", gathered->plain_left_out);
    cf_buf_puts(out, "</section></noscript>\n");
}

static void put_observations(struct cf_buf *out, const struct gathered *gathered)
{
    if (gathered->observations.len == 0)
        return;
    cf_buf_puts(out,
                "<section aria-labelledby=\"s-observations\"><h2 id=\"s-observations\">"
                "Observations</h2>\n<p>What the contract leaves open, and what this implementation "
                "does there. Nothing here is right or wrong.</p>\n<div class=\"scroll\"><table>"
                "<thead><tr><th scope=\"col\">case</th><th scope=\"col\">statement</th>"
                "<th scope=\"col\">observed</th></tr></thead><tbody>\n");
    cf_buf_append(out, gathered->observations.data, gathered->observations.len);
    cf_buf_puts(out, "</tbody></table></div>\n");
    if (gathered->observations_left_out)
        cf_buf_printf(out, "<p>%zu more, among the cases.</p>\n", gathered->observations_left_out);
    cf_buf_puts(out, "</section>\n");
}

static void put_timing(struct cf_buf *out, const struct gathered *gathered)
{
    if (gathered->timing.row_count == 0)
        return;
    cf_buf_puts(out, "<section aria-labelledby=\"s-timing\"><h2 id=\"s-timing\">Timing</h2>\n");
    cf_report_timing_put_html(out, &gathered->timing);
    if (gathered->timeline.count > 0)
        cf_buf_puts(out, "<h3>By CVM</h3>\n<p>Blue: operations. Red: cases that failed; purple: in "
                         "error.</p>\n");
    cf_report_timeline_put_html(out, &gathered->timeline);
    cf_buf_puts(out, "</section>\n");
}

/* ---- the whole ---- */

static enum cf_code put_overview(struct cf_buf *out, const struct cf_report_source *source,
                                 struct cf_err *err)
{
    struct cf_report_overview overview;
    enum cf_code code = cf_report_overview_init(&overview, source, err);
    if (code == CF_OK)
        cf_report_html_put_overview(out, &overview);
    cf_report_overview_release(&overview);
    return code;
}

static void put_cases_head(struct cf_buf *out, const struct cf_report_source *source)
{
    cf_buf_puts(out, "<section aria-labelledby=\"s-cases\"><h2 id=\"s-cases\" tabindex=\"-1\">"
                     "Cases</h2>\n");
    cf_report_html_put_filters(out, source);
}

static void put_end(struct cf_buf *out)
{
    cf_buf_puts(out, "</main>\n<script>");
    cf_buf_append(out, cf_report_html_script, cf_report_html_script_len);
    cf_buf_puts(out, "</script>\n</body>\n</html>\n");
}

static enum cf_code write_all(struct cf_report_file *file, const struct cf_report_source *source,
                              struct gathered *gathered, struct cf_err *err)
{
    struct cf_buf *out = &file->out;
    put_head(out, source);
    cf_report_html_put_header(out, source);
    cf_buf_puts(out, "<main>\n");
    enum cf_code code = put_overview(out, source, err);
    if (code != CF_OK)
        return code;
    cf_report_html_put_unjudged(file, source);
    put_cases_head(out, source);
    code = cf_report_html_put_index(file, source, err);
    if (code != CF_OK)
        return code;
    code = cf_report_html_put_records(file, source, gather, gathered, err);
    if (code != CF_OK)
        return code;
    cf_buf_puts(out, "</section>\n");
    put_plain(out, gathered);
    cf_report_html_put_requirements(file, source);
    put_observations(out, gathered);
    put_timing(out, gathered);
    cf_report_html_put_facts(out, source);
    put_end(out);
    return CF_OK;
}

enum cf_code cf_report_html_write(const struct cf_report_source *source, const char *path,
                                  struct cf_err *err)
{
    struct gathered gathered = {.info = source->info};
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    code = write_all(&file, source, &gathered, err);
    cf_report_timing_release(&gathered.timing);
    cf_report_timeline_release(&gathered.timeline);
    cf_buf_release(&gathered.observations);
    cf_buf_release(&gathered.plain);
    return cf_report_file_close(&file, code, err);
}
