#include "harness/case/expand.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 256 };

/* The next reference in text: sets the run of plain bytes before it, its name, and what follows.
 * Returns 1 for a reference, 0 for none left, -1 for an unclosed or oversized one. */
static int next_reference(const char *text, size_t *out_plain, char name[NAME_MAX_BYTES],
                          const char **out_rest)
{
    const char *open = strchr(text, '$'); /* which most texts do not have */
    while (open && (open = strstr(open, "${")) != NULL && open > text && open[-1] == '$')
        open += 2;
    if (!open)
        return 0;
    const char *close = strchr(open, '}');
    size_t len = close ? (size_t)(close - open) - 2 : 0;
    if (!close || len == 0 || len >= NAME_MAX_BYTES)
        return -1;
    memcpy(name, open + 2, len);
    name[len] = '\0';
    *out_plain = (size_t)(open - text);
    *out_rest = close + 1;
    return 1;
}

/* Plain text, with "$${" turned into "${". */
static void append_plain(struct cf_buf *out, const char *text, size_t len)
{
    const char *end = text + len;
    for (const char *at = text; (at = memchr(at, '$', (size_t)(end - at))); at++) {
        if (end - at < 3 || at[1] != '$' || at[2] != '{')
            continue;
        cf_buf_append(out, text, (size_t)(at - text));
        text = at + 1;
    }
    cf_buf_append(out, text, (size_t)(end - text));
}

static void append_value(struct cf_buf *out, const cJSON *value)
{
    if (cJSON_IsString(value))
        cf_buf_puts(out, value->valuestring);
    else
        cf_json_print(out, value);
}

enum cf_code cf_expand_text(const char *template, cf_resolve_fn *resolve, void *context,
                            struct cf_buf *out, struct cf_err *err)
{
    char name[NAME_MAX_BYTES];
    for (;;) {
        size_t plain = strlen(template);
        const char *rest = NULL;
        int found = next_reference(template, &plain, name, &rest);
        if (found < 0)
            return cf_err_set(err, CF_EINPUT, "\"${\" without a name and \"}\" in \"%.60s\"",
                              template);
        append_plain(out, template, plain);
        if (!found)
            return cf_buf_check(out, err);
        cJSON *value = NULL;
        enum cf_code code = resolve(context, name, &value, err);
        if (code != CF_OK) {
            cf_err_prefix(err, "${%s}", name);
            return code;
        }
        append_value(out, value);
        cJSON_Delete(value);
        template = rest;
    }
}

static enum cf_code expand_string(const cJSON *template, cf_resolve_fn *resolve, void *context,
                                  cJSON **out, struct cf_err *err)
{
    char name[NAME_MAX_BYTES];
    size_t plain;
    const char *rest;
    const char *text = template->valuestring;
    if (next_reference(text, &plain, name, &rest) == 1 && plain == 0 && *rest == '\0') {
        enum cf_code code = resolve(context, name, out, err);
        if (code != CF_OK)
            cf_err_prefix(err, "${%s}", name);
        return code;
    }
    struct cf_buf buf;
    cf_buf_init(&buf, CF_EXPAND_MAX_BYTES);
    enum cf_code code = cf_expand_text(text, resolve, context, &buf, err);
    if (code == CF_OK)
        *out = cJSON_CreateString(cf_buf_text(&buf));
    cf_buf_release(&buf);
    return code;
}

/* In the place of the member of that name, if there is one. */
static void put_member(cJSON *to, const char *name, cJSON *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(to, name);
    cJSON_AddItemToObject(to, name, value);
}

/* Take the members of an object, or of each object in an array, as to's own; value is freed. */
static enum cf_code spread_into(cJSON *to, cJSON *value, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    cJSON *object = cJSON_IsArray(value) ? value->child : value;
    for (; code == CF_OK && object; object = object->next) {
        cJSON *member;
        if (!cJSON_IsObject(object))
            code = cf_err_set(err, CF_EINPUT, "\"...\" wants an object, or an array of them");
        while (code == CF_OK && (member = cJSON_DetachItemFromArray(object, 0)) != NULL) {
            char *name = member->string;
            member->string = NULL;
            put_member(to, name, member);
            cJSON_free(name);
        }
    }
    cJSON_Delete(value);
    return code;
}

static enum cf_code expand_into(cJSON *to, const cJSON *child, cf_resolve_fn *resolve,
                                void *context, struct cf_err *err)
{
    cJSON *value = NULL;
    enum cf_code code = cf_expand(child, resolve, context, &value, err);
    if (code != CF_OK)
        return code;
    if (cJSON_IsArray(to)) {
        cJSON_AddItemToArray(to, value);
        return CF_OK;
    }
    if (strcmp(child->string, "...") == 0)
        return spread_into(to, value, err);
    struct cf_buf key;
    cf_buf_init(&key, CF_EXPAND_MAX_BYTES);
    code = cf_expand_text(child->string, resolve, context, &key, err);
    if (code == CF_OK)
        put_member(to, cf_buf_text(&key), value);
    else
        cJSON_Delete(value);
    cf_buf_release(&key);
    return code;
}

enum cf_code cf_expand(const cJSON *template, cf_resolve_fn *resolve, void *context, cJSON **out,
                       struct cf_err *err)
{
    if (cJSON_IsString(template))
        return expand_string(template, resolve, context, out, err);
    bool container = cJSON_IsArray(template) || cJSON_IsObject(template);
    cJSON *copy = cJSON_IsArray(template)    ? cJSON_CreateArray()
                  : cJSON_IsObject(template) ? cJSON_CreateObject()
                                             : cJSON_Duplicate(template, 0);
    for (const cJSON *child = template->child; container && child; child = child->next) {
        enum cf_code code = expand_into(copy, child, resolve, context, err);
        if (code != CF_OK) {
            cJSON_Delete(copy);
            return code;
        }
    }
    *out = copy;
    return CF_OK;
}

static enum cf_code each_in(const char *text, const cJSON *holder, cf_reference_fn *found,
                            void *context, struct cf_err *err)
{
    char name[NAME_MAX_BYTES];
    size_t plain;
    int more;
    while ((more = next_reference(text, &plain, name, &text)) == 1) {
        enum cf_code code = found(context, holder, name, err);
        if (code != CF_OK)
            return code;
    }
    return more < 0 ? cf_err_set(err, CF_EINPUT, "\"${\" without a name and \"}\"") : CF_OK;
}

/* Most texts hold none. */
static inline enum cf_code each_in_text(const char *text, const cJSON *holder,
                                        cf_reference_fn *found, void *context, struct cf_err *err)
{
    return strchr(text, '$') ? each_in(text, holder, found, context, err) : CF_OK;
}

enum cf_code cf_expand_each_reference(const cJSON *node, cf_reference_fn *found, void *context,
                                      struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (cJSON_IsString(node))
        return each_in_text(node->valuestring, node, found, context, err);
    for (const cJSON *child = node->child; code == CF_OK && child; child = child->next) {
        if (child->string)
            code = each_in_text(child->string, child, found, context, err);
        if (code == CF_OK)
            code = cf_expand_each_reference(child, found, context, err);
    }
    return code;
}
