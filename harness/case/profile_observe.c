#include "harness/case/profile_observe.h"
#include "harness/case/shape.h"

#include <stdio.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static enum cf_code check_place(const struct cf_json_doc *doc, const cJSON *field,
                                struct cf_err *err)
{
    char path[256];
    snprintf(path, sizeof(path), "/pixit/observe/fields/%s", field->string);
    if (cJSON_IsNull(field))
        return CF_OK;
    enum cf_code code =
        cf_shape_object(doc, field, path, NAMES("get", "pointer"), NAMES("scale", "format"), err);
    if (code != CF_OK)
        return code;
    const cJSON *get = cf_json_get(field, "get");
    const cJSON *pointer = cf_json_get(field, "pointer");
    const cJSON *scale = cf_json_get(field, "scale");
    const cJSON *format = cf_json_get(field, "format");
    code = cf_shape_line(doc, get, path, 2000, err);
    if (code == CF_OK)
        code = cf_shape_type(doc, pointer, path, "string", err);
    if (code == CF_OK && scale)
        code = cf_shape_type(doc, scale, path, "number", err);
    if (code == CF_OK && format)
        code = cf_shape_choice(doc, format, path, NAMES("json", "text"), err);
    if (code != CF_OK)
        return code;
    if (get->valuestring[0] != '/')
        return cf_json_fault(doc, get, err, "%s/get: must be a path starting with /", path);
    if (pointer->valuestring[0] != '\0' && pointer->valuestring[0] != '/')
        return cf_json_fault(doc, pointer, err, "%s/pointer: not a JSON pointer", path);
    if (scale && !(scale->valuedouble > 0))
        return cf_json_fault(doc, scale, err, "%s/scale: must be greater than 0", path);
    return CF_OK;
}

enum cf_code cf_profile_observe_check(const struct cf_json_doc *doc, const cJSON *fields,
                                      const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    enum cf_code code =
        cf_shape_object(doc, fields, "/pixit/observe/fields", NULL, vocabulary->observed, err);
    const cJSON *field = fields ? fields->child : NULL;
    for (; code == CF_OK && field; field = field->next)
        code = check_place(doc, field, err);
    return code;
}
