/* The JSON reader: scanning and parsing agree, and what is printed reads back as the same. */
#include "tests/fuzz/fuzz.h"

static void check_tree(const struct cf_json_doc *doc)
{
    struct cf_buf text;
    struct cf_json_doc again;
    struct cf_err err = {0};
    cf_buf_init(&text, 64 << 20);
    cf_json_print(&text, doc->root);
    PROMISE(text.code == CF_OK);
    PROMISE(cf_json_parse(&again, "again", text.data, text.len, 0, &err) == CF_OK);
    PROMISE(cf_json_equal(doc->root, again.root));
    cf_json_release(&again);
    cf_buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cf_json_doc doc;
    struct cf_err err = {0};
    const char *bytes = (const char *)data;
    enum cf_code scanned = cf_json_scan("in", bytes, size, 0, NULL, NULL, &err);
    enum cf_code parsed = cf_json_parse(&doc, "in", bytes, size, 0, &err);
    PROMISE(scanned == parsed);
    cf_json_release(&doc);
    /* An object with a member twice has no value to compare. */
    if (cf_json_parse(&doc, "in", bytes, size, CF_JSON_FILE, &err) == CF_OK) {
        PROMISE(parsed == CF_OK);
        PROMISE(cf_json_line(&doc, doc.root) > 0);
        check_tree(&doc);
    }
    cf_json_release(&doc);
    return 0;
}
