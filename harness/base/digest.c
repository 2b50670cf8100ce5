#include "harness/base/digest.h"
#include "harness/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not for want of memory (see mem.h): this libcrypto was set up without it. */
static _Noreturn void no_sha256(void)
{
    static const char message[] = "cvm-conformance: libcrypto offers no SHA-256\n";
    (void)!write(STDERR_FILENO, message, sizeof(message) - 1);
    _exit(CF_MEM_EXIT);
}

void cf_sha256(const void *bytes, size_t len, unsigned char out[CF_SHA256_BYTES])
{
    /* OpenSSL 3 would look EVP_sha256() up by its name at each use, which takes longer than a short
     * text. */
    static EVP_MD *sha256;
    unsigned int out_len = 0;
    if (!sha256)
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!sha256 || EVP_Digest(bytes, len, out, &out_len, sha256, NULL) != 1)
        no_sha256();
}

static void put_hex(const unsigned char digest[CF_SHA256_BYTES], char out_hex[CF_SHA256_HEX])
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < CF_SHA256_BYTES; i++) {
        out_hex[2 * i] = hex[digest[i] >> 4];
        out_hex[2 * i + 1] = hex[digest[i] & 15];
    }
    out_hex[2 * CF_SHA256_BYTES] = '\0';
}

void cf_sha256_hex(const void *bytes, size_t len, char out_hex[CF_SHA256_HEX])
{
    unsigned char digest[CF_SHA256_BYTES];
    cf_sha256(bytes, len, digest);
    put_hex(digest, out_hex);
}

void cf_keyed_digest_hex(const void *key, size_t key_len, const void *bytes, size_t len,
                         char out_hex[CF_SHA256_HEX])
{
    unsigned char digest[CF_SHA256_BYTES];
    if (!HMAC(EVP_sha256(), key, (int)key_len, bytes, len, digest, NULL))
        no_sha256();
    put_hex(digest, out_hex);
}

/* Returns 0 or an errno value. */
static int digest_pieces(int fd, EVP_MD_CTX *context)
{
    enum { PIECE_BYTES = 64 * 1024 };
    unsigned char *piece = cf_alloc(PIECE_BYTES);
    int error = 0;
    while (error == 0) {
        ssize_t got = read(fd, piece, PIECE_BYTES);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            error = errno;
        if (got <= 0)
            break;
        if (EVP_DigestUpdate(context, piece, (size_t)got) != 1)
            no_sha256();
    }
    free(piece);
    return error;
}

enum cf_code cf_sha256_file(const char *path, char out_hex[CF_SHA256_HEX], struct cf_err *err)
{
    unsigned char digest[CF_SHA256_BYTES];
    unsigned int len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return cf_err_set(err, CF_ENOTFOUND, "cannot read %s: no such file", path);
    if (fd < 0)
        return cf_err_errno(err, errno, "cannot read %s", path);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1)
        no_sha256();
    int error = digest_pieces(fd, context);
    if (EVP_DigestFinal_ex(context, digest, &len) != 1)
        no_sha256();
    EVP_MD_CTX_free(context);
    close(fd);
    if (error != 0)
        return cf_err_errno(err, error, "cannot read %s", path);
    put_hex(digest, out_hex);
    return CF_OK;
}

void cf_random_init(struct cf_random *random, const char *name)
{
    cf_sha256(name, strlen(name), random->block);
    random->used = 0;
}

uint32_t cf_random_u32(struct cf_random *random)
{
    uint32_t value;
    /* Half of each block is handed out, the whole of it makes the next one. */
    if (random->used + sizeof(value) > CF_SHA256_BYTES / 2) {
        unsigned char next[CF_SHA256_BYTES];
        cf_sha256(random->block, sizeof(random->block), next);
        memcpy(random->block, next, sizeof(next));
        random->used = 0;
    }
    memcpy(&value, random->block + random->used, sizeof(value));
    random->used += (unsigned)sizeof(value);
    return value;
}

uint32_t cf_random_below(struct cf_random *random, uint32_t below)
{
    uint32_t limit = UINT32_MAX - UINT32_MAX % below;
    uint32_t value;
    do {
        value = cf_random_u32(random);
    } while (value >= limit);
    return value % below;
}

void cf_random_hex(struct cf_random *random, char *out, size_t digit_count)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < digit_count; i++)
        out[i] = hex[cf_random_below(random, 16)];
    out[digit_count] = '\0';
}
