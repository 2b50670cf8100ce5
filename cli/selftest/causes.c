#include "cli/selftest/causes.h"
#include "cli/base/target.h"
#include "cli/selftest/chance.h"
#include "harness/base/mem.h"
#include "reports/findings.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void cf_causes_init(struct cf_causes *causes, const char *catalogue_sha256,
                    const struct cf_kill_matrix *shipped)
{
    *causes = (struct cf_causes){.matrix = &causes->own};
    if (!catalogue_sha256)
        return;
    if (shipped && strcmp(shipped->catalogue_sha256, catalogue_sha256) == 0)
        causes->matrix = shipped;
    else if (!shipped && cf_kill_matrix_read(&causes->own, cf_kill_matrix_path(), NULL) == CF_OK &&
             strcmp(causes->own.catalogue_sha256, catalogue_sha256) != 0)
        cf_kill_matrix_release(&causes->own);
}

void cf_causes_release(struct cf_causes *causes)
{
    for (size_t i = 0; i < causes->count; i++)
        free(causes->sentences[i]);
    for (size_t i = 0; i < causes->count; i++)
        free(causes->explained[i]);
    cf_kill_matrix_release(&causes->own);
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
    out->known = causes->matrix->case_count;
    out->ran = cf_alloc_array(out->known, sizeof(*out->ran));
    for (size_t i = 0; i < cf_results_count(results); i++) {
        struct cf_case_record record;
        enum cf_code code = cf_results_case(results, i, &record, err);
        if (code != CF_OK)
            return code;
        size_t index =
            record.attempt == 1 ? cf_kill_matrix_find(causes->matrix, record.id) : SIZE_MAX;
        if (index < out->known && record.verdict != CF_NOT_APPLICABLE) {
            out->ran[index] = true;
            cf_traces_add(&out->traces, index, &record);
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
            trace->failed && has_case(findings, finding, causes->matrix->cases[trace->case_index]);
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

/* Rows that are equally near, in the matrix' order; none where count is 0. */
struct alike {
    size_t rows[CF_CAUSES_ALIKE_MAX];
    size_t count;
};

static void tell_all(struct cf_causes *causes, struct cf_report_cause *cause,
                     const struct alike *alike)
{
    size_t at = (size_t)(cause - causes->items);
    struct cf_buf text = {0};
    if (alike->count < 2 || cause->other_count > 0)
        return;
    cf_buf_puts(&text, "One of these: ");
    for (size_t i = 0; i < alike->count; i++) {
        const struct cf_kill_matrix_row *row = &causes->matrix->rows[alike->rows[i]];
        cf_buf_printf(&text, "%s(%zu) %s", i ? " " : "", i + 1, row->sentence);
        if (i > 0)
            causes->others[at][cause->other_count++] = row->name;
    }
    causes->sentences[at] = cf_buf_take(&text, NULL);
    cause->sentence = causes->sentences[at];
    cause->others = causes->others[at];
}

/* Which of the finding's cases the first row fails too. */
static void explain(struct cf_causes *causes, const struct alike *alike, const struct run *finding,
                    const struct run *run)
{
    const struct cf_kill_matrix_row *row = &causes->matrix->rows[alike->rows[0]];
    struct cf_report_cause *cause = item_of(causes, row, run->traces.count);
    if (!cause)
        return;
    tell_all(causes, cause, alike);
    const char **cases = causes->explained[cause - causes->items];
    for (size_t i = 0; i < finding->traces.count; i++) {
        unsigned index = finding->traces.items[i].case_index;
        if (fails(row, index))
            cases[cause->case_count++] = causes->matrix->cases[index];
    }
}

/* What is likely behind each finding; no more than that before all is known. */
struct guesses {
    struct run *findings; /* by finding, each as if it were alone */
    struct alike *alike;  /* by guess */
    size_t *rows;         /* by guess: the first of its rows */
    size_t *of;           /* by guess: its finding */
    size_t count;
};

/* The rows nearest to these traces; none that the whole run does not bear out. */
static struct alike nearest(const struct cf_causes *causes, const struct run *to,
                            const struct run *run, const struct cf_chance *chance)
{
    size_t rows[CF_CAUSES_ALIKE_MAX + 1];
    double scores[CF_CAUSES_ALIKE_MAX + 1];
    const struct cf_kill_matrix *matrix = causes->matrix;
    struct alike out = {.count = 0};
    size_t found =
        cf_kill_matrix_guess(matrix, &to->traces, to->ran, CF_CAUSES_ALIKE_MAX + 1, rows, scores);
    size_t equal = 0;
    while (equal < found && scores[equal] > scores[0] - 1e-6)
        equal++;
    for (size_t i = 0; equal <= CF_CAUSES_ALIKE_MAX && i < equal; i++) {
        if (cf_chance_is_seen(chance, matrix, rows[i], rows, equal, &run->traces, run->ran))
            out.rows[out.count++] = rows[i];
    }
    return out;
}

static bool fails_some(const struct cf_kill_matrix_row *row, const struct run *finding)
{
    for (size_t i = 0; i < finding->traces.count; i++) {
        if (fails(row, finding->traces.items[i].case_index))
            return true;
    }
    return false;
}

/* What may be one of several is the one that another finding tells, if that accounts for it. */
static void tell_apart(const struct cf_causes *causes, const struct cf_chance *chance,
                       struct guesses *guesses)
{
    for (size_t i = 0; i < guesses->count; i++) {
        const struct run *finding = &guesses->findings[guesses->of[i]];
        for (size_t k = 0; guesses->alike[i].count > 1 && k < guesses->count; k++) {
            if (guesses->alike[k].count != 1 ||
                !cf_chance_is_explained(chance, causes->matrix, guesses->alike[k].rows, 1,
                                        &finding->traces))
                continue;
            guesses->alike[i] = guesses->alike[k];
            guesses->rows[i] = guesses->rows[k];
        }
    }
}

/* One bug that accounts for the run is behind all findings that it can be behind; each of the
 * others may have one of its own. */
static void guess_each(struct cf_causes *causes, const struct cf_report_findings *findings,
                       const struct run *run, const struct cf_chance *chance, struct guesses *out)
{
    const struct cf_kill_matrix *matrix = causes->matrix;
    struct alike main = nearest(causes, run, run, chance);
    if (!cf_chance_is_explained(chance, matrix, main.rows, main.count, &run->traces))
        main.count = 0;
    for (size_t i = 0; i < findings->count; i++) {
        struct run *one = &out->findings[i];
        *one = alone(causes, run, findings, &findings->items[i]);
        bool by_main = main.count > 0 && fails_some(&matrix->rows[main.rows[0]], one);
        struct alike alike = by_main ? main : nearest(causes, one, run, chance);
        if (alike.count == 0)
            continue;
        out->rows[out->count] = alike.rows[0];
        out->alike[out->count] = alike;
        out->of[out->count++] = i;
    }
}

static void guess(struct cf_causes *causes, const struct cf_report_findings *findings,
                  const struct run *run)
{
    struct cf_chance chance;
    struct guesses guesses = {.findings = cf_alloc_array(findings->count, sizeof(struct run)),
                              .rows = cf_alloc_array(findings->count, sizeof(size_t)),
                              .alike = cf_alloc_array(findings->count, sizeof(struct alike)),
                              .of = cf_alloc_array(findings->count, sizeof(size_t))};
    cf_chance_init(&chance, causes->matrix, run->ran);
    guess_each(causes, findings, run, &chance, &guesses);
    tell_apart(causes, &chance, &guesses);
    bool named =
        cf_chance_is_explained(&chance, causes->matrix, guesses.rows, guesses.count, &run->traces);
    for (size_t i = 0; named && i < guesses.count; i++)
        explain(causes, &guesses.alike[i], &guesses.findings[guesses.of[i]], run);
    for (size_t i = 0; i < causes->count; i++)
        causes->items[i].share =
            (double)causes->items[i].case_count / (double)(findings->failed ? findings->failed : 1);
    for (size_t i = 0; i < findings->count; i++)
        release_run(&guesses.findings[i]);
    free(guesses.findings);
    free(guesses.rows);
    free(guesses.alike);
    free(guesses.of);
    cf_chance_release(&chance);
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
    if (source->summary->cases_fail > 0 && causes->matrix->row_count > 0) {
        code = read_run(causes, source->results, &run, err);
        if (code == CF_OK)
            code = find_and_guess(causes, source, &run, err);
        release_run(&run);
    }
    source->causes = causes->items;
    source->cause_count = causes->count;
    return code;
}
