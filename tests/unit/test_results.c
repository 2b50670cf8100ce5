/* Saved runs: opened, counted, refused. */
#include "harness/base/digest.h"
#include "harness/base/gzip.h"
#include "harness/record/results.h"
#include "harness/record/reused.h"
#include "tests/reports/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static char path[64];
static struct cf_results *results;
static struct cf_err err;

static int begin(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof(path), "/tmp/cf-results-XXXXXX");
    int fd = mkstemp(path);
    results = NULL;
    err = (struct cf_err){0};
    return fd < 0 ? -1 : close(fd);
}

static int end(void **state)
{
    (void)state;
    cf_results_close(results);
    return unlink(path);
}

static enum cf_code open_text(const char *text, size_t len)
{
    assert_int_equal(cf_file_write(path, text, len, 0600, &err), CF_OK);
    return cf_results_open(&results, path, &err);
}

#define CASE(id, verdict, more)                                                                    \
    "{\"id\":\"" id "\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"must\",\"verdict\":\"" verdict \
    "\"" more "}"
#define HEAD "{\"format\":\"cvm-conformance-results\",\"version\":1,\"seed\":18446744073709551615,"

static void open_lines_counts_every_case(void **state)
{
    (void)state;
    sample_write_lines(path, SAMPLE_MIXED, 300);
    assert_int_equal(cf_results_open(&results, path, &err), CF_OK);
    assert_int_equal(cf_results_count(results), 300);
    assert_false(cf_results_torn(results));
    assert_false(cf_results_info(results)->complete);
    assert_int_equal(cf_results_summary(results)->cases_total, 300);
    assert_string_equal(cf_results_entry(results, 3)->id, "accepted.wrong-type-3[vcpu=array]");
    assert_int_equal(cf_results_entry(results, 3)->verdict, CF_FAIL);
    assert_null(cf_results_entry(results, 3)->reason);
    assert_string_equal(cf_results_entry(results, 5)->reason, "pics.gpu_rental=false");
}

static void open_compressed_reads_what_it_stands_for(void **state)
{
    (void)state;
    char plain[80];
    char whole[65];
    char undone[65];
    sample_write_lines(path, SAMPLE_MIXED, 300);
    assert_int_equal(cf_sha256_file(path, whole, &err), CF_OK);
    (void)snprintf(plain, sizeof(plain), "%s.plain", path);
    assert_int_equal(rename(path, plain), 0);
    assert_int_equal(cf_gzip_file(plain, path, &err), CF_OK);
    (void)unlink(plain);
    assert_int_equal(cf_results_open(&results, path, &err), CF_OK);
    assert_int_equal(cf_results_count(results), 300);
    cf_results_sha256(results, undone);
    assert_string_equal(undone, whole);
    cf_results_close(results);
    results = NULL;
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(cf_results_open(&results, path, &err), CF_EINPUT);
}

static void open_lines_without_last_newline_keeps_a_whole_case(void **state)
{
    static const char text[] = CASE("a", "pass", "") "\n" CASE("b", "pass", "");
    (void)state;
    assert_int_equal(open_text(text, sizeof(text) - 1), CF_OK);
    assert_int_equal(cf_results_count(results), 2);
    assert_false(cf_results_torn(results));
}

static void open_lines_torn_anywhere_in_the_last_skips_it(void **state)
{
    static const char text[] = CASE("a", "pass", "") "\n" CASE("b", "pass", "");
    static const char first[] = CASE("a", "pass", "") "\n";
    (void)state;
    for (size_t len = sizeof(first); len < sizeof(text) - 1; len++) {
        assert_int_equal(open_text(text, len), CF_OK);
        assert_int_equal(cf_results_count(results), 1);
        assert_true(cf_results_torn(results));
        cf_results_close(results);
        results = NULL;
    }
}

static void open_lines_torn_in_the_first_is_an_empty_run(void **state)
{
    static const char text[] = "{\"id\":\"a\",\"su";
    (void)state;
    assert_int_equal(open_text(text, sizeof(text) - 1), CF_OK);
    assert_int_equal(cf_results_count(results), 0);
    assert_true(cf_results_torn(results));
}

