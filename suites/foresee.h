/* What the profile alone decides of a case: what it would need to read, to move, or to put back. */
#ifndef CF_SUITES_FORESEE_H
#define CF_SUITES_FORESEE_H

#include "harness/case/catalogue.h"
#include "harness/case/profile.h"

/* As struct cf_vocabulary's foresee. The same would come of running the cases; this saves it. */
void cf_cvm_foresee(struct cf_foreseen *cases, size_t count, const struct cf_profile *profile);

#endif
