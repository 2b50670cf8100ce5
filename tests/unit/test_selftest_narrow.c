/* Which cases a quick self-test tries a deviation with, of those that the suite has. */
#include "cli/selftest/narrow.h"
#include "harness/run/language.h"
#include "suites/suites.h"
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

static struct cf_catalogue catalogue;
static struct cf_kill_matrix matrix;
static const struct cf_step_form **forms;

static void print_problem(void *context, const char *text)
{
    (void)context;
    print_error("%s\n", text);
}

static int begin(void **state)
{
    struct cf_err err = {0};
    const struct cf_engine *engine = cf_cvm_engine();
    forms = cf_engine_forms(engine);
    struct cf_catalogue_language language = cf_engine_language(engine, forms);
    (void)state;
    return cf_catalogue_load(&catalogue, CF_CASES, NULL, 0, &language, print_problem, NULL, &err) ==
                       CF_OK &&
                   cf_kill_matrix_read(&matrix, CF_CASES "/../cli/selftest/kill-matrix.json",
                                       &err) == CF_OK
               ? 0
               : -1;
}

static int end(void **state)
{
    (void)state;
    cf_catalogue_release(&catalogue);
    cf_kill_matrix_release(&matrix);
    free(forms);
    return 0;
}

/* The next deviation of the level that is tried with few cases, from *at on; false: there is none.
 */
static bool next_narrowed(size_t *at, const char *level, struct cf_subject *out)
{
    const struct cf_ref_switch *rows;
    size_t count = cf_ref_deviations(&rows);
    while (*at < count) {
        *out = (struct cf_subject){.kind = CF_SUBJECT_DEVIATION, .row = &rows[(*at)++]};
        if (strcmp(out->row->level, level) == 0 && cf_narrow_to_few(out, &catalogue, &matrix))
            return true;
    }
    return false;
}

static size_t asking(const struct cf_subject *subject, const struct cf_requirement *requirement)
{
    size_t count = 0;
    for (const char *const *id = subject->only; *id; id++) {
        const struct cf_case *one = cf_catalogue_case(&catalogue, *id);
        assert_non_null(one);
        count += one->requirement == requirement;
    }
    return count;
}

static void each_must_of_the_suite_is_asked_of_a_should_deviation(void **state)
{
    struct cf_subject subject;
    size_t tried = 0;
    (void)state;
    for (size_t at = 0; next_narrowed(&at, "should", &subject); tried++) {
        assert_ptr_equal(subject.trial.cases, subject.only);
        for (size_t r = 0; r < catalogue.requirement_count; r++) {
            const struct cf_requirement *requirement = catalogue.requirements[r];
            if (requirement->level == CF_MUST && strcmp(requirement->suite, subject.suite) == 0 &&
                asking(&subject, requirement) == 0)
                fail_msg("%s is not asked about %s", subject.row->name, requirement->id);
        }
    }
    assert_true(tried >= 100);
}

static void a_must_deviation_is_tried_with_few_cases(void **state)
{
    struct cf_subject subject;
    size_t tried = 0;
    (void)state;
    for (size_t at = 0; next_narrowed(&at, "must", &subject); tried++) {
        size_t cases = 0;
        while (subject.only[cases])
            cases++;
        assert_in_range(cases, 1, CF_SUBJECT_CASES_MAX);
    }
    assert_true(tried >= 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_must_of_the_suite_is_asked_of_a_should_deviation),
        cmocka_unit_test(a_must_deviation_is_tried_with_few_cases),
    };
    return cmocka_run_group_tests(tests, begin, end) ? 1 : 0;
}