static void open_empty_file_is_an_empty_run(void **state)
{
    (void)state;
    assert_int_equal(open_text("", 0), CF_OK);
    assert_int_equal(cf_results_count(results), 0);
    assert_string_equal(cf_results_summary(results)->verdict, "inconclusive");
}

static void open_json_reads_head_requirements_and_cases(void **state)
{
    static const char text[] = HEAD
        "\"suite\":{\"name\":\"n\",\"version\":\"1.2\",\"catalogue_sha256\":\"aa\"},"
        "\"iut\":{\"name\":\"I\"},\"pics\":{},\"complete\":true,\"repeat\":3,"
        "\"shard\":{\"index\":2,\"count\":4},\n"
        "\"cases\":[" CASE("a", "pass", ",\"requirements\":[\"r.1\"]") ",\n  " CASE(
            "b", "fail",
            "") "],"
                "\"requirements\":[{\"id\":\"r.0\",\"level\":\"must\"},{\"id\":\"r.1\",\"level\":"
                "\"should\",\"statement\":\"S\",\"proven\":true}],"
                "\"other\":[[1],[2,[3]]]}";
    (void)state;
    assert_int_equal(open_text(text, sizeof(text) - 1), CF_OK);
    const struct cf_run_info *info = cf_results_info(results);
    const struct cf_summary *summary = cf_results_summary(results);
    assert_true(info->seed == 18446744073709551615ull);
    assert_string_equal(info->suite_version, "1.2");
    assert_string_equal(info->iut, "{\"name\":\"I\"}");
    assert_true(info->complete);
    assert_int_equal(info->repeat, 3);
    assert_int_equal(info->shard_index, 2);
    assert_int_equal(info->shard_count, 4);
    assert_int_equal(cf_results_count(results), 2);
    assert_int_equal(summary->requirement_count, 2);
    assert_int_equal(summary->levels[CF_MUST].not_run, 1);
    assert_int_equal(summary->levels[CF_SHOULD].passed, 1);
    assert_true(summary->requirements[1].proven);
    assert_string_equal(summary->requirements[1].cases[0], "a");
}

static void open_refuses_what_is_no_run(void **state)
{
    static const struct {
        const char *text;
        const char *message; /* after the path */
    } rows[] = {
        {"hello", ":1:1: 'h' where a value should be"},
        {"{\n}", ": not a results file: format is not \"cvm-conformance-results\""},
        {"{\"format\":\"x\"}", ": not a results file: format is not \"cvm-conformance-results\""},
        {"{\"format\":\"cvm-conformance-results\",\"version\":2}",
         ": results version 2 is not known here (1 to 1 are)"},
        {HEAD "\"cases\":[\n" CASE("a", "pass", "") "\n{}]}",
         ":3:1: '{' where ',' or ']' should be"},
        {HEAD "\"cases\":[{\"id\":1}]}", ": case 1: id: expected string, got integer"},
        {HEAD "\"requirements\":[{}]}", ": a requirement needs an id and a level"},
        {CASE("a", "pass", "") "\n{\"id\": nope}\n" CASE("b", "pass", "") "\n",
         ":2:8: 'n' where a value should be"},
        {CASE("a", "pass", "") "\n" CASE("b", "odd", "") "\n",
         ": case 2: verdict: expected pass, fail, inconclusive, error or not-applicable"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(open_text(rows[i].text, strlen(rows[i].text)), CF_EINPUT);
        assert_null(results);
        assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
        assert_string_equal(err.text + strlen(path), rows[i].message);
    }
}

static void open_leaves_the_steps_of_a_case_to_who_reads_it(void **state)
{
    static const char text[] = CASE("a", "pass", ",\"steps\":[{\"kind\":\"odd\"}]") "\n" CASE(
        "b", "pass", ",\"steps\":[],\"operations\":2") "\n";
    struct cf_case_record record;
    (void)state;
    assert_int_equal(open_text(text, sizeof(text) - 1), CF_OK);
    assert_int_equal(cf_results_count(results), 2);
    assert_int_equal(cf_results_entry(results, 1)->operations, 2);
    assert_int_equal(cf_results_case(results, 0, &record, &err), CF_EINPUT);
    assert_string_equal(err.text + strlen(path),
                        ": case 1: steps/0: kind: unknown kind of exchange");
}

/* Of each form of results, a record of all kinds: what stands before its steps and after them. */
static void head_is_the_record_without_its_steps(void **state)
{
#define ONE                                                                                        \
    "{\"id\":\"a\",\"suite\":\"s\",\"steps\":[{\"kind\":\"http\",\"purpose\":\"\\\"steps\\\":[\"}" \
    "],"                                                                                           \
    "\"title\":\"t\",\"level\":\"must\",\"verdict\":\"pass\",\"operations\":3}"
    static const char *const texts[] = {CASE("0", "pass", "") "\n" ONE "\n",
                                        HEAD "\"cases\":[" CASE("0", "pass", "") ",\n" ONE "]}"};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct cf_case_record whole;
        struct cf_case_record head;
        assert_int_equal(open_text(texts[i], strlen(texts[i])), CF_OK);
        assert_int_equal(cf_results_case(results, 1, &whole, &err), CF_OK);
        assert_int_equal(cf_results_head(results, 1, &head, &err), CF_OK);
        assert_int_equal(whole.exchange_count, 1);
        assert_int_equal(head.exchange_count, 0);
        assert_string_equal(head.id, "a");
        assert_string_equal(head.title, "t");
        assert_int_equal(head.operations, 3);
        cf_case_record_release(&whole);
        cf_case_record_release(&head);
        assert_int_equal(cf_results_head(results, 0, &head, &err), CF_OK);
        assert_string_equal(head.id, "0");
        cf_case_record_release(&head);
        cf_results_close(results);
        results = NULL;
    }
#undef ONE
}

