#include "reference/check.h"

void cf_ref_check_store(struct cf_ref_check *c, enum cf_ref_field field, const char *bytes,
                        size_t len)
{
    if (c->code == CF_OK)
        c->code = cf_ref_update_set(c->update, field, bytes, len);
}

void cf_ref_check_fault(struct cf_ref_check *c, const struct cf_ref_loc *loc, const char *tag,
                        const char *type, const char *message, const cJSON *input)
{
    struct cf_ref_loc branch = {.parent = loc, .name = tag};
    bool tagged = tag && cf_ref_has(c->on, CF_REF_VAR_LOC_BRANCH_TAGS);
    cf_ref_detail_add(c->detail, tagged ? &branch : loc, type, message, input);
}
