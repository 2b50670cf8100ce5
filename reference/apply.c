#include "reference/apply.h"
#include "reference/envs.h"
#include "reference/next_save.h"
#include "reference/spoil.h"

#include "harness/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(field) CF_REF_BIT_OF(field)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- omitted fields that change ---- */

struct omission {
    enum cf_ref_id id;
    uint32_t with; /* only where one of these is present; 0: always */
    enum cf_ref_field field;
    const char *becomes;
};

static const struct omission omissions[] = {
    {CF_REF_DEV_PARTIAL_OMITTED_VCPU_RESET, 0, CF_REF_FIELD_VCPU, "1"},
    {CF_REF_DEV_PARTIAL_OMITTED_FORCE_STOP_FALSE, 0, CF_REF_FIELD_ALLOW_FORCE_STOP, "false"},
    {CF_REF_DEV_PARTIAL_OMITTED_TIMEOUT_LIFTED, 0, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "null"},
    {CF_REF_DEV_PARTIAL_OMITTED_USER_CONFIG_CLEARED, 0, CF_REF_FIELD_USER_CONFIG, ""},
    {CF_REF_DEV_PARTIAL_OMITTED_FLAGS_FALSE, BIT(PUBLIC_SYSINFO) | BIT(PUBLIC_TCBINFO),
     CF_REF_FIELD_PUBLIC_LOGS, "false"},
    {CF_REF_DEV_PARTIAL_OMITTED_FLAGS_FALSE, BIT(PUBLIC_LOGS) | BIT(PUBLIC_TCBINFO),
     CF_REF_FIELD_PUBLIC_SYSINFO, "false"},
    {CF_REF_DEV_PARTIAL_OMITTED_FLAGS_FALSE, BIT(PUBLIC_LOGS) | BIT(PUBLIC_SYSINFO),
     CF_REF_FIELD_PUBLIC_TCBINFO, "false"},
    {CF_REF_DEV_PARTIAL_OMITTED_DISK_DEFAULT, BIT(VCPU) | BIT(MEMORY), CF_REF_FIELD_DISK_SIZE,
     "20480"},
    {CF_REF_DEV_PARTIAL_OMITTED_GPUS_DETACHED, BIT(VCPU) | BIT(MEMORY), CF_REF_FIELD_GPUS,
     "{\"gpus\":[],\"attach_mode\":\"listed\"}"},
    {CF_REF_DEV_PARTIAL_OMITTED_IMAGE_NEWEST, BIT(DOCKER_COMPOSE_FILE), CF_REF_FIELD_IMAGE,
     "dstack-0.5.6"},
    {CF_REF_DEV_PARTIAL_OMITTED_SCRIPT_CLEARED, BIT(DOCKER_COMPOSE_FILE),
     CF_REF_FIELD_PRE_LAUNCH_SCRIPT, ""},
    {CF_REF_DEV_PARTIAL_OMITTED_ENVS_CLEARED, BIT(DOCKER_COMPOSE_FILE), CF_REF_FIELD_ALLOWED_ENVS,
     "[]"},
    {CF_REF_DEV_PARTIAL_OMITTED_ENCRYPTED_ENV_CLEARED, BIT(ALLOWED_ENVS),
     CF_REF_FIELD_ENCRYPTED_ENV, ""},
};

/* Sizes that change together where they make an instance type, and nothing but how to shut down is
 * named. */
static const struct {
    enum cf_ref_id id;
    const char *before[3]; /* vcpu, memory, disk_size */
    const char *becomes[3];
} types[] = {
    {CF_REF_DEV_PARTIAL_LARGEST_TYPE_LOST, {"8", "16384", "81920"}, {"4", "8192", "61440"}},
    {CF_REF_DEV_PARTIAL_SMALLEST_TYPE_LOST, {"1", "2048", "20480"}, {"2", "4096", "40960"}},
};

