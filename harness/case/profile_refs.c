#include "harness/case/profile_refs.h"
#include "harness/base/mem.h"
#include "harness/case/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct work {
    struct cf_profile_refs *out;
    const struct cf_json_doc *doc;
    const struct cf_credential_rules *rules;
};

/* The member of an object that refers to a text, NULL where the node is anything else. */
static const cJSON *reference(const cJSON *node)
{
    const cJSON *only = cJSON_IsObject(node) ? node->child : NULL;
    bool refers = only && !only->next && cJSON_IsString(only) &&
                  (strcmp(only->string, "env") == 0 || strcmp(only->string, "file") == 0);
    return refers ? only : NULL;
}

/* The node stays in its place, so that messages can still tell where it is. */
static void become_text(cJSON *node, char *text)
{
    cJSON_Delete(node->child);
    node->child = NULL;
    node->type = cJSON_String | (node->type & ~0xff);
    node->valuestring = text;
}

static enum cf_code resolve(const struct work *work, cJSON *node, struct cf_err *err)
{
    char where[1000];
    char *text = NULL;
    struct cf_buf pointer = {0};
    const cJSON *source = reference(node);
    if (!source)
        return CF_OK;
    cf_json_pointer_to(work->doc->root, node, &pointer);
    snprintf(where, sizeof(where), "%.900s", cf_buf_text(&pointer));
    cf_buf_release(&pointer);
    enum cf_code code = cf_credential_text(&text, work->doc, source, where, work->rules, err);
    if (code != CF_OK)
        return code;
    struct cf_profile_refs *out = work->out;
    out->items = cf_grow(out->items, out->count, &out->cap, sizeof(*out->items));
    struct cf_profile_ref *ref = &out->items[out->count++];
    *ref = (struct cf_profile_ref){.node = node};
    if (strcmp(source->string, "env") == 0) {
        struct cf_buf name = {0};
        cf_buf_printf(&name, "$%s", source->valuestring);
        ref->placeholder = cf_buf_take(&name, NULL);
    }
    become_text(node, text);
    return CF_OK;
}

static enum cf_code resolve_members(const struct work *work, cJSON *object, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    for (cJSON *m = cJSON_IsObject(object) ? object->child : NULL; code == CF_OK && m; m = m->next)
        code = resolve(work, m, err);
    return code;
}

static enum cf_code resolve_below(const struct work *work, cJSON *node, struct cf_err *err)
{
    if (!node || reference(node))
        return node ? resolve(work, node, err) : CF_OK;
    enum cf_code code = CF_OK;
    for (cJSON *child = node->child; code == CF_OK && child; child = child->next)
        code = resolve_below(work, child, err);
    return code;
}

/* Arguments of processes can be read by all users of a machine. */
static enum cf_code refuse_words(const struct work *work, const cJSON *command, struct cf_err *err)
{
    const cJSON *word;
    cJSON_ArrayForEach(word, command)
    {
        if (reference(word))
            return cf_json_fault(work->doc, word, err,
                                 "a secret cannot be a word of a command, because all words show "
                                 "in the list of processes; have the command read it (it has the "
                                 "environment of the run)");
    }
    return CF_OK;
}

static enum cf_code resolve_hook(const struct work *work, const cJSON *hook, struct cf_err *err)
{
    const cJSON *http = cf_json_get(hook, "http");
    cJSON *url = cf_json_get(http, "url");
    enum cf_code code = refuse_words(work, cf_json_get(hook, "command"), err);
    if (code == CF_OK && url)
        code = resolve(work, url, err);
    if (code == CF_OK)
        code = resolve_members(work, cf_json_get(http, "headers"), err);
    return code == CF_OK ? resolve_below(work, cf_json_get(http, "json"), err) : code;
}

enum cf_code cf_profile_refs_resolve(struct cf_profile_refs *out, const struct cf_json_doc *doc,
                                     const struct cf_credential_rules *rules, struct cf_err *err)
{
    const struct work work = {out, doc, rules};
    const cJSON *pixit = cf_json_get(doc->root, "pixit");
    const cJSON *hooks = cf_json_get(pixit, "hooks");
    enum cf_code code = resolve_members(&work, cf_json_get(pixit, "headers"), err);
    for (const cJSON *hook = cJSON_IsObject(hooks) ? hooks->child : NULL; code == CF_OK && hook;
         hook = hook->next)
        code = resolve_hook(&work, hook, err);
    return code;
}

const struct cf_profile_ref *cf_profile_refs_find(const struct cf_profile_refs *refs,
                                                  const cJSON *node)
{
    for (size_t i = 0; i < refs->count; i++) {
        if (refs->items[i].node == node)
            return &refs->items[i];
    }
    return NULL;
}

void cf_profile_refs_release(struct cf_profile_refs *refs)
{
    for (size_t i = 0; i < refs->count; i++)
        free(refs->items[i].placeholder);
    free(refs->items);
    *refs = (struct cf_profile_refs){0};
}
