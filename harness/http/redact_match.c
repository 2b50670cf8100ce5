/* Comparing text with a form of a secret. */
#include "harness/http/redact_forms.h"

#include <stdint.h>
#include <string.h>

enum { ENTITY_MAX_DIGITS = 8, DEPTH_MAX = 3, WINDOW_BYTES = 16, PASSED_MAX_BYTES = 8 };

static unsigned char lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

/* ---- undoing escapes ---- */

struct plain {
    unsigned char bytes[4];
    size_t len;
};

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

static bool put_utf8(struct plain *out, uint32_t code_point)
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

/* What a backslash and this letter stand for, -1 for nothing. */
static int json_meaning(unsigned char letter)
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

static size_t undo_json(const unsigned char *text, size_t len, struct plain *out)
{
    if (len < 2)
        return 0;
    int meaning = json_meaning(text[1]);
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
static size_t undo_entity(const unsigned char *text, size_t len, struct plain *out)
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

/* Bytes taken up by the escape that text begins with, 0 when it begins with none. */
static size_t undo_escape(const unsigned char *text, size_t len, struct plain *out)
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
        struct plain plain = {.bytes = {text[at]}, .len = 1};
        /* "+" is a space in forms only, which are not escaped again */
        size_t used = text[at] == '+' ? 0 : undo_escape(text + at, len - at, &plain);
        if (!used)
            plain = (struct plain){.bytes = {text[at]}, .len = 1};
        at += used ? used : 1;
        for (size_t i = 0; i < plain.len; i++) {
            out->bytes[out->len] = plain.bytes[i];
            out->ends[out->len++] = at;
        }
    }
}

/* An escape in what is left when escapes are undone `depth` times. */
static size_t undo_deep(const unsigned char *text, size_t len, int depth, struct plain *out)
{
    struct window window;
    if (depth == 0)
        return undo_escape(text, len, out);
    undo_all(&window, text, len);
    size_t used = window.len ? undo_deep(window.bytes, window.len, depth - 1, out) : 0;
    return used ? window.ends[used - 1] : 0;
}

/* ---- comparing ---- */

static bool same_bytes(const struct cf_form *form, size_t at, const unsigned char *bytes,
                       size_t len)
{
    if (len > form->len - at)
        return false;
    if (!form->fold_case)
        return memcmp(form->bytes + at, bytes, len) == 0;
    for (size_t i = 0; i < len; i++)
        if (lower(form->bytes[at + i]) != lower(bytes[i]))
            return false;
    return true;
}

/* How a form is being compared. An escape of an escape character may be read at each depth, and an
 * encoder works at one: `first` is tried before the others. At DEPTH_MAX only a backslash escapes:
 * an encoder of JSON leaves a secret's own "%25" as it is. */
struct reading {
    int first;
    bool ambiguous; /* another depth could have been meant */
};

/* Bytes of text that are the next of the form, *at of it, written in whatever way; 0: none. */
static size_t match_next(const struct cf_form *form, size_t *at, const unsigned char *text,
                         size_t len, struct reading *reading)
{
    bool may_be_escape = text[0] == '%' || text[0] == '\\' || text[0] == '&' || text[0] == '=';
    int depths = may_be_escape ? DEPTH_MAX : text[0] == '+';
    bool as_it_is = reading->first == DEPTH_MAX && text[0] != '\\';
    if (as_it_is && same_bytes(form, *at, text, 1)) {
        ++*at;
        return 1;
    }
    for (int i = 0; i < depths; i++) {
        struct plain plain;
        int depth = i == 0 ? reading->first : i <= reading->first ? i - 1 : i;
        size_t escape = undo_deep(text, len, depth % depths, &plain);
        if (escape && same_bytes(form, *at, plain.bytes, plain.len)) {
            *at += plain.len;
            reading->ambiguous = reading->ambiguous || strchr("%\\&=", plain.bytes[0]);
            return escape;
        }
    }
    if (!same_bytes(form, *at, text, 1))
        return 0;
    reading->ambiguous = reading->ambiguous || may_be_escape;
    ++*at;
    return 1;
}

/* A line break, as it is, escaped, or quoted-printable's soft one. */
static size_t line_break(const unsigned char *text, size_t len)
{
    if (text[0] == '\r' || text[0] == '\n')
        return 1;
    if (len >= 2 && text[0] == '\\' && (text[1] == 'n' || text[1] == 'r'))
        return 2;
    return len >= 2 && text[0] == '=' && (text[1] == '\r' || text[1] == '\n') ? 2 : 0;
}

/* What else may stand before the form's next byte: 0 when nothing may. */
static size_t pass_over(const struct cf_form *form, size_t at, const unsigned char *text,
                        size_t len)
{
    static const char separators[] = " \t\r\n:,;._-\"'xX\\u%&#=[]()|/";
    bool between = form->kind == CF_FORM_HEX && at % 2 == 0;
    if (text[0] == '\0') /* UTF-16 and UTF-32 */
        return 1;
    if (len >= 6 && memcmp(text, "\\u0000", 6) == 0)
        return 6;
    if (between && len >= 2 && text[0] == '0' && strchr("xX0", text[1]))
        return 2;
    if (between && strchr(separators, text[0]))
        return 1;
    if (form->kind == CF_FORM_BASE64 && (text[0] == ' ' || text[0] == '\t'))
        return 1;
    return line_break(text, len);
}

