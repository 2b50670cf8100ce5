/* Two runs compared: each case in its list, what was lost, and the three ways of saying it. */
#include "harness/base/json.h"
#include "reports/compare.h"
#include "reports/markdown.h"
#include "tests/reports/fixture.h"

/* A run written and opened; the two sides of a comparison. */
static struct side {
    char path[96];
    struct cf_results *results;
    struct cf_report_source source;
} before, after;

static struct cf_report_comparison comparison;

static int begin(void **state)
{
    int result = fixture_begin(state);
    before = after = (struct side){0};
    comparison = (struct cf_report_comparison){0};
    (void)snprintf(before.path, sizeof(before.path), "%s/before", fixture.directory);
    (void)snprintf(after.path, sizeof(after.path), "%s/after", fixture.directory);
    return result;
}

static void close_side(struct side *side)
{
    cf_report_source_release(&side->source);
    cf_results_close(side->results);
    (void)unlink(side->path);
}

static int end(void **state)
{
    cf_report_comparison_release(&comparison);
    close_side(&before);
    close_side(&after);
    return fixture_end(state);
}

struct line {
    const char *id;
    enum cf_verdict verdict;
    int attempt;
};

static void fill(struct cf_case_record *record, const struct line *line)
{
    sample_record(record, SAMPLE_PASSING, 1);
    free(record->id);
    record->id = sample_copy(line->id);
    record->verdict = line->verdict;
    record->attempt = line->attempt ? line->attempt : 1;
    if (line->verdict != CF_PASS)
        record->reason = sample_copy("because");
}

static void write_side(struct side *side, struct cf_case_record *records, size_t count)
{
    struct cf_buf lines;
    cf_buf_init(&lines, 1 << 24);
    for (size_t i = 0; i < count; i++) {
        cf_case_record_write(&lines, &records[i]);
        cf_buf_putc(&lines, '\n');
        cf_case_record_release(&records[i]);
    }
    assert_int_equal(cf_file_write(side->path, cf_buf_text(&lines), lines.len, 0600, NULL), CF_OK);
    cf_buf_release(&lines);
    assert_int_equal(cf_results_open(&side->results, side->path, &fixture.err), CF_OK);
    cf_report_source_init(&side->source, side->results);
}

static void set_side(struct side *side, const struct line *lines, size_t count)
{
    struct cf_case_record records[16];
    assert_true(count <= 16);
    for (size_t i = 0; i < count; i++)
        fill(&records[i], &lines[i]);
    write_side(side, records, count);
}

static void compare(void)
{
    assert_int_equal(cf_report_compare(&comparison, &before.source, &after.source, &fixture.err),
                     CF_OK);
}

static void compare_lists(const struct line *old_lines, size_t old_count,
                          const struct line *new_lines, size_t new_count)
{
    set_side(&before, old_lines, old_count);
    set_side(&after, new_lines, new_count);
    compare();
}
#define COMPARE(old_lines, new_lines)                                                              \
    compare_lists(old_lines, sizeof(old_lines) / sizeof(old_lines[0]), new_lines,                  \
                  sizeof(new_lines) / sizeof(new_lines[0]))

static const struct line many_old[] = {{"a.worse", CF_PASS, 0},    {"b.better", CF_FAIL, 0},
                                       {"c.same", CF_PASS, 0},     {"d.bad", CF_ERROR, 0},
                                       {"e.gone", CF_PASS, 0},     {"f.shaky", CF_PASS, 0},
                                       {"g.unjudged", CF_PASS, 0}, {"i.shakyfail", CF_PASS, 0}};
static const struct line many_new[] = {{"c.same", CF_PASS, 0},
                                       {"a.worse", CF_FAIL, 0},
                                       {"b.better", CF_PASS, 0},
                                       {"d.bad", CF_FAIL, 0},
                                       {"f.shaky", CF_PASS, 1},
                                       {"f.shaky", CF_INCONCLUSIVE, 2},
                                       {"g.unjudged", CF_INCONCLUSIVE, 0},
                                       {"h.fresh", CF_PASS, 0},
                                       {"j.freshbad", CF_FAIL, 0},
                                       {"i.shakyfail", CF_PASS, 1},
                                       {"i.shakyfail", CF_FAIL, 2}};

static void each_case_stands_in_its_list(void **state)
{
    static const struct {
        const char *id;
        enum cf_report_change change;
    } wanted[] = {{"a.worse", CF_REPORT_NEWLY_FAILING},     {"j.freshbad", CF_REPORT_NEWLY_FAILING},
                  {"i.shakyfail", CF_REPORT_NEWLY_FAILING}, {"b.better", CF_REPORT_FIXED},
                  {"d.bad", CF_REPORT_STILL_FAILING},       {"f.shaky", CF_REPORT_UNSTABLE},
                  {"e.gone", CF_REPORT_VANISHED},           {"h.fresh", CF_REPORT_APPEARED},
                  {"g.unjudged", CF_REPORT_CHANGED}};
    (void)state;
    COMPARE(many_old, many_new);
    assert_int_equal(comparison.count, sizeof(wanted) / sizeof(wanted[0]));
    for (size_t i = 0; i < comparison.count; i++) {
        assert_string_equal(comparison.items[i].id, wanted[i].id);
        assert_int_equal(comparison.items[i].change, wanted[i].change);
    }
    assert_int_equal(comparison.unstable, 2);
    assert_true(comparison.worse);
}

