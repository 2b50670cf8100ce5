#include "reference/validate.h"
#include "harness/base/json_number.h"
#include "reference/check.h"
#include "reference/check_gpus.h"
#include "reference/integer.h"
#include "reference/lenience.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void store_text(struct cf_ref_check *c, enum cf_ref_field field, const char *text)
{
    cf_ref_check_store(c, field, text, strlen(text));
}

/* What bugs go by. */
static uint32_t facts_of(enum cf_ref_field field)
{
    static const uint32_t facts[CF_REF_FIELD_COUNT] = {
        [CF_REF_FIELD_PRE_LAUNCH_SCRIPT] = CF_REF_OF_SCRIPT,
        [CF_REF_FIELD_USER_CONFIG] = CF_REF_OF_USER_CONFIG,
        [CF_REF_FIELD_GPUS] = CF_REF_OF_GPUS,
        [CF_REF_FIELD_VCPU] = CF_REF_OF_SIZE,
        [CF_REF_FIELD_MEMORY] = CF_REF_OF_SIZE,
        [CF_REF_FIELD_DISK_SIZE] = CF_REF_OF_SIZE,
        [CF_REF_FIELD_SHUTDOWN_TIMEOUT] = CF_REF_OF_TIMEOUT,
    };
    return facts[field];
}

/* ---- strings ---- */

/* The string that node is, or that a converting framework makes of it; NULL: none. */
static const char *text_of(const struct cf_ref_check *c, const cJSON *node)
{
    bool converts = cf_ref_check_slips_at(c, CF_REF_AT_TEXT_TYPE, 0);
    if (cJSON_IsString(node) || (cJSON_IsNumber(node) && converts))
        return node->valuestring;
    return cJSON_IsBool(node) && converts ? (cJSON_IsTrue(node) ? "True" : "False") : NULL;
}

/* Whether the first 64 bytes of a text end within a character. */
static bool is_cut_at_64(const char *text)
{
    return strnlen(text, 65) > 64 && ((unsigned char)text[64] & 0xc0) == 0x80;
}

static uint32_t facts_of_text(enum cf_ref_field field, const char *text)
{
    return facts_of(field) | (strlen(text) >= 1 << 19 ? CF_REF_IS_LONG : 0U) |
           (is_cut_at_64(text) ? CF_REF_IS_CUT_AT_64 : 0U);
}

static void check_text(struct cf_ref_check *c, const struct cf_ref_loc *loc,
                       enum cf_ref_field field, const cJSON *node)
{
    const char *text = text_of(c, node);
    if (text) {
        store_text(c, field, text);
        cf_ref_check_throw(c, CF_REF_THROWS_AT_TEXT, facts_of_text(field, text));
        return;
    }
    cf_ref_check_fault(c, loc, "str", "string_type", "Input should be a valid string", node);
    cf_ref_check_throw(c, CF_REF_THROWS_AT_WRONG_TEXT, facts_of(field));
}

static void store_names(struct cf_ref_check *c, enum cf_ref_field field, const cJSON *list)
{
    struct cf_buf json = {0};
    const cJSON *element;
    cf_buf_putc(&json, '[');
    cJSON_ArrayForEach(element, list)
    {
        const char *text = text_of(c, element);
        if (element != list->child)
            cf_buf_putc(&json, ',');
        if (text)
            cf_json_put_text(&json, text);
        else
            cf_json_print(&json, element);
    }
    cf_buf_putc(&json, ']');
    cf_ref_check_store(c, field, json.data, json.len);
    cf_buf_release(&json);
}

