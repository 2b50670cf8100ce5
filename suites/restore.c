/* After the cases: putting a CVM back. */
#include "suites/housekeeping.h"
#include "suites/settle.h"
#include "suites/two_phase.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static cJSON *gpu_config(const cJSON *list)
{
    cJSON *config = cJSON_CreateObject();
    cJSON *gpus = cJSON_IsArray(list) ? cJSON_Duplicate(list, 1) : cJSON_CreateArray();
    cJSON_AddItemToObject(config, "gpus", gpus);
    return config;
}

/* The listed value that shows as value, where a reading tells less than an update needs: a number
 * of GPUs, a rounded size. NULL: none does. */
static const cJSON *listed(const struct cf_profile *profile, const struct cf_cvm_reading *now,
                           int field, const cJSON *value)
{
    struct cf_cvm_reading then = {0};
    const cJSON *one;
    then.grain[field] = now->grain[field];
    then.values[field] = cJSON_Duplicate(value, 1);
    cJSON_ArrayForEach(one, cf_profile_values(profile, cf_cvm_fields[field].name))
    {
        if (cf_cvm_reading_shows(&then, field, one))
            break;
    }
    cf_cvm_reading_release(&then);
    return one;
}

static cJSON *printed(const cJSON *value)
{
    struct cf_buf text = {0};
    cf_json_print(&text, value);
    cJSON *string = cJSON_CreateString(cf_buf_text(&text));
    cf_buf_release(&text);
    return string;
}

/* What to send for a field that reads as value: absent, an empty value where there is one, else
 * null; GPUs as the object that the field takes, a user_config as text, a size as an integer,
 * however they are shown. */
static cJSON *sendable(const struct cf_case_run *run, const struct cf_cvm_reading *now, int i,
                       const cJSON *value)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[i];
    bool gpus = field->kind == CF_CVM_FIELD_GPUS;
    bool size = cJSON_IsNumber(value) && field->kind == CF_CVM_FIELD_INTEGER;
    if ((gpus && cJSON_IsNumber(value)) || (size && now->grain[i] > 0)) {
        const cJSON *known = listed(run->profile, now, i, value);
        if (known)
            return cJSON_Duplicate(known, 1);
    }
    if (gpus && !cJSON_IsObject(value))
        return gpu_config(value);
    if (field->kind == CF_CVM_FIELD_CONFIG && cJSON_IsObject(value))
        return printed(value);
    if (size)
        return cf_json_new_integer((long long)(value->valuedouble + 0.5));
    if (value && !cJSON_IsNull(value))
        return cJSON_Duplicate(value, 1);
    if (field->kind == CF_CVM_FIELD_TEXT || field->kind == CF_CVM_FIELD_CONFIG)
        return cJSON_CreateString("");
    return field->kind == CF_CVM_FIELD_NAMES ? cJSON_CreateArray() : cJSON_CreateNull();
}

/* A CVM that is being put back. */
struct comeback {
    struct cf_case_run *run;
    const char *id;
    const cJSON *then; /* the snapshot's values */
    cJSON *refused;    /* why the IUT did not take a field back, by name */
    double
        patience_ms; /* that a CVM which answers 409 is waited for; once it was not enough, none */
};

/* Whether a field is not known to be as it was. What moves up only is not put back. */
static bool differs(const struct comeback *comeback, const struct cf_cvm_reading *now, int field)
{
    const char *name = cf_cvm_fields[field].name;
    const cJSON *then = cf_json_get(comeback->then, name);
    return then && !cf_profile_moves_up(comeback->run->profile, name) &&
           !(now->observed[field] &&
             cf_cvm_field_same(&cf_cvm_fields[field], now->values[field], then));
}

/* Fields by whether they affect the compose hash. */
enum which { ALL, AFFECTING, OTHERS };

