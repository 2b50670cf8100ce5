#include "suites/model/model.h"
#include "suites/fields.h"

#include <stdint.h>
#include <string.h>

const char *const cf_cvm_proof_names[CF_CVM_PROOF_COUNT + 1] = {
    "right",   "unregistered", "unknown-transaction", "reverted", "elsewhere", "removed",
    "expired", "unknown-hash", "other-cvm",           "half",     "malformed", "anonymous",
    NULL};

void cf_cvm_model_init(struct cf_cvm_model *model, bool first_owned, bool second_owned)
{
    for (int i = 0; i < CF_CVM_MODEL_CVMS; i++) {
        model->cvms[i].contract_owned = i == 0 ? first_owned : second_owned;
        model->cvms[i].settings = cJSON_CreateObject();
        model->cvms[i].pending = cJSON_CreateArray();
    }
    model->sent = cJSON_CreateArray();
}

void cf_cvm_model_release(struct cf_cvm_model *model)
{
    for (int i = 0; i < CF_CVM_MODEL_CVMS; i++) {
        cJSON_Delete(model->cvms[i].settings);
        cJSON_Delete(model->cvms[i].pending);
    }
    cJSON_Delete(model->sent);
    *model = (struct cf_cvm_model){0};
}

void cf_cvm_prediction_release(struct cf_cvm_prediction *prediction)
{
    cJSON_Delete(prediction->status);
    cJSON_Delete(prediction->fields);
    *prediction = (struct cf_cvm_prediction){0};
}

const char *cf_cvm_model_find_mark(const char *text)
{
    size_t len = strlen(CF_CVM_MODEL_MARK);
    for (const char *at = strstr(text, CF_CVM_MODEL_MARK); at;
         at = strstr(at + 1, CF_CVM_MODEL_MARK)) {
        if (strspn(at + len, "0123456789abcdef") >= CF_CVM_MODEL_MARK_DIGITS)
            return at;
    }
    return NULL;
}

/* ---- settings ---- */

typedef bool value_test(const cJSON *value);

static bool some(const cJSON *fields, value_test *test)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
    {
        if (test(value))
            return true;
    }
    return false;
}

static bool is_marked(const cJSON *value)
{
    if (cJSON_IsString(value))
        return cf_cvm_model_find_mark(value->valuestring) != NULL;
    return cJSON_IsArray(value) && is_marked(value->child);
}

static bool was_sent(const struct cf_cvm_model *model, const cJSON *value)
{
    const cJSON *sent;
    cJSON_ArrayForEach(sent, model->sent)
    {
        if (cf_json_equal(sent, value))
            return true;
    }
    return false;
}

static bool is_new(const struct cf_cvm_model *model, const cJSON *value)
{
    return is_marked(value) && !was_sent(model, value);
}

/* Whoever sees a value may keep it, whatever is answered. */
static void note_sent(struct cf_cvm_model *model, const cJSON *fields)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
    {
        if (is_new(model, value))
            cJSON_AddItemToArray(model->sent, cJSON_Duplicate(value, 1));
    }
}

/* Whether a value is another one than now, for certain. */
static bool moves(const struct cf_cvm_model *model, int cvm, const cJSON *value)
{
    int index = cf_cvm_field_index(value->string);
    const cJSON *known = cf_json_get(model->cvms[cvm].settings, value->string);
    return is_new(model, value) ||
           (known && index >= 0 && !cf_cvm_field_same(&cf_cvm_fields[index], known, value));
}

static bool moves_some(const struct cf_cvm_model *model, int cvm, const cJSON *fields)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
    {
        if (moves(model, cvm, value))
            return true;
    }
    return false;
}

static void learn(struct cf_cvm_model_cvm *cvm, const cJSON *fields)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
    {
        cJSON_DeleteItemFromObjectCaseSensitive(cvm->settings, value->string);
        cJSON_AddItemToObject(cvm->settings, value->string, cJSON_Duplicate(value, 1));
    }
}

static void forget(struct cf_cvm_model_cvm *cvm, const cJSON *fields)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
        cJSON_DeleteItemFromObjectCaseSensitive(cvm->settings, value->string);
}

static void forget_all(struct cf_cvm_model_cvm *cvm)
{
    cJSON_Delete(cvm->settings);
    cvm->settings = cJSON_CreateObject();
}

enum { VCPU_OF_NO_MACHINE = 1000000 };

static bool is_size(const cJSON *value)
{
    return strcmp(value->string, "vcpu") == 0 || strcmp(value->string, "memory") == 0 ||
           strcmp(value->string, "disk_size") == 0;
}

