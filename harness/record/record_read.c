/* A run record from its JSON object. */
#include "harness/base/base64.h"
#include "harness/base/json.h"
#include "harness/record/record.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX_BYTES = 256 << 20 };

static const char *const kind_names[] = {"http", "hook", "timeout"};

static enum cf_code bad(struct cf_err *err, const char *key, const char *wanted, const cJSON *got)
{
    return cf_err_set(err, CF_EINPUT, "%s: expected %s, got %s", key, wanted, cf_json_type(got));
}

/* Copy a member's text. Absent and null leave NULL, which is an error where it is needed. */
static enum cf_code take_text(const cJSON *object, const char *key, bool needed, char **out_text,
                              struct cf_err *err)
{
    const cJSON *member = cf_json_get(object, key);
    if (!needed && (!member || cJSON_IsNull(member)))
        return CF_OK;
    if (!cJSON_IsString(member))
        return bad(err, key, "string", member);
    free(*out_text);
    *out_text = strdup(member->valuestring);
    return *out_text ? CF_OK : cf_err_nomem(err);
}

static enum cf_code take_int(const cJSON *object, const char *key, int *out_value,
                             struct cf_err *err)
{
    const cJSON *member = cf_json_get(object, key);
    if (!member)
        return CF_OK;
    if (!cf_json_is_integer(member) || member->valuedouble < INT_MIN ||
        member->valuedouble > INT_MAX)
        return bad(err, key, "small integer", member);
    *out_value = (int)member->valuedouble;
    return CF_OK;
}

static enum cf_code take_number(const cJSON *object, const char *key, double *out_value,
                                struct cf_err *err)
{
    const cJSON *member = cf_json_get(object, key);
    if (!member)
        return CF_OK;
    if (!cJSON_IsNumber(member))
        return bad(err, key, "number", member);
    *out_value = member->valuedouble;
    return CF_OK;
}

/* Absent and null read as an empty list. */
static enum cf_code list_at(const cJSON *object, const char *key, int type, const cJSON **out_list,
                            struct cf_err *err)
{
    const cJSON *member = cf_json_get(object, key);
    *out_list = NULL;
    if (!member || cJSON_IsNull(member))
        return CF_OK;
    if ((member->type & 0xff) != type)
        return bad(err, key, type == cJSON_Array ? "array" : "object", member);
    *out_list = member;
    return CF_OK;
}

static enum cf_code decode(const cJSON *text, const char *key, struct cf_buf *out,
                           struct cf_err *err)
{
    if (!cf_base64_decode(out, text->valuestring, strlen(text->valuestring)))
        return cf_err_set(err, CF_EINPUT, "%s: not base64", key);
    return cf_buf_check(out, err);
}

/* ---- headers and bodies ---- */

static enum cf_code read_header_value(const char *name, const cJSON *value,
                                      struct cf_headers *headers, struct cf_err *err)
{
    const cJSON *coded = cf_json_get(value, "base64");
    if (!cJSON_IsString(value) && !cJSON_IsString(coded))
        return bad(err, "headers", "string", value);
    if (cJSON_IsString(value))
        return cf_headers_add(headers, name, value->valuestring) == CF_OK ? CF_OK
                                                                          : cf_err_nomem(err);
    struct cf_buf plain;
    cf_buf_init(&plain, BODY_MAX_BYTES);
    enum cf_code code = decode(coded, "headers", &plain, err);
    if (code == CF_OK && cf_headers_add(headers, name, cf_buf_text(&plain)) != CF_OK)
        code = cf_err_nomem(err);
    cf_buf_release(&plain);
    return code;
}

static enum cf_code read_headers(const cJSON *side, struct cf_headers *headers, struct cf_err *err)
{
    const cJSON *object;
    enum cf_code code = list_at(side, "headers", cJSON_Object, &object, err);
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        const cJSON *value = cJSON_IsArray(member) ? member->child : member;
        for (; value && code == CF_OK; value = cJSON_IsArray(member) ? value->next : NULL)
            code = read_header_value(member->string, value, headers, err);
    }
    return code;
}

static enum cf_code read_body(const cJSON *side, struct cf_body *body, struct cf_err *err)
{
    const cJSON *coded = cf_json_get(side, "body_base64");
    if (!cJSON_IsString(coded)) {
        enum cf_code code = take_text(side, "body", false, &body->bytes, err);
        body->len = body->bytes ? strlen(body->bytes) : 0;
        return code;
    }
    struct cf_buf plain;
    cf_buf_init(&plain, BODY_MAX_BYTES);
    enum cf_code code = decode(coded, "body_base64", &plain, err);
    if (code == CF_OK) {
        body->bytes = cf_buf_take(&plain, &body->len);
        code = body->bytes ? CF_OK : cf_err_nomem(err);
    }
    cf_buf_release(&plain);
    return code;
}

