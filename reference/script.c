/* The handler of update-pre-launch-script. */
#include "reference/admit.h"
#include "reference/aftermath.h"
#include "reference/body.h"
#include "reference/decide.h"
#include "reference/handlers.h"
#include "reference/media.h"
#include "reference/multipart.h"
#include "reference/phases.h"
#include "reference/rules.h"
#include "reference/spoil.h"
#include "reference/terms.h"

#include "harness/base/utf8.h"

#include <string.h>

struct upload {
    const char *bytes;
    size_t len;
    bool as_ascii;             /* a bug: other bytes are lost */
    enum cf_ref_reason reason; /* why there is none */
    const char *complaint;     /* NULL: there is one */
};

/* A script that is there and empty, as against no script at all. */
static const char nothing[] = "";

static struct upload refused(enum cf_ref_reason reason, const char *complaint)
{
    return (struct upload){.reason = reason, .complaint = complaint};
}

/* What bugs and liberties make of an upload that the contract refuses, or refuse of one it takes.
 */
enum point {
    RAW_TYPE_TAKEN,     /* a content type that is not a script's is read as one */
    RAW_SCRIPT_REFUSED, /* one that is, is not */
    PART_TYPE_CHECKED,
    NO_BODY_TAKEN,
    NO_FILE_TAKEN,
    EMPTY_FILE_TAKEN,
    ALL_REFUSED
};

enum { IS_JSON = 1, IS_FORM = 2 };

static const struct cf_ref_rule rows[] = {
    CF_REF_ROW(CF_REF_DEV_SCRIPT_JSON_ACCEPTED, RAW_TYPE_TAKEN, .when = IS_JSON),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_ANY_TYPE_ACCEPTED, RAW_TYPE_TAKEN, .unless = IS_JSON | IS_FORM),
    CF_REF_ROW(CF_REF_VAR_RAW_SCRIPT_REFUSED, RAW_SCRIPT_REFUSED),
    CF_REF_ROW(CF_REF_VAR_PART_TYPE_CHECKED, PART_TYPE_CHECKED),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_PART_TYPE_CHECKED, PART_TYPE_CHECKED),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_NO_BODY_ACCEPTED, NO_BODY_TAKEN),
    CF_REF_ROW(CF_REF_VAR_ABSENT_FILE_RESTARTS, NO_FILE_TAKEN),
    CF_REF_ROW(CF_REF_VAR_EMPTY_FILE_CLEARS, EMPTY_FILE_TAKEN),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_EMPTY_FILE_ACCEPTED, EMPTY_FILE_TAKEN),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_SCRIPT_REFUSED, ALL_REFUSED),
};

static bool hits(const struct cf_ref_switches *on, enum point point, uint32_t facts)
{
    static const struct cf_ref_rules rules = CF_REF_RULES(rows);
    return cf_ref_rule(on, &rules, (int)point, facts) != NULL;
}

static bool is_raw_script(const struct cf_ref_switches *on, const char *content_type)
{
    static const char *const types[] = {"text/plain", "text/x-shellscript", "text/x-sh",
                                        "application/x-sh", "application/octet-stream"};
    uint32_t facts = cf_ref_media_is(content_type, "application/json") ? IS_JSON : 0U;
    facts |= cf_ref_media_is(content_type, "multipart/form-data") ? IS_FORM : 0U;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (cf_ref_media_is(content_type, types[i]))
            return !hits(on, RAW_SCRIPT_REFUSED, facts);
    }
    return hits(on, RAW_TYPE_TAKEN, facts);
}

/* Bugs that read a part by what it says of its text. */
static bool is_read_as_ascii(const struct cf_ref_switches *on, const struct cf_ref_part *part)
{
    char charset[64];
    if (cf_ref_media_parameter(part->content_type, "charset", charset, sizeof(charset)))
        return cf_ref_has(on, CF_REF_DEV_SCRIPT_CHARSET_MISREAD);
    return cf_ref_media_is(part->content_type, "text/plain") &&
           cf_ref_has(on, CF_REF_DEV_SCRIPT_TEXT_PART_ASCII);
}

