#include "harness/case/casefile.h"
#include "harness/base/intern.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"
#include "harness/case/expand.h"
#include "harness/case/long_text.h"
#include "harness/case/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 1000 };

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A JSON pointer for messages. */
struct pointer {
    char text[160];
};

static struct pointer below(const char *path, const char *member)
{
    struct pointer out;
    cf_json_place_of_member(out.text, sizeof(out.text), path, member);
    return out;
}

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
    free(one->shares);
    free(one->from);
    free_texts(one->also, one->also_count);
    free_texts(one->needs_pics, one->needs_pics_count);
    for (size_t i = 0; i < one->role_count; i++)
        free(one->roles[i].name);
    cJSON_Delete(one->row);
    free(one);
}

/* ---- looking ---- */

const char *cf_case_requirement_id(const struct cf_case *one, size_t number)
{
    if (number == 0)
        return one->requirement->id;
    return number <= one->also_count ? one->also[number - 1] : NULL;
}

bool cf_case_checks(const struct cf_case *one, const char *requirement_id)
{
    const char *id;
    for (size_t i = 0; (id = cf_case_requirement_id(one, i)) != NULL; i++) {
        if (strcmp(id, requirement_id) == 0)
            return true;
    }
    return false;
}

/* ---- what is written in another form than it is used in ---- */

static enum cf_code join_long_texts(const struct cf_json_doc *doc, const cJSON *holder,
                                    const char *path, struct cf_err *err)
{
    static const char *const members[] = {"source", "statement", "title", "why"};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(members) / sizeof(members[0]); i++)
        code = cf_long_text_join(doc, holder, members[i], below(path, members[i]).text, err);
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

static const struct cf_fixture_kind *kind_named(const struct cf_vocabulary *vocabulary,
                                                const char *name)
{
    const struct cf_fixture_kind *kind = vocabulary->fixture_kinds;
    while (kind->name && strcmp(kind->name, name) != 0)
        kind++;
    return kind->name ? kind : NULL;
}

/* A text of the case with its row's values filled in. */
static enum cf_code expand_row_text(const char *text, cJSON *row, char **out, struct cf_err *err)
{
    struct cf_buf buf = {0};
    enum cf_code code = cf_expand_text(text, cf_row_resolve, row, &buf, err);
    if (code == CF_OK)
        *out = cf_buf_take(&buf, NULL);
    cf_buf_release(&buf);
    return code;
}

/* A member of the case that is a list of texts. */
static enum cf_code read_texts(const struct cf_case *one, const char *path, const char *member,
                               char ***out, size_t *out_count, struct cf_err *err)
{
    const cJSON *list = cf_json_get(one->node, member);
    if (!list)
        return CF_OK;
    enum cf_code code =
        cf_shape_lines(&one->requirement->doc, list, below(path, member).text, 0, err);
    if (code != CF_OK)
        return code;
    *out = cf_alloc_array((size_t)cJSON_GetArraySize(list), sizeof(char *));
    for (const cJSON *item = list->child; code == CF_OK && item; item = item->next) {
        code = expand_row_text(item->valuestring, one->row, &(*out)[*out_count], err);
        *out_count += code == CF_OK;
    }
    return code;
}

static enum cf_code read_id_and_title(struct cf_case *one, const char *path,
                                      const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    struct cf_buf id = {0};
    const char *row_id = cf_json_text(one->row, "id", NULL);
    (void)path, (void)vocabulary;
    cf_buf_puts(&id, cf_json_get(one->node, "id")->valuestring);
    if (row_id) {
        cf_buf_putc(&id, '[');
        cf_buf_puts(&id, row_id);
        cf_buf_putc(&id, ']');
    }
    one->id = cf_buf_take(&id, NULL);
    return expand_row_text(cf_json_get(one->node, "title")->valuestring, one->row, &one->title,
                           err);
}

static enum cf_code read_also(struct cf_case *one, const char *path,
                              const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    (void)vocabulary;
    return read_texts(one, path, "also", &one->also, &one->also_count, err);
}

static enum cf_code read_needs(struct cf_case *one, const char *path,
                               const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    enum cf_code code =
        read_texts(one, path, "needs", &one->needs_pics, &one->needs_pics_count, err);
    for (size_t i = 0; code == CF_OK && i < one->needs_pics_count; i++) {
        const char *item = one->needs_pics[i] + (one->needs_pics[i][0] == '!');
        if (!cf_name_known(vocabulary->pics_required, item) &&
            !cf_name_known(vocabulary->pics_optional, item))
            code = cf_json_fault(&one->requirement->doc, one->node, err,
                                 "%s/needs: no PICS item is called \"%s\"", path, item);
    }
    return code;
}

