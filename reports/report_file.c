#include "reports/report_file.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PUMP_BYTES = 128 << 10 };

static bool is_stream(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static void open_path(struct cf_report_file *file)
{
    struct cf_buf name = {0};
    if (is_stream(file->path)) {
        file->fd = open(file->path, O_WRONLY | O_CLOEXEC);
        return;
    }
    cf_buf_printf(&name, "%s.%ld.tmp", file->path, (long)getpid());
    file->temporary = cf_buf_take(&name, NULL);
    file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

static void release(struct cf_report_file *file)
{
    cf_buf_release(&file->out);
    free(file->path);
    free(file->temporary);
    *file = (struct cf_report_file){.fd = -1};
}

enum cf_code cf_report_file_open(struct cf_report_file *file, const char *path, struct cf_err *err)
{
    *file = (struct cf_report_file){.fd = STDOUT_FILENO, .path = cf_strdup(path)};
    if (strcmp(path, "-") == 0)
        return CF_OK;
    file->close_fd = true;
    open_path(file);
    if (file->fd >= 0)
        return CF_OK;
    enum cf_code code = cf_err_errno(err, errno, "cannot write %s", path);
    release(file);
    return code;
}

static void flush(struct cf_report_file *file)
{
    struct cf_err *failure = &file->failure;
    if (failure->code == CF_OK &&
        cf_fd_write(file->fd, cf_buf_text(&file->out), file->out.len, failure) != CF_OK)
        cf_err_prefix(failure, "%s", file->path);
    cf_buf_reset(&file->out);
}

void cf_report_file_pump(struct cf_report_file *file)
{
    if (file->out.len >= PUMP_BYTES)
        flush(file);
}

static void finish(struct cf_report_file *file)
{
    struct cf_err *failure = &file->failure;
    flush(file);
    if (file->close_fd && close(file->fd) != 0 && failure->code == CF_OK)
        cf_err_errno(failure, errno, "cannot write %s", file->path);
    if (failure->code == CF_OK && file->temporary && rename(file->temporary, file->path) != 0)
        cf_err_errno(failure, errno, "cannot write %s", file->path);
}

enum cf_code cf_report_file_close(struct cf_report_file *file, enum cf_code code,
                                  struct cf_err *err)
{
    if (code == CF_OK)
        finish(file);
    else if (file->close_fd)
        close(file->fd);
    if (code == CF_OK && file->failure.code != CF_OK) {
        code = file->failure.code;
        if (err)
            *err = file->failure;
    }
    if (code != CF_OK && file->temporary)
        unlink(file->temporary);
    release(file);
    return code;
}
