#include "reference/lenience.h"
#include "harness/base/json_number.h"

#include <string.h>

enum {
    TEXT = 1,
    NUMBER = 2,
    FLAG = 4,
    LIST = 8,
    OBJECT = 16,
    NOTHING = 32, /* null */
    BUT_TEXT = NUMBER | FLAG | LIST | OBJECT,
    BUT_FLAG = TEXT | NUMBER | LIST | OBJECT
};

static unsigned type_of(const cJSON *node)
{
    if (cJSON_IsString(node))
        return TEXT;
    if (cJSON_IsNumber(node))
        return NUMBER;
    if (cJSON_IsBool(node))
        return FLAG;
    if (cJSON_IsArray(node))
        return LIST;
    return cJSON_IsObject(node) ? OBJECT : NOTHING;
}

/* ---- what becomes of the value ---- */

typedef void take_fn(const cJSON *node, struct cf_buf *out);

static void take_truth(const cJSON *node, struct cf_buf *out)
{
    bool empty = cJSON_IsString(node)   ? node->valuestring[0] == '\0'
                 : cJSON_IsNumber(node) ? cf_json_same_number(node->valuestring, "0")
                                        : !node->child;
    cf_buf_puts(out, empty ? "false" : "true");
}

static void take_json(const cJSON *node, struct cf_buf *out)
{
    cf_json_print(out, node);
}

static void take_split(const cJSON *node, struct cf_buf *out)
{
    const char *p = node->valuestring;
    cf_buf_putc(out, '[');
    while (*p != '\0') {
        size_t len = strcspn(p, ",");
        cf_json_put_string(out, p, len);
        p += len;
        if (*p == ',') {
            cf_buf_putc(out, ',');
            p++;
        }
    }
    cf_buf_putc(out, ']');
}

static void take_gpu_list(const cJSON *node, struct cf_buf *out)
{
    cf_buf_puts(out, "{\"gpus\":");
    cf_json_print(out, node);
    cf_buf_puts(out, ",\"attach_mode\":\"listed\"}");
}

/* False: the text does not begin with any. */
static bool take_digits(const cJSON *node, struct cf_buf *out)
{
    size_t len = strspn(node->valuestring, "0123456789");
    cf_buf_append(out, node->valuestring, len);
    return len > 0;
}

struct rule {
    enum cf_ref_id deviation;
    enum cf_ref_field field;
    unsigned types;
    take_fn *take; /* NULL: the member is ignored */
};

