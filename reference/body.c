#include "reference/body.h"
#include "reference/media.h"
#include "reference/validate.h"

#include <stdlib.h>
#include <string.h>

static const struct cf_ref_loc whole_body = {.name = "body"};

/* ---- refusals of the body as a whole ---- */

static void refuse(struct cf_ref_server *server, const struct cf_ref_loc *loc, const char *type,
                   const char *message, struct cf_ref_answer *answer)
{
    struct cf_ref_detail detail;
    cf_ref_detail_init(&detail, &server->on);
    cf_ref_detail_add(&detail, loc, type, message, NULL);
    cf_ref_answer_detail(answer, &detail);
    cf_ref_detail_release(&detail);
}

void cf_ref_body_refuse_member(struct cf_ref_server *server, const char *member, const cJSON *value,
                               struct cf_ref_answer *answer)
{
    const struct cf_ref_loc loc = {.parent = &whole_body, .name = member};
    if (value)
        refuse(server, &loc, "string_type", "Input should be a valid string", answer);
    else
        refuse(server, &loc, "missing", "Field required", answer);
}

/* The parser's "body:LINE:COLUMN: what" as an offset; 0 where the text has no place. */
static size_t fault_offset(const struct cf_err *err, const char *body, size_t body_len)
{
    char *end = NULL;
    size_t offset = 0;
    if (strncmp(err->text, "body:", 5) != 0)
        return 0;
    long line = strtol(err->text + 5, &end, 10);
    long column = *end == ':' ? strtol(end + 1, NULL, 10) : 1;
    for (; line > 1; line--) {
        const char *newline = memchr(body + offset, '\n', body_len - offset);
        if (!newline)
            return offset;
        offset = (size_t)(newline - body) + 1;
    }
    return column > 1 ? offset + (size_t)column - 1 : offset;
}

static void refuse_malformed(struct cf_ref_server *server, const struct cf_ref_request *request,
                             const struct cf_err *err, struct cf_ref_answer *answer)
{
    if (cf_varies(&server->on, CF_VAR_MALFORMED_JSON_400)) {
        cf_ref_answer_sentence(answer, 400, "Invalid request");
        return;
    }
    struct cf_ref_loc loc = {.parent = &whole_body,
                             .index = fault_offset(err, request->body, request->body_len)};
    refuse(server, &loc, "json_invalid", "JSON decode error", answer);
}

enum cf_code cf_ref_body_parse(struct cf_ref_server *server, const struct cf_ref_request *request,
                               struct cf_json_doc *doc, struct cf_ref_answer *answer, bool *out_ok)
{
    struct cf_err err;
    *doc = (struct cf_json_doc){0};
    *out_ok = false;
    if (request->body_len == 0) {
        refuse(server, &whole_body, "missing", "Field required", answer);
        return CF_OK;
    }
    if (request->content_type && !cf_ref_media_is_json(request->content_type)) {
        refuse(server, &whole_body, "model_attributes_type", "Input should be a valid object",
               answer);
        return CF_OK;
    }
    /* A NUL could not be kept: settings reach the CVM in files and environment variables. */
    enum cf_code code =
        cf_json_parse(doc, "body", request->body, request->body_len, CF_JSON_REFUSE_NUL, &err);
    if (code == CF_EINPUT || code == CF_ELIMIT) {
        refuse_malformed(server, request, &err, answer);
        return CF_OK;
    }
    *out_ok = code == CF_OK;
    return code;
}

/* ---- update-cvm ---- */

/* Sizes that the schema lets through and no machine can have. */
static bool is_possible(const struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    static const enum cf_ref_field sizes[] = {CF_FIELD_VCPU, CF_FIELD_MEMORY, CF_FIELD_DISK_SIZE};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const char *size = update->to.of[sizes[i]].bytes;
        if (size && (size[0] == '-' || size[0] == '0')) {
            cf_ref_answer_sentence(answer, 400, "Sizes start at one");
            return false;
        }
    }
    return true;
}

enum cf_code cf_ref_body_read_update(struct cf_ref_server *server,
                                     const struct cf_ref_request *request,
                                     struct cf_ref_update *update, struct cf_ref_answer *answer,
                                     bool *out_ok)
{
    struct cf_json_doc doc;
    struct cf_ref_detail detail;
    enum cf_code code = cf_ref_body_parse(server, request, &doc, answer, out_ok);
    if (code != CF_OK || !*out_ok)
        return code;
    cf_ref_detail_init(&detail, &server->on);
    code = cf_ref_validate(&server->on, doc.root, update, &detail);
    if (detail.count > 0)
        cf_ref_answer_detail(answer, &detail);
    *out_ok = detail.count == 0 && is_possible(update, answer);
    cf_ref_detail_release(&detail);
    cf_json_release(&doc);
    return code;
}
