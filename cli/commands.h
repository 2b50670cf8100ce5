/* Every command, as main() and what is made from the declarations see them. */
#ifndef CF_CLI_COMMANDS_H
#define CF_CLI_COMMANDS_H

#include "cli/base/command.h"

/* One a file: cmd_NAME.c. */
extern const struct cf_command cf_command_run, cf_command_list, cf_command_show, cf_command_check,
    cf_command_init, cf_command_serve, cf_command_restore, cf_command_report, cf_command_compare,
    cf_command_baseline, cf_command_verify, cf_command_selftest, cf_command_explore,
    cf_command_completion;

/* All of them in the order of the manual, ended by NULL. */
extern const struct cf_command *const cf_commands[];

/* Before anything else can end the program: where argv is a run, the reports of an earlier one go
 * from the folder that this one will write to. Takes no memory and little stack. */
void cf_run_retire_reports(int argc, char *const *argv);
/* The command of that name, NULL without one. */
const struct cf_command *cf_command_find(const char *name);
/* The name most like it, NULL when none is. */
const char *cf_command_nearest(const char *name);

#endif
