#include "suites/model/model.h"
#include "suites/fields.h"
#include "suites/model/value_kinds.h"

#include <stdint.h>
#include <string.h>

const char *const cf_cvm_proof_names[CF_CVM_PROOF_COUNT + 1] = {
    "right",     "unregistered",       "unknown-transaction",
    "reverted",  "elsewhere",          "removed",
    "expired",   "unknown-hash",       "other-cvm",
    "half",      "malformed",          "anonymous",
    "shortened", "beheaded",           "no-transaction",
    "prepared",  "other-body",         "other-beginning",
    "other-end", "transaction-begins", "transaction-ends",
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

/* ---- settings ---- */

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
    return cf_cvm_value_is_marked(value) && !was_sent(model, value);
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

/* Whether a hash with this value in it may be on an allow list: only what phase 1 answered with is
 * ever put there. */
static bool may_be_registered(const struct cf_cvm_model *model, const cJSON *value)
{
    for (int i = 0; i < CF_CVM_MODEL_CVMS; i++) {
        const cJSON *one;
        cJSON_ArrayForEach(one, model->cvms[i].pending)
        {
            const cJSON *asked = cf_json_get(cf_json_get(one, "fields"), value->string);
            if (cf_json_bool(one, "listed", false) && cf_json_equal(asked, value))
                return true;
        }
    }
    return false;
}

/* Whether it leads, for certain, to a hash that nobody has registered. */
static bool needs_registration(const struct cf_cvm_model *model, const cJSON *fields)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
    {
        if (cf_cvm_value_is_file(value) && cf_cvm_value_is_marked(value) &&
            !may_be_registered(model, value))
            return true;
    }
    return false;
}

/* Whether all that ever asked for this compose file asked for a script beside it. */
static bool always_with_script(const struct cf_cvm_model *model, const cJSON *file)
{
    bool some = false;
    for (int i = 0; i < CF_CVM_MODEL_CVMS; i++) {
        const cJSON *one;
        cJSON_ArrayForEach(one, model->cvms[i].pending)
        {
            const cJSON *asked = cf_json_get(one, "fields");
            const cJSON *script = cf_json_get(asked, "pre_launch_script");
            if (!cf_json_equal(cf_json_get(asked, "docker_compose_file"), file))
                continue;
            if (!cJSON_IsString(script) || cf_cvm_value_is_empty_text(script))
                return false;
            some = true;
        }
    }
    return some;
}

/* Whether it takes away the script of a CVM whose compose file was never registered without one:
 * then it leads to a hash that nobody has registered, too. */
