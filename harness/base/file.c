#include "harness/base/file.h"
#include "harness/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, PIPE_LIMIT_MS = 30000 };

/* The other end of a pipe is there and has not written yet. */
static enum cf_code wait_for_writer(int fd, const char *path, struct cf_err *err)
{
    struct pollfd pipe = {fd, POLLIN, 0};
    if (poll(&pipe, 1, PIPE_LIMIT_MS) != 0)
        return CF_OK;
    return cf_err_set(err, CF_EIO, "cannot read %s: this pipe was silent for %d s", path,
                      PIPE_LIMIT_MS / 1000);
}

static bool is_pipe(int fd)
{
    struct stat info;
    return fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode);
}

static enum cf_code read_all(int fd, const char *path, struct cf_buf *out, struct cf_err *err)
{
    char piece[16384];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN) {
            enum cf_code waited = wait_for_writer(fd, path, err);
            if (waited != CF_OK)
                return waited;
            continue;
        }
        if (got == 0 && out->len == 0 && is_pipe(fd))
            return cf_err_set(err, CF_EIO, "cannot read %s: a pipe that nobody writes to", path);
        if (got < 0)
            return cf_err_errno(err, errno, "cannot read %s", path);
        if (got == 0)
            return CF_OK;
        cf_buf_append(out, piece, (size_t)got);
        enum cf_code code = cf_buf_check(out, err);
        if (code != CF_OK) {
            cf_err_prefix(err, "cannot read %s", path);
            return code;
        }
    }
}

enum cf_code cf_file_read(const char *path, struct cf_buf *out, struct cf_err *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return cf_err_set(err, CF_ENOTFOUND, "cannot read %s: no such file", path);
    if (fd < 0)
        return cf_err_errno(err, errno, "cannot read %s", path);
    enum cf_code code = read_all(fd, path, out, err);
    close(fd);
    return code;
}

enum cf_code cf_fd_write(int fd, const void *bytes, size_t len, struct cf_err *err)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return cf_err_errno(err, errno, "cannot write");
        at += put;
        len -= (size_t)put;
    }
    return CF_OK;
}

enum cf_code cf_fd_each(int fd, const char *path, cf_fd_take_fn *take, void *context,
                        struct cf_err *err)
{
    enum { PIECE_BYTES = 256 << 10 };
    char *piece = cf_alloc(PIECE_BYTES);
    enum cf_code code = CF_OK;
    while (code == CF_OK) {
        ssize_t got = read(fd, piece, PIECE_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            code = cf_err_errno(err, errno, "cannot read %s", path);
        if (got <= 0)
            break;
        code = take(context, piece, (size_t)got, err);
    }
    free(piece);
    return code;
}

/* The folder's own entry of path reaches the disk. */
static void sync_folder(const char *path)
{
    char *folder = cf_file_beside(path, ".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

static enum cf_code write_file(const char *path, const void *bytes, size_t len, unsigned mode,
                               bool lasting, struct cf_err *err)
{
    char temporary[PATH_BYTES];
    int n = snprintf(temporary, sizeof(temporary), "%s.%ld.tmp", path, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof(temporary))
        return cf_err_set(err, CF_EIO, "cannot write %s: name too long", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0)
        return cf_err_errno(err, errno, "cannot write %s", path);
    enum cf_code code = cf_fd_write(fd, bytes, len, err);
    if (code != CF_OK)
        cf_err_prefix(err, "%s", path);
    if (code == CF_OK && lasting && fsync(fd) != 0)
        code = cf_err_errno(err, errno, "cannot write %s", path);
    if (close(fd) != 0 && code == CF_OK)
        code = cf_err_errno(err, errno, "cannot write %s", path);
    if (code == CF_OK && rename(temporary, path) != 0)
        code = cf_err_errno(err, errno, "cannot write %s", path);
    if (code != CF_OK)
        unlink(temporary);
    else if (lasting)
        sync_folder(path);
    return code;
}

enum cf_code cf_file_write(const char *path, const void *bytes, size_t len, unsigned mode,
                           struct cf_err *err)
{
    return write_file(path, bytes, len, mode, false, err);
}

enum cf_code cf_file_write_lasting(const char *path, const void *bytes, size_t len, unsigned mode,
                                   struct cf_err *err)
{
    return write_file(path, bytes, len, mode, true, err);
}

enum cf_code cf_file_remove(const char *path, struct cf_err *err)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return cf_err_errno(err, errno, "cannot remove %s", path);
    sync_folder(path);
    return CF_OK;
}

enum cf_code cf_file_make_directory(const char *path, struct cf_err *err)
{
    char part[PATH_BYTES];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof(part))
        return cf_err_set(err, CF_EIO, "cannot make directory \"%s\": bad name", path);
    memcpy(part, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        char saved = part[i];
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return cf_err_errno(err, errno, "cannot make directory %s", part);
        part[i] = saved;
    }
    struct stat info;
    if (stat(path, &info) != 0)
        return cf_err_set(err, CF_EIO, "cannot make directory %s: a link that leads nowhere", path);
    if (!S_ISDIR(info.st_mode))
        return cf_err_set(err, CF_EIO, "cannot make directory %s: it is a file", path);
    return CF_OK;
}

char *cf_file_beside(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');
    if (name[0] == '/' || !slash)
        return cf_strdup(name);
    struct cf_buf joined = {0};
    cf_buf_append(&joined, path, (size_t)(slash - path) + 1);
    cf_buf_puts(&joined, name);
    return cf_buf_take(&joined, NULL);
}
