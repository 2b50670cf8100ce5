#include "cli/openapi/schema.h"

#include <string.h>

enum { WORK_MAX = 2000, DEPTH_MAX = 32 };

static const struct {
    const char *name;
    unsigned bit;
} types[] = {
    {"boolean", CF_SCHEMA_BOOLEAN},
    {"integer", CF_SCHEMA_INTEGER},
    {"number", CF_SCHEMA_NUMBER | CF_SCHEMA_INTEGER},
    {"string", CF_SCHEMA_STRING},
    {"array", CF_SCHEMA_ARRAY},
    {"object", CF_SCHEMA_OBJECT},
    {"null", CF_SCHEMA_NULL},
};
enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

/* What one branch takes. */
struct branch {
    unsigned types; /* CF_SCHEMA_ALL where it says no type */
    const cJSON *minimum, *maximum, *items, *object;
    const char *name;
    const char *narrows;
    bool listed; /* it has an enum or a const */
    bool typed;
};

struct walk {
    const struct cf_openapi *openapi;
    struct cf_schema *out;
    int work;
    bool any_number; /* a branch with numbers was seen: bounds can only go */
};

static unsigned type_bit(const cJSON *name)
{
    for (size_t i = 0; cJSON_IsString(name) && i < TYPE_COUNT; i++) {
        if (strcmp(types[i].name, name->valuestring) == 0)
            return types[i].bit;
    }
    return 0;
}

/* The types that values of an enum or a const have. */
static unsigned type_of_value(const cJSON *value)
{
    const char *name = cf_json_type(value);
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (strcmp(types[i].name, name) == 0)
            return types[i].bit;
    }
    return 0;
}

static unsigned types_of_values(const cJSON *schema)
{
    unsigned bits = 0;
    const cJSON *value;
    const cJSON *constant = cf_json_get(schema, "const");
    cJSON_ArrayForEach(value, cf_json_get(schema, "enum")) bits |= type_of_value(value);
    return constant ? bits | type_of_value(constant) : bits;
}

static unsigned types_said(const cJSON *schema)
{
    const cJSON *type = cf_json_get(schema, "type");
    unsigned bits = type_bit(type);
    const cJSON *one;
    if (cJSON_IsArray(type)) {
        cJSON_ArrayForEach(one, type) bits |= type_bit(one);
    }
    if (!type)
        bits = types_of_values(schema);
    if (bits != 0 && cf_json_bool(schema, "nullable", false))
        bits |= CF_SCHEMA_NULL;
    return bits;
}

static const char *narrowing_keyword(const cJSON *schema)
{
    static const char *const words[] = {"minLength", "maxLength",   "pattern",    "minItems",
                                        "maxItems",  "uniqueItems", "multipleOf", "maxProperties",
                                        "not",       NULL};
    for (const char *const *word = words; *word; word++) {
        if (cf_json_get(schema, *word))
            return *word;
    }
    return NULL;
}

/* Bounds, whichever way they are written. */
static const cJSON *bound(const cJSON *schema, const char *name, const char *exclusive)
{
    const cJSON *value = cf_json_get(schema, name);
    const cJSON *other = cf_json_get(schema, exclusive);
    return cJSON_IsNumber(value) ? value : cJSON_IsNumber(other) ? other : NULL;
}

/* Lay one more schema of an allOf (or the only one) over the branch. */
static void lay(struct branch *branch, const cJSON *schema, const char *name)
{
    const cJSON *minimum = bound(schema, "minimum", "exclusiveMinimum");
    const cJSON *maximum = bound(schema, "maximum", "exclusiveMaximum");
    unsigned said = types_said(schema);
    if (said != 0)
        branch->types &= said;
    branch->typed = branch->typed || said != 0;
    branch->minimum = minimum ? minimum : branch->minimum;
    branch->maximum = maximum ? maximum : branch->maximum;
    branch->listed = branch->listed || cf_json_get(schema, "enum") || cf_json_get(schema, "const");
    if (!branch->narrows)
        branch->narrows = narrowing_keyword(schema);
    if (cf_json_get(schema, "items"))
        branch->items = cf_json_get(schema, "items");
    if (cf_json_get(schema, "properties") || (said & CF_SCHEMA_OBJECT)) {
        branch->object = schema;
        branch->name = name;
        branch->types = said != 0 ? branch->types : branch->types & CF_SCHEMA_OBJECT;
        branch->typed = true;
    }
}

/* ---- joining branches ---- */

