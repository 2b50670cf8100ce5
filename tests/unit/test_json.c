/* JSON read strictly: what is refused and where, exact numbers, places, pointers, writing. */
#include "tests/unit/unit.h"

#include "harness/base/json_number.h"
#include "harness/base/json_put.h"

#include <limits.h>
#include <math.h>

static struct cf_json_doc doc;

static int end(void **state)
{
    (void)state;
    cf_json_release(&doc);
    return 0;
}

static enum cf_code parse(const char *bytes, size_t len, int flags, struct cf_err *err)
{
    cf_json_release(&doc);
    return cf_json_parse(&doc, "t", bytes, len, flags, err);
}

#define BYTES(text) text, sizeof(text) - 1

/* ---- what is not JSON ---- */

static const struct {
    const char *bytes;
    size_t len;
    const char *message; /* with place */
} refused[] = {
    {BYTES(""), "t:1:1: text ends where a value should be"},
    {BYTES(" \n "), "t:2:2: text ends where a value should be"},
    {BYTES("\xef\xbb\xbf{}"), "t:1:1: byte 0xef where a value should be"}, /* BOM */
    {BYTES("{} {}"), "t:1:4: '{' where the end should be"},
    {BYTES("[1]garbage"), "t:1:4: 'g' where the end should be"},
    {BYTES("[1]\0"), "t:1:4: byte 0x00 where the end should be"},
    {BYTES("\f1"), "t:1:1: byte 0x0c where a value should be"},
    {BYTES("[1,]"), "t:1:4: ']' where a value should be"},
    {BYTES("[1 2]"), "t:1:4: '2' where ',' or ']' should be"},
    {BYTES("{\"a\":1,}"), "t:1:8: '}' where a string should be"},
    {BYTES("{\"a\" 1}"), "t:1:6: '1' where ':' should be"},
    {BYTES("{\"a\":1 \"b\":2}"), "t:1:8: '\"' where ',' or '}' should be"},
    {BYTES("{a:1}"), "t:1:2: 'a' where a string should be"},
    {BYTES("['a']"), "t:1:2: ''' where a value should be"},
    {BYTES("/* no */ 1"), "t:1:1: '/' where a value should be"},
    {BYTES("["), "t:1:2: text ends where a value should be"},
    {BYTES("[1"), "t:1:3: text ends where ',' or ']' should be"},
    {BYTES("{\"a\""), "t:1:5: text ends where ':' should be"},
    {BYTES("TRUE"), "t:1:1: 'T' where a value should be"},
    {BYTES("tru"), "t:1:1: 't' where a value should be"},
    {BYTES("nul\0"), "t:1:1: 'n' where a value should be"},
    {BYTES("NaN"), "t:1:1: 'N' where a value should be"},
    {BYTES("Infinity"), "t:1:1: 'I' where a value should be"},
    /* numbers */
    {BYTES("+1"), "t:1:1: '+' where a value should be"},
    {BYTES("01"), "t:1:2: a number must not start with 0"},
    {BYTES("-01"), "t:1:3: a number must not start with 0"},
    {BYTES("-"), "t:1:2: text ends where a digit should be"},
    {BYTES("1."), "t:1:3: text ends where a digit should be"},
    {BYTES(".5"), "t:1:1: '.' where a value should be"},
    {BYTES("1.e3"), "t:1:3: 'e' where a digit should be"},
    {BYTES("1e"), "t:1:3: text ends where a digit should be"},
    {BYTES("1e+"), "t:1:4: text ends where a digit should be"},
    {BYTES("0x10"), "t:1:2: 'x' where the end should be"},
    {BYTES("1_000"), "t:1:2: '_' where the end should be"},
    /* strings */
    {BYTES("\"a"), "t:1:3: text ends inside a string"},
    {BYTES("\"a\nb\""), "t:1:3: control byte 0x0a inside a string"},
    {BYTES("\"a\0b\""), "t:1:3: control byte 0x00 inside a string"},
    {BYTES("\"\\x\""), "t:1:2: unknown escape in a string"},
    {BYTES("\"\\\0\""), "t:1:2: unknown escape in a string"},
    {BYTES("\"\\"), "t:1:2: unknown escape in a string"},
    {BYTES("\"\\u12g4\""), "t:1:2: \\u wants four hexadecimal digits"},
    {BYTES("\"\\u12"), "t:1:2: \\u wants four hexadecimal digits"},
    {BYTES("\"\xff\""), "t:1:2: byte 0xff is not UTF-8"},
    {BYTES("\"\xc0\xaf\""), "t:1:2: byte 0xc0 is not UTF-8"},
    {BYTES("\"\xed\xa0\x80\""), "t:1:2: byte 0xed is not UTF-8"},
};

