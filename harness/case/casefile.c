#include "harness/case/casefile.h"
#include "harness/base/name.h"
#include "harness/case/expand.h"
#include "harness/case/long_text.h"
#include "harness/case/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 1000 };

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

void cf_casefile_problem(struct cf_casefile_context *context, const struct cf_err *err)
{
    context->problem_count++;
    context->problem(context->problem_context, err->text);
}

/* ---- lifetimes ---- */

void cf_requirement_free(struct cf_requirement *requirement)
{
    if (!requirement)
        return;
    for (size_t i = 0; i < requirement->line_count; i++)
        free(requirement->lines[i]);
    free(requirement->lines);
    free(requirement->id);
    free(requirement->suite);
    free(requirement->file);
    cf_json_release(&requirement->doc);
    free(requirement);
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void cf_case_free(struct cf_case *one)
{
    if (!one)
        return;
    free(one->id);
    free(one->title);
    free(one->control);
    free_texts(one->also, one->also_count);
    free_texts(one->needs_pics, one->needs_pics_count);
    for (size_t i = 0; i < one->role_count; i++)
        free(one->roles[i].name);
    cJSON_Delete(one->row);
    free(one);
}

/* ---- a file's lines, for quoting ---- */

static enum cf_code split_lines(struct cf_requirement *r, const char *bytes, size_t len,
                                struct cf_err *err)
{
    size_t count = 1;
    for (size_t i = 0; i < len; i++)
        count += bytes[i] == '\n';
    r->lines = calloc(count, sizeof(char *));
    if (!r->lines)
        return cf_err_nomem(err);
    for (size_t start = 0; start < len;) {
        const char *newline = memchr(bytes + start, '\n', len - start);
        size_t end = newline ? (size_t)(newline - bytes) : len;
        size_t from = start;
        while (from < end && (bytes[from] == ' ' || bytes[from] == '\t'))
            from++;
        r->lines[r->line_count] = strndup(bytes + from, end - from);
        if (!r->lines[r->line_count])
            return cf_err_nomem(err);
        r->line_count++;
        start = end + 1;
    }
    return CF_OK;
}

const char *cf_requirement_line(const struct cf_requirement *requirement, int line)
{
    return line >= 1 && (size_t)line <= requirement->line_count ? requirement->lines[line - 1] : "";
}

/* ---- steps ---- */

static const struct cf_step_form *form_of(const struct cf_catalogue_language *language,
                                          const cJSON *step)
{
    const struct cf_step_form *const *forms = language->forms;
    for (; *forms; forms++) {
        if (cf_json_get(step, (*forms)->word))
            return *forms;
    }
    return NULL;
}

static enum cf_code check_step_members(const struct cf_json_doc *doc, const cJSON *step,
                                       const char *path, const struct cf_step_form *form,
                                       struct cf_err *err)
{
    const char *all[24] = {form->word, "setup", "why"};
    size_t n = 3;
    for (const char *const *name = form->optional; name && *name && n < 22; name++)
        all[n++] = *name;
    return cf_shape_object(doc, step, path, form->required, all, err);
}

static enum cf_code check_step(const struct cf_json_doc *doc, const cJSON *step, const char *path,
                               const struct cf_catalogue_language *language, struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, step, path, "object", err);
    if (code != CF_OK)
        return code;
    const struct cf_step_form *form = form_of(language, step);
    if (!form)
        return cf_json_fault(doc, step, err, "%s: no step word here (\"%s\"?)", path,
                             step->child ? step->child->string : "");
    const char *known[24] = {0};
    /* required members are known members too */
    struct cf_step_form whole = *form;
    size_t n = 0;
    for (const char *const *name = form->required; name && *name && n < 10; name++)
        known[n++] = *name;
    for (const char *const *name = form->optional; name && *name && n < 22; name++)
        known[n++] = *name;
    whole.optional = known;
    code = check_step_members(doc, step, path, &whole, err);
    const cJSON *setup = cf_json_get(step, "setup");
    if (code == CF_OK && setup)
        code = cf_shape_type(doc, setup, path, "boolean", err);
    return code == CF_OK ? form->check(language->engine, doc, step, path, err) : code;
}

static enum cf_code check_steps(const struct cf_json_doc *doc, const cJSON *steps, const char *path,
                                struct cf_casefile_context *context, struct cf_err *err)
{
    char inner[160];
    int index = 0;
    enum cf_code code = cf_shape_type(doc, steps, path, "array", err);
    int count = cJSON_GetArraySize(steps);
    if (code == CF_OK && (count < 1 || count > CF_STEPS_MAX))
        return cf_json_fault(doc, steps, err, "%s: wants 1 to %d steps", path, CF_STEPS_MAX);
    for (const cJSON *step = steps->child; code == CF_OK && step; step = step->next, index++) {
        snprintf(inner, sizeof(inner), "%s/%d", path, index);
        code = check_step(doc, step, inner, context->language, err);
    }
    return code;
}

