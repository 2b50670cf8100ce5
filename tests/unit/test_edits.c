/* Copies of cases with one expectation dropped or negated, and what the words in them do. */
#include "cli/selftest/edits.h"
#include "harness/base/json_put.h"
#include "suites/suites.h"
#include "tests/unit/made_answer.h"

static const char text[] =
    "{\"steps\": ["
    "{\"request\": \"read\", \"expect\": {\"status\": 200, \"json\": {\"/a\": 1, \"/b\": "
    "\"${row.b}\"},"
    " \"headers\": {\"x-none\": {\"present\": false}}}, \"capture\": {\"id\": \"/id\"}},"
    "{\"check\": \"${id}\", \"is\": 1, \"setup\": true}]}";

struct made {
    struct cf_json_doc doc;
    struct cf_case one;
    struct cf_case *list[1];
    struct cf_catalogue catalogue;
};

static void make(struct made *made)
{
    *made = (struct made){.doc = unit_json(text)};
    made->one.node = made->doc.root;
    made->one.steps = cf_json_get(made->doc.root, "steps");
    made->list[0] = &made->one;
    made->catalogue =
        (struct cf_catalogue){.cases = made->list, .by_id = made->list, .case_count = 1};
}

static void edit_one(struct cf_edited *edited, const struct made *made, const char *pointer,
                     bool negate)
{
    struct cf_edit edit = {made->doc.root, cf_json_at(made->doc.root, pointer), negate};
    assert_non_null(edit.expectation);
    cf_edited_init(edited, cf_cvm_engine(), &made->catalogue, &edit, 1);
}

static void edited_steps_say_what_the_edit_asks_for(void **state)
{
    (void)state;
    static const struct {
        const char *edited;
        bool negate;
        const char *where, *becomes; /* in the copy */
    } rows[] = {
        {"/steps/0/expect/status", false, "/0/expect",
         "{\"json\":{\"/a\":1,\"/b\":\"${row.b}\"},\"headers\":{\"x-none\":{\"present\":false}}}"},
        {"/steps/0/expect/status", true, "/0/expect/negated", "{\"status\":200}"},
        {"/steps/0/expect/json/~1b", false, "/0/expect/json", "{\"/a\":1}"},
        {"/steps/0/expect/json/~1b", true, "/0/expect/json", "{\"/a\":1}"},
        {"/steps/0/expect/json/~1b", true, "/0/expect/negated", "{\"json\":{\"/b\":\"${row.b}\"}}"},
        {"/steps/0/expect/headers/x-none", true, "/0/expect/negated",
         "{\"headers\":{\"x-none\":{\"present\":false}}}"},
        {"/steps/0/capture/id", false, "/0/capture", "{}"},
        {"/steps/0/capture/id", true, "/0/capture", "{\"id\":\"/nothing has this name\"}"},
        {"/steps/1", false, "/1",
         "{\"setup\":true,\"dropped\":{\"check\":\"${id}\",\"is\":1,\"setup\":true}}"},
        {"/steps/1", true, "/1",
         "{\"setup\":true,\"negated\":{\"check\":\"${id}\",\"is\":1,\"setup\":true}}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct made made;
        struct cf_edited edited;
        struct cf_buf copy = {0};
        struct cf_buf before = {0};
        struct cf_buf after = {0};
        make(&made);
        cf_json_print(&before, made.doc.root);
        edit_one(&edited, &made, rows[i].edited, rows[i].negate);
        cf_json_print(&copy, cf_json_at(edited.catalogue.cases[0]->steps, rows[i].where));
        cf_json_print(&after, made.doc.root);
        if (strcmp(cf_buf_text(&copy), rows[i].becomes) != 0)
            fail_msg("row %zu: %s", i, cf_buf_text(&copy));
        assert_string_equal(cf_buf_text(&before), cf_buf_text(&after));
        cf_buf_release(&copy);
        cf_buf_release(&before);
        cf_buf_release(&after);
        cf_edited_release(&edited);
        cf_json_release(&made.doc);
    }
}

static void count(void *context, const struct cf_mismatch *mismatch)
{
    (void)mismatch;
    ++*(int *)context;
}

static void negated_expectation_holds_where_it_did_not(void **state)
{
    (void)state;
    struct made made;
    struct cf_edited edited;
    make(&made);
    edit_one(&edited, &made, "/steps/0/expect/json/~1a", true);
    const cJSON *expect = cf_json_at(edited.catalogue.cases[0]->steps, "/0/expect/negated");
    cJSON *whole = cJSON_CreateObject();
    cJSON_AddItemToObject(whole, "negated", cJSON_Duplicate(expect, 1));
    for (int a = 0; a <= 1; a++) {
        struct made_answer answer;
        int mismatches = 0;
        answer_make(&answer, 200, "application/json", a ? "{\"a\":1}" : "{\"a\":0}");
        bool good = cf_expect_judge(whole, whole, &answer.answer, edited.engine.expect_words, count,
                                    &mismatches);
        assert_int_equal(good, a == 0);
        assert_int_equal(mismatches, a);
        answer_release(&answer);
    }
    cJSON_Delete(whole);
    cf_edited_release(&edited);
    cf_json_release(&made.doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edited_steps_say_what_the_edit_asks_for),
        cmocka_unit_test(negated_expectation_holds_where_it_did_not),
    };
    return UNIT_RUN(tests);
}