#define READ(more)                                                                                 \
    "{\"kind\":\"http\",\"purpose\":\"read\",\"request\":{\"method\":\"GET\"},"                    \
    "\"response\":{\"status\":200}" more "}"

static void what_was_used_again_is_left_out_and_nothing_else(void **state)
{
    static const char *const kept[] = {
        READ(""),
        READ(",\"reused\":false"),
        READ(",\"reused\":false,\"reused\":true"),
        "{\"reused\":true,\"request\":{\"method\":\"GET\"},\"response\":{\"status\":200}}",
        "{\"kind\":\"http\",\"reused\":true,\"request\":{\"method\":\"GET\"},"
        "\"response\":{\"status\":404}}",
        "{\"kind\":\"http\",\"reused\":true,\"request\":{\"method\":\"GET\"},\"response\":{}}",
        "{\"kind\":\"http\",\"reused\":true,\"request\":{\"headers\":{\"method\":\"GET\"}},"
        "\"response\":{\"status\":200}}",
        "{\"kind\":\"http\",\"reused\":true,\"request\":{\"method\":\"PATCH\"},"
        "\"response\":{\"status\":200}}",
        "{\"kind\":\"timeout\",\"reused\":true}"};
    (void)state;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
        struct cf_buf out = {0};
        struct cf_buf steps = {0};
        cf_buf_printf(&steps, "[%s,%s,%s]", READ(",\"reused\":true"), kept[i],
                      READ(", \"reused\" : true"));
        assert_int_equal(cf_reused_leave_out(&out, steps.data, steps.len), 2);
        assert_memory_equal(out.data + 1, kept[i], out.len - 2);
        assert_int_equal(out.len, strlen(kept[i]) + 2);
        cf_buf_release(&out);
        cf_buf_release(&steps);
    }
}

static void what_is_no_list_of_steps_stays(void **state)
{
    static const char *const texts[] = {
        "", "[]", "null", "[1,{}]", "[" READ("") "]", "[" READ(",\"reused\":true")};
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct cf_buf out = {0};
        assert_int_equal(cf_reused_leave_out(&out, texts[i], strlen(texts[i])), 0);
        assert_string_equal(cf_buf_text(&out), texts[i]);
        cf_buf_release(&out);
    }
}

