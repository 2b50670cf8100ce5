/* The plan of the cases in data/plan.txt: filters, controls, applicability, order and shards. */
#include "harness/pool/applicable.h"
#include "harness/pool/plan.h"
#include "harness/run/language.h"
#include "suites/suites.h"
#include "tests/unit/texts.h"

static struct cf_catalogue catalogue;
static struct cf_profile profile;
static struct cf_plan plan;
static struct cf_filter filter;
static struct cf_err err;
static struct texts texts, profiles;

static void note(void *context, const char *text)
{
    (void)context;
    print_error("%s\n", text);
}

static int load(void **state)
{
    (void)state;
    const struct cf_engine *engine = cf_cvm_engine();
    const struct cf_step_form **forms = cf_engine_forms(engine);
    struct cf_catalogue_language language = cf_engine_language(engine, forms);
    texts_read(&profiles, "data/profile.txt");
    texts_read(&texts, "data/plan.txt");
    texts_unpack(&texts);
    enum cf_code code = cf_catalogue_load(&catalogue, "plan", NULL, 0, &language, note, NULL, &err);
    free(forms);
    (void)setenv("CF_TEST_KEY", "secret-of-the-test", 1);
    const char *text = texts_find(&profiles, "good", "profile.json");
    if (code == CF_OK)
        code = cf_profile_parse(&profile, "p", text, strlen(text), engine->vocabulary, &err);
    if (code != CF_OK)
        print_error("%s\n", err.text);
    return code == CF_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    cf_catalogue_release(&catalogue);
    cf_profile_release(&profile);
    texts_release(&texts);
    texts_release(&profiles);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    filter = (struct cf_filter){.level = CF_OBSERVE, .repeat = 1, .shard = 1, .shards = 1};
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_plan_release(&plan);
    return 0;
}

static enum cf_code make(void)
{
    cf_plan_release(&plan);
    return cf_plan_make(&plan, &catalogue, &profile, &filter, &err);
}

/* The ids in order of running, separated by spaces. */
static const char *ids(void)
{
    static char text[4096];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < plan.count; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? " " : "",
                                 plan.items[i].one->id);
    return text;
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- globs ---- */

static const struct {
    const char *pattern, *text;
    bool match;
} globs[] = {
    {"", "", true},          {"", "a", false},
    {"*", "", true},         {"*", "a.b[c]", true},
    {"a*", "abc", true},     {"a*", "ba", false},
    {"*c", "abc", true},     {"*b*", "abc", true},
    {"a?c", "abc", true},    {"a?c", "ac", false},
    {"?", "", false},        {"a.b", "axb", false},
    {"[c]", "[c]", true},    {"[c]", "c", false},
    {"*aab", "aaaab", true}, {"a*b*c", "aXbYbZc", true},
    {"a**c", "ac", true},    {"a*b*c", "aXc", false},
    {"abc", "ABC", false},   {"*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
};

static void glob_knows_stars_and_question_marks_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(globs); i++) {
        if (cf_glob(globs[i].pattern, globs[i].text) != globs[i].match)
            fail_msg("%s and %s", globs[i].pattern, globs[i].text);
    }
}

/* ---- filters ---- */

static void make_without_filters_takes_all_controls_first(void **state)
{
    (void)state;
    assert_int_equal(make(), CF_OK);
    assert_int_equal(plan.count, catalogue.case_count);
    assert_memory_equal(ids(), "a.accept[one] a.accept[two] a.accept[three] a.refuse[one]", 57);
    assert_true(plan.items[0].is_control);
    assert_int_equal(plan.items[3].control, 0);
    assert_int_equal(plan.items[4].control, 1);
    assert_int_equal(plan.items[0].control, -1);
    assert_false(plan.items[3].is_control);
}

static void make_pulls_in_the_control_of_what_is_asked_for(void **state)
{
    (void)state;
    filter.cases = LIST("a.refuse[two]");
    assert_int_equal(make(), CF_OK);
    assert_string_equal(ids(), "a.accept[two] a.refuse[two]");
    assert_int_equal(plan.items[1].control, 0);
}

static void make_filters_narrow_together(void **state)
{
    (void)state;
    filter.suites = LIST("a");
    filter.cases = LIST("*[one]", "*[two]");
    filter.requirements = LIST("a.acc*");
    assert_int_equal(make(), CF_OK);
    assert_string_equal(ids(), "a.accept[one] a.accept[two]");
}

static void make_requirement_finds_cases_that_also_check_it(void **state)
{
    (void)state;
    filter.requirements = LIST("a.accept");
    assert_int_equal(make(), CF_OK);
    assert_string_equal(ids(), "a.accept[one] a.accept[two] a.accept[three] b.various.plain");
}

