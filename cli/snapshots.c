#include "cli/snapshots.h"
#include "cli/left_index.h"
#include "harness/base/file.h"
#include "harness/base/json_put.h"
#include "harness/base/mem.h"
#include "harness/base/seal.h"
#include "harness/run/secrets.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SNAPSHOTS_FILE "snapshots.json"
#define FORMAT "cvm-conformance-snapshots"
enum { VERSION = 1, PATH_BYTES = 4096 };
/* Each value costs a hundred bytes of memory, so that small ones are to be limited by number. */
enum { FILE_MAX_BYTES = 256 << 20, VALUES_MAX = 1 << 20 };

/* ---- making ---- */

static char *absolute(const char *path)
{
    char real[PATH_MAX];
    return cf_strdup(realpath(path, real) ? real : path);
}

/* Hooks are called to put CVMs back, so the profile is needed whole. */
static void keep_hidden(struct cf_snapshots *out, const struct cf_profile *profile)
{
    bool written = false;
    struct cf_buf sealed = {0};
    if (cf_json_at(profile->doc.root, "/pixit/auth/value_from/value"))
        cf_list_add(&out->hidden, profile->auth.placeholder);
    for (size_t i = 0; i < profile->shown.hidden_count; i++)
        written = written || profile->shown.hidden[i].written;
    if (!written)
        return;
    cf_seal(&sealed, profile->auth.value, profile->sha256, profile->source, profile->source_len);
    out->sealed = cf_buf_take(&sealed, NULL);
}

/* What holds a secret moves from the values to what is not known. */
static void withhold(cJSON *snapshot, const struct cf_redactor *redactor)
{
    cJSON *values = cf_json_get(snapshot, "values");
    cJSON *next;
    for (cJSON *value = values ? values->child : NULL; value; value = next) {
        struct cf_buf text = {0};
        next = value->next;
        cf_json_print(&text, value);
        if (cf_redactor_finds(redactor, cf_buf_text(&text), text.len)) {
            cJSON_AddStringToObject(cf_json_get(snapshot, "unknown"), value->string,
                                    "it holds the credential, which is not written down");
            cJSON_Delete(cJSON_DetachItemViaPointer(values, value));
        }
        cf_buf_release(&text);
    }
}

static enum cf_code add(struct cf_snapshots *out, const char *id, const char *text,
                        const struct cf_redactor *redactor, struct cf_err *err)
{
    struct cf_json_doc doc;
    struct cf_buf clean = {0};
    enum cf_code code = cf_json_parse(&doc, "snapshot", text, strlen(text), 0, err);
    if (code != CF_OK)
        return code;
    withhold(doc.root, redactor);
    cf_json_print(&clean, doc.root);
    out->items[out->count++] =
        (struct cf_snapshot){.id = cf_strdup(id), .text = cf_buf_take(&clean, NULL)};
    cf_json_release(&doc);
    return CF_OK;
}

enum cf_code cf_snapshots_make(struct cf_snapshots *out, const struct cf_profile *profile,
                               const char *const *texts, struct cf_err *err)
{
    struct cf_redactor *redactor = NULL;
    *out = (struct cf_snapshots){
        .profile = cf_strndup(profile->shown.text, profile->shown.len),
        .profile_path = absolute(profile->path),
        .profile_sha256 = cf_strdup(profile->sha256),
        .items = cf_alloc_array(profile->fixture_count + 1, sizeof(*out->items))};
    keep_hidden(out, profile);
    enum cf_code code = cf_secrets_redactor(&redactor, profile, err);
    for (size_t i = 0; code == CF_OK && i < profile->fixture_count; i++) {
        if (texts[i])
            code = add(out, profile->fixtures[i].id, texts[i], redactor, err);
    }
    cf_redactor_free(redactor);
    return code;
}

static void release_item(struct cf_snapshot *item)
{
    free(item->id);
    free(item->text);
}