static enum cf_code read_role(struct cf_case *one, const cJSON *role, const char *path,
                              const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    const struct cf_json_doc *doc = &one->requirement->doc;
    char *kind = NULL;
    if (one->role_count == CF_ROLES_MAX)
        return cf_json_fault(doc, role, err, "%s: more than %d fixtures", path, CF_ROLES_MAX);
    enum cf_code code = cf_shape_line(doc, role, path, 64, err);
    if (code == CF_OK)
        code = expand_row_text(role->valuestring, one->row, &kind, err);
    if (code != CF_OK)
        return code;
    struct cf_role *to = &one->roles[one->role_count++];
    *to = (struct cf_role){.name = cf_strdup(role->string), .kind = kind_named(vocabulary, kind)};
    if (!to->kind)
        code = cf_json_fault(doc, role, err, "%s: no kind of fixture is called \"%s\"", path, kind);
    free(kind);
    return code;
}

static enum cf_code read_fixtures(struct cf_case *one, const char *path,
                                  const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    const cJSON *fixtures = cf_json_get(one->node, "fixtures");
    struct pointer where = below(path, "fixtures");
    if (!fixtures)
        return CF_OK;
    enum cf_code code = cf_shape_type(&one->requirement->doc, fixtures, where.text, "object", err);
    for (const cJSON *role = fixtures->child; code == CF_OK && role; role = role->next)
        code = read_role(one, role, where.text, vocabulary, err);
    return code;
}

/* A member that names another case, or a part of it; "" is none: a row may say so. */
static enum cf_code read_name(const struct cf_case *one, const char *member, const char *path,
                              char **out, struct cf_err *err)
{
    const cJSON *id = cf_json_get(one->node, member);
    if (!id)
        return CF_OK;
    enum cf_code code =
        cf_shape_line(&one->requirement->doc, id, below(path, member).text, 200, err);
    if (code == CF_OK)
        code = expand_row_text(id->valuestring, one->row, out, err);
    if (*out && **out == '\0') {
        free(*out);
        *out = NULL;
    }
    return code;
}

static enum cf_code read_other_cases(struct cf_case *one, const char *path,
                                     const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    (void)vocabulary;
    enum cf_code code = read_name(one, "control", path, &one->control, err);
    if (code == CF_OK)
        code = read_name(one, "shares", path, &one->shares, err);
    if (code == CF_OK)
        code = read_name(one, "from", path, &one->from, err);
    char *within = NULL;
    if (code == CF_OK)
        code = read_name(one, "within", path, &within, err);
    if (code != CF_OK || !within)
        return code;
    if (one->shares || one->from) {
        free(within);
        return cf_json_fault(&one->requirement->doc, cf_json_get(one->node, "within"), err,
                             "%s: beside shares or from: one or the other",
                             below(path, "within").text);
    }
    one->shares = within;
    one->is_within = true;
    return CF_OK;
}

static bool has_role(const struct cf_case *one, const char *name)
{
    for (size_t i = 0; i < one->role_count; i++) {
        if (strcmp(one->roles[i].name, name) == 0)
            return true;
    }
    return false;
}

/* A case as it is written, of which each row makes one. */
struct written {
    const struct cf_requirement *requirement;
    const cJSON *node;
    const char *path;
    struct cf_intern names; /* that its steps refer to and each of its cases itself stands for */
};

/* All others are checked before. */
static enum cf_code note_own_name(void *names, const cJSON *holder, const char *name,
                                  struct cf_err *err)
{
    (void)holder, (void)err;
    if (strncmp(name, "row.", 4) == 0 || (strncmp(name, "fixture.", 8) == 0 && !strstr(name, "${")))
        cf_intern_add(names, name);
    return CF_OK;
}

static enum cf_code check_own_names(const struct cf_case *one, const struct cf_intern *names,
                                    struct cf_err *err)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        if (strncmp(name, "row.", 4) == 0 && !cf_json_get(one->row, name + 4))
            return cf_err_set(err, CF_EINPUT, "${%s}: the row has no such member", name);
        if (strncmp(name, "fixture.", 8) == 0 && !has_role(one, name + 8))
            return cf_err_set(err, CF_EINPUT, "${%s}: the case has no such fixture", name);
    }
    return CF_OK;
}

