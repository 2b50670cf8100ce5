#include "harness/case/written.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"
#include "harness/case/expand.h"
#include "harness/case/rows.h"
#include "harness/case/shape.h"

#include <stdlib.h>
#include <string.h>

struct cf_written cf_written_look_up(const struct cf_requirement *r, const cJSON *node,
                                     const char *path, const struct cf_intern *names)
{
    return (struct cf_written){.requirement = r,
                               .node = node,
                               .path = path,
                               .line = cf_json_line(&r->doc, node),
                               .id = cf_json_get(node, "id"),
                               .title = cf_json_get(node, "title"),
                               .also = cf_json_get(node, "also"),
                               .needs = cf_json_get(node, "needs"),
                               .fixtures = cf_json_get(node, "fixtures"),
                               .control = cf_json_get(node, "control"),
                               .shares = cf_json_get(node, "shares"),
                               .from = cf_json_get(node, "from"),
                               .within = cf_json_get(node, "within"),
                               .steps = cf_json_get(node, "steps"),
                               .names = names};
}

/* A JSON pointer for messages. */
struct pointer {
    char text[160];
};

static struct pointer below(const struct cf_written *w, const char *member)
{
    struct pointer out;
    cf_json_place_of_member(out.text, sizeof(out.text), w->path, member);
    return out;
}

/* ---- its form, whatever its rows say ---- */

static enum cf_code check_fixtures(const struct cf_written *w, struct cf_err *err)
{
    const struct cf_json_doc *doc = &w->requirement->doc;
    struct pointer where = below(w, "fixtures");
    size_t count = 0;
    if (!w->fixtures)
        return CF_OK;
    enum cf_code code = cf_shape_type(doc, w->fixtures, where.text, "object", err);
    for (const cJSON *role = w->fixtures->child; code == CF_OK && role; role = role->next) {
        if (count++ == CF_ROLES_MAX)
            return cf_json_fault(doc, role, err, "%s: more than %d fixtures", where.text,
                                 CF_ROLES_MAX);
        code = cf_shape_line(doc, role, where.text, 64, err);
    }
    return code;
}

static enum cf_code check_names(const struct cf_written *w, struct cf_err *err)
{
    const cJSON *const names[] = {w->control, w->shares, w->from, w->within};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i])
            code = cf_shape_line(&w->requirement->doc, names[i], below(w, names[i]->string).text,
                                 200, err);
    }
    return code;
}

enum cf_code cf_written_check(const struct cf_written *w, struct cf_err *err)
{
    const struct cf_json_doc *doc = &w->requirement->doc;
    enum cf_code code = CF_OK;
    if (w->also)
        code = cf_shape_lines(doc, w->also, below(w, "also").text, 0, err);
    if (code == CF_OK && w->needs)
        code = cf_shape_lines(doc, w->needs, below(w, "needs").text, 0, err);
    if (code == CF_OK)
        code = check_fixtures(w, err);
    return code == CF_OK ? check_names(w, err) : code;
}

/* ---- what a row makes of it ---- */

static const struct cf_fixture_kind *kind_named(const struct cf_vocabulary *vocabulary,
                                                const char *name)
{
    const struct cf_fixture_kind *kind = vocabulary->fixture_kinds;
    while (kind->name && strcmp(kind->name, name) != 0)
        kind++;
    return kind->name ? kind : NULL;
}

/* A text of the case with its row's values filled in. */
static enum cf_code expand_row_text(const char *text, const cJSON *row, char **out,
                                    struct cf_err *err)
{
    struct cf_buf buf = {0};
    if (!strchr(text, '$')) {
        *out = cf_strdup(text);
        return CF_OK;
    }
    enum cf_code code = cf_expand_text(text, cf_row_resolve, &row, &buf, err);
    if (code == CF_OK)
        *out = cf_buf_take(&buf, NULL);
    cf_buf_release(&buf);
    return code;
}

/* list may be NULL */
static enum cf_code read_texts(const cJSON *list, const cJSON *row, char ***out, size_t *out_count,
                               struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (!list)
        return CF_OK;
    *out = cf_alloc_array((size_t)cJSON_GetArraySize(list), sizeof(char *));
    for (const cJSON *item = list->child; code == CF_OK && item; item = item->next) {
        code = expand_row_text(item->valuestring, row, &(*out)[*out_count], err);
        *out_count += code == CF_OK;
    }
    return code;
}

