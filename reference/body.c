#include "reference/body.h"
#include "reference/media.h"
#include "reference/validate.h"

#include "harness/base/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { LARGE_BYTES = 1 << 20 };

static const struct cf_ref_loc whole_body = {.name = "body"};

/* ---- refusals of the body as a whole ---- */

static void refuse(struct cf_ref_server *server, const struct cf_ref_loc *loc, const char *type,
                   const char *message, enum cf_ref_reason reason, struct cf_ref_answer *answer)
{
    struct cf_ref_detail detail;
    cf_ref_detail_init(&detail, &server->on);
    if (reason == CF_REF_REASON_INVALID ||
        !cf_ref_has(&server->on, CF_REF_DEV_VALIDATION_BODY_DETAIL_EMPTY))
        cf_ref_detail_add(&detail, loc, type, message, NULL);
    cf_ref_answer_detail(answer, &detail);
    answer->reason = reason;
    cf_ref_detail_release(&detail);
}

void cf_ref_body_refuse_member(struct cf_ref_server *server, const char *member, const cJSON *value,
                               struct cf_ref_answer *answer)
{
    const struct cf_ref_loc loc = {.parent = &whole_body, .name = member};
    if (value)
        refuse(server, &loc, "string_type", "Input should be a valid string", CF_REF_REASON_INVALID,
               answer);
    else
        refuse(server, &loc, "missing", "Field required", CF_REF_REASON_INVALID, answer);
}

void cf_ref_body_refuse_terms(enum cf_ref_field field, const char *sentence,
                              struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    cf_ref_answer_sentence(answer, 400, sentence);
    answer->reason = CF_REF_REASON_TERMS;
    cf_ref_update_drop(update, field); /* where the others are stored by then */
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
    offset += column > 1 ? (size_t)column - 1 : 0;
    return offset < body_len ? offset : body_len;
}

/* ---- not JSON ---- */

/* Whether a deviation lets the server crash over this body, which is not JSON it can keep. */
static bool throws_at(const struct cf_ref_switches *on, const struct cf_ref_request *request,
                      enum cf_code code)
{
    const char *body = request->body;
    enum cf_ref_id exception = CF_REF_DEV_VALIDATION_MALFORMED_JSON_500;
    if (code == CF_ELIMIT)
        exception = CF_REF_DEV_ROBUSTNESS_DEEP_NESTING_500;
    else if (!cf_utf8_valid(body, request->body_len))
        exception = CF_REF_DEV_ROBUSTNESS_INVALID_UTF8_500;
    else if (strstr(body, "\\u0000") || memchr(body, '\0', request->body_len))
        exception = CF_REF_DEV_ROBUSTNESS_NUL_500;
    return cf_ref_has(on, exception);
}

static void refuse_malformed(struct cf_ref_server *server, const struct cf_ref_request *request,
                             enum cf_code code, size_t offset, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    const struct cf_ref_loc loc = {.parent = &whole_body, .index = offset};
    if (throws_at(on, request, code))
        cf_ref_answer_exception(answer);
    else if (cf_ref_has(on, CF_REF_VAR_MALFORMED_JSON_400))
        cf_ref_answer_sentence(answer, 400, "Invalid request");
    else
        refuse(server, &loc, "json_invalid", "JSON decode error", CF_REF_REASON_MALFORMED, answer);
    answer->reason = CF_REF_REASON_MALFORMED;
}

static bool parse_as_empty(struct cf_json_doc *doc)
{
    return cf_json_parse(doc, "body", "{}", 2, 0, NULL) == CF_OK;
}

/* What a lenient parser makes of a body that is not JSON; false: nothing either. */
static bool parse_leniently(const struct cf_ref_switches *on, const struct cf_ref_request *request,
                            size_t offset, struct cf_json_doc *doc)
{
    if (offset == request->body_len && cf_ref_has(on, CF_REF_DEV_VALIDATION_CUT_JSON_ACCEPTED))
        return parse_as_empty(doc);
    return offset > 0 && cf_ref_has(on, CF_REF_DEV_VALIDATION_JSON_TAIL_IGNORED) &&
           cf_json_parse(doc, "body", request->body, offset, 0, NULL) == CF_OK;
}

/* ---- before it is read ---- */

