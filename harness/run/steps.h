/* The engine's own step words: request in steps_request.c (built in steps_build.c), the small ones
 * in steps.c. language.c lists them. */
#ifndef CF_RUN_STEPS_H
#define CF_RUN_STEPS_H

#include "harness/run/run.h"

extern const struct cf_step_word cf_step_request;
extern const struct cf_step_word cf_step_hook;
extern const struct cf_step_word cf_step_part;
extern const struct cf_step_word cf_step_let;
extern const struct cf_step_word cf_step_check;
extern const struct cf_step_word cf_step_note;

/* Build the request that a request step describes (body, headers, credentials), all values filled
 * in; parts is what it borrows from and is freed with cf_built_request_release(). False when the
 * case got a verdict instead. */
struct cf_built_request {
    struct cf_http_request request;
    cJSON *step; /* the step with values filled in */
    char *body;
    size_t body_len;
};
bool cf_built_request_init(struct cf_case_run *run, const cJSON *step,
                           struct cf_built_request *out);
void cf_built_request_release(struct cf_built_request *built);

#endif
