#include "harness/base/gzip.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PIECE_BYTES = 256 << 10 };

bool cf_gzip_begins(const char *bytes, size_t len)
{
    return len >= 3 && memcmp(bytes, "\x1f\x8b\x08", 3) == 0;
}

/* zlib tells it beside what is wrong with the file, which it is not. */
static void end_if_exhausted(gzFile file)
{
    int error = Z_OK;
    (void)gzerror(file, &error);
    if (error == Z_MEM_ERROR)
        cf_mem_exhausted();
}

/* ---- compressing ---- */

struct compressing {
    gzFile out;
    const char *to;
};

static enum cf_code compress_piece(void *context, const char *bytes, size_t len, struct cf_err *err)
{
    const struct compressing *compressing = context;
    int written = gzwrite(compressing->out, bytes, (unsigned)len);
    end_if_exhausted(compressing->out);
    if (written != (int)len)
        return cf_err_set(err, CF_EIO, "cannot write %s", compressing->to);
    return CF_OK;
}

static enum cf_code compress_to(int in, const char *from, const char *to, struct cf_err *err)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return cf_err_errno(err, errno, "cannot write %s", to);
    struct compressing compressing = {gzdopen(fd, "wb"), to};
    if (!compressing.out)
        cf_mem_exhausted();
    gzbuffer(compressing.out, PIECE_BYTES);
    enum cf_code code = cf_fd_each(in, from, compress_piece, &compressing, err);
    errno = 0;
    if (gzclose(compressing.out) != Z_OK && code == CF_OK)
        code = cf_err_errno(err, errno ? errno : EIO, "cannot write %s", to);
    return code;
}

enum cf_code cf_gzip_file(const char *from, const char *to, struct cf_err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return cf_err_errno(err, errno, "cannot read %s", from);
    enum cf_code code = compress_to(in, from, to, err);
    close(in);
    return code;
}

/* ---- and back ---- */

static enum cf_code take_pieces(gzFile in, cf_gzip_take_fn *take, void *context, const char *path,
                                struct cf_err *err)
{
    char *piece = cf_alloc(PIECE_BYTES);
    bool more = true;
    int got = 1;
    while (more && got > 0) {
        got = gzread(in, piece, PIECE_BYTES);
        end_if_exhausted(in);
        if (got > 0)
            more = take(context, piece, (size_t)got);
    }
    free(piece);
    if (got < 0)
        return cf_err_set(err, CF_EINPUT, "%s is not a whole file of gzip", path);
    return CF_OK;
}

enum cf_code cf_gzip_each(int in, cf_gzip_take_fn *take, void *context, const char *path,
                          struct cf_err *err)
{
    int fd = lseek(in, 0, SEEK_SET) == 0 ? dup(in) : -1;
    if (fd < 0)
        return cf_err_errno(err, errno, "cannot read %s", path);
    gzFile file = gzdopen(fd, "rb");
    if (!file)
        cf_mem_exhausted();
    gzbuffer(file, PIECE_BYTES);
    bool direct = gzdirect(file);
    end_if_exhausted(file);
    enum cf_code code = direct ? cf_err_set(err, CF_EINPUT, "%s is not a file of gzip", path)
                               : take_pieces(file, take, context, path, err);
    /* one that is cut off is told at its end only */
    if (gzclose(file) == Z_BUF_ERROR && code == CF_OK)
        code = cf_err_set(err, CF_EINPUT, "%s is cut off", path);
    return code;
}

struct undoing {
    int out;
    long long left;
    enum cf_code code;
    struct cf_err *err;
    const char *path;
};

static bool write_piece(void *context, const char *bytes, size_t len)
{
    struct undoing *undoing = context;
    undoing->left -= (long long)len;
    if (undoing->left < 0)
        undoing->code =
            cf_err_set(undoing->err, CF_ELIMIT, "%s is too large when it is undone", undoing->path);
    else
        undoing->code = cf_fd_write(undoing->out, bytes, len, undoing->err);
    return undoing->code == CF_OK;
}

enum cf_code cf_gzip_undo(int in, int out, long long max_bytes, const char *path,
                          struct cf_err *err)
{
    struct undoing undoing = {out, max_bytes, CF_OK, err, path};
    enum cf_code code = cf_gzip_each(in, write_piece, &undoing, path, err);
    return undoing.code != CF_OK ? undoing.code : code;
}