static void join(struct walk *walk, const struct branch *branch)
{
    struct cf_schema *out = walk->out;
    unsigned numbers = CF_SCHEMA_INTEGER | CF_SCHEMA_NUMBER;
    out->types |= branch->types;
    if (!branch->typed)
        out->says_nothing = true;
    if (branch->types & numbers) {
        out->minimum = walk->any_number && !out->minimum ? NULL : branch->minimum;
        out->maximum = walk->any_number && !out->maximum ? NULL : branch->maximum;
        walk->any_number = true;
    }
    if (branch->types & CF_SCHEMA_STRING) {
        out->string_branches++;
        out->enum_branches += branch->listed;
    }
    if ((branch->types & CF_SCHEMA_ARRAY) && branch->items)
        out->items = branch->items;
    if ((branch->types & CF_SCHEMA_OBJECT) && branch->object) {
        out->object = branch->object;
        out->name = branch->name;
    }
    if (!out->narrows)
        out->narrows = branch->narrows;
}

static const char *name_of(const cJSON *node)
{
    const char *reference = cf_json_text(node, "$ref", NULL);
    const char *slash = reference ? strrchr(reference, '/') : NULL;
    return slash ? slash + 1 : NULL;
}

static void take(struct walk *walk, const cJSON *node, const struct branch *around, int depth);

static const cJSON *union_of(const cJSON *schema)
{
    const cJSON *any = cf_json_get(schema, "anyOf");
    return cJSON_IsArray(any) ? any : cf_json_get(schema, "oneOf");
}

/* A schema without references, over what is around it. */
static void take_resolved(struct walk *walk, const cJSON *schema, const char *name,
                          const struct branch *around, int depth)
{
    struct branch branch = *around;
    const cJSON *choices = union_of(schema);
    const cJSON *all = cf_json_get(schema, "allOf");
    const cJSON *value = cf_json_get(schema, "default");
    if (value && !walk->out->default_value)
        walk->out->default_value = value;
    lay(&branch, schema, name);
    if (cJSON_IsArray(choices) && choices->child) {
        const cJSON *choice;
        if (cf_json_bool(schema, "nullable", false))
            walk->out->types |= CF_SCHEMA_NULL;
        cJSON_ArrayForEach(choice, choices) take(walk, choice, &branch, depth + 1);
        return;
    }
    if (!cJSON_IsArray(all) || !all->child) {
        join(walk, &branch);
        return;
    }
    for (const cJSON *part = all->child; part; part = part->next) {
        const cJSON *resolved = cf_openapi_resolve(walk->openapi, part);
        if (!resolved || walk->work-- <= 0) {
            walk->out->unreadable = true;
            return;
        }
        if (!part->next || union_of(resolved) || cf_json_get(resolved, "allOf")) {
            if (cf_json_bool(schema, "nullable", false))
                walk->out->types |= CF_SCHEMA_NULL;
            take(walk, part, &branch, depth + 1);
            return;
        }
        lay(&branch, resolved, name_of(part));
    }
}

static void take(struct walk *walk, const cJSON *node, const struct branch *around, int depth)
{
    const cJSON *schema = cf_openapi_resolve(walk->openapi, node);
    bool is_all = !node || cJSON_IsTrue(schema) || (cJSON_IsObject(schema) && !schema->child);
    if (is_all) {
        join(walk, around);
    } else if (!cJSON_IsObject(schema) || depth > DEPTH_MAX || walk->work-- <= 0) {
        walk->out->unreadable = true;
    } else {
        take_resolved(walk, schema, name_of(node), around, depth);
    }
}

void cf_schema_read(const struct cf_openapi *openapi, const cJSON *node, struct cf_schema *out)
{
    const struct branch all = {.types = CF_SCHEMA_ALL};
    struct walk walk = {.openapi = openapi, .out = out, .work = WORK_MAX};
    *out = (struct cf_schema){0};
    take(&walk, node, &all, 0);
}

void cf_schema_put_types(unsigned bits, struct cf_buf *out)
{
    const char *between = "";
    if (bits == CF_SCHEMA_ALL) {
        cf_buf_puts(out, "any value");
        return;
    }
    if (bits & CF_SCHEMA_NUMBER) /* which integers are too */
        bits &= ~(unsigned)CF_SCHEMA_INTEGER;
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        bool number = (types[i].bit & CF_SCHEMA_NUMBER) != 0;
        if (!(bits & (number ? CF_SCHEMA_NUMBER : types[i].bit)))
            continue;
        cf_buf_printf(out, "%s%s", between, types[i].name);
        between = " or ";
    }
    if (bits == 0)
        cf_buf_puts(out, "nothing");
}
