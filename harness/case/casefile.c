#include "harness/case/casefile.h"
#include "harness/base/mem.h"
#include "harness/case/long_text.h"
#include "harness/case/shape.h"
#include "harness/case/written.h"

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

/* One concrete case of it; row may be NULL. */
static enum cf_code add_case(const struct cf_written *from, const cJSON *row,
                             const struct cf_casefile_context *context, struct cf_case_list *list,
                             struct cf_err *err)
{
    const struct cf_requirement *r = from->requirement;
    if (list->count == CF_CASES_MAX)
        return cf_err_set(err, CF_ELIMIT, "more than %d cases", CF_CASES_MAX);
    struct cf_case *one = cf_alloc(sizeof(*one));
    enum cf_code code = cf_written_row(one, from, row, context->language->vocabulary, err);
    if (code == CF_OK) {
        list->items = cf_grow(list->items, list->count, &list->cap, sizeof(one));
        list->items[list->count++] = one;
        return CF_OK;
    }
    cf_case_free(one);
    if (code != CF_ELIMIT && strstr(err->text, r->file) == NULL)
        code = cf_err_prefix(err, "%s:%d: %s", r->file, from->line, from->path);
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

/* Whether the members are there and good, but for what cf_written_check() looks at. */
static enum cf_code check_case_form(const struct cf_requirement *r, const cJSON *node,
                                    const char *path, const struct cf_casefile_context *context,
                                    struct cf_intern *names, struct cf_err *err)
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
    const struct cf_step_form *of_step[CF_STEPS_MAX];
    code =
        cf_steps_check(&r->doc, steps, where.text, language->forms, language->engine, of_step, err);
    if (code != CF_OK)
        return code;
    return cf_names_check(&r->doc, steps, where.text, of_step, language->engine,
                          language->value_known, names, err);
}

static enum cf_code read_case(const struct cf_requirement *r, cJSON *node, const char *path,
                              const struct cf_casefile_context *context, struct cf_case_list *list,
                              struct cf_err *err)
{
    const cJSON *rows = NULL;
    struct cf_intern names = {0};
    enum cf_code code = write_out(&r->doc, node, path, context->language, err);
    if (code == CF_OK)
        code = check_case_form(r, node, path, context, &names, err);
    if (code == CF_OK)
        code = cf_rows_of(&rows, r->made_rows, &r->doc, node, path, &context->rows, err);
    struct cf_written written = cf_written_look_up(r, node, path, &names);
    if (code == CF_OK)
        code = cf_written_check(&written, err);
    if (code == CF_OK && !rows)
        code = add_case(&written, NULL, context, list, err);
    for (const cJSON *row = rows ? rows->child : NULL; code == CF_OK && row; row = row->next)
        code = add_case(&written, row, context, list, err);
    cf_intern_release(&names);
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
    r->made_rows = cJSON_CreateArray();
    if (read_head(r, suite, stem, bytes, len, err) != CF_OK) {
        cf_requirement_free(r);
        cf_casefile_problem(context, err);
        return CF_OK;
    }
    *out = r;
    return read_cases(r, context, list, err);
}
