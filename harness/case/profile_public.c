#include "harness/case/profile_public.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"
#include "harness/case/hidden_text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME_MAX_BYTES = 256 };

/* A stretch of the text, and what stands there instead. */
struct cut {
    size_t start, end;
    char *shown; /* JSON */
};

struct hiding {
    const struct cf_profile_public_from *from;
    struct cf_profile_public *out;
    size_t hidden_cap;
    struct cut *cuts;
    size_t cut_count, cut_cap;
};

/* ---- names ---- */

/* "$HOOK_AUTHORIZATION" of "HOOK" and "Authorization". */
static void make_name(char out[NAME_MAX_BYTES], const char *group, const char *name)
{
    snprintf(out, NAME_MAX_BYTES, "$%s_%.200s", group, name);
    for (char *c = out + 1; *c; c++)
        *c = isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_';
}

static const struct cf_hidden_text *by_placeholder(const struct hiding *hiding, const char *name)
{
    for (size_t i = 0; i < hiding->out->hidden_count; i++) {
        if (strcmp(hiding->out->hidden[i].placeholder, name) == 0)
            return &hiding->out->hidden[i];
    }
    return NULL;
}

/* No two texts have one name. Their order is the text's, so that a public text keeps its names. */
static void make_unique(const struct hiding *hiding, char name[NAME_MAX_BYTES], const char *value)
{
    char plain[NAME_MAX_BYTES];
    snprintf(plain, sizeof(plain), "%s", name);
    for (int n = 2;; n++) {
        const struct cf_hidden_text *other = by_placeholder(hiding, name);
        if (!other || strcmp(other->value, value) == 0)
            return;
        snprintf(name, NAME_MAX_BYTES, "%.240s_%d", plain, n);
    }
}

/* ---- noting ---- */

static struct cf_hidden_text *note(struct hiding *hiding, const char *placeholder,
                                   const char *value, bool declared)
{
    struct cf_profile_public *out = hiding->out;
    out->hidden =
        cf_grow(out->hidden, out->hidden_count, &hiding->hidden_cap, sizeof(*out->hidden));
    struct cf_hidden_text *item = &out->hidden[out->hidden_count++];
    *item = (struct cf_hidden_text){.value = cf_strdup(value),
                                    .placeholder = cf_strdup(placeholder),
                                    .declared = declared,
                                    .written = true};
    return item;
}

static size_t offset_of(const struct hiding *hiding, const cJSON *node)
{
    const struct cf_profile_public_from *from = hiding->from;
    int line = cf_json_line(from->doc, node);
    size_t at = 0;
    for (int i = 1; i < line; i++) {
        const char *newline = memchr(from->bytes + at, '\n', from->len - at);
        at = newline ? (size_t)(newline - from->bytes) + 1 : from->len;
    }
    return at + (size_t)cf_json_column(from->doc, node) - 1;
}

/* Where the literal of a string or a number ends. */
static size_t end_of(const struct hiding *hiding, size_t at)
{
    const char *bytes = hiding->from->bytes;
    size_t len = hiding->from->len;
    if (bytes[at] != '"') {
        while (at < len && !strchr(" \t\r\n,]}", bytes[at]))
            at++;
        return at;
    }
    for (at++; at < len && bytes[at] != '"';)
        at += bytes[at] == '\\' ? 2 : 1;
    return at + 1;
}

/* The node's literal becomes the text `shown`. */
static void cut(struct hiding *hiding, const cJSON *node, const char *shown)
{
    struct cf_buf literal = {0};
    size_t start = offset_of(hiding, node);
    cf_json_put_text(&literal, shown);
    hiding->cuts =
        cf_grow(hiding->cuts, hiding->cut_count, &hiding->cut_cap, sizeof(*hiding->cuts));
    hiding->cuts[hiding->cut_count++] = (struct cut){
        .start = start, .end = end_of(hiding, start), .shown = cf_buf_take(&literal, NULL)};
}

/* A text taken from elsewhere stands nowhere in the profile. */
static struct cf_hidden_text *note_reference(struct hiding *hiding, const cJSON *node,
                                             const char *name)
{
    const struct cf_profile_ref *ref = cf_profile_refs_find(hiding->from->refs, node);
    struct cf_hidden_text *item =
        note(hiding, ref->placeholder ? ref->placeholder : name, node->valuestring, true);
    item->written = false;
    if (hiding->from->sealed)
        cJSON_SetValuestring(ref->node, item->placeholder);
    return item;
}

