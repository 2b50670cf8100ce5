#include "harness/base/slow_key.h"
#include "harness/base/digest.h"
#include "harness/base/mem.h"

#include <openssl/evp.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 100000 };

/* Of a password's digest and a salt. */
struct made {
    unsigned char password[CF_SHA256_BYTES];
    unsigned char salt[CF_SLOW_KEY_SALT_BYTES];
    unsigned char key[CF_SLOW_KEY_BYTES];
};

static _Noreturn void no_crypto(void)
{
    static const char message[] = "cvm-conformance: libcrypto offers no PBKDF2\n";
    (void)!write(STDERR_FILENO, message, sizeof(message) - 1);
    _exit(CF_MEM_EXIT);
}

void cf_slow_key(const char *password, const unsigned char salt[CF_SLOW_KEY_SALT_BYTES],
                 unsigned char out[CF_SLOW_KEY_BYTES])
{
    static struct made last;
    unsigned char digest[CF_SHA256_BYTES];
    cf_sha256(password, strlen(password), digest);
    if (memcmp(last.password, digest, sizeof(digest)) != 0 ||
        memcmp(last.salt, salt, sizeof(last.salt)) != 0) {
        if (PKCS5_PBKDF2_HMAC(password, (int)strlen(password), salt, CF_SLOW_KEY_SALT_BYTES, ROUNDS,
                              EVP_sha256(), CF_SLOW_KEY_BYTES, last.key) != 1)
            no_crypto();
        memcpy(last.password, digest, sizeof(digest));
        memcpy(last.salt, salt, sizeof(last.salt));
    }
    memcpy(out, last.key, sizeof(last.key));
}

void cf_slow_key_salt(const char *text, unsigned char out[CF_SLOW_KEY_SALT_BYTES])
{
    unsigned char digest[CF_SHA256_BYTES];
    cf_sha256(text, strlen(text), digest);
    memcpy(out, digest, CF_SLOW_KEY_SALT_BYTES);
}
