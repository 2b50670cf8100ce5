#include "harness/base/child.h"
#include "harness/base/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif
#ifdef CF_COVERAGE
void __gcov_dump(void);
#endif

void cf_child_end(int status)
{
#if defined(__SANITIZE_ADDRESS__)
    if (__lsan_do_recoverable_leak_check() != 0)
        status = CF_CHILD_LEAKED;
#endif
#ifdef CF_COVERAGE
    __gcov_dump();
#endif
    _exit(status);
}

void cf_children_list(struct cf_children *out)
{
    char text[4096];
    int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = '\0';
    char *end = text;
    out->count = 0;
    for (long pid; out->count < CF_CHILDREN_MAX && (pid = strtol(end, &end, 10)) > 1;)
        out->pids[out->count++] = (pid_t)pid;
}

static bool has(const struct cf_children *list, pid_t pid)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->pids[i] == pid)
            return true;
    }
    return false;
}

void cf_children_kill_others(const struct cf_children *those, double limit_ms)
{
    struct cf_children now;
    double deadline_ms = cf_clock_ms() + limit_ms;
    bool any = true;
    while (any && cf_clock_ms() < deadline_ms) {
        any = false;
        cf_children_list(&now);
        for (size_t i = 0; i < now.count; i++) {
            if (has(those, now.pids[i]))
                continue;
            any = true;
            kill(now.pids[i], SIGKILL);
            waitpid(now.pids[i], NULL, WNOHANG);
        }
        if (any)
            cf_clock_pause(1);
    }
}
