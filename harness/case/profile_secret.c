/* Secrets of a profile: reading them, and keeping them out of what is shown of it. */
#include "harness/base/file.h"
#include "harness/case/profile_private.h"
#include "harness/case/shape.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In no request and no answer, so that nothing is mistaken for it. */
#define STAND_IN "sealed-credential-6e1f0c2a9b7d4853"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- reading the credential ---- */

static enum cf_code secret_from_env(struct cf_profile *p, const cJSON *node, struct cf_err *err)
{
    const char *value = getenv(node->valuestring);
    if (!value || *value == '\0')
        return cf_json_fault(&p->doc, node, err,
                             "/pixit/auth/value_from/env: environment variable %s is not set",
                             node->valuestring);
    p->auth_value = strdup(value);
    return p->auth_value ? CF_OK : cf_err_nomem(err);
}

static enum cf_code secret_from_file(struct cf_profile *p, const cJSON *node, struct cf_err *err)
{
    struct cf_buf text;
    struct cf_err inner = {0};
    char *path = cf_profile_resolve(p, node->valuestring);
    cf_buf_init(&text, CF_SECRET_MAX_BYTES);
    enum cf_code code = path ? cf_file_read(path, &text, &inner) : cf_err_nomem(&inner);
    free(path);
    if (code == CF_OK) {
        while (text.len > 0 && strchr("\r\n \t", text.data[text.len - 1]))
            text.data[--text.len] = '\0';
        if (text.len == 0)
            code = cf_err_set(&inner, CF_EINPUT, "the file is empty");
    }
    if (code == CF_OK) {
        p->auth_value = cf_buf_take(&text, NULL);
        code = p->auth_value ? CF_OK : cf_err_nomem(&inner);
    }
    cf_buf_release(&text);
    if (code != CF_OK)
        return cf_json_fault(&p->doc, node, err, "/pixit/auth/value_from/file: %s", inner.text);
    return CF_OK;
}

static enum cf_code check_secret_text(struct cf_profile *p, const cJSON *node, struct cf_err *err)
{
    for (const char *c = p->auth_value; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return cf_json_fault(&p->doc, node, err,
                                 "/pixit/auth: the credential holds control characters");
    }
    if (strlen(p->auth_value) < 6)
        return cf_json_fault(&p->doc, node, err,
                             "/pixit/auth: the credential is shorter than 6 characters, too short "
                             "to be kept out of reports reliably");
    return CF_OK;
}

enum cf_code cf_profile_load_secret(struct cf_profile *p, const cJSON *from, struct cf_err *err)
{
    enum cf_code code = cf_shape_object(&p->doc, from, "/pixit/auth/value_from", NULL,
                                        NAMES("env", "file", "value"), err);
    if (code != CF_OK)
        return code;
    const cJSON *node = from->child;
    if (!node || node->next)
        return cf_json_fault(&p->doc, from, err,
                             "/pixit/auth/value_from: wants exactly one of env, file, value");
    char path[64];
    snprintf(path, sizeof(path), "/pixit/auth/value_from/%s", node->string);
    code = cf_shape_line(&p->doc, node, path, CF_SECRET_MAX_BYTES, err);
    if (code != CF_OK)
        return code;
    bool literal = strcmp(node->string, "value") == 0;
    if (literal && !p->loopback)
        return cf_json_fault(&p->doc, node, err,
                             "/pixit/auth/value_from/value: a literal credential is taken for "
                             "loopback addresses only; use env or file");
    const char *placeholder = strcmp(node->string, "env") == 0 ? node->valuestring : "API_KEY";
    char text[512];
    snprintf(text, sizeof(text), "$%s", placeholder);
    p->auth_placeholder = strdup(text);
    if (literal || p->sealed)
        p->auth_value = strdup(p->sealed ? STAND_IN : node->valuestring);
    if (!p->auth_placeholder || ((literal || p->sealed) && !p->auth_value))
        return cf_err_nomem(err);
    if (!literal && !p->sealed)
        code = strcmp(node->string, "env") == 0 ? secret_from_env(p, node, err)
                                                : secret_from_file(p, node, err);
    return code == CF_OK ? check_secret_text(p, node, err) : code;
}

/* ---- the public text ---- */

enum { HIDDEN_MAX = 256, NAME_MAX_BYTES = 256 };

struct hidden {
    const cJSON *node; /* a string */
    size_t start, end; /* its literal in the text, quotes included */
    char placeholder[NAME_MAX_BYTES];
};

struct hiding {
    struct cf_profile *profile;
    const char *bytes;
    size_t len;
    struct hidden items[HIDDEN_MAX];
    size_t count;
};

/* Whether a header or member of that name is likely to carry a credential. */
static bool names_credential(const char *name)
{
    static const char *const words[] = {"authorization", "cookie",  "token",   "secret",
                                        "password",      "api-key", "api_key", "apikey"};
    char lower[NAME_MAX_BYTES];
    size_t len = 0;
    for (; name[len] && len < sizeof(lower) - 1; len++)
        lower[len] = (char)tolower((unsigned char)name[len]);
    lower[len] = '\0';
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strstr(lower, words[i]))
            return true;
    }
    return false;
}

static size_t offset_of(const struct hiding *hiding, const cJSON *node)
{
    int line = cf_json_line(&hiding->profile->doc, node);
    size_t at = 0;
    for (int i = 1; i < line; i++) {
        const char *newline = memchr(hiding->bytes + at, '\n', hiding->len - at);
        at = newline ? (size_t)(newline - hiding->bytes) + 1 : hiding->len;
    }
    return at + (size_t)cf_json_column(&hiding->profile->doc, node) - 1;
}

