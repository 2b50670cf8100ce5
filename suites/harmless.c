/* The field that a case moves when any will do: ${harmless}. */
#include "suites/memory.h"
#include "suites/new_values.h"

#include <stdio.h>
#include <string.h>

/* Text first, which never runs out of values; what resizes the machine late; last what is part of
 * the compose hash, for a CVM that takes it in one request all the same. */
enum {
#define CF_CVM_FIELD(name, ...) FIELD_##name,
#include "suites/fields.def"
#undef CF_CVM_FIELD
};
const int cf_cvm_harmless_order[] = {FIELD_user_config,
                                     FIELD_shutdown_timeout,
                                     FIELD_encrypted_env,
                                     FIELD_vcpu,
                                     FIELD_memory,
                                     FIELD_gpus,
                                     FIELD_allow_force_stop,
                                     FIELD_disk_size,
                                     FIELD_image,
                                     FIELD_pre_launch_script,
                                     FIELD_docker_compose_file,
                                     FIELD_allowed_envs,
                                     FIELD_public_logs,
                                     FIELD_public_sysinfo,
                                     FIELD_public_tcbinfo,
                                     -1};

/* ---- which field ---- */

bool cf_cvm_harmless_by_profile(const struct cf_profile *profile, int field)
{
    const char *name = cf_cvm_fields[field].name;
    return cf_cvm_reading_maps_field(profile, field) && !cf_profile_moves_up(profile, name) &&
           (!cf_cvm_fields[field].needs_values || cf_profile_values(profile, name));
}

/* Whether a change of it would show: some value differs from what is read now. */
static bool would_show(const struct cf_profile *profile, const struct cf_cvm_reading *reading,
                       int field)
{
    const cJSON *list = cf_profile_values(profile, cf_cvm_fields[field].name);
    const cJSON *value;
    if (!cf_cvm_reading_sees(reading, field))
        return false;
    cJSON_ArrayForEach(value, list)
    {
        if (!cf_cvm_reading_shows(reading, field, value))
            return true;
    }
    return !list;
}

/* ---- fields that stand beside it in a body, which must not get them twice ---- */

static const cJSON *in_row(const struct cf_case *one, const char *text)
{
    char name[80];
    size_t len = strlen(text);
    if (len < 8 || len > sizeof(name) || strncmp(text, "${row.", 6) != 0 || text[len - 1] != '}')
        return NULL;
    snprintf(name, sizeof(name), "%.*s", (int)len - 7, text + 6);
    return cf_json_get(one->row, name);
}

static bool quotes(const char *text, const char *name)
{
    size_t len = strlen(name);
    const char *at = text;
    while ((at = strstr(at, name)) != NULL && !(at > text && at[-1] == '"' && at[len] == '"'))
        at++;
    return at != NULL;
}

static unsigned bits_in_text(const char *text)
{
    unsigned bits = 0;
    if (!strstr(text, "${harmless"))
        return 0;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++)
        bits |= quotes(text, cf_cvm_fields[i].name) ? 1u << i : 0;
    return bits;
}

static unsigned bits_beside(const struct cf_case *one, const cJSON *object)
{
    unsigned bits = 0;
    bool beside = false;
    for (const cJSON *member = object->child; member && !beside; member = member->next)
        beside = strncmp(member->string, "${harmless", 10) == 0;
    for (const cJSON *member = object->child; member && beside; member = member->next) {
        const cJSON *name = in_row(one, member->string);
        int index = cf_cvm_field_index(cJSON_IsString(name) ? name->valuestring : member->string);
        bits |= index >= 0 ? 1u << index : 0;
    }
    return bits;
}

static unsigned bits_in(const struct cf_case *one, const cJSON *node)
{
    unsigned bits = cJSON_IsString(node)   ? bits_in_text(node->valuestring)
                    : cJSON_IsObject(node) ? bits_beside(one, node)
                                           : 0;
    for (const cJSON *child = node ? node->child : NULL; child; child = child->next)
        bits |= bits_in(one, child);
    return bits;
}

/* ---- fields of the compose hash: where one request is enough, and the case is not about them ----
 */

static bool takes_two_phases(const struct cf_case *one)
{
    for (size_t i = 0; i < one->role_count; i++) {
        if (strcmp(one->roles[i].kind->name, "contract_owned") == 0)
            return true;
    }
    return false;
}

static bool names_field(const char *text, int field)
{
    return text && (strstr(text, cf_cvm_fields[field].name) ||
                    (field == FIELD_pre_launch_script && strstr(text, "pre-launch-script")));
}

