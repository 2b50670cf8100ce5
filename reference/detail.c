#include "reference/detail.h"

#include <string.h>

void cf_ref_detail_init(struct cf_ref_detail *detail, const struct cf_ref_switches *on)
{
    *detail = (struct cf_ref_detail){.on = on};
    cf_buf_init(&detail->rows, CF_REF_DETAIL_MAX_BYTES);
}

void cf_ref_detail_release(struct cf_ref_detail *detail)
{
    if (detail)
        cf_buf_release(&detail->rows);
}

/* ---- places ---- */

/* The place from the outside in. Our validator goes no deeper than CF_REF_LOC_MAX. */
struct path {
    struct cf_ref_loc steps[CF_REF_LOC_MAX];
    size_t count;
};

static void path_init(struct path *path, const struct cf_ref_loc *loc)
{
    size_t depth = 0;
    for (const struct cf_ref_loc *at = loc; at && depth < CF_REF_LOC_MAX; at = at->parent)
        depth++;
    path->count = depth;
    for (; depth > 0; loc = loc->parent)
        path->steps[--depth] = *loc;
}

static void path_remove(struct path *path, size_t first, size_t count)
{
    memmove(path->steps + first, path->steps + first + count,
            (path->count - first - count) * sizeof(path->steps[0]));
    path->count -= count;
}

/* The branch of the union that a validator tried, between the field and what lies inside it. */
static void path_add_branch(struct path *path)
{
    if (path->count < 3 || path->count == CF_REF_LOC_MAX || !path->steps[1].name)
        return;
    bool gpus = strcmp(path->steps[1].name, "gpus") == 0;
    memmove(path->steps + 3, path->steps + 2, (path->count - 2) * sizeof(path->steps[0]));
    path->steps[2] = (struct cf_ref_loc){.name = gpus ? "GpuConfig" : "list[str]"};
    path->count++;
}

static void path_spoil(struct path *path, const struct cf_ref_detail *detail)
{
    const struct cf_ref_switches *on = detail->on;
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_LOC_FIRST_MEMBER) && path->count > 1 &&
        detail->first_member)
        path->steps[1].name = detail->first_member;
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_LOC_BODY_ONLY))
        path->count = 1;
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_LOC_LEAF_ONLY) && path->count > 2)
        path_remove(path, 1, path->count - 2);
    for (size_t i = path->count; i-- > 1;) {
        if (!path->steps[i].name && cf_ref_has(on, CF_REF_DEV_VALIDATION_LOC_WITHOUT_INDEX))
            path_remove(path, i, 1);
    }
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_LOC_WITHOUT_BODY) ||
        cf_ref_has(on, CF_REF_VAR_LOC_WITHOUT_BODY))
        path_remove(path, 0, 1);
}

static void put_step(const struct cf_ref_loc *step, bool quoted, struct cf_buf *out)
{
    if (!step->name)
        cf_buf_printf(out, "%zu", step->index);
    else if (quoted)
        cf_json_put_text(out, step->name);
    else
        cf_buf_puts(out, step->name);
}

static void put_dotted(const struct path *path, struct cf_buf *out)
{
    struct cf_buf text;
    cf_buf_init(&text, 1 << 16);
    for (size_t i = 0; i < path->count; i++) {
        if (i > 0)
            cf_buf_putc(&text, '.');
        put_step(&path->steps[i], false, &text);
    }
    cf_json_put_string(out, cf_buf_text(&text), text.len);
    cf_buf_release(&text);
}

static void put_loc(const struct cf_ref_detail *detail, const struct cf_ref_loc *loc,
                    struct cf_buf *out)
{
    struct path path = {0};
    path_init(&path, loc);
    if (cf_ref_has(detail->on, CF_REF_VAR_LOC_UNDER_JSON))
        path.steps[0].name = "json";
    if (cf_ref_has(detail->on, CF_REF_VAR_LOC_BRANCH_TAGS_INSIDE))
        path_add_branch(&path);
    path_spoil(&path, detail);
    if (cf_ref_has(detail->on, CF_REF_DEV_VALIDATION_LOC_TEXT)) {
        put_dotted(&path, out);
        return;
    }
    cf_buf_putc(out, '[');
    for (size_t i = 0; i < path.count; i++) {
        if (i > 0)
            cf_buf_putc(out, ',');
        put_step(&path.steps[i], true, out);
    }
    cf_buf_putc(out, ']');
}