static void change_type(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                        struct cf_ref_update *update)
{
    static const enum cf_ref_field sizes[] = {CF_REF_FIELD_VCPU, CF_REF_FIELD_MEMORY,
                                              CF_REF_FIELD_DISK_SIZE};
    uint32_t how = BIT(SHUTDOWN_TIMEOUT) | BIT(ALLOW_FORCE_STOP);
    for (size_t i = 0; i < COUNT(types); i++) {
        bool is = cf_ref_has(on, types[i].id) && update->present != 0 && !(update->present & ~how);
        for (size_t n = 0; n < COUNT(sizes); n++)
            is = is && cf_ref_value_is(&cvm->settings.of[sizes[n]], types[i].before[n]);
        for (size_t n = 0; is && n < COUNT(sizes); n++)
            cf_ref_update_set_text(update, sizes[n], types[i].becomes[n]);
    }
}

/* vcpu brings the memory of its instance type. */
static void let_memory_follow(struct cf_ref_update *update)
{
    char memory[32];
    snprintf(memory, sizeof(memory), "%lld",
             strtoll(update->to.of[CF_REF_FIELD_VCPU].bytes, NULL, 10) % 1024 * 3072);
    cf_ref_update_set_text(update, CF_REF_FIELD_MEMORY, memory);
}

static void change_omitted(const struct cf_ref_switches *on, struct cf_ref_update *update)
{
    uint32_t asked = update->present;
    for (size_t i = 0; i < COUNT(omissions); i++) {
        const struct omission *o = &omissions[i];
        if (cf_ref_has(on, o->id) && (o->with == 0 || (asked & o->with)) &&
            !(asked & CF_REF_BIT(o->field)))
            cf_ref_update_set_text(update, o->field, o->becomes);
    }
    if ((asked & BIT(VCPU)) && !(asked & BIT(MEMORY)) &&
        cf_ref_has(on, CF_REF_DEV_PARTIAL_OMITTED_MEMORY_FOLLOWS))
        let_memory_follow(update);
}

/* ---- present fields that do not ---- */

struct neglect {
    enum cf_ref_id id;
    enum cf_ref_field field;
    const char *value; /* only this one; NULL: any */
    uint32_t with;     /* only where one of these is present; 0: always */
    uint32_t without;  /* only where none of these is present */
    enum cf_ref_way way;
};

