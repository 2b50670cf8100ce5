#include "cli/base/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool cf_terminal_draws(int fd)
{
    const char *kind = getenv("TERM");
    return isatty(fd) && !(kind && strcmp(kind, "dumb") == 0);
}
