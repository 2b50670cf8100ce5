/* Whether a case can be judged with a profile at all. */
#ifndef CF_POOL_APPLICABLE_H
#define CF_POOL_APPLICABLE_H

#include "harness/case/catalogue.h"
#include "harness/case/profile.h"

/* CF_PASS: it can. CF_NOT_APPLICABLE or CF_INCONCLUSIVE with the reason: it cannot. */
enum cf_verdict cf_case_applicable(const struct cf_case *one, const struct cf_profile *profile,
                                   char *out_reason, size_t reason_size);

#endif
