/* What the schema allows and a service of its own rules does not: 400, "terms violation". */
#ifndef CF_REF_TERMS_H
#define CF_REF_TERMS_H

#include "reference/answer.h"
#include "reference/cvm.h"

/* Whether the update may be made of this CVM. False: answer holds the refusal, with the reason
 * CF_REF_REASON_TERMS, and update lacks the field. */
bool cf_ref_terms_keep(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                       struct cf_ref_update *update, struct cf_ref_answer *answer);

#endif
