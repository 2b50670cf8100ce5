/*
 * A case as it is written, and the cases that its rows make of it.
 *
 * Its members are looked up and checked once, whatever its rows say; each row fills in what is its
 * own.
 */
#ifndef CF_CASE_WRITTEN_H
#define CF_CASE_WRITTEN_H

#include "harness/base/intern.h"
#include "harness/case/case.h"

struct cf_written {
    const struct cf_requirement *requirement;
    const cJSON *node;
    const char *path; /* of node */
    int line;
    const cJSON *id, *title, *also, *needs, *fixtures, *control, *shares, *from, *within, *steps;
    const struct cf_intern *names; /* that its steps want of each case (see cf_names_check()) */
};

/* The case node at path, an object; the rest is borrowed. */
struct cf_written cf_written_look_up(const struct cf_requirement *r, const cJSON *node,
                                     const char *path, const struct cf_intern *names);

/* Whether what all cases read of it is of the right form: also, needs, fixtures, and the names of
 * other cases. Its id, title and steps are for the caller to look at. Errors: CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_written_check(const struct cf_written *w, struct cf_err *err);

/* Fill in the case of a row (NULL: none), whether or not it is good: cf_case_free() what it has.
 * Errors: CF_EINPUT, CF_ENOTFOUND. */
CF_MUST_CHECK enum cf_code cf_written_row(struct cf_case *out, const struct cf_written *from,
                                          const cJSON *row, const struct cf_vocabulary *vocabulary,
                                          struct cf_err *err);

#endif
