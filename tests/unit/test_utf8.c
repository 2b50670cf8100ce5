/* UTF-8 at its edges (RFC 3629). */
#include "harness/base/utf8.h"
#include "tests/unit/unit.h"

#include <string.h>

static const struct {
    const char *bytes;
    size_t len, want; /* 0: not well-formed */
    uint32_t code_point;
} rows[] = {
    {"", 0, 0, 0},
    {"a", 1, 1, 'a'},
    {"\0", 1, 1, 0},
    {"\x7f", 1, 1, 0x7f},
    {"\xc2\x80", 2, 2, 0x80},
    {"\xdf\xbf", 2, 2, 0x7ff},
    {"\xe0\xa0\x80", 3, 3, 0x800},
    {"\xed\x9f\xbf", 3, 3, 0xd7ff},
    {"\xee\x80\x80", 3, 3, 0xe000},
    {"\xef\xbf\xbf", 3, 3, 0xffff},
    {"\xf0\x90\x80\x80", 4, 4, 0x10000},
    {"\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff},
    {"\x80", 1, 0, 0},             /* a continuation alone */
    {"\xc0\x80", 2, 0, 0},         /* overlong NUL */
    {"\xc1\xbf", 2, 0, 0},         /* overlong DEL */
    {"\xe0\x9f\xbf", 3, 0, 0},     /* overlong U+07FF */
    {"\xf0\x8f\xbf\xbf", 4, 0, 0}, /* overlong U+FFFF */
    {"\xed\xa0\x80", 3, 0, 0},     /* first surrogate */
    {"\xed\xbf\xbf", 3, 0, 0},     /* last surrogate */
    {"\xf4\x90\x80\x80", 4, 0, 0}, /* past U+10FFFF */
    {"\xf5\x80\x80\x80", 4, 0, 0},
    {"\xff", 1, 0, 0},
    {"\xc3", 1, 0, 0}, /* cut short */
    {"\xe2\x82", 2, 0, 0},
    {"\xf0\x9f\x98", 3, 0, 0},
    {"\xe2\x28\xa1", 3, 0, 0}, /* no continuation inside */
};

static void next_reads_one_sequence_or_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint32_t code_point = 0xdead;
        size_t got = cf_utf8_next(rows[i].bytes, rows[i].len, &code_point);
        uint32_t want = rows[i].want ? rows[i].code_point : 0xdead;
        if (got != rows[i].want || code_point != want)
            fail_msg("row %zu: %zu bytes, U+%04X", i, got, code_point);
    }
}

static void valid_looks_at_every_byte(void **state)
{
    (void)state;
    assert_true(cf_utf8_valid("", 0));
    assert_true(cf_utf8_valid("h\xc3\xa9 \xe2\x82\xac\0x", 9));
    assert_false(cf_utf8_valid("good until\xff", 11));
    assert_true(cf_utf8_valid("good until\xff", 10));
}

static void plain_span_ends_before_what_json_escapes(void **state)
{
    (void)state;
    /* longer than what is looked at in one go, twice */
    static const char plain[] = "abcdefgh ~!#[]/0abcdefgh ~!#[]/0abcdefgh ~!#[]/0abcdefgh ~!#[]/0";
    for (int byte = 0; byte < 256; byte++) {
        bool escaped = byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\';
        for (size_t at = 0; at < sizeof(plain) - 1; at++) {
            char text[sizeof(plain)];
            memcpy(text, plain, sizeof(plain));
            text[at] = (char)byte;
            size_t got = cf_utf8_plain_span(text, sizeof(plain) - 1);
            if (got != (escaped ? at : sizeof(plain) - 1))
                fail_msg("byte 0x%02x at %zu: %zu", (unsigned)byte, at, got);
        }
    }
    assert_int_equal(cf_utf8_plain_span("", 0), 0);
}

static void cut_ends_with_a_whole_character(void **state)
{
    (void)state;
    static const char text[] = "a\xe2\x82\xac\xc3\xa9";
    static const size_t whole[] = {0, 1, 1, 1, 4, 4, 6, 6};
    for (size_t max = 0; max < sizeof(whole) / sizeof(whole[0]); max++)
        assert_int_equal(cf_utf8_cut(text, sizeof(text) - 1, max), whole[max]);
    assert_int_equal(cf_utf8_cut("\x80\x80\x80", 3, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_reads_one_sequence_or_none),
        cmocka_unit_test(valid_looks_at_every_byte),
        cmocka_unit_test(plain_span_ends_before_what_json_escapes),
        cmocka_unit_test(cut_ends_with_a_whole_character),
    };
    return UNIT_RUN(tests);
}
