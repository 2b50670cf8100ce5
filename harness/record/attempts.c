#include "harness/record/attempts.h"

bool cf_attempts_add(struct cf_attempts *attempts, enum cf_verdict verdict)
{
    bool speaks = attempts->count == 0 || verdict > attempts->verdict;
    if (speaks)
        attempts->verdict = verdict;
    attempts->seen |= 1u << verdict;
    attempts->count++;
    return speaks;
}

bool cf_attempts_have(const struct cf_attempts *attempts, enum cf_verdict verdict)
{
    return (attempts->seen & 1u << verdict) != 0;
}

bool cf_attempts_differ(const struct cf_attempts *attempts)
{
    unsigned seen = attempts->seen & ~(1u << CF_NOT_APPLICABLE);
    return (seen & (seen - 1)) != 0;
}
