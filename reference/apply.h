/*
 * The last step before an update takes effect: from what was asked to what will be stored. In a
 * conforming server the two are the same, and these functions do nothing; here live the bugs of
 * servers that merge by hand.
 */
#ifndef CF_REF_APPLY_H
#define CF_REF_APPLY_H

#include "reference/cvm.h"

/* For an update of update-cvm. */
void cf_ref_merge(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                  struct cf_ref_update *update);

/* For an update of pre-launch-script. */
void cf_ref_merge_script(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                         struct cf_ref_update *update);

#endif
