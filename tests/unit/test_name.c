/* Names nearest to a mistyped one. */
#include "tests/unit/unit.h"

#include "harness/base/name.h"

static const char *const names[] = {
    "settle_timeout_ms", "poll_interval_ms", "request_timeout_ms", "run", "report", NULL};

static void known_is_exact(void **state)
{
    (void)state;
    assert_true(cf_name_known(names, "run"));
    assert_false(cf_name_known(names, "Run"));
    assert_false(cf_name_known(names, ""));
    assert_false(cf_name_known(NULL, "run"));
}

static const struct {
    const char *a, *b;
    unsigned distance;
} distances[] = {
    {"", "", 0},
    {"", "abc", 3},
    {"abc", "", 3},
    {"abc", "abc", 0},
    {"abc", "abd", 1},
    {"abc", "ab", 1},
    {"abc", "xabc", 1},
    {"ab", "ba", 1},
    {"kitten", "sitting", 3},
    {"reprot", "report", 1},
    {"ca", "abc", 3},
};

static void distance_counts_edits_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(distances); i++) {
        assert_int_equal(cf_name_distance(distances[i].a, distances[i].b), distances[i].distance);
        assert_int_equal(cf_name_distance(distances[i].b, distances[i].a), distances[i].distance);
    }
}

static void distance_of_endless_names_is_bounded(void **state)
{
    (void)state;
    char a[5000];
    char b[5000];
    memset(a, 'a', sizeof(a) - 1);
    memset(b, 'b', sizeof(b) - 1);
    a[sizeof(a) - 1] = b[sizeof(b) - 1] = '\0';
    assert_int_equal(cf_name_distance(a, b), 64);
}

static void nearest_is_near_or_nothing(void **state)
{
    (void)state;
    assert_string_equal(cf_name_nearest(names, "settle_timeout"), "settle_timeout_ms");
    assert_string_equal(cf_name_nearest(names, "rum"), "run");
    assert_string_equal(cf_name_nearest(names, "reprot"), "report");
    assert_null(cf_name_nearest(names, "xyzzy"));
    assert_null(cf_name_nearest(NULL, "run"));
}

static void the_first_of_the_nearest_offered_is_kept(void **state)
{
    (void)state;
    struct cf_nearest nearest = {0};
    cf_nearest_offer(&nearest, "abc", "xyz");
    assert_string_equal(nearest.name, "xyz");
    cf_nearest_offer(&nearest, "abc", "abd");
    cf_nearest_offer(&nearest, "abc", "abe");
    assert_string_equal(nearest.name, "abd");
    assert_int_equal(nearest.distance, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_is_exact),
        cmocka_unit_test(distance_counts_edits_both_ways),
        cmocka_unit_test(distance_of_endless_names_is_bounded),
        cmocka_unit_test(nearest_is_near_or_nothing),
        cmocka_unit_test(the_first_of_the_nearest_offered_is_kept),
    };
    return UNIT_RUN(tests);
}
