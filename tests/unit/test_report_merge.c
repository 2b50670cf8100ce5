/* Shards put together: the same as one run, or refused with the reason. */
#include "harness/base/intern.h"
#include "reports/merge.h"
#include "reports/results_json.h"
#include "tests/reports/fixture.h"

enum { SHARDS = 3, CASES = 90 };

static char paths[SHARDS][96];
static struct cf_results *shards[SHARDS];
static struct cf_run_info infos[SHARDS];

static void shard_path(size_t shard)
{
    (void)snprintf(paths[shard], sizeof(paths[shard]), "%s/shard-%zu", fixture.directory,
                   shard + 1);
}

/* The plan's digest: of all the sample's ids. */
static char *plan_digest(void)
{
    char *ids[CASES];
    char digest[65];
    for (size_t i = 0; i < CASES; i++) {
        struct cf_case_record record;
        sample_record(&record, SAMPLE_MIXED, i);
        ids[i] = sample_copy(record.id);
        cf_case_record_release(&record);
    }
    cf_plan_sha256((const char *const *)ids, CASES, digest);
    for (size_t i = 0; i < CASES; i++)
        free(ids[i]);
    return sample_copy(digest);
}

static int begin(void **state)
{
    int result = fixture_begin(state);
    for (size_t s = 0; s < SHARDS; s++) {
        shards[s] = NULL;
        shard_path(s);
        sample_info(&infos[s]);
        infos[s].shard_index = (int)s + 1;
        infos[s].shard_count = SHARDS;
        free(infos[s].plan_sha256);
        infos[s].plan_sha256 = plan_digest();
    }
    return result;
}

static int end(void **state)
{
    for (size_t s = 0; s < SHARDS; s++) {
        cf_results_close(shards[s]);
        cf_run_info_release(&infos[s]);
        (void)unlink(paths[s]);
    }
    return fixture_end(state);
}

/* Write shard s with its info, and every SHARDS-th case, but not those in [skip, skip + 1). */
static void write_shard(size_t s, size_t skip, size_t extra)
{
    struct cf_case_record *records = calloc(CASES + 1, sizeof(*records));
    size_t count = 0;
    assert_non_null(records);
    for (size_t i = s; i < CASES; i += SHARDS) {
        if (i != skip)
            sample_record(&records[count++], SAMPLE_MIXED, i);
    }
    if (extra < CASES)
        sample_record(&records[count++], SAMPLE_MIXED, extra);
    fixture_records(records, count);
    free(records);
    fixture.source.info = &infos[s];
    assert_int_equal(cf_report_json_write(&fixture.source, paths[s], &fixture.err), CF_OK);
    fixture_close();
    assert_int_equal(cf_results_open(&shards[s], paths[s], &fixture.err), CF_OK);
}

static void write_shards(void)
{
    for (size_t s = 0; s < SHARDS; s++)
        write_shard(s, CASES, CASES);
}

static void assert_refused(const struct cf_results *const *given, size_t count, const char *wanted)
{
    assert_int_equal(cf_report_merge_write(given, count, fixture.report, &fixture.err), CF_EINPUT);
    if (!strstr(fixture.err.text, wanted))
        fail_msg("\"%s\" is not in: %s", wanted, fixture.err.text);
    assert_int_equal(access(fixture.report, F_OK), -1);
}

static void merge_says_what_one_run_would_have(void **state)
{
    (void)state;
    write_shards();
    const struct cf_results *given[] = {shards[2], shards[0], shards[1]};
    assert_int_equal(cf_report_merge_write(given, 3, fixture.report, &fixture.err), CF_OK);
    struct cf_results *merged = NULL;
    assert_int_equal(cf_results_open(&merged, fixture.report, &fixture.err), CF_OK);
    fixture_sample(SAMPLE_MIXED, CASES);
    const struct cf_summary *one = cf_results_summary(fixture.results);
    const struct cf_summary *put = cf_results_summary(merged);
    assert_int_equal(cf_results_count(merged), CASES);
    assert_int_equal(put->cases_fail, one->cases_fail);
    assert_int_equal(put->cases_inconclusive, one->cases_inconclusive);
    assert_int_equal(put->levels[CF_MUST].passed, one->levels[CF_MUST].passed);
    assert_int_equal(put->requirement_count, one->requirement_count);
    assert_string_equal(put->verdict, one->verdict);
    assert_int_equal(cf_results_info(merged)->shard_count, 1);
    assert_true(cf_results_info(merged)->complete);
    cf_results_close(merged);
}

static void merge_does_not_depend_on_the_order_given(void **state)
{
    struct cf_buf first;
    (void)state;
    write_shards();
    const struct cf_results *one_way[] = {shards[0], shards[1], shards[2]};
    const struct cf_results *other_way[] = {shards[2], shards[1], shards[0]};
    assert_int_equal(cf_report_merge_write(one_way, 3, fixture.report, &fixture.err), CF_OK);
    cf_buf_init(&first, 1 << 26);
    cf_buf_puts(&first, fixture_read());
    assert_int_equal(cf_report_merge_write(other_way, 3, fixture.report, &fixture.err), CF_OK);
    assert_string_equal(fixture_read(), cf_buf_text(&first));
    cf_buf_release(&first);
}

