/* Failures put together by what was found. */
#include "reports/overview.h"
#include "tests/reports/fixture.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct cf_case_record failed(const char *id, enum cf_level level, const char *message,
                                    const char *expected, const char *actual)
{
    struct cf_case_record record = {0};
    record.id = sample_copy(id);
    record.suite = sample_copy("s");
    record.title = sample_copy("t");
    record.requirements = calloc(1, sizeof(char *));
    record.requirements[0] = sample_print("s.%s-%zu", cf_level_name(level), (size_t)0);
    record.requirement_count = 1;
    record.level = level;
    record.verdict = CF_FAIL;
    record.reason = sample_copy(message);
    record.attempt = 1;
    struct cf_failure *failure = cf_case_record_add_failure(&record);
    failure->message = sample_copy(message);
    failure->expected = sample_copy(expected);
    failure->actual = sample_copy(actual);
    return record;
}

static void overview(struct cf_report_overview *out)
{
    assert_int_equal(cf_report_overview_init(out, &fixture.source, &fixture.err), CF_OK);
}

static void values_differ_and_the_finding_is_one(void **state)
{
    struct cf_report_overview o;
    struct cf_case_record records[] = {
        failed("a", CF_MUST, "a field changed", "vcpu: integer 4", "vcpu: integer 2"),
        failed("b", CF_MUST, "a field changed", "vcpu: integer 8", "vcpu: integer 16"),
        failed("c", CF_MUST, "a field changed", "image: string \"x\"", "image: string \"y1\""),
        failed("d", CF_MUST, "a field changed", "image: string \"\"", "image: string \"z\""),
        failed("e", CF_MUST, "the status is another", "status 401", "status 403"),
        failed("f", CF_MUST, "the status is another", "status 401", "status 500")};
    (void)state;
    fixture_records(records, COUNT_OF(records));
    overview(&o);
    assert_int_equal(o.findings.count, 4);
    assert_int_equal(o.findings.items[0].count, 2);
    assert_string_equal(o.findings.items[0].expected, "vcpu: integer 4");
    assert_int_equal(o.findings.items[1].count, 2);
    assert_string_equal(o.findings.items[3].actual, "status 500");
    cf_report_overview_release(&o);
}

static void quotes_inside_and_lengths_do_not_part_what_is_alike(void **state)
{
    struct cf_report_overview o;
    struct cf_case_record records[] = {
        failed("a", CF_MUST, "not applied", "user_config: string \"{\\\"a\\\": \\\"b\\\"}\"",
               "user_config: string \"{}\""),
        failed("b", CF_MUST, "not applied", "user_config: string \"\"",
               "user_config: string \"{\\\"tier\\\": 1}\""),
        failed("c", CF_MUST, "not applied", "user_config: string \"{\\\"a 12... (1045 bytes)",
               "user_config: string \"{}\" (16 bytes; the first that differs is at offset 2)")};
    (void)state;
    fixture_records(records, COUNT_OF(records));
    overview(&o);
    assert_int_equal(o.findings.count, 1);
    assert_int_equal(o.findings.items[0].count, 3);
    cf_report_overview_release(&o);
}

static void lists_are_alike_however_long(void **state)
{
    struct cf_report_overview o;
    struct cf_case_record records[] = {
        failed("a", CF_MUST, "changed", "envs: array [\"A\",\"B\"]", "envs: array []"),
        failed("b", CF_MUST, "changed", "envs: array [\"A\",\"B\",\" C \"]", "envs: array []"),
        failed("c", CF_MUST, "changed", "envs: array []", "envs: array [\"A\"]")};
    (void)state;
    fixture_records(records, COUNT_OF(records));
    overview(&o);
    assert_int_equal(o.findings.count, 2);
    assert_int_equal(o.findings.items[0].count, 2);
    cf_report_overview_release(&o);
}

static void headlines_say_which_status_and_which_field(void **state)
{
    static const char *const wanted[] = {"another one: 202 instead of 409",
                                         "another one: 400 instead of 2xx",
                                         "not applied: disk_size", "a conflict", "none told"};
    struct cf_report_overview o;
    struct cf_buf line = {0};
    struct cf_case_record records[] = {
        failed("a", CF_MUST, "another one", "status 409", "status 202"),
        failed("b", CF_MUST, "another one", "status 2xx", "status 400"),
        failed("c", CF_MUST, "not applied", "disk_size: integer 8", "disk_size: integer 6"),
        failed("d", CF_MUST, "a conflict", "status 409", "status 400 while it runs"),
        failed("e", CF_MUST, "none told", "disk_size: integer 8", "disk: integer 6")};
    (void)state;
    fixture_records(records, COUNT_OF(records));
    overview(&o);
    assert_int_equal(o.findings.count, COUNT_OF(wanted));
    for (size_t i = 0; i < o.findings.count; i++) {
        cf_buf_reset(&line);
        cf_report_finding_put_headline(&line, &o.findings.items[i]);
        assert_string_equal(cf_buf_text(&line), wanted[i]);
    }
    cf_buf_release(&line);
    cf_report_overview_release(&o);
}

