/* One case file: used by catalogue.c only; everybody else includes catalogue.h. */
#ifndef CF_CASE_CASEFILE_H
#define CF_CASE_CASEFILE_H

#include "harness/case/catalogue.h"

struct cf_case_sink {
    struct cf_case **items;
    size_t count, cap;
};

/* Where shared rows come from: an array by name, NULL when there is none. The catalogue owns it. */
typedef const cJSON *cf_shared_rows_fn(void *context, const char *name);

struct cf_casefile_context {
    const struct cf_catalogue_language *language;
    cf_shared_rows_fn *shared_rows;
    void *shared_context;
    cf_problem_fn *problem;
    void *problem_context;
    size_t problem_count;
};

/* Tell a mistake. */
void cf_casefile_problem(struct cf_casefile_context *context, const struct cf_err *err);

/* Read a requirement and append its expanded cases to sink. Mistakes go to context->problem, and
 * the requirement is still returned when enough of it could be read; else *out is NULL. Errors:
 * CF_ENOMEM, CF_ELIMIT only. */
CF_MUST_CHECK enum cf_code cf_casefile_read(struct cf_requirement **out, const char *suite,
                                            const char *stem, const char *shown_name,
                                            const char *bytes, size_t len,
                                            struct cf_casefile_context *context,
                                            struct cf_case_sink *sink, struct cf_err *err);
void cf_requirement_free(struct cf_requirement *requirement);
void cf_case_free(struct cf_case *one);

/* The rows of a case (rows.c): an array the caller frees, one empty row without for_each. Row ids
 * are checked to be present and different. Errors: CF_EINPUT, CF_ENOMEM. */
CF_MUST_CHECK enum cf_code cf_rows_of(const struct cf_json_doc *doc, const cJSON *node,
                                      const char *path, struct cf_casefile_context *context,
                                      cJSON **out, struct cf_err *err);
/* Resolver of ${row.NAME} for cf_expand: context is the row; other names are kept as written. */
enum cf_code cf_row_resolve(void *row, const char *name, cJSON **out_value, struct cf_err *err);

#endif
