#include "cli/openapi/document.h"
#include "cli/openapi/yaml_text.h"
#include "harness/base/file.h"
#include "harness/http/client.h"

#include <string.h>

enum { DOCUMENT_MAX_BYTES = 16 << 20, REFERENCES_MAX = 32 };

void cf_openapi_release(struct cf_openapi *openapi)
{
    cf_json_release(&openapi->doc);
    *openapi = (struct cf_openapi){0};
}

bool cf_openapi_is_url(const char *file_or_url)
{
    return strncmp(file_or_url, "http://", 7) == 0 || strncmp(file_or_url, "https://", 8) == 0;
}

const cJSON *cf_openapi_resolve(const struct cf_openapi *openapi, const cJSON *node)
{
    for (int i = 0; i < REFERENCES_MAX; i++) {
        const char *reference = cf_json_text(node, "$ref", NULL);
        if (!reference)
            return node;
        node = *reference == '#' ? cf_json_at(openapi->doc.root, reference + 1) : NULL;
    }
    return NULL;
}

/* ---- getting the bytes ---- */

static enum cf_code fetch(const char *url, struct cf_buf *out, struct cf_err *err)
{
    const struct cf_http_options options = {.max_body_bytes = DOCUMENT_MAX_BYTES};
    struct cf_http_client *client = NULL;
    struct cf_exchange exchange = {0};
    const struct cf_http_request request = {.method = "GET", .url = url};
    enum cf_code code = cf_http_global_init(err);
    if (code == CF_OK)
        code = cf_http_client_new(&client, &options, err);
    if (code == CF_OK)
        code = cf_http_send(client, &request, &exchange, err);
    if (code == CF_OK && exchange.status != 200)
        code = cf_err_set(err, CF_EPROTO, "answered %d", exchange.status);
    if (code == CF_OK && exchange.response_body.bytes)
        cf_buf_append(out, exchange.response_body.bytes, exchange.response_body.len);
    cf_exchange_release(&exchange);
    cf_http_client_free(client);
    return code == CF_OK ? cf_buf_check(out, err) : cf_err_prefix(err, "GET %s", url);
}

/* ---- reading them ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

static size_t fence_len(const char *line)
{
    return strspn(line, "`");
}

/* The inside of the first fenced block of yaml. What stands before it is made empty lines, so that
 * lines keep their numbers. False: there is none. */
static bool cut_fence(const struct cf_buf *page, struct cf_buf *out)
{
    const char *line = cf_buf_text(page);
    size_t fence = 0;
    for (; *line; line += strcspn(line, "\n"), line += *line != '\0') {
        size_t ticks = fence_len(line);
        if (fence == 0) {
            cf_buf_putc(out, '\n');
            if (ticks >= 3 && strncmp(line + ticks, "yaml", 4) == 0)
                fence = ticks;
        } else if (ticks >= fence) {
            break;
        } else {
            cf_buf_append(out, line, strcspn(line, "\n"));
            cf_buf_putc(out, '\n');
        }
    }
    return fence > 0;
}

static enum cf_code parse_yaml(struct cf_openapi *out, const char *name, const struct cf_buf *text,
                               struct cf_err *err)
{
    struct cf_buf json;
    cf_buf_init(&json, 2 * (size_t)DOCUMENT_MAX_BYTES);
    enum cf_code code = cf_yaml_to_json(name, cf_buf_text(text), text->len, &json, err);
    if (code == CF_OK)
        code =
            cf_json_parse(&out->doc, name, cf_buf_text(&json), json.len, CF_JSON_UNIQUE_KEYS, err);
    cf_buf_release(&json);
    return code;
}

static enum cf_code parse(struct cf_openapi *out, const char *name, const struct cf_buf *text,
                          struct cf_err *err)
{
    const char *start = cf_buf_text(text) + strspn(cf_buf_text(text), " \t\r\n");
    struct cf_buf inside = {0};
    if (*start == '{')
        return cf_json_parse(&out->doc, name, cf_buf_text(text), text->len, CF_JSON_UNIQUE_KEYS,
                             err);
    if (!ends_with(name, ".md"))
        return parse_yaml(out, name, text, err);
    out->excerpt = true;
    enum cf_code code = CF_OK;
    if (!cut_fence(text, &inside))
        code = cf_err_set(err, CF_EINPUT, "%s: no fenced block of yaml in it", name);
    else
        code = parse_yaml(out, name, &inside, err);
    cf_buf_release(&inside);
    return code;
}

static enum cf_code check(const struct cf_openapi *openapi, const char *name, struct cf_err *err)
{
    const cJSON *root = openapi->doc.root;
    const char *version = cf_json_text(root, "openapi", NULL);
    if (!cJSON_IsObject(root))
        return cf_err_set(err, CF_EINPUT, "%s: not an object but %s", name, cf_json_type(root));
    if (cf_json_get(root, "swagger"))
        return cf_err_set(err, CF_EINPUT, "%s: Swagger 2 is not read; convert it to OpenAPI 3",
                          name);
    if (!version || strncmp(version, "3.", 2) != 0)
        return cf_err_set(err, CF_EINPUT, "%s: not an OpenAPI 3 document: its \"openapi\" is %.40s",
                          name, version ? version : "absent");
    if (!cJSON_IsObject(cf_json_get(root, "paths")))
        return cf_err_set(err, CF_EINPUT, "%s: not an OpenAPI document with paths: \"paths\" is %s",
                          name, cf_json_type(cf_json_get(root, "paths")));
    return CF_OK;
}

enum cf_code cf_openapi_load(struct cf_openapi *out, const char *file_or_url, struct cf_err *err)
{
    struct cf_buf text;
    cf_buf_init(&text, DOCUMENT_MAX_BYTES);
    *out = (struct cf_openapi){0};
    enum cf_code code = cf_openapi_is_url(file_or_url) ? fetch(file_or_url, &text, err)
                                                       : cf_file_read(file_or_url, &text, err);
    if (code == CF_OK)
        code = parse(out, file_or_url, &text, err);
    if (code == CF_OK)
        code = check(out, file_or_url, err);
    if (code != CF_OK)
        cf_openapi_release(out);
    cf_buf_release(&text);
    return code;
}
