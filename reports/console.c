#include "reports/console.h"
#include "reports/escape.h"
#include "reports/explain.h"
#include "reports/overview.h"
#include "reports/report_file.h"

#include <string.h>

enum {
    EXPLAIN_DEFAULT = 50,
    VALUE_MAX_BYTES = 400,
    BODY_MAX_BYTES = 2048,
    NAMED_MAX = 10,
    NAMED_OF_MANY = 3
};

struct console {
    const struct cf_report_source *source;
    struct cf_console_options options;
    struct cf_report_file file;
    struct cf_err *err;
};

static struct cf_buf *out_of(struct console *console)
{
    return &console->file.out;
}

static void put_coloured(struct console *console, const char *code, const char *text)
{
    if (console->options.colour)
        cf_buf_printf(out_of(console), "\x1b[%sm%s\x1b[0m", code, text);
    else
        cf_buf_puts(out_of(console), text);
}

static void put_foreign(struct console *console, const char *text)
{
    cf_report_escape_terminal(out_of(console), text, strlen(text), VALUE_MAX_BYTES);
}

/* ---- what was verified ---- */

static void put_level(struct console *console, enum cf_level level)
{
    const struct cf_level_counts *n = &console->source->summary->levels[level];
    const char *code = n->failed || n->error ? (level == CF_MUST ? "1;31" : "33")
                       : n->inconclusive || n->unstable || n->not_run ? "33"
                                                                      : "32";
    if (console->options.colour)
        cf_buf_printf(out_of(console), "\x1b[%sm", code);
    cf_report_put_level(out_of(console), console->source->summary, level);
    if (console->options.colour)
        cf_buf_puts(out_of(console), "\x1b[0m");
    cf_buf_putc(out_of(console), '\n');
}

static const char *verdict_colour(const char *verdict)
{
    if (strcmp(verdict, "conforming") == 0)
        return "1;32";
    return strcmp(verdict, "non-conforming") == 0 ? "1;31" : "1;33";
}

static void put_verdict(struct console *console)
{
    const struct cf_summary *summary = console->source->summary;
    cf_report_put_iut(out_of(console), console->source);
    cf_buf_puts(out_of(console), ": ");
    bool complete = console->source->info->complete;
    const char *colour = verdict_colour(summary->verdict);
    /* What was cut short is never green. */
    put_coloured(console,
                 !complete && strcmp(summary->verdict, "conforming") == 0 ? "1;33" : colour,
                 summary->verdict);
    if (!complete)
        put_coloured(console, "1;33", ", as far as the run went: it was cut short");
    cf_buf_putc(out_of(console), '\n');
}

static void put_cases(struct console *console)
{
    const struct cf_summary *summary = console->source->summary;
    cf_buf_printf(out_of(console),
                  "%zu cases: %zu pass, %zu fail, %zu inconclusive, %zu error, "
                  "%zu not applicable",
                  summary->cases_total, summary->cases_pass, summary->cases_fail,
                  summary->cases_inconclusive, summary->cases_error, summary->cases_not_applicable);
    if (summary->cases_unstable)
        cf_buf_printf(out_of(console), ", %zu unstable", summary->cases_unstable);
    cf_report_put_operations(out_of(console), console->source);
    cf_buf_printf(out_of(console), "; seed %llu\n", console->source->info->seed);
}

static void put_out_of_sight(struct console *console)
{
    struct cf_buf names = {0};
    if (cf_report_put_out_of_sight(&names, console->source->info))
        cf_buf_printf(out_of(console), "Out of sight, so never seen applied: %s\n",
                      cf_buf_text(&names));
    cf_buf_release(&names);
}

static void put_left(struct console *console)
{
    const struct cf_list *left = &console->source->info->left;
    if (left->count == 0)
        return;
    cf_buf_putc(out_of(console), '\n');
    put_coloured(console, "1;33", "Not put back as it was");
    cf_buf_putc(out_of(console), '\n');
    for (size_t i = 0; i < left->count; i++) {
        cf_buf_puts(out_of(console), "  ");
        put_foreign(console, left->items[i]);
        cf_buf_putc(out_of(console), '\n');
    }
}

/* ---- what was not judged, by reason ---- */

