/* The short forms of case files: what each becomes, and what is refused. */
#include "suites/short_forms.h"
#include "tests/unit/unit.h"

static const struct row {
    const char *name;
    const char *step;
    const char *written_out; /* the step afterwards, or the end of the message */
} good[] = {
    {"what has no short form stays as it is", "{\"let\": {\"script\": \"a\", \"proof\": \"b\"}}",
     "{\"let\":{\"script\":\"a\",\"proof\":\"b\"}}"},
    {"a script is uploaded as the one part called file",
     "{\"request\": \"pre-launch-script\", \"script\": \"${a}\", \"setup\": true}",
     "{\"request\":\"pre-launch-script\",\"multipart\":{\"parts\":[{\"name\":\"file\","
     "\"filename\":\"pre-launch.sh\",\"type\":\"application/octet-stream\",\"content\":\"${a}\"}]},"
     "\"setup\":true}"},
    {"a proof is a hash and the transaction that registered it",
     "{\"request\": \"update-cvm\", \"proof\": \"hash\", \"json\": {}}",
     "{\"request\":\"update-cvm\",\"headers\":{\"X-Compose-Hash\":\"${hash}\","
     "\"X-Transaction-Hash\":\"${hash.transaction}\"},\"json\":{}}"},
    {"a proof may have another transaction, wherever that is written",
     "{\"request\": \"update-cvm\", \"transaction\": \"\", \"proof\": \"hash\"}",
     "{\"request\":\"update-cvm\",\"headers\":{\"X-Compose-Hash\":\"${hash}\","
     "\"X-Transaction-Hash\":\"\"}}"},
    {"other headers come after a proof",
     "{\"request\": \"update-cvm\", \"headers\": {\"A\": \"1\", \"B\": \"2\"}, \"proof\": \"h\"}",
     "{\"request\":\"update-cvm\",\"headers\":{\"X-Compose-Hash\":\"${h}\","
     "\"X-Transaction-Hash\":\"${h.transaction}\",\"A\":\"1\",\"B\":\"2\"}}"},
    {"requests inside an overlap are written out",
     "{\"overlap\": {\"request\": \"a\", \"proof\": \"h\"}, \"with\": {\"request\": \"b\", "
     "\"proof\": \"h\"}, \"between\": {\"request\": \"c\", \"proof\": \"h\"}}",
     "{\"overlap\":{\"request\":\"a\",\"headers\":{\"X-Compose-Hash\":\"${h}\","
     "\"X-Transaction-Hash\":\"${h.transaction}\"}},"
     "\"with\":{\"request\":\"b\",\"headers\":{\"X-Compose-Hash\":\"${h}\","
     "\"X-Transaction-Hash\":\"${h.transaction}\"}},"
     "\"between\":{\"request\":\"c\",\"headers\":{\"X-Compose-Hash\":\"${h}\","
     "\"X-Transaction-Hash\":\"${h.transaction}\"}}}"},
    {"so are those of a list inside an overlap",
     "{\"overlap\": {\"request\": \"a\"}, \"with\": [{\"request\": \"b\"}, "
     "{\"request\": \"c\", \"proof\": \"h\"}]}",
     "{\"overlap\":{\"request\":\"a\"},"
     "\"with\":[{\"request\":\"b\"},"
     "{\"request\":\"c\",\"headers\":{\"X-Compose-Hash\":\"${h}\","
     "\"X-Transaction-Hash\":\"${h.transaction}\"}}]}"},
    {"register calls the hook for the main CVM and keeps the transaction",
     "{\"register\": \"hash\", \"setup\": true}",
     "{\"setup\":true,\"hook\":\"register-compose-hash\",\"with\":{\"cvm_id\":\"${fixture.mine}\","
     "\"app_id\":\"${now.app_id}\",\"compose_hash\":\"${hash}\"},"
     "\"capture\":{\"hash.transaction\":\"transaction_hash\"}}"},
    {"register by another hook", "{\"register\": \"hash\", \"by\": \"register-elsewhere\"}",
     "{\"hook\":\"register-elsewhere\",\"with\":{\"cvm_id\":\"${fixture.mine}\","
     "\"app_id\":\"${now.app_id}\",\"compose_hash\":\"${hash}\"},"
     "\"capture\":{\"hash.transaction\":\"transaction_hash\"}}"},
    {"unregister gives no transaction", "{\"unregister\": \"hash\"}",
     "{\"hook\":\"unregister-compose-hash\",\"with\":{\"cvm_id\":\"${fixture.mine}\","
     "\"app_id\":\"${now.app_id}\",\"compose_hash\":\"${hash}\"}}"},
    {"expire gives no transaction", "{\"expire\": \"hash\"}",
     "{\"hook\":\"expire-compose-hash\",\"with\":{\"cvm_id\":\"${fixture.mine}\","
     "\"app_id\":\"${now.app_id}\",\"compose_hash\":\"${hash}\"}}"},
};

