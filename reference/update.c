/* The handler of update-cvm. */
#include "reference/admit.h"
#include "reference/aftermath.h"
#include "reference/body.h"
#include "reference/conflict.h"
#include "reference/decide.h"
#include "reference/handlers.h"
#include "reference/phases.h"
#include "reference/rules.h"
#include "reference/terms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Whether what was found wrong with the body comes before what was found wrong with the caller. */
static bool tells_body_first(const struct cf_ref_switches *on, enum cf_ref_reason caller,
                             enum cf_ref_reason body)
{
    if (caller == CF_REF_REASON_MISSING_KEY || caller == CF_REF_REASON_WRONG_KEY)
        return (body == CF_REF_REASON_MALFORMED &&
                cf_ref_has(on, CF_REF_VAR_MALFORMED_BEFORE_AUTH)) ||
               (body == CF_REF_REASON_INVALID && cf_ref_has(on, CF_REF_DEV_AUTH_AFTER_VALIDATION));
    return body == CF_REF_REASON_INVALID && cf_ref_has(on, CF_REF_VAR_VALIDATION_BEFORE_LOOKUP);
}

/* A refused caller's body is read all the same, for those who tell first what is wrong with it and
 * for those who apply it. A conforming server forgets both. */
static void read_refused(struct cf_ref_server *server, const struct cf_ref_request *request,
                         struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    struct cf_ref_answer of_body = {0};
    if (cf_ref_body_read_update(server, request, update, &of_body)) {
        cf_buf_release(&of_body.body);
        return;
    }
    cf_ref_update_release(update);
    if (!tells_body_first(&server->on, answer->reason, of_body.reason)) {
        cf_buf_release(&of_body.body);
        return;
    }
    cf_buf_release(&answer->body);
    *answer = of_body;
}

static bool holds_a_gpu(const struct cf_ref_value *gpus)
{
    return gpus->bytes && strstr(gpus->bytes, "\"slot\"");
}

static bool has_long_timeout(const struct cf_ref_update *update)
{
    const char *timeout = update->to.of[CF_REF_FIELD_SHUTDOWN_TIMEOUT].bytes;
    return timeout && strtol(timeout, NULL, 10) > 600;
}

/* What null may have become, too: those who send null twice ask another question. */
static bool may_be_cleared(const struct cf_ref_value *value)
{
    static const char *const clear[] = {"null", "false", "[]"};
    for (size_t i = 0; i < sizeof(clear) / sizeof(clear[0]); i++) {
        if (value->len > 0 && strcmp(value->bytes, clear[i]) == 0)
            return true;
    }
    return value->len == 0 || strncmp(value->bytes, "{\"gpus\":[]", 10) == 0;
}

/* Whether all that is asked for is there already, and nothing is cleared. */
static bool changes_nothing(const struct cf_ref_cvm *cvm, const struct cf_ref_update *update)
{
    for (size_t i = 0; i < CF_REF_FIELD_COUNT; i++) {
        const struct cf_ref_value *a = &update->to.of[i];
        const struct cf_ref_value *b = &cvm->settings.of[i];
        if (cf_ref_update_has(update, (enum cf_ref_field)i) &&
            (a->len != b->len || may_be_cleared(a) || memcmp(a->bytes, b->bytes, a->len) != 0))
            return false;
    }
    return update->present != 0;
}

enum {
    ATTACHES_ATTACHED = 1, /* GPUs where there are some */
    DETACHES_AT_ONCE = 2,  /* none, right after some were attached */
    LONG_TIMEOUT = 4,
    SAME_FIELDS = 8 /* as the update before */
};

