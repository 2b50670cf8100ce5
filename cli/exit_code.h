/*
 * The exit code of a finished run, by the rule of reports/gate.h.
 */
#ifndef CF_CLI_EXIT_CODE_H
#define CF_CLI_EXIT_CODE_H

#include "harness/case/catalogue.h"
#include "reports/baseline.h"

/* Hold the run against a baseline: its known failures, and what is no longer true of it, go into
 * terms, which are of the head of source. */
void cf_baseline_apply(struct cf_gate_terms *terms, const struct cf_report_source *source,
                       const struct cf_report_baseline *baseline,
                       const struct cf_catalogue *catalogue);

/* The exit code for a finished run. What the counts of a report do not show is told: the run's
 * troubles on standard error, what became of the baseline's entries (NULL: there is none) on
 * standard output. */
int cf_exit_code(const struct cf_report_source *source, const struct cf_report_baseline *baseline);

#endif
