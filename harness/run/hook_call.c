#include "harness/run/hook_call.h"
#include "harness/base/mem.h"
#include "harness/run/hook_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOOK_TIMEOUT_MS = 60000, COMMAND_WORDS_MAX = 64 };

/* A hook that is being called. */
struct call {
    const struct cf_profile *profile;
    struct cf_http_client *client;
    const cJSON *inputs;
    const cJSON *http; /* the hook's request, NULL for a command */
};

/* ---- by HTTP ---- */

/* "{name}" in a hook's texts: base_url or an input. */
static enum cf_code fill_text(const struct call *call, const char *text, struct cf_buf *out,
                              struct cf_err *err)
{
    while (*text) {
        size_t plain = strcspn(text, "{");
        cf_buf_append(out, text, plain);
        text += plain;
        size_t len = *text ? strcspn(text, "}") : 0;
        char name[64];
        if (len == 0)
            break;
        snprintf(name, sizeof(name), "%.*s", (int)len - 1, text + 1);
        const char *value = strcmp(name, "base_url") == 0 ? call->profile->base_url
                                                          : cf_json_text(call->inputs, name, NULL);
        if (!value || text[len] != '}')
            return cf_err_set(err, CF_EINPUT, "\"{%s}\" is not an input of this hook", name);
        cf_buf_puts(out, value);
        text += len + 1;
    }
    return CF_OK;
}

static enum cf_code fill_json(const struct call *call, cJSON *node, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (cJSON_IsString(node) && strchr(node->valuestring, '{')) {
        struct cf_buf text = {0};
        code = fill_text(call, node->valuestring, &text, err);
        if (code == CF_OK)
            cJSON_SetValuestring(node, cf_buf_text(&text));
        cf_buf_release(&text);
    }
    for (cJSON *child = cJSON_IsString(node) ? NULL : node->child; code == CF_OK && child;
         child = child->next)
        code = fill_json(call, child, err);
    return code;
}

struct parts {
    struct cf_buf url, body;
    struct cf_headers headers;
};

static void parts_release(struct parts *parts)
{
    cf_buf_release(&parts->url);
    cf_buf_release(&parts->body);
    cf_headers_release(&parts->headers);
}

static enum cf_code fill_body(const struct call *call, const cJSON *template, struct parts *out,
                              struct cf_err *err)
{
    cJSON *body = cJSON_Duplicate(template, 1);
    enum cf_code code = fill_json(call, body, err);
    if (code == CF_OK)
        cf_json_print(&out->body, body);
    cJSON_Delete(body);
    return code;
}

static enum cf_code fill_headers(const struct call *call, struct parts *out, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    const cJSON *map = cf_json_get(call->http, "headers");
    for (const cJSON *h = map ? map->child : NULL; code == CF_OK && h; h = h->next) {
        struct cf_buf value = {0};
        code = fill_text(call, h->valuestring, &value, err);
        if (code == CF_OK)
            cf_headers_add(&out->headers, h->string, cf_buf_text(&value));
        cf_buf_release(&value);
    }
    return code;
}

static enum cf_code fill_parts(const struct call *call, struct parts *out, struct cf_err *err)
{
    const cJSON *template = cf_json_get(call->http, "json");
    enum cf_code code = fill_text(call, cf_json_text(call->http, "url", ""), &out->url, err);
    if (code != CF_OK)
        return code;
    if (template) {
        cf_headers_add(&out->headers, "Content-Type", "application/json");
        code = fill_body(call, template, out, err);
    }
    return code == CF_OK ? fill_headers(call, out, err) : code;
}

static enum cf_code put_captured(const cJSON *capture, const cJSON *answer, struct cf_buf *out,
                                 struct cf_err *err)
{
    cf_buf_putc(out, '{');
    for (const cJSON *c = capture->child; c; c = c->next) {
        const cJSON *value = cf_json_at(answer, c->valuestring);
        if (!value)
            return cf_err_set(err, CF_EPROTO, "the hook's answer has nothing at \"%s\"",
                              c->valuestring);
        if (c != capture->child)
            cf_buf_putc(out, ',');
        cf_json_put_text(out, c->string);
        cf_buf_putc(out, ':');
        cf_json_print(out, value);
    }
    cf_buf_putc(out, '}');
    return CF_OK;
}