static void put_groups(struct console *console, enum cf_verdict verdict, const char *heading)
{
    struct cf_report_groups groups;
    cf_report_group(console->source, verdict, &groups);
    if (groups.count > 0) {
        cf_buf_putc(out_of(console), '\n');
        put_coloured(console, "1", heading);
        cf_buf_putc(out_of(console), '\n');
    }
    for (size_t g = 0; g < groups.count; g++) {
        const struct cf_report_group *group = &groups.items[g];
        cf_buf_puts(out_of(console), "  ");
        put_foreign(console, group->reason);
        cf_buf_printf(out_of(console), " (%zu)\n", group->count);
        size_t shown = group->count > NAMED_MAX ? NAMED_OF_MANY : group->count;
        for (size_t i = 0; i < shown; i++) {
            const struct cf_report_case *item = &console->source->cases[group->cases[i]];
            cf_buf_puts(out_of(console), "    ");
            put_foreign(console, cf_report_entry(console->source, item)->id);
            cf_buf_putc(out_of(console), '\n');
        }
        if (shown < group->count)
            cf_buf_printf(out_of(console), "    and %zu more, each named in the reports\n",
                          group->count - shown);
        cf_report_file_pump(&console->file);
    }
    cf_report_groups_release(&groups);
}

/* ---- failures ---- */

/* What a section of cases shows. */
struct section {
    const char *heading, *colour;
    bool (*wants)(const struct cf_report_case *item, enum cf_level level);
    bool named_only; /* not explained */
};

static bool failed_must(const struct cf_report_case *item, enum cf_level level)
{
    return item->verdict == CF_FAIL && level == CF_MUST;
}

static bool failed_other(const struct cf_report_case *item, enum cf_level level)
{
    return item->verdict == CF_FAIL && level != CF_MUST;
}

static bool in_error(const struct cf_report_case *item, enum cf_level level)
{
    (void)level;
    return item->verdict == CF_ERROR;
}

static bool is_unstable(const struct cf_report_case *item, enum cf_level level)
{
    (void)level;
    return item->unstable;
}

static const struct section sections[] = {
    {"Failed", "1;31", failed_must, false},
    {"Warnings: failed, below level must", "1;33", failed_other, false},
    {"Errors: the tester's own trouble", "1;33", in_error, false},
    {"Unstable: attempts with different verdicts", "1;33", is_unstable, true},
};

static enum cf_code explain(struct console *console, const struct cf_report_case *item)
{
    struct cf_report_explain_style style = {.indent = "    ",
                                            .value_max_bytes = VALUE_MAX_BYTES,
                                            .body_max_bytes = BODY_MAX_BYTES,
                                            .colour = console->options.colour};
    struct cf_case_record record;
    enum cf_code code = cf_report_read(console->source, item, &record, console->err);
    if (code != CF_OK)
        return code;
    cf_buf_puts(out_of(console), ": ");
    put_foreign(console, record.title);
    cf_buf_putc(out_of(console), '\n');
    cf_report_explain_case(out_of(console), console->source->info, &record, &style);
    cf_case_record_release(&record);
    const struct cf_report_cause *cause =
        cf_report_cause_of(console->source, cf_report_entry(console->source, item)->id);
    if (cause) {
        cf_buf_puts(out_of(console), "    looks like: ");
        put_foreign(console, cause->sentence);
        cf_buf_putc(out_of(console), '\n');
    }
    return CF_OK;
}

/* The cases of a section, the first explain_max explained, the others named. */
static enum cf_code put_section(struct console *console, const struct section *section)
{
    const struct cf_report_source *source = console->source;
    size_t explain_max = section->named_only ? 0 : console->options.explain_max;
    size_t shown = 0;
    for (size_t i = 0; i < source->case_count; i++) {
        const struct cf_report_case *item = &source->cases[i];
        const struct cf_results_entry *entry = cf_report_entry(source, item);
        if (!section->wants(item, entry->level))
            continue;
        if (shown++ == 0) {
            cf_buf_putc(out_of(console), '\n');
            put_coloured(console, section->colour, section->heading);
            cf_buf_putc(out_of(console), '\n');
        }
        cf_buf_puts(out_of(console), "  ");
        put_foreign(console, entry->id);
        enum cf_code code = shown <= explain_max ? explain(console, item) : CF_OK;
        if (code != CF_OK)
            return code;
        if (shown > explain_max)
            cf_buf_putc(out_of(console), '\n');
        cf_report_file_pump(&console->file);
    }
    return CF_OK;
}

/* ---- the first screen ---- */

static void put_labelled(struct console *console, const char *label, const char *text)
{
    if (!text)
        return;
    cf_buf_printf(out_of(console), "     %s", label);
    put_foreign(console, text);
    cf_buf_putc(out_of(console), '\n');
}