static size_t match_loosely(const struct cf_form *form, const unsigned char *text, size_t len,
                            struct reading *reading)
{
    size_t used = 0;
    size_t at = 0;
    size_t passed = 0;
    while (at < form->len) {
        size_t step = used < len ? match_next(form, &at, text + used, len - used, reading) : 0;
        if (step) {
            passed = 0;
        } else if (at > 0 && used < len && passed < PASSED_MAX_BYTES) {
            step = pass_over(form, at, text + used, len - used);
            passed += step;
        }
        if (!step)
            return 0;
        used += step;
    }
    return used;
}

/* A list of numbers: each of them whole, and something between two. */
static size_t match_codes(const struct cf_form *form, const unsigned char *text, size_t len)
{
    static const char separators[] = " \t\r\n,;:|&#\"'\\xrn[]().+-";
    size_t used = 0;
    for (size_t at = 0; at < form->len; at++) {
        size_t passed = 0;
        if (form->bytes[at] != ',') {
            if (used == len || text[used++] != form->bytes[at])
                return 0;
            continue;
        }
        while (used + passed < len && passed < 2 * PASSED_MAX_BYTES && text[used + passed] &&
               strchr(separators, text[used + passed]))
            passed++;
        if (passed == 0)
            return 0;
        used += passed;
    }
    return used < len && text[used] >= '0' && text[used] <= '9' ? 0 : used;
}

static bool begins_escape(unsigned char byte)
{
    return byte == '%' || byte == '\\' || byte == '&' || byte == '=' || byte == '+';
}

/* Most of what is escaped twice is a letter of JSON, "\\n": then nothing else has to be undone to
 * know what it stands for. text: after the escape that stood for a backslash. Returns whether it is
 * known: *out_meaning, or -1 where it is no escape. */
static bool know_letter(const unsigned char *text, size_t len, int *out_meaning)
{
    struct plain next = {.bytes = {'\\'}, .len = 1};
    if (len > 0)
        next.bytes[0] = text[0];
    if (len > 0 && text[0] == '\\' && !undo_escape(text, len, &next))
        return false;
    *out_meaning = json_meaning(next.bytes[0]);
    return !begins_escape(next.bytes[0]) && next.bytes[0] != 'u';
}

size_t cf_form_firsts(const unsigned char *text, size_t len, unsigned char out[CF_FORM_FIRSTS])
{
    struct plain plain;
    size_t count = 0;
    out[count++] = text[0];
    if (!begins_escape(text[0]))
        return count;
    int meaning = 0;
    size_t used = undo_escape(text, len, &plain);
    if (used) {
        out[count++] = plain.bytes[0];
        if (!begins_escape(plain.bytes[0]))
            return count; /* which no escape can begin with: there is nothing deeper */
    }
    if (used && plain.bytes[0] == '\\' && know_letter(text + used, len - used, &meaning)) {
        if (meaning >= 0)
            out[count++] = (unsigned char)meaning;
        return count;
    }
    for (int depth = 1; depth < DEPTH_MAX; depth++) {
        if (undo_deep(text, len, depth, &plain))
            out[count++] = plain.bytes[0];
    }
    return count;
}

/* ---- where a hit can begin ---- */

static bool has_bit(const unsigned char bits[256][32], unsigned char first, unsigned char second)
{
    return bits[first][second / 8] >> (second % 8) & 1;
}

/* Whether what stands after a form's first byte may be something that is passed over. */
static bool may_pass(const unsigned char *text, size_t len)
{
    switch (text[0]) {
    case '\0':
    case '\r':
    case '\n':
    case ' ':
    case '\t':
        return true;
    case '\\':
        return len < 2 || text[1] == 'n' || text[1] == 'r' || text[1] == 'u';
    case '=':
        return len < 2 || text[1] == '\r' || text[1] == '\n';
    default:
        return false;
    }
}

static bool begins_a_form(const struct cf_form_set *set, const unsigned char *text, size_t len)
{
    unsigned char firsts[CF_FORM_FIRSTS];
    size_t count = cf_form_firsts(text, len, firsts);
    for (size_t i = 0; i < count; i++) {
        if (set->by_first[firsts[i]].count > 0)
            return true;
    }
    return false;
}

bool cf_form_may_begin(const struct cf_form_set *set, const unsigned char *text, size_t len)
{
    unsigned char seconds[CF_FORM_FIRSTS];
    if (len < 2 || !cf_form_may_begin_pair(set, text))
        return false; /* no form is shorter */
    if (begins_escape(text[0]))
        return begins_a_form(set, text, len);
    if (has_bit(set->own, text[0], text[1]) || may_pass(text + 1, len - 1))
        return true;
    size_t count = cf_form_firsts(text + 1, len - 1, seconds);
    for (size_t i = 1; i < count; i++) {
        if (has_bit(set->own, text[0], seconds[i]))
            return true;
    }
    return false;
}

size_t cf_form_match(const struct cf_form *form, const unsigned char *text, size_t len,
                     bool *out_exact)
{
    /* Literally first: a secret that looks like an escape itself must not be unescaped. */
    *out_exact = len >= form->len && memcmp(form->bytes, text, form->len) == 0 &&
                 form->kind != CF_FORM_CODES;
    if (*out_exact)
        return form->len;
    if (form->kind == CF_FORM_CODES)
        return match_codes(form, text, len);
    struct reading reading = {0};
    size_t used = match_loosely(form, text, len, &reading);
    for (int first = 1; !used && reading.ambiguous && first <= DEPTH_MAX; first++) {
        reading.first = first;
        used = match_loosely(form, text, len, &reading);
    }
    return used;
}