static void same_runs_differ_in_nothing(void **state)
{
    (void)state;
    COMPARE(many_old, many_old);
    /* What failed still fails; that is neither news nor a gate's business. */
    assert_int_equal(comparison.count, 2);
    assert_int_equal(comparison.counts[CF_REPORT_STILL_FAILING], 2);
    assert_false(comparison.worse);
    assert_int_equal(comparison.lost_count, 0);
    assert_true(comparison.same_suite && comparison.same_iut && comparison.same_profile);
}

static void vanished_alone_is_worse(void **state)
{
    static const struct line two[] = {{"a", CF_PASS, 0}, {"b", CF_PASS, 0}};
    static const struct line one[] = {{"a", CF_PASS, 0}};
    (void)state;
    COMPARE(two, one);
    assert_int_equal(comparison.count, 1);
    assert_int_equal(comparison.items[0].change, CF_REPORT_VANISHED);
    assert_true(comparison.worse);
}

static void fixed_and_appeared_are_not_worse(void **state)
{
    static const struct line old_lines[] = {{"a", CF_FAIL, 0}};
    static const struct line new_lines[] = {{"a", CF_PASS, 0}, {"b", CF_PASS, 0}};
    (void)state;
    COMPARE(old_lines, new_lines);
    assert_int_equal(comparison.count, 2);
    assert_false(comparison.worse);
}

/* ---- lost ---- */

static void assert_lost(const char *id, const char *what)
{
    for (size_t i = 0; i < comparison.lost_count; i++) {
        if (strcmp(comparison.lost[i].id, id) == 0 && strcmp(comparison.lost[i].what, what) == 0)
            return;
    }
    for (size_t i = 0; i < comparison.lost_count; i++)
        print_error("%s: %s\n", comparison.lost[i].id, comparison.lost[i].what);
    fail_msg("not lost: %s: %s", id, what);
}

static void two_records(struct cf_case_record *old_record, struct cf_case_record *new_record)
{
    static const struct line line = {"a", CF_PASS, 0};
    fill(old_record, &line);
    fill(new_record, &line);
}

static void judged_before_and_not_now_is_lost(void **state)
{
    static const struct line old_lines[] = {{"a", CF_PASS, 0}, {"b", CF_FAIL, 0}};
    static const struct line new_lines[] = {{"a", CF_NOT_APPLICABLE, 0}, {"b", CF_INCONCLUSIVE, 0}};
    (void)state;
    COMPARE(old_lines, new_lines);
    assert_int_equal(comparison.lost_count, 2);
    assert_lost("a", "was pass, is not-applicable: because");
    assert_lost("b", "was fail, is inconclusive: because");
}

static void requirement_no_longer_named_is_lost(void **state)
{
    struct cf_case_record old_record[1];
    struct cf_case_record new_record[1];
    (void)state;
    two_records(old_record, new_record);
    sample_requirement(old_record, "partial.omitted-unchanged");
    write_side(&before, old_record, 1);
    write_side(&after, new_record, 1);
    compare();
    assert_int_equal(comparison.lost_count, 2);
    assert_lost("a", "no longer checks partial.omitted-unchanged");
    assert_lost("partial.omitted-unchanged", "requirement: 1 case checked it, now none");
}

static void step_no_longer_run_is_lost(void **state)
{
    struct cf_case_record old_record[1];
    struct cf_case_record new_record[1];
    (void)state;
    two_records(old_record, new_record);
    (void)sample_http(old_record, 5, "GET", "cvm-1", 200);
    /* Twice as many polls are not a difference. */
    (void)sample_http(new_record, 2, "GET", "cvm-1", 200);
    write_side(&before, old_record, 1);
    write_side(&after, new_record, 1);
    compare();
    assert_int_equal(comparison.lost_count, 1);
    assert_lost("a", "step 5 (GET cvm-1) no longer runs; the last now is 2");
}

static void fewer_checks_are_lost_more_are_not(void **state)
{
    struct cf_case_record old_records[3];
    struct cf_case_record new_records[3];
    static const int checks[3][2] = {{7, 5}, {5, 7}, {5, 0}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        two_records(&old_records[i], &new_records[i]);
        old_records[i].id[0] = new_records[i].id[0] = (char)('a' + (char)i);
        old_records[i].checks = checks[i][0];
        new_records[i].checks = checks[i][1];
    }
    write_side(&before, old_records, 3);
    write_side(&after, new_records, 3);
    compare();
    assert_int_equal(comparison.lost_count, 1);
    assert_lost("a", "7 checks ran, now 5");
}

