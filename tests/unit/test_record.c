/* The run record: written, read back, refused. */
#include "harness/base/base64.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"
#include "harness/record/record.h"
#include "tests/reports/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct cf_buf line;
static struct cf_json_doc doc;
static struct cf_case_record record;
static struct cf_case_record again;

static int begin(void **state)
{
    (void)state;
    cf_buf_init(&line, 1 << 26);
    record = again = (struct cf_case_record){0};
    doc = (struct cf_json_doc){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_buf_release(&line);
    cf_json_release(&doc);
    cf_case_record_release(&record);
    cf_case_record_release(&again);
    return 0;
}

/* Write record, parse strictly, read into again. */
static void round_trip(void)
{
    struct cf_err err = {0};
    cf_case_record_write(&line, &record);
    assert_int_equal(cf_buf_check(&line, &err), CF_OK);
    assert_null(memchr(line.data, '\n', line.len));
    assert_int_equal(cf_json_parse(&doc, "line", line.data, line.len, CF_JSON_UNIQUE_KEYS, &err),
                     CF_OK);
    assert_int_equal(cf_case_record_read(&again, doc.root, &err), CF_OK);
}

static void write_mixed_record_reads_back_the_same(void **state)
{
    (void)state;
    sample_record(&record, SAMPLE_MIXED, 3);
    round_trip();
    assert_string_equal(again.id, record.id);
    assert_string_equal(again.suite, record.suite);
    assert_string_equal(again.title, record.title);
    assert_string_equal(again.requirements[0], record.requirements[0]);
    assert_int_equal(again.level, record.level);
    assert_int_equal(again.verdict, CF_FAIL);
    assert_string_equal(again.reason, record.reason);
    assert_null(again.observation);
    assert_string_equal(again.cvm, record.cvm);
    assert_string_equal(again.statement, record.statement);
    assert_string_equal(again.file, record.file);
    assert_int_equal(again.line, 12);
    assert_null(again.control);
    assert_int_equal(again.attempt, 1);
    assert_string_equal(again.started_at, record.started_at);
    assert_true(again.duration_ms > 15.344 && again.duration_ms < 15.346);
    assert_int_equal(again.failure_count, 2);
    assert_null(again.failures[0].pointer);
    assert_string_equal(again.failures[1].pointer, "/detail/0/loc/1");
    assert_string_equal(again.failures[1].expected, "string \"vcpu\"");
    assert_int_equal(again.failures[1].line, 42);
    assert_int_equal(again.exchange_count, 2);
    assert_string_equal(again.exchanges[1].method, "PATCH");
    assert_int_equal(again.exchanges[1].step, 1);
    assert_int_equal(again.exchanges[1].status, record.exchanges[1].status);
    assert_string_equal(again.exchanges[1].request_body.bytes,
                        "{\"vcpu\":[4],\"user_config\":\"it's\"}");
    assert_string_equal(cf_headers_get(&again.exchanges[1].request_headers, "x-api-key"),
                        "$ACME_API_KEY");
    assert_true(again.exchanges[1].at_ms > 4.2 && again.exchanges[1].at_ms < 4.3);
}

static void write_twice_gives_the_same_line(void **state)
{
    (void)state;
    struct cf_buf second;
    sample_record(&record, SAMPLE_HOSTILE, 3);
    round_trip();
    cf_buf_init(&second, 1 << 26);
    cf_case_record_write(&second, &again);
    assert_string_equal(cf_buf_text(&second), cf_buf_text(&line));
    cf_buf_release(&second);
}

static void write_body_of_any_bytes_reads_back_the_same(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } bodies[] = {
        {"", 0},     {"plain", 5},        {"a\0b", 3},           {"\xff\xfe\x00", 3}, {"\0", 1},
        {"\xc3", 1}, {"\xe2\x80\xae", 3}, {"\x01\x7f\"\\\n", 5}, {"\xed\xa0\x80", 3}};
    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        (void)begin(NULL);
        sample_record(&record, SAMPLE_PASSING, 0);
        struct cf_body *body = &record.exchanges[1].response_body;
        free(body->bytes);
        body->bytes = malloc(bodies[i].len + 1);
        assert_non_null(body->bytes);
        memcpy(body->bytes, bodies[i].bytes, bodies[i].len);
        body->bytes[bodies[i].len] = '\0';
        body->len = bodies[i].len;
        round_trip();
        assert_int_equal(again.exchanges[1].response_body.len, bodies[i].len);
        assert_memory_equal(again.exchanges[1].response_body.bytes, bodies[i].bytes, bodies[i].len);
        (void)end(NULL);
    }
}