static bool is_about(const cJSON *node, int field)
{
    if (node && (names_field(node->string, field) || names_field(node->valuestring, field)))
        return true;
    for (const cJSON *child = node ? node->child : NULL; child; child = child->next) {
        if (is_about(child, field))
            return true;
    }
    return false;
}

static bool bars_hash_field(const struct cf_case *one, int field)
{
    return !one || takes_two_phases(one) || is_about(one->steps, field) ||
           is_about(one->row, field);
}

static unsigned bits_beside_it(const struct cf_case *one)
{
    return one ? bits_in(one, one->steps) | bits_in(one, one->row) : 0;
}

unsigned cf_cvm_harmless_not(const struct cf_case *one)
{
    unsigned bits = bits_beside_it(one);
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++)
        bits |= cf_cvm_fields[i].affects_hash && bars_hash_field(one, i) ? 1u << i : 0;
    return bits;
}

/* ---- why none can serve ---- */

static bool has_no_values(const struct cf_profile *profile, int field)
{
    return cf_cvm_fields[field].needs_values &&
           !cf_profile_values(profile, cf_cvm_fields[field].name);
}

/* What keeps a field from serving in any case, as far as the profile says; NULL: nothing does. */
static const char *hindrance_of(const struct cf_profile *profile, int field)
{
    const char *name = cf_cvm_fields[field].name;
    if (cf_profile_out_of_sight(profile, name))
        return "out of sight";
    if (cf_profile_moves_up(profile, name))
        return "moving up only";
    if (has_no_values(profile, field))
        return "without pixit.values";
    return cf_cvm_reading_maps_field(profile, field) ? NULL : "not known where to read";
}

/* The fields that the profile keeps from serving, by what does. */
static void put_hindered(struct cf_buf *out, const struct cf_profile *profile, bool two_phases)
{
    static const char *const kinds[] = {"out of sight", "moving up only", "without pixit.values",
                                        "not known where to read"};
    const char *before = " (";
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        const char *separator = ": ";
        for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
            const char *why = hindrance_of(profile, i);
            if (!why || strcmp(why, kinds[k]) != 0 || (two_phases && cf_cvm_fields[i].affects_hash))
                continue;
            if (*separator == ':')
                cf_buf_printf(out, "%s%s", before, kinds[k]);
            cf_buf_printf(out, "%s%s", separator, cf_cvm_fields[i].name);
            separator = ", ";
            before = "; ";
        }
    }
    cf_buf_puts(out, *before == ';' ? ")" : "");
}

bool cf_cvm_harmless_none(const struct cf_profile *profile, const struct cf_case *one,
                          struct cf_buf *out_why, bool *out_applicable)
{
    unsigned beside = bits_beside_it(one);
    bool two_phases = one && takes_two_phases(one);
    *out_applicable = false;
    for (const int *f = cf_cvm_harmless_order; *f >= 0; f++) {
        bool never = cf_profile_out_of_sight(profile, cf_cvm_fields[*f].name) ||
                     cf_cvm_change_never(profile, 1u << *f) || beside >> *f & 1 ||
                     (cf_cvm_fields[*f].affects_hash && bars_hash_field(one, *f));
        *out_applicable = *out_applicable || !never;
        if (!never && cf_cvm_harmless_by_profile(profile, *f))
            return false;
    }
    cf_buf_puts(out_why, two_phases ? "no further field can be seen, moved back and forth, and is "
                                      "no part of the compose hash"
                                    : "no further field can be seen and moved back and forth");
    put_hindered(out_why, profile, two_phases);
    return true;
}

/* ---- which field a case takes ---- */

static int choose(struct cf_case_run *run)
{
    const struct cf_cvm_reading *reading = cf_cvm_memory_reading(run, NULL, 0);
    unsigned barred = cf_cvm_harmless_not(run->one);
    for (const int *f = cf_cvm_harmless_order; *f >= 0; f++) {
        if (!(barred >> *f & 1) && cf_cvm_harmless_by_profile(run->profile, *f) &&
            (!reading || would_show(run->profile, reading, *f)))
            return *f;
    }
    return -1;
}

/* ---- which value ---- */

static bool was_given(int field, const cJSON *given, const cJSON *value)
{
    const cJSON *old;
    cJSON_ArrayForEach(old, given)
    {
        if (cf_cvm_field_same(&cf_cvm_fields[field], old, value))
            return true;
    }
    return false;
}

/* Whether a listed value is to be passed over. The first round wants one that was not handed out
 * and does not show now, the second any that does not show now but the last one, the third any but
 * the last one. */
