/* Judging a 422: every row of data/suites/detail.json, and bodies that are none. */
#include "suites/words.h"
#include "tests/unit/made_answer.h"

static void note(void *context, const struct cf_mismatch *mismatch)
{
    assert_true(mismatch->expected[0] && mismatch->actual[0] && mismatch->message[0]);
    cf_buf_printf(context, "%s\n", mismatch->pointer);
}

static bool judge(const cJSON *wanted, const struct cf_answer *answer, struct cf_buf *told)
{
    struct cf_match_sink sink = {note, told, wanted};
    return cf_cvm_word_detail.judge(wanted, answer, &sink);
}

static void judge_rows_hold_and_fail_at_their_place(void **state)
{
    (void)state;
    struct cf_json_doc doc = unit_json_file("data/suites/detail.json");
    const cJSON *row;
    assert_true(cJSON_GetArraySize(doc.root) > 30);
    cJSON_ArrayForEach(row, doc.root)
    {
        struct made_answer made;
        struct cf_buf body;
        struct cf_buf told;
        struct cf_buf wanted;
        const cJSON *line;
        const cJSON *detail = cf_json_get(row, "detail");
        struct cf_err err = {0};
        cf_buf_init(&body, 10000);
        cf_buf_init(&told, 10000);
        cf_buf_init(&wanted, 10000);
        cf_buf_puts(&body, detail ? "{\"detail\":" : "{");
        if (detail)
            cf_json_print(&body, detail);
        cf_buf_puts(&body, "}");
        cJSON_ArrayForEach(line, cf_json_get(row, "told"))
            cf_buf_printf(&wanted, "%s\n", line->valuestring);
        answer_make(&made, 422, "application/json", cf_buf_text(&body));
        const cJSON *judged = cf_json_get(row, "wanted");
        assert_int_equal(cf_cvm_word_detail.check(&doc, judged, "", &err), CF_OK);
        bool good = judge(judged, &made.answer, &told);
        if (good != !cf_json_get(row, "told") ||
            strcmp(cf_buf_text(&told), cf_buf_text(&wanted)) != 0)
            fail_msg("%s: %s at\n%snot\n%s", cf_json_text(row, "name", "?"), good ? "good" : "bad",
                     cf_buf_text(&told), cf_buf_text(&wanted));
        answer_release(&made);
        cf_buf_release(&body);
        cf_buf_release(&told);
        cf_buf_release(&wanted);
    }
    cf_json_release(&doc);
}

static const struct {
    const char *type, *body;
    bool good;
} bodies[] = {
    {"application/json", "{\"detail\":[{\"loc\":[],\"msg\":\"\",\"type\":\"\"}]}", true},
    {"application/json; charset=utf-8", "{\"detail\":[{\"loc\":[],\"msg\":\"\",\"type\":\"\"}]}",
     true},
    {"text/plain", "{\"detail\":[{\"loc\":[],\"msg\":\"\",\"type\":\"\"}]}", false},
    {NULL, "{\"detail\":[{\"loc\":[],\"msg\":\"\",\"type\":\"\"}]}", false},
    {"application/json", "{\"detail\":", false},
    {"application/json", "[]", false},
    {"application/json", NULL, false},
    {"text/html", "<h1>422</h1>", false},
};

static void judge_wants_json_that_says_so(void **state)
{
    (void)state;
    struct cf_json_doc wanted = unit_json("{}");
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct made_answer made;
        struct cf_buf told;
        cf_buf_init(&told, 10000);
        answer_make(&made, 422, bodies[i].type, bodies[i].body);
        if (!bodies[i].body)
            made.answer.json_error = "the body is empty";
        if (judge(wanted.root, &made.answer, &told) != bodies[i].good)
            fail_msg("row %zu", i);
        answer_release(&made);
        cf_buf_release(&told);
    }
    cf_json_release(&wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge_rows_hold_and_fail_at_their_place),
        cmocka_unit_test(judge_wants_json_that_says_so),
    };
    return UNIT_RUN(tests);
}
