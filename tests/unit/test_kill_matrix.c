/* The kill matrix: traces, likeness, guesses, and the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/selftest/chance.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

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
    cf_traces_add(traces, cf_kill_matrix_case(matrix, id), &record);
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
        /* Or no case tells it from those. */
        double share;
        double own = cf_kill_matrix_score(&matrix.rows[i], &matrix.rows[i].traces, ran, &share);
        if (!found && (count < 2 || own < scores[1]))
            fail_msg("%s is not among the first two", matrix.rows[i].name);
    }
    free(ran);
    cf_kill_matrix_release(&matrix);
}

/* ---- what a likeness is worth ---- */

struct shipped {
    struct cf_kill_matrix matrix;
    struct cf_chance chance;
    bool *ran;
};

static int open_shipped(void **state)
{
    struct shipped *s = calloc(1, sizeof(*s));
    assert_non_null(s);
    assert_int_equal(
        cf_kill_matrix_read(&s->matrix, CF_CASES "/../cli/selftest/kill-matrix.json", NULL), CF_OK);
    s->ran = calloc(s->matrix.case_count + 1, sizeof(bool));
    assert_non_null(s->ran);
    memset(s->ran, true, s->matrix.case_count);
    cf_chance_init(&s->chance, &s->matrix, s->ran);
    *state = s;
    return 0;
}

static int close_shipped(void **state)
{
    struct shipped *s = *state;
    cf_chance_release(&s->chance);
    cf_kill_matrix_release(&s->matrix);
    free(s->ran);
    free(s);
    return 0;
}

static bool is_named(const struct shipped *s, size_t row, const struct cf_traces *run)
{
    return cf_chance_is_seen(&s->chance, &s->matrix, row, NULL, 0, run, s->ran) &&
           cf_chance_is_explained(&s->chance, &s->matrix, &row, 1, run);
}

static void chance_lets_every_shipped_row_be_named_for_what_it_does(void **state)
{
    struct shipped *s = *state;
    assert_true(s->chance.usual > 0.2 && s->chance.usual < 0.8);
    for (size_t i = 0; i < s->matrix.row_count; i++) {
        if (s->matrix.rows[i].caught && !is_named(s, i, &s->matrix.rows[i].traces))
            fail_msg("%s cannot be named", s->matrix.rows[i].name);
    }
}

/* A row left out is a cause that no other knows of. */
static void chance_names_hardly_a_row_for_what_it_does_not(void **state)
{
    struct shipped *s = *state;
    size_t wrong = 0;
    for (size_t i = 0; i < s->matrix.row_count; i++) {
        for (size_t k = 0; k < s->matrix.row_count; k++) {
            const struct cf_kill_matrix_row *row = &s->matrix.rows[k];
            bool other = strcmp(row->requirement, s->matrix.rows[i].requirement) != 0;
            wrong += other && row->traces.count > 0 && is_named(s, i, &row->traces);
        }
    }
    assert_true(wrong * 20 <= s->matrix.row_count); /* near relatives */
}

/* A gateway that answers 500 to everything fails what many rows fail, in other words. */
static void chance_names_none_for_the_same_cases_in_other_words(void **state)
{
    struct shipped *s = *state;
    for (size_t i = 0; i < s->matrix.row_count; i++) {
        struct cf_traces *traces = &s->matrix.rows[i].traces;
        struct cf_traces run = {.items = calloc(traces->count + 1, sizeof(*run.items))};
        assert_non_null(run.items);
        run.count = traces->count;
        memcpy(run.items, traces->items, traces->count * sizeof(*run.items));
        for (size_t k = 0; k < run.count; k++)
            run.items[k].signature ^= 1;
        assert_false(is_named(s, i, &run));
        cf_traces_release(&run);
    }
}

static void chance_names_none_for_a_part_of_a_run(void **state)
{
    struct shipped *s = *state;
    struct cf_traces run = {.items = calloc(s->matrix.case_count, sizeof(*run.items))};
    assert_non_null(run.items);
    for (; run.count < s->matrix.case_count; run.count++)
        run.items[run.count] =
            (struct cf_trace){.case_index = (unsigned)run.count, .failed = true, .signature = 1};
    const struct cf_traces *some = &s->matrix.rows[0].traces;
    for (size_t i = 0; i < some->count; i++)
        run.items[some->items[i].case_index] = some->items[i];
    assert_true(cf_chance_is_seen(&s->chance, &s->matrix, 0, NULL, 0, &run, s->ran));
    assert_false(is_named(s, 0, &run));
    cf_traces_release(&run);
}

static void chance_names_none_of_two_that_the_cases_cannot_tell_apart(void **state)
{
    (void)state;
    struct cf_kill_matrix matrix;
    struct cf_chance chance;
    bool ran[3] = {true, true, true};
    fill(&matrix);
    matrix.rows[0].requirement[0] = 'S'; /* another one than that of the others */
    cf_chance_init(&chance, &matrix, ran);
    assert_true(cf_chance_is_seen(&chance, &matrix, 0, NULL, 0, &matrix.rows[0].traces, ran));
    cf_chance_release(&chance);
    matrix.rows[1].traces.items[0].signature = matrix.rows[0].traces.items[0].signature;
    cf_chance_init(&chance, &matrix, ran);
    assert_false(cf_chance_is_seen(&chance, &matrix, 0, NULL, 0, &matrix.rows[0].traces, ran));
    cf_chance_release(&chance);
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
    matrix.cost_count = matrix.case_count;
    matrix.costs = cf_alloc_array(matrix.cost_count, sizeof(*matrix.costs));
    matrix.costs[1] = (struct cf_kill_cost){.operations = 2, .exchanges = 31};
    cf_buf_init(&first, 1 << 20);
    cf_buf_init(&second, 1 << 20);
    cf_kill_matrix_write(&first, &matrix);
    write_text(path, cf_buf_text(&first));
    assert_int_equal(cf_kill_matrix_read(&again, path, NULL), CF_OK);
    cf_kill_matrix_write(&second, &again);
    assert_string_equal(cf_buf_text(&first), cf_buf_text(&second));
    assert_int_equal(again.cost_count, again.case_count);
    assert_int_equal(again.costs[1].operations, 2);
    assert_int_equal(again.costs[1].exchanges, 31);
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
#define SHIPPED(function) cmocka_unit_test_setup_teardown(function, open_shipped, close_shipped)
        SHIPPED(chance_lets_every_shipped_row_be_named_for_what_it_does),
        SHIPPED(chance_names_hardly_a_row_for_what_it_does_not),
        SHIPPED(chance_names_none_for_the_same_cases_in_other_words),
        SHIPPED(chance_names_none_for_a_part_of_a_run),
        cmocka_unit_test(chance_names_none_of_two_that_the_cases_cannot_tell_apart),
        cmocka_unit_test(read_written_gives_the_same),
        cmocka_unit_test(read_malformed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