static void what_one_cause_explains_is_one_whatever_the_words_and_values(void **state)
{
    static const char *const cleared[] = {"a", "b", "c", "e", "f", "g"};
    const struct cf_report_cause causes[] = {{"cleared", "s", 0, cleared, 6, NULL, 0}};
    struct cf_report_overview o;
    struct cf_case_record records[] = {
        failed("a", CF_SHOULD, "is not as it was", "vcpu: integer 4", "vcpu: integer 2"),
        failed("b", CF_MUST, "a field changed", "vcpu: integer 8", "vcpu: integer 16"),
        failed("c", CF_MUST, "is not as it was", "vcpu: integer 8", "vcpu: integer 16"),
        failed("d", CF_MUST, "a third way", "vcpu: integer 8", "vcpu: integer 16"),
        failed("e", CF_MUST, "in the end", "memory: integer 8", "memory: integer 16"),
        failed("f", CF_MUST, "is not as it was", "image: integer 8", "image: integer 16"),
        failed("g", CF_MUST, "is not as it was", "image: integer 8", "image: integer 16"),
        failed("h", CF_MUST, "is not as it was", "image: integer 8", "image: integer 16")};
    (void)state;
    fixture_records(records, COUNT_OF(records));
    fixture.source.causes = causes;
    fixture.source.cause_count = 1;
    overview(&o);
    assert_int_equal(o.findings.count, 2);
    assert_int_equal(o.findings.items[0].count, 7);
    assert_int_equal(o.findings.items[0].forms, 3);
    assert_string_equal(o.findings.items[0].message, "is not as it was");
    assert_int_equal(o.findings.items[0].levels[CF_MUST], 6);
    assert_int_equal(o.findings.items[0].cases[0], 0);
    assert_int_equal(o.findings.items[0].cases[1], 1);
    assert_string_equal(cf_report_finding_example(&o.findings, &o.findings.items[0]), "f");
    assert_string_equal(o.findings.items[0].title, "t");
    assert_string_equal(o.findings.items[1].message, "a third way");
    assert_int_equal(o.findings.items[1].forms, 0);
    cf_report_overview_release(&o);
}

static void musts_stand_before_shoulds_and_then_the_more_cases(void **state)
{
    struct cf_report_overview o;
    struct cf_buf count = {0};
    struct cf_case_record records[] = {
        failed("a", CF_SHOULD, "many", "x", "y"),  failed("b", CF_SHOULD, "many", "x", "y"),
        failed("c", CF_SHOULD, "many", "x", "y"),  failed("d", CF_MUST, "one", "x", "y"),
        failed("e", CF_SHOULD, "two", "x", "y"),   failed("f", CF_MUST, "two", "x", "y"),
        failed("g", CF_MUST, "the hook", "x", "y")};
    (void)state;
    records[6].verdict = CF_ERROR;
    fixture_records(records, COUNT_OF(records));
    overview(&o);
    assert_int_equal(o.findings.count, 4);
    assert_string_equal(o.findings.items[0].message, "two");
    assert_string_equal(cf_report_finding_example(&o.findings, &o.findings.items[0]), "f");
    cf_report_finding_put_count(&count, &o.findings.items[0]);
    assert_string_equal(count.data, "1 must, 1 should cases");
    assert_string_equal(o.findings.items[1].message, "one");
    assert_string_equal(o.findings.items[2].message, "many");
    assert_string_equal(cf_report_finding_kind(&o.findings.items[2]), "not met");
    assert_string_equal(o.findings.items[3].message, "the hook");
    assert_string_equal(cf_report_finding_kind(&o.findings.items[3]), "in error");
    cf_buf_release(&count);
    cf_report_overview_release(&o);
}

static void cause_is_the_one_that_explains_most_of_a_finding(void **state)
{
    static const char *const some[] = {"a"};
    static const char *const most[] = {"b", "c"};
    const struct cf_report_cause causes[] = {{"some", "s", 0, some, 1, NULL, 0},
                                             {"most", "m", 0, most, 2, NULL, 0}};
    struct cf_report_overview o;
    struct cf_case_record records[] = {
        failed("a", CF_MUST, "x", "x", "y"), failed("b", CF_MUST, "x", "x", "y"),
        failed("c", CF_MUST, "x", "x", "y"), failed("d", CF_MUST, "other", "x", "y")};
    (void)state;
    fixture_records(records, COUNT_OF(records));
    fixture.source.causes = causes;
    fixture.source.cause_count = 2;
    overview(&o);
    assert_ptr_equal(o.findings.items[0].cause, &causes[1]);
    assert_null(o.findings.items[1].cause);
    cf_report_overview_release(&o);
}

static void next_steps_begin_with_what_is_gravest(void **state)
{
    struct cf_report_overview o;
    struct cf_case_record records[] = {failed("a", CF_MUST, "x", "x", "y"),
                                       failed("b", CF_MUST, "x", "x", "y")};
    (void)state;
    records[1].verdict = CF_INCONCLUSIVE;
    fixture_records(records, 2);
    fixture.info.complete = false;
    overview(&o);
    assert_int_equal(o.next.count, 3);
    assert_int_equal(strncmp(o.next.items[0], "the run was cut short", 21), 0);
    assert_int_equal(strncmp(o.next.items[1], "Mend the first cause", 20), 0);
    assert_int_equal(strncmp(o.next.items[2], "1 case could not be judged", 26), 0);
    cf_report_overview_release(&o);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(values_differ_and_the_finding_is_one),
        TEST(quotes_inside_and_lengths_do_not_part_what_is_alike),
        TEST(lists_are_alike_however_long),
        TEST(headlines_say_which_status_and_which_field),
        TEST(what_one_cause_explains_is_one_whatever_the_words_and_values),
        TEST(musts_stand_before_shoulds_and_then_the_more_cases),
        TEST(cause_is_the_one_that_explains_most_of_a_finding),
        TEST(next_steps_begin_with_what_is_gravest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
