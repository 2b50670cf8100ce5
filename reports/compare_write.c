#include "harness/base/json_put.h"
#include "reports/compare.h"
#include "reports/escape.h"
#include "reports/markdown.h"
#include "reports/report_file.h"

#include <string.h>

enum { VALUE_MAX_BYTES = 400, RESERVE_BYTES = 1000 };

static const char *const headings[CF_REPORT_CHANGE_COUNT] = {
    "Newly failing", "Fixed",    "Still failing",    "Unstable",
    "Vanished",      "Appeared", "Changed otherwise"};

/* The one line that says it all. */
static void put_counts(struct cf_buf *out, const struct cf_report_comparison *comparison)
{
    const size_t *n = comparison->counts;
    cf_buf_printf(out,
                  "%zu newly failing, %zu fixed, %zu still failing, %zu unstable, %zu vanished, "
                  "%zu appeared, %zu changed otherwise; %zu checks lost",
                  n[CF_REPORT_NEWLY_FAILING], n[CF_REPORT_FIXED], n[CF_REPORT_STILL_FAILING],
                  comparison->unstable, n[CF_REPORT_VANISHED], n[CF_REPORT_APPEARED],
                  n[CF_REPORT_CHANGED], comparison->lost_count);
}

static const char *const different[] = {"the suite's version or catalogue differs",
                                        "the implementation's name, version or URL differs",
                                        "the profile differs"};

static bool differs(const struct cf_report_comparison *comparison, size_t what)
{
    return what == 0   ? !comparison->same_suite
           : what == 1 ? !comparison->same_iut
                       : !comparison->same_profile;
}

static const char *verdict_or(bool there, enum cf_verdict verdict)
{
    return there ? cf_verdict_name(verdict) : "absent";
}

/* ---- text ---- */

static void put_text_item(struct cf_buf *out, const struct cf_report_compared *item)
{
    cf_buf_puts(out, "  ");
    cf_report_escape_terminal(out, item->id, strlen(item->id), VALUE_MAX_BYTES);
    cf_buf_printf(out, " (%s): %s -> %s%s\n", cf_level_name(item->level),
                  verdict_or(item->in_old, item->old_verdict),
                  verdict_or(item->in_new, item->new_verdict), item->unstable ? ", unstable" : "");
}

static void put_text(const struct cf_report_comparison *comparison, struct cf_report_file *file)
{
    put_counts(&file->out, comparison);
    cf_buf_putc(&file->out, '\n');
    for (size_t i = 0; i < 3; i++) {
        if (differs(comparison, i))
            cf_buf_printf(&file->out, "note: %s\n", different[i]);
    }
    for (size_t i = 0; i < comparison->count; i++) {
        const struct cf_report_compared *item = &comparison->items[i];
        if (i == 0 || item->change != comparison->items[i - 1].change)
            cf_buf_printf(&file->out, "\n%s\n", headings[item->change]);
        put_text_item(&file->out, item);
        cf_report_file_pump(file);
    }
    if (comparison->lost_count > 0)
        cf_buf_puts(&file->out, "\nNo longer checked\n");
    for (size_t i = 0; i < comparison->lost_count; i++) {
        const struct cf_report_lost *lost = &comparison->lost[i];
        cf_buf_puts(&file->out, "  ");
        cf_report_escape_terminal(&file->out, lost->id, strlen(lost->id), VALUE_MAX_BYTES);
        cf_buf_puts(&file->out, ": ");
        cf_report_escape_terminal(&file->out, lost->what, strlen(lost->what), VALUE_MAX_BYTES);
        cf_buf_putc(&file->out, '\n');
        cf_report_file_pump(file);
    }
}

enum cf_code cf_report_compare_write_text(const struct cf_report_comparison *comparison,
                                          const char *path, struct cf_err *err)
{
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    put_text(comparison, &file);
    return cf_report_file_close(&file, CF_OK, err);
}

/* ---- JSON ---- */

static void put_json_item(struct cf_buf *out, const struct cf_report_compared *item)
{
    cf_buf_putc(out, '{');
    cf_json_put_text_member(out, "id", item->id);
    cf_json_put_text_member(out, "change", cf_report_change_name(item->change));
    cf_json_put_text_member(out, "level", cf_level_name(item->level));
    cf_json_put_text_member(out, "old", item->in_old ? cf_verdict_name(item->old_verdict) : NULL);
    cf_json_put_text_member(out, "new", item->in_new ? cf_verdict_name(item->new_verdict) : NULL);
    cf_json_put_bool_member(out, "unstable", item->unstable);
    cf_buf_putc(out, '}');
}

