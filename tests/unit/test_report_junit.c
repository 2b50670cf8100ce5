/* junit.xml read back with libxml2 and held to the schema. */
#include "reports/gate.h"
#include "reports/junit.h"
#include "tests/reports/fixture.h"

#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>
#include <libxml/xpath.h>

static xmlDocPtr doc;

static void quiet(void *context, const char *format, ...) CF_PRINTF(2, 3);
static void quiet(void *context, const char *format, ...)
{
    va_list args;
    (void)context;
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
}

static int end(void **state)
{
    xmlFreeDoc(doc);
    doc = NULL;
    return fixture_end(state);
}

static int is_valid(xmlDocPtr checked)
{
    char path[512];
    fixture_data("junit.xsd", path, sizeof(path));
    xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(path);
    xmlSchemaPtr schema = xmlSchemaParse(parser);
    assert_non_null(schema);
    xmlSchemaValidCtxtPtr validator = xmlSchemaNewValidCtxt(schema);
    xmlSchemaSetValidErrors(validator, quiet, quiet, NULL);
    int result = xmlSchemaValidateDoc(validator, checked);
    xmlSchemaFreeValidCtxt(validator);
    xmlSchemaFree(schema);
    xmlSchemaFreeParserCtxt(parser);
    return result == 0;
}

static void write_and_parse(void)
{
    assert_int_equal(cf_report_junit_write(&fixture.source, fixture.report, &fixture.err), CF_OK);
    (void)fixture_read();
    xmlFreeDoc(doc);
    doc =
        xmlReadMemory(fixture.text.data, (int)fixture.text.len, "junit.xml", NULL, XML_PARSE_NONET);
    assert_non_null(doc);
}

static double evaluate(const char *xpath)
{
    xmlXPathContextPtr context = xmlXPathNewContext(doc);
    xmlXPathObjectPtr object = xmlXPathEvalExpression((const xmlChar *)xpath, context);
    assert_non_null(object);
    double value = xmlXPathCastToNumber(object);
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
    return value;
}

static void assert_text(const char *xpath, const char *wanted)
{
    xmlXPathContextPtr context = xmlXPathNewContext(doc);
    xmlXPathObjectPtr object = xmlXPathEvalExpression((const xmlChar *)xpath, context);
    assert_non_null(object);
    xmlChar *text = xmlXPathCastToString(object);
    assert_string_equal((const char *)text, wanted);
    xmlFree(text);
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
}

static void assert_number(const char *xpath, double wanted)
{
    double got = evaluate(xpath);
    if (got < wanted || got > wanted)
        fail_msg("%s: expected %g, got %g", xpath, wanted, got);
}

static void counts_are_those_of_the_elements(void)
{
    assert_number("sum(/testsuites/testsuite/@tests) - count(//testcase)", 0);
    assert_number("count(//testsuite[@tests != count(testcase)])", 0);
    assert_number("count(//testsuite[@failures != count(testcase/failure)])", 0);
    assert_number("count(//testsuite[@errors != count(testcase/error)])", 0);
    assert_number("count(//testsuite[@skipped != count(testcase/skipped)])", 0);
    assert_number("/testsuites/@tests - count(//testcase)", 0);
    assert_number("/testsuites/@failures - count(//failure)", 0);
    assert_number("/testsuites/@errors - count(//error)", 0);
    assert_number("sum(//testsuite/@skipped) - count(//skipped)", 0);
    assert_number("count(/testsuites/@skipped)", 0); /* Jenkins' xUnit schema does not know it */
}

