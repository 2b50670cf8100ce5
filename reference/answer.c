#include "reference/answer.h"
#include "reference/rules.h"

#include "harness/base/json.h"

#include <string.h>

static const char json_type[] = "application/json";

/* ---- what bugs and liberties write instead ---- */

enum point {
    LABEL_OF_202,
    LABEL_OF_422,
    BODY_OF_202, /* nothing, or nothing but text */
    OPENING,
    STATUS,
    MESSAGE,
    ID_MEMBER,
    ID_VALUE,
    NO_ID, /* the id is left out */
    REST,
    CLOSING,
    ERROR_OPENING,
    ERROR_CLOSING,
    ERROR_CODE /* value: how far off it is; 0: left out */
};

enum { BY_SCRIPT = 1, OF_PHASES = 2 };

static const struct cf_ref_rule rows[] = {
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_TEXT_BODY, LABEL_OF_202, .text = "text/plain"),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_MISLABELLED, LABEL_OF_202, .text = "text/html"),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_TEXT_BODY, BODY_OF_202, .text = "correlation_id: "),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_EMPTY_BODY, BODY_OF_202, .text = ""),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_CORRELATION_ID_NESTED, OPENING, .text = "{\"data\":{"),
    CF_REF_ROW(CF_REF_VAR_ACCEPTED_CORRELATION_ID_ONLY, STATUS, .text = ""),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_STATUS_QUEUED, STATUS, .text = "\"status\":\"queued\","),
    CF_REF_ROW(CF_REF_VAR_ACCEPTED_CORRELATION_ID_ONLY, MESSAGE, .text = ""),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_MESSAGE_MISSING, MESSAGE, .text = ""),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_CORRELATION_ID_CAMEL_CASE, ID_MEMBER,
               .text = "\"correlationId\":"),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_CORRELATION_ID_EMPTY, ID_VALUE, .text = "\"\""),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_CORRELATION_ID_NUMBER, ID_VALUE, .text = "4711"),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_CORRELATION_ID_MISSING, NO_ID),
    CF_REF_ROW(CF_REF_DEV_SCRIPT_CORRELATION_ID_MISSING, NO_ID, .when = BY_SCRIPT),
    CF_REF_ROW(CF_REF_VAR_EXTRA_MEMBERS, REST,
               .text = ",\"eta_seconds\":30,\"links\":{\"self\":null},\"tags\":[]"),
    CF_REF_ROW(CF_REF_DEV_ACCEPTED_CORRELATION_ID_NESTED, CLOSING, .text = "}}"),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_PLAIN_TEXT, LABEL_OF_422, .text = "text/plain"),
    CF_REF_ROW(CF_REF_DEV_VALIDATION_PROBLEM_JSON, LABEL_OF_422,
               .text = "application/problem+json"),
    CF_REF_ROW(CF_REF_VAR_ERRORS_UNDER_DETAIL, ERROR_OPENING, .text = "{\"detail\":{"),
    CF_REF_ROW(CF_REF_VAR_ERRORS_UNDER_DETAIL, ERROR_CLOSING, .text = "}}"),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_CODES_MISSING, ERROR_CODE, .when = OF_PHASES),
    CF_REF_ROW(CF_REF_DEV_TWO_PHASE_CODES_SHIFTED, ERROR_CODE, .when = OF_PHASES, .value = 1),
};

static const struct cf_ref_rules rules = CF_REF_RULES(rows);

static const char *text(const struct cf_ref_switches *on, enum point point, const char *usual)
{
    return cf_ref_rules_text(on, &rules, (int)point, 0, usual);
}

/* ---- the beginnings ---- */