static enum cf_code hide(struct hiding *hiding, const cJSON *node, const char *placeholder,
                         struct cf_err *err)
{
    if (hiding->count == HIDDEN_MAX)
        return cf_err_set(err, CF_ELIMIT, "%s: more than %d literal credentials",
                          hiding->profile->doc.name, HIDDEN_MAX);
    struct hidden *item = &hiding->items[hiding->count++];
    item->node = node;
    item->start = offset_of(hiding, node);
    item->end = item->start + 1;
    while (item->end < hiding->len && hiding->bytes[item->end] != '"')
        item->end += hiding->bytes[item->end] == '\\' ? 2 : 1;
    item->end++;
    snprintf(item->placeholder, sizeof(item->placeholder), "%s", placeholder);
    return CF_OK;
}

/* "Authorization" to "$HOOK_AUTHORIZATION". */
static void hook_placeholder(const char *name, char out[NAME_MAX_BYTES])
{
    snprintf(out, NAME_MAX_BYTES, "$HOOK_%.200s", name);
    for (char *c = out + 1; *c; c++)
        *c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
}

/* "{app_id}" is filled in later, and no credential. */
static bool is_input(const char *text)
{
    size_t len = strlen(text);
    return len > 1 && text[0] == '{' && text[len - 1] == '}';
}

static enum cf_code hide_below(struct hiding *hiding, const cJSON *node, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    for (const cJSON *m = cJSON_IsString(node) || !node ? NULL : node->child; code == CF_OK && m;
         m = m->next) {
        char placeholder[NAME_MAX_BYTES];
        if (!cJSON_IsString(m) || !m->string || !names_credential(m->string) ||
            is_input(m->valuestring)) {
            code = hide_below(hiding, m, err);
            continue;
        }
        hook_placeholder(m->string, placeholder);
        code = hide(hiding, m, placeholder, err);
    }
    return code;
}

static enum cf_code hide_all(struct hiding *hiding, struct cf_err *err)
{
    const struct cf_profile *p = hiding->profile;
    const cJSON *literal =
        cf_json_get(cf_json_get(cf_json_get(p->pixit, "auth"), "value_from"), "value");
    enum cf_code code = literal ? hide(hiding, literal, p->auth_placeholder, err) : CF_OK;
    for (const cJSON *hook = p->hooks ? p->hooks->child : NULL; code == CF_OK && hook;
         hook = hook->next) {
        const cJSON *http = cf_json_get(hook, "http");
        code = hide_below(hiding, cf_json_get(http, "headers"), err);
        if (code == CF_OK)
            code = hide_below(hiding, cf_json_get(http, "json"), err);
    }
    return code;
}

static int by_start(const void *a, const void *b)
{
    const struct hidden *left = a;
    const struct hidden *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

static enum cf_code put_public(struct hiding *hiding, struct cf_err *err)
{
    struct cf_buf text;
    size_t at = 0;
    qsort(hiding->items, hiding->count, sizeof(hiding->items[0]), by_start);
    cf_buf_init(&text, (size_t)-1);
    for (size_t i = 0; i < hiding->count; i++) {
        cf_buf_append(&text, hiding->bytes + at, hiding->items[i].start - at);
        cf_json_put_text(&text, hiding->items[i].placeholder);
        at = hiding->items[i].end;
    }
    cf_buf_append(&text, hiding->bytes + at, hiding->len - at);
    hiding->profile->public_text = cf_buf_take(&text, &hiding->profile->public_len);
    cf_buf_release(&text);
    return hiding->profile->public_text ? CF_OK : cf_err_nomem(err);
}

static enum cf_code keep_hook_secrets(struct hiding *hiding, struct cf_err *err)
{
    struct cf_profile *p = hiding->profile;
    p->hook_secrets = calloc(hiding->count + 1, sizeof(*p->hook_secrets));
    if (!p->hook_secrets)
        return cf_err_nomem(err);
    for (size_t i = 0; i < hiding->count; i++) {
        struct cf_hook_secret *secret = &p->hook_secrets[p->hook_secret_count];
        const struct hidden *item = &hiding->items[i];
        if (strncmp(item->placeholder, "$HOOK_", 6) != 0)
            continue;
        const char *space = strrchr(item->node->valuestring, ' '); /* "Bearer ..." */
        secret->value = strdup(space ? space + 1 : item->node->valuestring);
        secret->placeholder = strdup(item->placeholder);
        p->hook_secret_count++;
        if (!secret->value || !secret->placeholder)
            return cf_err_nomem(err);
    }
    return CF_OK;
}

enum cf_code cf_profile_make_public(struct cf_profile *profile, const char *bytes, size_t len,
                                    struct cf_err *err)
{
    struct hiding *hiding = calloc(1, sizeof(*hiding));
    if (!hiding)
        return cf_err_nomem(err);
    *hiding = (struct hiding){.profile = profile, .bytes = bytes, .len = len};
    enum cf_code code = hide_all(hiding, err);
    if (code == CF_OK)
        code = put_public(hiding, err);
    if (code == CF_OK)
        code = keep_hook_secrets(hiding, err);
    free(hiding);
    return code;
}

void cf_profile_release_secrets(struct cf_profile *profile)
{
    for (size_t i = 0; profile->hook_secrets && i < profile->hook_secret_count; i++) {
        struct cf_hook_secret *secret = &profile->hook_secrets[i];
        if (secret->value)
            explicit_bzero(secret->value, strlen(secret->value));
        free(secret->value);
        free(secret->placeholder);
    }
    free(profile->hook_secrets);
}