static void check_texts(struct cf_ref_check *c, const struct cf_ref_loc *loc,
                        enum cf_ref_field field, const cJSON *node)
{
    size_t before = c->detail->count;
    if (!cJSON_IsArray(node)) {
        cf_ref_check_fault(c, loc, "list[str]", "list_type", "Input should be a valid list", node);
        return;
    }
    struct cf_ref_loc at = {.parent = loc};
    const cJSON *element;
    cJSON_ArrayForEach(element, node)
    {
        if (!text_of(c, element) &&
            !cf_ref_check_slips_at(c, CF_REF_AT_ENV_NAME, at.index > 0 ? CF_REF_NOT_FIRST : 0U))
            cf_ref_check_fault(c, &at, NULL, "string_type", "Input should be a valid string",
                               element);
        at.index++;
    }
    cf_ref_check_throw(c, CF_REF_THROWS_AT_LIST, at.index > 10000 ? CF_REF_IS_LONG : 0U);
    if (c->detail->count == before)
        store_names(c, field, node);
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

static void check_flag(struct cf_ref_check *c, const struct cf_ref_loc *loc,
                       enum cf_ref_field field, const cJSON *node)
{
    const char *lenient = cf_ref_has(c->on, CF_REF_VAR_LAX_COERCION) ? lenient_flag(node) : NULL;
    if (cJSON_IsBool(node))
        store_text(c, field, cJSON_IsTrue(node) ? "true" : "false");
    else if (lenient)
        store_text(c, field, lenient);
    else
        cf_ref_check_fault(c, loc, "bool", "bool_type", "Input should be a valid boolean", node);
}

/* ---- integers ---- */

static bool is_number_text(const char *text)
{
    size_t digits = strspn(text + (*text == '-'), "0123456789");
    return digits > 0 && digits < 20 && text[(*text == '-') + digits] == '\0';
}

/* The number literal meant by node, NULL when it means none. */
static const char *number_literal(const struct cf_ref_check *c, const cJSON *node)
{
    if (cJSON_IsNumber(node))
        return node->valuestring;
    if (!cf_ref_has(c->on, CF_REF_VAR_LAX_COERCION))
        return NULL;
    if (cJSON_IsBool(node))
        return cJSON_IsTrue(node) ? "1" : "0";
    return cJSON_IsString(node) && is_number_text(node->valuestring) ? node->valuestring : NULL;
}

enum { TIMEOUT_MIN_SECONDS = 10, TIMEOUT_MAX_SECONDS = 1200 };

/* shutdown_timeout has a value; out_text is what is stored of it. False: it was refused. */
static bool check_timeout(struct cf_ref_check *c, const struct cf_ref_loc *loc, long long value,
                          const cJSON *node, char out_text[32])
{
    const struct cf_ref_switches *on = c->on;
    long long min = cf_ref_check_bound(on, CF_REF_AT_TIMEOUT_MIN, TIMEOUT_MIN_SECONDS);
    long long max = cf_ref_check_bound(on, CF_REF_AT_TIMEOUT_MAX, TIMEOUT_MAX_SECONDS);
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_TIMEOUT_WRAPS))
        value = (long long)(uint32_t)value;
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_TIMEOUT_CLAMPED))
        value = value < min ? min : value > max ? max : value;
    if (value < 0 && cf_ref_has(on, CF_REF_DEV_VALIDATION_TIMEOUT_NEGATIVE_ACCEPTED)) {
        snprintf(out_text, 32, "null");
        return true;
    }
    snprintf(out_text, 32, "%lld", value);
    if (value < min)
        cf_ref_check_fault(c, loc, "int", "greater_than_equal",
                           "Input should be greater than or equal to 10", node);
    else if (value > max)
        cf_ref_check_fault(c, loc, "int", "less_than_equal",
                           "Input should be less than or equal to 1200", node);
    return value >= min && value <= max;
}

/* The integer that literal spells; false, with a fault, where it spells none of 64 bits. The bounds
 * of shutdown_timeout refuse the larger ones with words of their own. */
static bool read_integer(struct cf_ref_check *c, const struct cf_ref_loc *loc, const char *literal,
                         bool bounded, const cJSON *node, long long *out)
{
    bool negative = false;
    enum cf_ref_integer_result result = cf_ref_integer(literal, out, &negative);
    if (cf_ref_has(c->on, CF_REF_VAR_STRICT_INTEGERS) && strpbrk(literal, ".eE"))
        result = CF_REF_INTEGER_FRACTION;
    if (result == CF_REF_INTEGER_FRACTION && node->valuedouble > -1e15 &&
        node->valuedouble < 1e15 && cf_ref_check_slips_at(c, CF_REF_AT_FRACTION, 0)) {
        *out = (long long)node->valuedouble;
        return true;
    }
    if (result == CF_REF_INTEGER_HUGE && bounded) {
        *out = negative ? LLONG_MIN : LLONG_MAX;
        return true;
    }
    if (result == CF_REF_INTEGER_HUGE) {
        cf_ref_check_throw(c, CF_REF_THROWS_AT_HUGE, 0);
        cf_ref_check_fault(c, loc, "int", "int_parsing_size",
                           "Input is an integer of more than 64 bits", node);
    }
    if (result == CF_REF_INTEGER_FRACTION)
        cf_ref_check_fault(c, loc, "int", "int_from_float",
                           "Input should be a valid integer, got a number with a fractional part",
                           node);
    return result == CF_REF_INTEGER_OK;
}

