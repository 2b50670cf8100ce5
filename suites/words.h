/* The domain's words for case files; suites.c lists them for the engine. */
#ifndef CF_SUITES_WORDS_H
#define CF_SUITES_WORDS_H

#include "harness/run/run.h"

/* words_state.c */
extern const struct cf_step_word cf_cvm_word_observe;
extern const struct cf_step_word cf_cvm_word_settle;
extern const struct cf_step_word cf_cvm_word_track;
extern const struct cf_step_word cf_cvm_word_expect_change;
extern const struct cf_step_word cf_cvm_word_expect_value;
extern const struct cf_step_word cf_cvm_word_there_and_back;
extern const struct cf_step_word cf_cvm_word_expect_unchanged;
extern const struct cf_step_word cf_cvm_word_expect_idle;
extern const struct cf_step_word cf_cvm_word_expect_distinct;
extern const struct cf_distinct_kind cf_cvm_distinct;
/* Whether an update was taken: a restart of a CVM on a real service. */
bool cf_cvm_starts_operation(const struct cf_exchange *exchange);
extern const struct cf_step_word cf_cvm_word_note_change;
/* words_parts.c */
extern const struct cf_step_word cf_cvm_word_in_parts;
/* words_overlap.c, words_race.c */
extern const struct cf_step_word cf_cvm_word_overlap;
extern const struct cf_step_word cf_cvm_word_race;
/* words_detail.c */
extern const struct cf_expect_word cf_cvm_word_detail;
/* two_phase.c */
extern const struct cf_locator cf_cvm_locators[];
/* value_sources.c */
extern const struct cf_value_source cf_cvm_value_sources[];

/* words_state.c: judge that, since a reading, exactly the asked fields changed (settling first).
 * Where all of them are out of sight, the case is not applicable unless even_unseen. */
void cf_cvm_judge_change(struct cf_case_run *run, int role, const char *since, const cJSON *asked,
                         bool even_unseen);

/* words_overlap.c: check the form of a member of a step that holds a request, as a step of its own
 * would have it. */
CF_MUST_CHECK enum cf_code cf_cvm_check_held_request(const struct cf_engine *engine,
                                                     const struct cf_json_doc *doc,
                                                     const cJSON *step, const char *member,
                                                     const char *path, struct cf_err *err);

#endif
