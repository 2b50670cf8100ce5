/* results.json: what is written is what is read back. */
#include "harness/base/json.h"
#include "reports/results_json.h"
#include "tests/reports/fixture.h"

#include <signal.h>
#include <sys/resource.h>

static void render(void)
{
    assert_int_equal(cf_report_json_write(&fixture.source, fixture.report, &fixture.err), CF_OK);
    (void)fixture_read();
}

static void parse(struct cf_json_doc *doc)
{
    assert_int_equal(cf_json_parse(doc, "results.json", fixture.text.data, fixture.text.len,
                                   CF_JSON_UNIQUE_KEYS, &fixture.err),
                     CF_OK);
}

static void write_has_the_fixed_members(void **state)
{
    static const char *const members[] = {"/format",
                                          "/version",
                                          "/suite/name",
                                          "/suite/version",
                                          "/suite/catalogue_sha256",
                                          "/iut/base_url",
                                          "/pics/gpu_rental",
                                          "/seed",
                                          "/started_at",
                                          "/finished_at",
                                          "/complete",
                                          "/summary/verdict",
                                          "/summary/cases/total",
                                          "/summary/cases/not_applicable",
                                          "/summary/requirements/must/total",
                                          "/summary/requirements/should/passed",
                                          "/summary/requirements/observe/inconclusive",
                                          "/requirements/0/id",
                                          "/requirements/0/level",
                                          "/requirements/0/verdict",
                                          "/requirements/0/cases/0",
                                          "/cases/0/id",
                                          "/cases/0/suite",
                                          "/cases/0/title",
                                          "/cases/0/requirements/0",
                                          "/cases/0/level",
                                          "/cases/0/verdict",
                                          "/cases/0/reason",
                                          "/cases/0/observation",
                                          "/cases/0/cvm",
                                          "/cases/0/attempt",
                                          "/cases/0/started_at",
                                          "/cases/0/duration_ms",
                                          "/cases/3/failures/1/step",
                                          "/cases/3/failures/1/file",
                                          "/cases/3/failures/1/line",
                                          "/cases/3/failures/1/pointer",
                                          "/cases/3/failures/1/expected",
                                          "/cases/3/failures/1/actual",
                                          "/cases/3/failures/1/message",
                                          "/cases/0/steps/1/request/method",
                                          "/cases/0/steps/1/request/url",
                                          "/cases/0/steps/1/request/headers/Content-Type",
                                          "/cases/0/steps/1/request/body",
                                          "/cases/0/steps/1/response/status",
                                          "/cases/0/steps/1/response/headers/Content-Type",
                                          "/cases/0/steps/1/response/body",
                                          "/cases/0/steps/1/response/duration_ms"};
    struct cf_json_doc doc;
    (void)state;
    fixture_sample(SAMPLE_MIXED, 30);
    render();
    parse(&doc);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (!cf_json_at(doc.root, members[i]))
            fail_msg("no %s", members[i]);
    }
    assert_string_equal(cf_json_text(doc.root, "format", ""), "cvm-conformance-results");
    assert_int_equal(cJSON_GetArraySize(cf_json_get(doc.root, "cases")), 30);
    cf_json_release(&doc);
}

static void write_each_case_has_a_line_of_its_own(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_HOSTILE, 50);
    render();
    size_t lines = 0;
    for (const char *at = strstr(fixture.text.data, "\n    {\"id\":"); at;
         at = strstr(at + 1, "\n    {\"id\":"))
        lines++;
    assert_int_equal(lines, 50 + fixture.source.summary->requirement_count);
}

static void write_of_what_was_read_is_the_same(void **state)
{
    struct cf_buf first;
    char copy[128];
    (void)state;
    fixture_sample(SAMPLE_HOSTILE, 100);
    render();
    cf_buf_init(&first, 1 << 26);
    cf_buf_append(&first, fixture.text.data, fixture.text.len);
    (void)snprintf(copy, sizeof(copy), "%s/copy.json", fixture.directory);
    assert_int_equal(rename(fixture.report, copy), 0);
    fixture_open(copy);
    fixture.source.info = cf_results_info(fixture.results);
    render();
    assert_string_equal(fixture.text.data, first.data);
    cf_buf_release(&first);
    assert_int_equal(unlink(copy), 0);
}

