#include "reference/switches.h"
#include "reference/reference.h"

#include <string.h>

static const struct cf_reference_switch deviation_rows[] = {
#define CF_X(id, name, requirement, level, sentence) {name, requirement, level, sentence},
    CF_REF_DEVIATIONS(CF_X)
#undef CF_X
};

static const struct cf_reference_switch variant_rows[] = {
#define CF_X(id, name, requirement, level, sentence) {name, requirement, level, sentence},
    CF_REF_VARIANTS(CF_X)
#undef CF_X
};

size_t cf_reference_deviations(const struct cf_reference_switch **out)
{
    *out = deviation_rows;
    return CF_REF_DEVIATION_COUNT;
}

size_t cf_reference_variants(const struct cf_reference_switch **out)
{
    *out = variant_rows;
    return CF_REF_VARIANT_COUNT;
}

enum { NAME_MAX_BYTES = 64 };

/* Edits that turn a into b; names longer than any row's count as unlike everything. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_BYTES + 1];
    size_t len = strlen(b);
    if (len > NAME_MAX_BYTES || strlen(a) > NAME_MAX_BYTES)
        return NAME_MAX_BYTES;
    for (size_t j = 0; j <= len; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[len];
}

static enum cf_code find(const struct cf_reference_switch *rows, size_t count, const char *kind,
                         const char *name, size_t *out_index, struct cf_err *err)
{
    size_t nearest = 0;
    size_t distance = (size_t)-1;
    for (size_t i = 0; i < count; i++) {
        size_t this_one = edit_distance(name, rows[i].name);
        if (this_one < distance) {
            distance = this_one;
            nearest = i;
        }
        if (strcmp(name, rows[i].name) == 0) {
            *out_index = i;
            return CF_OK;
        }
    }
    return cf_err_set(err, CF_ENOTFOUND, "no %s is named \"%.100s\"; the nearest name is \"%s\"",
                      kind, name, rows[nearest].name);
}

enum cf_code cf_ref_switches_add_deviation(struct cf_ref_switches *on, const char *name,
                                           struct cf_err *err)
{
    size_t i = 0;
    enum cf_code code = find(deviation_rows, CF_REF_DEVIATION_COUNT, "deviation", name, &i, err);
    if (code == CF_OK)
        on->deviations[i / 64] |= UINT64_C(1) << (i % 64);
    return code;
}

enum cf_code cf_ref_switches_add_variant(struct cf_ref_switches *on, const char *name,
                                         struct cf_err *err)
{
    size_t i = 0;
    enum cf_code code = find(variant_rows, CF_REF_VARIANT_COUNT, "variant", name, &i, err);
    if (code == CF_OK)
        on->variants[i / 64] |= UINT64_C(1) << (i % 64);
    return code;
}

enum cf_code cf_ref_switches_init(struct cf_ref_switches *on,
                                  const struct cf_reference_options *options, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    *on = (struct cf_ref_switches){0};
    for (size_t i = 0; i < options->deviation_count && code == CF_OK; i++)
        code = cf_ref_switches_add_deviation(on, options->deviations[i], err);
    for (size_t i = 0; i < options->variant_count && code == CF_OK; i++)
        code = cf_ref_switches_add_variant(on, options->variants[i], err);
    return code;
}
