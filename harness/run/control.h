/*
 * A refusal proves something only when its positive twin, the control, was accepted: a pass whose
 * control did not pass becomes inconclusive. Live and when judging again, this is the one place
 * that says so.
 */
#ifndef CF_RUN_CONTROL_H
#define CF_RUN_CONTROL_H

#include "harness/record/record.h"

/* Amend a record that passed, by how its control ended. */
void cf_control_amend(struct cf_case_record *record, enum cf_verdict control);
/* Amend a record that passed, and whose control did not run. */
void cf_control_amend_missing(struct cf_case_record *record);

#endif
