/*
 * The rows of a case: for_each and and_each make one case a row, from the file, from a shared file,
 * or computed.
 */
#ifndef CF_CASE_ROWS_H
#define CF_CASE_ROWS_H

#include "harness/base/json.h"

/* Makes rows by computation; the caller frees the array. */
struct cf_row_generator {
    const char *name;
    cJSON *(*make)(void);
};

/* Rows of a shared file: an array by name, NULL when there is none. */
typedef const cJSON *cf_shared_rows_fn(void *context, const char *name);

struct cf_row_sources {
    const struct cf_row_generator *generators; /* ends with a NULL name; NULL: none */
    cf_shared_rows_fn *shared;
    void *shared_context;
};

/* The rows of the case node, which is at path: an array, NULL without for_each. It is the node's
 * own, or that of the shared file; what was computed is added to made, an array, which owns it. Row
 * ids are checked to be present and different. Errors: CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_rows_of(const cJSON **out, cJSON *made, const struct cf_json_doc *doc,
                                      const cJSON *node, const char *path,
                                      const struct cf_row_sources *sources, struct cf_err *err);
/* Resolver of ${row.NAME} for cf_expand: context points to the row (const cJSON *); other names are
 * kept as written. */
enum cf_code cf_row_resolve(void *context, const char *name, cJSON **out_value, struct cf_err *err);

#endif
