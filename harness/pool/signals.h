/* The signals that end a program, as something to poll for. */
#ifndef CF_POOL_SIGNALS_H
#define CF_POOL_SIGNALS_H

#include "harness/base/ending.h"

#include <signal.h>
#include <stdbool.h>

/* Handlers as they were before, in the order of cf_ending_signals. */
struct cf_signals {
    struct sigaction before[CF_ENDING_SIGNALS_MAX];
};

/* Catch them all from now on: SIGHUP unless it was ignored (nohup), SIGPIPE where somebody else
 * sent it; our own, from a pipe that nobody reads any more, is told by write(). False with errno
 * when there is no pipe left. */
bool cf_signals_begin(struct cf_signals *out_before);
/* Put the handlers back. After an interrupt the program is on its way out; a second one must not
 * keep it from writing down what it found, so all are then ignored. */
void cf_signals_end(const struct cf_signals *before, bool interrupted);
/* Readable when a signal has come; then take them one by one, 0: no more. */
int cf_signals_fd(void);
int cf_signals_next(void);
/* In a child: ignore them all, and close what it has of the parent's. */
void cf_signals_leave(void);

#endif
