#include "reference/detail.h"
#include "reference/rules.h"

#include <string.h>

/* ---- what bugs and liberties write instead ---- */

enum point { WHOLE, OPENING, ROWS, CLOSING, MSG, TYPE, FIRST_ONLY };

static const struct cf_ref_rule text_rows[] = {
    CF_REF_ROW(CF_REF_DEV_VALIDATION_DETAIL_TEXT, WHOLE,
               .text = "{\"detail\":\"The request is not valid\"}"),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_DETAIL_BY_FIELD, WHOLE,
               .text = "{\"detail\":{\"body\":\"The request is not valid\"}}"),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_DETAIL_RENAMED, OPENING, .text = "{\"errors\":["),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_DETAIL_EMPTY, ROWS, .text = ""),
    CF_REF_ROW(CF_REF_VAR_EXTRA_MEMBERS, CLOSING, .text = "],\"body\":null,\"count\":1}"),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_MSG_MISSING, MSG, .text = NULL),
    CF_REF_ROW(CF_REF_VAR_OTHER_WORDS, MSG, .text = "Dieser Wert ist ung\xc3\xbcltig."),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_TYPE_MISSING, TYPE, .text = NULL),
    CF_REF_ROW(CF_REF_VAR_OTHER_WORDS, TYPE, .text = "ung\xc3\xbcltig"),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_FIRST_ERROR_ONLY, FIRST_ONLY),
    CF_REF_ROW(CF_REF_VAR_FIRST_ERROR_ONLY, FIRST_ONLY),
};

static const struct cf_ref_rules text_rules = CF_REF_RULES(text_rows);

static const char *text(const struct cf_ref_detail *detail, enum point point, const char *usual)
{
    return cf_ref_rules_text(detail->on, &text_rules, (int)point, 0, usual);
}

/* ---- its life ---- */

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
static void add_branch(struct path *path, const struct cf_ref_detail *detail)
{
    (void)detail;
    if (path->count < 3 || path->count == CF_REF_LOC_MAX || !path->steps[1].name)
        return;
    bool gpus = strcmp(path->steps[1].name, "gpus") == 0;
    memmove(path->steps + 3, path->steps + 2, (path->count - 2) * sizeof(path->steps[0]));
    path->steps[2] = (struct cf_ref_loc){.name = gpus ? "GpuConfig" : "list[str]"};
    path->count++;
}

static void name_first_member(struct path *path, const struct cf_ref_detail *detail)
{
    if (path->count > 1 && detail->first_member)
        path->steps[1].name = detail->first_member;
}

static void keep_body(struct path *path, const struct cf_ref_detail *detail)
{
    (void)detail;
    path->count = 1;
}

static void keep_leaf(struct path *path, const struct cf_ref_detail *detail)
{
    (void)detail;
    if (path->count > 2)
        path_remove(path, 1, path->count - 2);
}

static void drop_indices(struct path *path, const struct cf_ref_detail *detail)
{
    (void)detail;
    for (size_t i = path->count; i-- > 1;) {
        if (!path->steps[i].name)
            path_remove(path, i, 1);
    }
}

static void drop_body(struct path *path, const struct cf_ref_detail *detail)
{
    (void)detail;
    path_remove(path, 0, 1);
}

static void name_json(struct path *path, const struct cf_ref_detail *detail)
{
    (void)detail;
    path->steps[0].name = "json";
}

/* How bugs and liberties tell a place, in the order in which they change it. */
static const struct {
    enum cf_ref_id id;
    void (*spoil)(struct path *path, const struct cf_ref_detail *detail);
} path_spoilings[] = {
    {CF_REF_VAR_LOC_UNDER_JSON, name_json},
    {CF_REF_VAR_LOC_BRANCH_TAGS_INSIDE, add_branch},
    {CF_REF_DEV_VALIDATION_LOC_FIRST_MEMBER, name_first_member},
    {CF_REF_DEV_VALIDATION_LOC_BODY_ONLY, keep_body},
    {CF_REF_DEV_VALIDATION_LOC_LEAF_ONLY, keep_leaf},
    {CF_REF_DEV_VALIDATION_LOC_WITHOUT_INDEX, drop_indices},
    {CF_REF_DEV_VALIDATION_LOC_WITHOUT_BODY, drop_body},
    {CF_REF_VAR_LOC_WITHOUT_BODY, drop_body},
};

static void path_spoil(struct path *path, const struct cf_ref_detail *detail)
{
    for (size_t i = 0; i < sizeof(path_spoilings) / sizeof(path_spoilings[0]); i++) {
        if (cf_ref_has(detail->on, path_spoilings[i].id))
            path_spoilings[i].spoil(path, detail);
    }
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
    struct cf_buf text = {0};
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

/* `,"name":"value"`; nothing where there is no value. */
static void put_member(const char *name, const char *value, struct cf_buf *out)
{
    if (!value)
        return;
    cf_buf_printf(out, ",\"%s\":", name);
    cf_json_put_text(out, value);
}

static void put_row(const struct cf_ref_detail *detail, const struct cf_ref_loc *loc,
                    const char *type, const char *message, const cJSON *input, struct cf_buf *out)
{
    cf_buf_puts(out, "{\"loc\":");
    put_loc(detail, loc, out);
    put_member("msg", text(detail, MSG, message), out);
    put_member("type", text(detail, TYPE, type), out);
    if (cf_ref_has(detail->on, CF_REF_VAR_DETAIL_EXTRA_MEMBERS))
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
    size_t before = detail->rows.len;
    detail->inside_gpus = detail->inside_gpus || is_inside_gpus(loc);
    if (detail->count > 0 && cf_ref_rule(detail->on, &text_rules, FIRST_ONLY, 0))
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
    const char *whole = text(detail, WHOLE, NULL);
    if (whole) {
        cf_buf_puts(out, whole);
        return;
    }
    cf_buf_puts(out, text(detail, OPENING, "{\"detail\":["));
    cf_buf_puts(out, text(detail, ROWS, cf_buf_text(&detail->rows)));
    if (detail->count > 0 && detail->rows.len == 0) /* not even one fitted */
        cf_buf_puts(out, "{\"loc\":[\"body\"],\"msg\":\"Invalid\",\"type\":\"value_error\"}");
    cf_buf_puts(out, text(detail, CLOSING, "]}"));
}