static void write_mixed_run_is_valid_and_counted(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 330);
    write_and_parse();
    assert_true(is_valid(doc));
    counts_are_those_of_the_elements();
    assert_number("count(//testcase)", 330);
    assert_number("count(//testsuite)", 8);
    struct cf_report_gate gate;
    cf_report_gate_init(&gate, &fixture.source);
    assert_number("count(//failure)", (double)gate.counts[CF_REPORT_FAILURE]);
    assert_number("count(//error)", (double)gate.counts[CF_REPORT_ERROR]);
    assert_number("count(//skipped)", (double)gate.counts[CF_REPORT_SKIPPED]);
    cf_report_gate_release(&gate);
    assert_number("count(//testsuite/properties)", 1);
    /* The same words in the attribute and in the text: each reader shows one of them. */
    assert_number("count(//testcase/*[@message and not(starts-with(string(.), @message))])", 0);
}

static void write_case_carries_requirements_and_place(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 4);
    write_and_parse();
    assert_text("//testcase[4]/@name", "accepted.wrong-type-3[vcpu=array]");
    assert_text("//testcase[4]/@classname", "cvm.accepted");
    assert_text("//testcase[4]/@file", "cases/accepted/wrong-type.json");
    assert_text("//testcase[4]/@time", "0.015");
    assert_text("//testcase[4]/properties/property[@name='requirement']/@value", "accepted.must-3");
    assert_text("//testcase[4]/properties/property[@name='level']/@value", "must");
    assert_text("//testsuite/properties/property[@name='iut']/@value", "Acme Cloud 2.4.1");
}

static void write_failure_says_all(void **state)
{
    static const char *const wanted[] = {
        "A value of the wrong JSON type is refused with 422.",
        "expected: integer 422",
        "actual:   integer 202",
        "at:       /detail/0/loc/1",
        "expected: string \"vcpu\"",
        "cases/accepted/wrong-type.json:41",
        "| \"expect\": {\"status\": 422, \"names\": \"vcpu\"}",
        "curl -sSi -X PATCH http://127.0.0.1:8080/api/v1/cvms/cvm-1 -H \"X-API-Key: $ACME_API",
        "cvm-conformance run --case 'accepted.wrong-type-3[vcpu=array]'"};
    (void)state;
    fixture_sample(SAMPLE_MIXED, 4);
    write_and_parse();
    assert_text("//failure/@message", "status: expected integer 422, got integer 202");
    xmlXPathContextPtr context = xmlXPathNewContext(doc);
    xmlXPathObjectPtr object =
        xmlXPathEvalExpression((const xmlChar *)"string(//failure)", context);
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        if (!strstr((const char *)object->stringval, wanted[i]))
            fail_msg("no \"%s\" in: %s", wanted[i], (const char *)object->stringval);
    }
    xmlXPathFreeObject(object);
    xmlXPathFreeContext(context);
}

static void write_hostile_run_is_valid(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_HOSTILE, 100);
    write_and_parse();
    assert_true(is_valid(doc));
    counts_are_those_of_the_elements();
    assert_null(memchr(fixture.text.data, 0x1b, fixture.text.len));
    assert_null(memchr(fixture.text.data, 0x01, fixture.text.len));
}

static void write_hostile_ids_read_back_cleaned(void **state)
{
    static const struct {
        const char *id;
        const char *wanted;
    } rows[] = {{"<&\"'>", "<&\"'>"},
                {"a]]>b", "a]]>b"},
                {"a\x01\x1f\x0b"
                 "b",
                 "ab"},
                {"bad\xc3(", "bad\xef\xbf\xbd("},
                {"\xef\xbf\xbe"
                 "end",
                 "end"}};
    struct cf_case_record records[5];
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        sample_record(&records[i], SAMPLE_MIXED, 3);
        free(records[i].id);
        records[i].id = sample_copy(rows[i].id);
    }
    fixture_records(records, 5);
    write_and_parse();
    assert_true(is_valid(doc));
    for (size_t i = 0; i < 5; i++) {
        char xpath[64];
        (void)snprintf(xpath, sizeof(xpath), "//testcase[%zu]/@name", i + 1);
        assert_text(xpath, rows[i].wanted);
    }
}

