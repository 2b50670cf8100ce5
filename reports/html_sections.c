#include "reports/html_sections.h"
#include "harness/base/json.h"
#include "reports/escape.h"
#include "reports/explain.h"

#include <string.h>

enum { TEXT_MAX_BYTES = 600 };

void cf_report_html_put_text(struct cf_buf *out, const char *text, size_t max_bytes)
{
    struct cf_buf shown = {0};
    cf_report_escape_terminal(&shown, text, strlen(text), max_bytes);
    cf_report_escape_html(out, cf_buf_text(&shown), shown.len);
    cf_buf_release(&shown);
}

void cf_report_html_put_badge(struct cf_buf *out, enum cf_verdict verdict)
{
    const char *name = cf_verdict_name(verdict);
    cf_buf_printf(out, "<span class=\"badge %s\">%s</span>", name, name);
}

static void put_fragment(struct cf_buf *out, const char *id)
{
    for (const char *at = id; *at != '\0'; at++) {
        bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                     (*at >= '0' && *at <= '9') || (*at != '\0' && strchr("-._~", *at));
        if (plain)
            cf_buf_putc(out, *at);
        else
            cf_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*at);
    }
}

void cf_report_html_put_case_link(struct cf_buf *out, const char *id)
{
    cf_buf_puts(out, "<a href=\"#");
    put_fragment(out, id);
    cf_buf_puts(out, "\"><code>");
    cf_report_html_put_text(out, id, TEXT_MAX_BYTES);
    cf_buf_puts(out, "</code></a>");
}

/* ---- header ---- */

static void put_fact(struct cf_buf *out, const char *name, const char *value)
{
    if (!value || *value == '\0')
        return;
    cf_buf_printf(out, "<div><dt>%s</dt><dd>", name);
    cf_report_html_put_text(out, value, TEXT_MAX_BYTES);
    cf_buf_puts(out, "</dd></div>\n");
}

static void put_pics(struct cf_buf *out, const char *text)
{
    struct cf_json_doc doc;
    struct cf_buf line = {0};
    if (!text || cf_json_parse(&doc, "pics", text, strlen(text), 0, NULL) != CF_OK)
        return;
    const cJSON *member;
    cJSON_ArrayForEach(member, doc.root)
    {
        cf_buf_printf(&line, "%s%s=", line.len ? ", " : "", member->string ? member->string : "");
        cf_json_print(&line, member);
    }
    put_fact(out, "Capabilities claimed (PICS)", cf_buf_text(&line));
    cf_buf_release(&line);
    cf_json_release(&doc);
}

static void put_base_url(struct cf_buf *out, const char *text)
{
    struct cf_json_doc doc;
    if (!text || cf_json_parse(&doc, "iut", text, strlen(text), 0, NULL) != CF_OK)
        return;
    put_fact(out, "Base URL", cf_json_text(doc.root, "base_url", ""));
    cf_json_release(&doc);
}

static void put_reported_with(struct cf_buf *out, const struct cf_run_info *info)
{
    struct cf_buf command = {0};
    cf_buf_puts(out, "<p class=\"meta\">Reported with cvm-conformance ");
    cf_report_html_put_text(out, info->suite_version ? info->suite_version : "", TEXT_MAX_BYTES);
    cf_report_explain_words(&command, &info->command);
    if (command.len > 0) {
        cf_buf_puts(out, ": <code>");
        cf_report_escape_html(out, command.data, command.len);
        cf_buf_puts(out, "</code>");
    }
    cf_buf_puts(out, "</p>\n");
    cf_buf_release(&command);
}

