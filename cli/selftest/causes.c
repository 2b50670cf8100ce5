#include "cli/selftest/causes.h"
#include "cli/base/target.h"
#include "harness/base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below this the failures have little to do with any known deviation, and a guess would mislead. */
static const double score_min = 0.25;

void cf_causes_init(struct cf_causes *causes, const char *catalogue_sha256)
{
    *causes = (struct cf_causes){0};
    if (catalogue_sha256 &&
        cf_kill_matrix_read(&causes->matrix, cf_kill_matrix_path(), NULL) == CF_OK &&
        strcmp(causes->matrix.catalogue_sha256, catalogue_sha256) != 0)
        cf_kill_matrix_release(&causes->matrix);
}

void cf_causes_release(struct cf_causes *causes)
{
    for (size_t i = 0; i < causes->count; i++)
        free(causes->explained[i]);
    cf_kill_matrix_release(&causes->matrix);
    *causes = (struct cf_causes){0};
}

/* The run's traces, and which cases of the matrix it ran. */
static enum cf_code read_run(struct cf_causes *causes, const struct cf_results *results,
                             struct cf_traces *traces, bool *ran, size_t known, struct cf_err *err)
{
    for (size_t i = 0; i < cf_results_count(results); i++) {
        struct cf_case_record record;
        enum cf_code code = cf_results_case(results, i, &record, err);
        if (code != CF_OK)
            return code;
        size_t index =
            record.attempt == 1 ? cf_kill_matrix_case(&causes->matrix, record.id) : SIZE_MAX;
        if (index < known && record.verdict != CF_NOT_APPLICABLE) {
            ran[index] = true;
            cf_traces_add(&causes->matrix, traces, &record);
        }
        cf_case_record_release(&record);
    }
    return CF_OK;
}

/* Which of the run's failed cases the row fails too. */
static void explain(struct cf_causes *causes, const struct cf_kill_matrix_row *row,
                    const struct cf_traces *run, const bool *ran)
{
    struct cf_report_cause *cause = &causes->items[causes->count];
    const char **cases = cf_alloc_array(run->count + 1, sizeof(*cases));
    causes->explained[causes->count] = cases;
    *cause = (struct cf_report_cause){row->name, row->sentence, 0, cases, 0};
    cf_kill_matrix_score(row, run, ran, &cause->share);
    for (size_t i = 0; i < run->count; i++) {
        for (size_t k = 0; run->items[i].failed && k < row->traces.count; k++) {
            if (row->traces.items[k].failed &&
                row->traces.items[k].case_index == run->items[i].case_index)
                cases[cause->case_count++] = causes->matrix.cases[run->items[i].case_index];
        }
    }
    causes->count++;
}

enum cf_code cf_causes_guess(struct cf_causes *causes, const struct cf_results *results,
                             struct cf_err *err)
{
    size_t rows[CF_CAUSES_MAX];
    double scores[CF_CAUSES_MAX];
    struct cf_traces traces = {0};
    size_t known = causes->matrix.case_count;
    if (causes->matrix.row_count == 0)
        return CF_OK;
    bool *ran = cf_alloc_array(known + 1, sizeof(bool));
    enum cf_code code = read_run(causes, results, &traces, ran, known, err);
    size_t count = code == CF_OK ? cf_kill_matrix_guess(&causes->matrix, &traces, ran,
                                                        CF_CAUSES_MAX, rows, scores)
                                 : 0;
    for (size_t i = 0; i < count && scores[i] >= score_min; i++)
        explain(causes, &causes->matrix.rows[rows[i]], &traces, ran);
    cf_traces_release(&traces);
    free(ran);
    return code;
}

enum cf_code cf_causes_name(struct cf_causes *causes, struct cf_report_source *source,
                            struct cf_err *err)
{
    enum cf_code code =
        source->summary->cases_fail > 0 ? cf_causes_guess(causes, source->results, err) : CF_OK;
    source->causes = causes->items;
    source->cause_count = causes->count;
    return code;
}
