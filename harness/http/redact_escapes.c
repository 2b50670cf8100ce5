/* Undoing escapes. */
#include "harness/http/redact_escapes.h"

#include <stdint.h>
#include <string.h>

enum { ENTITY_MAX_DIGITS = 8, WINDOW_BYTES = 16 };

static unsigned char lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

static int digit_value(unsigned char byte, int base)
{
    int value = byte >= '0' && byte <= '9' ? byte - '0' : -1;
    if (lower(byte) >= 'a' && lower(byte) <= 'f')
        value = lower(byte) - 'a' + 10;
    return value < base ? value : -1;
}

/* Up to max_digits digits; returns how many there were. */
static size_t read_digits(const unsigned char *text, size_t len, int base, size_t max_digits,
                          uint32_t *out_value)
{
    uint64_t value = 0;
    size_t count = 0;
    for (; count < len && count < max_digits; count++) {
        int digit = digit_value(text[count], base);
        if (digit < 0)
            break;
        value = value * (unsigned)base + (unsigned)digit;
    }
    *out_value = (uint32_t)value;
    return count;
}

static bool put_utf8(struct cf_plain *out, uint32_t code_point)
{
    unsigned char *b = out->bytes;
    if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
        return false;
    if (code_point < 0x80) {
        b[0] = (unsigned char)code_point;
        out->len = 1;
    } else if (code_point < 0x800) {
        b[0] = (unsigned char)(0xc0 | code_point >> 6);
        b[1] = (unsigned char)(0x80 | (code_point & 63));
        out->len = 2;
    } else if (code_point < 0x10000) {
        b[0] = (unsigned char)(0xe0 | code_point >> 12);
        b[1] = (unsigned char)(0x80 | (code_point >> 6 & 63));
        b[2] = (unsigned char)(0x80 | (code_point & 63));
        out->len = 3;
    } else {
        b[0] = (unsigned char)(0xf0 | code_point >> 18);
        b[1] = (unsigned char)(0x80 | (code_point >> 12 & 63));
        b[2] = (unsigned char)(0x80 | (code_point >> 6 & 63));
        b[3] = (unsigned char)(0x80 | (code_point & 63));
        out->len = 4;
    }
    return true;
}

int cf_escape_json_meaning(unsigned char letter)
{
    switch (letter) {
    case '"':
    case '\\':
    case '/':
        return letter;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return -1;
    }
}

static size_t undo_json(const unsigned char *text, size_t len, struct cf_plain *out)
{
    if (len < 2)
        return 0;
    int meaning = cf_escape_json_meaning(text[1]);
    if (meaning >= 0) {
        out->bytes[0] = (unsigned char)meaning;
        out->len = 1;
        return 2;
    }
    uint32_t unit = 0, low = 0;
    if (text[1] != 'u' || read_digits(text + 2, len - 2, 16, 4, &unit) != 4)
        return 0;
    bool pair = unit >= 0xd800 && unit <= 0xdbff && len >= 12 && text[6] == '\\' &&
                text[7] == 'u' && read_digits(text + 8, len - 8, 16, 4, &low) == 4 &&
                low >= 0xdc00 && low <= 0xdfff;
    if (pair)
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    if (!put_utf8(out, unit))
        return 0;
    return pair ? 12 : 6;
}

/* The semicolon may be missing: browsers do without. */
static size_t undo_entity(const unsigned char *text, size_t len, struct cf_plain *out)
{
    static const struct {
        const char *name;
        unsigned char byte;
    } entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        size_t name_len = strlen(entities[i].name) - 1;
        if (len >= name_len && memcmp(text, entities[i].name, name_len) == 0) {
            out->bytes[0] = entities[i].byte;
            out->len = 1;
            return name_len + (len > name_len && text[name_len] == ';');
        }
    }
    if (len < 4 || text[1] != '#')
        return 0;
    bool hex = lower(text[2]) == 'x';
    size_t at = hex ? 3 : 2;
    uint32_t code_point = 0;
    size_t count = read_digits(text + at, len - at, hex ? 16 : 10, ENTITY_MAX_DIGITS, &code_point);
    if (count == 0 || !put_utf8(out, code_point))
        return 0;
    return at + count + (at + count < len && text[at + count] == ';');
}

size_t cf_escape_undo(const unsigned char *text, size_t len, struct cf_plain *out)
{
    uint32_t byte = 0;
    switch (text[0]) {
    case '%':
    case '=': /* quoted-printable */
        if (read_digits(text + 1, len - 1, 16, 2, &byte) != 2)
            return 0;
        out->bytes[0] = (unsigned char)byte;
        out->len = 1;
        return 3;
    case '+': /* a space in a form */
        out->bytes[0] = ' ';
        out->len = 1;
        return 1;
    case '\\':
        return undo_json(text, len, out);
    case '&':
        return undo_entity(text, len, out);
    default:
        return 0;
    }
}

/* What text reads as when every escape in it is undone once: at most WINDOW_BYTES, and how much of
 * text each byte and those before it took. */
struct window {
    unsigned char bytes[WINDOW_BYTES + 4];
    size_t ends[WINDOW_BYTES + 4];
    size_t len;
};

static void undo_all(struct window *out, const unsigned char *text, size_t len)
{
    size_t at = 0;
    out->len = 0;
    while (at < len && out->len < WINDOW_BYTES) {
        struct cf_plain plain = {.bytes = {text[at]}, .len = 1};
        /* "+" is a space in forms only, which are not escaped again */
        size_t used = text[at] == '+' ? 0 : cf_escape_undo(text + at, len - at, &plain);
        if (!used)
            plain = (struct cf_plain){.bytes = {text[at]}, .len = 1};
        at += used ? used : 1;
        for (size_t i = 0; i < plain.len; i++) {
            out->bytes[out->len] = plain.bytes[i];
            out->ends[out->len++] = at;
        }
    }
}

size_t cf_escape_undo_deep(const unsigned char *text, size_t len, int depth, struct cf_plain *out)
{
    struct window window;
    if (depth == 0)
        return cf_escape_undo(text, len, out);
    undo_all(&window, text, len);
    size_t used = window.len ? cf_escape_undo_deep(window.bytes, window.len, depth - 1, out) : 0;
    return used ? window.ends[used - 1] : 0;
}
