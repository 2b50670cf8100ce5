/* Baselines: what the loader refuses and in which words, and what a run makes of each entry. */
#include "reports/baseline.h"
#include "tests/reports/fixture.h"
#include "tests/unit/unit.h"

static const char head[] = "{\"format\": \"cvm-conformance-baseline\", \"version\": 1,\n";

static enum cf_code load(struct cf_report_baseline *out, const char *text)
{
    assert_int_equal(cf_file_write(fixture.report, text, strlen(text), 0600, NULL), CF_OK);
    return cf_report_baseline_load(out, fixture.report, &fixture.err);
}

/* One entry with these members. */
static enum cf_code load_entry(struct cf_report_baseline *out, const char *members)
{
    char text[8000];
    (void)snprintf(text, sizeof(text), "%s \"known_failures\": [\n  {%s}\n]}", head, members);
    return load(out, text);
}

static void load_good_file_keeps_order_and_lines(void **state)
{
    struct cf_report_baseline b;
    char text[1000];
    (void)state;
    (void)snprintf(text, sizeof(text),
                   "%s \"known_failures\": [\n"
                   "  {\"case\": \"b.x\", \"reason\": \"r\", \"owner\": \"o\", \"expires\": "
                   "\"2028-02-29\"},\n"
                   "  {\"case\": \"a.y\", \"reason\": \"s\", \"owner\": \"p\", \"expires\": "
                   "\"2030-12-31\"}]}",
                   head);
    assert_int_equal(load(&b, text), CF_OK);
    assert_int_equal(b.count, 2);
    assert_string_equal(b.items[0].id, "b.x");
    assert_int_equal(b.items[0].line, 3);
    assert_string_equal(cf_report_baseline_find(&b, "a.y")->reason, "s");
    assert_string_equal(cf_report_baseline_find(&b, "a.y")->owner, "p");
    assert_null(cf_report_baseline_find(&b, "a"));
    cf_report_baseline_release(&b);
}

static void load_bad_file_names_the_place(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", ":1:1: "},
        {"[]", ":1:1: expected object, got array"},
        {"{\"format\": \"cvm-conformance-baseline\", \"version\": 1}",
         ":1:1: member \"known_failures\" is missing"},
        {"{\"version\": 1, \"known_failures\": []}", ":1:1: member \"format\" is missing"},
        {"{\"format\": \"cvm-conformance-results\", \"version\": 1, \"known_failures\": []}",
         ":1:12: /format: not a baseline: expected \"cvm-conformance-baseline\""},
        {"{\"format\": \"cvm-conformance-baseline\",\n\"version\": 2, \"known_failures\": []}",
         ":2:12: /version: only version 1 is known here"},
        {"{\"format\": \"cvm-conformance-baseline\", \"version\": 1,\n\"known_failures\": {}}",
         ":2:19: /known_failures: expected array, got object"},
        {"{\"format\": \"cvm-conformance-baseline\", \"version\": 1,\n\"known_failures\": [],\n"
         "\"more\": 1}",
         ":3:9: unknown member \"more\""},
        {"{\"format\": \"cvm-conformance-baseline\", \"version\": 1, \"known_failures\": [7]}",
         "/known_failures/0: expected object, got integer"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cf_report_baseline b;
        assert_int_equal(load(&b, rows[i].text), CF_EINPUT);
        assert_non_null(strstr(fixture.err.text, rows[i].says));
        assert_int_equal(strncmp(fixture.err.text, fixture.report, strlen(fixture.report)), 0);
        assert_null(b.items);
    }
}

#define CASE "\"case\": \"a.b\", "
#define REASON "\"reason\": \"r\", "
#define OWNER "\"owner\": \"o\", "
#define EXPIRES "\"expires\": \"2030-01-31\""

static void load_bad_entry_names_the_place(void **state)
{
    static const struct {
        const char *members, *says;
    } rows[] = {
        {REASON OWNER EXPIRES, ":3:3: /known_failures/0: member \"case\" is missing"},
        {CASE OWNER EXPIRES, ":3:3: /known_failures/0: member \"reason\" is missing"},
        {CASE REASON EXPIRES, ":3:3: /known_failures/0: member \"owner\" is missing"},
        {CASE REASON "\"owner\": \"o\"", ":3:3: /known_failures/0: member \"expires\" is missing"},
        {CASE REASON OWNER EXPIRES ", \"expire\": 1",
         ":3:83: /known_failures/0: unknown member \"expire\""},
        {CASE "\"reason\": 1, " OWNER EXPIRES,
         ":3:29: /known_failures/0/reason: expected string, got integer"},
        {CASE "\"reason\": \"\", " OWNER EXPIRES, ":3:29: /known_failures/0/reason: empty"},
        {CASE "\"reason\": \"a\\nb\", " OWNER EXPIRES,
         ":3:29: /known_failures/0/reason: must be one line"},
        {CASE REASON OWNER "\"expires\": \"31.1.2030\"",
         "/known_failures/0/expires: \"31.1.2030\" is not a date of the form 2030-01-31"},
        {CASE REASON OWNER "\"expires\": \"2030-02-30\"",
         "/known_failures/0/expires: \"2030-02-30\" is not a date"},
        {CASE REASON OWNER EXPIRES "}, {" CASE REASON OWNER EXPIRES,
         "/known_failures/1/case: \"a.b\" is already listed in line 3"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cf_report_baseline b;
        assert_int_equal(load_entry(&b, rows[i].members), CF_EINPUT);
        if (!strstr(fixture.err.text, rows[i].says))
            fail_msg("row %zu: %s", i, fixture.err.text);
    }
}

static void load_missing_or_endless_file_is_refused(void **state)
{
    struct cf_report_baseline b;
    char members[8000];
    (void)state;
    assert_int_equal(cf_report_baseline_load(&b, "/no/such/file", &fixture.err), CF_ENOTFOUND);
    (void)snprintf(members, sizeof(members), CASE "\"reason\": \"%02100d\", " OWNER EXPIRES, 0);
    assert_int_equal(load_entry(&b, members), CF_EINPUT);
    assert_non_null(strstr(fixture.err.text, "/reason: more than 2000 bytes"));
}

static void date_valid_knows_the_calendar(void **state)
{
    static const char *const good[] = {"2024-02-29", "2000-02-29", "2025-12-31", "0001-01-01"};
    static const char *const bad[] = {"2025-02-29", "1900-02-29", "2025-13-01",  "2025-00-10",
                                      "2025-04-31", "2025-1-1",   "2025-01-01 ", "",
                                      "2025/01/01", "20x5-01-01"};
    char today[CF_REPORT_DATE_BYTES];
    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++)
        assert_true(cf_report_date_valid(good[i]));
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_false(cf_report_date_valid(bad[i]));
    cf_report_date_today(today);
    assert_true(cf_report_date_valid(today));
}

