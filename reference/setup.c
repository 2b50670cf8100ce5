#include "reference/setup.h"

enum cf_code cf_ref_options_switches(const struct cf_ref_options *options,
                                     struct cf_ref_switches *on, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    *on = (struct cf_ref_switches){0};
    for (size_t i = 0; i < options->deviation_count && code == CF_OK; i++)
        code = cf_ref_switches_add_deviation(on, options->deviations[i], err);
    for (size_t i = 0; i < options->variant_count && code == CF_OK; i++)
        code = cf_ref_switches_add_variant(on, options->variants[i], err);
    return code;
}

enum cf_code cf_ref_options_check(const struct cf_ref_options *options, struct cf_err *err)
{
    struct cf_ref_switches on;
    return cf_ref_options_switches(options, &on, err);
}
