#include "reference/show.h"
#include "reference/kms.h"
#include "reference/phases_bugs.h"

#include "harness/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *status_of(const struct cf_ref_cvm *cvm)
{
    return cvm->running ? "updating" : "running";
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

bool cf_ref_shows(const struct cf_ref_server *server, enum cf_ref_field field)
{
    return !(server->out_of_sight & CF_REF_BIT(field));
}

/* ---- members ---- */

/* `,"member":` and the value as JSON */
static void put_field(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                      const char *member, enum cf_ref_field field, struct cf_buf *out)
{
    if (!cf_ref_shows(server, field))
        return;
    cf_buf_printf(out, ",\"%s\":", member);
    cf_ref_settings_put(&cvm->settings, field, out);
}

/* Megabytes as gigabytes: exactly, for a 1024th has at most ten decimal places, or rounded. */
static void put_gigabytes(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                          const char *member, enum cf_ref_field field, struct cf_buf *out)
{
    long long megabytes = strtoll(cvm->settings.of[field].bytes, NULL, 10);
    char fraction[32] = "";
    if (!cf_ref_shows(server, field))
        return;
    if (cf_ref_has(&server->on, CF_REF_VAR_SIZES_ROUNDED)) {
        cf_buf_printf(out, ",\"%s\":%lld", member, (megabytes + 512) / 1024);
        return;
    }
    int len = snprintf(fraction, sizeof(fraction), ".%010lld", megabytes % 1024 * 9765625LL);
    while (len > 0 && (fraction[len - 1] == '0' || fraction[len - 1] == '.'))
        fraction[--len] = '\0';
    cf_buf_printf(out, ",\"%s\":%lld%s", member, megabytes / 1024, fraction);
}

static size_t count_gpus(const struct cf_ref_cvm *cvm)
{
    size_t count = 0;
    const char *p = cvm->settings.of[CF_REF_FIELD_GPUS].bytes;
    while ((p = strstr(p, "{\"slot\":"))) { /* quotes inside strings are escaped */
        count++;
        p++;
    }
    return count;
}

static void put_identity(const struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    cf_buf_printf(out, ",\"name\":\"%s\",\"app_id\":\"%s\",\"vm_uuid\":\"%s\"", cvm->name,
                  cvm->app_id, cvm->vm_uuid);
    cf_buf_printf(out, ",\"instance_id\":\"%s\",\"status\":\"%s\",\"in_progress\":%s", cvm->id,
                  status_of(cvm), truth(cf_ref_cvm_looks_busy(cvm)));
}

static void put_kms(const struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    static const char *const types[] = {"phala", "ethereum", "base"};
    cf_buf_printf(out, ",\"kms_type\":\"%s\",\"kms_info\":", types[cvm->kms]);
    cf_ref_kms_info_put(cvm, out);
}

static void put_progress(struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    const struct cf_ref_operation *newest = cf_ref_cvm_operation(cvm, 0);
    if (!cvm->running || !newest) {
        cf_buf_puts(out, ",\"progress\":null");
        return;
    }
    cf_buf_printf(out,
                  ",\"progress\":{\"target\":\"running\",\"started_at\":\"%s\","
                  "\"correlation_id\":\"%s\"}",
                  newest->started_at, newest->correlation_id);
}

static void put_os(const struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    const struct cf_ref_value *image = &cvm->settings.of[CF_REF_FIELD_IMAGE];
    const char *dash = strrchr(image->bytes, '-');
    cf_buf_puts(out, ",\"os\":{\"name\":");
    cf_ref_settings_put(&cvm->settings, CF_REF_FIELD_IMAGE, out);
    cf_buf_puts(out, ",\"version\":");
    cf_json_put_text(out, dash ? dash + 1 : "");
    cf_buf_puts(out, ",\"os_image_hash\":null}");
}

static bool is_empty(const struct cf_ref_value *value)
{
    return value->len == 0 || strcmp(value->bytes, "[]") == 0;
}

static bool is_left_out(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                        enum cf_ref_field field)
{
    const struct cf_ref_value *value = &cvm->settings.of[field];
    bool text = cf_ref_field(field)->kind == CF_REF_KIND_TEXT;
    return cf_ref_has(&server->on, CF_REF_VAR_EMPTY_LEFT_OUT) &&
           (is_empty(value) ||
            (!text && (strcmp(value->bytes, "null") == 0 || strcmp(value->bytes, "false") == 0)));
}

static void put_flag(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                     enum cf_ref_field field, struct cf_buf *out)
{
    if (!is_left_out(server, cvm, field))
        put_field(server, cvm, cf_ref_field(field)->name, field, out);
}

/* ---- X-Phala-Version 2026-01-21 ---- */

static void put_resource(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                         struct cf_buf *out)
{
    cf_buf_puts(out, ",\"resource\":{\"instance_type\":\"custom\"");
    put_field(server, cvm, "vcpu", CF_REF_FIELD_VCPU, out);
    put_gigabytes(server, cvm, "memory_in_gb", CF_REF_FIELD_MEMORY, out);
    put_gigabytes(server, cvm, "disk_in_gb", CF_REF_FIELD_DISK_SIZE, out);
    if (cf_ref_shows(server, CF_REF_FIELD_GPUS))
        cf_buf_printf(out, ",\"gpus\":%zu", count_gpus(cvm));
    cf_buf_putc(out, '}');
}

static void put_current(const struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                        struct cf_buf *out)
{
    cf_buf_printf(out, "{\"id\":\"%s\"", cvm->id);
    put_identity(cvm, out);
    put_resource(server, cvm, out);
    if (cf_ref_shows(server, CF_REF_FIELD_IMAGE))
        put_os(cvm, out);
    put_kms(cvm, out);
    put_progress(cvm, out);
    cf_buf_printf(out, ",\"gateway\":{\"base_domain\":\"%s\",\"cname\":null}", "gateway.example");
    cf_buf_printf(out, ",\"docker_compose_hash\":\"%s\",\"pre_launch_script_hash\":\"%s\"",
                  cvm->docker_compose_hash, cvm->script_hash);
    put_flag(server, cvm, CF_REF_FIELD_PUBLIC_LOGS, out);
    put_flag(server, cvm, CF_REF_FIELD_PUBLIC_SYSINFO, out);
    put_flag(server, cvm, CF_REF_FIELD_PUBLIC_TCBINFO, out);
}

/* ---- X-Phala-Version 2025-10-28 ---- */

/* This shape has numbers for ids: the CVM's place in our table. */
static size_t number_of(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm)
{
    return (size_t)(cvm - server->cvms) + 1;
}

static void put_machine(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                        struct cf_buf *out)
{
    put_field(server, cvm, "vcpu", CF_REF_FIELD_VCPU, out);
    put_field(server, cvm, "memory", CF_REF_FIELD_MEMORY, out);
    put_gigabytes(server, cvm, "disk_size", CF_REF_FIELD_DISK_SIZE, out);
}

static void put_legacy(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                       struct cf_buf *out)
{
    cf_buf_printf(out, "{\"id\":%zu,\"teepod_id\":1,\"encrypted_env_pubkey\":null",
                  number_of(server, cvm));
    put_identity(cvm, out);
    put_machine(server, cvm, out);
    put_field(server, cvm, "base_image", CF_REF_FIELD_IMAGE, out);
    put_flag(server, cvm, CF_REF_FIELD_PUBLIC_SYSINFO, out);
    put_flag(server, cvm, CF_REF_FIELD_PUBLIC_LOGS, out);
    put_kms(cvm, out);
}

/* In a list this shape says what runs under "hosted", and most of what it does not know as null. */
static void put_legacy_item(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                            struct cf_buf *out)
{
    static const char *const unknown[] = {"managed_user",    "node",          "dapp_dashboard_url",
                                          "syslog_endpoint", "project_id",    "project_type",
                                          "billing_period",  "gateway_domain"};
    cf_buf_printf(out,
                  "{\"hosted\":{\"id\":\"%s\",\"uptime\":\"1m\",\"app_url\":null,"
                  "\"exited_at\":null,\"boot_progress\":null,\"boot_error\":null,"
                  "\"shutdown_progress\":null,\"image_version\":null",
                  cvm->vm_uuid);
    put_identity(cvm, out);
    cf_buf_printf(out, "},\"name\":\"%s\",\"status\":\"%s\",\"in_progress\":%s", cvm->name,
                  status_of(cvm), truth(cf_ref_cvm_looks_busy(cvm)));
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        cf_buf_printf(out, ",\"%s\":null", unknown[i]);
    put_machine(server, cvm, out);
    put_kms(cvm, out);
    cf_buf_puts(out, ",\"public_urls\":[]}");
}

/* ---- either ---- */

static void put_hash(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                     struct cf_buf *out)
{
    char hash[CF_SHA256_HEX];
    memcpy(hash, cvm->compose_hash, sizeof(hash));
    cf_ref_phases_spoil_shown_hash(&server->on, cvm, hash);
    cf_buf_printf(out, ",\"compose_hash\":\"%s\"", hash);
}

void cf_ref_show_cvm(const struct cf_ref_server *server, struct cf_ref_cvm *cvm, bool legacy,
                     struct cf_buf *out)
{
    cf_ref_cvm_rehash(cvm);
    if (legacy)
        put_legacy(server, cvm, out);
    else
        put_current(server, cvm, out);
    put_hash(server, cvm, out);
    cf_buf_putc(out, '}');
}

void cf_ref_show_item(const struct cf_ref_server *server, struct cf_ref_cvm *cvm, bool legacy,
                      struct cf_buf *out)
{
    if (legacy)
        put_legacy_item(server, cvm, out);
    else
        cf_ref_show_cvm(server, cvm, false, out);
}

void cf_ref_show_state(const struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    cf_buf_printf(out, "{\"id\":\"%s\",\"name\":\"%s\",\"status\":\"%s\",\"in_progress\":%s}",
                  cvm->id, cvm->name, status_of(cvm), truth(cf_ref_cvm_looks_busy(cvm)));
}

void cf_ref_show_compose(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                         struct cf_buf *out)
{
    cf_buf_printf(out, "{\"name\":\"%s\"", cvm->name);
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        const struct cf_ref_field_info *info = cf_ref_field((enum cf_ref_field)i);
        if (info->in_compose)
            put_field(server, cvm, info->name, (enum cf_ref_field)i, out);
    }
    if (!cf_ref_has(&server->on, CF_REF_VAR_FIELD_SERVICE))
        cf_buf_puts(out, cf_ref_compose_fixed);
    cf_buf_putc(out, '}');
}

