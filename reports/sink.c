#include "reports/sink.h"
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

static enum cf_code open_file(struct cf_sink *sink, struct cf_err *err)
{
    size_t size = strlen(sink->path) + 32;
    sink->temporary = malloc(size);
    if (!sink->temporary)
        return cf_err_nomem(err);
    (void)snprintf(sink->temporary, size, "%s.%ld.tmp", sink->path, (long)getpid());
    sink->fd = open(sink->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return sink->fd < 0 ? cf_err_errno(err, errno, "cannot write %s", sink->path) : CF_OK;
}

static void release(struct cf_sink *sink)
{
    cf_buf_release(&sink->out);
    free(sink->path);
    free(sink->temporary);
    *sink = (struct cf_sink){.fd = -1};
}

enum cf_code cf_sink_open(struct cf_sink *sink, const char *path, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    *sink = (struct cf_sink){.fd = -1, .path = strdup(path)};
    cf_buf_init(&sink->out, OUT_MAX_BYTES);
    if (!sink->path) {
        code = cf_err_nomem(err);
    } else if (strcmp(path, "-") == 0) {
        sink->fd = STDOUT_FILENO;
    } else if (is_stream(path)) {
        sink->close_fd = true;
        sink->fd = open(path, O_WRONLY | O_CLOEXEC);
        if (sink->fd < 0)
            code = cf_err_errno(err, errno, "cannot write %s", path);
    } else {
        sink->close_fd = true;
        code = open_file(sink, err);
    }
    if (code != CF_OK)
        release(sink);
    return code;
}

static enum cf_code flush(struct cf_sink *sink, struct cf_err *err)
{
    enum cf_code code = cf_buf_check(&sink->out, err);
    if (code == CF_OK)
        code = cf_fd_write(sink->fd, cf_buf_text(&sink->out), sink->out.len, err);
    if (code != CF_OK)
        (void)cf_err_prefix(err, "%s", sink->path);
    cf_buf_reset(&sink->out);
    return code;
}

enum cf_code cf_sink_pump(struct cf_sink *sink, struct cf_err *err)
{
    if (sink->out.code == CF_OK && sink->out.len < PUMP_BYTES)
        return CF_OK;
    return flush(sink, err);
}

enum cf_code cf_sink_close(struct cf_sink *sink, enum cf_code code, struct cf_err *err)
{
    if (code == CF_OK)
        code = flush(sink, err);
    if (sink->close_fd && sink->fd >= 0 && close(sink->fd) != 0 && code == CF_OK)
        code = cf_err_errno(err, errno, "cannot write %s", sink->path);
    if (code == CF_OK && sink->temporary && rename(sink->temporary, sink->path) != 0)
        code = cf_err_errno(err, errno, "cannot write %s", sink->path);
    if (code != CF_OK && sink->temporary)
        (void)unlink(sink->temporary);
    release(sink);
    return code;
}
