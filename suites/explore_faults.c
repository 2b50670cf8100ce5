#include "suites/explore_faults.h"
#include "suites/explore_values.h"

#include <stdio.h>
#include <string.h>

void cf_cvm_explore_put_fields(cJSON *step, const cJSON *fields, bool script)
{
    if (script)
        cJSON_AddItemToObject(step, "script",
                              cf_cvm_explore_literal(cf_json_get(fields, "pre_launch_script")));
    else
        cJSON_AddItemToObject(step, "json", cf_cvm_explore_literal(fields));
}

static cJSON *add_part(cJSON *step, const char *name, const char *type)
{
    cJSON *part = cJSON_CreateObject();
    cJSON_AddStringToObject(part, "name", name);
    cJSON_AddStringToObject(part, "filename", "one.sh");
    cJSON_AddStringToObject(part, "type", type);
    cJSON *parts = cJSON_AddArrayToObject(cJSON_AddObjectToObject(step, "multipart"), "parts");
    cJSON_AddItemToArray(parts, part);
    return part;
}

static void put_text(cJSON *step, const char *text, const char *type)
{
    cJSON_AddStringToObject(step, text[0] ? "text" : "hex", text);
    cJSON_AddStringToObject(step, "content_type", type);
}

/* Of a path that has what nobody knows behind it. */
static void put_query(cJSON *step, const cJSON *fields)
{
    bool script = strcmp(cf_json_text(step, "request", ""), "pre-launch-script") == 0;
    cJSON_AddStringToObject(step, "path",
                            script ? "/api/v1/cvms/{cvm_id}/pre-launch-script?no_such_option=1"
                                   : "/api/v1/cvms/{cvm_id}?no_such_option=1");
    cf_cvm_explore_put_fields(step, fields, script);
}

void cf_cvm_explore_put_form(cJSON *step, const char *form, const cJSON *fields)
{
    static const char binary[] = "application/octet-stream";
    if (strcmp(form, "query") == 0)
        put_query(step, fields);
    else if (strcmp(form, "twice") == 0)
        put_text(step, "{\"shutdown_timeout\": 60, \"shutdown_timeout\": 90}", "application/json");
    else if (strcmp(form, "large") == 0)
        put_text(step, "{\"shutdown_timeout\": 90${repeat: :1048576}}", "application/json");
    else if (strcmp(form, "xml") == 0)
        put_text(step, "<vcpu>4</vcpu>", "application/xml");
    else if (strcmp(form, "broken") == 0)
        put_text(step, "echo no form", "multipart/form-data");
    else if (strcmp(form, "no-text") == 0)
        cJSON_AddStringToObject(add_part(step, "file", binary), "hex", "6563686f20e90a");
    else if (strcmp(form, "no-file") == 0)
        cJSON_AddStringToObject(add_part(step, "comment", binary), "content", "echo no file");
    else
        cJSON_AddItemToObject(add_part(step, "file", form), "content",
                              cf_cvm_explore_literal(cf_json_get(fields, "pre_launch_script")));
}

/* Beside what may be part of the hash it has two faults, and either may be told. */
static cJSON *put_value_fault(cJSON *step, const cJSON *command, const cJSON *fault)
{
    const char *field = cf_json_text(fault, "field", "");
    cJSON *body = cf_cvm_explore_literal(cf_json_get(command, "set"));
    cJSON_AddItemToObject(body, field, cJSON_Duplicate(cf_json_get(fault, "value"), 1));
    cJSON_AddItemToObject(step, "json", body);
    if (cf_json_bool(fault, "hashed", false))
        return cf_cvm_explore_parsed("[422, 465]");
    cJSON *expect = cJSON_AddObjectToObject(step, "expect");
    cJSON *detail = cJSON_AddObjectToObject(expect, "detail");
    if (cf_json_bool(fault, "shape", false))
        return cf_json_new_integer(422);
    cJSON *path = cJSON_CreateArray();
    cJSON_AddItemToArray(path, cJSON_CreateString(field));
    cJSON_AddItemToArray(cJSON_AddArrayToObject(detail, "names"), path);
    return cf_json_new_integer(422);
}

/* What opens nothing and is no credential of the profile's. */
static cJSON *put_credentials(cJSON *step, const char *kind)
{
    static const struct {
        const char *kind, *key, *authorization;
    } strange[] = {{"bearer", NULL, "Bearer ${random.hex}"},
                   {"small-bearer", NULL, "bearer ${random.hex}"},
                   {"basic", NULL, "Basic dXNlcjpwYXNzd29yZA=="},
                   {"scheme", NULL, "Token ${random.hex}"},
                   {"null-word", "null", NULL},
                   {"two", "${random.hex}", "Bearer ${random.hex}"}};
    size_t i = 0;
    while (i < sizeof(strange) / sizeof(strange[0]) && strcmp(kind, strange[i].kind) != 0)
        i++;
    bool known = i == sizeof(strange) / sizeof(strange[0]);
    cJSON_AddStringToObject(step, "auth", known ? kind : "none");
    if (known)
        return cf_json_new_integer(401);
    cJSON *headers = cJSON_AddObjectToObject(step, "headers");
    if (strange[i].key)
        cJSON_AddStringToObject(headers, "X-API-Key", strange[i].key);
    if (strange[i].authorization)
        cJSON_AddStringToObject(headers, "Authorization", strange[i].authorization);
    bool two = strange[i].key && strange[i].authorization;
    return two ? cf_cvm_explore_parsed("[400, 401]") : cf_json_new_integer(401);
}

/* It is nobody's; a server that knows the form of its ids may say so. */
static void put_near_miss(cJSON *step, const char *how)
{
    char id[64];
    const char *role = cf_json_text(step, "to", "cvm");
    if (strcmp(how, "shortened") == 0 || strcmp(how, "beheaded") == 0)
        snprintf(id, sizeof(id), "${id.%s:%s}", how, role);
    else
        snprintf(id, sizeof(id), "${fixture.%s}%s", role,
                 strcmp(how, "blank-behind") == 0 ? " " : "0");
    cJSON_DeleteItemFromObjectCaseSensitive(step, "to");
    cJSON_AddStringToObject(step, "to_id", id);
}

cJSON *cf_cvm_explore_put_fault(cJSON *step, const cJSON *command)
{
    const cJSON *fault = cf_json_get(command, "fault");
    const char *kind = cf_json_text(fault, "kind", "");
    const char *text = cf_json_text(fault, "text", "");
    if (strcmp(kind, "value") == 0)
        return put_value_fault(step, command, fault);
    if (strcmp(kind, "body") == 0) {
        put_text(step, text, "application/json");
        return cf_cvm_explore_parsed("[400, 422]");
    }
    if (strcmp(kind, "script") == 0) {
        put_text(step, text[0] ? "{\"file\": \"#!/bin/sh\\necho\\n\"}" : "",
                 text[0] ? text : "text/plain");
        return cf_json_new_integer(400);
    }
    cf_cvm_explore_put_fields(step, cf_json_get(command, "set"),
                              cf_json_bool(command, "script", false));
    if (strcmp(kind, "credentials") == 0)
        return put_credentials(step, text);
    if (strcmp(kind, "id") == 0) {
        put_near_miss(step, text);
        return cf_cvm_explore_parsed("[400, 404, 422]");
    }
    cJSON_DeleteItemFromObjectCaseSensitive(step, "to");
    cJSON_AddStringToObject(step, "to", text);
    return cf_cvm_explore_parsed(strcmp(text, "foreign") == 0   ? "[403, 404]"
                                 : strcmp(text, "unknown") == 0 ? "404"
                                                                : "403");
}