static void record_without_what_it_used_again_is_else_the_same(void **state)
{
    struct cf_case_record record;
    size_t left_out = 9;
    static const char text[] = CASE("a", "pass", "") "\n" CASE(
        "b", "pass",
        ",\"steps\":[" READ(",\"reused\":true") "," READ("") "],\"operations\":2") "\n";
    (void)state;
    assert_int_equal(open_text(text, sizeof(text) - 1), CF_OK);
    assert_int_equal(cf_results_case_but_reused(results, 0, &record, &left_out, &err), CF_OK);
    assert_int_equal(left_out, 0);
    assert_string_equal(record.id, "a");
    cf_case_record_release(&record);
    assert_int_equal(cf_results_case_but_reused(results, 1, &record, &left_out, &err), CF_OK);
    assert_int_equal(left_out, 1);
    assert_int_equal(record.exchange_count, 1);
    assert_false(record.exchanges[0].reused);
    assert_int_equal(record.operations, 2);
    cf_case_record_release(&record);
}

static void open_missing_or_special_file_says_so(void **state)
{
    (void)state;
    assert_int_equal(cf_results_open(&results, "/nowhere/at/all", &err), CF_ENOTFOUND);
    assert_int_equal(cf_results_open(&results, "/dev/null", &err), CF_EIO);
    assert_string_equal(err.text, "cannot read /dev/null: not a regular file");
    assert_int_equal(cf_results_open(&results, "/tmp", &err), CF_EIO);
}

/* ---- the summary ---- */

static void add(struct cf_summary *summary, const char *id, const char *requirement,
                enum cf_level level, enum cf_verdict verdict, const char *reason)
{
    bool has_reason = verdict == CF_NOT_APPLICABLE || verdict == CF_INCONCLUSIVE;
    const struct cf_results_entry entry = {.id = id,
                                           .requirements = &requirement,
                                           .verdicts = &verdict,
                                           .requirement_count = 1,
                                           .level = level,
                                           .verdict = verdict,
                                           .attempt = 1,
                                           .reason = has_reason ? reason : NULL};
    cf_summary_add_case(summary, &entry);
}

