/* What people read in a terminal: order, completeness, and nothing raw. */
#include "harness/base/mem.h"
#include "reports/console.h"
#include "reports/escape.h"
#include "reports/explain.h"
#include "tests/reports/fixture.h"

static const char *render(const struct cf_console_options *options)
{
    assert_int_equal(
        cf_report_console_write(&fixture.source, options, fixture.report, &fixture.err), CF_OK);
    return fixture_read();
}

/* Each text occurs, after the one before it. */
static void assert_in_order(const char *text, const char *const *wanted, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *at = strstr(text, wanted[i]);
        if (!at)
            fail_msg("\"%s\" is not there, or out of order, in:\n%s", wanted[i], text);
        text = at + strlen(wanted[i]);
    }
}
#define IN_ORDER(text, ...)                                                                        \
    do {                                                                                           \
        static const char *const wanted_[] = {__VA_ARGS__};                                        \
        assert_in_order(text, wanted_, sizeof(wanted_) / sizeof(wanted_[0]));                      \
    } while (0)

static void write_first_line_says_what_was_verified(void **state)
{
    (void)state;
    struct cf_case_record records[4];
    for (size_t i = 0; i < 4; i++) {
        sample_record(&records[i], SAMPLE_PASSING, 0);
        records[i].id[0] = (char)('a' + (char)i);
        records[i].requirements[0][0] = (char)('a' + (char)i);
    }
    records[3].verdict = CF_NOT_APPLICABLE;
    records[3].reason = sample_copy("pics.gpu_rental=false");
    fixture_records(records, 4);
    const char *text = render(NULL);
    static const char first[] = "Acme Cloud 2.4.1: conforming\n"
                                "MUST 3/3 verified, 0 failed, 0 "
                                "inconclusive, 1 not applicable\n"
                                "SHOULD 0/0 verified, 0 failed, 0 "
                                "inconclusive, 0 not applicable\n"
                                "OBSERVE 0/0 observed, 0 failed, 0 inconclusive, 0 not applicable\n"
                                "4 cases: 3 pass, 0 fail, 0 inconclusive, 0 error, 1 not "
                                "applicable; seed 42\n\nWhat to do next\n  Nothing is left";
    assert_int_equal(strncmp(text, first, sizeof(first) - 1), 0);
}

static void write_every_unjudged_case_stands_under_its_reason(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 330);
    const char *text = render(NULL);
    IN_ORDER(text, "\nWhat to do next\n", "\nInconclusive: could not be judged\n",
             "  memory cannot be observed (6)\n", "    accepted.wrong-type-7[vcpu=array]\n",
             "\nNot applicable\n", "  pics.gpu_rental=false (8)\n",
             "    accepted.wrong-type-5[vcpu=array]\n", "  pics.prepare_only=false (7)\n",
             "\nFailed\n");
    size_t lines = 0;
    for (const char *at = strstr(text, "\nInconclusive"); at < strstr(text, "\nFailed\n");
         at = strchr(at + 1, '\n'))
        lines += strncmp(at, "\n    ", 5) == 0;
    assert_int_equal(lines, fixture.source.summary->cases_not_applicable +
                                fixture.source.summary->cases_inconclusive);
}

static void write_many_cases_of_one_reason_are_counted_and_three_named(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 4000);
    const char *text = render(NULL);
    IN_ORDER(text, "\nNot applicable\n", " more, each named in the reports\n", "\nFailed\n");
    const char *group = strstr(text, "\nNot applicable\n");
    size_t lines = 0;
    for (const char *at = group; at < strstr(group, " more, each named"); at = strchr(at + 1, '\n'))
        lines += strncmp(at, "\n    ", 5) == 0;
    assert_int_equal(lines, 4);
}

static void write_part_of_everything_is_told_what_comes_next(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_PASSING, 2);
    free(fixture.info.selection);
    fixture.info.selection = cf_strdup("--suite accepted");
    assert_non_null(strstr(render(NULL), "\n  Nothing is left to do in this part; run everything "
                                         "next, without \"--suite accepted\".\n"));
}

