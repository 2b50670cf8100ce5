#include "reference/apply.h"

#include "harness/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(field) (UINT32_C(1) << CF_REF_FIELD_##field)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define COMPOSE                                                                                    \
    (BIT(DOCKER_COMPOSE_FILE) | BIT(PRE_LAUNCH_SCRIPT) | BIT(ALLOWED_ENVS) | BIT(PUBLIC_LOGS) |    \
     BIT(PUBLIC_SYSINFO) | BIT(PUBLIC_TCBINFO))

/* ---- omitted fields that change ---- */

struct omission {
    enum cf_ref_id deviation;
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

static enum cf_code change_omitted(const struct cf_ref_switches *on, struct cf_ref_update *update)
{
    uint32_t asked = update->present;
    enum cf_code code = CF_OK;
    for (size_t i = 0; i < COUNT(omissions) && code == CF_OK; i++) {
        const struct omission *o = &omissions[i];
        if (cf_ref_has(on, o->deviation) && (o->with == 0 || (asked & o->with)) &&
            !((asked >> o->field) & 1))
            code = cf_ref_update_set_text(update, o->field, o->becomes);
    }
    if (code == CF_OK && cf_ref_has(on, CF_REF_DEV_PARTIAL_OMITTED_MEMORY_FOLLOWS) &&
        (asked & BIT(VCPU)) && !(asked & BIT(MEMORY))) {
        char memory[32];
        (void)snprintf(memory, sizeof(memory), "%lld",
                       strtoll(update->to.of[CF_REF_FIELD_VCPU].bytes, NULL, 10) % 1024 * 3072);
        code = cf_ref_update_set_text(update, CF_REF_FIELD_MEMORY, memory);
    }
    return code;
}

/* ---- present fields that do not ---- */

struct neglect {
    enum cf_ref_id deviation;
    enum cf_ref_field field;
    const char *value; /* only this one; NULL: any */
    uint32_t with;     /* only where one of these is present; 0: always */
    uint32_t without;  /* only where none of these is present */
};

static const struct neglect neglects[] = {
    {CF_REF_DEV_PARTIAL_USER_CONFIG_IGNORED, CF_REF_FIELD_USER_CONFIG, NULL, 0, 0},
    {CF_REF_DEV_PARTIAL_IMAGE_IGNORED, CF_REF_FIELD_IMAGE, NULL, 0, 0},
    {CF_REF_DEV_PARTIAL_TCBINFO_IGNORED, CF_REF_FIELD_PUBLIC_TCBINFO, NULL, 0, 0},
    {CF_REF_DEV_PARTIAL_MEMORY_IGNORED_WITH_VCPU, CF_REF_FIELD_MEMORY, NULL, BIT(VCPU), 0},
    {CF_REF_DEV_PARTIAL_ENCRYPTED_ENV_IGNORED_ALONE, CF_REF_FIELD_ENCRYPTED_ENV, NULL, 0,
     BIT(ALLOWED_ENVS)},
    {CF_REF_DEV_PARTIAL_FORCE_STOP_IGNORED_ALONE, CF_REF_FIELD_ALLOW_FORCE_STOP, NULL, 0,
     BIT(SHUTDOWN_TIMEOUT)},
    {CF_REF_DEV_PARTIAL_NULL_TIMEOUT_KEPT, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "null", 0, 0},
    {CF_REF_DEV_PARTIAL_FALSE_IGNORED, CF_REF_FIELD_PUBLIC_LOGS, "false", 0, 0},
    {CF_REF_DEV_PARTIAL_FALSE_IGNORED, CF_REF_FIELD_PUBLIC_SYSINFO, "false", 0, 0},
    {CF_REF_DEV_PARTIAL_FALSE_IGNORED, CF_REF_FIELD_PUBLIC_TCBINFO, "false", 0, 0},
    {CF_REF_DEV_PARTIAL_FORCE_STOP_FALSE_IGNORED, CF_REF_FIELD_ALLOW_FORCE_STOP, "false", 0, 0},
    {CF_REF_DEV_PARTIAL_EMPTY_TEXT_IGNORED, CF_REF_FIELD_USER_CONFIG, "", 0, 0},
    {CF_REF_DEV_PARTIAL_EMPTY_SCRIPT_IGNORED, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, "", 0, 0},
    {CF_REF_DEV_PARTIAL_EMPTY_LIST_IGNORED, CF_REF_FIELD_ALLOWED_ENVS, "[]", 0, 0},
    {CF_REF_DEV_PARTIAL_EMPTY_GPUS_IGNORED, CF_REF_FIELD_GPUS,
     "{\"gpus\":[],\"attach_mode\":\"listed\"}", 0, 0},
    {CF_REF_DEV_PARTIAL_EMPTY_GPUS_IGNORED, CF_REF_FIELD_GPUS,
     "{\"gpus\":[],\"attach_mode\":\"all\"}", 0, 0},
};

static void neglect_present(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                            struct cf_ref_update *update)
{
    const struct cf_ref_value *disk = &update->to.of[CF_REF_FIELD_DISK_SIZE];
    uint32_t asked = update->present;
    for (size_t i = 0; i < COUNT(neglects); i++) {
        const struct neglect *n = &neglects[i];
        if (cf_ref_has(on, n->deviation) && (n->with == 0 || (asked & n->with)) &&
            !(asked & n->without) &&
            (!n->value || cf_ref_value_is(&update->to.of[n->field], n->value)))
            cf_ref_update_drop(update, n->field);
    }
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_DISK_ONLY_GROWS) && disk->bytes &&
        strtoll(disk->bytes, NULL, 10) <
            strtoll(cvm->settings.of[CF_REF_FIELD_DISK_SIZE].bytes, NULL, 10))
        cf_ref_update_drop(update, CF_REF_FIELD_DISK_SIZE);
    if (cvm->kms != CF_REF_KMS_PHALA && !(asked & COMPOSE) &&
        cf_ref_has(on, CF_REF_DEV_PARTIAL_SECRETS_AWAIT_COMPOSE))
        cf_ref_update_drop(update, CF_REF_FIELD_ENCRYPTED_ENV);
    int kept = 0;
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        if (cf_ref_has(on, CF_REF_DEV_PARTIAL_FIRST_FOUR_APPLIED) &&
            cf_ref_update_has(update, (enum cf_ref_field)i) && ++kept > 4)
            cf_ref_update_drop(update, (enum cf_ref_field)i);
    }
}