static bool pass_over(struct cf_case_run *run, int field, const cJSON *value, int round)
{
    const struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    const struct cf_cvm_reading *reading = cf_cvm_memory_reading(run, NULL, 0);
    int given = cJSON_GetArraySize(memory->given);
    if (round < 2 && reading && cf_cvm_reading_shows(reading, field, value))
        return true;
    return round == 0
               ? was_given(field, memory->given, value)
               : given > 0 && cf_json_equal(cJSON_GetArrayItem(memory->given, given - 1), value);
}

static cJSON *of_list(struct cf_case_run *run, int field, const cJSON *list)
{
    int count = cJSON_GetArraySize(list);
    int start = (int)cf_random_below(&run->random, (uint32_t)count);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < count; i++) {
            const cJSON *value = cJSON_GetArrayItem(list, (start + i) % count);
            if (!pass_over(run, field, value, round))
                return cJSON_Duplicate(value, 1);
        }
    }
    return NULL;
}

static cJSON *made(struct cf_case_run *run, int field)
{
    struct cf_err ignored = {0};
    cJSON *value = NULL;
    const struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    const struct cf_cvm_field *f = &cf_cvm_fields[field];
    int given = cJSON_GetArraySize(memory->given);
    if (f->kind == CF_CVM_FIELD_BOOLEAN && given > 0) /* to and fro */
        return cJSON_CreateBool(!cJSON_IsTrue(cJSON_GetArrayItem(memory->given, given - 1)));
    do {
        cJSON_Delete(value);
        value = NULL;
        if (cf_cvm_resolve_another(run, f->name, &value, &ignored) != CF_OK)
            return NULL;
    } while (f->kind != CF_CVM_FIELD_BOOLEAN && was_given(field, memory->given, value));
    return value;
}

static cJSON *next_value(struct cf_case_run *run, int field)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    const cJSON *list = cf_profile_values(run->profile, cf_cvm_fields[field].name);
    cJSON *value = list ? of_list(run, field, list) : made(run, field);
    if (!memory->given)
        memory->given = cJSON_CreateArray();
    if (value)
        cJSON_AddItemToArray(memory->given, cJSON_Duplicate(value, 1));
    return value;
}

/* ---- its forms ---- */

static enum cf_code in_form(const char *form, const char *name, cJSON *value, cJSON **out,
                            struct cf_err *err)
{
    struct cf_buf text = {0};
    if (*form == '\0') {
        *out = cJSON_CreateObject();
        cJSON_AddItemToObject(*out, name, value);
        return CF_OK;
    }
    if (strcmp(form, ".value") == 0) {
        *out = value;
        return CF_OK;
    }
    if (strcmp(form, ".member") == 0)
        cf_buf_printf(&text, "\"%s\": ", name);
    else if (strcmp(form, ".json") != 0)
        return cf_err_set(err, CF_EINPUT, "harmless has .field, .value, .json, .member");
    cf_json_print(&text, value);
    *out = cJSON_CreateString(cf_buf_text(&text));
    cf_buf_release(&text);
    cJSON_Delete(value);
    return CF_OK;
}

static enum cf_code none_found(struct cf_case_run *run, struct cf_err *err)
{
    struct cf_buf why = {0};
    bool applicable = true;
    if (!cf_cvm_harmless_none(run->profile, run->one, &why, &applicable))
        cf_buf_puts(&why, "the field to move back and forth cannot be observed now");
    if (!applicable)
        cf_run_not_applicable(run, "%s", cf_buf_text(&why));
    cf_err_set(err, CF_ENOTFOUND, "%s", cf_buf_text(&why));
    cf_buf_release(&why);
    return CF_ENOTFOUND;
}

enum cf_code cf_cvm_resolve_harmless(struct cf_case_run *run, const char *form, cJSON **out,
                                     struct cf_err *err)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    if (memory->harmless == 0)
        memory->harmless = choose(run) + 1;
    int field = memory->harmless - 1;
    if (field < 0)
        return none_found(run, err);
    const char *name = cf_cvm_fields[field].name;
    if (strcmp(form, ".field") == 0) {
        *out = cJSON_CreateString(name);
        return CF_OK;
    }
    cJSON *value = next_value(run, field);
    if (!value)
        return cf_err_set(err, CF_ENOTFOUND, "pixit.values.%s has no other value", name);
    enum cf_code code = in_form(form, name, value, out, err);
    if (code != CF_OK)
        cJSON_Delete(value);
    return code;
}
