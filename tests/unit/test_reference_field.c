/* The reference as a service is in the field: what it shows and refuses, what a gateway says. */
#include "harness/base/json.h"
#include "harness/base/mem.h"
#include "reference/route.h"
#include "reference/setup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cf_ref_server *new_server(const char *variant, const char *hidden)
{
    struct cf_ref_server *server = cf_alloc(sizeof(*server));
    const struct cf_ref_options options = {.variants = &variant,
                                           .variant_count = variant ? 1 : 0,
                                           .out_of_sight = &hidden,
                                           .out_of_sight_count = hidden ? 1 : 0};
    assert_int_equal(cf_ref_options_switches(&options, &server->on, NULL), CF_OK);
    assert_int_equal(
        cf_ref_options_out_of_sight(&options, &server->on, &server->out_of_sight, NULL), CF_OK);
    cf_ref_server_init(server, 0);
    return server;
}

static void free_server(struct cf_ref_server *server)
{
    cf_ref_server_release(server);
    free(server);
}

/* One request by a caller with a good key; "{cvm}" in path is the first CVM. */
static struct cf_ref_answer ask(struct cf_ref_server *server, const char *method, const char *path,
                                const char *body)
{
    struct cf_ref_answer answer = {0};
    struct cf_ref_request request = {
        .method = method, .api_key = cf_ref_fixture_key(), .content_type = "application/json"};
    char target[256];
    const char *mark = strstr(path, "{cvm}");
    snprintf(target, sizeof(target), "%.*s%s%s", mark ? (int)(mark - path) : (int)strlen(path),
             path, mark ? server->cvms[0].id : "", mark ? mark + 5 : "");
    request.body = body ? body : "";
    request.body_len = strlen(request.body);
    cf_ref_route(server, target, &request, &answer);
    return answer;
}

/* The answer's status, after the JSON at pointer (none: nothing) was compared with expected. */
static int asked(struct cf_ref_server *server, const char *method, const char *path,
                 const char *body, const char *pointer, const char *expected)
{
    struct cf_ref_answer answer = ask(server, method, path, body);
    struct cf_json_doc doc = {0};
    struct cf_buf text = {0};
    if (pointer) {
        assert_int_equal(
            cf_json_parse(&doc, "answer", cf_buf_text(&answer.body), answer.body.len, 0, NULL),
            CF_OK);
        const cJSON *found = cf_json_at(doc.root, pointer);
        if (found)
            cf_json_print(&text, found);
        assert_string_equal(cf_buf_text(&text), expected);
    }
    cf_json_release(&doc);
    cf_buf_release(&text);
    cf_buf_release(&answer.body);
    return answer.status;
}

static const char cvm_path[] = "/api/v1/cvms/{cvm}";
static const char config_path[] = "/api/v1/cvms/{cvm}/user_config";

static void user_config_as_an_object_shows_three_members_and_502_for_other_text(void **state)
{
    struct cf_ref_server *server = new_server("user-config-as-an-object", NULL);
    (void)state;
    assert_int_equal(asked(server, "GET", config_path, NULL, "", "{}"), 200);
    assert_int_equal(asked(server, "PATCH", cvm_path,
                           "{\"user_config\":\"{\\\"hostname\\\":\\\"a\\\",\\\"x\\\":1}\"}", NULL,
                           NULL),
                     202);
    assert_int_equal(asked(server, "GET", config_path, NULL, "", "{\"hostname\":\"a\"}"), 200);
    assert_int_equal(
        asked(server, "PATCH", cvm_path, "{\"user_config\":\"tier=gold\"}", NULL, NULL), 202);
    assert_int_equal(asked(server, "GET", config_path, NULL, NULL, NULL), 502);
    free_server(server);
}

