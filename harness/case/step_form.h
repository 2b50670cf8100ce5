/* The words that a step of a case may be written with. */
#ifndef CF_CASE_STEP_FORM_H
#define CF_CASE_STEP_FORM_H

#include "harness/base/json.h"

enum { CF_STEPS_MAX = 64 };

struct cf_engine; /* whose words they are; only the checks know what it is */

/* How a step of a case may look: its word, the members beside it, and a check of its values. */
struct cf_step_form {
    const char *word;
    const char *const *required; /* besides the word */
    const char *const *optional;
    enum cf_code (*check)(const struct cf_engine *engine, const struct cf_json_doc *doc,
                          const cJSON *step, const char *path, struct cf_err *err);
    const char *gives_value;    /* a name that has a value once the step began; NULL: none */
    const char *gives_reading;  /* the member whose text names a reading from here on; or NULL */
    const char *leaves_reading; /* the name that the word gives a reading by itself; or NULL */
    const char *uses_reading;   /* the member whose text names one that there must be; or NULL */
};

/* Whether steps, at path, is an array of 1 to CF_STEPS_MAX steps, each of one of the forms (which
 * end with NULL): the first whose word it has, noted in out_of_step. Errors: CF_EINPUT. */
CF_MUST_CHECK enum cf_code cf_steps_check(const struct cf_json_doc *doc, const cJSON *steps,
                                          const char *path, const struct cf_step_form *const *forms,
                                          const struct cf_engine *engine,
                                          const struct cf_step_form *out_of_step[CF_STEPS_MAX],
                                          struct cf_err *err);

#endif
