/*
 * A CVM that looks idle and takes no update: a lock that nobody lets go, nor shows.
 *
 * It is met by a later case only. Each case ends with what is known of its main CVM: that it took
 * an update, that its last one was refused, that it was locked (enum cf_case_end). Whose doing that
 * was is found out by running the suspects again (harness/pool/suspects.h).
 */
#ifndef CF_SUITES_HIDDEN_LOCK_H
#define CF_SUITES_HIDDEN_LOCK_H

#include "suites/memory.h"

/* Engine callback: one update before a case that seeks a lock. A main CVM that takes none within
 * settle_timeout_ms is charged with conflict.released (where the read side does not show that
 * nothing runs, the case is inconclusive), and CF_END_LOCKED. */
void cf_cvm_see_unlocked(struct cf_case_run *run);

/* Engine callback, after the last step: note what became of the main CVM. A case that met nothing
 * but 409 asks on until settle_timeout_ms has passed. Where the CVM takes an update at last, the
 * case is worth another try (CF_END_MET_LOCK); where it takes none, the case is charged with
 * conflict.released, which stands unless another case's doing is found (CF_END_LOCKED). One that
 * seeks a lock asks once more after a refusal, and is charged with conflict.after-refusal where the
 * CVM takes no update any more. */
void cf_cvm_lock_end(struct cf_case_run *run);

#endif
