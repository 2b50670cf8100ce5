/* What options and operands take, as shells can be told. */
#ifndef CF_CLI_COMPLETION_COMPLETION_VALUE_H
#define CF_CLI_COMPLETION_COMPLETION_VALUE_H

#include "cli/base/command.h"

enum cf_completion_kind {
    CF_COMPLETION_NOTHING, /* a text of the user's */
    CF_COMPLETION_FILES,
    CF_COMPLETION_FOLDERS,
    CF_COMPLETION_WORDS, /* text is the words, a space between each two */
    CF_COMPLETION_ASKED  /* text is a command line that prints one a line */
};

/* What an option takes. */
struct cf_completion_value {
    enum cf_completion_kind kind;
    const char *text;
};

struct cf_completion_value cf_completion_value_of(const struct cf_option *option);
/* What a command's operands are: files, cases, words or nothing. */
struct cf_completion_value cf_completion_operand_of(const struct cf_command *command);

#endif
