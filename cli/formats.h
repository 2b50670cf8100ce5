/* Writing reports as options ask for them; shared by run and report. */
#ifndef CF_CLI_FORMATS_H
#define CF_CLI_FORMATS_H

#include "cli/cli.h"
#include "reports/report.h"

#define CF_FORMAT_OPTIONS                                                                          \
    {.name = "html", .arg = "FILE", .help = "the HTML report"},                                    \
        {.name = "junit", .arg = "FILE", .help = "JUnit XML"},                                     \
        {.name = "markdown", .arg = "FILE", .help = "a summary in Markdown, under 60 KB"},         \
        {.name = "tap", .arg = "FILE", .help = "TAP 14"},                                          \
        {.name = "har", .arg = "FILE", .help = "HAR 1.2 of every HTTP exchange"},                  \
    {                                                                                              \
        .name = "json", .arg = "FILE", .help = "results.json, shards merged"                       \
    }

/* Write every format that options name; *written counts them up. Errors: as the writers'. */
CF_MUST_CHECK enum cf_code cf_formats_write(struct cf_option *options,
                                            const struct cf_report_source *source, int *written,
                                            struct cf_err *err);
/* Write one format, by its option's name. */
CF_MUST_CHECK enum cf_code cf_format_write(const char *name, const struct cf_report_source *source,
                                           const char *path, struct cf_err *err);
/* The files that options name, NULL where they name none; returns how many there are. */
enum { CF_FORMATS = 6 };
size_t cf_formats_paths(struct cf_option *options, const char *out[CF_FORMATS]);
/* The summary on standard output. */
CF_MUST_CHECK enum cf_code cf_console_write(const struct cf_report_source *source, bool colour,
                                            bool quiet, struct cf_err *err);
/* Annotations on standard output. */
CF_MUST_CHECK enum cf_code cf_annotations_write(const struct cf_report_source *source,
                                                struct cf_err *err);

/* What --annotate and --color say. False: told, exit code CF_EXIT_USAGE. */
bool cf_annotate_check(struct cf_option *options);
bool cf_colour_from_options(struct cf_option *options, bool *out_colour);

#endif
