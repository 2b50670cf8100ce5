#include "harness/http/redact.h"
#include "harness/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/*
 * Encodings come in two sorts. Base64 and hex change every byte, so each is kept as a form of its
 * own and searched for. URL, JSON and HTML escaping change only some bytes, and every encoder
 * chooses others (RFC 3986 or form encoding, "/" or "\/", non-ASCII raw or "\u00e9"), so these are
 * not listed at all: the comparison below undoes an escape wherever it meets one. That finds the
 * mixed ones too, such as base64 inside JSON inside a query.
 */
struct form {
    unsigned char *bytes;
    size_t len;
    size_t secret;  /* index into placeholders */
    bool fold_case; /* hex digits */
};

/* A header's value that is hidden whole. */
struct header_rule {
    char *name, *value, *placeholder;
};

struct cf_redactor {
    struct header_rule *headers;
    size_t header_count, header_cap;
    struct form *forms;
    size_t form_count, form_cap;
    char **placeholders;
    size_t secret_count, secret_cap;
    bool starts[256];             /* whether a hit can begin with this byte */
    unsigned char pairs[256][32]; /* by the first byte: a bit for each second one of a hit */
    size_t max_span;              /* longest stretch of text that one form can be written in */
};

/* "&#x00000041;" */
enum { ESCAPE_MAX_BYTES = 12, ENTITY_MAX_DIGITS = 8, PIECE_BYTES = 64 * 1024 };

struct cf_redactor *cf_redactor_new(void)
{
    return cf_alloc(sizeof(struct cf_redactor));
}

void cf_redactor_free(struct cf_redactor *redactor)
{
    if (!redactor)
        return;
    for (size_t i = 0; i < redactor->form_count; i++) {
        explicit_bzero(redactor->forms[i].bytes, redactor->forms[i].len);
        free(redactor->forms[i].bytes);
    }
    for (size_t i = 0; i < redactor->secret_count; i++)
        free(redactor->placeholders[i]);
    for (size_t i = 0; i < redactor->header_count; i++) {
        struct header_rule *rule = &redactor->headers[i];
        explicit_bzero(rule->value, strlen(rule->value));
        free(rule->name);
        free(rule->value);
        free(rule->placeholder);
    }
    free(redactor->headers);
    free(redactor->forms);
    free(redactor->placeholders);
    free(redactor);
}

/* ---- headers ---- */

void cf_redactor_add_header(struct cf_redactor *redactor, const char *name, const char *value,
                            const char *placeholder)
{
    redactor->headers = cf_grow(redactor->headers, redactor->header_count, &redactor->header_cap,
                                sizeof(struct header_rule));
    redactor->headers[redactor->header_count++] =
        (struct header_rule){cf_strdup(name), cf_strdup(value), cf_strdup(placeholder)};
}

const char *cf_redactor_header(const struct cf_redactor *redactor, const char *name,
                               const char *value)
{
    for (size_t i = 0; redactor && i < redactor->header_count; i++) {
        const struct header_rule *rule = &redactor->headers[i];
        if (strcasecmp(rule->name, name) == 0 && strcmp(rule->value, value) == 0)
            return rule->placeholder;
    }
    return NULL;
}

/* ---- learning a secret ---- */

static const char digits_standard[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char digits_url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/*
 * The base64 digits that value alone decides when `before` bytes (0 to 2) of something else come
 * first in the group of three: a digit that shares its six bits with a neighbour is left out.
 * out needs room for 4 * (len + 2) / 3 + 1 bytes. Returns the number of digits.
 */
static size_t encode_base64(const unsigned char *value, size_t len, size_t before,
                            const char *alphabet, unsigned char *out)
{
    size_t first_bit = (before * 8 + 5) / 6 * 6;
    size_t end_bit = (before + len) * 8;
    size_t count = 0;
    for (size_t bit = first_bit; bit + 6 <= end_bit; bit += 6) {
        size_t byte = bit / 8 - before;
        unsigned pair = (unsigned)value[byte] << 8;
        if (byte + 1 < len)
            pair |= value[byte + 1];
        out[count++] = (unsigned char)alphabet[(pair >> (10 - bit % 8)) & 63];
    }
    return count;
}

static size_t encode_hex(const unsigned char *value, size_t len, unsigned char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = (unsigned char)digits[value[i] >> 4];
        out[2 * i + 1] = (unsigned char)digits[value[i] & 15];
    }
    return 2 * len;
}

