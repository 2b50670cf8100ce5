/* TAP 13 and GitHub annotations, read back line by line. */
#include "reports/annotate.h"
#include "reports/gate.h"
#include "reports/tap.h"
#include "tests/reports/fixture.h"

typedef enum cf_code write_fn(const struct cf_report_source *source, const char *path,
                              struct cf_err *err);

/* The report's lines, one after the other; the text is taken apart. */
static char *rest;

static void render(write_fn *write_report)
{
    assert_int_equal(write_report(&fixture.source, fixture.report, &fixture.err), CF_OK);
    (void)fixture_read();
    rest = fixture.text.data;
}

static char *next_line(void)
{
    char *line = rest;
    char *end = line ? strchr(line, '\n') : NULL;
    if (!end)
        return NULL;
    *end = '\0';
    rest = end + 1;
    return line;
}

static bool starts(const char *line, const char *with)
{
    return strncmp(line, with, strlen(with)) == 0;
}

/* ---- TAP ---- */

/* A reader as the specification has it; counts points by kind. */
struct tap {
    size_t points, ok, not_ok, skip, todo, blocks;
};

/* Where the directive starts: a '#' that no backslash escapes; NULL without one. */
static const char *directive_of(const char *line)
{
    for (const char *at = line; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0')
            at++;
        else if (*at == '#')
            return at + 1 + strspn(at + 1, " ");
    }
    return NULL;
}

static void read_point(struct tap *tap, const char *line)
{
    bool ok = starts(line, "ok ");
    const char *directive = directive_of(line);
    unsigned long number = strtoul(line + (ok ? 3 : 7), NULL, 10);
    tap->points++;
    assert_int_equal(number, tap->points);
    tap->ok += ok;
    tap->not_ok += !ok;
    tap->skip += directive && starts(directive, "SKIP ");
    tap->todo += directive && starts(directive, "TODO ");
}

static struct tap read_tap(void)
{
    struct tap tap = {0};
    assert_string_equal(next_line(), "TAP version 13");
    assert_true(starts(next_line(), "# MUST "));
    const char *plan = next_line();
    assert_true(starts(plan, "1.."));
    size_t planned = strtoul(plan + 3, NULL, 10);
    bool block = false;
    for (char *line; (line = next_line()) != NULL;) {
        if (block)
            assert_true(starts(line, "  "));
        if (strcmp(line, "  ---") == 0)
            block = true;
        else if (strcmp(line, "  ...") == 0)
            block = false;
        else if (!block && (starts(line, "ok ") || starts(line, "not ok ")))
            read_point(&tap, line);
        else if (!block)
            fail_msg("neither a point nor a block: %s", line);
        tap.blocks += block && strcmp(line, "  ---") == 0;
    }
    assert_false(block);
    assert_int_equal(tap.points, planned);
    return tap;
}

/* What is read back is what the gate says. */
static void tap_counts_are_those_of_the_gate(void)
{
    struct cf_report_gate gate;
    size_t todo = 0;
    cf_report_gate_init(&gate, &fixture.source);
    for (size_t i = 0; i < fixture.source.case_count; i++)
        todo += gate.marks[i] == CF_REPORT_SKIPPED && fixture.source.cases[i].failed;
    render(cf_report_tap_write);
    struct tap tap = read_tap();
    assert_int_equal(tap.todo, todo);
    assert_int_equal(tap.skip, gate.counts[CF_REPORT_SKIPPED] - todo);
    assert_int_equal(tap.not_ok,
                     gate.counts[CF_REPORT_FAILURE] + gate.counts[CF_REPORT_ERROR] + todo);
    assert_int_equal(tap.blocks, tap.not_ok);
    cf_report_gate_release(&gate);
}

static void tap_of_mixed_run_counts_as_the_gate(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 330);
    tap_counts_are_those_of_the_gate();
}

static void tap_of_hostile_run_reads_the_same(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_HOSTILE, 330);
    tap_counts_are_those_of_the_gate();
}

