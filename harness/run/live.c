/* The network: libcurl for requests, processes or libcurl for hooks, the clock for waiting. */
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/case/expand.h"
#include "harness/run/hook_command.h"
#include "harness/run/io.h"
#include "harness/run/near_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOOK_TIMEOUT_MS = 60000, COMMAND_WORDS_MAX = 64 };

struct live {
    struct cf_io io;
    struct cf_redactor *redactor;
    struct cf_http_client *client;
    const char *base_url;
};

static enum cf_code live_send(struct cf_io *io, const struct cf_http_request *request,
                              struct cf_exchange *out, struct cf_err *err)
{
    return cf_http_send(((struct live *)io)->client, request, out, err);
}

static enum cf_code live_together(struct cf_io *io, const char *warm_url,
                                  const struct cf_http_request *requests, size_t count,
                                  struct cf_exchange *outs, enum cf_code *codes, struct cf_err *err)
{
    struct live *live = (struct live *)io;
    enum cf_code code = cf_http_warm(live->client, warm_url, &requests[0].headers, count, err);
    if (code != CF_OK)
        return code;
    return cf_http_send_together(live->client, requests, count, outs, codes, err);
}

static double live_now(struct cf_io *io)
{
    (void)io;
    return cf_clock_ms();
}

static bool live_wait(struct cf_io *io, double ms, double deadline_ms)
{
    (void)io;
    double left = deadline_ms - cf_clock_ms();
    if (left <= 0)
        return false;
    cf_clock_pause(ms < left ? ms : left);
    return true;
}

/* ---- hooks ---- */

/* "{name}" in a hook's texts: base_url or an input. */
static enum cf_code fill_text(const struct live *live, const cJSON *inputs, const char *text,
                              struct cf_buf *out, struct cf_err *err)
{
    while (*text) {
        size_t plain = strcspn(text, "{");
        cf_buf_append(out, text, plain);
        text += plain;
        size_t len = *text ? strcspn(text, "}") : 0;
        char name[64];
        if (len == 0)
            break;
        (void)snprintf(name, sizeof(name), "%.*s", (int)len - 1, text + 1);
        const char *value =
            strcmp(name, "base_url") == 0 ? live->base_url : cf_json_text(inputs, name, NULL);
        if (!value || text[len] != '}')
            return cf_err_set(err, CF_EINPUT, "\"{%s}\" is not an input of this hook", name);
        cf_buf_puts(out, value);
        text += len + 1;
    }
    return CF_OK;
}

static enum cf_code fill_json(const struct live *live, const cJSON *inputs, cJSON *node,
                              struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (cJSON_IsString(node) && strchr(node->valuestring, '{')) {
        struct cf_buf text = {0};
        code = fill_text(live, inputs, node->valuestring, &text, err);
        if (code == CF_OK)
            cJSON_SetValuestring(node, cf_buf_text(&text));
        cf_buf_release(&text);
    }
    for (cJSON *child = cJSON_IsString(node) ? NULL : node->child; code == CF_OK && child;
         child = child->next)
        code = fill_json(live, inputs, child, err);
    return code;
}

static enum cf_code hook_body(const struct live *live, const cJSON *http, const cJSON *inputs,
                              struct cf_buf *out, struct cf_err *err)
{
    const cJSON *template = cf_json_get(http, "json");
    if (!template)
        return CF_OK;
    cJSON *body = cJSON_Duplicate(template, 1);
    enum cf_code code = fill_json(live, inputs, body, err);
    if (code == CF_OK)
        cf_json_print(out, body);
    cJSON_Delete(body);
    return code;
}

static enum cf_code hook_headers(const struct live *live, const cJSON *http, const cJSON *inputs,
                                 struct cf_headers *headers, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (cf_json_get(http, "json"))
        cf_headers_add(headers, "Content-Type", "application/json");
    const cJSON *map = cf_json_get(http, "headers");
    for (const cJSON *h = map ? map->child : NULL; code == CF_OK && h; h = h->next) {
        struct cf_buf value = {0};
        code = fill_text(live, inputs, h->valuestring, &value, err);
        if (code == CF_OK)
            cf_headers_add(headers, h->string, cf_buf_text(&value));
        cf_buf_release(&value);
    }
    return code;
}

