/* The handlers that show one CVM. */
#include "reference/admit.h"
#include "reference/answer.h"
#include "reference/handlers.h"
#include "reference/show.h"

#include "harness/base/json.h"

#include <string.h>

static const char json_type[] = "application/json";
static const char text_type[] = "text/plain; charset=utf-8";

/* Which shape of the read side is asked for. */
static bool is_legacy(const struct cf_ref_request *request)
{
    return request->version && strcmp(request->version, "2025-10-28") == 0;
}

void cf_ref_handle_read_cvm(struct cf_ref_server *server, const struct cf_ref_request *request,
                            struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_ref_show_cvm(server, cvm, is_legacy(request), &answer->body);
    if (cf_ref_has(&server->on, cvm->kms == CF_REF_KMS_PHALA
                                    ? CF_REF_DEV_CONFLICT_RELEASED_BY_LOOK
                                    : CF_REF_DEV_CONFLICT_OWNED_RELEASED_BY_LOOK))
        cvm->bugs.lock_dropped = true;
}

/* The CVM whose field is asked for; NULL with the answer where it is not to be had. */
static struct cf_ref_cvm *admit_reader(struct cf_ref_server *server,
                                       const struct cf_ref_request *request,
                                       enum cf_ref_field field, struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (cvm && cf_ref_shows(server, field))
        return cvm;
    if (cvm)
        cf_ref_answer_sentence(answer, 404, "Not Found");
    return NULL;
}

static void read_text(struct cf_ref_server *server, const struct cf_ref_request *request,
                      struct cf_ref_answer *answer, enum cf_ref_field field)
{
    struct cf_ref_cvm *cvm = admit_reader(server, request, field, answer);
    if (!cvm)
        return;
    cf_ref_answer_begin(answer, 200, text_type);
    cf_buf_append(&answer->body, cvm->settings.of[field].bytes, cvm->settings.of[field].len);
}

void cf_ref_handle_read_script(struct cf_ref_server *server, const struct cf_ref_request *request,
                               struct cf_ref_answer *answer)
{
    read_text(server, request, answer, CF_REF_FIELD_PRE_LAUNCH_SCRIPT);
}

void cf_ref_handle_read_docker_compose(struct cf_ref_server *server,
                                       const struct cf_ref_request *request,
                                       struct cf_ref_answer *answer)
{
    read_text(server, request, answer, CF_REF_FIELD_DOCKER_COMPOSE_FILE);
}

void cf_ref_handle_read_compose_file(struct cf_ref_server *server,
                                     const struct cf_ref_request *request,
                                     struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_ref_show_compose(server, cvm, &answer->body);
}

/* ---- user_config ---- */

/* What there is to see of a user_config that is read as an object. */
static void put_known_members(const cJSON *config, struct cf_buf *out)
{
    static const char *const shown[] = {"hostname", "ssh_authorized_keys",
                                        "default_gateway_domain"};
    char before = '{';
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        const cJSON *value = cf_json_get(config, shown[i]);
        if (!value)
            continue;
        cf_buf_printf(out, "%c\"%s\":", before, shown[i]);
        cf_json_print(out, value);
        before = ',';
    }
    cf_buf_puts(out, before == '{' ? "{}" : "}");
}

static void read_config_object(const struct cf_ref_value *config, struct cf_ref_answer *answer)
{
    struct cf_json_doc doc;
    bool good = cf_json_parse(&doc, "stored", config->bytes, config->len, 0, NULL) == CF_OK;
    if (good && cJSON_IsObject(doc.root)) {
        cf_ref_answer_begin(answer, 200, json_type);
        put_known_members(doc.root, &answer->body);
    } else {
        cf_ref_answer_sentence(answer, 502, "The user config cannot be read");
    }
    if (good)
        cf_json_release(&doc);
}