/* ---- exchanges ---- */

static enum cf_code read_kind(const cJSON *object, struct cf_exchange *out, struct cf_err *err)
{
    const char *name = cf_json_text(object, "kind", kind_names[CF_EXCHANGE_HTTP]);
    for (int kind = 0; kind < 3; kind++) {
        if (strcmp(name, kind_names[kind]) == 0) {
            out->kind = (enum cf_exchange_kind)kind;
            return CF_OK;
        }
    }
    return cf_err_set(err, CF_EINPUT, "kind: unknown kind of exchange");
}

static enum cf_code read_error(const cJSON *object, struct cf_exchange *out, struct cf_err *err)
{
    const char *name = cf_json_text(object, "error", NULL);
    if (!name || cf_code_parse(name, &out->error))
        return CF_OK;
    return cf_err_set(err, CF_EINPUT, "error: unknown kind of error");
}

static enum cf_code read_request(const cJSON *object, struct cf_exchange *out, struct cf_err *err)
{
    const cJSON *side;
    enum cf_code code = list_at(object, "request", cJSON_Object, &side, err);
    if (code == CF_OK)
        code = take_text(side, "method", false, &out->method, err);
    if (code == CF_OK)
        code = take_text(side, "url", false, &out->url, err);
    if (code == CF_OK)
        code = take_text(side, "hook", false, &out->hook, err);
    if (code == CF_OK)
        code = read_headers(side, &out->request_headers, err);
    return code == CF_OK ? read_body(side, &out->request_body, err) : code;
}

static enum cf_code read_response(const cJSON *object, struct cf_exchange *out, struct cf_err *err)
{
    const cJSON *side;
    enum cf_code code = list_at(object, "response", cJSON_Object, &side, err);
    if (code == CF_OK)
        code = take_int(side, "status", &out->status, err);
    if (code == CF_OK)
        code = take_number(side, "duration_ms", &out->duration_ms, err);
    if (code == CF_OK)
        code = read_headers(side, &out->response_headers, err);
    return code == CF_OK ? read_body(side, &out->response_body, err) : code;
}

static enum cf_code read_exchange(const cJSON *object, struct cf_exchange *out, struct cf_err *err)
{
    out->step = -1;
    out->purpose = strdup("");
    enum cf_code code = out->purpose ? read_kind(object, out, err) : cf_err_nomem(err);
    if (code == CF_OK)
        code = take_int(object, "step", &out->step, err);
    if (code == CF_OK)
        code = take_text(object, "purpose", false, &out->purpose, err);
    if (code == CF_OK)
        code = take_text(object, "message", false, &out->message, err);
    if (code == CF_OK)
        code = read_error(object, out, err);
    if (code == CF_OK)
        code = take_number(object, "at_ms", &out->at_ms, err);
    if (code == CF_OK)
        code = take_number(object, "duration_ms", &out->duration_ms, err);
    if (code == CF_OK)
        code = read_request(object, out, err);
    return code == CF_OK ? read_response(object, out, err) : code;
}

static enum cf_code read_exchanges(const cJSON *object, struct cf_case_record *out,
                                   struct cf_err *err)
{
    const cJSON *list;
    enum cf_code code = list_at(object, "steps", cJSON_Array, &list, err);
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        struct cf_exchange *exchange = code == CF_OK ? cf_case_record_add_exchange(out) : NULL;
        if (code == CF_OK)
            code = exchange ? read_exchange(item, exchange, err) : cf_err_nomem(err);
    }
    if (code != CF_OK)
        (void)cf_err_prefix(err, "steps/%zu", out->exchange_count ? out->exchange_count - 1 : 0);
    return code;
}

/* ---- failures ---- */

static enum cf_code read_failure(const cJSON *object, struct cf_failure *out, struct cf_err *err)
{
    struct {
        const char *key;
        char **text;
    } texts[] = {{"file", &out->file},       {"source", &out->source},     {"place", &out->place},
                 {"pointer", &out->pointer}, {"expected", &out->expected}, {"actual", &out->actual},
                 {"message", &out->message}};
    enum cf_code code = take_int(object, "step", &out->step, err);
    if (code == CF_OK)
        code = take_int(object, "line", &out->line, err);
    for (size_t i = 0; code == CF_OK && i < sizeof(texts) / sizeof(texts[0]); i++)
        code = take_text(object, texts[i].key, false, texts[i].text, err);
    return code;
}

