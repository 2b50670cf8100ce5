#include "reference/answer.h"

#include "harness/base/json.h"

static const char json_type[] = "application/json";

void cf_ref_answer_begin(struct cf_ref_answer *answer, int status, const char *content_type)
{
    answer->status = status;
    answer->content_type = content_type;
    cf_buf_reset(&answer->body);
}

void cf_ref_answer_sentence(struct cf_ref_answer *answer, int status, const char *sentence)
{
    cf_ref_answer_begin(answer, status, json_type);
    cf_buf_puts(&answer->body, "{\"detail\":");
    cf_json_put_text(&answer->body, sentence);
    cf_buf_putc(&answer->body, '}');
}

void cf_ref_answer_detail(struct cf_ref_answer *answer, const struct cf_ref_detail *detail)
{
    cf_ref_answer_begin(answer, 422, json_type);
    cf_ref_detail_put(detail, &answer->body);
}

void cf_ref_answer_accepted(struct cf_ref_server *server, struct cf_ref_answer *answer,
                            const struct cf_ref_operation *operation)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_buf *body = &answer->body;
    int status = cf_deviates(on, CF_DEV_ACCEPTED_200) ? 200 : 202;
    cf_ref_answer_begin(answer, status, json_type);
    cf_buf_putc(body, '{');
    if (!cf_varies(on, CF_VAR_ACCEPTED_CORRELATION_ID_ONLY))
        cf_buf_puts(body, "\"status\":\"in_progress\",\"message\":\"Update initiated\",");
    cf_buf_puts(body, "\"correlation_id\":");
    cf_json_put_text(body, operation->correlation_id);
    cf_buf_putc(body, '}');
}

/* ---- structured errors ---- */

void cf_ref_error_begin(struct cf_ref_server *server, struct cf_ref_answer *answer, int status,
                        const char *error_code, const char *message)
{
    struct cf_buf *body = &answer->body;
    char request_id[CF_REF_UUID_TEXT];
    cf_ref_server_uuid(server, request_id);
    cf_ref_answer_begin(answer, status, json_type);
    if (cf_varies(&server->on, CF_VAR_ERRORS_UNDER_DETAIL))
        cf_buf_puts(body, "{\"detail\":");
    cf_buf_printf(body, "{\"error_code\":\"%s\",\"message\":", error_code);
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
    cf_buf_init(&json, 1 << 16);
    cf_json_put_text(&json, value);
    cf_ref_error_row_json(answer, field, cf_buf_text(&json), message);
    cf_buf_release(&json);
}

void cf_ref_error_end(struct cf_ref_server *server, struct cf_ref_answer *answer,
                      const char *suggestion)
{
    struct cf_buf *body = &answer->body;
    cf_buf_puts(body, "],\"suggestions\":[");
    if (suggestion)
        cf_json_put_text(body, suggestion);
    cf_buf_puts(body, "],\"links\":[]}");
    if (cf_varies(&server->on, CF_VAR_ERRORS_UNDER_DETAIL))
        cf_buf_putc(body, '}');
}
