#include "cli/exit_code.h"
#include "cli/base/command.h"
#include "reports/gate.h"

#include <stdlib.h>

/* ---- the baseline ---- */

static bool exists(const void *context, const char *id)
{
    return cf_catalogue_case(context, id) != NULL;
}

static void add_outdated(struct cf_list *outdated, const struct cf_report_baseline *baseline,
                         const struct cf_report_known *known)
{
    const struct cf_report_baseline_entry *entry = known->entry;
    struct cf_buf line = {0};
    cf_buf_printf(&line, "%s:%d: %s %s (%s, until %s)", baseline->path, entry->line, entry->id,
                  cf_report_known_state_text(known->state), entry->owner, entry->expires);
    cf_list_add(outdated, cf_buf_text(&line));
    cf_buf_release(&line);
}

void cf_baseline_apply(struct cf_gate_terms *terms, const struct cf_report_source *source,
                       const struct cf_report_baseline *baseline,
                       const struct cf_catalogue *catalogue)
{
    char today[CF_REPORT_DATE_BYTES];
    cf_report_date_today(today);
    struct cf_report_known *known =
        cf_report_baseline_judge(baseline, source, today, exists, catalogue);
    for (size_t i = 0; i < baseline->count; i++) {
        if (known[i].state == CF_REPORT_KNOWN_FAILS)
            cf_list_add(&terms->known_failures, known[i].entry->id);
        else if (cf_report_known_state_closes(known[i].state))
            add_outdated(&terms->outdated, baseline, &known[i]);
    }
    free(known);
}

static void tell_baseline(const struct cf_gate_terms *terms,
                          const struct cf_report_baseline *baseline)
{
    for (size_t i = 0; i < baseline->count; i++) {
        const struct cf_report_baseline_entry *entry = &baseline->items[i];
        if (cf_list_has(&terms->known_failures, entry->id))
            printf("known failure: %s (%s, until %s): %s\n", entry->id, entry->owner,
                   entry->expires, entry->reason);
    }
    for (size_t i = 0; i < terms->outdated.count; i++)
        printf("%s\n", terms->outdated.items[i]);
    if (terms->outdated.count > 0)
        printf("%zu of the baseline's %zu entries are no longer true\n", terms->outdated.count,
               baseline->count);
}

int cf_exit_code(const struct cf_report_source *source, const struct cf_report_baseline *baseline)
{
    struct cf_report_gate gate;
    cf_report_gate_init(&gate, source);
    enum cf_report_mark result = cf_report_gate_result(&gate);
    if (baseline)
        tell_baseline(&source->info->gate, baseline);
    for (size_t i = 0; i < gate.troubles.count; i++)
        cf_complain("%s", gate.troubles.items[i]);
    cf_report_gate_release(&gate);
    if (result == CF_REPORT_FAILURE)
        return CF_EXIT_FAILED;
    return result == CF_REPORT_ERROR ? CF_EXIT_UNJUDGED : CF_EXIT_OK;
}
