#include "reference/validate.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

struct check {
    const struct cf_ref_switches *on;
    struct cf_ref_update *update;
    struct cf_ref_detail *detail;
    enum cf_code code; /* CF_ENOMEM once, then nothing more is stored */
};

static void store(struct check *c, enum cf_ref_field field, const char *bytes, size_t len)
{
    if (c->code == CF_OK)
        c->code = cf_ref_update_set(c->update, field, bytes, len);
}

static void store_text(struct check *c, enum cf_ref_field field, const char *text)
{
    store(c, field, text, strlen(text));
}

static void store_json(struct check *c, enum cf_ref_field field, const cJSON *node)
{
    struct cf_buf json;
    cf_buf_init(&json, SIZE_MAX / 2);
    cf_json_print(&json, node);
    if (json.code == CF_OK)
        store(c, field, json.data, json.len);
    else
        c->code = CF_ENOMEM;
    cf_buf_release(&json);
}

/* A fault of the member itself. tag is what a validator that walks unions adds to the place. */
static void fault(struct check *c, const struct cf_ref_loc *loc, const char *tag, const char *type,
                  const char *message, const cJSON *input)
{
    struct cf_ref_loc branch = {.parent = loc, .name = tag};
    bool tagged = tag && cf_varies(c->on, CF_VAR_LOC_BRANCH_TAGS);
    cf_ref_detail_add(c->detail, tagged ? &branch : loc, type, message, input);
}

/* ---- strings ---- */

static void check_text(struct check *c, const struct cf_ref_loc *loc, enum cf_ref_field field,
                       const cJSON *node)
{
    if (cJSON_IsString(node))
        store_text(c, field, node->valuestring);
    else
        fault(c, loc, "str", "string_type", "Input should be a valid string", node);
}

static void check_texts(struct check *c, const struct cf_ref_loc *loc, enum cf_ref_field field,
                        const cJSON *node)
{
    size_t before = c->detail->count;
    if (!cJSON_IsArray(node)) {
        fault(c, loc, "list[str]", "list_type", "Input should be a valid list", node);
        return;
    }
    struct cf_ref_loc at = {.parent = loc};
    const cJSON *element;
    cJSON_ArrayForEach(element, node)
    {
        if (!cJSON_IsString(element))
            fault(c, &at, NULL, "string_type", "Input should be a valid string", element);
        at.index++;
    }
    if (c->detail->count == before)
        store_json(c, field, node);
}

/* ---- booleans ---- */

static const char *const words_for_true[] = {"true", "1", "yes", "on", "t", "y"};
static const char *const words_for_false[] = {"false", "0", "no", "off", "f", "n"};

static bool among(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0)
            return true;
    }
    return false;
}

/* "true" or "false" for what a lenient framework takes as one, else NULL. */
static const char *lenient_flag(const cJSON *node)
{
    if (cJSON_IsNumber(node))
        return cf_json_same_number(node->valuestring, "1")   ? "true"
               : cf_json_same_number(node->valuestring, "0") ? "false"
                                                             : NULL;
    if (!cJSON_IsString(node))
        return NULL;
    if (among(node->valuestring, words_for_true, 6))
        return "true";
    return among(node->valuestring, words_for_false, 6) ? "false" : NULL;
}

static void check_flag(struct check *c, const struct cf_ref_loc *loc, enum cf_ref_field field,
                       const cJSON *node)
{
    const char *lenient = cf_varies(c->on, CF_VAR_LAX_COERCION) ? lenient_flag(node) : NULL;
    if (cJSON_IsBool(node))
        store_text(c, field, cJSON_IsTrue(node) ? "true" : "false");
    else if (lenient)
        store_text(c, field, lenient);
    else
        fault(c, loc, "bool", "bool_type", "Input should be a valid boolean", node);
}

/* ---- integers ---- */

static bool is_number_text(const char *text)
{
    size_t digits = strspn(text + (*text == '-'), "0123456789");
    return digits > 0 && digits < 20 && text[(*text == '-') + digits] == '\0';
}

/* The number literal meant by node, NULL when it means none. */
static const char *number_literal(const struct check *c, const cJSON *node)
{
    if (cJSON_IsNumber(node))
        return node->valuestring;
    if (!cf_varies(c->on, CF_VAR_LAX_COERCION))
        return NULL;
    if (cJSON_IsBool(node))
        return cJSON_IsTrue(node) ? "1" : "0";
    return cJSON_IsString(node) && is_number_text(node->valuestring) ? node->valuestring : NULL;
}

