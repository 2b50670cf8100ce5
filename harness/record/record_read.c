/* A run record from its JSON object. */
#include "harness/base/base64.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"
#include "harness/record/record.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* One reading of an object: the first fault sticks, and nothing is taken after it. */
struct reading {
    enum cf_code code;
    struct cf_err *err;
};

static bool good(const struct reading *reading)
{
    return reading->code == CF_OK;
}

static void fault(struct reading *reading, const char *text)
{
    if (good(reading))
        reading->code = cf_err_set(reading->err, CF_EINPUT, "%s", text);
}

static void unexpected(struct reading *reading, const char *key, const char *wanted,
                       const cJSON *got)
{
    if (good(reading))
        reading->code = cf_err_set(reading->err, CF_EINPUT, "%s: expected %s, got %s", key, wanted,
                                   cf_json_type(got));
}

/* ---- members ---- */

/* Copy a member's text. Absent and null leave what is there, which is a fault where it is needed.
 */
static void take_text(struct reading *reading, const cJSON *object, const char *key, bool needed,
                      char **out_text)
{
    const cJSON *member = cf_json_get(object, key);
    if (!needed && (!member || cJSON_IsNull(member)))
        return;
    if (!cJSON_IsString(member))
        unexpected(reading, key, "string", member);
    if (!good(reading))
        return;
    free(*out_text);
    *out_text = cf_strdup(member->valuestring);
}

static void take_int(struct reading *reading, const cJSON *object, const char *key, int *out_value)
{
    const cJSON *member = cf_json_get(object, key);
    if (!member)
        return;
    if (!cf_json_is_integer(member) || member->valuedouble < INT_MIN ||
        member->valuedouble > INT_MAX)
        unexpected(reading, key, "small integer", member);
    else
        *out_value = (int)member->valuedouble;
}

static void take_number(struct reading *reading, const cJSON *object, const char *key,
                        double *out_value)
{
    const cJSON *member = cf_json_get(object, key);
    if (!member)
        return;
    if (!cJSON_IsNumber(member))
        unexpected(reading, key, "number", member);
    else
        *out_value = member->valuedouble;
}

/* The member of that type (cJSON_Array, cJSON_Object); NULL, which has no children, where it is
 * absent, null or at fault. */
static const cJSON *list_at(struct reading *reading, const cJSON *object, const char *key, int type)
{
    const cJSON *member = cf_json_get(object, key);
    if (!member || cJSON_IsNull(member) || !good(reading))
        return NULL;
    if ((member->type & 0xff) == type)
        return member;
    unexpected(reading, key, type == cJSON_Array ? "array" : "object", member);
    return NULL;
}

static void decode(struct reading *reading, const cJSON *text, const char *key, struct cf_buf *out)
{
    if (good(reading) && !cf_base64_decode(out, text->valuestring, strlen(text->valuestring)))
        reading->code = cf_err_set(reading->err, CF_EINPUT, "%s: not base64", key);
}

/* ---- headers and bodies ---- */

static void read_header_value(struct reading *reading, const char *name, const cJSON *value,
                              struct cf_headers *headers)
{
    const cJSON *coded = cf_json_get(value, "base64");
    struct cf_buf plain = {0};
    if (cJSON_IsString(value))
        cf_buf_puts(&plain, value->valuestring);
    else if (cJSON_IsString(coded))
        decode(reading, coded, "headers", &plain);
    else
        unexpected(reading, "headers", "string", value);
    if (good(reading))
        cf_headers_add(headers, name, cf_buf_text(&plain));
    cf_buf_release(&plain);
}

static void read_headers(struct reading *reading, const cJSON *side, struct cf_headers *headers)
{
    const cJSON *list = list_at(reading, side, "headers", cJSON_Object);
    const cJSON *member;
    cJSON_ArrayForEach(member, list)
    {
        const cJSON *value = cJSON_IsArray(member) ? member->child : member;
        for (; value && good(reading); value = cJSON_IsArray(member) ? value->next : NULL)
            read_header_value(reading, member->string, value, headers);
    }
}