/* Hide the node, a string or a number, whole. */
static struct cf_hidden_text *hide(struct hiding *hiding, const cJSON *node, const char *group,
                                   const char *name)
{
    char placeholder[NAME_MAX_BYTES];
    make_name(placeholder, group, name);
    make_unique(hiding, placeholder, node->valuestring);
    if (cf_profile_refs_find(hiding->from->refs, node))
        return note_reference(hiding, node, placeholder);
    cut(hiding, node, placeholder);
    return note(hiding, placeholder, node->valuestring, cf_hidden_by_name(name, strlen(name)));
}

/* ---- headers and JSON ---- */

/* "{app_id}" is filled in later, and not a secret. */
static bool is_input(const char *text)
{
    size_t len = strlen(text);
    return len > 1 && text[0] == '{' && strcspn(text, "}") == len - 1;
}

static bool shows_header(const struct hiding *hiding, const char *name)
{
    static const char *const plain[] = {"Accept", "Accept-Language", "Content-Type", "User-Agent"};
    const char *const *more = hiding->from->shown_headers;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (strcasecmp(plain[i], name) == 0)
            return true;
    }
    while (more && *more && strcasecmp(*more, name) != 0)
        more++;
    return more && *more;
}

static void hide_headers(struct hiding *hiding, const cJSON *headers, const char *group)
{
    for (const cJSON *h = headers ? headers->child : NULL; h; h = h->next) {
        bool elsewhere = cf_profile_refs_find(hiding->from->refs, h) != NULL;
        if (!elsewhere && (shows_header(hiding, h->string) || is_input(h->valuestring)))
            continue;
        struct cf_hidden_text *item = hide(hiding, h, group, h->string);
        if (strcmp(group, "HEADER") == 0)
            item->header = h->string;
    }
}

static void hide_json(struct hiding *hiding, const cJSON *node, const char *name)
{
    if (node && node->string)
        name = node->string;
    if (cJSON_IsNumber(node) ||
        (cJSON_IsString(node) && !is_input(node->valuestring) && node->valuestring[0] != '\0')) {
        hide(hiding, node, "HOOK", name);
        return;
    }
    const cJSON *child = cJSON_IsObject(node) || cJSON_IsArray(node) ? node->child : NULL;
    for (; child; child = child->next)
        hide_json(hiding, child, name);
}

/* ---- URLs ---- */

/* Hide a URL but for where it leads: "https://host:1/$HOOK_URL". */
static void hide_url(struct hiding *hiding, const cJSON *url)
{
    char name[NAME_MAX_BYTES] = "$HOOK_URL";
    const char *text = url->valuestring;
    const char *host = strstr(text, "://");
    host = host ? host + 3 : text;
    size_t len = *text == '{' ? strcspn(text, "/?#") : strcspn(host, "/?#");
    for (size_t i = 0; *text != '{' && i < len; i++) {
        if (host[i] == '@') {
            host += i + 1;
            len -= i + 1;
            i = 0;
        }
    }
    bool plain = host[len] == '\0' || strcmp(host + len, "/") == 0;
    bool user = host > text && host[-1] == '@';
    if (cf_profile_refs_find(hiding->from->refs, url)) {
        hide(hiding, url, "HOOK", "url");
        return;
    }
    if (plain && !user)
        return;
    struct cf_buf shown = {0};
    const char *slashes = strstr(text, "://");
    if (slashes)
        cf_buf_append(&shown, text, (size_t)(slashes + 3 - text));
    cf_buf_append(&shown, host, len);
    /* What is shown of it is not part of what is hidden, or a public text would get other names. */
    struct cf_buf value = {0};
    if (user)
        cf_buf_append(&value, text, (size_t)(host - text));
    cf_buf_puts(&value, user || host[len] != '/' ? host + len : host + len + 1);
    make_unique(hiding, name, cf_buf_text(&value));
    cf_buf_printf(&shown, "/%s", name);
    cut(hiding, url, cf_buf_text(&shown));
    note(hiding, name, cf_buf_text(&value), false);
    cf_buf_release(&value);
    cf_buf_release(&shown);
}

/* What a reader has to see of a path is where a setting is read; of its query only the values that
 * are likely to be secret are hidden. */
