/* Variants that the self-test tries together: which are, and what comes of a false alarm. */
#include "cli/selftest/groups.h"
#include "cli/selftest/selftest.h"
#include "harness/base/mem.h"
#include "harness/http/client.h"
#include "harness/run/language.h"
#include "suites/suites.h"
#include "tests/unit/unit.h"

static struct cf_selftest selftest;

static void print_problem(void *context, const char *text)
{
    (void)context;
    print_error("%s\n", text);
}

static int begin(void **state)
{
    struct cf_err err = {0};
    struct cf_target *target = &selftest.target;
    (void)state;
    if (cf_http_global_init(&err) != CF_OK)
        return -1;
    target->engine = cf_cvm_engine();
    target->forms = cf_engine_forms(target->engine);
    struct cf_catalogue_language language = cf_engine_language(target->engine, target->forms);
    selftest.quiet = true;
    selftest.parallel = 2;
    selftest.groups = true;
    return cf_catalogue_load(&target->catalogue, CF_TEST_DATA "/data/together", NULL, 0, &language,
                             print_problem, NULL, &err) == CF_OK
               ? 0
               : -1;
}

static int end(void **state)
{
    (void)state;
    cf_target_release(&selftest.target);
    cf_http_global_cleanup();
    return 0;
}

static const struct cf_ref_switch *variant(const char *name)
{
    const struct cf_ref_switch *rows;
    size_t count = cf_ref_variants(&rows);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    fail_msg("no variant is named %s", name);
    return NULL;
}

/* Subjects: the clean one and two variants. */
static void run_two(struct cf_subject *subjects, const char *one, const char *other)
{
    memset(subjects, 0, 3 * sizeof(*subjects));
    subjects[0].kind = CF_SUBJECT_CLEAN;
    subjects[1] = (struct cf_subject){.kind = CF_SUBJECT_VARIANT, .row = variant(one)};
    subjects[2] = (struct cf_subject){.kind = CF_SUBJECT_VARIANT, .row = variant(other)};
    selftest.subjects = subjects;
    selftest.count = 3;
    selftest.requests = 0;
    cf_selftest_run(&selftest);
    assert_int_equal(subjects[0].outcome, CF_OUTCOME_GOOD);
}

static void release(struct cf_subject *subjects)
{
    for (size_t i = 0; i < 3; i++)
        cf_trial_release(&subjects[i].trial);
}

/* ---- which are together ---- */

static void check_apart(const struct cf_ref_switch *a, const struct cf_ref_switch *b)
{
    assert_string_equal(a->level, b->level);
    assert_string_not_equal(a->part, b->part);
    if (*a->requirement)
        assert_string_not_equal(a->requirement, b->requirement);
}

static void groups_hold_what_cannot_hide_each_other(void **state)
{
    const struct cf_ref_switch *rows;
    size_t count = cf_ref_variants(&rows);
    struct cf_subject *subjects = cf_alloc_array(count + 1, sizeof(*subjects));
    struct cf_groups groups;
    size_t alone = 0;
    (void)state;
    for (size_t i = 0; i < count; i++)
        subjects[i] = (struct cf_subject){.kind = CF_SUBJECT_VARIANT, .row = &rows[i]};
    subjects[count] = (struct cf_subject){.kind = CF_SUBJECT_CLEAN};
    cf_groups_make(&groups, subjects, count + 1);
    size_t together = 0;
    for (size_t i = 0; i < groups.count; i++) {
        const struct cf_group *group = &groups.items[i];
        assert_in_range(group->count, 2, CF_TRIAL_SWITCHES_MAX);
        together += group->count;
        for (size_t a = 0; a < group->count; a++) {
            for (size_t b = a + 1; b < group->count; b++)
                check_apart(group->members[a]->row, group->members[b]->row);
        }
    }
    for (size_t i = 0; i <= count; i++)
        alone += !cf_groups_have(&groups, &subjects[i]);
    assert_int_equal(alone + together, count + 1);
    assert_true(together > count / 2);
    for (size_t i = 0; i < count; i++) {
        bool whole = strncmp(rows[i].name, "stack-", 6) == 0 || !strcmp(rows[i].level, "field");
        bool claims = strncmp(rows[i].name, "without-", 8) == 0;
        if (whole || claims || strcmp(rows[i].name, "legacy-read-side") == 0)
            assert_false(cf_groups_have(&groups, &subjects[i]));
    }
    cf_groups_release(&groups);
    free(subjects);
}

/* ---- what comes of a false alarm ---- */

static void run_names_the_one_that_raises_a_false_alarm(void **state)
{
    struct cf_subject subjects[3];
    (void)state;
    run_two(subjects, "plain-errors", "foreign-404");
    assert_int_equal(subjects[1].outcome, CF_OUTCOME_GOOD);
    assert_string_equal(subjects[1].detail, "together with foreign-404");
    assert_int_equal(subjects[1].failed, 0);
    assert_int_equal(subjects[2].outcome, CF_OUTCOME_FALSE_ALARM);
    assert_memory_equal(subjects[2].detail, "t.alone: fail", 13);
    assert_int_equal(subjects[2].failed, 2);
    assert_int_equal(subjects[2].must_failed, 1);
    release(subjects);
}

static void run_tells_of_a_false_alarm_that_takes_two(void **state)
{
    struct cf_subject subjects[3];
    (void)state;
    run_two(subjects, "extra-members", "detail-extra-members");
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(subjects[i].outcome, CF_OUTCOME_FALSE_ALARM);
        assert_memory_equal(subjects[i].detail, "t.both: fail", 12);
        assert_non_null(strstr(subjects[i].detail, "; only together with "));
    }
    release(subjects);
}

static void run_counts_each_request_once(void **state)
{
    struct cf_subject subjects[3];
    unsigned long sum = 0;
    (void)state;
    run_two(subjects, "json-charset", "extra-members");
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(subjects[i].outcome, CF_OUTCOME_GOOD);
        sum += subjects[i].trial.requests;
    }
    assert_int_equal(sum, selftest.requests);
    release(subjects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_hold_what_cannot_hide_each_other),
        cmocka_unit_test(run_names_the_one_that_raises_a_false_alarm),
        cmocka_unit_test(run_tells_of_a_false_alarm_that_takes_two),
        cmocka_unit_test(run_counts_each_request_once),
    };
    return cmocka_run_group_tests(tests, begin, end) ? 1 : 0;
}