static void parse_what_is_no_json_is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct cf_err err = {0};
        enum cf_code code = parse(refused[i].bytes, refused[i].len, 0, &err);
        if (code != CF_EINPUT || strcmp(err.text, refused[i].message) != 0)
            fail_msg("row %zu: %s, not %s", i, err.text, refused[i].message);
        assert_null(doc.root);
    }
}

static void parse_without_nul_behind_the_bytes_reads_no_further(void **state)
{
    (void)state;
    struct cf_err err = {0};
    const char bytes[] = {'[', '1', '2', ']', '3'};
    assert_int_equal(parse(bytes, 4, 0, &err), CF_OK);
    assert_string_equal(doc.root->child->valuestring, "12");
    char *tight = malloc(2); /* the sanitizer watches its end */
    memcpy(tight, "42", 2);
    assert_int_equal(parse(tight, 2, 0, &err), CF_OK);
    free(tight);
    assert_string_equal(doc.root->valuestring, "42");
}

static void parse_nested_to_the_limit_is_good_and_past_it_is_not(void **state)
{
    (void)state;
    struct cf_err err = {0};
    char text[2 * (CF_JSON_DEPTH_MAX + 1) + 1] = {0};
    memset(text, '[', CF_JSON_DEPTH_MAX);
    memset(text + CF_JSON_DEPTH_MAX, ']', CF_JSON_DEPTH_MAX);
    assert_int_equal(parse(text, 2 * CF_JSON_DEPTH_MAX, 0, &err), CF_OK);
    memset(text, '[', CF_JSON_DEPTH_MAX + 1);
    memset(text + CF_JSON_DEPTH_MAX + 1, ']', CF_JSON_DEPTH_MAX + 1);
    assert_int_equal(parse(text, 2 * (CF_JSON_DEPTH_MAX + 1), 0, &err), CF_ELIMIT);
    assert_string_equal(err.text, "t:1:65: nested deeper than 64");
}

static void parse_a_million_brackets_does_not_exhaust_the_stack(void **state)
{
    (void)state;
    struct cf_err err = {0};
    char *text = malloc(1000000);
    memset(text, '[', 1000000);
    assert_int_equal(parse(text, 1000000, 0, &err), CF_ELIMIT);
    free(text);
}

/* ---- duplicates and NUL ---- */

static const struct {
    const char *text;
    const char *message; /* NULL: good */
} duplicates[] = {
    {"{\"a\":1,\"b\":2,\"A\":3}", NULL},
    {"{\"a\":1,\n \"a\":2}", "t:2:6: member \"a\" occurs twice"},
    {"{\"a\":1,\"\\u0061\":2}", "t:1:17: member \"a\" occurs twice"},
    {"[{},{\"x\":{\"y\":1,\"z\":2,\"y\":1}}]", "t:1:27: member \"y\" occurs twice"},
    {"{\"a\":{\"b\":1},\"c\":{\"b\":1}}", NULL},
};