/* ---- saying it ---- */

static void text_lists_everything(void **state)
{
    static const char wanted[] =
        "3 newly failing, 1 fixed, 1 still failing, 2 unstable, 1 vanished, 1 appeared, 1 changed "
        "otherwise; 2 checks lost\n"
        "\nNewly failing\n  a.worse (must): pass -> fail\n  j.freshbad (must): absent -> fail\n"
        "  i.shakyfail (must): pass -> fail, unstable\n"
        "\nFixed\n  b.better (must): fail -> pass\n"
        "\nStill failing\n  d.bad (must): error -> fail\n"
        "\nUnstable\n  f.shaky (must): pass -> inconclusive, unstable\n"
        "\nVanished\n  e.gone (must): pass -> absent\n"
        "\nAppeared\n  h.fresh (must): absent -> pass\n"
        "\nChanged otherwise\n  g.unjudged (must): pass -> inconclusive\n"
        "\nNo longer checked\n  f.shaky: was pass, is inconclusive: because\n"
        "  g.unjudged: was pass, is inconclusive: because\n";
    (void)state;
    COMPARE(many_old, many_new);
    assert_int_equal(cf_report_compare_write_text(&comparison, fixture.report, &fixture.err),
                     CF_OK);
    assert_string_equal(fixture_read(), wanted);
}

static void text_of_different_heads_says_so(void **state)
{
    static const struct line one[] = {{"a", CF_PASS, 0}};
    struct cf_run_info other;
    (void)state;
    set_side(&before, one, 1);
    set_side(&after, one, 1);
    sample_info(&other);
    after.source.info = &other;
    compare();
    cf_run_info_release(&other);
    assert_int_equal(cf_report_compare_write_text(&comparison, fixture.report, &fixture.err),
                     CF_OK);
    assert_non_null(strstr(fixture_read(), "note: the suite's version or catalogue differs\n"
                                           "note: the implementation's name, version or URL "
                                           "differs\nnote: the profile differs\n"));
}

static void json_parses_and_counts(void **state)
{
    struct cf_json_doc doc;
    (void)state;
    COMPARE(many_old, many_new);
    assert_int_equal(cf_report_compare_write_json(&comparison, fixture.report, &fixture.err),
                     CF_OK);
    (void)fixture_read();
    assert_int_equal(cf_json_parse(&doc, "json", fixture.text.data, fixture.text.len,
                                   CF_JSON_UNIQUE_KEYS, &fixture.err),
                     CF_OK);
    assert_true(cf_json_bool(doc.root, "worse", false));
    assert_string_equal(cf_json_at(doc.root, "/counts/newly-failing")->valuestring, "3");
    assert_string_equal(cf_json_at(doc.root, "/counts/unstable")->valuestring, "2");
    assert_int_equal(cJSON_GetArraySize(cf_json_get(doc.root, "cases")), 9);
    assert_true(cJSON_IsNull(cf_json_at(doc.root, "/cases/1/old")));
    assert_int_equal(cJSON_GetArraySize(cf_json_get(doc.root, "lost")), 2);
    cf_json_release(&doc);
}

static void markdown_of_many_changes_fits(void **state)
{
    struct cf_case_record *records = calloc(3000, sizeof(*records));
    static const struct line one[] = {{"other", CF_PASS, 0}};
    (void)state;
    assert_non_null(records);
    for (size_t i = 0; i < 3000; i++)
        sample_record(&records[i], SAMPLE_HOSTILE, i);
    write_side(&before, records, 3000);
    free(records);
    set_side(&after, one, 1);
    compare();
    assert_int_equal(cf_report_compare_write_markdown(&comparison, fixture.report, &fixture.err),
                     CF_OK);
    const char *text = fixture_read();
    assert_true(fixture.text.len < CF_REPORT_MARKDOWN_MAX_BYTES);
    assert_int_equal(strncmp(text, "**0 newly failing", 17), 0);
    assert_non_null(strstr(text, "more not shown here."));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(each_case_stands_in_its_list),
        TEST(same_runs_differ_in_nothing),
        TEST(vanished_alone_is_worse),
        TEST(fixed_and_appeared_are_not_worse),
        TEST(judged_before_and_not_now_is_lost),
        TEST(requirement_no_longer_named_is_lost),
        TEST(step_no_longer_run_is_lost),
        TEST(fewer_checks_are_lost_more_are_not),
        TEST(text_lists_everything),
        TEST(text_of_different_heads_says_so),
        TEST(json_parses_and_counts),
        TEST(markdown_of_many_changes_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
