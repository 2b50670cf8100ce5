/*
 * The tree of a JSON text, made while the strict reader walks through it: what json_scan.h lets
 * pass is built as cJSON has it, and the text is read once.
 */
#ifndef CF_BASE_JSON_TREE_H
#define CF_BASE_JSON_TREE_H

#include "harness/base/json_scan.h"

#include <cjson/cJSON.h>

/* A node was made, of the value that starts at offset; inner ones first. */
typedef void cf_json_node_fn(void *context, const cJSON *node, size_t offset);

/* The value that the text is; the caller frees it. Numbers carry their literals in valuestring. An
 * escape of NUL, or of half a surrogate pair, is U+FFFD. made may be NULL. Errors: those of
 * cf_json_scan(). */
CF_MUST_CHECK enum cf_code cf_json_tree_read(cJSON **out, const char *name, const char *bytes,
                                             size_t len, int flags, cf_json_node_fn *made,
                                             void *context, struct cf_err *err);

#endif
