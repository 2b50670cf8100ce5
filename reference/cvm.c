#include "reference/cvm.h"

#include <string.h>

void cf_ref_cvm_release(struct cf_ref_cvm *cvm)
{
    if (!cvm)
        return;
    cf_ref_settings_release(&cvm->settings);
    cf_ref_update_release(&cvm->pending);
    cf_ref_update_release(&cvm->bugs.queued);
    cf_ref_update_release(&cvm->bugs.last_update);
    cf_ref_settings_release(&cvm->bugs.before);
    for (size_t i = 0; i < CF_REF_PREPARED_KEPT; i++)
        cf_ref_update_release(&cvm->prepared[i].update);
}

/* ---- operations ---- */

struct cf_ref_operation *cf_ref_cvm_operation(struct cf_ref_cvm *cvm, size_t n)
{
    if (n >= cvm->operation_count || n >= CF_REF_OPERATIONS_KEPT)
        return NULL;
    return &cvm->operations[(cvm->operation_count - 1 - n) % CF_REF_OPERATIONS_KEPT];
}

static void keep_texts(struct cf_ref_cvm *cvm)
{
    static const enum cf_ref_field texts[] = {CF_REF_FIELD_USER_CONFIG,
                                              CF_REF_FIELD_PRE_LAUNCH_SCRIPT};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct cf_ref_value *now = &cvm->settings.of[texts[i]];
        cf_ref_value_set(&cvm->bugs.before.of[texts[i]], now->bytes ? now->bytes : "", now->len);
    }
}

static void finish(struct cf_ref_cvm *cvm)
{
    keep_texts(cvm);
    struct cf_ref_operation *newest = cf_ref_cvm_operation(cvm, 0);
    if (newest) {
        newest->finished = true;
        newest->failed = cvm->bugs.operations_fail;
        cf_clock_timestamp(newest->finished_at);
    }
    if (cvm->bugs.operations_fail)
        cf_ref_update_release(&cvm->pending);
    else
        cf_ref_update_apply(&cvm->pending, &cvm->settings);
    cvm->running = false;
    cvm->hashes_stale = true;
}

struct cf_ref_operation *cf_ref_cvm_begin(struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                                          struct cf_ref_update *update, double now_ms,
                                          double duration_ms)
{
    struct cf_ref_operation *operation =
        &cvm->operations[cvm->operation_count % CF_REF_OPERATIONS_KEPT];
    *operation = (struct cf_ref_operation){.endpoint = endpoint};
    cf_clock_timestamp(operation->started_at);
    cvm->operation_count++;
    cf_ref_update_release(&cvm->pending);
    cvm->pending = *update;
    *update = (struct cf_ref_update){0};
    cvm->running = true;
    cvm->bugs.lock_dropped = false;
    cvm->ends_ms = now_ms + duration_ms;
    if (duration_ms <= 0)
        finish(cvm);
    return operation;
}

bool cf_ref_cvm_looks_busy(const struct cf_ref_cvm *cvm)
{
    return cvm->running || cvm->bugs.lock_leaked;
}

void cf_ref_cvm_change(struct cf_ref_cvm *cvm, struct cf_ref_update *update)
{
    cf_ref_update_apply(update, &cvm->settings);
    cvm->hashes_stale = true;
}

void cf_ref_cvm_settle(struct cf_ref_cvm *cvm, double now_ms)
{
    if (cvm->running && now_ms >= cvm->ends_ms)
        finish(cvm);
    if (cvm->bugs.queued.present != 0 && !cvm->running && now_ms >= cvm->bugs.queued_due_ms)
        cf_ref_cvm_change(cvm, &cvm->bugs.queued);
}

void cf_ref_cvm_rehash(struct cf_ref_cvm *cvm)
{
    const struct cf_ref_value *compose = &cvm->settings.of[CF_REF_FIELD_DOCKER_COMPOSE_FILE];
    const struct cf_ref_value *script = &cvm->settings.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    if (!cvm->hashes_stale)
        return;
    cf_ref_compose_hash(cvm->name, &cvm->settings, NULL, cvm->compose_hash);
    cf_sha256_hex(compose->bytes, compose->len, cvm->docker_compose_hash);
    cf_sha256_hex(script->bytes, script->len, cvm->script_hash);
    cvm->hashes_stale = false;
}

/* ---- prepared updates ---- */

struct cf_ref_prepared *cf_ref_cvm_prepare(struct cf_ref_cvm *cvm, enum cf_ref_endpoint endpoint,
                                           const char *compose_hash, struct cf_ref_update *update)
{
    struct cf_ref_prepared *prepared = &cvm->prepared[cvm->prepared_count % CF_REF_PREPARED_KEPT];
    cf_ref_update_release(&prepared->update);
    *prepared = (struct cf_ref_prepared){.endpoint = endpoint, .update = *update};
    *update = (struct cf_ref_update){0};
    memcpy(prepared->compose_hash, compose_hash, CF_SHA256_HEX);
    cvm->prepared_count++;
    return prepared;
}

struct cf_ref_prepared *cf_ref_cvm_prepared(struct cf_ref_cvm *cvm, size_t n)
{
    if (n >= cvm->prepared_count || n >= CF_REF_PREPARED_KEPT)
        return NULL;
    return &cvm->prepared[(cvm->prepared_count - 1 - n) % CF_REF_PREPARED_KEPT];
}

bool cf_ref_cvm_committed(struct cf_ref_cvm *cvm, const char *compose_hash)
{
    const struct cf_ref_prepared *prepared = NULL;
    for (size_t n = 0; (prepared = cf_ref_cvm_prepared(cvm, n)); n++) {
        if (prepared->used && strcmp(prepared->compose_hash, compose_hash) == 0)
            return true;
    }
    return false;
}

void cf_ref_cvm_forget_prepared(struct cf_ref_cvm *cvm)
{
    for (size_t i = 0; i < CF_REF_PREPARED_KEPT; i++)
        cvm->prepared[i].used = true;
}
