/* What a plan says before it runs: which cases run, which cannot and why, and how the run ends. */
#ifndef CF_CLI_PLAN_WORDS_H
#define CF_CLI_PLAN_WORDS_H

#include "harness/base/buf.h"
#include "harness/pool/plan.h"

/* Append a line with newline for each case, in the order of running. */
void cf_plan_words_cases(struct cf_buf *out, const struct cf_plan *plan);
/* Append how many would run and how many not; then the latter by reason, each with how many there
 * are and one for an example. */
void cf_plan_words_summary(struct cf_buf *out, const struct cf_plan *plan);
/* Append, where the plan leaves must requirements undecided, that whole ends with exit code 3, with
 * the reasons and the requirements. whole begins the sentence: "This run". Returns how many such
 * requirements there are; nothing is appended where there is none. */
size_t cf_plan_words_exit(struct cf_buf *out, const struct cf_plan *plan,
                          const struct cf_catalogue *catalogue, const char *whole);

#endif
