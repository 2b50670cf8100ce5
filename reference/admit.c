#include "reference/admit.h"

#include <string.h>
#include <strings.h>

static bool is_key(const char *text)
{
    return text && strcmp(text, cf_ref_fixture_key()) == 0;
}

static const char *bearer(const char *authorization)
{
    if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
        return NULL;
    return authorization + 7 + strspn(authorization + 7, " ");
}

static bool authenticated(const struct cf_ref_switches *on, const struct cf_ref_request *request,
                          enum cf_ref_endpoint endpoint)
{
    if (endpoint == CF_ENDPOINT_SCRIPT && cf_deviates(on, CF_DEV_AUTH_SCRIPT_UNCHECKED))
        return true;
    if (request->api_key)
        return is_key(request->api_key);
    return is_key(bearer(request->authorization));
}

static void answer_unknown(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    cf_ref_error_begin(server, answer, 404, "ERR-03-001", "CVM not found");
    cf_ref_error_row(answer, "cvm_id", request->cvm_id, "No CVM has this id");
    cf_ref_error_end(server, answer, "Check the id");
}

static void answer_foreign(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    if (cf_varies(&server->on, CF_VAR_FOREIGN_404)) {
        answer_unknown(server, request, answer);
        return;
    }
    cf_ref_error_begin(server, answer, 403, "ERR-03-004", "CVM is not in your workspace");
    cf_ref_error_row(answer, "cvm_id", request->cvm_id, "This CVM belongs to others");
    cf_ref_error_end(server, answer, "Use a key of the workspace that owns the CVM");
}

struct cf_ref_cvm *cf_ref_admit(struct cf_ref_server *server, const struct cf_ref_request *request,
                                enum cf_ref_endpoint endpoint, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    if (!authenticated(on, request, endpoint)) {
        int status = cf_deviates(on, CF_DEV_AUTH_MISSING_403) && !request->api_key ? 403 : 401;
        cf_ref_answer_sentence(answer, status, "Not authenticated");
        return NULL;
    }
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    if (!cvm) {
        answer_unknown(server, request, answer);
        return NULL;
    }
    if (cvm->role == CF_ROLE_FOREIGN && !cf_deviates(on, CF_DEV_AUTH_FOREIGN_ACCEPTED)) {
        answer_foreign(server, request, answer);
        return NULL;
    }
    if (cvm->role == CF_ROLE_GPU_RENTAL && endpoint == CF_ENDPOINT_UPDATE_CVM &&
        !cf_deviates(on, CF_DEV_AUTH_GPU_RENTAL_ACCEPTED)) {
        cf_ref_answer_sentence(answer, 403, "This CVM is managed by a GPU rental");
        return NULL;
    }
    return cvm;
}

static bool anything_running(struct cf_ref_server *server)
{
    for (size_t i = 0; i < CF_REF_CVMS; i++) {
        cf_ref_cvm_settle(&server->cvms[i], server->now_ms);
        if (server->cvms[i].running)
            return true;
    }
    return false;
}

bool cf_ref_blocked(struct cf_ref_server *server, const struct cf_ref_request *request,
                    struct cf_ref_cvm *cvm, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    bool busy = cvm->running || server->now_ms < cvm->locked_until_ms;
    if (cf_deviates(on, CF_DEV_CONFLICT_GLOBAL_LOCK))
        busy = busy || anything_running(server);
    if (cf_deviates(on, CF_DEV_CONFLICT_IGNORED))
        busy = false;
    /* Check now, act when asked again: whoever arrives in between passes the check as well. */
    if (cf_deviates(on, CF_DEV_CONFLICT_CHECK_THEN_ACT)) {
        answer->later = !busy && !request->resumed;
        busy = busy && !request->resumed;
    }
    if (busy)
        cf_ref_answer_sentence(answer, 409, "Another operation is in progress");
    return busy || answer->later;
}
