/* Moments as texts. */
#include "harness/base/clock.h"
#include "tests/unit/unit.h"

static void parse_moment_gives_milliseconds(void **state)
{
    (void)state;
    const struct {
        const char *text;
        double ms;
    } rows[] = {{"1970-01-01T00:00:00Z", 0},
                {"1970-01-01T00:00:01.250Z", 1250},
                {"1969-12-31T23:59:59Z", -1000},
                {"0984-12-31T23:59:59Z", -31083523201000.0},
                {"2026-01-21T09:30:00.123Z", 1768987800123.0}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double ms = -1;
        char again[CF_TIMESTAMP_BYTES];
        double twice = 0;
        if (!cf_clock_parse(rows[i].text, &ms) || ms != rows[i].ms)
            fail_msg("%s: %f", rows[i].text, ms);
        cf_clock_format(ms, again);
        assert_true(cf_clock_parse(again, &twice) && twice - ms < 1 && ms - twice < 1);
    }
}

static void parse_other_text_is_refused(void **state)
{
    (void)state;
    const char *const rows[] = {NULL,
                                "",
                                "2026-01-21",
                                "2026-01-21T09:30:00",
                                "2026-01-21 09:30:00Z",
                                "2026-01-21T09:30:00+01:00",
                                "2026-01-21T09:30:00.Z",
                                "2026-01-21T09:30:00.1e9Z",
                                "2026-01-21T09:30:00Z later",
                                "2026-00-21T09:30:00Z",
                                "2026-13-21T09:30:00Z",
                                "2026-01-32T09:30:00Z",
                                "2026-01-21T24:30:00Z",
                                "2026-01-21T09:60:00Z",
                                "999999999999999999999Z"};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double ms = 0;
        if (cf_clock_parse(rows[i], &ms))
            fail_msg("%s: taken", rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_moment_gives_milliseconds),
        cmocka_unit_test(parse_other_text_is_refused),
    };
    return UNIT_RUN(tests);
}
