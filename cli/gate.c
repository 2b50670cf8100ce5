#include "cli/gate.h"
#include "cli/base/command.h"

#include <stdlib.h>

static size_t failed_requirements(const struct cf_gate *gate, const struct cf_summary *summary)
{
    size_t failed = 0;
    for (int level = CF_MUST; level <= (int)gate->fail_on; level++)
        failed += summary->levels[level].failed;
    return failed;
}

static bool unjudged(const struct cf_gate *gate, const struct cf_report_source *source)
{
    const struct cf_summary *summary = source->summary;
    const struct cf_level_counts *must = &summary->levels[CF_MUST];
    size_t judged = summary->cases_pass + summary->cases_fail;
    if (judged == 0 || (long long)judged < gate->min_cases) {
        cf_complain("%zu cases were judged, fewer than the %lld asked for", judged,
                    gate->min_cases > 1 ? gate->min_cases : 1);
        return true;
    }
    if (source->record_count < gate->planned) {
        cf_complain("%zu results of %zu planned were recorded: the others are not known",
                    source->record_count, gate->planned);
        return true;
    }
    if (!source->info->complete)
        cf_complain("the run was cut short: it says nothing about the cases left out");
    return !source->info->complete || summary->cases_error > 0 || gate->tester_trouble ||
           (!gate->allow_inconclusive && (must->inconclusive > 0 || must->unstable > 0));
}

/* ---- the baseline ---- */

static bool exists(const void *context, const char *id)
{
    return cf_catalogue_case(context, id) != NULL;
}

static void tell_entry(const struct cf_report_baseline *baseline,
                       const struct cf_report_known *known)
{
    const struct cf_report_baseline_entry *entry = known->entry;
    if (known->state == CF_REPORT_KNOWN_FAILS)
        printf("known failure: %s (%s, until %s): %s\n", entry->id, entry->owner, entry->expires,
               entry->reason);
    else if (cf_report_known_state_closes(known->state))
        printf("%s:%d: %s %s (%s, until %s)\n", baseline->path, entry->line, entry->id,
               cf_report_known_state_text(known->state), entry->owner, entry->expires);
}

static int judge_baseline(const struct cf_gate *gate, const struct cf_report_source *source,
                          size_t *out_failed)
{
    char today[CF_REPORT_DATE_BYTES];
    size_t closing = 0;
    size_t count = gate->baseline->count;
    cf_report_date_today(today);
    struct cf_report_known *known =
        cf_report_baseline_judge(gate->baseline, source, today, exists, gate->catalogue);
    *out_failed = cf_report_baseline_unknown_failures(source, known, count, gate->fail_on);
    for (size_t i = 0; i < count; i++) {
        tell_entry(gate->baseline, &known[i]);
        closing += cf_report_known_state_closes(known[i].state);
    }
    free(known);
    if (closing > 0)
        printf("%zu of the baseline's %zu entries are no longer true\n", closing, count);
    return closing > 0 ? CF_EXIT_FAILED : CF_EXIT_OK;
}

int cf_gate_status(const struct cf_gate *gate, const struct cf_report_source *source)
{
    int baseline = CF_EXIT_OK;
    size_t failed = failed_requirements(gate, source->summary);
    if (gate->baseline)
        baseline = judge_baseline(gate, source, &failed);
    if (failed > 0 || baseline == CF_EXIT_FAILED)
        return CF_EXIT_FAILED;
    return unjudged(gate, source) || baseline != CF_EXIT_OK ? CF_EXIT_UNJUDGED : CF_EXIT_OK;
}
