#include "harness/base/json_number.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* A literal as digits times ten to the exponent, without leading or trailing zeros. */
struct decimal {
    bool negative;
    const char *digits; /* may contain one '.', which does not count */
    size_t digit_count;
    long long exponent; /* of the last digit */
};

static struct decimal read_decimal(const char *literal)
{
    struct decimal d = {0};
    const char *p = literal;
    d.negative = *p == '-';
    p += d.negative;
    size_t mantissa = strspn(p, "0123456789.");
    if (p[mantissa] == 'e' || p[mantissa] == 'E') {
        /* strtoll saturates, which keeps absurd exponents apart from sane ones. */
        d.exponent = strtoll(p + mantissa + 1, NULL, 10);
        if (d.exponent > 1000000000000LL)
            d.exponent = 1000000000000LL;
        if (d.exponent < -1000000000000LL)
            d.exponent = -1000000000000LL;
    }
    const char *dot = memchr(p, '.', mantissa);
    if (dot)
        d.exponent -= (long long)(mantissa - (size_t)(dot - p) - 1);
    while (mantissa > 0 && (p[mantissa - 1] == '0' || p[mantissa - 1] == '.')) {
        d.exponent += p[mantissa - 1] == '0';
        mantissa--;
    }
    while (mantissa > 0 && (*p == '0' || *p == '.')) {
        p++;
        mantissa--;
    }
    d.digits = p;
    d.digit_count = mantissa;
    return d;
}

bool cf_json_same_number(const char *a, const char *b)
{
    struct decimal left = read_decimal(a);
    struct decimal right = read_decimal(b);
    if (left.digit_count == 0 || right.digit_count == 0)
        return left.digit_count == right.digit_count;
    if (left.negative != right.negative || left.exponent != right.exponent)
        return false;
    size_t i = 0;
    size_t j = 0;
    for (;;) {
        if (i < left.digit_count && left.digits[i] == '.')
            i++;
        if (j < right.digit_count && right.digits[j] == '.')
            j++;
        if (i == left.digit_count || j == right.digit_count)
            return i == left.digit_count && j == right.digit_count;
        if (left.digits[i++] != right.digits[j++])
            return false;
    }
}

bool cf_json_whole_number(const char *literal)
{
    struct decimal d = read_decimal(literal);
    return d.digit_count == 0 || d.exponent >= 0;
}