static void write_no_body_reads_back_as_none(void **state)
{
    (void)state;
    sample_record(&record, SAMPLE_PASSING, 0);
    round_trip();
    assert_null(again.exchanges[0].request_body.bytes);
    assert_non_null(again.exchanges[0].response_body.bytes);
}

static void write_repeated_and_binary_headers_read_back_in_order(void **state)
{
    (void)state;
    sample_record(&record, SAMPLE_PASSING, 0);
    struct cf_headers *headers = &record.exchanges[1].response_headers;
    sample_header(headers, "Set-Cookie", "a=1");
    sample_header(headers, "Latin", "caf\xe9");
    sample_header(headers, "Set-Cookie", "b=2");
    round_trip();
    const struct cf_headers *got = &again.exchanges[1].response_headers;
    assert_int_equal(got->count, 4);
    assert_string_equal(got->items[1].value, "a=1");
    assert_string_equal(got->items[2].value, "b=2");
    assert_string_equal(got->items[3].value, "caf\xe9");
}

static void headers_shared_stay_as_they_are_where_one_adds(void **state)
{
    (void)state;
    struct cf_headers one = {0};
    struct cf_headers other = {0};
    struct cf_headers none = {0};
    cf_headers_add(&one, "A", "1");
    cf_headers_share(&other, &one);
    cf_headers_share(&none, &none);
    cf_headers_add(&other, "B", "2");
    cf_headers_add(&none, "C", "3");
    assert_int_equal(one.count, 1);
    assert_int_equal(other.count, 2);
    cf_headers_release(&one);
    assert_string_equal(cf_headers_get(&other, "a"), "1");
    cf_headers_share(&one, &other);
    cf_headers_release(&other);
    assert_string_equal(cf_headers_get(&one, "B"), "2");
    cf_headers_release(&one);
    cf_headers_release(&none);
}

static void write_hook_and_timeout_exchanges_read_back(void **state)
{
    (void)state;
    sample_record(&record, SAMPLE_PASSING, 0);
    struct cf_exchange *hook = cf_case_record_add_exchange(&record);
    hook->kind = CF_EXCHANGE_HOOK;
    hook->step = 2;
    hook->hook = sample_copy("register-compose-hash");
    sample_body(&hook->request_body, "{}");
    sample_body(&hook->response_body, "{\"transaction_hash\":\"0x1\"}");
    struct cf_exchange *wait = cf_case_record_add_exchange(&record);
    wait->kind = CF_EXCHANGE_TIMEOUT;
    wait->step = 3;
    wait->message = sample_copy("no end state within 2000 ms");
    round_trip();
    assert_int_equal(again.exchanges[2].kind, CF_EXCHANGE_HOOK);
    assert_string_equal(again.exchanges[2].hook, "register-compose-hash");
    assert_string_equal(again.exchanges[2].response_body.bytes, "{\"transaction_hash\":\"0x1\"}");
    assert_null(again.exchanges[2].method);
    assert_int_equal(again.exchanges[3].kind, CF_EXCHANGE_TIMEOUT);
    assert_string_equal(again.exchanges[3].message, "no end state within 2000 ms");
    assert_string_equal(again.exchanges[3].purpose, "");
}

static void write_observation_keeps_json_and_quotes_the_rest(void **state)
{
    static const struct {
        const char *given;
        const char *got;
    } rows[] = {{"{ \"a\" : [ 1.50 , \"x y\" ] }", "{\"a\":[1.50,\"x y\"]}"},
                {"not json", "\"not json\""},
                {"9007199254740993", "9007199254740993"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)begin(NULL);
        sample_record(&record, SAMPLE_PASSING, 0);
        record.observation = sample_copy(rows[i].given);
        round_trip();
        assert_string_equal(again.observation, rows[i].got);
        (void)end(NULL);
    }
}

static void write_observation_nested_too_deep_becomes_text(void **state)
{
    char deep[101];
    (void)state;
    memset(deep, '[', 50);
    memset(deep + 50, ']', 50);
    deep[100] = '\0';
    sample_record(&record, SAMPLE_PASSING, 0);
    record.observation = sample_copy(deep);
    round_trip();
    assert_int_equal(again.observation[0], '"');
}