void cf_snapshots_release(struct cf_snapshots *snapshots)
{
    for (size_t i = 0; i < snapshots->count; i++)
        release_item(&snapshots->items[i]);
    free(snapshots->items);
    free(snapshots->profile);
    free(snapshots->profile_path);
    free(snapshots->profile_sha256);
    free(snapshots->sealed);
    cf_list_release(&snapshots->hidden);
    *snapshots = (struct cf_snapshots){0};
}

/* ---- the file ---- */

static bool path_in(char out[PATH_BYTES], const char *folder)
{
    int n = snprintf(out, PATH_BYTES, "%s/" SNAPSHOTS_FILE, folder);
    return n > 0 && n < PATH_BYTES;
}

bool cf_snapshots_are_in(const char *folder)
{
    char path[PATH_BYTES];
    return path_in(path, folder) && access(path, F_OK) == 0;
}

static enum cf_code count_value(void *context, const char *bytes, const struct cf_json_value *value)
{
    size_t *count = context;
    (void)bytes;
    (void)value;
    return ++*count > VALUES_MAX ? CF_ELIMIT : CF_OK;
}

/* Asked of what is written too: what cannot be read again puts nothing back. */
static enum cf_code check_size(const char *path, const struct cf_buf *text, struct cf_err *err)
{
    size_t count = 0;
    if (text->len > FILE_MAX_BYTES)
        return cf_err_set(err, CF_ELIMIT, "%s: snapshots of more than %d bytes", path,
                          FILE_MAX_BYTES);
    enum cf_code code =
        cf_json_scan(path, cf_buf_text(text), text->len, 0, count_value, &count, err);
    if (count > VALUES_MAX)
        return cf_err_set(err, CF_ELIMIT, "%s: snapshots of more than %d values", path, VALUES_MAX);
    return code;
}

static enum cf_code take_items(struct cf_snapshots *out, const struct cf_json_doc *doc,
                               struct cf_err *err)
{
    const cJSON *list = cf_json_get(doc->root, "cvms");
    if (!cJSON_IsArray(list) || !list->child)
        return cf_json_fault(doc, doc->root, err, "no CVM is in these snapshots");
    out->items = cf_alloc_array((size_t)cJSON_GetArraySize(list) + 1, sizeof(*out->items));
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next) {
        const cJSON *snapshot = cf_json_get(item, "snapshot");
        const char *id = cf_json_text(item, "id", NULL);
        struct cf_buf text = {0};
        if (!id || !cJSON_IsObject(cf_json_get(snapshot, "values")))
            return cf_json_fault(doc, item, err, "not the snapshot of a CVM");
        cf_json_print(&text, snapshot);
        out->items[out->count++] =
            (struct cf_snapshot){.id = cf_strdup(id), .text = cf_buf_take(&text, NULL)};
    }
    return CF_OK;
}

static enum cf_code take(struct cf_snapshots *out, const struct cf_json_doc *doc,
                         struct cf_err *err)
{
    const cJSON *root = doc->root;
    const cJSON *hidden = cf_json_get(root, "hidden");
    if (strcmp(cf_json_text(root, "format", ""), FORMAT) != 0 ||
        cf_json_number(root, "version", 0) != VERSION || !cf_json_text(root, "profile", NULL) ||
        !cf_json_text(root, "profile_path", NULL))
        return cf_json_fault(doc, root, err, "not snapshots that this version knows");
    out->profile = cf_strdup(cf_json_text(root, "profile", ""));
    out->profile_path = cf_strdup(cf_json_text(root, "profile_path", ""));
    out->profile_sha256 = cf_strdup(cf_json_text(root, "profile_sha256", ""));
    out->sealed = cf_strdup(cf_json_text(root, "sealed", NULL));
    for (const cJSON *name = hidden ? hidden->child : NULL; name; name = name->next) {
        if (cJSON_IsString(name))
            cf_list_add(&out->hidden, name->valuestring);
    }
    return take_items(out, doc, err);
}