static void write_observation_reads_back_cleaned(void **state)
{
    struct cf_case_record records[1];
    (void)state;
    sample_record(&records[0], SAMPLE_PASSING, 0);
    records[0].observation = sample_copy("\"a\xef\xbf\xbf<&]]>\"");
    fixture_records(records, 1);
    write_and_parse();
    assert_true(is_valid(doc));
    assert_text("//system-out", "\"a<&]]>\"");
}

static void write_case_of_a_mebibyte_reads_back(void **state)
{
    enum { LEN = 1 << 20 };
    struct cf_case_record records[1];
    char *big = malloc(LEN + 1);
    (void)state;
    assert_non_null(big);
    memset(big, '<', LEN);
    big[LEN] = '\0';
    sample_record(&records[0], SAMPLE_MIXED, 3);
    free(records[0].id);
    records[0].id = sample_copy(big);
    free(records[0].failures[0].actual);
    records[0].failures[0].actual = sample_copy(big);
    free(records[0].reason);
    records[0].reason = sample_copy(big);
    free(records[0].exchanges[1].request_body.bytes);
    sample_body(&records[0].exchanges[1].request_body, big);
    free(big);
    fixture_records(records, 1);
    write_and_parse();
    assert_true(is_valid(doc));
    assert_number("string-length(//testcase/@name)", LEN);
    /* What the implementation sent is cut; its length is told. */
    assert_number("number(string-length(//failure/@message) < 5000)", 1);
    assert_number("number(contains(//failure, '(1048576 bytes)'))", 1);
}

static void write_attempts_make_one_testcase_by_the_gravest(void **state)
{
    struct cf_case_record records[4];
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        sample_record(&records[i], SAMPLE_MIXED, i == 2 ? 3 : 0);
        records[i].attempt = (int)(i % 3) + 1;
        free(records[i].id);
        records[i].id = sample_copy(i < 3 ? "a" : "b");
    }
    fixture_records(records, 4);
    write_and_parse();
    assert_true(is_valid(doc));
    assert_number("count(//testcase)", 2);
    assert_number("count(//testcase[@name='a']/failure)", 1);
    assert_text("//testcase[@name='a']/properties/property[@name='attempts']/@value", "3");
    assert_text("//testcase[@name='a']/properties/property[@name='unstable']/@value", "true");
}

static void write_reason_empty_is_still_a_message(void **state)
{
    struct cf_case_record records[1];
    (void)state;
    sample_record(&records[0], SAMPLE_MIXED, 5);
    records[0].reason[0] = '\0';
    fixture_records(records, 1);
    write_and_parse();
    assert_true(is_valid(doc));
    assert_text("//testcase[@classname != 'run']/*/@message", "not applicable: no reason given");
}

static void write_empty_run_is_an_error(void **state)
{
    (void)state;
    fixture_records(NULL, 0);
    write_and_parse();
    assert_true(is_valid(doc));
    counts_are_those_of_the_elements();
    assert_number("count(//testcase)", 1);
    assert_text("//testcase[@classname='run']/error/@message",
                "0 cases were judged, fewer than the 1 asked for");
}

static void write_is_ascii_whatever_the_run_said(void **state)
{
    struct cf_case_record records[1];
    (void)state;
    sample_record(&records[0], SAMPLE_MIXED, 3);
    free(records[0].reason);
    records[0].reason = sample_copy("erw\xc3\xa4rmt \xf0\x9f\x94\xa5");
    fixture_records(records, 1);
    write_and_parse();
    for (size_t i = 0; i < fixture.text.len; i++)
        assert_true((unsigned char)fixture.text.data[i] < 0x80);
    assert_text("//failure/@message", "erw\xc3\xa4rmt \xf0\x9f\x94\xa5");
}

