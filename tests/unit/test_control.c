/* What leans on a control that did not pass. */
#include "harness/base/mem.h"
#include "harness/run/control.h"
#include "tests/unit/unit.h"

static struct cf_case_record record;

static int end(void **state)
{
    (void)state;
    cf_case_record_release(&record);
    record = (struct cf_case_record){0};
    return 0;
}

static void make(enum cf_verdict verdict, enum cf_verdict own, const char *charged)
{
    end(NULL);
    record.verdict = verdict;
    record.own_verdict = own;
    record.control = cf_strdup("twin");
    if (verdict == CF_FAIL)
        cf_case_record_add_failure(&record)->requirement = cf_strdup(charged);
}

static void amend_makes_a_pass_inconclusive(void **state)
{
    (void)state;
    make(CF_PASS, CF_PASS, NULL);
    cf_control_amend(&record, CF_PASS);
    assert_int_equal(record.verdict, CF_PASS);
    cf_control_amend(&record, CF_FAIL);
    assert_int_equal(record.verdict, CF_INCONCLUSIVE);
    assert_string_equal(record.reason, "its control twin ended in fail, so this proves nothing");
}

static void amend_leaves_a_failure(void **state)
{
    (void)state;
    make(CF_FAIL, CF_FAIL, NULL);
    cf_control_amend(&record, CF_FAIL);
    assert_int_equal(record.verdict, CF_FAIL);
    assert_int_equal(record.own_verdict, CF_FAIL);
}

static void amend_takes_back_what_passed_beside_a_charge(void **state)
{
    (void)state;
    make(CF_FAIL, CF_PASS, "another");
    cf_control_amend(&record, CF_PASS);
    assert_int_equal(cf_record_verdict_of(&record, "own"), CF_PASS);
    cf_control_amend(&record, CF_FAIL);
    assert_int_equal(record.verdict, CF_FAIL);
    assert_int_equal(cf_record_verdict_of(&record, "own"), CF_INCONCLUSIVE);
    assert_int_equal(cf_record_verdict_of(&record, "another"), CF_FAIL);
    make(CF_FAIL, CF_PASS, "another");
    cf_control_amend_missing(&record);
    assert_int_equal(cf_record_verdict_of(&record, "own"), CF_INCONCLUSIVE);
}

#define TEST(function) cmocka_unit_test_teardown(function, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(amend_makes_a_pass_inconclusive),
        TEST(amend_leaves_a_failure),
        TEST(amend_takes_back_what_passed_beside_a_charge),
    };
    return UNIT_RUN(tests);
}
