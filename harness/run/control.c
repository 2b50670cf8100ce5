#include "harness/run/control.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cf_control_decides(const struct cf_case_record *record)
{
    return record->verdict == CF_PASS || (record->verdict == CF_FAIL && cf_record_charged(record) &&
                                          record->own_verdict == CF_PASS);
}

static void amend(struct cf_case_record *record, enum cf_verdict verdict, const char *what)
{
    char reason[600];
    record->own_verdict = verdict;
    if (record->verdict == CF_FAIL) /* by what it was charged with, which stands */
        return;
    snprintf(reason, sizeof(reason), "its control %.400s %s, so this proves nothing",
             record->control ? record->control : "?", what);
    record->verdict = verdict;
    free(record->reason);
    record->reason = cf_strdup(reason);
}

void cf_control_amend(struct cf_case_record *record, enum cf_verdict control)
{
    char what[64];
    if (!cf_control_decides(record) || control == CF_PASS)
        return;
    snprintf(what, sizeof(what), "ended in %s", cf_verdict_name(control));
    amend(record, control == CF_NOT_APPLICABLE ? control : CF_INCONCLUSIVE, what);
}

void cf_control_amend_missing(struct cf_case_record *record)
{
    if (cf_control_decides(record))
        amend(record, CF_INCONCLUSIVE, "did not run");
}
