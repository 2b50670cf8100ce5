#include "reports/junit.h"
#include "harness/base/mem.h"
#include "reports/escape.h"
#include "reports/explain.h"
#include "reports/report_file.h"

#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX_BYTES = 4096, VALUE_MAX_BYTES = 16384, BODY_MAX_BYTES = 4096 };

struct counts {
    size_t tests, failures, errors, skipped;
    double ms;
};

struct junit {
    const struct cf_report_source *source;
    struct cf_report_file file;
    xmlTextWriterPtr xml;
    struct cf_buf text; /* for texts on their way to the writer */
    struct counts written;
    bool failed; /* the XML writer refused */
    struct cf_err *err;
};

/* ---- through libxml2 into the file ---- */

static int to_file(void *context, const char *bytes, int len)
{
    struct junit *junit = context;
    cf_buf_append(&junit->file.out, bytes, (size_t)len);
    return len;
}

static void check(struct junit *junit, int result)
{
    junit->failed = junit->failed || result < 0;
}

static void start(struct junit *junit, const char *name)
{
    check(junit, xmlTextWriterStartElement(junit->xml, (const xmlChar *)name));
}

static void end(struct junit *junit)
{
    check(junit, xmlTextWriterEndElement(junit->xml));
}

static void attribute(struct junit *junit, const char *name, const char *value)
{
    cf_buf_reset(&junit->text);
    cf_report_escape_xml(&junit->text, value, strlen(value));
    check(junit, xmlTextWriterWriteAttribute(junit->xml, (const xmlChar *)name,
                                             (const xmlChar *)cf_buf_text(&junit->text)));
}

static void count_attribute(struct junit *junit, const char *name, size_t value)
{
    check(junit,
          xmlTextWriterWriteFormatAttribute(junit->xml, (const xmlChar *)name, "%zu", value));
}

static void seconds_attribute(struct junit *junit, const char *name, double ms)
{
    check(junit, xmlTextWriterWriteFormatAttribute(junit->xml, (const xmlChar *)name, "%.6f",
                                                   ms / 1000.0));
}

static void property(struct junit *junit, const char *name, const char *value)
{
    start(junit, "property");
    attribute(junit, "name", name);
    attribute(junit, "value", value);
    end(junit);
}

/* ---- counts ---- */

static void count(struct counts *counts, enum cf_verdict verdict, double ms)
{
    counts->tests++;
    counts->failures += verdict == CF_FAIL;
    counts->errors += verdict == CF_ERROR;
    counts->skipped += verdict == CF_INCONCLUSIVE || verdict == CF_NOT_APPLICABLE;
    counts->ms += ms;
}

/* The counts of what will be written for a suite; all suites for NULL. */
static struct counts count_suite(const struct cf_report_source *source, const char *suite)
{
    struct counts counts = {0};
    for (size_t i = 0; i < source->case_count; i++) {
        const struct cf_results_entry *entry = cf_report_entry(source, &source->cases[i]);
        if (!suite || strcmp(entry->suite, suite) == 0)
            count(&counts, source->cases[i].verdict, entry->duration_ms);
    }
    return counts;
}

static void put_counts(struct junit *junit, const struct counts *counts)
{
    count_attribute(junit, "tests", counts->tests);
    count_attribute(junit, "failures", counts->failures);
    count_attribute(junit, "errors", counts->errors);
    seconds_attribute(junit, "time", counts->ms);
}

/* ---- cases ---- */

static void count_property(struct junit *junit, const char *name, size_t count)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%zu", count);
    property(junit, name, digits);
}

static void put_case_properties(struct junit *junit, const struct cf_report_case *item,
                                const struct cf_case_record *record)
{
    const struct cf_report_cause *cause = cf_report_cause_of(junit->source, record->id);
    start(junit, "properties");
    property(junit, "level", cf_level_name(record->level));
    property(junit, "verdict", cf_verdict_name(record->verdict));
    for (size_t i = 0; i < record->requirement_count; i++)
        property(junit, "requirement", record->requirements[i]);
    if (record->tries > 1)
        count_property(junit, "tries", (size_t)record->tries);
    if (item->attempts > 1) {
        count_property(junit, "attempts", item->attempts);
        property(junit, "unstable", item->unstable ? "true" : "false");
    }
    if (cause)
        property(junit, "likely-cause", cause->sentence);
    end(junit);
}

