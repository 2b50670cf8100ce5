/* What bugs make of allowed_envs on their way to be stored; a conforming server stores them as they
 * were sent. */
#ifndef CF_REF_ENVS_H
#define CF_REF_ENVS_H

#include "reference/cvm.h"
#include "reference/switches.h"

/* Change the update's allowed_envs, if it has some, as the deviations switched on would. */
void cf_ref_spoil_envs(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                       struct cf_ref_update *update);

#endif