static void tap_id_cannot_be_a_directive(void **state)
{
    struct cf_case_record records[1];
    (void)state;
    sample_record(&records[0], SAMPLE_MIXED, 3);
    free(records[0].id);
    records[0].id = sample_copy("a # SKIP me\nok 2\\");
    fixture_records(records, 1);
    render(cf_report_tap_write);
    assert_non_null(strstr(fixture.text.data, "not ok 1 - a \\# SKIP me\\\\nok 2\\\\\n"));
    struct tap tap = read_tap();
    assert_int_equal(tap.not_ok, 1);
    assert_int_equal(tap.skip, 0);
}

static void tap_of_empty_run_is_not_ok(void **state)
{
    (void)state;
    fixture_records(NULL, 0);
    render(cf_report_tap_write);
    assert_non_null(strstr(fixture.text.data, "\n1..1\nnot ok 1 - the run could judge\n"));
    assert_non_null(strstr(fixture.text.data, "0 cases were judged, fewer than the 1 asked for"));
}

static void tap_of_failed_should_is_work_to_do(void **state)
{
    struct cf_case_record records[2];
    (void)state;
    for (size_t i = 0; i < 2; i++)
        sample_record(&records[i], SAMPLE_MIXED, i ? 3 : 0);
    records[1].level = CF_SHOULD;
    fixture_records(records, 2);
    render(cf_report_tap_write);
    assert_non_null(strstr(fixture.text.data, "not ok 2 - accepted.wrong-type-3[vcpu=array] # TODO "
                                              "should not met: status: expected integer 422"));
}

/* ---- annotations ---- */

static void annotations_are_bounded_gravest_first(void **state)
{
    size_t errors = 0;
    size_t warnings = 0;
    (void)state;
    fixture_sample(SAMPLE_MIXED, 330);
    fixture.info.gate.allow_inconclusive = true;
    render(cf_report_annotate_github_write);
    char *line = next_line();
    assert_true(starts(line, "::notice title=cvm-conformance%3A non-conforming::MUST "));
    assert_non_null(strstr(line, "more failures not annotated"));
    while ((line = next_line()) != NULL) {
        if (starts(line, "::error ")) {
            errors++;
            assert_int_equal(warnings, 0);
        } else {
            assert_true(starts(line, "::warning "));
            warnings++;
        }
    }
    assert_int_equal(errors, CF_REPORT_ANNOTATIONS_MAX);
    assert_true(warnings > 0 && warnings <= CF_REPORT_ANNOTATIONS_MAX);
}

static void annotation_points_at_the_case_file(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 4);
    render(cf_report_annotate_github_write);
    (void)next_line();
    const char *line = next_line();
    assert_true(starts(line, "::error file=cases/accepted/wrong-type.json,line=41,"
                             "title=accepted.wrong-type-3[vcpu=array]::A value of the wrong JSON "
                             "type is refused with 422.%0A- the status is another%0A"));
    assert_null(next_line());
}

static void annotations_of_hostile_run_start_no_command(void **state)
{
    struct cf_case_record records[2];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sample_record(&records[i], SAMPLE_HOSTILE, i ? 7 : 3);
        free(records[i].id);
        records[i].id = sample_print("%s%zu", "a:,%\r\n::set-output::x", i);
    }
    fixture_records(records, 2);
    render(cf_report_annotate_github_write);
    assert_non_null(strstr(rest, ",title=a%3A%2C%25\\r\\n%3A%3Aset-output%3A%3Ax0::"));
    size_t lines = 0;
    for (char *line; (line = next_line()) != NULL; lines++)
        assert_true(starts(line, lines == 0 ? "::notice " : "::error "));
    assert_int_equal(lines, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(tap_of_mixed_run_counts_as_the_gate),
        TEST(tap_of_hostile_run_reads_the_same),
        TEST(tap_id_cannot_be_a_directive),
        TEST(tap_of_empty_run_is_not_ok),
        TEST(tap_of_failed_should_is_work_to_do),
        TEST(annotations_are_bounded_gravest_first),
        TEST(annotation_points_at_the_case_file),
        TEST(annotations_of_hostile_run_start_no_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
