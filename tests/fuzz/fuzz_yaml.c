/* YAML of a server's own OpenAPI document: what is not refused comes out as JSON. */
#include "cli/openapi/yaml_text.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_buf json;
    struct cf_json_doc doc;
    struct cf_err err = {0};
    cf_buf_init(&json, 4 << 20);
    if (cf_yaml_to_json("y", (const char *)data, size, &json, &err) == CF_OK) {
        enum cf_code code = cf_json_parse(&doc, "j", cf_buf_text(&json), json.len, 0, &err);
        PROMISE(code == CF_OK || code == CF_ELIMIT);
        cf_json_release(&doc);
    } else {
        PROMISE(err.text[0] != '\0');
    }
    cf_buf_release(&json);
    return 0;
}