static void parse_duplicate_members_are_refused_when_asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(duplicates); i++) {
        struct cf_err err = {0};
        const char *text = duplicates[i].text;
        enum cf_code code = parse(text, strlen(text), CF_JSON_UNIQUE_KEYS, &err);
        assert_int_equal(code, duplicates[i].message ? CF_EINPUT : CF_OK);
        if (duplicates[i].message)
            assert_string_equal(err.text, duplicates[i].message);
        assert_int_equal(parse(text, strlen(text), 0, &err), CF_OK);
    }
}

static const struct {
    const char *bytes;
    size_t len;
    const char *message; /* when it is refused */
    const char *text;    /* else */
} halves[] = {
    {BYTES("\"\\ud800\""), "t:1:2: lone high surrogate", "\xef\xbf\xbd"},
    {BYTES("\"\\ud800\\u0041\""), "t:1:2: lone high surrogate", "\xef\xbf\xbd\x41"},
    {BYTES("\"\\uDC00\\uD800\""), "t:1:2: lone low surrogate", "\xef\xbf\xbd\xef\xbf\xbd"},
    {BYTES("\"\\ud800\\ud83d\\ude00\""), "t:1:2: lone high surrogate",
     "\xef\xbf\xbd\xf0\x9f\x98\x80"},
    {BYTES("\"\\\\\\ud800u0041\""), "t:1:4: lone high surrogate", "\\\xef\xbf\xbdu0041"},
};

static void parse_half_a_pair_is_refused_or_replaced(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(halves); i++) {
        struct cf_err err = {0};
        const char *bytes = halves[i].bytes;
        assert_int_equal(parse(bytes, halves[i].len, CF_JSON_REFUSE_UNSPEAKABLE, &err), CF_EINPUT);
        assert_string_equal(err.text, halves[i].message);
        assert_int_equal(parse(bytes, halves[i].len, 0, &err), CF_OK);
        assert_string_equal(doc.root->valuestring, halves[i].text);
    }
}

static void parse_escaped_nul_is_refused_or_replaced(void **state)
{
    (void)state;
    struct cf_err err = {0};
    assert_int_equal(parse(BYTES("[\"a\\u0000b\"]"), CF_JSON_REFUSE_UNSPEAKABLE, &err), CF_EINPUT);
    assert_string_equal(err.text, "t:1:4: \\u0000 is not allowed here");
    assert_int_equal(parse(BYTES("[\"a\\u0000b\",\"\\\\u0000\"]"), 0, &err), CF_OK);
    assert_string_equal(doc.root->child->valuestring, "a\xef\xbf\xbd"
                                                      "b");
    assert_string_equal(doc.root->child->next->valuestring, "\\u0000"); /* an escaped backslash */
}

/* ---- numbers ---- */

static void parse_numbers_keep_their_literals(void **state)
{
    (void)state;
    struct cf_err err = {0};
    struct cf_buf out;
    const char text[] = "[9007199254740993,0.30000000000000004,1e999,-0,1.0,1E+2,"
                        "12345678901234567890123456789012345678901234567890123456789012345678901]";
    assert_int_equal(parse(BYTES(text), 0, &err), CF_OK);
    cf_buf_init(&out, 1000);
    cf_json_print(&out, doc.root);
    assert_string_equal(cf_buf_text(&out), text);
    cf_buf_release(&out);
}

static const struct {
    const char *a, *b;
    bool same;
} numbers[] = {
    {"1", "1", true},
    {"1", "1.0", true},
    {"1", "1e0", true},
    {"100", "1e2", true},
    {"100", "1E+2", true},
    {"0.01", "1e-2", true},
    {"0.010", "1e-2", true},
    {"0", "-0", true},
    {"0", "0.000e99", true},
    {"10", "1", false},
    {"1", "-1", false},
    {"1", "1.0000000000000002", false},
    {"9007199254740992", "9007199254740993", false},
    {"0.1", "0.10000000000000001", false},
    {"1e999", "1e998", false},
    {"1e999", "10e998", true},
    {"120", "12e1", true},
    {"120", "1.2e2", true},
    {"1.05", "10.5e-1", true},
    {"100.5", "1005e-1", true},
    {"105", "15", false},
};

