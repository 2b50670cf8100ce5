/* Values in case files: what "${name}" becomes, and what is left alone. */
#include "harness/case/expand.h"
#include "tests/unit/unit.h"

static enum cf_code resolve(void *context, const char *name, cJSON **out, struct cf_err *err)
{
    const cJSON *value = cf_json_get(context, name);
    if (!value)
        return cf_err_set(err, CF_ENOTFOUND, "nothing has this name");
    *out = cJSON_Duplicate(value, 1);
    return CF_OK;
}

static const struct {
    const char *template, *wanted; /* NULL: fails with message */
    const char *message;
} rows[] = {
    {"\"plain\"", "\"plain\"", NULL},
    {"\"${n}\"", "9007199254740993", NULL},
    {"\"${list}\"", "[1,{\"a\":null}]", NULL},
    {"\"${text}\"", "\"a \\\"b\\\"\"", NULL},
    {"\"n is ${n}.\"", "\"n is 9007199254740993.\"", NULL},
    {"\"${n}${n}\"", "\"90071992547409939007199254740993\"", NULL},
    {"\"list: ${list}\"", "\"list: [1,{\\\"a\\\":null}]\"", NULL},
    {"\"say ${text}\"", "\"say a \\\"b\\\"\"", NULL},
    {"\"${no}${n}\"", NULL, "${no}: nothing has this name"},
    {"{\"${text}\": [\"${n}\", {\"x\": \"${list}\"}]}",
     "{\"a \\\"b\\\"\":[9007199254740993,{\"x\":[1,{\"a\":null}]}]}", NULL},
    {"{\"x\": 1, \"...\": {\"y\": \"${n}\", \"x\": 2}}", "{\"y\":9007199254740993,\"x\":2}", NULL},
    {"{\"...\": \"${both}\", \"b\": \"${n}\"}", "{\"a\":1,\"c\":3,\"b\":9007199254740993}", NULL},
    {"{\"...\": [\"${both}\", {\"a\": 2}, {}]}", "{\"b\":2,\"c\":3,\"a\":2}", NULL},
    {"{\"...\": []}", "{}", NULL},
    {"{\"...\": \"${n}\"}", NULL, "\"...\" wants an object, or an array of them"},
    {"{\"...\": [{}, \"${n}\"]}", NULL, "\"...\" wants an object, or an array of them"},
    {"[1.50, null, true]", "[1.50,null,true]", NULL},
    {"\"$${n}\"", "\"${n}\"", NULL},
    {"\"$${n} ${n}\"", "\"${n} 9007199254740993\"", NULL},
    {"\"a$b {n} $\"", "\"a$b {n} $\"", NULL},
    {"\"${n\"", NULL, "\"${\" without a name and \"}\" in \"${n\""},
    {"\"${}\"", NULL, "\"${\" without a name and \"}\" in \"${}\""},
    {"\"${nested}\"", "\"${n}\"", NULL}, /* a value is not looked into */
};

static void expand_rows_become_what_they_say(void **state)
{
    (void)state;
    struct cf_json_doc values = unit_json(
        "{\"n\": 9007199254740993, \"list\": [1, {\"a\": null}], \"text\": \"a \\\"b\\\"\","
        " \"nested\": \"${n}\", \"both\": {\"a\": 1, \"b\": 2, \"c\": 3}}");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cf_err err = {0};
        struct cf_buf text;
        cJSON *out = NULL;
        struct cf_json_doc template = unit_json(rows[i].template);
        enum cf_code code = cf_expand(template.root, resolve, values.root, &out, &err);
        cf_buf_init(&text, 10000);
        if (code == CF_OK)
            cf_json_print(&text, out);
        if (rows[i].wanted ? code != CF_OK || strcmp(cf_buf_text(&text), rows[i].wanted) != 0
                           : code == CF_OK || strcmp(err.text, rows[i].message) != 0)
            fail_msg("%s: %s %s", rows[i].template, cf_buf_text(&text), err.text);
        cf_buf_release(&text);
        cf_json_release(&template);
        cJSON_Delete(out);
    }
    cf_json_release(&values);
}

static enum cf_code endless(void *context, const char *name, cJSON **out, struct cf_err *err)
{
    (void)name;
    (void)err;
    *out = cJSON_Duplicate(context, 0);
    return CF_OK;
}

static void expand_text_over_its_maximum_is_refused(void **state)
{
    (void)state;
    struct cf_err err = {0};
    struct cf_buf out;
    struct cf_json_doc value = unit_json("\"0123456789\"");
    cf_buf_init(&out, 25);
    assert_int_equal(cf_expand_text("${a}${b}", endless, value.root, &out, &err), CF_OK);
    assert_int_equal(cf_expand_text("${a}", endless, value.root, &out, &err), CF_ELIMIT);
    cf_buf_release(&out);
    cf_json_release(&value);
}

static enum cf_code collect(void *context, const cJSON *holder, const char *name,
                            struct cf_err *err)
{
    assert_non_null(holder);
    cf_buf_printf(context, "%s;", name);
    return strcmp(name, "stop") == 0 ? cf_err_set(err, CF_ESTOPPED, "enough") : CF_OK;
}

static void each_reference_is_found_in_names_and_values(void **state)
{
    (void)state;
    struct cf_err err = {0};
    struct cf_buf seen;
    struct cf_json_doc doc = unit_json("{\"${key}\": [\"${a} and ${b}\", 1, {\"x\": \"$${not}\"}], "
                                       "\"y\": \"${stop}\", \"z\": \"${c}\"}");
    cf_buf_init(&seen, 1000);
    assert_int_equal(cf_expand_each_reference(doc.root, collect, &seen, &err), CF_ESTOPPED);
    assert_string_equal(cf_buf_text(&seen), "key;a;b;stop;");
    cf_buf_release(&seen);
    cf_json_release(&doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expand_rows_become_what_they_say),
        cmocka_unit_test(expand_text_over_its_maximum_is_refused),
        cmocka_unit_test(each_reference_is_found_in_names_and_values),
    };
    return UNIT_RUN(tests);
}
