/* All the words that a case file may use: the engine's own, with the domain's after them. */
#ifndef CF_RUN_LANGUAGE_H
#define CF_RUN_LANGUAGE_H

#include "harness/run/run.h"

/* The engine's own words (request, hook, let, check, note) with the domain's after them:
 * NULL-terminated, freed by the caller. */
const struct cf_step_word **cf_engine_words(const struct cf_engine *engine);
/* Their forms, for the loader. */
const struct cf_step_form **cf_engine_forms(const struct cf_engine *engine);
/* All that the loader has to know; forms, from cf_engine_forms(), are borrowed. */
struct cf_catalogue_language cf_engine_language(const struct cf_engine *engine,
                                                const struct cf_step_form *const *forms);

/* Whether the step can fail: it expects something, and is no setup. */
bool cf_step_asks(const struct cf_engine *engine, const cJSON *step);

/* Run one step by its word. Words that hold a step run it in place by this. */
void cf_run_step(struct cf_case_run *run, const cJSON *step);

#endif
