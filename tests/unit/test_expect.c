/* Judging answers: every row of data/match/expect.json, and places of blame. */
#include "harness/match/expect.h"
#include "suites/suites.h"
#include "tests/unit/made_answer.h"

struct notes {
    struct cf_buf text;
    const cJSON *origins[16];
    size_t count;
};

static void note(void *context, const struct cf_mismatch *mismatch)
{
    struct notes *notes = context;
    cf_buf_printf(&notes->text, "%s%s%s <> %s\n", mismatch->pointer ? mismatch->pointer : "",
                  mismatch->pointer ? ": " : "", mismatch->expected, mismatch->actual);
    if (notes->count < COUNT_OF(notes->origins))
        notes->origins[notes->count++] = mismatch->origin;
}

static const struct cf_expect_word *const *words(void)
{
    return cf_cvm_engine()->expect_words;
}

static void check_answer(const char *name, const cJSON *expect, const cJSON *wanted)
{
    struct made_answer made;
    struct notes notes = {0};
    struct cf_buf told;
    const cJSON *line;
    cf_buf_init(&notes.text, 1 << 16);
    cf_buf_init(&told, 1 << 16);
    answer_make(&made, (int)cf_json_number(wanted, "status", 0), cf_json_text(wanted, "type", NULL),
                cf_json_text(wanted, "body", NULL));
    const char *x_none = cf_json_text(wanted, "x_none", NULL);
    if (x_none)
        cf_headers_add(&made.exchange.response_headers, "x-none", x_none);
    cJSON_ArrayForEach(line, cf_json_get(wanted, "told"))
        cf_buf_printf(&told, "%s\n", line->valuestring);
    bool good = cf_expect_judge(expect, expect, &made.answer, words(), note, &notes);
    if (good != !cf_json_get(wanted, "told") ||
        strcmp(cf_buf_text(&notes.text), cf_buf_text(&told)) != 0)
        fail_msg("%s: %s, saying\n%snot\n%s", name, good ? "good" : "bad", cf_buf_text(&notes.text),
                 cf_buf_text(&told));
    answer_release(&made);
    cf_buf_release(&notes.text);
    cf_buf_release(&told);
}

static void judge_rows_pass_and_fail_with_their_words(void **state)
{
    (void)state;
    struct cf_json_doc doc = unit_json_file("data/match/expect.json");
    const cJSON *row;
    const cJSON *answer;
    assert_true(cJSON_GetArraySize(doc.root) > 8);
    cJSON_ArrayForEach(row, doc.root)
    {
        struct cf_err err = {0};
        const cJSON *expect = cf_json_get(row, "expect");
        if (cf_expect_check(&doc, expect, "", words(), &err) != CF_OK)
            fail_msg("%s", err.text);
        cJSON_ArrayForEach(answer, cf_json_get(row, "answers"))
            check_answer(cf_json_text(row, "name", "?"), expect, answer);
    }
    cf_json_release(&doc);
}

static void judge_mismatches_name_the_line_as_written(void **state)
{
    (void)state;
    struct made_answer made;
    struct notes notes = {0};
    struct cf_json_doc doc = unit_json("{\n\"status\": 200,\n\"json\": {\n\"/a\": 1,\n\"/b\": 2}}");
    cf_buf_init(&notes.text, 1 << 16);
    answer_make(&made, 200, "application/json", "{\"a\":0,\"b\":0}");
    assert_false(cf_expect_judge(doc.root, doc.root, &made.answer, NULL, note, &notes));
    assert_int_equal(notes.count, 2);
    assert_int_equal(cf_json_line(&doc, notes.origins[0]), 4);
    assert_int_equal(cf_json_line(&doc, notes.origins[1]), 5);
    made.exchange.status = 500;
    assert_false(cf_expect_judge(doc.root, doc.root, &made.answer, NULL, note, &notes));
    assert_int_equal(notes.count, 3);
    assert_int_equal(cf_json_line(&doc, notes.origins[2]), 2);
    answer_release(&made);
    cf_buf_release(&notes.text);
    cf_json_release(&doc);
}

/* However the word is written, and however wide the range. */
static void status_within_is_any_of_the_range(void **state)
{
    static const char *const rows[] = {"200",        "404", "\"4xx\"", "[200, \"5xx\"]",
                                       "[100, 599]", "[]"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cf_json_doc doc = unit_json(rows[i]);
        for (int first = 100; first < 600; first += 7) {
            bool any = false;
            for (int last = first; last < 600; last++) {
                any = any || cf_expect_status(doc.root, last);
                assert_int_equal(cf_expect_status_within(doc.root, first, last), any);
            }
        }
        cf_json_release(&doc);
    }
    struct cf_json_doc doc = unit_json("[204, \"4xx\"]");
    assert_true(cf_expect_status(doc.root, 204));
    assert_false(cf_expect_status(doc.root, 205));
    assert_true(cf_expect_status(doc.root, 499));
    assert_false(cf_expect_status(doc.root, 500));
    cf_json_release(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge_rows_pass_and_fail_with_their_words),
        cmocka_unit_test(judge_mismatches_name_the_line_as_written),
        cmocka_unit_test(status_within_is_any_of_the_range),
    };
    return UNIT_RUN(tests);
}