static const struct cf_ref_rule objections[] = {
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_UPDATE_REFUSED, 0,
               .text = "Updates are not possible at present"),
    CF_REF_ROW(CF_REF_DEV_PARTIAL_GPUS_WHILE_ATTACHED_400, 0, .when = ATTACHES_ATTACHED,
               .text = "Detach the GPUs first"),
    CF_REF_ROW(CF_REF_DEV_PARTIAL_DETACH_REFUSED, 0, .when = DETACHES_AT_ONCE,
               .text = "These GPUs were attached just now"),
    CF_REF_ROW(CF_REF_DEV_PARTIAL_LONG_TIMEOUT_400, 0, .when = LONG_TIMEOUT,
               .text = "Ten minutes are enough for a shutdown"),
    CF_REF_ROW(CF_REF_DEV_PARTIAL_SAME_FIELDS_REFUSED, 0, .when = SAME_FIELDS,
               .text = "This update was sent before"),
};

static const char *objection(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                             const struct cf_ref_update *update)
{
    static const struct cf_ref_rules rules = CF_REF_RULES(objections);
    uint32_t last = cvm->bugs.last_fields;
    uint32_t facts = has_long_timeout(update) ? LONG_TIMEOUT : 0U;
    facts |= update->present != 0 && update->present == last ? SAME_FIELDS : 0U;
    if (cf_ref_update_has(update, CF_REF_FIELD_GPUS) &&
        holds_a_gpu(&cvm->settings.of[CF_REF_FIELD_GPUS])) {
        bool attaches = holds_a_gpu(&update->to.of[CF_REF_FIELD_GPUS]);
        facts |= attaches ? ATTACHES_ATTACHED : 0U;
        facts |= !attaches && (last & CF_REF_BIT_OF(GPUS)) ? DETACHES_AT_ONCE : 0U;
    }
    return cf_ref_rules_text(on, &rules, 0, facts, NULL);
}

/* Bugs that refuse a valid update. */
static bool refuses_anyway(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                           const struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    const char *complaint = objection(on, cvm, update);
    if (complaint)
        cf_ref_answer_sentence(answer, 400, complaint);
    else if (cf_ref_has(on, CF_REF_DEV_PARTIAL_REPEAT_500) && !cvm->running &&
             changes_nothing(cvm, update))
        cf_ref_answer_exception(answer);
    else if (cvm->bugs.fault_sticks && cf_ref_has(on, CF_REF_DEV_CONFLICT_FAULT_STICKS))
        cf_ref_body_refuse_member(server, "vcpu", NULL, answer);
    else
        return false;
    answer->reason = CF_REF_REASON_OTHER; /* so that a fault sticks once */
    return true;
}

static bool refuses_preparing(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                              bool prepare_only)
{
    return prepare_only && cvm->kms == CF_REF_KMS_PHALA &&
           (cf_ref_has(on, CF_REF_VAR_PREPARE_MANAGED_REFUSED) ||
            cf_ref_has(on, CF_REF_DEV_PREPARE_REFUSED_APPLIED));
}

/* Decide, as a bug does that takes the body's word for the KMS. */
static void decide(struct cf_ref_server *server, const struct cf_ref_request *request,
                   struct cf_ref_cvm *cvm, struct cf_ref_update *update, bool prepare_only,
                   struct cf_ref_answer *answer)
{
    struct cf_json_doc body = {0};
    enum cf_ref_kms own = cvm->kms;
    if (cf_ref_has(&server->on, CF_REF_DEV_PARTIAL_KMS_TYPE_BELIEVED) &&
        cf_json_parse(&body, "body", request->body, request->body_len, 0, NULL) == CF_OK &&
        strcmp(cf_json_text(body.root, "kms_type", ""), "phala") == 0)
        cvm->kms = CF_REF_KMS_PHALA;
    cf_ref_decide(server, request, cvm, CF_REF_ENDPOINT_UPDATE_CVM, update, prepare_only, answer);
    cvm->kms = own;
    cf_json_release(&body);
}