/* ---- what is written in another form than it is used in ---- */

static enum cf_code join_long_texts(const struct cf_json_doc *doc, const cJSON *holder,
                                    const char *path, struct cf_err *err)
{
    static const char *const members[] = {"source", "statement", "title", "why"};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(members) / sizeof(members[0]); i++) {
        char where[160];
        snprintf(where, sizeof(where), "%s/%s", path, members[i]);
        code = cf_long_text_join(doc, holder, members[i], where, err);
    }
    return code;
}

static enum cf_code write_out(const struct cf_json_doc *doc, cJSON *one, const char *path,
                              const struct cf_catalogue_language *language, struct cf_err *err)
{
    enum cf_code code = join_long_texts(doc, one, path, err);
    if (code != CF_OK || !language->write_out)
        return code;
    return language->write_out(doc, one, path, err);
}

/* ---- one case ---- */

static const char *pool_named(const struct cf_vocabulary *vocabulary, const char *name)
{
    for (const struct cf_pool *pool = vocabulary->pools; pool->name; pool++) {
        if (strcmp(pool->name, name) == 0)
            return pool->name;
    }
    return NULL;
}

/* A text of the case with its row's values filled in. */
static enum cf_code expand_row_text(const char *text, cJSON *row, char **out, struct cf_err *err)
{
    struct cf_buf buf;
    cf_buf_init(&buf, 4096);
    enum cf_code code = cf_expand_text(text, cf_row_resolve, row, &buf, err);
    if (code == CF_OK) {
        *out = cf_buf_take(&buf, NULL);
        code = *out ? CF_OK : cf_err_nomem(err);
    }
    cf_buf_release(&buf);
    return code;
}

static enum cf_code read_texts(const struct cf_json_doc *doc, const cJSON *list, const char *path,
                               cJSON *row, char ***out, size_t *out_count, struct cf_err *err)
{
    if (!list)
        return CF_OK;
    enum cf_code code = cf_shape_lines(doc, list, path, 0, err);
    if (code != CF_OK)
        return code;
    *out = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof(char *));
    if (!*out)
        return cf_err_nomem(err);
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        code = expand_row_text(item->valuestring, row, &(*out)[*out_count], err);
        if (code != CF_OK)
            return code;
        (*out_count)++;
    }
    return CF_OK;
}

static enum cf_code read_roles(struct cf_case *one, const struct cf_json_doc *doc, const char *path,
                               const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    const cJSON *fixtures = cf_json_get(one->node, "fixtures");
    if (!fixtures)
        return CF_OK;
    enum cf_code code = cf_shape_type(doc, fixtures, path, "object", err);
    for (const cJSON *role = fixtures->child; code == CF_OK && role; role = role->next) {
        char *pool = NULL;
        if (one->role_count == CF_ROLES_MAX)
            return cf_json_fault(doc, role, err, "%s: more than %d fixtures", path, CF_ROLES_MAX);
        code = cf_shape_line(doc, role, path, 64, err);
        if (code == CF_OK)
            code = expand_row_text(role->valuestring, one->row, &pool, err);
        if (code != CF_OK)
            return code;
        struct cf_role *to = &one->roles[one->role_count];
        to->pool = pool_named(vocabulary, pool);
        to->name = strdup(role->string);
        if (!to->pool)
            code = cf_json_fault(doc, role, err, "%s: no kind of fixture is called \"%s\"", path,
                                 pool);
        free(pool);
        one->role_count++;
        if (!to->name)
            code = cf_err_nomem(err);
    }
    return code;
}

static enum cf_code check_row_references(void *context, const cJSON *holder, const char *name,
                                         struct cf_err *err)
{
    (void)holder;
    if (strncmp(name, "row.", 4) != 0 || cf_json_get(context, name + 4))
        return CF_OK;
    return cf_err_set(err, CF_EINPUT, "${%s}: the row has no such member", name);
}

static enum cf_code set_id_and_title(struct cf_case *one, struct cf_err *err)
{
    struct cf_buf id;
    const char *row_id = cf_json_text(one->row, "id", NULL);
    cf_buf_init(&id, 512);
    cf_buf_puts(&id, cf_json_get(one->node, "id")->valuestring);
    if (row_id)
        cf_buf_printf(&id, "[%s]", row_id);
    one->id = cf_buf_take(&id, NULL);
    cf_buf_release(&id);
    if (!one->id)
        return cf_err_nomem(err);
    return expand_row_text(cf_json_get(one->node, "title")->valuestring, one->row, &one->title,
                           err);
}