void cf_ref_handle_read_user_config(struct cf_ref_server *server,
                                    const struct cf_ref_request *request,
                                    struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = NULL;
    if (!cf_ref_has(&server->on, CF_REF_VAR_USER_CONFIG_AS_AN_OBJECT)) {
        read_text(server, request, answer, CF_REF_FIELD_USER_CONFIG);
        return;
    }
    cvm = admit_reader(server, request, CF_REF_FIELD_USER_CONFIG, answer);
    if (cvm)
        read_config_object(&cvm->settings.of[CF_REF_FIELD_USER_CONFIG], answer);
}

/* ---- operations ---- */

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

static void put_operation(const struct cf_ref_switches *on,
                          const struct cf_ref_operation *operation, struct cf_buf *out)
{
    static const char *const types[] = {"update_cvm", "update_pre_launch_script"};
    bool ended = operation->finished && !cf_ref_has(on, CF_REF_DEV_ACCEPTED_OPERATION_NEVER_ENDS);
    const char *id = operation->correlation_id;
    bool numbered = cf_ref_has(on, CF_REF_VAR_OPERATIONS_NUMBERED);
    cf_buf_printf(out, "{\"correlation_id\":\"%s%.*s\",\"operation_type\":\"%s\",\"status\":\"%s\"",
                  numbered ? "op-" : "", numbered ? 8 : (int)strlen(id), id,
                  types[operation->endpoint],
                  !ended              ? "in_progress"
                  : operation->failed ? "failed"
                                      : "completed");
    cf_buf_printf(out, ",\"started_at\":\"%s\"", operation->started_at);
    if (ended)
        cf_buf_printf(out, ",\"finished_at\":\"%s\"}", operation->finished_at);
    else
        cf_buf_puts(out, ",\"finished_at\":null}");
}

void cf_ref_handle_read_operations(struct cf_ref_server *server,
                                   const struct cf_ref_request *request,
                                   struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    const struct cf_ref_operation *operation = NULL;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_buf_puts(&answer->body, "{\"items\":[");
    size_t listed = 0;
    for (size_t n = 0; (operation = cf_ref_cvm_operation(cvm, n)); n++) {
        if (operation->endpoint == CF_REF_ENDPOINT_SCRIPT &&
            cf_ref_has(&server->on, CF_REF_DEV_ACCEPTED_SCRIPT_OPERATION_UNLISTED))
            continue;
        if (listed++ > 0)
            cf_buf_putc(&answer->body, ',');
        put_operation(&server->on, operation, &answer->body);
    }
    cf_buf_printf(&answer->body, "],\"total\":%zu}", cvm->operation_count);
}

void cf_ref_handle_read_operation_status(struct cf_ref_server *server,
                                         const struct cf_ref_request *request,
                                         struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    const struct cf_ref_operation *newest = cf_ref_cvm_operation(cvm, 0);
    cf_ref_answer_begin(answer, 200, json_type);
    cf_buf_printf(&answer->body,
                  "{\"in_progress\":%s,\"operation\":", truth(cf_ref_cvm_looks_busy(cvm)));
    if (newest)
        put_operation(&server->on, newest, &answer->body);
    else
        cf_buf_puts(&answer->body, "null");
    cf_buf_putc(&answer->body, '}');
}

void cf_ref_handle_read_state(struct cf_ref_server *server, const struct cf_ref_request *request,
                              struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_admit(server, request, CF_REF_ENDPOINT_READ, answer);
    if (!cvm)
        return;
    cf_ref_answer_begin(answer, 200, json_type);
    cf_ref_show_state(cvm, &answer->body);
}

/* ---- for a tester ---- */

void cf_ref_handle_inspect(struct cf_ref_server *server, const struct cf_ref_request *request,
                           struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, request->cvm_id);
    if (!cvm || cf_ref_has(&server->on, CF_REF_VAR_FIELD_SERVICE)) {
        cf_ref_answer_sentence(answer, 404, "Not Found");
        return;
    }
    cf_ref_answer_begin(answer, 200, json_type);
    cf_ref_show_all(server, cvm, &answer->body);
}
