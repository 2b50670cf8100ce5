#define _GNU_SOURCE /* close_range(), pipe2() */
#include "harness/run/hook_keeper.h"
#include "harness/base/child.h"
#include "harness/base/clock.h"
#include "harness/base/ending.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KILL_LIMIT_MS = 2000, END_LIMIT_MS = 5000 };

/* The keeper's own descriptors; 0 and 1 are the command's. */
enum { LIFE = 3, END = 4, REST = 5, SPARE = 64 };

/* What the keeper tells: the errno of a program that cannot be run, or 0 and a wait status. */
struct end {
    int errnum, status;
};

/* ---- in the command's process ---- */

static _Noreturn void become(char *const *argv, int failed_fd)
{
    sigset_t none;
    sigemptyset(&none);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it may kill the keeper */
    for (size_t i = 0; cf_ending_signals[i]; i++)
        signal(cf_ending_signals[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, &none, NULL);
    close_range(LIFE, ~0U, CLOSE_RANGE_CLOEXEC);
    execvp(argv[0], argv);
    int errnum = errno;
    ssize_t ignored = write(failed_fd, &errnum, sizeof(errnum));
    (void)ignored;
    _exit(127);
}

/* ---- in the keeper: no memory is allocated here, for it is a fork of who knows what ---- */

static void kill_all(pid_t command)
{
    static const struct cf_children none;
    double deadline_ms = cf_clock_ms() + KILL_LIMIT_MS;
    pid_t done;
    kill(-command, SIGKILL);
    cf_children_kill_others(&none, KILL_LIMIT_MS);
    /* Where /proc does not say who is left: at least these. */
    while ((done = waitpid(-command, NULL, WNOHANG)) > 0 ||
           (done == 0 && cf_clock_ms() < deadline_ms))
        if (done == 0)
            cf_clock_pause(1);
}

/* Until the command has ended (true, with its status) or nobody wants it any more. */
static bool watch(pid_t command, int child_fd, int *out_status)
{
    struct pollfd fds[2] = {{LIFE, POLLIN, 0}, {child_fd, POLLIN, 0}};
    for (;;) {
        struct signalfd_siginfo drained;
        pid_t done;
        int status;
        while ((done = waitpid(-1, &status, WNOHANG)) > 0) {
            if (done != command)
                continue;
            *out_status = status;
            return true;
        }
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents && read(child_fd, &drained, sizeof(drained)) < 0 && errno != EINTR)
            return false;
        if (fds[0].revents)
            return false;
    }
}

static struct end run(char *const *argv, int child_fd)
{
    int failed[2];
    struct end end = {0, 0};
    pid_t command = pipe2(failed, O_CLOEXEC) == 0 ? fork() : -1;
    if (command == 0)
        become(argv, failed[1]);
    if (command < 0)
        return (struct end){errno, 0};
    close(0);
    close(1);
    close(failed[1]);
    if (read(failed[0], &end.errnum, sizeof(end.errnum)) != (ssize_t)sizeof(end.errnum)) {
        end.errnum = 0;
        if (!watch(command, child_fd, &end.status))
            end.status = SIGKILL;
    }
    kill_all(command);
    return end;
}

/* Have nothing of the parent's but what is meant for us. */
static void settle_in(const int fds[4])
{
    static const int places[4] = {0, 1, LIFE, END};
    int spare[4];
    for (size_t i = 0; i < 4; i++)
        spare[i] = fcntl(fds[i], F_DUPFD, SPARE);
    for (size_t i = 0; i < 4; i++)
        dup2(spare[i], places[i]);
    int null = open("/dev/null", O_WRONLY);
    dup2(null, 2);
    close_range(REST, ~0U, 0);
}

static _Noreturn void keep(char *const *argv, const int fds[4])
{
    sigset_t child;
    prctl(PR_SET_PDEATHSIG, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    cf_ending_ignore();
    settle_in(fds);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL);
    struct end end = run(argv, signalfd(-1, &child, SFD_CLOEXEC));
    ssize_t ignored = write(END, &end, sizeof(end)); /* we may be gone */
    (void)ignored;
    _exit(0);
}