/* The snapshot's values of those fields. */
static cJSON *differences(const struct comeback *comeback, const struct cf_cvm_reading *now,
                          enum which which)
{
    cJSON *body = cJSON_CreateObject();
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const struct cf_cvm_field *field = &cf_cvm_fields[i];
        bool wanted = which == ALL || field->affects_hash == (which == AFFECTING);
        if (wanted && differs(comeback, now, i))
            cJSON_AddItemToObject(
                body, field->name,
                sendable(comeback->run, now, i, cf_json_get(comeback->then, field->name)));
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

/* One update, through both phases where it takes two, and to the end of its operation. A CVM that
 * is busy all the same is waited for. CF_EPROTO: the IUT does not take it. */
static enum cf_code update(struct comeback *comeback, const struct cf_cvm_reading *now,
                           const char *body, struct cf_err *err)
{
    struct cf_case_run *run = comeback->run;
    struct cf_poll poll = cf_run_poll_begin(run, comeback->patience_ms);
    enum cf_code code;
    do {
        code = cf_run_send_json(run, "restore", "update-cvm", comeback->id, body, err);
        if (code == CF_OK && run->last.exchange->status == 465)
            code = second_phase(run, comeback->id, now->aspects[CF_CVM_APP_ID], body, err);
    } while (code == CF_OK && run->last.exchange->status == 409 &&
             cf_run_poll_slowly(run, &poll, "it stays busy"));
    if (code != CF_OK)
        return code;
    if (run->last.exchange->status == 409)
        comeback->patience_ms = 0;
    if (run->last.exchange->status != 202)
        return cf_err_set(err, CF_EPROTO, "the update that puts it back was answered %d",
                          run->last.exchange->status);
    enum cf_cvm_settled end = cf_cvm_settle_answered(run, comeback->id);
    if (end == CF_CVM_SETTLED_NEVER || end == CF_CVM_SETTLED_UNKNOWN)
        return cf_err_set(err, CF_ETIMEOUT, "the update that puts it back did not settle");
    return CF_OK; /* what became of it is read next */
}

static void note_refusal(struct comeback *comeback, const char *field, const struct cf_err *err)
{
    cJSON_DeleteItemFromObjectCaseSensitive(comeback->refused, field);
    cJSON_AddStringToObject(comeback->refused, field, err->text);
}

static void update_one(struct comeback *comeback, const struct cf_cvm_reading *now,
                       const cJSON *field)
{
    struct cf_err err = {0};
    struct cf_buf text = {0};
    cJSON *body = cJSON_CreateObject();
    cJSON_AddItemToObject(body, field->string, cJSON_Duplicate(field, 1));
    cf_json_print(&text, body);
    if (update(comeback, now, cf_buf_text(&text), &err) != CF_OK)
        note_refusal(comeback, field->string, &err);
    cJSON_Delete(body);
    cf_buf_release(&text);
}

/* All in one update; where that is refused, one field must not keep the others back. */
static void send_back(struct comeback *comeback, const struct cf_cvm_reading *now,
                      const cJSON *body)
{
    struct cf_err err = {0};
    struct cf_buf text = {0};
    cf_json_print(&text, body);
    enum cf_code code = update(comeback, now, cf_buf_text(&text), &err);
    cf_buf_release(&text);
    bool answered = code != CF_ENET && code != CF_ETIMEOUT; /* one by one has a chance */
    for (const cJSON *field = body->child; code != CF_OK && field; field = field->next) {
        if (answered && body->child->next)
            update_one(comeback, now, field);
        else
            note_refusal(comeback, field->string, &err);
    }
}

/* Where the profile has a reset hook, it knows better than we do; where that fails, we try. */
static void reset(struct comeback *comeback)
{
    struct cf_err ignored = {0};
    cJSON *outputs = NULL;
    cJSON *inputs = hook_inputs(comeback->id, NULL, NULL);
    if (cf_run_hook(comeback->run, "reset", inputs, &outputs, &ignored) != CF_OK)
        outputs = NULL;
    cJSON_Delete(inputs);
    cJSON_Delete(outputs);
}

/* Whether the IUT answers and shows nothing of the CVM all the same: what it shows may be what
 * keeps it from showing anything. */
static bool answers_in_vain(const struct cf_case_run *run)
{
    int status = run->last.exchange ? run->last.exchange->status : 0;
    return status == 200 || status >= 500;
}

/* Read it when nothing runs on it. */
static enum cf_code read_idle(struct comeback *comeback, struct cf_cvm_reading *out,
                              struct cf_err *err)
{
    struct cf_case_run *run = comeback->run;
    enum cf_cvm_settled end = cf_cvm_settle(run, comeback->id, NULL, out);
    if (end == CF_CVM_SETTLED || end == CF_CVM_SETTLED_FAILED || end == CF_CVM_SETTLED_UNSEEN)
        return CF_OK;
    int status = run->last.exchange ? run->last.exchange->status : 0;
    if (end == CF_CVM_SETTLED_UNKNOWN && (status == 404 || status == 410))
        return cf_err_set(err, CF_ENOTFOUND, "it is gone: GET %s answered %d",
                          run->last.exchange->url, status);
    if (end == CF_CVM_SETTLED_UNKNOWN)
        return cf_err_set(err, CF_ENET, "%s", cf_record_reason(run->record));
    return cf_err_set(err, CF_ETIMEOUT, "it is still busy after %ld ms (pixit.timing)",
                      run->profile->settle_timeout_ms);
}

static enum cf_code put_back(struct comeback *comeback, enum which which, bool *sent,
                             struct cf_err *err)
{
    struct cf_cvm_reading now = {0};
    enum cf_code code = read_idle(comeback, &now, err);
    if (code != CF_OK && !(code == CF_ENET && answers_in_vain(comeback->run)))
        return code;
    cJSON *body = differences(comeback, &now, which);
    if (body->child) {
        send_back(comeback, &now, body);
        *sent = true;
    }
    cJSON_Delete(body);
    cf_cvm_reading_release(&now);
    return CF_OK;
}

/* Why each field is not, or not known to be, as it was. */
static cJSON *what_is_left(const struct comeback *comeback, const struct cf_cvm_reading *now,
                           const cJSON *unknown)
{
    cJSON *left = cJSON_CreateObject();
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const char *name = cf_cvm_fields[i].name;
        const char *why = cf_json_text(comeback->refused, name, NULL);
        if (!differs(comeback, now, i))
            continue;
        if (!why)
            why = now->observed[i] ? "it still differs after being put back" : now->why_not[i];
        cJSON_AddStringToObject(left, name, why);
    }
    for (const cJSON *field = unknown ? unknown->child : NULL; field; field = field->next) {
        struct cf_err why = {0};
        cf_err_set(&why, CF_EPROTO, "it could not be read before the first change: %s",
                   cJSON_IsString(field) ? field->valuestring : "?");
        cJSON_AddStringToObject(left, field->string, why.text);
    }
    return left;
}

