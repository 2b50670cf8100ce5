/* What "${...}" in a step means: rows, captures, the last answer, random and long values. */
#include "harness/base/name.h"
#include "harness/base/wordlist.h"
#include "harness/case/expand.h"
#include "harness/run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPEAT_MAX_BYTES = 8 << 20 };

static enum cf_code give(cJSON *value, cJSON **out)
{
    *out = value;
    return CF_OK;
}

static enum cf_code random_value(struct cf_case_run *run, const char *name, cJSON **out,
                                 struct cf_err *err)
{
    char hex[2 + 64 + 1] = "0x";
    char text[CF_WORDLIST_BYTES + 16];
    if (strcmp(name, "hash") == 0) {
        cf_random_hex(&run->random, hex + 2, 64);
        return give(cJSON_CreateString(hex), out);
    }
    if (strcmp(name, "hex") == 0) {
        cf_random_hex(&run->random, text, 32);
        return give(cJSON_CreateString(text), out);
    }
    if (strcmp(name, "word") == 0) {
        cf_wordlist_draw(&run->random, "", text);
        return give(cJSON_CreateString(text), out);
    }
    if (strcmp(name, "uuid") == 0) {
        char h[33];
        cf_random_hex(&run->random, h, 32);
        snprintf(text, sizeof(text), "%.8s-%.4s-4%.3s-a%.3s-%.12s", h, h + 8, h + 13, h + 17,
                 h + 20);
        return give(cJSON_CreateString(text), out);
    }
    return cf_err_set(err, CF_ENOTFOUND, "random has hash, hex, word, uuid");
}

static enum cf_code last_value(struct cf_case_run *run, const char *name, cJSON **out,
                               struct cf_err *err)
{
    const struct cf_exchange *last = run->last.exchange;
    if (!last)
        return cf_err_set(err, CF_ENOTFOUND, "there is no last answer");
    if (strcmp(name, "status") == 0)
        return give(cf_json_new_integer(last->status), out);
    if (strcmp(name, "json") == 0)
        return give(run->last.json ? cJSON_Duplicate(run->last.json, 1) : cJSON_CreateNull(), out);
    if (strcmp(name, "type") == 0) {
        const char *type = cf_headers_get(&last->response_headers, "content-type");
        return give(type ? cJSON_CreateString(type) : cJSON_CreateNull(), out);
    }
    return cf_err_set(err, CF_ENOTFOUND, "last has status, json, type");
}

/* "repeat:TEXT:COUNT" */
static enum cf_code repeated(const char *spec, cJSON **out, struct cf_err *err)
{
    const char *colon = strrchr(spec, ':');
    struct cf_buf text;
    unsigned long count = colon ? strtoul(colon + 1, NULL, 10) : 0;
    if (!colon || colon == spec || count == 0)
        return cf_err_set(err, CF_EINPUT, "wants repeat:TEXT:COUNT");
    cf_buf_init(&text, REPEAT_MAX_BYTES);
    for (unsigned long i = 0; i < count && text.code == CF_OK; i++)
        cf_buf_append(&text, spec, (size_t)(colon - spec));
    enum cf_code code = cf_buf_check(&text, err);
    if (code == CF_OK)
        code = give(cJSON_CreateString(cf_buf_text(&text)), out);
    cf_buf_release(&text);
    return code;
}

bool cf_run_value_known(const struct cf_engine *engine, const char *name)
{
    static const char *const own[] = {"row.", "random.", "last.", "fixture.", "repeat:"};
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (cf_name_begins(name, own[i]))
            return true;
    }
    for (const struct cf_value_source *source = engine->values; source->prefix; source++) {
        if (cf_name_begins(name, source->prefix))
            return true;
    }
    return false;
}

static enum cf_code resolve(void *context, const char *name, cJSON **out, struct cf_err *err)
{
    struct cf_case_run *run = context;
    const cJSON *captured = cf_json_get(run->vars, name);
    if (captured)
        return give(cJSON_Duplicate(captured, 1), out);
    if (strncmp(name, "row.", 4) == 0) {
        const cJSON *value = run->one ? cf_json_get(run->one->row, name + 4) : NULL;
        if (!value)
            return cf_err_set(err, CF_ENOTFOUND, "the row has no such member");
        /* A row's value may itself hold references. */
        return cf_expand(value, resolve, run, out, err);
    }
    if (strncmp(name, "random.", 7) == 0)
        return random_value(run, name + 7, out, err);
    if (strncmp(name, "last.", 5) == 0)
        return last_value(run, name + 5, out, err);
    if (strncmp(name, "fixture.", 8) == 0) {
        const char *id = cf_run_fixture(run, name + 8);
        return id ? give(cJSON_CreateString(id), out)
                  : cf_err_set(err, CF_ENOTFOUND, "the case has no such fixture");
    }
    if (strncmp(name, "repeat:", 7) == 0)
        return repeated(name + 7, out, err);
    for (const struct cf_value_source *source = run->engine->values; source->prefix; source++) {
        size_t len = strlen(source->prefix);
        if (strncmp(name, source->prefix, len) == 0)
            return source->resolve(run, name + len, out, err);
    }
    return cf_err_set(err, CF_ENOTFOUND, "nothing has this name");
}

/* What is missing, without the references that led there: they say nothing to who reads a report.
 */
static const char *without_references(const char *text)
{
    const char *end;
    while (strncmp(text, "${", 2) == 0 && (end = strstr(text, "}: ")) != NULL)
        text = end + 3;
    return text;
}

cJSON *cf_run_expand(struct cf_case_run *run, const cJSON *node)
{
    struct cf_err err = {0};
    cJSON *out = NULL;
    enum cf_code code = cf_expand(node, resolve, run, &out, &err);
    if (code == CF_OK)
        return out;
    /* What the profile or the IUT does not give makes the case inconclusive; the rest is ours. */
    if (code == CF_ENOTFOUND)
        cf_run_inconclusive(run, "%s", without_references(err.text));
    else
        cf_run_error(run, "%s", err.text);
    return NULL;
}

void cf_run_set(struct cf_case_run *run, const char *name, cJSON *value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(run->vars, name);
    cJSON_AddItemToObject(run->vars, name, value);
}

int cf_run_role(const struct cf_case_run *run, const char *name)
{
    size_t count = run->one ? run->one->role_count : 1;
    for (size_t i = 0; i < count; i++) {
        if (!name || (run->one && strcmp(run->one->roles[i].name, name) == 0))
            return run->fixtures[i] ? (int)i : -1;
    }
    return -1;
}

const char *cf_run_fixture(const struct cf_case_run *run, const char *role)
{
    int index = cf_run_role(run, role);
    return index < 0 ? NULL : run->fixtures[index];
}

void cf_run_begin_part(struct cf_case_run *run, const char *part)
{
    struct cf_buf name = {0};
    cf_buf_printf(&name, "%s%s%s", run->random_name, part ? "/" : "", part ? part : "");
    cf_random_init(&run->random, cf_buf_text(&name));
    cf_buf_release(&name);
}
