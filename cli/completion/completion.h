/*
 * Completions for shells, made from the declarations of the commands: their names, their options
 * and what each option takes. What only the program knows (suites, deviations, variants) is asked
 * of it when somebody presses the key.
 */
#ifndef CF_CLI_COMPLETION_COMPLETION_H
#define CF_CLI_COMPLETION_COMPLETION_H

#include "cli/base/command.h"
#include "harness/base/buf.h"

/* The shells there are, ended by NULL. */
extern const char *const cf_completion_shells[];

/* Append the script of a shell, one of cf_completion_shells, for these commands (ended by NULL). */
void cf_completion_put(struct cf_buf *out, const char *shell,
                       const struct cf_command *const *commands);

/* One shell each. */
void cf_completion_put_bash(struct cf_buf *out, const struct cf_command *const *commands);
void cf_completion_put_zsh(struct cf_buf *out, const struct cf_command *const *commands);
void cf_completion_put_fish(struct cf_buf *out, const struct cf_command *const *commands);

#endif
