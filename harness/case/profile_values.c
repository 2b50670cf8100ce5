#include "harness/case/profile_values.h"
#include "harness/case/shape.h"

#include <stdio.h>

/* Each is one that the field can have, and none is another one's equal. */
static enum cf_code check_values(const struct cf_json_doc *doc, const char *field,
                                 const cJSON *list, const char *path, const struct cf_vocabulary *v,
                                 struct cf_err *err)
{
    const cJSON *a;
    cJSON_ArrayForEach(a, list)
    {
        const char *fault = v->value_fault ? v->value_fault(field, a) : NULL;
        if (fault)
            return cf_json_fault(doc, a, err, "%s: %s", path, fault);
        for (const cJSON *b = a->next; b; b = b->next) {
            if (cf_json_equal(a, b))
                return cf_json_fault(doc, b, err, "%s: a value is listed twice", path);
            if (v->values_alike && v->values_alike(field, a, b))
                return cf_json_fault(
                    doc, b, err, "%s: this value and an earlier one are one and the same", path);
        }
    }
    return CF_OK;
}

static enum cf_code check_upwards(const struct cf_json_doc *doc, const cJSON *node,
                                  const char *path, const struct cf_vocabulary *v,
                                  struct cf_err *err)
{
    char where[300];
    const char *const members[] = {"upwards", NULL};
    enum cf_code code = cf_shape_object(doc, node, path, members, NULL, err);
    const cJSON *list = cf_json_get(node, "upwards");
    snprintf(where, sizeof(where), "%s/upwards", path);
    if (code == CF_OK)
        code = cf_shape_type(doc, list, where, "array", err);
    if (code != CF_OK)
        return code;
    if (!list->child)
        return cf_json_fault(doc, list, err, "%s: no step to take", where);
    for (const cJSON *a = list->child; a->next; a = a->next) {
        if (cJSON_IsNumber(a) && cJSON_IsNumber(a->next) && a->next->valuedouble < a->valuedouble)
            return cf_json_fault(doc, a->next, err, "%s: a value is lower than the one before it",
                                 where);
    }
    return check_values(doc, node->string, list, where, v, err);
}

static enum cf_code check_field(const struct cf_json_doc *doc, const cJSON *node,
                                const struct cf_vocabulary *v, struct cf_err *err)
{
    char path[256];
    snprintf(path, sizeof(path), "/pixit/values/%s", node->string);
    if (cJSON_IsObject(node))
        return check_upwards(doc, node, path, v, err);
    enum cf_code code = cf_shape_type(doc, node, path, "array", err);
    if (code == CF_OK)
        code = check_values(doc, node->string, node, path, v, err);
    if (code == CF_OK && cJSON_GetArraySize(node) == 1)
        return cf_json_fault(doc, node, err, "%s: one value is not a choice; list two or none",
                             path);
    return code;
}

enum cf_code cf_profile_values_check(const struct cf_json_doc *doc, const cJSON *values,
                                     const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    enum cf_code code =
        cf_shape_object(doc, values, "/pixit/values", NULL, vocabulary->value_fields, err);
    for (const cJSON *node = values ? values->child : NULL; code == CF_OK && node;
         node = node->next)
        code = check_field(doc, node, vocabulary, err);
    return code;
}
