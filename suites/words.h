/* The domain's words for case files; suites.c lists them for the engine. */
#ifndef CF_SUITES_WORDS_H
#define CF_SUITES_WORDS_H

#include "harness/run/run.h"

/* words_state.c */
extern const struct cf_step_word cf_word_observe;
extern const struct cf_step_word cf_word_settle;
extern const struct cf_step_word cf_word_track;
extern const struct cf_step_word cf_word_expect_change;
extern const struct cf_step_word cf_word_expect_unchanged;
extern const struct cf_step_word cf_word_expect_idle;
extern const struct cf_step_word cf_word_note_change;
/* words_conflict.c */
extern const struct cf_step_word cf_word_overlap;
extern const struct cf_step_word cf_word_race;
/* detail.c */
extern const struct cf_expect_word cf_word_detail;
/* two_phase.c */
extern const struct cf_locator cf_locators[];
/* values.c */
extern const struct cf_value_source cf_value_sources[];

/* Judge that, since a reading, exactly the asked fields changed (settling first). */
void cf_judge_change(struct cf_case_run *run, int role, const char *since, const cJSON *asked);

#endif