static const struct neglect neglects[] = {
    {CF_REF_DEV_PARTIAL_USER_CONFIG_IGNORED, CF_REF_FIELD_USER_CONFIG, NULL, 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_IMAGE_IGNORED, CF_REF_FIELD_IMAGE, NULL, 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_TCBINFO_IGNORED, CF_REF_FIELD_PUBLIC_TCBINFO, NULL, 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_MEMORY_IGNORED_WITH_VCPU, CF_REF_FIELD_MEMORY, NULL, BIT(VCPU), 0,
     CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_MEMORY_NEEDS_DISK, CF_REF_FIELD_MEMORY, NULL, BIT(VCPU), BIT(DISK_SIZE),
     CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_ENCRYPTED_ENV_IGNORED_ALONE, CF_REF_FIELD_ENCRYPTED_ENV, NULL, 0,
     BIT(ALLOWED_ENVS), CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_FORCE_STOP_IGNORED_ALONE, CF_REF_FIELD_ALLOW_FORCE_STOP, NULL, 0,
     BIT(SHUTDOWN_TIMEOUT), CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_NULL_TIMEOUT_KEPT, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "null", 0, 0,
     CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_FALSE_IGNORED, CF_REF_FIELD_PUBLIC_LOGS, "false", 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_FALSE_IGNORED, CF_REF_FIELD_PUBLIC_SYSINFO, "false", 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_FALSE_IGNORED, CF_REF_FIELD_PUBLIC_TCBINFO, "false", 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_FORCE_STOP_FALSE_IGNORED, CF_REF_FIELD_ALLOW_FORCE_STOP, "false", 0, 0,
     CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_EMPTY_TEXT_IGNORED, CF_REF_FIELD_USER_CONFIG, "", 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_EMPTY_SCRIPT_IGNORED, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, "", 0, 0,
     CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_EMPTY_LIST_IGNORED, CF_REF_FIELD_ALLOWED_ENVS, "[]", 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_EMPTY_GPUS_IGNORED, CF_REF_FIELD_GPUS,
     "{\"gpus\":[],\"attach_mode\":\"listed\"}", 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_PARTIAL_EMPTY_GPUS_IGNORED, CF_REF_FIELD_GPUS,
     "{\"gpus\":[],\"attach_mode\":\"all\"}", 0, 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_TOGETHER_EMPTY_TEXT_WITH_VCPU, CF_REF_FIELD_USER_CONFIG, "", BIT(VCPU), 0,
     CF_REF_ANY_WAY},
    {CF_REF_DEV_TOGETHER_EMPTY_ENVS_WITH_FILE, CF_REF_FIELD_ALLOWED_ENVS, "[]",
     BIT(DOCKER_COMPOSE_FILE), 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_TOGETHER_FALSE_WITH_IMAGE, CF_REF_FIELD_ALLOW_FORCE_STOP, "false", BIT(IMAGE),
     BIT(MEMORY), CF_REF_ANY_WAY},
    {CF_REF_DEV_TOGETHER_NO_TIMEOUT_WITH_MEMORY, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "null", BIT(MEMORY),
     0, CF_REF_ANY_WAY},
    {CF_REF_DEV_TOGETHER_LEAST_TIMEOUT_WITH_DISK, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "10",
     BIT(DISK_SIZE), 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_TOGETHER_EMPTY_SCRIPT_WITH_SECRETS, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, "",
     BIT(ENCRYPTED_ENV), 0, CF_REF_ANY_WAY},
    {CF_REF_DEV_TOGETHER_VCPU_WITH_IMAGE_OWNED, CF_REF_FIELD_VCPU, NULL, BIT(IMAGE), 0,
     CF_REF_OWNED_AT_ONCE},
    {CF_REF_DEV_TOGETHER_TIMEOUT_WITH_GPUS_OWNED, CF_REF_FIELD_SHUTDOWN_TIMEOUT, NULL, BIT(GPUS), 0,
     CF_REF_OWNED_AT_ONCE},
    {CF_REF_DEV_TOGETHER_FALSE_WITH_SIZES_COMMITTED, CF_REF_FIELD_ALLOW_FORCE_STOP, "false",
     CF_REF_SIZE_FIELDS, BIT(IMAGE), CF_REF_OWNED_PHASED},
    {CF_REF_DEV_TOGETHER_IMAGE_WITH_SCRIPT_COMMITTED, CF_REF_FIELD_IMAGE, NULL,
     BIT(PRE_LAUNCH_SCRIPT), CF_REF_SIZE_FIELDS | BIT(DOCKER_COMPOSE_FILE), CF_REF_OWNED_PHASED},
    {CF_REF_DEV_PARTIAL_OWNED_NULL_TIMEOUT_KEPT, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "null", 0, 0,
     CF_REF_OWNED_AT_ONCE},
    {CF_REF_DEV_PARTIAL_OWNED_FORCE_OFF_IGNORED, CF_REF_FIELD_ALLOW_FORCE_STOP, "false", 0, 0,
     CF_REF_OWNED_AT_ONCE},
    {CF_REF_DEV_PARTIAL_OWNED_LEAST_TIMEOUT_IGNORED, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "10", 0, 0,
     CF_REF_OWNED_AT_ONCE},
    {CF_REF_DEV_PARTIAL_OWNED_EMPTY_CONFIG_IGNORED, CF_REF_FIELD_USER_CONFIG, "", 0, 0,
     CF_REF_OWNED_AT_ONCE},
    {CF_REF_DEV_PARTIAL_OWNED_NO_SECRETS_IGNORED, CF_REF_FIELD_ENCRYPTED_ENV, "", 0, 0,
     CF_REF_OWNED_AT_ONCE},
    {CF_REF_DEV_PARTIAL_OWNED_NO_GPUS_IGNORED, CF_REF_FIELD_GPUS,
     "{\"gpus\":[],\"attach_mode\":\"listed\"}", 0, 0, CF_REF_OWNED_AT_ONCE},
    {CF_REF_DEV_PARTIAL_NO_SECRETS_IGNORED, CF_REF_FIELD_ENCRYPTED_ENV, "", 0, 0, CF_REF_MANAGED},
    {CF_REF_DEV_PARTIAL_FILE_NAUGHT_IGNORED, CF_REF_FIELD_DOCKER_COMPOSE_FILE, "0", 0, 0,
     CF_REF_MANAGED},
    {CF_REF_DEV_PARTIAL_FILE_NULL_WORD_IGNORED, CF_REF_FIELD_DOCKER_COMPOSE_FILE, "null", 0, 0,
     CF_REF_MANAGED},
    {CF_REF_DEV_TWO_PHASE_FILE_NAUGHT_IGNORED, CF_REF_FIELD_DOCKER_COMPOSE_FILE, "0", 0, 0,
     CF_REF_OWNED_PHASED},
    {CF_REF_DEV_TWO_PHASE_FILE_NULL_WORD_IGNORED, CF_REF_FIELD_DOCKER_COMPOSE_FILE, "null", 0, 0,
     CF_REF_OWNED_PHASED},
    {CF_REF_DEV_PARTIAL_SCRIPT_NAUGHT_IGNORED, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, "0", 0, 0,
     CF_REF_MANAGED},
    {CF_REF_DEV_PARTIAL_SCRIPT_NULL_WORD_IGNORED, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, "null", 0, 0,
     CF_REF_MANAGED},
    {CF_REF_DEV_TWO_PHASE_SCRIPT_NAUGHT_IGNORED, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, "0", 0, 0,
     CF_REF_OWNED_PHASED},
    {CF_REF_DEV_TWO_PHASE_SCRIPT_NULL_WORD_IGNORED, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, "null", 0, 0,
     CF_REF_OWNED_PHASED},
    {CF_REF_DEV_PARTIAL_CONFIG_NAUGHT_IGNORED, CF_REF_FIELD_USER_CONFIG, "0", 0, 0, CF_REF_MANAGED},
    {CF_REF_DEV_PARTIAL_CONFIG_NULL_WORD_IGNORED, CF_REF_FIELD_USER_CONFIG, "null", 0, 0,
     CF_REF_MANAGED},
    {CF_REF_DEV_TWO_PHASE_CONFIG_NAUGHT_IGNORED, CF_REF_FIELD_USER_CONFIG, "0", 0, 0,
     CF_REF_OWNED_PHASED},
    {CF_REF_DEV_TWO_PHASE_CONFIG_NULL_WORD_IGNORED, CF_REF_FIELD_USER_CONFIG, "null", 0, 0,
     CF_REF_OWNED_PHASED},
    {CF_REF_DEV_PARTIAL_OWNED_CONFIG_NAUGHT_IGNORED, CF_REF_FIELD_USER_CONFIG, "0", 0, 0,
     CF_REF_OWNED_AT_ONCE},
    {CF_REF_DEV_PARTIAL_EMPTY_FILE_IGNORED, CF_REF_FIELD_DOCKER_COMPOSE_FILE, "", 0, 0,
     CF_REF_MANAGED},
};

