#include "harness/base/json_scan.h"
#include "harness/base/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct scan {
    const char *name;
    const char *bytes;
    size_t len;
    size_t at;
    int flags;
    int depth;
    cf_json_value_fn *visit;
    cf_json_value_fn *begin;
    void *context;
    bool unspeakable; /* an escape of NUL or of half a pair was met */
    struct cf_err *err;
};

/* Line and column, from 1, of a byte offset. */
static void locate(const char *bytes, size_t offset, int *out_line, int *out_column)
{
    int line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i < offset; i++) {
        if (bytes[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    *out_line = line;
    *out_column = (int)(offset - line_start) + 1;
}

static enum cf_code fault(struct scan *s, enum cf_code code, const char *fmt, ...) CF_PRINTF(3, 4);
static enum cf_code fault(struct scan *s, enum cf_code code, const char *fmt, ...)
{
    int line;
    int column;
    char what[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(what, sizeof(what), fmt, args);
    va_end(args);
    locate(s->bytes, s->at, &line, &column);
    return cf_err_set(s->err, code, "%s:%d:%d: %s", s->name, line, column, what);
}

static int peek(const struct scan *s)
{
    return s->at < s->len ? (unsigned char)s->bytes[s->at] : -1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_space(struct scan *s)
{
    while (s->at < s->len && is_space(s->bytes[s->at]))
        s->at++;
}

static enum cf_code unexpected(struct scan *s, const char *wanted)
{
    int c = peek(s);
    if (c < 0)
        return fault(s, CF_EINPUT, "text ends where %s should be", wanted);
    if (c < 0x21 || c > 0x7e)
        return fault(s, CF_EINPUT, "byte 0x%02x where %s should be", (unsigned)c, wanted);
    return fault(s, CF_EINPUT, "'%c' where %s should be", c, wanted);
}

static size_t digits(struct scan *s)
{
    size_t n = 0;
    for (; peek(s) >= '0' && peek(s) <= '9'; n++)
        s->at++;
    return n;
}

static enum cf_code scan_number(struct scan *s)
{
    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0')
        s->at++;
    else if (digits(s) == 0)
        return unexpected(s, "a digit");
    if (peek(s) >= '0' && peek(s) <= '9')
        return fault(s, CF_EINPUT, "a number must not start with 0");
    if (peek(s) == '.') {
        s->at++;
        if (digits(s) == 0)
            return unexpected(s, "a digit");
    }
    if (peek(s) == 'e' || peek(s) == 'E') {
        s->at++;
        if (peek(s) == '+' || peek(s) == '-')
            s->at++;
        if (digits(s) == 0)
            return unexpected(s, "a digit");
    }
    return CF_OK;
}

/* Four hex digits at offset; -1 where they are not. */
static long hex4(const struct scan *s, size_t offset)
{
    long value = 0;
    if (s->len - offset < 4 || offset > s->len)
        return -1;
    for (size_t i = offset; i < offset + 4; i++) {
        char c = s->bytes[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static enum cf_code scan_unicode_escape(struct scan *s)
{
    long unit = hex4(s, s->at + 2);
    if (unit < 0)
        return fault(s, CF_EINPUT, "\\u wants four hexadecimal digits");
    bool refuse = (s->flags & CF_JSON_REFUSE_UNSPEAKABLE) != 0;
    bool lone_low = unit >= 0xdc00 && unit <= 0xdfff;
    bool lone_high = false;
    if (unit == 0 && refuse)
        return fault(s, CF_EINPUT, "\\u0000 is not allowed here");
    if (lone_low && refuse)
        return fault(s, CF_EINPUT, "lone low surrogate");
    if (unit >= 0xd800 && unit <= 0xdbff) {
        long low = s->len - s->at >= 12 && s->bytes[s->at + 6] == '\\' && s->bytes[s->at + 7] == 'u'
                       ? hex4(s, s->at + 8)
                       : -1;
        lone_high = low < 0xdc00 || low > 0xdfff;
        if (lone_high && refuse)
            return fault(s, CF_EINPUT, "lone high surrogate");
        s->at += lone_high ? 0 : 6;
    }
    s->unspeakable = s->unspeakable || unit == 0 || lone_low || lone_high;
    s->at += 6;
    return CF_OK;
}

static bool is_short_escape(int c)
{
    return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' ||
           c == 't';
}

static enum cf_code scan_string(struct scan *s)
{
    if (peek(s) != '"')
        return unexpected(s, "a string");
    s->at++;
    for (;;) {
        s->at += cf_utf8_plain_span(s->bytes + s->at, s->len - s->at);
        int c = peek(s);
        if (c < 0)
            return fault(s, CF_EINPUT, "text ends inside a string");
        if (c == '"') {
            s->at++;
            return CF_OK;
        }
        if (c < 0x20)
            return fault(s, CF_EINPUT, "control byte 0x%02x inside a string", (unsigned)c);
        if (c == '\\') {
            int next = s->at + 1 < s->len ? (unsigned char)s->bytes[s->at + 1] : -1;
            if (next == 'u') {
                enum cf_code code = scan_unicode_escape(s);
                if (code != CF_OK)
                    return code;
            } else if (is_short_escape(next)) {
                s->at += 2;
            } else {
                return fault(s, CF_EINPUT, "unknown escape in a string");
            }
            continue;
        }
        do { /* foreign letters come together */
            size_t step = cf_utf8_next(s->bytes + s->at, s->len - s->at, NULL);
            if (step == 0)
                return fault(s, CF_EINPUT, "byte 0x%02x is not UTF-8", (unsigned)peek(s));
            s->at += step;
        } while (peek(s) >= 0x80);
    }
}

static enum cf_code scan_word(struct scan *s, const char *word)
{
    size_t len = strlen(word);
    if (s->len - s->at < len || memcmp(s->bytes + s->at, word, len) != 0)
        return unexpected(s, "a value");
    s->at += len;
    return CF_OK;
}

static enum cf_code scan_value(struct scan *s, struct cf_json_value *value);

static enum cf_code scan_member_key(struct scan *s, struct cf_json_value *inner)
{
    inner->key_start = s->at + 1;
    enum cf_code code = scan_string(s);
    if (code != CF_OK)
        return code;
    inner->key_end = s->at - 1;
    skip_space(s);
    if (peek(s) != ':')
        return unexpected(s, "':'");
    s->at++;
    return CF_OK;
}

static enum cf_code scan_container(struct scan *s, char close)
{
    if (s->depth >= CF_JSON_DEPTH_MAX)
        return fault(s, CF_ELIMIT, "nested deeper than %d", CF_JSON_DEPTH_MAX);
    s->depth++;
    s->at++;
    skip_space(s);
    if (peek(s) == close)
        s->at++;
    else
        for (;;) {
            struct cf_json_value inner = {.depth = s->depth};
            enum cf_code code = CF_OK;
            skip_space(s);
            if (close == '}')
                code = scan_member_key(s, &inner);
            if (code == CF_OK)
                code = scan_value(s, &inner);
            if (code != CF_OK)
                return code;
            skip_space(s);
            if (peek(s) == close) {
                s->at++;
                break;
            }
            if (peek(s) != ',')
                return unexpected(s, close == '}' ? "',' or '}'" : "',' or ']'");
            s->at++;
        }
    s->depth--;
    return CF_OK;
}

static enum cf_code scan_value(struct scan *s, struct cf_json_value *value)
{
    enum cf_code code;
    skip_space(s);
    value->start = s->at;
    if (s->begin && (code = s->begin(s->context, s->bytes, value)) != CF_OK)
        return code;
    switch (peek(s)) {
    case '{':
        code = scan_container(s, '}');
        break;
    case '[':
        code = scan_container(s, ']');
        break;
    case '"':
        code = scan_string(s);
        break;
    case 't':
        code = scan_word(s, "true");
        break;
    case 'f':
        code = scan_word(s, "false");
        break;
    case 'n':
        code = scan_word(s, "null");
        break;
    default:
        if (peek(s) == '-' || (peek(s) >= '0' && peek(s) <= '9'))
            code = scan_number(s);
        else
            code = unexpected(s, "a value");
        break;
    }
    value->end = s->at;
    return code == CF_OK && s->visit ? s->visit(s->context, s->bytes, value) : code;
}

static enum cf_code scan_whole(struct scan *s)
{
    struct cf_json_value value = {0};
    enum cf_code code = scan_value(s, &value);
    if (code != CF_OK)
        return code;
    skip_space(s);
    return s->at == s->len ? CF_OK : unexpected(s, "the end");
}

enum cf_code cf_json_scan_begins(const char *name, const char *bytes, size_t len, int flags,
                                 cf_json_value_fn *begin, void *context, bool *out_unspeakable,
                                 struct cf_err *err)
{
    struct scan s = {.name = name,
                     .bytes = bytes,
                     .len = len,
                     .flags = flags,
                     .begin = begin,
                     .context = context,
                     .err = err};
    enum cf_code code = scan_whole(&s);
    *out_unspeakable = s.unspeakable;
    return code;
}

enum cf_code cf_json_scan(const char *name, const char *bytes, size_t len, int flags,
                          cf_json_value_fn *visit, void *context, struct cf_err *err)
{
    struct scan s = {.name = name,
                     .bytes = bytes,
                     .len = len,
                     .flags = flags,
                     .visit = visit,
                     .context = context,
                     .err = err};
    return scan_whole(&s);
}
