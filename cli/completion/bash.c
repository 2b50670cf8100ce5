/* bash: one function that looks at the word before, then at the command. */
#include "cli/completion/completion.h"
#include "cli/completion/completion_value.h"

#include <string.h>

static const char *const head =
    "# bash completion of cvm-conformance; made by \"cvm-conformance completion bash\"\n"
    "_cvm_conformance_words() { mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\"); }\n"
    "_cvm_conformance_paths() {\n"
    "    mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$cur\")\n"
    "    compopt -o filenames 2>/dev/null\n"
    "}\n"
    "_cvm_conformance() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    COMPREPLY=()\n"
    "    # --option=value comes as three words.\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $before == = ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

static void put_value(struct cf_buf *out, const struct cf_completion_value *value)
{
    switch (value->kind) {
    case CF_COMPLETION_NOTHING:
        break;
    case CF_COMPLETION_FILES:
        cf_buf_puts(out, "_cvm_conformance_paths -f; ");
        break;
    case CF_COMPLETION_FOLDERS:
        cf_buf_puts(out, "_cvm_conformance_paths -d; ");
        break;
    case CF_COMPLETION_WORDS:
        cf_buf_printf(out, "_cvm_conformance_words '%s'; ", value->text);
        break;
    case CF_COMPLETION_ASKED:
        cf_buf_printf(out, "_cvm_conformance_words \"$(%s)\"; ", value->text);
        break;
    }
}

static void put_commands(struct cf_buf *out, const struct cf_command *const *commands)
{
    for (; *commands; commands++)
        cf_buf_printf(out, "%s ", (*commands)->name);
}

/* What an option takes is asked for by its command and its name: "out" is a file of one and a
 * folder of another. */
static void put_command(struct cf_buf *out, const struct cf_command *command)
{
    struct cf_completion_value operand = cf_completion_operand_of(command);
    cf_buf_printf(out, "    %s)\n        case $before in\n", command->name);
    for (const struct cf_option *o = command->options; o->name; o++) {
        if (!o->arg)
            continue;
        struct cf_completion_value value = cf_completion_value_of(o);
        cf_buf_printf(out, "        --%s) ", o->name);
        put_value(out, &value);
        cf_buf_puts(out, "return ;;\n");
    }
    cf_buf_puts(out, "        esac\n        if [[ $cur == -* ]]; then\n"
                     "            _cvm_conformance_words '");
    for (const struct cf_option *o = command->options; o->name; o++)
        cf_buf_printf(out, "--%s ", o->name);
    cf_buf_puts(out, "--help'\n        else\n            ");
    put_value(out, &operand);
    cf_buf_puts(out, ":\n        fi ;;\n");
}

void cf_completion_put_bash(struct cf_buf *out, const struct cf_command *const *commands)
{
    cf_buf_puts(out, head);
    cf_buf_puts(out, "    if ((COMP_CWORD == 1)); then\n        _cvm_conformance_words '");
    put_commands(out, commands);
    cf_buf_puts(out, "help --help --version'\n        return\n    fi\n"
                     "    case ${COMP_WORDS[1]} in\n    help) _cvm_conformance_words '");
    put_commands(out, commands);
    cf_buf_puts(out, "' ;;\n");
    for (const struct cf_command *const *c = commands; *c; c++)
        put_command(out, *c);
    cf_buf_puts(out, "    esac\n}\ncomplete -F _cvm_conformance cvm-conformance\n");
}