/* What a hook's answer gives: the captured values, or the whole object. */
static enum cf_code captured(const cJSON *http, const char *body, size_t len, struct cf_buf *out,
                             struct cf_err *err)
{
    struct cf_json_doc doc;
    const cJSON *capture = cf_json_get(http, "capture");
    if (!capture && len == 0) {
        cf_buf_puts(out, "{}");
        return CF_OK;
    }
    enum cf_code code = cf_json_parse(&doc, "the hook's answer", body, len, 0, err);
    if (code != CF_OK)
        return CF_EPROTO;
    if (!capture)
        cf_json_print(out, doc.root);
    else
        cf_buf_putc(out, '{');
    for (const cJSON *c = capture ? capture->child : NULL; c; c = c->next) {
        const cJSON *value = cf_json_at(doc.root, c->valuestring);
        if (!value) {
            code = cf_err_set(err, CF_EPROTO, "the hook's answer has nothing at \"%s\"",
                              c->valuestring);
            break;
        }
        if (c != capture->child)
            cf_buf_putc(out, ',');
        cf_json_put_text(out, c->string);
        cf_buf_putc(out, ':');
        cf_json_print(out, value);
    }
    if (capture)
        cf_buf_putc(out, '}');
    cf_json_release(&doc);
    return code == CF_OK ? cf_buf_check(out, err) : code;
}

static enum cf_code hook_http(struct live *live, const cJSON *http, const cJSON *inputs,
                              struct cf_buf *output, struct cf_err *err)
{
    struct cf_buf url;
    struct cf_buf body;
    struct cf_headers headers = {0};
    struct cf_exchange exchange = {0};
    cf_buf_init(&url, 8192);
    cf_buf_init(&body, 1 << 20);
    enum cf_code code = fill_text(live, inputs, cf_json_text(http, "url", ""), &url, err);
    if (code == CF_OK)
        code = hook_body(live, http, inputs, &body, err);
    if (code == CF_OK)
        code = hook_headers(live, http, inputs, &headers, err);
    if (code == CF_OK) {
        struct cf_http_request request = {
            cf_json_text(http, "method", "POST"), cf_buf_text(&url), headers,
            cf_json_get(http, "json") ? cf_buf_text(&body) : NULL, body.len};
        code = cf_http_send(live->client, &request, &exchange, err);
    }
    if (code == CF_OK && exchange.status / 100 != 2)
        code = cf_err_set(err, CF_EIO, "the hook's URL answered %d", exchange.status);
    if (code == CF_OK)
        code = captured(http, exchange.response_body.bytes ? exchange.response_body.bytes : "",
                        exchange.response_body.len, output, err);
    cf_exchange_release(&exchange);
    cf_headers_release(&headers);
    cf_buf_release(&url);
    cf_buf_release(&body);
    return code;
}

static enum cf_code hook_process(const struct cf_profile *profile, const cJSON *command,
                                 const char *input, double timeout_ms, struct cf_buf *output,
                                 struct cf_err *err)
{
    char *argv[COMMAND_WORDS_MAX + 1] = {0};
    size_t count = 0;
    enum cf_code code = CF_OK;
    const cJSON *word;
    cJSON_ArrayForEach(word, command)
    {
        if (count == COMMAND_WORDS_MAX) {
            code = cf_err_set(err, CF_ELIMIT, "more than %d words in a command", COMMAND_WORDS_MAX);
            break;
        }
        bool path = count == 0 && strchr(word->valuestring, '/');
        argv[count++] =
            path ? cf_profile_resolve(profile, word->valuestring) : cf_strdup(word->valuestring);
    }
    if (code == CF_OK)
        code = cf_hook_command(argv, input, strlen(input), timeout_ms, output, err);
    for (size_t i = 0; i < count; i++)
        free(argv[i]);
    return code;
}

/* Keep what went in and came out, without secrets. */
static void store(const struct live *live, const struct cf_buf *from, struct cf_body *to)
{
    struct cf_buf clean = {0};
    cf_redactor_apply(live->redactor, cf_buf_text(from), from->len, &clean);
    to->bytes = cf_buf_take(&clean, &to->len);
}

static void store_message(const struct live *live, enum cf_code code, struct cf_exchange *out,
                          struct cf_err *err)
{
    struct cf_buf clean = {0};
    cf_redactor_apply(live->redactor, err->text, strlen(err->text), &clean);
    out->message = cf_buf_take(&clean, NULL);
    cf_err_set(err, code, "%s", out->message);
}

