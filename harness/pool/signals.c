#include "harness/pool/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A byte a signal; of the process, as its handlers are. */
static int signal_pipe[2] = {-1, -1};

static void on_signal(int number)
{
    char byte = (char)number;
    int saved = errno;
    ssize_t ignored = write(signal_pipe[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

bool cf_signals_begin(struct cf_signals *out_before)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    if (pipe(signal_pipe) != 0)
        return false;
    for (size_t i = 0; i < 2; i++) {
        fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
    }
    sigaction(SIGINT, &action, &out_before->interrupt);
    sigaction(SIGTERM, &action, &out_before->terminate);
    sigaction(SIGPIPE, &ignore, &out_before->pipe);
    return true;
}

void cf_signals_end(const struct cf_signals *before, bool interrupted)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGINT, interrupted ? &ignore : &before->interrupt, NULL);
    sigaction(SIGTERM, interrupted ? &ignore : &before->terminate, NULL);
    sigaction(SIGPIPE, &before->pipe, NULL);
    cf_signals_close();
    signal_pipe[0] = signal_pipe[1] = -1;
}

int cf_signals_fd(void)
{
    return signal_pipe[0];
}

int cf_signals_next(void)
{
    char byte;
    return read(signal_pipe[0], &byte, 1) == 1 ? byte : 0;
}

void cf_signals_close(void)
{
    close(signal_pipe[0]);
    close(signal_pipe[1]);
}