enum { TIMEOUT_MIN_SECONDS = 10, TIMEOUT_MAX_SECONDS = 1200 };

/* Whether shutdown_timeout may have this value; says so in detail where it may not. */
static bool within_bounds(struct check *c, const struct cf_ref_loc *loc, long long value,
                          const cJSON *node)
{
    long long min = TIMEOUT_MIN_SECONDS;
    long long max = TIMEOUT_MAX_SECONDS;
    if (cf_deviates(c->on, CF_DEV_VALIDATION_TIMEOUT_9_ACCEPTED))
        min = TIMEOUT_MIN_SECONDS - 1;
    if (cf_deviates(c->on, CF_DEV_VALIDATION_TIMEOUT_1201_ACCEPTED))
        max = TIMEOUT_MAX_SECONDS + 1;
    if (cf_deviates(c->on, CF_DEV_VALIDATION_TIMEOUT_10_REFUSED))
        min = TIMEOUT_MIN_SECONDS + 1;
    if (value < min)
        fault(c, loc, "int", "greater_than_equal", "Input should be greater than or equal to 10",
              node);
    else if (value > max)
        fault(c, loc, "int", "less_than_equal", "Input should be less than or equal to 1200", node);
    return value >= min && value <= max;
}

static void check_count(struct check *c, const struct cf_ref_loc *loc, enum cf_ref_field field,
                        const cJSON *node)
{
    const char *literal = number_literal(c, node);
    long long value = 0;
    bool negative = false;
    if (!literal) {
        fault(c, loc, "int", "int_type", "Input should be a valid integer", node);
        return;
    }
    enum cf_ref_integer_result result = cf_ref_integer(literal, &value, &negative);
    if (result == CF_REF_INTEGER_FRACTION) {
        fault(c, loc, "int", "int_from_float",
              "Input should be a valid integer, got a number with a fractional part", node);
        return;
    }
    if (result == CF_REF_INTEGER_HUGE && field != CF_FIELD_SHUTDOWN_TIMEOUT) {
        fault(c, loc, "int", "int_parsing_size", "Input is an integer of more than 64 bits", node);
        return;
    }
    if (result == CF_REF_INTEGER_HUGE)
        value = negative ? LLONG_MIN : LLONG_MAX;
    if (field == CF_FIELD_SHUTDOWN_TIMEOUT && !within_bounds(c, loc, value, node))
        return;
    char text[32];
    (void)snprintf(text, sizeof(text), "%lld", value);
    store_text(c, field, text);
}

/* ---- gpus ---- */

static void missing(struct check *c, const struct cf_ref_loc *loc, const char *member,
                    const cJSON *parent)
{
    struct cf_ref_loc at = {.parent = loc, .name = member};
    fault(c, &at, NULL, "missing", "Field required", parent);
}

static void check_gpu_text(struct check *c, const struct cf_ref_loc *loc, const char *member,
                           const cJSON *node)
{
    struct cf_ref_loc at = {.parent = loc, .name = member};
    if (!cJSON_IsString(node))
        fault(c, &at, NULL, "string_type", "Input should be a valid string", node);
}

static void check_gpu(struct check *c, const struct cf_ref_loc *loc, const cJSON *gpu)
{
    const cJSON *slot = cf_json_get(gpu, "slot");
    const cJSON *product = cf_json_get(gpu, "product_id");
    if (!cJSON_IsObject(gpu)) {
        fault(c, loc, NULL, "model_attributes_type", "Input should be a valid object", gpu);
        return;
    }
    if (!slot)
        missing(c, loc, "slot", gpu);
    else
        check_gpu_text(c, loc, "slot", slot);
    if (product && !cJSON_IsNull(product))
        check_gpu_text(c, loc, "product_id", product);
}

static void check_gpu_list(struct check *c, const struct cf_ref_loc *loc, const cJSON *list)
{
    struct cf_ref_loc here = {.parent = loc, .name = "gpus"};
    struct cf_ref_loc at = {.parent = &here};
    if (!cJSON_IsArray(list)) {
        fault(c, &here, NULL, "list_type", "Input should be a valid list", list);
        return;
    }
    const cJSON *gpu;
    cJSON_ArrayForEach(gpu, list)
    {
        check_gpu(c, &at, gpu);
        at.index++;
    }
}

