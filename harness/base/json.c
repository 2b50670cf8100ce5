#include "harness/base/json.h"
#include "harness/base/file.h"
#include "harness/base/json_number.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"
#include "harness/base/utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cf_json_where {
    const cJSON *node;
    size_t offset;
};

struct cf_json_wheres {
    struct cf_json_where *items; /* in document order */
    size_t count;
    char *text;
    size_t len;
    size_t found; /* the one that was last asked for */
    int line;     /* in which it starts, */
    size_t begin; /* and where that begins */
};

/* ---- parsing ---- */

/* Of all values in the order of the text, or of those that may be numbers. */
struct starts {
    struct cf_json_where *items;
    size_t count, cap;
    size_t len; /* of the text */
    bool all;
};

static bool may_be_number(const struct starts *starts, const char *bytes, size_t at)
{
    return at < starts->len && (bytes[at] == '-' || (bytes[at] >= '0' && bytes[at] <= '9'));
}

static enum cf_code note_start(void *context, const char *bytes, const struct cf_json_value *value)
{
    struct starts *starts = context;
    if (!starts->all && !may_be_number(starts, bytes, value->start))
        return CF_OK;
    starts->items = cf_grow(starts->items, starts->count, &starts->cap, sizeof(*starts->items));
    starts->items[starts->count++] = (struct cf_json_where){.offset = value->start};
    return CF_OK;
}

/* The code unit that the escape at text says; -1 where there is no such escape. */
static long unit_at(const char *text, size_t len)
{
    char digits[5] = {0};
    if (len < 6 || text[0] != '\\' || text[1] != 'u')
        return -1;
    memcpy(digits, text + 2, 4);
    return strtol(digits, NULL, 16);
}

/* Replace every escape of NUL, or of half a pair, by \ufffd, in place: both are six bytes. The text
 * has passed the scan, and a NUL follows it. */
static void hide_unspeakable(char *text, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        if (text[i] != '\\')
            continue;
        long unit = unit_at(text + i, len - i);
        long next = unit_at(text + i + 6, unit < 0 ? 0 : len - i - 6);
        if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff)
            i += 6; /* a whole pair */
        else if (unit == 0 || (unit >= 0xd800 && unit <= 0xdfff))
            memcpy(text + i, "\\ufffd", 6);
        i++;
    }
}

static void attach_here(cJSON *node, struct cf_json_where *where, const char *bytes)
{
    where->node = node;
    if (cJSON_IsNumber(node)) {
        const char *literal = bytes + where->offset;
        node->valuestring = cf_memdup(literal, strspn(literal, "+-.eE0123456789"));
    }
}

/* The tree in document order learns where it stands; numbers get their literals. A NUL follows
 * bytes. */
static void attach(cJSON *node, struct starts *starts, size_t *next, const char *bytes)
{
    if (starts->all || (node->type & 0xff) == cJSON_Number) {
        assert(*next < starts->count);
        attach_here(node, &starts->items[(*next)++], bytes);
    }
    cJSON *child;
    cJSON_ArrayForEach(child, node) attach(child, starts, next, bytes);
}

static int by_key(const void *a, const void *b)
{
    const cJSON *const *left = a;
    const cJSON *const *right = b;
    return strcmp((*left)->string, (*right)->string);
}

/* Compares each with each. */
static const cJSON *duplicate_key_of_few(const cJSON *object)
{
    for (const cJSON *one = object->child; one; one = one->next) {
        for (const cJSON *other = one->next; other; other = other->next) {
            if (one->string[0] == other->string[0] && strcmp(one->string, other->string) == 0)
                return other;
        }
    }
    return NULL;
}

static const cJSON *duplicate_key_here(const cJSON *object)
{
    enum { FEW = 16 };
    size_t count = (size_t)cJSON_GetArraySize(object);
    if (count <= FEW)
        return duplicate_key_of_few(object);
    const cJSON **members = cf_alloc_array(count, sizeof(const cJSON *));
    size_t n = 0;
    const cJSON *member;
    cJSON_ArrayForEach(member, object) members[n++] = member;
    qsort(members, count, sizeof(const cJSON *), by_key);
    const cJSON *found = NULL;
    for (size_t i = 1; i < count && !found; i++) {
        if (strcmp(members[i - 1]->string, members[i]->string) == 0)
            found = members[i];
    }
    free(members);
    return found;
}