static void make_level_takes_that_and_stricter(void **state)
{
    (void)state;
    filter.level = CF_MUST;
    assert_int_equal(make(), CF_OK);
    assert_int_equal(plan.count, 6);
    filter.level = CF_SHOULD;
    assert_int_equal(make(), CF_OK);
    assert_int_equal(plan.count, catalogue.case_count - 1);
}

static void make_nothing_found_names_the_nearest(void **state)
{
    (void)state;
    filter.cases = LIST("a.acept[one]");
    assert_int_equal(make(), CF_ENOTFOUND);
    assert_string_equal(err.text,
                        "nothing is called \"a.acept[one]\"; the nearest is \"a.accept[one]\"");
    filter.cases = NULL;
    filter.suites = LIST("c");
    assert_int_equal(make(), CF_ENOTFOUND);
    assert_non_null(strstr(err.text, "nothing is called \"c\""));
    filter.suites = LIST("a");
    filter.level = CF_MUST;
    filter.requirements = LIST("b.*");
    assert_int_equal(make(), CF_ENOTFOUND);
    assert_string_equal(err.text, "no case matches all filters together");
    assert_null(plan.items);
}

/* ---- applicability ---- */

static const struct {
    const char *id;
    enum cf_verdict verdict;
    const char *reason;
} applicable[] = {
    {"a.accept[one]", CF_PASS, ""},
    {"b.various.plain", CF_PASS, ""},
    {"b.various.rental", CF_NOT_APPLICABLE, "pics.gpu_rental=false"},
    {"b.various.claimed", CF_PASS, ""},
    {"b.various.unclaimed", CF_NOT_APPLICABLE, "pics.prepare_only=true"},
    {"b.various.two", CF_INCONCLUSIVE, "needs 3 of pixit.cvms.managed, the profile lists 1"},
    {"b.various.hook", CF_INCONCLUSIVE, "the profile has no hook \"expire-compose-hash\""},
    {"b.various.values", CF_INCONCLUSIVE,
     "the profile lists no pixit.values.memory to move between"},
    {"b.various.row-values[memory]", CF_INCONCLUSIVE,
     "the profile lists no pixit.values.memory to move between"},
    {"b.various.row-values[vcpu]", CF_PASS, ""},
};

static void applicable_says_why_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(applicable); i++) {
        struct cf_foreseen is = {.one = cf_catalogue_case(&catalogue, applicable[i].id)};
        assert_non_null(is.one);
        cf_cases_applicable(&is, 1, &profile);
        if (is.verdict != applicable[i].verdict || strcmp(is.reason, applicable[i].reason) != 0)
            fail_msg("%s: %s \"%s\"", is.one->id, cf_verdict_name(is.verdict), is.reason);
    }
}

static void make_items_know_what_they_end_in(void **state)
{
    (void)state;
    filter.cases = LIST("b.various.rental", "b.various.plain");
    assert_int_equal(make(), CF_OK);
    assert_int_equal(plan.items[0].verdict, CF_PASS);
    assert_int_equal(plan.items[1].verdict, CF_NOT_APPLICABLE);
    assert_string_equal(plan.items[1].reason, "pics.gpu_rental=false");
}

/* ---- order ---- */

static void make_shuffle_is_the_seeds_and_keeps_controls_first(void **state)
{
    (void)state;
    char first[4096];
    char digest[65];
    assert_int_equal(make(), CF_OK);
    char *straight = strdup(ids());
    filter.shuffle = true;
    filter.seed = 42;
    assert_int_equal(make(), CF_OK);
    (void)snprintf(first, sizeof(first), "%s", ids());
    memcpy(digest, plan.sha256, sizeof(digest));
    assert_string_not_equal(first, straight);
    for (size_t i = 0; i < 3; i++)
        assert_true(plan.items[i].is_control);
    for (size_t i = 0; i < plan.count; i++) {
        const struct cf_plan_item *item = &plan.items[i];
        if (item->control >= 0)
            assert_string_equal(plan.items[item->control].one->id, item->one->control);
    }
    assert_int_equal(make(), CF_OK);
    assert_string_equal(ids(), first);
    assert_string_equal(plan.sha256, digest);
    filter.seed = 43;
    assert_int_equal(make(), CF_OK);
    assert_string_not_equal(ids(), first);
    free(straight);
}

