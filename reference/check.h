/* One walk over an update body: where valid values and faults go. */
#ifndef CF_REF_CHECK_H
#define CF_REF_CHECK_H

#include "reference/check_bugs.h"
#include "reference/detail.h"
#include "reference/field.h"

struct cf_ref_check {
    const struct cf_ref_switches *on;
    struct cf_ref_update *update;
    struct cf_ref_detail *detail;
};

/* Note the value of a field that was found valid. */
void cf_ref_check_store(struct cf_ref_check *c, enum cf_ref_field field, const char *bytes,
                        size_t len);

/* Whether a bug or a liberty shows at this point (check_bugs.h). */
bool cf_ref_check_slips_at(const struct cf_ref_check *c, enum cf_ref_check_point point,
                           uint32_t facts);

/* The place where a careless server crashes: note that this one did, where it has the bug. */
void cf_ref_check_throw(struct cf_ref_check *c, enum cf_ref_check_point point, uint32_t facts);

/* Note a fault. tag is what a validator that walks unions adds to the place; NULL: nothing. */
void cf_ref_check_fault(struct cf_ref_check *c, const struct cf_ref_loc *loc, const char *tag,
                        const char *type, const char *message, const cJSON *input);

#endif
