#include "reference/switches.h"
#include "harness/base/name.h"

#include <ctype.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64 };

struct definition {
    const char *id;
    const char *level;
    const char *requirement;
    const char *part;
    const char *sentence;
};

static const struct definition definitions[CF_REF_ID_COUNT] = {
#define X(id, level, requirement, sentence) {#id, level, requirement, "", sentence},
#include "reference/deviations.def"
#undef X
#define X(id, level, ambiguity, part, sentence) {#id, level, ambiguity, part, sentence},
#include "reference/variants.def"
#undef X
};

/* The rows with their names made. Filled once, before anybody sees them, and then constant. */
static const struct cf_ref_switch *rows(void)
{
    static char names[CF_REF_ID_COUNT][NAME_MAX_BYTES];
    static struct cf_ref_switch made[CF_REF_ID_COUNT];
    for (size_t i = 0; i < CF_REF_ID_COUNT && !made[CF_REF_ID_COUNT - 1].name; i++) {
        const struct definition *d = &definitions[i];
        for (size_t at = 0; d->id[at] != '\0' && at + 1 < NAME_MAX_BYTES; at++)
            names[i][at] = d->id[at] == '_' ? '-' : (char)tolower((unsigned char)d->id[at]);
        made[i] = (struct cf_ref_switch){.name = names[i],
                                         .requirement = d->requirement,
                                         .level = d->level,
                                         .part = d->part,
                                         .sentence = d->sentence};
    }
    return made;
}

size_t cf_ref_deviations(const struct cf_ref_switch **out)
{
    *out = rows();
    return CF_REF_DEVIATION_COUNT;
}

size_t cf_ref_variants(const struct cf_ref_switch **out)
{
    *out = rows() + CF_REF_DEVIATION_COUNT;
    return CF_REF_ID_COUNT - CF_REF_DEVIATION_COUNT;
}

void cf_ref_switches_add(struct cf_ref_switches *on, enum cf_ref_id id)
{
    on->bits[id / 64] |= UINT64_C(1) << (id % 64);
}

/* Switch on the row of this name, one of count from first on. */
static enum cf_code add(struct cf_ref_switches *on, size_t first, size_t count, const char *kind,
                        const char *name, struct cf_err *err)
{
    struct cf_nearest nearest = {0};
    for (size_t i = first; i < first + count; i++) {
        cf_nearest_offer(&nearest, name, rows()[i].name);
        if (strcmp(name, rows()[i].name) == 0) {
            cf_ref_switches_add(on, (enum cf_ref_id)i);
            return CF_OK;
        }
    }
    return cf_err_set(err, CF_ENOTFOUND, "no %s is named \"%.100s\"; the nearest name is \"%s\"",
                      kind, name, nearest.name);
}

enum cf_code cf_ref_switches_add_deviation(struct cf_ref_switches *on, const char *name,
                                           struct cf_err *err)
{
    return add(on, 0, CF_REF_DEVIATION_COUNT, "deviation", name, err);
}

enum cf_code cf_ref_switches_add_variant(struct cf_ref_switches *on, const char *name,
                                         struct cf_err *err)
{
    return add(on, CF_REF_DEVIATION_COUNT, CF_REF_ID_COUNT - CF_REF_DEVIATION_COUNT, "variant",
               name, err);
}
