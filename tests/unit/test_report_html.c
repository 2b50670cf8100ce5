/* The HTML report's data, read back without a browser (tests/reports/browser.sh has one). */
#include "harness/base/base64.h"
#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "reports/html.h"
#include "reports/html_data.h"
#include "reports/timing.h"
#include "tests/reports/fixture.h"

static const char *render(void)
{
    assert_int_equal(cf_report_html_write(&fixture.source, fixture.report, &fixture.err), CF_OK);
    return fixture_read();
}

/* The text of the element that starts with open, up to close; NULL without one. Moves *at. */
static const char *between(const char **at, const char *open, const char *close, size_t *out_len)
{
    const char *start = strstr(*at, open);
    if (!start)
        return NULL;
    start += strlen(open);
    const char *end = strstr(start, close);
    assert_non_null(end);
    *out_len = (size_t)(end - start);
    *at = end;
    return start;
}

static const char index_open[] = "<script type=\"application/json\" id=\"cf-index\">";
static const char piece_open[] = "<script type=\"application/json\" class=\"cf-piece\">";

static void parse(struct cf_json_doc *doc, const char *json, size_t len)
{
    assert_null(memchr(json, '<', len));
    if (cf_json_parse(doc, "data", json, len, CF_JSON_UNIQUE_KEYS, &fixture.err) != CF_OK)
        fail_msg("%s", fixture.err.text);
}

/* Parse the next element of that kind; false without one. */
static bool parse_next(struct cf_json_doc *doc, const char **at, const char *open)
{
    size_t len = 0;
    const char *json = between(at, open, "</script>", &len);
    if (json)
        parse(doc, json, len);
    return json != NULL;
}

static void write_index_and_pieces_hold_every_case(void **state)
{
    struct cf_json_doc doc;
    (void)state;
    fixture_sample(SAMPLE_MIXED, 200);
    const char *at = render();
    assert_true(parse_next(&doc, &at, index_open));
    assert_int_equal(cJSON_GetArraySize(cf_json_get(doc.root, "cases")), 200);
    assert_string_equal(cf_json_at(doc.root, "/cases/3/0")->valuestring,
                        "accepted.wrong-type-3[vcpu=array]");
    assert_string_equal(cf_json_at(doc.root, "/cases/3/3")->valuestring, "3");
    cf_json_release(&doc);
    size_t cases = 0;
    while (parse_next(&doc, &at, piece_open)) {
        size_t here = (size_t)cJSON_GetArraySize(doc.root);
        assert_true(here == 64 || cases + here == 200);
        cases += here;
        cf_json_release(&doc);
    }
    assert_int_equal(cases, 200);
}

static void write_details_carry_what_the_page_shows(void **state)
{
    struct cf_json_doc doc;
    (void)state;
    fixture_sample(SAMPLE_MIXED, 4);
    const char *at = render();
    assert_true(parse_next(&doc, &at, piece_open));
    assert_string_equal(cf_json_at(doc.root, "/3/repeat")->valuestring,
                        "cvm-conformance run --case 'accepted.wrong-type-3[vcpu=array]'");
    assert_non_null(strstr(cf_json_at(doc.root, "/3/curl/1")->valuestring, "curl -sSi -X PATCH"));
    assert_string_equal(cf_json_at(doc.root, "/3/blame/0")->valuestring, "1");
    assert_string_equal(cf_json_at(doc.root, "/3/record/failures/1/pointer")->valuestring,
                        "/detail/0/loc/1");
    cf_json_release(&doc);
}

static void write_passed_cases_share_what_is_the_same(void **state)
{
    struct cf_case_record records[2];
    struct cf_json_doc doc;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sample_record(&records[i], SAMPLE_PASSING, i);
        free(records[i].exchanges[1].request_body.bytes);
        sample_body(&records[i].exchanges[1].request_body, i ? "[1]" : "{\"vcpu\":[4]}");
    }
    fixture_records(records, 2);
    const char *at = render();
    assert_true(parse_next(&doc, &at, index_open));
    assert_string_equal(cf_json_at(doc.root, "/again")->valuestring, "cvm-conformance run");
    assert_non_null(cf_json_at(doc.root, "/statements/0"));
    cf_json_release(&doc);
    assert_true(parse_next(&doc, &at, piece_open));
    for (int i = 0; i < 2; i++) {
        const cJSON *item = cJSON_GetArrayItem(doc.root, i);
        const cJSON *curl = cJSON_GetArrayItem(cf_json_get(item, "curl"), 0);
        assert_string_equal(curl->valuestring, "0");
        assert_null(cf_json_get(item, "repeat"));
        assert_null(cf_json_at(item, "/record/title"));
        assert_non_null(cf_json_at(item, "/record/steps/0/request/url"));
    }
    cf_json_release(&doc);
    assert_true(parse_next(&doc, &at, "id=\"cf-commands\">"));
    assert_int_equal(cJSON_GetArraySize(doc.root), 1);
    const char *command = cJSON_GetArrayItem(doc.root, 0)->valuestring;
    assert_int_equal(strncmp(command, "curl -sSi -X PATCH \x01 -H ", 24), 0);
    assert_non_null(strstr(command, " --data-binary '\x02'"));
    cf_json_release(&doc);
}