static void same_number_compares_decimal_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        if (cf_json_same_number(numbers[i].a, numbers[i].b) != numbers[i].same ||
            cf_json_same_number(numbers[i].b, numbers[i].a) != numbers[i].same)
            fail_msg("%s and %s", numbers[i].a, numbers[i].b);
    }
}

static const struct {
    const char *text, *type;
} types[] = {
    {"null", "null"},      {"true", "boolean"}, {"false", "boolean"}, {"1", "integer"},
    {"1.0", "integer"},    {"1e3", "integer"},  {"-0.0", "integer"},  {"15e-1", "number"},
    {"150e-1", "integer"}, {"0.5", "number"},   {"1e-3", "number"},   {"\"1\"", "string"},
    {"[]", "array"},       {"{}", "object"},    {"1e999", "integer"},
};

static void type_names_every_kind(void **state)
{
    (void)state;
    assert_string_equal(cf_json_type(NULL), "absent");
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        assert_int_equal(parse(types[i].text, strlen(types[i].text), 0, NULL), CF_OK);
        if (strcmp(cf_json_type(doc.root), types[i].type) != 0)
            fail_msg("%s is %s", types[i].text, cf_json_type(doc.root));
        assert_int_equal(cf_json_is_integer(doc.root), strcmp(types[i].type, "integer") == 0);
    }
}

/* ---- equality ---- */

static const struct {
    const char *a, *b;
    bool same;
} pairs[] = {
    {"{\"a\":1,\"b\":[1,2]}", "{\"b\":[1.0,2],\"a\":1}", true},
    {"{\"a\":1}", "{\"A\":1}", false},
    {"{\"a\":1}", "{\"a\":1,\"b\":1}", false},
    {"[1,2]", "[2,1]", false},
    {"[1]", "[1,1]", false},
    {"[]", "{}", false},
    {"null", "false", false},
    {"\"1\"", "1", false},
    {"\"a\"", "\"a\"", true},
    {"\"a\"", "\"A\"", false},
    {"true", "true", true},
    {"true", "false", false},
    {"9007199254740992", "9007199254740993", false},
};

static void equal_is_exact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct cf_json_doc a = unit_json(pairs[i].a);
        struct cf_json_doc b = unit_json(pairs[i].b);
        if (cf_json_equal(a.root, b.root) != pairs[i].same ||
            cf_json_equal(b.root, a.root) != pairs[i].same)
            fail_msg("%s and %s", pairs[i].a, pairs[i].b);
        assert_false(cf_json_equal(a.root, NULL));
        cf_json_release(&a);
        cf_json_release(&b);
    }
    assert_true(cf_json_equal(NULL, NULL));
}

/* ---- places, members, pointers ---- */

static void places_are_lines_and_columns_of_values(void **state)
{
    (void)state;
    doc = unit_json("{\"a\": 1,\r\n  \"b\": [true,\n\n   {}]}");
    const cJSON *b = cf_json_get(doc.root, "b");
    assert_int_equal(cf_json_line(&doc, doc.root), 1);
    assert_int_equal(cf_json_column(&doc, doc.root), 1);
    assert_int_equal(cf_json_column(&doc, cf_json_get(doc.root, "a")), 7);
    assert_int_equal(cf_json_line(&doc, b), 2);
    assert_int_equal(cf_json_column(&doc, b), 8);
    assert_int_equal(cf_json_line(&doc, b->child->next), 4);
    assert_int_equal(cf_json_column(&doc, b->child->next), 4);
    assert_int_equal(cf_json_line(&doc, NULL), 0);
}

