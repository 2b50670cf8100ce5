#define _GNU_SOURCE /* posix_spawn_file_actions_addclosefrom_np() */
#include "harness/run/hook_command.h"
#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct child {
    pid_t pid;
    int to;   /* its standard input, -1 when closed */
    int from; /* its standard output */
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static enum cf_code spawn(struct child *child, char *const *argv, int in[2], int out[2],
                          struct cf_err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t reset;
    sigemptyset(&none);
    sigemptyset(&reset);
    sigaddset(&reset, SIGPIPE);
    sigaddset(&reset, SIGTERM);
    sigaddset(&reset, SIGINT);
    /* Setting these up fails for want of memory only. */
    if (posix_spawn_file_actions_init(&actions) != 0 || posix_spawnattr_init(&attributes) != 0)
        cf_mem_exhausted();
    int rc = posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    rc = rc ? rc : posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    rc = rc ? rc : posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    /* libcurl's own descriptors among them */
    rc = rc ? rc : posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    rc = rc ? rc : posix_spawnattr_setpgroup(&attributes, 0);
    rc = rc ? rc : posix_spawnattr_setsigmask(&attributes, &none);
    rc = rc ? rc : posix_spawnattr_setsigdefault(&attributes, &reset);
    rc = rc ? rc
            : posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                        POSIX_SPAWN_SETSIGDEF);
    rc = rc ? rc : posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc ? cf_err_errno(err, rc, "cannot start %s", argv[0]) : CF_OK;
}

/* A pipe whose ends no other child inherits. */
static int make_pipe(int fds[2])
{
    if (pipe(fds) != 0)
        return -1;
    fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    return 0;
}

static enum cf_code start(struct child *child, char *const *argv, struct cf_err *err)
{
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    enum cf_code code = make_pipe(in) != 0 || make_pipe(out) != 0
                            ? cf_err_errno(err, errno, "cannot make a pipe")
                            : spawn(child, argv, in, out, err);
    close_fd(&in[0]);
    close_fd(&out[1]);
    child->to = in[1];
    child->from = out[0];
    if (code != CF_OK) {
        close_fd(&child->to);
        close_fd(&child->from);
    } else {
        fcntl(child->to, F_SETFL, O_NONBLOCK);
    }
    return code;
}

static void feed(struct child *child, const char **input, size_t *left)
{
    ssize_t put = *left ? write(child->to, *input, *left) : 0;
    if (put > 0) {
        *input += put;
        *left -= (size_t)put;
    }
    /* A command that does not read its input (EPIPE) is free not to. */
    if (*left == 0 || (put < 0 && errno != EAGAIN && errno != EINTR))
        close_fd(&child->to);
}

/* True at the end of the output. */
static bool drain(struct child *child, struct cf_buf *out)
{
    char piece[4096];
    ssize_t got = read(child->from, piece, sizeof(piece));
    if (got > 0)
        cf_buf_append(out, piece, (size_t)got);
    return got == 0 || (got < 0 && errno != EINTR);
}

static enum cf_code converse(struct child *child, const char *input, size_t left,
                             double deadline_ms, struct cf_buf *out, struct cf_err *err)
{
    for (;;) {
        double wait_ms = deadline_ms - cf_clock_ms();
        if (wait_ms <= 0)
            return cf_err_set(err, CF_ETIMEOUT, "no end within the time limit");
        struct pollfd fds[2] = {{child->from, POLLIN, 0}, {child->to, POLLOUT, 0}};
        if (poll(fds, child->to >= 0 ? 2 : 1, (int)wait_ms + 1) < 0 && errno != EINTR)
            return cf_err_errno(err, errno, "cannot wait");
        if (child->to >= 0 && fds[1].revents)
            feed(child, &input, &left);
        if (fds[0].revents && drain(child, out))
            return cf_buf_check(out, err);
        if (out->code != CF_OK)
            return cf_buf_check(out, err);
    }
}

/* Wait for the child's end; past the deadline it is killed. */
static enum cf_code reap(struct child *child, enum cf_code code, double deadline_ms,
                         struct cf_err *err)
{
    int status = 0;
    pid_t done = 0;
    while (code == CF_OK && (done = waitpid(child->pid, &status, WNOHANG)) == 0) {
        if (cf_clock_ms() > deadline_ms)
            code = cf_err_set(err, CF_ETIMEOUT, "no end within the time limit");
        else
            cf_clock_pause(1); /* its output has ended, so it is about to */
    }
    kill(-child->pid, SIGKILL);
    while (done == 0 && (done = waitpid(child->pid, &status, 0)) < 0 && errno == EINTR)
        done = 0;
    if (code == CF_OK && WIFSIGNALED(status))
        return cf_err_set(err, CF_EIO, "ended by signal %d", WTERMSIG(status));
    if (code == CF_OK && WEXITSTATUS(status) != 0)
        return cf_err_set(err, CF_EIO, "exit code %d", WEXITSTATUS(status));
    return code;
}

/* What the command itself says of its failure, before the exit code in err. */
static void add_complaint(const struct cf_buf *out, struct cf_err *err)
{
    struct cf_json_doc doc;
    struct cf_err unread;
    if (cf_json_parse(&doc, "", cf_buf_text(out), out->len, 0, &unread) != CF_OK)
        return;
    const char *text = cf_json_text(doc.root, "error", "");
    if (text[0] != '\0')
        cf_err_prefix(err, "%.*s", (int)strcspn(text, "\r\n"), text);
    cf_json_release(&doc);
}

enum cf_code cf_hook_command(char *const *argv, const char *input, size_t input_len,
                             double timeout_ms, struct cf_buf *out, struct cf_err *err)
{
    struct child child = {.to = -1, .from = -1};
    double deadline_ms = cf_clock_ms() + timeout_ms;
    enum cf_code code = start(&child, argv, err);
    if (code != CF_OK)
        return code;
    code = converse(&child, input, input_len, deadline_ms, out, err);
    close_fd(&child.to);
    close_fd(&child.from);
    bool told = code == CF_OK;
    code = reap(&child, code, deadline_ms, err);
    if (told && code == CF_EIO)
        add_complaint(out, err);
    return code;
}