static void check_count(struct cf_ref_check *c, const struct cf_ref_loc *loc,
                        enum cf_ref_field field, const cJSON *node)
{
    bool bounded = field == CF_REF_FIELD_SHUTDOWN_TIMEOUT;
    const char *literal = number_literal(c, node);
    long long value = 0;
    char text[32];
    if (!literal) {
        cf_ref_check_fault(c, loc, "int", "int_type", "Input should be a valid integer", node);
        return;
    }
    if (!read_integer(c, loc, literal, bounded, node, &value))
        return;
    if (!bounded && cf_ref_has(c->on, CF_REF_DEV_PARTIAL_SIZES_WRAP))
        value = (long long)(uint32_t)value;
    if (!bounded && value > INT32_MAX && cf_ref_has(c->on, CF_REF_DEV_PARTIAL_SIZES_SATURATE))
        value = INT32_MAX;
    snprintf(text, sizeof(text), "%lld", value);
    if (!bounded || check_timeout(c, loc, value, node, text))
        store_text(c, field, text);
}

/* ---- the body ---- */

/* A null that is refused although the schema allows it. */
static void refuse_null(struct cf_ref_check *c, const struct cf_ref_loc *loc,
                        enum cf_ref_field field, const cJSON *node)
{
    bool gpus = field == CF_REF_FIELD_GPUS;
    cf_ref_check_fault(c, loc, NULL, gpus ? "model_attributes_type" : "int_type",
                       gpus ? "Input should be a valid object" : "Input should be a valid integer",
                       node);
}

/* What a body does, as bugs would have it, to a field that it does not name. */
enum cause {
    NULL_FOR, /* it has null for a field */
    UNKNOWN,  /* a member is no field */
    TWICE     /* a member occurs twice */
};

static const struct {
    enum cf_ref_id id;
    enum cause cause;
    enum cf_ref_field null, other;
} intrusions[] = {
    {CF_REF_DEV_PARTIAL_NULL_VCPU_RESETS_SIZES, NULL_FOR, CF_REF_FIELD_VCPU, CF_REF_FIELD_MEMORY},
    {CF_REF_DEV_PARTIAL_NULL_VCPU_RESETS_SIZES, NULL_FOR, CF_REF_FIELD_VCPU,
     CF_REF_FIELD_DISK_SIZE},
    {CF_REF_DEV_PARTIAL_NULL_IMAGE_CLEARS_ENV, NULL_FOR, CF_REF_FIELD_IMAGE,
     CF_REF_FIELD_ENCRYPTED_ENV},
    {CF_REF_DEV_PARTIAL_NULL_DISK_RESETS_FORCE, NULL_FOR, CF_REF_FIELD_DISK_SIZE,
     CF_REF_FIELD_ALLOW_FORCE_STOP},
    {CF_REF_DEV_PARTIAL_NULL_TCBINFO_RESETS_LOGS, NULL_FOR, CF_REF_FIELD_PUBLIC_TCBINFO,
     CF_REF_FIELD_PUBLIC_LOGS},
    {CF_REF_DEV_PARTIAL_UNKNOWN_RESETS_FORCE, UNKNOWN, CF_REF_FIELD_COUNT,
     CF_REF_FIELD_ALLOW_FORCE_STOP},
    {CF_REF_DEV_PARTIAL_UNKNOWN_RESETS_CONFIG, UNKNOWN, CF_REF_FIELD_COUNT,
     CF_REF_FIELD_USER_CONFIG},
    {CF_REF_DEV_PARTIAL_TWICE_RESETS_FORCE, TWICE, CF_REF_FIELD_COUNT,
     CF_REF_FIELD_ALLOW_FORCE_STOP},
    {CF_REF_DEV_PARTIAL_NULL_CONFIG_CLEARS_ENVS, NULL_FOR, CF_REF_FIELD_USER_CONFIG,
     CF_REF_FIELD_ALLOWED_ENVS},
    {CF_REF_DEV_PARTIAL_NULL_ENVS_CLEAR_SECRETS, NULL_FOR, CF_REF_FIELD_ALLOWED_ENVS,
     CF_REF_FIELD_ENCRYPTED_ENV},
    {CF_REF_DEV_PARTIAL_NULL_SECRETS_CLEAR_ENVS, NULL_FOR, CF_REF_FIELD_ENCRYPTED_ENV,
     CF_REF_FIELD_ALLOWED_ENVS},
    {CF_REF_DEV_PARTIAL_NULL_SYSINFO_RESETS_LOGS, NULL_FOR, CF_REF_FIELD_PUBLIC_SYSINFO,
     CF_REF_FIELD_PUBLIC_LOGS},
    {CF_REF_DEV_PARTIAL_NULL_GPUS_RESET_VCPU, NULL_FOR, CF_REF_FIELD_GPUS, CF_REF_FIELD_VCPU},
    {CF_REF_DEV_PARTIAL_NULL_MEMORY_RESETS_VCPU, NULL_FOR, CF_REF_FIELD_MEMORY, CF_REF_FIELD_VCPU},
};

