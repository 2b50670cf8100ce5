#include "cli/openapi/drift.h"
#include "cli/openapi/drift_schema.h"
#include "cli/openapi/schema.h"

#include <string.h>
#include <strings.h>

/* ---- parameters ---- */

/* Names in paths are free, names of headers have no case. */
static bool is_same_parameter(const cJSON *ours, const cJSON *theirs)
{
    const char *in = cf_json_text(ours, "in", "");
    const char *name = cf_json_text(ours, "name", "");
    const char *other = cf_json_text(theirs, "name", "");
    if (strcmp(in, cf_json_text(theirs, "in", "")) != 0)
        return false;
    if (strcmp(in, "path") == 0)
        return true;
    return strcmp(in, "header") == 0 ? strcasecmp(name, other) == 0 : strcmp(name, other) == 0;
}

/* The operation's own parameter before its path's. */
static const cJSON *find_parameter(const struct cf_openapi *in, const cJSON *lists[2],
                                   const cJSON *wanted)
{
    for (size_t i = 0; i < 2; i++) {
        const cJSON *one;
        cJSON_ArrayForEach(one, lists[i])
        {
            const cJSON *resolved = cf_openapi_resolve(in, one);
            if (is_same_parameter(wanted, resolved))
                return resolved;
        }
    }
    return NULL;
}

static void compare_parameter(const struct cf_compare *c, const cJSON *ours, const cJSON *lists[2])
{
    const char *name = cf_json_text(ours, "name", "?");
    const cJSON *theirs = find_parameter(c->other, lists, ours);
    bool is_path = strcmp(cf_json_text(ours, "in", ""), "path") == 0;
    bool needed = cf_json_bool(theirs, "required", false);
    struct cf_buf place = {0};
    struct cf_buf what = {0};
    cf_buf_printf(&place, "parameters %s", name);
    cf_buf_printf(&what, "%s %s", is_path ? "path parameter" : "header", name);
    if (!theirs) {
        cf_compare_find(c, CF_DRIFT_CONTRADICTION, cf_buf_text(&place),
                        "%s: the document does not have it", cf_buf_text(&what));
    } else {
        if (needed && !is_path && !cf_json_bool(ours, "required", false))
            cf_compare_find(c, CF_DRIFT_CONTRADICTION, cf_buf_text(&place),
                            "%s: optional by the contract, required by the document",
                            cf_buf_text(&what));
        /* What comes in a path or a header is text; that it may be left out is what null says. */
        struct cf_schema schema;
        cf_schema_read(c->other, cf_json_get(theirs, "schema"), &schema);
        if (!schema.says_nothing && !schema.unreadable && !(schema.types & CF_SCHEMA_STRING))
            cf_compare_schemas(c, cf_json_get(ours, "schema"), cf_json_get(theirs, "schema"),
                               cf_buf_text(&what), cf_buf_text(&place), false);
    }
    cf_buf_release(&place);
    cf_buf_release(&what);
}

static bool carries_credentials(const char *name)
{
    static const char *const names[] = {"authorization", "x-api-key", "api-key", "cookie"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcasecmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static void tell_more_parameters(const struct cf_compare *c, const cJSON *ours_of_operation,
                                 const cJSON *lists[2])
{
    const cJSON *ours[2] = {ours_of_operation, NULL};
    for (size_t i = 0; i < 2; i++) {
        const cJSON *one;
        cJSON_ArrayForEach(one, lists[i])
        {
            const cJSON *theirs = cf_openapi_resolve(c->other, one);
            const char *name = cf_json_text(theirs, "name", "?");
            const char *in = cf_json_text(theirs, "in", "?");
            if (!theirs || find_parameter(c->contract, ours, theirs))
                continue;
            if (cf_json_bool(theirs, "required", false) && !carries_credentials(name))
                cf_compare_find(
                    c, CF_DRIFT_CONTRADICTION, "paths",
                    "%s parameter %s: required by the document, unknown to the contract", in, name);
            else
                cf_compare_find(c, CF_DRIFT_BEYOND, NULL, "%s parameter %s", in, name);
        }
    }
}

static void compare_parameters(const struct cf_compare *c, const cJSON *ours, const cJSON *theirs,
                               const cJSON *item)
{
    const cJSON *lists[2] = {cf_json_get(theirs, "parameters"), cf_json_get(item, "parameters")};
    const cJSON *one;
    cJSON_ArrayForEach(one, cf_json_get(ours, "parameters")) compare_parameter(c, one, lists);
    tell_more_parameters(c, cf_json_get(ours, "parameters"), lists);
}

/* ---- bodies ---- */

static const cJSON *media(const cJSON *content, const char *type)
{
    const cJSON *one;
    size_t len = strlen(type);
    cJSON_ArrayForEach(one, content)
    {
        const char *name = one->string;
        if ((strncasecmp(name, type, len) == 0 && (name[len] == '\0' || strchr("; ", name[len]))) ||
            strcmp(name, "*/*") == 0)
            return one;
    }
    return NULL;
}

static void compare_content(const struct cf_compare *c, const cJSON *ours, const cJSON *theirs,
                            const char *what, const char *place, bool answer)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, ours)
    {
        const cJSON *other = media(theirs, one->string);
        if (other)
            cf_compare_schemas(c, cf_json_get(one, "schema"), cf_json_get(other, "schema"), what,
                               place, answer);
        else
            cf_compare_find(c, answer && !theirs ? CF_DRIFT_REMARK : CF_DRIFT_CONTRADICTION, place,
                            "%s: the document does not have %s", what, one->string);
    }
    cJSON_ArrayForEach(one, theirs)
    {
        if (!media(ours, one->string) && strcmp(one->string, "*/*") != 0)
            cf_compare_find(c, CF_DRIFT_BEYOND, NULL, "%s as %s", what, one->string);
    }
}

