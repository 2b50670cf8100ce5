#include "harness/base/json_tree.h"
#include "harness/base/mem.h"
#include "harness/base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* ---- texts, which have passed the scan ---- */

/* The code unit that the escape at text says; 0 where there is no such escape. */
static uint32_t unit_at(const char *text, size_t len)
{
    char digits[5] = {0};
    if (len < 6 || text[0] != '\\' || text[1] != 'u')
        return 0;
    memcpy(digits, text + 2, 4);
    return (uint32_t)strtoul(digits, NULL, 16);
}

static bool is_high(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* What the escape at text stands for; returns how long it is. */
static size_t escaped(const char *text, size_t len, uint32_t *out_code_point)
{
    static const char names[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    if (text[1] != 'u') {
        *out_code_point = (unsigned char)meant[strchr(names, text[1]) - names];
        return 2;
    }
    uint32_t unit = unit_at(text, len);
    uint32_t next = is_high(unit) ? unit_at(text + 6, len - 6) : 0;
    if (is_low(next)) {
        *out_code_point = 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00);
        return 12;
    }
    /* cJSON ends strings at NUL, and UTF-8 has no halves. */
    *out_code_point = unit == 0 || is_high(unit) || is_low(unit) ? 0xfffd : unit;
    return 6;
}

/* What stands between quotes; no escape is shorter than what it stands for. */
static char *text_of(const char *raw, size_t len)
{
    const char *end = raw + len;
    const char *escape = memchr(raw, '\\', len);
    if (!escape)
        return cf_memdup(raw, len);
    char *text = cf_mem_malloc(len + 1);
    char *to = text;
    for (; escape; escape = memchr(raw, '\\', (size_t)(end - raw))) {
        uint32_t code_point;
        memcpy(to, raw, (size_t)(escape - raw));
        to += escape - raw;
        raw = escape + escaped(escape, (size_t)(end - escape), &code_point);
        to += cf_utf8_put(to, code_point);
    }
    memcpy(to, raw, (size_t)(end - raw));
    to[end - raw] = '\0';
    return text;
}

/* ---- nodes ---- */

static cJSON *with_text(int type, char *text)
{
    cJSON *node = cJSON_CreateNull();
    node->type = type;
    node->valuestring = text;
    return node;
}

static cJSON *number(char *literal)
{
    cJSON *node = cJSON_CreateNumber(strtod(literal, NULL));
    node->valuestring = literal;
    return node;
}

/* A container takes its items out of the list of them. */
static cJSON *container(cJSON *node, cJSON *items)
{
    node->child = items->child;
    items->child = NULL;
    return node;
}

static cJSON *node_of(const char *text, size_t len, cJSON *items)
{
    switch (*text) {
    case '{':
        return container(cJSON_CreateObject(), items);
    case '[':
        return container(cJSON_CreateArray(), items);
    case '"':
        return with_text(cJSON_String, text_of(text + 1, len - 2));
    case 't':
        return cJSON_CreateTrue();
    case 'f':
        return cJSON_CreateFalse();
    case 'n':
        return cJSON_CreateNull();
    default:
        return number(cf_memdup(text, len));
    }
}

struct build {
    cJSON open[CF_JSON_DEPTH_MAX + 2]; /* by depth: the values whose container has not ended yet */
    cf_json_node_fn *made;
    void *context;
};

static enum cf_code add(void *context, const char *bytes, const struct cf_json_value *value)
{
    struct build *build = context;
    cJSON *node =
        node_of(bytes + value->start, value->end - value->start, &build->open[value->depth + 1]);
    if (value->key_end > 0)
        node->string = text_of(bytes + value->key_start, value->key_end - value->key_start);
    cJSON_AddItemToArray(&build->open[value->depth], node);
    if (build->made)
        build->made(build->context, node, value->start);
    return CF_OK;
}

enum cf_code cf_json_tree_read(cJSON **out, const char *name, const char *bytes, size_t len,
                               int flags, cf_json_node_fn *made, void *context, struct cf_err *err)
{
    struct build build = {.made = made, .context = context};
    enum cf_code code = cf_json_scan(name, bytes, len, flags, add, &build, err);
    if (code == CF_OK)
        *out = cJSON_DetachItemViaPointer(&build.open[0], build.open[0].child);
    for (size_t depth = 0; code != CF_OK && depth <= CF_JSON_DEPTH_MAX; depth++)
        cJSON_Delete(build.open[depth].child);
    return code;
}