enum cf_code cf_snapshots_read(struct cf_snapshots *out, const char *folder, struct cf_err *err)
{
    char path[PATH_BYTES];
    struct cf_buf text;
    struct cf_json_doc doc;
    *out = (struct cf_snapshots){0};
    if (!path_in(path, folder))
        return cf_err_set(err, CF_ELIMIT, "%s: the path is too long", folder);
    cf_buf_init(&text, FILE_MAX_BYTES);
    enum cf_code code = cf_file_read(path, &text, err);
    if (code == CF_OK)
        code = check_size(path, &text, err);
    if (code == CF_OK)
        code = cf_json_parse(&doc, path, cf_buf_text(&text), text.len, CF_JSON_WHERE, err);
    cf_buf_release(&text);
    if (code != CF_OK)
        return code;
    code = take(out, &doc, err);
    cf_json_release(&doc);
    return code;
}

static void put(struct cf_buf *out, const struct cf_snapshots *snapshots)
{
    cf_buf_putc(out, '{');
    cf_json_put_text_member(out, "format", FORMAT);
    cf_json_put_int_member(out, "version", VERSION);
    cf_json_put_text_member(out, "profile_path", snapshots->profile_path);
    cf_json_put_text_member(out, "profile_sha256", snapshots->profile_sha256);
    cf_json_put_text_member(out, "profile", snapshots->profile);
    if (snapshots->sealed)
        cf_json_put_text_member(out, "sealed", snapshots->sealed);
    cf_buf_puts(out, ",\"hidden\":[");
    for (size_t i = 0; i < snapshots->hidden.count; i++) {
        cf_json_put_comma(out);
        cf_json_put_text(out, snapshots->hidden.items[i]);
    }
    cf_buf_puts(out, "],\"cvms\":[");
    for (size_t i = 0; i < snapshots->count; i++) {
        cf_buf_puts(out, i ? ",\n{\"id\":" : "\n{\"id\":");
        cf_json_put_text(out, snapshots->items[i].id);
        cf_buf_printf(out, ",\"snapshot\":%s}", snapshots->items[i].text);
    }
    cf_buf_puts(out, "]}\n");
}

enum cf_code cf_snapshots_write(const struct cf_snapshots *snapshots, const char *folder,
                                struct cf_err *err)
{
    char path[PATH_BYTES];
    struct cf_buf text = {0};
    if (!path_in(path, folder))
        return cf_err_set(err, CF_ELIMIT, "%s: the path is too long", folder);
    if (snapshots->count == 0) {
        if (snapshots->profile_sha256)
            cf_left_index_remove(snapshots->profile_sha256, folder);
        return cf_file_remove(path, err);
    }
    put(&text, snapshots);
    enum cf_code code = check_size(path, &text, err);
    if (code == CF_OK)
        code = cf_file_write_lasting(path, cf_buf_text(&text), text.len, 0600, err);
    cf_buf_release(&text);
    if (code == CF_OK)
        cf_left_index_add(snapshots->profile_sha256, folder);
    return code;
}

/* ---- one of them ---- */

const char *cf_snapshots_text(const struct cf_snapshots *snapshots, const char *id)
{
    for (size_t i = 0; i < snapshots->count; i++) {
        if (strcmp(snapshots->items[i].id, id) == 0)
            return snapshots->items[i].text;
    }
    return NULL;
}

bool cf_snapshots_are_of(const struct cf_snapshots *snapshots, const struct cf_profile *profile)
{
    const char *base_url = profile->base_url;
    struct cf_json_doc doc;
    const char *text = snapshots->profile ? snapshots->profile : "";
    if (cf_json_parse(&doc, "profile", text, strlen(text), 0, NULL) != CF_OK)
        return false;
    const char *url = cf_json_text(cf_json_get(doc.root, "iut"), "base_url", "");
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    bool same = strlen(base_url) == len && strncmp(url, base_url, len) == 0;
    cf_json_release(&doc);
    return same;
}

const char *cf_snapshots_common(const struct cf_snapshots *theirs, const struct cf_profile *profile,
                                const struct cf_snapshots *ours)
{
    if (!cf_snapshots_are_of(theirs, profile))
        return NULL;
    for (size_t i = 0; i < profile->fixture_count; i++) {
        const char *id = profile->fixtures[i].id;
        if (cf_snapshots_text(theirs, id) && (!ours || cf_snapshots_text(ours, id)))
            return id;
    }
    return NULL;
}

