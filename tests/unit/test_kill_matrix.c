/* The kill matrix: traces, likeness, guesses, and the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/selftest/kill_matrix.h"
#include "harness/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char text_place[] = "/cases/0/steps/1/expect/status";
static char text_message[] = "the status code is another one";

/* A record of a case that failed with this status, or that is inconclusive (status NULL). */
static void add(struct cf_kill_matrix *matrix, struct cf_traces *traces, char *id, char *status)
{
    struct cf_failure failure = {
        .case_pointer = text_place, .message = text_message, .actual = status};
    struct cf_case_record record = {.id = id,
                                    .verdict = status ? CF_FAIL : CF_INCONCLUSIVE,
                                    .failures = &failure,
                                    .failure_count = status != NULL};
    cf_traces_add(matrix, traces, &record);
}

static void add_row(struct cf_kill_matrix *matrix, const char *name, char *first, char *second,
                    char *status)
{
    struct cf_traces traces = {0};
    add(matrix, &traces, first, status);
    if (second)
        add(matrix, &traces, second, NULL);
    struct cf_kill_matrix_row *row = cf_kill_matrix_add_row(matrix);
    row->name = strdup(name);
    row->requirement = strdup("suite.requirement");
    row->sentence = strdup("A \"sentence\".");
    row->caught = strcmp(name, "missed") != 0;
    row->traces = traces;
}

static char id_a[] = "suite.requirement[a]";
static char id_b[] = "suite.requirement[b]";
static char id_c[] = "suite.other";
static char status_500[] = "status 500";
static char status_202[] = "status 202";

static void fill(struct cf_kill_matrix *matrix)
{
    *matrix = (struct cf_kill_matrix){.catalogue_sha256 = "abc"};
    add_row(matrix, "answers-500", id_a, id_b, status_500);
    add_row(matrix, "answers-202", id_a, id_b, status_202);
    add_row(matrix, "elsewhere", id_c, NULL, status_500);
}

static void guess_same_traces_first(void **state)
{
    (void)state;
    struct cf_kill_matrix matrix;
    struct cf_traces run = {0};
    bool ran[3] = {true, true, true};
    size_t rows[2];
    double scores[2];
    fill(&matrix);
    add(&matrix, &run, id_b, NULL); /* the order does not matter */
    add(&matrix, &run, id_a, status_202);
    assert_int_equal(cf_kill_matrix_guess(&matrix, &run, ran, 2, rows, scores), 2);
    assert_string_equal(matrix.rows[rows[0]].name, "answers-202");
    assert_string_equal(matrix.rows[rows[1]].name, "answers-500");
    assert_true(scores[0] == 1.0 && scores[1] > 0 && scores[1] < 1.0);
    cf_traces_release(&run);
    cf_kill_matrix_release(&matrix);
}

static void guess_nothing_in_common_is_empty(void **state)
{
    (void)state;
    struct cf_kill_matrix matrix;
    struct cf_traces run = {0};
    bool ran[4] = {true, true, true, true};
    size_t rows[2];
    double scores[2];
    char unknown[] = "suite.unknown";
    fill(&matrix);
    add(&matrix, &run, unknown, status_500);
    assert_int_equal(cf_kill_matrix_guess(&matrix, &run, ran, 2, rows, scores), 0);
    cf_traces_release(&run);
    cf_kill_matrix_release(&matrix);
}

static void score_ignores_cases_that_did_not_run(void **state)
{
    (void)state;
    struct cf_kill_matrix matrix;
    struct cf_traces run = {0};
    bool ran[3] = {true, false, false};
    double share;
    fill(&matrix);
    add(&matrix, &run, id_a, status_500);
    assert_true(cf_kill_matrix_score(&matrix.rows[0], &run, ran, &share) == 1.0);
    assert_true(share == 1.0);
    ran[1] = true; /* it ran, and did not end as the row's did */
    assert_true(cf_kill_matrix_score(&matrix.rows[0], &run, ran, &share) < 1.0);
    cf_traces_release(&run);
    cf_kill_matrix_release(&matrix);
}

static void signature_ignores_what_differs_from_run_to_run(void **state)
{
    (void)state;
    struct cf_kill_matrix matrix = {0};
    struct cf_traces traces = {0};
    char first[] = "user_config: string \"fresh 0011\"";
    char second[] = "user_config: string \"fresh 2233\"";
    char other[] = "vcpu: integer 2";
    add(&matrix, &traces, id_a, first);
    add(&matrix, &traces, id_b, second);
    add(&matrix, &traces, id_c, other);
    assert_true(traces.items[0].signature == traces.items[1].signature);
    assert_true(traces.items[0].signature != traces.items[2].signature);
    cf_traces_release(&traces);
    cf_kill_matrix_release(&matrix);
}

