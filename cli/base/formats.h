/* Writing reports as options ask for them; shared by run and report. */
#ifndef CF_CLI_BASE_FORMATS_H
#define CF_CLI_BASE_FORMATS_H

#include "cli/base/command.h"
#include "reports/report.h"

#define CF_FORMAT_OPTIONS                                                                          \
    {.name = "html", .arg = "FILE", .help = "the HTML report"},                                    \
        {.name = "junit", .arg = "FILE", .help = "JUnit XML"},                                     \
        {.name = "markdown", .arg = "FILE", .help = "a summary in Markdown, under 60 KB"},         \
        {.name = "tap", .arg = "FILE", .help = "TAP 13"},                                          \
        {.name = "har", .arg = "FILE", .help = "HAR 1.2 of every HTTP exchange"},                  \
    {                                                                                              \
        .name = "json", .arg = "FILE", .help = "results.json, shards merged"                       \
    }

/* Write every format that args names; *written counts them up. Errors: as the writers'. */
CF_MUST_CHECK enum cf_code cf_formats_write(const struct cf_args *args,
                                            const struct cf_report_source *source, int *written,
                                            struct cf_err *err);
/* Write one format, by its option's name. */
CF_MUST_CHECK enum cf_code cf_format_write(const char *name, const struct cf_report_source *source,
                                           const char *path, struct cf_err *err);
/* The files that args names, NULL where it names none; returns how many there are. */
enum { CF_FORMATS = 6 };
size_t cf_formats_paths(const struct cf_args *args, const char *out[CF_FORMATS]);
/* The summary on standard output. */
CF_MUST_CHECK enum cf_code cf_console_write(const struct cf_report_source *source, bool colour,
                                            bool quiet, struct cf_err *err);
/* Annotations on standard output. */
CF_MUST_CHECK enum cf_code cf_annotations_write(const struct cf_report_source *source,
                                                struct cf_err *err);

/* In a job of GitHub Actions: append the Markdown summary to the job's page; elsewhere nothing is
 * done. A page that cannot be written to is told on standard error. */
void cf_job_summary_write(const struct cf_report_source *source);

/* Whether --annotate asks for annotations. */
bool cf_annotate_asked(const struct cf_args *args);
/* Whether they are expected without asking: --annotate is not given, in a job of GitHub Actions. */
bool cf_annotate_expected(const struct cf_args *args);
/* What --annotate and --color say. Return false when it is not understood, which is said on
 * standard error. */
bool cf_annotate_check(const struct cf_args *args);
bool cf_colour_read(const struct cf_args *args, bool *out_colour);

#endif
