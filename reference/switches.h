/*
 * The bugs and liberties that a server can be told to have, and which of them one server has.
 *
 * deviations.def and variants.def are the tables; each row is one value of enum cf_ref_id, and is
 * asked about at the place where the bug would be made. Deviations and variants share one range of
 * values, so that a table of code may hold both.
 */
#ifndef CF_REF_SWITCHES_H
#define CF_REF_SWITCHES_H

#include "harness/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cf_ref_id {
#define X(id, level, requirement, sentence) CF_REF_DEV_##id,
#include "reference/deviations.def"
#undef X
    CF_REF_DEVIATION_COUNT,
    CF_REF_BEFORE_VARIANTS = CF_REF_DEVIATION_COUNT - 1,
#define X(id, level, ambiguity, part, sentence) CF_REF_VAR_##id,
#include "reference/variants.def"
#undef X
    CF_REF_ID_COUNT
};

struct cf_ref_switches {
    uint64_t bits[(CF_REF_ID_COUNT + 63) / 64];
};

/* Whether the server has this bug, or takes this liberty. */
static inline bool cf_ref_has(const struct cf_ref_switches *on, enum cf_ref_id id)
{
    return (on->bits[id / 64] >> (id % 64)) & 1;
}

/* Switch one on. */
void cf_ref_switches_add(struct cf_ref_switches *on, enum cf_ref_id id);

/* Switch one on by name. CF_ENOTFOUND: there is none of this name; the text offers the nearest. */
CF_MUST_CHECK enum cf_code cf_ref_switches_add_deviation(struct cf_ref_switches *on,
                                                         const char *name, struct cf_err *err);
CF_MUST_CHECK enum cf_code cf_ref_switches_add_variant(struct cf_ref_switches *on, const char *name,
                                                       struct cf_err *err);

/* One row of a table, to be printed. */
struct cf_ref_switch {
    const char *name;        /* the identifier in lower case, with dashes */
    const char *requirement; /* a deviation: the one it breaks; a variant: the ambiguity it takes
                                the other way, or "" */
    const char *level;       /* a deviation: of that requirement; a variant: "" when it raises no
                                finding, "should" when it stays within every must but not within
                                every should, "field" when it belongs to the field target */
    const char *part;        /* a variant: of the server, that it changes; a deviation: "" */
    const char *sentence;
};

/* The tables, in the order of their definition; static. Return the number of rows. */
size_t cf_ref_deviations(const struct cf_ref_switch **out);
size_t cf_ref_variants(const struct cf_ref_switch **out);

#endif