static struct upload read_form(const struct cf_ref_switches *on,
                               const struct cf_ref_request *request)
{
    char boundary[CF_REF_BOUNDARY_MAX + 1];
    struct cf_ref_part part;
    bool quoted = strstr(request->content_type, "boundary=\"");
    if (!cf_ref_media_parameter(request->content_type, "boundary", boundary, sizeof(boundary)) ||
        (quoted && cf_ref_has(on, CF_REF_DEV_SCRIPT_QUOTED_BOUNDARY_REFUSED)))
        return refused(CF_REF_REASON_MALFORMED, "The content type has no usable boundary");
    const char *name = cf_ref_has(on, CF_REF_DEV_SCRIPT_FIRST_PART_TAKEN) ? NULL : "file";
    enum cf_code code =
        cf_ref_multipart_find(request->body, request->body_len, boundary, name, &part, NULL);
    struct cf_ref_part older;
    if (cf_ref_has(on, CF_REF_DEV_SCRIPT_OTHER_NAME_TAKEN) &&
        cf_ref_multipart_find(request->body, request->body_len, boundary, "script", &older, NULL) ==
            CF_OK)
        part = older;
    if (code == CF_ENOTFOUND && hits(on, NO_FILE_TAKEN, 0))
        return (struct upload){0};
    if (code == CF_ENOTFOUND)
        return refused(CF_REF_REASON_NO_BODY, "The form has no part named file");
    if (code != CF_OK)
        return refused(CF_REF_REASON_MALFORMED, "The form cannot be read");
    if (hits(on, PART_TYPE_CHECKED, 0) &&
        !cf_ref_media_is(part.content_type, "application/octet-stream"))
        return refused(CF_REF_REASON_CONTENT_TYPE, "The file is not application/octet-stream");
    return (struct upload){.bytes = part.len > 0 ? part.bytes : nothing,
                           .len = part.len,
                           .as_ascii = is_read_as_ascii(on, &part)};
}

static struct upload read_upload(const struct cf_ref_switches *on,
                                 const struct cf_ref_request *request)
{
    struct upload upload = {.bytes = request->body, .len = request->body_len};
    bool raw = is_raw_script(on, request->content_type);
    if (request->body_len == 0)
        return hits(on, NO_BODY_TAKEN, 0) ? (struct upload){0}
                                          : refused(CF_REF_REASON_NO_BODY, "The body is empty");
    if (!raw && !cf_ref_media_is(request->content_type, "multipart/form-data"))
        return refused(CF_REF_REASON_CONTENT_TYPE, "Send the script as multipart/form-data");
    if (!raw)
        upload = read_form(on, request);
    if (upload.complaint || !upload.bytes)
        return upload;
    if (upload.len == 1 && *upload.bytes == '0' && cf_ref_has(on, CF_REF_DEV_SCRIPT_NAUGHT_ABSENT))
        return (struct upload){0};
    if (upload.len == 0 && !hits(on, EMPTY_FILE_TAKEN, 0))
        return refused(CF_REF_REASON_NO_BODY, "The file is empty");
    if (hits(on, ALL_REFUSED, 0))
        return refused(CF_REF_REASON_OTHER, "Scripts cannot be uploaded at present");
    /* The script becomes a JSON string in the compose document. */
    if (!cf_utf8_valid(upload.bytes, upload.len))
        return refused(CF_REF_REASON_NOT_TEXT, "The script is not UTF-8");
    return upload;
}

/* The 400 for an upload that was refused; what was sent all the same goes to update, for bugs that
 * store it. */
static void refuse(struct cf_ref_server *server, const struct cf_ref_request *request,
                   const struct upload *upload, struct cf_ref_update *update,
                   struct cf_ref_answer *answer)
{
    bool whole = upload->reason == CF_REF_REASON_CONTENT_TYPE;
    if (upload->reason == CF_REF_REASON_NO_BODY && request->body_len > 0 &&
        cf_ref_has(&server->on, CF_REF_VAR_ABSENT_FILE_422))
        cf_ref_body_refuse_member(server, "file", NULL, answer);
    else
        cf_ref_answer_sentence(answer, 400, upload->complaint);
    answer->reason = upload->reason;
    answer->lacks_part = upload->reason == CF_REF_REASON_NO_BODY && request->body_len > 0;
    cf_ref_update_set(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, whole ? request->body : nothing,
                      whole ? request->body_len : 0);
}

/* Bugs that take more for the script than the file. */
static void take_more(const struct cf_ref_switches *on, const struct cf_ref_request *request,
                      struct cf_ref_update *update)
{
    const struct cf_ref_value *script = &update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT];
    const char *query = request->target ? strstr(request->target, "?file=") : NULL;
    char boundary[CF_REF_BOUNDARY_MAX + 1];
    struct cf_ref_part more;
    struct cf_buf all = {0};
    if (query && cf_ref_has(on, CF_REF_DEV_SCRIPT_QUERY_TAKEN))
        cf_ref_update_set_text(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, query + 6);
    bool joined = cf_ref_has(on, CF_REF_DEV_SCRIPT_FILES_JOINED);
    bool later = cf_ref_has(on, CF_REF_DEV_SCRIPT_LATER_PART_TAKEN);
    if ((!joined && !later) || script->len == 0)
        return;
    /* Any part after the one that was found begins behind it. */
    const char *first = strstr(request->body, script->bytes);
    size_t rest = first ? request->body_len - (size_t)(first - request->body) : 0;
    if (cf_ref_media_parameter(request->content_type, "boundary", boundary, sizeof(boundary)) &&
        cf_ref_multipart_find(first ? first : "", rest, boundary, joined ? "file" : NULL, &more,
                              NULL) == CF_OK) {
        if (joined)
            cf_buf_append(&all, script->bytes, script->len);
        cf_buf_append(&all, more.bytes, more.len);
        cf_ref_update_set(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, all.data, all.len);
        cf_buf_release(&all);
    }
}