static void make_report_order_is_the_catalogues_whatever_the_plans(void **state)
{
    (void)state;
    filter.shuffle = true;
    filter.seed = 7;
    assert_int_equal(make(), CF_OK);
    for (size_t i = 0; i < plan.count; i++)
        assert_ptr_equal(plan.items[plan.report_order[i]].one, catalogue.cases[i]);
}

static void make_repeat_runs_the_whole_plan_again(void **state)
{
    (void)state;
    filter.cases = LIST("a.refuse[one]");
    filter.repeat = 3;
    assert_int_equal(make(), CF_OK);
    assert_int_equal(plan.count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(plan.items[i].attempt, 1 + i / 2);
        assert_int_equal(plan.items[i].control, i % 2 ? (long)i - 1 : -1);
    }
}

/* ---- shards ---- */

static void make_shards_partition_and_keep_controls_together(void **state)
{
    (void)state;
    enum { SHARDS = 3 };
    assert_int_equal(make(), CF_OK);
    size_t whole = plan.count;
    char digest[65];
    memcpy(digest, plan.sha256, sizeof(digest));
    unsigned seen[64] = {0};
    size_t total = 0;
    filter.shards = SHARDS;
    for (filter.shard = 1; filter.shard <= SHARDS; filter.shard++) {
        assert_int_equal(make(), CF_OK);
        assert_in_range(plan.count, 1, whole - 1);
        assert_string_equal(plan.sha256, digest); /* of the whole, so that shards can be merged */
        total += plan.count;
        for (size_t i = 0; i < plan.count; i++) {
            const struct cf_plan_item *item = &plan.items[i];
            for (size_t k = 0; k < catalogue.case_count; k++)
                seen[k] += catalogue.cases[k] == item->one;
            if (item->one->control)
                assert_true(item->control >= 0);
        }
    }
    assert_int_equal(total, whole);
    for (size_t k = 0; k < catalogue.case_count; k++)
        assert_int_equal(seen[k], 1);
}

static void make_shards_are_the_same_every_time(void **state)
{
    (void)state;
    filter.shards = 2;
    filter.shard = 2;
    assert_int_equal(make(), CF_OK);
    char *first = strdup(ids());
    assert_int_equal(make(), CF_OK);
    assert_string_equal(ids(), first);
    free(first);
}

static void make_more_shards_than_groups_leaves_some_empty(void **state)
{
    (void)state;
    filter.cases = LIST("a.refuse[one]");
    filter.shards = 5;
    size_t total = 0;
    for (filter.shard = 1; filter.shard <= 5; filter.shard++) {
        assert_int_equal(make(), CF_OK);
        assert_true(plan.count == 0 || plan.count == 2);
        total += plan.count;
    }
    assert_int_equal(total, 2);
}

/* good.json has one managed and one contract-owned CVM. */
static void make_shards_leave_each_others_cvms_alone(void **state)
{
    (void)state;
    size_t users[8] = {0};
    filter.shards = 3;
    for (filter.shard = 1; filter.shard <= 3; filter.shard++) {
        assert_int_equal(make(), CF_OK);
        for (size_t i = 0; i < profile.fixture_count; i++)
            users[i] += !plan.withheld[i];
        for (size_t i = 0; filter.shard > 1 && i < plan.count; i++) {
            const struct cf_case *one = plan.items[i].one;
            assert_false(plan.items[i].verdict == CF_PASS && one->role_count > 0 &&
                         strcmp(one->roles[0].kind->name, "managed") == 0);
        }
    }
    for (size_t i = 0; i < profile.fixture_count; i++)
        assert_int_equal(users[i], profile.fixtures[i].kind->exclusive ? 1 : 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(glob_knows_stars_and_question_marks_only),
        TEST(make_without_filters_takes_all_controls_first),
        TEST(make_pulls_in_the_control_of_what_is_asked_for),
        TEST(make_filters_narrow_together),
        TEST(make_requirement_finds_cases_that_also_check_it),
        TEST(make_level_takes_that_and_stricter),
        TEST(make_nothing_found_names_the_nearest),
        TEST(applicable_says_why_not),
        TEST(make_items_know_what_they_end_in),
        TEST(make_shuffle_is_the_seeds_and_keeps_controls_first),
        TEST(make_report_order_is_the_catalogues_whatever_the_plans),
        TEST(make_repeat_runs_the_whole_plan_again),
        TEST(make_shards_partition_and_keep_controls_together),
        TEST(make_shards_are_the_same_every_time),
        TEST(make_more_shards_than_groups_leaves_some_empty),
        TEST(make_shards_leave_each_others_cvms_alone),
    };
    return cmocka_run_group_tests(tests, load, unload) ? 1 : 0;
}
