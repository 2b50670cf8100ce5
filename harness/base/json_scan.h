/*
 * The strict reader's grammar: RFC 8259 over raw bytes (UTF-8, number grammar, escapes, no control
 * bytes, nothing after the value), building nothing. For texts too large for a tree, and what
 * cf_json_parse() lets a text pass first.
 */
#ifndef CF_BASE_JSON_SCAN_H
#define CF_BASE_JSON_SCAN_H

#include "harness/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    CF_JSON_DEPTH_MAX = 64,
    CF_JSON_REFUSE_UNSPEAKABLE = 4 /* a flag: "\u0000" in a string is an error, and so is half of a
                                      surrogate pair, which the grammar lets through */
};

/* A value that the walk meets. */
struct cf_json_value {
    size_t start;              /* offset of the first byte */
    size_t end;                /* one past the last */
    int depth;                 /* 0 for the outermost */
    size_t key_start, key_end; /* the member's key without quotes, escapes untouched; both 0 for
                                  elements and the outermost */
};

/* Return other than CF_OK to stop the walk. */
typedef enum cf_code cf_json_value_fn(void *context, const char *bytes,
                                      const struct cf_json_value *value);

/* Validate one JSON value, calling visit when a value ends, inner values first. visit may be NULL.
 * Errors: CF_EINPUT (not JSON), CF_ELIMIT (deeper than CF_JSON_DEPTH_MAX), each with
 * "NAME:LINE:COLUMN: ..."; what visit returned. */
CF_MUST_CHECK enum cf_code cf_json_scan(const char *name, const char *bytes, size_t len, int flags,
                                        cf_json_value_fn *visit, void *context, struct cf_err *err);

/* The same, calling begin when a value starts (its end still 0): parents first, the order in which
 * a tree walk meets nodes. *out_unspeakable: the text has what CF_JSON_REFUSE_UNSPEAKABLE would
 * refuse. */
CF_MUST_CHECK enum cf_code cf_json_scan_begins(const char *name, const char *bytes, size_t len,
                                               int flags, cf_json_value_fn *begin, void *context,
                                               bool *out_unspeakable, struct cf_err *err);

#endif