static void compare_body(const struct cf_compare *c, const cJSON *ours, const cJSON *theirs)
{
    const cJSON *body = cf_json_get(ours, "requestBody");
    const cJSON *other = cf_openapi_resolve(c->other, cf_json_get(theirs, "requestBody"));
    bool needed = cf_json_bool(body, "required", false);
    const cJSON *content = cf_json_get(body, "content");
    struct cf_buf place = {0};
    if (!cJSON_IsObject(other)) {
        cf_compare_find(c, CF_DRIFT_CONTRADICTION, "requestBody",
                        "request body: the document has none");
        return;
    }
    if (needed != cf_json_bool(other, "required", false))
        cf_compare_find(c, needed ? CF_DRIFT_CONTRADICTION : CF_DRIFT_REMARK, "requestBody",
                        "request body: %s by the contract, %s by the document",
                        needed ? "required" : "optional", needed ? "optional" : "required");
    bool is_form = media(content, "multipart/form-data") != NULL;
    cf_buf_puts(&place, is_form ? "requestBody multipart/form-data" : "requestBody, schema");
    compare_content(c, content, cf_json_get(other, "content"), "body", cf_buf_text(&place), false);
    cf_buf_release(&place);
}

/* ---- answers ---- */

/* The response of a status: its own, that of its hundred, or the default. */
static const cJSON *response_of(const struct cf_openapi *in, const cJSON *responses,
                                const char *status, bool *out_own)
{
    const char hundred[4] = {status[0], 'X', 'X', '\0'};
    const cJSON *found = cf_json_get(responses, status);
    *out_own = found != NULL;
    if (!found)
        found = cf_json_get(responses, hundred);
    if (!found)
        found = cf_json_get(responses, "default");
    return cf_openapi_resolve(in, found);
}

/* A 202 whose members are told has to have the one that the page's sentence promises. */
static void compare_accepted(const struct cf_compare *c, const cJSON *response)
{
    struct cf_schema schema;
    const cJSON *json = media(cf_json_get(response, "content"), "application/json");
    if (!json)
        return;
    cf_schema_read(c->other, cf_json_get(json, "schema"), &schema);
    const cJSON *members = cf_json_get(schema.object, "properties");
    if (schema.says_nothing || schema.unreadable)
        return;
    if (!(schema.types & CF_SCHEMA_OBJECT) || (members && !cf_json_get(members, "correlation_id")))
        cf_compare_find(c, CF_DRIFT_CONTRADICTION, "responses 202, description, correlation_id",
                        "202: the document has no correlation_id in it");
}

static void compare_response(const struct cf_compare *c, const cJSON *ours, const cJSON *responses)
{
    bool own;
    const cJSON *theirs = response_of(c->other, responses, ours->string, &own);
    bool accepted = strcmp(ours->string, "202") == 0;
    struct cf_buf place = {0};
    cf_buf_printf(&place, "responses %s", ours->string);
    if (!cJSON_IsObject(theirs) || (accepted && !own)) {
        cf_compare_find(c, accepted ? CF_DRIFT_CONTRADICTION : CF_DRIFT_REMARK, cf_buf_text(&place),
                        "%s: the document does not have it", ours->string);
    } else {
        cf_buf_puts(&place, ", content");
        if (own)
            compare_content(c, cf_json_get(ours, "content"), cf_json_get(theirs, "content"),
                            ours->string, cf_buf_text(&place), true);
        if (accepted)
            compare_accepted(c, theirs);
    }
    cf_buf_release(&place);
}

static void compare_responses(const struct cf_compare *c, const cJSON *ours, const cJSON *theirs)
{
    const cJSON *known = cf_json_get(ours, "responses");
    const cJSON *responses = cf_json_get(theirs, "responses");
    const cJSON *one;
    cJSON_ArrayForEach(one, known) compare_response(c, one, responses);
    cJSON_ArrayForEach(one, responses)
    {
        bool success = one->string[0] == '2' && strcmp(one->string, "202") != 0;
        if (cf_json_get(known, one->string))
            continue;
        if (success)
            cf_compare_find(c, CF_DRIFT_CONTRADICTION, "responses 202",
                            "%s: the contract knows no other success than 202", one->string);
        else
            cf_compare_find(c, CF_DRIFT_BEYOND, NULL, "answer %s", one->string);
    }
}

