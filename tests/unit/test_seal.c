/* Sealing texts with a key. */
#include "harness/base/seal.h"
#include "tests/unit/unit.h"

#include <string.h>

static struct cf_buf sealed, plain;
static struct cf_err err;

static int end(void **state)
{
    (void)state;
    cf_buf_release(&sealed);
    cf_buf_release(&plain);
    return 0;
}

static void sealed_text_is_read_with_its_key_alone(void **state)
{
    (void)state;
    cf_seal(&sealed, "a-key", "the text", 8);
    assert_null(strstr(cf_buf_text(&sealed), "the text"));
    assert_int_equal(cf_unseal(&plain, "another", cf_buf_text(&sealed), &err), CF_EINPUT);
    assert_int_equal(plain.len, 0);
    assert_int_equal(cf_unseal(&plain, "a-key", cf_buf_text(&sealed), &err), CF_OK);
    assert_string_equal(cf_buf_text(&plain), "the text");
}

static void the_same_text_is_never_sealed_alike(void **state)
{
    struct cf_buf again = {0};
    (void)state;
    cf_seal(&sealed, "a-key", "the text", 8);
    cf_seal(&again, "a-key", "the text", 8);
    assert_string_not_equal(cf_buf_text(&sealed), cf_buf_text(&again));
    cf_buf_release(&again);
}

static void what_was_not_sealed_is_refused(void **state)
{
    (void)state;
    cf_seal(&sealed, "a-key", "the text", 8);
    sealed.data[70] = sealed.data[70] == 'A' ? 'B' : 'A';
    assert_int_equal(cf_unseal(&plain, "a-key", cf_buf_text(&sealed), &err), CF_EINPUT);
    assert_int_equal(cf_unseal(&plain, "a-key", "AAAA", &err), CF_EINPUT);
    assert_int_equal(cf_unseal(&plain, "a-key", "no base64!", &err), CF_EINPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(sealed_text_is_read_with_its_key_alone, end),
        cmocka_unit_test_teardown(the_same_text_is_never_sealed_alike, end),
        cmocka_unit_test_teardown(what_was_not_sealed_is_refused, end),
    };
    return UNIT_RUN(tests);
}
