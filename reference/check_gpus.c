#include "reference/check_gpus.h"
#include "reference/lenience.h"

#include <string.h>

static void missing(struct cf_ref_check *c, const struct cf_ref_loc *loc, const char *member,
                    const cJSON *parent)
{
    struct cf_ref_loc at = {.parent = loc, .name = member};
    cf_ref_check_fault(c, &at, NULL, "missing", "Field required", parent);
}

static void check_gpu_text(struct cf_ref_check *c, const struct cf_ref_loc *loc, const char *member,
                           const cJSON *node)
{
    struct cf_ref_loc at = {.parent = loc, .name = member};
    if (!cJSON_IsString(node))
        cf_ref_check_fault(c, &at, NULL, "string_type", "Input should be a valid string", node);
}

static void check_gpu(struct cf_ref_check *c, const struct cf_ref_loc *loc, const cJSON *gpu)
{
    const cJSON *slot = cf_json_get(gpu, "slot");
    const cJSON *product = cf_json_get(gpu, "product_id");
    if (!cJSON_IsObject(gpu)) {
        cf_ref_check_fault(c, loc, NULL, "model_attributes_type", "Input should be a valid object",
                           gpu);
        return;
    }
    if (!slot && !cf_ref_check_slips_at(c, CF_REF_AT_SLOT_MEMBER, 0))
        missing(c, loc, "slot", gpu);
    if (slot && !cf_ref_check_slips_at(c, CF_REF_AT_SLOT_TYPE,
                                       cJSON_IsNumber(slot) ? CF_REF_IS_NUMBER : 0U))
        check_gpu_text(c, loc, "slot", slot);
    if (product && !cJSON_IsNull(product) && !cf_ref_check_slips_at(c, CF_REF_AT_PRODUCT_ID, 0))
        check_gpu_text(c, loc, "product_id", product);
}

static void check_gpu_list(struct cf_ref_check *c, const struct cf_ref_loc *loc, const cJSON *list)
{
    struct cf_ref_loc here = {.parent = loc, .name = "gpus"};
    struct cf_ref_loc at = {.parent = &here};
    if (!cJSON_IsArray(list)) {
        if (!cf_ref_check_slips_at(c, CF_REF_AT_GPU_LIST, 0))
            cf_ref_check_fault(c, &here, NULL, "list_type", "Input should be a valid list", list);
        return;
    }
    const cJSON *gpu;
    cJSON_ArrayForEach(gpu, list)
    {
        if (!cf_ref_check_slips_at(c, CF_REF_AT_GPU, at.index > 0 ? CF_REF_NOT_FIRST : 0U))
            check_gpu(c, &at, gpu);
        at.index++;
    }
}

static void check_attach_mode(struct cf_ref_check *c, const struct cf_ref_loc *loc,
                              const cJSON *mode)
{
    struct cf_ref_loc here = {.parent = loc, .name = "attach_mode"};
    if (mode && !cJSON_IsString(mode) && !cf_ref_check_slips_at(c, CF_REF_AT_ATTACH_MODE, 0))
        cf_ref_check_fault(c, &here, "str", "string_type", "Input should be a valid string", mode);
    /* The schema names two modes and then allows every string. */
    if (cJSON_IsString(mode) && cf_ref_check_slips_at(c, CF_REF_AT_OTHER_MODE, 0) &&
        strcmp(mode->valuestring, "listed") != 0 && strcmp(mode->valuestring, "all") != 0)
        cf_ref_check_fault(c, &here, NULL, "enum", "Input should be 'listed' or 'all'", mode);
}

/* One spelling whatever the order of the members in the request: the list, then the mode, which is
 * left out where it is to stay as it is. */
static void store_gpus(struct cf_ref_check *c, const cJSON *node)
{
    const char *absent = cf_ref_has(c->on, CF_REF_VAR_ATTACH_MODE_STAYS) ? NULL : "listed";
    if (cf_ref_has(c->on, CF_REF_DEV_PARTIAL_ATTACH_MODE_ALL))
        absent = "all";
    const char *mode = cf_json_text(node, "attach_mode", absent);
    const cJSON *gpus = cf_json_get(node, "gpus");
    const cJSON *list = cJSON_IsArray(gpus) ? gpus : NULL;
    const cJSON *gpu;
    struct cf_buf json = {0};
    cf_buf_puts(&json, "{\"gpus\":[");
    cJSON_ArrayForEach(gpu, list)
    {
        cf_buf_puts(&json, gpu == list->child ? "{\"slot\":" : ",{\"slot\":");
        cf_json_print(&json, cf_json_get(gpu, "slot"));
        if (cf_json_get(gpu, "product_id")) {
            cf_buf_puts(&json, ",\"product_id\":");
            cf_json_print(&json, cf_json_get(gpu, "product_id"));
        }
        cf_buf_putc(&json, '}');
    }
    cf_buf_putc(&json, ']');
    if (mode) {
        cf_buf_puts(&json, ",\"attach_mode\":");
        cf_json_put_text(&json, mode);
    }
    cf_buf_putc(&json, '}');
    cf_ref_check_store(c, CF_REF_FIELD_GPUS, json.data, json.len);
    cf_buf_release(&json);
}

/* gpus where arrays pass for objects. */
static cJSON *as_objects(const cJSON *node)
{
    static const char *const of_gpus[] = {"gpus", "attach_mode"};
    static const char *const of_gpu[] = {"slot", "product_id"};
    cJSON *whole = cf_ref_in_order(node, of_gpus, 2);
    if (!whole)
        whole = cJSON_Duplicate(node, 1);
    cJSON *list = cJSON_GetObjectItemCaseSensitive(whole, "gpus");
    for (int i = 0; cJSON_IsArray(list) && i < cJSON_GetArraySize(list); i++) {
        cJSON *gpu = cf_ref_in_order(cJSON_GetArrayItem(list, i), of_gpu, 2);
        if (gpu)
            cJSON_ReplaceItemInArray(list, i, gpu);
    }
    return whole;
}

static void check_gpus(struct cf_ref_check *c, const struct cf_ref_loc *loc, const cJSON *node)
{
    size_t before = c->detail->count;
    const cJSON *list = cf_json_get(node, "gpus");
    if (!cJSON_IsObject(node)) {
        cf_ref_check_fault(c, loc, "GpuConfig", "model_attributes_type",
                           "Input should be a valid object", node);
        return;
    }
    if (list)
        check_gpu_list(c, loc, list);
    else if (!cf_ref_check_slips_at(c, CF_REF_AT_GPUS_MEMBER, 0))
        missing(c, loc, "gpus", node);
    check_attach_mode(c, loc, cf_json_get(node, "attach_mode"));
    if (c->detail->count == before)
        store_gpus(c, node);
}

void cf_ref_check_gpus(struct cf_ref_check *c, const struct cf_ref_loc *loc, const cJSON *node)
{
    cJSON *read = cf_ref_has(c->on, CF_REF_DEV_VALIDATION_GPUS_IN_ORDER) ? as_objects(node) : NULL;
    check_gpus(c, loc, read ? read : node);
    cJSON_Delete(read);
}