void cf_ref_answer_begin(struct cf_ref_answer *answer, int status, const char *content_type)
{
    answer->status = status;
    answer->content_type = content_type;
    answer->reason = CF_REF_REASON_OTHER;
    answer->retry_after[0] = '\0';
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

void cf_ref_answer_busy(struct cf_ref_answer *answer)
{
    cf_ref_answer_sentence(answer, 409, "Another operation is in progress");
    answer->reason = CF_REF_REASON_BUSY;
}

void cf_ref_answer_chain_away(enum cf_ref_endpoint endpoint, struct cf_ref_answer *answer)
{
    cf_ref_answer_sentence(answer, endpoint == CF_REF_ENDPOINT_SCRIPT ? 500 : 503,
                           "KMS or RPC error: the chain cannot be asked");
    answer->reason = CF_REF_REASON_CHAIN;
}

void cf_ref_answer_exception(struct cf_ref_answer *answer)
{
    cf_ref_answer_sentence(answer, 500, "Internal Server Error");
}

void cf_ref_answer_detail(struct cf_ref_answer *answer, const struct cf_ref_detail *detail)
{
    cf_ref_answer_begin(answer, 422, text(detail->on, LABEL_OF_422, json_type));
    cf_ref_detail_put(detail, &answer->body);
    answer->reason = CF_REF_REASON_INVALID;
    answer->fault_inside_gpus = detail->inside_gpus;
    if (detail->exception)
        cf_ref_answer_exception(answer);
}

/* ---- accepted ---- */

static void put_correlation_id(const struct cf_ref_switches *on, enum cf_ref_endpoint endpoint,
                               const char *id, struct cf_buf *body)
{
    uint32_t facts = endpoint == CF_REF_ENDPOINT_SCRIPT ? BY_SCRIPT : 0U;
    const char *value = text(on, ID_VALUE, NULL);
    if (!id || cf_ref_rule(on, &rules, NO_ID, facts)) {
        cf_buf_puts(body, "\"operation\":\"update\"");
        return;
    }
    cf_buf_puts(body, text(on, ID_MEMBER, "\"correlation_id\":"));
    if (value)
        cf_buf_puts(body, value);
    else
        cf_json_put_text(body, id);
}

void cf_ref_answer_accepted(struct cf_ref_server *server, enum cf_ref_endpoint endpoint,
                            const char *correlation_id, struct cf_ref_answer *answer)
{
    const struct cf_ref_switches *on = &server->on;
    struct cf_buf *body = &answer->body;
    const char *instead = text(on, BODY_OF_202, NULL);
    cf_ref_answer_begin(answer, 202, text(on, LABEL_OF_202, json_type));
    answer->reason = CF_REF_REASON_ACCEPTED;
    if (instead && instead[0] != '\0')
        cf_buf_printf(body, "%s%s\n", instead, correlation_id ? correlation_id : "");
    if (instead)
        return;
    cf_buf_puts(body, text(on, OPENING, "{"));
    cf_buf_puts(body, text(on, STATUS, "\"status\":\"in_progress\","));
    cf_buf_puts(body, text(on, MESSAGE, "\"message\":\"Update initiated\","));
    put_correlation_id(on, endpoint, correlation_id, body);
    cf_buf_puts(body, text(on, REST, ""));
    cf_buf_puts(body, text(on, CLOSING, "}"));
}

/* ---- structured errors ---- */

/* A code of the phases may be left out, or be the one before. */
static void put_code(const struct cf_ref_switches *on, const char *error_code, struct cf_buf *body)
{
    uint32_t facts = strncmp(error_code, "ERR-01-", 7) == 0 ? OF_PHASES : 0U;
    const struct cf_ref_rule *rule = cf_ref_rule(on, &rules, ERROR_CODE, facts);
    size_t last = strlen(error_code) - 1;
    if (!rule)
        cf_buf_printf(body, "\"error_code\":\"%s\",", error_code);
    else if (rule->value != 0)
        cf_buf_printf(body, "\"error_code\":\"%.*s%c\",", (int)last, error_code,
                      error_code[last] - (int)rule->value);
}

void cf_ref_error_begin(struct cf_ref_server *server, struct cf_ref_answer *answer, int status,
                        const char *error_code, const char *message)
{
    struct cf_buf *body = &answer->body;
    char request_id[CF_REF_UUID_TEXT];
    cf_ref_server_uuid(server, request_id);
    cf_ref_answer_begin(answer, status, json_type);
    cf_buf_puts(body, text(&server->on, ERROR_OPENING, "{"));
    put_code(&server->on, error_code, body);
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
    struct cf_buf json = {0};
    cf_json_put_text(&json, value);
    cf_ref_error_row_json(answer, field, cf_buf_text(&json), message);
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
                "],\"links\":[{\"url\":\"https://docs.example/errors\",\"label\":\"Errors\"}]");
    cf_buf_puts(body, text(&server->on, ERROR_CLOSING, "}"));
}
