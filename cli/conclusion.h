/*
 * What a run says at its end: the reports, the certificate where one was asked for, the verdict
 * lines, and the exit code that agrees with them. A run that could not start says why in the same
 * reports.
 */
#ifndef CF_CLI_CONCLUSION_H
#define CF_CLI_CONCLUSION_H

#include "cli/session_state.h"

/* From the records in the session's folder; what was not put back, and what disturbed the run, is
 * in the session by now. Returns the exit code. What the reports cannot say (one that could not be
 * written, a certificate that there is none of) is said on standard error. */
int cf_conclude(struct cf_session *session);

/* No case was run, because of why: said on standard error and in the reports. Returns the exit
 * code. */
int cf_conclude_unstarted(struct cf_session *session, const char *why);

/* The run ends before it began, for reasons that were complained of already (command.h): the
 * reports in out_dir give these reasons. The records of an earlier run stay; a folder that another
 * run has is left to it.
 * make: whether to write where no run was yet, too, and to make the folder. */
void cf_conclude_refused(const char *out_dir, bool make);

#endif