/* Put the uploaded script into update (none: a restart with the script there is), or refuse it. */
static bool read_script(struct cf_ref_server *server, const struct cf_ref_request *request,
                        struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    struct upload upload = read_upload(&server->on, request);
    if (upload.complaint)
        refuse(server, request, &upload, update, answer);
    else if (upload.bytes)
        cf_ref_update_set(update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, upload.bytes, upload.len);
    if (upload.bytes && upload.as_ascii)
        cf_ref_spoil_to_ascii(&update->to.of[CF_REF_FIELD_PRE_LAUNCH_SCRIPT]);
    if (!upload.complaint)
        take_more(&server->on, request, update);
    return !upload.complaint;
}

/* Bugs: the script of a caller who was turned away is stored. */
static bool is_stored_refused(struct cf_ref_server *server, const struct cf_ref_request *request,
                              const struct cf_ref_answer *answer)
{
    const struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    if (answer->reason == CF_REF_REASON_MISSING_KEY)
        return cf_ref_has(&server->on, CF_REF_DEV_AUTH_SCRIPT_MISSING_APPLIED);
    return answer->reason == CF_REF_REASON_WRONG_KEY && cvm && cvm->kms != CF_REF_KMS_PHALA &&
           cf_ref_has(&server->on, CF_REF_DEV_AUTH_OWNED_SCRIPT_APPLIED);
}

static void store_refused(struct cf_ref_server *server, const struct cf_ref_request *request)
{
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    struct upload upload = read_upload(&server->on, request);
    struct cf_ref_update update = {0};
    if (!cvm || !upload.bytes)
        return;
    cf_ref_update_set(&update, CF_REF_FIELD_PRE_LAUNCH_SCRIPT, upload.bytes, upload.len);
    cf_ref_cvm_change(cvm, &update);
}

/* Bugs and liberties that refuse a script that could be read. */
static bool refuses_anyway(const struct cf_ref_switches *on, const struct cf_ref_cvm *cvm,
                           struct cf_ref_answer *answer)
{
    if (cvm->bugs.upload_count > 0 && cf_ref_has(on, CF_REF_DEV_SCRIPT_SECOND_REFUSED))
        cf_ref_answer_sentence(answer, 400, "The file exists");
    else
        return false;
    return true;
}

/* An admitted request: read it, then decide. Phase 2 commits what phase 1 kept, so its body need
 * not be a script. */
static void read_and_decide(struct cf_ref_server *server, const struct cf_ref_request *request,
                            struct cf_ref_cvm *cvm, struct cf_ref_update *update,
                            struct cf_ref_answer *answer)
{
    if (!cf_ref_body_is_wanted(&server->on, request, answer))
        return;
    cvm->bugs.raw_upload = !cf_ref_media_is(request->content_type, "multipart/form-data");
    bool good = read_script(server, request, update, answer) &&
                cf_ref_terms_keep(&server->on, cvm, update, answer) &&
                !refuses_anyway(&server->on, cvm, answer);
    bool second = cf_ref_phases_is_second(server, request, cvm);
    if (!good && second)
        cf_ref_update_release(update);
    if (good || second)
        cf_ref_decide(server, request, cvm, CF_REF_ENDPOINT_SCRIPT, update, false, answer);
}

void cf_ref_handle_update_script(struct cf_ref_server *server, const struct cf_ref_request *request,
                                 struct cf_ref_answer *answer)
{
    struct cf_ref_update update = {0};
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_SCRIPT, answer);
    if (cvm)
        read_and_decide(server, request, cvm, &update, answer);
    else if (is_stored_refused(server, request, answer))
        store_refused(server, request);
    cf_ref_aftermath(server, cvm ? cvm : cf_ref_server_find(server, request->cvm_id),
                     CF_REF_ENDPOINT_SCRIPT, &update, answer);
    cf_ref_update_release(&update);
}
