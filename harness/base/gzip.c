#define ZLIB_CONST /* or input could not be const */
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

struct inflating {
    z_stream stream;
    const char *path;
    bool ended; /* what was compressed has come to its end */
    bool wanted;
    cf_gzip_take_fn *take;
    void *context;
    char *piece; /* of what comes out */
};

/* What one call of zlib makes of the input that is left. */
static enum cf_code inflate_some(struct inflating *inflating, struct cf_err *err)
{
    z_stream *stream = &inflating->stream;
    stream->next_out = (unsigned char *)inflating->piece;
    stream->avail_out = PIECE_BYTES;
    int result = inflate(stream, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR)
        cf_mem_exhausted();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return cf_err_set(err, CF_EINPUT, "%s is not a whole file of gzip", inflating->path);
    inflating->ended = result == Z_STREAM_END;
    size_t got = PIECE_BYTES - stream->avail_out;
    if (got > 0)
        inflating->wanted = inflating->take(inflating->context, inflating->piece, got);
    return CF_OK;
}

/* A cf_fd_take_fn. What follows the end says something that nobody reads. */
static enum cf_code inflate_piece(void *context, const char *bytes, size_t len, struct cf_err *err)
{
    struct inflating *inflating = context;
    z_stream *stream = &inflating->stream;
    enum cf_code code = CF_OK;
    bool full = true;
    stream->next_in = (const unsigned char *)bytes;
    stream->avail_in = (unsigned)len;
    while (code == CF_OK && inflating->wanted && !inflating->ended &&
           (stream->avail_in > 0 || full)) {
        code = inflate_some(inflating, err);
        full = stream->avail_out == 0;
    }
    if (code == CF_OK && inflating->wanted && inflating->ended && stream->avail_in > 0)
        code = cf_err_set(err, CF_EINPUT, "%s goes on after the end of what is compressed",
                          inflating->path);
    /* this ends the reading as well */
    return code == CF_OK && !inflating->wanted ? CF_ELIMIT : code;
}

static enum cf_code inflate_all(struct inflating *inflating, int in, struct cf_err *err)
{
    enum { OF_GZIP = 16 };
    if (inflateInit2(&inflating->stream, MAX_WBITS + OF_GZIP) != Z_OK)
        cf_mem_exhausted();
    inflating->piece = cf_alloc(PIECE_BYTES);
    enum cf_code code = cf_fd_each(in, inflating->path, inflate_piece, inflating, err);
    free(inflating->piece);
    inflateEnd(&inflating->stream);
    if (!inflating->wanted)
        return CF_OK;
    if (code == CF_OK && !inflating->ended)
        code = cf_err_set(err, CF_EINPUT, "%s is cut off", inflating->path);
    return code;
}

enum cf_code cf_gzip_each(int in, cf_gzip_take_fn *take, void *context, const char *path,
                          struct cf_err *err)
{
    char first[3];
    struct inflating inflating = {.path = path, .wanted = true, .take = take, .context = context};
    ssize_t got = pread(in, first, sizeof(first), 0);
    if (got < 0 || lseek(in, 0, SEEK_SET) != 0)
        return cf_err_errno(err, errno, "cannot read %s", path);
    if (!cf_gzip_begins(first, (size_t)got))
        return cf_err_set(err, CF_EINPUT, "%s is not a file of gzip", path);
    return inflate_all(&inflating, in, err);
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
