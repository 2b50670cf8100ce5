/* Waiting for a CVM: until the operation that a 202 started has come to an end. */
#ifndef CF_SUITES_SETTLE_H
#define CF_SUITES_SETTLE_H

#include "suites/memory.h"

enum cf_cvm_settled {
    CF_CVM_SETTLED,        /* ended, as far as the read side tells */
    CF_CVM_SETTLED_FAILED, /* ended, and the IUT calls it failed */
    CF_CVM_SETTLED_UNSEEN, /* nothing on the read side tells whether it runs */
    CF_CVM_SETTLED_NEVER,  /* still running at the deadline */
    CF_CVM_SETTLED_UNKNOWN /* the IUT did not answer; the case has its verdict */
};

/* Wait until no operation runs on the CVM, and the one named (NULL or "": none) has ended; then the
 * last reading is in out (released by the caller) unless out is NULL. */
enum cf_cvm_settled cf_cvm_settle(struct cf_case_run *run, const char *id,
                                  const char *correlation_id, struct cf_cvm_reading *out);

/* cf_cvm_settle() for the operation that the last answer started, whatever becomes of the CVM. */
enum cf_cvm_settled cf_cvm_settle_answered(struct cf_case_run *run, const char *id);

/* cf_cvm_settle() for a role and the operation last accepted on it, reaching a verdict unless
 * CF_CVM_SETTLED. True when settled. */
bool cf_cvm_settle_role(struct cf_case_run *run, int role, struct cf_cvm_reading *out);
/* The same where only the end of the operation matters: one that failed will do. */
bool cf_cvm_settle_role_anyhow(struct cf_case_run *run, int role, struct cf_cvm_reading *out);

/* The same where an operation that failed is still to be judged: then, and when settled, out is the
 * last reading; otherwise the case has its verdict. list: ask the operations list in any case. */
enum cf_cvm_settled cf_cvm_settle_role_or_failed(struct cf_case_run *run, int role, bool list,
                                                 struct cf_cvm_reading *out);
/* Whether the operation last accepted for the role failed: by the list, or, where none tells, as
 * the CVM is as it was when last seen idle. */
bool cf_cvm_has_failed(struct cf_case_run *run, int role);

/* After a failure for values that are not as asked: say beside it how much later they are, if they
 * become so while there is time left for such looks. The verdict stands as it is. */
void cf_cvm_tell_later(struct cf_case_run *run, int role, const struct cf_cvm_reading *before,
                       const cJSON *asked);

/* An operation that fails now and then is bad luck: the case is inconclusive, and run again on
 * another CVM if there is one. */
void cf_cvm_operation_failed(struct cf_case_run *run, int role);
/* The same for an operation of which nothing shows, where no list tells what became of it. False
 * where one is told, or in the last try: what never shows in any was not applied. */
bool cf_cvm_try_elsewhere(struct cf_case_run *run, int role);
/* Whether operations of the case failed in every try that there is, this one included, in one and
 * the same step, and on more than one CVM. */
bool cf_cvm_operations_fail(const struct cf_case_run *run);

#endif