/* What a hook's answer gives: the captured values, or the whole object. */
static enum cf_code take_answer(const cJSON *http, const struct cf_body *body, struct cf_buf *out,
                                struct cf_err *err)
{
    struct cf_json_doc doc;
    const cJSON *capture = cf_json_get(http, "capture");
    if (!capture && body->len == 0) {
        cf_buf_puts(out, "{}");
        return CF_OK;
    }
    enum cf_code code =
        cf_json_parse(&doc, "the hook's answer", body->bytes ? body->bytes : "", body->len, 0, err);
    if (code != CF_OK)
        return CF_EPROTO;
    if (capture)
        code = put_captured(capture, doc.root, out, err);
    else
        cf_json_print(out, doc.root);
    cf_json_release(&doc);
    return code == CF_OK ? cf_buf_check(out, err) : code;
}

static enum cf_code exchange_parts(const struct call *call, const struct parts *parts,
                                   struct cf_buf *output, struct cf_err *err)
{
    struct cf_exchange exchange = {0};
    struct cf_http_request request = {
        .method = cf_json_text(call->http, "method", "POST"),
        .url = cf_buf_text(&parts->url),
        .headers = parts->headers,
        .body = cf_json_get(call->http, "json") ? cf_buf_text(&parts->body) : NULL,
        .body_len = parts->body.len,
        .own_connection = true};
    enum cf_code code = cf_http_send(call->client, &request, &exchange, err);
    if (code == CF_OK && exchange.status / 100 != 2)
        code = cf_err_set(err, CF_EIO, "the hook's URL answered %d", exchange.status);
    if (code == CF_OK)
        code = take_answer(call->http, &exchange.response_body, output, err);
    cf_exchange_release(&exchange);
    return code;
}

static enum cf_code call_http(const struct call *call, struct cf_buf *output, struct cf_err *err)
{
    struct parts parts = {0};
    enum cf_code code = fill_parts(call, &parts, err);
    if (code == CF_OK)
        code = exchange_parts(call, &parts, output, err);
    parts_release(&parts);
    return code;
}

/* ---- by a command ---- */

static enum cf_code call_command(const struct call *call, const cJSON *command, double timeout_ms,
                                 struct cf_buf *output, struct cf_err *err)
{
    char *argv[COMMAND_WORDS_MAX + 1] = {0};
    size_t count = 0;
    struct cf_buf input = {0};
    const cJSON *word;
    if (cJSON_GetArraySize(command) > COMMAND_WORDS_MAX)
        return cf_err_set(err, CF_ELIMIT, "more than %d words in a command", COMMAND_WORDS_MAX);
    cJSON_ArrayForEach(word, command)
    {
        bool path = count == 0 && strchr(word->valuestring, '/');
        argv[count++] = path ? cf_profile_resolve(call->profile, word->valuestring)
                             : cf_strdup(word->valuestring);
    }
    cf_json_print(&input, call->inputs);
    enum cf_code code =
        cf_hook_command(argv, cf_buf_text(&input), input.len, timeout_ms, output, err);
    cf_buf_release(&input);
    for (size_t i = 0; i < count; i++)
        free(argv[i]);
    return code;
}

enum cf_code cf_hook_call(const struct cf_profile *profile, struct cf_http_client *client,
                          const char *name, const cJSON *inputs, struct cf_buf *output,
                          struct cf_err *err)
{
    const cJSON *hook = cf_profile_hook(profile, name);
    const cJSON *command = cf_json_get(hook, "command");
    struct call call = {profile, client, inputs, cf_json_get(hook, "http")};
    cf_buf_init(output, CF_HOOK_OUTPUT_MAX_BYTES);
    if (!command)
        return call_http(&call, output, err);
    double timeout_ms = cf_json_number(hook, "timeout_ms", HOOK_TIMEOUT_MS);
    return call_command(&call, command, timeout_ms, output, err);
}
