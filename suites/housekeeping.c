#include "suites/housekeeping.h"
#include "suites/settle.h"
#include "suites/two_phase.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Wait for the operation that the last answer started. Its id is copied: the next answer takes the
 * place of the one it stands in. */
static enum cf_settled settle_accepted(struct cf_case_run *run, const char *id)
{
    char correlation[CF_CORRELATION_BYTES];
    snprintf(correlation, sizeof(correlation), "%s",
             cf_json_text(run->last.json, "correlation_id", ""));
    return cf_settle(run, id, correlation, NULL);
}

/* ---- preflight ---- */

static enum cf_code explain_refused_read(struct cf_case_run *run, const char *id,
                                         struct cf_err *err)
{
    const struct cf_profile *p = run->profile;
    const struct cf_exchange *last = run->last.exchange;
    int status = last ? last->status : 0;
    if (status == 401 || status == 403)
        return cf_err_set(err, CF_EINPUT,
                          "the IUT refuses the credential in header %s (%d for GET %s)",
                          p->auth_header, status, last->url);
    if (status == 404)
        return cf_err_set(err, CF_EINPUT, "the IUT does not know CVM %s of the profile (404)", id);
    return cf_err_set(err, CF_EINPUT, "CVM %s cannot be read: GET %s answered %d", id,
                      last ? last->url : "?", status);
}

/* One read: the address, the credential and the CVM are right. */
static enum cf_code preflight_read(struct cf_case_run *run, const char *id, struct cf_err *err)
{
    struct cf_reading reading;
    enum cf_code code = cf_reading_take(run, id, "preflight: read", &reading, err);
    if (code == CF_OK)
        cf_reading_release(&reading);
    return code == CF_EPROTO && run->last.exchange && run->last.exchange->status != 0
               ? explain_refused_read(run, id, err)
               : code;
}

/* One refusal: something that says yes to nonsense is not the API. */
static enum cf_code preflight_refusal(struct cf_case_run *run, const char *id, struct cf_err *err)
{
    enum cf_code code =
        cf_run_send_json(run, "preflight: a refusal", "update-cvm", id, "{\"vcpu\":\"four\"}", err);
    int status = code == CF_OK ? run->last.exchange->status : 0;
    /* Whatever could be read may have been readable without a credential. */
    if (code == CF_OK && status == 401)
        return cf_err_set(err, CF_EINPUT,
                          "the IUT refuses the credential in header %s (401 for PATCH %s)",
                          run->profile->auth_header, run->last.exchange->url);
    if (code == CF_OK && (status == 404 || status == 405))
        return cf_err_set(err, CF_EINPUT,
                          "PATCH %s answered %d although the CVM can be read: is the base URL "
                          "right, and may this credential change the CVM?",
                          run->last.exchange->url, status);
    return code;
}

/* One accepted update, of a field that costs least. */
static enum cf_code preflight_update(struct cf_case_run *run, const char *id, struct cf_err *err)
{
    char json[64];
    char word[13];
    cf_random_hex(&run->random, word, 12);
    snprintf(json, sizeof(json), "{\"user_config\":\"preflight %s\"}", word);
    enum cf_code code = cf_run_send_json(run, "preflight: an update", "update-cvm", id, json, err);
    int status = code == CF_OK ? run->last.exchange->status : 0;
    if (code == CF_OK && (status == 401 || status == 403 || status >= 500))
        return cf_err_set(err, CF_EINPUT, "a plain update of CVM %s (user_config) answered %d", id,
                          status);
    /* Whoever cannot tell when an operation ends would take the next one's 409 for a defect. */
    if (status == 202 && settle_accepted(run, id) == CF_SETTLED_UNSEEN)
        return cf_err_set(err, CF_EINPUT,
                          "nothing on the read side tells when an operation has ended: say where "
                          "in_progress or operations can be read (pixit.observe.fields)");
    return code;
}

enum cf_code cf_cvm_preflight(struct cf_case_run *run, struct cf_err *err)
{
    const char *id = run->fixtures[0];
    enum cf_code code = preflight_read(run, id, err);
    if (code == CF_OK)
        code = preflight_refusal(run, id, err);
    return code == CF_OK ? preflight_update(run, id, err) : code;
}

/* ---- snapshot ---- */

enum cf_code cf_cvm_snapshot(struct cf_case_run *run, char **out_json, struct cf_err *err)
{
    struct cf_reading reading;
    struct cf_buf text = {0};
    const char *id = run->fixtures[0];
    enum cf_code code = cf_reading_take(run, id, "snapshot", &reading, err);
    if (code == CF_EPROTO && run->last.exchange && run->last.exchange->status != 0)
        return explain_refused_read(run, id, err);
    if (code != CF_OK)
        return code;
    cJSON *all = cf_reading_json(&reading);
    cf_json_print(&text, all);
    *out_json = cf_buf_take(&text, NULL);
    cJSON_Delete(all);
    cf_reading_release(&reading);
    return CF_OK;
}

