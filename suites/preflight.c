/* Before the cases: is the IUT there, and what is a CVM like. */
#include "harness/run/io.h"
#include "suites/housekeeping.h"
#include "suites/kms_types.h"
#include "suites/memory.h"
#include "suites/new_values.h"
#include "suites/running.h"
#include "suites/settle.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- preflight ---- */

static enum cf_code explain_refused_credential(const struct cf_case_run *run,
                                               const struct cf_exchange *refused,
                                               struct cf_err *err)
{
    return cf_err_set(err, CF_EINPUT, "the IUT refuses the credential in header %s (%d for %s %s)",
                      run->profile->auth_header, refused->status, refused->method, refused->url);
}

static enum cf_code explain_refused_read(struct cf_case_run *run, const char *id,
                                         struct cf_err *err)
{
    const struct cf_exchange *last = run->last.exchange;
    int status = last ? last->status : 0;
    if (status == 401 || status == 403)
        return explain_refused_credential(run, last, err);
    if (status == 404)
        return cf_err_set(err, CF_EINPUT, "the IUT does not know CVM %s of the profile (404)", id);
    return cf_err_set(err, CF_EINPUT, "CVM %s cannot be read: GET %s answered %d", id,
                      last ? last->url : "?", status);
}

/* One read: the address, the credential and the CVM are right. */
static enum cf_code preflight_read(struct cf_case_run *run, const char *id, struct cf_err *err)
{
    struct cf_cvm_reading reading;
    enum cf_code code = cf_cvm_reading_take(run, id, "preflight: read", &reading, err);
    if (code == CF_OK)
        cf_cvm_memory_keep(run, "preflight", 0, &reading);
    return code == CF_EPROTO && run->last.exchange && run->last.exchange->status != 0
               ? explain_refused_read(run, id, err)
               : code;
}

/* A gateway's bad moment is not the IUT's word: such a request, which may be sent twice without
 * harm, is sent again. */
static enum cf_code send_patiently(struct cf_case_run *run, const char *purpose, const char *id,
                                   const char *json, struct cf_err *err)
{
    enum { TRIES = 3 };
    for (int times = 1;; times++) {
        struct cf_poll pause = cf_run_poll_begin(run, INFINITY);
        enum cf_code code = cf_run_send_json(run, purpose, "update-cvm", id, json, err);
        bool passing = code == CF_ETIMEOUT || code == CF_EDROPPED || code == CF_EPROTO ||
                       code == CF_ENET || code == CF_ECUT ||
                       (code == CF_OK && cf_run_from_gateway(run->last.exchange));
        if (!passing || times == TRIES || !cf_run_poll_again(run, &pause, "an update"))
            return code;
    }
}

/* One refusal: something that says yes to nonsense is not the API. */
static enum cf_code preflight_refusal(struct cf_case_run *run, const char *id, struct cf_err *err)
{
    enum cf_code code = send_patiently(run, "preflight: a refusal", id, "{\"vcpu\":\"four\"}", err);
    if (code != CF_OK)
        return code;
    int status = run->last.exchange->status;
    /* Whatever could be read may have been readable without a credential. */
    if (status == 401)
        return explain_refused_credential(run, run->last.exchange, err);
    if (status == 404 || status == 405)
        return cf_err_set(err, CF_EINPUT,
                          "PATCH %s answered %d although the CVM can be read: is the base URL "
                          "right, and may this credential change the CVM?",
                          run->last.exchange->url, status);
    return CF_OK;
}

/* {FIELD: VALUE} of a field that costs least and, where there is one, can be seen. */
static cJSON *cheap_change(struct cf_case_run *run)
{
    struct cf_err ignored = {0};
    cJSON *change = NULL;
    if (cf_cvm_resolve_harmless(run, "", &change, &ignored) == CF_OK)
        return change;
    cJSON *config = NULL;
    change = cJSON_CreateObject();
    if (cf_cvm_resolve_fresh(run, "user_config", &config, &ignored) == CF_OK)
        cJSON_AddItemToObject(change, "user_config", config);
    return change;
}