static void write_spread_over_lines_by_others_is_put_back_on_one(void **state)
{
    static const char text[] =
        "{\"format\": \"cvm-conformance-results\", \"version\": 1,\n\"cases\": [\n{\n\"id\": "
        "\"a b\\\"\\\\ c\",\n \"suite\":\t\"s\", \"title\": \"t\", \"level\": \"must\",\n"
        "\"verdict\": \"pass\" }\n]}";
    (void)state;
    assert_int_equal(cf_file_write(fixture.lines, text, sizeof(text) - 1, 0600, NULL), CF_OK);
    fixture_open(fixture.lines);
    render();
    assert_non_null(strstr(fixture.text.data,
                           "\n    {\"id\":\"a b\\\"\\\\ c\",\"suite\":\"s\",\"title\":\"t\","
                           "\"level\":\"must\",\"verdict\":\"pass\"}\n"));
}

static void write_order_given_is_kept_attempts_together(void **state)
{
    static const char *const plan[] = {"c", "missing", "a"};
    static const char *const arrived[] = {"a", "b", "c", "a", "c"};
    static const char *const wanted[] = {"c", "c", "a", "a", "b"};
    struct cf_case_record records[5];
    struct cf_json_doc doc;
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        sample_record(&records[i], SAMPLE_PASSING, 0);
        free(records[i].id);
        records[i].id = sample_copy(arrived[i]);
        /* The second record of each case is its first attempt. */
        records[i].attempt = i < 3 ? 2 : 1;
    }
    fixture_records(records, 5);
    cf_report_source_order(&fixture.source, plan, 3);
    assert_int_equal(fixture.source.case_count, 3);
    render();
    parse(&doc);
    const cJSON *item = cf_json_get(doc.root, "cases")->child;
    for (size_t i = 0; i < 5; i++, item = item->next)
        assert_string_equal(cf_json_text(item, "id", ""), wanted[i]);
    assert_true(cf_json_number(cf_json_at(doc.root, "/cases/0"), "attempt", 0) < 1.5);
    cf_json_release(&doc);
}

static void write_seed_of_64_bits_survives(void **state)
{
    struct cf_run_info info;
    struct cf_json_doc doc;
    (void)state;
    fixture_sample(SAMPLE_PASSING, 1);
    fixture.info.seed = 18446744073709551615ull;
    render();
    parse(&doc);
    assert_int_equal(cf_run_info_read(&info, doc.root, &fixture.err), CF_OK);
    assert_true(info.seed == 18446744073709551615ull);
    cf_run_info_release(&info);
    cf_json_release(&doc);
}

static void write_empty_run_is_json(void **state)
{
    struct cf_json_doc doc;
    (void)state;
    fixture_records(NULL, 0);
    render();
    parse(&doc);
    assert_int_equal(cJSON_GetArraySize(cf_json_get(doc.root, "cases")), 0);
    cf_json_release(&doc);
}

static void write_fails_and_leaves_the_old_file(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_PASSING, 3);
    assert_int_equal(cf_file_write(fixture.report, "old", 3, 0600, NULL), CF_OK);
    /* A directory where the temporary file belongs stops the writer. */
    char temporary[160];
    (void)snprintf(temporary, sizeof(temporary), "%s.%ld.tmp", fixture.report, (long)getpid());
    assert_int_equal(cf_file_make_directory(temporary, NULL), CF_OK);
    assert_int_equal(cf_report_json_write(&fixture.source, fixture.report, &fixture.err), CF_EIO);
    assert_string_equal(fixture_read(), "old");
    assert_int_equal(rmdir(temporary), 0);
}

static void write_that_runs_out_of_room_leaves_nothing(void **state)
{
    struct rlimit old_limit;
    struct rlimit limit;
    (void)state;
    fixture_sample(SAMPLE_PASSING, 30);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
    limit = old_limit;
    limit.rlim_cur = 1000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    enum cf_code code = cf_report_json_write(&fixture.source, fixture.report, &fixture.err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
    assert_int_equal(code, CF_EIO);
    assert_non_null(strstr(fixture.err.text, "File too large"));
    /* fixture_end() finds the directory empty but for what it knows. */
    assert_int_equal(access(fixture.report, F_OK), -1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(write_has_the_fixed_members),
        TEST(write_each_case_has_a_line_of_its_own),
        TEST(write_of_what_was_read_is_the_same),
        TEST(write_spread_over_lines_by_others_is_put_back_on_one),
        TEST(write_order_given_is_kept_attempts_together),
        TEST(write_seed_of_64_bits_survives),
        TEST(write_empty_run_is_json),
        TEST(write_fails_and_leaves_the_old_file),
        TEST(write_that_runs_out_of_room_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