static void write_way_on_names_the_folder(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_PASSING, 2);
    fixture.info.complete = false;
    fixture.info.trouble = cf_strdup("interrupted");
    cf_list_add(&fixture.info.left, "CVM a is changed");
    IN_ORDER(render(NULL), "\n  \"restore /", "\" puts back what this run left changed.\n",
             "  \"run --resume /", "\" goes on where this run stopped.\n");
    cf_list_release(&fixture.info.left);
}

static void write_failure_is_explained_in_order(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 4);
    IN_ORDER(render(NULL), "\nFailed\n", "accepted.wrong-type-3[vcpu=array]: An array where",
             "A value of the wrong JSON type is refused with 422.", "- the status is another",
             "expected: integer 422", "actual:   integer 202", "- no row names the field",
             "expected: string \"vcpu\"", "actual:   string \"memory\"",
             "at:       /detail/0/loc/1", "cases/accepted/wrong-type.json:41",
             "| \"expect\": {\"status\": 422", "cases/accepted/wrong-type.json:42",
             "curl -sSi -X PATCH http://127.0.0.1:8080/api/v1/cvms/cvm-1",
             "-H \"X-API-Key: $ACME_API_KEY\"",
             "cvm-conformance run --case "
             "'accepted.wrong-type-3[vcpu=array]'");
}

static void write_failed_should_is_a_warning_and_errors_have_their_place(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 330);
    IN_ORDER(render(NULL), "\nFailed\n", "\nWarnings: failed, below level must\n",
             ".wrong-type-54[vcpu=array]", "\nErrors: the tester's own trouble\n",
             "- hook register-compose-hash: exit status 3");
}

static void write_many_failures_are_named_past_the_limit(void **state)
{
    struct cf_console_options options = {.explain_max = 1};
    (void)state;
    fixture_sample(SAMPLE_MIXED, 100);
    const char *text = render(&options);
    IN_ORDER(text, "accepted.wrong-type-3[vcpu=array]: An array",
             "\n  accepted.wrong-type-20[vcpu=array]\n", "accepted.wrong-type-37[vcpu=array]\n");
    assert_null(strstr(text, "run --case 'accepted.wrong-type-20[vcpu=array]'"));
}

static void write_cause_stands_at_the_finding_and_at_the_case(void **state)
{
    static const char *const ids[] = {"accepted.wrong-type-3[vcpu=array]",
                                      "accepted.wrong-type-20[vcpu=array]"};
    struct cf_report_cause cause = {.name = "lax-types",
                                    .sentence = "wrong types are taken silently",
                                    .share = 0.8,
                                    .cases = ids,
                                    .case_count = 2};
    (void)state;
    fixture_sample(SAMPLE_MIXED, 30);
    fixture.source.causes = &cause;
    fixture.source.cause_count = 1;
    IN_ORDER(
        render(NULL), "\nCauses, by what was found\n",
        "  1. the status is another (2 must cases failed)",
        "     expected: integer 422\n     actual:   integer 202\n",
        "looks like: wrong types are taken silently (lax-types)\n",
        "     for example accepted.wrong-type-3[vcpu=array]: An array where an integer belongs",
        "     cvm-conformance run --case 'accepted.wrong-type-3[vcpu=array]'\n",
        "\nWhat to do next\n  Mend the first cause", "\nFailed\n",
        "run --case 'accepted.wrong-type-3", "looks like: wrong types are taken silently");
}

static void write_interrupted_run_says_so(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_PASSING, 3);
    fixture.info.complete = false;
    IN_ORDER(render(NULL), "conforming, as far as the run went: it was cut short");
}

static void write_quiet_is_the_summary_alone(void **state)
{
    struct cf_console_options options = {.quiet = true};
    (void)state;
    fixture_sample(SAMPLE_MIXED, 100);
    const char *text = render(&options);
    size_t lines = 0;
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 5);
}

