/*
 * The keeper of a hook's command: a process between us and it, that outlives us if need be.
 *
 * Whatever the command starts becomes the keeper's when its parent ends (PR_SET_CHILD_SUBREAPER),
 * in whatever group or session it put itself. When the command ends, and when we do, by SIGKILL or
 * otherwise, the keeper kills all of it, and then ends itself. A keeper that is killed takes the
 * command along, and what that had started comes to us, to be killed: we become a subreaper too.
 */
#ifndef CF_RUN_HOOK_KEEPER_H
#define CF_RUN_HOOK_KEEPER_H

#include "harness/base/child.h"
#include "harness/base/err.h"

#include <sys/types.h>

struct cf_hook_keeper {
    pid_t pid;
    const char *program;       /* argv[0] */
    int to;                    /* the command's standard input, not blocking */
    int from;                  /* its standard output */
    int life;                  /* while this is open the command may run */
    int end;                   /* tells how it ended */
    struct cf_children others; /* of ours, from before */
};

/* Start argv (as cf_hook_command() has it) with a keeper. All of the struct is closed by
 * cf_hook_keeper_end(). Errors: CF_EIO (no pipe, no process, no such program). */
CF_MUST_CHECK enum cf_code cf_hook_keeper_start(struct cf_hook_keeper *out, char *const *argv,
                                                struct cf_err *err);
/* Wait for the command's end until the deadline (of cf_clock_ms()), and kill it then; nothing of it
 * is left afterwards. Errors: CF_ETIMEOUT, CF_EIO (exit code, signal). */
CF_MUST_CHECK enum cf_code cf_hook_keeper_end(struct cf_hook_keeper *keeper, double deadline_ms,
                                              struct cf_err *err);

#endif
