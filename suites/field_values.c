/* What values of the fields are, and when two of them are the same. */
#include "harness/base/mem.h"
#include "suites/fields.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The texts of a list in order, for the caller to free; NULL where it holds something else. */
static const char **sorted_texts(const cJSON *list, size_t count)
{
    const char **texts = cf_alloc_array(count + 1, sizeof(*texts));
    size_t i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item)) {
            free(texts);
            return NULL;
        }
        texts[i++] = item->valuestring;
    }
    qsort(texts, count, sizeof(*texts), by_text);
    return texts;
}

/* In whichever order. There may be many thousands. */
static bool same_names(const cJSON *read, const cJSON *asked)
{
    int size = cJSON_GetArraySize(asked);
    if (cf_json_equal(read, asked))
        return true;
    if (cJSON_GetArraySize(read) != size)
        return false;
    size_t count = (size_t)size;
    const char **left = sorted_texts(read, count);
    const char **right = sorted_texts(asked, count);
    bool same = left && right;
    for (size_t i = 0; same && i < count; i++)
        same = strcmp(left[i], right[i]) == 0;
    free(left);
    free(right);
    return same;
}

/* A reading of GPUs: the list itself, or an object that holds it. */
static const cJSON *gpu_list(const cJSON *gpus)
{
    return cJSON_IsArray(gpus) ? gpus : cf_json_get(gpus, "gpus");
}

/* Whether a reading shows the product of any GPU: one that it lacks is then not there. */
static bool shows_products(const cJSON *list)
{
    const cJSON *gpu;
    cJSON_ArrayForEach(gpu, list)
    {
        if (cJSON_IsString(cf_json_get(gpu, "product_id")))
            return true;
    }
    return false;
}

static bool same_gpu(const cJSON *read, const cJSON *asked, bool products_show)
{
    const cJSON *product = cf_json_get(asked, "product_id");
    const char *slot = cf_json_text(asked, "slot", "");
    const char *read_slot =
        cJSON_IsString(read) ? read->valuestring : cf_json_text(read, "slot", "");
    return strcmp(slot, read_slot) == 0 &&
           (is_none(product) || (!products_show && !cf_json_get(read, "product_id")) ||
            cf_json_equal(cf_json_get(read, "product_id"), product));
}

/* How many GPUs a reading, or a value, has; a reading may be no more than that number. */
static int gpu_count(const cJSON *gpus)
{
    return cJSON_IsNumber(gpus) ? (int)gpus->valuedouble : cJSON_GetArraySize(gpu_list(gpus));
}

static bool same_gpus(const cJSON *read, const cJSON *asked)
{
    if (cJSON_IsNumber(read) || cJSON_IsNumber(asked))
        return gpu_count(read) == gpu_count(asked);
    const cJSON *mode = cf_json_get(asked, "attach_mode");
    const cJSON *read_mode = cf_json_get(read, "attach_mode");
    const cJSON *left = gpu_list(read);
    const cJSON *right = gpu_list(asked);
    if (cJSON_GetArraySize(left) != cJSON_GetArraySize(right))
        return false;
    if (mode && read_mode && !cf_json_equal(mode, read_mode))
        return false;
    bool products_show = shows_products(left);
    left = left ? left->child : NULL;
    right = right ? right->child : NULL;
    for (; left && right; left = left->next, right = right->next) {
        if (!same_gpu(left, right, products_show))
            return false;
    }
    return true;
}

/* ---- user_config: whole, or the members that the read side knows ---- */

static const char *const config_members[] = {"hostname", "ssh_authorized_keys",
                                             "default_gateway_domain"};
enum { CONFIG_MEMBERS = sizeof(config_members) / sizeof(config_members[0]) };