void cf_report_html_put_facts(struct cf_buf *out, const struct cf_report_source *source)
{
    const struct cf_run_info *info = source->info;
    struct cf_buf line = {0};
    cf_buf_puts(out, "<section aria-labelledby=\"s-run\"><h2 id=\"s-run\">About this run</h2>\n"
                     "<dl class=\"facts\">\n");
    put_base_url(out, info->iut);
    put_pics(out, info->pics);
    cf_report_put_out_of_sight(&line, info);
    put_fact(out, "Out of sight, so never seen applied", cf_buf_text(&line));
    cf_buf_reset(&line);
    put_fact(out, "Started", info->started_at);
    put_fact(out, "Finished", info->finished_at);
    cf_buf_printf(&line, "%llu", info->seed);
    put_fact(out, "Seed", cf_buf_text(&line));
    put_fact(out, "Catalogue", info->catalogue_sha256);
    put_fact(out, "Profile", info->profile_sha256);
    put_fact(out, "Hidden in it", info->profile_hidden);
    put_fact(out, "Selection", info->selection);
    put_fact(out, "Bought by the budget", info->bought);
    cf_buf_reset(&line);
    cf_buf_printf(&line, "%d of %d", info->shard_index, info->shard_count);
    put_fact(out, "Shard", info->shard_count > 1 ? cf_buf_text(&line) : NULL);
    cf_buf_puts(out, "</dl>\n");
    put_reported_with(out, info);
    cf_buf_puts(out, "</section>\n");
    cf_buf_release(&line);
}

static const char *verdict_class(const char *verdict)
{
    if (strcmp(verdict, "conforming") == 0)
        return "pass";
    return strcmp(verdict, "non-conforming") == 0 ? "fail" : verdict;
}

static void put_counts(struct cf_buf *out, const struct cf_summary *summary)
{
    struct cf_buf line = {0};
    cf_buf_puts(out, "<ul class=\"counts\">\n");
    for (int level = CF_MUST; level <= CF_OBSERVE; level++) {
        cf_buf_reset(&line);
        cf_report_put_level(&line, summary, (enum cf_level)level);
        cf_buf_printf(out, "<li class=\"%s\">", cf_level_name((enum cf_level)level));
        cf_report_escape_html(out, cf_buf_text(&line), line.len);
        cf_buf_puts(out, "</li>\n");
    }
    cf_buf_puts(out, "</ul>\n");
    cf_buf_release(&line);
}

static void put_left(struct cf_buf *out, const struct cf_list *left)
{
    if (left->count == 0)
        return;
    cf_buf_printf(out,
                  "<details class=\"warning\"><summary>Not put back as it was: %zu</summary>"
                  "\n<ul>\n",
                  left->count);
    for (size_t i = 0; i < left->count; i++) {
        cf_buf_puts(out, "<li>");
        cf_report_escape_html(out, left->items[i], strlen(left->items[i]));
        cf_buf_puts(out, "</li>\n");
    }
    cf_buf_puts(out, "</ul></details>\n");
}

/* What ended it; how that came about is folded away, or it would fill the first screen. */
static void put_trouble(struct cf_buf *out, const char *trouble)
{
    size_t len = cf_report_trouble_len(trouble);
    const char *rest = trouble[len] == ';' ? trouble + len + 1 : "";
    cf_buf_puts(out, *rest ? "<details class=\"warning\"><summary>" : "<p class=\"warning\">");
    cf_report_escape_html(out, trouble, len);
    cf_buf_puts(out, *rest ? "</summary>\n<ul>\n" : "</p>\n");
    for (const char *at = rest; *at != '\0';) {
        at += strspn(at, "; ");
        len = cf_report_trouble_len(at);
        cf_buf_puts(out, "<li>");
        cf_report_escape_html(out, at, len);
        cf_buf_puts(out, "</li>\n");
        at += len + (at[len] == ';');
    }
    cf_buf_puts(out, *rest ? "</ul></details>\n" : "");
}

/* What was cut short is never green: who looks at nothing else would take it for the whole. */
static void put_verdict(struct cf_buf *out, const struct cf_report_source *source)
{
    const char *verdict = source->summary->verdict;
    bool partly = !source->info->complete && strcmp(verdict, "conforming") == 0;
    cf_buf_printf(out, ": <span class=\"badge %s\">%s%s</span></h1>\n",
                  partly ? "inconclusive" : verdict_class(verdict), verdict,
                  source->info->complete ? "" : ", as far as the run went");
}