static unsigned char lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (unsigned char)(byte + ('a' - 'A')) : byte;
}

static unsigned char upper(unsigned char byte)
{
    return byte >= 'a' && byte <= 'z' ? (unsigned char)(byte - ('a' - 'A')) : byte;
}

static void set_pair(struct cf_redactor *redactor, unsigned char first, unsigned char second)
{
    redactor->pairs[first][second / 8] |= (unsigned char)(1U << (second % 8));
}

static bool is_escape(unsigned char byte)
{
    return byte == '%' || byte == '\\' || byte == '&' || byte == '+';
}

/* Which two bytes a hit can begin with: the form's own, in either case where that does not matter,
 * or an escape in the place of the first or the second. */
static void note_beginning(struct cf_redactor *redactor, const unsigned char *bytes, bool fold_case)
{
    for (int byte = 0; byte < 256; byte++) {
        unsigned char second = (unsigned char)byte;
        if (second != bytes[1] && !is_escape(second) && !(fold_case && lower(second) == bytes[1]))
            continue;
        set_pair(redactor, bytes[0], second);
        if (fold_case)
            set_pair(redactor, upper(bytes[0]), second);
    }
}

/* bytes are copied. */
static void add_form(struct cf_redactor *redactor, const unsigned char *bytes, size_t len,
                     bool fold_case)
{
    unsigned char *copy = cf_memdup(bytes, len);
    redactor->forms =
        cf_grow(redactor->forms, redactor->form_count, &redactor->form_cap, sizeof(struct form));
    redactor->forms[redactor->form_count++] = (struct form){
        .bytes = copy, .len = len, .secret = redactor->secret_count, .fold_case = fold_case};
    redactor->starts[copy[0]] = true;
    note_beginning(redactor, copy, fold_case);
    if (fold_case)
        redactor->starts[upper(copy[0])] = true;
    if (copy[0] == ' ')
        redactor->starts['+'] = true;
    if (len * ESCAPE_MAX_BYTES > redactor->max_span)
        redactor->max_span = len * ESCAPE_MAX_BYTES;
}

static void add_base64(struct cf_redactor *redactor, const unsigned char *value, size_t len,
                       unsigned char *room)
{
    for (size_t before = 0; before < 3; before++) {
        size_t count = encode_base64(value, len, before, digits_standard, room);
        add_form(redactor, room, count, false);
        bool same = !memchr(room, '+', count) && !memchr(room, '/', count);
        if (same)
            continue;
        count = encode_base64(value, len, before, digits_url, room);
        add_form(redactor, room, count, false);
    }
}

static void add_forms(struct cf_redactor *redactor, const unsigned char *value, size_t len)
{
    /* plain, hex, three alignments of base64 in two alphabets */
    size_t room_len = 2 * len + 8;
    unsigned char *room = cf_alloc(room_len);
    add_form(redactor, value, len, false);
    add_form(redactor, room, encode_hex(value, len, room), true);
    add_base64(redactor, value, len, room);
    explicit_bzero(room, room_len);
    free(room);
}