static void check_attach_mode(struct check *c, const struct cf_ref_loc *loc, const cJSON *mode)
{
    struct cf_ref_loc here = {.parent = loc, .name = "attach_mode"};
    if (mode && !cJSON_IsString(mode))
        fault(c, &here, "str", "string_type", "Input should be a valid string", mode);
}

/* One spelling whatever the order of the members in the request: the list, then the mode. */
static void store_gpus(struct check *c, const cJSON *node)
{
    const char *mode = cf_json_text(node, "attach_mode", "listed");
    const cJSON *list = cf_json_get(node, "gpus");
    const cJSON *gpu;
    struct cf_buf json;
    cf_buf_init(&json, SIZE_MAX / 2);
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
    cf_buf_puts(&json, "],\"attach_mode\":");
    cf_json_put_text(&json, mode);
    cf_buf_putc(&json, '}');
    if (json.code == CF_OK)
        store(c, CF_FIELD_GPUS, json.data, json.len);
    else
        c->code = CF_ENOMEM;
    cf_buf_release(&json);
}

static void check_gpus(struct check *c, const struct cf_ref_loc *loc, const cJSON *node)
{
    size_t before = c->detail->count;
    const cJSON *list = cf_json_get(node, "gpus");
    if (!cJSON_IsObject(node)) {
        fault(c, loc, "GpuConfig", "model_attributes_type", "Input should be a valid object", node);
        return;
    }
    if (!list)
        missing(c, loc, "gpus", node);
    else
        check_gpu_list(c, loc, list);
    check_attach_mode(c, loc, cf_json_get(node, "attach_mode"));
    if (c->detail->count == before)
        store_gpus(c, node);
}

/* ---- the body ---- */

/* null is a value of every field but one. What it does to the stored value the contract leaves
 * open, except that it lifts the shutdown timeout. */
static void store_null(struct check *c, enum cf_ref_field field)
{
    const struct cf_ref_field_info *info = cf_ref_field(field);
    const char *value = info->cleared;
    if (field != CF_FIELD_SHUTDOWN_TIMEOUT && cf_varies(c->on, CF_VAR_NULL_LEAVES))
        value = NULL;
    if (cf_varies(c->on, CF_VAR_NULL_RESETS))
        value = info->initial;
    if (value)
        store_text(c, field, value);
}

static void check_member(struct check *c, const struct cf_ref_loc *body, const cJSON *node)
{
    enum cf_ref_field field = cf_ref_field_named(node->string);
    struct cf_ref_loc loc = {.parent = body, .name = node->string};
    if (field == CF_REF_FIELD_COUNT) {
        if (cf_varies(c->on, CF_VAR_UNKNOWN_MEMBERS_REFUSED))
            fault(c, &loc, NULL, "extra_forbidden", "Extra inputs are not permitted", node);
        return;
    }
    if (cJSON_IsNull(node) && field != CF_FIELD_ALLOW_FORCE_STOP) {
        store_null(c, field);
        return;
    }
    switch (cf_ref_field(field)->kind) {
    case CF_KIND_TEXT:
        check_text(c, &loc, field, node);
        break;
    case CF_KIND_TEXTS:
        check_texts(c, &loc, field, node);
        break;
    case CF_KIND_FLAG:
        check_flag(c, &loc, field, node);
        break;
    case CF_KIND_COUNT:
        check_count(c, &loc, field, node);
        break;
    case CF_KIND_GPUS:
        check_gpus(c, &loc, node);
        break;
    }
}

enum cf_code cf_ref_validate(const struct cf_ref_switches *on, const cJSON *body,
                             struct cf_ref_update *out, struct cf_ref_detail *detail)
{
    struct check c = {.on = on, .update = out, .detail = detail};
    const struct cf_ref_loc loc = {.name = "body"};
    if (!cJSON_IsObject(body)) {
        fault(&c, &loc, NULL, "model_attributes_type", "Input should be a valid object", body);
        return CF_OK;
    }
    const cJSON *member;
    cJSON_ArrayForEach(member, body) check_member(&c, &loc, member);
    return c.code;
}
