/*
 * What holds in every case, whatever it asks: a request that is refused changes nothing and starts
 * nothing, and one that is accepted changes the fields that it names and no others; what a CVM is,
 * and whose, stays; and what needs a registration is not accepted without one.
 *
 * Each reading of an idle CVM is held against the one before it, with all that was sent between
 * the two. A difference that nothing sent can account for is charged to the case beside its own
 * question (cf_run_charge()), under the requirement that it breaks.
 *
 * In doubt nothing is said: a body of unknown members, an answer of a gateway (502 to 504) or
 * none, the hook "reset", and commit-update, of which the pages know nothing, excuse what may come
 * of them.
 */
#ifndef CF_SUITES_WATCH_H
#define CF_SUITES_WATCH_H

#include "suites/memory.h"

/* Hold a reading of the role against the last one of the idle CVM, and take its place where the
 * CVM is idle. Where it shows what nothing accounts for, another look takes its own place first.
 * The reading stays the caller's. */
void cf_cvm_watch(struct cf_case_run *run, int role, struct cf_cvm_reading *reading);

/* A preparation that is to be told a compose hash (465), and whose new file is accepted instead,
 * has found what no case may pass over: charge it. */
void cf_cvm_watch_answered(struct cf_case_run *run, const cJSON *step,
                           const struct cf_answer *answer);

/* Engine callback: look at each CVM that something was sent to since it was last looked at. */
void cf_cvm_watch_end(struct cf_case_run *run);

/* Whether two readings show the same, and the same CVM, as far as both tell. */
bool cf_cvm_watch_agree(struct cf_case_run *run, const struct cf_cvm_reading *one,
                        const struct cf_cvm_reading *other);

#endif