static void finish_verdict_follows_the_gravest(void **state)
{
    static const struct {
        struct {
            enum cf_level level;
            enum cf_verdict verdict;
        } cases[3];
        const char *verdict;
    } rows[] = {
        {{{CF_MUST, CF_PASS}, {CF_MUST, CF_PASS}, {CF_SHOULD, CF_FAIL}}, "conforming"},
        {{{CF_MUST, CF_PASS}, {CF_MUST, CF_NOT_APPLICABLE}, {CF_SHOULD, CF_INCONCLUSIVE}},
         "conforming"},
        {{{CF_MUST, CF_PASS}, {CF_MUST, CF_INCONCLUSIVE}, {CF_MUST, CF_PASS}}, "inconclusive"},
        {{{CF_MUST, CF_ERROR}, {CF_MUST, CF_INCONCLUSIVE}, {CF_MUST, CF_PASS}}, "error"},
        {{{CF_MUST, CF_PASS}, {CF_SHOULD, CF_ERROR}, {CF_MUST, CF_PASS}}, "error"},
        {{{CF_MUST, CF_ERROR}, {CF_MUST, CF_FAIL}, {CF_MUST, CF_PASS}}, "non-conforming"},
        {{{CF_MUST, CF_NOT_APPLICABLE}, {CF_MUST, CF_NOT_APPLICABLE}, {CF_MUST, CF_NOT_APPLICABLE}},
         "inconclusive"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_summary summary;
        cf_summary_init(&summary);
        for (size_t c = 0; c < 3; c++) {
            char name[16];
            (void)snprintf(name, sizeof(name), "c%zu", c);
            add(&summary, name, name, rows[i].cases[c].level, rows[i].cases[c].verdict, "why");
        }
        cf_summary_finish(&summary);
        assert_string_equal(summary.verdict, rows[i].verdict);
        cf_summary_release(&summary);
    }
}

static void finish_requirement_takes_the_gravest_of_its_cases(void **state)
{
    struct cf_summary summary;
    (void)state;
    cf_summary_init(&summary);
    cf_summary_add_requirement(&summary, "r", CF_MUST, "S", "page", true);
    cf_summary_add_requirement(&summary, "unused", CF_MUST, NULL, NULL, false);
    add(&summary, "a", "r", CF_MUST, CF_NOT_APPLICABLE, "n");
    add(&summary, "b", "r", CF_MUST, CF_PASS, NULL);
    cf_summary_finish(&summary);
    assert_int_equal(summary.requirements[0].verdict, CF_PASS);
    add(&summary, "c", "r", CF_MUST, CF_INCONCLUSIVE, "i");
    cf_summary_finish(&summary);
    assert_int_equal(summary.requirements[0].verdict, CF_INCONCLUSIVE);
    assert_int_equal(summary.requirements[0].case_count, 3);
    assert_string_equal(summary.requirements[0].source, "page");
    assert_int_equal(summary.levels[CF_MUST].total, 2);
    assert_int_equal(summary.levels[CF_MUST].inconclusive, 1);
    assert_int_equal(summary.levels[CF_MUST].not_run, 1);
    /* The not-applicable case's reason is not this requirement's: another case stood for it. */
    assert_int_equal(summary.reason_count, 2);
    assert_int_equal(summary.reasons[0].verdict, CF_NOT_APPLICABLE);
    assert_int_equal(summary.reasons[0].levels[CF_MUST], 0);
    assert_int_equal(summary.reasons[1].levels[CF_MUST], 1);
    cf_summary_release(&summary);
}

static void finish_fails_of_a_failing_case_what_it_broke_alone(void **state)
{
    const char *requirements[] = {"own", "charged"};
    enum cf_verdict verdicts[] = {CF_PASS, CF_FAIL};
    const struct cf_results_entry entry = {.id = "a",
                                           .requirements = requirements,
                                           .verdicts = verdicts,
                                           .requirement_count = 2,
                                           .level = CF_MUST,
                                           .verdict = CF_FAIL,
                                           .attempt = 1};
    struct cf_summary summary;
    (void)state;
    cf_summary_init(&summary);
    cf_summary_add_requirement(&summary, "own", CF_MUST, "S", "page", true);
    cf_summary_add_requirement(&summary, "charged", CF_SHOULD, "S", "page", true);
    cf_summary_add_case(&summary, &entry);
    cf_summary_finish(&summary);
    assert_int_equal(summary.requirements[0].verdict, CF_PASS);
    assert_int_equal(summary.requirements[1].verdict, CF_FAIL);
    assert_int_equal(summary.levels[CF_MUST].passed, 1);
    assert_int_equal(summary.levels[CF_SHOULD].failed, 1);
    assert_int_equal(summary.cases_fail, 1);
    assert_string_equal(summary.verdict, "conforming"); /* no must failed */
    verdicts[0] = CF_INCONCLUSIVE;
    cf_summary_add_case(&summary, &entry);
    cf_summary_finish(&summary);
    assert_int_equal(summary.requirements[0].verdict, CF_INCONCLUSIVE);
    assert_string_equal(summary.verdict, "inconclusive");
    cf_summary_release(&summary);
}

static void finish_attempts_count_once_and_differing_is_unstable(void **state)
{
    struct cf_summary summary;
    (void)state;
    cf_summary_init(&summary);
    add(&summary, "a", "r", CF_MUST, CF_PASS, NULL);
    add(&summary, "a", "r", CF_MUST, CF_FAIL, "x");
    add(&summary, "a", "r", CF_MUST, CF_PASS, NULL);
    add(&summary, "b", "r", CF_MUST, CF_PASS, NULL);
    add(&summary, "b", "r", CF_MUST, CF_PASS, NULL);
    cf_summary_finish(&summary);
    assert_int_equal(summary.cases_total, 2);
    assert_int_equal(summary.cases_fail, 1);
    assert_int_equal(summary.cases_pass, 1);
    assert_int_equal(summary.cases_unstable, 1);
    assert_int_equal(summary.levels[CF_MUST].unstable, 1);
    assert_int_equal(summary.requirements[0].case_count, 2);
    assert_string_equal(summary.verdict, "non-conforming");
    cf_summary_release(&summary);
}

static void finish_must_that_failed_once_is_not_hidden_by_an_error(void **state)
{
    struct cf_summary summary;
    (void)state;
    cf_summary_init(&summary);
    add(&summary, "a", "r", CF_MUST, CF_FAIL, "x");
    add(&summary, "a", "r", CF_MUST, CF_ERROR, "y");
    cf_summary_finish(&summary);
    assert_int_equal(summary.cases_error, 1);
    assert_string_equal(summary.verdict, "non-conforming");
    cf_summary_release(&summary);
}

static void finish_reasons_are_grouped_most_frequent_first(void **state)
{
    struct cf_summary summary;
    (void)state;
    cf_summary_init(&summary);
    add(&summary, "a", "r1", CF_MUST, CF_INCONCLUSIVE, "rare");
    add(&summary, "b", "r2", CF_MUST, CF_INCONCLUSIVE, "often");
    add(&summary, "c", "r3", CF_SHOULD, CF_INCONCLUSIVE, "often");
    add(&summary, "d", "r4", CF_MUST, CF_INCONCLUSIVE, "never");
    cf_summary_finish(&summary);
    assert_int_equal(summary.reason_count, 3);
    assert_string_equal(summary.reasons[0].reason, "often");
    assert_int_equal(summary.reasons[0].count, 2);
    assert_int_equal(summary.reasons[0].levels[CF_MUST], 1);
    assert_int_equal(summary.reasons[0].levels[CF_SHOULD], 1);
    assert_string_equal(summary.reasons[1].reason, "never");
    assert_string_equal(summary.reasons[2].reason, "rare");
    cf_summary_release(&summary);
}

static void add_many_cases_keeps_each(void **state)
{
    struct cf_summary summary;
    (void)state;
    cf_summary_init(&summary);
    for (size_t i = 0; i < 5000; i++) {
        char id[32];
        char requirement[32];
        (void)snprintf(id, sizeof(id), "case-%zu", i);
        (void)snprintf(requirement, sizeof(requirement), "req-%zu", i % 97);
        add(&summary, id, requirement, CF_MUST, CF_PASS, NULL);
    }
    cf_summary_finish(&summary);
    assert_int_equal(summary.cases_pass, 5000);
    assert_int_equal(summary.requirement_count, 97);
    assert_string_equal(summary.requirements[96].cases[1], "case-193");
    cf_summary_release(&summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(open_lines_counts_every_case, begin, end),
        cmocka_unit_test_setup_teardown(open_compressed_reads_what_it_stands_for, begin, end),
        cmocka_unit_test_setup_teardown(open_lines_without_last_newline_keeps_a_whole_case, begin,
                                        end),
        cmocka_unit_test_setup_teardown(open_lines_torn_anywhere_in_the_last_skips_it, begin, end),
        cmocka_unit_test_setup_teardown(open_lines_torn_in_the_first_is_an_empty_run, begin, end),
        cmocka_unit_test_setup_teardown(open_empty_file_is_an_empty_run, begin, end),
        cmocka_unit_test_setup_teardown(open_json_reads_head_requirements_and_cases, begin, end),
        cmocka_unit_test_setup_teardown(open_refuses_what_is_no_run, begin, end),
        cmocka_unit_test_setup_teardown(open_leaves_the_steps_of_a_case_to_who_reads_it, begin,
                                        end),
        cmocka_unit_test_setup_teardown(head_is_the_record_without_its_steps, begin, end),
        cmocka_unit_test(what_was_used_again_is_left_out_and_nothing_else),
        cmocka_unit_test(what_is_no_list_of_steps_stays),
        cmocka_unit_test_setup_teardown(record_without_what_it_used_again_is_else_the_same, begin,
                                        end),
        cmocka_unit_test_setup_teardown(open_missing_or_special_file_says_so, begin, end),
        cmocka_unit_test(finish_verdict_follows_the_gravest),
        cmocka_unit_test(finish_requirement_takes_the_gravest_of_its_cases),
        cmocka_unit_test(finish_fails_of_a_failing_case_what_it_broke_alone),
        cmocka_unit_test(finish_attempts_count_once_and_differing_is_unstable),
        cmocka_unit_test(finish_must_that_failed_once_is_not_hidden_by_an_error),
        cmocka_unit_test(finish_reasons_are_grouped_most_frequent_first),
        cmocka_unit_test(add_many_cases_keeps_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
