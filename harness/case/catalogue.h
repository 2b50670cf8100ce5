/*
 * The catalogue: requirements and their cases, read from a folder of JSON files.
 *
 * cases/SUITE/NAME.json holds the requirement SUITE.NAME: its level, source and statement, and the
 * cases that check it; cases/shared/NAME.json holds arrays of rows that several files share. A case
 * with for_each becomes one case a row, with the row's id in brackets. A catalogue that loads needs
 * no further question about its form.
 */
#ifndef CF_CASE_CATALOGUE_H
#define CF_CASE_CATALOGUE_H

#include "harness/case/casefile.h"

enum { CF_CASE_FILES_MAX = 2000, CF_CASE_FILE_MAX_BYTES = 4 << 20 };

struct cf_shared_rows;

struct cf_catalogue {
    struct cf_requirement **requirements; /* by suite (in the order of names), then by id */
    size_t requirement_count;
    struct cf_case **cases; /* by requirement, then as written */
    size_t case_count;
    struct cf_case **by_id;        /* the same ones, for look-ups */
    struct cf_shared_rows *shared; /* private: rows that cases point to */
    size_t shared_count;
    char sha256[65]; /* of all shipped files: names and bytes */
};

/* Load dir (shipped) and count extra_dirs. Errors: CF_EINPUT when there was any mistake, after all
 * were told to problem; CF_ENOTFOUND, CF_EIO. */
CF_MUST_CHECK enum cf_code cf_catalogue_load(struct cf_catalogue *out, const char *dir,
                                             const char *const *extra_dirs, size_t extra_count,
                                             const struct cf_catalogue_language *language,
                                             cf_problem_fn *problem, void *context,
                                             struct cf_err *err);
void cf_catalogue_release(struct cf_catalogue *catalogue);

/* By id; NULL where there is none. */
const struct cf_requirement *cf_catalogue_requirement(const struct cf_catalogue *catalogue,
                                                      const char *id);
const struct cf_case *cf_catalogue_case(const struct cf_catalogue *catalogue, const char *id);

#endif
