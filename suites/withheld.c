#include "suites/withheld.h"
#include "suites/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

const char *cf_cvm_withheld_why(const struct cf_profile *profile, int field)
{
    const char *name = cf_cvm_fields[field].name;
    if (!cf_cvm_fields[field].needs_values || cf_profile_values(profile, name))
        return NULL;
    if (cf_profile_out_of_sight(profile, name))
        return "it is out of sight";
    if (!cf_cvm_reading_maps_field(profile, field))
        return "nothing says where it is read";
    return cf_cvm_reading_is_coarse(profile, field) ? "it may show rounded" : NULL;
}

/* A text that begins as a number does. */
static bool is_like_a_number(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return isdigit((unsigned char)*text) || *text == '-' || *text == '+' || *text == '.';
}

bool cf_cvm_withheld_may_be_taken(int field, const cJSON *value)
{
    if (!value || cJSON_IsNull(value))
        return value != NULL;
    switch (cf_cvm_fields[field].kind) {
    case CF_CVM_FIELD_GPUS:
        return !cf_cvm_field_value_fault("gpus", value);
    case CF_CVM_FIELD_INTEGER:
        return cJSON_IsNumber(value) || cJSON_IsBool(value) ||
               (cJSON_IsString(value) && is_like_a_number(value->valuestring));
    default:
        return !cJSON_IsArray(value) && !cJSON_IsObject(value);
    }
}

/* ---- what a reading leaves unseen ---- */

static bool lists_what_shows(const struct cf_profile *profile, int field, const cJSON *now)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, cf_profile_values(profile, cf_cvm_fields[field].name))
    {
        if (cf_cvm_field_same(&cf_cvm_fields[field], now, value))
            return true;
    }
    return false;
}

/* GPUs of which no more shows than how many there are. */
static bool are_but_counted(const cJSON *now)
{
    return cJSON_IsNumber(now) && now->valuedouble >= 1;
}

static bool write_why(const struct cf_profile *profile, const struct cf_cvm_reading *now, int field,
                      char *why, size_t size)
{
    const cJSON *value = now->values[field];
    const char *name = cf_cvm_fields[field].name;
    bool listed = cf_profile_values(profile, name) != NULL;
    if (!listed && !now->observed[field])
        snprintf(why, size, "it cannot be read (%.150s)", now->why_not[field]);
    else if (cf_cvm_fields[field].kind == CF_CVM_FIELD_GPUS && are_but_counted(value) &&
             !lists_what_shows(profile, field, value))
        snprintf(why, size, "only the number of GPUs shows (%d)", (int)value->valuedouble);
    else
        return false;
    return true;
}

/* Whether the field has nothing to go back to; why. */
static bool at_stake(struct cf_case_run *run, int field, int role, char *why, size_t size)
{
    const struct cf_cvm_watched *last = &cf_cvm_memory_of(run)->watched[role];
    const char *by_profile = cf_cvm_withheld_why(run->profile, field);
    if (!cf_cvm_fields[field].needs_values)
        return false;
    if (by_profile)
        snprintf(why, size, "%s", by_profile);
    return by_profile || (last->known && write_why(run->profile, &last->reading, field, why, size));
}

static void leave_alone(struct cf_case_run *run, const char *name, const char *why)
{
    if (cf_profile_values_none(run->profile, name))
        cf_run_not_applicable(run, "%s is left alone: %s, and pixit.values.%s is empty", name, why,
                              name);
    else
        cf_run_inconclusive(run,
                            "%s is left alone: %s, and pixit.values.%s lists nothing to put back",
                            name, why, name);
}

void cf_cvm_withhold(struct cf_case_run *run, const cJSON *step, const char *body, size_t body_len)
{
    char why[CF_CVM_WHY_BYTES];
    int role = cf_run_role(run, cf_json_text(step, "to", NULL));
    if (!body || strcmp(cf_json_text(step, "request", ""), "update-cvm") != 0 || role < 0)
        return;
    const struct cf_json_text *text = cf_json_texts_read(run->texts, body, body_len);
    for (int i = 0; i < CF_CVM_FIELD_COUNT && !run->over; i++) {
        const char *name = cf_cvm_fields[i].name;
        if (cf_cvm_withheld_may_be_taken(i, cf_json_get(text->root, name)) &&
            at_stake(run, i, role, why, sizeof(why)))
            leave_alone(run, name, why);
    }
    cf_json_text_release(text);
}
