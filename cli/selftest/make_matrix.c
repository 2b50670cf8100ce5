/* The kill matrix of a self-test: made, and compared with the one that is shipped. */
#include "cli/base/command.h"
#include "cli/selftest/selftest.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* ---- making it ---- */

static void add_traces(const struct cf_selftest *selftest, const struct cf_subject *subject,
                       struct cf_kill_matrix *out, struct cf_kill_matrix_row *row)
{
    for (size_t i = 0; i < selftest->target.catalogue.case_count; i++) {
        struct cf_case_record record;
        if (!subject->trial.results || !cf_trial_record(&subject->trial, i, &record))
            continue;
        cf_traces_add(&row->traces, cf_kill_matrix_case(out, record.id), &record);
        cf_case_record_release(&record);
    }
}

static void add_costs(struct cf_kill_matrix *out, const struct cf_trial *trial)
{
    out->costs = cf_alloc_array(out->case_count + 1, sizeof(*out->costs));
    for (size_t i = 0; trial->results && i < trial->case_count; i++)
        out->costs[i] =
            (struct cf_kill_cost){trial->results[i].operations, trial->results[i].exchanges};
    out->cost_count = out->case_count;
}

void cf_selftest_matrix(const struct cf_selftest *selftest, struct cf_kill_matrix *out)
{
    const struct cf_catalogue *catalogue = &selftest->target.catalogue;
    *out = (struct cf_kill_matrix){0};
    snprintf(out->catalogue_sha256, sizeof(out->catalogue_sha256), "%s", catalogue->sha256);
    for (size_t i = 0; i < catalogue->case_count; i++)
        cf_kill_matrix_case(out, catalogue->cases[i]->id);
    for (size_t i = 0; i < selftest->count; i++) {
        const struct cf_subject *subject = &selftest->subjects[i];
        if (subject->kind == CF_SUBJECT_CLEAN)
            add_costs(out, &subject->trial);
        if (subject->kind != CF_SUBJECT_DEVIATION)
            continue;
        struct cf_kill_matrix_row *row = cf_kill_matrix_add_row(out);
        row->name = cf_strdup(subject->row->name);
        row->requirement = cf_strdup(subject->row->requirement);
        row->sentence = cf_strdup(subject->row->sentence);
        row->caught = subject->requirement_failed > 0;
        cf_level_parse(subject->row->level, &row->level);
        add_traces(selftest, subject, out, row);
    }
}

/* ---- is a shipped one fresh? ---- */

static bool same_row(const struct cf_kill_matrix_row *a, const struct cf_kill_matrix_row *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->requirement, b->requirement) == 0 &&
           strcmp(a->sentence, b->sentence) == 0 && a->level == b->level;
}

/* Whether it is of these cases and these deviations; says what is not. */
static bool same_subjects(const struct cf_kill_matrix *shipped, const struct cf_kill_matrix *seen,
                          const char *path)
{
    if (strcmp(shipped->catalogue_sha256, seen->catalogue_sha256) != 0)
        return cf_refuse("%s is of other cases; make it anew with selftest --matrix-out", path);
    for (size_t i = 0; i < shipped->row_count && i < seen->row_count; i++) {
        if (!same_row(&shipped->rows[i], &seen->rows[i]))
            return cf_refuse("%s has deviation %s where %s is now; make it anew with selftest "
                             "--matrix-out",
                             path, shipped->rows[i].name, seen->rows[i].name);
    }
    if (shipped->row_count != seen->row_count)
        return cf_refuse("%s has %zu deviations, there are %zu; make it anew with selftest "
                         "--matrix-out",
                         path, shipped->row_count, seen->row_count);
    return true;
}

static const struct cf_trace *trace_of(const struct cf_kill_matrix_row *row, size_t case_index)
{
    for (size_t i = 0; i < row->traces.count; i++) {
        if (row->traces.items[i].case_index == case_index)
            return &row->traces.items[i];
    }
    return NULL;
}

/* How the verdicts of a deviation's cases compare with those of the matrix. */
struct agreement {
    size_t same, changed;
    size_t caught; /* cases that fail now, and failed or could not be judged then */
};

