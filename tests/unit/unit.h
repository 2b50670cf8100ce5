/* What unit tests share: cmocka with the headers that it wants first, and small conveniences. */
#ifndef CF_TESTS_UNIT_UNIT_H
#define CF_TESTS_UNIT_UNIT_H

#include "harness/base/file.h"
#include "harness/base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* cmocka counts failures in its return value, and 256 of them would be an exit code of 0. */
#define UNIT_RUN(tests) (cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0)

/* A file of tests/ as text, which ends the test when it cannot be read. */
static inline void unit_read(const char *name, struct cf_buf *out)
{
    struct cf_err err = {0};
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/%s", CF_TEST_DATA, name);
    cf_buf_init(out, 16 << 20);
    if (cf_file_read(path, out, &err) != CF_OK)
        fail_msg("%s", err.text);
}

/* JSON written in a test. */
static inline struct cf_json_doc unit_json(const char *text)
{
    struct cf_err err = {0};
    struct cf_json_doc doc;
    if (cf_json_parse(&doc, "test", text, strlen(text), CF_JSON_FILE, &err) != CF_OK)
        fail_msg("%s in %s", err.text, text);
    return doc;
}

/* A JSON file of tests/. */
static inline struct cf_json_doc unit_json_file(const char *name)
{
    struct cf_err err = {0};
    struct cf_json_doc doc;
    struct cf_buf text;
    unit_read(name, &text);
    if (cf_json_parse(&doc, name, cf_buf_text(&text), text.len, CF_JSON_FILE, &err) != CF_OK)
        fail_msg("%s", err.text);
    cf_buf_release(&text);
    return doc;
}

#endif