void cf_report_html_put_header(struct cf_buf *out, const struct cf_report_source *source)
{
    const struct cf_summary *summary = source->summary;
    struct cf_buf iut = {0};
    cf_report_put_iut(&iut, source);
    cf_buf_puts(out, "<header>\n<h1>");
    cf_report_escape_html(out, cf_buf_text(&iut), iut.len);
    put_verdict(out, source);
    cf_buf_release(&iut);
    put_counts(out, summary);
    if (!source->info->complete)
        cf_buf_puts(out, "<p class=\"warning\">This run was cut short: what is not here was not "
                         "run.</p>\n");
    if (source->info->trouble)
        put_trouble(out, source->info->trouble);
    put_left(out, &source->info->left);
    cf_buf_printf(out,
                  "<p>%zu cases: %zu pass, %zu fail, %zu inconclusive, %zu error, %zu not "
                  "applicable, %zu unstable.</p>\n",
                  summary->cases_total, summary->cases_pass, summary->cases_fail,
                  summary->cases_inconclusive, summary->cases_error, summary->cases_not_applicable,
                  summary->cases_unstable);
    cf_buf_puts(out, "</header>\n");
}

/* ---- the first screen ---- */

static void put_finding(struct cf_buf *out, const struct cf_report_findings *findings,
                        const struct cf_report_finding *finding)
{
    const struct cf_report_cause *cause = finding->cause;
    const char *example = cf_report_finding_example(findings, finding);
    struct cf_buf command = {0};
    cf_report_finding_put_headline(&command, finding);
    cf_buf_puts(out, "<li><p><strong>");
    cf_report_html_put_text(out, cf_buf_text(&command), TEXT_MAX_BYTES);
    cf_buf_reset(&command);
    cf_buf_puts(out, "</strong> <span class=\"count\">");
    cf_report_finding_put_count(out, finding);
    cf_buf_printf(out, " %s</span>", cf_report_finding_kind(finding));
    if (finding->expected && finding->actual) {
        cf_buf_puts(out, "<br>expected <code>");
        cf_report_html_put_text(out, finding->expected, TEXT_MAX_BYTES);
        cf_buf_puts(out, "</code>, found <code>");
        cf_report_html_put_text(out, finding->actual, TEXT_MAX_BYTES);
        cf_buf_puts(out, "</code>");
    }
    cf_buf_puts(out, finding->forms > 0 ? "; " : "");
    cf_report_finding_put_forms(out, finding);
    if (cause) {
        cf_buf_puts(out, "<br>looks like: <em>");
        cf_report_html_put_text(out, cause->sentence, TEXT_MAX_BYTES);
        cf_buf_puts(out, "</em> <small>");
        cf_report_html_put_text(out, cause->name, TEXT_MAX_BYTES);
        cf_buf_puts(out, "</small>");
    }
    cf_buf_puts(out, "<br>for example ");
    cf_report_html_put_case_link(out, example);
    cf_buf_puts(out, ": ");
    cf_report_html_put_text(out, finding->title, TEXT_MAX_BYTES);
    cf_buf_puts(out, "</p>\n<pre class=\"again\">");
    cf_report_explain_again(&command, findings->source->info, example);
    cf_report_escape_html(out, cf_buf_text(&command), command.len);
    cf_buf_puts(out, "</pre></li>\n");
    cf_buf_release(&command);
}

void cf_report_html_put_overview(struct cf_buf *out, const struct cf_report_overview *overview)
{
    const struct cf_report_findings *findings = &overview->findings;
    if (findings->count > 0)
        cf_buf_puts(out, "<section aria-labelledby=\"s-causes\"><h2 id=\"s-causes\">Causes, by "
                         "what was found</h2>\n<ol class=\"causes\">\n");
    for (size_t i = 0; i < findings->count && i < CF_REPORT_FINDINGS_SHOWN; i++)
        put_finding(out, findings, &findings->items[i]);
    if (findings->count > 0)
        cf_buf_puts(out, "</ol>\n");
    if (findings->count > CF_REPORT_FINDINGS_SHOWN)
        cf_buf_printf(out, "<p>And %zu more, among the cases.</p>\n",
                      findings->count - CF_REPORT_FINDINGS_SHOWN);
    cf_buf_puts(out, findings->count > 0 ? "</section>\n" : "");
    cf_buf_puts(out, "<section aria-labelledby=\"s-next\"><h2 id=\"s-next\">What to do next</h2>"
                     "<ul>\n");
    for (size_t i = 0; i < overview->next.count; i++) {
        cf_buf_puts(out, "<li>");
        cf_report_html_put_text(out, overview->next.items[i], TEXT_MAX_BYTES);
        cf_buf_puts(out, "</li>\n");
    }
    cf_buf_puts(out, "</ul></section>\n");
}