static bool has_cause(const cJSON *whole, enum cause cause, enum cf_ref_field null)
{
    const cJSON *member;
    if (cause == NULL_FOR)
        return cJSON_IsNull(cf_json_get(whole, cf_ref_field(null)->name));
    cJSON_ArrayForEach(member, whole)
    {
        bool unknown = cf_ref_field_named(member->string) == CF_REF_FIELD_COUNT;
        if (cause == UNKNOWN ? unknown : cf_json_get(whole, member->string) != member)
            return true;
    }
    return false;
}

static void intrude(struct cf_ref_check *c, const cJSON *whole)
{
    for (size_t i = 0; i < sizeof(intrusions) / sizeof(intrusions[0]); i++) {
        const struct cf_ref_field_info *other = cf_ref_field(intrusions[i].other);
        bool shrinks = intrusions[i].other == CF_REF_FIELD_DISK_SIZE;
        if (shrinks && cf_ref_has(c->on, CF_REF_VAR_DISK_CANNOT_SHRINK))
            continue;
        if (cf_ref_has(c->on, intrusions[i].id) && !cf_json_get(whole, other->name) &&
            has_cause(whole, intrusions[i].cause, intrusions[i].null))
            store_text(c, intrusions[i].other, other->initial);
    }
}

/* null is a value of every field but one. What it does to the stored value the contract leaves
 * open, except that it lifts the shutdown timeout. */
static void check_null(struct cf_ref_check *c, const struct cf_ref_loc *loc,
                       enum cf_ref_field field, const cJSON *node)
{
    const struct cf_ref_field_info *info = cf_ref_field(field);
    const char *value = info->cleared;
    if (cf_ref_check_slips_at(c, CF_REF_AT_NULL, facts_of(field))) {
        refuse_null(c, loc, field, node);
        return;
    }
    cf_ref_check_throw(c, CF_REF_THROWS_AT_NULL, facts_of(field));
    if (field != CF_REF_FIELD_SHUTDOWN_TIMEOUT && cf_ref_has(c->on, CF_REF_VAR_NULL_LEAVES))
        value = NULL;
    if (cf_ref_has(c->on, CF_REF_VAR_NULL_RESETS))
        value = info->initial;
    if (value)
        store_text(c, field, value);
}

static void check_typed(struct cf_ref_check *c, const struct cf_ref_loc *loc,
                        enum cf_ref_field field, const cJSON *node)
{
    switch (cf_ref_field(field)->kind) {
    case CF_REF_KIND_TEXT:
        check_text(c, loc, field, node);
        break;
    case CF_REF_KIND_TEXTS:
        check_texts(c, loc, field, node);
        break;
    case CF_REF_KIND_FLAG:
        check_flag(c, loc, field, node);
        break;
    case CF_REF_KIND_COUNT:
        check_count(c, loc, field, node);
        break;
    case CF_REF_KIND_GPUS:
        cf_ref_check_gpus(c, loc, node);
        break;
    }
}

