/*
 * One run from plan to reports: records go to results.ndjson as they arrive, and every report is
 * made from them when the last case is over. A run that cannot start leaves reports that say so.
 */
#ifndef CF_CLI_SESSION_H
#define CF_CLI_SESSION_H

#include "cli/session_state.h"

/* Run the plan and write the reports. Returns the exit code; what the reports do not say is said on
 * standard error. */
int cf_session_run(struct cf_session *session);

#endif
