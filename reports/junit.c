#include "reports/junit.h"
#include "harness/base/clock.h"
#include "reports/escape.h"
#include "reports/explain.h"
#include "reports/gate.h"
#include "reports/report_file.h"

#include <math.h>
#include <string.h>

enum { MESSAGE_MAX_BYTES = 4096, VALUE_MAX_BYTES = 16384, BODY_MAX_BYTES = 4096 };

struct junit {
    const struct cf_report_source *source;
    struct cf_report_gate gate;
    struct cf_report_file file;
    bool told; /* the run's own properties stand in the first suite */
    struct cf_err *err;
};

static struct cf_buf *out_of(struct junit *junit)
{
    return &junit->file.out;
}

/* ---- XML ---- */

static void attribute(struct junit *junit, const char *name, const char *value)
{
    cf_buf_printf(out_of(junit), " %s=\"", name);
    cf_report_escape_xml(out_of(junit), value, strlen(value), true);
    cf_buf_putc(out_of(junit), '"');
}

static void text(struct junit *junit, const char *value)
{
    cf_report_escape_xml(out_of(junit), value, strlen(value), false);
}

static void property(struct junit *junit, const char *name, const char *value)
{
    cf_buf_puts(out_of(junit), "    <property");
    attribute(junit, "name", name);
    attribute(junit, "value", value);
    cf_buf_puts(out_of(junit), "/>\n");
}

static void count_property(struct junit *junit, const char *name, unsigned long long count)
{
    cf_buf_printf(out_of(junit), "    <property name=\"%s\" value=\"%llu\"/>\n", name, count);
}

/* ---- counts and times ---- */

struct counts {
    size_t tests, failures, errors, skipped;
    double first_ms, last_ms; /* when the first began and the last ended, since 1970 */
    double sum_ms;            /* of the times that they took */
};

static void count_case(struct counts *counts, enum cf_report_mark mark,
                       const struct cf_results_entry *entry)
{
    double end_ms = entry->started_ms + entry->duration_ms;
    bool first = counts->tests++ == 0;
    counts->failures += mark == CF_REPORT_FAILURE;
    counts->errors += mark == CF_REPORT_ERROR;
    counts->skipped += mark == CF_REPORT_SKIPPED;
    counts->first_ms = first ? entry->started_ms : fmin(counts->first_ms, entry->started_ms);
    counts->last_ms = first ? end_ms : fmax(counts->last_ms, end_ms);
    counts->sum_ms += entry->duration_ms;
}

/* Of what will be written for a suite; of all suites for NULL. */
static struct counts count_suite(const struct junit *junit, const char *suite)
{
    const struct cf_report_source *source = junit->source;
    struct counts counts = {0};
    for (size_t i = 0; i < source->case_count; i++) {
        const struct cf_results_entry *entry = cf_report_entry(source, &source->cases[i]);
        if (!suite || strcmp(entry->suite, suite) == 0)
            count_case(&counts, junit->gate.marks[i], entry);
    }
    return counts;
}

/* By the clock on the wall: cases run side by side. */
static double seconds(const struct counts *counts)
{
    bool known = counts->first_ms > 0 && isfinite(counts->last_ms);
    double ms = known ? counts->last_ms - counts->first_ms : counts->sum_ms;
    return ms > 0 ? ms / 1000.0 : 0;
}

static void put_counts(struct junit *junit, const struct counts *counts)
{
    cf_buf_printf(out_of(junit), " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" time=\"%.3f\"",
                  counts->tests, counts->failures, counts->errors, seconds(counts));
}

/* Readers differ on time zones: seconds, UTC, without a zone, as the public schemas have it. */
static void put_timestamp(struct junit *junit, double started_ms)
{
    char stamp[CF_TIMESTAMP_BYTES];
    if (!(started_ms > 0) && !cf_clock_parse(junit->source->info->started_at, &started_ms))
        return;
    cf_clock_format(started_ms, stamp);
    cf_buf_printf(out_of(junit), " timestamp=\"%.19s\"", stamp);
}

/* ---- cases ---- */

static void put_case_properties(struct junit *junit, const struct cf_report_case *item,
                                const struct cf_case_record *record)
{
    const struct cf_report_cause *cause = cf_report_cause_of(junit->source, record->id);
    cf_buf_puts(out_of(junit), "   <properties>\n");
    property(junit, "level", cf_level_name(record->level));
    property(junit, "verdict", cf_verdict_name(record->verdict));
    for (size_t i = 0; i < record->requirement_count; i++)
        property(junit, "requirement", record->requirements[i]);
    if (record->tries > 1)
        count_property(junit, "tries", (unsigned long long)record->tries);
    if (item->attempts > 1) {
        count_property(junit, "attempts", item->attempts);
        property(junit, "unstable", item->unstable ? "true" : "false");
    }
    if (cause)
        property(junit, "likely-cause", cause->sentence);
    cf_buf_puts(out_of(junit), "   </properties>\n");
}

