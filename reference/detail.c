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

static void put_loc(const struct cf_ref_detail *detail, const struct cf_ref_loc *loc,
                    struct cf_buf *out)
{
    const struct cf_ref_switches *on = detail->on;
    bool outermost = !loc->parent;
    if (!outermost)
        put_loc(detail, loc->parent, out);
    if (outermost && cf_deviates(on, CF_DEV_VALIDATION_LOC_WITHOUT_BODY))
        return;
    if (out->len > 0 && out->data[out->len - 1] != '[')
        cf_buf_putc(out, ',');
    if (loc->name)
        cf_json_put_text(out, loc->name);
    else
        cf_buf_printf(out, "%zu", loc->index);
}

static void put_row(const struct cf_ref_detail *detail, const struct cf_ref_loc *loc,
                    const char *type, const char *message, const cJSON *input, struct cf_buf *out)
{
    cf_buf_puts(out, "{\"type\":");
    cf_json_put_text(out, type);
    cf_buf_puts(out, ",\"loc\":[");
    put_loc(detail, loc, out);
    cf_buf_puts(out, "],\"msg\":");
    cf_json_put_text(out, message);
    if (cf_varies(detail->on, CF_VAR_DETAIL_EXTRA_MEMBERS)) {
        cf_buf_puts(out, ",\"input\":");
        cf_json_print(out, input);
        cf_buf_puts(out, ",\"ctx\":{\"error\":{}},\"url\":\"https://errors.example/v/");
        cf_buf_puts(out, type);
        cf_buf_putc(out, '"');
    }
    cf_buf_putc(out, '}');
}

void cf_ref_detail_add(struct cf_ref_detail *detail, const struct cf_ref_loc *loc, const char *type,
                       const char *message, const cJSON *input)
{
    size_t before = detail->rows.len;
    if (detail->count > 0)
        cf_buf_putc(&detail->rows, ',');
    put_row(detail, loc, type, message, input, &detail->rows);
    detail->count++;
    if (detail->rows.code == CF_OK)
        return;
    /* Too long: back to the last whole row. */
    cf_buf_reset(&detail->rows);
    detail->rows.len = before;
    if (detail->rows.data)
        detail->rows.data[before] = '\0';
}

void cf_ref_detail_put(const struct cf_ref_detail *detail, struct cf_buf *out)
{
    cf_buf_puts(out, "{\"detail\":[");
    cf_buf_append(out, cf_buf_text(&detail->rows), detail->rows.len);
    cf_buf_puts(out, "]}");
}
