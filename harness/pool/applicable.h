/* Whether cases can be judged with a profile at all. */
#ifndef CF_POOL_APPLICABLE_H
#define CF_POOL_APPLICABLE_H

#include "harness/case/catalogue.h"
#include "harness/case/profile.h"

/* Fill in verdict and reason of each of the cases (at least one), whose steps are the same ones:
 * rows of one case as it is written. What they share is looked at once. */
void cf_cases_applicable(struct cf_foreseen *cases, size_t count, const struct cf_profile *profile);

#endif