static const cJSON *find_duplicate(const cJSON *node)
{
    const cJSON *found = cJSON_IsObject(node) ? duplicate_key_here(node) : NULL;
    for (const cJSON *child = node->child; child && !found; child = child->next)
        found = child->child ? find_duplicate(child) : NULL;
    return found;
}

/* Lines are counted when one is asked for: of most texts none ever is. */
static void keep_wheres(struct cf_json_doc *doc, char **text, struct starts *starts)
{
    doc->wheres = cf_alloc(sizeof(*doc->wheres));
    *doc->wheres = (struct cf_json_wheres){
        .items = cf_realloc(starts->items, starts->count, sizeof(*starts->items)),
        .count = starts->count,
        .text = *text,
        .len = starts->len,
        .line = 1};
    starts->items = NULL;
    *text = NULL;
}

/* *text, after which a NUL follows, is taken where it is to be kept. */
static enum cf_code build(struct cf_json_doc *doc, char **text, struct starts *starts, int flags,
                          struct cf_err *err)
{
    const char *end = NULL;
    size_t next = 0;
    doc->root = cJSON_ParseWithLengthOpts(*text, starts->len + 1, &end, 1);
    if (!doc->root)
        return cf_err_set(err, CF_EINPUT, "%s: the JSON library refused the text", doc->name);
    attach(doc->root, starts, &next, *text);
    if (starts->all)
        keep_wheres(doc, text, starts);
    const cJSON *twice = flags & CF_JSON_UNIQUE_KEYS ? find_duplicate(doc->root) : NULL;
    if (twice)
        return cf_json_fault(doc, twice, err, "member \"%s\" occurs twice",
                             twice->string ? twice->string : "");
    return CF_OK;
}

enum cf_code cf_json_parse(struct cf_json_doc *doc, const char *name, const char *bytes, size_t len,
                           int flags, struct cf_err *err)
{
    struct starts starts = {.len = len, .all = flags & (CF_JSON_WHERE | CF_JSON_UNIQUE_KEYS)};
    *doc = (struct cf_json_doc){.name = cf_strdup(name)};
    bool unspeakable = false;
    enum cf_code code =
        cf_json_scan_begins(name, bytes, len, flags, note_start, &starts, &unspeakable, err);
    if (code == CF_OK) {
        /* cJSON wants a NUL after the text; the caller's bytes need not have one. */
        char *copy = cf_memdup(bytes, len);
        if (unspeakable)
            hide_unspeakable(copy, len);
        code = build(doc, &copy, &starts, flags, err);
        free(copy);
    }
    free(starts.items);
    if (code != CF_OK)
        cf_json_release(doc);
    return code;
}

enum cf_code cf_json_load(struct cf_json_doc *doc, const char *path, size_t limit, int flags,
                          struct cf_err *err)
{
    struct cf_buf text;
    cf_buf_init(&text, limit);
    *doc = (struct cf_json_doc){0};
    enum cf_code code = cf_file_read(path, &text, err);
    if (code == CF_OK)
        code = cf_json_parse(doc, path, cf_buf_text(&text), text.len, flags, err);
    cf_buf_release(&text);
    return code;
}

void cf_json_release(struct cf_json_doc *doc)
{
    if (!doc)
        return;
    cJSON_Delete(doc->root);
    free(doc->name);
    if (doc->wheres) {
        free(doc->wheres->items);
        free(doc->wheres->text);
    }
    free(doc->wheres);
    *doc = (struct cf_json_doc){0};
}

/* ---- where ---- */

/* Where the line after that of `at` begins; NULL after the last. */
static const char *next_line(const struct cf_json_wheres *wheres, size_t at)
{
    const char *newline = memchr(wheres->text + at, '\n', wheres->len - at);
    return newline ? newline + 1 : NULL;
}