/* ---- filters ---- */

static void put_option(struct cf_buf *out, const char *value)
{
    cf_buf_puts(out, "<option>");
    cf_report_html_put_text(out, value, TEXT_MAX_BYTES);
    cf_buf_puts(out, "</option>");
}

void cf_report_html_put_filters(struct cf_buf *out, const struct cf_report_source *source)
{
    static const enum cf_verdict verdicts[] = {CF_FAIL, CF_ERROR, CF_INCONCLUSIVE,
                                               CF_NOT_APPLICABLE, CF_PASS};
    cf_buf_puts(
        out, "<form id=\"filters\" class=\"filters\" role=\"search\" hidden>\n<label>Text "
             "<input type=\"search\" id=\"f-text\" autocomplete=\"off\" "
             "placeholder=\"words, level:must suite:partial verdict:fail\"></label>\n<label>Suite "
             "<select id=\"f-suite\"><option value=\"\">all</option>");
    for (size_t i = 0; i < source->suite_count; i++)
        put_option(out, source->suites[i]);
    cf_buf_puts(out, "</select></label>\n<label>Level <select id=\"f-level\"><option value=\"\">all"
                     "</option>");
    for (int level = CF_MUST; level <= CF_OBSERVE; level++)
        put_option(out, cf_level_name((enum cf_level)level));
    cf_buf_puts(out, "</select></label>\n<label>Order <select id=\"f-order\"><option "
                     "value=\"gravity\">gravest first</option><option value=\"plan\">as planned"
                     "</option></select></label>\n<fieldset><legend>Verdict</legend>");
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        const char *name = cf_verdict_name(verdicts[i]);
        cf_buf_printf(out,
                      "<label><input type=\"checkbox\" name=\"verdict\" value=\"%s\" checked> %s "
                      "<span class=\"n\" data-count=\"%s\"></span></label>",
                      name, name, name);
    }
    cf_buf_puts(out, "</fieldset>\n<button type=\"reset\">Reset</button>\n</form>\n"
                     "<p id=\"shown\" role=\"status\" aria-live=\"polite\"></p>\n"
                     "<div id=\"list\"></div>\n"
                     "<button type=\"button\" id=\"more\" hidden>Show more</button>\n");
}

/* ---- requirements ---- */

/* The part of an id before its first dot. */
static size_t suite_len(const char *id)
{
    return strcspn(id, ".");
}

/* To its cases, by the filter that the page takes from the fragment. */
static void put_requirement_link(struct cf_buf *out, const struct cf_requirement_info *info)
{
    cf_buf_puts(out, info->case_count ? "<a href=\"#?q=requirement:" : "");
    if (info->case_count) {
        put_fragment(out, info->id);
        cf_buf_puts(out, "\">");
    }
    cf_buf_puts(out, "<code>");
    cf_report_html_put_text(out, info->id, TEXT_MAX_BYTES);
    cf_buf_puts(out, info->case_count ? "</code></a>" : "</code>");
}

static void put_requirement(struct cf_buf *out, const struct cf_requirement_info *info)
{
    cf_buf_printf(out, "<tr data-level=\"%s\" data-verdict=\"%s\"><th scope=\"row\">",
                  cf_level_name(info->level),
                  info->case_count ? cf_verdict_name(info->verdict) : "not-run");
    put_requirement_link(out, info);
    cf_buf_printf(out, "</th><td>%s</td><td>", cf_level_name(info->level));
    if (info->case_count)
        cf_report_html_put_badge(out, info->verdict);
    else
        cf_buf_puts(out, "<span class=\"badge not-run\">not run</span>");
    if (info->unstable)
        cf_buf_puts(out, " <span class=\"badge unstable\">unstable</span>");
    cf_buf_puts(out, "</td><td>");
    cf_report_html_put_text(out, info->statement ? info->statement : "", TEXT_MAX_BYTES);
    if (info->source && *info->source != '\0') {
        cf_buf_puts(out, " <small>");
        cf_report_html_put_text(out, info->source, TEXT_MAX_BYTES);
        cf_buf_puts(out, "</small>");
    }
    cf_buf_printf(out, "</td><td class=\"n\">%zu</td><td>%s</td></tr>\n", info->case_count,
                  info->proven ? "yes" : "");
}

