/*
 * The summary that people read in a terminal or a log.
 *
 * First the screen of overview.h; then what was inconclusive and not applicable, by reason: nothing
 * passes by silence. Of more than ten cases with one reason three are named. Failures follow one by
 * one, explained (see explain.h), failed shoulds as warnings, then errors and unstable cases.
 * Nothing of the implementation's reaches the terminal raw.
 */
#ifndef CF_REPORTS_CONSOLE_H
#define CF_REPORTS_CONSOLE_H

#include "reports/report.h"

struct cf_console_options {
    bool colour;
    bool quiet;         /* only the lines that say what was verified, and the verdict */
    size_t explain_max; /* failures explained in full; the rest are named. 0: 50 */
};

/* options may be NULL: no colour, everything. */
CF_MUST_CHECK enum cf_code cf_report_console_write(const struct cf_report_source *source,
                                                   const struct cf_console_options *options,
                                                   const char *path, struct cf_err *err);

#endif