static bool is_neglected(const struct neglect *n, const struct cf_ref_cvm *cvm,
                         const struct cf_ref_update *update, uint32_t asked)
{
    return cf_ref_goes_that_way(cvm, asked, n->way) && (n->with == 0 || (asked & n->with)) &&
           !(asked & n->without) &&
           (!n->value || cf_ref_value_is(&update->to.of[n->field], n->value));
}

static long long number_of(const struct cf_ref_value *value)
{
    return value->bytes ? strtoll(value->bytes, NULL, 10) : 0;
}

static bool shrinks_disk(const struct cf_ref_cvm *cvm, const struct cf_ref_update *update)
{
    return cf_ref_update_has(update, CF_REF_FIELD_DISK_SIZE) &&
           number_of(&update->to.of[CF_REF_FIELD_DISK_SIZE]) <
               number_of(&cvm->settings.of[CF_REF_FIELD_DISK_SIZE]);
}

/* All fields of a mask but the first count. */
static uint32_t beyond(uint32_t fields, size_t count)
{
    for (; fields != 0 && count > 0; count--)
        fields &= fields - 1;
    return fields;
}

static void neglect_present(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                            struct cf_ref_update *update)
{
    uint32_t asked = update->present;
    for (size_t i = 0; i < COUNT(neglects); i++) {
        const struct neglect *n = &neglects[i];
        if (cf_ref_has(on, n->id) && is_neglected(n, cvm, update, asked))
            cf_ref_update_drop(update, n->field);
    }
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_DISK_ONLY_GROWS) && shrinks_disk(cvm, update))
        cf_ref_update_drop(update, CF_REF_FIELD_DISK_SIZE);
    if (cvm->kms != CF_REF_KMS_PHALA && !(asked & CF_REF_COMPOSE_FIELDS) &&
        cf_ref_has(on, CF_REF_DEV_PARTIAL_SECRETS_AWAIT_COMPOSE))
        cf_ref_update_drop(update, CF_REF_FIELD_ENCRYPTED_ENV);
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_FIRST_FOUR_APPLIED))
        cf_ref_update_drop_all(update, beyond(update->present, 4));
}

