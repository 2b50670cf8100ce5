/* The handlers that show a CVM, in the vendor's two shapes and in one of our own. */
#include "reference/admit.h"
#include "reference/answer.h"
#include "reference/handlers.h"
#include "reference/kms.h"

#include "harness/base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char json_type[] = "application/json";
static const char text_type[] = "text/plain; charset=utf-8";

static const char *status_of(const struct cf_ref_cvm *cvm)
{
    return cvm->running ? "updating" : "running";
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

/* `,"member":` and the value as JSON */
static void put_field(const struct cf_ref_cvm *cvm, const char *member, enum cf_ref_field field,
                      struct cf_buf *out)
{
    cf_buf_printf(out, ",\"%s\":", member);
    cf_ref_settings_put(&cvm->settings, field, out);
}

/* Megabytes as gigabytes, exactly: a 1024th has at most ten decimal places. */
static void put_gigabytes(const struct cf_ref_cvm *cvm, const char *member, enum cf_ref_field field,
                          struct cf_buf *out)
{
    long long megabytes = strtoll(cvm->settings.of[field].bytes, NULL, 10);
    char fraction[32];
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
    cf_buf_printf(out, "{\"id\":\"%s\",\"name\":\"%s\",\"app_id\":\"%s\",\"vm_uuid\":\"%s\"",
                  cvm->id, cvm->name, cvm->app_id, cvm->vm_uuid);
    cf_buf_printf(out, ",\"status\":\"%s\",\"in_progress\":%s", status_of(cvm),
                  truth(cvm->running));
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

/* X-Phala-Version 2026-01-21 */
static void put_current(struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    put_identity(cvm, out);
    cf_buf_puts(out, ",\"resource\":{\"instance_type\":\"custom\"");
    put_field(cvm, "vcpu", CF_REF_FIELD_VCPU, out);
    put_gigabytes(cvm, "memory_in_gb", CF_REF_FIELD_MEMORY, out);
    put_gigabytes(cvm, "disk_in_gb", CF_REF_FIELD_DISK_SIZE, out);
    cf_buf_printf(out, ",\"gpus\":%zu}", count_gpus(cvm));
    put_os(cvm, out);
    put_kms(cvm, out);
    put_progress(cvm, out);
    cf_buf_printf(out, ",\"docker_compose_hash\":\"%s\",\"pre_launch_script_hash\":\"%s\"",
                  cvm->docker_compose_hash, cvm->script_hash);
    put_field(cvm, "public_logs", CF_REF_FIELD_PUBLIC_LOGS, out);
    put_field(cvm, "public_sysinfo", CF_REF_FIELD_PUBLIC_SYSINFO, out);
    put_field(cvm, "public_tcbinfo", CF_REF_FIELD_PUBLIC_TCBINFO, out);
}

/* X-Phala-Version 2025-10-28 */
static void put_legacy(const struct cf_ref_cvm *cvm, struct cf_buf *out)
{
    put_identity(cvm, out);
    put_field(cvm, "vcpu", CF_REF_FIELD_VCPU, out);
    put_field(cvm, "memory", CF_REF_FIELD_MEMORY, out);
    put_gigabytes(cvm, "disk_size", CF_REF_FIELD_DISK_SIZE, out);
    put_field(cvm, "base_image", CF_REF_FIELD_IMAGE, out);
    put_field(cvm, "public_sysinfo", CF_REF_FIELD_PUBLIC_SYSINFO, out);
    put_field(cvm, "public_logs", CF_REF_FIELD_PUBLIC_LOGS, out);
    put_kms(cvm, out);
}

static const char *shown_hash(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm)
{
    return cf_ref_has(&server->on, CF_REF_DEV_TWO_PHASE_SHOWN_HASH_STALE) ? cvm->bugs.deployed_hash
                                                                          : cvm->compose_hash;
}

void cf_ref_handle_read_cvm(struct cf_ref_server *server, const struct cf_ref_request *request,
                            struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    cf_ref_cvm_rehash(cvm);
    cf_ref_answer_begin(answer, 200, json_type);
    if (request->version && strcmp(request->version, "2025-10-28") == 0)
        put_legacy(cvm, &answer->body);
    else
        put_current(cvm, &answer->body);
    cf_buf_printf(&answer->body, ",\"compose_hash\":\"%s\"}", shown_hash(server, cvm));
}

static void read_text(struct cf_ref_server *server, const struct cf_ref_request *request,
                      struct cf_ref_answer *answer, enum cf_ref_field field,
                      const char *content_type)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    cf_ref_answer_begin(answer, 200, content_type);
    cf_buf_append(&answer->body, cvm->settings.of[field].bytes, cvm->settings.of[field].len);
}

void cf_ref_handle_read_script(struct cf_ref_server *server, const struct cf_ref_request *request,
                               struct cf_ref_answer *answer)
{
    read_text(server, request, answer, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, text_type);
}

void cf_ref_handle_read_docker_compose(struct cf_ref_server *server,
                                       const struct cf_ref_request *request,
                                       struct cf_ref_answer *answer)
{
    read_text(server, request, answer, CF_REF_FIELD_DOCKER_COMPOSE_FILE, "application/yaml");
}

void cf_ref_handle_read_user_config(struct cf_ref_server *server,
                                    const struct cf_ref_request *request,
                                    struct cf_ref_answer *answer)
{
    read_text(server, request, answer, CF_REF_FIELD_USER_CONFIG, text_type);
}

void cf_ref_handle_read_compose_file(struct cf_ref_server *server,
                                     const struct cf_ref_request *request,
                                     struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_buf_printf(&answer->body, "{\"name\":\"%s\"", cvm->name);
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        enum cf_ref_field field = (enum cf_ref_field)i;
        if (cf_ref_field(field)->in_compose)
            put_field(cvm, cf_ref_field(field)->name, field, &answer->body);
    }
    cf_buf_putc(&answer->body, '}');
}

