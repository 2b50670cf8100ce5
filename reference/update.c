/* The handlers that change a CVM. */
#include "reference/admit.h"
#include "reference/body.h"
#include "reference/handlers.h"
#include "reference/media.h"
#include "reference/multipart.h"
#include "reference/phases.h"

#include "harness/base/utf8.h"

#include <string.h>
#include <strings.h>

static enum cf_code decide(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_cvm *cvm, const char *type, struct cf_ref_update *update,
                           bool prepare_only, struct cf_ref_answer *answer)
{
    const struct cf_ref_proof proof = {.compose_hash = request->compose_hash,
                                       .transaction_hash = request->transaction_hash};
    if (cf_ref_blocked(server, request, cvm, answer))
        return CF_OK;
    if (cf_ref_phases_is_second(request, cvm))
        return cf_ref_phases_second(server, cvm, &proof, answer);
    return cf_ref_phases_first(server, cvm, type, update, prepare_only, answer);
}

enum cf_code cf_ref_handle_update_cvm(struct cf_ref_server *server,
                                      const struct cf_ref_request *request,
                                      struct cf_ref_answer *answer)
{
    struct cf_ref_update update = {0};
    bool ok = false;
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_ENDPOINT_UPDATE_CVM, answer);
    if (!cvm)
        return CF_OK;
    enum cf_code code = cf_ref_body_read_update(server, request, &update, answer, &ok);
    bool prepare_only = request->prepare_only && strcasecmp(request->prepare_only, "true") == 0;
    if (code != CF_OK) {
        cf_ref_update_release(&update);
        return code;
    }
    if (ok && update.present == 0 && cf_varies(&server->on, CF_VAR_EMPTY_OBJECT_400) &&
        !cf_ref_phases_is_second(request, cvm)) {
        cf_ref_answer_sentence(answer, 400, "There is nothing to update");
        ok = false;
    }
    if (!ok && cf_deviates(&server->on, CF_DEV_VALIDATION_HALF_APPLIED)) {
        cf_ref_update_apply(&update, &cvm->settings);
        cvm->hashes_stale = true;
    }
    if (ok)
        code = decide(server, request, cvm, "update_cvm", &update, prepare_only, answer);
    cf_ref_update_release(&update);
    return code;
}

/* ---- the pre-launch script ---- */

struct script {
    const char *bytes;
    size_t len;
};

/* What the request uploads; a sentence for a 400 where it uploads nothing. */
static const char *read_upload(const struct cf_ref_request *request, struct script *out)
{
    static const char *const raw_types[] = {"text/plain", "text/x-shellscript", "text/x-sh",
                                            "application/x-sh", "application/octet-stream"};
    char boundary[CF_REF_BOUNDARY_MAX + 1];
    struct cf_ref_part part;
    if (request->body_len == 0)
        return "The body is empty";
    *out = (struct script){.bytes = request->body, .len = request->body_len};
    for (size_t i = 0; i < sizeof(raw_types) / sizeof(raw_types[0]); i++) {
        if (cf_ref_media_is(request->content_type, raw_types[i]))
            return NULL;
    }
    if (!cf_ref_media_is(request->content_type, "multipart/form-data"))
        return "Send the script as multipart/form-data";
    if (!cf_ref_media_parameter(request->content_type, "boundary", boundary, sizeof(boundary)))
        return "The content type has no usable boundary";
    enum cf_code code =
        cf_ref_multipart_find(request->body, request->body_len, boundary, "file", &part, NULL);
    if (code == CF_ENOTFOUND)
        return "The form has no part named file";
    if (code != CF_OK)
        return "The form cannot be read";
    *out = (struct script){.bytes = part.bytes, .len = part.len};
    return part.len > 0 ? NULL : "The file is empty";
}

static enum cf_code read_script(const struct cf_ref_request *request, struct cf_ref_update *update,
                                struct cf_ref_answer *answer, bool *out_ok)
{
    struct script script = {0};
    const char *complaint = read_upload(request, &script);
    /* The script becomes a JSON string in the compose document. */
    if (!complaint && !cf_utf8_valid(script.bytes, script.len))
        complaint = "The script is not UTF-8";
    *out_ok = !complaint;
    if (complaint) {
        cf_ref_answer_sentence(answer, 400, complaint);
        return CF_OK;
    }
    return cf_ref_update_set(update, CF_FIELD_PRE_LAUNCH_SCRIPT, script.bytes, script.len);
}

enum cf_code cf_ref_handle_update_script(struct cf_ref_server *server,
                                         const struct cf_ref_request *request,
                                         struct cf_ref_answer *answer)
{
    struct cf_ref_update update = {0};
    bool ok = true;
    enum cf_code code = CF_OK;
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_ENDPOINT_SCRIPT, answer);
    if (!cvm)
        return CF_OK;
    /* Phase 2 commits what phase 1 kept: its body is not looked at. */
    if (!cf_ref_phases_is_second(request, cvm))
        code = read_script(request, &update, answer, &ok);
    if (code == CF_OK && ok)
        code = decide(server, request, cvm, "update_pre_launch_script", &update, false, answer);
    cf_ref_update_release(&update);
    return code;
}

/* ---- commit-update ---- */

static const char *required_text(struct cf_ref_server *server, const cJSON *body,
                                 const char *member, struct cf_ref_answer *answer)
{
    const cJSON *value = cf_json_get(body, member);
    if (cJSON_IsString(value))
        return value->valuestring;
    cf_ref_body_refuse_member(server, member, value, answer);
    return NULL;
}

static enum cf_code commit(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_cvm *cvm, const cJSON *body, struct cf_ref_answer *answer)
{
    struct cf_ref_proof proof = {.token = required_text(server, body, "token", answer)};
    if (proof.token)
        proof.compose_hash = required_text(server, body, "compose_hash", answer);
    if (proof.compose_hash)
        proof.transaction_hash = required_text(server, body, "transaction_hash", answer);
    if (!proof.transaction_hash || cf_ref_blocked(server, request, cvm, answer))
        return CF_OK;
    /* An update that phase 1 kept without a token has an empty one. */
    if (proof.token[0] == '\0')
        proof.token = "?";
    return cf_ref_phases_second(server, cvm, &proof, answer);
}

enum cf_code cf_ref_handle_commit_update(struct cf_ref_server *server,
                                         const struct cf_ref_request *request,
                                         struct cf_ref_answer *answer)
{
    struct cf_json_doc doc;
    bool ok = false;
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    if (!cvm) {
        cf_ref_answer_sentence(answer, 404, "CVM not found");
        return CF_OK;
    }
    enum cf_code code = cf_ref_body_parse(server, request, &doc, answer, &ok);
    if (code == CF_OK && ok)
        code = commit(server, request, cvm, doc.root, answer);
    cf_json_release(&doc);
    return code;
}
