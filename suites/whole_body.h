/* A value that is the whole body of an answer: what it surely is not. */
#ifndef CF_SUITES_WHOLE_BODY_H
#define CF_SUITES_WHOLE_BODY_H

#include "harness/match/expect.h"
#include "suites/fields.h"

/* Whether the body of a 200 may be the value that is read there. False where it looks like what a
 * gateway or a cache says: a page in HTML, JSON that tells of an error, or has no members at all. A
 * value may look so as well: whoever gets false asks again, and believes what stays. */
bool cf_cvm_may_be_value(const struct cf_answer *answer, const struct cf_cvm_shown *shown);

#endif
