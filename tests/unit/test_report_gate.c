/* The rule behind the exit code and the colours, case by case. */
#include "reports/gate.h"
#include "tests/reports/fixture.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A case "s.ID" that checks the requirement "s.REQUIREMENT" of its level. */
static struct cf_case_record record_of(const char *id, const char *requirement, enum cf_level level,
                                       enum cf_verdict verdict, int attempt)
{
    struct cf_case_record record = {0};
    record.id = sample_copy(id);
    record.suite = sample_copy("s");
    record.title = sample_copy("t");
    record.requirements = calloc(1, sizeof(char *));
    record.requirements[0] = sample_copy(requirement);
    record.requirement_count = 1;
    record.level = level;
    record.verdict = verdict;
    record.reason = verdict == CF_PASS ? NULL : sample_copy("because");
    record.attempt = attempt;
    return record;
}

struct row {
    enum cf_level level;
    enum cf_verdict verdict;
    enum cf_level fail_on;
    bool allow_inconclusive;
    enum cf_report_mark mark, result;
};

static void judge(const struct cf_gate_terms *terms, struct cf_report_gate *gate)
{
    fixture.info.gate = *terms;
    cf_report_gate_init(gate, &fixture.source);
}

static void mark_of_a_case_follows_level_verdict_and_terms(void **state)
{
    static const struct row rows[] = {
        {CF_MUST, CF_PASS, CF_MUST, false, CF_REPORT_GREEN, CF_REPORT_GREEN},
        {CF_MUST, CF_FAIL, CF_MUST, false, CF_REPORT_FAILURE, CF_REPORT_FAILURE},
        {CF_MUST, CF_FAIL, CF_MUST, true, CF_REPORT_FAILURE, CF_REPORT_FAILURE},
        {CF_SHOULD, CF_FAIL, CF_MUST, false, CF_REPORT_SKIPPED, CF_REPORT_GREEN},
        {CF_SHOULD, CF_FAIL, CF_SHOULD, false, CF_REPORT_FAILURE, CF_REPORT_FAILURE},
        {CF_MUST, CF_INCONCLUSIVE, CF_MUST, false, CF_REPORT_ERROR, CF_REPORT_ERROR},
        {CF_MUST, CF_INCONCLUSIVE, CF_MUST, true, CF_REPORT_SKIPPED, CF_REPORT_GREEN},
        {CF_SHOULD, CF_INCONCLUSIVE, CF_SHOULD, false, CF_REPORT_SKIPPED, CF_REPORT_GREEN},
        {CF_OBSERVE, CF_INCONCLUSIVE, CF_SHOULD, false, CF_REPORT_SKIPPED, CF_REPORT_GREEN},
        {CF_OBSERVE, CF_ERROR, CF_MUST, true, CF_REPORT_ERROR, CF_REPORT_ERROR},
        {CF_MUST, CF_NOT_APPLICABLE, CF_MUST, false, CF_REPORT_SKIPPED, CF_REPORT_GREEN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        struct cf_gate_terms terms = {.fail_on = row->fail_on,
                                      .allow_inconclusive = row->allow_inconclusive};
        struct cf_report_gate gate;
        struct cf_case_record records[] = {record_of("s.x", "s.r", row->level, row->verdict, 1),
                                           record_of("s.y", "s.other", CF_MUST, CF_PASS, 1)};
        fixture_records(records, 2);
        judge(&terms, &gate);
        if (gate.marks[0] != row->mark || cf_report_gate_result(&gate) != row->result)
            fail_msg("row %zu: mark %d, result %d", i, (int)gate.marks[0],
                     (int)cf_report_gate_result(&gate));
        cf_report_gate_release(&gate);
    }
}

static void failure_weighs_more_than_the_error_beside_it(void **state)
{
    struct cf_gate_terms terms = {0};
    struct cf_report_gate gate;
    struct cf_case_record records[] = {record_of("s.x", "s.r", CF_MUST, CF_FAIL, 1),
                                       record_of("s.x", "s.r", CF_MUST, CF_ERROR, 2),
                                       record_of("s.y", "s.r", CF_MUST, CF_ERROR, 1)};
    (void)state;
    fixture_records(records, 3);
    judge(&terms, &gate);
    assert_int_equal(gate.marks[0], CF_REPORT_FAILURE);
    assert_int_equal(gate.marks[1], CF_REPORT_ERROR);
    assert_int_equal(cf_report_gate_result(&gate), CF_REPORT_FAILURE);
    cf_report_gate_release(&gate);
}

static void attempts_that_differ_are_an_error_of_a_must(void **state)
{
    struct cf_gate_terms terms = {0};
    struct cf_report_gate gate;
    struct cf_case_record records[] = {record_of("s.x", "s.r", CF_MUST, CF_PASS, 1),
                                       record_of("s.x", "s.r", CF_MUST, CF_INCONCLUSIVE, 2),
                                       record_of("s.y", "s.q", CF_SHOULD, CF_PASS, 1),
                                       record_of("s.y", "s.q", CF_SHOULD, CF_INCONCLUSIVE, 2)};
    (void)state;
    fixture_records(records, 4);
    judge(&terms, &gate);
    assert_int_equal(gate.marks[0], CF_REPORT_ERROR);
    assert_int_equal(gate.marks[1], CF_REPORT_SKIPPED);
    cf_report_gate_release(&gate);
}

/* The failed case that is known leaves its requirement failed, so the one that could not be judged
 * keeps no must open. */
static void known_failure_opens_the_gate(void **state)
{
    struct cf_gate_terms terms = {0};
    struct cf_report_gate gate;
    struct cf_case_record records[] = {record_of("s.x", "s.r", CF_MUST, CF_FAIL, 1),
                                       record_of("s.y", "s.r", CF_MUST, CF_INCONCLUSIVE, 1)};
    (void)state;
    fixture_records(records, 2);
    cf_list_add(&terms.known_failures, "s.x");
    judge(&terms, &gate);
    assert_int_equal(gate.marks[0], CF_REPORT_SKIPPED);
    assert_int_equal(gate.marks[1], CF_REPORT_SKIPPED);
    assert_int_equal(cf_report_gate_result(&gate), CF_REPORT_GREEN);
    cf_report_gate_release(&gate);
    cf_list_add(&fixture.info.gate.outdated, "known.json:3: s.z passes unexpectedly");
    assert_int_equal(cf_report_gate_of(&fixture.source), CF_REPORT_FAILURE);
}

static void troubles_of_the_run_close_the_gate(void **state)
{
    struct cf_gate_terms terms = {.min_cases = 1};
    struct cf_report_gate gate;
    struct cf_case_record records[] = {record_of("s.x", "s.r", CF_MUST, CF_PASS, 1)};
    (void)state;
    fixture_records(records, 1);
    judge(&terms, &gate);
    assert_int_equal(cf_report_gate_result(&gate), CF_REPORT_GREEN);
    cf_report_gate_release(&gate);
    fixture.info.gate.planned = 2;
    fixture.info.gate.min_cases = 3;
    cf_list_add(&fixture.info.gate.troubles, "a disk was full");
    cf_report_gate_init(&gate, &fixture.source);
    assert_int_equal(gate.troubles.count, 3);
    assert_string_equal(gate.troubles.items[0], "a disk was full");
    assert_string_equal(gate.troubles.items[1],
                        "1 results of 2 planned were recorded: the others are not known");
    assert_string_equal(gate.troubles.items[2], "1 cases were judged, fewer than the 3 asked for");
    assert_int_equal(cf_report_gate_result(&gate), CF_REPORT_ERROR);
    cf_report_gate_release(&gate);
    fixture.info.complete = false;
    cf_report_gate_init(&gate, &fixture.source);
    assert_string_equal(gate.troubles.items[1],
                        "the run was cut short: it says nothing about the cases left out");
    cf_report_gate_release(&gate);
}

static void message_says_why_it_does_not_count(void **state)
{
    static const char *const wanted[] = {"because", "should not met: because",
                                         "known failure: because", "inconclusive: because",
                                         "not applicable: because"};
    struct cf_gate_terms terms = {.allow_inconclusive = true};
    struct cf_report_gate gate;
    struct cf_case_record records[] = {record_of("s.a", "s.1", CF_MUST, CF_FAIL, 1),
                                       record_of("s.b", "s.2", CF_SHOULD, CF_FAIL, 1),
                                       record_of("s.c", "s.3", CF_MUST, CF_FAIL, 1),
                                       record_of("s.d", "s.4", CF_MUST, CF_INCONCLUSIVE, 1),
                                       record_of("s.e", "s.5", CF_MUST, CF_NOT_APPLICABLE, 1)};
    (void)state;
    fixture_records(records, 5);
    cf_list_add(&terms.known_failures, "s.c");
    judge(&terms, &gate);
    for (size_t i = 0; i < 5; i++) {
        struct cf_case_record record;
        struct cf_buf message = {0};
        assert_int_equal(
            cf_report_read(&fixture.source, &fixture.source.cases[i], &record, &fixture.err),
            CF_OK);
        cf_report_gate_put_message(&message, &gate, i, &record);
        assert_string_equal(message.data, wanted[i]);
        cf_buf_release(&message);
        cf_case_record_release(&record);
    }
    cf_report_gate_release(&gate);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(mark_of_a_case_follows_level_verdict_and_terms),
        TEST(failure_weighs_more_than_the_error_beside_it),
        TEST(attempts_that_differ_are_an_error_of_a_must),
        TEST(known_failure_opens_the_gate),
        TEST(troubles_of_the_run_close_the_gate),
        TEST(message_says_why_it_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
