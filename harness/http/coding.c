#include "harness/http/coding.h"
#include "harness/base/gzip.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

enum { CODINGS_MAX = 4, PIECE_BYTES = 64 * 1024, WINDOW_BITS = 15, ANY_HEADER = 32 };

/* The last coding of the list, and the list without it; identity and empty ones are left out. */
static bool take_last(char *list, char name[32])
{
    for (;;) {
        size_t end = strlen(list);
        while (end > 0 && strchr(" \t,", list[end - 1]))
            list[--end] = '\0';
        if (end == 0)
            return false;
        size_t start = end;
        while (start > 0 && !strchr(" \t,", list[start - 1]))
            start--;
        snprintf(name, 32, "%.31s", list + start);
        list[start] = '\0';
        if (strcasecmp(name, "identity") != 0)
            return true;
    }
}

bool cf_coding_is_coded(const char *content_encoding, const char *bytes, size_t len)
{
    char list[200];
    char name[32];
    snprintf(list, sizeof(list), "%s", content_encoding ? content_encoding : "");
    return take_last(list, name) || cf_gzip_begins(bytes, len);
}

/* All members of it, as gzip allows more than one. window_bits as inflateInit2() has it. */
static bool inflate_all(const char *bytes, size_t len, int window_bits, struct cf_buf *out)
{
    unsigned char piece[PIECE_BYTES];
    z_stream stream = {0};
    union {
        const char *in;
        unsigned char *out;
    } next = {bytes}; /* zlib does not write there */
    int rc = Z_OK;
    if (len > CF_CODING_MAX_BYTES)
        return false;
    if (inflateInit2(&stream, window_bits) != Z_OK)
        cf_mem_exhausted(); /* it reads nothing yet */
    stream.next_in = next.out;
    stream.avail_in = (uInt)len;
    while (rc == Z_OK && out->len <= CF_CODING_MAX_BYTES) {
        stream.next_out = piece;
        stream.avail_out = sizeof(piece);
        rc = inflate(&stream, Z_NO_FLUSH);
        if (rc == Z_MEM_ERROR)
            cf_mem_exhausted();
        cf_buf_append(out, (const char *)piece, sizeof(piece) - stream.avail_out);
        if (rc == Z_STREAM_END && stream.avail_in > 0)
            rc = inflateReset(&stream);
    }
    inflateEnd(&stream);
    return rc == Z_STREAM_END && out->len <= CF_CODING_MAX_BYTES;
}

static bool undo_one(const char *name, const char *bytes, size_t len, struct cf_buf *out)
{
    if (strcasecmp(name, "gzip") != 0 && strcasecmp(name, "x-gzip") != 0 &&
        strcasecmp(name, "deflate") != 0)
        return false;
    if (inflate_all(bytes, len, WINDOW_BITS + ANY_HEADER, out))
        return true;
    /* Some servers send deflate without zlib's header. */
    cf_buf_reset(out);
    return strcasecmp(name, "deflate") == 0 && inflate_all(bytes, len, -WINDOW_BITS, out);
}

bool cf_coding_undo(const char *content_encoding, const char *bytes, size_t len, struct cf_buf *out)
{
    char list[200];
    char name[32];
    struct cf_buf now = {0};
    bool good = true;
    cf_buf_append(&now, bytes, len);
    snprintf(list, sizeof(list), "%s", content_encoding ? content_encoding : "");
    bool more = take_last(list, name);
    if (!more && cf_gzip_begins(bytes, len))
        more = snprintf(name, sizeof(name), "gzip") > 0;
    for (int i = 0; good && more; i++) {
        struct cf_buf plain = {0};
        good = i < CODINGS_MAX && undo_one(name, cf_buf_text(&now), now.len, &plain);
        cf_buf_release(&now);
        now = plain;
        more = take_last(list, name);
        if (!more && good && cf_gzip_begins(cf_buf_text(&now), now.len))
            more = snprintf(name, sizeof(name), "gzip") > 0;
    }
    if (good)
        cf_buf_append(out, cf_buf_text(&now), now.len);
    cf_buf_release(&now);
    return good;
}
