#include "harness/case/catalogue.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/intern.h"
#include "harness/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4096, SHARED_MAX = 64 };

struct cf_shared_rows {
    char *name;
    struct cf_json_doc doc;
};

struct load {
    struct cf_catalogue *catalogue;
    struct cf_casefile_context context;
    struct cf_case_list cases;
    size_t requirement_cap;
    size_t file_count;
    struct cf_buf digest_input; /* names and digests of shipped files */
    bool extra;
    struct cf_err *err;
};

/* ---- folders ---- */

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

typedef enum cf_code entry_fn(struct load *load, const char *path, const char *name,
                              const char *suite);

/* What the entry is, links followed: S_IFREG, S_IFDIR ...; 0 where that cannot be told. Most file
 * systems say it in the folder already. */
static unsigned kind_of(const struct dirent *entry, const char *path)
{
    struct stat info;
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
        return DTTOIF(entry->d_type);
    return stat(path, &info) == 0 ? info.st_mode & S_IFMT : 0;
}

/* Call each for the sorted entries of dir: folders, or *.json files. */
static enum cf_code walk(struct load *load, const char *dir, bool folders, const char *suite,
                         entry_fn *each)
{
    struct dirent **entries = NULL;
    int count = scandir(dir, &entries, is_visible, alphasort);
    if (count < 0)
        return errno == ENOENT ? cf_err_set(load->err, CF_ENOTFOUND, "no folder %s", dir)
                               : cf_err_errno(load->err, errno, "cannot read folder %s", dir);
    enum cf_code code = CF_OK;
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES];
        const char *name = entries[i]->d_name;
        size_t len = strlen(name);
        bool json = len > 5 && strcmp(name + len - 5, ".json") == 0;
        int n = snprintf(path, sizeof(path), "%s/%s", dir, name);
        if (code == CF_OK && n > 0 && (size_t)n < sizeof(path) && (folders || json) &&
            kind_of(entries[i], path) == (folders ? S_IFDIR : S_IFREG))
            code = each(load, path, name, suite);
        free(entries[i]);
    }
    free(entries);
    return code;
}

/* Read a file and remember its digest when it is a shipped one. */
static enum cf_code read_file(struct load *load, const char *path, const char *suite,
                              const char *name, struct cf_buf *text)
{
    cf_buf_init(text, CF_CASE_FILE_MAX_BYTES);
    if (++load->file_count > CF_CASE_FILES_MAX)
        return cf_err_set(load->err, CF_ELIMIT, "more than %d case files", CF_CASE_FILES_MAX);
    enum cf_code code = cf_file_read(path, text, load->err);
    if (code == CF_OK && !load->extra) {
        char hex[CF_SHA256_HEX];
        cf_sha256_hex(cf_buf_text(text), text->len, hex);
        cf_buf_printf(&load->digest_input, "%s %s/%s\n", hex, suite, name);
    }
    return code;
}

/* ---- shared rows ---- */

static const cJSON *shared_rows(void *context, const char *name)
{
    const struct cf_catalogue *c = context;
    for (size_t i = 0; i < c->shared_count; i++) {
        if (strcmp(c->shared[i].name, name) == 0)
            return c->shared[i].doc.root;
    }
    return NULL;
}

static enum cf_code load_shared(struct load *load, const char *path, const char *name,
                                const char *suite)
{
    struct cf_catalogue *c = load->catalogue;
    struct cf_buf text;
    if (c->shared_count == SHARED_MAX)
        return cf_err_set(load->err, CF_ELIMIT, "more than %d shared files", SHARED_MAX);
    enum cf_code code = read_file(load, path, suite, name, &text);
    struct cf_shared_rows *rows = &c->shared[c->shared_count];
    if (code == CF_OK)
        code =
            cf_json_parse(&rows->doc, path, cf_buf_text(&text), text.len, CF_JSON_FILE, load->err);
    cf_buf_release(&text);
    if (code == CF_EINPUT || code == CF_ELIMIT) {
        cf_casefile_problem(&load->context, load->err);
        return CF_OK;
    }
    if (code != CF_OK)
        return code;
    rows->name = cf_strndup(name, strlen(name) - 5);
    c->shared_count++;
    return CF_OK;
}

/* ---- requirements ---- */

static void add_requirement(struct load *load, struct cf_requirement *r)
{
    struct cf_catalogue *c = load->catalogue;
    c->requirements =
        cf_grow(c->requirements, c->requirement_count, &load->requirement_cap, sizeof(r));
    r->extra = load->extra;
    c->requirements[c->requirement_count++] = r;
}