bool cf_snapshots_drop(struct cf_snapshots *snapshots, const char *id)
{
    for (size_t i = 0; i < snapshots->count; i++) {
        if (strcmp(snapshots->items[i].id, id) != 0)
            continue;
        release_item(&snapshots->items[i]);
        snapshots->count--;
        memmove(&snapshots->items[i], &snapshots->items[i + 1],
                (snapshots->count - i) * sizeof(*snapshots->items));
        return true;
    }
    return false;
}

/* ---- the profile ---- */

/* Every string that is from becomes to. */
static void replace(struct cf_buf *text, const char *from, const char *to)
{
    struct cf_buf quoted = {0};
    struct cf_buf out = {0};
    cf_json_put_text(&quoted, from);
    const char *at = cf_buf_text(text);
    for (const char *hit; (hit = strstr(at, cf_buf_text(&quoted))); at = hit + quoted.len) {
        cf_buf_append(&out, at, (size_t)(hit - at));
        cf_json_put_text(&out, to);
    }
    cf_buf_puts(&out, at);
    cf_buf_release(&quoted);
    cf_buf_release(text);
    *text = out;
}

/* The file that they were made with, where it still is what it was. */
static bool load_unchanged(const struct cf_snapshots *snapshots,
                           const struct cf_vocabulary *vocabulary, struct cf_profile *out)
{
    struct cf_err err;
    if (cf_profile_load(out, snapshots->profile_path, vocabulary, &err) != CF_OK)
        return false;
    if (strcmp(out->sha256, snapshots->profile_sha256) == 0)
        return true;
    cf_profile_release(out);
    return false;
}

/* The kept text with its credential, where the profile held it, from the environment. */
static enum cf_code fill_in(const struct cf_snapshots *snapshots, struct cf_buf *text,
                            struct cf_err *err)
{
    cf_buf_puts(text, snapshots->profile);
    for (size_t i = 0; i < snapshots->hidden.count; i++) {
        const char *placeholder = snapshots->hidden.items[i];
        const char *value = getenv(placeholder + 1);
        if (!value || *value == '\0')
            return cf_err_set(err, CF_EINPUT,
                              "the profile itself held a secret, which is not written down, and %s "
                              "is not what it was: set the environment variable %s to it, or give "
                              "--profile",
                              snapshots->profile_path, placeholder + 1);
        replace(text, placeholder, value);
    }
    return CF_OK;
}

/* The whole profile, by the credential of the one that is kept. */
static enum cf_code unseal(const struct cf_snapshots *snapshots, struct cf_profile *profile,
                           struct cf_err *err)
{
    struct cf_buf text = {0};
    const struct cf_vocabulary *vocabulary = profile->vocabulary;
    enum cf_code code = cf_unseal(&text, profile->auth.value, snapshots->sealed, err);
    cf_profile_release(profile);
    if (code == CF_OK)
        code = cf_profile_parse(profile, snapshots->profile_path, cf_buf_text(&text), text.len,
                                vocabulary, err);
    else
        cf_err_prefix(err,
                      "what is hidden of the profile cannot be read with this credential; give "
                      "--profile");
    if (text.data)
        explicit_bzero(text.data, text.len);
    cf_buf_release(&text);
    return code;
}

enum cf_code cf_snapshots_profile(const struct cf_snapshots *snapshots,
                                  const struct cf_vocabulary *vocabulary, struct cf_profile *out,
                                  struct cf_err *err)
{
    struct cf_buf text = {0};
    bool held = snapshots->hidden.count > 0 || snapshots->sealed;
    *out = (struct cf_profile){0};
    if (held && load_unchanged(snapshots, vocabulary, out))
        return CF_OK;
    enum cf_code code = fill_in(snapshots, &text, err);
    if (code == CF_OK)
        code = cf_profile_parse(out, snapshots->profile_path, cf_buf_text(&text), text.len,
                                vocabulary, err);
    if (text.data)
        explicit_bzero(text.data, text.len);
    cf_buf_release(&text);
    return code == CF_OK && snapshots->sealed ? unseal(snapshots, out, err) : code;
}
