/*
 * Which deviations and variants a server runs with: two small bit sets, asked at the place where
 * the bug would live. The rows are in deviations.h and variants.h.
 */
#ifndef CF_REFERENCE_SWITCHES_H
#define CF_REFERENCE_SWITCHES_H

#include "harness/base/err.h"
#include "reference/deviations.h"
#include "reference/variants.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cf_ref_deviation {
#define CF_X(id, name, requirement, level, sentence) CF_DEV_##id,
    CF_REF_DEVIATIONS(CF_X)
#undef CF_X
        CF_REF_DEVIATION_COUNT
};

enum cf_ref_variant {
#define CF_X(id, name, requirement, level, sentence) CF_VAR_##id,
    CF_REF_VARIANTS(CF_X)
#undef CF_X
        CF_REF_VARIANT_COUNT
};

struct cf_ref_switches {
    uint64_t deviations[(CF_REF_DEVIATION_COUNT + 63) / 64];
    uint64_t variants[(CF_REF_VARIANT_COUNT + 63) / 64];
};

/* Whether this bug is in the server. */
static inline bool cf_deviates(const struct cf_ref_switches *on, enum cf_ref_deviation deviation)
{
    return (on->deviations[deviation / 64] >> (deviation % 64)) & 1;
}

/* Whether the server takes this liberty. */
static inline bool cf_varies(const struct cf_ref_switches *on, enum cf_ref_variant variant)
{
    return (on->variants[variant / 64] >> (variant % 64)) & 1;
}

struct cf_reference_options;

/* All that the options name. CF_ENOTFOUND as below. */
CF_MUST_CHECK enum cf_code cf_ref_switches_init(struct cf_ref_switches *on,
                                                const struct cf_reference_options *options,
                                                struct cf_err *err);

/* Switch one on by name. CF_ENOTFOUND: no such name; the text offers the nearest. */
CF_MUST_CHECK enum cf_code cf_ref_switches_add_deviation(struct cf_ref_switches *on,
                                                         const char *name, struct cf_err *err);
CF_MUST_CHECK enum cf_code cf_ref_switches_add_variant(struct cf_ref_switches *on, const char *name,
                                                       struct cf_err *err);

#endif