static enum cf_code read_id_and_title(struct cf_case *one, const struct cf_written *from,
                                      const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    struct cf_buf id = {0};
    const char *row_id = cf_json_text(one->row, "id", NULL);
    (void)vocabulary;
    cf_buf_puts(&id, from->id->valuestring);
    if (row_id) {
        cf_buf_putc(&id, '[');
        cf_buf_puts(&id, row_id);
        cf_buf_putc(&id, ']');
    }
    one->id = cf_buf_take(&id, NULL);
    return expand_row_text(from->title->valuestring, one->row, &one->title, err);
}

static enum cf_code read_also(struct cf_case *one, const struct cf_written *from,
                              const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    (void)vocabulary;
    return read_texts(from->also, one->row, &one->also, &one->also_count, err);
}

static enum cf_code read_needs(struct cf_case *one, const struct cf_written *from,
                               const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    enum cf_code code =
        read_texts(from->needs, one->row, &one->needs_pics, &one->needs_pics_count, err);
    for (size_t i = 0; code == CF_OK && i < one->needs_pics_count; i++) {
        const char *item = one->needs_pics[i] + (one->needs_pics[i][0] == '!');
        if (!cf_name_known(vocabulary->pics_required, item) &&
            !cf_name_known(vocabulary->pics_optional, item))
            code = cf_json_fault(&from->requirement->doc, from->node, err,
                                 "%s/needs: no PICS item is called \"%s\"", from->path, item);
    }
    return code;
}

static enum cf_code read_role(struct cf_case *one, const cJSON *role, const struct cf_written *from,
                              const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    char *kind = NULL;
    enum cf_code code = expand_row_text(role->valuestring, one->row, &kind, err);
    if (code != CF_OK)
        return code;
    struct cf_role *to = &one->roles[one->role_count++];
    *to = (struct cf_role){.name = role->string, .kind = kind_named(vocabulary, kind)};
    if (!to->kind)
        code = cf_json_fault(&from->requirement->doc, role, err,
                             "%s: no kind of fixture is called \"%s\"",
                             below(from, "fixtures").text, kind);
    free(kind);
    return code;
}

static enum cf_code read_fixtures(struct cf_case *one, const struct cf_written *from,
                                  const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    const cJSON *role = from->fixtures ? from->fixtures->child : NULL;
    for (; code == CF_OK && role; role = role->next)
        code = read_role(one, role, from, vocabulary, err);
    return code;
}

/* What names another case, or a part of it; "" is none: a row may say so. */
static enum cf_code read_name(const cJSON *name, const cJSON *row, char **out, struct cf_err *err)
{
    enum cf_code code = name ? expand_row_text(name->valuestring, row, out, err) : CF_OK;
    if (*out && **out == '\0') {
        free(*out);
        *out = NULL;
    }
    return code;
}

static enum cf_code read_other_cases(struct cf_case *one, const struct cf_written *from,
                                     const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    (void)vocabulary;
    enum cf_code code = read_name(from->control, one->row, &one->control, err);
    if (code == CF_OK)
        code = read_name(from->shares, one->row, &one->shares, err);
    if (code == CF_OK)
        code = read_name(from->from, one->row, &one->from, err);
    char *within = NULL;
    if (code == CF_OK)
        code = read_name(from->within, one->row, &within, err);
    if (code != CF_OK || !within)
        return code;
    if (one->shares || one->from) {
        free(within);
        return cf_json_fault(&from->requirement->doc, from->within, err,
                             "%s: beside shares or from: one or the other",
                             below(from, "within").text);
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

static enum cf_code check_own_names(const struct cf_case *one, const struct cf_intern *names,
                                    struct cf_err *err)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i];
        if (cf_name_begins(name, "row.") && !cf_json_get(one->row, name + 4))
            return cf_err_set(err, CF_EINPUT, "${%s}: the row has no such member", name);
        if (cf_name_begins(name, "fixture.") && !has_role(one, name + 8))
            return cf_err_set(err, CF_EINPUT, "${%s}: the case has no such fixture", name);
    }
    return CF_OK;
}

enum cf_code cf_written_row(struct cf_case *out, const struct cf_written *from, const cJSON *row,
                            const struct cf_vocabulary *vocabulary, struct cf_err *err)
{
    typedef enum cf_code read_fn(struct cf_case *, const struct cf_written *,
                                 const struct cf_vocabulary *, struct cf_err *);
    static read_fn *const readers[] = {read_id_and_title, read_also, read_needs, read_fixtures,
                                       read_other_cases};
    enum cf_code code = CF_OK;
    *out = (struct cf_case){.requirement = from->requirement,
                            .node = from->node,
                            .steps = from->steps,
                            .row = row,
                            .line = from->line};
    for (size_t i = 0; code == CF_OK && i < sizeof(readers) / sizeof(readers[0]); i++)
        code = readers[i](out, from, vocabulary, err);
    return code == CF_OK ? check_own_names(out, from->names, err) : code;
}
