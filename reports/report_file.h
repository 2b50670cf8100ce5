/*
 * Where a report goes: a file that appears whole or not at all, or a stream.
 *
 * Writers append to file.out and call cf_report_file_pump() now and then (after each case), so that
 * memory holds one case and not the report. A regular file is written under a temporary name beside
 * it and renamed at the end; "-" is standard output, and a pipe or device is written as it is.
 *
 * Failures are sticky: once the system refused a write, what follows goes nowhere, and
 * cf_report_file_close() tells.
 */
#ifndef CF_REPORTS_REPORT_FILE_H
#define CF_REPORTS_REPORT_FILE_H

#include "harness/base/buf.h"

#include <stdbool.h>

struct cf_report_file {
    struct cf_buf out;
    int fd;
    char *path;
    char *temporary; /* NULL for a stream */
    bool close_fd;
    struct cf_err failure; /* the first one; CF_OK while there is none */
};

/* Errors: CF_EIO (text names path). */
CF_MUST_CHECK enum cf_code cf_report_file_open(struct cf_report_file *file, const char *path,
                                               struct cf_err *err);
/* Hand out over to the system when enough has gathered. */
void cf_report_file_pump(struct cf_report_file *file);
/* Write the rest and let the file appear, if code is CF_OK; otherwise leave nothing behind.
 * Releases everything. Returns code, or what went wrong here: CF_EIO. */
CF_MUST_CHECK enum cf_code cf_report_file_close(struct cf_report_file *file, enum cf_code code,
                                                struct cf_err *err);

#endif