/* ---- on our side ---- */

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_pipe(int fds[2])
{
    close_fd(&fds[0]);
    close_fd(&fds[1]);
}

static enum cf_code fork_keeper(struct cf_hook_keeper *out, char *const *argv, int pipes[4][2],
                                struct cf_err *err)
{
    for (size_t i = 0; i < 4; i++) {
        if (pipe2(pipes[i], O_CLOEXEC) != 0)
            return cf_err_errno(err, errno, "cannot make a pipe");
    }
    const int ends[4] = {pipes[0][0], pipes[1][1], pipes[2][0], pipes[3][1]};
    out->pid = fork();
    if (out->pid == 0)
        keep(argv, ends);
    return out->pid < 0 ? cf_err_errno(err, errno, "cannot start %s", argv[0]) : CF_OK;
}

enum cf_code cf_hook_keeper_start(struct cf_hook_keeper *out, char *const *argv, struct cf_err *err)
{
    /* standard input, standard output, life, end */
    int pipes[4][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    *out = (struct cf_hook_keeper){.program = argv[0], .to = -1, .from = -1, .life = -1, .end = -1};
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    cf_children_list(&out->others);
    enum cf_code code = fork_keeper(out, argv, pipes, err);
    if (code != CF_OK) {
        for (size_t i = 0; i < 4; i++)
            close_pipe(pipes[i]);
        return code;
    }
    close_fd(&pipes[0][0]);
    close_fd(&pipes[1][1]);
    close_fd(&pipes[2][0]);
    close_fd(&pipes[3][1]);
    out->to = pipes[0][1];
    out->from = pipes[1][0];
    out->life = pipes[2][1];
    out->end = pipes[3][0];
    fcntl(out->to, F_SETFL, O_NONBLOCK);
    return CF_OK;
}

enum heard { HEARD, SILENT, GONE };

static enum heard hear(int fd, double deadline_ms, struct end *out)
{
    struct pollfd told = {fd, POLLIN, 0};
    for (;;) {
        double wait_ms = deadline_ms - cf_clock_ms();
        int ready = poll(&told, 1, wait_ms > 0 ? (int)wait_ms + 1 : 0);
        if (ready > 0)
            return read(fd, out, sizeof(*out)) == (ssize_t)sizeof(*out) ? HEARD : GONE;
        if (ready == 0 && wait_ms <= 0)
            return SILENT;
    }
}

static enum cf_code tell(const struct end *end, const char *argv0, struct cf_err *err)
{
    if (end->errnum != 0)
        return cf_err_errno(err, end->errnum, "cannot start %s", argv0);
    if (WIFSIGNALED(end->status))
        return cf_err_set(err, CF_EIO, "ended by signal %d", WTERMSIG(end->status));
    if (WEXITSTATUS(end->status) != 0)
        return cf_err_set(err, CF_EIO, "exit code %d", WEXITSTATUS(end->status));
    return CF_OK;
}

enum cf_code cf_hook_keeper_end(struct cf_hook_keeper *keeper, double deadline_ms,
                                struct cf_err *err)
{
    struct end end = {0, 0};
    close_fd(&keeper->to);
    close_fd(&keeper->from);
    enum heard heard = hear(keeper->end, deadline_ms, &end);
    enum heard later = heard;
    close_fd(&keeper->life);
    if (heard == SILENT) {
        kill(keeper->pid, SIGCONT); /* a command can stop its parent */
        later = hear(keeper->end, cf_clock_ms() + END_LIMIT_MS, &end);
    }
    if (later == SILENT)
        kill(keeper->pid, SIGKILL);
    close_fd(&keeper->end);
    while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    if (later != HEARD) /* what it kept has come to us */
        cf_children_kill_others(&keeper->others, KILL_LIMIT_MS);
    if (heard == HEARD)
        return tell(&end, keeper->program, err);
    return heard == GONE ? cf_err_set(err, CF_EIO, "the process that looked after it was killed")
                         : cf_err_set(err, CF_ETIMEOUT, "no end within the time limit");
}
