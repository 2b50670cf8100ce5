#include "harness/case/profile.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"
#include "harness/case/profile_connection.h"
#include "harness/case/profile_hooks.h"
#include "harness/case/profile_observe.h"
#include "harness/case/profile_values.h"
#include "harness/case/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PROFILE_MAX_BYTES = 4 << 20, TLS_FILE_MAX_BYTES = 16 << 20 };

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- small checks ---- */

static enum cf_code check_iut(struct cf_profile *p, struct cf_err *err)
{
    static const char *const names[] = {"name", "version", "base_url", NULL};
    enum cf_code code = cf_shape_object(&p->doc, p->iut, "/iut", names, NULL, err);
    for (size_t i = 0; code == CF_OK && names[i]; i++) {
        char path[64];
        snprintf(path, sizeof(path), "/iut/%s", names[i]);
        code = cf_shape_line(&p->doc, cf_json_get(p->iut, names[i]), path, i < 2 ? 200 : 2000, err);
    }
    return code;
}

static bool host_is_loopback(const char *host, size_t len)
{
    return (len == 9 && strncasecmp(host, "localhost", 9) == 0) ||
           (len > 4 && strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") >= len) ||
           (len == 5 && strncmp(host, "[::1]", 5) == 0);
}

/* The base URL's form; libcurl checks it once more before the first request. */
static enum cf_code check_base_url(struct cf_profile *p, struct cf_err *err)
{
    const cJSON *node = cf_json_get(p->iut, "base_url");
    const char *url = node->valuestring;
    p->tls = strncmp(url, "https://", 8) == 0;
    if (!p->tls && strncmp(url, "http://", 7) != 0)
        return cf_json_fault(&p->doc, node, err,
                             "/iut/base_url: must start with http:// or https://");
    const char *host = url + (p->tls ? 8 : 7);
    size_t authority = strcspn(host, "/?#");
    if (memchr(host, '@', authority))
        return cf_json_fault(&p->doc, node, err,
                             "/iut/base_url: must not hold credentials; use pixit.auth");
    if (host[strcspn(host, "?# \\")] != '\0')
        return cf_json_fault(&p->doc, node, err,
                             "/iut/base_url: must not hold a query, a fragment or a space");
    size_t host_len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
    if (host_len == 0 || host_len > authority)
        return cf_json_fault(&p->doc, node, err, "/iut/base_url: no host");
    p->loopback = host_is_loopback(host, host_len);
    p->base_url = cf_strdup(url);
    for (size_t len = strlen(p->base_url); len > 0 && p->base_url[len - 1] == '/'; len--)
        p->base_url[len - 1] = '\0';
    return CF_OK;
}

static enum cf_code check_pics(struct cf_profile *p, struct cf_err *err)
{
    enum cf_code code = cf_shape_object(&p->doc, p->pics, "/pics", p->vocabulary->pics_required,
                                        p->vocabulary->pics_optional, err);
    const cJSON *item = p->pics ? p->pics->child : NULL;
    for (; code == CF_OK && item; item = item->next) {
        char path[256];
        snprintf(path, sizeof(path), "/pics/%s", item->string);
        code = cf_shape_type(&p->doc, item, path, "boolean", err);
    }
    return code;
}

/* ---- the credential ---- */

static bool is_header_name(const char *name)
{
    return *name != '\0' && name[strspn(name, "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

static enum cf_code check_auth(struct cf_profile *p, struct cf_err *err)
{
    const cJSON *auth = cf_json_get(p->pixit, "auth");
    enum cf_code code =
        cf_shape_object(&p->doc, auth, "/pixit/auth", NAMES("header", "value_from"), NULL, err);
    const cJSON *header = cf_json_get(auth, "header");
    const struct cf_credential_rules rules = {
        .beside = p->path, .literal = p->loopback, .sealed = p->sealed};
    if (code == CF_OK)
        code = cf_shape_line(&p->doc, header, "/pixit/auth/header", 200, err);
    if (code != CF_OK)
        return code;
    if (!is_header_name(header->valuestring))
        return cf_json_fault(&p->doc, header, err, "/pixit/auth/header: not a header name");
    p->auth_header = header->valuestring;
    return cf_credential_read(&p->auth, &p->doc, cf_json_get(auth, "value_from"), &rules, err);
}

/* ---- the rest of pixit ---- */

static enum cf_code check_headers(struct cf_profile *p, struct cf_err *err)
{
    p->headers = cf_json_get(p->pixit, "headers");
    if (!p->headers)
        return CF_OK;
    enum cf_code code = cf_shape_type(&p->doc, p->headers, "/pixit/headers", "object", err);
    if (code != CF_OK)
        return code;
    const cJSON *header;
    cJSON_ArrayForEach(header, p->headers)
    {
        char path[256];
        snprintf(path, sizeof(path), "/pixit/headers/%s", header->string);
        if (!is_header_name(header->string))
            return cf_json_fault(&p->doc, header, err, "%s: not a header name", path);
        if (strcasecmp(header->string, p->auth_header) == 0 ||
            strcasecmp(header->string, "authorization") == 0 ||
            strcasecmp(header->string, "cookie") == 0)
            return cf_json_fault(&p->doc, header, err, "%s: credentials belong into pixit.auth",
                                 path);
        code = cf_shape_line(&p->doc, header, path, 4096, err);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

static enum cf_code add_fixture(struct cf_profile *p, const struct cf_fixture_kind *kind,
                                const cJSON *node, struct cf_err *err)
{
    if (p->fixture_count == CF_FIXTURES_MAX)
        return cf_json_fault(&p->doc, node, err, "more than %d fixtures", CF_FIXTURES_MAX);
    for (size_t i = 0; i < p->fixture_count; i++) {
        if (strcmp(p->fixtures[i].id, node->valuestring) == 0)
            return cf_json_fault(&p->doc, node, err, "/pixit/%s/%s: \"%s\" is listed twice",
                                 p->vocabulary->fixtures_member, kind->name, node->valuestring);
    }
    p->fixtures[p->fixture_count++] = (struct cf_fixture){.kind = kind, .id = node->valuestring};
    return CF_OK;
}

static enum cf_code check_fixtures(struct cf_profile *p, struct cf_err *err)
{
    const char *member = p->vocabulary->fixtures_member;
    const struct cf_fixture_kind *kinds = p->vocabulary->fixture_kinds;
    const cJSON *listed = cf_json_get(p->pixit, member);
    const char *names[CF_FIXTURE_KINDS_MAX + 1] = {0};
    char path[128];
    for (size_t i = 0; i < CF_FIXTURE_KINDS_MAX && kinds[i].name; i++)
        names[i] = kinds[i].name;
    snprintf(path, sizeof(path), "/pixit/%s", member);
    enum cf_code code = cf_shape_object(&p->doc, listed, path, names, NULL, err);
    p->fixtures = cf_alloc_array(CF_FIXTURES_MAX, sizeof(*p->fixtures));
    for (; code == CF_OK && kinds->name; kinds++) {
        const cJSON *list = cf_json_get(listed, kinds->name);
        snprintf(path, sizeof(path), "/pixit/%s/%s", member, kinds->name);
        code = cf_shape_lines(&p->doc, list, path, 0, err);
        const cJSON *node = list ? list->child : NULL;
        for (; code == CF_OK && node; node = node->next)
            code = add_fixture(p, kinds, node, err);
    }
    return code;
}

static enum cf_code check_values(struct cf_profile *p, struct cf_err *err)
{
    p->values = cf_json_get(p->pixit, "values");
    return cf_profile_values_check(&p->doc, p->values, p->vocabulary, err);
}

static enum cf_code check_observe(struct cf_profile *p, struct cf_err *err)
{
    const cJSON *observe = cf_json_get(p->pixit, "observe");
    enum cf_code code =
        cf_shape_object(&p->doc, observe, "/pixit/observe", NAMES("preset"), NAMES("fields"), err);
    const cJSON *preset = cf_json_get(observe, "preset");
    if (code == CF_OK)
        code =
            cf_shape_choice(&p->doc, preset, "/pixit/observe/preset", p->vocabulary->presets, err);
    if (code != CF_OK)
        return code;
    p->preset = preset->valuestring;
    p->observe_fields = cf_json_get(observe, "fields");
    if (!p->observe_fields)
        return CF_OK;
    return cf_profile_observe_check(&p->doc, p->observe_fields, p->vocabulary, err);
}

static enum cf_code check_hooks(struct cf_profile *p, struct cf_err *err)
{
    p->hooks = cf_json_get(p->pixit, "hooks");
    return p->hooks ? cf_profile_hooks_check(&p->doc, p->hooks, p->vocabulary, err) : CF_OK;
}

/* Two requests that time out, or a gateway's moment, but no longer than an operation may take. */
static long default_read_timeout_ms(const struct cf_profile *p)
{
    enum { GATEWAYS_MOMENT_MS = 10000 };
    long wanted = 2 * p->request_timeout_ms;
    if (wanted < GATEWAYS_MOMENT_MS)
        wanted = GATEWAYS_MOMENT_MS;
    return wanted < p->settle_timeout_ms ? wanted : p->settle_timeout_ms;
}

static enum cf_code check_timing(struct cf_profile *p, struct cf_err *err)
{
    static const char *const required[] = {"settle_timeout_ms", "poll_interval_ms",
                                           "request_timeout_ms", NULL};
    const struct {
        const char *name;
        long *out;
    } times[] = {{required[0], &p->settle_timeout_ms},     {required[1], &p->poll_interval_ms},
                 {required[2], &p->request_timeout_ms},    {"read_lag_ms", &p->read_lag_ms},
                 {"read_timeout_ms", &p->read_timeout_ms}, {"operation_ms", &p->operation_ms}};
    const cJSON *timing = cf_json_get(p->pixit, "timing");
    enum cf_code code =
        cf_shape_object(&p->doc, timing, "/pixit/timing", required,
                        NAMES("read_lag_ms", "read_timeout_ms", "operation_ms"), err);
    for (size_t i = 0; code == CF_OK && i < sizeof(times) / sizeof(times[0]); i++) {
        const cJSON *node = cf_json_get(timing, times[i].name);
        char path[128];
        snprintf(path, sizeof(path), "/pixit/timing/%s", times[i].name);
        if (node)
            code = cf_shape_integer(&p->doc, node, path, 1, 86400000, times[i].out, err);
    }
    if (code == CF_OK && p->read_timeout_ms == 0)
        p->read_timeout_ms = default_read_timeout_ms(p);
    return code;
}

/* What libcurl could only complain of once it is to connect. */
static enum cf_code check_tls_file(struct cf_profile *p, const cJSON *node, struct cf_err *err)
{
    struct cf_buf bytes;
    struct cf_err inner = {0};
    char where[64];
    snprintf(where, sizeof(where), "/pixit/tls/%s", node->string);
    enum cf_code code = cf_shape_line(&p->doc, node, where, 4000, err);
    if (code != CF_OK || p->sealed)
        return code;
    char *path = cf_profile_resolve(p, node->valuestring);
    cf_buf_init(&bytes, TLS_FILE_MAX_BYTES);
    code = cf_file_read(path, &bytes, &inner);
    cf_buf_release(&bytes);
    free(path);
    return code == CF_OK ? CF_OK : cf_json_fault(&p->doc, node, err, "%s: %s", where, inner.text);
}

static enum cf_code check_tls(struct cf_profile *p, struct cf_err *err)
{
    const cJSON *tls = cf_json_get(p->pixit, "tls");
    if (!tls)
        return CF_OK;
    static const char *const names[] = {"ca_file", "client_cert_file", "client_key_file",
                                        "insecure", NULL};
    enum cf_code code = cf_shape_object(&p->doc, tls, "/pixit/tls", NULL, names, err);
    for (size_t i = 0; code == CF_OK && i < 3; i++) {
        const cJSON *file = cf_json_get(tls, names[i]);
        if (file)
            code = check_tls_file(p, file, err);
    }
    const cJSON *insecure = cf_json_get(tls, "insecure");
    if (code == CF_OK && insecure)
        code = cf_shape_type(&p->doc, insecure, "/pixit/tls/insecure", "boolean", err);
    if (code != CF_OK)
        return code;
    p->ca_file = cf_json_text(tls, names[0], NULL);
    p->client_cert_file = cf_json_text(tls, names[1], NULL);
    p->client_key_file = cf_json_text(tls, names[2], NULL);
    p->insecure = cJSON_IsTrue(insecure);
    return CF_OK;
}

static enum cf_code check_connection(struct cf_profile *p, struct cf_err *err)
{
    const cJSON *connection = cf_json_get(p->pixit, "connection");
    if (!connection)
        return CF_OK;
    enum cf_code code = cf_profile_connection_check(&p->doc, connection, err);
    if (code != CF_OK)
        return code;
    p->proxy = cf_json_text(connection, "proxy", NULL);
    p->unix_socket = cf_json_text(connection, "unix_socket", NULL);
    p->http2 = cf_json_bool(connection, "http2", false);
    return CF_OK;
}

static enum cf_code check_choice(struct cf_profile *p, struct cf_err *err)
{
    const cJSON *choice = cf_json_get(p->pixit, p->vocabulary->choice_member);
    p->choice = p->vocabulary->choices[0];
    if (!choice)
        return CF_OK;
    char path[128];
    snprintf(path, sizeof(path), "/pixit/%s", p->vocabulary->choice_member);
    enum cf_code code = cf_shape_choice(&p->doc, choice, path, p->vocabulary->choices, err);
    if (code == CF_OK)
        p->choice = choice->valuestring;
    return code;
}

/* ---- the whole ---- */

static enum cf_code check_profile(struct cf_profile *p, struct cf_err *err)
{
    typedef enum cf_code check_fn(struct cf_profile *, struct cf_err *);
    static check_fn *const checks[] = {check_iut,       check_base_url, check_pics,   check_auth,
                                       check_headers,   check_fixtures, check_values, check_observe,
                                       check_hooks,     check_timing,   check_tls,    check_choice,
                                       check_connection};
    enum cf_code code = cf_shape_object(&p->doc, p->doc.root, "", NAMES("iut", "pics", "pixit"),
                                        NAMES("$schema"), err);
    const cJSON *schema = cf_json_get(p->doc.root, "$schema");
    if (code == CF_OK && schema)
        code = cf_shape_type(&p->doc, schema, "/$schema", "string", err);
    if (code != CF_OK)
        return code;
    p->iut = cf_json_get(p->doc.root, "iut");
    p->pics = cf_json_get(p->doc.root, "pics");
    p->pixit = cf_json_get(p->doc.root, "pixit");
    code = cf_shape_object(
        &p->doc, p->pixit, "/pixit",
        NAMES("auth", p->vocabulary->fixtures_member, "values", "observe", "timing"),
        NAMES("headers", "hooks", "tls", "connection", p->vocabulary->choice_member), err);
    for (size_t i = 0; code == CF_OK && i < sizeof(checks) / sizeof(checks[0]); i++)
        code = checks[i](p, err);
    return code;
}

static enum cf_code parse(struct cf_profile *out, const char *name, const char *bytes, size_t len,
                          bool sealed, const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    *out = (struct cf_profile){.vocabulary = vocabulary, .path = cf_strdup(name), .sealed = sealed};
    enum cf_code code = cf_json_parse(&out->doc, name, bytes, len, CF_JSON_FILE, err);
    const struct cf_credential_rules rules = {.beside = out->path, .sealed = sealed};
    if (code == CF_OK)
        code = cf_profile_refs_resolve(&out->refs, &out->doc, &rules, err);
    if (code == CF_OK)
        code = check_profile(out, err);
    if (code != CF_OK) {
        cf_profile_release(out);
        return code;
    }
    cf_profile_public_make(
        &out->shown, &(struct cf_profile_public_from){.doc = &out->doc,
                                                      .bytes = bytes,
                                                      .len = len,
                                                      .refs = &out->refs,
                                                      .auth_placeholder = out->auth.placeholder,
                                                      .shown_headers = vocabulary->shown_headers,
                                                      .sealed = sealed});
    out->source = cf_memdup(bytes, len);
    out->source_len = len;
    cf_sha256_hex(out->shown.text, out->shown.len, out->sha256);
    return CF_OK;
}

enum cf_code cf_profile_parse(struct cf_profile *out, const char *name, const char *bytes,
                              size_t len, const struct cf_vocabulary *vocabulary,
                              struct cf_err *err)
{
    return parse(out, name, bytes, len, false, vocabulary, err);
}

enum cf_code cf_profile_parse_sealed(struct cf_profile *out, const char *name, const char *bytes,
                                     size_t len, const struct cf_vocabulary *vocabulary,
                                     struct cf_err *err)
{
    return parse(out, name, bytes, len, true, vocabulary, err);
}

enum cf_code cf_profile_load(struct cf_profile *out, const char *path,
                             const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    struct cf_buf text;
    cf_buf_init(&text, PROFILE_MAX_BYTES);
    *out = (struct cf_profile){0};
    enum cf_code code = cf_file_read(path, &text, err);
    if (code == CF_OK)
        code = cf_profile_parse(out, path, cf_buf_text(&text), text.len, vocabulary, err);
    cf_buf_release(&text);
    return code;
}

void cf_profile_release(struct cf_profile *profile)
{
    if (!profile)
        return;
    cf_profile_refs_release(&profile->refs);
    cf_json_release(&profile->doc);
    if (profile->source)
        explicit_bzero(profile->source, profile->source_len);
    free(profile->source);
    free(profile->path);
    free(profile->base_url);
    cf_credential_release(&profile->auth);
    cf_profile_public_release(&profile->shown);
    free(profile->fixtures);
    *profile = (struct cf_profile){0};
}

bool cf_profile_claims(const struct cf_profile *profile, const char *item)
{
    return cf_json_bool(profile->pics, item, false);
}

size_t cf_profile_fixture_count(const struct cf_profile *profile, const char *kind)
{
    size_t count = 0;
    for (size_t i = 0; i < profile->fixture_count; i++)
        count += cf_name_is(profile->fixtures[i].kind->name, kind);
    return count;
}

const cJSON *cf_profile_hook(const struct cf_profile *profile, const char *name)
{
    return cf_json_get(profile->hooks, name);
}

const cJSON *cf_profile_values(const struct cf_profile *profile, const char *field)
{
    const cJSON *list = cf_json_get(profile->values, field);
    return cJSON_IsArray(list) && list->child ? list : cf_json_get(list, "upwards");
}

bool cf_profile_values_none(const struct cf_profile *profile, const char *field)
{
    const cJSON *list = cf_json_get(profile->values, field);
    return cJSON_IsArray(list) && !list->child;
}

bool cf_profile_moves_up(const struct cf_profile *profile, const char *field)
{
    return cf_json_get(cf_json_get(profile->values, field), "upwards") != NULL;
}

static const char *const *hidden_by_preset(const struct cf_profile *profile)
{
    const struct cf_vocabulary *v = profile->vocabulary;
    for (size_t i = 0; v->presets[i] && v->hidden; i++) {
        if (strcmp(v->presets[i], profile->preset) == 0)
            return v->hidden[i];
    }
    return NULL;
}

bool cf_profile_out_of_sight(const struct cf_profile *profile, const char *name)
{
    const cJSON *own = cf_json_get(profile->observe_fields, name);
    const char *const *hidden = own ? NULL : hidden_by_preset(profile);
    return own ? cJSON_IsNull(own) : hidden && cf_name_known(hidden, name);
}

void cf_profile_list_out_of_sight(const struct cf_profile *profile, struct cf_list *names)
{
    for (const char *const *name = profile->vocabulary->observed; *name; name++) {
        if (cf_profile_out_of_sight(profile, *name))
            cf_list_add(names, *name);
    }
}

char *cf_profile_resolve(const struct cf_profile *profile, const char *path)
{
    return cf_file_beside(profile->path, path);
}
