#include "harness/base/buf.h"
#include "reference/media.h"
#include "reference/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define PART(disposition, content)                                                                 \
    "--XX\r\nContent-Disposition: " disposition "\r\n\r\n" content "\r\n"
#define FILE_PART(content) PART("form-data; name=\"file\"; filename=\"a.sh\"", content)
#define END "--XX--\r\n"

struct row {
    const char *what;
    const char *body;
    size_t body_len; /* 0: strlen */
    enum cf_code code;
    const char *content; /* of the part named file */
    size_t content_len;
};

static const struct row rows[] = {
    {"one file", FILE_PART("echo 1\n") END, 0, CF_OK, "echo 1\n", 7},
    {"an empty file", FILE_PART("") END, 0, CF_OK, "", 0},
    {"line ends are content", FILE_PART("a\r\nb\r\n\r\n") END, 0, CF_OK, "a\r\nb\r\n\r\n", 8},
    {"half a delimiter is content", FILE_PART("\r\n--X\r\n-XX\r\n") END, 0, CF_OK,
     "\r\n--X\r\n-XX\r\n", 12},
    {"a NUL is content", FILE_PART("a\0b") END, sizeof(FILE_PART("a\0b") END) - 1, CF_OK, "a\0b",
     3},
    {"a preamble and an epilogue", "hello\r\n" FILE_PART("x") "--XX--bye", 0, CF_OK, "x", 1},
    {"after other parts", PART("form-data; name=a", "1") FILE_PART("x") END, 0, CF_OK, "x", 1},
    {"the first of two", FILE_PART("x") FILE_PART("y") END, 0, CF_OK, "x", 1},
    {"a name without quotes", PART("form-data; name=file", "x") END, 0, CF_OK, "x", 1},
    {"header names in any case",
     "--XX\r\ncontent-DISPOSITION:form-data;name=\"file\"\r\n\r\nx\r\n" END, 0, CF_OK, "x", 1},
    {"other headers",
     "--XX\r\nContent-Type: text/x-sh\r\nContent-Disposition: form-data; "
     "name=\"file\"\r\nX: y\r\n\r\nx\r\n" END,
     0, CF_OK, "x", 1},
    {"white space after a boundary",
     "--XX \t\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"
     "x\r\n" END,
     0, CF_OK, "x", 1},
    {"a filename that looks like a name",
     PART("form-data; filename=\"name=\\\"file\\\"; name=file\"; name=\"other\"", "x") END, 0,
     CF_ENOTFOUND, NULL, 0},
    {"no such part", PART("form-data; name=\"other\"", "x") END, 0, CF_ENOTFOUND, NULL, 0},
    {"no part at all", END, 0, CF_ENOTFOUND, NULL, 0},
    {"nothing", "", 0, CF_EINPUT, NULL, 0},
    {"another boundary", "--YY\r\n\r\n\r\n--YY--", 0, CF_EINPUT, NULL, 0},
    {"cut off in the content", "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\necho",
     0, CF_EINPUT, NULL, 0},
    {"cut off in the header", "--XX\r\nContent-Disposition: form-data; name=\"file\"", 0, CF_EINPUT,
     NULL, 0},
    {"cut off before the end", FILE_PART("x") "--XX", 0, CF_EINPUT, NULL, 0},
    {"a longer boundary", FILE_PART("x") "--XXY\r\n", 0, CF_EINPUT, NULL, 0},
    {"no disposition", "--XX\r\n\r\nx\r\n" END, 0, CF_EINPUT, NULL, 0},
    {"an attachment", PART("attachment; name=\"file\"", "x") END, 0, CF_EINPUT, NULL, 0},
    {"no name", PART("form-data; filename=\"file\"", "x") END, 0, CF_EINPUT, NULL, 0},
    {"an open quote", PART("form-data; name=\"file", "x") END, 0, CF_EINPUT, NULL, 0},
    {"a header line without a colon", "--XX\r\nnonsense\r\n\r\nx\r\n" END, 0, CF_EINPUT, NULL, 0},
    {"bare line feeds", "--XX\nContent-Disposition: form-data; name=\"file\"\n\nx\n--XX--", 0,
     CF_EINPUT, NULL, 0},
    {"a fault behind the file", FILE_PART("x") "--XX\r\nrest", 0, CF_EINPUT, NULL, 0},
};

static void multipart_find_rows_give_the_file_or_the_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_ref_part part = {0};
        struct cf_err err;
        const struct row *row = &rows[i];
        size_t len = row->body_len ? row->body_len : strlen(row->body);
        enum cf_code code = cf_ref_multipart_find(row->body, len, "XX", "file", &part, &err);
        if (code != row->code)
            fail_msg("%s: got %s", row->what, cf_code_name(code));
        if (row->code != CF_OK)
            continue;
        if (part.len != row->content_len || memcmp(part.bytes, row->content, part.len) != 0)
            fail_msg("%s: got %zu bytes", row->what, part.len);
    }
}