static enum cf_code read_failures(const cJSON *object, struct cf_case_record *out,
                                  struct cf_err *err)
{
    const cJSON *list;
    enum cf_code code = list_at(object, "failures", cJSON_Array, &list, err);
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        struct cf_failure *failure = code == CF_OK ? cf_case_record_add_failure(out) : NULL;
        if (code == CF_OK)
            code = failure ? read_failure(item, failure, err) : cf_err_nomem(err);
    }
    if (code != CF_OK)
        (void)cf_err_prefix(err, "failures/%zu", out->failure_count ? out->failure_count - 1 : 0);
    return code;
}

/* ---- the case ---- */

static enum cf_code read_list(const cJSON *object, const char *key, char ***out_texts,
                              size_t *out_count, struct cf_err *err)
{
    const cJSON *list;
    enum cf_code code = list_at(object, key, cJSON_Array, &list, err);
    size_t count = list ? (size_t)cJSON_GetArraySize(list) : 0;
    if (code != CF_OK || count == 0)
        return code;
    *out_texts = calloc(count, sizeof(**out_texts));
    if (!*out_texts)
        return cf_err_nomem(err);
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item))
            return bad(err, key, "string", item);
        char *text = strdup(item->valuestring);
        if (!text)
            return cf_err_nomem(err);
        (*out_texts)[(*out_count)++] = text;
    }
    return CF_OK;
}

static enum cf_code read_judgement(const cJSON *object, struct cf_case_record *out,
                                   struct cf_err *err)
{
    const char *level = cf_json_text(object, "level", "");
    const char *verdict = cf_json_text(object, "verdict", "");
    if (!cf_level_parse(level, &out->level))
        return cf_err_set(err, CF_EINPUT, "level: expected must, should or observe");
    if (!cf_verdict_parse(verdict, &out->verdict))
        return cf_err_set(err, CF_EINPUT,
                          "verdict: expected pass, fail, inconclusive, error or "
                          "not-applicable");
    const cJSON *observation = cf_json_get(object, "observation");
    if (!observation || cJSON_IsNull(observation))
        return CF_OK;
    struct cf_buf text;
    cf_buf_init(&text, BODY_MAX_BYTES);
    cf_json_print(&text, observation);
    enum cf_code code = cf_buf_check(&text, err);
    out->observation = code == CF_OK ? cf_buf_take(&text, NULL) : NULL;
    cf_buf_release(&text);
    return code;
}

static enum cf_code read_texts(const cJSON *object, struct cf_case_record *out, struct cf_err *err)
{
    struct {
        const char *key;
        bool needed;
        char **text;
    } texts[] = {{"id", true, &out->id},
                 {"suite", true, &out->suite},
                 {"title", true, &out->title},
                 {"reason", false, &out->reason},
                 {"cvm", false, &out->cvm},
                 {"started_at", false, &out->started_at},
                 {"statement", false, &out->statement},
                 {"file", false, &out->file},
                 {"control", false, &out->control}};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(texts) / sizeof(texts[0]); i++)
        code = take_text(object, texts[i].key, texts[i].needed, texts[i].text, err);
    return code;
}

static enum cf_code read_case(struct cf_case_record *out, const cJSON *object, struct cf_err *err)
{
    if (!cJSON_IsObject(object))
        return bad(err, "case", "object", object);
    out->attempt = 1;
    out->tries = 1;
    enum cf_code code = read_texts(object, out, err);
    if (code == CF_OK)
        code = read_list(object, "requirements", &out->requirements, &out->requirement_count, err);
    if (code == CF_OK)
        code = read_list(object, "cvms", &out->cvms, &out->cvm_count, err);
    if (code == CF_OK)
        code = read_judgement(object, out, err);
    if (code == CF_OK)
        code = take_int(object, "attempt", &out->attempt, err);
    if (code == CF_OK)
        code = take_int(object, "tries", &out->tries, err);
    if (code == CF_OK)
        code = take_int(object, "line", &out->line, err);
    if (code == CF_OK)
        code = take_int(object, "checks", &out->checks, err);
    if (code == CF_OK)
        code = take_number(object, "duration_ms", &out->duration_ms, err);
    if (code == CF_OK)
        code = read_failures(object, out, err);
    return code == CF_OK ? read_exchanges(object, out, err) : code;
}

enum cf_code cf_case_record_read(struct cf_case_record *out, const cJSON *object,
                                 struct cf_err *err)
{
    *out = (struct cf_case_record){0};
    enum cf_code code = read_case(out, object, err);
    if (code != CF_OK)
        cf_case_record_release(out);
    return code;
}
