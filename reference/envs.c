#include "reference/envs.h"

#include "harness/base/json.h"

#include <stdlib.h>
#include <string.h>

/* ---- added to those stored ---- */

static bool lists(const cJSON *list, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0)
            return true;
    }
    return false;
}

static void merge_envs(const struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    const struct cf_ref_value *before = &cvm->settings.of[CF_REF_FIELD_ALLOWED_ENVS];
    struct cf_json_doc old = {0};
    struct cf_json_doc more = {0};
    struct cf_buf all = {0};
    const cJSON *names = cf_ref_value_parse(before, &old);
    const cJSON *added = cf_ref_value_parse(&update->to.of[CF_REF_FIELD_ALLOWED_ENVS], &more);
    const cJSON *name;
    cf_buf_append(&all, before->bytes, before->len - 1);
    cJSON_ArrayForEach(name, added)
    {
        if (!cJSON_IsString(name) || lists(names, name->valuestring))
            continue;
        if (all.len > 1)
            cf_buf_putc(&all, ',');
        cf_json_put_text(&all, name->valuestring);
    }
    cf_buf_putc(&all, ']');
    cf_ref_update_set(update, CF_REF_FIELD_ALLOWED_ENVS, all.data, all.len);
    cf_buf_release(&all);
    cf_json_release(&old);
    cf_json_release(&more);
}

/* ---- as a set, or as a column, keeps them ---- */

enum { NAMES_KEPT = 160, COLUMN_BYTES = 255 };

struct name {
    const char *bytes;
    size_t len;
};

static int in_order(const void *a, const void *b)
{
    const struct name *x = a;
    const struct name *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->bytes, y->bytes, len);
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* Where a name ends that does so at the column's end, or at a comma that parts names there. */
static size_t stored_len(const struct cf_ref_switches *on, const char *name)
{
    size_t len = strlen(name);
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_CUT) && len > COLUMN_BYTES)
        return COLUMN_BYTES;
    return cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_SPLIT) ? strcspn(name, ",") : len;
}

static struct name trimmed(struct name name)
{
    for (; name.len > 0 && *name.bytes == ' '; name.len--)
        name.bytes++;
    while (name.len > 0 && name.bytes[name.len - 1] == ' ')
        name.len--;
    return name;
}

static bool has_name(const struct name *names, size_t count, struct name name)
{
    for (size_t i = 0; i < count; i++) {
        if (names[i].len == name.len && memcmp(names[i].bytes, name.bytes, name.len) == 0)
            return true;
    }
    return false;
}

/* The names of the list as they are stored. Returns how many. */
static size_t read_names(const struct cf_ref_switches *on, bool once, size_t most,
                         const cJSON *list, struct name names[NAMES_KEPT])
{
    size_t count = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        for (const char *text = item->valuestring; text && count < most;) {
            struct name name = {text, stored_len(on, text)};
            bool comma = text[name.len] == ',' && cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_SPLIT);
            text = comma ? text + name.len + 1 : NULL;
            if (cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_TRIMMED))
                name = trimmed(name);
            if (name.len == 2 && memcmp(name.bytes, "NO", name.len) == 0 &&
                cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_RETYPED))
                name = (struct name){"false", 5};
            bool lost =
                (cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_BLANK_LOST) && trimmed(name).len == 0) ||
                (cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_NAUGHT_LOST) && name.len == 1 &&
                 *name.bytes == '0');
            if (!lost && (!once || !has_name(names, count, name)))
                names[count++] = name;
        }
    }
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_SORTED))
        qsort(names, count, sizeof(names[0]), in_order);
    return count;
}

static void tidy(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                 struct cf_ref_update *update)
{
    struct cf_json_doc doc = {0};
    struct cf_buf all = {0};
    struct name names[NAMES_KEPT];
    bool owned = cvm->kms != CF_REF_KMS_PHALA;
    bool once = cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_UNIQUE) ||
                (owned && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_ENVS_UNIQUE));
    bool sixteen = cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_SIXTEEN) ||
                   (owned && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_ENVS_SIXTEEN));
    size_t room = sixteen ? 16 : NAMES_KEPT;
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_SIXTY_FOUR))
        room = 64;
    size_t count = read_names(
        on, once, room, cf_ref_value_parse(&update->to.of[CF_REF_FIELD_ALLOWED_ENVS], &doc), names);
    bool dashed = cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_DASHED);
    for (size_t i = 0; i < count; i++) {
        cf_buf_putc(&all, i > 0 ? ',' : '[');
        size_t begin = all.len;
        cf_json_put_string(&all, names[i].bytes, names[i].len);
        for (size_t at = begin; at < all.len && dashed; at++)
            all.data[at] = (char)(strchr("-.", all.data[at]) ? '_' : all.data[at]);
    }
    cf_buf_puts(&all, count > 0 ? "]" : "[]");
    cf_ref_update_set(update, CF_REF_FIELD_ALLOWED_ENVS, all.data, all.len);
    cf_buf_release(&all);
    cf_json_release(&doc);
}

void cf_ref_spoil_envs(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                       struct cf_ref_update *update)
{
    static const enum cf_ref_id tidiers[] = {
        CF_REF_DEV_PARTIAL_ENVS_SORTED,      CF_REF_DEV_PARTIAL_ENVS_UNIQUE,
        CF_REF_DEV_PARTIAL_ENVS_TRIMMED,     CF_REF_DEV_PARTIAL_ENVS_CUT,
        CF_REF_DEV_PARTIAL_ENVS_SPLIT,       CF_REF_DEV_PARTIAL_ENVS_SIXTEEN,
        CF_REF_DEV_TWO_PHASE_ENVS_UNIQUE,    CF_REF_DEV_PARTIAL_ENVS_BLANK_LOST,
        CF_REF_DEV_PARTIAL_ENVS_NAUGHT_LOST, CF_REF_DEV_TWO_PHASE_ENVS_SIXTEEN,
        CF_REF_DEV_PARTIAL_ENVS_DASHED,      CF_REF_DEV_PARTIAL_ENVS_RETYPED,
        CF_REF_DEV_PARTIAL_ENVS_SIXTY_FOUR,
    };
    bool tidies = false;
    if (!cf_ref_update_has(update, CF_REF_FIELD_ALLOWED_ENVS))
        return;
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_MERGED))
        merge_envs(cvm, update);
    for (size_t i = 0; i < sizeof(tidiers) / sizeof(tidiers[0]); i++)
        tidies = tidies || cf_ref_has(on, tidiers[i]);
    if (tidies)
        tidy(on, cvm, update);
}
