/* What the updates of a case may account for, from a record made here. */
#include "harness/base/mem.h"
#include "suites/sent.h"
#include "suites/suites.h"
#include "tests/unit/unit.h"

struct made {
    struct cf_case_run run;
    struct cf_case_record record;
    struct cf_case one;
    cJSON *value; /* what a field has become */
};

static void make(struct made *made)
{
    *made = (struct made){.one.role_count = 2};
    made->run = (struct cf_case_run){.engine = cf_cvm_engine(),
                                     .one = &made->one,
                                     .record = &made->record,
                                     .fixtures = {"mine", "other"}};
}

static struct cf_exchange *send(struct made *made, const char *method, const char *url, int status,
                                const char *body)
{
    struct cf_exchange *exchange = cf_case_record_add_exchange(&made->record);
    exchange->method = cf_strdup(method);
    exchange->url = cf_strdup(url);
    exchange->status = status;
    exchange->request_body.bytes = cf_strdup(body);
    exchange->request_body.len = body ? strlen(body) : 0;
    return exchange;
}

static bool is_free(const struct cf_cvm_sent *sent, const char *field)
{
    return sent->free[cf_cvm_field_index(field)];
}

static int blamed(const struct made *made, const struct cf_cvm_sent *sent, const char *field)
{
    const struct cf_exchange *refused = cf_cvm_sent_blamed(
        sent, &made->record, field ? cf_cvm_field_index(field) : -1, made->value);
    return refused ? refused->status : 0;
}

static void an_accepted_update_may_change_what_it_names_however_it_is_spelt(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/mine", 202, "{\"VCPU\": 2, \"publicLogs\": true}");
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 0);
    assert_true(sent.accepted);
    assert_true(is_free(&sent, "vcpu"));
    assert_true(is_free(&sent, "public_logs"));
    assert_false(is_free(&sent, "memory"));
    assert_int_equal(blamed(&made, &sent, "memory"), 0);
    cf_case_record_release(&made.record);
}

static void a_body_that_is_no_json_frees_the_fields_whose_names_it_holds(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/mine", 202, "{'memory': 4096,}");
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 0);
    assert_true(is_free(&sent, "memory"));
    assert_false(is_free(&sent, "vcpu"));
    cf_case_record_release(&made.record);
}

static void a_member_that_is_no_field_may_be_anything(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/mine", 202, "{\"instance_type\": \"large\"}");
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 0);
    assert_true(is_free(&sent, "vcpu"));
    cf_case_record_release(&made.record);
}

static void a_refusal_frees_nothing_and_is_blamed_for_what_it_names(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/mine", 202, "{\"user_config\": \"a\"}");
    send(&made, "PATCH", "http://h/cvms/mine", 409, "{\"vcpu\": 2}");
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 0);
    assert_false(is_free(&sent, "vcpu"));
    assert_int_equal(blamed(&made, &sent, "vcpu"), 409);
    assert_int_equal(blamed(&made, &sent, "memory"), 0);
    assert_int_equal(blamed(&made, &sent, NULL), 0);
    cf_case_record_release(&made.record);
}

static void where_all_was_refused_the_latest_refusal_is_blamed(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/mine", 422, "{\"vcpu\": \"x\"}");
    send(&made, "PATCH", "http://h/cvms/other", 401, "{}");
    send(&made, "GET", "http://h/cvms/mine", 200, NULL);
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 0);
    assert_false(sent.accepted);
    assert_int_equal(sent.count, 2);
    assert_int_equal(blamed(&made, &sent, NULL), 401);
    assert_int_equal(blamed(&made, &sent, "vcpu"), 422);
    cf_case_record_release(&made.record);
}

static void who_asked_for_the_value_is_blamed_before_who_named_the_field(void **state)
{
    static const struct {
        const char *value;
        int blamed;
    } rows[] = {{"a", 401}, {"b", 409}, {"neither", 409}};
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/mine", 202, "{\"vcpu\": 2}");
    send(&made, "PATCH", "http://h/cvms/mine", 401, "{\"user_config\": \"a\"}");
    send(&made, "PATCH", "http://h/cvms/mine", 409, "{\"user_config\": \"b\"}");
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        made.value = cJSON_CreateString(rows[i].value);
        assert_int_equal(blamed(&made, &sent, "user_config"), rows[i].blamed);
        cJSON_Delete(made.value);
    }
    cf_case_record_release(&made.record);
}