/* ---- texts that are stored otherwise ---- */

/* Each changes bytes in place and returns the new length, never a greater one. */
static size_t to_ascii(char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)bytes[i] > 0x7f)
            bytes[i] = '?';
    }
    return len;
}

static size_t cut(size_t len, size_t max)
{
    return len < max ? len : max;
}

static size_t trim(const char *bytes, size_t len)
{
    while (len > 0 && strchr(" \t\r\n", bytes[len - 1]) && bytes[len - 1] != '\0')
        len--;
    return len;
}

static size_t without_crs(char *bytes, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\r' || i + 1 == len || bytes[i + 1] != '\n')
            bytes[kept++] = bytes[i];
    }
    return kept;
}

static size_t without_tabs(char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '\t')
            bytes[i] = ' ';
    }
    return len;
}

static void shorten(struct cf_ref_value *value, size_t len)
{
    value->bytes[len] = '\0';
    value->len = len;
}

/* A question mark for each character of four bytes. */
static size_t without_long_characters(char *bytes, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        bool is_long = ((unsigned char)bytes[i] & 0xf8) == 0xf0;
        bytes[kept++] = is_long ? '?' : bytes[i];
        i += is_long ? 3 : 0;
    }
    return kept;
}

static void spoil_texts(const struct cf_ref_switches *on, struct cf_ref_update *update)
{
    struct cf_ref_value *config = &update->to.of[CF_REF_FIELD_USER_CONFIG];
    struct cf_ref_value *compose = &update->to.of[CF_REF_FIELD_DOCKER_COMPOSE_FILE];
    struct cf_ref_value *script = &update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    if (config->bytes && cf_ref_has(on, CF_REF_DEV_PARTIAL_USER_CONFIG_CUT))
        shorten(config, cut(config->len, 255));
    if (config->bytes && cf_ref_has(on, CF_REF_DEV_PARTIAL_USER_CONFIG_TRIMMED))
        shorten(config, trim(config->bytes, config->len));
    if (compose->bytes && cf_ref_has(on, CF_REF_DEV_PARTIAL_COMPOSE_FILE_CUT))
        shorten(compose, cut(compose->len, 8192));
    if (compose->bytes && cf_ref_has(on, CF_REF_DEV_PARTIAL_COMPOSE_FILE_LF))
        shorten(compose, without_crs(compose->bytes, compose->len));
    if (script->bytes && cf_ref_has(on, CF_REF_DEV_PARTIAL_SCRIPT_ASCII))
        shorten(script, to_ascii(script->bytes, script->len));
    if (config->bytes && cf_ref_has(on, CF_REF_DEV_PARTIAL_USER_CONFIG_BMP))
        shorten(config, without_long_characters(config->bytes, config->len));
    if (compose->bytes && cf_ref_has(on, CF_REF_DEV_PARTIAL_COMPOSE_FILE_ASCII))
        shorten(compose, to_ascii(compose->bytes, compose->len));
    if (script->bytes && cf_ref_has(on, CF_REF_DEV_PARTIAL_SCRIPT_TRIMMED))
        shorten(script, trim(script->bytes, script->len));
}

