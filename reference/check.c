#include "reference/check.h"

void cf_ref_check_store(struct cf_ref_check *c, enum cf_ref_field field, const char *bytes,
                        size_t len)
{
    cf_ref_update_set(c->update, field, bytes, len);
}

void cf_ref_check_fault(struct cf_ref_check *c, const struct cf_ref_loc *loc, const char *tag,
                        const char *type, const char *message, const cJSON *input)
{
    struct cf_ref_loc branch = {.parent = loc, .name = tag};
    bool tagged = tag && cf_ref_has(c->on, CF_REF_VAR_LOC_BRANCH_TAGS);
    cf_ref_detail_add(c->detail, tagged ? &branch : loc, type, message, input);
}

bool cf_ref_check_slips_at(const struct cf_ref_check *c, enum cf_ref_check_point point,
                           uint32_t facts)
{
    return cf_ref_check_slips(c->on, point, facts);
}

void cf_ref_check_throw(struct cf_ref_check *c, enum cf_ref_check_point point, uint32_t facts)
{
    if (cf_ref_check_slips(c->on, point, facts))
        c->detail->exception = true;
}
