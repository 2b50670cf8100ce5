#include "harness/base/utf8.h"

#include <string.h>

/* ---- eight bytes at once ---- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

static uint64_t load(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Not 0 where a byte of word is less than limit, which is at most 0x80, or not ASCII. */
static uint64_t any_below(uint64_t word, unsigned char limit)
{
    return ((word - EACH(limit)) | word) & EACH(0x80);
}

static uint64_t any_equal(uint64_t word, unsigned char byte)
{
    return any_below(word ^ EACH(byte), 1) & ~(word ^ EACH(byte)) & EACH(0x80);
}

static size_t ascii_span(const char *bytes, size_t len)
{
    size_t at = 0;
    while (len - at >= sizeof(uint64_t) && !(load(bytes + at) & EACH(0x80)))
        at += sizeof(uint64_t);
    return at;
}

/* ---- more at once, in a loop that a compiler makes vectors of: it never stops early ---- */

enum { BLOCK_BYTES = 32 };

static bool is_plain(char byte)
{
    unsigned char c = (unsigned char)byte;
    bool ascii = (unsigned char)(c - 0x20) < 0x7f - 0x20;
    return ascii & (c != '"') & (c != '\\');
}

static bool is_plain_block(const char *bytes)
{
    bool plain = true;
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        plain &= is_plain(bytes[i]);
    return plain;
}

/* How many of the eight bytes of word come before the first that is not plain; 8 where all are. */
static size_t plain_in(const char *bytes)
{
    uint64_t word = load(bytes);
    uint64_t odd = any_below(word, 0x20) | any_equal(word, '"') | any_equal(word, '\\') |
                   any_equal(word, 0x7f);
    size_t at = 0;
    if (!odd)
        return sizeof(word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    /* What a borrow marks falsely stands above a byte that is marked rightly. */
    at = (size_t)__builtin_ctzll(odd) / 8;
#else
    while (is_plain(bytes[at]))
        at++;
#endif
    return at;
}

size_t cf_utf8_plain_span(const char *bytes, size_t len)
{
    size_t at = 0;
    /* Most spans are short, for JSON in JSON has a backslash before each quote. */
    while (len - at >= sizeof(uint64_t)) {
        size_t plain = plain_in(bytes + at);
        at += plain;
        if (plain < sizeof(uint64_t))
            return at;
        while (at >= BLOCK_BYTES && len - at >= BLOCK_BYTES && is_plain_block(bytes + at))
            at += BLOCK_BYTES;
    }
    while (at < len && is_plain(bytes[at]))
        at++;
    return at;
}

/* ---- one after the other ---- */

size_t cf_utf8_next(const char *bytes, size_t len, uint32_t *out_code_point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (len == 0)
        return 0;
    unsigned char lead = (unsigned char)bytes[0];
    size_t need = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (need == 0 || need > len || lead > 0xf4)
        return 0;
    uint32_t value = need == 1 ? lead : lead & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if ((byte & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (byte & 0x3fu);
    }
    if (value < smallest[need] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    if (out_code_point)
        *out_code_point = value;
    return need;
}

bool cf_utf8_valid(const char *bytes, size_t len)
{
    for (;;) {
        size_t ascii = ascii_span(bytes, len);
        bytes += ascii;
        len -= ascii;
        if (len == 0)
            return true;
        size_t step = cf_utf8_next(bytes, len, NULL);
        if (step == 0)
            return false;
        bytes += step;
        len -= step;
    }
}

size_t cf_utf8_cut(const char *bytes, size_t len, size_t max)
{
    size_t shown = len < max ? len : max;
    while (shown > 0 && shown < len && ((unsigned char)bytes[shown] & 0xc0) == 0x80)
        shown--;
    return shown;
}