static void assert_hash(const char *text, const char *directive, const char *open,
                        const char *close)
{
    unsigned char digest[CF_SHA256_BYTES];
    struct cf_buf wanted;
    size_t len = 0;
    const char *at = text;
    const char *inside = between(&at, open, close, &len);
    cf_sha256(inside, len, digest);
    cf_buf_init(&wanted, 200);
    cf_buf_printf(&wanted, "%s 'sha256-", directive);
    cf_base64_encode(&wanted, digest, sizeof(digest));
    cf_buf_puts(&wanted, "'");
    assert_non_null(strstr(text, cf_buf_text(&wanted)));
    cf_buf_release(&wanted);
}

static void write_policy_names_the_hashes_of_script_and_style(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 4);
    const char *text = render();
    assert_hash(text, "script-src", "\n<script>", "</script>");
    assert_hash(text, "style-src", "<style>", "</style>");
    assert_non_null(strstr(text, "default-src 'none'"));
    assert_null(strstr(text, "unsafe"));
}

static void write_has_no_handler_and_no_address_to_load(void **state)
{
    static const char *const banned[] = {" onclick=", " onload=",    " onerror=\"", " src=",
                                         "@import",   "javascript:", " style=",     "url("};
    (void)state;
    fixture_sample(SAMPLE_MIXED, 50);
    const char *text = render();
    for (size_t i = 0; i < sizeof(banned) / sizeof(banned[0]); i++) {
        if (strstr(text, banned[i]))
            fail_msg("%s in the page", banned[i]);
    }
}

static void write_counts_come_before_anything_else(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 50);
    const char *header = strstr(render(), "<header>");
    assert_non_null(header);
    const char *counts = strstr(header, "<li class=\"must\">MUST ");
    assert_true(counts && counts - header < 200);
}

static void write_interrupted_run_is_not_green(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_PASSING, 3);
    fixture.info.complete = false;
    const char *text = render();
    assert_non_null(strstr(text, "conforming (cut short)</title>"));
    assert_non_null(strstr(text, "<span class=\"badge inconclusive\">conforming, as far as the run "
                                 "went</span></h1>"));
}

static void write_lost_server_says_what_happened_and_folds_the_rest(void **state)
{
    static char trouble[] = "no <answer> any more; the last requests before: a; b";
    (void)state;
    fixture_sample(SAMPLE_PASSING, 2);
    fixture.info.complete = false;
    fixture.info.trouble = trouble;
    cf_list_add(&fixture.info.left, "CVM <x> is changed");
    const char *text = render();
    assert_non_null(strstr(text, "<details class=\"warning\"><summary>no &lt;answer&gt; any more"
                                 "</summary>\n<ul>\n<li>the last requests before: a</li>\n"
                                 "<li>b</li>\n</ul></details>\n"));
    assert_non_null(strstr(text, "<summary>Not put back as it was: 1</summary>\n<ul>\n"
                                 "<li>CVM &lt;x&gt; is changed</li>\n</ul></details>"));
    const char *next = strstr(text, "What to do next");
    assert_non_null(strstr(next, "<li>no &lt;answer&gt; any more</li>\n<li>&quot;restore /"));
    cf_list_release(&fixture.info.left);
    fixture.info.trouble = NULL;
}

static void write_hostile_run_breaks_out_of_nothing(void **state)
{
    struct cf_json_doc doc;
    (void)state;
    fixture_sample(SAMPLE_HOSTILE, 70);
    const char *text = render();
    size_t scripts = 0;
    for (const char *at = strstr(text, "</script"); at; at = strstr(at + 1, "</script"))
        scripts++;
    /* The index, two pieces, the commands, the page's own. */
    assert_int_equal(scripts, 5);
    assert_null(strstr(text, "<img"));
    assert_null(memchr(fixture.text.data, 0x1b, fixture.text.len));
    const char *at = text;
    assert_true(parse_next(&doc, &at, index_open));
    cf_json_release(&doc);
    while (parse_next(&doc, &at, piece_open)) {
        cf_json_release(&doc);
    }
}

static void write_body_of_a_mebibyte_is_cut_and_says_so(void **state)
{
    enum { LEN = 1 << 20 };
    struct cf_case_record records[1];
    struct cf_json_doc doc;
    char *big = malloc(LEN + 1);
    (void)state;
    assert_non_null(big);
    /* Three bytes a character: the cut must not fall inside of one. */
    for (size_t i = 0; i < LEN; i++)
        big[i] = "\xe2\x82\xac"[i % 3];
    big[LEN - 1] = '\0';
    sample_record(&records[0], SAMPLE_MIXED, 3);
    free(records[0].exchanges[1].response_body.bytes);
    sample_body(&records[0].exchanges[1].response_body, big);
    free(big);
    fixture_records(records, 1);
    const char *at = render();
    assert_true(parse_next(&doc, &at, piece_open));
    assert_string_equal(cf_json_at(doc.root, "/0/cut/0/1")->valuestring, "response");
    assert_string_equal(cf_json_at(doc.root, "/0/cut/0/2")->valuestring, "1048575");
    const char *body = cf_json_at(doc.root, "/0/record/steps/1/response/body")->valuestring;
    assert_int_equal(strlen(body) % 3, 0);
    assert_true(strlen(body) <= CF_REPORT_HTML_BODY_MAX_BYTES &&
                strlen(body) > CF_REPORT_HTML_BODY_MAX_BYTES - 4);
    assert_true(fixture.text.len < 300000);
    cf_json_release(&doc);
}

