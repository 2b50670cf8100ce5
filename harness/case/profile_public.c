#include "harness/case/profile_public.h"
#include "harness/base/mem.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 256 };

/* A credential written out in the text. */
struct hidden {
    const cJSON *node; /* a string */
    size_t start, end; /* its literal in the text, quotes included */
    bool of_hook;
    char placeholder[NAME_MAX_BYTES];
};

struct hiding {
    const struct cf_json_doc *doc;
    const char *bytes;
    size_t len;
    struct hidden *items;
    size_t count, cap;
};

/* ---- finding them ---- */

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
    int line = cf_json_line(hiding->doc, node);
    size_t at = 0;
    for (int i = 1; i < line; i++) {
        const char *newline = memchr(hiding->bytes + at, '\n', hiding->len - at);
        at = newline ? (size_t)(newline - hiding->bytes) + 1 : hiding->len;
    }
    return at + (size_t)cf_json_column(hiding->doc, node) - 1;
}

static struct hidden *hide(struct hiding *hiding, const cJSON *node)
{
    hiding->items = cf_grow(hiding->items, hiding->count, &hiding->cap, sizeof(*hiding->items));
    struct hidden *item = &hiding->items[hiding->count++];
    *item = (struct hidden){.node = node, .start = offset_of(hiding, node)};
    item->end = item->start + 1;
    while (item->end < hiding->len && hiding->bytes[item->end] != '"')
        item->end += hiding->bytes[item->end] == '\\' ? 2 : 1;
    item->end++;
    return item;
}

/* "Authorization" to "$HOOK_AUTHORIZATION". */
static void name_hook_secret(struct hidden *item, const char *name)
{
    item->of_hook = true;
    snprintf(item->placeholder, sizeof(item->placeholder), "$HOOK_%.200s", name);
    for (char *c = item->placeholder + 1; *c; c++)
        *c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
}

/* "{app_id}" is filled in later, and not a credential. */
static bool is_input(const char *text)
{
    size_t len = strlen(text);
    return len > 1 && text[0] == '{' && text[len - 1] == '}';
}

static void hide_below(struct hiding *hiding, const cJSON *node)
{
    for (const cJSON *m = cJSON_IsString(node) || !node ? NULL : node->child; m; m = m->next) {
        if (cJSON_IsString(m) && m->string && names_credential(m->string) &&
            !is_input(m->valuestring))
            name_hook_secret(hide(hiding, m), m->string);
        else
            hide_below(hiding, m);
    }
}

static void hide_all(struct hiding *hiding, const char *auth_placeholder)
{
    const cJSON *pixit = cf_json_get(hiding->doc->root, "pixit");
    const cJSON *hooks = cf_json_get(pixit, "hooks");
    const cJSON *literal =
        cf_json_get(cf_json_get(cf_json_get(pixit, "auth"), "value_from"), "value");
    if (literal) {
        struct hidden *item = hide(hiding, literal);
        snprintf(item->placeholder, sizeof(item->placeholder), "%s", auth_placeholder);
    }
    for (const cJSON *hook = hooks ? hooks->child : NULL; hook; hook = hook->next) {
        const cJSON *http = cf_json_get(hook, "http");
        hide_below(hiding, cf_json_get(http, "headers"));
        hide_below(hiding, cf_json_get(http, "json"));
    }
}

/* ---- what comes of them ---- */

static int by_start(const void *a, const void *b)
{
    const struct hidden *left = a;
    const struct hidden *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

static void put_text(struct cf_profile_public *out, const struct hiding *hiding)
{
    struct cf_buf text = {0};
    size_t at = 0;
    for (size_t i = 0; i < hiding->count; i++) {
        cf_buf_append(&text, hiding->bytes + at, hiding->items[i].start - at);
        cf_json_put_text(&text, hiding->items[i].placeholder);
        at = hiding->items[i].end;
    }
    cf_buf_append(&text, hiding->bytes + at, hiding->len - at);
    out->text = cf_buf_take(&text, &out->len);
}

static void keep_hook_secrets(struct cf_profile_public *out, const struct hiding *hiding)
{
    out->hook_secrets = cf_alloc_array(hiding->count, sizeof(*out->hook_secrets));
    for (size_t i = 0; i < hiding->count; i++) {
        const struct hidden *item = &hiding->items[i];
        if (!item->of_hook)
            continue;
        const char *space = strrchr(item->node->valuestring, ' '); /* "Bearer ..." */
        out->hook_secrets[out->hook_secret_count++] =
            (struct cf_credential){.value = cf_strdup(space ? space + 1 : item->node->valuestring),
                                   .placeholder = cf_strdup(item->placeholder)};
    }
}

void cf_profile_public_make(struct cf_profile_public *out, const struct cf_json_doc *doc,
                            const char *bytes, size_t len, const char *auth_placeholder)
{
    struct hiding hiding = {.doc = doc, .bytes = bytes, .len = len};
    *out = (struct cf_profile_public){0};
    hide_all(&hiding, auth_placeholder);
    if (hiding.count > 0)
        qsort(hiding.items, hiding.count, sizeof(hiding.items[0]), by_start);
    put_text(out, &hiding);
    keep_hook_secrets(out, &hiding);
    free(hiding.items);
}

void cf_profile_public_release(struct cf_profile_public *shown)
{
    for (size_t i = 0; i < shown->hook_secret_count; i++)
        cf_credential_release(&shown->hook_secrets[i]);
    free(shown->hook_secrets);
    free(shown->text);
    *shown = (struct cf_profile_public){0};
}