/* A user_config as an object: it is one, or text of one. False: it is not. */
static bool config_object(const cJSON *config, struct cf_json_doc *out)
{
    *out = (struct cf_json_doc){0};
    if (cJSON_IsObject(config)) {
        out->root = cJSON_Duplicate(config, 1);
        return true;
    }
    if (!cJSON_IsString(config) || cf_json_parse(out, "user_config", config->valuestring,
                                                 strlen(config->valuestring), 0, NULL) != CF_OK)
        return false;
    if (cJSON_IsObject(out->root))
        return true;
    cf_json_release(out);
    return false;
}

static bool same_known_members(const cJSON *read, const cJSON *asked)
{
    struct cf_json_doc left;
    struct cf_json_doc right;
    bool same = config_object(read, &left);
    if (!same || !config_object(asked, &right)) {
        if (same)
            cf_json_release(&left);
        return false;
    }
    for (int i = 0; same && i < CONFIG_MEMBERS; i++) {
        const cJSON *a = cf_json_get(left.root, config_members[i]);
        const cJSON *b = cf_json_get(right.root, config_members[i]);
        same = is_none(a) || is_none(b) ? is_none(a) && is_none(b) : cf_json_equal(a, b);
    }
    cf_json_release(&left);
    cf_json_release(&right);
    return same;
}

static bool has_known_member(const cJSON *config)
{
    struct cf_json_doc doc;
    bool has = false;
    if (!config_object(config, &doc))
        return false;
    for (int i = 0; i < CONFIG_MEMBERS; i++)
        has = has || !is_none(cf_json_get(doc.root, config_members[i]));
    cf_json_release(&doc);
    return has;
}

/* A mark before a text that was sent without one may be the read side's, for its encoding: one
 * cannot be told from the other. */
static bool same_text(const cJSON *read, const cJSON *asked)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t len = sizeof(mark) - 1;
    if (cf_json_equal(read, asked))
        return true;
    return cJSON_IsString(read) && cJSON_IsString(asked) &&
           strncmp(read->valuestring, mark, len) == 0 &&
           strcmp(read->valuestring + len, asked->valuestring) == 0;
}

const char *cf_cvm_field_hides(const struct cf_cvm_field *field, const cJSON *read,
                               const cJSON *asked)
{
    if (field->kind != CF_CVM_FIELD_CONFIG || !cJSON_IsObject(read) || has_known_member(asked))
        return NULL;
    return "what the read side shows of user_config has nothing of this text";
}

/* Whether a product was asked for, of a GPU that is shown by its slot alone. */
static bool hides_product(const cJSON *read, const cJSON *asked)
{
    const cJSON *left = gpu_list(read) ? gpu_list(read)->child : NULL;
    const cJSON *right = gpu_list(asked) ? gpu_list(asked)->child : NULL;
    for (; left && right; left = left->next, right = right->next) {
        if (!is_none(cf_json_get(right, "product_id")) && !cf_json_get(left, "product_id"))
            return true;
    }
    return false;
}

const char *cf_cvm_field_shows_part(const struct cf_cvm_field *field, const cJSON *read,
                                    const cJSON *asked)
{
    if (field->kind == CF_CVM_FIELD_CONFIG && cJSON_IsObject(read))
        return CF_CVM_CONFIG_SHOWS;
    if (field->kind == CF_CVM_FIELD_GPUS && cJSON_IsNumber(read))
        return "only the number of GPUs shows";
    if (field->kind == CF_CVM_FIELD_GPUS && hides_product(read, asked))
        return "the products of GPUs do not show";
    return NULL;
}

/* A number below the least legal one can only stand for none, as 0 does for no timeout. */
static bool means_none(const struct cf_cvm_field *field, const cJSON *value)
{
    return is_none(value) || (cJSON_IsNumber(value) && value->valuedouble < field->least);
}