/* Whether the CVM has said before that nothing runs, and says now that something does. */
static bool tells(struct cf_case_run *run, const char *correlation)
{
    const struct cf_cvm_reading *before = cf_cvm_memory_reading(run, "preflight", 0);
    return before && cf_cvm_reading_busy(before) == 0 &&
           cf_cvm_operation_runs(run, 0, correlation, true) == 1;
}

/* Whoever cannot tell when an operation ends would take the next one's 409 for a defect. Where its
 * beginning was told its end will be, too: others need not wait for that. */
static enum cf_code preflight_operation(struct cf_case_run *run, const char *id, struct cf_err *err)
{
    char correlation[CF_CVM_CORRELATION_BYTES];
    snprintf(correlation, sizeof(correlation), "%s",
             cf_json_text(run->last.json, "correlation_id", ""));
    if (run->io->fits && tells(run, correlation))
        run->io->fits(run->io->owner);
    if (cf_cvm_settle(run, id, correlation, NULL) == CF_CVM_SETTLED_UNSEEN)
        return cf_err_set(err, CF_EINPUT,
                          "nothing on the read side tells when an operation has ended: say where "
                          "in_progress or operations can be read (pixit.observe.fields)");
    return CF_OK;
}

/* One accepted update. */
static enum cf_code preflight_update(struct cf_case_run *run, const char *id, struct cf_err *err)
{
    struct cf_buf json = {0};
    char field[64];
    cJSON *change = cheap_change(run);
    cf_json_print(&json, change);
    snprintf(field, sizeof(field), "%s", change->child ? change->child->string : "");
    cJSON_Delete(change);
    enum cf_code code = send_patiently(run, "preflight: an update", id, cf_buf_text(&json), err);
    cf_buf_release(&json);
    if (code != CF_OK)
        return code;
    int status = run->last.exchange->status;
    if (status == 401 || status == 403 || status >= 500)
        return cf_err_set(err, CF_EINPUT, "a plain update of CVM %s (%s) answered %d", id, field,
                          status);
    return status == 202 ? preflight_operation(run, id, err) : CF_OK;
}

enum cf_code cf_cvm_preflight(struct cf_case_run *run, struct cf_err *err)
{
    const char *id = run->fixtures[0];
    enum cf_code code = preflight_read(run, id, err);
    if (code == CF_OK)
        code = preflight_refusal(run, id, err);
    if (code == CF_OK)
        code = preflight_update(run, id, err);
    return code;
}

/* ---- snapshot ---- */

enum { SNAPSHOT_LOOKS_MAX = 5, SNAPSHOT_PAUSE_MS = 100 };

/* What is said to be readable and was not read, by field; a value of another type than the field's
 * can neither be compared nor sent back. */
static cJSON *unknown_fields(const struct cf_cvm_reading *reading)
{
    cJSON *unknown = cJSON_CreateObject();
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const struct cf_cvm_field *field = &cf_cvm_fields[i];
        char why[200];
        if (reading->observed[i] && !cf_cvm_field_readable(field, reading->values[i]))
            snprintf(why, sizeof(why), "it reads as %s", cf_json_type(reading->values[i]));
        else if ((!reading->observed[i] && reading->mapped[i]) ||
                 (reading->nothing_there[i] && cf_cvm_field_never_empty(field)))
            snprintf(why, sizeof(why), "%s", reading->why_not[i]);
        else
            continue;
        cJSON_AddStringToObject(unknown, field->name, why);
    }
    return unknown;
}

static cJSON *known_fields(const struct cf_cvm_reading *reading, const cJSON *unknown)
{
    cJSON *values = cf_cvm_reading_json(reading);
    for (const cJSON *field = unknown->child; field; field = field->next)
        cJSON_DeleteItemFromObjectCaseSensitive(values, field->string);
    return values;
}

/* The CVM itself answered 401 or 403, whatever could be read elsewhere; NULL: it did not. */
static const struct cf_exchange *refused_credential(const struct cf_case_run *run)
{
    const char *id = run->fixtures[0];
    for (size_t i = 0; i < run->record->exchange_count; i++) {
        const struct cf_exchange *exchange = &run->record->exchanges[i];
        size_t len = exchange->url ? strlen(exchange->url) : 0;
        bool itself = len > strlen(id) && strcmp(exchange->url + len - strlen(id), id) == 0 &&
                      strstr(exchange->url, "/api/v1/cvms/");
        if (itself && (exchange->status == 401 || exchange->status == 403))
            return exchange;
    }
    return NULL;
}