static enum cf_code build_case(struct cf_case *one, const char *path,
                               const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    typedef enum cf_code read_fn(struct cf_case *, const char *, const struct cf_vocabulary *,
                                 struct cf_err *);
    static read_fn *const readers[] = {read_id_and_title, read_also, read_needs, read_fixtures,
                                       read_other_cases};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(readers) / sizeof(readers[0]); i++)
        code = readers[i](one, path, vocabulary, err);
    return code;
}

/* One concrete case of it; row (owned from here) may be NULL. */
static enum cf_code add_case(const struct written *from, cJSON *row,
                             const struct cf_casefile_context *context, struct cf_case_list *list,
                             struct cf_err *err)
{
    const struct cf_requirement *r = from->requirement;
    if (list->count == CF_CASES_MAX) {
        cJSON_Delete(row);
        return cf_err_set(err, CF_ELIMIT, "more than %d cases", CF_CASES_MAX);
    }
    struct cf_case *one = cf_alloc(sizeof(*one));
    *one = (struct cf_case){.requirement = r,
                            .node = from->node,
                            .steps = cf_json_get(from->node, "steps"),
                            .row = row,
                            .line = cf_json_line(&r->doc, from->node)};
    enum cf_code code = build_case(one, from->path, context->language->vocabulary, err);
    if (code == CF_OK)
        code = check_own_names(one, &from->names, err);
    if (code == CF_OK) {
        list->items = cf_grow(list->items, list->count, &list->cap, sizeof(one));
        list->items[list->count++] = one;
        return CF_OK;
    }
    cf_case_free(one);
    if (code != CF_ELIMIT && strstr(err->text, r->file) == NULL)
        code =
            cf_err_prefix(err, "%s:%d: %s", r->file, cf_json_line(&r->doc, from->node), from->path);
    return code;
}

static enum cf_code check_id(const struct cf_requirement *r, const cJSON *id, const char *path,
                             struct cf_err *err)
{
    enum cf_code code = cf_shape_line(&r->doc, id, path, 200, err);
    if (code != CF_OK)
        return code;
    if (strpbrk(id->valuestring, "[] *?,") || strncmp(id->valuestring, r->id, strlen(r->id)) != 0)
        return cf_json_fault(&r->doc, id, err,
                             "%s: a case id starts with its requirement's (\"%s\") and holds no "
                             "brackets, commas, stars or spaces",
                             path, r->id);
    return CF_OK;
}

static enum cf_code check_case_form(const struct cf_requirement *r, const cJSON *node,
                                    const char *path, const struct cf_casefile_context *context,
                                    struct cf_err *err)
{
    const struct cf_catalogue_language *language = context->language;
    enum cf_code code = cf_shape_object(&r->doc, node, path, NAMES("id", "title", "steps"),
                                        NAMES("also", "control", "shares", "from", "within",
                                              "fixtures", "for_each", "and_each", "needs", "why"),
                                        err);
    if (code != CF_OK)
        return code;
    code = check_id(r, cf_json_get(node, "id"), below(path, "id").text, err);
    if (code != CF_OK)
        return code;
    code = cf_shape_line(&r->doc, cf_json_get(node, "title"), below(path, "title").text,
                         TEXT_MAX_BYTES, err);
    if (code != CF_OK)
        return code;
    const cJSON *steps = cf_json_get(node, "steps");
    struct pointer where = below(path, "steps");
    code = cf_steps_check(&r->doc, steps, where.text, language->forms, language->engine, err);
    if (code != CF_OK)
        return code;
    return cf_names_check(&r->doc, steps, where.text, language->forms, language->engine,
                          language->value_known, err);
}