/* ---- restore ---- */

static cJSON *gpu_config(const cJSON *list)
{
    cJSON *config = cJSON_CreateObject();
    cJSON *gpus = cJSON_IsArray(list) ? cJSON_Duplicate(list, 1) : cJSON_CreateArray();
    cJSON_AddItemToObject(config, "gpus", gpus);
    return config;
}

/* What to send for a field that reads as value: absent, an empty value where there is one, else
 * null; GPUs as the object that the field takes, however they are shown. */
static cJSON *sendable(const struct cf_field *field, const cJSON *value)
{
    if (field->kind == CF_FIELD_GPUS && !cJSON_IsObject(value))
        return gpu_config(value);
    if (value && !cJSON_IsNull(value))
        return cJSON_Duplicate(value, 1);
    if (field->kind == CF_FIELD_TEXT)
        return cJSON_CreateString("");
    return field->kind == CF_FIELD_NAMES ? cJSON_CreateArray() : cJSON_CreateNull();
}

/* The fields that differ from the snapshot, with the snapshot's values. */
static cJSON *differences(const struct cf_reading *now, const cJSON *snapshot, bool affecting)
{
    cJSON *body = cJSON_CreateObject();
    for (int i = 0; i < CF_FIELD_COUNT; i++) {
        const struct cf_field *field = &cf_fields[i];
        const cJSON *then = cf_json_get(snapshot, field->name);
        if (!then || !now->observed[i] || field->affects_hash != affecting ||
            cf_field_same(field, now->values[i], then))
            continue;
        cJSON_AddItemToObject(body, field->name, sendable(field, then));
    }
    return body;
}

static void print(struct cf_buf *out, const cJSON *node)
{
    cf_buf_init(out, 16 << 20);
    cf_json_print(out, node);
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

/* Commit what phase 1 was answered with: register the hash, send phase 2. */
static enum cf_code second_phase(struct cf_case_run *run, const char *id, const cJSON *app_id,
                                 const char *body, struct cf_err *err)
{
    cJSON *hash = cf_locate_compose_hash(&run->last);
    cJSON *outputs = NULL;
    cJSON *inputs = hook_inputs(id, app_id, hash);
    struct cf_http_request request = {0};
    const struct cf_endpoint *e = cf_engine_endpoint(run->engine, "update-cvm");
    enum cf_code code = hash ? cf_run_hook(run, "register-compose-hash", inputs, &outputs, err)
                             : cf_err_set(err, CF_EPROTO, "no compose hash in the answer");
    if (code == CF_OK && e)
        cf_run_request_init(run, &request, e->method, e->path, id, true);
    if (code == CF_OK) {
        cf_headers_add(&request.headers, "Content-Type", "application/json");
        cf_headers_add(&request.headers, "X-Compose-Hash", hash->valuestring);
        cf_headers_add(&request.headers, "X-Transaction-Hash",
                       cf_json_text(outputs, "transaction_hash", ""));
        request.body = strcmp(run->profile->choice, "repeat") == 0 ? body : "{}";
        request.body_len = strlen(request.body);
        code = cf_run_send(run, "restore: phase 2", &request, err);
    }
    if (request.method)
        cf_run_request_release(&request);
    cJSON_Delete(hash);
    cJSON_Delete(inputs);
    cJSON_Delete(outputs);
    return code;
}

static enum cf_code send_back(struct cf_case_run *run, const struct cf_reading *now,
                              const cJSON *body, struct cf_err *err)
{
    struct cf_buf text;
    const char *id = run->fixtures[0];
    print(&text, body);
    enum cf_code code = cf_run_send_json(run, "restore", "update-cvm", id, cf_buf_text(&text), err);
    if (code == CF_OK && run->last.exchange->status == 465)
        code = second_phase(run, id, now->aspects[CF_APP_ID], cf_buf_text(&text), err);
    if (code == CF_OK && run->last.exchange->status != 202)
        code = cf_err_set(err, CF_EPROTO, "the update that puts it back was answered %d",
                          run->last.exchange->status);
    enum cf_settled end = code == CF_OK ? settle_accepted(run, id) : CF_SETTLED;
    if (end != CF_SETTLED && end != CF_SETTLED_UNSEEN) /* what became of it is read next */
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
    struct cf_reading now;
    if (cf_settle(run, run->fixtures[0], NULL, &now) != CF_SETTLED)
        return cf_err_set(err, CF_ETIMEOUT, "it is still busy, or cannot be read");
    cJSON *body = differences(&now, snapshot, affecting);
    enum cf_code code = CF_OK;
    *out_same = body && !body->child;
    if (!*out_same)
        code = send_back(run, &now, body, err);
    cJSON_Delete(body);
    cf_reading_release(&now);
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
