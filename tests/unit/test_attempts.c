/* Attempts of one case: the gravest is the case's, the first of the gravest speaks for it. */
#include "tests/unit/unit.h"

#include "harness/record/attempts.h"

static void none_is_not_applicable_and_steady(void **state)
{
    (void)state;
    struct cf_attempts attempts = {0};
    assert_int_equal(attempts.verdict, CF_NOT_APPLICABLE);
    assert_false(cf_attempts_differ(&attempts));
    assert_false(cf_attempts_have(&attempts, CF_NOT_APPLICABLE));
}

static void the_first_and_each_graver_one_speaks(void **state)
{
    (void)state;
    static const struct {
        enum cf_verdict verdict;
        bool speaks;
    } rows[] = {{CF_PASS, true}, {CF_PASS, false}, {CF_INCONCLUSIVE, true}, {CF_PASS, false},
                {CF_FAIL, true}, {CF_FAIL, false}, {CF_ERROR, true},        {CF_FAIL, false}};
    struct cf_attempts attempts = {0};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(cf_attempts_add(&attempts, rows[i].verdict), rows[i].speaks);
    assert_int_equal(attempts.count, COUNT_OF(rows));
    assert_int_equal(attempts.verdict, CF_ERROR);
    assert_true(cf_attempts_have(&attempts, CF_FAIL));
    assert_false(cf_attempts_have(&attempts, CF_NOT_APPLICABLE));
}

static void not_applicable_never_outweighs(void **state)
{
    (void)state;
    struct cf_attempts attempts = {0};
    assert_true(cf_attempts_add(&attempts, CF_NOT_APPLICABLE));
    assert_true(cf_attempts_add(&attempts, CF_PASS));
    assert_false(cf_attempts_add(&attempts, CF_NOT_APPLICABLE));
    assert_int_equal(attempts.verdict, CF_PASS);
}

static void they_differ_when_two_verdicts_were_seen(void **state)
{
    (void)state;
    struct cf_attempts attempts = {0};
    cf_attempts_add(&attempts, CF_FAIL);
    cf_attempts_add(&attempts, CF_FAIL);
    assert_false(cf_attempts_differ(&attempts));
    cf_attempts_add(&attempts, CF_PASS);
    assert_true(cf_attempts_differ(&attempts));
}

static void one_that_judged_nothing_differs_from_none(void **state)
{
    (void)state;
    struct cf_attempts attempts = {0};
    cf_attempts_add(&attempts, CF_PASS);
    cf_attempts_add(&attempts, CF_NOT_APPLICABLE);
    assert_false(cf_attempts_differ(&attempts));
    cf_attempts_add(&attempts, CF_INCONCLUSIVE);
    assert_true(cf_attempts_differ(&attempts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_is_not_applicable_and_steady),
        cmocka_unit_test(the_first_and_each_graver_one_speaks),
        cmocka_unit_test(not_applicable_never_outweighs),
        cmocka_unit_test(they_differ_when_two_verdicts_were_seen),
        cmocka_unit_test(one_that_judged_nothing_differs_from_none),
    };
    return UNIT_RUN(tests);
}
