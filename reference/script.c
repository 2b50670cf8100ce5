/* The handler of update-pre-launch-script. */
#include "reference/admit.h"
#include "reference/aftermath.h"
#include "reference/body.h"
#include "reference/decide.h"
#include "reference/handlers.h"
#include "reference/media.h"
#include "reference/multipart.h"
#include "reference/phases.h"

#include "harness/base/utf8.h"

struct upload {
    const char *bytes;
    size_t len;
    enum cf_ref_reason reason; /* why there is none */
    const char *complaint;     /* NULL: there is one */
};

/* A script that is there and empty, as against no script at all. */
static const char nothing[] = "";

static struct upload refused(enum cf_ref_reason reason, const char *complaint)
{
    return (struct upload){.reason = reason, .complaint = complaint};
}

static bool is_raw_script(const struct cf_ref_switches *on, const char *content_type)
{
    static const char *const types[] = {"text/plain", "text/x-shellscript", "text/x-sh",
                                        "application/x-sh", "application/octet-stream"};
    bool json = cf_ref_media_is(content_type, "application/json");
    if (json ? cf_ref_has(on, CF_REF_DEV_SCRIPT_JSON_ACCEPTED)
             : cf_ref_has(on, CF_REF_DEV_SCRIPT_ANY_TYPE_ACCEPTED) &&
                   !cf_ref_media_is(content_type, "multipart/form-data"))
        return true;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (cf_ref_media_is(content_type, types[i]))
            return !cf_ref_has(on, CF_REF_VAR_RAW_SCRIPT_REFUSED);
    }
    return false;
}

static struct upload read_form(const struct cf_ref_switches *on,
                               const struct cf_ref_request *request)
{
    char boundary[CF_REF_BOUNDARY_MAX + 1];
    struct cf_ref_part part;
    if (!cf_ref_media_parameter(request->content_type, "boundary", boundary, sizeof(boundary)))
        return refused(CF_REF_REASON_MALFORMED, "The content type has no usable boundary");
    enum cf_code code =
        cf_ref_multipart_find(request->body, request->body_len, boundary, "file", &part, NULL);
    if (code == CF_ENOTFOUND && cf_ref_has(on, CF_REF_VAR_ABSENT_FILE_RESTARTS))
        return (struct upload){0};
    if (code == CF_ENOTFOUND)
        return refused(CF_REF_REASON_NO_BODY, "The form has no part named file");
    if (code != CF_OK)
        return refused(CF_REF_REASON_MALFORMED, "The form cannot be read");
    bool checks_type = cf_ref_has(on, CF_REF_VAR_PART_TYPE_CHECKED) ||
                       cf_ref_has(on, CF_REF_DEV_SCRIPT_PART_TYPE_CHECKED);
    if (checks_type && !cf_ref_media_is(part.content_type, "application/octet-stream"))
        return refused(CF_REF_REASON_CONTENT_TYPE, "The file is no application/octet-stream");
    return (struct upload){.bytes = part.len > 0 ? part.bytes : nothing, .len = part.len};
}

static struct upload read_upload(const struct cf_ref_switches *on,
                                 const struct cf_ref_request *request)
{
    struct upload upload = {.bytes = request->body, .len = request->body_len};
    if (request->body_len == 0)
        return cf_ref_has(on, CF_REF_DEV_SCRIPT_NO_BODY_ACCEPTED)
                   ? (struct upload){0}
                   : refused(CF_REF_REASON_NO_BODY, "The body is empty");
    if (!is_raw_script(on, request->content_type)) {
        if (!cf_ref_media_is(request->content_type, "multipart/form-data"))
            return refused(CF_REF_REASON_CONTENT_TYPE, "Send the script as multipart/form-data");
        upload = read_form(on, request);
    }
    if (upload.complaint || !upload.bytes)
        return upload;
    if (upload.len == 0 && !cf_ref_has(on, CF_REF_VAR_EMPTY_FILE_CLEARS) &&
        !cf_ref_has(on, CF_REF_DEV_SCRIPT_EMPTY_FILE_ACCEPTED))
        return refused(CF_REF_REASON_NO_BODY, "The file is empty");
    if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_SCRIPT_REFUSED))
        return refused(CF_REF_REASON_OTHER, "Scripts cannot be uploaded at present");
    /* The script becomes a JSON string in the compose document. */
    if (!cf_utf8_valid(upload.bytes, upload.len))
        return refused(CF_REF_REASON_NOT_TEXT, "The script is not UTF-8");
    return upload;
}

