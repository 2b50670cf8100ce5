/*
 * What the variants that behave as whole stacks do fail at: the rows of stacks.def.
 */
#ifndef CF_REF_STACKS_H
#define CF_REF_STACKS_H

#include "reference/switches.h"

struct cf_ref_lapse {
    enum cf_ref_id variant;
    const char *requirement; /* of level should; some case of it fails */
    const char *reason;
};

/* The nth lapse of the variant of this name, from 0; NULL past the last one. */
const struct cf_ref_lapse *cf_ref_lapse(const char *variant, size_t n);

#endif
