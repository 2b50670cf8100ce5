/*
 * JSON read strictly: exact numbers, and where in the text each value stands.
 *
 * cJSON builds the tree; this module decides first whether the bytes are JSON at all (RFC 8259:
 * UTF-8, number grammar, escapes, no control bytes, nothing after the value), because cJSON 1.7.15
 * is lenient in all of these. Three promises hold for every tree that cf_json_parse() made:
 *
 *  - a number node carries its literal text in valuestring (cJSON frees it with the node, and
 *    copies it in cJSON_Duplicate), so that nothing is lost to doubles; valuedouble is a
 *    convenience, valueint is never used;
 *  - with CF_JSON_UNIQUE_KEYS no object holds a key twice;
 *  - with CF_JSON_WHERE every node's line and column can be asked for.
 */
#ifndef CF_BASE_JSON_H
#define CF_BASE_JSON_H

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/json_scan.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* Flags beside CF_JSON_REFUSE_UNSPEAKABLE; without that, "\u0000" and half of a surrogate pair read
 * as U+FFFD: cJSON ends strings at NUL, and UTF-8 has no halves. What keeps any text that it was
 * sent answers with them. */
enum {
    CF_JSON_UNIQUE_KEYS = 1, /* a key twice in one object is an error */
    CF_JSON_WHERE = 2,       /* remember where each value starts */
    /* what a file written by a person deserves */
    CF_JSON_FILE = CF_JSON_UNIQUE_KEYS | CF_JSON_WHERE | CF_JSON_REFUSE_UNSPEAKABLE
};

struct cf_json_wheres;

struct cf_json_doc {
    cJSON *root;
    char *name;                    /* for messages: a file name; never NULL after a parse */
    struct cf_json_wheres *wheres; /* private */
};

/* Parse exactly one JSON value. Errors: CF_EINPUT (not JSON; text says "NAME:LINE:COLUMN: ..."),
 * CF_ELIMIT (deeper than CF_JSON_DEPTH_MAX). doc is zeroed on failure. */
CF_MUST_CHECK enum cf_code cf_json_parse(struct cf_json_doc *doc, const char *name,
                                         const char *bytes, size_t len, int flags,
                                         struct cf_err *err);
/* The value in a file, which may have that many bytes. Errors: those of cf_json_parse() and of
 * cf_file_read(). doc is zeroed on failure. */
CF_MUST_CHECK enum cf_code cf_json_load(struct cf_json_doc *doc, const char *path, size_t limit,
                                        int flags, struct cf_err *err);
void cf_json_release(struct cf_json_doc *doc);

/* Where node starts, both counted from 1; 0 where unknown. */
int cf_json_line(const struct cf_json_doc *doc, const cJSON *node);
int cf_json_column(const struct cf_json_doc *doc, const cJSON *node);
/* That line for quoting, without its indentation; "" where there is none, or places were not kept.
 * The caller frees it. */
char *cf_json_line_text(const struct cf_json_doc *doc, int line);

/* Set err to "NAME:LINE:COLUMN: ..." for a fault of node's. Returns CF_EINPUT. */
enum cf_code cf_json_fault(const struct cf_json_doc *doc, const cJSON *node, struct cf_err *err,
                           const char *fmt, ...) CF_PRINTF(4, 5);

/* Member by exact key; NULL where object is NULL, not an object, or lacks it. */
cJSON *cf_json_get(const cJSON *object, const char *key);
/* Member's text, or fallback where it is absent or not a string. */
const char *cf_json_text(const cJSON *object, const char *key, const char *fallback);
/* Member's value, or fallback where it is absent or not a number. */
double cf_json_number(const cJSON *object, const char *key, double fallback);
/* Member's value, or fallback where it is absent or not a boolean. */
bool cf_json_bool(const cJSON *object, const char *key, bool fallback);

/* "null", "boolean", "integer", "number", "string", "array", "object"; "absent" for NULL. An
 * integer is a number without fraction, however it is spelled (1.0, 1e3). */
const char *cf_json_type(const cJSON *node);
bool cf_json_is_integer(const cJSON *node);

/* Exact equality: numbers by decimal value, objects whatever their members' order. */
bool cf_json_equal(const cJSON *a, const cJSON *b);

/* A place for messages, PATH/MEMBER or PATH/INDEX, cut where out ends. Made for each value that is
 * checked, for the one in a thousand that is wrong. */
void cf_json_place_of_member(char *out, size_t size, const char *path, const char *member);
void cf_json_place_of_item(char *out, size_t size, const char *path, size_t index);

/* RFC 6901 look-up: "" is root itself. NULL when nothing is there or pointer is malformed. */
cJSON *cf_json_at(const cJSON *root, const char *pointer);
/* Append the pointer that leads from root to node. False when node is not in root. */
bool cf_json_pointer_to(const cJSON *root, const cJSON *node, struct cf_buf *out);
/* Append one reference token, escaped, with its leading slash. */
void cf_json_pointer_add(struct cf_buf *pointer, const char *token);

/* Append node as compact JSON, numbers as their literals. */
void cf_json_print(struct cf_buf *out, const cJSON *node);
/* Append a JSON string literal for any bytes: what is not UTF-8 becomes U+FFFD. */
void cf_json_put_string(struct cf_buf *out, const char *bytes, size_t len);
void cf_json_put_text(struct cf_buf *out, const char *text);

/* A number node that promises what parsed ones promise (literal in valuestring). */
cJSON *cf_json_new_number(const char *literal);
cJSON *cf_json_new_integer(long long value);

#endif
