#include "harness/pool/processes.h"
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/pool/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FRAME_MAX_BYTES = 300 << 20, ORPHANS_LIMIT_MS = 5000 };

static _Noreturn void child(struct cf_pool_state *pool, int fd, pid_t parent)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    cf_signals_leave();
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].pid > 0)
            close(pool->workers[i].fd);
    }
    if (pool->options->in_child)
        pool->options->in_child(pool->options->context);
    cf_worker_main(&pool->options->worker, fd);
}

bool cf_process_start(struct cf_pool_state *pool, struct cf_worker *worker)
{
    int fds[2];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return false;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        child(pool, fds[1], parent);
    }
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        return false;
    }
    setpgid(pid, pid); /* whoever comes first: it is waited for as a group */
    cf_buf_release(&worker->in);
    free(worker->record);
    *worker = (struct cf_worker){.pid = pid, .fd = fds[0]};
    cf_buf_init(&worker->in, FRAME_MAX_BYTES);
    return true;
}

static void describe_end(int status, char *out, size_t size)
{
    if (WIFSIGNALED(status))
        snprintf(out, size, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(out, size, "exit code %d%s", WEXITSTATUS(status),
                 WEXITSTATUS(status) == CF_MEM_EXIT ? " (out of memory)" : "");
}

/* What the worker had started comes to us (see cf_pool_run()), in the worker's group, and ends by
 * itself. */
static void reap_orphans(pid_t group, double deadline_ms)
{
    pid_t done;
    while ((done = waitpid(-group, NULL, WNOHANG)) > 0 ||
           (done == 0 && cf_clock_ms() < deadline_ms))
        if (done == 0)
            cf_clock_pause(1);
}

bool cf_process_reap(struct cf_worker *worker, double limit_ms, char *out_how, size_t size)
{
    int status = 0;
    double deadline_ms = cf_clock_ms() + limit_ms;
    pid_t done;
    while ((done = waitpid(worker->pid, &status, WNOHANG)) == 0 && cf_clock_ms() < deadline_ms)
        cf_clock_pause(1);
    if (done == 0) {
        kill(worker->pid, SIGKILL);
        while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    describe_end(status, out_how, size);
    reap_orphans(worker->pid, cf_clock_ms() + ORPHANS_LIMIT_MS);
    close(worker->fd);
    worker->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool cf_process_tell(struct cf_worker *worker, const struct cf_order *order)
{
    return cf_fd_write(worker->fd, order, sizeof(*order), NULL) == CF_OK;
}

bool cf_process_order(struct cf_worker *worker, const struct cf_order *order, const char *payload)
{
    worker->order = *order;
    worker->busy = true;
    worker->reported = 0;
    return cf_process_tell(worker, order) &&
           cf_fd_write(worker->fd, payload, order->payload_len, NULL) == CF_OK;
}
