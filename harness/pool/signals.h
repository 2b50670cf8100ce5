/* SIGINT and SIGTERM as something to poll for. */
#ifndef CF_POOL_SIGNALS_H
#define CF_POOL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Handlers as they were before. */
struct cf_signals {
    struct sigaction interrupt, terminate, pipe;
};

/* Catch both from now on, and ignore SIGPIPE. False with errno when there is no pipe left. */
bool cf_signals_begin(struct cf_signals *out_before);
/* Put the handlers back. After an interrupt the program is on its way out; a second one must not
 * keep it from writing down what it found, so both are then ignored. */
void cf_signals_end(const struct cf_signals *before, bool interrupted);
/* Readable when a signal has come; then take them one by one, 0: no more. */
int cf_signals_fd(void);
int cf_signals_next(void);
/* In a child: close what it has of the parent's. */
void cf_signals_close(void);

#endif