static enum cf_code read_case(const struct cf_requirement *r, cJSON *node, const char *path,
                              const struct cf_casefile_context *context, struct cf_case_list *list,
                              struct cf_err *err)
{
    cJSON *rows = NULL;
    enum cf_code code = write_out(&r->doc, node, path, context->language, err);
    if (code == CF_OK)
        code = check_case_form(r, node, path, context, err);
    if (code == CF_OK)
        code = cf_rows_of(&rows, &r->doc, node, path, &context->rows, err);
    struct written written = {.requirement = r, .node = node, .path = path};
    if (code == CF_OK)
        code = cf_expand_each_reference(cf_json_get(node, "steps"), note_own_name, &written.names,
                                        err);
    if (code == CF_OK && !rows)
        code = add_case(&written, NULL, context, list, err);
    while (code == CF_OK && rows && rows->child) {
        cJSON *row = cJSON_DetachItemViaPointer(rows, rows->child);
        code = add_case(&written, row, context, list, err);
    }
    cf_intern_release(&written.names);
    cJSON_Delete(rows);
    return code;
}

/* The cases of a requirement whose head is good. */
static enum cf_code read_cases(const struct cf_requirement *r, struct cf_casefile_context *context,
                               struct cf_case_list *list, struct cf_err *err)
{
    size_t index = 0;
    cJSON *node;
    cJSON_ArrayForEach(node, cf_json_get(r->doc.root, "cases"))
    {
        char path[64];
        cf_json_place_of_item(path, sizeof(path), "/cases", index++);
        enum cf_code code = read_case(r, node, path, context, list, err);
        if (code == CF_ELIMIT)
            return code;
        if (code != CF_OK)
            cf_casefile_problem(context, err);
    }
    return CF_OK;
}

/* ---- one file ---- */

static enum cf_code check_head(const struct cf_json_doc *doc, const char *wanted,
                               struct cf_err *err)
{
    static const char *const lines[] = {"requirement", "source", "statement"};
    const cJSON *root = doc->root;
    enum cf_code code = join_long_texts(doc, root, "", err);
    if (code == CF_OK)
        code = cf_shape_object(doc, root, "",
                               NAMES("requirement", "level", "source", "statement", "cases"),
                               NAMES("why", "$schema"), err);
    for (size_t i = 0; code == CF_OK && i < sizeof(lines) / sizeof(lines[0]); i++)
        code = cf_shape_line(doc, cf_json_get(root, lines[i]), below("", lines[i]).text,
                             TEXT_MAX_BYTES, err);
    if (code == CF_OK && cf_json_get(root, "$schema"))
        code = cf_shape_type(doc, cf_json_get(root, "$schema"), "/$schema", "string", err);
    if (code != CF_OK)
        return code;
    const cJSON *id = cf_json_get(root, "requirement");
    if (strcmp(id->valuestring, wanted) != 0)
        return cf_json_fault(doc, id, err, "/requirement: \"%s\" in the file of \"%s\"",
                             id->valuestring, wanted);
    code = cf_shape_choice(doc, cf_json_get(root, "level"), "/level",
                           NAMES("must", "should", "observe"), err);
    if (code != CF_OK)
        return code;
    const cJSON *cases = cf_json_get(root, "cases");
    code = cf_shape_type(doc, cases, "/cases", "array", err);
    if (code == CF_OK && !cases->child)
        code = cf_json_fault(doc, cases, err, "/cases: a requirement needs at least one case");
    return code;
}

static enum cf_code read_head(struct cf_requirement *r, const char *suite, const char *stem,
                              const char *bytes, size_t len, struct cf_err *err)
{
    char id[300];
    snprintf(id, sizeof(id), "%s.%s", suite, stem);
    enum cf_code code = cf_json_parse(&r->doc, r->file, bytes, len, CF_JSON_FILE, err);
    if (code == CF_OK)
        code = check_head(&r->doc, id, err);
    if (code != CF_OK)
        return code;
    cf_level_parse(cf_json_text(r->doc.root, "level", ""), &r->level);
    r->source = cf_json_text(r->doc.root, "source", "");
    r->statement = cf_json_text(r->doc.root, "statement", "");
    r->id = cf_strdup(id);
    r->suite = cf_strdup(suite);
    return CF_OK;
}

enum cf_code cf_casefile_read(struct cf_requirement **out, const char *suite, const char *stem,
                              const char *shown_name, const char *bytes, size_t len,
                              struct cf_casefile_context *context, struct cf_case_list *list,
                              struct cf_err *err)
{
    struct cf_requirement *r = cf_alloc(sizeof(*r));
    *out = NULL;
    r->file = cf_strdup(shown_name);
    if (read_head(r, suite, stem, bytes, len, err) != CF_OK) {
        cf_requirement_free(r);
        cf_casefile_problem(context, err);
        return CF_OK;
    }
    *out = r;
    return read_cases(r, context, list, err);
}