/* ---- operations ---- */

static void put_operation(const struct cf_ref_switches *on,
                          const struct cf_ref_operation *operation, struct cf_buf *out)
{
    static const char *const types[] = {"update_cvm", "update_pre_launch_script"};
    bool ended = operation->finished && !cf_ref_has(on, CF_REF_DEV_ACCEPTED_OPERATION_NEVER_ENDS);
    const char *id = operation->correlation_id;
    bool numbered = cf_ref_has(on, CF_REF_VAR_OPERATIONS_NUMBERED);
    cf_buf_printf(out, "{\"correlation_id\":\"%s%.*s\",\"operation_type\":\"%s\",\"status\":\"%s\"",
                  numbered ? "op-" : "", numbered ? 8 : (int)strlen(id), id,
                  types[operation->endpoint], ended ? "completed" : "in_progress");
    cf_buf_printf(out, ",\"started_at\":\"%s\"", operation->started_at);
    if (ended)
        cf_buf_printf(out, ",\"finished_at\":\"%s\"}", operation->finished_at);
    else
        cf_buf_puts(out, ",\"finished_at\":null}");
}

void cf_ref_handle_read_operations(struct cf_ref_server *server,
                                   const struct cf_ref_request *request,
                                   struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    const struct cf_ref_operation *operation = NULL;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_buf_puts(&answer->body, "{\"items\":[");
    size_t listed = 0;
    for (size_t n = 0; (operation = cf_ref_cvm_operation(cvm, n)); n++) {
        if (operation->endpoint == CF_REF_ENDPOINT_SCRIPT &&
            cf_ref_has(&server->on, CF_REF_DEV_ACCEPTED_SCRIPT_OPERATION_UNLISTED))
            continue;
        if (listed++ > 0)
            cf_buf_putc(&answer->body, ',');
        put_operation(&server->on, operation, &answer->body);
    }
    cf_buf_printf(&answer->body, "],\"total\":%zu}", cvm->operation_count);
}

void cf_ref_handle_read_operation_status(struct cf_ref_server *server,
                                         const struct cf_ref_request *request,
                                         struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    const struct cf_ref_operation *newest = cf_ref_cvm_operation(cvm, 0);
    cf_ref_answer_begin(answer, 200, json_type);
    cf_buf_printf(&answer->body, "{\"in_progress\":%s,\"operation\":", truth(cvm->running));
    if (newest)
        put_operation(&server->on, newest, &answer->body);
    else
        cf_buf_puts(&answer->body, "null");
    cf_buf_putc(&answer->body, '}');
}

void cf_ref_handle_read_state(struct cf_ref_server *server, const struct cf_ref_request *request,
                              struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_buf_printf(&answer->body, "{\"status\":\"%s\",\"in_progress\":%s}", status_of(cvm),
                  truth(cvm->running));
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

static void put_shown(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                      enum cf_ref_field field, struct cf_buf *out)
{
    const struct cf_ref_value *value = &cvm->settings.of[field];
    const char *name = cf_ref_field(field)->name;
    bool empty = value->len == 0 || strcmp(value->bytes, "[]") == 0;
    bool no_timeout = field == CF_REF_FIELD_SHUTDOWN_TIMEOUT &&
                      (!value->bytes || strcmp(value->bytes, "null") == 0);
    if (empty && cf_ref_has(on, CF_REF_VAR_EMPTY_SHOWN_AS_NULL)) {
        cf_buf_printf(out, ",\"%s\":null", name);
    } else if (no_timeout && cf_ref_has(on, CF_REF_VAR_NO_TIMEOUT_IS_0)) {
        cf_buf_printf(out, ",\"%s\":0", name);
    } else if (field == CF_REF_FIELD_GPUS && cf_ref_has(on, CF_REF_VAR_GPUS_SHOWN_IN_FULL)) {
        cf_buf_printf(out, ",\"%s\":", name);
        put_gpus_in_full(value->bytes, out);
    } else {
        put_field(cvm, name, field, out);
    }
}

void cf_ref_handle_inspect(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    if (!cvm) {
        cf_ref_answer_sentence(answer, 404, "CVM not found");
    }
    cf_ref_cvm_rehash(cvm);
    cf_ref_answer_begin(answer, 200, json_type);
    put_identity(cvm, &answer->body);
    cf_buf_printf(&answer->body, ",\"compose_hash\":\"%s\"", shown_hash(server, cvm));
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++)
        put_shown(&server->on, cvm, (enum cf_ref_field)i, &answer->body);
    cf_buf_putc(&answer->body, '}');
}