/* A failure, error or skipped: why, as an attribute and once more in its text, since each reader
 * shows one of them; then the explanation, where there is one. */
static void put_outcome(struct junit *junit, const char *element, const char *why,
                        const char *explanation)
{
    struct cf_buf shown = {0};
    cf_report_escape_terminal(&shown, why, strlen(why), MESSAGE_MAX_BYTES);
    cf_buf_printf(out_of(junit), "   <%s", element);
    attribute(junit, "message", cf_buf_text(&shown));
    if (strcmp(element, "skipped") != 0)
        attribute(junit, "type", element);
    cf_buf_putc(out_of(junit), '>');
    text(junit, cf_buf_text(&shown));
    if (*explanation != '\0') {
        cf_buf_putc(out_of(junit), '\n');
        text(junit, explanation);
    }
    cf_buf_printf(out_of(junit), "</%s>\n", element);
    cf_buf_release(&shown);
}

static void put_case_outcome(struct junit *junit, size_t index, const struct cf_case_record *record)
{
    static const char *const elements[] = {NULL, "skipped", "error", "failure"};
    static const struct cf_report_explain_style style = {
        .indent = "", .value_max_bytes = VALUE_MAX_BYTES, .body_max_bytes = BODY_MAX_BYTES};
    struct cf_buf why = {0};
    struct cf_buf explanation = {0};
    if (junit->gate.marks[index] == CF_REPORT_GREEN)
        return;
    cf_report_gate_put_message(&why, &junit->gate, index, record);
    if (record->verdict == CF_FAIL || record->verdict == CF_ERROR)
        cf_report_explain_case(&explanation, junit->source->info, record, &style);
    put_outcome(junit, elements[junit->gate.marks[index]], cf_buf_text(&why),
                cf_buf_text(&explanation));
    cf_buf_release(&why);
    cf_buf_release(&explanation);
}

static void put_case_head(struct junit *junit, const struct cf_case_record *record)
{
    /* Without a dot a reader takes the whole for a package's name, and the package for the root. */
    cf_buf_puts(out_of(junit), "  <testcase");
    attribute(junit, "name", record->id);
    cf_buf_puts(out_of(junit), " classname=\"cvm.");
    cf_report_escape_xml(out_of(junit), record->suite, strlen(record->suite), true);
    cf_buf_putc(out_of(junit), '"');
    if (record->file) {
        attribute(junit, "file", record->file);
        cf_buf_printf(out_of(junit), " line=\"%d\"", record->line);
    }
    cf_buf_printf(out_of(junit), " time=\"%.3f\">\n", record->duration_ms / 1000.0);
}

static void put_case(struct junit *junit, size_t index, const struct cf_case_record *record)
{
    put_case_head(junit, record);
    put_case_properties(junit, &junit->source->cases[index], record);
    put_case_outcome(junit, index, record);
    if (record->observation) {
        cf_buf_puts(out_of(junit), "   <system-out>");
        text(junit, record->observation);
        cf_buf_puts(out_of(junit), "</system-out>\n");
    }
    cf_buf_puts(out_of(junit), "  </testcase>\n");
}

/* ---- suites ---- */

static void put_level_property(struct junit *junit, enum cf_level level)
{
    struct cf_buf line = {0};
    cf_report_put_level(&line, junit->source->summary, level);
    property(junit, cf_level_name(level), cf_buf_text(&line));
    cf_buf_release(&line);
}

static void put_command_property(struct junit *junit)
{
    struct cf_buf line = {0};
    cf_report_explain_words(&line, &junit->source->info->command);
    if (line.len > 0)
        property(junit, "command", cf_buf_text(&line));
    cf_buf_release(&line);
}

/* What the run was, and what it verified as a whole: once, in the first suite. */
static void put_run_properties(struct junit *junit)
{
    const struct cf_run_info *info = junit->source->info;
    struct cf_buf iut = {0};
    if (junit->told)
        return;
    junit->told = true;
    cf_report_put_iut(&iut, junit->source);
    cf_buf_puts(out_of(junit), "  <properties>\n");
    property(junit, "iut", cf_buf_text(&iut));
    property(junit, "suite-version", info->suite_version ? info->suite_version : "");
    count_property(junit, "seed", info->seed);
    property(junit, "complete", info->complete ? "true" : "false");
    property(junit, "run-verdict", junit->source->summary->verdict);
    for (int level = CF_MUST; level <= CF_OBSERVE; level++)
        put_level_property(junit, (enum cf_level)level);
    cf_buf_reset(&iut);
    if (cf_report_put_out_of_sight(&iut, info))
        property(junit, "out-of-sight", cf_buf_text(&iut));
    if (info->bought)
        property(junit, "bought-by-the-budget", info->bought);
    put_command_property(junit);
    cf_buf_puts(out_of(junit), "  </properties>\n");
    cf_buf_release(&iut);
}

