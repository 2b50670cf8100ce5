/*
 * Values to move between, for the fields that the suite cannot make up by itself: what the CVMs are
 * set to now, and what is near it.
 *
 * Where nothing tells which way a setting may move, the cautious way is taken: sizes of disks and
 * versions of images only go up. Nothing is guessed that would cost hardware: GPUs whose slots
 * are not shown are left to the user.
 */
#ifndef CF_CLI_INIT_GUESSES_H
#define CF_CLI_INIT_GUESSES_H

#include "cli/init/survey.h"

/* pixit.values: an object that the caller deletes. given (NULL-terminated, or NULL) are texts
 * FIELD=JSON which go before what is guessed. Errors: CF_EINPUT (a text that is not that). */
CF_MUST_CHECK enum cf_code cf_init_values(struct cf_survey *survey, const char *const *given,
                                          cJSON **out, struct cf_err *err);

#endif
