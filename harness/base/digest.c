#include "harness/base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

void cf_sha256(const void *bytes, size_t len, unsigned char out[CF_SHA256_BYTES])
{
    unsigned int out_len = 0;
    if (EVP_Digest(bytes, len, out, &out_len, EVP_sha256(), NULL) != 1)
        abort();
}

void cf_sha256_hex(const void *bytes, size_t len, char out_hex[CF_SHA256_HEX])
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[CF_SHA256_BYTES];
    cf_sha256(bytes, len, digest);
    for (size_t i = 0; i < CF_SHA256_BYTES; i++) {
        out_hex[2 * i] = hex[digest[i] >> 4];
        out_hex[2 * i + 1] = hex[digest[i] & 15];
    }
    out_hex[2 * CF_SHA256_BYTES] = '\0';
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