static void put_finding(struct console *console, const struct cf_report_findings *findings,
                        size_t number)
{
    const struct cf_report_finding *finding = &findings->items[number];
    const struct cf_report_cause *cause = finding->cause;
    const char *example = cf_report_finding_example(findings, finding);
    struct cf_buf line = {0};
    cf_report_finding_put_headline(&line, finding);
    cf_buf_printf(out_of(console), "  %zu. ", number + 1);
    put_foreign(console, cf_buf_text(&line));
    cf_buf_reset(&line);
    cf_buf_puts(out_of(console), " (");
    cf_report_finding_put_count(out_of(console), finding);
    cf_buf_printf(out_of(console), " %s)\n", cf_report_finding_kind(finding));
    put_labelled(console, "expected: ", finding->expected);
    put_labelled(console, "actual:   ", finding->actual);
    cf_report_finding_put_forms(&line, finding);
    put_labelled(console, "", line.len > 0 ? line.data : NULL);
    cf_buf_release(&line);
    if (cause) {
        cf_buf_puts(out_of(console), "     looks like: ");
        put_foreign(console, cause->sentence);
        cf_buf_printf(out_of(console), " (%s)\n", cause->name);
    }
    cf_buf_puts(out_of(console), "     for example ");
    put_foreign(console, example);
    cf_buf_puts(out_of(console), ": ");
    put_foreign(console, finding->title);
    cf_buf_putc(out_of(console), '\n');
    cf_buf_puts(out_of(console), "     ");
    cf_report_explain_again(out_of(console), console->source->info, example);
    cf_buf_putc(out_of(console), '\n');
}

static void put_heading(struct console *console, const char *heading)
{
    cf_buf_putc(out_of(console), '\n');
    put_coloured(console, "1", heading);
    cf_buf_putc(out_of(console), '\n');
}

static void put_findings(struct console *console, const struct cf_report_findings *findings)
{
    if (findings->count == 0)
        return;
    put_heading(console, "Causes, by what was found");
    for (size_t i = 0; i < findings->count && i < CF_REPORT_FINDINGS_SHOWN; i++)
        put_finding(console, findings, i);
    if (findings->count > CF_REPORT_FINDINGS_SHOWN)
        cf_buf_printf(out_of(console), "  and %zu more, below\n",
                      findings->count - CF_REPORT_FINDINGS_SHOWN);
}

static enum cf_code put_overview(struct console *console)
{
    struct cf_report_overview overview;
    enum cf_code code = cf_report_overview_init(&overview, console->source, console->err);
    if (code == CF_OK) {
        put_findings(console, &overview.findings);
        put_heading(console, "What to do next");
        for (size_t i = 0; i < overview.next.count; i++) {
            cf_buf_puts(out_of(console), "  ");
            put_foreign(console, overview.next.items[i]);
            cf_buf_putc(out_of(console), '\n');
        }
    }
    cf_report_overview_release(&overview);
    return code;
}

/* ---- the whole ---- */

static enum cf_code write_all(struct console *console)
{
    put_verdict(console);
    for (int level = CF_MUST; level <= CF_OBSERVE; level++)
        put_level(console, (enum cf_level)level);
    put_out_of_sight(console);
    put_cases(console);
    if (console->source->info->bought) {
        cf_buf_puts(out_of(console), "Bought by the budget: ");
        put_foreign(console, console->source->info->bought);
        cf_buf_putc(out_of(console), '\n');
    }
    if (console->options.quiet)
        return CF_OK;
    enum cf_code code = put_overview(console);
    if (code != CF_OK)
        return code;
    put_left(console);
    put_groups(console, CF_INCONCLUSIVE, "Inconclusive: could not be judged");
    put_groups(console, CF_NOT_APPLICABLE, "Not applicable");
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        code = put_section(console, &sections[i]);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

enum cf_code cf_report_console_write(const struct cf_report_source *source,
                                     const struct cf_console_options *options, const char *path,
                                     struct cf_err *err)
{
    struct console console = {.source = source, .err = err};
    if (options)
        console.options = *options;
    if (console.options.explain_max == 0)
        console.options.explain_max = EXPLAIN_DEFAULT;
    enum cf_code code = cf_report_file_open(&console.file, path, err);
    if (code != CF_OK)
        return code;
    return cf_report_file_close(&console.file, write_all(&console), err);
}
