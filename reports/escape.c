#include "reports/escape.h"
#include "harness/base/utf8.h"

#include <string.h>

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

bool cf_report_escape_is_awkward(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe007f) || (c & 0xfffe) == 0xfffe;
}

/* The longest start of bytes within max_bytes that does not cut a character. */
static size_t fit(const char *bytes, size_t len, size_t max_bytes)
{
    if (max_bytes == 0 || len <= max_bytes)
        return len;
    size_t end = max_bytes;
    while (end > max_bytes - 4 && end > 0 && ((unsigned char)bytes[end] & 0xc0) == 0x80)
        end--;
    return end;
}

static void put_awkward(struct cf_buf *out, uint32_t c)
{
    if (c == '\n')
        cf_buf_puts(out, "\\n");
    else if (c == '\t')
        cf_buf_puts(out, "\\t");
    else if (c == '\r')
        cf_buf_puts(out, "\\r");
    else if (c < 0x80)
        cf_buf_printf(out, "\\x%02x", (unsigned)c);
    else
        cf_buf_printf(out, "\\u{%x}", (unsigned)c);
}

void cf_report_escape_terminal(struct cf_buf *out, const char *bytes, size_t len, size_t max_bytes)
{
    size_t end = fit(bytes, len, max_bytes);
    for (size_t i = 0; i < end;) {
        uint32_t c;
        size_t step = cf_utf8_next(bytes + i, end - i, &c);
        if (step == 0)
            cf_buf_printf(out, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
        else if (cf_report_escape_is_awkward(c))
            put_awkward(out, c);
        else
            cf_buf_append(out, bytes + i, step);
        i += step ? step : 1;
    }
    if (end < len)
        cf_buf_printf(out, "... (%zu bytes)", len);
}

static bool allowed_in_xml(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || c >= 0x10000;
}

static const char *xml_reference(uint32_t c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

static void put_xml(struct cf_buf *out, uint32_t c, bool attribute)
{
    bool space = c == '\r' || (attribute && (c == '\n' || c == '\t'));
    if (!allowed_in_xml(c))
        return;
    if (xml_reference(c))
        cf_buf_puts(out, xml_reference(c));
    else if (c >= 0x7f || space)
        cf_buf_printf(out, "&#%u;", (unsigned)c);
    else
        cf_buf_putc(out, (char)c);
}

void cf_report_escape_xml(struct cf_buf *out, const char *bytes, size_t len, bool attribute)
{
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t step = cf_utf8_next(bytes + i, len - i, &c);
        put_xml(out, step ? c : 0xfffd, attribute);
        i += step ? step : 1;
    }
}

void cf_report_escape_html(struct cf_buf *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t step = cf_utf8_next(bytes + i, len - i, &c);
        if (step == 0 || c == 0)
            cf_buf_puts(out, replacement);
        else if (c == '<')
            cf_buf_puts(out, "&lt;");
        else if (c == '>')
            cf_buf_puts(out, "&gt;");
        else if (c == '&')
            cf_buf_puts(out, "&amp;");
        else if (c == '"')
            cf_buf_puts(out, "&quot;");
        else if (c == '\'')
            cf_buf_puts(out, "&#39;");
        else
            cf_buf_append(out, bytes + i, step);
        i += step ? step : 1;
    }
}

/* ---- shell words ---- */

static bool is_bare(const char *bytes, size_t len)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_@%+=:,./-";
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\0' || !strchr(safe, bytes[i]))
            return false;
    }
    return len > 0;
}

static bool has_awkward(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t step = cf_utf8_next(bytes + i, len - i, &c);
        if (step == 0 || cf_report_escape_is_awkward(c))
            return true;
        i += step;
    }
    return false;
}

static void put_octal(struct cf_buf *out, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        cf_buf_printf(out, "\\%03o", (unsigned)(unsigned char)bytes[i]);
}

static void put_dollar_quoted(struct cf_buf *out, const char *bytes, size_t len)
{
    cf_buf_puts(out, "$'");
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t step = cf_utf8_next(bytes + i, len - i, &c);
        if (c == '\n')
            cf_buf_puts(out, "\\n");
        else if (c == '\'' || c == '\\')
            cf_buf_printf(out, "\\%c", (int)c);
        else if (step == 0 || cf_report_escape_is_awkward(c))
            put_octal(out, bytes + i, step ? step : 1);
        else
            cf_buf_append(out, bytes + i, step);
        i += step ? step : 1;
    }
    cf_buf_putc(out, '\'');
}

void cf_report_escape_shell(struct cf_buf *out, const char *bytes, size_t len)
{
    if (is_bare(bytes, len)) {
        cf_buf_append(out, bytes, len);
        return;
    }
    if (has_awkward(bytes, len)) {
        put_dollar_quoted(out, bytes, len);
        return;
    }
    cf_buf_putc(out, '\'');
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\'')
            cf_buf_puts(out, "'\\''");
        else
            cf_buf_putc(out, bytes[i]);
    }
    cf_buf_putc(out, '\'');
}
