#include "cli/completion/completion_value.h"

#include <string.h>

#define FIRST_WORDS(line) "cvm-conformance " line " 2>/dev/null | cut -d\" \" -f1"

static const struct {
    const char *option;
    struct cf_completion_value value;
} known[] = {
    {"level", {CF_COMPLETION_WORDS, "must should observe"}},
    {"fail-on", {CF_COMPLETION_WORDS, "must should"}},
    {"color", {CF_COMPLETION_WORDS, "auto always never"}},
    {"keep-bodies", {CF_COMPLETION_WORDS, "failed all"}},
    {"annotate", {CF_COMPLETION_WORDS, "github none"}},
    {"report", {CF_COMPLETION_WORDS, "html junit json markdown tap har"}},
    {"service", {CF_COMPLETION_WORDS, "phala-cloud"}},
    {"format", {CF_COMPLETION_WORDS, "text json markdown"}},
    {"suite", {CF_COMPLETION_ASKED, FIRST_WORDS("list --suites")}},
    {"deviation", {CF_COMPLETION_ASKED, FIRST_WORDS("serve --list-deviations")}},
    {"variant", {CF_COMPLETION_ASKED, FIRST_WORDS("serve --list-variants")}},
};

struct cf_completion_value cf_completion_value_of(const struct cf_option *option)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(known[i].option, option->name) == 0)
            return known[i].value;
    }
    if (strncmp(option->arg, "FILE", 4) == 0 && option->arg[4] != '=')
        return (struct cf_completion_value){CF_COMPLETION_FILES, NULL};
    if (strcmp(option->arg, "KEY") == 0)
        return (struct cf_completion_value){CF_COMPLETION_FILES, NULL};
    if (strcmp(option->arg, "DIR") == 0)
        return (struct cf_completion_value){CF_COMPLETION_FOLDERS, NULL};
    return (struct cf_completion_value){CF_COMPLETION_NOTHING, NULL};
}

struct cf_completion_value cf_completion_operand_of(const struct cf_command *command)
{
    if (command->operands_max == 0)
        return (struct cf_completion_value){CF_COMPLETION_NOTHING, NULL};
    if (strcmp(command->name, "show") == 0)
        return (struct cf_completion_value){CF_COMPLETION_ASKED,
                                            "cvm-conformance list --requirements 2>/dev/null | "
                                            "awk \"{print \\$2}\" | grep -F ."};
    if (strcmp(command->operands, "SHELL") == 0)
        return (struct cf_completion_value){CF_COMPLETION_WORDS, "bash zsh fish"};
    return (struct cf_completion_value){CF_COMPLETION_FILES, NULL};
}
