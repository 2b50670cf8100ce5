/* The buffer: its maximum, its sticky failure, and that there is always a NUL behind the bytes. */
#include "tests/unit/unit.h"

static struct cf_buf buf;

static int begin(void **state)
{
    (void)state;
    cf_buf_init(&buf, 10);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_buf_release(&buf);
    return 0;
}

static void append_up_to_the_maximum_is_good(void **state)
{
    (void)state;
    cf_buf_puts(&buf, "12345");
    cf_buf_append(&buf, "67890", 5);
    assert_int_equal(cf_buf_check(&buf, NULL), CF_OK);
    assert_int_equal(buf.len, 10);
    assert_string_equal(cf_buf_text(&buf), "1234567890");
}

static void append_past_the_maximum_fails_and_sticks(void **state)
{
    (void)state;
    struct cf_err err = {0};
    cf_buf_puts(&buf, "12345");
    cf_buf_puts(&buf, "678901");
    cf_buf_puts(&buf, "6");
    assert_int_equal(cf_buf_check(&buf, &err), CF_ELIMIT);
    assert_string_equal(err.text, "more than 10 bytes");
    assert_string_equal(cf_buf_text(&buf), "12345");
    cf_buf_reset(&buf);
    cf_buf_putc(&buf, 'x');
    assert_int_equal(cf_buf_check(&buf, &err), CF_OK);
    assert_string_equal(cf_buf_text(&buf), "x");
}

static void a_zeroed_buffer_has_no_maximum(void **state)
{
    (void)state;
    struct cf_buf any = {0};
    for (int i = 0; i < 1000; i++)
        cf_buf_puts(&any, "1234567890");
    assert_int_equal(cf_buf_check(&any, NULL), CF_OK);
    assert_int_equal(any.len, 10000);
    cf_buf_release(&any);
}

static void append_sizes_near_overflow_are_refused(void **state)
{
    (void)state;
    struct cf_buf wide;
    cf_buf_init(&wide, SIZE_MAX - 8);
    cf_buf_puts(&wide, "1234567890");
    cf_buf_append(&wide, "", SIZE_MAX - 4);
    assert_int_equal(wide.code, CF_ELIMIT);
    cf_buf_release(&wide);
}

static void append_keeps_nul_bytes(void **state)
{
    (void)state;
    cf_buf_append(&buf, "a\0b", 3);
    assert_int_equal(buf.len, 3);
    assert_memory_equal(buf.data, "a\0b\0", 4);
}

static void text_of_nothing_is_empty(void **state)
{
    (void)state;
    assert_null(buf.data);
    assert_string_equal(cf_buf_text(&buf), "");
    cf_buf_append(&buf, "", 0);
    assert_string_equal(cf_buf_text(&buf), "");
}

static void printf_longer_than_its_first_try_is_whole(void **state)
{
    (void)state;
    struct cf_buf large;
    cf_buf_init(&large, 2000);
    cf_buf_putc(&large, '<');
    cf_buf_printf(&large, "%*d>", 1000, 7);
    assert_int_equal(large.len, 1002);
    assert_string_equal(large.data + 995, "     7>");
    cf_buf_printf(&large, "%*d", 1000, 7);
    assert_int_equal(large.code, CF_ELIMIT);
    assert_int_equal(large.len, 1002);
    cf_buf_release(&large);
}

static void take_gives_the_bytes_away(void **state)
{
    (void)state;
    size_t len = 99;
    cf_buf_puts(&buf, "mine");
    char *bytes = cf_buf_take(&buf, &len);
    assert_string_equal(bytes, "mine");
    assert_int_equal(len, 4);
    assert_int_equal(buf.len, 0);
    free(bytes);
    bytes = cf_buf_take(&buf, NULL);
    assert_string_equal(bytes, "");
    free(bytes);
}

static void take_after_a_failure_is_null(void **state)
{
    (void)state;
    cf_buf_puts(&buf, "12345678901");
    assert_null(cf_buf_take(&buf, NULL));
}

static void release_takes_anything(void **state)
{
    (void)state;
    struct cf_buf zeroed = {0};
    cf_buf_release(NULL);
    cf_buf_release(&zeroed);
    cf_buf_puts(&buf, "x");
    cf_buf_release(&buf);
    cf_buf_release(&buf);
    cf_buf_puts(&buf, "again");
    assert_string_equal(cf_buf_text(&buf), "again");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(append_up_to_the_maximum_is_good),
        TEST(append_past_the_maximum_fails_and_sticks),
        TEST(a_zeroed_buffer_has_no_maximum),
        TEST(append_sizes_near_overflow_are_refused),
        TEST(append_keeps_nul_bytes),
        TEST(text_of_nothing_is_empty),
        TEST(printf_longer_than_its_first_try_is_whole),
        TEST(take_gives_the_bytes_away),
        TEST(take_after_a_failure_is_null),
        TEST(release_takes_anything),
    };
    return UNIT_RUN(tests);
}