bool cf_ref_body_is_wanted(const struct cf_ref_switches *on, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    bool query = cf_ref_has(on, CF_REF_DEV_CONFLICT_LOCKED_AFTER_QUERY) ||
                 cf_ref_has(on, CF_REF_DEV_CONFLICT_SCRIPT_LOCKED_AFTER_QUERY);
    if (request->body_len > LARGE_BYTES && cf_ref_has(on, CF_REF_DEV_CONFLICT_LOCKED_AFTER_LARGE)) {
        cf_ref_answer_sentence(answer, 413, "The body is too large");
        answer->reason = CF_REF_REASON_TOO_LARGE;
    } else if (query && strchr(request->target, '?') && !strstr(request->target, "?file=")) {
        cf_ref_answer_sentence(answer, 400, "There is no such option");
        answer->reason = CF_REF_REASON_QUERY;
    } else {
        return true;
    }
    return false;
}

/* ---- the media type ---- */

/* A type other than JSON. Whether the body is nevertheless read, as an empty object. */
static bool overlooks_type(struct cf_ref_server *server, struct cf_json_doc *doc,
                           struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_CONTENT_TYPE_IGNORED))
        return parse_as_empty(doc);
    if (cf_ref_has(on, CF_REF_DEV_ROBUSTNESS_CONTENT_TYPE_500))
        cf_ref_answer_exception(answer);
    else if (cf_ref_has(on, CF_REF_VAR_FOREIGN_TYPES_415))
        cf_ref_answer_sentence(answer, 415, "Send application/json");
    else
        refuse(server, &whole_body, "model_attributes_type", "Input should be a valid object",
               CF_REF_REASON_INVALID, answer);
    answer->foreign_type = true;
    return false;
}

static bool is_json_type(const struct cf_ref_switches *on, const char *content_type)
{
    return !content_type || cf_ref_media_is_json(content_type) ||
           cf_ref_has(on, CF_REF_VAR_JSON_UNDER_ANY_LABEL);
}

bool cf_ref_body_parse(struct cf_ref_server *server, const struct cf_ref_request *request,
                       struct cf_json_doc *doc, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    const char *type = request->content_type;
    struct cf_err err;
    *doc = (struct cf_json_doc){0};
    if (request->body_len == 0) {
        refuse(server, &whole_body, "missing", "Field required", CF_REF_REASON_NO_BODY, answer);
        return false;
    }
    if (type && strcmp(type, "application/json") != 0 &&
        cf_ref_has(on, CF_REF_DEV_VALIDATION_CONTENT_TYPE_EXACT)) {
        cf_ref_answer_sentence(answer, 415, "Send application/json");
        return false;
    }
    if (!is_json_type(on, type))
        return overlooks_type(server, doc, answer);
    /* A NUL could not be kept: settings reach the CVM in files and environment variables. */
    int flags =
        cf_ref_has(on, CF_REF_DEV_PARTIAL_TEXT_ENDS_AT_NUL) ? 0 : CF_JSON_REFUSE_UNSPEAKABLE;
    enum cf_code code = cf_json_parse(doc, "body", request->body, request->body_len, flags, &err);
    if (code == CF_OK)
        return true;
    size_t offset = fault_offset(&err, request->body, request->body_len);
    if (parse_leniently(on, request, offset, doc))
        return true;
    refuse_malformed(server, request, code, offset, answer);
    return false;
}

/* ---- update-cvm ---- */

/* Refuse, or take as an operation that fails, sizes that the schema lets through and no machine can
 * have. */
static bool is_possible(struct cf_ref_server *server, struct cf_ref_update *update,
                        struct cf_ref_answer *answer)
{
    static const enum cf_ref_field sizes[] = {CF_REF_FIELD_VCPU, CF_REF_FIELD_MEMORY,
                                              CF_REF_FIELD_DISK_SIZE};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const char *size = update->to.of[sizes[i]].bytes;
        if (!size || (size[0] != '-' && size[0] != '0'))
            continue;
        /* The operation that fails is one that changes nothing. */
        if (cf_ref_has(&server->on, CF_REF_VAR_IMPOSSIBLE_SIZES_FAIL)) {
            cf_ref_update_release(update);
            return true;
        }
        const struct cf_ref_loc loc = {.parent = &whole_body, .name = cf_ref_field(sizes[i])->name};
        if (cf_ref_has(&server->on, CF_REF_VAR_IMPOSSIBLE_SIZES_422))
            refuse(server, &loc, "greater_than_equal", "Sizes start at one", CF_REF_REASON_INVALID,
                   answer);
        else
            cf_ref_body_refuse_terms(sizes[i], "Sizes start at one", update, answer);
        return false;
    }
    return true;
}