static void write_without_colour_holds_no_control_bytes(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_HOSTILE, 100);
    (void)render(NULL);
    for (size_t i = 0; i < fixture.text.len; i++) {
        unsigned char byte = (unsigned char)fixture.text.data[i];
        assert_true(byte == '\n' || (byte >= 0x20 && byte != 0x7f));
    }
    assert_null(strstr(fixture.text.data, "\xe2\x80\xae"));
    assert_non_null(strstr(fixture.text.data, "\\x1b[31m"));
}

static void write_with_colour_holds_no_sequence_of_theirs(void **state)
{
    struct cf_console_options options = {.colour = true};
    (void)state;
    fixture_sample(SAMPLE_HOSTILE, 100);
    const char *text = render(&options);
    assert_non_null(strstr(text, "\x1b[1;31mFailed"));
    /* Every sequence is one of ours: digits and ';' up to an 'm'. */
    for (const char *at = strchr(text, 0x1b); at; at = strchr(at + 1, 0x1b)) {
        assert_int_equal(at[1], '[');
        assert_int_equal(at[2 + strspn(at + 2, "0123456789;")], 'm');
    }
}

static void escape_terminal_rows(void **state)
{
    static const struct {
        const char *given;
        size_t max;
        const char *wanted;
    } rows[] = {{"plain \xc3\xa9", 0, "plain \xc3\xa9"},
                {"a\nb\tc\r", 0, "a\\nb\\tc\\r"},
                {"\x1b]0;x\x07", 0, "\\x1b]0;x\\x07"},
                {"\xc2\x9b"
                 "31m",
                 0, "\\u{9b}31m"},
                {"\xe2\x80\xae"
                 "abc",
                 0, "\\u{202e}abc"},
                {"\xff\xc3(", 0, "\\xff\\xc3("},
                {"0123456789", 5, "01234... (10 bytes)"},
                {"ab\xe2\x82\xac"
                 "cd",
                 4, "ab... (7 bytes)"},
                {"", 5, ""}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_buf out;
        cf_buf_init(&out, 1000);
        cf_report_escape_terminal(&out, rows[i].given, strlen(rows[i].given), rows[i].max);
        assert_string_equal(cf_buf_text(&out), rows[i].wanted);
        cf_buf_release(&out);
    }
}

static void exchange_blamed_is_the_request_before_its_reads(void **state)
{
    struct cf_case_record record;
    (void)state;
    sample_record(&record, SAMPLE_MIXED, 3);
    assert_ptr_equal(cf_report_explain_exchange(&record, 0), &record.exchanges[0]);
    assert_ptr_equal(cf_report_explain_exchange(&record, 1), &record.exchanges[1]);
    (void)sample_http(&record, 2, "GET", "cvm-1", 200);
    assert_ptr_equal(cf_report_explain_exchange(&record, 2), &record.exchanges[1]);
    record.exchange_count--;
    cf_exchange_release(&record.exchanges[record.exchange_count]);
    cf_case_record_release(&record);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(write_first_line_says_what_was_verified),
        TEST(write_every_unjudged_case_stands_under_its_reason),
        TEST(write_many_cases_of_one_reason_are_counted_and_three_named),
        TEST(write_part_of_everything_is_told_what_comes_next),
        TEST(write_way_on_names_the_folder),
        TEST(write_failure_is_explained_in_order),
        TEST(write_failed_should_is_a_warning_and_errors_have_their_place),
        TEST(write_many_failures_are_named_past_the_limit),
        TEST(write_cause_stands_at_the_finding_and_at_the_case),
        TEST(write_interrupted_run_says_so),
        TEST(write_quiet_is_the_summary_alone),
        TEST(write_without_colour_holds_no_control_bytes),
        TEST(write_with_colour_holds_no_sequence_of_theirs),
        cmocka_unit_test(escape_terminal_rows),
        cmocka_unit_test(exchange_blamed_is_the_request_before_its_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
