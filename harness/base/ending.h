/* The signals that end a program which does nothing about them, and that may come from outside:
 * from a terminal, a timer, a limit, kill(1). Not those of a crash, and not SIGKILL. */
#ifndef CF_BASE_ENDING_H
#define CF_BASE_ENDING_H

/* Ends with 0. */
extern const int cf_ending_signals[];
enum { CF_ENDING_SIGNALS_MAX = 16 };

/* Ignore them all: for a child whose parent decides what they mean. */
void cf_ending_ignore(void);

/* Undo what a careless parent left behind: them blocked, so that nothing would end us, or our
 * children's ends ignored. */
void cf_ending_as_usual(void);

/* Keep this process' memory, and with it the credential, out of core dumps: its own, and those that
 * a helper of the system would make of it. Children begin with the same limit. */
void cf_ending_without_core(void);

#endif