/* ---- our own ---- */

static void put_gpus_in_full(const char *gpus, struct cf_buf *out)
{
    static const char slot[] = "{\"slot\":"; /* quotes inside strings are escaped */
    for (const char *next = strstr(gpus, slot); next; next = strstr(gpus, slot)) {
        const char *end = next + strcspn(next, "}");
        const char *product = strstr(next, "\"product_id\"");
        bool has_product = product && product < end;
        cf_buf_append(out, gpus, (size_t)(end - gpus));
        cf_buf_printf(out, ",%s\"temperature\":41", has_product ? "" : "\"product_id\":null,");
        gpus = end;
    }
    cf_buf_puts(out, gpus);
}

static void put_shown(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm,
                      enum cf_ref_field field, struct cf_buf *out)
{
    const struct cf_ref_switches *on = &server->on;
    const struct cf_ref_value *value = &cvm->settings.of[field];
    const char *name = cf_ref_field(field)->name;
    if (!cf_ref_shows(server, field))
        return;
    if (is_left_out(server, cvm, field))
        return;
    if (is_empty(value) && cf_ref_has(on, CF_REF_VAR_EMPTY_SHOWN_AS_NULL)) {
        cf_buf_printf(out, ",\"%s\":null", name);
    } else if (field == CF_REF_FIELD_SHUTDOWN_TIMEOUT && strcmp(value->bytes, "null") == 0 &&
               cf_ref_has(on, CF_REF_VAR_NO_TIMEOUT_IS_0)) {
        cf_buf_printf(out, ",\"%s\":0", name);
    } else if (field == CF_REF_FIELD_GPUS && cf_ref_has(on, CF_REF_VAR_GPUS_SHOWN_IN_FULL)) {
        cf_buf_printf(out, ",\"%s\":", name);
        put_gpus_in_full(value->bytes, out);
    } else if (field == CF_REF_FIELD_GPUS && cf_ref_has(on, CF_REF_VAR_GPUS_AS_A_NUMBER)) {
        cf_buf_printf(out, ",\"%s\":%zu", name, count_gpus(cvm));
    } else {
        put_field(server, cvm, name, field, out);
    }
}

void cf_ref_show_all(const struct cf_ref_server *server, struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    cf_ref_cvm_rehash(cvm);
    cf_buf_printf(out, "{\"id\":\"%s\"", cvm->id);
    put_identity(cvm, out);
    put_hash(server, cvm, out);
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++)
        put_shown(server, cvm, (enum cf_ref_field)i, out);
    cf_buf_putc(out, '}');
}
