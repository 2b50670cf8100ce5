/* What people look at. */
#ifndef CF_CLI_BASE_TERMINAL_H
#define CF_CLI_BASE_TERMINAL_H

#include <stdbool.h>

/* Whether fd is a terminal that knows colours and redrawn lines: not one that TERM calls "dumb". */
bool cf_terminal_draws(int fd);

#endif
