#include "cli/selftest/narrow.h"

#include <stdio.h>
#include <string.h>

static const struct cf_kill_matrix_row *row_of(const struct cf_kill_matrix *matrix,
                                               const char *name)
{
    for (size_t i = 0; matrix && i < matrix->row_count; i++) {
        if (strcmp(matrix->rows[i].name, name) == 0)
            return &matrix->rows[i];
    }
    return NULL;
}

struct candidate {
    const struct cf_case *one;
    bool named; /* it asks about the deviation's requirement; else that was charged to it, or not */
    struct cf_kill_cost cost;
};

/* An operation is waited for. */
static bool cheaper(struct cf_kill_cost a, struct cf_kill_cost b)
{
    return a.operations != b.operations ? a.operations < b.operations : a.exchanges < b.exchanges;
}

static bool before(const struct candidate *a, const struct candidate *b)
{
    return a->named != b->named ? a->named : cheaper(a->cost, b->cost);
}

/* The best first, as many as there is room for. */
static size_t take_best(struct cf_subject *subject, const struct cf_catalogue *catalogue,
                        const struct cf_kill_matrix *matrix, const struct cf_kill_matrix_row *row)
{
    struct candidate taken[CF_SUBJECT_CASES_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < row->traces.count; i++) {
        size_t index = row->traces.items[i].case_index;
        if (!row->traces.items[i].failed || index >= catalogue->case_count ||
            index >= matrix->cost_count)
            continue;
        const struct cf_case *one = catalogue->cases[index];
        struct candidate mine = {one, cf_case_checks(one, row->requirement), matrix->costs[index]};
        size_t at = count;
        for (; at > 0 && before(&mine, &taken[at - 1]); at--)
            taken[at] = taken[at - 1];
        taken[at] = mine;
        count += count < CF_SUBJECT_CASES_MAX;
    }
    for (size_t i = 0; i < count; i++)
        subject->only[i] = taken[i].one->id;
    subject->only[count] = NULL;
    return count;
}

/* What shares another case costs nothing beside that one, which is not there: it comes last. */
static bool is_better(const struct cf_case *one, const struct cf_case *than,
                      const struct cf_kill_matrix *matrix)
{
    if (!than || !one->shares != !than->shares)
        return !than || !one->shares;
    return cheaper(matrix->costs[one->index], matrix->costs[than->index]);
}

/* Its own suite is where what a deviation breaks besides would be asked about. */
static const struct cf_case *cheapest_of(const struct cf_catalogue *catalogue,
                                         const struct cf_kill_matrix *matrix,
                                         const struct cf_requirement *requirement)
{
    const struct cf_case *best = NULL;
    for (size_t i = 0; i < catalogue->case_count && i < matrix->cost_count; i++) {
        const struct cf_case *one = catalogue->cases[i];
        if (one->requirement == requirement && is_better(one, best, matrix))
            best = one;
    }
    return best;
}

static bool is_of_suite(const struct cf_requirement *requirement, const char *suite)
{
    return requirement->level == CF_MUST && strcmp(requirement->suite, suite) == 0;
}

/* After the first count. False where there is no room for all of them. */
static bool add_musts(struct cf_subject *subject, const struct cf_catalogue *catalogue,
                      const struct cf_kill_matrix *matrix, size_t count)
{
    for (size_t i = 0; i < catalogue->requirement_count; i++) {
        const struct cf_requirement *requirement = catalogue->requirements[i];
        const struct cf_case *one = is_of_suite(requirement, subject->suite)
                                        ? cheapest_of(catalogue, matrix, requirement)
                                        : NULL;
        if (one && count == CF_SUBJECT_CASES_MAX + CF_SUBJECT_MUSTS_MAX)
            return false;
        if (one)
            subject->only[count++] = one->id;
    }
    subject->only[count] = NULL;
    return true;
}

static void note_suite(struct cf_subject *subject)
{
    const char *requirement = subject->row->requirement;
    snprintf(subject->suite, sizeof(subject->suite), "%.*s", (int)strcspn(requirement, "."),
             requirement);
}

bool cf_narrow_to_few(struct cf_subject *subject, const struct cf_catalogue *catalogue,
                      const struct cf_kill_matrix *matrix)
{
    const struct cf_kill_matrix_row *row = row_of(matrix, subject->row->name);
    size_t count = row ? take_best(subject, catalogue, matrix, row) : 0;
    note_suite(subject);
    if (count == 0 ||
        (strcmp(subject->row->level, "must") != 0 && !add_musts(subject, catalogue, matrix, count)))
        return false;
    subject->trial.cases = subject->only;
    return true;
}

void cf_narrow_to_requirement(struct cf_subject *subject)
{
    bool must = strcmp(subject->row->level, "must") == 0;
    note_suite(subject);
    subject->only[0] = must ? subject->row->requirement : subject->suite;
    subject->only[1] = NULL;
    if (must)
        subject->trial.requirements = subject->only;
    else
        subject->trial.suites = subject->only;
}