/* Values that fit the schema and that no machine has, or of a form nobody knows. */
static bool is_nonsense(const cJSON *value)
{
    const char *mode = cf_json_text(value, "attach_mode", "listed");
    if (strcmp(value->string, "gpus") == 0)
        return strcmp(mode, "listed") != 0 && strcmp(mode, "all") != 0;
    if (is_size(value) && cJSON_IsNumber(value))
        return value->valuedouble < 1 || value->valuedouble == VCPU_OF_NO_MACHINE;
    return strcmp(value->string, "image") == 0 && cJSON_IsString(value) &&
           strcmp(value->valuestring, "no-such-image") == 0;
}

/* No field of an update: whether it is ignored or refused, it changes nothing of what a CVM is. */
static bool is_stranger(const cJSON *value)
{
    return cf_cvm_field_index(value->string) < 0;
}

/* null is a legal value whose effect the pages tell of one field only. */
static bool is_open(const cJSON *value)
{
    return (cJSON_IsNull(value) && strcmp(value->string, "shutdown_timeout") != 0) ||
           is_nonsense(value) || is_stranger(value);
}

static bool some_open(const cJSON *fields)
{
    return some(fields, is_open);
}

/* ---- rules of a server's own ---- */

enum { TEXT_BYTES_SAFE = 4096 };

/* Printable ASCII and line feeds, not long, and of the kind that the field is for. */
static bool is_careful_text(const char *field, const char *text)
{
    static const struct {
        const char *field, *begin;
    } kinds[] = {{"docker_compose_file", "services:"},
                 {"pre_launch_script", "#!"},
                 {"user_config", "{\"hostname\":"},
                 {NULL, ""}};
    size_t k = 0;
    while (kinds[k].field && strcmp(kinds[k].field, field) != 0)
        k++;
    for (const char *c = text; *c; c++) {
        if ((*c < ' ' || *c > '~') && *c != '\n')
            return false;
    }
    return strlen(text) <= TEXT_BYTES_SAFE && text[0] != '\0' &&
           strncmp(text, kinds[k].begin, strlen(kinds[k].begin)) == 0;
}

/* What the schema knows nothing of: lengths and forms of texts, no names at all, and sizes that no
 * number of 32 bits holds. */
static bool is_ruled(const cJSON *value)
{
    int field = cf_cvm_field_index(value->string);
    if (cJSON_IsString(value) && field >= 0 && !cf_cvm_fields[field].needs_values)
        return !is_careful_text(value->string, value->valuestring);
    if (is_size(value) && cJSON_IsNumber(value))
        return value->valuedouble > UINT32_MAX;
    return cJSON_IsArray(value) && !value->child;
}

static bool some_ruled(const cJSON *fields)
{
    return some(fields, is_ruled);
}

/* ---- what is part of what gets registered ---- */

/* The pages say so of the two files alone. */
static bool is_file(const cJSON *value)
{
    return strcmp(value->string, "docker_compose_file") == 0 ||
           strcmp(value->string, "pre_launch_script") == 0;
}

static bool affects_hash(const cJSON *value)
{
    int index = cf_cvm_field_index(value->string);
    return index >= 0 && cf_cvm_fields[index].affects_hash;
}

static bool some_affect(const cJSON *fields)
{
    return some(fields, affects_hash);
}

/* Whether it leads, for certain, to a hash that nobody has registered. */
static bool needs_registration(const struct cf_cvm_model *model, const cJSON *fields)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
    {
        if (is_file(value) && is_new(model, value))
            return true;
    }
    return false;
}

/* What the pages leave open of a commit: the parts of the hash that they do not name. */
static bool commits_openly(const cJSON *fields)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
    {
        if ((affects_hash(value) && !is_file(value)) || is_open(value))
            return true;
    }
    return false;
}

/* ---- what was through phase 1 ---- */

static cJSON *pending_of(const struct cf_cvm_model *model, int cvm, const char *name)
{
    cJSON *one;
    cJSON_ArrayForEach(one, model->cvms[cvm].pending)
    {
        if (strcmp(cf_json_text(one, "name", ""), name) == 0)
            return one;
    }
    return NULL;
}

static bool is_good(const cJSON *pending)
{
    return cf_json_bool(pending, "good", false);
}

static void set(cJSON *pending, const char *what, bool value)
{
    cJSON_DeleteItemFromObjectCaseSensitive(pending, what);
    cJSON_AddBoolToObject(pending, what, value);
}

