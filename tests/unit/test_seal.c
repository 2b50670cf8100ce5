/* Sealing texts with a key. */
#include "harness/base/seal.h"
#include "harness/base/slow_key.h"
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
    cf_seal(&sealed, "a-key", "a folder", "the text", 8);
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
    cf_seal(&sealed, "a-key", "a folder", "the text", 8);
    cf_seal(&again, "a-key", "a folder", "the text", 8);
    assert_string_not_equal(cf_buf_text(&sealed), cf_buf_text(&again));
    cf_buf_release(&again);
}

static void what_was_not_sealed_is_refused(void **state)
{
    (void)state;
    cf_seal(&sealed, "a-key", "a folder", "the text", 8);
    sealed.data[70] = sealed.data[70] == 'A' ? 'B' : 'A';
    assert_int_equal(cf_unseal(&plain, "a-key", cf_buf_text(&sealed), &err), CF_EINPUT);
    assert_int_equal(cf_unseal(&plain, "a-key", "AAAA", &err), CF_EINPUT);
    assert_int_equal(cf_unseal(&plain, "a-key", "no base64!", &err), CF_EINPUT);
}

/* RFC 8018's own numbers cannot be had with 100000 rounds; these are Python's
 * hashlib.pbkdf2_hmac("sha256", PASSWORD, hashlib.sha256(TEXT).digest()[:16], 100000). */
static void slow_keys_are_what_others_make(void **state)
{
    static const struct {
        const char *password, *text;
        unsigned char first[4];
    } rows[] = {
        {"a-key", "one", {0xa9, 0x5e, 0x4d, 0x18}},
        {"a-key", "one", {0xa9, 0x5e, 0x4d, 0x18}},
        {"a-key", "two", {0xc8, 0x1e, 0x8f, 0xa6}},
        {"b-key", "two", {0x4a, 0xbe, 0x3f, 0xf5}},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsigned char salt[CF_SLOW_KEY_SALT_BYTES];
        unsigned char key[CF_SLOW_KEY_BYTES];
        cf_slow_key_salt(rows[i].text, salt);
        cf_slow_key(rows[i].password, salt, key);
        assert_memory_equal(key, rows[i].first, sizeof(rows[i].first));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(sealed_text_is_read_with_its_key_alone, end),
        cmocka_unit_test_teardown(the_same_text_is_never_sealed_alike, end),
        cmocka_unit_test_teardown(what_was_not_sealed_is_refused, end),
        cmocka_unit_test(slow_keys_are_what_others_make),
    };
    return UNIT_RUN(tests);
}