/* Put the uploaded script into update, or refuse it with 400. */
static enum cf_code read_script(struct cf_ref_server *server, const struct cf_ref_request *request,
                                struct cf_ref_update *update, struct cf_ref_answer *answer,
                                bool *out_ok)
{
    struct upload upload = read_upload(&server->on, request);
    *out_ok = !upload.complaint;
    if (*out_ok && !upload.bytes)
        return CF_OK; /* a restart with the script there is */
    if (*out_ok)
        return cf_ref_update_set(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, upload.bytes, upload.len);
    if (upload.reason == CF_REF_REASON_NO_BODY && request->body_len > 0 &&
        cf_ref_has(&server->on, CF_REF_VAR_ABSENT_FILE_422))
        cf_ref_body_refuse_member(server, "file", NULL, answer);
    else
        cf_ref_answer_sentence(answer, 400, upload.complaint);
    answer->reason = upload.reason;
    if (!cf_ref_aftermath_wants_update(&server->on, upload.reason))
        return CF_OK;
    bool body = upload.reason == CF_REF_REASON_CONTENT_TYPE;
    return cf_ref_update_set(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, body ? request->body : nothing,
                             body ? request->body_len : 0);
}

/* A bug: the script of a caller who was turned away is stored. */
static enum cf_code store_refused(struct cf_ref_server *server,
                                  const struct cf_ref_request *request)
{
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    struct upload upload = read_upload(&server->on, request);
    struct cf_ref_update update = {0};
    if (!cvm || !upload.bytes)
        return CF_OK;
    enum cf_code code =
        cf_ref_update_set(&update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, upload.bytes, upload.len);
    if (code == CF_OK)
        cf_ref_cvm_change(cvm, &update);
    cf_ref_update_release(&update);
    return code;
}

enum cf_code cf_ref_handle_update_script(struct cf_ref_server *server,
                                         const struct cf_ref_request *request,
                                         struct cf_ref_answer *answer)
{
    struct cf_ref_update update = {0};
    bool ok = true;
    enum cf_code code = CF_OK;
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_SCRIPT, answer);
    if (cvm && cvm->role == CF_REF_ROLE_GPU_RENTAL &&
        cf_ref_has(&server->on, CF_REF_VAR_SCRIPT_REFUSES_RENTALS)) {
        cf_ref_answer_sentence(answer, 403, "This CVM is managed by a GPU rental");
        return CF_OK;
    }
    if (cvm)
        code = read_script(server, request, &update, answer, &ok);
    else if (answer->reason == CF_REF_REASON_MISSING_KEY &&
             cf_ref_has(&server->on, CF_REF_DEV_AUTH_SCRIPT_MISSING_APPLIED))
        code = store_refused(server, request);
    if (ok && cvm && cvm->bugs.upload_count > 0 &&
        cf_ref_has(&server->on, CF_REF_DEV_SCRIPT_SECOND_REFUSED)) {
        cf_ref_answer_sentence(answer, 400, "The file exists");
        ok = false;
    }
    /* Phase 2 commits what phase 1 kept, so its body need not be a script. */
    if (cvm && cf_ref_phases_is_second(server, request, cvm))
        ok = true;
    if (cvm && code == CF_OK && ok)
        code = cf_ref_decide(server, request, cvm, CF_REF_ENDPOINT_SCRIPT, &update, false, answer);
    if (code == CF_OK)
        code = cf_ref_aftermath(server, cvm, CF_REF_ENDPOINT_SCRIPT, &update, answer);
    cf_ref_update_release(&update);
    return code;
}
