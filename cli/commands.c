#include "cli/commands.h"
#include "harness/base/name.h"

#include <string.h>

enum { COMMANDS_MAX = 32 };

const struct cf_command *const cf_commands[] = {
    &cf_command_run,      &cf_command_explore,    &cf_command_restore,
    &cf_command_list,     &cf_command_show,       &cf_command_check,
    &cf_command_init,     &cf_command_serve,      &cf_command_report,
    &cf_command_compare,  &cf_command_baseline,   &cf_command_verify,
    &cf_command_selftest, &cf_command_completion, NULL};
_Static_assert(sizeof(cf_commands) / sizeof(cf_commands[0]) <= COMMANDS_MAX, "each can be named");

const struct cf_command *cf_command_find(const char *name)
{
    for (const struct cf_command *const *c = cf_commands; *c; c++) {
        if (strcmp(name, (*c)->name) == 0)
            return *c;
    }
    return NULL;
}

const char *cf_command_nearest(const char *name)
{
    const char *names[COMMANDS_MAX] = {NULL};
    for (size_t i = 0; cf_commands[i]; i++)
        names[i] = cf_commands[i]->name;
    return cf_name_nearest(names, name);
}
