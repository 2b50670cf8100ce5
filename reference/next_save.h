/* Bugs of the next save: what an update does not name is written back with it, and is not what it
 * was before. */
#ifndef CF_REF_NEXT_SAVE_H
#define CF_REF_NEXT_SAVE_H

#include "reference/cvm.h"

/* How an update comes to be applied. */
enum cf_ref_way {
    CF_REF_ANY_WAY,
    CF_REF_MANAGED,       /* on a managed CVM */
    CF_REF_OWNED_AT_ONCE, /* on a contract-owned CVM, in one phase */
    CF_REF_OWNED_PHASED   /* there, by phase 2 */
};

/* Whether an update of these fields is applied that way. */
bool cf_ref_goes_that_way(const struct cf_ref_cvm *cvm, uint32_t asked, enum cf_ref_way way);

/* Add to an update, which is about to be stored, what such bugs make of other fields. */
void cf_ref_next_save(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                      enum cf_ref_endpoint endpoint, struct cf_ref_update *update);

#endif
