#include "reference/next_save.h"

bool cf_ref_goes_that_way(const struct cf_ref_cvm *cvm, uint32_t asked, enum cf_ref_way way)
{
    bool owned = cvm->kms != CF_REF_KMS_PHALA;
    bool phased = (asked & CF_REF_COMPOSE_FIELDS) != 0;
    if (way == CF_REF_ANY_WAY || way == CF_REF_MANAGED)
        return way == CF_REF_ANY_WAY || !owned;
    return owned && phased == (way == CF_REF_OWNED_PHASED);
}

static const struct {
    enum cf_ref_id id;
    enum cf_ref_endpoint endpoint;
    enum cf_ref_field field;
    const char *before;  /* NULL: whatever is longer than the column */
    const char *becomes; /* NULL: what the column holds of it */
    enum cf_ref_way way;
    size_t column_bytes;
} rewrites[] = {
    {CF_REF_DEV_PARTIAL_OWNED_EMPTY_SCRIPT_REFILLED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, "", "#!/bin/sh\n", CF_REF_OWNED_AT_ONCE, 0},
    {CF_REF_DEV_PARTIAL_OWNED_NO_SECRETS_REFILLED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_ENCRYPTED_ENV, "", "00", CF_REF_OWNED_AT_ONCE, 0},
    {CF_REF_DEV_PARTIAL_EMPTY_SCRIPT_REFILLED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, "", "#!/bin/sh\n", CF_REF_ANY_WAY, 0},
    {CF_REF_DEV_PARTIAL_EMPTY_USER_CONFIG_REFILLED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_USER_CONFIG, "", "{}", CF_REF_ANY_WAY, 0},
    {CF_REF_DEV_PARTIAL_EMPTY_FILE_REFILLED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, "", "services: {}\n", CF_REF_MANAGED, 0},
    {CF_REF_DEV_PARTIAL_LONGEST_TIMEOUT_LIFTED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_SHUTDOWN_TIMEOUT, "1200", "null", CF_REF_ANY_WAY, 0},
    {CF_REF_DEV_PARTIAL_NO_TIMEOUT_REFILLED, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_SHUTDOWN_TIMEOUT, "null", "60", CF_REF_ANY_WAY, 0},
    {CF_REF_DEV_PARTIAL_ATTACH_ALL_LOST, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_GPUS,
     "{\"gpus\":[],\"attach_mode\":\"all\"}", "{\"gpus\":[],\"attach_mode\":\"listed\"}",
     CF_REF_ANY_WAY, 0},
    {CF_REF_DEV_SCRIPT_LIFTS_LONGEST_TIMEOUT, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_SHUTDOWN_TIMEOUT,
     "1200", "null", CF_REF_ANY_WAY, 0},
    {CF_REF_DEV_SCRIPT_REFILLS_USER_CONFIG, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_USER_CONFIG, "",
     "{}", CF_REF_ANY_WAY, 0},
    {CF_REF_DEV_PARTIAL_STORED_CONFIG_CUT, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     NULL, NULL, CF_REF_MANAGED, 255},
    {CF_REF_DEV_SCRIPT_STORED_CONFIG_CUT, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_USER_CONFIG, NULL,
     NULL, CF_REF_MANAGED, 255},
    {CF_REF_DEV_PARTIAL_OWNED_STORED_CONFIG_CUT, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_USER_CONFIG, NULL, NULL, CF_REF_OWNED_AT_ONCE, 255},
    {CF_REF_DEV_TWO_PHASE_STORED_CONFIG_CUT, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_USER_CONFIG,
     NULL, NULL, CF_REF_OWNED_PHASED, 255},
    {CF_REF_DEV_TWO_PHASE_STORED_FILE_CUT, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, NULL, NULL, CF_REF_OWNED_PHASED, 4096},
    {CF_REF_DEV_TWO_PHASE_STORED_SCRIPT_CUT, CF_REF_ENDPOINT_UPDATE_CVM,
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, NULL, NULL, CF_REF_OWNED_PHASED, 4096},
    {CF_REF_DEV_TWO_PHASE_NO_ENVS_REFILLED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_ALLOWED_ENVS,
     "[]", "[\"PATH\"]", CF_REF_OWNED_PHASED, 0},
    {CF_REF_DEV_PARTIAL_NO_SECRETS_REFILLED, CF_REF_ENDPOINT_UPDATE_CVM, CF_REF_FIELD_ENCRYPTED_ENV,
     "", "00", CF_REF_MANAGED, 0},
    {CF_REF_DEV_SCRIPT_NO_SECRETS_REFILLED, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_ENCRYPTED_ENV, "",
     "00", CF_REF_MANAGED, 0},
    {CF_REF_DEV_SCRIPT_OWNED_REFILLS_USER_CONFIG, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_USER_CONFIG,
     "", "{}", CF_REF_OWNED_PHASED, 0},
    {CF_REF_DEV_SCRIPT_OWNED_STORED_CONFIG_CUT, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_USER_CONFIG,
     NULL, NULL, CF_REF_OWNED_PHASED, 255},
    {CF_REF_DEV_SCRIPT_OWNED_STORED_FILE_CUT, CF_REF_ENDPOINT_SCRIPT,
     CF_REF_FIELD_DOCKER_COMPOSE_FILE, NULL, NULL, CF_REF_OWNED_PHASED, 4096},
    {CF_REF_DEV_SCRIPT_OWNED_NO_ENVS_REFILLED, CF_REF_ENDPOINT_SCRIPT, CF_REF_FIELD_ALLOWED_ENVS,
     "[]", "[\"PATH\"]", CF_REF_OWNED_PHASED, 0},
};

static void rewrite(const struct cf_ref_value *now, size_t row, struct cf_ref_update *update)
{
    enum cf_ref_field field = rewrites[row].field;
    if (!rewrites[row].before && now->len > rewrites[row].column_bytes)
        cf_ref_update_set(update, field, now->bytes, rewrites[row].column_bytes);
    else if (rewrites[row].before && cf_ref_value_is(now, rewrites[row].before))
        cf_ref_update_set_text(update, field, rewrites[row].becomes);
}

void cf_ref_next_save(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                      enum cf_ref_endpoint endpoint, struct cf_ref_update *update)
{
    uint32_t asked = update->present;
    for (size_t i = 0; i < sizeof(rewrites) / sizeof(rewrites[0]); i++) {
        enum cf_ref_field field = rewrites[i].field;
        if (cf_ref_has(on, rewrites[i].id) && rewrites[i].endpoint == endpoint &&
            cf_ref_goes_that_way(cvm, asked, rewrites[i].way) && !cf_ref_update_has(update, field))
            rewrite(&cvm->settings.of[field], i, update);
    }
}
