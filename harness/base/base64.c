#include "harness/base/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void cf_base64_encode(struct cf_buf *out, const void *bytes, size_t len)
{
    const unsigned char *in = bytes;
    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i < 3 ? len - i : 3;
        uint32_t group = (uint32_t)in[i] << 16;
        group |= have > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        group |= have > 2 ? in[i + 2] : 0;
        char four[4];
        for (size_t k = 0; k < 4; k++)
            four[k] = k <= have ? alphabet[(group >> (18 - 6 * k)) & 63] : '=';
        cf_buf_append(out, four, sizeof(four));
    }
}

/* Value of one digit, 64 for anything else. */
static uint32_t digit(char c)
{
    const char *at = c == '\0' ? NULL : strchr(alphabet, c);
    return at ? (uint32_t)(at - alphabet) : 64;
}

bool cf_base64_decode(struct cf_buf *out, const char *text, size_t len)
{
    if (len % 4 != 0)
        return false;
    for (size_t i = 0; i < len; i += 4) {
        bool last = i + 4 == len;
        size_t padding = last && text[i + 3] == '=' ? (text[i + 2] == '=' ? 2 : 1) : 0;
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            uint32_t value = k >= 4 - padding ? 0 : digit(text[i + k]);
            if (value > 63)
                return false;
            group = group << 6 | value;
        }
        /* Bits that padding leaves over must be zero: one text for one value. */
        if ((padding == 1 && (group & 0xff)) || (padding == 2 && (group & 0xffff)))
            return false;
        char three[3] = {(char)(group >> 16), (char)(group >> 8), (char)group};
        cf_buf_append(out, three, 3 - padding);
    }
    return true;
}
