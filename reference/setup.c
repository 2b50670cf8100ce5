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

/* Whole stacks. Some of what they do breaks a should, and is a deviation by itself. */
static const enum cf_ref_id go[] = {
    CF_REF_VAR_NAMES_IN_ANY_CASE,
    CF_REF_VAR_FIRST_ERROR_ONLY,
    CF_REF_DEV_VALIDATION_LOC_WITHOUT_INDEX,
    CF_REF_DEV_VALIDATION_JSON_TAIL_IGNORED,
    CF_REF_VAR_MALFORMED_JSON_400,
    CF_REF_DEV_VALIDATION_BODY_400,
    CF_REF_VAR_STRICT_INTEGERS,
    CF_REF_VAR_JSON_UNDER_ANY_LABEL,
    CF_REF_VAR_PLAIN_ERRORS,
    CF_REF_VAR_NULL_LEAVES,
};

static const enum cf_ref_id spring[] = {
    CF_REF_VAR_LAX_COERCION,
    CF_REF_VAR_FRACTIONS_TRUNCATED,
    CF_REF_VAR_SCALARS_BECOME_TEXT,
    CF_REF_DEV_VALIDATION_FLAG_NUMBERS,
    CF_REF_DEV_VALIDATION_JSON_TAIL_IGNORED,
    CF_REF_VAR_FIRST_ERROR_ONLY,
    CF_REF_VAR_MALFORMED_JSON_400,
    CF_REF_VAR_FOREIGN_TYPES_415,
    CF_REF_VAR_PLAIN_ERRORS,
};

static const enum cf_ref_id fastify[] = {
    CF_REF_VAR_FIRST_ERROR_ONLY,    CF_REF_VAR_SMALL_BODIES,       CF_REF_VAR_MALFORMED_JSON_400,
    CF_REF_DEV_VALIDATION_BODY_400, CF_REF_VAR_FOREIGN_TYPES_415,  CF_REF_VAR_JSON_CHARSET,
    CF_REF_VAR_PLAIN_ERRORS,        CF_REF_VAR_LOWER_CASE_HEADERS,
};

static const enum cf_ref_id rails[] = {
    CF_REF_VAR_LAX_COERCION,       CF_REF_VAR_FRACTIONS_TRUNCATED, CF_REF_VAR_SCALARS_BECOME_TEXT,
    CF_REF_VAR_MALFORMED_JSON_400, CF_REF_VAR_LOC_WITHOUT_BODY,    CF_REF_VAR_JSON_CHARSET,
    CF_REF_VAR_PLAIN_ERRORS,
};

static const enum cf_ref_id asp_net[] = {
    CF_REF_VAR_NAMES_IN_ANY_CASE,  CF_REF_VAR_FIRST_ERROR_ONLY,    CF_REF_VAR_STRICT_INTEGERS,
    CF_REF_VAR_MALFORMED_JSON_400, CF_REF_DEV_VALIDATION_BODY_400, CF_REF_VAR_FOREIGN_TYPES_415,
    CF_REF_VAR_JSON_CHARSET,       CF_REF_VAR_PLAIN_ERRORS,
};

static const enum cf_ref_id axum[] = {
    CF_REF_DEV_VALIDATION_GPUS_IN_ORDER,
    CF_REF_VAR_FIRST_ERROR_ONLY,
    CF_REF_VAR_STRICT_INTEGERS,
    CF_REF_VAR_MALFORMED_JSON_400,
    CF_REF_VAR_DUPLICATES_REFUSED,
    CF_REF_VAR_FOREIGN_TYPES_415,
    CF_REF_VAR_LOWER_CASE_HEADERS,
    CF_REF_VAR_PLAIN_ERRORS,
    CF_REF_VAR_NULL_LEAVES,
};

static const enum cf_ref_id django[] = {
    CF_REF_VAR_LAX_COERCION,       CF_REF_VAR_SCALARS_BECOME_TEXT,
    CF_REF_VAR_MALFORMED_JSON_400, CF_REF_DEV_ROBUSTNESS_DEEP_NESTING_500,
    CF_REF_VAR_FOREIGN_TYPES_415,  CF_REF_VAR_PLAIN_ERRORS,
};

#define MADE_OF(parts) parts, sizeof(parts) / sizeof((parts)[0])

static const struct {
    enum cf_ref_id whole;
    const enum cf_ref_id *parts;
    size_t count;
} bundles[] = {
    {CF_REF_VAR_FIELD_SERVICE, MADE_OF(field_service)},
    {CF_REF_VAR_STACK_GO, MADE_OF(go)},
    {CF_REF_VAR_STACK_SPRING, MADE_OF(spring)},
    {CF_REF_VAR_STACK_FASTIFY, MADE_OF(fastify)},
    {CF_REF_VAR_STACK_AXUM, MADE_OF(axum)},
    {CF_REF_VAR_STACK_DJANGO, MADE_OF(django)},
    {CF_REF_VAR_STACK_RAILS, MADE_OF(rails)},
    {CF_REF_VAR_STACK_ASP_NET, MADE_OF(asp_net)},
};

static void add_parts(struct cf_ref_switches *on)
{
    for (size_t i = 0; i < sizeof(bundles) / sizeof(bundles[0]); i++) {
        for (size_t n = 0; n < bundles[i].count && cf_ref_has(on, bundles[i].whole); n++)
            cf_ref_switches_add(on, bundles[i].parts[n]);
    }
}

enum cf_code cf_ref_options_switches(const struct cf_ref_options *options,
                                     struct cf_ref_switches *on, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    *on = (struct cf_ref_switches){0};
    for (size_t i = 0; i < options->deviation_count && code == CF_OK; i++)
        code = cf_ref_switches_add_deviation(on, options->deviations[i], err);
    for (size_t i = 0; i < options->variant_count && code == CF_OK; i++)
        code = cf_ref_switches_add_variant(on, options->variants[i], err);
    add_parts(on);
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