static enum cf_code load_requirement(struct load *load, const char *path, const char *name,
                                     const char *suite)
{
    struct cf_buf text;
    struct cf_requirement *r = NULL;
    char stem[256];
    char shown[600];
    snprintf(stem, sizeof(stem), "%.*s", (int)strlen(name) - 5, name);
    snprintf(shown, sizeof(shown), "cases/%s/%s", suite, name);
    enum cf_code code = read_file(load, path, suite, name, &text);
    if (code == CF_OK)
        code = cf_casefile_read(&r, suite, stem, load->extra ? path : shown, cf_buf_text(&text),
                                text.len, &load->context, &load->cases, load->err);
    cf_buf_release(&text);
    if (r)
        add_requirement(load, r);
    return code;
}

static enum cf_code load_suite(struct load *load, const char *path, const char *name,
                               const char *suite)
{
    (void)suite;
    if (strcmp(name, "shared") == 0)
        return CF_OK;
    return walk(load, path, false, name, load_requirement);
}

/* A case file that belongs to no suite would never be seen otherwise. */
static enum cf_code refuse_stray(struct load *load, const char *path, const char *name,
                                 const char *suite)
{
    struct cf_err err = {0};
    (void)suite;
    if (strcmp(name, "case.schema.json") == 0 || strcmp(name, "ledger.json") == 0)
        return CF_OK;
    cf_err_set(&err, CF_EINPUT, "%s: a case file belongs into a folder named after its suite",
               path);
    cf_casefile_problem(&load->context, &err);
    return CF_OK;
}

static enum cf_code load_dir(struct load *load, const char *dir, bool extra)
{
    char shared[PATH_BYTES];
    struct stat info;
    load->extra = extra;
    snprintf(shared, sizeof(shared), "%s/shared", dir);
    enum cf_code code = CF_OK;
    if (stat(shared, &info) == 0 && S_ISDIR(info.st_mode))
        code = walk(load, shared, false, "shared", load_shared);
    if (code == CF_OK && extra)
        code = walk(load, dir, false, NULL, refuse_stray);
    return code == CF_OK ? walk(load, dir, true, NULL, load_suite) : code;
}

/* ---- the whole ---- */

static int by_case_id(const void *a, const void *b)
{
    return strcmp((*(struct cf_case *const *)a)->id, (*(struct cf_case *const *)b)->id);
}

static void index_cases(struct cf_catalogue *c)
{
    c->by_id = cf_alloc_array(c->case_count, sizeof(struct cf_case *));
    for (size_t i = 0; i < c->case_count; i++) {
        c->cases[i]->index = i;
        c->by_id[i] = c->cases[i];
    }
    qsort(c->by_id, c->case_count, sizeof(struct cf_case *), by_case_id);
}

static void problem_at(struct load *load, const struct cf_case *one, const char *what,
                       const char *name)
{
    struct cf_err err = {0};
    cf_err_set(&err, CF_EINPUT, "%s:%d: case %s: %s \"%s\"", one->requirement->file, one->line,
               one->id, what, name);
    cf_casefile_problem(&load->context, &err);
}

static bool same_fixtures(const struct cf_case *a, const struct cf_case *b)
{
    bool same = a->role_count == b->role_count;
    for (size_t r = 0; same && r < a->role_count; r++)
        same = a->roles[r].kind == b->roles[r].kind;
    return same;
}

static bool has_part(const struct cf_case *one, const char *name)
{
    const cJSON *step;
    cJSON_ArrayForEach(step, one->steps)
    {
        if (strcmp(cf_json_text(step, "part", ""), name) == 0)
            return true;
    }
    return false;
}

static void check_shares(struct load *load, struct cf_case *one)
{
    const struct cf_case *other = cf_catalogue_case(load->catalogue, one->shares);
    if (!other)
        problem_at(load, one,
                   one->is_within ? "within names an unknown case:"
                                  : "shares names an unknown case:",
                   one->shares);
    else if (other->shares || other == one)
        problem_at(load, one, "what it shares is shared by that one itself:", one->shares);
    else if (!same_fixtures(one, other))
        problem_at(load, one, "it has other fixtures than what it shares:", one->shares);
    else if (one->from && !has_part(other, one->from))
        problem_at(load, one, "what it shares has no part of that name:", one->from);
    one->whole = one->is_within ? other : NULL;
}

