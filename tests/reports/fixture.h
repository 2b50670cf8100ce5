/* A saved run and a place for a report, set up and taken down for each test. */
#ifndef CF_TESTS_REPORTS_FIXTURE_H
#define CF_TESTS_REPORTS_FIXTURE_H

#include "reports/report.h"
#include "tests/reports/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static struct fixture {
    char directory[64];
    char lines[96];  /* results.ndjson */
    char report[96]; /* what a writer makes */
    struct cf_results *results;
    struct cf_report_source source;
    struct cf_run_info info;
    struct cf_buf text; /* the report, read back */
    struct cf_err err;
} fixture;

static inline int fixture_begin(void **state)
{
    (void)state;
    fixture = (struct fixture){0};
    (void)snprintf(fixture.directory, sizeof(fixture.directory), "/tmp/cf-report-XXXXXX");
    if (!mkdtemp(fixture.directory))
        return -1;
    (void)snprintf(fixture.lines, sizeof(fixture.lines), "%s/r.ndjson", fixture.directory);
    (void)snprintf(fixture.report, sizeof(fixture.report), "%s/report", fixture.directory);
    cf_buf_init(&fixture.text, 1 << 29);
    return 0;
}

static inline void fixture_close(void)
{
    cf_report_source_release(&fixture.source);
    cf_results_close(fixture.results);
    cf_run_info_release(&fixture.info);
    fixture.results = NULL;
}

static inline int fixture_end(void **state)
{
    (void)state;
    fixture_close();
    cf_buf_release(&fixture.text);
    (void)unlink(fixture.lines);
    (void)unlink(fixture.report);
    return rmdir(fixture.directory); /* fails where a writer left something behind */
}

static inline void fixture_open(const char *path)
{
    fixture_close();
    assert_int_equal(cf_results_open(&fixture.results, path, &fixture.err), CF_OK);
    cf_report_source_init(&fixture.source, fixture.results);
    sample_info(&fixture.info);
    fixture.source.info = &fixture.info;
}

/* Where a file beside this header is. */
static inline void fixture_data(const char *name, char *out, size_t size)
{
    (void)snprintf(out, size, "%s/reports/%s", CF_TEST_DATA, name);
}

/* A made-up run of count cases as the source. */
static inline void fixture_sample(enum sample_kind kind, size_t count)
{
    sample_write_lines(fixture.lines, kind, count);
    fixture_open(fixture.lines);
}

/* These records as the source; each is released. */
static inline void fixture_records(struct cf_case_record *records, size_t count)
{
    struct cf_buf lines;
    cf_buf_init(&lines, 1 << 28);
    for (size_t i = 0; i < count; i++) {
        cf_case_record_write(&lines, &records[i]);
        cf_buf_putc(&lines, '\n');
        cf_case_record_release(&records[i]);
    }
    assert_int_equal(cf_file_write(fixture.lines, cf_buf_text(&lines), lines.len, 0600, NULL),
                     CF_OK);
    cf_buf_release(&lines);
    fixture_open(fixture.lines);
}

/* Read the report back into fixture.text. */
static inline const char *fixture_read(void)
{
    cf_buf_reset(&fixture.text);
    assert_int_equal(cf_file_read(fixture.report, &fixture.text, &fixture.err), CF_OK);
    return cf_buf_text(&fixture.text);
}

#endif
