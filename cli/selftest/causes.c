#include "cli/selftest/causes.h"
#include "cli/base/target.h"
#include "harness/base/mem.h"
#include "reports/findings.h"

#include <stdint.h>
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

/* ---- the run in the matrix' terms ---- */

struct run {
    struct cf_traces traces;
    bool *ran; /* by the matrix' case index: it passed or left a trace */
    size_t known;
};

static enum cf_code read_run(struct cf_causes *causes, const struct cf_results *results,
                             struct run *out, struct cf_err *err)
{
    out->known = causes->matrix.case_count;
    out->ran = cf_alloc_array(out->known, sizeof(*out->ran));
    for (size_t i = 0; i < cf_results_count(results); i++) {
        struct cf_case_record record;
        enum cf_code code = cf_results_case(results, i, &record, err);
        if (code != CF_OK)
            return code;
        size_t index =
            record.attempt == 1 ? cf_kill_matrix_case(&causes->matrix, record.id) : SIZE_MAX;
        if (index < out->known && record.verdict != CF_NOT_APPLICABLE) {
            out->ran[index] = true;
            cf_traces_add(&causes->matrix, &out->traces, &record);
        }
        cf_case_record_release(&record);
    }
    return CF_OK;
}

static void release_run(struct run *run)
{
    cf_traces_release(&run->traces);
    free(run->ran);
}

/* ---- one finding ---- */

static bool has_case(const struct cf_report_findings *findings,
                     const struct cf_report_finding *finding, const char *id)
{
    const struct cf_report_source *source = findings->source;
    for (size_t i = 0; i < finding->count; i++) {
        if (strcmp(cf_report_entry(source, &source->cases[finding->cases[i]])->id, id) == 0)
            return true;
    }
    return false;
}

/* The run as if nothing but this finding had been wrong with it: another bug's cases say nothing
 * for or against this one's. */
static struct run alone(const struct cf_causes *causes, const struct run *run,
                        const struct cf_report_findings *findings,
                        const struct cf_report_finding *finding)
{
    struct run out = {.ran = cf_alloc_array(run->known, sizeof(bool)), .known = run->known};
    for (size_t i = 0; i < run->known; i++)
        out.ran[i] = run->ran[i];
    for (size_t i = 0; i < run->traces.count; i++) {
        const struct cf_trace *trace = &run->traces.items[i];
        out.ran[trace->case_index] =
            trace->failed && has_case(findings, finding, causes->matrix.cases[trace->case_index]);
        if (!out.ran[trace->case_index])
            continue;
        out.traces.items =
            cf_grow(out.traces.items, out.traces.count, &out.traces.cap, sizeof(*out.traces.items));
        out.traces.items[out.traces.count++] = *trace;
    }
    return out;
}

/* The item for a deviation; the same one may be behind several findings. NULL where there is no
 * room for another. */
static struct cf_report_cause *item_of(struct cf_causes *causes,
                                       const struct cf_kill_matrix_row *row, size_t cases_max)
{
    for (size_t i = 0; i < causes->count; i++) {
        if (causes->items[i].name == row->name)
            return &causes->items[i];
    }
    if (causes->count == CF_CAUSES_MAX)
        return NULL;
    causes->explained[causes->count] = cf_alloc_array(cases_max, sizeof(char *));
    causes->items[causes->count] = (struct cf_report_cause){
        .name = row->name, .sentence = row->sentence, .cases = causes->explained[causes->count]};
    return &causes->items[causes->count++];
}

static bool fails(const struct cf_kill_matrix_row *row, unsigned case_index)
{
    for (size_t i = 0; i < row->traces.count; i++) {
        if (row->traces.items[i].failed && row->traces.items[i].case_index == case_index)
            return true;
    }
    return false;
}

/* Which of the finding's cases the row fails too. */
static void explain(struct cf_causes *causes, const struct cf_kill_matrix_row *row,
                    const struct run *finding, const struct run *run)
{
    struct cf_report_cause *cause = item_of(causes, row, run->traces.count);
    if (!cause)
        return;
    const char **cases = causes->explained[cause - causes->items];
    for (size_t i = 0; i < finding->traces.count; i++) {
        unsigned index = finding->traces.items[i].case_index;
        if (fails(row, index))
            cases[cause->case_count++] = causes->matrix.cases[index];
    }
}

static void guess(struct cf_causes *causes, const struct cf_report_findings *findings,
                  const struct run *run)
{
    for (size_t i = 0; i < findings->count; i++) {
        struct run finding = alone(causes, run, findings, &findings->items[i]);
        size_t row;
        double score;
        size_t count =
            cf_kill_matrix_guess(&causes->matrix, &finding.traces, finding.ran, 1, &row, &score);
        if (count > 0 && score >= score_min)
            explain(causes, &causes->matrix.rows[row], &finding, run);
        release_run(&finding);
    }
    for (size_t i = 0; i < causes->count; i++)
        causes->items[i].share =
            (double)causes->items[i].case_count / (double)(findings->failed ? findings->failed : 1);
}

static enum cf_code find_and_guess(struct cf_causes *causes, const struct cf_report_source *source,
                                   const struct run *run, struct cf_err *err)
{
    struct cf_report_gate gate;
    struct cf_report_findings findings;
    cf_report_gate_init(&gate, source);
    enum cf_code code = cf_report_findings_init(&findings, &gate, err);
    if (code == CF_OK)
        guess(causes, &findings, run);
    cf_report_findings_release(&findings);
    cf_report_gate_release(&gate);
    return code;
}

enum cf_code cf_causes_name(struct cf_causes *causes, struct cf_report_source *source,
                            struct cf_err *err)
{
    struct run run = {0};
    enum cf_code code = CF_OK;
    if (source->summary->cases_fail > 0 && causes->matrix.row_count > 0) {
        code = read_run(causes, source->results, &run, err);
        if (code == CF_OK)
            code = find_and_guess(causes, source, &run, err);
        release_run(&run);
    }
    source->causes = causes->items;
    source->cause_count = causes->count;
    return code;
}