static enum cf_code build_case(struct cf_case *one, const char *path,
                               struct cf_casefile_context *context, struct cf_err *err)
{
    const struct cf_json_doc *doc = &one->requirement->doc;
    const cJSON *control = cf_json_get(one->node, "control");
    char where[160];
    enum cf_code code = set_id_and_title(one, err);
    snprintf(where, sizeof(where), "%s/also", path);
    if (code == CF_OK)
        code = read_texts(doc, cf_json_get(one->node, "also"), where, one->row, &one->also,
                          &one->also_count, err);
    snprintf(where, sizeof(where), "%s/needs", path);
    if (code == CF_OK)
        code = read_texts(doc, cf_json_get(one->node, "needs"), where, one->row, &one->needs_pics,
                          &one->needs_pics_count, err);
    snprintf(where, sizeof(where), "%s/fixtures", path);
    if (code == CF_OK)
        code = read_roles(one, doc, where, context->language->vocabulary, err);
    snprintf(where, sizeof(where), "%s/control", path);
    if (code == CF_OK && control) {
        code = cf_shape_line(doc, control, where, 200, err);
        if (code == CF_OK)
            code = expand_row_text(control->valuestring, one->row, &one->control, err);
    }
    if (code == CF_OK && one->control && *one->control == '\0') {
        free(one->control);
        one->control = NULL;
    }
    if (code == CF_OK)
        code = cf_expand_each_reference(one->steps, check_row_references, one->row, err);
    for (size_t i = 0; code == CF_OK && i < one->needs_pics_count; i++) {
        const struct cf_vocabulary *v = context->language->vocabulary;
        const char *item = one->needs_pics[i] + (one->needs_pics[i][0] == '!');
        if (!cf_name_known(v->pics_required, item) && !cf_name_known(v->pics_optional, item))
            code = cf_json_fault(doc, one->node, err, "%s/needs: no PICS item is called \"%s\"",
                                 path, item);
    }
    return code;
}

static enum cf_code sink_add(struct cf_case_sink *sink, struct cf_case *one, struct cf_err *err)
{
    if (sink->count == CF_CASES_MAX)
        return cf_err_set(err, CF_ELIMIT, "more than %d cases", CF_CASES_MAX);
    if (sink->count == sink->cap) {
        size_t cap = sink->cap ? sink->cap * 2 : 256;
        struct cf_case **items = realloc(sink->items, cap * sizeof(*items));
        if (!items)
            return cf_err_nomem(err);
        sink->items = items;
        sink->cap = cap;
    }
    sink->items[sink->count++] = one;
    return CF_OK;
}

/* One concrete case of node; row (owned from here) may be NULL. */
static enum cf_code add_case(const struct cf_requirement *r, const cJSON *node, cJSON *row,
                             const char *path, struct cf_casefile_context *context,
                             struct cf_case_sink *sink, struct cf_err *err)
{
    struct cf_case *one = calloc(1, sizeof(*one));
    if (!one) {
        cJSON_Delete(row);
        return cf_err_nomem(err);
    }
    one->requirement = r;
    one->node = node;
    one->row = row;
    one->steps = cf_json_get(node, "steps");
    one->line = cf_json_line(&r->doc, node);
    enum cf_code code = build_case(one, path, context, err);
    if (code == CF_OK) {
        code = sink_add(sink, one, err);
        if (code == CF_OK)
            return CF_OK;
    }
    cf_case_free(one);
    if (code != CF_ENOMEM && code != CF_ELIMIT && strstr(err->text, r->file) == NULL)
        (void)cf_err_prefix(err, "%s:%d: %s", r->file, cf_json_line(&r->doc, node), path);
    return code;
}

static enum cf_code check_case_form(const struct cf_requirement *r, const cJSON *node,
                                    const char *path, struct cf_casefile_context *context,
                                    struct cf_err *err)
{
    enum cf_code code = cf_shape_object(
        &r->doc, node, path, NAMES("id", "title", "steps"),
        NAMES("also", "control", "fixtures", "for_each", "and_each", "needs", "why"), err);
    char where[160];
    snprintf(where, sizeof(where), "%s/id", path);
    const cJSON *id = cf_json_get(node, "id");
    if (code == CF_OK)
        code = cf_shape_line(&r->doc, id, where, 200, err);
    if (code == CF_OK &&
        (strpbrk(id->valuestring, "[] *?,") || strncmp(id->valuestring, r->id, strlen(r->id)) != 0))
        code = cf_json_fault(&r->doc, id, err,
                             "%s: a case id starts with its requirement's (\"%s\") and holds no "
                             "brackets, commas, stars or spaces",
                             where, r->id);
    snprintf(where, sizeof(where), "%s/title", path);
    if (code == CF_OK)
        code = cf_shape_line(&r->doc, cf_json_get(node, "title"), where, TEXT_MAX_BYTES, err);
    snprintf(where, sizeof(where), "%s/steps", path);
    if (code == CF_OK)
        code = check_steps(&r->doc, cf_json_get(node, "steps"), where, context, err);
    return code;
}