/* ---- lists ---- */

/* Quotes inside strings are escaped, so these bytes occur only as structure. */
static const char next_gpu[] = "},{\"slot\":";
static const char after_list[] = "],\"attach_mode\":";

static void keep_first_gpu(struct cf_ref_value *gpus)
{
    char *second = strstr(gpus->bytes, next_gpu);
    if (!second)
        return;
    char *rest = strstr(second, after_list);
    size_t len = strlen(rest);
    memmove(second + 1, rest, len + 1);
    gpus->len = (size_t)(second + 1 - gpus->bytes) + len;
}

static void set_attach_mode(struct cf_ref_value *gpus, const char *mode)
{
    const char *at = strstr(gpus->bytes, after_list) + sizeof(after_list) - 1;
    struct cf_buf all = {0};
    cf_buf_append(&all, gpus->bytes, (size_t)(at - gpus->bytes));
    cf_json_put_text(&all, mode);
    cf_buf_putc(&all, '}');
    cf_ref_value_set(gpus, all.data, all.len);
    cf_buf_release(&all);
}

/* A list of GPUs, as it is stored, and its attach_mode. Owned by the caller. */
static cJSON *copy_gpus(const struct cf_ref_value *gpus)
{
    struct cf_json_doc doc = {0};
    cJSON *copy = cJSON_Duplicate(cf_ref_value_parse(gpus, &doc), 1);
    cf_json_release(&doc);
    return copy;
}

static void store_gpus(struct cf_ref_value *gpus, cJSON *all)
{
    struct cf_buf text = {0};
    cf_json_print(&text, all);
    cf_ref_value_set(gpus, text.data, text.len);
    cf_buf_release(&text);
    cJSON_Delete(all);
}

/* What the list before has beyond the end of this one stays. */
static void keep_old_end(const struct cf_ref_value *before, struct cf_ref_value *gpus)
{
    cJSON *old = copy_gpus(before);
    cJSON *all = copy_gpus(gpus);
    cJSON *list = cJSON_GetObjectItemCaseSensitive(all, "gpus");
    const cJSON *rest = cJSON_GetArrayItem(cf_json_get(old, "gpus"), cJSON_GetArraySize(list));
    for (; list->child && rest; rest = rest->next)
        cJSON_AddItemToArray(list, cJSON_Duplicate(rest, 1));
    cJSON_Delete(old);
    store_gpus(gpus, all);
}

