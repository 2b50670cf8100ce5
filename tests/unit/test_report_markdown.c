/* The Markdown summary: short whatever the run, and nothing foreign formats or mentions. */
#include "reports/markdown.h"
#include "tests/reports/fixture.h"

static const char *render(void)
{
    assert_int_equal(cf_report_markdown_write(&fixture.source, fixture.report, &fixture.err),
                     CF_OK);
    return fixture_read();
}

static void write_says_first_what_was_verified(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 100);
    const char *text = render();
    static const char *const order[] = {"## cvm-conformance: non-conforming\n",
                                        "\n- MUST ",
                                        "### Causes, by what was found\n",
                                        "```sh\n",
                                        "### What to do next\n",
                                        "### Inconclusive",
                                        "### Not applicable\n",
                                        "### Failed\n"};
    const char *at = text;
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        at = strstr(at, order[i]);
        assert_non_null(at);
    }
    assert_non_null(strstr(text, "### Failed\n"));
    assert_non_null(strstr(text, "### Not applicable\n"));
    assert_non_null(strstr(text, "` pics.gpu_rental=false ` ("));
    assert_non_null(strstr(text, "cvm-conformance run --case 'accepted.wrong-type-3[vcpu=array]'"));
}

static void write_of_many_failures_fits_and_counts_the_rest(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 5000);
    const char *text = render();
    assert_true(fixture.text.len < CF_REPORT_MARKDOWN_MAX_BYTES);
    assert_true(fixture.text.len > CF_REPORT_MARKDOWN_MAX_BYTES / 2);
    size_t details = 0;
    const char *rest = strstr(text, " more failures not shown");
    assert_non_null(rest); /* what is shorter may fit after it, of another section */
    for (const char *at = strstr(text, "<details>"); at && at < rest;
         at = strstr(at + 1, "<details>"))
        details++;
    size_t musts = 0;
    for (size_t i = 0; i < fixture.source.case_count; i++)
        musts += fixture.source.cases[i].verdict == CF_FAIL &&
                 cf_report_entry(&fixture.source, &fixture.source.cases[i])->level == CF_MUST;
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "\n%zu more failures not shown", musts - details);
    assert_non_null(strstr(text, wanted));
}

static void write_of_many_reasons_and_huge_texts_fits(void **state)
{
    enum { COUNT = 400 };
    struct cf_case_record records[COUNT];
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        sample_record(&records[i], SAMPLE_MIXED, i % 2 ? 3 : 7);
        free(records[i].id);
        records[i].id = sample_print("case-%zu-%01000zu", i, i);
        free(records[i].reason);
        records[i].reason = sample_print("reason %zu %05000d", i, 0);
        for (size_t k = 0; k < 200 && i == 1; k++)
            sample_failure(&records[i], (int)k, "/a", "integer 1", records[i].reason, "m");
    }
    fixture_records(records, COUNT);
    const char *text = render();
    assert_true(fixture.text.len < CF_REPORT_MARKDOWN_MAX_BYTES);
    assert_non_null(strstr(text, "more reasons not shown"));
    assert_non_null(strstr(text, "more failures not shown"));
    assert_non_null(strstr(text, "(cut here)"));
}

static bool is_markup(const char *text)
{
    return strncmp(text, "<script>", 8) == 0;
}

static bool is_foreign(const char *text)
{
    return strchr("$\\", *text) || strncmp(text, "evil", 4) == 0 ||
           strncmp(text, "::error", 7) == 0 || is_markup(text);
}

/* Outside of code spans and fences there is only what the writer itself says. */
static void assert_nothing_outside_of_code(const char *text, bool (*refused)(const char *text))
{
    while (*text != '\0') {
        size_t ticks = strspn(text, "`");
        if (ticks == 0) {
            if (refused(text))
                fail_msg("foreign text outside of code: %.60s", text);
            text++;
            continue;
        }
        const char *close = text + ticks;
        for (;;) {
            close = strchr(close, '`');
            if (!close)
                fail_msg("an open span: %.60s", text);
            size_t here = strspn(close, "`");
            if (here == ticks)
                break;
            close += here;
        }
        text = close + ticks;
    }
}

static void write_hostile_run_stays_in_its_code(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_HOSTILE, 100);
    const char *text = render();
    assert_null(strstr(text, "</script><!--\x01"));
    assert_null(memchr(text, 0x1b, fixture.text.len));
    assert_nothing_outside_of_code(text, is_foreign);
}

static void write_hostile_id_is_text_in_the_summary(void **state)
{
    struct cf_case_record records[1];
    (void)state;
    sample_record(&records[0], SAMPLE_MIXED, 3);
    free(records[0].id);
    records[0].id = sample_copy("</code></summary><script>`|@someone\n# heading");
    fixture_records(records, 1);
    const char *text = render();
    assert_null(strstr(text, "\n# heading"));
    assert_non_null(strstr(text, "&lt;/code&gt;&lt;/summary&gt;&lt;script&gt;`|@someone\\n# h"));
    /* In the block of HTML a backtick is one; before it, it would begin a span. */
    *strstr(fixture.text.data, "<details>") = '\0';
    assert_nothing_outside_of_code(text, is_markup);
}

static void code_span_holds_backticks(void **state)
{
    static const struct {
        const char *given;
        const char *wanted;
    } rows[] = {{"a", "` a `"}, {"`", "`` ` ``"}, {"a```b``", "```` a```b`` ````"}, {"", "`  `"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_buf out;
        cf_buf_init(&out, 1000);
        cf_report_markdown_put_code(&out, rows[i].given, 0);
        assert_string_equal(cf_buf_text(&out), rows[i].wanted);
        cf_buf_release(&out);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(write_says_first_what_was_verified),
        TEST(write_of_many_failures_fits_and_counts_the_rest),
        TEST(write_of_many_reasons_and_huge_texts_fits),
        TEST(write_hostile_run_stays_in_its_code),
        TEST(write_hostile_id_is_text_in_the_summary),
        cmocka_unit_test(code_span_holds_backticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
