#include "reference/field.h"

#include "harness/base/mem.h"

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

void cf_ref_value_set(struct cf_ref_value *value, const char *bytes, size_t len)
{
    char *copy = cf_memdup(bytes, len);
    free(value->bytes);
    *value = (struct cf_ref_value){.bytes = copy, .len = len};
}

void cf_ref_value_set_text(struct cf_ref_value *value, const char *text)
{
    cf_ref_value_set(value, text, strlen(text));
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

const cJSON *cf_ref_value_parse(const struct cf_ref_value *value, struct cf_json_doc *doc)
{
    bool good = cf_json_parse(doc, "stored", value->bytes, value->len, 0, NULL) == CF_OK;
    return good ? doc->root : NULL;
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

void cf_ref_update_set(struct cf_ref_update *update, enum cf_ref_field field, const char *bytes,
                       size_t len)
{
    cf_ref_value_set(&update->to.of[field], bytes, len);
    if (!cf_ref_update_has(update, field))
        update->order = update->order * 31 + field + 1;
    update->present |= CF_REF_BIT(field);
}

void cf_ref_update_set_text(struct cf_ref_update *update, enum cf_ref_field field, const char *text)
{
    cf_ref_update_set(update, field, text, strlen(text));
}

void cf_ref_update_drop(struct cf_ref_update *update, enum cf_ref_field field)
{
    cf_ref_value_release(&update->to.of[field]);
    update->present &= ~CF_REF_BIT(field);
}

void cf_ref_update_drop_all(struct cf_ref_update *update, uint32_t fields)
{
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        if ((fields >> i) & 1)
            cf_ref_update_drop(update, (enum cf_ref_field)i);
    }
}

void cf_ref_update_release(struct cf_ref_update *update)
{
    if (!update)
        return;
    cf_ref_settings_release(&update->to);
    *update = (struct cf_ref_update){0};
}

void cf_ref_update_add(struct cf_ref_update *to, const struct cf_ref_update *from, uint32_t fields)
{
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        const struct cf_ref_value *value = &from->to.of[i];
        if ((from->present & fields) >> i & 1)
            cf_ref_update_set(to, (enum cf_ref_field)i, value->bytes, value->len);
    }
}

void cf_ref_update_copy(struct cf_ref_update *to, const struct cf_ref_update *from)
{
    cf_ref_update_release(to);
    cf_ref_update_add(to, from, CF_REF_ALL_FIELDS);
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
