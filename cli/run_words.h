/* The words of a run's command line, as its reports and run --resume have them. */
#ifndef CF_CLI_RUN_WORDS_H
#define CF_CLI_RUN_WORDS_H

#include "cli/base/command.h"
#include "cli/session_state.h"

/* The filters as one line, for the report's head; the same in every shard of a run. */
void cf_run_words_selection(const struct cf_args *args, char *out, size_t size);
/* Fill in the line as it was given, and of it what one case needs to be run as it was. */
void cf_run_words_command(const struct cf_args *args, struct cf_session_options *session);

#endif
