#include "harness/base/json_build.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* ---- strings ---- */

/* The code unit that the escape at text says; -1 where there is no such escape. */
static long unit_at(const char *text, size_t len)
{
    char digits[5] = {0};
    if (len < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;
    memcpy(digits, text + 2, 4);
    return strtol(digits, NULL, 16);
}

static char *put_utf8(char *out, long code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    *out++ = (char)(leads[more] | code >> 6 * more);
    while (more-- > 0)
        *out++ = (char)(0x80 | (code >> 6 * more & 0x3f));
    return out;
}

/* What the escape at text says goes to *out; returns its length. NUL and half of a pair are
 * U+FFFD. */
static size_t take_escape(const char *text, size_t len, char **out)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    long unit = unit_at(text, len);
    if (unit < 0) {
        *(*out)++ = meant[strchr(letters, text[1]) - letters];
        return 2;
    }
    long next = unit >= 0xd800 && unit <= 0xdbff ? unit_at(text + 6, len - 6) : -1;
    bool pair = next >= 0xdc00 && next <= 0xdfff;
    if (pair)
        unit = 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff);
    else if (unit == 0 || (unit >= 0xd800 && unit <= 0xdfff))
        unit = 0xfffd;
    *out = put_utf8(*out, unit);
    return pair ? 12 : 6;
}

/* The text between two quotes, which has passed the scan; for the caller to free. */
static char *unescape(const char *text, size_t len)
{
    char *whole = cf_memdup(text, len);
    const char *escape = memchr(text, '\\', len);
    if (!escape)
        return whole;
    size_t at = (size_t)(escape - text);
    char *out = whole + at;
    while (at < len) {
        if (text[at] == '\\')
            at += take_escape(text + at, len - at, &out);
        else
            *out++ = text[at++];
    }
    *out = '\0';
    return whole;
}

/* ---- nodes ---- */

static cJSON *new_string(const char *text, size_t len)
{
    cJSON *node = cJSON_CreateNull();
    node->type = cJSON_String;
    node->valuestring = unescape(text, len);
    return node;
}

cJSON *cf_json_number_of(char *literal)
{
    cJSON *node = cJSON_CreateNumber(strtod(literal, NULL));
    node->valuestring = literal;
    return node;
}

static cJSON *new_leaf(const char *text, size_t len)
{
    switch (*text) {
    case '"':
        return new_string(text + 1, len - 2);
    case 't':
        return cJSON_CreateTrue();
    case 'f':
        return cJSON_CreateFalse();
    case 'n':
        return cJSON_CreateNull();
    default:
        return cf_json_number_of(cf_memdup(text, len));
    }
}

/* ---- the tree ---- */

/* It grows with the scan. */
struct building {
    size_t len; /* of the text */
    cJSON *root;
    cJSON *open[CF_JSON_DEPTH_MAX + 1]; /* by depth, the last array or object that began */
    cf_json_node_fn *each;
    void *context;
};

static void add_node(struct building *b, const char *bytes, const struct cf_json_value *value,
                     cJSON *node)
{
    if (value->key_start > 0)
        node->string = unescape(bytes + value->key_start, value->key_end - value->key_start);
    if (value->depth > 0)
        cJSON_AddItemToArray(b->open[value->depth - 1], node); /* to an object's as well */
    else
        b->root = node;
    if (b->each)
        b->each(b->context, node, value->start);
}

static bool is_container(const char *bytes, const struct cf_json_value *value)
{
    return bytes[value->start] == '{' || bytes[value->start] == '[';
}

static enum cf_code begin_container(void *context, const char *bytes,
                                    const struct cf_json_value *value)
{
    struct building *b = context;
    if (value->start == b->len || !is_container(bytes, value))
        return CF_OK;
    cJSON *node = bytes[value->start] == '{' ? cJSON_CreateObject() : cJSON_CreateArray();
    add_node(b, bytes, value, node);
    b->open[value->depth] = node;
    return CF_OK;
}

static enum cf_code end_leaf(void *context, const char *bytes, const struct cf_json_value *value)
{
    if (!is_container(bytes, value))
        add_node(context, bytes, value, new_leaf(bytes + value->start, value->end - value->start));
    return CF_OK;
}

enum cf_code cf_json_build(cJSON **out, const char *name, const char *bytes, size_t len, int flags,
                           cf_json_node_fn *each, void *context, struct cf_err *err)
{
    struct building b = {.len = len, .each = each, .context = context};
    enum cf_code code =
        cf_json_scan_both(name, bytes, len, flags, begin_container, end_leaf, &b, err);
    if (code == CF_OK)
        *out = b.root;
    else
        cJSON_Delete(b.root);
    return code;
}