static void places_are_found_in_any_order(void **state)
{
    (void)state;
    doc = unit_json("[\n 1,\n 2,\n  3\n]");
    const cJSON *last = cJSON_GetArrayItem(doc.root, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cf_json_line(&doc, last), 4);
        assert_int_equal(cf_json_column(&doc, last), 3);
        assert_int_equal(cf_json_line(&doc, doc.root->child), 2);
        assert_int_equal(cf_json_column(&doc, doc.root->child), 2);
    }
}

static void assert_line(int line, const char *wanted)
{
    char *text = cf_json_line_text(&doc, line);
    assert_string_equal(text, wanted);
    free(text);
}

static void lines_are_quoted_without_indentation(void **state)
{
    (void)state;
    doc = unit_json("{\n \t\"a\":\n\n1 }");
    assert_line(1, "{");
    assert_line(2, "\"a\":");
    assert_line(3, "");
    assert_line(4, "1 }");
    assert_line(5, "");
    assert_line(0, "");
}

static void fault_names_file_line_and_column(void **state)
{
    (void)state;
    struct cf_err err = {0};
    doc = unit_json("[\n 1]");
    assert_int_equal(cf_json_fault(&doc, doc.root->child, &err, "no %s", "good"), CF_EINPUT);
    assert_string_equal(err.text, "test:2:2: no good");
}

static void members_are_looked_up_by_exact_name_and_type(void **state)
{
    (void)state;
    doc = unit_json("{\"Text\": \"x\", \"number\": 2.5, \"yes\": true, \"null\": null}");
    assert_null(cf_json_get(doc.root, "text"));
    assert_null(cf_json_get(NULL, "text"));
    assert_null(cf_json_get(doc.root->child, "Text"));
    assert_string_equal(cf_json_text(doc.root, "Text", "-"), "x");
    assert_string_equal(cf_json_text(doc.root, "number", "-"), "-");
    assert_true(cf_json_number(doc.root, "number", 0) == 2.5);
    assert_true(cf_json_number(doc.root, "Text", -1) == -1);
    assert_true(cf_json_bool(doc.root, "yes", false));
    assert_true(cf_json_bool(doc.root, "null", true));
}

/* The object of RFC 6901 section 5, and what must lead nowhere. */
static const struct {
    const char *pointer, *text; /* NULL: nothing there */
} pointers[] = {
    {"/foo", "[\"bar\",\"baz\"]"},
    {"/foo/0", "\"bar\""},
    {"/", "0"},
    {"/a~1b", "1"},
    {"/c%d", "2"},
    {"/e^f", "3"},
    {"/g|h", "4"},
    {"/i\\j", "5"},
    {"/k\"l", "6"},
    {"/ ", "7"},
    {"/m~0n", "8"},
    {"/m~01n", "9"},
    {"/o/p/", "10"},
    {"/foo/2", NULL},
    {"/foo/-", NULL},
    {"/foo/00", NULL},
    {"/foo/+1", NULL},
    {"/foo/1x", NULL},
    {"/foo/99999999999999999999", NULL},
    {"/FOO", NULL},
    {"/m~n", NULL},
    {"/m~2n", NULL},
    {"/m~", NULL},
    {"foo", NULL},
    {"/foo/0/x", NULL},
};

static void at_follows_rfc_6901(void **state)
{
    (void)state;
    doc = unit_json(
        "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
        "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"m~1n\":9,\"o\":{\"p\":{\"\":10}}}");
    assert_ptr_equal(cf_json_at(doc.root, ""), doc.root);
    for (size_t i = 0; i < COUNT_OF(pointers); i++) {
        struct cf_buf text;
        const cJSON *found = cf_json_at(doc.root, pointers[i].pointer);
        cf_buf_init(&text, 1000);
        if (found)
            cf_json_print(&text, found);
        if (!found != !pointers[i].text ||
            (found && strcmp(cf_buf_text(&text), pointers[i].text) != 0))
            fail_msg("%s leads to %s", pointers[i].pointer, cf_buf_text(&text));
        cf_buf_release(&text);
    }
}

