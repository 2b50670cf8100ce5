#include "reference/setup.h"
#include "reference/compose.h"

#include "harness/base/name.h"

/* What the field service has of the field target: all of it. */
static const enum cf_ref_id field_service[] = {
    CF_REF_VAR_USER_CONFIG_AS_AN_OBJECT,
    CF_REF_VAR_GPUS_AS_A_NUMBER,
    CF_REF_VAR_SIZES_ROUNDED,
    CF_REF_VAR_DISK_CANNOT_SHRINK,
    CF_REF_VAR_IMAGE_NOT_DOWNGRADED,
    CF_REF_VAR_GATEWAY_IN_FRONT,
    CF_REF_VAR_OPERATIONS_OF_ALL_LENGTHS,
    CF_REF_VAR_SECRETS_OUT_OF_SIGHT,
};

enum cf_code cf_ref_options_switches(const struct cf_ref_options *options,
                                     struct cf_ref_switches *on, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    *on = (struct cf_ref_switches){0};
    for (size_t i = 0; i < options->deviation_count && code == CF_OK; i++)
        code = cf_ref_switches_add_deviation(on, options->deviations[i], err);
    for (size_t i = 0; i < options->variant_count && code == CF_OK; i++)
        code = cf_ref_switches_add_variant(on, options->variants[i], err);
    if (!cf_ref_has(on, CF_REF_VAR_FIELD_SERVICE))
        return code;
    for (size_t i = 0; i < sizeof(field_service) / sizeof(field_service[0]); i++)
        cf_ref_switches_add(on, field_service[i]);
    return code;
}

static enum cf_code find_field(const char *name, enum cf_ref_field *out, struct cf_err *err)
{
    struct cf_nearest nearest = {0};
    *out = cf_ref_field_named(name);
    if (*out != CF_REF_FIELD_COUNT)
        return CF_OK;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++)
        cf_nearest_offer(&nearest, name, cf_ref_field((enum cf_ref_field)i)->name);
    return cf_err_set(err, CF_ENOTFOUND, "no field is named \"%.100s\"; the nearest name is \"%s\"",
                      name, nearest.name);
}

enum cf_code cf_ref_options_out_of_sight(const struct cf_ref_options *options,
                                         const struct cf_ref_switches *on, uint32_t *out_fields,
                                         struct cf_err *err)
{
    uint32_t fields = 0;
    for (size_t i = 0; i < options->out_of_sight_count; i++) {
        enum cf_ref_field field;
        enum cf_code code = find_field(options->out_of_sight[i], &field, err);
        if (code != CF_OK)
            return code;
        fields |= CF_REF_BIT(field);
    }
    if (cf_ref_has(on, CF_REF_VAR_SECRETS_OUT_OF_SIGHT))
        fields |= CF_REF_BIT_OF(ENCRYPTED_ENV) | CF_REF_BIT_OF(SHUTDOWN_TIMEOUT) |
                  CF_REF_BIT_OF(ALLOW_FORCE_STOP);
    *out_fields = fields;
    return CF_OK;
}

static enum cf_code check_chain(const struct cf_ref_options *options,
                                const struct cf_ref_switches *on, struct cf_err *err)
{
    char address[41];
    if (!options->chain_url != (options->app_id_count == 0))
        return cf_err_set(err, CF_EINPUT, "a chain needs app ids, and app ids need a chain");
    for (size_t i = 0; i < options->app_id_count; i++) {
        if (!cf_ref_address_read(options->app_ids[i], address))
            return cf_err_set(err, CF_EINPUT, "\"%s\" is not an address of 20 bytes",
                              options->app_ids[i]);
    }
    if (options->chain_url && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_ALLOW_LIST_CACHED))
        return cf_err_set(err, CF_EINPUT,
                          "two-phase-allow-list-cached is a bug of the simulator's chain");
    return CF_OK;
}

enum cf_code cf_ref_options_check(const struct cf_ref_options *options, struct cf_err *err)
{
    struct cf_ref_switches on;
    uint32_t fields = 0;
    enum cf_code code = cf_ref_options_switches(options, &on, err);
    if (code == CF_OK)
        code = cf_ref_options_out_of_sight(options, &on, &fields, err);
    return code == CF_OK ? check_chain(options, &on, err) : code;
}