static void merge_spans_the_earliest_start_to_the_latest_end(void **state)
{
    (void)state;
    free(infos[1].started_at);
    infos[1].started_at = sample_copy("2026-01-21T09:00:00.000Z");
    free(infos[2].finished_at);
    infos[2].finished_at = sample_copy("2026-01-21T10:00:00.000Z");
    write_shards();
    const struct cf_results *given[] = {shards[0], shards[1], shards[2]};
    assert_int_equal(cf_report_merge_write(given, 3, fixture.report, &fixture.err), CF_OK);
    const char *text = fixture_read();
    assert_non_null(strstr(text, "\"started_at\": \"2026-01-21T09:00:00.000Z\""));
    assert_non_null(strstr(text, "\"finished_at\": \"2026-01-21T10:00:00.000Z\""));
}

static void merge_without_a_shard_names_it(void **state)
{
    (void)state;
    write_shards();
    const struct cf_results *given[] = {shards[0], shards[2]};
    assert_refused(given, 2, "shard 2 of 3 is missing");
}

static void merge_with_a_shard_twice_names_both_files(void **state)
{
    (void)state;
    write_shards();
    const struct cf_results *given[] = {shards[0], shards[1], shards[1], shards[2]};
    assert_refused(given, 4, "shard 2 of 3 comes twice: ");
}

static void merge_with_a_case_in_two_shards_names_it(void **state)
{
    (void)state;
    write_shard(0, CASES, 1);
    write_shard(1, CASES, CASES);
    write_shard(2, CASES, CASES);
    const struct cf_results *given[] = {shards[0], shards[1], shards[2]};
    assert_refused(given, 3, "case accepted.wrong-type-1[vcpu=array] ran in two shards: ");
}

static void merge_with_a_case_missing_is_refused(void **state)
{
    (void)state;
    write_shard(0, 3, CASES);
    write_shard(1, CASES, CASES);
    write_shard(2, CASES, CASES);
    const struct cf_results *given[] = {shards[0], shards[1], shards[2]};
    assert_refused(given, 3,
                   "the 89 cases of the 3 shards are not those of the plan: some are missing");
}

static void merge_of_different_heads_says_what_differs(void **state)
{
    static const struct {
        size_t offset; /* of the text in the head */
        const char *value;
        const char *wanted;
    } rows[] = {
        {offsetof(struct cf_run_info, suite_version), "0.2.0", "different suite versions"},
        {offsetof(struct cf_run_info, catalogue_sha256), "00", "different catalogues"},
        {offsetof(struct cf_run_info, profile_sha256), "00", "different profiles"},
        {offsetof(struct cf_run_info, pics), "{}", "different profiles"},
        {offsetof(struct cf_run_info, iut), "{\"name\":\"Other\"}",
         "different implementations under test"},
        {offsetof(struct cf_run_info, plan_sha256), "00", "different plans"},
        {offsetof(struct cf_run_info, selection), "--suite auth", "different selections"},
    };
    (void)state;
    write_shard(0, CASES, CASES);
    write_shard(2, CASES, CASES);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char **text = (char **)((char *)&infos[1] + rows[i].offset);
        char *kept = *text;
        *text = sample_copy(rows[i].value);
        write_shard(1, CASES, CASES);
        const struct cf_results *given[] = {shards[0], shards[1], shards[2]};
        assert_refused(given, 3, rows[i].wanted);
        free(*text);
        *text = kept;
        cf_results_close(shards[1]);
        shards[1] = NULL;
    }
}

static void merge_of_different_numbers_says_what_differs(void **state)
{
    (void)state;
    infos[1].seed = 7;
    write_shards();
    const struct cf_results *given[] = {shards[0], shards[1], shards[2]};
    assert_refused(given, 3, "different seeds");
}

static void merge_of_members_in_another_order_is_the_same(void **state)
{
    (void)state;
    free(infos[1].pics);
    infos[1].pics = sample_copy("{\"gpu_rental\": false, \"prepare_only\":true, "
                                "\"contract_owned_kms\":true}");
    write_shards();
    const struct cf_results *given[] = {shards[0], shards[1], shards[2]};
    assert_int_equal(cf_report_merge_check(given, 3, &fixture.err), CF_OK);
}

static void merge_of_a_shard_cut_short_is_refused(void **state)
{
    (void)state;
    infos[1].complete = false;
    write_shards();
    const struct cf_results *given[] = {shards[0], shards[1], shards[2]};
    assert_refused(given, 3, "shard 2 of 3 was cut short");
}

static void merge_of_lines_without_a_head_is_refused(void **state)
{
    (void)state;
    sample_write_lines(paths[0], SAMPLE_MIXED, 3);
    assert_int_equal(cf_results_open(&shards[0], paths[0], &fixture.err), CF_OK);
    const struct cf_results *given[] = {shards[0]};
    assert_refused(given, 1, "give results.json");
}

static void merge_of_nothing_is_refused(void **state)
{
    (void)state;
    assert_refused(NULL, 0, "no results to merge");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(merge_says_what_one_run_would_have),
        TEST(merge_does_not_depend_on_the_order_given),
        TEST(merge_spans_the_earliest_start_to_the_latest_end),
        TEST(merge_without_a_shard_names_it),
        TEST(merge_with_a_shard_twice_names_both_files),
        TEST(merge_with_a_case_in_two_shards_names_it),
        TEST(merge_with_a_case_missing_is_refused),
        TEST(merge_of_different_heads_says_what_differs),
        TEST(merge_of_different_numbers_says_what_differs),
        TEST(merge_of_members_in_another_order_is_the_same),
        TEST(merge_of_a_shard_cut_short_is_refused),
        TEST(merge_of_lines_without_a_head_is_refused),
        TEST(merge_of_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