/* ---- rows ---- */

/* What the newer frameworks add. The input is shown unless it is long. */
static void put_extra(const char *type, const cJSON *input, struct cf_buf *out)
{
    struct cf_buf shown;
    cf_buf_init(&shown, 1 << 16);
    cf_json_print(&shown, input);
    cf_buf_printf(out, ",\"input\":%s,\"ctx\":{\"error\":{}},\"url\":\"https://errors.example/%s\"",
                  shown.code == CF_OK ? cf_buf_text(&shown) : "null", type);
    cf_buf_release(&shown);
}

static void put_row(const struct cf_ref_detail *detail, const struct cf_ref_loc *loc,
                    const char *type, const char *message, const cJSON *input, struct cf_buf *out)
{
    const struct cf_ref_switches *on = detail->on;
    if (cf_ref_has(on, CF_REF_VAR_OTHER_WORDS)) {
        type = "ung\xc3\xbcltig";
        message = "Dieser Wert ist ung\xc3\xbcltig.";
    }
    cf_buf_puts(out, "{\"loc\":");
    put_loc(detail, loc, out);
    if (!cf_ref_has(on, CF_REF_DEV_VALIDATION_MSG_MISSING)) {
        cf_buf_puts(out, ",\"msg\":");
        cf_json_put_text(out, message);
    }
    if (!cf_ref_has(on, CF_REF_DEV_VALIDATION_TYPE_MISSING)) {
        cf_buf_puts(out, ",\"type\":");
        cf_json_put_text(out, type);
    }
    if (cf_ref_has(on, CF_REF_VAR_DETAIL_EXTRA_MEMBERS))
        put_extra(type, input, out);
    cf_buf_putc(out, '}');
}

/* Whether loc lies below the body's member gpus. */
static bool is_inside_gpus(const struct cf_ref_loc *loc)
{
    struct path path = {0};
    path_init(&path, loc);
    return path.count > 2 && path.steps[1].name && strcmp(path.steps[1].name, "gpus") == 0;
}

void cf_ref_detail_add(struct cf_ref_detail *detail, const struct cf_ref_loc *loc, const char *type,
                       const char *message, const cJSON *input)
{
    const struct cf_ref_switches *on = detail->on;
    size_t before = detail->rows.len;
    detail->inside_gpus = detail->inside_gpus || is_inside_gpus(loc);
    if (detail->count > 0 && (cf_ref_has(on, CF_REF_DEV_VALIDATION_FIRST_ERROR_ONLY) ||
                              cf_ref_has(on, CF_REF_VAR_FIRST_ERROR_ONLY)))
        return;
    if (detail->count > 0)
        cf_buf_putc(&detail->rows, ',');
    put_row(detail, loc, type, message, input, &detail->rows);
    detail->count++;
    if (detail->rows.code == CF_OK)
        return;
    /* Too long: back to the last whole row. */
    detail->rows.code = CF_OK;
    detail->rows.len = before;
    if (detail->rows.data)
        detail->rows.data[before] = '\0';
}

void cf_ref_detail_put(const struct cf_ref_detail *detail, struct cf_buf *out)
{
    const struct cf_ref_switches *on = detail->on;
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_DETAIL_TEXT)) {
        cf_buf_puts(out, "{\"detail\":\"The request is not valid\"}");
        return;
    }
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_DETAIL_BY_FIELD)) {
        cf_buf_puts(out, "{\"detail\":{\"body\":\"The request is not valid\"}}");
        return;
    }
    cf_buf_puts(out, cf_ref_has(on, CF_REF_DEV_VALIDATION_DETAIL_RENAMED) ? "{\"errors\":["
                                                                          : "{\"detail\":[");
    if (!cf_ref_has(on, CF_REF_DEV_VALIDATION_DETAIL_EMPTY))
        cf_buf_append(out, cf_buf_text(&detail->rows), detail->rows.len);
    if (detail->count > 0 && detail->rows.len == 0) /* not even one fitted */
        cf_buf_puts(out, "{\"loc\":[\"body\"],\"msg\":\"Invalid\",\"type\":\"value_error\"}");
    cf_buf_puts(out,
                cf_ref_has(on, CF_REF_VAR_EXTRA_MEMBERS) ? "],\"body\":null,\"count\":1}" : "]}");
}