static void put_message(struct junit *junit, const char *text)
{
    struct cf_buf shown = {0};
    cf_report_escape_terminal(&shown, text, strlen(text), MESSAGE_MAX_BYTES);
    attribute(junit, "message", cf_buf_text(&shown));
    cf_buf_release(&shown);
}

static void text(struct junit *junit, const char *value)
{
    cf_buf_reset(&junit->text);
    cf_report_escape_xml(&junit->text, value, strlen(value));
    check(junit, xmlTextWriterWriteString(junit->xml, (const xmlChar *)cf_buf_text(&junit->text)));
}

static void put_explanation(struct junit *junit, const struct cf_case_record *record)
{
    static const struct cf_report_explain_style style = {
        .indent = "", .value_max_bytes = VALUE_MAX_BYTES, .body_max_bytes = BODY_MAX_BYTES};
    struct cf_buf explanation = {0};
    cf_report_explain_case(&explanation, record, &style);
    text(junit, cf_buf_text(&explanation));
    cf_buf_release(&explanation);
}

static const char *failure_message(const struct cf_case_record *record)
{
    if (record->reason && *record->reason != '\0')
        return record->reason;
    if (record->failure_count > 0 && record->failures[0].message)
        return record->failures[0].message;
    return cf_record_reason(record);
}

static void put_outcome(struct junit *junit, const struct cf_case_record *record)
{
    if (record->verdict == CF_PASS)
        return;
    bool judged = record->verdict == CF_FAIL || record->verdict == CF_ERROR;
    start(junit, record->verdict == CF_FAIL ? "failure" : judged ? "error" : "skipped");
    put_message(junit, judged ? failure_message(record) : cf_record_reason(record));
    if (judged) {
        attribute(junit, "type", cf_verdict_name(record->verdict));
        put_explanation(junit, record);
    }
    end(junit);
}

static enum cf_code put_case(struct junit *junit, const struct cf_report_case *item)
{
    struct cf_case_record record;
    enum cf_code code = cf_report_read(junit->source, item, &record, junit->err);
    if (code != CF_OK)
        return code;
    start(junit, "testcase");
    attribute(junit, "name", record.id);
    attribute(junit, "classname", record.suite);
    if (record.file) {
        attribute(junit, "file", record.file);
        check(junit, xmlTextWriterWriteFormatAttribute(junit->xml, (const xmlChar *)"line", "%d",
                                                       record.line));
    }
    seconds_attribute(junit, "time", record.duration_ms);
    put_case_properties(junit, item, &record);
    put_outcome(junit, &record);
    if (record.observation) {
        start(junit, "system-out");
        text(junit, record.observation);
        end(junit);
    }
    end(junit);
    count(&junit->written, record.verdict, record.duration_ms);
    cf_case_record_release(&record);
    return CF_OK;
}

/* ---- suites ---- */

static void put_level_property(struct junit *junit, enum cf_level level)
{
    struct cf_buf line = {0};
    cf_report_put_level(&line, junit->source->summary, level);
    property(junit, cf_level_name(level), cf_buf_text(&line));
    cf_buf_release(&line);
}

/* A testsuite's own properties: what the run was, and what it verified as a whole. */
static void put_suite_properties(struct junit *junit)
{
    const struct cf_run_info *info = junit->source->info;
    char seed[32];
    struct cf_buf iut = {0};
    snprintf(seed, sizeof(seed), "%llu", info->seed);
    cf_report_put_iut(&iut, junit->source);
    start(junit, "properties");
    property(junit, "iut", cf_buf_text(&iut));
    property(junit, "suite-version", info->suite_version ? info->suite_version : "");
    property(junit, "seed", seed);
    property(junit, "complete", info->complete ? "true" : "false");
    property(junit, "run-verdict", junit->source->summary->verdict);
    for (int level = CF_MUST; level <= CF_OBSERVE; level++)
        put_level_property(junit, (enum cf_level)level);
    end(junit);
    cf_buf_release(&iut);
}

/* Readers differ on time zones: seconds, UTC, without a zone, as the public schemas have it. */
static void put_timestamp(struct junit *junit)
{
    const char *started = junit->source->info->started_at;
    char stamp[20] = "";
    if (!started || strlen(started) < sizeof(stamp) - 1 || started[10] != 'T')
        return;
    memcpy(stamp, started, sizeof(stamp) - 1);
    attribute(junit, "timestamp", stamp);
}