/* Cases of the other kind would hold all that they meet against the IUT. */
static enum cf_code check_kind(const struct cf_case_run *run, const struct cf_cvm_reading *reading,
                               struct cf_err *err)
{
    const char *type = cJSON_GetStringValue(reading->aspects[CF_CVM_KMS_TYPE]);
    const char *kind = cf_cvm_kms_kind(type);
    const char *listed = "";
    for (size_t i = 0; i < run->profile->fixture_count; i++) {
        if (strcmp(run->profile->fixtures[i].id, run->fixtures[0]) == 0)
            listed = run->profile->fixtures[i].kind->name;
    }
    if (!kind || strcmp(kind, listed) == 0)
        return CF_OK;
    return cf_err_set(err, CF_EINPUT,
                      "CVM %s reads as one of KMS type %s: it belongs into pixit.cvms.%s, not "
                      "into pixit.cvms.%s",
                      run->fixtures[0], type, kind, listed);
}

static enum cf_code look(struct cf_case_run *run, struct cf_cvm_reading *out, struct cf_err *err)
{
    enum cf_code code = cf_cvm_reading_take(run, run->fixtures[0], "snapshot", out, err);
    const struct cf_exchange *refused = refused_credential(run);
    if (code == CF_OK && refused) {
        cf_cvm_reading_release(out);
        return explain_refused_credential(run, refused, err);
    }
    if (code == CF_EPROTO && run->last.exchange && run->last.exchange->status != 0)
        return explain_refused_read(run, run->fixtures[0], err);
    if (code != CF_OK || cf_cvm_reading_busy(out) != 1)
        return code;
    /* Somebody's operation: what it is about to change is not how the CVM was. */
    cf_cvm_reading_release(out);
    if (cf_cvm_settle(run, run->fixtures[0], NULL, out) == CF_CVM_SETTLED)
        return CF_OK;
    return cf_cvm_reading_take(run, run->fixtures[0], "snapshot", out, err);
}

/* A field that could not be read is read again, after pauses that grow. */
static enum cf_code look_until_known(struct cf_case_run *run, struct cf_cvm_reading *out,
                                     cJSON **out_unknown, struct cf_err *err)
{
    double pause_ms = SNAPSHOT_PAUSE_MS;
    for (int i = 1;; i++, pause_ms *= 2) {
        enum cf_code code = look(run, out, err);
        if (code != CF_OK)
            return code;
        *out_unknown = unknown_fields(out);
        struct cf_poll poll = cf_run_poll_begin(run, 2 * pause_ms);
        poll.interval_ms = pause_ms;
        if (!(*out_unknown)->child || i == SNAPSHOT_LOOKS_MAX ||
            !cf_run_poll_again(run, &poll, "pause"))
            return CF_OK;
        cJSON_Delete(*out_unknown);
        cf_cvm_reading_release(out);
    }
}

enum cf_code cf_cvm_snapshot(struct cf_case_run *run, char **out_json, struct cf_err *err)
{
    struct cf_cvm_reading reading;
    struct cf_buf text = {0};
    cJSON *unknown = NULL;
    enum cf_code code = look_until_known(run, &reading, &unknown, err);
    if (code != CF_OK)
        return code;
    code = check_kind(run, &reading, err);
    if (code != CF_OK) {
        cJSON_Delete(unknown);
        cf_cvm_reading_release(&reading);
        return code;
    }
    cJSON *all = cJSON_CreateObject();
    cJSON_AddItemToObject(all, "values", known_fields(&reading, unknown));
    cJSON_AddItemToObject(all, "unknown", unknown);
    cf_json_print(&text, all);
    *out_json = cf_buf_take(&text, NULL);
    cJSON_Delete(all);
    cf_cvm_reading_release(&reading);
    return CF_OK;
}