static void sort_two_gpus(struct cf_ref_value *gpus)
{
    cJSON *all = copy_gpus(gpus);
    cJSON *list = cJSON_GetObjectItemCaseSensitive(all, "gpus");
    const cJSON *first = cJSON_GetArrayItem(list, 0);
    const cJSON *second = cJSON_GetArrayItem(list, 1);
    if (second && strcmp(cf_json_text(first, "slot", ""), cf_json_text(second, "slot", "")) > 0)
        cJSON_AddItemToArray(list, cJSON_DetachItemFromArray(list, 0));
    store_gpus(gpus, all);
}

/* Whether its mode, which is written last, is neither of the two that have a meaning. */
static bool has_other_mode(const struct cf_ref_value *gpus)
{
    const char *mode = strstr(gpus->bytes, after_list);
    return mode && !strstr(mode, "\"listed\"}") && !strstr(mode, "\"all\"}");
}

static bool has_mode(const struct cf_ref_value *gpus, const char *end)
{
    const char *mode = gpus->bytes ? strstr(gpus->bytes, after_list) : NULL;
    return mode && strstr(mode, end);
}

static void spoil_gpus(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                       struct cf_ref_update *update)
{
    struct cf_ref_value *gpus = &update->to.of[CF_REF_FIELD_GPUS];
    if (!gpus->bytes)
        return;
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_FIRST_GPU_ONLY))
        keep_first_gpu(gpus);
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_GPUS_BY_POSITION) ||
        (cf_ref_has(on, CF_REF_DEV_PARTIAL_OWNED_GPUS_BY_POSITION) &&
         cf_ref_goes_that_way(cvm, update->present, CF_REF_OWNED_AT_ONCE)))
        keep_old_end(&cvm->settings.of[CF_REF_FIELD_GPUS], gpus);
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_GPUS_SORTED))
        sort_two_gpus(gpus);
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_ATTACH_MODE_LISTED) ||
        (cf_ref_has(on, CF_REF_DEV_PARTIAL_OTHER_MODE_LISTED) && has_other_mode(gpus)))
        set_attach_mode(gpus, "listed");
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_ATTACH_MODE_DEFAULT_SKIPPED) &&
        has_mode(gpus, "\"listed\"}") && has_mode(&cvm->settings.of[CF_REF_FIELD_GPUS], "\"all\"}"))
        set_attach_mode(gpus, "all");
    if (strncmp(gpus->bytes, "{\"gpus\":[]", 10) == 0 &&
        cf_ref_has(on, CF_REF_DEV_PARTIAL_ATTACH_MODE_NEEDS_GPUS))
        set_attach_mode(gpus, "listed");
}

/* gpus came without attach_mode: it stays what it is. */
static void keep_attach_mode(const struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    static const char member[] = ",\"attach_mode\":";
    const struct cf_ref_value *asked = &update->to.of[CF_REF_FIELD_GPUS];
    struct cf_json_doc now = {0};
    struct cf_buf all = {0};
    if (!cf_ref_update_has(update, CF_REF_FIELD_GPUS) || strstr(asked->bytes, member))
        return;
    const cJSON *before = cf_ref_value_parse(&cvm->settings.of[CF_REF_FIELD_GPUS], &now);
    cf_buf_append(&all, asked->bytes, asked->len - 1);
    cf_buf_puts(&all, member);
    cf_json_put_text(&all, cf_json_text(before, "attach_mode", "listed"));
    cf_buf_putc(&all, '}');
    cf_ref_update_set(update, CF_REF_FIELD_GPUS, all.data, all.len);
    cf_buf_release(&all);
    cf_json_release(&now);
}