enum cf_code cf_redactor_add(struct cf_redactor *redactor, const char *value, size_t len,
                             const char *placeholder, struct cf_err *err)
{
    if (len < CF_SECRET_MIN_BYTES)
        return cf_err_set(err, CF_EINPUT, "the secret %s has %zu bytes; at least %d are needed",
                          placeholder, len, CF_SECRET_MIN_BYTES);
    add_forms(redactor, (const unsigned char *)value, len);
    redactor->placeholders = cf_grow(redactor->placeholders, redactor->secret_count,
                                     &redactor->secret_cap, sizeof(char *));
    redactor->placeholders[redactor->secret_count++] = cf_strdup(placeholder);
    redactor->starts['%'] = redactor->starts['\\'] = redactor->starts['&'] = true;
    for (int byte = 0; byte < 256; byte++) {
        if (is_escape((unsigned char)byte))
            memset(redactor->pairs[byte], 0xff, sizeof(redactor->pairs[byte]));
    }
    return CF_OK;
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

static size_t undo_json(const unsigned char *text, size_t len, struct plain *out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (len < 2)
        return 0;
    const char *letter = text[1] ? strchr(letters, text[1]) : NULL;
    if (letter) {
        out->bytes[0] = (unsigned char)meanings[letter - letters];
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

static size_t undo_entity(const unsigned char *text, size_t len, struct plain *out)
{
    static const struct {
        const char *name;
        unsigned char byte;
    } entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
        size_t name_len = strlen(entities[i].name);
        if (len >= name_len && memcmp(text, entities[i].name, name_len) == 0) {
            out->bytes[0] = entities[i].byte;
            out->len = 1;
            return name_len;
        }
    }
    if (len < 4 || text[1] != '#')
        return 0;
    bool hex = lower(text[2]) == 'x';
    size_t at = hex ? 3 : 2;
    uint32_t code_point = 0;
    size_t count = read_digits(text + at, len - at, hex ? 16 : 10, ENTITY_MAX_DIGITS, &code_point);
    if (count == 0 || at + count >= len || text[at + count] != ';' || !put_utf8(out, code_point))
        return 0;
    return at + count + 1;
}

/* Bytes taken up by the escape that text begins with, 0 when it begins with none. */
static size_t undo_escape(const unsigned char *text, size_t len, struct plain *out)
{
    uint32_t byte = 0;
    switch (text[0]) {
    case '%':
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

/* ---- searching ---- */

static bool same_bytes(const struct form *form, size_t at, const unsigned char *bytes, size_t len)
{
    if (len > form->len - at)
        return false;
    if (!form->fold_case)
        return memcmp(form->bytes + at, bytes, len) == 0;
    for (size_t i = 0; i < len; i++)
        if (form->bytes[at + i] != lower(bytes[i]))
            return false;
    return true;
}

static size_t match_escaped(const struct form *form, const unsigned char *text, size_t len)
{
    size_t used = 0, at = 0;
    while (at < form->len) {
        struct plain plain;
        if (used == len)
            return 0;
        size_t escape = undo_escape(text + used, len - used, &plain);
        if (escape && same_bytes(form, at, plain.bytes, plain.len)) {
            used += escape;
            at += plain.len;
        } else if (same_bytes(form, at, text + used, 1)) {
            used++;
            at++;
        } else {
            return 0;
        }
    }
    return used;
}

/* Length of the longest hit at the start of text; 0 without one. */
static size_t longest_hit(const struct cf_redactor *redactor, const unsigned char *text, size_t len,
                          size_t *out_secret)
{
    size_t longest = 0;
    struct plain plain = {.bytes = {text[0]}};
    (void)undo_escape(text, len, &plain);
    for (size_t i = 0; i < redactor->form_count; i++) {
        const struct form *form = &redactor->forms[i];
        /* Nearly every form is out by its first byte, and whole reports are scanned. */
        if (!same_bytes(form, 0, text, 1) && !same_bytes(form, 0, plain.bytes, 1))
            continue;
        /* Literally first: a secret that looks like an escape itself must not be unescaped. */
        size_t hit = len >= form->len && same_bytes(form, 0, text, form->len) ? form->len : 0;
        if (!hit)
            hit = match_escaped(form, text, len);
        if (hit > longest) {
            longest = hit;
            *out_secret = form->secret;
        }
    }
    return longest;
}

struct hit {
    size_t start, end;
    size_t secret;
};

/* Nearly every place is out by its first two bytes. */
static bool may_begin(const struct cf_redactor *redactor, const unsigned char *text, size_t len)
{
    return redactor->starts[text[0]] &&
           (len < 2 || (redactor->pairs[text[0]][text[1] / 8] >> (text[1] % 8) & 1));
}

/* First hit at or after from. Hits that overlap are one, so that no tail of the second stays. */
static bool next_hit(const struct cf_redactor *redactor, const unsigned char *text, size_t len,
                     size_t from, struct hit *out)
{
    for (size_t at = from; at < len; at++) {
        if (!may_begin(redactor, text + at, len - at))
            continue;
        size_t secret = 0, other = 0;
        size_t span = longest_hit(redactor, text + at, len - at, &secret);
        if (!span)
            continue;
        size_t end = at + span;
        for (size_t next = at + 1; next < end; next++) {
            if (!may_begin(redactor, text + next, len - next))
                continue;
            span = longest_hit(redactor, text + next, len - next, &other);
            if (next + span > end)
                end = next + span;
        }
        *out = (struct hit){.start = at, .end = end, .secret = secret};
        return true;
    }
    return false;
}

/* The placeholder of the first secret in bytes, NULL without one. */
static const char *first_secret(const struct cf_redactor *redactor, const char *bytes, size_t len)
{
    const unsigned char *text = (const unsigned char *)bytes;
    size_t secret = 0;
    for (size_t at = 0; at < len; at++)
        if (may_begin(redactor, text + at, len - at) &&
            longest_hit(redactor, text + at, len - at, &secret))
            return redactor->placeholders[secret];
    return NULL;
}

bool cf_redactor_finds(const struct cf_redactor *redactor, const char *bytes, size_t len)
{
    return redactor && first_secret(redactor, bytes, len);
}

void cf_redactor_apply(const struct cf_redactor *redactor, const char *bytes, size_t len,
                       struct cf_buf *out)
{
    size_t done = 0;
    struct hit hit;
    while (redactor && next_hit(redactor, (const unsigned char *)bytes, len, done, &hit)) {
        cf_buf_append(out, bytes + done, hit.start - done);
        cf_buf_puts(out, redactor->placeholders[hit.secret]);
        done = hit.end;
    }
    cf_buf_append(out, bytes + done, len - done);
}

/* ---- files ---- */

static enum cf_code scan_pieces(const struct cf_redactor *redactor, int fd, char *window,
                                const char *path, const char **out_hit, struct cf_err *err)
{
    /* A hit that ends in the next piece begins in the last max_span - 1 bytes of this one. */
    size_t keep = redactor->max_span ? redactor->max_span - 1 : 0;
    size_t held = 0;
    for (;;) {
        ssize_t got = read(fd, window + held, PIECE_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return cf_err_errno(err, errno, "cannot read %s", path);
        size_t have = held + (size_t)got;
        const char *hit = first_secret(redactor, window, have);
        if (hit || got == 0) {
            *out_hit = hit;
            return CF_OK;
        }
        held = have < keep ? have : keep;
        memmove(window, window + have - held, held);
    }
}

enum cf_code cf_redactor_scan_file(const struct cf_redactor *redactor, const char *path,
                                   const char **out_hit, struct cf_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return cf_err_set(err, CF_ENOTFOUND, "%s does not exist", path);
    if (fd < 0)
        return cf_err_errno(err, errno, "cannot open %s", path);
    char *window = cf_alloc(PIECE_BYTES + redactor->max_span);
    enum cf_code code = scan_pieces(redactor, fd, window, path, out_hit, err);
    free(window);
    close(fd);
    return code;
}
