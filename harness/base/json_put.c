#include "harness/base/json_put.h"

#include <math.h>
#include <string.h>

void cf_json_put_comma(struct cf_buf *out)
{
    char last = out->len > 0 ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[' && last != ':' && last != '\n' && last != '\0')
        cf_buf_putc(out, ',');
}

void cf_json_put_key(struct cf_buf *out, const char *key)
{
    cf_json_put_comma(out);
    cf_buf_putc(out, '"');
    cf_buf_puts(out, key);
    cf_buf_puts(out, "\":");
}

void cf_json_put_text_member(struct cf_buf *out, const char *key, const char *text)
{
    cf_json_put_key(out, key);
    if (text)
        cf_json_put_text(out, text);
    else
        cf_buf_puts(out, "null");
}

void cf_json_put_bool_member(struct cf_buf *out, const char *key, bool value)
{
    cf_json_put_key(out, key);
    cf_buf_puts(out, value ? "true" : "false");
}

void cf_json_put_count_member(struct cf_buf *out, const char *key, unsigned long long value)
{
    cf_json_put_key(out, key);
    cf_buf_put_count(out, value, 1);
}

void cf_json_put_int_member(struct cf_buf *out, const char *key, long long value)
{
    cf_json_put_key(out, key);
    if (value < 0)
        cf_buf_putc(out, '-');
    cf_buf_put_count(out, value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value, 1);
}

void cf_json_put_ms_member(struct cf_buf *out, const char *key, double ms)
{
    enum { YEAR_MS_LOG2 = 35 };
    double us = !signbit(ms) && ms < 1ULL << YEAR_MS_LOG2 ? round(ms * 1000) : -1;
    cf_json_put_key(out, key);
    if (us < 0 || us / 1000 != ms) { /* not of whole microseconds, as nearly all are */
        cf_buf_printf(out, "%.3f", isfinite(ms) ? ms : 0.0);
        return;
    }
    cf_buf_put_count(out, (unsigned long long)us / 1000, 1);
    cf_buf_putc(out, '.');
    cf_buf_put_count(out, (unsigned long long)us % 1000, 3);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Where the string ends that begins before at: after its quote, or at the end of the text. */
static size_t string_end(const char *bytes, size_t len, size_t at)
{
    for (;;) {
        const char *quote = memchr(bytes + at, '"', len - at);
        if (!quote)
            return len;
        size_t end = (size_t)(quote - bytes);
        size_t before = end;
        while (before > at && bytes[before - 1] == '\\')
            before--;
        at = end + 1;
        if ((end - before) % 2 == 0)
            return at;
    }
}

void cf_json_put_compact(struct cf_buf *out, const char *bytes, size_t len)
{
    size_t plain = 0;
    for (size_t i = 0; i < len;) {
        if (bytes[i] == '"') {
            i = string_end(bytes, len, i + 1);
        } else if (is_space(bytes[i])) {
            cf_buf_append(out, bytes + plain, i - plain);
            plain = ++i;
        } else {
            i++;
        }
    }
    cf_buf_append(out, bytes + plain, len - plain);
}

static enum cf_code note_depth(void *context, const char *bytes, const struct cf_json_value *value)
{
    (void)bytes;
    int *deepest = context;
    if (value->depth > *deepest)
        *deepest = value->depth;
    return CF_OK;
}

void cf_json_put_foreign(struct cf_buf *out, const char *text, int depth_max)
{
    int deepest = 0;
    if (!text)
        cf_buf_puts(out, "null");
    else if (cf_json_scan("", text, strlen(text), 0, note_depth, &deepest, NULL) == CF_OK &&
             deepest <= depth_max)
        cf_json_put_compact(out, text, strlen(text));
    else
        cf_json_put_text(out, text);
}
