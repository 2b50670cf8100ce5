#include "harness/case/profile_hooks.h"
#include "harness/base/name.h"
#include "harness/case/shape.h"

#include <stdio.h>
#include <string.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

static enum cf_code check_request(const struct cf_json_doc *doc, const cJSON *http,
                                  const char *path, struct cf_err *err)
{
    enum cf_code code = cf_shape_object(doc, http, path, NAMES("method", "url"),
                                        NAMES("headers", "json", "capture"), err);
    if (code == CF_OK)
        code = cf_shape_choice(doc, cf_json_get(http, "method"), path,
                               NAMES("POST", "PUT", "GET", "DELETE", "PATCH"), err);
    if (code == CF_OK)
        code = cf_shape_line(doc, cf_json_get(http, "url"), path, 2000, err);
    const char *const members[] = {"headers", "capture"};
    for (size_t i = 0; code == CF_OK && i < 2; i++) {
        const cJSON *object = cf_json_get(http, members[i]);
        if (!object)
            continue;
        code = cf_shape_type(doc, object, path, "object", err);
        for (const cJSON *item = object->child; code == CF_OK && item; item = item->next)
            code = cf_shape_line(doc, item, path, 2000, err);
    }
    return code;
}

/* Every "{name}" in the text is base_url or an input. */
static enum cf_code check_braces(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                                 const struct cf_vocabulary *v, struct cf_err *err)
{
    const char *text = node->valuestring;
    while ((text = strchr(text, '{')) != NULL) {
        char name[64];
        size_t len = strcspn(text, "}");
        snprintf(name, sizeof(name), "%.*s", (int)len - 1, text + 1);
        if (text[len] != '}' || (strcmp(name, "base_url") != 0 && v->hook_inputs &&
                                 !cf_name_known(v->hook_inputs, name)))
            return cf_json_fault(doc, node, err, "%s: \"{%s}\" is not an input of this hook", path,
                                 name);
        text += len;
    }
    return CF_OK;
}

static enum cf_code check_all_braces(const struct cf_json_doc *doc, const cJSON *node,
                                     const char *path, const struct cf_vocabulary *v,
                                     struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (cJSON_IsString(node))
        return check_braces(doc, node, path, v, err);
    for (const cJSON *child = node ? node->child : NULL; code == CF_OK && child;
         child = child->next)
        code = check_all_braces(doc, child, path, v, err);
    return code;
}

static enum cf_code check_capture(const struct cf_json_doc *doc, const cJSON *hook,
                                  const cJSON *capture, const char *path,
                                  const struct cf_vocabulary *v, struct cf_err *err)
{
    const char *answer = v->hook_answer ? v->hook_answer(hook->string) : NULL;
    const cJSON *item;
    cJSON_ArrayForEach(item, capture)
    {
        if (item->valuestring[0] != '\0' && item->valuestring[0] != '/')
            return cf_json_fault(doc, item, err, "%s/capture/%s: not a JSON pointer", path,
                                 item->string);
    }
    if (answer && !cf_json_get(capture, answer))
        return cf_json_fault(doc, capture, err, "%s/capture: the hook has to answer \"%s\"", path,
                             answer);
    return CF_OK;
}

static enum cf_code check_http(const struct cf_json_doc *doc, const cJSON *hook, const char *path,
                               const struct cf_vocabulary *v, struct cf_err *err)
{
    const cJSON *http = cf_json_get(hook, "http");
    const char *const filled[] = {"url", "headers", "json"};
    enum cf_code code = check_request(doc, http, path, err);
    for (size_t i = 0; code == CF_OK && i < sizeof(filled) / sizeof(filled[0]); i++)
        code = check_all_braces(doc, cf_json_get(http, filled[i]), path, v, err);
    const cJSON *capture = code == CF_OK ? cf_json_get(http, "capture") : NULL;
    return capture ? check_capture(doc, hook, capture, path, v, err) : code;
}

static enum cf_code check_hook(const struct cf_json_doc *doc, const cJSON *hook,
                               const struct cf_vocabulary *v, struct cf_err *err)
{
    const cJSON *command = cf_json_get(hook, "command");
    const cJSON *http = cf_json_get(hook, "http");
    const cJSON *timeout = cf_json_get(hook, "timeout_ms");
    char path[256];
    long ignored;
    snprintf(path, sizeof(path), "/pixit/hooks/%s", hook->string);
    enum cf_code code =
        cf_shape_object(doc, hook, path, NULL, NAMES("command", "http", "timeout_ms"), err);
    if (code != CF_OK)
        return code;
    if (!command == !http)
        return cf_json_fault(doc, hook, err, "%s: wants exactly one of command, http", path);
    code =
        command ? cf_shape_lines(doc, command, path, 1, err) : check_http(doc, hook, path, v, err);
    if (code == CF_OK && timeout)
        code = cf_shape_integer(doc, timeout, path, 1, 3600000, &ignored, err);
    return code;
}

enum cf_code cf_profile_hooks_check(const struct cf_json_doc *doc, const cJSON *hooks,
                                    const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    enum cf_code code = cf_shape_object(doc, hooks, "/pixit/hooks", NULL, vocabulary->hooks, err);
    for (const cJSON *hook = hooks->child; code == CF_OK && hook; hook = hook->next)
        code = check_hook(doc, hook, vocabulary, err);
    return code;
}
