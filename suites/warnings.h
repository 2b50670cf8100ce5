/* What a profile leaves a run unable to judge, though none of it is a mistake. */
#ifndef CF_SUITES_WARNINGS_H
#define CF_SUITES_WARNINGS_H

#include "harness/case/profile.h"

/* As struct cf_vocabulary's warn. */
void cf_cvm_warn(const struct cf_profile *profile, struct cf_list *lines);

#endif
