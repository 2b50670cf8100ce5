/* When an answer says to come again. */
#include "harness/http/retry_after.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct row {
    const char *retry_after, *date;
    double ms;
};

#define NOON "Sun, 06 Nov 1994 12:00:00 GMT"

static const struct row rows[] = {
    {NULL, NULL, -1},
    {"", NULL, -1},
    {"0", NULL, 0},
    {"3", NULL, 3000},
    {"999999999", NULL, 999999999000.0},
    {"9999999999", NULL, -1},
    {"3 ", NULL, -1},
    {"-3", NULL, -1},
    {"soon", NOON, -1},
    {"Sun, 06 Nov 1994 12:00:02 GMT", NOON, 2000},
    {"Sunday, 06-Nov-94 12:00:02 GMT", NOON, 2000},
    {"Sun Nov  6 12:00:02 1994", NOON, 2000},
    {"Sun, 06 Nov 1994 11:59:00 GMT", NOON, 0}, /* past */
    {"Sun, 06 Nov 1994 12:00:02 GMT", NULL, -1},
    {"Sun, 06 Nov 1994 12:00:02 GMT", "today", -1},
};

static void retry_after_table_is_read_as_milliseconds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_headers headers = {0};
        if (rows[i].retry_after)
            cf_headers_add(&headers, "Retry-After", rows[i].retry_after);
        if (rows[i].date)
            cf_headers_add(&headers, "Date", rows[i].date);
        double ms = cf_http_retry_after_ms(&headers);
        cf_headers_release(&headers);
        if (ms < rows[i].ms || ms > rows[i].ms)
            fail_msg("row %zu: %f", i, ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retry_after_table_is_read_as_milliseconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