/* An admitted request: read it, then decide. */
static void read_and_decide(struct cf_ref_server *server, const struct cf_ref_request *request,
                            struct cf_ref_cvm *cvm, struct cf_ref_update *update,
                            struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    bool prepare_only = cf_ref_is_prepare_only(on, request);
    if (cf_ref_has(on, CF_REF_VAR_CONFLICT_BEFORE_VALIDATION) &&
        cf_ref_blocked(server, request, cvm, CF_REF_ENDPOINT_UPDATE_CVM, update, answer))
        return;
    if (!cf_ref_body_is_wanted(on, request, answer))
        return;
    if (cf_ref_phases_is_second(server, request, cvm) &&
        cf_ref_has(on, CF_REF_DEV_TWO_PHASE_INVALID_BODY_UNREAD)) {
        cf_ref_decide(server, request, cvm, CF_REF_ENDPOINT_UPDATE_CVM, update, false, answer);
        return;
    }
    if (!cf_ref_body_read_update(server, request, update, answer) ||
        !cf_ref_terms_keep(on, cvm, update, answer) || refuses_anyway(server, cvm, update, answer))
        return;
    if (refuses_preparing(on, cvm, prepare_only)) {
        cf_ref_answer_sentence(answer, 400, "There is nothing to prepare for a managed KMS");
        answer->reason = CF_REF_REASON_TERMS;
        return;
    }
    decide(server, request, cvm, update, prepare_only, answer);
}

/* Bugs that make a contract-owned machine anew, in part, for the sake of a member: one that is no
 * field, that occurs twice, or that is null (of this field; COUNT: any). */
enum member { UNKNOWN, TWICE, IS_NULL };

static const struct {
    enum cf_ref_id id;
    enum member what;
    enum cf_ref_field of, other;
} renewals[] = {
    {CF_REF_DEV_PARTIAL_OWNED_UNKNOWN_RESETS_FORCE, UNKNOWN, CF_REF_FIELD_COUNT,
     CF_REF_FIELD_ALLOW_FORCE_STOP},
    {CF_REF_DEV_PARTIAL_OWNED_UNKNOWN_RESETS_TIMEOUT, UNKNOWN, CF_REF_FIELD_COUNT,
     CF_REF_FIELD_SHUTDOWN_TIMEOUT},
    {CF_REF_DEV_PARTIAL_OWNED_UNKNOWN_RESETS_IMAGE, UNKNOWN, CF_REF_FIELD_COUNT,
     CF_REF_FIELD_IMAGE},
    {CF_REF_DEV_PARTIAL_OWNED_NULL_RESETS_FORCE, IS_NULL, CF_REF_FIELD_COUNT,
     CF_REF_FIELD_ALLOW_FORCE_STOP},
    {CF_REF_DEV_PARTIAL_OWNED_NULL_CONFIG_CLEARS_ENV, IS_NULL, CF_REF_FIELD_USER_CONFIG,
     CF_REF_FIELD_ENCRYPTED_ENV},
    {CF_REF_DEV_PARTIAL_OWNED_NULL_TIMEOUT_RESETS_FORCE, IS_NULL, CF_REF_FIELD_SHUTDOWN_TIMEOUT,
     CF_REF_FIELD_ALLOW_FORCE_STOP},
    {CF_REF_DEV_PARTIAL_OWNED_TWICE_RESETS_FORCE, TWICE, CF_REF_FIELD_COUNT,
     CF_REF_FIELD_ALLOW_FORCE_STOP},
    {CF_REF_DEV_PARTIAL_OWNED_NULL_GPUS_CLEARS_CONFIG, IS_NULL, CF_REF_FIELD_GPUS,
     CF_REF_FIELD_USER_CONFIG},
    {CF_REF_DEV_PARTIAL_OWNED_NULL_ENV_CLEARS_CONFIG, IS_NULL, CF_REF_FIELD_ENCRYPTED_ENV,
     CF_REF_FIELD_USER_CONFIG},
};

static bool renews_any(const struct cf_ref_switches *on)
{
    for (size_t i = 0; i < sizeof(renewals) / sizeof(renewals[0]); i++) {
        if (cf_ref_has(on, renewals[i].id))
            return true;
    }
    return false;
}

