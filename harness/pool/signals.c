#include "harness/pool/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A byte a signal; of the process, as its handlers are. */
static int signal_pipe[2] = {-1, -1};

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)context;
    /* What the kernel says of a write of ours, and the write says itself. */
    if ((number == SIGPIPE || number == SIGXFSZ) && info->si_pid == getpid())
        return;
    char byte = (char)number;
    int saved = errno;
    ssize_t ignored = write(signal_pipe[1], &byte, 1);
    (void)ignored;
    errno = saved;
}

bool cf_signals_begin(struct cf_signals *out_before)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    if (pipe(signal_pipe) != 0)
        return false;
    for (size_t i = 0; i < 2; i++) {
        fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC);
        fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK);
    }
    for (size_t i = 0; cf_ending_signals[i]; i++) {
        struct sigaction *before = &out_before->before[i];
        sigaction(cf_ending_signals[i], &action, before);
        if (cf_ending_signals[i] == SIGHUP && before->sa_handler == SIG_IGN)
            sigaction(SIGHUP, before, NULL);
    }
    return true;
}

void cf_signals_end(const struct cf_signals *before, bool interrupted)
{
    if (interrupted)
        cf_ending_ignore();
    for (size_t i = 0; !interrupted && cf_ending_signals[i]; i++)
        sigaction(cf_ending_signals[i], &before->before[i], NULL);
    close(signal_pipe[0]);
    close(signal_pipe[1]);
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

void cf_signals_leave(void)
{
    cf_ending_ignore();
    close(signal_pipe[0]);
    close(signal_pipe[1]);
}
