/* One walk over an update body: where valid values and faults go. */
#ifndef CF_REF_CHECK_H
#define CF_REF_CHECK_H

#include "reference/detail.h"
#include "reference/field.h"

struct cf_ref_check {
    const struct cf_ref_switches *on;
    struct cf_ref_update *update;
    struct cf_ref_detail *detail;
    enum cf_code code; /* CF_ENOMEM once, then nothing more is stored */
};

/* Note the value of a field that was found valid. */
void cf_ref_check_store(struct cf_ref_check *c, enum cf_ref_field field, const char *bytes,
                        size_t len);

/* Note a fault. tag is what a validator that walks unions adds to the place; NULL: nothing. */
void cf_ref_check_fault(struct cf_ref_check *c, const struct cf_ref_loc *loc, const char *tag,
                        const char *type, const char *message, const cJSON *input);

#endif