static void hide_query(struct hiding *hiding, const cJSON *get)
{
    const char *at = strchr(get->valuestring, '?');
    struct cf_buf shown = {0};
    bool hidden = false;
    cf_buf_append(&shown, get->valuestring, at ? (size_t)(at - get->valuestring) : 0);
    while (at && *at) {
        size_t name_len = strcspn(at + 1, "=&");
        size_t len = 1 + strcspn(at + 1, "&");
        const char *value = at[1 + name_len] == '=' ? at + name_len + 2 : at + len;
        size_t value_len = (size_t)(at + len - value);
        bool secret = value_len >= CF_CREDENTIAL_MIN_BYTES && !memchr(value, '{', value_len) &&
                      (cf_hidden_by_name(at + 1, name_len) || cf_hidden_by_look(value, value_len));
        if (secret) {
            char name[NAME_MAX_BYTES];
            char *param = cf_strndup(at + 1, name_len);
            char *copy = cf_strndup(value, value_len);
            make_name(name, "OBSERVE", param);
            make_unique(hiding, name, copy);
            cf_buf_append(&shown, at, (size_t)(value - at));
            cf_buf_puts(&shown, name);
            if (!by_placeholder(hiding, name))
                note(hiding, name, copy, true);
            free(param);
            free(copy);
            hidden = true;
        } else {
            cf_buf_append(&shown, at, len);
        }
        at += len;
    }
    if (hidden)
        cut(hiding, get, cf_buf_text(&shown));
    cf_buf_release(&shown);
}

/* ---- the whole ---- */

static void hide_hook(struct hiding *hiding, const cJSON *hook)
{
    const cJSON *http = cf_json_get(hook, "http");
    const cJSON *words = cf_json_get(hook, "command");
    const cJSON *url = cf_json_get(http, "url");
    const char *before = "";
    if (url)
        hide_url(hiding, url);
    hide_headers(hiding, cf_json_get(http, "headers"), "HOOK");
    hide_json(hiding, cf_json_get(http, "json"), "json");
    for (const cJSON *w = words && words->child ? words->child->next : NULL; w; w = w->next) {
        struct cf_hidden_text *item = hide(hiding, w, "HOOK", "word");
        /* "--password", "..." */
        item->declared = before[0] == '-' && !strchr(before, '=') && w->valuestring[0] != '-' &&
                         cf_hidden_by_name(before, strlen(before));
        before = w->valuestring;
    }
}

static void hide_all(struct hiding *hiding)
{
    const cJSON *pixit = cf_json_get(hiding->from->doc->root, "pixit");
    const cJSON *hooks = cf_json_get(pixit, "hooks");
    const cJSON *fields = cf_json_get(cf_json_get(pixit, "observe"), "fields");
    const cJSON *literal = cf_json_at(pixit, "/auth/value_from/value");
    if (literal)
        cut(hiding, literal, hiding->from->auth_placeholder);
    hide_headers(hiding, cf_json_get(pixit, "headers"), "HEADER");
    for (const cJSON *field = fields ? fields->child : NULL; field; field = field->next) {
        if (cf_json_get(field, "get"))
            hide_query(hiding, cf_json_get(field, "get"));
    }
    for (const cJSON *hook = hooks ? hooks->child : NULL; hook; hook = hook->next)
        hide_hook(hiding, hook);
}

static int by_start(const void *a, const void *b)
{
    const struct cut *left = a;
    const struct cut *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

static void put_text(const struct hiding *hiding)
{
    struct cf_buf text = {0};
    size_t at = 0;
    for (size_t i = 0; i < hiding->cut_count; i++) {
        cf_buf_append(&text, hiding->from->bytes + at, hiding->cuts[i].start - at);
        cf_buf_puts(&text, hiding->cuts[i].shown);
        at = hiding->cuts[i].end;
    }
    cf_buf_append(&text, hiding->from->bytes + at, hiding->from->len - at);
    hiding->out->text = cf_buf_take(&text, &hiding->out->len);
}

void cf_profile_public_make(struct cf_profile_public *out,
                            const struct cf_profile_public_from *from)
{
    struct hiding hiding = {.from = from, .out = out};
    *out = (struct cf_profile_public){0};
    hide_all(&hiding);
    if (hiding.cut_count > 0)
        qsort(hiding.cuts, hiding.cut_count, sizeof(hiding.cuts[0]), by_start);
    put_text(&hiding);
    for (size_t i = 0; i < hiding.cut_count; i++)
        free(hiding.cuts[i].shown);
    free(hiding.cuts);
}

void cf_profile_public_release(struct cf_profile_public *shown)
{
    for (size_t i = 0; i < shown->hidden_count; i++) {
        explicit_bzero(shown->hidden[i].value, strlen(shown->hidden[i].value));
        free(shown->hidden[i].value);
        free(shown->hidden[i].placeholder);
    }
    free(shown->hidden);
    free(shown->text);
    *shown = (struct cf_profile_public){0};
}