static void pointer_add_escapes_what_at_reads(void **state)
{
    (void)state;
    struct cf_buf pointer;
    cf_buf_init(&pointer, 100);
    cf_json_pointer_add(&pointer, "a/b~c~1");
    cf_json_pointer_add(&pointer, "");
    assert_string_equal(cf_buf_text(&pointer), "/a~1b~0c~01/");
    doc = unit_json("{\"a/b~c~1\":{\"\":5}}");
    assert_string_equal(cf_json_at(doc.root, cf_buf_text(&pointer))->valuestring, "5");
    cf_buf_release(&pointer);
}

/* ---- writing ---- */

static void put_string_escapes_and_replaces(void **state)
{
    (void)state;
    struct cf_buf out;
    cf_buf_init(&out, 1000);
    cf_json_put_string(&out, BYTES("a\"\\/\n\t\x01\x7f\0\xc3\xa9\xff<"));
    assert_string_equal(cf_buf_text(&out),
                        "\"a\\\"\\\\/\\n\\u0009\\u0001\\u007f\\u0000\xc3\xa9\xef\xbf\xbd<\"");
    cf_buf_release(&out);
}

static void print_reads_back_as_the_same(void **state)
{
    (void)state;
    struct cf_buf out;
    struct cf_err err = {0};
    doc = unit_json("{\"a\": [1, 2.50, null, true, false, \"\\u20ac\\n\"], \"b\": {}, \"c\": []}");
    cf_buf_init(&out, 1000);
    cf_json_print(&out, doc.root);
    assert_string_equal(cf_buf_text(&out),
                        "{\"a\":[1,2.50,null,true,false,\"\xe2\x82\xac\\n\"],\"b\":{},\"c\":[]}");
    struct cf_json_doc again;
    assert_int_equal(cf_json_parse(&again, "again", out.data, out.len, 0, &err), CF_OK);
    assert_true(cf_json_equal(doc.root, again.root));
    cf_json_release(&again);
    cf_buf_release(&out);
}

static void new_numbers_carry_their_literals(void **state)
{
    (void)state;
    cJSON *large = cf_json_new_integer(9007199254740993LL);
    cJSON *small = cf_json_new_number("1e-400");
    assert_string_equal(large->valuestring, "9007199254740993");
    assert_true(cf_json_is_integer(large));
    assert_string_equal(cf_json_type(small), "number");
    cJSON_Delete(large);
    cJSON_Delete(small);
}

/* ---- scanning ---- */

static enum cf_code note(void *context, const char *bytes, const struct cf_json_value *value)
{
    cf_buf_printf(context, "%d:%.*s=%.*s;", value->depth, (int)(value->key_end - value->key_start),
                  bytes + value->key_start, (int)(value->end - value->start), bytes + value->start);
    return value->depth == 3 ? CF_ESTOPPED : CF_OK;
}

static void scan_visits_inner_values_first(void **state)
{
    (void)state;
    struct cf_buf seen;
    cf_buf_init(&seen, 1000);
    const char text[] = " {\"a\": [1, \"x\"] , \"b\":{ } } ";
    assert_int_equal(cf_json_scan("t", BYTES(text), 0, note, &seen, NULL), CF_OK);
    assert_string_equal(
        cf_buf_text(&seen),
        "2:=1;2:=\"x\";1:a=[1, \"x\"];1:b={ };0:={\"a\": [1, \"x\"] , \"b\":{ } };");
    cf_buf_release(&seen);
}

static void scan_stops_where_the_visitor_says(void **state)
{
    (void)state;
    struct cf_buf seen;
    cf_buf_init(&seen, 1000);
    assert_int_equal(cf_json_scan("t", BYTES("[[[7]],8]"), 0, note, &seen, NULL), CF_ESTOPPED);
    assert_string_equal(cf_buf_text(&seen), "3:=7;");
    cf_buf_release(&seen);
}

