/* The handler of update-cvm. */
#include "reference/admit.h"
#include "reference/aftermath.h"
#include "reference/body.h"
#include "reference/conflict.h"
#include "reference/decide.h"
#include "reference/handlers.h"
#include "reference/phases.h"

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

/* A refused caller's body is read all the same where an order of checks or a leak asks for it. */
static enum cf_code read_refused(struct cf_ref_server *server, const struct cf_ref_request *request,
                                 struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    struct cf_ref_answer of_body = {0};
    bool ok = false;
    if (!cf_ref_has(&server->on, CF_REF_VAR_MALFORMED_BEFORE_AUTH) &&
        !cf_ref_has(&server->on, CF_REF_VAR_VALIDATION_BEFORE_LOOKUP) &&
        !cf_ref_has(&server->on, CF_REF_DEV_AUTH_AFTER_VALIDATION) &&
        !cf_ref_aftermath_wants_update(&server->on, answer->reason))
        return CF_OK;
    cf_buf_init(&of_body.body, SIZE_MAX / 2);
    enum cf_code code = cf_ref_body_read_update(server, request, update, &of_body, &ok);
    if (!ok)
        cf_ref_update_release(update);
    if (code == CF_OK && !ok && tells_body_first(&server->on, answer->reason, of_body.reason)) {
        cf_buf_release(&answer->body);
        *answer = of_body;
        return CF_OK;
    }
    cf_buf_release(&of_body.body);
    return code;
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

/* Bugs that refuse a valid update. */
static const char *objection(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                             const struct cf_ref_update *update)
{
    if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_UPDATE_REFUSED))
        return "Updates are not possible at present";
    bool attached = cf_ref_update_has(update, CF_REF_FIELD_GPUS) &&
                    holds_a_gpu(&cvm->settings.of[CF_REF_FIELD_GPUS]);
    bool detaches = !holds_a_gpu(&update->to.of[CF_REF_FIELD_GPUS]);
    if (attached && !detaches && cf_ref_has(on, CF_REF_DEV_PARTIAL_GPUS_WHILE_ATTACHED_400))
        return "Detach the GPUs first";
    bool just_now = (cvm->bugs.last_fields >> CF_REF_FIELD_GPUS) & 1;
    if (attached && just_now && detaches && cf_ref_has(on, CF_REF_DEV_PARTIAL_DETACH_REFUSED))
        return "These GPUs were attached just now";
    if (has_long_timeout(update) && cf_ref_has(on, CF_REF_DEV_PARTIAL_LONG_TIMEOUT_400))
        return "Ten minutes are enough for a shutdown";
    if (update->present != 0 && update->present == cvm->bugs.last_fields &&
        cf_ref_has(on, CF_REF_DEV_PARTIAL_SAME_FIELDS_REFUSED))
        return "This update was sent before";
    return NULL;
}

/* An admitted request: read it, then decide. */
static enum cf_code read_and_decide(struct cf_ref_server *server,
                                    const struct cf_ref_request *request, struct cf_ref_cvm *cvm,
                                    struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    bool prepare_only = cf_ref_is_prepare_only(on, request);
    bool ok = false;
    if (cf_ref_has(on, CF_REF_VAR_CONFLICT_BEFORE_VALIDATION) &&
        cf_ref_blocked(server, request, cvm, CF_REF_ENDPOINT_UPDATE_CVM, update, answer))
        return CF_OK;
    if (prepare_only && cvm->kms == CF_REF_KMS_PHALA &&
        cf_ref_has(on, CF_REF_VAR_PREPARE_MANAGED_REFUSED)) {
        cf_ref_answer_sentence(answer, 400, "There is nothing to prepare for a managed KMS");
        return CF_OK;
    }
    enum cf_code code = cf_ref_body_read_update(server, request, update, answer, &ok);
    if (ok && cvm->bugs.fault_sticks && cf_ref_has(on, CF_REF_DEV_CONFLICT_FAULT_STICKS)) {
        cf_ref_body_refuse_member(server, "vcpu", NULL, answer);
        answer->reason = CF_REF_REASON_OTHER; /* sticks once */
        ok = false;
    }
    const char *complaint = ok ? objection(on, cvm, update) : NULL;
    if (complaint) {
        cf_ref_answer_sentence(answer, 400, complaint);
        ok = false;
    }
    if (ok && cf_ref_has(on, CF_REF_DEV_PARTIAL_REPEAT_500) && changes_nothing(cvm, update)) {
        cf_ref_answer_exception(answer);
        ok = false;
    }
    if (code == CF_OK && ok)
        code = cf_ref_decide(server, request, cvm, CF_REF_ENDPOINT_UPDATE_CVM, update, prepare_only,
                             answer);
    return code;
}

enum cf_code cf_ref_handle_update_cvm(struct cf_ref_server *server,
                                      const struct cf_ref_request *request,
                                      struct cf_ref_answer *answer)
{
    struct cf_ref_update update = {0};
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_UPDATE_CVM, answer);
    enum cf_code code = cvm ? read_and_decide(server, request, cvm, &update, answer)
                            : read_refused(server, request, &update, answer);
    if (code == CF_OK)
        code = cf_ref_aftermath(server, cvm ? cvm : cf_ref_server_find(server, request->cvm_id),
                                CF_REF_ENDPOINT_UPDATE_CVM, &update, answer);
    cf_ref_update_release(&update);
    return code;
}
