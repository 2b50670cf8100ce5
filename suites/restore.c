/* After the cases: putting a CVM back. */
#include "suites/housekeeping.h"
#include "suites/settle.h"
#include "suites/two_phase.h"

#include <stdlib.h>
#include <string.h>

static cJSON *gpu_config(const cJSON *list)
{
    cJSON *config = cJSON_CreateObject();
    cJSON *gpus = cJSON_IsArray(list) ? cJSON_Duplicate(list, 1) : cJSON_CreateArray();
    cJSON_AddItemToObject(config, "gpus", gpus);
    return config;
}

/* What to send for a field that reads as value: absent, an empty value where there is one, else
 * null; GPUs as the object that the field takes, however they are shown. */
static cJSON *sendable(const struct cf_cvm_field *field, const cJSON *value)
{
    if (field->kind == CF_CVM_FIELD_GPUS && !cJSON_IsObject(value))
        return gpu_config(value);
    if (value && !cJSON_IsNull(value))
        return cJSON_Duplicate(value, 1);
    if (field->kind == CF_CVM_FIELD_TEXT)
        return cJSON_CreateString("");
    return field->kind == CF_CVM_FIELD_NAMES ? cJSON_CreateArray() : cJSON_CreateNull();
}

/* The fields that differ from the snapshot, with the snapshot's values. */
static cJSON *differences(const struct cf_cvm_reading *now, const cJSON *snapshot, bool affecting)
{
    cJSON *body = cJSON_CreateObject();
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const struct cf_cvm_field *field = &cf_cvm_fields[i];
        const cJSON *then = cf_json_get(snapshot, field->name);
        if (!then || !now->observed[i] || field->affects_hash != affecting ||
            cf_cvm_field_same(field, now->values[i], then))
            continue;
        cJSON_AddItemToObject(body, field->name, sendable(field, then));
    }
    return body;
}

static const char *text_of(const cJSON *node)
{
    return node && cJSON_IsString(node) ? node->valuestring : "";
}

static cJSON *hook_inputs(const char *id, const cJSON *app_id, const cJSON *hash)
{
    cJSON *inputs = cJSON_CreateObject();
    cJSON_AddStringToObject(inputs, "cvm_id", id);
    cJSON_AddStringToObject(inputs, "app_id", text_of(app_id));
    cJSON_AddStringToObject(inputs, "compose_hash", text_of(hash));
    return inputs;
}

static enum cf_code send_phase2(struct cf_case_run *run, const char *id, const char *hash,
                                const char *transaction, const char *body, struct cf_err *err)
{
    struct cf_http_request request = {0};
    const struct cf_endpoint *e = cf_engine_endpoint(run->engine, "update-cvm");
    cf_run_request_init(run, &request, e->method, e->path, id, true);
    cf_headers_add(&request.headers, "Content-Type", "application/json");
    cf_headers_add(&request.headers, "X-Compose-Hash", hash);
    cf_headers_add(&request.headers, "X-Transaction-Hash", transaction);
    request.body = strcmp(run->profile->choice, "repeat") == 0 ? body : "{}";
    request.body_len = strlen(request.body);
    enum cf_code code = cf_run_send(run, "restore: phase 2", &request, err);
    cf_run_request_release(&request);
    return code;
}

/* Commit what phase 1 was answered with: register the hash, send phase 2. */
static enum cf_code second_phase(struct cf_case_run *run, const char *id, const cJSON *app_id,
                                 const char *body, struct cf_err *err)
{
    cJSON *outputs = NULL;
    cJSON *hash = cf_cvm_locate_compose_hash(&run->last);
    if (!hash)
        return cf_err_set(err, CF_EPROTO, "no compose hash in the answer");
    cJSON *inputs = hook_inputs(id, app_id, hash);
    enum cf_code code = cf_run_hook(run, "register-compose-hash", inputs, &outputs, err);
    if (code == CF_OK)
        code = send_phase2(run, id, hash->valuestring,
                           cf_json_text(outputs, "transaction_hash", ""), body, err);
    cJSON_Delete(hash);
    cJSON_Delete(inputs);
    cJSON_Delete(outputs);
    return code;
}

static enum cf_code send_back(struct cf_case_run *run, const struct cf_cvm_reading *now,
                              const cJSON *body, struct cf_err *err)
{
    struct cf_buf text = {0};
    const char *id = run->fixtures[0];
    cf_json_print(&text, body);
    enum cf_code code = cf_run_send_json(run, "restore", "update-cvm", id, cf_buf_text(&text), err);
    if (code == CF_OK && run->last.exchange->status == 465)
        code = second_phase(run, id, now->aspects[CF_CVM_APP_ID], cf_buf_text(&text), err);
    if (code == CF_OK && run->last.exchange->status != 202)
        code = cf_err_set(err, CF_EPROTO, "the update that puts it back was answered %d",
                          run->last.exchange->status);
    enum cf_cvm_settled end = code == CF_OK ? cf_cvm_settle_answered(run, id) : CF_CVM_SETTLED;
    if (end != CF_CVM_SETTLED && end != CF_CVM_SETTLED_UNSEEN) /* what became of it is read next */
        code = cf_err_set(err, CF_ETIMEOUT, "the update that puts it back did not settle");
    cf_buf_release(&text);
    return code;
}

/* Where the profile has a reset hook, it knows better than we do. */
static enum cf_code reset(struct cf_case_run *run, struct cf_err *err)
{
    cJSON *outputs = NULL;
    cJSON *inputs = hook_inputs(run->fixtures[0], NULL, NULL);
    enum cf_code code = cf_run_hook(run, "reset", inputs, &outputs, err);
    cJSON_Delete(inputs);
    cJSON_Delete(outputs);
    return code;
}

static enum cf_code restore_fields(struct cf_case_run *run, const cJSON *snapshot, bool affecting,
                                   bool *out_same, struct cf_err *err)
{
    struct cf_cvm_reading now;
    if (cf_cvm_settle(run, run->fixtures[0], NULL, &now) != CF_CVM_SETTLED)
        return cf_err_set(err, CF_ETIMEOUT, "it is still busy, or cannot be read");
    cJSON *body = differences(&now, snapshot, affecting);
    enum cf_code code = CF_OK;
    *out_same = !body->child;
    if (!*out_same)
        code = send_back(run, &now, body, err);
    cJSON_Delete(body);
    cf_cvm_reading_release(&now);
    return code;
}

enum cf_code cf_cvm_restore(struct cf_case_run *run, const cJSON *snapshot, struct cf_err *err)
{
    bool same = false;
    bool same_affecting = false;
    enum cf_code code = CF_OK;
    if (cf_profile_hook(run->profile, "reset"))
        code = reset(run, err);
    /* Affecting fields first: the other request must not be undone by a commit. */
    if (code == CF_OK)
        code = restore_fields(run, snapshot, true, &same_affecting, err);
    if (code == CF_OK)
        code = restore_fields(run, snapshot, false, &same, err);
    if (code == CF_OK && !same_affecting)
        code = restore_fields(run, snapshot, true, &same_affecting, err);
    if (code == CF_OK && !same)
        code = restore_fields(run, snapshot, false, &same, err);
    if (code == CF_OK && !(same && same_affecting))
        code = cf_err_set(err, CF_EPROTO, "it still differs after being put back");
    return code;
}