/* The contract does not say what a member means that occurs twice; here the last one counts. */
static void note_duplicate(struct cf_ref_check *c, const struct cf_ref_loc *loc, const cJSON *node)
{
    cf_ref_check_throw(c, CF_REF_THROWS_AT_DUPLICATE, 0);
    if (cf_ref_check_slips_at(c, CF_REF_AT_DUPLICATE, 0))
        cf_ref_check_fault(c, loc, NULL, "duplicate", "Member occurs twice", node);
}

static enum cf_ref_field field_of(const struct cf_ref_switches *on, const char *name)
{
    enum cf_ref_field field = cf_ref_field_named(name);
    size_t i = 0;
    if (field != CF_REF_FIELD_COUNT || !cf_ref_has(on, CF_REF_VAR_NAMES_IN_ANY_CASE))
        return field;
    while (i < CF_REF_FIELD_COUNT &&
           strcasecmp(cf_ref_field((enum cf_ref_field)i)->name, name) != 0)
        i++;
    return (enum cf_ref_field)i;
}

static void check_member(struct cf_ref_check *c, const struct cf_ref_loc *body, const cJSON *whole,
                         const cJSON *node, size_t ordinal)
{
    enum cf_ref_field field = field_of(c->on, node->string);
    struct cf_ref_loc loc = {.parent = body, .name = node->string};
    struct cf_buf taken = {0};
    if (field == CF_REF_FIELD_COUNT) {
        if (cf_ref_check_slips_at(c, CF_REF_AT_UNKNOWN_MEMBER, 0))
            cf_ref_check_fault(c, &loc, NULL, "extra_forbidden", "Extra inputs are not permitted",
                               node);
        return;
    }
    if (cf_json_get(whole, node->string) != node) {
        note_duplicate(c, &loc, node);
        if (cf_ref_has(c->on, CF_REF_VAR_FIRST_DUPLICATE_COUNTS))
            return;
    }
    enum cf_ref_lenience lenience = cf_ref_lenience(c->on, field, node, ordinal, &taken);
    if (lenience == CF_REF_LENIENCE_TAKE)
        cf_ref_check_store(c, field, cf_buf_text(&taken), taken.len);
    if (lenience == CF_REF_LENIENCE_NONE) {
        if (cJSON_IsNull(node) && field != CF_REF_FIELD_ALLOW_FORCE_STOP)
            check_null(c, &loc, field, node);
        else
            check_typed(c, &loc, field, node);
    }
    cf_buf_release(&taken);
}

static void validate(const struct cf_ref_switches *on, const cJSON *body, struct cf_ref_update *out,
                     struct cf_ref_detail *detail)
{
    struct cf_ref_check c = {.on = on, .update = out, .detail = detail};
    const struct cf_ref_loc loc = {.name = "body"};
    size_t ordinal = 0;
    if (!cJSON_IsObject(body)) {
        uint32_t facts = cJSON_IsArray(body) ? CF_REF_IS_LIST : 0U;
        facts |= cJSON_IsNull(body) ? CF_REF_IS_NULL : 0U;
        if (!cf_ref_check_slips(on, CF_REF_AT_BODY_TYPE, facts))
            cf_ref_check_fault(&c, &loc, NULL, "model_attributes_type",
                               "Input should be a valid object", body);
        return;
    }
    const cJSON *member;
    detail->first_member = body->child ? body->child->string : NULL;
    cJSON_ArrayForEach(member, body) check_member(&c, &loc, body, member, ordinal++);
    intrude(&c, body);
}

static cJSON *members_in_order(const cJSON *body)
{
    const char *names[CF_REF_FIELD_COUNT];
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++)
        names[i] = cf_ref_field((enum cf_ref_field)i)->name;
    return cf_ref_in_order(body, names, CF_REF_FIELD_COUNT);
}

void cf_ref_validate(const struct cf_ref_switches *on, const cJSON *body, struct cf_ref_update *out,
                     struct cf_ref_detail *detail)
{
    cJSON *read =
        cf_ref_has(on, CF_REF_DEV_VALIDATION_BODY_IN_ORDER) ? members_in_order(body) : NULL;
    validate(on, read ? read : body, out, detail);
    if (read)
        detail->first_member = NULL;
    cJSON_Delete(read);
}
