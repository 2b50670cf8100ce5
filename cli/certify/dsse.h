/*
 * Signed envelopes: DSSE version 1.0.0 (Dead Simple Signing Envelope) with Ed25519.
 *
 * The payload's bytes are signed as they are, together with their type; nobody has to agree on a
 * canonical form of JSON. Key ids are hints and decide nothing; an envelope that is made here has
 * its signature twice, without an id and with securesystemslib's, for verifiers that do heed them.
 */
#ifndef CF_CLI_CERTIFY_DSSE_H
#define CF_CLI_CERTIFY_DSSE_H

#include "cli/certify/ed25519.h"
#include "harness/base/buf.h"

enum { CF_DSSE_SIGNATURES_MAX = 64 };

/* Append what is signed: the pre-authentication encoding of type and body. */
void cf_dsse_pae(struct cf_buf *out, const char *type, const void *body, size_t len);

/* Append the envelope of body as JSON. Errors: CF_EINPUT (key is not a private one). */
CF_MUST_CHECK enum cf_code cf_dsse_sign(struct cf_buf *out, const struct cf_key *key,
                                        const char *type, const void *body, size_t len,
                                        struct cf_err *err);

/* Append the payload of an envelope whose type is type. With a key one of the signatures has to be
 * its; without (NULL) there has to be one, which is not looked at. name is for messages. Errors:
 * CF_EINPUT (no such envelope, another type, no valid signature), CF_ELIMIT. */
CF_MUST_CHECK enum cf_code cf_dsse_open(struct cf_buf *out, const char *name, const char *text,
                                        size_t len, const char *type, const struct cf_key *key,
                                        struct cf_err *err);

#endif