static void write_empty_run_is_a_page(void **state)
{
    struct cf_json_doc doc;
    (void)state;
    fixture_records(NULL, 0);
    const char *at = render();
    assert_true(parse_next(&doc, &at, index_open));
    assert_int_equal(cJSON_GetArraySize(cf_json_get(doc.root, "cases")), 0);
    cf_json_release(&doc);
}

/* ---- timing ---- */

static void timing_gathers_by_endpoint_and_operation(void **state)
{
    struct cf_report_timing timing = {0};
    (void)state;
    for (size_t i = 0; i < 40; i++) {
        struct cf_case_record record;
        sample_record(&record, SAMPLE_PASSING, i);
        /* Reading the state afterwards is not part of the operation. */
        sample_observe(&record, 3, "cvm-1");
        record.exchanges[record.exchange_count - 1].at_ms = 60000;
        cf_report_timing_add(&timing, &record);
        cf_case_record_release(&record);
    }
    assert_int_equal(timing.row_count, 4);
    assert_string_equal(timing.rows[0].label, "GET /api/v1/cvms/{cvm_id}");
    assert_string_equal(timing.rows[1].label, "PATCH /api/v1/cvms/{cvm_id}");
    assert_string_equal(timing.rows[2].label, "operation: 202 until settled");
    assert_string_equal(timing.rows[3].label, "GET /api/v1/cvms/{cvm_id}/operations");
    assert_true(timing.rows[2].min_ms > 4 && timing.rows[2].max_ms < 500);
    cf_report_timing_release(&timing);
}

static void timing_quantiles_are_near(void **state)
{
    struct cf_report_timing timing = {0};
    (void)state;
    for (int i = 1; i <= 1000; i++) {
        struct cf_case_record record = {0};
        struct cf_exchange *exchange = sample_http(&record, 0, "GET", "x", 200);
        exchange->duration_ms = i;
        cf_report_timing_add(&timing, &record);
        cf_case_record_release(&record);
    }
    double median = cf_report_timing_quantile(&timing.rows[0], 0.5);
    double most = cf_report_timing_quantile(&timing.rows[0], 0.95);
    assert_true(median >= 500 && median < 500 * 1.16);
    assert_true(most >= 950 && most <= 1000);
    assert_true(timing.rows[0].min_ms < 1.1 && timing.rows[0].max_ms > 999);
    cf_report_timing_release(&timing);
}

static void timing_of_many_endpoints_keeps_a_bounded_table(void **state)
{
    struct cf_report_timing timing = {0};
    (void)state;
    for (int i = 0; i < 200; i++) {
        struct cf_case_record record = {0};
        char path[32];
        (void)snprintf(path, sizeof(path), "x/path-%d?query=%d", i, i);
        (void)sample_http(&record, 0, "GET", path, 200);
        cf_report_timing_add(&timing, &record);
        cf_case_record_release(&record);
    }
    assert_int_equal(timing.row_count, CF_REPORT_TIMING_ROWS_MAX);
    assert_string_equal(timing.rows[0].label, "GET /api/v1/cvms/{cvm_id}/path-0");
    assert_string_equal(timing.rows[CF_REPORT_TIMING_ROWS_MAX - 1].label, "other endpoints");
    assert_int_equal(timing.rows[CF_REPORT_TIMING_ROWS_MAX - 1].count,
                     200 - (CF_REPORT_TIMING_ROWS_MAX - 1));
    cf_report_timing_release(&timing);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_begin, fixture_end)
    const struct CMUnitTest tests[] = {
        TEST(write_index_and_pieces_hold_every_case),
        TEST(write_passed_cases_share_what_is_the_same),
        TEST(write_details_carry_what_the_page_shows),
        TEST(write_policy_names_the_hashes_of_script_and_style),
        TEST(write_has_no_handler_and_no_address_to_load),
        TEST(write_counts_come_before_anything_else),
        TEST(write_interrupted_run_is_not_green),
        TEST(write_lost_server_says_what_happened_and_folds_the_rest),
        TEST(write_hostile_run_breaks_out_of_nothing),
        TEST(write_body_of_a_mebibyte_is_cut_and_says_so),
        TEST(write_empty_run_is_a_page),
        cmocka_unit_test(timing_gathers_by_endpoint_and_operation),
        cmocka_unit_test(timing_quantiles_are_near),
        cmocka_unit_test(timing_of_many_endpoints_keeps_a_bounded_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