static void put_suite_head(struct junit *junit, const char *name, const struct counts *counts)
{
    cf_buf_puts(out_of(junit), " <testsuite");
    attribute(junit, "name", name);
    put_counts(junit, counts);
    cf_buf_printf(out_of(junit), " skipped=\"%zu\"", counts->skipped);
    put_timestamp(junit, counts->first_ms);
    cf_buf_puts(out_of(junit), ">\n");
    put_run_properties(junit);
}

/* Its exchanges are shown where it failed only. */
static enum cf_code read_case(const struct junit *junit, const struct cf_report_case *item,
                              struct cf_case_record *out)
{
    bool explained = item->verdict == CF_FAIL || item->verdict == CF_ERROR;
    return explained ? cf_report_read(junit->source, item, out, junit->err)
                     : cf_report_read_head(junit->source, item, out, junit->err);
}

static enum cf_code put_suite(struct junit *junit, const char *suite)
{
    const struct cf_report_source *source = junit->source;
    struct counts counts = count_suite(junit, suite);
    put_suite_head(junit, suite, &counts);
    for (size_t i = 0; i < source->case_count; i++) {
        struct cf_case_record record;
        if (strcmp(cf_report_entry(source, &source->cases[i])->suite, suite) != 0)
            continue;
        enum cf_code code = read_case(junit, &source->cases[i], &record);
        if (code != CF_OK)
            return code;
        put_case(junit, i, &record);
        cf_case_record_release(&record);
        cf_report_file_pump(&junit->file);
    }
    cf_buf_puts(out_of(junit), " </testsuite>\n");
    return CF_OK;
}

/* ---- the run as a whole ---- */

static void put_run_case(struct junit *junit, const char *classname, const char *name,
                         const char *element, const struct cf_list *lines)
{
    struct cf_buf rest = {0};
    if (lines->count == 0)
        return;
    for (size_t i = 1; i < lines->count; i++)
        cf_buf_printf(&rest, "%s%s", i > 1 ? "\n" : "", lines->items[i]);
    cf_buf_puts(out_of(junit), "  <testcase");
    attribute(junit, "name", name);
    attribute(junit, "classname", classname);
    cf_buf_puts(out_of(junit), " time=\"0.000\">\n");
    put_outcome(junit, element, lines->items[0], cf_buf_text(&rest));
    cf_buf_puts(out_of(junit), "  </testcase>\n");
    cf_buf_release(&rest);
}

static struct counts count_run(const struct junit *junit)
{
    bool trouble = junit->gate.troubles.count > 0;
    bool outdated = junit->source->info->gate.outdated.count > 0;
    bool left = junit->source->info->left.count > 0;
    return (struct counts){.tests = (size_t)trouble + outdated + left,
                           .errors = trouble,
                           .failures = outdated,
                           .skipped = left};
}

/* A run that did not get to its end, or a baseline that is no longer true, is red whatever the
 * cases say. */
static void put_run(struct junit *junit, const struct counts *counts)
{
    if (counts->tests == 0)
        return;
    put_suite_head(junit, "run", counts);
    put_run_case(junit, "run", "the run could judge", "error", &junit->gate.troubles);
    put_run_case(junit, "baseline", "the known failures are as listed", "failure",
                 &junit->source->info->gate.outdated);
    put_run_case(junit, "run", "what was changed is put back", "skipped",
                 &junit->source->info->left);
    cf_buf_puts(out_of(junit), " </testsuite>\n");
}

static enum cf_code write_all(struct junit *junit)
{
    const struct cf_report_source *source = junit->source;
    struct counts run = count_run(junit);
    struct counts all = count_suite(junit, NULL);
    all.tests += run.tests;
    all.errors += run.errors;
    all.skipped += run.skipped;
    all.failures += run.failures;
    cf_buf_puts(out_of(junit), "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<testsuites name=\"cvm-conformance\"");
    put_counts(junit, &all);
    cf_buf_puts(out_of(junit), ">\n");
    put_run(junit, &run);
    for (size_t i = 0; i < source->suite_count; i++) {
        enum cf_code code = put_suite(junit, source->suites[i]);
        if (code != CF_OK)
            return code;
    }
    cf_buf_puts(out_of(junit), "</testsuites>\n");
    return CF_OK;
}

enum cf_code cf_report_junit_write(const struct cf_report_source *source, const char *path,
                                   struct cf_err *err)
{
    struct junit junit = {.source = source, .err = err};
    enum cf_code code = cf_report_file_open(&junit.file, path, err);
    if (code != CF_OK)
        return code;
    cf_report_gate_init(&junit.gate, source);
    code = write_all(&junit);
    cf_report_gate_release(&junit.gate);
    return cf_report_file_close(&junit.file, code, err);
}
