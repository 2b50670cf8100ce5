/* The one member of an update body that has members of its own. */
#ifndef CF_REF_CHECK_GPUS_H
#define CF_REF_CHECK_GPUS_H

#include "reference/check.h"

/* Check the member gpus, which is not null, and store it in its one spelling. */
void cf_ref_check_gpus(struct cf_ref_check *c, const struct cf_ref_loc *loc, const cJSON *node);

#endif
