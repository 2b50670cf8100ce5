/* What the machine has to allow a process before it is worth beginning. */
#ifndef CF_CLI_BASE_LIMITS_H
#define CF_CLI_BASE_LIMITS_H

#include <stdbool.h>

/* Deep in TLS or XML a small stack ends in a crash that says nothing: have enough from the start.
 * False where there is no more, which is told on standard error with what little there is. */
bool cf_limits_stack(void);
/* Have as many open files as we may. */
void cf_limits_take_files(void);
/* Whether they are enough for what races over many connections, and for a server that has them all.
 * Without, each lack would be told as one of the network. False is told on standard error. */
bool cf_limits_files(void);

#endif