/* Whether an earlier phase 1 still stands is not told of what came in between. */
static void doubt_pending(struct cf_cvm_model_cvm *cvm)
{
    cJSON *one;
    cJSON_ArrayForEach(one, cvm->pending) set(one, "good", false);
}

static void add_pending(struct cf_cvm_model_cvm *cvm, const struct cf_cvm_change *change)
{
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "name", change->name);
    cJSON_AddItemToObject(one, "fields", cJSON_Duplicate(change->fields, 1));
    cJSON_AddBoolToObject(one, "script", change->script);
    cJSON_AddBoolToObject(one, "good", true);
    cJSON_AddItemToArray(cvm->pending, one);
}

bool cf_cvm_model_pends(const struct cf_cvm_model *model, int cvm, const char *name)
{
    return pending_of(model, cvm, name) != NULL;
}

const cJSON *cf_cvm_model_asked(const struct cf_cvm_model *model, int cvm, const char *name)
{
    return cf_json_get(pending_of(model, cvm, name), "fields");
}

bool cf_cvm_model_asked_by_script(const struct cf_cvm_model *model, int cvm, const char *name)
{
    return cf_json_bool(pending_of(model, cvm, name), "script", false);
}

/* ---- predictions ---- */

/* The schema's default is listed, which is also what stays where it is in force. */
static cJSON *with_mode(const struct cf_cvm_model_cvm *cvm, const cJSON *fields)
{
    cJSON *out = cJSON_Duplicate(fields, 1);
    cJSON *gpus = cf_json_get(out, "gpus");
    const cJSON *known = cf_json_get(cvm->settings, "gpus");
    if (cJSON_IsObject(gpus) && !cf_json_get(gpus, "attach_mode") &&
        strcmp(cf_json_text(known, "attach_mode", ""), "listed") == 0)
        cJSON_AddStringToObject(gpus, "attach_mode", "listed");
    return out;
}

static void accept(struct cf_cvm_model *model, int index, const cJSON *fields,
                   struct cf_cvm_prediction *out)
{
    struct cf_cvm_model_cvm *cvm = &model->cvms[index];
    /* An update that changes nothing may be refused; whichever it is, the values are the same. */
    out->accepted = moves_some(model, index, fields);
    out->status = out->accepted ? cf_json_new_integer(202) : NULL;
    out->effect = CF_CVM_EFFECT_EXACTLY;
    out->fields = with_mode(cvm, fields);
    learn(cvm, out->fields);
    doubt_pending(cvm);
}

/* No machine has it, or nobody knows the member, and a 422 may say so; any attach_mode fits. */
static bool is_invalid(const cJSON *value)
{
    return (is_nonsense(value) && strcmp(value->string, "gpus") != 0) || is_stranger(value);
}

static bool some_invalid(const cJSON *fields)
{
    return some(fields, is_invalid);
}

static cJSON *never_invalid(void)
{
    cJSON *status = cJSON_CreateArray();
    cJSON_AddItemToArray(status, cJSON_CreateString("2xx"));
    cJSON_AddItemToArray(status, cf_json_new_integer(400));
    return status;
}

void cf_cvm_model_doubt(struct cf_cvm_model *model, int cvm, const cJSON *fields,
                        struct cf_cvm_prediction *out)
{
    *out = (struct cf_cvm_prediction){.effect = CF_CVM_EFFECT_OPEN};
    if (fields)
        forget(&model->cvms[cvm], fields);
    else
        forget_all(&model->cvms[cvm]);
    doubt_pending(&model->cvms[cvm]);
}

/* What it accepts it stores. */
static void take_or_refuse(struct cf_cvm_model *model, const struct cf_cvm_change *change,
                           struct cf_cvm_prediction *out)
{
    out->status = cJSON_CreateArray();
    cJSON_AddItemToArray(out->status, cJSON_CreateString("2xx"));
    cJSON_AddItemToArray(out->status, cJSON_CreateString("4xx"));
    out->effect = CF_CVM_EFFECT_IF_TAKEN;
    out->fields = cJSON_Duplicate(change->fields, 1);
    forget(&model->cvms[change->cvm], change->fields);
    doubt_pending(&model->cvms[change->cvm]);
}

