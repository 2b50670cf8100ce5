/*
 * Checking what people wrote: the shape of a JSON file, with a message that names the file, the
 * line, the place and what was wanted. path is a JSON pointer for messages, "" for the whole.
 */
#ifndef CF_CASE_SHAPE_H
#define CF_CASE_SHAPE_H

#include "harness/base/json.h"

/* All names are NULL-terminated lists. Each returns CF_OK or CF_EINPUT with a message. */

/* node is an object with every required member and none besides required and optional. */
CF_MUST_CHECK enum cf_code cf_shape_object(const struct cf_json_doc *doc, const cJSON *node,
                                           const char *path, const char *const *required,
                                           const char *const *optional, struct cf_err *err);
/* node is of the JSON type named as cf_json_type() names it ("number" takes integers too). */
CF_MUST_CHECK enum cf_code cf_shape_type(const struct cf_json_doc *doc, const cJSON *node,
                                         const char *path, const char *type, struct cf_err *err);
/* node is a string of 1 to max_bytes bytes without control characters. */
CF_MUST_CHECK enum cf_code cf_shape_line(const struct cf_json_doc *doc, const cJSON *node,
                                         const char *path, size_t max_bytes, struct cf_err *err);
/* node is a string and one of names. */
CF_MUST_CHECK enum cf_code cf_shape_choice(const struct cf_json_doc *doc, const cJSON *node,
                                           const char *path, const char *const *names,
                                           struct cf_err *err);
/* node is an integer from low to high; written to out. */
CF_MUST_CHECK enum cf_code cf_shape_integer(const struct cf_json_doc *doc, const cJSON *node,
                                            const char *path, long low, long high, long *out,
                                            struct cf_err *err);
/* node is an array of at least min non-empty one-line strings. */
CF_MUST_CHECK enum cf_code cf_shape_lines(const struct cf_json_doc *doc, const cJSON *node,
                                          const char *path, size_t min, struct cf_err *err);

#endif
