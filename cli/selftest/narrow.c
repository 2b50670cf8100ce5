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
static bool before(const struct candidate *a, const struct candidate *b)
{
    if (a->named != b->named)
        return a->named;
    return a->cost.operations != b->cost.operations ? a->cost.operations < b->cost.operations
                                                    : a->cost.exchanges < b->cost.exchanges;
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

bool cf_narrow_to_few(struct cf_subject *subject, const struct cf_catalogue *catalogue,
                      const struct cf_kill_matrix *matrix)
{
    const struct cf_kill_matrix_row *row = row_of(matrix, subject->row->name);
    if (!row || strcmp(subject->row->level, "must") != 0 ||
        take_best(subject, catalogue, matrix, row) == 0)
        return false;
    subject->trial.cases = subject->only;
    return true;
}

void cf_narrow_to_requirement(struct cf_subject *subject)
{
    const char *requirement = subject->row->requirement;
    snprintf(subject->suite, sizeof(subject->suite), "%.*s", (int)strcspn(requirement, "."),
             requirement);
    bool must = strcmp(subject->row->level, "must") == 0;
    subject->only[0] = must ? requirement : subject->suite;
    subject->only[1] = NULL;
    if (must)
        subject->trial.requirements = subject->only;
    else
        subject->trial.suites = subject->only;
}
