/* What must be distinct over a whole run, from records made here. */
#include "harness/base/mem.h"
#include "harness/run/distinct.h"
#include "harness/run/language.h"
#include "suites/suites.h"
#include "tests/unit/unit.h"

#define CASE_ID "accepted.correlation-id-unique.whole-run"

static struct cf_catalogue catalogue;

static void note(void *context, const char *text)
{
    (void)context;
    print_error("%s\n", text);
}

static int load(void **state)
{
    (void)state;
    struct cf_err err = {0};
    const struct cf_engine *engine = cf_cvm_engine();
    const struct cf_step_form **forms = cf_engine_forms(engine);
    struct cf_catalogue_language language = cf_engine_language(engine, forms);
    enum cf_code code =
        cf_catalogue_load(&catalogue, CF_CASES, NULL, 0, &language, note, NULL, &err);
    free(forms);
    return code == CF_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    cf_catalogue_release(&catalogue);
    return 0;
}

static void add_answer(struct cf_distinct *all, size_t rank, const char *case_id,
                       const char *shares, int status, const char *body)
{
    struct cf_case_record record = {.id = cf_strdup(case_id), .shares = cf_strdup(shares)};
    struct cf_exchange *exchange = cf_case_record_add_exchange(&record);
    exchange->status = status;
    exchange->response_body.bytes = cf_strdup(body);
    exchange->response_body.len = strlen(body);
    cf_distinct_add(all, rank, &record);
    cf_case_record_release(&record);
}

static void answer(struct cf_distinct *all, size_t rank, const char *case_id, int status,
                   const char *body)
{
    add_answer(all, rank, case_id, NULL, status, body);
}

static void shared_answer(struct cf_distinct *all, size_t rank, const char *case_id,
                          const char *shares, const char *body)
{
    add_answer(all, rank, case_id, shares, 202, body);
}

static void judge(struct cf_distinct *all, struct cf_case_record *record)
{
    *record = (struct cf_case_record){0};
    cf_distinct_judge(all, cf_catalogue_case(&catalogue, CASE_ID), 1, record);
    cf_distinct_release(all);
}

static void ids_that_differ_pass(void **state)
{
    (void)state;
    struct cf_distinct all = {.engine = cf_cvm_engine()};
    struct cf_case_record record;
    answer(&all, 0, "a", 202, "{\"correlation_id\": \"1\"}");
    answer(&all, 1, "b", 202, "{\"correlation_id\": \"2\"}");
    answer(&all, 2, "c", 409, "{\"correlation_id\": \"2\"}");
    answer(&all, 3, "d", 202, "{\"correlation_id\": \"\"}");
    judge(&all, &record);
    assert_int_equal(record.verdict, CF_PASS);
    assert_string_equal(record.observation, "{\"correlation ids\":2}");
    cf_case_record_release(&record);
}

static void the_first_shared_id_is_told_in_whichever_order_records_come(void **state)
{
    (void)state;
    struct cf_distinct all = {.engine = cf_cvm_engine()};
    struct cf_case_record record;
    answer(&all, 5, "f", 202, "{\"correlation_id\": \"a\"}");
    answer(&all, 4, "e", 202, "{\"correlation_id\": \"a\"}");
    answer(&all, 3, "d", 202, "{\"correlation_id\": \"z\"}");
    answer(&all, 1, "b", 202, "{\"correlation_id\": \"z\"}");
    judge(&all, &record);
    assert_int_equal(record.verdict, CF_FAIL);
    assert_string_equal(record.failures[0].actual, "\"z\" 2 times: b, d");
    assert_string_equal(record.failures[0].expected, "4 different correlation ids");
    cf_case_record_release(&record);
}

static void an_answer_that_two_cases_share_counts_once(void **state)
{
    (void)state;
    struct cf_distinct all = {.engine = cf_cvm_engine()};
    struct cf_case_record record;
    answer(&all, 0, "a", 202, "{\"correlation_id\": \"1\"}");
    answer(&all, 1, "b", 202, "{\"correlation_id\": \"2\"}");
    shared_answer(&all, 2, "c", "b", "{\"correlation_id\": \"2\"}");
    judge(&all, &record);
    assert_int_equal(record.verdict, CF_PASS);
    assert_string_equal(record.observation, "{\"correlation ids\":2}");
    cf_case_record_release(&record);
}

static void one_id_proves_nothing(void **state)
{
    (void)state;
    struct cf_distinct all = {.engine = cf_cvm_engine()};
    struct cf_case_record record;
    answer(&all, 0, "a", 202, "{\"correlation_id\": \"1\"}");
    judge(&all, &record);
    assert_int_equal(record.verdict, CF_INCONCLUSIVE);
    cf_case_record_release(&record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_that_differ_pass),
        cmocka_unit_test(the_first_shared_id_is_told_in_whichever_order_records_come),
        cmocka_unit_test(an_answer_that_two_cases_share_counts_once),
        cmocka_unit_test(one_id_proves_nothing),
    };
    return cmocka_run_group_tests(tests, load, unload) ? 1 : 0;
}
