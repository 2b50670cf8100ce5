#include "harness/case/shape.h"
#include "harness/base/name.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *place_name(const char *path)
{
    return *path ? path : "the whole file";
}

static enum cf_code unknown_member(const struct cf_json_doc *doc, const cJSON *member,
                                   const char *path, const char *const *required,
                                   const char *const *optional, struct cf_err *err)
{
    const char *near = cf_name_nearest(required, member->string);
    if (!near)
        near = cf_name_nearest(optional, member->string);
    if (near)
        return cf_json_fault(doc, member, err, "%s: unknown member \"%s\"; did you mean \"%s\"?",
                             place_name(path), member->string, near);
    return cf_json_fault(doc, member, err, "%s: unknown member \"%s\"", place_name(path),
                         member->string);
}

enum cf_code cf_shape_object(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                             const char *const *required, const char *const *optional,
                             struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, node, path, "object", err);
    if (code != CF_OK)
        return code;
    const cJSON *member;
    cJSON_ArrayForEach(member, node)
    {
        if (!cf_name_known(required, member->string) && !cf_name_known(optional, member->string))
            return unknown_member(doc, member, path, required, optional, err);
    }
    for (; required && *required; required++) {
        if (!cf_json_get(node, *required))
            return cf_json_fault(doc, node, err, "%s: member \"%s\" is missing", place_name(path),
                                 *required);
    }
    return CF_OK;
}

enum cf_code cf_shape_type(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                           const char *type, struct cf_err *err)
{
    const char *actual = cf_json_type(node);
    if (strcmp(actual, type) == 0 ||
        (strcmp(type, "number") == 0 && strcmp(actual, "integer") == 0))
        return CF_OK;
    return cf_json_fault(doc, node, err, "%s: expected %s, got %s", place_name(path), type, actual);
}

enum cf_code cf_shape_line(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                           size_t max_bytes, struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, node, path, "string", err);
    if (code != CF_OK)
        return code;
    size_t len = strlen(node->valuestring);
    if (len == 0)
        return cf_json_fault(doc, node, err, "%s: must not be empty", place_name(path));
    if (len > max_bytes)
        return cf_json_fault(doc, node, err, "%s: longer than %zu bytes", place_name(path),
                             max_bytes);
    for (const char *p = node->valuestring; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return cf_json_fault(doc, node, err, "%s: control characters are not allowed",
                                 place_name(path));
    }
    return CF_OK;
}

enum cf_code cf_shape_choice(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                             const char *const *names, struct cf_err *err)
{
    enum cf_code code = cf_shape_line(doc, node, path, 256, err);
    if (code != CF_OK || cf_name_known(names, node->valuestring))
        return code;
    char known[512] = "";
    size_t used = 0;
    for (; *names && used < sizeof(known); names++) {
        int n = snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "", *names);
        used += n > 0 ? (size_t)n : 0;
    }
    return cf_json_fault(doc, node, err, "%s: \"%s\" is not one of: %s", place_name(path),
                         node->valuestring, known);
}

enum cf_code cf_shape_integer(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                              long low, long high, long *out, struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, node, path, "integer", err);
    if (code != CF_OK)
        return code;
    if (!(node->valuedouble >= (double)low && node->valuedouble <= (double)high))
        return cf_json_fault(doc, node, err, "%s: %s is not from %ld to %ld", place_name(path),
                             node->valuestring, low, high);
    *out = lround(node->valuedouble);
    return CF_OK;
}

enum cf_code cf_shape_lines(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                            size_t min, struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, node, path, "array", err);
    if (code != CF_OK)
        return code;
    size_t count = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, node)
    {
        char inner[512];
        cf_json_place_of_item(inner, sizeof(inner), path, count++);
        code = cf_shape_line(doc, item, inner, 4096, err);
        if (code != CF_OK)
            return code;
    }
    if (count < min)
        return cf_json_fault(doc, node, err, "%s: wants at least %zu", place_name(path), min);
    return CF_OK;
}
