/*
 * A refusal proves something only when its positive twin, the control, was accepted: a pass whose
 * control did not pass becomes inconclusive. Live and when judging again, this is the one place
 * that says so.
 */
#ifndef CF_RUN_CONTROL_H
#define CF_RUN_CONTROL_H

#include "harness/record/record.h"

/* Whether the record leans on its control: it passed, or its own questions did in a case that
 * failed by what it was charged with. */
bool cf_control_decides(const struct cf_case_record *record);
/* Amend such a record, by how its control ended; any other stays. */
void cf_control_amend(struct cf_case_record *record, enum cf_verdict control);
/* Amend such a record, whose control did not run. */
void cf_control_amend_missing(struct cf_case_record *record);

#endif