static bool is_known_mode(const struct cf_ref_update *update)
{
    static const char *const known[] = {"\"attach_mode\":\"listed\"}", "\"attach_mode\":\"all\"}"};
    const struct cf_ref_value *gpus = &update->to.of[CF_REF_FIELD_GPUS];
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t len = strlen(known[i]);
        if (gpus->len >= len && strcmp(gpus->bytes + gpus->len - len, known[i]) == 0)
            return true;
    }
    return false;
}

/* {} without a proof. False: it is refused. */
static bool takes_nothing(struct cf_ref_server *server, struct cf_ref_answer *answer)
{
    if (cf_ref_has(&server->on, CF_REF_VAR_EMPTY_OBJECT_400))
        cf_ref_answer_sentence(answer, 400, "There is nothing to update");
    else if (cf_ref_has(&server->on, CF_REF_DEV_PARTIAL_EMPTY_OBJECT_422))
        refuse(server, &whole_body, "too_short", "Nothing to update", CF_REF_REASON_INVALID,
               answer);
    else
        return true;
    return false;
}

/* Members that some servers take only together with another one. */
static const struct {
    enum cf_ref_id id;
    enum cf_ref_field field;
    enum cf_ref_field needs;
    const char *complaint; /* 400 with this sentence; NULL: 422 for the missing member */
} companions[] = {
    {CF_REF_DEV_PARTIAL_MEMORY_NEEDS_VCPU, CF_REF_FIELD_MEMORY, CF_REF_FIELD_VCPU, NULL},
    {CF_REF_DEV_PARTIAL_ENCRYPTED_ENV_NEEDS_ENVS, CF_REF_FIELD_ENCRYPTED_ENV,
     CF_REF_FIELD_ALLOWED_ENVS, "Say which variables these are"},
};

static bool has_companions(struct cf_ref_server *server, const struct cf_ref_update *update,
                           struct cf_ref_answer *answer)
{
    for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++) {
        if (!cf_ref_update_has(update, companions[i].field) ||
            cf_ref_update_has(update, companions[i].needs) ||
            !cf_ref_has(&server->on, companions[i].id))
            continue;
        if (companions[i].complaint)
            cf_ref_answer_sentence(answer, 400, companions[i].complaint);
        else
            cf_ref_body_refuse_member(server, cf_ref_field(companions[i].needs)->name, NULL,
                                      answer);
        return false;
    }
    return true;
}

/* Whether the server takes this set of members, each of which is valid. */
static bool is_complete(struct cf_ref_server *server, const struct cf_ref_request *request,
                        const cJSON *body, const struct cf_ref_update *update,
                        struct cf_ref_answer *answer)
{
    bool proof = request->compose_hash || request->transaction_hash;
    if (!body->child && !proof)
        return takes_nothing(server, answer);
    if (cf_ref_update_has(update, CF_REF_FIELD_GPUS) && !is_known_mode(update) &&
        cf_ref_has(&server->on, CF_REF_VAR_ATTACH_MODES_CHECKED)) {
        cf_ref_answer_sentence(answer, 400, "The attach modes are listed and all");
        return false;
    }
    return has_companions(server, update, answer);
}

/* A server that misses the body altogether. */
static bool overlooks_absence(const struct cf_ref_switches *on, struct cf_ref_answer *answer)
{
    if (cf_ref_has(on, CF_REF_DEV_VALIDATION_NO_BODY_500))
        cf_ref_answer_exception(answer);
    return cf_ref_has(on, CF_REF_DEV_VALIDATION_NO_BODY_ACCEPTED);
}

/* The tree as an update, or the refusal of it. */
static bool check(struct cf_ref_server *server, const struct cf_ref_request *request,
                  const cJSON *body, struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    struct cf_ref_detail detail;
    cf_ref_detail_init(&detail, &server->on);
    cf_ref_validate(&server->on, body, update, &detail);
    bool good = detail.count == 0 && !detail.exception;
    if (!good)
        cf_ref_answer_detail(answer, &detail);
    if (answer->reason == CF_REF_REASON_INVALID && !cJSON_IsObject(body))
        answer->reason = CF_REF_REASON_NO_OBJECT;
    cf_ref_detail_release(&detail);
    return good && is_possible(server, update, answer) &&
           is_complete(server, request, body, update, answer);
}

bool cf_ref_body_read_update(struct cf_ref_server *server, const struct cf_ref_request *request,
                             struct cf_ref_update *update, struct cf_ref_answer *answer)
{
    struct cf_json_doc doc;
    bool good = cf_ref_body_parse(server, request, &doc, answer);
    if (request->body_len == 0)
        return overlooks_absence(&server->on, answer);
    if (good)
        good = check(server, request, doc.root, update, answer);
    cf_json_release(&doc);
    return good;
}
