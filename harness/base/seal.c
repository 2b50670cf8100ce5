#include "harness/base/seal.h"
#include "harness/base/base64.h"
#include "harness/base/mem.h"
#include "harness/base/slow_key.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SALT_BYTES = CF_SLOW_KEY_SALT_BYTES, NONCE_BYTES = 12, TAG_BYTES = 16 };
enum { HEAD_BYTES = SALT_BYTES + NONCE_BYTES + TAG_BYTES };

static _Noreturn void no_crypto(void)
{
    static const char message[] = "cvm-conformance: libcrypto offers no AES-256-GCM\n";
    (void)!write(STDERR_FILENO, message, sizeof(message) - 1);
    _exit(CF_MEM_EXIT);
}

/* head: salt, nonce and room for the tag, in this order; out: room for len bytes. */
static bool encrypt(const char *key, unsigned char *head, const char *bytes, size_t len,
                    unsigned char *out)
{
    unsigned char secret[CF_SLOW_KEY_BYTES];
    int put = 0;
    int rest = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    cf_slow_key(key, head, secret);
    bool good = context &&
                EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, secret, head + SALT_BYTES) &&
                EVP_EncryptUpdate(context, out, &put, (const unsigned char *)bytes, (int)len) &&
                EVP_EncryptFinal_ex(context, out + put, &rest) &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES,
                                    head + SALT_BYTES + NONCE_BYTES);
    EVP_CIPHER_CTX_free(context);
    explicit_bzero(secret, sizeof(secret));
    return good;
}

void cf_seal(struct cf_buf *out, const char *key, const char *about, const char *bytes, size_t len)
{
    unsigned char *all = cf_alloc(HEAD_BYTES + len + 1);
    cf_slow_key_salt(about, all);
    if (RAND_bytes(all + SALT_BYTES, NONCE_BYTES) != 1 ||
        !encrypt(key, all, bytes, len, all + HEAD_BYTES))
        no_crypto();
    cf_base64_encode(out, (const char *)all, HEAD_BYTES + len);
    free(all);
}

static bool decrypt(const char *key, unsigned char *all, size_t len, unsigned char *out)
{
    unsigned char secret[CF_SLOW_KEY_BYTES];
    int put = 0;
    int rest = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    cf_slow_key(key, all, secret);
    bool good = context &&
                EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, secret, all + SALT_BYTES) &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES,
                                    all + SALT_BYTES + NONCE_BYTES) &&
                EVP_DecryptUpdate(context, out, &put, all + HEAD_BYTES, (int)(len - HEAD_BYTES)) &&
                EVP_DecryptFinal_ex(context, out + put, &rest) > 0;
    EVP_CIPHER_CTX_free(context);
    explicit_bzero(secret, sizeof(secret));
    return good;
}

enum cf_code cf_unseal(struct cf_buf *out, const char *key, const char *sealed, struct cf_err *err)
{
    struct cf_buf all = {0};
    if (!cf_base64_decode(&all, sealed, strlen(sealed)) || all.len < HEAD_BYTES) {
        cf_buf_release(&all);
        return cf_err_set(err, CF_EINPUT, "not a sealed text");
    }
    unsigned char *plain = cf_alloc(all.len);
    bool good = decrypt(key, (unsigned char *)all.data, all.len, plain);
    if (good)
        cf_buf_append(out, (const char *)plain, all.len - HEAD_BYTES);
    explicit_bzero(plain, all.len);
    free(plain);
    cf_buf_release(&all);
    return good ? CF_OK : cf_err_set(err, CF_EINPUT, "it was sealed with another key");
}