static void read_body(struct reading *reading, const cJSON *side, struct cf_body *body)
{
    const cJSON *coded = cf_json_get(side, "body_base64");
    int left_out = 0;
    take_text(reading, side, "body_sha256", false, &body->sha256);
    take_int(reading, side, "body_bytes", &left_out);
    body->left_out = body->sha256 && left_out > 0 ? (size_t)left_out : 0;
    if (!cJSON_IsString(coded)) {
        take_text(reading, side, "body", false, &body->bytes);
        body->len = body->bytes ? strlen(body->bytes) : 0;
        return;
    }
    struct cf_buf plain = {0};
    decode(reading, coded, "body_base64", &plain);
    if (good(reading))
        body->bytes = cf_buf_take(&plain, &body->len);
    cf_buf_release(&plain);
}

/* ---- exchanges ---- */

static void read_request(struct reading *reading, const cJSON *object, struct cf_exchange *out)
{
    const cJSON *side = list_at(reading, object, "request", cJSON_Object);
    take_text(reading, side, "method", false, &out->method);
    take_text(reading, side, "url", false, &out->url);
    take_text(reading, side, "hook", false, &out->hook);
    read_headers(reading, side, &out->request_headers);
    read_body(reading, side, &out->request_body);
}

static void read_response(struct reading *reading, const cJSON *object, struct cf_exchange *out)
{
    const cJSON *side = list_at(reading, object, "response", cJSON_Object);
    take_int(reading, side, "status", &out->status);
    take_number(reading, side, "duration_ms", &out->duration_ms);
    read_headers(reading, side, &out->response_headers);
    read_body(reading, side, &out->response_body);
}

static void read_exchange(struct reading *reading, const cJSON *object, struct cf_exchange *out)
{
    const char *error = cf_json_text(object, "error", NULL);
    out->step = -1;
    out->purpose = cf_strdup("");
    if (!cf_exchange_kind_parse(cf_json_text(object, "kind", "http"), &out->kind))
        fault(reading, "kind: unknown kind of exchange");
    take_int(reading, object, "step", &out->step);
    take_text(reading, object, "purpose", false, &out->purpose);
    take_text(reading, object, "message", false, &out->message);
    if (error && !cf_code_parse(error, &out->error))
        fault(reading, "error: unknown kind of error");
    take_text(reading, object, "peer", false, &out->peer);
    take_text(reading, object, "authority", false, &out->authority);
    take_int(reading, object, "meanwhile", &out->meanwhile);
    out->reused = cf_json_bool(object, "reused", false);
    take_number(reading, object, "at_ms", &out->at_ms);
    take_number(reading, object, "duration_ms", &out->duration_ms);
    read_request(reading, object, out);
    read_response(reading, object, out);
}

static void read_exchanges(struct reading *reading, const cJSON *object, struct cf_case_record *out)
{
    if (!good(reading))
        return;
    const cJSON *list = list_at(reading, object, "steps", cJSON_Array);
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (good(reading))
            read_exchange(reading, item, cf_case_record_add_exchange(out));
    }
    if (!good(reading))
        cf_err_prefix(reading->err, "steps/%zu", out->exchange_count ? out->exchange_count - 1 : 0);
}

/* ---- failures ---- */

static void read_failure(struct reading *reading, const cJSON *object, struct cf_failure *out)
{
    take_int(reading, object, "step", &out->step);
    take_int(reading, object, "line", &out->line);
    take_text(reading, object, "file", false, &out->file);
    take_text(reading, object, "source", false, &out->source);
    take_text(reading, object, "requirement", false, &out->requirement);
    take_text(reading, object, "place", false, &out->case_pointer);
    take_text(reading, object, "pointer", false, &out->pointer);
    take_text(reading, object, "expected", false, &out->expected);
    take_text(reading, object, "actual", false, &out->actual);
    take_text(reading, object, "message", false, &out->message);
}

static void read_failures(struct reading *reading, const cJSON *object, struct cf_case_record *out)
{
    if (!good(reading))
        return;
    const cJSON *list = list_at(reading, object, "failures", cJSON_Array);
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (good(reading))
            read_failure(reading, item, cf_case_record_add_failure(out));
    }
    if (!good(reading))
        cf_err_prefix(reading->err, "failures/%zu",
                      out->failure_count ? out->failure_count - 1 : 0);
}