static void a_gateways_answer_is_no_refusal(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/mine", 502, "{\"vcpu\": 2}");
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 0);
    assert_true(sent.accepted);
    assert_true(is_free(&sent, "vcpu"));
    cf_case_record_release(&made.record);
}

static void another_cvms_update_accounts_for_nothing_here(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/other", 202, "{\"vcpu\": 2}");
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 0);
    assert_int_equal(sent.count, 0);
    assert_int_equal(cf_cvm_sent_since(&made.run, 1, 0).count, 1);
    cf_case_record_release(&made.record);
}

static void a_proof_brings_what_phase_1_asked_for(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/mine", 465, "{\"docker_compose_file\": \"a\"}");
    struct cf_exchange *second = send(&made, "PATCH", "http://h/cvms/mine", 202, "{}");
    cJSON *value = cJSON_CreateString("a");
    int field = cf_cvm_field_index("docker_compose_file");
    assert_false(cf_cvm_sent_asked_earlier(&made.run, field, value));
    cf_headers_add(&second->request_headers, "X-Compose-Hash", "0x00");
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 1);
    assert_true(is_free(&sent, "docker_compose_file"));
    assert_false(is_free(&sent, "image"));
    assert_true(cf_cvm_sent_asked_earlier(&made.run, field, value));
    cJSON_Delete(value);
    cf_case_record_release(&made.record);
}

static void only_the_last_update_of_a_field_shows_late(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    cJSON *first = cJSON_CreateString("a");
    cJSON *second = cJSON_CreateString("b");
    int field = cf_cvm_field_index("user_config");
    send(&made, "PATCH", "http://h/cvms/mine", 202, "{\"user_config\": \"a\"}");
    send(&made, "PATCH", "http://h/cvms/mine", 202, "{\"vcpu\": 2}");
    assert_true(cf_cvm_sent_asked_earlier(&made.run, field, first));
    send(&made, "PATCH", "http://h/cvms/mine", 202, "{\"user_config\": \"b\"}");
    send(&made, "PATCH", "http://h/cvms/mine", 409, "{\"user_config\": \"a\"}");
    assert_false(cf_cvm_sent_asked_earlier(&made.run, field, first));
    assert_true(cf_cvm_sent_asked_earlier(&made.run, field, second));
    cJSON_Delete(first);
    cJSON_Delete(second);
    cf_case_record_release(&made.record);
}

static void a_script_upload_names_the_script(void **state)
{
    (void)state;
    struct made made;
    make(&made);
    send(&made, "PATCH", "http://h/cvms/mine/pre-launch-script", 202, "--x\r\nvcpu");
    struct cf_cvm_sent sent = cf_cvm_sent_since(&made.run, 0, 0);
    assert_true(is_free(&sent, "pre_launch_script"));
    assert_false(is_free(&sent, "vcpu"));
    cf_case_record_release(&made.record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_accepted_update_may_change_what_it_names_however_it_is_spelt),
        cmocka_unit_test(a_body_that_is_no_json_frees_the_fields_whose_names_it_holds),
        cmocka_unit_test(a_member_that_is_no_field_may_be_anything),
        cmocka_unit_test(a_refusal_frees_nothing_and_is_blamed_for_what_it_names),
        cmocka_unit_test(where_all_was_refused_the_latest_refusal_is_blamed),
        cmocka_unit_test(who_asked_for_the_value_is_blamed_before_who_named_the_field),
        cmocka_unit_test(a_gateways_answer_is_no_refusal),
        cmocka_unit_test(another_cvms_update_accounts_for_nothing_here),
        cmocka_unit_test(a_proof_brings_what_phase_1_asked_for),
        cmocka_unit_test(only_the_last_update_of_a_field_shows_late),
        cmocka_unit_test(a_script_upload_names_the_script),
    };
    return UNIT_RUN(tests);
}
