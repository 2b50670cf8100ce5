/* The attempts of one case folded to one verdict: the gravest, by which every count and every
 * report takes the case. */
#ifndef CF_RECORD_ATTEMPTS_H
#define CF_RECORD_ATTEMPTS_H

#include "harness/record/record.h"

struct cf_attempts { /* zeroed: none yet */
    size_t count;
    enum cf_verdict verdict; /* the gravest; CF_NOT_APPLICABLE while there is none */
    unsigned seen;           /* private: set of verdicts, one bit each */
};

/* Add one attempt's verdict. True when that attempt's record speaks for the case from now on: it is
 * the first, or graver than each before it. */
bool cf_attempts_add(struct cf_attempts *attempts, enum cf_verdict verdict);
/* Whether one of them ended in verdict. */
bool cf_attempts_have(const struct cf_attempts *attempts, enum cf_verdict verdict);
/* Whether they differ: the case is unstable. One that was not applicable has judged nothing, and so
 * differs from none: the steps of a field that moves up only may be used up by then. */
bool cf_attempts_differ(const struct cf_attempts *attempts);

#endif