void cf_cvm_model_update(struct cf_cvm_model *model, const struct cf_cvm_change *change,
                         struct cf_cvm_prediction *out)
{
    struct cf_cvm_model_cvm *cvm = &model->cvms[change->cvm];
    bool hashed = cvm->contract_owned && some_affect(change->fields);
    *out = (struct cf_cvm_prediction){0};
    if ((change->prepare && !hashed) || (hashed && !needs_registration(model, change->fields)) ||
        (hashed && (some_open(change->fields) || some_ruled(change->fields)))) {
        cf_cvm_model_doubt(model, change->cvm, change->fields, out);
    } else if (hashed) {
        out->status = cf_json_new_integer(465);
        out->registers = true;
        out->with_token = change->prepare;
        doubt_pending(cvm);
        add_pending(cvm, change);
    } else if (some_open(change->fields) || !change->fields->child) {
        cf_cvm_model_doubt(model, change->cvm, change->fields, out);
        out->status =
            some_invalid(change->fields) || some_ruled(change->fields) ? NULL : never_invalid();
    } else if (some_ruled(change->fields)) {
        take_or_refuse(model, change, out);
    } else {
        accept(model, change->cvm, change->fields, out);
    }
    note_sent(model, change->fields);
}

void cf_cvm_model_refuse(struct cf_cvm_model *model, const cJSON *fields, cJSON *status,
                         struct cf_cvm_prediction *out)
{
    *out = (struct cf_cvm_prediction){.status = status, .effect = CF_CVM_EFFECT_NONE};
    note_sent(model, fields);
}

void cf_cvm_model_conflict(struct cf_cvm_model *model, const struct cf_cvm_change *change,
                           const cJSON *then, struct cf_cvm_prediction *out)
{
    *out = (struct cf_cvm_prediction){0};
    forget(&model->cvms[change->cvm], then);
    accept(model, change->cvm, change->fields, out);
    note_sent(model, change->fields);
    note_sent(model, then);
}

/* ---- phase 2 ---- */

static int refusal_of(enum cf_cvm_proof proof)
{
    switch (proof) {
    case CF_CVM_PROOF_UNKNOWN_TRANSACTION:
    case CF_CVM_PROOF_REVERTED:
    case CF_CVM_PROOF_ELSEWHERE:
        return 467;
    case CF_CVM_PROOF_REMOVED:
        return 468;
    case CF_CVM_PROOF_ANONYMOUS:
        return 401;
    default:
        return 466;
    }
}

static void commit(struct cf_cvm_model *model, int cvm, cJSON *pending,
                   struct cf_cvm_prediction *out)
{
    const cJSON *fields = cf_json_get(pending, "fields");
    out->status = cf_json_new_integer(202);
    out->accepted = true;
    out->effect = commits_openly(fields) ? CF_CVM_EFFECT_OPEN : CF_CVM_EFFECT_EXACTLY;
    out->fields = cJSON_Duplicate(fields, 1);
    if (out->effect == CF_CVM_EFFECT_EXACTLY)
        learn(&model->cvms[cvm], fields);
    else
        forget(&model->cvms[cvm], fields);
    doubt_pending(&model->cvms[cvm]);
}

static bool is_unlisted(enum cf_cvm_proof proof)
{
    return proof == CF_CVM_PROOF_UNREGISTERED || proof == CF_CVM_PROOF_HALF ||
           proof == CF_CVM_PROOF_MALFORMED;
}

/* A hash that is not on the allow list commits nothing, whatever is wrong beside that. */
static bool stays_out(const cJSON *pending, enum cf_cvm_proof proof)
{
    return is_unlisted(proof) && !cf_json_bool(pending, "listed", false);
}

void cf_cvm_model_finish(struct cf_cvm_model *model, int cvm, const char *name,
                         enum cf_cvm_proof proof, struct cf_cvm_prediction *out)
{
    cJSON *pending = pending_of(model, cvm, name);
    bool other = proof == CF_CVM_PROOF_UNKNOWN_HASH || proof == CF_CVM_PROOF_OTHER_CVM;
    *out = (struct cf_cvm_prediction){0};
    if (proof == CF_CVM_PROOF_RIGHT && is_good(pending)) {
        commit(model, cvm, pending, out);
    } else if (is_good(pending) && !is_unlisted(proof)) {
        out->status = cf_json_new_integer(refusal_of(proof));
        doubt_pending(&model->cvms[cvm]);
    } else if (stays_out(pending, proof)) {
        out->status = cJSON_CreateString("4xx");
        doubt_pending(&model->cvms[cvm]);
    } else {
        cf_cvm_model_doubt(model, cvm, NULL, out);
    }
    if (!other && !is_unlisted(proof) && pending)
        set(pending, "listed", true);
}
