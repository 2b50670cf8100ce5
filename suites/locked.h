/* A CVM that stays busy although nothing runs on it any more: a lock that nobody lets go. */
#ifndef CF_SUITES_LOCKED_H
#define CF_SUITES_LOCKED_H

#include "suites/memory.h"

/*
 * The CVM of a role did not become idle. Where the operations list says that what was accepted has
 * ended, and one more update is answered 409 all the same, the case's latest refused request left
 * the lock behind: conflict.after-refusal is charged to the case. In doubt nothing is said.
 */
void cf_cvm_charge_lock(struct cf_case_run *run, int role);

/* The status of one more update that asks for nothing of note; 0 without an answer. */
int cf_cvm_ask_lock(struct cf_case_run *run, int role);

#endif
