/* Learning the forms of a secret. */
#include "harness/http/redact_forms.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fourteen bytes of text for one are "&amp;#x000041;", and eight may stand in between. A shorter
 * text than FOLD_MIN_BYTES stands by chance in another case. */
enum { SPAN_MAX_BYTES = 32, FOLD_MIN_BYTES = 8 };

void cf_form_set_release(struct cf_form_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        explicit_bzero(set->forms[i].bytes, set->forms[i].len);
        explicit_bzero(set->forms[i].other, set->forms[i].len);
        free(set->forms[i].bytes);
        free(set->forms[i].other);
    }
    for (int byte = 0; byte < 256; byte++)
        free(set->by_first[byte].items);
    free(set->forms);
    *set = (struct cf_form_set){0};
}

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

static unsigned char other_case(unsigned char byte)
{
    bool small = byte >= 'a' && byte <= 'z';
    return small ? (unsigned char)(byte - ('a' - 'A')) : lower(byte);
}

/* ---- where a hit can begin ---- */

static void set_bit(uint32_t bits[256][8], unsigned char first, unsigned char second)
{
    bits[first][second / 32] |= 1U << (second % 32);
}

static bool is_escape(unsigned char byte)
{
    return byte == '%' || byte == '\\' || byte == '&' || byte == '+' || byte == '=';
}

/* Whether the form's next byte, or what is passed over before it, can be written so. */
static bool may_follow(const struct cf_form *form, unsigned char second)
{
    bool blank = second == ' ' || second == '\t';
    return is_escape(second) || second == '\0' || second == '\r' || second == '\n' ||
           (form->kind == CF_FORM_BASE64 && blank);
}

static bool is_own(const struct cf_form *form, unsigned char second)
{
    if (form->kind == CF_FORM_CODES && form->bytes[1] == ',')
        return true; /* any separator */
    return second == form->bytes[1] || second == form->other[1];
}

bool cf_form_may_go_on(const struct cf_form *form, unsigned char second)
{
    return is_own(form, second) || may_follow(form, second);
}

static void note_first(struct cf_form_set *set, const struct cf_form *form, unsigned char first)
{
    struct cf_form_list *list = &set->by_first[first];
    list->items = cf_grow(list->items, list->count, &list->cap, sizeof(*list->items));
    list->items[list->count++] = (size_t)(form - set->forms);
    for (int byte = 0; byte < 256; byte++) {
        unsigned char second = (unsigned char)byte;
        if (is_own(form, second))
            set_bit(set->own, first, second);
        if (cf_form_may_go_on(form, second))
            set_bit(set->pairs, first, second);
    }
}

/* Which two bytes a hit can begin with: the form's own, in either case where that does not matter,
 * an escape in the place of the second, or what is passed over after the first. */
static void note_beginning(struct cf_form_set *set, const struct cf_form *form)
{
    unsigned char first = form->bytes[0];
    note_first(set, form, first);
    if (form->other[0] != first)
        note_first(set, form, form->other[0]);
}

/* Whether an escape can begin with these two bytes that stands for what a form begins with, or for
 * the beginning of another escape. */
static bool may_escape(const struct cf_form_set *set, unsigned char first, unsigned char second)
{
    const unsigned char text[] = {first, second};
    unsigned char firsts[CF_FORM_FIRSTS];
    if (is_escape(second))
        return true;
    switch (first) {
    case '+':
        return set->by_first[' '].count > 0;
    case '&':
        return strchr("#algq", second) && second;
    case '\\':
        if (second == 'u')
            return true;
        return cf_form_firsts(text, 2, firsts) > 1 && set->by_first[firsts[1]].count > 0;
    default: /* two hex digits */
        return second && strchr("0123456789abcdefABCDEF", second);
    }
}

/* Anew with each form: what escapes may stand for depends on all of them. */
static void note_escapes(struct cf_form_set *set)
{
    static const char escapes[] = "%\\&+=";
    for (const char *escape = escapes; *escape; escape++) {
        for (int byte = 0; byte < 256; byte++) {
            if (may_escape(set, (unsigned char)*escape, (unsigned char)byte))
                set_bit(set->pairs, (unsigned char)*escape, (unsigned char)byte);
        }
    }
}

