/* Content codings undone. */
#include "harness/http/coding.h"
#include "tests/unit/unit.h"

#include <string.h>
#include <zlib.h>

static struct cf_buf coded, plain;

static int end(void **state)
{
    (void)state;
    cf_buf_release(&coded);
    cf_buf_release(&plain);
    return 0;
}

/* bits: as deflateInit2() has it; 31 gzip, 15 zlib, -15 neither. */
static void deflate_to(struct cf_buf *out, const char *text, size_t len, int bits)
{
    unsigned char room[4096];
    union {
        const char *in;
        unsigned char *out;
    } in = {text};
    z_stream stream = {.next_in = in.out, .avail_in = (uInt)len};
    assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_out = room;
    stream.avail_out = sizeof(room);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    cf_buf_append(out, (const char *)room, sizeof(room) - stream.avail_out);
    deflateEnd(&stream);
}

static void undo_each_coding_gives_the_text(void **state)
{
    static const struct {
        const char *coding;
        int bits;
    } rows[] = {{"gzip", 31},     {"x-gzip", 31}, {"GZIP", 31}, {"deflate", 15},
                {"deflate", -15}, {NULL, 31},     {"", 31},     {"identity, gzip ,", 31}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cf_buf_reset(&coded);
        cf_buf_reset(&plain);
        deflate_to(&coded, "the text", 8, rows[i].bits);
        assert_true(cf_coding_is_coded(rows[i].coding, coded.data, coded.len));
        assert_true(cf_coding_undo(rows[i].coding, coded.data, coded.len, &plain));
        assert_string_equal(cf_buf_text(&plain), "the text");
    }
}

static void undo_two_codings_undoes_both(void **state)
{
    struct cf_buf once = {0};
    (void)state;
    deflate_to(&once, "the text", 8, 15);
    deflate_to(&coded, once.data, once.len, 31);
    assert_true(cf_coding_undo("deflate, gzip", coded.data, coded.len, &plain));
    assert_string_equal(cf_buf_text(&plain), "the text");
    cf_buf_release(&once);
}

static void undo_what_is_not_of_the_coding_fails(void **state)
{
    (void)state;
    deflate_to(&coded, "the text", 8, 31);
    assert_false(cf_coding_undo("gzip", coded.data, coded.len - 1, &plain));
    assert_false(cf_coding_undo("gzip", "plain", 5, &plain));
    assert_false(cf_coding_undo("br", coded.data, coded.len, &plain));
    assert_false(cf_coding_undo("gzip, br", coded.data, coded.len, &plain));
    assert_int_equal(plain.len, 0);
}

static void plain_bodies_are_not_coded(void **state)
{
    (void)state;
    assert_false(cf_coding_is_coded(NULL, "{}", 2));
    assert_false(cf_coding_is_coded("identity", "{}", 2));
    assert_true(cf_coding_is_coded("br", "{}", 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(undo_each_coding_gives_the_text, end),
        cmocka_unit_test_teardown(undo_two_codings_undoes_both, end),
        cmocka_unit_test_teardown(undo_what_is_not_of_the_coding_fails, end),
        cmocka_unit_test(plain_bodies_are_not_coded),
    };
    return UNIT_RUN(tests);
}