static void read_member_of_wrong_type_names_it(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        {"[]", "case: expected object, got array"},
        {"{}", "id: expected string, got absent"},
        {"{\"id\":1}", "id: expected string, got integer"},
        {"{\"id\":\"a\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"mu\"}",
         "level: expected must, should or observe"},
        {"{\"id\":\"a\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"must\",\"verdict\":\"ok\"}",
         "verdict: expected pass, fail, inconclusive, error or not-applicable"},
        {"{\"id\":\"a\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"must\",\"verdict\":\"pass\","
         "\"requirements\":[1]}",
         "requirements: expected string, got integer"},
        {"{\"id\":\"a\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"must\",\"verdict\":\"pass\","
         "\"attempt\":1.5}",
         "attempt: expected small integer, got number"},
        {"{\"id\":\"a\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"must\",\"verdict\":\"pass\","
         "\"steps\":[{},{\"kind\":\"smoke\"}]}",
         "steps/1: kind: unknown kind of exchange"},
        {"{\"id\":\"a\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"must\",\"verdict\":\"pass\","
         "\"steps\":[{\"response\":{\"body_base64\":\"!\"}}]}",
         "steps/0: body_base64: not base64"},
        {"{\"id\":\"a\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"must\",\"verdict\":\"pass\","
         "\"steps\":[{\"request\":{\"headers\":{\"A\":1}}}]}",
         "steps/0: headers: expected string, got integer"},
        {"{\"id\":\"a\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"must\",\"verdict\":\"pass\","
         "\"failures\":[{\"line\":\"x\"}]}",
         "failures/0: line: expected small integer, got string"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_err err = {0};
        struct cf_json_doc input;
        assert_int_equal(cf_json_parse(&input, "t", rows[i].text, strlen(rows[i].text), 0, &err),
                         CF_OK);
        assert_int_equal(cf_case_record_read(&again, input.root, &err), CF_EINPUT);
        assert_string_equal(err.text, rows[i].message);
        assert_null(again.id);
        cf_json_release(&input);
    }
}

static void read_unknown_members_are_ignored(void **state)
{
    static const char text[] = "{\"id\":\"a\",\"suite\":\"s\",\"title\":\"t\",\"level\":\"must\","
                               "\"verdict\":\"pass\",\"later\":{\"x\":[1]}}";
    struct cf_err err = {0};
    (void)state;
    assert_int_equal(cf_json_parse(&doc, "t", text, sizeof(text) - 1, 0, &err), CF_OK);
    assert_int_equal(cf_case_record_read(&again, doc.root, &err), CF_OK);
    assert_int_equal(again.attempt, 1);
    assert_int_equal(again.exchange_count, 0);
}

static void base64_of_any_length_reads_back(void **state)
{
    static const char *const coded[] = {"", "AA==", "AAE=", "AAEC", "AAECAw=="};
    static const char bytes[] = {0, 1, 2, 3};
    (void)state;
    for (size_t len = 0; len < 5; len++) {
        struct cf_buf out;
        struct cf_buf back;
        cf_buf_init(&out, 100);
        cf_buf_init(&back, 100);
        cf_base64_encode(&out, bytes, len);
        assert_string_equal(cf_buf_text(&out), coded[len]);
        assert_true(cf_base64_decode(&back, cf_buf_text(&out), out.len));
        assert_int_equal(back.len, len);
        assert_memory_equal(cf_buf_text(&back), bytes, len);
        cf_buf_release(&out);
        cf_buf_release(&back);
    }
}

static void base64_malformed_is_refused(void **state)
{
    static const char *const bad[] = {"A",    "AA",   "AAA",  "====",     "A===", "AA=A",
                                      "AB==", "AAB=", "AA-_", "AA==AAAA", "AA\n="};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct cf_buf out;
        cf_buf_init(&out, 100);
        assert_false(cf_base64_decode(&out, bad[i], strlen(bad[i])));
        cf_buf_release(&out);
    }
}

static void names_parse_back_and_nothing_else_does(void **state)
{
    enum cf_verdict verdict = CF_PASS;
    enum cf_level level = CF_MUST;
    (void)state;
    for (int v = CF_NOT_APPLICABLE; v <= CF_ERROR; v++) {
        assert_true(cf_verdict_parse(cf_verdict_name((enum cf_verdict)v), &verdict));
        assert_int_equal(verdict, v);
    }
    for (int l = CF_MUST; l <= CF_OBSERVE; l++) {
        assert_true(cf_level_parse(cf_level_name((enum cf_level)l), &level));
        assert_int_equal(level, l);
    }
    assert_false(cf_verdict_parse("passed", &verdict));
    assert_false(cf_level_parse("MUST", &level));
}

static void add_body(struct cf_body *body, size_t len)
{
    body->bytes = cf_alloc(len + 1);
    memset(body->bytes, 'x', len);
    body->len = len;
}

