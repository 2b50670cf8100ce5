/* SHA-256 by OpenSSL's libcrypto, and the pseudo-random numbers made of it. */
#ifndef CF_BASE_DIGEST_H
#define CF_BASE_DIGEST_H

#include "harness/base/err.h"

#include <stddef.h>
#include <stdint.h>

enum { CF_SHA256_BYTES = 32, CF_SHA256_HEX = 65 };

/* Digest of bytes as 64 lower-case hex digits and a NUL. A libcrypto that
 * is set up without SHA-256 ends the process, with a line on standard error. */
void cf_sha256_hex(const void *bytes, size_t len, char out_hex[CF_SHA256_HEX]);
void cf_sha256(const void *bytes, size_t len, unsigned char out[CF_SHA256_BYTES]);
/* The same of a file's bytes, piece by piece. Errors: CF_ENOTFOUND, CF_EIO (each names path). */
CF_MUST_CHECK enum cf_code cf_sha256_file(const char *path, char out_hex[CF_SHA256_HEX],
                                          struct cf_err *err);

/* A digest of bytes that only who has the key can make: HMAC-SHA-256 (RFC 2104). */
void cf_keyed_digest_hex(const void *key, size_t key_len, const void *bytes, size_t len,
                         char out_hex[CF_SHA256_HEX]);

/*
 * A reproducible stream of numbers: the same name gives the same stream on every machine and in
 * every order of cases. Not for secrets.
 */
struct cf_random {
    unsigned char block[CF_SHA256_BYTES];
    unsigned used;
};

/* Start the stream that belongs to name. */
void cf_random_init(struct cf_random *random, const char *name);
uint32_t cf_random_u32(struct cf_random *random);
/* Uniform in [0, below); below > 0. */
uint32_t cf_random_below(struct cf_random *random, uint32_t below);
/* digit_count lower-case hex digits and a NUL into out (digit_count + 1 bytes). */
void cf_random_hex(struct cf_random *random, char *out, size_t digit_count);

#endif