static void sizes_rounded_shows_whole_gigabytes(void **state)
{
    static const char update[] = "{\"memory\":2600,\"disk_size\":20481}";
    struct cf_ref_server *server = new_server("sizes-rounded", NULL);
    (void)state;
    assert_int_equal(asked(server, "PATCH", cvm_path, update, NULL, NULL), 202);
    asked(server, "GET", cvm_path, NULL, "/resource/memory_in_gb", "3");
    asked(server, "GET", cvm_path, NULL, "/resource/disk_in_gb", "20");
    free_server(server);
}

static void one_way_settings_refuse_the_way_back(void **state)
{
    static const struct {
        const char *variant;
        const char *update;
        int status;
    } rows[] = {
        {"disk-cannot-shrink", "{\"disk_size\":40959}", 400},
        {"disk-cannot-shrink", "{\"disk_size\":40960}", 202},
        {"disk-cannot-shrink", "{\"disk_size\":40961}", 202},
        {"image-not-downgraded", "{\"image\":\"dstack-0.5.3\"}", 400},
        {"image-not-downgraded", "{\"image\":\"dstack-dev-0.5.3\"}", 400},
        {"image-not-downgraded", "{\"image\":\"dstack-0.5.4\"}", 202},
        {"image-not-downgraded", "{\"image\":\"dstack-0.10.0\"}", 202},
        {"image-not-downgraded", "{\"image\":\"nightly\"}", 202},
        {NULL, "{\"disk_size\":1,\"image\":\"dstack-0.5.3\"}", 202},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_ref_server *server = new_server(rows[i].variant, NULL);
        int status = asked(server, "PATCH", cvm_path, rows[i].update, NULL, NULL);
        if (status != rows[i].status)
            fail_msg("%s: %d", rows[i].update, status);
        free_server(server);
    }
}

static void gateway_answers_the_same_requests_and_says_when_to_come_back(void **state)
{
    struct cf_ref_server *server = new_server("gateway-in-front", NULL);
    int seen[2] = {0}; /* 502, 429 */
    bool in_seconds = false;
    bool as_date = false;
    (void)state;
    for (int i = 1; i <= 97 * 2; i++) {
        struct cf_ref_answer answer = ask(server, "GET", cvm_path, NULL);
        int expected = i % 97 == 0 ? 429 : i % 61 == 0 ? 502 : 200;
        assert_int_equal(answer.status, expected);
        seen[0] += expected == 502;
        seen[1] += expected == 429;
        in_seconds = in_seconds || strcmp(answer.retry_after, "1") == 0;
        as_date = as_date || strstr(answer.retry_after, " GMT");
        cf_buf_release(&answer.body);
    }
    assert_int_equal(seen[0], 3);
    assert_int_equal(seen[1], 2);
    assert_true(in_seconds && as_date);
    for (int i = 97 * 2 + 1; i <= 61 * 4; i++)
        assert_int_equal(asked(server, "PATCH", cvm_path, "{}", NULL, NULL), 202);
    for (int i = 0; i < 200; i++) /* what a tester asks does not go by the gateway */
        assert_int_equal(asked(server, "GET", "/_inspect/{cvm}", NULL, NULL, NULL), 200);
    free_server(server);
}

static void operations_of_all_lengths_differ(void **state)
{
    struct cf_ref_server *server = new_server("operations-of-all-lengths", NULL);
    (void)state;
    server->operation_ms = 100;
    double first = cf_ref_server_duration(server);
    assert_true(first != cf_ref_server_duration(server));
    free_server(server);
}