/* ---- lists ---- */

static void spoil_gpus(const struct cf_ref_switches *on, struct cf_ref_update *update)
{
    static const char next_gpu[] = "},{\"slot\":";
    static const char tail[] = "],\"attach_mode\":";
    struct cf_ref_value *gpus = &update->to.of[CF_REF_FIELD_GPUS];
    if (!gpus->bytes)
        return;
    /* Quotes inside strings are escaped, so these bytes occur only as structure. */
    char *second = strstr(gpus->bytes, next_gpu);
    if (second && cf_ref_has(on, CF_REF_DEV_PARTIAL_FIRST_GPU_ONLY)) {
        char *rest = strstr(second, tail);
        size_t len = strlen(rest);
        memmove(second + 1, rest, len + 1);
        gpus->len = (size_t)(second + 1 - gpus->bytes) + len;
    }
    char *mode = strstr(gpus->bytes, tail) + sizeof(tail) - 1;
    /* "listed" takes eight bytes with its quotes; shorter modes leave no room for it. */
    if (cf_ref_has(on, CF_REF_DEV_PARTIAL_ATTACH_MODE_LISTED)) {
        char text[16] = "\"listed\"}";
        size_t kept = (size_t)(mode - gpus->bytes);
        char *bytes = realloc(gpus->bytes, kept + sizeof(text));
        if (!bytes)
            return;
        memcpy(bytes + kept, text, sizeof(text));
        *gpus = (struct cf_ref_value){.bytes = bytes, .len = kept + strlen(text)};
    }
}

static bool lists(const cJSON *list, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, name) == 0)
            return true;
    }
    return false;
}