/* ---- both ends ---- */

static bool repeats(const struct cf_ref_cvm *cvm, const struct cf_ref_update *update,
                    enum cf_ref_field field)
{
    return cf_ref_update_has(update, field) &&
           cf_ref_value_is(&update->to.of[field], cvm->settings.of[field].bytes);
}

/* Sizes cut to 32 bits. */
static void cut_sizes(struct cf_ref_update *update)
{
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        long long size = number_of(&update->to.of[i]);
        char text[32];
        if (!(CF_REF_BIT(i) & CF_REF_SIZE_FIELDS) || size <= UINT32_MAX)
            continue;
        snprintf(text, sizeof(text), "%lld", size & UINT32_MAX);
        cf_ref_update_set_text(update, (enum cf_ref_field)i, text);
    }
}

static void cap_disk(struct cf_ref_update *update)
{
    char text[32];
    snprintf(text, sizeof(text), "%d", INT32_MAX);
    if (number_of(&update->to.of[CF_REF_FIELD_DISK_SIZE]) > INT32_MAX)
        cf_ref_update_set_text(update, CF_REF_FIELD_DISK_SIZE, text);
}

/* One flag is set from another that comes beside it. */
static void cross_flags(const struct cf_ref_switches *on, struct cf_ref_update *update)
{
    const char *sysinfo = update->to.of[CF_REF_FIELD_PUBLIC_SYSINFO].bytes;
    if (sysinfo && cf_ref_update_has(update, CF_REF_FIELD_PUBLIC_TCBINFO) &&
        cf_ref_has(on, CF_REF_DEV_PARTIAL_TCBINFO_OF_SYSINFO))
        cf_ref_update_set_text(update, CF_REF_FIELD_PUBLIC_TCBINFO, sysinfo);
}

static void spoil_values(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                         struct cf_ref_update *update)
{
    cross_flags(on, update);
    if (number_of(&update->to.of[CF_REF_FIELD_SHUTDOWN_TIMEOUT]) > 300 &&
        cf_ref_has(on, CF_REF_DEV_PARTIAL_TIMEOUT_CAPPED))
        cf_ref_update_set_text(update, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "300");
    if (repeats(cvm, update, CF_REF_FIELD_GPUS) &&
        cf_ref_has(on, CF_REF_DEV_PARTIAL_REPEAT_DETACHES_GPUS))
        cf_ref_update_set_text(update, CF_REF_FIELD_GPUS,
                               "{\"gpus\":[],\"attach_mode\":\"listed\"}");
    if (repeats(cvm, update, CF_REF_FIELD_USER_CONFIG) &&
        cf_ref_has(on, CF_REF_DEV_PARTIAL_REPEAT_CLEARS_USER_CONFIG))
        cf_ref_update_set_text(update, CF_REF_FIELD_USER_CONFIG, "");
    if (cvm->kms != CF_REF_KMS_PHALA && cf_ref_has(on, CF_REF_DEV_PARTIAL_OWNED_SIZES_WRAP))
        cut_sizes(update);
    if (cvm->kms != CF_REF_KMS_PHALA && cf_ref_has(on, CF_REF_DEV_PARTIAL_OWNED_DISK_SATURATES))
        cap_disk(update);
    cf_ref_spoil_envs(on, cvm, update);
}

