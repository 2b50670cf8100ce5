#include "cli/base/limits.h"
#include "cli/base/command.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FILES_NEEDED = 256, FILES_USUAL = 1024 };

bool cf_limits_stack(void)
{
    enum { NEEDED_BYTES = 512 << 10, USUAL_BYTES = 8 << 20 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= NEEDED_BYTES)
        return true;
    limit.rlim_cur = limit.rlim_max < USUAL_BYTES ? limit.rlim_max : USUAL_BYTES;
    if (limit.rlim_cur >= NEEDED_BYTES && setrlimit(RLIMIT_STACK, &limit) == 0)
        return true;
    char text[120]; /* what stderr would take from the stack may be more than there is */
    int len = snprintf(text, sizeof(text),
                       "cvm-conformance: the stack is limited to %llu KiB (ulimit -s); %d are "
                       "needed\n",
                       (unsigned long long)limit.rlim_cur >> 10, NEEDED_BYTES >> 10);
    (void)!write(STDERR_FILENO, text, (size_t)len);
    return false;
}

void cf_limits_take_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FILES_USUAL)
        return;
    limit.rlim_cur = limit.rlim_max < FILES_USUAL ? limit.rlim_max : FILES_USUAL;
    setrlimit(RLIMIT_NOFILE, &limit);
}

bool cf_limits_files(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= FILES_NEEDED ||
           cf_refuse("open files are limited to %llu (ulimit -n); %d are needed",
                     (unsigned long long)limit.rlim_cur, FILES_NEEDED);
}
