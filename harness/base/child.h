/* Forked processes: the end of one that must not run what its parent has registered with atexit(),
 * and of those that came to us because their own parent is gone. */
#ifndef CF_BASE_CHILD_H
#define CF_BASE_CHILD_H

#include <stddef.h>
#include <sys/types.h>

enum { CF_CHILD_LEAKED = 86, CF_CHILDREN_MAX = 512 };

/* The only way out of a forked child: the checks that exit() would run (leaks where the address
 * sanitizer is built in: exit code CF_CHILD_LEAKED; the counts of a coverage build), then _exit(),
 * because what the parent had buffered when it forked is the parent's to write. */
_Noreturn void cf_child_end(int status);

struct cf_children {
    size_t count;
    pid_t pids[CF_CHILDREN_MAX];
};

/* The children that we have now: none where /proc does not say. Allocates nothing. */
void cf_children_list(struct cf_children *out);
/* Kill all but those, and what comes to us as these end, and wait for it, so long at most. Ours is
 * what a process of ours that is gone had started, where we are its subreaper. */
void cf_children_kill_others(const struct cf_children *those, double limit_ms);

#endif