/* ---- the case ---- */

static void read_list(struct reading *reading, const cJSON *object, const char *key,
                      char ***out_texts, size_t *out_count)
{
    const cJSON *list = list_at(reading, object, key, cJSON_Array);
    if (!list || !list->child)
        return;
    *out_texts = cf_alloc_array((size_t)cJSON_GetArraySize(list), sizeof(**out_texts));
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsString(item))
            unexpected(reading, key, "string", item);
        else if (good(reading))
            (*out_texts)[(*out_count)++] = cf_strdup(item->valuestring);
    }
}

static void read_judgement(struct reading *reading, const cJSON *object, struct cf_case_record *out)
{
    const cJSON *observation = cf_json_get(object, "observation");
    struct cf_buf text = {0};
    if (!cf_level_parse(cf_json_text(object, "level", ""), &out->level))
        fault(reading, "level: expected must, should or observe");
    if (!cf_verdict_parse(cf_json_text(object, "verdict", ""), &out->verdict))
        fault(reading, "verdict: expected pass, fail, inconclusive, error or not-applicable");
    out->own_verdict = out->verdict;
    const char *own = cf_json_text(object, "own_verdict", NULL);
    if (own && !cf_verdict_parse(own, &out->own_verdict))
        fault(reading, "own_verdict: expected pass, fail, inconclusive, error or not-applicable");
    if (!good(reading) || !observation || cJSON_IsNull(observation))
        return;
    cf_json_print(&text, observation);
    out->observation = cf_buf_take(&text, NULL);
}

static void read_texts(struct reading *reading, const cJSON *object, struct cf_case_record *out)
{
    take_text(reading, object, "id", true, &out->id);
    take_text(reading, object, "suite", true, &out->suite);
    take_text(reading, object, "title", true, &out->title);
    take_text(reading, object, "reason", false, &out->reason);
    take_text(reading, object, "cvm", false, &out->cvm);
    take_text(reading, object, "started_at", false, &out->started_at);
    take_text(reading, object, "statement", false, &out->statement);
    take_text(reading, object, "file", false, &out->file);
    take_text(reading, object, "control", false, &out->control);
    take_text(reading, object, "shares", false, &out->shares);
}

static void read_case(struct reading *reading, const cJSON *object, struct cf_case_record *out)
{
    out->attempt = 1;
    out->tries = 1;
    out->failed_at = out->fails_at = -1;
    read_texts(reading, object, out);
    read_list(reading, object, "requirements", &out->requirements, &out->requirement_count);
    read_list(reading, object, "cvms", &out->cvms, &out->cvm_count);
    read_list(reading, object, "failed_on", &out->failed_on, &out->failed_on_count);
    read_list(reading, object, "forms", &out->forms, &out->form_count);
    out->seeks_lock = cf_json_bool(object, "seeks_lock", false);
    read_judgement(reading, object, out);
    take_int(reading, object, "attempt", &out->attempt);
    take_int(reading, object, "tries", &out->tries);
    take_int(reading, object, "failed_at", &out->failed_at);
    take_int(reading, object, "line", &out->line);
    take_int(reading, object, "checks", &out->checks);
    take_int(reading, object, "operations", &out->operations);
    take_number(reading, object, "duration_ms", &out->duration_ms);
    read_failures(reading, object, out);
    read_exchanges(reading, object, out);
}

enum cf_code cf_case_record_read(struct cf_case_record *out, const cJSON *object,
                                 struct cf_err *err)
{
    struct reading reading = {.err = err};
    *out = (struct cf_case_record){0};
    if (cJSON_IsObject(object))
        read_case(&reading, object, out);
    else
        unexpected(&reading, "case", "object", object);
    if (!good(&reading))
        cf_case_record_release(out);
    return reading.code;
}

bool cf_case_record_parse(struct cf_case_record *out, const char *line, size_t len)
{
    struct cf_json_doc doc;
    if (!line || cf_json_parse(&doc, "record", line, len, 0, NULL) != CF_OK)
        return false;
    enum cf_code code = cf_case_record_read(out, doc.root, NULL);
    cf_json_release(&doc);
    return code == CF_OK;
}
