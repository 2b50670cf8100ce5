/* Ed25519 signatures (RFC 8032) by OpenSSL's libcrypto, with keys from PEM files. */
#ifndef CF_CLI_CERTIFY_ED25519_H
#define CF_CLI_CERTIFY_ED25519_H

#include "harness/base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { CF_SIGNATURE_BYTES = 64, CF_KEY_ID_BYTES = 65 };

struct cf_key;

/* A private key: PKCS #8 in PEM, as "openssl genpkey -algorithm ed25519" writes it, without a
 * passphrase. Errors: CF_ENOTFOUND, CF_EIO, CF_EINPUT (no such key; text names path), CF_ELIMIT. */
CF_MUST_CHECK enum cf_code cf_key_read_private(struct cf_key **out, const char *path,
                                               struct cf_err *err);
/* A public key: SubjectPublicKeyInfo in PEM, as "openssl pkey -pubout" writes it. Errors as above.
 */
CF_MUST_CHECK enum cf_code cf_key_read_public(struct cf_key **out, const char *path,
                                              struct cf_err *err);
void cf_key_free(struct cf_key *key);

/* The key's id as securesystemslib makes it: SHA-256 of its public half as canonical JSON of
 * keytype, keyval and scheme, in hex. */
void cf_key_id(const struct cf_key *key, char out_hex[CF_KEY_ID_BYTES]);

/* Sign with a private key. Errors: CF_EINPUT (it is a public one), CF_EIO (the library failed). */
CF_MUST_CHECK enum cf_code cf_key_sign(const struct cf_key *key, const void *bytes, size_t len,
                                       unsigned char out[CF_SIGNATURE_BYTES], struct cf_err *err);
/* Whether signature is key's over bytes. */
bool cf_key_verify(const struct cf_key *key, const void *bytes, size_t len,
                   const unsigned char *signature, size_t signature_len);

#endif
