#include "cli/selftest/chance.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

static const double usual_share = 0.99;

/* The failures among traces, in cases that ran. */
static struct cf_traces failures_of(const struct cf_traces *traces, const bool *ran)
{
    struct cf_traces failures = {.items = cf_alloc_array(traces->count, sizeof(*failures.items))};
    for (size_t i = 0; i < traces->count; i++) {
        if (traces->items[i].failed && (!ran || ran[traces->items[i].case_index]))
            failures.items[failures.count++] = traces->items[i];
    }
    return failures;
}

/* How many failures both have, in the same words. */
static size_t in_common(const struct cf_traces *left, const struct cf_traces *right)
{
    size_t count = 0;
    const struct cf_trace *a = left->items;
    const struct cf_trace *b = right->items;
    while (a != left->items + left->count && b != right->items + right->count) {
        bool same = a->case_index == b->case_index;
        count += same && a->failed && b->failed && a->signature == b->signature;
        bool step_a = a->case_index <= b->case_index;
        b += same || !step_a;
        a += step_a;
    }
    return count;
}

static double share(size_t part, size_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

/* ---- leaving one out ---- */

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

/* How far each row agrees with one left out of another requirement, by the cases that ran (NULL:
 * all): the most of it goes to worst for the row left out, and to raised for the other. */
static void leave_out(const struct cf_kill_matrix *matrix, const bool *ran, double *worst,
                      double *raised)
{
    size_t rows = matrix->row_count;
    struct cf_traces *failures = cf_alloc_array(rows, sizeof(*failures));
    for (size_t i = 0; i < rows; i++)
        failures[i] = failures_of(&matrix->rows[i].traces, ran);
    for (size_t i = 0; i < rows * rows; i++) {
        size_t left = i / rows;
        size_t other = i % rows;
        size_t larger = failures[other].count > failures[left].count ? other : left;
        if (strcmp(matrix->rows[other].requirement, matrix->rows[left].requirement) == 0)
            continue;
        double agreed = share(in_common(&failures[other], &failures[left]), failures[larger].count);
        worst[left] = agreed > worst[left] ? agreed : worst[left];
        raised[other] = agreed > raised[other] ? agreed : raised[other];
    }
    for (size_t i = 0; i < rows; i++)
        cf_traces_release(&failures[i]);
    free(failures);
}

void cf_chance_init(struct cf_chance *chance, const struct cf_kill_matrix *matrix, const bool *ran)
{
    size_t rows = matrix->row_count;
    double *worst = cf_alloc_array(rows, sizeof(*worst));
    double *unused = cf_alloc_array(rows, sizeof(*unused));
    *chance = (struct cf_chance){.rows = cf_alloc_array(rows, sizeof(double))};
    leave_out(matrix, ran, unused, chance->rows);
    leave_out(matrix, NULL, worst, unused);
    qsort(worst, rows, sizeof(*worst), ascending);
    if (rows > 0)
        chance->usual = worst[(size_t)((double)(rows - 1) * usual_share)];
    free(worst);
    free(unused);
}

void cf_chance_release(struct cf_chance *chance)
{
    free(chance->rows);
    *chance = (struct cf_chance){0};
}

/* ---- asking ---- */

static bool is_among(const size_t *rows, size_t count, size_t row)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i] == row)
            return true;
    }
    return false;
}

/* How far the row agrees at most with rows that are none of those alike, of which there are
 * several: chance->rows has those too. */
static double raised_by_others(const struct cf_kill_matrix *matrix, size_t row, const size_t *alike,
                               size_t count, const bool *ran)
{
    double most = 0;
    struct cf_traces own = failures_of(&matrix->rows[row].traces, ran);
    for (size_t i = 0; i < matrix->row_count; i++) {
        if (is_among(alike, count, i) ||
            strcmp(matrix->rows[i].requirement, matrix->rows[row].requirement) == 0)
            continue;
        struct cf_traces other = failures_of(&matrix->rows[i].traces, ran);
        size_t larger = other.count > own.count ? other.count : own.count;
        double agreed = share(in_common(&own, &other), larger);
        most = agreed > most ? agreed : most;
        cf_traces_release(&other);
    }
    cf_traces_release(&own);
    return most;
}

bool cf_chance_is_seen(const struct cf_chance *chance, const struct cf_kill_matrix *matrix,
                       size_t row, const size_t *alike, size_t alike_count,
                       const struct cf_traces *run, const bool *ran)
{
    struct cf_traces failures = failures_of(&matrix->rows[row].traces, ran);
    double seen = share(in_common(&failures, run), failures.count);
    cf_traces_release(&failures);
    if (seen <= chance->usual)
        return false;
    return seen > (alike_count > 1 ? raised_by_others(matrix, row, alike, alike_count, ran)
                                   : chance->rows[row]);
}

bool cf_chance_is_explained(const struct cf_chance *chance, const struct cf_kill_matrix *matrix,
                            const size_t *rows, size_t count, const struct cf_traces *run)
{
    size_t explained = 0;
    struct cf_traces failures = failures_of(run, NULL);
    for (size_t i = 0; i < failures.count; i++) {
        const struct cf_traces one = {.items = &failures.items[i], .count = 1};
        bool found = false;
        for (size_t k = 0; k < count && !found; k++)
            found = in_common(&matrix->rows[rows[k]].traces, &one) > 0;
        explained += found;
    }
    double all = share(explained, failures.count);
    cf_traces_release(&failures);
    return all > chance->usual;
}
