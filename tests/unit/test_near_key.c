#include "harness/run/near_key.h"
#include "tests/unit/unit.h"

static void expect_key(const char *key, const char *how, const char *wanted)
{
    char *near = cf_near_key_make(key, how);
    assert_non_null(near);
    assert_string_equal(near, wanted);
    free(near);
}

static void make_each_kind_returns_its_key(void **state)
{
    (void)state;
    expect_key("phak_0Ab", "truncated", "phak_0A");
    expect_key("phak_0Ab", "extended", "phak_0Abx");
    expect_key("phak_0Ab", "swapped-case", "PHAK_0aB");
}

static void make_with_padding_keeps_it_last(void **state)
{
    (void)state;
    expect_key("dXNlcjpwYXNzd29yZA==", "extended", "dXNlcjpwYXNzd29yZAx==");
}

static void make_without_letters_differs_from_the_key(void **state)
{
    (void)state;
    expect_key("0123-4567", "swapped-case", "0123-4567X");
    expect_key("phak_0Ab", "swapped-letters", "PHaK_0Ab");
    expect_key("00ff-DEAD", "swapped-letters", "00ff-DEADY");
}

static void make_with_a_blank_puts_it_inside(void **state)
{
    (void)state;
    expect_key("phak_0Ab", "blank-inside", "phak _0Ab");
    expect_key("k", "blank-inside", "kx");
    expect_key("", "blank-inside", "x");
}

static void make_with_another_end_exchanges_one_character(void **state)
{
    (void)state;
    expect_key("phak_0Ab9", "other-end", "phak_1Ab9");
    expect_key("dXNlcjpwYXNzd29yZA==", "other-end", "dXNlcjpwYXNzd29yAA==");
    expect_key("phak_a-_-", "other-end", "phak_b-_-");
    expect_key("k", "other-end", "a");
    expect_key("----", "other-end", "----z");
}

static void make_of_another_kind_returns_nothing(void **state)
{
    (void)state;
    assert_null(cf_near_key_make("phak_0Ab", "wrong"));
}

static void every_listed_kind_can_be_made(void **state)
{
    (void)state;
    for (const struct cf_near_key *k = cf_near_keys; k->how; k++) {
        char *near = cf_near_key_make("phak_0Ab", k->how);
        assert_non_null(near);
        assert_string_not_equal(near, "phak_0Ab");
        free(near);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(make_each_kind_returns_its_key),
        cmocka_unit_test(make_with_padding_keeps_it_last),
        cmocka_unit_test(make_without_letters_differs_from_the_key),
        cmocka_unit_test(make_with_a_blank_puts_it_inside),
        cmocka_unit_test(make_with_another_end_exchanges_one_character),
        cmocka_unit_test(make_of_another_kind_returns_nothing),
        cmocka_unit_test(every_listed_kind_can_be_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