static void write_sorts_and_reads_back(void **state)
{
    struct cf_report_baseline b = {0};
    struct cf_report_baseline back;
    (void)state;
    cf_report_baseline_add(&b, "z.z", "\"quoted\" <&>", "Z", "2031-01-01");
    cf_report_baseline_add(&b, "a[x,y]", "r", "A", "2032-01-01");
    assert_int_equal(cf_report_baseline_write(&b, fixture.report, &fixture.err), CF_OK);
    assert_int_equal(cf_report_baseline_load(&back, fixture.report, &fixture.err), CF_OK);
    assert_int_equal(back.count, 2);
    assert_string_equal(back.items[0].id, "a[x,y]");
    assert_string_equal(back.items[1].reason, "\"quoted\" <&>");
    cf_report_baseline_release(&back);
    cf_report_baseline_release(&b);
    assert_int_equal(cf_report_baseline_write(&b, fixture.report, &fixture.err), CF_OK);
    assert_int_equal(cf_report_baseline_load(&back, fixture.report, &fixture.err), CF_OK);
    assert_int_equal(back.count, 0);
    cf_report_baseline_release(&back);
}

/* ---- against a run ---- */

static struct cf_case_record record_of(const char *id, enum cf_verdict verdict, int attempt)
{
    struct cf_case_record r = {.level = CF_MUST, .verdict = verdict, .attempt = attempt};
    r.id = sample_copy(id);
    r.suite = sample_copy("s");
    r.title = sample_copy("t");
    r.reason = verdict == CF_PASS ? NULL : sample_copy("because");
    r.requirements = calloc(1, sizeof(char *));
    r.requirements[0] = sample_copy(id);
    r.requirements[0][strcspn(r.requirements[0], "[")] = '\0';
    r.requirement_count = 1;
    return r;
}

static bool only_elsewhere(const void *context, const char *id)
{
    (void)context;
    return strcmp(id, "s.elsewhere") == 0;
}

static void judge_gives_each_entry_its_state(void **state)
{
    static const struct {
        const char *id, *expires;
        enum cf_report_known_state wanted;
    } rows[] = {
        {"s.fails", "2026-01-01", CF_REPORT_KNOWN_FAILS},
        {"s.passes", "2030-01-01", CF_REPORT_KNOWN_PASSES},
        {"s.sometimes", "2030-01-01", CF_REPORT_KNOWN_FAILS}, /* one attempt of two failed */
        {"s.not", "2030-01-01", CF_REPORT_KNOWN_STALE},
        {"s.gone", "2030-01-01", CF_REPORT_KNOWN_STALE},
        {"s.elsewhere", "2030-01-01", CF_REPORT_KNOWN_NOT_RUN},
        {"s.open", "2030-01-01", CF_REPORT_KNOWN_OPEN},
        {"s.error", "2030-01-01", CF_REPORT_KNOWN_OPEN},
        {"s.late", "2025-12-31", CF_REPORT_KNOWN_EXPIRED},
    };
    struct cf_case_record records[] = {
        record_of("s.fails", CF_FAIL, 1),         record_of("s.passes", CF_PASS, 1),
        record_of("s.sometimes", CF_PASS, 1),     record_of("s.sometimes", CF_FAIL, 2),
        record_of("s.not", CF_NOT_APPLICABLE, 1), record_of("s.open", CF_INCONCLUSIVE, 1),
        record_of("s.error", CF_ERROR, 1),        record_of("s.late", CF_FAIL, 1),
    };
    struct cf_report_baseline b = {0};
    struct cf_report_known *known;
    (void)state;
    fixture_records(records, COUNT_OF(records));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        cf_report_baseline_add(&b, rows[i].id, "r", "o", rows[i].expires);
    known = cf_report_baseline_judge(&b, &fixture.source, "2026-01-01", only_elsewhere, NULL);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(known[i].state, rows[i].wanted);
    free(known);
    cf_report_baseline_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(load_good_file_keeps_order_and_lines, fixture_begin,
                                        fixture_end),
        cmocka_unit_test_setup_teardown(load_bad_file_names_the_place, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(load_bad_entry_names_the_place, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(load_missing_or_endless_file_is_refused, fixture_begin,
                                        fixture_end),
        cmocka_unit_test(date_valid_knows_the_calendar),
        cmocka_unit_test_setup_teardown(write_sorts_and_reads_back, fixture_begin, fixture_end),
        cmocka_unit_test_setup_teardown(judge_gives_each_entry_its_state, fixture_begin,
                                        fixture_end),
    };
    return UNIT_RUN(tests);
}
