/*
 * Judging again what was judged before: a case runs over the transcript in its record, offline, and
 * has to come to the same record.
 */
#ifndef CF_RUN_REJUDGE_H
#define CF_RUN_REJUDGE_H

#include "harness/run/execute.h"

/*
 * Run one over recorded's exchanges, with setting's seed and recorded's attempt and CVMs, and fill
 * out (zeroed by the caller, released by it whatever comes back) with what comes out; what a
 * control makes of it is the caller's (control.h). setting's profile may be sealed.
 * Errors: CF_EINPUT (the transcript is not one of this case: the text names the first difference;
 * or a CVM is none of the profile's).
 */
CF_MUST_CHECK enum cf_code cf_case_rejudge(const struct cf_case_setting *setting,
                                           const struct cf_case *one,
                                           const struct cf_case_record *recorded,
                                           struct cf_case_record *out, struct cf_err *err);

/*
 * Run one, which shares what other did, over the exchanges of that case's record: from the part
 * that one names, as far as it needs them, with the random values of that case, and with nothing
 * sent. Fills out (zeroed by the caller, released by it whatever comes back), and *out_end (enum
 * cf_case_end). False: these are not the exchanges that it would make, or no verdict came of them
 * that stands, and it has to be run by itself; or it is within that one, of which something may
 * have been left out by what it has noted (cf_engine.left_nothing_out).
 */
bool cf_case_share(const struct cf_case_setting *setting, const struct cf_case *one,
                   const struct cf_case *other, const struct cf_case_record *recorded,
                   struct cf_case_record *out, unsigned *out_end);

/* The same over exchanges that are the case's own, none of which may be left over. */
bool cf_case_judge_over(const struct cf_case_setting *setting, const struct cf_case *one,
                        const struct cf_case_record *recorded, struct cf_case_record *out,
                        unsigned *out_end);

/* Whether two records say the same, but for when the case ran and how long it took. Errors:
 * CF_EINPUT ("/verdict: now "fail", recorded "pass""). */
CF_MUST_CHECK enum cf_code cf_case_record_same(const struct cf_case_record *now,
                                               const struct cf_case_record *recorded,
                                               struct cf_err *err);

#endif
