/* fish: a line for each thing that can follow. */
#include "cli/completion/completion.h"
#include "cli/completion/completion_value.h"

#include <string.h>

static void put_quoted(struct cf_buf *out, const char *text)
{
    cf_buf_putc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\')
            cf_buf_putc(out, '\\');
        cf_buf_putc(out, *text);
    }
    cf_buf_putc(out, '\'');
}

static void put_value(struct cf_buf *out, const struct cf_completion_value *value)
{
    switch (value->kind) {
    case CF_COMPLETION_NOTHING:
        break;
    case CF_COMPLETION_FILES:
        cf_buf_puts(out, " -F");
        break;
    case CF_COMPLETION_FOLDERS:
        cf_buf_puts(out, " -a '(__fish_complete_directories)'");
        break;
    case CF_COMPLETION_WORDS:
        cf_buf_puts(out, " -a ");
        put_quoted(out, value->text);
        break;
    case CF_COMPLETION_ASKED:
        cf_buf_puts(out, " -a '(");
        cf_buf_puts(out, value->text);
        cf_buf_puts(out, ")'");
        break;
    }
}

static void put_start(struct cf_buf *out, const char *command)
{
    cf_buf_printf(out, "complete -c cvm-conformance -n '__fish_seen_subcommand_from %s'", command);
}

static void put_command(struct cf_buf *out, const struct cf_command *command)
{
    struct cf_completion_value operand = cf_completion_operand_of(command);
    for (const struct cf_option *o = command->options; o->name; o++) {
        put_start(out, command->name);
        cf_buf_printf(out, " -l %s -d ", o->name);
        put_quoted(out, o->help);
        if (o->arg) {
            struct cf_completion_value value = cf_completion_value_of(o);
            cf_buf_puts(out, " -r");
            put_value(out, &value);
        }
        cf_buf_putc(out, '\n');
    }
    put_start(out, command->name);
    cf_buf_puts(out, " -s h -l help -d 'show its help'\n");
    if (operand.kind == CF_COMPLETION_NOTHING)
        return;
    put_start(out, command->name);
    put_value(out, &operand);
    cf_buf_putc(out, '\n');
}

void cf_completion_put_fish(struct cf_buf *out, const struct cf_command *const *commands)
{
    cf_buf_puts(out, "# made by \"cvm-conformance completion fish\"\n"
                     "complete -c cvm-conformance -f\n");
    for (const struct cf_command *const *c = commands; *c; c++) {
        cf_buf_printf(out, "complete -c cvm-conformance -n __fish_use_subcommand -a %s -d ",
                      (*c)->name);
        put_quoted(out, (*c)->summary);
        cf_buf_putc(out, '\n');
    }
    for (const struct cf_command *const *c = commands; *c; c++)
        put_command(out, *c);
}