static enum cf_code live_hook(struct cf_io *io, const struct cf_profile *profile, const char *name,
                              const cJSON *inputs, struct cf_exchange *out, struct cf_err *err)
{
    struct live *live = (struct live *)io;
    const cJSON *hook = cf_profile_hook(profile, name);
    const cJSON *command = cf_json_get(hook, "command");
    struct cf_buf input = {0};
    struct cf_buf output;
    cf_buf_init(&output, CF_HOOK_OUTPUT_MAX_BYTES);
    cf_json_print(&input, inputs);
    double start = cf_clock_ms();
    enum cf_code code =
        command ? hook_process(profile, command, cf_buf_text(&input),
                               cf_json_number(hook, "timeout_ms", HOOK_TIMEOUT_MS), &output, err)
                : hook_http(live, cf_json_get(hook, "http"), inputs, &output, err);
    out->kind = CF_EXCHANGE_HOOK;
    out->duration_ms = cf_clock_ms() - start;
    out->hook = cf_strdup(name);
    store(live, &input, &out->request_body);
    store(live, &output, &out->response_body);
    if (code != CF_OK)
        store_message(live, code, out, err);
    cf_buf_release(&input);
    cf_buf_release(&output);
    return code;
}

static void live_free(struct cf_io *io)
{
    struct live *live = (struct live *)io;
    cf_http_client_free(live->client);
    cf_redactor_free(live->redactor);
    free(live);
}

static const struct cf_io_ops live_ops = {live_send, live_together, live_hook,
                                          live_now,  live_wait,     live_free};

/* What is nearly the key is as good as the key to who reads it. */
static enum cf_code add_near_key(struct cf_redactor *redactor, const char *key,
                                 const struct cf_near_key *kind, struct cf_err *err)
{
    char *near = cf_near_key_make(key, kind->how);
    size_t len = strlen(near);
    enum cf_code code = CF_OK;
    if (len >= CF_SECRET_MIN_BYTES)
        code = cf_redactor_add(redactor, near, len, kind->placeholder, err);
    free(near);
    return code;
}

enum cf_code cf_io_redactor(struct cf_redactor **out, const struct cf_profile *profile,
                            struct cf_err *err)
{
    struct cf_redactor *redactor = cf_redactor_new();
    size_t len = strlen(profile->auth.value);
    enum cf_code code =
        cf_redactor_add(redactor, profile->auth.value, len, profile->auth.placeholder, err);
    for (const struct cf_near_key *k = cf_near_keys; code == CF_OK && k->how; k++)
        code = add_near_key(redactor, profile->auth.value, k, err);
    for (size_t i = 0; code == CF_OK && i < profile->shown.hook_secret_count; i++) {
        const struct cf_credential *secret = &profile->shown.hook_secrets[i];
        size_t secret_len = strlen(secret->value);
        /* A shorter one is not a secret worth the name, and would garble innocent text. */
        if (secret_len >= CF_SECRET_MIN_BYTES)
            code = cf_redactor_add(redactor, secret->value, secret_len, secret->placeholder, err);
    }
    if (code == CF_OK)
        *out = redactor;
    else
        cf_redactor_free(redactor);
    return code;
}

/* File names in the profile are relative to it. */
static void tls_files(const struct cf_profile *profile, char *paths[3])
{
    const char *const names[3] = {profile->ca_file, profile->client_cert_file,
                                  profile->client_key_file};
    for (size_t i = 0; i < 3; i++) {
        if (names[i])
            paths[i] = cf_profile_resolve(profile, names[i]);
    }
}

enum cf_code cf_io_live_new(struct cf_io **out, const struct cf_profile *profile,
                            double rate_interval_ms, struct cf_err *err)
{
    struct live *live = cf_alloc(sizeof(*live));
    char *paths[3] = {NULL};
    live->io.ops = &live_ops;
    live->base_url = profile->base_url;
    enum cf_code code = cf_io_redactor(&live->redactor, profile, err);
    if (code == CF_OK) {
        tls_files(profile, paths);
        long timeout = profile->request_timeout_ms;
        struct cf_http_options options = {.request_timeout_ms = timeout,
                                          .connect_timeout_ms = timeout < 10000 ? timeout : 10000,
                                          .ca_file = paths[0],
                                          .client_cert_file = paths[1],
                                          .client_key_file = paths[2],
                                          .insecure = profile->insecure,
                                          .min_interval_ms = rate_interval_ms,
                                          .redactor = live->redactor};
        code = cf_http_client_new(&live->client, &options, err);
    }
    for (size_t i = 0; i < 3; i++)
        free(paths[i]);
    if (code == CF_OK)
        *out = &live->io;
    else
        live_free(&live->io);
    return code;
}

unsigned long cf_io_request_count(const struct cf_io *io)
{
    return io && io->ops == &live_ops ? cf_http_request_count(((const struct live *)io)->client)
                                      : 0;
}

void cf_io_free(struct cf_io *io)
{
    if (io)
        io->ops->free(io);
}