/* Cases run side by side: a suite's time is the wall's. */
static void write_suite_has_its_own_time(void **state)
{
    struct cf_case_record records[3];
    static const char *const begun[] = {"2026-01-21T09:30:02.000Z", "2026-01-21T09:30:01.500Z",
                                        "2026-01-21T09:30:01.600Z"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        sample_record(&records[i], SAMPLE_PASSING, i * 8);
        free(records[i].started_at);
        free(records[i].suite);
        records[i].started_at = sample_copy(begun[i]);
        records[i].suite = sample_copy("a");
        records[i].duration_ms = 1000;
    }
    fixture_records(records, 3);
    write_and_parse();
    assert_text("//testsuite/@timestamp", "2026-01-21T09:30:01");
    assert_text("//testsuite/@time", "1.500");
    assert_text("/testsuites/@time", "1.500");
}

static void write_to_no_directory_says_so(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 4);
    assert_int_equal(cf_report_junit_write(&fixture.source, "/nowhere/x.xml", &fixture.err),
                     CF_EIO);
    assert_string_equal(fixture.err.text, "cannot write /nowhere/x.xml: No such file or directory");
}

static void write_to_full_device_fails_and_leaves_nothing(void **state)
{
    (void)state;
    fixture_sample(SAMPLE_MIXED, 4);
    assert_int_equal(cf_report_junit_write(&fixture.source, "/dev/full", &fixture.err), CF_EIO);
    assert_string_equal(fixture.err.text, "/dev/full: cannot write: No space left on device");
}

/* The schema itself must be able to say no. */
static void schema_refuses_what_readers_would_misread(void **state)
{
    static const char *const bad[] = {
        "<testsuites name='n' tests='0' failures='0' time='0.0'/>",
        "<testsuites name='n' tests='1' failures='0' errors='0' time='0.0'>"
        "<testsuite name='s' tests='1' failures='0' errors='0' time='0.0'>"
        "<testcase name='a' classname='s' time='0.0'/></testsuite></testsuites>",
        "<testsuites name='n' tests='1' failures='0' errors='0' time='0.0'>"
        "<testsuite name='s' tests='1' failures='0' errors='0' skipped='1' time='0.0'>"
        "<testcase name='a' classname='s' time='0.0'><skipped message=' '/></testcase>"
        "</testsuite></testsuites>",
        "<testsuites name='n' tests='1' failures='1' errors='1' time='0.0'>"
        "<testsuite name='s' tests='1' failures='1' errors='1' skipped='0' time='0.0'>"
        "<testcase name='a' classname='s' time='0.0'><failure message='m' type='t'>x</failure>"
        "<error message='m' type='t'>x</error></testcase></testsuite></testsuites>",
        "<testsuites name='n' tests='2' failures='0' errors='0' time='0.0'>"
        "<testsuite name='s' tests='2' failures='0' errors='0' skipped='0' time='0.0'>"
        "<testcase name='a' classname='s' time='0.0'/><testcase name='a' classname='s' "
        "time='0.0'/></testsuite></testsuites>"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        xmlDocPtr wrong = xmlReadMemory(bad[i], (int)strlen(bad[i]), "bad.xml", NULL, 0);
        assert_non_null(wrong);
        assert_false(is_valid(wrong));
        xmlFreeDoc(wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(write_mixed_run_is_valid_and_counted, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_case_carries_requirements_and_place, fixture_begin,
                                        end),
        cmocka_unit_test_setup_teardown(write_failure_says_all, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_hostile_run_is_valid, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_hostile_ids_read_back_cleaned, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_observation_reads_back_cleaned, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_case_of_a_mebibyte_reads_back, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_attempts_make_one_testcase_by_the_gravest,
                                        fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_reason_empty_is_still_a_message, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_empty_run_is_an_error, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_is_ascii_whatever_the_run_said, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_suite_has_its_own_time, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_to_no_directory_says_so, fixture_begin, end),
        cmocka_unit_test_setup_teardown(write_to_full_device_fails_and_leaves_nothing,
                                        fixture_begin, end),
        cmocka_unit_test(schema_refuses_what_readers_would_misread),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    xmlSchemaCleanupTypes();
    xmlCleanupParser();
    return failed ? 1 : 0;
}