static void put_json_head(struct cf_buf *out, const struct cf_report_comparison *comparison)
{
    cf_buf_puts(out, "{\"format\":\"cvm-conformance-comparison\",\"version\":1");
    cf_json_put_bool_member(out, "worse", comparison->worse);
    cf_json_put_bool_member(out, "same_suite", comparison->same_suite);
    cf_json_put_bool_member(out, "same_iut", comparison->same_iut);
    cf_json_put_bool_member(out, "same_profile", comparison->same_profile);
    cf_json_put_key(out, "counts");
    cf_buf_putc(out, '{');
    for (int change = 0; change < CF_REPORT_CHANGE_COUNT; change++)
        cf_json_put_count_member(out, cf_report_change_name((enum cf_report_change)change),
                                 change == CF_REPORT_UNSTABLE ? comparison->unstable
                                                              : comparison->counts[change]);
    cf_json_put_count_member(out, "lost", comparison->lost_count);
    cf_buf_putc(out, '}');
}

static void put_json(const struct cf_report_comparison *comparison, struct cf_report_file *file)
{
    put_json_head(&file->out, comparison);
    cf_buf_puts(&file->out, ",\n\"cases\":[");
    for (size_t i = 0; i < comparison->count; i++) {
        cf_buf_puts(&file->out, i ? ",\n  " : "\n  ");
        put_json_item(&file->out, &comparison->items[i]);
        cf_report_file_pump(file);
    }
    cf_buf_puts(&file->out, "],\n\"lost\":[");
    for (size_t i = 0; i < comparison->lost_count; i++) {
        cf_buf_puts(&file->out, i ? ",\n  {" : "\n  {");
        cf_json_put_text_member(&file->out, "id", comparison->lost[i].id);
        cf_json_put_text_member(&file->out, "what", comparison->lost[i].what);
        cf_buf_putc(&file->out, '}');
        cf_report_file_pump(file);
    }
    cf_buf_puts(&file->out, "]}\n");
}

enum cf_code cf_report_compare_write_json(const struct cf_report_comparison *comparison,
                                          const char *path, struct cf_err *err)
{
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    put_json(comparison, &file);
    return cf_report_file_close(&file, CF_OK, err);
}

/* ---- Markdown ---- */

static bool fits(const struct cf_buf *out, const struct cf_buf *piece)
{
    return out->len + piece->len + RESERVE_BYTES <= CF_REPORT_MARKDOWN_MAX_BYTES;
}

static void put_markdown_item(struct cf_buf *piece, const struct cf_report_compared *item)
{
    cf_buf_puts(piece, "- ");
    cf_report_markdown_put_code(piece, item->id, VALUE_MAX_BYTES);
    cf_buf_printf(piece, " (%s): %s → %s%s\n", cf_level_name(item->level),
                  verdict_or(item->in_old, item->old_verdict),
                  verdict_or(item->in_new, item->new_verdict), item->unstable ? ", unstable" : "");
}

/* Items as far as they fit; returns how many did not. */
static size_t put_markdown_items(struct cf_buf *out, const struct cf_report_comparison *comparison)
{
    struct cf_buf piece = {0};
    size_t i = 0;
    for (; i < comparison->count; i++) {
        const struct cf_report_compared *item = &comparison->items[i];
        cf_buf_reset(&piece);
        if (i == 0 || item->change != comparison->items[i - 1].change)
            cf_buf_printf(&piece, "\n### %s\n\n", headings[item->change]);
        put_markdown_item(&piece, item);
        if (!fits(out, &piece))
            break;
        cf_buf_append(out, piece.data, piece.len);
    }
    cf_buf_release(&piece);
    return comparison->count - i;
}

static size_t put_markdown_lost(struct cf_buf *out, const struct cf_report_comparison *comparison)
{
    struct cf_buf piece = {0};
    size_t i = 0;
    for (; i < comparison->lost_count; i++) {
        cf_buf_reset(&piece);
        cf_buf_puts(&piece, i ? "- " : "\n### No longer checked\n\n- ");
        cf_report_markdown_put_code(&piece, comparison->lost[i].id, VALUE_MAX_BYTES);
        cf_buf_puts(&piece, ": ");
        cf_report_markdown_put_code(&piece, comparison->lost[i].what, VALUE_MAX_BYTES);
        cf_buf_putc(&piece, '\n');
        if (!fits(out, &piece))
            break;
        cf_buf_append(out, piece.data, piece.len);
    }
    cf_buf_release(&piece);
    return comparison->lost_count - i;
}

static void put_markdown(const struct cf_report_comparison *comparison, struct cf_buf *out)
{
    cf_buf_puts(out, "**");
    put_counts(out, comparison);
    cf_buf_puts(out, "**\n");
    for (size_t i = 0; i < 3; i++) {
        if (differs(comparison, i))
            cf_buf_printf(out, "\nNote: %s.\n", different[i]);
    }
    size_t rest = put_markdown_items(out, comparison);
    if (rest == 0)
        rest = put_markdown_lost(out, comparison);
    if (rest > 0)
        cf_buf_printf(out, "\n%zu more not shown here.\n", rest);
}

enum cf_code cf_report_compare_write_markdown(const struct cf_report_comparison *comparison,
                                              const char *path, struct cf_err *err)
{
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    put_markdown(comparison, &file.out);
    return cf_report_file_close(&file, CF_OK, err);
}