static void out_of_sight_field_is_shown_nowhere(void **state)
{
    static const struct {
        const char *field;
        const char *path;
        const char *pointer; /* NULL: the whole path is gone */
    } rows[] = {
        {"vcpu", "/api/v1/cvms/{cvm}", "/resource/vcpu"},
        {"memory", "/api/v1/cvms/{cvm}", "/resource/memory_in_gb"},
        {"disk_size", "/api/v1/cvms/{cvm}", "/resource/disk_in_gb"},
        {"gpus", "/api/v1/cvms/{cvm}", "/resource/gpus"},
        {"image", "/api/v1/cvms/{cvm}", "/os"},
        {"public_logs", "/api/v1/cvms/{cvm}", "/public_logs"},
        {"public_logs", "/api/v1/cvms/{cvm}/compose_file", "/public_logs"},
        {"allowed_envs", "/api/v1/cvms/{cvm}/compose_file", "/allowed_envs"},
        {"user_config", "/_inspect/{cvm}", "/user_config"},
        {"encrypted_env", "/_inspect/{cvm}", "/encrypted_env"},
        {"user_config", "/api/v1/cvms/{cvm}/user_config", NULL},
        {"pre_launch_script", "/api/v1/cvms/{cvm}/pre-launch-script", NULL},
        {"docker_compose_file", "/api/v1/cvms/{cvm}/docker-compose.yml", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_ref_server *server = new_server(NULL, rows[i].field);
        int status = asked(server, "GET", rows[i].path, NULL, rows[i].pointer, "");
        assert_int_equal(status, rows[i].pointer ? 200 : 404);
        free_server(server);
    }
}

static void out_of_sight_unknown_field_names_the_nearest(void **state)
{
    const char *const name = "user_confg";
    const struct cf_ref_options options = {.out_of_sight = &name, .out_of_sight_count = 1};
    struct cf_err err = {0};
    (void)state;
    assert_int_equal(cf_ref_options_check(&options, &err), CF_ENOTFOUND);
    assert_string_equal(err.text,
                        "no field is named \"user_confg\"; the nearest name is \"user_config\"");
}

static void field_service_is_all_of_it(void **state)
{
    struct cf_ref_server *server = new_server("field-service", NULL);
    (void)state;
    assert_true(cf_ref_has(&server->on, CF_REF_VAR_SIZES_ROUNDED));
    assert_true(cf_ref_has(&server->on, CF_REF_VAR_GATEWAY_IN_FRONT));
    assert_int_equal(asked(server, "GET", config_path, NULL, "", "{}"), 200);
    assert_int_equal(asked(server, "GET", "/_inspect/{cvm}", NULL, NULL, NULL), 404);
    free_server(server);
}

static void workspace_lists_its_own_cvms_and_images(void **state)
{
    struct cf_ref_server *server = new_server(NULL, NULL);
    (void)state;
    assert_int_equal(asked(server, "GET", "/api/v1/cvms/paginated?page=3&page_size=10", NULL,
                           "/items/4/name", "\"reference-27\""),
                     200);
    asked(server, "GET", "/api/v1/cvms/paginated?page_size=10&page=3", NULL, "/items/5", "");
    asked(server, "GET", "/api/v1/cvms/paginated", NULL, "/total", "25");
    asked(server, "GET", "/api/v1/cvms", NULL, "/24/name", "\"reference-27\"");
    asked(server, "GET", "/api/v1/cvms/{cvm}/available-os-images", NULL, "/1/prod/is_current",
          "true");
    asked(server, "GET", "/openapi.json", NULL,
          "/components/schemas/UpdateCvmRequest/properties/shutdown_timeout/anyOf/0/minimum", "10");
    free_server(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_config_as_an_object_shows_three_members_and_502_for_other_text),
        cmocka_unit_test(sizes_rounded_shows_whole_gigabytes),
        cmocka_unit_test(one_way_settings_refuse_the_way_back),
        cmocka_unit_test(gateway_answers_the_same_requests_and_says_when_to_come_back),
        cmocka_unit_test(operations_of_all_lengths_differ),
        cmocka_unit_test(out_of_sight_field_is_shown_nowhere),
        cmocka_unit_test(out_of_sight_unknown_field_names_the_nearest),
        cmocka_unit_test(field_service_is_all_of_it),
        cmocka_unit_test(workspace_lists_its_own_cvms_and_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
