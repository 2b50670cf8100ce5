/* What the profile alone decides of a case: what it would need to read, to move, or to put back. */
#ifndef CF_SUITES_FORESEE_H
#define CF_SUITES_FORESEE_H

#include "harness/case/catalogue.h"
#include "harness/case/profile.h"

/* As struct cf_vocabulary's foresee. The same would come of running the case; this saves it. */
enum cf_verdict cf_cvm_foresee(const struct cf_case *one, const struct cf_profile *profile,
                               char *out_reason, size_t reason_size);

#endif
