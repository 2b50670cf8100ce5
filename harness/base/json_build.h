/*
 * A tree of cJSON's nodes, made by the strict scan as it goes: cJSON's own parser takes what is not
 * JSON, and loses what its numbers are spelled like. What json.h promises of a number node holds.
 */
#ifndef CF_BASE_JSON_BUILD_H
#define CF_BASE_JSON_BUILD_H

#include "harness/base/json_scan.h"

#include <cjson/cJSON.h>

/* A node, and the offset of its first byte. */
typedef void cf_json_node_fn(void *context, const cJSON *node, size_t offset);

/* Make *out of exactly one JSON value; for the caller to delete. each, which may be NULL, is called
 * for all nodes in the order of the text. "\u0000" and half of a surrogate pair become U+FFFD
 * unless flags refuse them. Errors: those of cf_json_scan(); *out is as it was. */
CF_MUST_CHECK enum cf_code cf_json_build(cJSON **out, const char *name, const char *bytes,
                                         size_t len, int flags, cf_json_node_fn *each,
                                         void *context, struct cf_err *err);

/* A number's node; it takes literal, which has to be what the grammar says. */
cJSON *cf_json_number_of(char *literal);

#endif