static enum cf_code merge_envs(const struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    const struct cf_ref_value *before = &cvm->settings.of[CF_REF_FIELD_ALLOWED_ENVS];
    const struct cf_ref_value *asked = &update->to.of[CF_REF_FIELD_ALLOWED_ENVS];
    struct cf_json_doc old = {0};
    struct cf_json_doc more = {0};
    struct cf_buf all;
    cf_buf_init(&all, SIZE_MAX / 2);
    enum cf_code code = cf_json_parse(&old, "stored", before->bytes, before->len, 0, NULL);
    if (code == CF_OK)
        code = cf_json_parse(&more, "asked", asked->bytes, asked->len, 0, NULL);
    const cJSON *name;
    cf_buf_append(&all, before->bytes, before->len - 1);
    cJSON_ArrayForEach(name, more.root)
    {
        if (!cJSON_IsString(name) || lists(old.root, name->valuestring))
            continue;
        if (all.len > 1)
            cf_buf_putc(&all, ',');
        cf_json_put_text(&all, name->valuestring);
    }
    cf_buf_putc(&all, ']');
    if (code == CF_OK && all.code == CF_OK)
        code = cf_ref_update_set(update, CF_REF_FIELD_ALLOWED_ENVS, all.data, all.len);
    cf_buf_release(&all);
    cf_json_release(&old);
    cf_json_release(&more);
    return code == CF_OK ? all.code : CF_ENOMEM;
}

/* gpus came without attach_mode: it stays what it is. */
static enum cf_code keep_attach_mode(const struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    static const char member[] = ",\"attach_mode\":";
    const struct cf_ref_value *asked = &update->to.of[CF_REF_FIELD_GPUS];
    struct cf_json_doc now;
    struct cf_buf all;
    if (!cf_ref_update_has(update, CF_REF_FIELD_GPUS) || strstr(asked->bytes, member))
        return CF_OK;
    const struct cf_ref_value *before = &cvm->settings.of[CF_REF_FIELD_GPUS];
    enum cf_code code = cf_json_parse(&now, "stored", before->bytes, before->len, 0, NULL);
    if (code != CF_OK)
        return CF_ENOMEM;
    cf_buf_init(&all, SIZE_MAX / 2);
    cf_buf_append(&all, asked->bytes, asked->len - 1);
    cf_buf_puts(&all, member);
    cf_json_put_text(&all, cf_json_text(now.root, "attach_mode", "listed"));
    cf_buf_putc(&all, '}');
    code = all.code;
    if (code == CF_OK)
        code = cf_ref_update_set(update, CF_REF_FIELD_GPUS, all.data, all.len);
    cf_buf_release(&all);
    cf_json_release(&now);
    return code;
}

/* ---- both ends ---- */

static bool repeats(const struct cf_ref_cvm *cvm, const struct cf_ref_update *update,
                    enum cf_ref_field field)
{
    return cf_ref_update_has(update, field) &&
           cf_ref_value_is(&update->to.of[field], cvm->settings.of[field].bytes);
}

static enum cf_code spoil_values(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                                 struct cf_ref_update *update)
{
    const char *timeout = update->to.of[CF_REF_FIELD_SHUTDOWN_TIMEOUT].bytes;
    enum cf_code code = CF_OK;
    if (timeout && cf_ref_has(on, CF_REF_DEV_PARTIAL_TIMEOUT_CAPPED) &&
        strtoll(timeout, NULL, 10) > 300)
        code = cf_ref_update_set_text(update, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "300");
    if (code == CF_OK && cf_ref_has(on, CF_REF_DEV_PARTIAL_REPEAT_DETACHES_GPUS) &&
        repeats(cvm, update, CF_REF_FIELD_GPUS))
        code = cf_ref_update_set_text(update, CF_REF_FIELD_GPUS,
                                      "{\"gpus\":[],\"attach_mode\":\"listed\"}");
    if (code == CF_OK && cf_ref_has(on, CF_REF_DEV_PARTIAL_REPEAT_CLEARS_USER_CONFIG) &&
        repeats(cvm, update, CF_REF_FIELD_USER_CONFIG))
        code = cf_ref_update_set_text(update, CF_REF_FIELD_USER_CONFIG, "");
    if (code == CF_OK && cf_ref_has(on, CF_REF_DEV_PARTIAL_ENVS_MERGED) &&
        cf_ref_update_has(update, CF_REF_FIELD_ALLOWED_ENVS))
        code = merge_envs(cvm, update);
    return code;
}

