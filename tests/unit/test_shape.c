/* What the shape checks take; their messages are in data/profile.txt and data/cases.txt. */
#include "harness/case/shape.h"
#include "tests/unit/unit.h"

static void integer_bounds_are_inclusive(void **state)
{
    (void)state;
    struct cf_err err = {0};
    long out = -1;
    struct cf_json_doc doc = unit_json("[1, 10, 0, 11, 1e1, 5.5, 99999999999999999999]");
    const cJSON *node = doc.root->child;
    static const long wanted[] = {1, 10, -1, -1, 10, -1, -1};
    for (size_t i = 0; i < COUNT_OF(wanted); i++, node = node->next) {
        enum cf_code code = cf_shape_integer(&doc, node, "/n", 1, 10, &out, &err);
        assert_int_equal(code, wanted[i] < 0 ? CF_EINPUT : CF_OK);
        if (code == CF_OK)
            assert_int_equal(out, wanted[i]);
    }
    cf_json_release(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integer_bounds_are_inclusive),
    };
    return UNIT_RUN(tests);
}
