#include "harness/base/ending.h"

#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

const int cf_ending_signals[] = {SIGHUP,  SIGINT,  SIGQUIT,   SIGTERM, SIGALRM, SIGVTALRM,
                                 SIGPROF, SIGUSR1, SIGUSR2,   SIGXCPU, SIGXFSZ, SIGPIPE,
                                 SIGIO,   SIGPWR,  SIGSTKFLT, 0};

void cf_ending_ignore(void)
{
    for (size_t i = 0; cf_ending_signals[i]; i++)
        signal(cf_ending_signals[i], SIG_IGN);
}

void cf_ending_as_usual(void)
{
    sigset_t ours;
    sigemptyset(&ours);
    for (size_t i = 0; cf_ending_signals[i]; i++)
        sigaddset(&ours, cf_ending_signals[i]);
    sigaddset(&ours, SIGCHLD);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &ours, NULL);
}

void cf_ending_without_core(void)
{
    struct rlimit limit;
    /* 1 is too little for a file, and says to a core_pattern that is a pipe, which asks for no
     * other limit, that there is to be none (core(5)): of a hook that has the credential either. */
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max > 0 ? 1 : 0;
        setrlimit(RLIMIT_CORE, &limit);
    }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    /* The sanitizers trace the process, which this would forbid. */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}
