#include "reference/answer.h"

#include "harness/base/json.h"

#include <string.h>

static const char json_type[] = "application/json";

void cf_ref_answer_begin(struct cf_ref_answer *answer, int status, const char *content_type)
{
    answer->status = status;
    answer->content_type = content_type;
    answer->reason = CF_REF_REASON_OTHER;
    answer->retry_after = false;
    answer->refused_proof = false;
    answer->fault_inside_gpus = false;
    cf_buf_reset(&answer->body);
}

void cf_ref_answer_sentence(struct cf_ref_answer *answer, int status, const char *sentence)
{
    cf_ref_answer_begin(answer, status, json_type);
    cf_buf_puts(&answer->body, "{\"detail\":");
    cf_json_put_text(&answer->body, sentence);
    cf_buf_putc(&answer->body, '}');
}

void cf_ref_answer_exception(struct cf_ref_answer *answer)
{
    cf_ref_answer_sentence(answer, 500, "Internal Server Error");
}

void cf_ref_answer_detail(struct cf_ref_answer *answer, const struct cf_ref_detail *detail)
{
    bool plain = cf_ref_has(detail->on, CF_REF_DEV_VALIDATION_PLAIN_TEXT);
    cf_ref_answer_begin(answer, 422, plain ? "text/plain" : json_type);
    cf_ref_detail_put(detail, &answer->body);
    answer->reason = CF_REF_REASON_INVALID;
    answer->fault_inside_gpus = detail->inside_gpus;
    if (detail->exception)
        cf_ref_answer_exception(answer);
}

/* ---- accepted ---- */

static bool leaves_id_out(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint)
{
    return cf_ref_has(on, CF_REF_DEV_ACCEPTED_CORRELATION_ID_MISSING) ||
           (endpoint == CF_REF_ENDPOINT_SCRIPT &&
            cf_ref_has(on, CF_REF_DEV_SCRIPT_CORRELATION_ID_MISSING));
}

static void put_correlation_id(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint,
                               const char *id, struct cf_buf *body)
{
    if (leaves_id_out(on, endpoint) || !id) {
        cf_buf_puts(body, "\"operation\":\"update\"");
        return;
    }
    cf_buf_puts(body, cf_ref_has(on, CF_REF_DEV_ACCEPTED_CORRELATION_ID_CAMEL_CASE)
                          ? "\"correlationId\":"
                          : "\"correlation_id\":");
    if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_CORRELATION_ID_EMPTY))
        cf_buf_puts(body, "\"\"");
    else if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_CORRELATION_ID_NUMBER))
        cf_buf_puts(body, "4711");
    else
        cf_json_put_text(body, id);
}

void cf_ref_answer_accepted(struct cf_ref_server *server, enum cf_ref_endpoint endpoint,
                            const char *correlation_id, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_buf *body = &answer->body;
    bool text = cf_ref_has(on, CF_REF_DEV_ACCEPTED_TEXT_BODY);
    bool nested = cf_ref_has(on, CF_REF_DEV_ACCEPTED_CORRELATION_ID_NESTED);
    cf_ref_answer_begin(answer, 202, text ? "text/plain" : json_type);
    answer->reason = CF_REF_REASON_ACCEPTED;
    if (cf_ref_has(on, CF_REF_DEV_ACCEPTED_MISLABELLED))
        answer->content_type = "text/html";
    if (text)
        cf_buf_printf(body, "correlation_id: %s\n", correlation_id ? correlation_id : "");
    if (text || cf_ref_has(on, CF_REF_DEV_ACCEPTED_EMPTY_BODY))
        return;
    cf_buf_puts(body, nested ? "{\"data\":{" : "{");
    if (!cf_ref_has(on, CF_REF_VAR_ACCEPTED_CORRELATION_ID_ONLY)) {
        cf_buf_puts(body, cf_ref_has(on, CF_REF_DEV_ACCEPTED_STATUS_QUEUED)
                              ? "\"status\":\"queued\","
                              : "\"status\":\"in_progress\",");
        if (!cf_ref_has(on, CF_REF_DEV_ACCEPTED_MESSAGE_MISSING))
            cf_buf_puts(body, "\"message\":\"Update initiated\",");
    }
    put_correlation_id(on, endpoint, correlation_id, body);
    if (cf_ref_has(on, CF_REF_VAR_EXTRA_MEMBERS))
        cf_buf_puts(body, ",\"eta_seconds\":30,\"links\":{\"self\":null},\"tags\":[]");
    cf_buf_puts(body, nested ? "}}" : "}");
}

/* ---- structured errors ---- */

static void put_code(const struct cf_ref_switches *on, const char *error_code, struct cf_buf *body)
{
    size_t last = strlen(error_code) - 1;
    bool phases = strncmp(error_code, "ERR-01-", 7) == 0;
    if (phases && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_CODES_MISSING))
        return;
    cf_buf_printf(body, "\"error_code\":\"%s\",", error_code);
    if (phases && cf_ref_has(on, CF_REF_DEV_TWO_PHASE_CODES_SHIFTED) && body->code == CF_OK)
        body->data[body->len - 3] = (char)(error_code[last] - 1);
}

void cf_ref_error_begin(struct cf_ref_server *server, struct cf_ref_answer *answer, int status,
                        const char *error_code, const char *message)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_buf *body = &answer->body;
    char request_id[CF_REF_UUID_TEXT];
    cf_ref_server_uuid(server, request_id);
    cf_ref_answer_begin(answer, status, json_type);
    if (cf_ref_has(on, CF_REF_VAR_ERRORS_UNDER_DETAIL))
        cf_buf_puts(body, "{\"detail\":");
    cf_buf_putc(body, '{');
    put_code(on, error_code, body);
    cf_buf_puts(body, "\"message\":");
    cf_json_put_text(body, message);
    cf_buf_printf(body, ",\"request_id\":\"%s\",\"details\":[", request_id);
}

void cf_ref_error_row_json(struct cf_ref_answer *answer, const char *field, const char *json,
                           const char *message)
{
    struct cf_buf *body = &answer->body;
    if (body->len > 0 && body->data[body->len - 1] == '}')
        cf_buf_putc(body, ',');
    cf_buf_puts(body, "{\"field\":");
    cf_json_put_text(body, field);
    cf_buf_printf(body, ",\"value\":%s,\"message\":", json);
    cf_json_put_text(body, message);
    cf_buf_putc(body, '}');
}

void cf_ref_error_row(struct cf_ref_answer *answer, const char *field, const char *value,
                      const char *message)
{
    struct cf_buf json;
    cf_buf_init(&json, 1 << 20); /* header values end well before */
    cf_json_put_text(&json, value);
    cf_ref_error_row_json(answer, field, json.code == CF_OK ? cf_buf_text(&json) : "null", message);
    cf_buf_release(&json);
}

void cf_ref_error_end(struct cf_ref_server *server, struct cf_ref_answer *answer,
                      const char *suggestion)
{
    struct cf_buf *body = &answer->body;
    if (cf_ref_has(&server->on, CF_REF_VAR_PLAIN_ERRORS) && answer->status != 465) {
        cf_ref_answer_sentence(answer, answer->status, "The request was refused");
        return;
    }
    cf_buf_puts(body, "],\"suggestions\":[");
    if (suggestion)
        cf_json_put_text(body, suggestion);
    cf_buf_puts(body,
                "],\"links\":[{\"url\":\"https://docs.example/errors\",\"label\":\"Errors\"}]}");
    if (cf_ref_has(&server->on, CF_REF_VAR_ERRORS_UNDER_DETAIL))
        cf_buf_putc(body, '}');
}
