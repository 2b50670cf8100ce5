/*
 * Names in the steps of a case: a value or a reading is given by one step and used by later ones.
 * A name that no earlier step gives would only be missed in the middle of a run.
 */
#ifndef CF_CASE_NAMES_H
#define CF_CASE_NAMES_H

#include "harness/base/intern.h"
#include "harness/case/step_form.h"

/* Whether "${name}" has a value that no step needs to give. */
typedef bool cf_name_known_fn(const struct cf_engine *engine, const char *name);

/* Whether each name that a step uses, as "${name}" anywhere in it or in the member that its form
 * says (struct cf_step_form), is given by this step or one before it. Names that are put together
 * when the case runs are left alone. Names that a case gives itself, by its row or its fixtures
 * ("row.colour", "fixture.cvm"), are added to of_case: each row answers to them. steps, at path,
 * have passed cf_steps_check(), which says of which form each is. Errors: CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_names_check(const struct cf_json_doc *doc, const cJSON *steps,
                                          const char *path,
                                          const struct cf_step_form *const *of_step,
                                          const struct cf_engine *engine, cf_name_known_fn *known,
                                          struct cf_intern *of_case, struct cf_err *err);

#endif