bool cf_cvm_field_same(const struct cf_cvm_field *field, const cJSON *read, const cJSON *asked)
{
    if (field->kind == CF_CVM_FIELD_BOOLEAN && !read && cJSON_IsBool(asked))
        return cJSON_IsFalse(asked);
    if (means_none(field, read) || means_none(field, asked)) {
        if (field->kind == CF_CVM_FIELD_GPUS)
            return gpu_count(read) == gpu_count(asked);
        return means_none(field, read) && means_none(field, asked);
    }
    switch (field->kind) {
    case CF_CVM_FIELD_NAMES:
        return cJSON_IsArray(read) && cJSON_IsArray(asked) && same_names(read, asked);
    case CF_CVM_FIELD_GPUS:
        return same_gpus(read, asked);
    case CF_CVM_FIELD_CONFIG:
        return cJSON_IsObject(read) || cJSON_IsObject(asked) ? same_known_members(read, asked)
                                                             : same_text(read, asked);
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
        return cJSON_IsNumber(read) || cJSON_IsArray(gpu_list(read));
    case CF_CVM_FIELD_CONFIG:
        return cJSON_IsString(read) || cJSON_IsObject(read);
    default:
        return cJSON_IsString(read);
    }
}

bool cf_cvm_field_never_empty(const struct cf_cvm_field *field)
{
    bool size = field->kind == CF_CVM_FIELD_INTEGER && field->needs_values;
    return size || strcmp(field->name, "image") == 0 ||
           strcmp(field->name, "docker_compose_file") == 0;
}

/* ---- values of a profile ---- */

static bool is_hex(const cJSON *value)
{
    const char *digits = cJSON_IsString(value) ? hex_digits(value) : "";
    size_t len = strlen(digits);
    return len > 0 && len % 2 == 0 && digits[strspn(digits, "0123456789abcdefABCDEF")] == '\0';
}

static bool all_strings(const cJSON *list)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item))
            return false;
    }
    return cJSON_IsArray(list);
}

static bool is_gpu(const cJSON *item)
{
    const cJSON *product = cf_json_get(item, "product_id");
    return cJSON_IsString(cf_json_get(item, "slot")) &&
           (!product || cJSON_IsNull(product) || cJSON_IsString(product));
}

static bool is_gpu_config(const cJSON *value)
{
    const cJSON *list = cf_json_get(value, "gpus");
    const cJSON *mode = cf_json_get(value, "attach_mode");
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (!is_gpu(item))
            return false;
    }
    return cJSON_IsArray(list) && (!mode || cJSON_IsString(mode));
}

static const char *integer_fault(const struct cf_cvm_field *field, const cJSON *value)
{
    if (!cf_json_is_integer(value))
        return "not an integer";
    if (field->least > 0 &&
        (value->valuedouble < field->least || value->valuedouble > CF_CVM_TIMEOUT_MOST))
        return "not within 10 to 1200";
    return value->valuedouble < 1 ? "not a size: it is below 1" : NULL;
}

const char *cf_cvm_field_value_fault(const char *name, const cJSON *value)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[cf_cvm_field_index(name)];
    switch (field->kind) {
    case CF_CVM_FIELD_INTEGER:
        return integer_fault(field, value);
    case CF_CVM_FIELD_BOOLEAN:
        return cJSON_IsBool(value) ? NULL : "not a boolean";
    case CF_CVM_FIELD_HEX:
        return is_hex(value) ? NULL : "not an even number of hexadecimal digits in a text";
    case CF_CVM_FIELD_NAMES:
        return all_strings(value) ? NULL : "not a list of texts";
    case CF_CVM_FIELD_GPUS:
        return is_gpu_config(value) ? NULL
                                    : "not an object with a list \"gpus\" of objects with a text "
                                      "\"slot\"";
    default:
        return cJSON_IsString(value) ? NULL : "not a text";
    }
}

bool cf_cvm_field_values_alike(const char *name, const cJSON *a, const cJSON *b)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[cf_cvm_field_index(name)];
    return field->kind != CF_CVM_FIELD_GPUS && cf_cvm_field_same(field, a, b);
}
