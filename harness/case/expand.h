/*
 * Values in case files: "${name}" inside any string.
 *
 * A string that is one reference and nothing else takes the value's own JSON type; a reference
 * inside a longer text is replaced by the value's text (a string's own, otherwise its JSON). "$${"
 * writes a literal "${". Who knows a name is the caller's affair.
 *
 * A member named "..." stands for the members of its value, an object or an array of objects. Of
 * two members of one name the later one counts.
 */
#ifndef CF_CASE_EXPAND_H
#define CF_CASE_EXPAND_H

#include "harness/base/json.h"

/* Give name's value (caller of the expansion frees it). Errors: CF_ENOTFOUND (no such name) or any
 * other, with text. */
typedef enum cf_code cf_resolve_fn(void *context, const char *name, cJSON **out_value,
                                   struct cf_err *err);

enum { CF_EXPAND_MAX_BYTES = 32 << 20 };

/* A copy of template with every reference replaced, in member names too. Errors: CF_EINPUT
 * (unclosed reference, "..." of something else), CF_ELIMIT (text over CF_EXPAND_MAX_BYTES), and the
 * resolver's. */
CF_MUST_CHECK enum cf_code cf_expand(const cJSON *template, cf_resolve_fn *resolve, void *context,
                                     cJSON **out, struct cf_err *err);
/* The same for a text; the result is text whatever the values' types. */
CF_MUST_CHECK enum cf_code cf_expand_text(const char *template, cf_resolve_fn *resolve,
                                          void *context, struct cf_buf *out, struct cf_err *err);

/* Call found for every reference anywhere in node; stops at its first failure. */
typedef enum cf_code cf_reference_fn(void *context, const cJSON *holder, const char *name,
                                     struct cf_err *err);
CF_MUST_CHECK enum cf_code cf_expand_each_reference(const cJSON *node, cf_reference_fn *found,
                                                    void *context, struct cf_err *err);

#endif