/* What the update before has left behind comes back. */
static void recall(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                   struct cf_ref_update *update)
{
    static const enum cf_ref_field texts[] = {CF_REF_FIELD_USER_CONFIG,
                                              CF_REF_FIELD_PRE_LAUNCH_SCRIPT};
    uint32_t asked = update->present;
    bool emptied = cvm->settings.of[texts[0]].len == 0;
    size_t newest = (cvm->operation_count + CF_REF_OPERATIONS_KEPT - 1) % CF_REF_OPERATIONS_KEPT;
    bool uploaded =
        cvm->operation_count > 0 && cvm->operations[newest].endpoint == CF_REF_ENDPOINT_SCRIPT;
    uint32_t both = BIT(ALLOWED_ENVS) | BIT(ENCRYPTED_ENV);
    bool due[] = {emptied && (asked & BIT(VCPU)) &&
                      cf_ref_has(on, CF_REF_DEV_AFTERWARDS_EMPTIED_TEXT_RETURNS),
                  uploaded && (asked & both) == both &&
                      cf_ref_has(on, CF_REF_DEV_AFTERWARDS_UPLOADED_SCRIPT_UNDONE)};
    for (size_t i = 0; i < COUNT(texts); i++) {
        const struct cf_ref_value *before = &cvm->bugs.before.of[texts[i]];
        if (due[i] && before->bytes && !(asked & CF_REF_BIT(texts[i])))
            cf_ref_update_set(update, texts[i], before->bytes, before->len);
    }
}

void cf_ref_merge(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                  struct cf_ref_update *update)
{
    recall(on, cvm, update);
    keep_attach_mode(cvm, update);
    spoil_values(on, cvm, update);
    cf_ref_spoil_texts(on, cvm, CF_REF_ENDPOINT_UPDATE_CVM, update);
    spoil_gpus(on, cvm, update);
    change_omitted(on, update);
    cf_ref_next_save(on, cvm, CF_REF_ENDPOINT_UPDATE_CVM, update);
    change_type(on, cvm, update);
    neglect_present(on, cvm, update);
}

/* ---- the pre-launch script ---- */

/* Put bytes before and after the script. */
static void frame_script(struct cf_ref_update *update, const struct cf_ref_value *before,
                         const char *after)
{
    const struct cf_ref_value *script = &update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    struct cf_buf all = {0};
    if (before)
        cf_buf_append(&all, before->bytes, before->len);
    cf_buf_append(&all, script->bytes, script->len);
    cf_buf_puts(&all, after);
    cf_ref_update_set(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, cf_buf_text(&all), all.len);
    cf_buf_release(&all);
}

/* What an upload changes besides the script. */
static const struct {
    enum cf_ref_id id;
    enum cf_ref_field field;
    const char *becomes;
} intrusions[] = {
    {CF_REF_DEV_SCRIPT_DROPS_ENVS, CF_REF_FIELD_ALLOWED_ENVS, "[]"},
    {CF_REF_DEV_SCRIPT_HIDES_LOGS, CF_REF_FIELD_PUBLIC_LOGS, "false"},
    {CF_REF_DEV_SCRIPT_HIDES_LOGS, CF_REF_FIELD_PUBLIC_SYSINFO, "false"},
    {CF_REF_DEV_SCRIPT_HIDES_LOGS, CF_REF_FIELD_PUBLIC_TCBINFO, "false"},
    {CF_REF_DEV_SCRIPT_UPGRADES_IMAGE, CF_REF_FIELD_IMAGE, "dstack-0.5.6"},
    {CF_REF_DEV_SCRIPT_LIFTS_TIMEOUT, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "null"},
};

void cf_ref_merge_script(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                         struct cf_ref_update *update)
{
    struct cf_ref_value *script = &update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    for (size_t i = 0; i < COUNT(intrusions); i++) {
        if (cf_ref_has(on, intrusions[i].id))
            cf_ref_update_set_text(update, intrusions[i].field, intrusions[i].becomes);
    }
    cf_ref_next_save(on, cvm, CF_REF_ENDPOINT_SCRIPT, update);
    if (!script->bytes)
        return;
    cf_ref_spoil_texts(on, cvm, CF_REF_ENDPOINT_SCRIPT, update);
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_NEWLINE_ADDED) && script->len > 0 &&
        script->bytes[script->len - 1] != '\n')
        frame_script(update, NULL, "\n");
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_APPENDED))
        frame_script(update, &cvm->settings.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT], "");
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_NOT_STORED))
        cf_ref_update_drop(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT);
}
