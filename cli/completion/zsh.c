/* zsh: _arguments for each command. */
#include "cli/completion/completion.h"
#include "cli/completion/completion_value.h"

#include <string.h>

/* Inside single quotes, in a specification: what has a meaning there is escaped. */
static void put_text(struct cf_buf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\'')
            cf_buf_puts(out, "'\\''");
        else if (strchr("[]:\\", *text))
            cf_buf_printf(out, "\\%c", *text);
        else
            cf_buf_putc(out, *text);
    }
}

static void put_value(struct cf_buf *out, const struct cf_completion_value *value)
{
    switch (value->kind) {
    case CF_COMPLETION_NOTHING:
        break;
    case CF_COMPLETION_FILES:
        cf_buf_puts(out, "_files");
        break;
    case CF_COMPLETION_FOLDERS:
        cf_buf_puts(out, "_files -/");
        break;
    case CF_COMPLETION_WORDS:
        cf_buf_printf(out, "(%s)", value->text);
        break;
    case CF_COMPLETION_ASKED:
        cf_buf_printf(out, "{compadd -- ${(f)\"$(%s)\"}}", value->text);
        break;
    }
}

static void put_option(struct cf_buf *out, const struct cf_option *option)
{
    cf_buf_printf(out, " \\\n            '%s--%s%s[", option->repeatable ? "*" : "", option->name,
                  option->arg ? "=" : "");
    put_text(out, option->help);
    cf_buf_putc(out, ']');
    if (option->arg) {
        struct cf_completion_value value = cf_completion_value_of(option);
        cf_buf_putc(out, ':');
        put_text(out, option->arg);
        cf_buf_putc(out, ':');
        put_value(out, &value);
    }
    cf_buf_putc(out, '\'');
}

static void put_command(struct cf_buf *out, const struct cf_command *command)
{
    struct cf_completion_value operand = cf_completion_operand_of(command);
    cf_buf_printf(out, "    %s)\n        _arguments '(-h --help)'{-h,--help}'[show its help]'",
                  command->name);
    for (const struct cf_option *o = command->options; o->name; o++)
        put_option(out, o);
    if (operand.kind != CF_COMPLETION_NOTHING) {
        cf_buf_puts(out, " \\\n            '*:");
        put_text(out, command->operands);
        cf_buf_putc(out, ':');
        put_value(out, &operand);
        cf_buf_putc(out, '\'');
    }
    cf_buf_puts(out, " ;;\n");
}

void cf_completion_put_zsh(struct cf_buf *out, const struct cf_command *const *commands)
{
    cf_buf_puts(out, "#compdef cvm-conformance\n"
                     "# made by \"cvm-conformance completion zsh\"\n"
                     "_cvm_conformance() {\n"
                     "    local -a commands=(");
    for (const struct cf_command *const *c = commands; *c; c++) {
        cf_buf_printf(out, "\n        '%s:", (*c)->name);
        put_text(out, (*c)->summary);
        cf_buf_putc(out, '\'');
    }
    cf_buf_puts(out, "\n        'help:tell the options of a command'\n    )\n"
                     "    if ((CURRENT == 2)); then\n"
                     "        _describe command commands\n        return\n    fi\n"
                     "    local command=$words[2]\n    shift words\n    ((CURRENT--))\n"
                     "    case $command in\n"
                     "    help) _describe command commands ;;\n");
    for (const struct cf_command *const *c = commands; *c; c++)
        put_command(out, *c);
    cf_buf_puts(out, "    esac\n}\n"
                     "if [[ $funcstack[1] == _cvm-conformance ]]; then\n"
                     "    _cvm_conformance \"$@\"\nelse\n"
                     "    compdef _cvm_conformance cvm-conformance\nfi\n");
}