static const struct rule rules[] = {
    {CF_REF_DEV_VALIDATION_VCPU_TEXT_IGNORED, CF_REF_FIELD_VCPU, TEXT, NULL},
    {CF_REF_DEV_VALIDATION_SIZE_LIST_IGNORED, CF_REF_FIELD_MEMORY, LIST | OBJECT, NULL},
    {CF_REF_DEV_VALIDATION_SIZE_LIST_IGNORED, CF_REF_FIELD_DISK_SIZE, LIST | OBJECT, NULL},
    {CF_REF_DEV_VALIDATION_FLAG_TRUTHY, CF_REF_FIELD_PUBLIC_LOGS, BUT_FLAG, take_truth},
    {CF_REF_DEV_VALIDATION_FLAG_TRUTHY, CF_REF_FIELD_PUBLIC_SYSINFO, BUT_FLAG, take_truth},
    {CF_REF_DEV_VALIDATION_FLAG_TRUTHY, CF_REF_FIELD_PUBLIC_TCBINFO, BUT_FLAG, take_truth},
    {CF_REF_DEV_VALIDATION_FORCE_STOP_TRUTHY, CF_REF_FIELD_ALLOW_FORCE_STOP, BUT_FLAG, take_truth},
    {CF_REF_DEV_VALIDATION_FLAG_NUMBERS, CF_REF_FIELD_PUBLIC_LOGS, NUMBER, take_truth},
    {CF_REF_DEV_VALIDATION_FLAG_NUMBERS, CF_REF_FIELD_PUBLIC_SYSINFO, NUMBER, take_truth},
    {CF_REF_DEV_VALIDATION_FLAG_NUMBERS, CF_REF_FIELD_PUBLIC_TCBINFO, NUMBER, take_truth},
    {CF_REF_DEV_VALIDATION_FLAG_NUMBERS, CF_REF_FIELD_ALLOW_FORCE_STOP, NUMBER, take_truth},
    {CF_REF_DEV_VALIDATION_FORCE_STOP_NULLABLE, CF_REF_FIELD_ALLOW_FORCE_STOP, NOTHING, NULL},
    {CF_REF_DEV_VALIDATION_COMPOSE_FILE_OBJECT, CF_REF_FIELD_DOCKER_COMPOSE_FILE, OBJECT,
     take_json},
    {CF_REF_DEV_VALIDATION_USER_CONFIG_ANY, CF_REF_FIELD_USER_CONFIG, BUT_TEXT, take_json},
    {CF_REF_DEV_VALIDATION_ENVS_SPLIT, CF_REF_FIELD_ALLOWED_ENVS, TEXT, take_split},
    {CF_REF_DEV_VALIDATION_GPUS_LIST, CF_REF_FIELD_GPUS, LIST, take_gpu_list},
    {CF_REF_DEV_VALIDATION_IMAGE_UNCHECKED, CF_REF_FIELD_IMAGE, BUT_TEXT, NULL},
    {CF_REF_DEV_VALIDATION_ENCRYPTED_ENV_UNCHECKED, CF_REF_FIELD_ENCRYPTED_ENV, BUT_TEXT, NULL},
    {CF_REF_DEV_VALIDATION_TIMEOUT_TEXT_IGNORED, CF_REF_FIELD_SHUTDOWN_TIMEOUT, TEXT, NULL},
};

static unsigned right_types(enum cf_ref_kind kind)
{
    static const unsigned types[] = {
        [CF_REF_KIND_TEXT] = TEXT | NOTHING,   [CF_REF_KIND_TEXTS] = LIST | NOTHING,
        [CF_REF_KIND_FLAG] = FLAG | NOTHING,   [CF_REF_KIND_COUNT] = NUMBER | NOTHING,
        [CF_REF_KIND_GPUS] = OBJECT | NOTHING,
    };
    return types[kind];
}

enum cf_ref_lenience cf_ref_lenience(const struct cf_ref_switches *on, enum cf_ref_field field,
                                     const cJSON *node, size_t ordinal, struct cf_buf *out)
{
    unsigned type = type_of(node);
    if (ordinal > 0 && cf_ref_has(on, CF_REF_DEV_VALIDATION_ONLY_FIRST_MEMBER) &&
        !(type & right_types(cf_ref_field(field)->kind)))
        return CF_REF_LENIENCE_IGNORE;
    if (type == TEXT && cf_ref_field(field)->kind == CF_REF_KIND_COUNT &&
        cf_ref_has(on, CF_REF_DEV_VALIDATION_NUMBER_TAIL_CUT) && take_digits(node, out))
        return CF_REF_LENIENCE_TAKE;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        const struct rule *rule = &rules[i];
        if (rule->field != field || !(type & rule->types) || !cf_ref_has(on, rule->deviation))
            continue;
        if (!rule->take)
            return CF_REF_LENIENCE_IGNORE;
        rule->take(node, out);
        return CF_REF_LENIENCE_TAKE;
    }
    return CF_REF_LENIENCE_NONE;
}

cJSON *cf_ref_in_order(const cJSON *node, const char *const *names, size_t count)
{
    if (!cJSON_IsArray(node) || !node->child || (size_t)cJSON_GetArraySize(node) > count)
        return NULL;
    cJSON *object = cJSON_CreateObject();
    const cJSON *member;
    cJSON_ArrayForEach(member, node)
        cJSON_AddItemToObject(object, *names++, cJSON_Duplicate(member, 1));
    return object;
}