/* Count on to the line of an offset, or anew where it is before the one that was counted to. */
static void count_to(struct cf_json_wheres *wheres, size_t offset)
{
    if (offset < wheres->begin) {
        wheres->line = 1;
        wheres->begin = 0;
    }
    const char *next;
    while ((next = next_line(wheres, wheres->begin)) && next <= wheres->text + offset) {
        wheres->line++;
        wheres->begin = (size_t)(next - wheres->text);
    }
}

/* Few are asked for, of all that are kept, and mostly in their order: sorting them would cost more
 * than looking on from where the last one was found. False where the node is unknown. */
static bool find_where(const struct cf_json_doc *doc, const cJSON *node)
{
    struct cf_json_wheres *wheres = doc && node ? doc->wheres : NULL;
    for (size_t i = 0; wheres && i < wheres->count; i++) {
        size_t at = wheres->found + i;
        at -= at < wheres->count ? 0 : wheres->count;
        if (wheres->items[at].node != node)
            continue;
        wheres->found = at;
        count_to(wheres, wheres->items[at].offset);
        return true;
    }
    return false;
}

int cf_json_line(const struct cf_json_doc *doc, const cJSON *node)
{
    return find_where(doc, node) ? doc->wheres->line : 0;
}

int cf_json_column(const struct cf_json_doc *doc, const cJSON *node)
{
    if (!find_where(doc, node))
        return 0;
    const struct cf_json_wheres *wheres = doc->wheres;
    return (int)(wheres->items[wheres->found].offset - wheres->begin) + 1;
}

char *cf_json_line_text(const struct cf_json_doc *doc, int line)
{
    const struct cf_json_wheres *wheres = doc->wheres;
    const char *at = wheres ? wheres->text : NULL;
    for (int i = 1; i < line && at; i++)
        at = next_line(wheres, (size_t)(at - wheres->text));
    if (!at || line < 1)
        return cf_strdup("");
    at += strspn(at, " \t");
    return cf_strndup(at, strcspn(at, "\n"));
}

enum cf_code cf_json_fault(const struct cf_json_doc *doc, const cJSON *node, struct cf_err *err,
                           const char *fmt, ...)
{
    char what[CF_ERR_TEXT_MAX / 2];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    return cf_err_set(err, CF_EINPUT, "%s:%d:%d: %s", doc->name ? doc->name : "?",
                      cf_json_line(doc, node), cf_json_column(doc, node), what);
}

/* ---- reading ---- */

static bool is_named(const cJSON *member, const char *key, size_t len)
{
    const char *name = member->string;
    return name && (len == 0 || name[0] == key[0]) && strncmp(name, key, len) == 0 &&
           name[len] == '\0';
}

/* The key need not end with a NUL. */
static cJSON *member_at(const cJSON *object, const char *key, size_t len)
{
    cJSON *member = object && (object->type & 0xff) == cJSON_Object ? object->child : NULL;
    while (member && !is_named(member, key, len))
        member = member->next;
    return member;
}

cJSON *cf_json_get(const cJSON *object, const char *key)
{
    cJSON *member = object && (object->type & 0xff) == cJSON_Object ? object->child : NULL;
    for (; member; member = member->next) {
        const char *name = member->string;
        if (name && cf_name_is(name, key))
            return member;
    }
    return NULL;
}

const char *cf_json_text(const cJSON *object, const char *key, const char *fallback)
{
    const cJSON *member = cf_json_get(object, key);
    return cJSON_IsString(member) ? member->valuestring : fallback;
}

double cf_json_number(const cJSON *object, const char *key, double fallback)
{
    const cJSON *member = cf_json_get(object, key);
    return cJSON_IsNumber(member) ? member->valuedouble : fallback;
}

bool cf_json_bool(const cJSON *object, const char *key, bool fallback)
{
    const cJSON *member = cf_json_get(object, key);
    return cJSON_IsBool(member) ? cJSON_IsTrue(member) : fallback;
}

