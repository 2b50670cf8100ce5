/* cvm-conformance completion */
#include "cli/commands.h"
#include "cli/completion/completion.h"
#include "harness/base/name.h"

static const struct cf_option options[] = {{0}};

static int run(const struct cf_args *args)
{
    struct cf_buf out = {0};
    const char *shell = args->operands[0];
    if (!cf_name_known(cf_completion_shells, shell))
        return cf_complain("\"%s\" is not bash, zsh or fish", shell);
    cf_completion_put(&out, shell, args->commands);
    fputs(cf_buf_text(&out), stdout);
    cf_buf_release(&out);
    return CF_EXIT_OK;
}

static const struct cf_example examples[] = {
    {"completion bash >~/.local/share/bash-completion/completions/cvm-conformance",
     "complete commands and options in new shells"},
    {0}};

const struct cf_command cf_command_completion = {
    .name = "completion",
    .summary = "print completions for a shell",
    .sentence = "Print what completes commands, options and their values in bash, zsh or fish.",
    .about = "Where the program was installed by a package, the shells have it already.",
    .operands = "SHELL",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .examples = examples,
    .run = run};