enum cf_code cf_ref_merge(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                          struct cf_ref_update *update)
{
    enum cf_code code = keep_attach_mode(cvm, update);
    if (code == CF_OK)
        code = spoil_values(on, cvm, update);
    spoil_texts(on, update);
    spoil_gpus(on, update);
    if (code == CF_OK)
        code = change_omitted(on, update);
    neglect_present(on, cvm, update);
    return code;
}

/* ---- the pre-launch script ---- */

static void spoil_script(const struct cf_ref_switches *on, struct cf_ref_value *script)
{
    size_t len = script->len;
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_CRLF_CONVERTED))
        len = without_crs(script->bytes, len);
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_TRIMMED))
        len = trim(script->bytes, len);
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_TABS_EXPANDED))
        len = without_tabs(script->bytes, len);
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_ASCII))
        len = to_ascii(script->bytes, len);
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_CUT))
        len = cut(len, 4096);
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_CUT_64K))
        len = cut(len, 65535);
    shorten(script, len);
}

/* Put bytes before and after the script. */
static enum cf_code frame_script(struct cf_ref_update *update, const struct cf_ref_value *before,
                                 const char *after)
{
    const struct cf_ref_value *script = &update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    struct cf_buf all;
    cf_buf_init(&all, SIZE_MAX / 2);
    if (before)
        cf_buf_append(&all, before->bytes, before->len);
    cf_buf_append(&all, script->bytes, script->len);
    cf_buf_puts(&all, after);
    enum cf_code code = all.code;
    if (code == CF_OK)
        code = cf_ref_update_set(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, all.data, all.len);
    cf_buf_release(&all);
    return code;
}

struct intrusion {
    enum cf_ref_id deviation;
    enum cf_ref_field field;
    const char *becomes;
};

static const struct intrusion intrusions[] = {
    {CF_REF_DEV_SCRIPT_DROPS_ENVS, CF_REF_FIELD_ALLOWED_ENVS, "[]"},
    {CF_REF_DEV_SCRIPT_HIDES_LOGS, CF_REF_FIELD_PUBLIC_LOGS, "false"},
    {CF_REF_DEV_SCRIPT_HIDES_LOGS, CF_REF_FIELD_PUBLIC_SYSINFO, "false"},
    {CF_REF_DEV_SCRIPT_HIDES_LOGS, CF_REF_FIELD_PUBLIC_TCBINFO, "false"},
    {CF_REF_DEV_SCRIPT_UPGRADES_IMAGE, CF_REF_FIELD_IMAGE, "dstack-0.5.6"},
    {CF_REF_DEV_SCRIPT_LIFTS_TIMEOUT, CF_REF_FIELD_SHUTDOWN_TIMEOUT, "null"},
};

enum cf_code cf_ref_merge_script(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                                 struct cf_ref_update *update)
{
    struct cf_ref_value *script = &update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    enum cf_code code = CF_OK;
    for (size_t i = 0; i < COUNT(intrusions) && code == CF_OK; i++) {
        if (cf_ref_has(on, intrusions[i].deviation))
            code = cf_ref_update_set_text(update, intrusions[i].field, intrusions[i].becomes);
    }
    if (code != CF_OK || !script->bytes)
        return code;
    spoil_script(on, script);
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_NEWLINE_ADDED) && script->len > 0 &&
        script->bytes[script->len - 1] != '\n')
        code = frame_script(update, NULL, "\n");
    if (code == CF_OK && cf_ref_has(on, CF_REF_DEV_SCRIPT_APPENDED))
        code = frame_script(update, &cvm->settings.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT], "");
    if (code == CF_OK && cf_ref_has(on, CF_REF_DEV_SCRIPT_NOT_STORED))
        cf_ref_update_drop(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT);
    return code;
}
