/* What the stacks fail at: rows that the catalogue and the variants know. */
#include "reference/setup.h"
#include "reference/stacks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const stacks[] = {"stack-go",     "stack-spring", "stack-fastify", "stack-axum",
                                     "stack-django", "stack-rails",  "stack-asp-net"};

enum { STACKS = sizeof(stacks) / sizeof(stacks[0]) };

static void lapses_of_each_stack_are_listed_once_and_with_a_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < STACKS; i++) {
        const struct cf_ref_lapse *lapse = NULL;
        size_t n = 0;
        for (; (lapse = cf_ref_lapse(stacks[i], n)); n++) {
            assert_true(lapse->reason[0] != '\0');
            for (size_t m = 0; m < n; m++)
                assert_string_not_equal(cf_ref_lapse(stacks[i], m)->requirement,
                                        lapse->requirement);
        }
        assert_true(n > 0);
    }
}

static void lapses_of_others_are_none(void **state)
{
    (void)state;
    assert_null(cf_ref_lapse("extra-members", 0));
    assert_null(cf_ref_lapse("", 0));
}

static void stack_is_all_that_it_is_made_of(void **state)
{
    (void)state;
    for (size_t i = 0; i < STACKS; i++) {
        struct cf_ref_switches on;
        struct cf_err err;
        const struct cf_ref_options options = {.variants = &stacks[i], .variant_count = 1};
        assert_int_equal(cf_ref_options_switches(&options, &on, &err), CF_OK);
        assert_true(cf_ref_has(&on, CF_REF_VAR_MALFORMED_JSON_400));
        assert_true(cf_ref_has(&on, CF_REF_VAR_LAX_COERCION) ==
                    (strcmp(stacks[i], "stack-spring") == 0 ||
                     strcmp(stacks[i], "stack-rails") == 0 ||
                     strcmp(stacks[i], "stack-django") == 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lapses_of_each_stack_are_listed_once_and_with_a_reason),
        cmocka_unit_test(lapses_of_others_are_none),
        cmocka_unit_test(stack_is_all_that_it_is_made_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
