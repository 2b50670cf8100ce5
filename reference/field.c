#include "reference/field.h"

#include "harness/base/json.h"

#include <stdlib.h>
#include <string.h>

static const struct cf_ref_field_info rows[CF_REF_FIELD_COUNT] = {
#define CF_X(id, name, kind, in_compose, cleared, initial)                                         \
    {name, CF_REF_KIND_##kind, in_compose, cleared, initial},
    CF_REF_FIELDS(CF_X)
#undef CF_X
};

const struct cf_ref_field_info *cf_ref_field(enum cf_ref_field field)
{
    return &rows[field];
}

enum cf_ref_field cf_ref_field_named(const char *name)
{
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return (enum cf_ref_field)i;
    }
    return CF_REF_FIELD_COUNT;
}

/* ---- values ---- */

enum cf_code cf_ref_value_set(struct cf_ref_value *value, const char *bytes, size_t len)
{
    char *copy = malloc(len + 1);
    if (!copy)
        return CF_ENOMEM;
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    free(value->bytes);
    *value = (struct cf_ref_value){.bytes = copy, .len = len};
    return CF_OK;
}

enum cf_code cf_ref_value_set_text(struct cf_ref_value *value, const char *text)
{
    return cf_ref_value_set(value, text, strlen(text));
}

void cf_ref_value_release(struct cf_ref_value *value)
{
    if (!value)
        return;
    free(value->bytes);
    *value = (struct cf_ref_value){0};
}

bool cf_ref_value_is(const struct cf_ref_value *value, const char *text)
{
    return value->bytes && value->len == strlen(text) &&
           memcmp(value->bytes, text, value->len) == 0;
}

/* ---- settings ---- */

void cf_ref_settings_release(struct cf_ref_settings *settings)
{
    if (!settings)
        return;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++)
        cf_ref_value_release(&settings->of[i]);
}

void cf_ref_settings_put(const struct cf_ref_settings *settings, enum cf_ref_field field,
                         struct cf_buf *out)
{
    const struct cf_ref_value *value = &settings->of[field];
    if (rows[field].kind == CF_REF_KIND_TEXT)
        cf_json_put_string(out, value->bytes ? value->bytes : "", value->len);
    else
        cf_buf_append(out, value->bytes, value->len);
}

/* ---- updates ---- */

enum cf_code cf_ref_update_set(struct cf_ref_update *update, enum cf_ref_field field,
                               const char *bytes, size_t len)
{
    enum cf_code code = cf_ref_value_set(&update->to.of[field], bytes, len);
    if (code != CF_OK)
        return code;
    if (!cf_ref_update_has(update, field))
        update->order = update->order * 31 + field + 1;
    update->present |= UINT32_C(1) << field;
    return code;
}

enum cf_code cf_ref_update_set_text(struct cf_ref_update *update, enum cf_ref_field field,
                                    const char *text)
{
    return cf_ref_update_set(update, field, text, strlen(text));
}

void cf_ref_update_drop(struct cf_ref_update *update, enum cf_ref_field field)
{
    cf_ref_value_release(&update->to.of[field]);
    update->present &= ~(UINT32_C(1) << field);
}

void cf_ref_update_release(struct cf_ref_update *update)
{
    if (!update)
        return;
    cf_ref_settings_release(&update->to);
    *update = (struct cf_ref_update){0};
}

enum cf_code cf_ref_update_copy(struct cf_ref_update *to, const struct cf_ref_update *from)
{
    cf_ref_update_release(to);
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        enum cf_ref_field field = (enum cf_ref_field)i;
        const struct cf_ref_value *value = &from->to.of[i];
        if (!cf_ref_update_has(from, field))
            continue;
        enum cf_code code = cf_ref_update_set(to, field, value->bytes, value->len);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

void cf_ref_update_apply(struct cf_ref_update *update, struct cf_ref_settings *settings)
{
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        if (!cf_ref_update_has(update, (enum cf_ref_field)i))
            continue;
        cf_ref_value_release(&settings->of[i]);
        settings->of[i] = update->to.of[i];
        update->to.of[i] = (struct cf_ref_value){0};
    }
    update->present = 0;
}
