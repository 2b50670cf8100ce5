#include "suites/app_compose.h"
#include "tests/unit/unit.h"

static const struct {
    const char *json;
    const char *canonical;
} rows[] = {
    {"{}", "{}"},
    {"[ ]", "[]"},
    {"{ \"b\" : 1 , \"a\" : [ true , null ] }", "{\"a\":[true,null],\"b\":1}"},
    {"{\"b\":{\"d\":1,\"c\":2},\"a\":[{\"f\":1,\"e\":2}]}",
     "{\"a\":[{\"e\":2,\"f\":1}],\"b\":{\"c\":2,\"d\":1}}"},
    {"{\"B\":1,\"a\":2,\"_\":3,\"A\":4,\"aa\":5,\"a0\":6}",
     "{\"A\":4,\"B\":1,\"_\":3,\"a\":2,\"a0\":6,\"aa\":5}"},
    {"\"\\u00e9\\/\\n\\u001f\\\"\"", "\"\xc3\xa9/\\n\\u001f\\\"\""},
    {"\"\\r\\n\\t\\b\\f\\u007f\"", "\"\\r\\n\\t\\b\\f\x7f\""},
    {"[1.50, 1e3, -0, 12345678901234567890]", "[1.50,1e3,-0,12345678901234567890]"},
};

static void put_canonical_sorts_members_and_drops_white_space(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct cf_json_doc doc;
        struct cf_buf out = {0};
        assert_int_equal(cf_json_parse(&doc, "row", rows[i].json, strlen(rows[i].json), 0, NULL),
                         CF_OK);
        cf_cvm_put_canonical(&out, doc.root);
        assert_string_equal(cf_buf_text(&out), rows[i].canonical);
        cf_buf_release(&out);
        cf_json_release(&doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_canonical_sorts_members_and_drops_white_space),
    };
    return UNIT_RUN(tests);
}
