#include "harness/run/hook_command.h"
#include "harness/base/clock.h"
#include "harness/base/json.h"
#include "harness/run/hook_keeper.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void feed(struct cf_hook_keeper *child, const char **input, size_t *left)
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
static bool drain(struct cf_hook_keeper *child, struct cf_buf *out)
{
    char piece[4096];
    ssize_t got = read(child->from, piece, sizeof(piece));
    if (got > 0)
        cf_buf_append(out, piece, (size_t)got);
    return got == 0 || (got < 0 && errno != EINTR);
}

static enum cf_code converse(struct cf_hook_keeper *child, const char *input, size_t left,
                             double deadline_ms, struct cf_buf *out, struct cf_err *err)
{
    for (;;) {
        double wait_ms = deadline_ms - cf_clock_ms();
        if (wait_ms <= 0)
            return cf_err_set(err, CF_ETIMEOUT, "no end within the time limit");
        /* A keeper that is gone says nothing and hangs up. poll() passes over -1. */
        struct pollfd fds[3] = {
            {child->from, POLLIN, 0}, {child->to, POLLOUT, 0}, {child->end, 0, 0}};
        if (poll(fds, 3, (int)wait_ms + 1) < 0 && errno != EINTR)
            return cf_err_errno(err, errno, "cannot wait");
        if (child->to >= 0 && fds[1].revents)
            feed(child, &input, &left);
        if (fds[0].revents && drain(child, out))
            return cf_buf_check(out, err);
        if (fds[2].revents && !fds[0].revents)
            return cf_buf_check(out, err);
        if (out->code != CF_OK)
            return cf_buf_check(out, err);
    }
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
    struct cf_hook_keeper child;
    struct cf_err end = {0};
    double deadline_ms = cf_clock_ms() + timeout_ms;
    enum cf_code code = cf_hook_keeper_start(&child, argv, err);
    if (code != CF_OK)
        return code;
    code = converse(&child, input, input_len, deadline_ms, out, err);
    enum cf_code ended = cf_hook_keeper_end(&child, code == CF_OK ? deadline_ms : 0, &end);
    if (code != CF_OK || ended == CF_OK)
        return code;
    *err = end;
    if (ended == CF_EIO)
        add_complaint(out, err);
    return ended;
}
