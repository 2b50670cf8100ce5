#include "reports/markdown.h"
#include "reports/escape.h"
#include "reports/explain.h"
#include "reports/overview.h"
#include "reports/report_file.h"

#include <string.h>

enum {
    RESERVE_BYTES = 2000, /* kept for what comes after a section that does not fit */
    VALUE_MAX_BYTES = 300,
    BODY_MAX_BYTES = 600,
    ITEM_MAX_BYTES = 6000,
    NAMES_SHOWN = 5
};

struct markdown {
    const struct cf_report_source *source;
    struct cf_buf *out;
    struct cf_err *err;
};

/* ---- foreign text ---- */

/* The longest run of backticks, so that ours can be longer. */
static size_t longest_run(const char *text)
{
    size_t longest = 0;
    for (size_t run = 0; *text != '\0'; text++) {
        run = *text == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void put_ticks(struct cf_buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cf_buf_putc(out, '`');
}

void cf_report_markdown_put_code(struct cf_buf *out, const char *text, size_t max_bytes)
{
    struct cf_buf shown = {0};
    cf_report_escape_terminal(&shown, text, strlen(text), max_bytes);
    size_t ticks = longest_run(cf_buf_text(&shown)) + 1;
    put_ticks(out, ticks);
    /* A space inside keeps a backtick at an end apart from ours, and an empty span a span. */
    cf_buf_printf(out, " %s ", cf_buf_text(&shown));
    put_ticks(out, ticks);
    cf_buf_release(&shown);
}

void cf_report_markdown_put_fence(struct cf_buf *out, const char *text)
{
    size_t ticks = longest_run(text) + 1;
    ticks = ticks < 3 ? 3 : ticks;
    put_ticks(out, ticks);
    cf_buf_puts(out, "text\n");
    cf_buf_puts(out, text);
    put_ticks(out, ticks);
    cf_buf_puts(out, "\n");
}

/* The same inside of a list's item: one line. */
static void put_indented_fence(struct cf_buf *out, const char *line)
{
    size_t ticks = longest_run(line) + 1;
    ticks = ticks < 3 ? 3 : ticks;
    cf_buf_puts(out, "   ");
    put_ticks(out, ticks);
    cf_buf_printf(out, "sh\n   %s   ", line);
    put_ticks(out, ticks);
    cf_buf_puts(out, "\n");
}

/* For the few places where Markdown takes HTML only. */
static void put_html(struct cf_buf *out, const char *text)
{
    struct cf_buf shown = {0};
    cf_report_escape_terminal(&shown, text, strlen(text), VALUE_MAX_BYTES);
    cf_report_escape_html(out, cf_buf_text(&shown), shown.len);
    cf_buf_release(&shown);
}

/* ---- what fits ---- */

/* Move piece into the document if it fits beside the reserve; piece is empty afterwards. */
static bool take_in(struct markdown *markdown, struct cf_buf *piece)
{
    bool fits = markdown->out->len + piece->len + RESERVE_BYTES <= CF_REPORT_MARKDOWN_MAX_BYTES;
    if (fits)
        cf_buf_append(markdown->out, cf_buf_text(piece), piece->len);
    cf_buf_reset(piece);
    return fits;
}

static void put_rest(struct markdown *markdown, size_t rest, const char *what)
{
    if (rest > 0)
        cf_buf_printf(markdown->out, "\n%zu more %s not shown here; see the full report.\n", rest,
                      what);
}

/* ---- sections ---- */

static void put_levels(struct markdown *markdown)
{
    cf_buf_putc(markdown->out, '\n');
    for (int level = CF_MUST; level <= CF_OBSERVE; level++) {
        cf_buf_puts(markdown->out, "- ");
        cf_report_put_level(markdown->out, markdown->source->summary, (enum cf_level)level);
        cf_buf_putc(markdown->out, '\n');
    }
    struct cf_buf names = {0};
    if (cf_report_put_out_of_sight(&names, markdown->source->info)) {
        cf_buf_puts(markdown->out, "- Out of sight, so never seen applied: ");
        cf_report_markdown_put_code(markdown->out, cf_buf_text(&names), VALUE_MAX_BYTES);
        cf_buf_putc(markdown->out, '\n');
    }
    cf_buf_release(&names);
    if (markdown->source->info->bought) {
        cf_buf_puts(markdown->out, "- Bought by the budget: ");
        cf_report_markdown_put_code(markdown->out, markdown->source->info->bought, VALUE_MAX_BYTES);
        cf_buf_putc(markdown->out, '\n');
    }
}

static void put_left(struct markdown *markdown)
{
    const struct cf_list *left = &markdown->source->info->left;
    struct cf_buf piece = {0};
    for (size_t i = 0; i < left->count; i++) {
        cf_buf_puts(&piece, i ? "- " : "\n### Not put back as it was\n\n- ");
        cf_report_markdown_put_code(&piece, left->items[i], VALUE_MAX_BYTES);
        cf_buf_putc(&piece, '\n');
        if (!take_in(markdown, &piece))
            break;
    }
    cf_buf_release(&piece);
}

static void put_head(struct markdown *markdown)
{
    const struct cf_report_source *source = markdown->source;
    const struct cf_summary *summary = source->summary;
    struct cf_buf *out = markdown->out;
    struct cf_buf iut = {0};
    cf_report_put_iut(&iut, source);
    cf_buf_printf(out, "## cvm-conformance: %s%s\n\n", summary->verdict,
                  source->info->complete ? "" : " (cut short)");
    cf_report_markdown_put_code(out, cf_buf_text(&iut), 0);
    cf_buf_printf(out,
                  ": %zu cases, %zu pass, %zu fail, %zu inconclusive, %zu error, %zu not "
                  "applicable, %zu unstable",
                  summary->cases_total, summary->cases_pass, summary->cases_fail,
                  summary->cases_inconclusive, summary->cases_error, summary->cases_not_applicable,
                  summary->cases_unstable);
    cf_report_put_operations(out, source);
    cf_buf_printf(out, "; seed %llu\n", source->info->seed);
    put_levels(markdown);
    put_left(markdown);
    cf_buf_release(&iut);
}

/* ---- the first screen ---- */

static void put_finding(struct markdown *markdown, const struct cf_report_findings *findings,
                        size_t number, struct cf_buf *piece)
{
    const struct cf_report_finding *finding = &findings->items[number];
    const struct cf_report_cause *cause = finding->cause;
    const char *example = cf_report_finding_example(findings, finding);
    struct cf_buf line = {0};
    cf_buf_printf(piece, "%s%zu. ", number ? "" : "\n### Causes, by what was found\n\n",
                  number + 1);
    cf_report_finding_put_headline(&line, finding);
    cf_report_markdown_put_code(piece, cf_buf_text(&line), VALUE_MAX_BYTES);
    cf_buf_reset(&line);
    cf_buf_puts(piece, " (");
    cf_report_finding_put_count(piece, finding);
    cf_buf_printf(piece, " %s)", cf_report_finding_kind(finding));
    if (finding->expected && finding->actual) {
        cf_buf_puts(piece, "<br>expected ");
        cf_report_markdown_put_code(piece, finding->expected, VALUE_MAX_BYTES);
        cf_buf_puts(piece, "<br>actual ");
        cf_report_markdown_put_code(piece, finding->actual, VALUE_MAX_BYTES);
    }
    cf_buf_puts(piece, finding->forms > 0 ? "<br>" : "");
    cf_report_finding_put_forms(piece, finding);
    if (cause) {
        cf_buf_puts(piece, "<br>looks like ");
        cf_report_markdown_put_code(piece, cause->sentence, VALUE_MAX_BYTES);
    }
    cf_buf_puts(piece, "<br>for example ");
    cf_report_markdown_put_code(piece, example, VALUE_MAX_BYTES);
    cf_buf_puts(piece, " ");
    cf_report_markdown_put_code(piece, finding->title, VALUE_MAX_BYTES);
    cf_buf_puts(piece, "\n\n");
    cf_report_explain_again(&line, markdown->source->info, example);
    cf_buf_putc(&line, '\n');
    put_indented_fence(piece, cf_buf_text(&line));
    cf_buf_release(&line);
}

static void put_findings(struct markdown *markdown, const struct cf_report_findings *findings)
{
    struct cf_buf piece = {0};
    size_t shown = 0;
    while (shown < findings->count && shown < CF_REPORT_FINDINGS_SHOWN) {
        put_finding(markdown, findings, shown, &piece);
        if (!take_in(markdown, &piece))
            break;
        shown++;
    }
    put_rest(markdown, findings->count - shown, "causes");
    cf_buf_release(&piece);
}

static void put_next(struct markdown *markdown, const struct cf_list *next)
{
    struct cf_buf piece = {0};
    cf_buf_puts(&piece, "\n### What to do next\n\n");
    for (size_t i = 0; i < next->count; i++) {
        cf_buf_puts(&piece, "- ");
        cf_report_markdown_put_code(&piece, next->items[i], VALUE_MAX_BYTES);
        cf_buf_putc(&piece, '\n');
    }
    take_in(markdown, &piece);
    cf_buf_release(&piece);
}

static enum cf_code put_overview(struct markdown *markdown)
{
    struct cf_report_overview overview;
    enum cf_code code = cf_report_overview_init(&overview, markdown->source, markdown->err);
    if (code == CF_OK) {
        put_findings(markdown, &overview.findings);
        put_next(markdown, &overview.next);
    }
    cf_report_overview_release(&overview);
    return code;
}

/* ---- what was not judged, by reason ---- */

static void put_group(struct markdown *markdown, const struct cf_report_group *group,
                      struct cf_buf *piece)
{
    cf_buf_puts(piece, "- ");
    cf_report_markdown_put_code(piece, group->reason, VALUE_MAX_BYTES);
    cf_buf_printf(piece, " (%zu):", group->count);
    for (size_t i = 0; i < group->count && i < NAMES_SHOWN; i++) {
        const struct cf_report_case *item = &markdown->source->cases[group->cases[i]];
        cf_buf_putc(piece, ' ');
        cf_report_markdown_put_code(piece, cf_report_entry(markdown->source, item)->id,
                                    VALUE_MAX_BYTES);
    }
    if (group->count > NAMES_SHOWN)
        cf_buf_printf(piece, " and %zu more", group->count - NAMES_SHOWN);
    cf_buf_putc(piece, '\n');
}

static void put_groups(struct markdown *markdown, enum cf_verdict verdict, const char *heading)
{
    struct cf_report_groups groups;
    struct cf_buf piece = {0};
    size_t shown = 0;
    cf_report_group(markdown->source, verdict, &groups);
    for (; shown < groups.count; shown++) {
        if (shown == 0)
            cf_buf_printf(&piece, "\n### %s\n\n", heading);
        put_group(markdown, &groups.items[shown], &piece);
        /* At most a third of the page, so that failures keep their room. */
        if (markdown->out->len + piece.len > CF_REPORT_MARKDOWN_MAX_BYTES / 3 ||
            !take_in(markdown, &piece))
            break;
    }
    put_rest(markdown, groups.count - shown, "reasons");
    cf_buf_release(&piece);
    cf_report_groups_release(&groups);
}

static enum cf_code put_failure(struct markdown *markdown, const struct cf_report_case *item,
                                struct cf_buf *piece)
{
    static const struct cf_report_explain_style style = {
        .indent = "", .value_max_bytes = VALUE_MAX_BYTES, .body_max_bytes = BODY_MAX_BYTES};
    struct cf_case_record record;
    struct cf_buf text = {0};
    enum cf_code code = cf_report_read(markdown->source, item, &record, markdown->err);
    if (code != CF_OK)
        return code;
    cf_report_explain_case(&text, markdown->source->info, &record, &style);
    /* A case with very many mismatches must not take the page for itself. */
    if (text.len > ITEM_MAX_BYTES) {
        text.len = ITEM_MAX_BYTES;
        while (text.len > 0 && text.data[text.len - 1] != '\n')
            text.len--;
        text.data[text.len] = '\0';
        cf_buf_puts(&text, "(cut here)\n");
    }
    cf_buf_puts(piece, "\n<details><summary><code>");
    put_html(piece, record.id);
    cf_buf_printf(piece, "</code> (%s, %s)</summary>\n\n", cf_level_name(record.level),
                  cf_verdict_name(record.verdict));
    cf_report_markdown_put_fence(piece, cf_buf_text(&text));
    cf_buf_puts(piece, "\n</details>\n");
    cf_buf_release(&text);
    cf_case_record_release(&record);
    return CF_OK;
}

static bool wanted(const struct cf_report_source *source, const struct cf_report_case *item,
                   enum cf_verdict verdict, bool must)
{
    return item->verdict == verdict &&
           (verdict != CF_FAIL || (cf_report_entry(source, item)->level == CF_MUST) == must);
}

/* The cases of one verdict, explained as far as they fit. */
struct section {
    enum cf_verdict verdict;
    bool must;
    const char *heading;
};

static enum cf_code put_failures(struct markdown *markdown, const struct section *section)
{
    const struct cf_report_source *source = markdown->source;
    struct cf_buf piece = {0};
    enum cf_code code = CF_OK;
    size_t shown = 0;
    size_t rest = 0;
    for (size_t i = 0; code == CF_OK && i < source->case_count; i++) {
        if (!wanted(source, &source->cases[i], section->verdict, section->must))
            continue;
        if (rest > 0) {
            rest++;
            continue;
        }
        if (shown == 0)
            cf_buf_printf(&piece, "\n### %s\n", section->heading);
        code = put_failure(markdown, &source->cases[i], &piece);
        if (take_in(markdown, &piece))
            shown++;
        else
            rest++;
    }
    put_rest(markdown, rest, section->must ? "failures" : "cases");
    cf_buf_release(&piece);
    return code;
}

static enum cf_code write_all(struct markdown *markdown)
{
    static const struct section sections[] = {
        {CF_FAIL, true, "Failed"},
        {CF_FAIL, false, "Warnings: failed, below level must"},
        {CF_ERROR, false, "Errors: the tester's own trouble"},
    };
    put_head(markdown);
    enum cf_code code = put_overview(markdown);
    if (code != CF_OK)
        return code;
    put_groups(markdown, CF_INCONCLUSIVE, "Inconclusive: could not be judged");
    put_groups(markdown, CF_NOT_APPLICABLE, "Not applicable");
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        code = put_failures(markdown, &sections[i]);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

enum cf_code cf_report_markdown_put(struct cf_buf *out, const struct cf_report_source *source,
                                    struct cf_err *err)
{
    struct markdown markdown = {source, out, err};
    return write_all(&markdown);
}

enum cf_code cf_report_markdown_write(const struct cf_report_source *source, const char *path,
                                      struct cf_err *err)
{
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    return cf_report_file_close(&file, cf_report_markdown_put(&file.out, source, err), err);
}
