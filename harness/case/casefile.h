/*
 * Reading one case file: a requirement and the cases that check it.
 *
 * Everything is checked here: a requirement that was read needs no further question about its form,
 * save for the names of other requirements and cases, which the catalogue looks at.
 */
#ifndef CF_CASE_CASEFILE_H
#define CF_CASE_CASEFILE_H

#include "harness/case/case.h"
#include "harness/case/names.h"
#include "harness/case/rows.h"
#include "harness/case/step_form.h"

enum { CF_CASES_MAX = 20000 /* of a catalogue, after expanding rows */ };

/* Writes out in place what a case (as read, nothing of it checked) says in short forms of the
 * domain; path leads to the case. Errors: CF_EINPUT. */
typedef enum cf_code cf_write_out_fn(const struct cf_json_doc *doc, cJSON *one, const char *path,
                                     struct cf_err *err);

/* What cases are written in. */
struct cf_catalogue_language {
    const struct cf_engine *engine;
    const struct cf_vocabulary *vocabulary;
    const struct cf_step_form *const *forms;   /* NULL-terminated */
    const struct cf_row_generator *generators; /* ends with a NULL name */
    cf_write_out_fn *write_out;                /* before anything looks at a case */
    cf_name_known_fn *value_known;             /* what no step of a case needs to give */
};

/* Called for each mistake with its whole text; the loader goes on to find more. */
typedef void cf_problem_fn(void *context, const char *text);

/* Cases, growing. */
struct cf_case_list {
    struct cf_case **items;
    size_t count, cap;
};

struct cf_casefile_context {
    const struct cf_catalogue_language *language;
    struct cf_row_sources rows;
    cf_problem_fn *problem;
    void *problem_context;
    size_t problem_count;
};

/* Tell a mistake. */
void cf_casefile_problem(struct cf_casefile_context *context, const struct cf_err *err);

/* Read a requirement and append its expanded cases to list. Mistakes go to context->problem, and
 * the requirement is still returned when enough of it could be read; else *out is NULL. Errors:
 * CF_ELIMIT only (more than CF_CASES_MAX cases). */
CF_MUST_CHECK enum cf_code cf_casefile_read(struct cf_requirement **out, const char *suite,
                                            const char *stem, const char *shown_name,
                                            const char *bytes, size_t len,
                                            struct cf_casefile_context *context,
                                            struct cf_case_list *list, struct cf_err *err);

#endif