const char *cf_json_type(const cJSON *node)
{
    switch (node ? node->type & 0xff : cJSON_Invalid) {
    case cJSON_NULL:
        return "null";
    case cJSON_False:
    case cJSON_True:
        return "boolean";
    case cJSON_Number:
        return cf_json_is_integer(node) ? "integer" : "number";
    case cJSON_String:
        return "string";
    case cJSON_Array:
        return "array";
    case cJSON_Object:
        return "object";
    default:
        return "absent";
    }
}

bool cf_json_is_integer(const cJSON *node)
{
    return cJSON_IsNumber(node) && node->valuestring && cf_json_whole_number(node->valuestring);
}

/* ---- comparing ---- */

static bool equal_members(const cJSON *a, const cJSON *b)
{
    if (cJSON_GetArraySize(a) != cJSON_GetArraySize(b))
        return false;
    const cJSON *member;
    cJSON_ArrayForEach(member, a)
    {
        const cJSON *other = cf_json_get(b, member->string);
        if (!other || !cf_json_equal(member, other))
            return false;
    }
    return true;
}

bool cf_json_equal(const cJSON *a, const cJSON *b)
{
    if (!a || !b)
        return a == b;
    if ((a->type & 0xff) != (b->type & 0xff))
        return false;
    if (cJSON_IsNumber(a))
        return a->valuestring && b->valuestring &&
               cf_json_same_number(a->valuestring, b->valuestring);
    if (cJSON_IsString(a))
        return strcmp(a->valuestring, b->valuestring) == 0;
    if (cJSON_IsObject(a))
        return equal_members(a, b);
    const cJSON *left = a->child;
    const cJSON *right = b->child;
    for (; left && right; left = left->next, right = right->next) {
        if (!cf_json_equal(left, right))
            return false;
    }
    return !left && !right;
}

/* ---- pointers ---- */

static cJSON *element_at(const cJSON *array, const char *token)
{
    size_t len = strspn(token, "0123456789");
    if (len == 0 || len > 9 || token[len] != '\0' || (token[0] == '0' && len > 1))
        return NULL;
    return cJSON_GetArrayItem(array, (int)strtol(token, NULL, 10));
}

static bool unescape_token(struct cf_buf *token, const char *text, size_t len)
{
    cf_buf_reset(token);
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '~') {
            cf_buf_putc(token, text[i]);
        } else if (i + 1 < len && (text[i + 1] == '0' || text[i + 1] == '1')) {
            cf_buf_putc(token, text[++i] == '0' ? '~' : '/');
        } else {
            return false;
        }
    }
    return true;
}

cJSON *cf_json_at(const cJSON *root, const char *pointer)
{
    struct cf_buf token = {0};
    union {
        const cJSON *in;
        cJSON *out;
    } at = {.in = root}; /* callers own root, const or not */
    while (at.in && *pointer != '\0') {
        size_t len = *pointer == '/' ? strcspn(pointer + 1, "/") : 0;
        bool array = cJSON_IsArray(at.in);
        if (*pointer == '/' && !array && !memchr(pointer + 1, '~', len)) {
            at.out = member_at(at.in, pointer + 1, len);
        } else if (*pointer == '/' && unescape_token(&token, pointer + 1, len)) {
            at.out = array ? element_at(at.in, cf_buf_text(&token))
                           : cf_json_get(at.in, cf_buf_text(&token));
        } else {
            at.in = NULL;
            break;
        }
        pointer += 1 + len;
    }
    cf_buf_release(&token);
    return at.out;
}

void cf_json_pointer_add(struct cf_buf *pointer, const char *token)
{
    cf_buf_putc(pointer, '/');
    for (; *token != '\0'; token++) {
        if (*token == '~')
            cf_buf_puts(pointer, "~0");
        else if (*token == '/')
            cf_buf_puts(pointer, "~1");
        else
            cf_buf_putc(pointer, *token);
    }
}

static char *put(char *at, const char *end, const char *text)
{
    size_t len = strnlen(text, (size_t)(end - at));
    memcpy(at, text, len);
    return at + len;
}

