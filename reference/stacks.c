#include "reference/stacks.h"

#include <string.h>

static const struct cf_ref_lapse lapses[] = {
#define X(variant, requirement, reason) {CF_REF_VAR_##variant, requirement, reason},
#include "reference/stacks.def"
#undef X
};

const struct cf_ref_lapse *cf_ref_lapse(const char *variant, size_t n)
{
    const struct cf_ref_switch *variants = NULL;
    cf_ref_variants(&variants);
    for (size_t i = 0; i < sizeof(lapses) / sizeof(lapses[0]); i++) {
        const char *name = variants[lapses[i].variant - CF_REF_DEVIATION_COUNT].name;
        if (strcmp(name, variant) == 0 && n-- == 0)
            return &lapses[i];
    }
    return NULL;
}