static void signature_tells_how_far_two_failures_are_alike(void **state)
{
    (void)state;
    struct {
        char one[40], other[40];
        bool same_kind, same_found;
    } rows[] = {
        {"status 404", "status 403", true, false},
        {"absent, beside \"data\"", "absent, beside \"id\"", true, false},
        {"integer 4", "integer 7", true, true},
        {"integer 4", "string \"4\"", true, false},
        {"vcpu: integer 4", "memory: integer 4", false, true},
        {"object {\"a\":1,\"b\":{\"c\":2}}", "object {\"a\":\"x \\\" y\",\"b\":[{\"d\":3}]}", true,
         true},
        {"object {\"a\":1}", "object {\"b\":1}", true, false},
        {"object {\"a\":\"cut", "object {\"a\":...", true, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_kill_matrix matrix = {0};
        struct cf_traces traces = {0};
        add(&matrix, &traces, id_a, rows[i].one);
        add(&matrix, &traces, id_b, rows[i].other);
        unsigned differs = traces.items[0].signature ^ traces.items[1].signature;
        assert_int_equal(differs >> 16 == 0, rows[i].same_kind);
        assert_int_equal((differs & 0xffff) == 0, rows[i].same_found);
        cf_traces_release(&traces);
        cf_kill_matrix_release(&matrix);
    }
}

/* The one that is shipped tells every deviation from its like, given what it does itself. */
static void guess_of_every_shipped_row_is_first_or_second(void **state)
{
    (void)state;
    struct cf_kill_matrix matrix;
    struct cf_err err = {0};
    assert_int_equal(
        cf_kill_matrix_read(&matrix, CF_CASES "/../cli/selftest/kill-matrix.json", &err), CF_OK);
    bool *ran = calloc(matrix.case_count + 1, sizeof(bool));
    assert_non_null(ran);
    memset(ran, true, matrix.case_count);
    for (size_t i = 0; i < matrix.row_count; i++) {
        size_t rows[2];
        double scores[2];
        size_t count = cf_kill_matrix_guess(&matrix, &matrix.rows[i].traces, ran, 2, rows, scores);
        bool found = false;
        for (size_t k = 0; k < count; k++)
            found = found || rows[k] == i;
        if (!found)
            fail_msg("%s is not among the first two", matrix.rows[i].name);
    }
    free(ran);
    cf_kill_matrix_release(&matrix);
}

static void write_text(const char *path, const char *text)
{
    assert_int_equal(cf_file_write(path, text, strlen(text), 0600, NULL), CF_OK);
}

static void read_written_gives_the_same(void **state)
{
    (void)state;
    struct cf_kill_matrix matrix;
    struct cf_kill_matrix again;
    struct cf_buf first;
    struct cf_buf second;
    char path[] = "/tmp/cf-matrix-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    fill(&matrix);
    add_row(&matrix, "missed", id_c, NULL, status_202);
    cf_buf_init(&first, 1 << 20);
    cf_buf_init(&second, 1 << 20);
    cf_kill_matrix_write(&first, &matrix);
    write_text(path, cf_buf_text(&first));
    assert_int_equal(cf_kill_matrix_read(&again, path, NULL), CF_OK);
    cf_kill_matrix_write(&second, &again);
    assert_string_equal(cf_buf_text(&first), cf_buf_text(&second));
    assert_true(cf_kill_matrix_proves(&again, "suite.requirement"));
    assert_false(cf_kill_matrix_proves(&again, "suite.require"));
    cf_buf_release(&first);
    cf_buf_release(&second);
    cf_kill_matrix_release(&matrix);
    cf_kill_matrix_release(&again);
    (void)unlink(path);
}

static void read_malformed_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]",
        "{\"format\": \"other\", \"version\": 1}",
        "{\"format\": \"cvm-conformance-kill-matrix\", \"version\": 2}",
        "{\"format\": \"cvm-conformance-kill-matrix\", \"version\": 1, \"cases\": [\"a\"], "
        "\"deviations\": [{\"level\": \"must\", \"traces\": \"1:00\"}]}",
        "{\"format\": \"cvm-conformance-kill-matrix\", \"version\": 1, \"cases\": [\"a\"], "
        "\"deviations\": [{\"level\": \"must\", \"traces\": \"0:zz\"}]}",
        "{\"format\": \"cvm-conformance-kill-matrix\", \"version\": 1, \"cases\": [\"a\"], "
        "\"deviations\": [{\"level\": \"perhaps\", \"traces\": \"\"}]}"};
    char path[] = "/tmp/cf-matrix-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct cf_kill_matrix matrix;
        struct cf_err err = {0};
        write_text(path, texts[i]);
        assert_int_equal(cf_kill_matrix_read(&matrix, path, &err), CF_EINPUT);
        assert_non_null(strstr(err.text, path));
    }
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guess_same_traces_first),
        cmocka_unit_test(guess_nothing_in_common_is_empty),
        cmocka_unit_test(score_ignores_cases_that_did_not_run),
        cmocka_unit_test(signature_ignores_what_differs_from_run_to_run),
        cmocka_unit_test(signature_tells_how_far_two_failures_are_alike),
        cmocka_unit_test(guess_of_every_shipped_row_is_first_or_second),
        cmocka_unit_test(read_written_gives_the_same),
        cmocka_unit_test(read_malformed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