static void put_suite_head(struct cf_buf *out, const char *id)
{
    cf_buf_puts(out, "<tr class=\"group\"><th colspan=\"6\" scope=\"rowgroup\">");
    struct cf_buf name = {0};
    cf_buf_append(&name, id, suite_len(id));
    cf_report_html_put_text(out, cf_buf_text(&name), TEXT_MAX_BYTES);
    cf_buf_release(&name);
    cf_buf_puts(out, "</th></tr>\n");
}

static bool same_suite(const char *a, const char *b)
{
    return suite_len(a) == suite_len(b) && memcmp(a, b, suite_len(a)) == 0;
}

void cf_report_html_put_requirements(struct cf_report_file *file,
                                     const struct cf_report_source *source)
{
    const struct cf_summary *summary = source->summary;
    cf_buf_puts(
        &file->out,
        "<section aria-labelledby=\"s-requirements\"><h2 id=\"s-requirements\">"
        "Requirements</h2>\n<div class=\"scroll\"><table class=\"requirements\"><thead>"
        "<tr><th scope=\"col\">requirement</th><th scope=\"col\">level</th>"
        "<th scope=\"col\">verdict</th><th scope=\"col\">statement and source</th>"
        "<th scope=\"col\" class=\"n\">cases</th><th scope=\"col\">proven</th></tr></thead>\n");
    for (size_t i = 0; i < summary->requirement_count; i++) {
        const char *id = summary->requirements[i].id;
        if (i == 0 || !same_suite(id, summary->requirements[i - 1].id)) {
            cf_buf_puts(&file->out, i ? "</tbody><tbody>\n" : "<tbody>\n");
            put_suite_head(&file->out, id);
        }
        put_requirement(&file->out, &summary->requirements[i]);
        cf_report_file_pump(file);
    }
    cf_buf_puts(&file->out,
                summary->requirement_count ? "</tbody></table></div>\n" : "</table></div>\n");
    cf_buf_puts(&file->out, "<p><small>Proven: a server that breaks this requirement, and nothing "
                            "else, was caught when the suite was certified itself.</small></p>"
                            "</section>\n");
}

/* ---- what was not judged ---- */

enum { NAMES_MAX = 200 };

static void put_groups(struct cf_report_file *file, const struct cf_report_source *source,
                       enum cf_verdict verdict, const char *heading)
{
    struct cf_report_groups groups;
    cf_report_group(source, verdict, &groups);
    cf_buf_printf(&file->out, "<h3>%s</h3>\n%s", heading,
                  groups.count ? "<ul class=\"plainlist\">\n" : "<p>None.</p>\n");
    for (size_t g = 0; g < groups.count; g++) {
        const struct cf_report_group *group = &groups.items[g];
        cf_buf_puts(&file->out, "<li><details><summary>");
        cf_report_html_put_text(&file->out, group->reason, TEXT_MAX_BYTES);
        cf_buf_printf(&file->out, " (%zu)</summary><ul>\n", group->count);
        for (size_t i = 0; i < group->count && i < NAMES_MAX; i++) {
            const struct cf_report_case *item = &source->cases[group->cases[i]];
            cf_buf_puts(&file->out, "<li>");
            cf_report_html_put_case_link(&file->out, cf_report_entry(source, item)->id);
            cf_buf_puts(&file->out, "</li>\n");
        }
        if (group->count > NAMES_MAX)
            cf_buf_printf(&file->out, "<li>and %zu more, among the cases</li>\n",
                          group->count - NAMES_MAX);
        cf_buf_puts(&file->out, "</ul></details></li>\n");
        cf_report_file_pump(file);
    }
    cf_buf_puts(&file->out, groups.count ? "</ul>\n" : "");
    cf_report_groups_release(&groups);
}

void cf_report_html_put_unjudged(struct cf_report_file *file, const struct cf_report_source *source)
{
    cf_buf_puts(&file->out, "<section aria-labelledby=\"s-unjudged\"><h2 id=\"s-unjudged\">Not "
                            "judged</h2>\n");
    put_groups(file, source, CF_INCONCLUSIVE, "Inconclusive: could not be judged");
    put_groups(file, source, CF_NOT_APPLICABLE, "Not applicable: not claimed by the profile");
    cf_buf_puts(&file->out, "</section>\n");
}