static const struct row bad[] = {
    {"a script beside another body", "{\"request\": \"a\", \"json\": {}, \"script\": \"b\"}",
     ":1:78: /cases/0/steps/0: more than one of script, json"},
    {"a script that is not a text", "{\"request\": \"a\", \"script\": 1}",
     ":1:66: /cases/0/steps/0: expected string, got integer"},
    {"a transaction alone", "{\"request\": \"a\", \"transaction\": \"b\"}",
     ":1:71: /cases/0/steps/0: transaction without a proof"},
    {"a transaction that is not a text",
     "{\"request\": \"a\", \"proof\": \"h\", \"transaction\": 1}",
     ":1:85: /cases/0/steps/0: expected string, got integer"},
    {"a proof beside a header of it",
     "{\"request\": \"a\", \"proof\": \"h\", \"headers\": {\"X-Transaction-Hash\": \"\"}}",
     ":1:104: /cases/0/steps/0: X-Transaction-Hash beside a proof"},
    {"a proof beside headers that are not known",
     "{\"request\": \"a\", \"proof\": \"h\", \"headers\": \"${row.headers}\"}",
     ":1:81: /cases/0/steps/0: headers beside a proof are an object"},
    {"a proof of a reference", "{\"request\": \"a\", \"proof\": \"${hash}\"}",
     ":1:65: /cases/0/steps/0: the name of a hash, not a reference to it"},
    {"a proof in a request inside", "{\"overlap\": {\"request\": \"a\", \"proof\": 1}}",
     ":1:77: /cases/0/steps/0/overlap: expected string, got integer"},
    {"register of no name", "{\"register\": {}}",
     ":1:52: /cases/0/steps/0: expected string, got object"},
    {"register by no name", "{\"register\": \"hash\", \"by\": 1}",
     ":1:66: /cases/0/steps/0: expected string, got integer"},
    {"expire of a reference", "{\"expire\": \"${hash}\"}",
     ":1:50: /cases/0/steps/0: the name of a hash, not a reference to it"},
};

static enum cf_code write_out(const char *step, struct cf_json_doc *doc, struct cf_err *err)
{
    struct cf_buf text = {0};
    cf_buf_printf(&text, "{\"fixtures\": {\"mine\": \"a\"}, \"steps\": [%s]}", step);
    enum cf_code code = cf_json_parse(doc, "case", cf_buf_text(&text), text.len, CF_JSON_FILE, err);
    assert_int_equal(code, CF_OK);
    cf_buf_release(&text);
    return cf_cvm_short_forms_write_out(doc, doc->root, "/cases/0", err);
}

static void write_out_good_forms_become_the_engines_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct cf_json_doc doc;
        struct cf_err err = {0};
        struct cf_buf text = {0};
        if (write_out(good[i].step, &doc, &err) != CF_OK)
            fail_msg("%s: %s", good[i].name, err.text);
        cf_json_print(&text, cf_json_get(doc.root, "steps")->child);
        if (strcmp(cf_buf_text(&text), good[i].written_out) != 0)
            fail_msg("%s: %s", good[i].name, cf_buf_text(&text));
        cf_buf_release(&text);
        cf_json_release(&doc);
    }
}

static void write_out_bad_forms_are_refused_with_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cf_json_doc doc;
        struct cf_err err = {0};
        if (write_out(bad[i].step, &doc, &err) == CF_OK)
            fail_msg("%s: accepted", bad[i].name);
        if (strcmp(err.text + strlen("case"), bad[i].written_out) != 0)
            fail_msg("%s: %s", bad[i].name, err.text);
        cf_json_release(&doc);
    }
}

static void write_out_what_was_written_keeps_its_line(void **state)
{
    (void)state;
    struct cf_json_doc doc;
    struct cf_err err = {0};
    assert_int_equal(
        write_out("\n{\"request\": \"a\",\n\"script\": \"b\",\n\"proof\": \"h\"}", &doc, &err),
        CF_OK);
    const cJSON *step = cf_json_at(doc.root, "/steps/0");
    assert_int_equal(cf_json_line(&doc, step), 2);
    assert_int_equal(cf_json_line(&doc, cf_json_at(step, "/multipart/parts/0/content")), 3);
    assert_int_equal(cf_json_line(&doc, cf_json_at(step, "/headers/X-Compose-Hash")), 4);
    cf_json_release(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_out_good_forms_become_the_engines_words),
        cmocka_unit_test(write_out_bad_forms_are_refused_with_their_place),
        cmocka_unit_test(write_out_what_was_written_keeps_its_line),
    };
    return UNIT_RUN(tests);
}
