#include "reference/integer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 20 }; /* of 2^64 */

/* Multiply by ten and add; false on overflow. The sum is kept negative, where there is more room.
 */
static bool push_digit(long long *sum, int digit)
{
    if (*sum < (LLONG_MIN + digit) / 10)
        return false;
    *sum = *sum * 10 - digit;
    return true;
}

/* The mantissa's significant digits: no dot, no leading or trailing zeros, hence none at all for
 * zero; -1 where there are too many to matter. scale becomes the power of ten of the last one. */
static int significant_digits(const char *p, size_t len, char digits[DIGITS_MAX], long long *scale)
{
    int count = 0;
    int zeros = 0; /* held back: they count only if another digit follows */
    bool dot = false;
    for (size_t i = 0; i < len; i++) {
        if (p[i] == '.') {
            dot = true;
            continue;
        }
        *scale -= dot;
        if (p[i] == '0') {
            zeros += count > 0;
            continue;
        }
        if (count + zeros >= DIGITS_MAX)
            return -1;
        for (; zeros > 0; zeros--)
            digits[count++] = '0';
        digits[count++] = p[i];
    }
    *scale += zeros;
    return count;
}

enum cf_ref_integer_result cf_ref_integer(const char *literal, long long *out, bool *out_negative)
{
    bool negative = *literal == '-';
    const char *p = literal + negative;
    size_t mantissa = strspn(p, "0123456789.");
    char digits[DIGITS_MAX];
    /* strtoll saturates; a clamp leaves room for adding. */
    long long scale = p[mantissa] == '\0' ? 0 : strtoll(p + mantissa + 1, NULL, 10);
    scale = scale > 1000000000 ? 1000000000 : scale < -1000000000 ? -1000000000 : scale;
    int count = significant_digits(p, mantissa, digits, &scale);
    long long sum = 0;
    *out_negative = negative && count != 0;
    if (count < 0)
        return scale < 0 ? CF_REF_INTEGER_FRACTION : CF_REF_INTEGER_HUGE;
    if (count > 0 && scale < 0)
        return CF_REF_INTEGER_FRACTION;
    if (count > 0 && count + scale > DIGITS_MAX)
        return CF_REF_INTEGER_HUGE;
    for (long long i = 0; i < count + (count > 0 ? scale : 0); i++) {
        if (!push_digit(&sum, i < count ? digits[i] - '0' : 0))
            return CF_REF_INTEGER_HUGE;
    }
    if (!negative && sum == LLONG_MIN)
        return CF_REF_INTEGER_HUGE;
    *out = negative ? sum : -sum;
    return CF_REF_INTEGER_OK;
}
