#include "reports/report_file.h"
#include "harness/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PUMP_BYTES = 128 << 10, OUT_MAX_BYTES = 1 << 30 };

static bool is_stream(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static enum cf_code open_file(struct cf_report_file *file, struct cf_err *err)
{
    size_t size = strlen(file->path) + 32;
    file->temporary = malloc(size);
    if (!file->temporary)
        return cf_err_nomem(err);
    (void)snprintf(file->temporary, size, "%s.%ld.tmp", file->path, (long)getpid());
    file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return file->fd < 0 ? cf_err_errno(err, errno, "cannot write %s", file->path) : CF_OK;
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
    enum cf_code code = CF_OK;
    *file = (struct cf_report_file){.fd = -1, .path = strdup(path)};
    cf_buf_init(&file->out, OUT_MAX_BYTES);
    if (!file->path) {
        code = cf_err_nomem(err);
    } else if (strcmp(path, "-") == 0) {
        file->fd = STDOUT_FILENO;
    } else if (is_stream(path)) {
        file->close_fd = true;
        file->fd = open(path, O_WRONLY | O_CLOEXEC);
        if (file->fd < 0)
            code = cf_err_errno(err, errno, "cannot write %s", path);
    } else {
        file->close_fd = true;
        code = open_file(file, err);
    }
    if (code != CF_OK)
        release(file);
    return code;
}

static enum cf_code flush(struct cf_report_file *file, struct cf_err *err)
{
    enum cf_code code = cf_buf_check(&file->out, err);
    if (code == CF_OK)
        code = cf_fd_write(file->fd, cf_buf_text(&file->out), file->out.len, err);
    if (code != CF_OK)
        (void)cf_err_prefix(err, "%s", file->path);
    cf_buf_reset(&file->out);
    return code;
}

enum cf_code cf_report_file_pump(struct cf_report_file *file, struct cf_err *err)
{
    if (file->out.code == CF_OK && file->out.len < PUMP_BYTES)
        return CF_OK;
    return flush(file, err);
}

enum cf_code cf_report_file_close(struct cf_report_file *file, enum cf_code code,
                                  struct cf_err *err)
{
    if (code == CF_OK)
        code = flush(file, err);
    if (file->close_fd && file->fd >= 0 && close(file->fd) != 0 && code == CF_OK)
        code = cf_err_errno(err, errno, "cannot write %s", file->path);
    if (code == CF_OK && file->temporary && rename(file->temporary, file->path) != 0)
        code = cf_err_errno(err, errno, "cannot write %s", file->path);
    if (code != CF_OK && file->temporary)
        (void)unlink(file->temporary);
    release(file);
    return code;
}
