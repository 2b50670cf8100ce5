/*
 * The HTML report: one file that needs nothing else, for reading in a browser, a CI artefact viewer
 * or on paper.
 *
 * Verdict and counts come first, as static HTML, with requirements, reasons, observations and
 * timing; so the page tells the essential even where scripts are forbidden. Cases stand in it as
 * data (JSON in inert script elements, '<' escaped), indexed once and parsed in small pieces when
 * one is opened, so that a run of 50,000 cases stays usable. A Content-Security-Policy in the page
 * allows its own script and style by their SHA-256 and nothing else: no network, no inline
 * handlers. "#CASE-ID" opens a case. Long bodies are cut in the page (see html_data.h);
 * results.json has them whole.
 */
#ifndef CF_REPORTS_HTML_H
#define CF_REPORTS_HTML_H

#include "reports/report.h"

CF_MUST_CHECK enum cf_code cf_report_html_write(const struct cf_report_source *source,
                                                const char *path, struct cf_err *err);

#endif
