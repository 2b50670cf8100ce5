/*
 * Two updates, the second one during the first one's operation: what the words overlap and race
 * share. words_overlap.c has it.
 */
#ifndef CF_SUITES_OVERLAP_H
#define CF_SUITES_OVERLAP_H

#include "harness/run/steps.h"

/* A queue is told by as many pairs in a row, from the first one on: each costs two operations. */
enum { CF_CVM_QUEUED_TRIES = 3 };

enum cf_cvm_overlap {
    CF_CVM_OVERLAP_SETTLED, /* refused, as it should be; or the case has its verdict */
    CF_CVM_OVERLAP_ENDED,   /* the first operation may have ended before the second one arrived */
    CF_CVM_OVERLAP_QUEUED   /* the second one had its answer when the first operation had ended, and
                               not before: see struct cf_cvm_wait */
};

/* Send one pair to the CVM of a role. Unless settled, the CVM is idle afterwards, and its state the
 * case's last reading. */
enum cf_cvm_overlap cf_cvm_overlap_once(struct cf_case_run *run, int role,
                                        const struct cf_built_request *first,
                                        const struct cf_built_request *second);
/* The failure that so many pairs are. */
void cf_cvm_fail_queued(struct cf_case_run *run);

#endif
