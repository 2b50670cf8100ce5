#include "cli/certify/ed25519.h"
#include "harness/base/buf.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_FILE_MAX_BYTES = 64 << 10 };

struct cf_key {
    EVP_PKEY *pkey;
    bool is_private;
};

/* Never ask at the terminal: certificates are made by jobs. */
static int no_passphrase(char *out, int size, int writing, void *context)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static EVP_PKEY *parse(const struct cf_buf *text, bool is_private)
{
    BIO *bio = text->len <= INT_MAX ? BIO_new_mem_buf(cf_buf_text(text), (int)text->len) : NULL;
    EVP_PKEY *pkey = NULL;
    if (bio)
        pkey = is_private ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL)
                          : PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    return pkey;
}

static enum cf_code read_key(struct cf_key **out, const char *path, bool is_private,
                             struct cf_err *err)
{
    struct cf_buf text;
    EVP_PKEY *pkey = NULL;
    cf_buf_init(&text, KEY_FILE_MAX_BYTES);
    enum cf_code code = cf_file_read(path, &text, err);
    if (code == CF_OK) {
        pkey = parse(&text, is_private);
        if (!pkey || EVP_PKEY_get_id(pkey) != EVP_PKEY_ED25519)
            code = cf_err_set(err, CF_EINPUT, "%s: no Ed25519 %s key in PEM%s", path,
                              is_private ? "private" : "public",
                              is_private ? " without a passphrase" : "");
    }
    if (text.data)
        explicit_bzero(text.data, text.len);
    cf_buf_release(&text);
    if (code != CF_OK) {
        EVP_PKEY_free(pkey);
        return code;
    }
    struct cf_key *key = cf_alloc(sizeof(*key));
    *key = (struct cf_key){pkey, is_private};
    *out = key;
    return CF_OK;
}

enum cf_code cf_key_read_private(struct cf_key **out, const char *path, struct cf_err *err)
{
    return read_key(out, path, true, err);
}

enum cf_code cf_key_read_public(struct cf_key **out, const char *path, struct cf_err *err)
{
    return read_key(out, path, false, err);
}

void cf_key_free(struct cf_key *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    free(key);
}

void cf_key_id(const struct cf_key *key, char out_hex[CF_KEY_ID_BYTES])
{
    unsigned char bytes[32];
    size_t len = sizeof(bytes);
    struct cf_buf text = {0};
    if (EVP_PKEY_get_raw_public_key(key->pkey, bytes, &len) != 1)
        abort(); /* only without memory */
    cf_buf_puts(&text, "{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"");
    for (size_t i = 0; i < len; i++)
        cf_buf_printf(&text, "%02x", bytes[i]);
    cf_buf_puts(&text, "\"},\"scheme\":\"ed25519\"}");
    cf_sha256_hex(cf_buf_text(&text), text.len, out_hex);
    cf_buf_release(&text);
}

enum cf_code cf_key_sign(const struct cf_key *key, const void *bytes, size_t len,
                         unsigned char out[CF_SIGNATURE_BYTES], struct cf_err *err)
{
    size_t out_len = CF_SIGNATURE_BYTES;
    if (!key->is_private)
        return cf_err_set(err, CF_EINPUT, "a public key cannot sign");
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
                EVP_DigestSign(context, out, &out_len, bytes, len) == 1;
    EVP_MD_CTX_free(context);
    if (!good || out_len != CF_SIGNATURE_BYTES)
        return cf_err_set(err, CF_EIO, "the OpenSSL library refused to sign");
    return CF_OK;
}

bool cf_key_verify(const struct cf_key *key, const void *bytes, size_t len,
                   const unsigned char *signature, size_t signature_len)
{
    if (signature_len != CF_SIGNATURE_BYTES)
        return false;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->pkey) == 1 &&
                EVP_DigestVerify(context, signature, signature_len, bytes, len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}
