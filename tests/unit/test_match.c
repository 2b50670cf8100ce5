/* Matchers: every row of data/match/matchers.json, and what is told of long and hostile values. */
#include "harness/match/describe.h"
#include "harness/match/match.h"
#include "tests/unit/unit.h"

/* Mismatches as "POINTER: EXPECTED <> ACTUAL", one a line. */
static void note(void *context, const struct cf_mismatch *mismatch)
{
    cf_buf_printf(context, "%s: %s <> %s\n", mismatch->pointer, mismatch->expected,
                  mismatch->actual);
    assert_non_null(mismatch->origin);
    assert_true(mismatch->message[0] != '\0');
}

static void check_row(const struct cf_json_doc *doc, const cJSON *matcher, const cJSON *value,
                      const cJSON *told)
{
    struct cf_buf seen;
    struct cf_buf wanted;
    const cJSON *line;
    cf_buf_init(&seen, 1 << 16);
    cf_buf_init(&wanted, 1 << 16);
    cJSON_ArrayForEach(line, told) cf_buf_printf(&wanted, "%s\n", line->valuestring);
    struct cf_match_sink sink = {note, &seen, matcher};
    struct cf_match_sink silent = {NULL, NULL, matcher};
    bool good = cf_match(matcher, value, "/v", &sink);
    if (good != !told || strcmp(cf_buf_text(&seen), cf_buf_text(&wanted)) != 0)
        fail_msg("matcher in line %d: %s, saying\n%snot\n%s", cf_json_line(doc, matcher),
                 good ? "good" : "bad", cf_buf_text(&seen), cf_buf_text(&wanted));
    assert_int_equal(cf_match(matcher, value, "/v", &silent), good);
    cf_buf_release(&seen);
    cf_buf_release(&wanted);
}

static void match_rows_pass_and_fail_with_their_words(void **state)
{
    (void)state;
    struct cf_json_doc doc = unit_json_file("data/match/matchers.json");
    const cJSON *row;
    const cJSON *value;
    assert_true(cJSON_GetArraySize(doc.root) > 25);
    cJSON_ArrayForEach(row, doc.root)
    {
        struct cf_err err = {0};
        const cJSON *matcher = cf_json_get(row, "matcher");
        if (cf_matcher_check(&doc, matcher, "", &err) != CF_OK)
            fail_msg("%s", err.text);
        cJSON_ArrayForEach(value, cf_json_get(row, "pass")) check_row(&doc, matcher, value, NULL);
        if (cf_json_bool(row, "pass_absent", false))
            check_row(&doc, matcher, NULL, NULL);
        cJSON_ArrayForEach(value, cf_json_get(row, "fail"))
            check_row(&doc, matcher, cf_json_get(value, "value"), cf_json_get(value, "told"));
    }
    cf_json_release(&doc);
}

static void describe_long_values_are_cut_between_characters(void **state)
{
    (void)state;
    struct cf_buf json;
    struct cf_buf out;
    cf_buf_init(&json, 10000);
    cf_buf_init(&out, 10000);
    cf_buf_puts(&json, "\"aa");
    for (int i = 0; i < 1000; i++)
        cf_buf_puts(&json, "\xc3\xa9");
    cf_buf_puts(&json, "\"");
    struct cf_json_doc doc = unit_json(cf_buf_text(&json));
    cf_describe(&out, doc.root);
    assert_int_equal(out.len, strlen("string ") + 299 + strlen("..."));
    assert_string_equal(out.data + out.len - 5, "\xc3\xa9...");
    cf_json_release(&doc);
    cf_buf_release(&json);
    cf_buf_release(&out);
}

static void describe_enormous_values_are_cut_too(void **state)
{
    (void)state;
    struct cf_buf json;
    struct cf_buf out;
    cf_buf_init(&json, 1 << 20);
    cf_buf_init(&out, 10000);
    cf_buf_printf(&json, "[\"%*s\"]", 500000, "x");
    struct cf_json_doc doc = unit_json(cf_buf_text(&json));
    cf_describe(&out, doc.root);
    assert_true(out.len < 400);
    assert_memory_equal(out.data, "array [\"   ", 11);
    assert_string_equal(out.data + out.len - 3, "...");
    cf_json_release(&doc);
    cf_buf_release(&json);
    cf_buf_release(&out);
}

static void keep_actual(void *context, const struct cf_mismatch *mismatch)
{
    cf_buf_puts(context, mismatch->actual);
}

/* Both are cut to the same text. */
static void match_equals_tells_where_long_lists_part(void **state)
{
    (void)state;
    struct cf_buf json = {0};
    struct cf_buf told = {0};
    struct cf_match_sink sink = {keep_actual, &told, NULL};
    cf_buf_printf(&json, "[{\"equals\": [\"%*s\", \"a\"]}, [\"%*s\", \"b\"]]", 400, "", 400, "");
    struct cf_json_doc doc = unit_json(cf_buf_text(&json));
    assert_false(
        cf_match(cJSON_GetArrayItem(doc.root, 0), cJSON_GetArrayItem(doc.root, 1), "", &sink));
    assert_non_null(strstr(cf_buf_text(&told), "differs is at offset 405)"));
    cf_json_release(&doc);
    cf_buf_release(&json);
    cf_buf_release(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match_rows_pass_and_fail_with_their_words),
        cmocka_unit_test(describe_long_values_are_cut_between_characters),
        cmocka_unit_test(describe_enormous_values_are_cut_too),
        cmocka_unit_test(match_equals_tells_where_long_lists_part),
    };
    return UNIT_RUN(tests);
}
