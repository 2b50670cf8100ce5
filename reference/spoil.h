/* Bugs that store a text otherwise than it was sent. */
#ifndef CF_REF_SPOIL_H
#define CF_REF_SPOIL_H

#include "reference/cvm.h"

/* Do to the texts of an update of this CVM by this endpoint what the bugs that are switched on do.
 */
void cf_ref_spoil_texts(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                        enum cf_ref_endpoint endpoint, struct cf_ref_update *update);

/* Make a question mark of each byte of a text that is not ASCII. */
void cf_ref_spoil_to_ascii(struct cf_ref_value *text);

#endif
