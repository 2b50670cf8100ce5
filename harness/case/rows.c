#include "harness/case/rows.h"
#include "harness/base/mem.h"
#include "harness/case/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROW_ID_MAX_BYTES = 120 };

/* The array, handed over to made. */
static const cJSON *keep(cJSON *rows, cJSON *made)
{
    cJSON_AddItemToArray(made, rows);
    return rows;
}

static const cJSON *generated_rows(const struct cf_row_sources *sources, const char *name,
                                   cJSON *made)
{
    const struct cf_row_generator *g = sources->generators;
    for (; g && g->name; g++) {
        if (strcmp(g->name, name) == 0)
            return keep(g->make(), made);
    }
    return NULL;
}

/* The list behind a for_each member. */
static enum cf_code list_of(const cJSON **out, cJSON *made, const struct cf_json_doc *doc,
                            const cJSON *node, const char *path,
                            const struct cf_row_sources *sources, struct cf_err *err)
{
    if (cJSON_IsArray(node)) {
        *out = node;
        return CF_OK;
    }
    const char *const members[] = {"rows", "generate", NULL};
    enum cf_code code = cf_shape_object(doc, node, path, NULL, members, err);
    if (code != CF_OK)
        return code;
    const cJSON *source = node->child;
    if (!source || source->next || !cJSON_IsString(source))
        return cf_json_fault(doc, node, err, "%s: wants an array of rows, or one of rows, generate",
                             path);
    *out = strcmp(source->string, "generate") == 0
               ? generated_rows(sources, source->valuestring, made)
               : sources->shared(sources->shared_context, source->valuestring);
    return *out ? CF_OK
                : cf_json_fault(doc, source, err, "%s: no rows are called \"%s\"", path,
                                source->valuestring);
}

static bool occurs(const char *id, const char *const *ids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], id) == 0)
            return true;
    }
    return false;
}

static enum cf_code check_ids(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                              const char *const *ids, size_t count, struct cf_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const char *id = ids[i];
        if (*id == '\0' || strlen(id) > ROW_ID_MAX_BYTES || strpbrk(id, "[]\"\n"))
            return cf_json_fault(doc, node, err,
                                 "%s/%zu: a row is an object whose \"id\" is a short text without "
                                 "brackets",
                                 path, i);
        if (occurs(id, ids + i + 1, count - i - 1))
            return cf_json_fault(doc, node, err, "%s: row \"%s\" occurs twice", path, id);
    }
    return CF_OK;
}

static enum cf_code check_rows(const struct cf_json_doc *doc, const cJSON *node, const char *path,
                               const cJSON *rows, struct cf_err *err)
{
    size_t count = 0;
    const cJSON *row;
    const char **ids = cf_alloc_array((size_t)cJSON_GetArraySize(rows), sizeof(*ids));
    cJSON_ArrayForEach(row, rows) ids[count++] = cf_json_text(row, "id", "");
    enum cf_code code = count == 0 ? cf_json_fault(doc, node, err, "%s: no rows", path)
                                   : check_ids(doc, node, path, ids, count, err);
    free(ids);
    return code;
}

static enum cf_code rows_of_member(const cJSON **out, cJSON *made, const struct cf_json_doc *doc,
                                   const cJSON *node, const char *path,
                                   const struct cf_row_sources *sources, struct cf_err *err)
{
    enum cf_code code = list_of(out, made, doc, node, path, sources, err);
    return code == CF_OK ? check_rows(doc, node, path, *out, err) : code;
}

/* left with every member of right added, and the ids joined by a comma. */
static cJSON *join_rows(const cJSON *left, const cJSON *right)
{
    char id[2 * ROW_ID_MAX_BYTES + 2];
    cJSON *row = cJSON_Duplicate(left, 1);
    snprintf(id, sizeof(id), "%s,%s", cf_json_text(left, "id", ""), cf_json_text(right, "id", ""));
    cJSON_DeleteItemFromObjectCaseSensitive(row, "id");
    const cJSON *member;
    cJSON_ArrayForEach(member, right)
    {
        if (strcmp(member->string, "id") != 0)
            cJSON_AddItemToObject(row, member->string, cJSON_Duplicate(member, 1));
    }
    cJSON_AddStringToObject(row, "id", id);
    return row;
}

static cJSON *multiply(const cJSON *lefts, const cJSON *rights)
{
    cJSON *all = cJSON_CreateArray();
    const cJSON *left;
    const cJSON *right;
    cJSON_ArrayForEach(left, lefts)
    {
        cJSON_ArrayForEach(right, rights)
        {
            cJSON_AddItemToArray(all, join_rows(left, right));
        }
    }
    return all;
}

enum cf_code cf_rows_of(const cJSON **out, cJSON *made, const struct cf_json_doc *doc,
                        const cJSON *node, const char *path, const struct cf_row_sources *sources,
                        struct cf_err *err)
{
    const cJSON *first = cf_json_get(node, "for_each");
    const cJSON *second = cf_json_get(node, "and_each");
    const cJSON *rights = NULL;
    char where[160];
    *out = NULL;
    if (!first && second)
        return cf_json_fault(doc, second, err, "%s/and_each: goes with for_each", path);
    if (!first)
        return CF_OK;
    cf_json_place_of_member(where, sizeof(where), path, "for_each");
    enum cf_code code = rows_of_member(out, made, doc, first, where, sources, err);
    if (code != CF_OK || !second)
        return code;
    cf_json_place_of_member(where, sizeof(where), path, "and_each");
    code = rows_of_member(&rights, made, doc, second, where, sources, err);
    if (code == CF_OK)
        *out = keep(multiply(*out, rights), made);
    return code;
}

enum cf_code cf_row_resolve(void *context, const char *name, cJSON **out_value, struct cf_err *err)
{
    const cJSON *const *row = context;
    if (strncmp(name, "row.", 4) != 0) {
        char text[300];
        snprintf(text, sizeof(text), "${%s}", name);
        *out_value = cJSON_CreateString(text);
        return CF_OK;
    }
    const cJSON *value = cf_json_get(*row, name + 4);
    if (!value)
        return cf_err_set(err, CF_ENOTFOUND, "the row has no member \"%s\"", name + 4);
    *out_value = cJSON_Duplicate(value, 1);
    return CF_OK;
}
