#include "reference/admit.h"

#include <string.h>
#include <strings.h>

/* ---- credentials ---- */

static bool is_key(const struct cf_ref_switches *on, const char *text)
{
    if (cf_ref_has(on, CF_REF_DEV_AUTH_ANY_KEY_ACCEPTED))
        return true;
    if (cf_ref_has(on, CF_REF_DEV_AUTH_KEY_PREFIX_ACCEPTED))
        return strncmp(text, cf_ref_fixture_key(), strlen(text)) == 0;
    if (cf_ref_has(on, CF_REF_DEV_AUTH_KEY_TAIL_IGNORED))
        return strncmp(text, cf_ref_fixture_key(), strlen(cf_ref_fixture_key())) == 0;
    return strcmp(text, cf_ref_fixture_key()) == 0;
}

static const char *bearer(const char *authorization)
{
    if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
        return NULL;
    return authorization + 7 + strspn(authorization + 7, " ");
}

/* Whether the request names the update that its CVM has prepared last. */
static bool names_prepared(struct cf_ref_server *server, const struct cf_ref_request *request)
{
    char hash[CF_SHA256_HEX];
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    const struct cf_ref_prepared *newest = cvm ? cf_ref_cvm_prepared(cvm, 0) : NULL;
    return newest && request->transaction_hash && cf_ref_hash_read(request->compose_hash, hash) &&
           strcmp(newest->compose_hash, hash) == 0;
}

/* CF_REF_REASON_OTHER when the credentials are good. */
static enum cf_ref_reason authenticate(struct cf_ref_server *server,
                                       const struct cf_ref_request *request,
                                       enum cf_ref_endpoint endpoint)
{
    const struct cf_ref_switches *on = &server->on;
    const char *key = request->api_key ? request->api_key : bearer(request->authorization);
    if (cf_ref_has(on, CF_REF_DEV_AUTH_BEARER_UNKNOWN))
        key = request->api_key;
    bool script = endpoint == CF_REF_ENDPOINT_SCRIPT;
    if (script && cf_ref_has(on, CF_REF_DEV_AUTH_SCRIPT_UNCHECKED))
        return CF_REF_REASON_OTHER;
    if (!request->api_key && key && cf_ref_has(on, CF_REF_DEV_AUTH_ANY_BEARER_ACCEPTED))
        return CF_REF_REASON_OTHER;
    if (!key && cf_ref_has(on, CF_REF_DEV_AUTH_PROOF_SUFFICES) && names_prepared(server, request))
        return CF_REF_REASON_OTHER;
    if (!key && server->bugs.key_seen && cf_ref_has(on, CF_REF_DEV_AUTH_REMEMBERS_CALLER))
        return CF_REF_REASON_OTHER;
    if (!key)
        return endpoint == CF_REF_ENDPOINT_UPDATE_CVM &&
                       cf_ref_has(on, CF_REF_DEV_AUTH_MISSING_ACCEPTED)
                   ? CF_REF_REASON_OTHER
                   : CF_REF_REASON_MISSING_KEY;
    if (is_key(on, key) || (script && cf_ref_has(on, CF_REF_DEV_AUTH_SCRIPT_ANY_KEY_ACCEPTED)))
        return CF_REF_REASON_OTHER;
    return CF_REF_REASON_WRONG_KEY;
}

/* ---- the CVM ---- */

static void refuse_unknown(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    char correlation_id[CF_REF_UUID_TEXT];
    if (cf_ref_has(&server->on, CF_REF_DEV_AUTH_UNKNOWN_ACCEPTED)) {
        cf_ref_server_uuid(server, correlation_id);
        cf_ref_answer_accepted(server, CF_REF_ENDPOINT_UPDATE_CVM, correlation_id, answer);
        return;
    }
    cf_ref_error_begin(server, answer, 404, "ERR-03-001", "CVM not found");
    cf_ref_error_row(answer, "cvm_id", request->cvm_id, "No CVM has this id");
    cf_ref_error_end(server, answer, "Check the id");
    answer->reason = CF_REF_REASON_UNKNOWN_CVM;
}

static void refuse_foreign(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    if (cf_ref_has(on, CF_REF_VAR_FOREIGN_404) || cf_ref_has(on, CF_REF_DEV_AUTH_FOREIGN_404)) {
        refuse_unknown(server, request, answer);
    } else {
        cf_ref_error_begin(server, answer, 403, "ERR-03-004", "CVM is not in your workspace");
        cf_ref_error_row(answer, "cvm_id", request->cvm_id, "This CVM belongs to others");
        cf_ref_error_end(server, answer, "Use a key of the workspace that owns the CVM");
    }
    answer->reason = CF_REF_REASON_FOREIGN_CVM;
}

static bool opens_foreign(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint)
{
    return cf_ref_has(on, CF_REF_DEV_AUTH_FOREIGN_ACCEPTED) ||
           (endpoint == CF_REF_ENDPOINT_SCRIPT &&
            cf_ref_has(on, CF_REF_DEV_AUTH_SCRIPT_FOREIGN_ACCEPTED));
}

static bool is_rented(const struct cf_ref_server *server, const struct cf_ref_cvm *cvm)
{
    if (server->bugs.accepted_count > 0 &&
        cf_ref_has(&server->on, CF_REF_DEV_PICS_GPU_RENTAL_DENIED))
        return true;
    return cvm->role == CF_REF_ROLE_GPU_RENTAL &&
           !cf_ref_has(&server->on, CF_REF_DEV_AUTH_GPU_RENTAL_ACCEPTED);
}

static bool is_odd_id(const char *id)
{
    return id[strspn(id, "0123456789abcdefABCDEFghijklmnopqrstuvwxyz-")] != '\0';
}

struct cf_ref_cvm *cf_ref_admit(struct cf_ref_server *server, const struct cf_ref_request *request,
                                enum cf_ref_endpoint endpoint, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    enum cf_ref_reason reason = authenticate(server, request, endpoint);
    server->bugs.key_seen =
        server->bugs.key_seen || (reason == CF_REF_REASON_OTHER && request->api_key);
    if (reason != CF_REF_REASON_OTHER && (cvm || !cf_ref_has(on, CF_REF_DEV_AUTH_AFTER_LOOKUP))) {
        cf_ref_answer_sentence(answer, 401, "Not authenticated");
        answer->reason = reason;
        return NULL;
    }
    if (is_odd_id(request->cvm_id) && cf_ref_has(on, CF_REF_DEV_ROBUSTNESS_ENCODED_ID_500)) {
        cf_ref_answer_exception(answer);
        return NULL;
    }
    bool odd = strlen(request->cvm_id) != 32;
    if (!cvm && odd &&
        (cf_ref_has(on, CF_REF_DEV_AUTH_ODD_ID_422) || cf_ref_has(on, CF_REF_VAR_ODD_IDS_422))) {
        cf_ref_answer_sentence(answer, 422, "This is no id");
        return NULL;
    }
    if (!cvm) {
        refuse_unknown(server, request, answer);
        return NULL;
    }
    if (cvm->role == CF_REF_ROLE_FOREIGN && !opens_foreign(on, endpoint)) {
        refuse_foreign(server, request, answer);
        return NULL;
    }
    if (endpoint == CF_REF_ENDPOINT_UPDATE_CVM && is_rented(server, cvm)) {
        cf_ref_answer_sentence(answer, 403, "This CVM is managed by a GPU rental");
        answer->reason = CF_REF_REASON_GPU_RENTAL;
        return NULL;
    }
    return cvm;
}
