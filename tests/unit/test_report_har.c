/* HAR 1.2, read back: the members that the format requires, in every entry. */
#include "harness/base/json.h"
#include "reports/har.h"
#include "tests/reports/fixture.h"

static struct cf_json_doc doc;

static int end(void **state)
{
    cf_json_release(&doc);
    return fixture_end(state);
}

static const cJSON *render(void)
{
    assert_int_equal(cf_report_har_write(&fixture.source, fixture.report, &fixture.err), CF_OK);
    (void)fixture_read();
    if (cf_json_parse(&doc, "har", fixture.text.data, fixture.text.len, CF_JSON_UNIQUE_KEYS,
                      &fixture.err) != CF_OK)
        fail_msg("%s", fixture.err.text);
    return cf_json_at(doc.root, "/log/entries");
}

static void assert_members(const cJSON *entry)
{
    static const struct {
        const char *pointer;
        const char *type;
    } members[] = {{"/startedDateTime", "string"},
                   {"/time", "number"},
                   {"/request/method", "string"},
                   {"/request/url", "string"},
                   {"/request/httpVersion", "string"},
                   {"/request/cookies", "array"},
                   {"/request/headers", "array"},
                   {"/request/queryString", "array"},
                   {"/request/headersSize", "integer"},
                   {"/request/bodySize", "integer"},
                   {"/response/status", "integer"},
                   {"/response/statusText", "string"},
                   {"/response/httpVersion", "string"},
                   {"/response/cookies", "array"},
                   {"/response/headers", "array"},
                   {"/response/content/size", "integer"},
                   {"/response/content/mimeType", "string"},
                   {"/response/redirectURL", "string"},
                   {"/response/headersSize", "integer"},
                   {"/response/bodySize", "integer"},
                   {"/cache", "object"},
                   {"/timings/send", "integer"},
                   {"/timings/wait", "number"},
                   {"/timings/receive", "integer"}};
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        const char *type = cf_json_type(cf_json_at(entry, members[i].pointer));
        if (strcmp(type, members[i].type) != 0 &&
            !(strcmp(type, "integer") == 0 && strcmp(members[i].type, "number") == 0))
            fail_msg("%s is %s", members[i].pointer, type);
    }
}

static void write_every_exchange_is_on_the_page_of_its_case(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 20);
    const cJSON *entries = render();
    const cJSON *pages = cf_json_at(doc.root, "/log/pages");
    const cJSON *entry;
    assert_int_equal(cJSON_GetArraySize(pages), 20);
    assert_string_equal(cf_json_at(pages, "/3/id")->valuestring,
                        "accepted.wrong-type-3[vcpu=array]#1");
    assert_string_equal(cf_json_at(pages, "/3/title")->valuestring,
                        "accepted.wrong-type-3[vcpu=array]");
    cJSON_ArrayForEach(entry, entries)
    {
        const char *of = cf_json_at(entry, "/pageref")->valuestring;
        const char *id = cf_json_at(entry, "/_case")->valuestring;
        assert_int_equal(strncmp(of, id, strlen(id)), 0);
    }
}

static void write_every_exchange_has_what_the_format_requires(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_HOSTILE, 100);
    const cJSON *entries = render();
    assert_string_equal(cf_json_at(doc.root, "/log/version")->valuestring, "1.2");
    assert_string_equal(cf_json_at(doc.root, "/log/creator/name")->valuestring, "cvm-conformance");
    const cJSON *entry;
    size_t count = 0;
    cJSON_ArrayForEach(entry, entries)
    {
        assert_members(entry);
        count++;
    }
    assert_true(count > 190);
}

static void write_times_count_from_the_start_of_the_case(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_PASSING, 1);
    (void)render();
    assert_string_equal(cf_json_at(doc.root, "/log/entries/0/startedDateTime")->valuestring,
                        "2026-01-21T09:30:00.123Z");
    assert_string_equal(cf_json_at(doc.root, "/log/entries/1/startedDateTime")->valuestring,
                        "2026-01-21T09:30:00.127Z");
}

static void write_bodies_query_and_errors_in_their_places(void **state)
{
    struct cf_case_record records[1];
    (void)state;
    sample_record(&records[0], SAMPLE_PASSING, 0);
    struct cf_exchange *sent = &records[0].exchanges[1];
    free(sent->url);
    sent->url = sample_copy("http://h/p?a=1&b&c=%20=&#f");
    free(sent->request_body.bytes);
    sent->request_body = (struct cf_body){.bytes = sample_copy("\xff\xfe"), .len = 2};
    struct cf_exchange *failed = sample_http(&records[0], 2, "GET", "x", 0);
    failed->message = sample_copy("cannot connect: connection refused");
    struct cf_exchange *hook = cf_case_record_add_exchange(&records[0]);
    hook->kind = CF_EXCHANGE_HOOK;
    fixture_records(records, 1);
    const cJSON *entries = render();
    assert_int_equal(cJSON_GetArraySize(entries), 3);
    const cJSON *query = cf_json_at(entries, "/1/request/queryString");
    assert_int_equal(cJSON_GetArraySize(query), 4);
    assert_string_equal(cf_json_at(query, "/1/name")->valuestring, "b");
    assert_string_equal(cf_json_at(query, "/2/value")->valuestring, "%20=");
    assert_string_equal(cf_json_at(entries, "/1/request/postData/_encoding")->valuestring,
                        "base64");
    assert_string_equal(cf_json_at(entries, "/1/request/postData/text")->valuestring, "//4=");
    assert_string_equal(cf_json_at(entries, "/2/response/_error")->valuestring,
                        "cannot connect: connection refused");
    assert_string_equal(cf_json_at(entries, "/0/_case")->valuestring,
                        "accepted.wrong-type-0[vcpu=array]");
}

static void write_all_attempts_in_order(void **state)
{
    struct cf_case_record records[2];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sample_record(&records[i], SAMPLE_PASSING, 0);
        records[i].attempt = 2 - (int)i;
    }
    fixture_records(records, 2);
    const cJSON *entries = render();
    assert_int_equal(cJSON_GetArraySize(entries), 4);
    assert_string_equal(cf_json_at(entries, "/0/_attempt")->valuestring, "1");
    assert_string_equal(cf_json_at(entries, "/3/_attempt")->valuestring, "2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, end)
    const struct CMUnitTest tests[] = {
        TEST(write_every_exchange_is_on_the_page_of_its_case),
        TEST(write_every_exchange_has_what_the_format_requires),
        TEST(write_times_count_from_the_start_of_the_case),
        TEST(write_bodies_query_and_errors_in_their_places),
        TEST(write_all_attempts_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