static bool differs_anywhere(const struct comeback *comeback, const struct cf_cvm_reading *now)
{
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (differs(comeback, now, i))
            return true;
    }
    return false;
}

/* What it is like at last. One look that shows another state is not enough to say that it was not
 * put back, however long it took. */
static enum cf_code read_last(struct comeback *comeback, struct cf_cvm_reading *out,
                              struct cf_err *err)
{
    enum { LOOKS = 3 };
    struct cf_case_run *run = comeback->run;
    struct cf_poll poll = cf_run_poll_begin(run, INFINITY);
    enum cf_code code = read_idle(comeback, out, err);
    for (int looks = 1; looks < LOOKS && code == CF_OK && differs_anywhere(comeback, out) &&
                        cf_run_poll_again(run, &poll, "it differs after being put back");
         looks++) {
        cf_cvm_reading_release(out);
        code = read_idle(comeback, out, err);
    }
    return code;
}

bool cf_cvm_can_reset(const struct cf_profile *profile)
{
    return cf_profile_hook(profile, "reset") != NULL;
}

enum cf_code cf_cvm_restore(struct cf_case_run *run, const cJSON *snapshot, cJSON **out_left,
                            struct cf_err *err)
{
    struct comeback comeback = {.run = run,
                                .id = run->fixtures[0],
                                .then = cf_json_get(snapshot, "values"),
                                .refused = cJSON_CreateObject(),
                                .patience_ms = (double)run->profile->settle_timeout_ms};
    struct cf_cvm_reading now;
    if (cf_profile_hook(run->profile, "reset"))
        reset(&comeback);
    /* All in one update, as each restarts a machine. Then what that undid, or what had to wait for
     * another field: those that affect the compose hash first, as the others must not be undone by
     * a commit. */
    bool sent = false;
    enum cf_code code = put_back(&comeback, ALL, &sent, err);
    if (code == CF_OK && sent)
        code = put_back(&comeback, AFFECTING, &sent, err);
    if (code == CF_OK && sent)
        code = put_back(&comeback, OTHERS, &sent, err);
    if (code == CF_OK)
        code = read_last(&comeback, &now, err);
    /* Everything was taken, so an operation has failed; the next one need not. */
    if (code == CF_OK && sent && !comeback.refused->child && differs_anywhere(&comeback, &now)) {
        cf_cvm_reading_release(&now);
        code = put_back(&comeback, ALL, &sent, err);
        if (code == CF_OK)
            code = read_last(&comeback, &now, err);
    }
    if (code == CF_OK) {
        *out_left = what_is_left(&comeback, &now, cf_json_get(snapshot, "unknown"));
        cf_cvm_reading_release(&now);
    }
    cJSON_Delete(comeback.refused);
    return code;
}