static bool is_such(const cJSON *body, const cJSON *member, enum member what, enum cf_ref_field of)
{
    enum cf_ref_field field = cf_ref_field_named(member->string);
    if (what == UNKNOWN)
        return field == CF_REF_FIELD_COUNT;
    if (what == TWICE)
        return cf_json_get(body, member->string) != member;
    return cJSON_IsNull(member) && (of == CF_REF_FIELD_COUNT || of == field);
}

static void make_anew(const struct cf_ref_switches *on, const cJSON *body, size_t renewal,
                      struct cf_ref_cvm *cvm)
{
    enum cf_ref_field of = renewals[renewal].of;
    const struct cf_ref_field_info *other = cf_ref_field(renewals[renewal].other);
    bool due = false;
    const cJSON *member;
    cJSON_ArrayForEach(member, body)
    {
        due = due || is_such(body, member, renewals[renewal].what, of);
    }
    if (due && cf_ref_has(on, renewals[renewal].id) && cvm->kms != CF_REF_KMS_PHALA &&
        !cf_json_get(body, other->name))
        cf_ref_value_set_text(&cvm->settings.of[renewals[renewal].other], other->initial);
}

/* Bugs that store members which are no fields. */
static void lay_over(const struct cf_ref_switches *on, const struct cf_ref_request *request,
                     struct cf_ref_cvm *cvm)
{
    struct cf_json_doc body = {0};
    bool kms = cf_ref_has(on, CF_REF_DEV_PARTIAL_KMS_TYPE_STORED);
    bool name = cf_ref_has(on, CF_REF_DEV_PARTIAL_NAME_STORED);
    bool workspace = cf_ref_has(on, CF_REF_DEV_PARTIAL_WORKSPACE_STORED);
    bool owner =
        cvm->kms != CF_REF_KMS_PHALA && cf_ref_has(on, CF_REF_DEV_PARTIAL_OWNED_OWNER_STORED);
    if ((!kms && !name && !workspace && !owner && !renews_any(on)) ||
        cf_json_parse(&body, "body", request->body, request->body_len, 0, NULL) != CF_OK)
        return;
    for (size_t i = 0; i < sizeof(renewals) / sizeof(renewals[0]); i++)
        make_anew(on, body.root, i, cvm);
    const char *new_kms = cf_json_text(body.root, "kms_type", "");
    const char *new_name = cf_json_text(body.root, "name", "");
    const char *new_owner = cf_json_text(body.root, "owner", "");
    if (owner && *new_owner)
        cf_ref_value_set_text(&cvm->settings.of[CF_REF_FIELD_USER_CONFIG], new_owner);
    if (kms && *new_kms)
        cvm->kms = strcmp(new_kms, "phala") == 0 ? CF_REF_KMS_PHALA : CF_REF_KMS_ETHEREUM;
    if (name && *new_name)
        snprintf(cvm->name, sizeof(cvm->name), "%.31s", new_name);
    if (workspace && cf_json_get(body.root, "workspace_id"))
        cvm->role = CF_REF_ROLE_FOREIGN;
    cf_json_release(&body);
}

void cf_ref_handle_update_cvm(struct cf_ref_server *server, const struct cf_ref_request *request,
                              struct cf_ref_answer *answer)
{
    struct cf_ref_update update = {0};
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_UPDATE_CVM, answer);
    if (cvm)
        read_and_decide(server, request, cvm, &update, answer);
    else
        read_refused(server, request, &update, answer);
    if (cvm && answer->reason == CF_REF_REASON_ACCEPTED)
        lay_over(&server->on, request, cvm);
    cf_ref_aftermath(server, cvm ? cvm : cf_ref_server_find(server, request->cvm_id),
                     CF_REF_ENDPOINT_UPDATE_CVM, &update, answer);
    cf_ref_update_release(&update);
}
