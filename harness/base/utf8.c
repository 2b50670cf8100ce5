#include "harness/base/utf8.h"

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
    while (len > 0) {
        size_t step = cf_utf8_next(bytes, len, NULL);
        if (step == 0)
            return false;
        bytes += step;
        len -= step;
    }
    return true;
}
