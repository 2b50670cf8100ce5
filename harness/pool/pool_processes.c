/* The pool's processes: signals as bytes in a pipe, workers as children at the end of a socket. */
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/pool/pool_state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FRAME_MAX_BYTES = 300 << 20 };

/* ---- signals: a byte in a pipe ---- */

static int signal_pipe[2] = {-1, -1};

static void on_signal(int number)
{
    char byte = (char)number;
    int saved = errno;
    ssize_t ignored = write(signal_pipe[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

bool cf_pool_signals_begin(struct sigaction old[3])
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&action.sa_mask);
    if (pipe(signal_pipe) != 0)
        return false;
    for (size_t i = 0; i < 2; i++) {
        (void)fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
    }
    (void)sigaction(SIGINT, &action, &old[0]);
    (void)sigaction(SIGTERM, &action, &old[1]);
    (void)sigaction(SIGPIPE, &ignore, &old[2]);
    return true;
}

void cf_pool_signals_end(const struct sigaction old[3], bool interrupted)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGINT, interrupted ? &ignore : &old[0], NULL);
    (void)sigaction(SIGTERM, interrupted ? &ignore : &old[1], NULL);
    (void)sigaction(SIGPIPE, &old[2], NULL);
    (void)close(signal_pipe[0]);
    (void)close(signal_pipe[1]);
    signal_pipe[0] = signal_pipe[1] = -1;
}

int cf_pool_signal_fd(void)
{
    return signal_pipe[0];
}

int cf_pool_next_signal(void)
{
    char byte;
    return read(signal_pipe[0], &byte, 1) == 1 ? byte : 0;
}

/* ---- workers ---- */

static _Noreturn void child(struct cf_pool_run *pool, int fd, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    (void)signal(SIGTERM, SIG_DFL);
    (void)close(signal_pipe[0]);
    (void)close(signal_pipe[1]);
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].pid > 0)
            (void)close(pool->workers[i].fd);
    }
    if (pool->options->in_child)
        pool->options->in_child(pool->options->context);
    cf_worker_main(&pool->options->worker, fd);
}

bool cf_pool_start_worker(struct cf_pool_run *pool, struct cf_worker *worker)
{
    int fds[2];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
        return false;
    (void)fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(fds[0]);
        child(pool, fds[1], parent);
    }
    (void)close(fds[1]);
    if (pid < 0) {
        (void)close(fds[0]);
        return false;
    }
    cf_buf_release(&worker->in);
    *worker = (struct cf_worker){.pid = pid, .fd = fds[0]};
    cf_buf_init(&worker->in, FRAME_MAX_BYTES);
    return true;
}

static void describe_end(int status, char *out, size_t size)
{
    if (WIFSIGNALED(status))
        (void)snprintf(out, size, "signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        (void)snprintf(out, size, "exit code %d", WEXITSTATUS(status));
}

bool cf_worker_reap(struct cf_worker *worker, double limit_ms, char *out_how, size_t size)
{
    int status = 0;
    double deadline_ms = cf_clock_ms() + limit_ms;
    pid_t done;
    while ((done = waitpid(worker->pid, &status, WNOHANG)) == 0 && cf_clock_ms() < deadline_ms)
        cf_clock_pause(1);
    if (done == 0) {
        (void)kill(worker->pid, SIGKILL);
        while (waitpid(worker->pid, &status, 0) < 0 && errno == EINTR) {
        }
    }
    describe_end(status, out_how, size);
    (void)close(worker->fd);
    worker->pid = 0;
    worker->busy = false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool cf_worker_order(struct cf_worker *worker, const struct cf_order *order, const char *payload)
{
    worker->order = *order;
    worker->busy = true;
    worker->reported = 0;
    return cf_fd_write(worker->fd, order, sizeof(*order), NULL) == CF_OK &&
           cf_fd_write(worker->fd, payload, order->payload_len, NULL) == CF_OK;
}