static struct agreement compare(const struct cf_trial *trial,
                                const struct cf_kill_matrix_row *shipped)
{
    struct agreement sum = {0};
    for (size_t i = 0; i < trial->case_count; i++) {
        bool failed = trial->results[i].verdict == CF_FAIL;
        const struct cf_trace *then = trace_of(shipped, i);
        bool failed_then = then && then->failed;
        if (!trial->results[i].ran)
            continue;
        sum.same += failed == failed_then;
        sum.changed += failed != failed_then;
        sum.caught += failed && then;
    }
    return sum;
}

/* Some cases fail or not depending on which ran before on the same CVM, as where a setting is reset
 * to what it happens to be. What must not change is that a case which caught a deviation does. */
static bool same_kills(const struct cf_selftest *s, const struct cf_kill_matrix *shipped)
{
    size_t row = 0;
    size_t lost = 0;
    struct agreement all = {0};
    for (size_t i = 0; i < s->count; i++) {
        if (s->subjects[i].kind != CF_SUBJECT_DEVIATION)
            continue;
        const struct cf_kill_matrix_row *was = &shipped->rows[row++];
        struct agreement one = compare(&s->subjects[i].trial, was);
        all.same += one.same;
        all.changed += one.changed;
        if (was->caught && one.caught > 0)
            continue;
        lost++;
        printf("changed   %s is caught by no case that catches it in the matrix\n", was->name);
    }
    printf("kill matrix: %zu verdicts as in it, %zu others, %zu deviations caught otherwise\n",
           all.same, all.changed, lost);
    return lost == 0;
}

/* ---- does it guess right? ---- */

enum { GUESSES = 2 };

/* Where the deviation is among the guesses, GUESSES when it is none. Where more deviations than
 * that do the very same in every case, which of them come first says nothing. */
static size_t place_of(const struct cf_kill_matrix *matrix, const struct cf_kill_matrix_row *row,
                       const bool *ran)
{
    size_t rows[GUESSES];
    double scores[GUESSES];
    double share;
    size_t count = cf_kill_matrix_guess(matrix, &row->traces, ran, GUESSES, rows, scores);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(matrix->rows[rows[i]].name, row->name) == 0)
            return i;
    }
    for (size_t i = 0; count == GUESSES && i < matrix->row_count; i++) {
        if (strcmp(matrix->rows[i].name, row->name) == 0 &&
            cf_kill_matrix_score(&matrix->rows[i], &row->traces, ran, &share) >=
                scores[GUESSES - 1])
            return GUESSES - 1;
    }
    return GUESSES;
}

static bool guesses_well(const struct cf_kill_matrix *shipped, const struct cf_kill_matrix *seen)
{
    size_t places[GUESSES + 1] = {0};
    bool *ran = cf_alloc_array(seen->case_count + 1, sizeof(bool));
    for (size_t i = 0; i < seen->case_count; i++)
        ran[i] = true;
    for (size_t i = 0; i < seen->row_count; i++) {
        size_t place = place_of(shipped, &seen->rows[i], ran);
        places[place]++;
        if (place == GUESSES)
            printf("guess     %s is not among the first two\n", seen->rows[i].name);
    }
    printf("likely cause: %zu guessed first, %zu second, %zu not, of %zu\n", places[0], places[1],
           places[GUESSES], seen->row_count);
    free(ran);
    return places[GUESSES] == 0;
}

bool cf_selftest_matrix_current(const struct cf_selftest *s, const char *path)
{
    struct cf_err err = {0};
    struct cf_kill_matrix shipped;
    struct cf_kill_matrix seen;
    if (cf_kill_matrix_read(&shipped, path, &err) != CF_OK)
        return cf_refuse("%s", err.text);
    cf_selftest_matrix(s, &seen);
    bool good = same_subjects(&shipped, &seen, path);
    cf_kill_matrix_release(&shipped);
    cf_kill_matrix_release(&seen);
    return good;
}

bool cf_selftest_matrix_agrees(const struct cf_selftest *s, const char *path)
{
    struct cf_err err = {0};
    struct cf_kill_matrix shipped;
    struct cf_kill_matrix seen;
    if (cf_kill_matrix_read(&shipped, path, &err) != CF_OK)
        return cf_refuse("%s", err.text);
    cf_selftest_matrix(s, &seen);
    bool good = same_kills(s, &shipped);
    /* Part of the cases do not tell every deviation from its like. */
    if (good && s->full)
        good = guesses_well(&shipped, &seen);
    cf_kill_matrix_release(&shipped);
    cf_kill_matrix_release(&seen);
    return good;
}