/* The head is written before the cases are read again: both must tell of the same cases. */
static enum cf_code check_counts(const struct junit *junit, const struct counts *promised)
{
    const struct counts *written = &junit->written;
    if (promised->tests == written->tests && promised->failures == written->failures &&
        promised->errors == written->errors && promised->skipped == written->skipped)
        return CF_OK;
    return cf_err_set(junit->err, CF_EINPUT, "%s changed while it was read",
                      cf_results_path(junit->source->results));
}

static enum cf_code put_suite(struct junit *junit, const char *suite)
{
    const struct cf_report_source *source = junit->source;
    struct counts promised = count_suite(source, suite);
    junit->written = (struct counts){0};
    start(junit, "testsuite");
    attribute(junit, "name", suite);
    put_counts(junit, &promised);
    count_attribute(junit, "skipped", promised.skipped);
    put_timestamp(junit);
    put_suite_properties(junit);
    for (size_t i = 0; i < source->case_count; i++) {
        if (strcmp(cf_report_entry(source, &source->cases[i])->suite, suite) != 0)
            continue;
        enum cf_code code = put_case(junit, &source->cases[i]);
        if (code != CF_OK)
            return code;
        /* libxml2 keeps what is small to itself: what has reached the file may go. */
        cf_report_file_pump(&junit->file);
    }
    end(junit);
    return check_counts(junit, &promised);
}

/* A run that did not get to its end is red, whatever its cases say. */
static void put_trouble(struct junit *junit, const struct counts *counts)
{
    const char *trouble = junit->source->info->trouble;
    start(junit, "testsuite");
    attribute(junit, "name", "run");
    put_counts(junit, counts);
    count_attribute(junit, "skipped", 0);
    put_timestamp(junit);
    put_suite_properties(junit);
    start(junit, "testcase");
    attribute(junit, "name", "the run came to its end");
    attribute(junit, "classname", "run");
    seconds_attribute(junit, "time", 0);
    start(junit, "error");
    put_message(junit, trouble);
    attribute(junit, "type", "error");
    text(junit, trouble);
    end(junit);
    end(junit);
    end(junit);
}

static enum cf_code write_all(struct junit *junit)
{
    const struct cf_report_source *source = junit->source;
    const struct counts one = {.tests = source->info->trouble != NULL,
                               .errors = source->info->trouble != NULL};
    struct counts all = count_suite(source, NULL);
    all.tests += one.tests;
    all.errors += one.errors;
    xmlTextWriterSetIndent(junit->xml, 1);
    xmlTextWriterSetIndentString(junit->xml, (const xmlChar *)" ");
    check(junit, xmlTextWriterStartDocument(junit->xml, "1.0", "UTF-8", NULL));
    start(junit, "testsuites");
    attribute(junit, "name", "cvm-conformance");
    put_counts(junit, &all);
    if (source->info->trouble)
        put_trouble(junit, &one);
    for (size_t i = 0; i < source->suite_count; i++) {
        enum cf_code code = put_suite(junit, source->suites[i]);
        if (code != CF_OK)
            return code;
    }
    end(junit);
    check(junit, xmlTextWriterEndDocument(junit->xml));
    return junit->failed ? cf_err_set(junit->err, CF_EIO, "cannot write %s: the XML writer refused",
                                      junit->file.path)
                         : CF_OK;
}

enum cf_code cf_report_junit_write(const struct cf_report_source *source, const char *path,
                                   struct cf_err *err)
{
    struct junit junit = {.source = source, .err = err};
    enum cf_code code = cf_report_file_open(&junit.file, path, err);
    if (code != CF_OK)
        return code;
    /* Every other caller of libxml2 in the process allocates the same way, so once is as good as
     * each time. */
    xmlMemSetup(free, cf_mem_malloc, cf_mem_realloc, cf_mem_strdup);
    junit.xml = xmlNewTextWriter(xmlOutputBufferCreateIO(to_file, NULL, &junit, NULL));
    code = write_all(&junit);
    xmlFreeTextWriter(junit.xml);
    cf_buf_release(&junit.text);
    return cf_report_file_close(&junit.file, code, err);
}