static bool takes_script_away(const struct cf_cvm_model *model, int cvm, const cJSON *fields)
{
    const cJSON *script = cf_json_get(model->cvms[cvm].settings, "pre_launch_script");
    const cJSON *file = cf_json_get(model->cvms[cvm].settings, "docker_compose_file");
    return cf_cvm_value_is_empty_text(cf_json_get(fields, "pre_launch_script")) && script &&
           !cf_cvm_value_is_empty_text(script) && file && cf_cvm_value_is_marked(file) &&
           !cf_json_get(fields, "docker_compose_file") && always_with_script(model, file);
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

static void doubt_all_pending(struct cf_cvm_model *model)
{
    for (int i = 0; i < CF_CVM_MODEL_CVMS; i++)
        doubt_pending(&model->cvms[i]);
}

static void add_pending(struct cf_cvm_model_cvm *cvm, const struct cf_cvm_change *change,
                        bool may_be_refused)
{
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "name", change->name);
    cJSON_AddItemToObject(one, "fields", cJSON_Duplicate(change->fields, 1));
    cJSON_AddBoolToObject(one, "script", change->script);
    cJSON_AddBoolToObject(one, "good", true);
    cJSON_AddBoolToObject(one, "ruled", may_be_refused);
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

static cJSON *never_invalid(void)
{
    cJSON *status = cJSON_CreateArray();
    cJSON_AddItemToArray(status, cJSON_CreateString("2xx"));
    cJSON_AddItemToArray(status, cf_json_new_integer(400));
    return status;
}

/* Without a registration it commits nothing, whatever else is to be said of it. */
static cJSON *refused(void)
{
    cJSON *status = cJSON_CreateArray();
    cJSON_AddItemToArray(status, cJSON_CreateString("4xx"));
    cJSON_AddItemToArray(status, cJSON_CreateString("5xx"));
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

static cJSON *taken_or_refused(void)
{
    cJSON *status = cJSON_CreateArray();
    cJSON_AddItemToArray(status, cJSON_CreateString("2xx"));
    cJSON_AddItemToArray(status, cJSON_CreateString("4xx"));
    return status;
}

/* What it accepts it stores, but for what is no field. */
static void take_or_refuse(struct cf_cvm_model *model, const struct cf_cvm_change *change,
                           struct cf_cvm_prediction *out)
{
    out->status = cf_cvm_values_fit(change->fields) ? never_invalid() : taken_or_refused();
    out->effect = CF_CVM_EFFECT_IF_TAKEN;
    out->fields = cJSON_Duplicate(change->fields, 1);
    cJSON_DeleteItemFromObjectCaseSensitive(out->fields, CF_CVM_MODEL_NO_FIELD);
    forget(&model->cvms[change->cvm], change->fields);
    doubt_pending(&model->cvms[change->cvm]);
}

/* Impossible values may be found out first, in an operation that fails. */
static bool surely_new_hash(const struct cf_cvm_model *model, const struct cf_cvm_change *change)
{
    return !cf_cvm_values_impossible(change->fields) &&
           (needs_registration(model, change->fields) ||
            takes_script_away(model, change->cvm, change->fields));
}

static void ask_to_register(struct cf_cvm_model *model, const struct cf_cvm_change *change,
                            bool may_be_refused, struct cf_cvm_prediction *out)
{
    struct cf_cvm_model_cvm *cvm = &model->cvms[change->cvm];
    doubt_pending(cvm);
    out->status = may_be_refused ? refused() : cf_json_new_integer(465);
    out->registers = !may_be_refused || (!change->may_be_refused && !change->prepare &&
                                         !cf_cvm_values_open(change->fields));
    out->may_be_refused = may_be_refused;
    out->with_token = out->registers && change->prepare;
    if (out->registers)
        add_pending(cvm, change, may_be_refused);
}

void cf_cvm_model_update(struct cf_cvm_model *model, const struct cf_cvm_change *change,
                         struct cf_cvm_prediction *out)
{
    bool hashed =
        model->cvms[change->cvm].contract_owned && cf_cvm_values_affect_hash(change->fields);
    bool ruled = change->may_be_refused || cf_cvm_values_ruled(change->fields);
    bool open = cf_cvm_values_open(change->fields);
    *out = (struct cf_cvm_prediction){0};
    if (hashed ? !surely_new_hash(model, change) : change->prepare) {
        cf_cvm_model_doubt(model, change->cvm, change->fields, out);
    } else if (hashed) {
        ask_to_register(model, change, ruled || open, out);
    } else if (open || !change->fields->child) {
        cf_cvm_model_doubt(model, change->cvm, change->fields, out);
        out->status = cf_cvm_values_invalid(change->fields) || ruled ? NULL : never_invalid();
    } else if (ruled) {
        take_or_refuse(model, change, out);
    } else {
        accept(model, change->cvm, change->fields, out);
    }
    note_sent(model, change->fields);
}

void cf_cvm_model_refuse(struct cf_cvm_model *model, const cJSON *fields, cJSON *status,
                         struct cf_cvm_prediction *out)
{
    const cJSON *one;
    *out = (struct cf_cvm_prediction){.status = status, .effect = CF_CVM_EFFECT_NONE};
    cJSON_ArrayForEach(one, status)
    {
        /* It may be taken for a phase 1, in the place of an earlier one. */
        if (cJSON_IsNumber(one) && one->valuedouble == 465)
            doubt_all_pending(model);
    }
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
    case CF_CVM_PROOF_TRANSACTION_BEGINS:
    case CF_CVM_PROOF_TRANSACTION_ENDS:
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
    bool ruled = cf_json_bool(pending, "ruled", false);
    out->status = ruled ? taken_or_refused() : cf_json_new_integer(202);
    out->accepted = !ruled;
    out->effect = cf_cvm_values_commit_openly(fields) ? CF_CVM_EFFECT_OPEN
                  : ruled                             ? CF_CVM_EFFECT_IF_TAKEN
                                                      : CF_CVM_EFFECT_EXACTLY;
    out->fields = cJSON_Duplicate(fields, 1);
    if (out->effect == CF_CVM_EFFECT_EXACTLY)
        learn(&model->cvms[cvm], fields);
    else
        forget(&model->cvms[cvm], fields);
    doubt_pending(&model->cvms[cvm]);
}

bool cf_cvm_proof_is_unlisted(enum cf_cvm_proof proof)
{
    return proof == CF_CVM_PROOF_UNREGISTERED || proof == CF_CVM_PROOF_HALF ||
           proof == CF_CVM_PROOF_MALFORMED || proof == CF_CVM_PROOF_PREPARED;
}

/* What cannot be read proves nothing, whatever it was to be. */
static bool is_unreadable(enum cf_cvm_proof proof)
{
    return proof == CF_CVM_PROOF_SHORTENED || proof == CF_CVM_PROOF_BEHEADED ||
           proof == CF_CVM_PROOF_NO_TRANSACTION;
}

/* A hash that differs from a good one in one digit is nobody's. */
static bool is_nobodys(enum cf_cvm_proof proof)
{
    return proof == CF_CVM_PROOF_OTHER_BEGINNING || proof == CF_CVM_PROOF_OTHER_END;
}

/* A hash that is not on the allow list commits nothing, whatever is wrong beside that. */
static bool stays_out(const cJSON *pending, enum cf_cvm_proof proof)
{
    return cf_cvm_proof_is_unlisted(proof) && !cf_json_bool(pending, "listed", false);
}

/* One of them is put on the list. */
static void list_all(struct cf_cvm_model_cvm *cvm)
{
    cJSON *one;
    cJSON_ArrayForEach(one, cvm->pending) set(one, "listed", true);
}

static bool same_file(const cJSON *fields, const cJSON *others, const char *name)
{
    const cJSON *one = cf_json_get(fields, name);
    const cJSON *other = cf_json_get(others, name);
    return cJSON_IsString(one) && cJSON_IsString(other) &&
           strcmp(one->valuestring, other->valuestring) == 0;
}

/* Whether a change that waits on the other CVM has a file in common with this one: their hash may
 * be the same, and so the other's proof be this one's. */
static bool may_have_the_same_hash(const struct cf_cvm_model_cvm *other, const cJSON *pending)
{
    const cJSON *fields = cf_json_get(pending, "fields");
    const cJSON *one;
    cJSON_ArrayForEach(one, other->pending)
    {
        const cJSON *others = cf_json_get(one, "fields");
        if (same_file(fields, others, "docker_compose_file") ||
            same_file(fields, others, "pre_launch_script"))
            return true;
    }
    return false;
}

void cf_cvm_model_finish(struct cf_cvm_model *model, int cvm, const char *name,
                         enum cf_cvm_proof proof, struct cf_cvm_prediction *out)
{
    cJSON *pending = pending_of(model, cvm, name);
    bool twin =
        proof == CF_CVM_PROOF_OTHER_CVM && may_have_the_same_hash(&model->cvms[1 - cvm], pending);
    bool other = proof == CF_CVM_PROOF_UNKNOWN_HASH || proof == CF_CVM_PROOF_OTHER_CVM;
    *out = (struct cf_cvm_prediction){0};
    if (proof == CF_CVM_PROOF_RIGHT && is_good(pending)) {
        commit(model, cvm, pending, out);
    } else if (stays_out(pending, proof) || is_unreadable(proof) || is_nobodys(proof)) {
        out->status = cJSON_CreateString("4xx");
        doubt_pending(&model->cvms[cvm]);
    } else if (proof == CF_CVM_PROOF_OTHER_BODY) {
        cf_cvm_model_doubt(model, cvm, NULL, out);
        out->status = taken_or_refused();
    } else if (is_good(pending) && !cf_cvm_proof_is_unlisted(proof) && !twin) {
        out->status = cf_json_new_integer(refusal_of(proof));
        doubt_pending(&model->cvms[cvm]);
    } else {
        cf_cvm_model_doubt(model, cvm, NULL, out);
    }
    if ((!other || twin) && !cf_cvm_proof_is_unlisted(proof) && pending)
        set(pending, "listed", true);
    if (proof == CF_CVM_PROOF_OTHER_CVM)
        list_all(&model->cvms[1 - cvm]);
}

void cf_cvm_model_commit(struct cf_cvm_model *model, int cvm, const char *name,
                         struct cf_cvm_prediction *out)
{
    cf_cvm_model_doubt(model, cvm, NULL, out);
    set(pending_of(model, cvm, name), "listed", true);
}