/* ---- the forms ---- */

/* bytes are copied. */
static void add_form(struct cf_form_set *set, const struct cf_form *like)
{
    set->forms = cf_grow(set->forms, set->count, &set->cap, sizeof(*set->forms));
    struct cf_form *form = &set->forms[set->count++];
    *form = *like;
    form->bytes = cf_memdup(like->bytes, like->len);
    form->other = cf_memdup(like->bytes, like->len);
    for (size_t i = 0; form->fold_case && i < form->len; i++)
        form->other[i] = other_case(form->bytes[i]);
    note_beginning(set, form);
    if (form->len * SPAN_MAX_BYTES > set->max_span)
        set->max_span = form->len * SPAN_MAX_BYTES;
}

/* Base64 of value in both alphabets, at each place in a group of three; `again`: and base64 of
 * each, as of a token inside a token. */
static void add_base64(struct cf_form_set *set, const unsigned char *value, size_t len,
                       size_t secret, bool again)
{
    unsigned char *room = cf_alloc(2 * len + 8);
    struct cf_form form = {.bytes = room, .secret = secret, .kind = CF_FORM_BASE64};
    for (size_t before = 0; before < 3; before++) {
        form.len = encode_base64(value, len, before, digits_standard, room);
        add_form(set, &form);
        if (again)
            add_base64(set, room, form.len, secret, false);
        bool same = !memchr(room, '+', form.len) && !memchr(room, '/', form.len);
        if (same)
            continue;
        form.len = encode_base64(value, len, before, digits_url, room);
        add_form(set, &form);
        if (again)
            add_base64(set, room, form.len, secret, false);
    }
    explicit_bzero(room, 2 * len + 8);
    free(room);
}

/* "115,101,99": a list in any language. */
static void add_codes(struct cf_form_set *set, const unsigned char *value, size_t len,
                      size_t secret)
{
    char *room = cf_alloc(4 * len + 1);
    size_t at = 0;
    for (size_t i = 0; i < len; i++)
        at += (size_t)snprintf(room + at, 5, i ? ",%u" : "%u", value[i]);
    add_form(set, &(struct cf_form){.bytes = (unsigned char *)room,
                                    .len = at,
                                    .secret = secret,
                                    .kind = CF_FORM_CODES});
    explicit_bzero(room, 4 * len + 1);
    free(room);
}

/* Base64 of UTF-16, as some systems write it: each byte followed by NUL. Inside plain text a NUL is
 * passed over. */
static void add_wide(struct cf_form_set *set, const unsigned char *value, size_t len, size_t secret)
{
    unsigned char *wide = cf_alloc(2 * len);
    for (size_t i = 0; i < len; i++)
        wide[2 * i] = value[i];
    add_base64(set, wide, 2 * len - 1, secret, false);
    explicit_bzero(wide, 2 * len);
    free(wide);
}

void cf_form_set_add(struct cf_form_set *set, const char *text, size_t len, size_t secret)
{
    unsigned char *value = cf_memdup(text, len);
    unsigned char *room = cf_alloc(2 * len);
    struct cf_form form = {
        .bytes = value, .len = len, .secret = secret, .fold_case = len >= FOLD_MIN_BYTES};
    add_form(set, &form);
    form = (struct cf_form){.bytes = room,
                            .len = encode_hex(value, len, room),
                            .secret = secret,
                            .kind = CF_FORM_HEX,
                            .fold_case = true};
    add_form(set, &form);
    add_base64(set, room, form.len, secret, false);
    add_base64(set, value, len, secret, true);
    add_wide(set, value, len, secret);
    add_codes(set, value, len, secret);
    note_escapes(set);
    explicit_bzero(room, 2 * len);
    explicit_bzero(value, len);
    free(room);
    free(value);
}