static void multipart_find_every_prefix_of_a_form_is_refused_or_whole(void **state)
{
    static const char form[] =
        "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--XX--";
    (void)state;
    for (size_t len = 0; len < sizeof(form) - 1; len++) {
        struct cf_ref_part part;
        assert_int_equal(cf_ref_multipart_find(form, len, "XX", "file", &part, NULL), CF_EINPUT);
    }
}

static void multipart_find_boundary_of_wrong_length_is_refused(void **state)
{
    char boundary[CF_REF_BOUNDARY_MAX + 2];
    struct cf_ref_part part;
    (void)state;
    memset(boundary, 'b', sizeof(boundary) - 1);
    boundary[sizeof(boundary) - 1] = '\0';
    assert_int_equal(cf_ref_multipart_find("", 0, boundary, "file", &part, NULL), CF_EINPUT);
    assert_int_equal(cf_ref_multipart_find("", 0, "", "file", &part, NULL), CF_EINPUT);
}

static void multipart_find_too_many_parts_is_a_limit(void **state)
{
    struct cf_buf body;
    struct cf_ref_part part;
    (void)state;
    cf_buf_init(&body, 1 << 20);
    for (int i = 0; i <= CF_REF_PARTS_MAX; i++)
        cf_buf_puts(&body, PART("form-data; name=a", "1"));
    cf_buf_puts(&body, END);
    assert_int_equal(cf_ref_multipart_find(body.data, body.len, "XX", "file", &part, NULL),
                     CF_ELIMIT);
    cf_buf_release(&body);
}

static void multipart_find_long_headers_are_a_limit(void **state)
{
    struct cf_buf body;
    struct cf_ref_part part;
    (void)state;
    cf_buf_init(&body, 1 << 20);
    cf_buf_puts(&body, "--XX\r\n");
    for (int i = 0; i < CF_REF_PART_HEADERS_MAX / 4; i++)
        cf_buf_puts(&body, "A: b\r\n");
    cf_buf_puts(&body, "\r\nx\r\n" END);
    assert_int_equal(cf_ref_multipart_find(body.data, body.len, "XX", "file", &part, NULL),
                     CF_ELIMIT);
    cf_buf_release(&body);
}

/* ---- media types ---- */

static void media_is_compares_type_only(void **state)
{
    (void)state;
    assert_true(cf_ref_media_is("text/plain", "text/plain"));
    assert_true(cf_ref_media_is("Text/PLAIN; charset=utf-8", "text/plain"));
    assert_true(cf_ref_media_is("text/plain ;x", "text/plain"));
    assert_false(cf_ref_media_is("text/plainer", "text/plain"));
    assert_false(cf_ref_media_is("text", "text/plain"));
    assert_false(cf_ref_media_is("", "text/plain"));
    assert_false(cf_ref_media_is(NULL, "text/plain"));
}

static void media_is_json_takes_suffixes(void **state)
{
    (void)state;
    assert_true(cf_ref_media_is_json("application/json"));
    assert_true(cf_ref_media_is_json("application/merge-patch+json; a=b"));
    assert_false(cf_ref_media_is_json("application/+json"));
    assert_false(cf_ref_media_is_json("text/json"));
    assert_false(cf_ref_media_is_json("application/jsonp"));
    assert_false(cf_ref_media_is_json(NULL));
}

static void media_parameter_rows(void **state)
{
    static const struct {
        const char *header, *value; /* NULL: none */
    } cases[] = {
        {"multipart/form-data; boundary=abc", "abc"},
        {"multipart/form-data;boundary=\"a b;c\"", "a b;c"},
        {"multipart/form-data; charset=utf-8; BOUNDARY=abc", "abc"},
        {"multipart/form-data; boundary=abc; charset=utf-8", "abc"},
        {"multipart/form-data; x=\"boundary=no\"; boundary=yes", "yes"},
        {"multipart/form-data; boundary=\"a\\\"b\"", "a\"b"},
        {"multipart/form-data; flag; boundary=abc", "abc"},
        {"multipart/form-data; boundary=", ""},
        {"multipart/form-data; boundary=\"abc", NULL},
        {"multipart/form-data; boundary=0123456789", NULL}, /* does not fit */
        {"multipart/form-data; xboundary=abc", NULL},
        {"multipart/form-data", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char value[9] = "old";
        bool found = cf_ref_media_parameter(cases[i].header, "boundary", value, sizeof(value));
        if (found != (cases[i].value != NULL) || (found && strcmp(value, cases[i].value) != 0))
            fail_msg("%s: %s", cases[i].header, found ? value : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multipart_find_rows_give_the_file_or_the_fault),
        cmocka_unit_test(multipart_find_every_prefix_of_a_form_is_refused_or_whole),
        cmocka_unit_test(multipart_find_boundary_of_wrong_length_is_refused),
        cmocka_unit_test(multipart_find_too_many_parts_is_a_limit),
        cmocka_unit_test(multipart_find_long_headers_are_a_limit),
        cmocka_unit_test(media_is_compares_type_only),
        cmocka_unit_test(media_is_json_takes_suffixes),
        cmocka_unit_test(media_parameter_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