void cf_json_place_of_member(char *out, size_t size, const char *path, const char *member)
{
    const char *end = out + size - 1;
    *put(put(put(out, end, path), end, "/"), end, member) = '\0';
}

void cf_json_place_of_item(char *out, size_t size, const char *path, size_t index)
{
    char digits[24];
    char *at = digits + sizeof(digits) - 1;
    *at = '\0';
    do
        *--at = (char)('0' + index % 10);
    while (index /= 10);
    cf_json_place_of_member(out, size, path, at);
}

bool cf_json_pointer_to(const cJSON *root, const cJSON *node, struct cf_buf *out)
{
    if (root == node)
        return true;
    int index = 0;
    for (const cJSON *child = cJSON_IsString(root) ? NULL : root->child; child;
         child = child->next, index++) {
        char digits[16];
        size_t len = out->len;
        snprintf(digits, sizeof(digits), "%d", index);
        cf_json_pointer_add(out, cJSON_IsObject(root) ? child->string : digits);
        if (cf_json_pointer_to(child, node, out))
            return true;
        if (out->code == CF_OK) {
            out->len = len;
            out->data[len] = '\0';
        }
    }
    return false;
}

/* ---- writing ---- */

/* What does not stand for itself; returns how many bytes it was. */
static size_t put_other(struct cf_buf *out, const char *bytes, size_t len)
{
    unsigned char c = (unsigned char)bytes[0];
    size_t step = c < 0x80 ? 1 : cf_utf8_next(bytes, len, NULL);
    if (step == 0)
        cf_buf_puts(out, "\xef\xbf\xbd");
    else if (step > 1)
        cf_buf_append(out, bytes, step);
    else if (c == '"')
        cf_buf_append(out, "\\\"", 2);
    else if (c == '\\')
        cf_buf_append(out, "\\\\", 2);
    else if (c == '\n')
        cf_buf_append(out, "\\n", 2);
    else
        cf_buf_printf(out, "\\u%04x", c);
    return step ? step : 1;
}

void cf_json_put_string(struct cf_buf *out, const char *bytes, size_t len)
{
    cf_buf_putc(out, '"');
    for (size_t i = 0; i < len;) {
        size_t plain = cf_utf8_plain_span(bytes + i, len - i);
        cf_buf_append(out, bytes + i, plain);
        i += plain;
        if (i < len)
            i += put_other(out, bytes + i, len - i);
    }
    cf_buf_putc(out, '"');
}

void cf_json_put_text(struct cf_buf *out, const char *text)
{
    cf_json_put_string(out, text, strlen(text));
}

void cf_json_print(struct cf_buf *out, const cJSON *node)
{
    if (cJSON_IsNumber(node) && node->valuestring)
        cf_buf_puts(out, node->valuestring);
    else if (cJSON_IsNumber(node))
        cf_buf_printf(out, "%.17g", node->valuedouble);
    else if (cJSON_IsString(node))
        cf_json_put_text(out, node->valuestring);
    else if (cJSON_IsArray(node) || cJSON_IsObject(node)) {
        cf_buf_putc(out, cJSON_IsArray(node) ? '[' : '{');
        for (const cJSON *child = node->child; child; child = child->next) {
            if (cJSON_IsObject(node)) {
                cf_json_put_text(out, child->string);
                cf_buf_putc(out, ':');
            }
            cf_json_print(out, child);
            if (child->next)
                cf_buf_putc(out, ',');
        }
        cf_buf_putc(out, cJSON_IsArray(node) ? ']' : '}');
    } else {
        cf_buf_puts(out, cJSON_IsTrue(node) ? "true" : cJSON_IsFalse(node) ? "false" : "null");
    }
}

cJSON *cf_json_new_number(const char *literal)
{
    cJSON *node = cJSON_CreateNumber(strtod(literal, NULL));
    node->valuestring = cf_strdup(literal);
    return node;
}

cJSON *cf_json_new_integer(long long value)
{
    char literal[32];
    snprintf(literal, sizeof(literal), "%lld", value);
    return cf_json_new_number(literal);
}