static void check_references(struct load *load, const struct cf_intern *requirements)
{
    const struct cf_catalogue *c = load->catalogue;
    for (size_t i = 0; i < c->case_count; i++) {
        struct cf_case *one = c->cases[i];
        for (size_t k = 0; k < one->also_count; k++) {
            if (!cf_intern_find(requirements, one->also[k], NULL))
                problem_at(load, one, "also names an unknown requirement:", one->also[k]);
        }
        if (one->control) {
            const struct cf_case *control = cf_catalogue_case(c, one->control);
            if (!control)
                problem_at(load, one, "control names an unknown case:", one->control);
            else if (control->control)
                problem_at(load, one, "its control leans on a control itself:", one->control);
        }
        if (one->shares)
            check_shares(load, one);
        else if (one->from)
            problem_at(load, one, "it shares nothing, and from names a part:", one->from);
        if (i > 0 && strcmp(c->by_id[i - 1]->id, c->by_id[i]->id) == 0)
            problem_at(load, c->by_id[i], "this id occurs twice:", c->by_id[i]->id);
    }
}

static void tell_twice(struct load *load, const struct cf_requirement *one)
{
    const struct cf_catalogue *c = load->catalogue;
    struct cf_err err = {0};
    for (size_t k = 0; c->requirements[k] != one; k++) {
        if (strcmp(one->id, c->requirements[k]->id) != 0)
            continue;
        cf_err_set(&err, CF_EINPUT, "%s: requirement \"%s\" is already in %s", one->file, one->id,
                   c->requirements[k]->file);
        cf_casefile_problem(&load->context, &err);
    }
}

static void check_all(struct load *load)
{
    const struct cf_catalogue *c = load->catalogue;
    struct cf_intern ids = {0};
    for (size_t i = 0; i < c->requirement_count; i++)
        cf_intern_add(&ids, c->requirements[i]->id);
    check_references(load, &ids);
    for (size_t i = 0; ids.count < c->requirement_count && i < c->requirement_count; i++)
        tell_twice(load, c->requirements[i]);
    cf_intern_release(&ids);
}

static enum cf_code finish(struct load *load)
{
    struct cf_catalogue *c = load->catalogue;
    index_cases(c);
    check_all(load);
    cf_sha256_hex(cf_buf_text(&load->digest_input), load->digest_input.len, c->sha256);
    if (load->context.problem_count > 0)
        return cf_err_set(load->err, CF_EINPUT, "%zu mistake%s in case files",
                          load->context.problem_count, load->context.problem_count > 1 ? "s" : "");
    if (c->case_count == 0)
        return cf_err_set(load->err, CF_ENOTFOUND, "no case files found");
    return CF_OK;
}

enum cf_code cf_catalogue_load(struct cf_catalogue *out, const char *dir,
                               const char *const *extra_dirs, size_t extra_count,
                               const struct cf_catalogue_language *language, cf_problem_fn *problem,
                               void *context, struct cf_err *err)
{
    struct load load = {.catalogue = out, .err = err};
    *out = (struct cf_catalogue){.shared = cf_alloc_array(SHARED_MAX, sizeof(*out->shared))};
    load.context = (struct cf_casefile_context){
        .language = language,
        .rows = {.generators = language->generators, .shared = shared_rows, .shared_context = out},
        .problem = problem,
        .problem_context = context};
    enum cf_code code = load_dir(&load, dir, false);
    for (size_t i = 0; code == CF_OK && i < extra_count; i++)
        code = load_dir(&load, extra_dirs[i], true);
    out->cases = load.cases.items;
    out->case_count = load.cases.count;
    if (code == CF_OK)
        code = finish(&load);
    cf_buf_release(&load.digest_input);
    if (code != CF_OK)
        cf_catalogue_release(out);
    return code;
}

void cf_catalogue_release(struct cf_catalogue *catalogue)
{
    if (!catalogue)
        return;
    for (size_t i = 0; i < catalogue->case_count; i++)
        cf_case_free(catalogue->cases[i]);
    for (size_t i = 0; i < catalogue->requirement_count; i++)
        cf_requirement_free(catalogue->requirements[i]);
    for (size_t i = 0; i < catalogue->shared_count; i++) {
        free(catalogue->shared[i].name);
        cf_json_release(&catalogue->shared[i].doc);
    }
    free(catalogue->shared);
    free(catalogue->cases);
    free(catalogue->by_id);
    free(catalogue->requirements);
    *catalogue = (struct cf_catalogue){0};
}

const struct cf_requirement *cf_catalogue_requirement(const struct cf_catalogue *catalogue,
                                                      const char *id)
{
    for (size_t i = 0; i < catalogue->requirement_count; i++) {
        if (strcmp(catalogue->requirements[i]->id, id) == 0)
            return catalogue->requirements[i];
    }
    return NULL;
}

const struct cf_case *cf_catalogue_case(const struct cf_catalogue *catalogue, const char *id)
{
    size_t low = 0;
    size_t high = catalogue->case_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(id, catalogue->by_id[middle]->id);
        if (order == 0)
            return catalogue->by_id[middle];
        low = order > 0 ? middle + 1 : low;
        high = order > 0 ? high : middle;
    }
    return NULL;
}