/* ---- paths ---- */

/* Whether two path templates are one, whatever their parameters are called. */
static bool is_same_path(const char *ours, const char *theirs)
{
    while (*ours == *theirs && *ours) {
        if (*ours == '{') {
            ours += strcspn(ours, "}");
            theirs += strcspn(theirs, "}");
        }
        ours += *ours != '\0';
        theirs += *theirs != '\0';
    }
    return *ours == *theirs;
}

/* The path of the document's first server, without a slash at its end, into out. */
static void put_server_path(const struct cf_openapi *document, struct cf_buf *out)
{
    const cJSON *servers = cf_json_get(document->doc.root, "servers");
    const char *url = cf_json_text(servers ? servers->child : NULL, "url", "");
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : url;
    if (path && *path == '/')
        cf_buf_puts(out, path);
    while (out->len > 0 && out->data[out->len - 1] == '/')
        out->data[--out->len] = '\0';
}

/* The path as it is, or below the path of the document's server. */
static const cJSON *find_path(const struct cf_openapi *document, const char *path)
{
    const cJSON *item;
    struct cf_buf prefix = {0};
    const cJSON *found = NULL;
    put_server_path(document, &prefix);
    size_t len = prefix.len;
    bool below = len > 0 && strncmp(path, cf_buf_text(&prefix), len) == 0;
    cJSON_ArrayForEach(item, cf_json_get(document->doc.root, "paths"))
    {
        if (!found &&
            (is_same_path(path, item->string) || (below && is_same_path(path + len, item->string))))
            found = item;
    }
    cf_buf_release(&prefix);
    return found;
}

static void compare_endpoint(struct cf_compare *c, const cJSON *ours, const cJSON *path)
{
    const cJSON *item = cf_openapi_resolve(c->other, path);
    const cJSON *theirs = cf_json_get(item, "patch");
    if (!cJSON_IsObject(theirs) && c->other->excerpt)
        return;
    if (!cJSON_IsObject(theirs)) {
        cf_compare_find(c, CF_DRIFT_CONTRADICTION, "paths", "the document does not have it");
        return;
    }
    c->drift->endpoints++;
    compare_parameters(c, ours, theirs, item);
    compare_body(c, ours, theirs);
    compare_responses(c, ours, theirs);
}

static void compare_page(struct cf_drift *drift, const struct cf_drift_page *page,
                         const struct cf_json_doc *elements, const struct cf_openapi *document)
{
    const cJSON *path;
    cJSON_ArrayForEach(path, cf_json_get(page->document.doc.root, "paths"))
    {
        struct cf_buf endpoint = {0};
        struct cf_compare c = {.drift = drift,
                               .elements = elements,
                               .page = page->name,
                               .contract = &page->document,
                               .other = document};
        cf_buf_printf(&endpoint, "PATCH %s", path->string);
        c.endpoint = cf_buf_text(&endpoint);
        compare_endpoint(&c, cf_json_get(path, "patch"), find_path(document, path->string));
        cf_buf_release(&endpoint);
    }
}

/* ---- what else there is ---- */

static void tell_more_operations(struct cf_drift *drift, const cJSON *path, bool covered,
                                 const struct cf_openapi *document)
{
    static const char *const methods[] = {"get",     "put",  "post",  "delete",
                                          "options", "head", "patch", "trace"};
    const cJSON *item = cf_openapi_resolve(document, path);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct cf_buf text = {0};
        if (!cf_json_get(item, methods[i]) || (covered && strcmp(methods[i], "patch") == 0))
            continue;
        for (const char *letter = methods[i]; *letter; letter++)
            cf_buf_putc(&text, (char)(*letter - 'a' + 'A'));
        cf_buf_printf(&text, " %s", path->string);
        cf_drift_keep(drift, CF_DRIFT_BEYOND, &text);
    }
}

/* Whether the path is the same item as one that a page's path was found as. */
static bool is_covered(const cJSON *const *covered, size_t count, const cJSON *path)
{
    for (size_t i = 0; i < count; i++) {
        if (covered[i] == path)
            return true;
    }
    return false;
}

enum { COVERED_MAX = 16 };

void cf_drift_compare(struct cf_drift *drift, const struct cf_drift_page *pages, size_t page_count,
                      const struct cf_json_doc *elements, const struct cf_openapi *document)
{
    const cJSON *covered[COVERED_MAX];
    size_t count = 0;
    const cJSON *path;
    for (size_t i = 0; i < page_count; i++) {
        compare_page(drift, &pages[i], elements, document);
        cJSON_ArrayForEach(path, cf_json_get(pages[i].document.doc.root, "paths"))
        {
            const cJSON *found = find_path(document, path->string);
            if (found && count < COVERED_MAX)
                covered[count++] = found;
        }
    }
    cJSON_ArrayForEach(path, cf_json_get(document->doc.root, "paths"))
        tell_more_operations(drift, path, is_covered(covered, count, path), document);
}