static enum cf_code read_case(const struct cf_requirement *r, cJSON *node, const char *path,
                              struct cf_casefile_context *context, struct cf_case_sink *sink,
                              struct cf_err *err)
{
    cJSON *rows = NULL;
    enum cf_code code = write_out(&r->doc, node, path, context->language, err);
    if (code == CF_OK)
        code = check_case_form(r, node, path, context, err);
    if (code == CF_OK)
        code = cf_rows_of(&r->doc, node, path, context, &rows, err);
    if (code == CF_OK && !rows)
        return add_case(r, node, NULL, path, context, sink, err);
    while (code == CF_OK && rows->child) {
        cJSON *row = cJSON_DetachItemViaPointer(rows, rows->child);
        code = add_case(r, node, row, path, context, sink, err);
    }
    cJSON_Delete(rows);
    return code;
}

/* ---- one file ---- */

static enum cf_code read_head(struct cf_requirement *r, const char *suite, const char *stem,
                              struct cf_err *err)
{
    const cJSON *root = r->doc.root;
    char wanted[300];
    snprintf(wanted, sizeof(wanted), "%s.%s", suite, stem);
    enum cf_code code = join_long_texts(&r->doc, root, "", err);
    if (code == CF_OK)
        code = cf_shape_object(&r->doc, root, "",
                               NAMES("requirement", "level", "source", "statement", "cases"),
                               NAMES("why"), err);
    const cJSON *id = cf_json_get(root, "requirement");
    const cJSON *level = cf_json_get(root, "level");
    if (code == CF_OK)
        code = cf_shape_line(&r->doc, id, "/requirement", 200, err);
    if (code == CF_OK && strcmp(id->valuestring, wanted) != 0)
        code = cf_json_fault(&r->doc, id, err, "/requirement: \"%s\" in the file of \"%s\"",
                             id->valuestring, wanted);
    if (code == CF_OK)
        code = cf_shape_choice(&r->doc, level, "/level", NAMES("must", "should", "observe"), err);
    if (code == CF_OK)
        code = cf_shape_line(&r->doc, cf_json_get(root, "source"), "/source", TEXT_MAX_BYTES, err);
    if (code == CF_OK)
        code = cf_shape_line(&r->doc, cf_json_get(root, "statement"), "/statement", TEXT_MAX_BYTES,
                             err);
    if (code == CF_OK)
        code = cf_shape_type(&r->doc, cf_json_get(root, "cases"), "/cases", "array", err);
    if (code == CF_OK && !cf_json_get(root, "cases")->child)
        code = cf_json_fault(&r->doc, cf_json_get(root, "cases"), err,
                             "/cases: a requirement needs at least one case");
    if (code != CF_OK)
        return code;
    (void)cf_level_parse(level->valuestring, &r->level);
    r->source = cf_json_text(root, "source", "");
    r->statement = cf_json_text(root, "statement", "");
    r->id = strdup(wanted);
    r->suite = strdup(suite);
    return r->id && r->suite ? CF_OK : cf_err_nomem(err);
}

enum cf_code cf_casefile_read(struct cf_requirement **out, const char *suite, const char *stem,
                              const char *shown_name, const char *bytes, size_t len,
                              struct cf_casefile_context *context, struct cf_case_sink *sink,
                              struct cf_err *err)
{
    struct cf_requirement *r = calloc(1, sizeof(*r));
    *out = NULL;
    if (!r || !(r->file = strdup(shown_name))) {
        free(r);
        return cf_err_nomem(err);
    }
    enum cf_code code = cf_json_parse(&r->doc, shown_name, bytes, len, CF_JSON_FILE, err);
    if (code == CF_OK)
        code = split_lines(r, bytes, len, err);
    if (code == CF_OK)
        code = read_head(r, suite, stem, err);
    if (code == CF_ENOMEM || code == CF_EINPUT || code == CF_ELIMIT) {
        cf_requirement_free(r);
        if (code == CF_ENOMEM)
            return code;
        cf_casefile_problem(context, err);
        return CF_OK;
    }
    *out = r;
    int index = 0;
    cJSON *node;
    cJSON_ArrayForEach(node, cf_json_get(r->doc.root, "cases"))
    {
        char path[64];
        snprintf(path, sizeof(path), "/cases/%d", index++);
        code = read_case(r, node, path, context, sink, err);
        if (code == CF_ENOMEM || code == CF_ELIMIT)
            return code;
        if (code != CF_OK)
            cf_casefile_problem(context, err);
    }
    return CF_OK;
}