static void put_compact_leaves_blanks_in_strings_alone(void **state)
{
    static const char *const rows[][2] = {
        {"{ \"a b\" : [ 1 ,\n\t2 ] }\r", "{\"a b\":[1,2]}"},
        {"\"a \\\" b\" ", "\"a \\\" b\""},
        {"[\"\\\\\" , \"\\\\\\\" c\" , \"d\"]", "[\"\\\\\",\"\\\\\\\" c\",\"d\"]"},
        {"[ \"\" , \"\xc3\xa9 \xe2\x82\xac\" ]", "[\"\",\"\xc3\xa9 \xe2\x82\xac\"]"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cf_buf out = {0};
        cf_json_put_compact(&out, rows[i][0], strlen(rows[i][0]));
        assert_string_equal(cf_buf_text(&out), rows[i][1]);
        cf_buf_release(&out);
    }
}

/* As printf writes them. */
static void put_numbers_are_those_of_printf(void **state)
{
    static const double ms[] = {0,      -0.0,        0.001,  0.0004, 0.0005,  0.0015,  0.999,
                                0.9996, 1,           1.005,  12.34,  -1.5,    -0.0001, 123456.789,
                                1e9,    34359738368, 1e17,   1e300,  1.0 / 3, 2.0 / 3, 1234.5675,
                                4.0625, 0.0625,      0.1875, 99.999, 1000.1,  1e6 / 7};
    static const long long integers[] = {0, 1, -1, 9, 10, 1065, -40535, LLONG_MAX, LLONG_MIN};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(ms); i++) {
        struct cf_buf out = {0};
        struct cf_buf wanted = {0};
        cf_json_put_ms_member(&out, "at_ms", ms[i]);
        cf_json_put_ms_member(&out, "rounded", round(ms[i] * 1000) / 1000);
        cf_buf_printf(&wanted, "\"at_ms\":%.3f,\"rounded\":%.3f", ms[i],
                      isfinite(ms[i] * 1000) ? round(ms[i] * 1000) / 1000 : 0.0);
        assert_string_equal(cf_buf_text(&out), cf_buf_text(&wanted));
        cf_buf_release(&out);
        cf_buf_release(&wanted);
    }
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        struct cf_buf out = {0};
        char wanted[64];
        cf_json_put_int_member(&out, "n", integers[i]);
        snprintf(wanted, sizeof(wanted), "\"n\":%lld", integers[i]);
        assert_string_equal(cf_buf_text(&out), wanted);
        cf_buf_release(&out);
    }
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parse_what_is_no_json_is_refused_with_its_place),
        TEST(parse_without_nul_behind_the_bytes_reads_no_further),
        TEST(parse_nested_to_the_limit_is_good_and_past_it_is_not),
        TEST(parse_a_million_brackets_does_not_exhaust_the_stack),
        TEST(parse_duplicate_members_are_refused_when_asked),
        TEST(parse_half_a_pair_is_refused_or_replaced),
        TEST(parse_escaped_nul_is_refused_or_replaced),
        TEST(parse_numbers_keep_their_literals),
        TEST(same_number_compares_decimal_values),
        TEST(type_names_every_kind),
        TEST(equal_is_exact),
        TEST(places_are_lines_and_columns_of_values),
        TEST(places_are_found_in_any_order),
        TEST(lines_are_quoted_without_indentation),
        TEST(fault_names_file_line_and_column),
        TEST(members_are_looked_up_by_exact_name_and_type),
        TEST(at_follows_rfc_6901),
        TEST(pointer_add_escapes_what_at_reads),
        TEST(put_string_escapes_and_replaces),
        TEST(print_reads_back_as_the_same),
        TEST(new_numbers_carry_their_literals),
        TEST(scan_visits_inner_values_first),
        TEST(scan_stops_where_the_visitor_says),
        TEST(put_compact_leaves_blanks_in_strings_alone),
        TEST(put_numbers_are_those_of_printf),
    };
    return UNIT_RUN(tests);
}