static void leave_out_large_bodies_and_keep_their_digests(void **state)
{
    (void)state;
    sample_record(&record, SAMPLE_PASSING, 1);
    struct cf_exchange *read = cf_case_record_add_exchange(&record);
    *read = (struct cf_exchange){.purpose = cf_strdup("read"), .status = 200, .step = 0};
    add_body(&read->response_body, 5000);
    struct cf_exchange *update = cf_case_record_add_exchange(&record);
    *update = (struct cf_exchange){.purpose = cf_strdup("update"), .status = 202, .step = 1};
    add_body(&update->request_body, 20);
    add_body(&update->response_body, 5000);
    record.operations = 7;
    cf_case_record_leave_out_bodies(&record);
    round_trip();
    read = &again.exchanges[again.exchange_count - 2];
    update = &again.exchanges[again.exchange_count - 1];
    assert_null(read->response_body.bytes);
    assert_int_equal(read->response_body.left_out, 5000);
    assert_int_equal(strlen(read->response_body.sha256), 64);
    assert_int_equal(update->request_body.len, 20);
    assert_null(update->request_body.sha256);
    assert_int_equal(update->response_body.len, 5000);
    assert_int_equal(again.operations, 7);
}

/* ---- what a record says of each of its requirements ---- */

static void fail_by(const char *requirement)
{
    struct cf_failure *failure = cf_case_record_add_failure(&record);
    failure->requirement = cf_strdup(requirement);
}

static void verdict_of_each_is_that_of_a_case_charged_with_nothing(void **state)
{
    static const enum cf_verdict verdicts[] = {CF_NOT_APPLICABLE, CF_PASS, CF_INCONCLUSIVE, CF_FAIL,
                                               CF_ERROR};
    (void)state;
    fail_by(NULL); /* as a step that only prepares has them too */
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        record.verdict = verdicts[i];
        record.own_verdict = CF_PASS;
        assert_int_equal(cf_record_verdict_of(&record, "own"), verdicts[i]);
    }
}

static void verdict_of_what_failed_no_expectation_is_that_of_its_own_questions(void **state)
{
    static const enum cf_verdict own[] = {CF_NOT_APPLICABLE, CF_PASS, CF_INCONCLUSIVE, CF_FAIL};
    (void)state;
    fail_by("charged");
    record.verdict = CF_FAIL;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        record.own_verdict = own[i];
        assert_int_equal(cf_record_verdict_of(&record, "charged"), CF_FAIL);
        assert_int_equal(cf_record_verdict_of(&record, "own"), own[i]);
    }
    record.verdict = CF_ERROR; /* ours: it proves nothing */
    assert_int_equal(cf_record_verdict_of(&record, "charged"), CF_ERROR);
    assert_int_equal(cf_record_verdict_of(&record, "own"), CF_ERROR);
}

static void own_verdict_is_written_where_another_was_charged(void **state)
{
    (void)state;
    sample_record(&record, SAMPLE_MIXED, 3);
    record.own_verdict = CF_PASS;
    round_trip();
    assert_null(cf_json_get(doc.root, "own_verdict"));
    assert_int_equal(again.own_verdict, CF_FAIL); /* as the case */
    cf_case_record_release(&again);
    cf_json_release(&doc);
    cf_buf_reset(&line);
    fail_by("charged");
    round_trip();
    assert_int_equal(again.own_verdict, CF_PASS);
    assert_string_equal(again.failures[2].requirement, "charged");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(write_mixed_record_reads_back_the_same, begin, end),
        cmocka_unit_test_setup_teardown(write_twice_gives_the_same_line, begin, end),
        cmocka_unit_test_setup_teardown(write_body_of_any_bytes_reads_back_the_same, begin, end),
        cmocka_unit_test_setup_teardown(write_no_body_reads_back_as_none, begin, end),
        cmocka_unit_test_setup_teardown(write_repeated_and_binary_headers_read_back_in_order, begin,
                                        end),
        cmocka_unit_test(headers_shared_stay_as_they_are_where_one_adds),
        cmocka_unit_test_setup_teardown(write_hook_and_timeout_exchanges_read_back, begin, end),
        cmocka_unit_test_setup_teardown(write_observation_keeps_json_and_quotes_the_rest, begin,
                                        end),
        cmocka_unit_test_setup_teardown(write_observation_nested_too_deep_becomes_text, begin, end),
        cmocka_unit_test_setup_teardown(read_member_of_wrong_type_names_it, begin, end),
        cmocka_unit_test_setup_teardown(read_unknown_members_are_ignored, begin, end),
        cmocka_unit_test(base64_of_any_length_reads_back),
        cmocka_unit_test(base64_malformed_is_refused),
        cmocka_unit_test_setup_teardown(leave_out_large_bodies_and_keep_their_digests, begin, end),
        cmocka_unit_test(names_parse_back_and_nothing_else_does),
        cmocka_unit_test_setup_teardown(verdict_of_each_is_that_of_a_case_charged_with_nothing,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            verdict_of_what_failed_no_expectation_is_that_of_its_own_questions, begin, end),
        cmocka_unit_test_setup_teardown(own_verdict_is_written_where_another_was_charged, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
