/* Digests against published vectors, and the pseudo-random stream against itself. */
#include "harness/base/digest.h"
#include "tests/unit/unit.h"

static void sha256_hex_meets_the_published_vectors(void **state)
{
    (void)state;
    char hex[CF_SHA256_HEX];
    cf_sha256_hex("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    cf_sha256_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void random_same_name_gives_the_same_stream(void **state)
{
    (void)state;
    struct cf_random a, b, c;
    size_t differing = 0;
    cf_random_init(&a, "1/1/case");
    cf_random_init(&b, "1/1/case");
    cf_random_init(&c, "1/1/casf");
    for (int i = 0; i < 100; i++) {
        uint32_t value = cf_random_u32(&a);
        assert_int_equal(value, cf_random_u32(&b));
        differing += value != cf_random_u32(&c);
    }
    assert_true(differing > 95);
}

static void random_does_not_repeat_itself_soon(void **state)
{
    (void)state;
    struct cf_random random;
    uint32_t seen[1000];
    cf_random_init(&random, "x");
    for (size_t i = 0; i < COUNT_OF(seen); i++) {
        seen[i] = cf_random_u32(&random);
        for (size_t k = 0; k < i && i < 64; k++)
            assert_int_not_equal(seen[i], seen[k]);
    }
}

static void random_below_reaches_every_value_and_no_more(void **state)
{
    (void)state;
    struct cf_random random;
    unsigned counts[7] = {0};
    cf_random_init(&random, "dice");
    for (int i = 0; i < 7000; i++) {
        uint32_t value = cf_random_below(&random, 7);
        assert_in_range(value, 0, 6);
        counts[value]++;
    }
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        assert_in_range(counts[i], 850, 1150);
    assert_int_equal(cf_random_below(&random, 1), 0);
}

static void random_hex_is_lower_case_digits_and_a_nul(void **state)
{
    (void)state;
    struct cf_random random;
    char text[66];
    memset(text, '!', sizeof(text));
    cf_random_init(&random, "hex");
    cf_random_hex(&random, text, 64);
    assert_int_equal(strspn(text, "0123456789abcdef"), 64);
    assert_int_equal(text[64], '\0');
    assert_int_equal(text[65], '!');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_hex_meets_the_published_vectors),
        cmocka_unit_test(random_same_name_gives_the_same_stream),
        cmocka_unit_test(random_does_not_repeat_itself_soon),
        cmocka_unit_test(random_below_reaches_every_value_and_no_more),
        cmocka_unit_test(random_hex_is_lower_case_digits_and_a_nul),
    };
    return UNIT_RUN(tests);
}
