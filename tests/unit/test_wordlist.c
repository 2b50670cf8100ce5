/* Ordinary words: new each time, and made of letters, digits and what is to stand between. */
#include "harness/base/intern.h"
#include "harness/base/wordlist.h"
#include "tests/unit/unit.h"

static void draw_many_are_all_different(void **state)
{
    (void)state;
    struct cf_random random;
    struct cf_intern seen = {0};
    char text[CF_WORDLIST_BYTES];
    cf_random_init(&random, "1/1.1/a.case");
    for (size_t i = 0; i < 20000; i++) {
        cf_wordlist_draw(&random, "-", text);
        assert_int_equal(cf_intern_add(&seen, text), i);
        assert_int_equal(strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(text));
    }
    cf_intern_release(&seen);
}

static void draw_between_nothing_is_one_word(void **state)
{
    (void)state;
    struct cf_random random;
    char text[CF_WORDLIST_BYTES];
    char again[CF_WORDLIST_BYTES];
    cf_random_init(&random, "x");
    cf_wordlist_draw(&random, "", text);
    assert_null(strpbrk(text, "-_ "));
    cf_random_init(&random, "x");
    cf_wordlist_draw(&random, "", again);
    assert_string_equal(text, again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draw_many_are_all_different),
        cmocka_unit_test(draw_between_nothing_is_one_word),
    };
    return UNIT_RUN(tests);
}
