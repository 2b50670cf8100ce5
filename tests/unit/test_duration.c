/* Durations as people say and write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/base/duration.h"

static void expect_text(double ms, const char *text)
{
    struct cf_buf out = {0};
    cf_duration_put(&out, ms);
    assert_string_equal(cf_buf_text(&out), text);
    cf_buf_release(&out);
}

static void put_says_no_more_than_anybody_asks_for(void **state)
{
    (void)state;
    expect_text(80, "80 ms");
    expect_text(999.7, "1 s");
    expect_text(2000, "2 s");
    expect_text(80e3, "1 min 20 s");
    expect_text(20 * 60e3 + 5000, "20 min");
    expect_text(70 * 60e3, "1 h 10 min");
    expect_text(26 * 3600e3, "26 h 00 min");
}

static void parse_knows_seconds_minutes_and_hours(void **state)
{
    (void)state;
    assert_true(cf_duration_parse("90s") == 90e3);
    assert_true(cf_duration_parse("30m") == 30 * 60e3);
    assert_true(cf_duration_parse("2h") == 2 * 3600e3);
}

static void parse_takes_nothing_else(void **state)
{
    (void)state;
    static const char *const texts[] = {"",    "9",   "s",  "-3s",  "+3s",
                                        " 3s", "3 s", "3d", "1.5h", "99999999999999999999h"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_true(cf_duration_parse(texts[i]) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_says_no_more_than_anybody_asks_for),
        cmocka_unit_test(parse_knows_seconds_minutes_and_hours),
        cmocka_unit_test(parse_takes_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
