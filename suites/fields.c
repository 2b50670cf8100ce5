#include "suites/fields.h"

#include <string.h>
#include <strings.h>

#define CVM "/api/v1/cvms/{cvm_id}"
#define OF_CVM(pointer, scale)                                                                     \
    {                                                                                              \
        CVM, pointer, scale, NULL                                                                  \
    }
#define OF_FILE(pointer)                                                                           \
    {                                                                                              \
        CVM "/compose_file", pointer, 1, NULL                                                      \
    }
#define OF_USER_CONFIG                                                                             \
    {                                                                                              \
        CVM "/user_config", "", 1, NULL                                                            \
    }
#define NOWHERE                                                                                    \
    {                                                                                              \
        NULL, NULL, 1, NULL                                                                        \
    }

enum { MADE, LISTED };

const struct cf_cvm_field cf_cvm_fields[CF_CVM_FIELD_COUNT] = {
#define CF_CVM_FIELD(name, kind, hashed, values, nullable, least, ...)                             \
    {#name, CF_CVM_FIELD_##kind, hashed, (values) == LISTED, nullable, least, {__VA_ARGS__}},
#include "suites/fields.def"
#undef CF_CVM_FIELD
};

const char *const cf_cvm_field_names[] = {
#define CF_CVM_FIELD(name, ...) #name,
#include "suites/fields.def"
#undef CF_CVM_FIELD
    NULL};

#define NAME_IF_LISTED(name) #name,
#define NAME_IF_MADE(name)
const char *const cf_cvm_field_names_listed[] = {
#define CF_CVM_FIELD(name, kind, hashed, values, ...) NAME_IF_##values(name)
#include "suites/fields.def"
#undef CF_CVM_FIELD
    NULL};

int cf_cvm_field_index(const char *name)
{
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (strcmp(cf_cvm_fields[i].name, name) == 0)
            return i;
    }
    return -1;
}

/* ---- comparing ---- */

static bool is_none(const cJSON *value)
{
    return !value || cJSON_IsNull(value) ||
           (cJSON_IsString(value) && value->valuestring[0] == '\0') ||
           (cJSON_IsArray(value) && !value->child);
}

static const char *hex_digits(const cJSON *value)
{
    const char *text = value->valuestring;
    return text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? text + 2 : text;
}

static int count_equal(const cJSON *list, const cJSON *wanted)
{
    int count = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list) count += cf_json_equal(item, wanted);
    return count;
}

static bool same_names(const cJSON *read, const cJSON *asked)
{
    const cJSON *name;
    if (cJSON_GetArraySize(read) != cJSON_GetArraySize(asked))
        return false;
    cJSON_ArrayForEach(name, asked)
    {
        if (count_equal(read, name) != count_equal(asked, name))
            return false;
    }
    return true;
}

/* A reading of GPUs: the list itself, or an object that holds it. */
static const cJSON *gpu_list(const cJSON *gpus)
{
    return cJSON_IsArray(gpus) ? gpus : cf_json_get(gpus, "gpus");
}

static bool same_gpu(const cJSON *read, const cJSON *asked)
{
    const cJSON *product = cf_json_get(asked, "product_id");
    const char *slot = cf_json_text(asked, "slot", "");
    const char *read_slot =
        cJSON_IsString(read) ? read->valuestring : cf_json_text(read, "slot", "");
    return strcmp(slot, read_slot) == 0 &&
           (is_none(product) || !cf_json_get(read, "product_id") ||
            cf_json_equal(cf_json_get(read, "product_id"), product));
}

static bool same_gpus(const cJSON *read, const cJSON *asked)
{
    const cJSON *mode = cf_json_get(asked, "attach_mode");
    const cJSON *read_mode = cf_json_get(read, "attach_mode");
    const cJSON *left = gpu_list(read);
    const cJSON *right = gpu_list(asked);
    if (cJSON_GetArraySize(left) != cJSON_GetArraySize(right))
        return false;
    if (mode && read_mode && !cf_json_equal(mode, read_mode))
        return false;
    left = left ? left->child : NULL;
    right = right ? right->child : NULL;
    for (; left && right; left = left->next, right = right->next) {
        if (!same_gpu(left, right))
            return false;
    }
    return true;
}

/* A number below the least legal one can only stand for none, as 0 does for no timeout. */
static bool means_none(const struct cf_cvm_field *field, const cJSON *value)
{
    return is_none(value) || (cJSON_IsNumber(value) && value->valuedouble < field->least);
}

bool cf_cvm_field_same(const struct cf_cvm_field *field, const cJSON *read, const cJSON *asked)
{
    if (means_none(field, read) || means_none(field, asked)) {
        if (field->kind == CF_CVM_FIELD_GPUS)
            return cJSON_GetArraySize(gpu_list(read)) == cJSON_GetArraySize(gpu_list(asked));
        return means_none(field, read) && means_none(field, asked);
    }
    switch (field->kind) {
    case CF_CVM_FIELD_NAMES:
        return cJSON_IsArray(read) && cJSON_IsArray(asked) && same_names(read, asked);
    case CF_CVM_FIELD_GPUS:
        return same_gpus(read, asked);
    case CF_CVM_FIELD_HEX:
        return cJSON_IsString(read) && cJSON_IsString(asked) &&
               strcasecmp(hex_digits(read), hex_digits(asked)) == 0;
    default:
        return cf_json_equal(read, asked);
    }
}

bool cf_cvm_field_readable(const struct cf_cvm_field *field, const cJSON *read)
{
    if (is_none(read))
        return true;
    switch (field->kind) {
    case CF_CVM_FIELD_BOOLEAN:
        return cJSON_IsBool(read);
    case CF_CVM_FIELD_INTEGER:
        return cJSON_IsNumber(read);
    case CF_CVM_FIELD_NAMES:
        return cJSON_IsArray(read);
    case CF_CVM_FIELD_GPUS:
        return cJSON_IsArray(gpu_list(read));
    default:
        return cJSON_IsString(read);
    }
}
