/* The end of a forked process that must not run what its parent has registered with atexit(). */
#ifndef CF_BASE_CHILD_H
#define CF_BASE_CHILD_H

enum { CF_CHILD_LEAKED = 86 };

/* The only way out of a forked child: the checks that exit() would run (leaks where the address
 * sanitizer is built in: exit code CF_CHILD_LEAKED; the counts of a coverage build), then _exit(),
 * because what the parent had buffered when it forked is the parent's to write. */
_Noreturn void cf_child_end(int status);

#endif
