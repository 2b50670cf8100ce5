/*
 * Bytes that only who has the key can read: AES-256-GCM (NIST SP 800-38D), its key made of the
 * caller's by slow_key.h.
 */
#ifndef CF_BASE_SEAL_H
#define CF_BASE_SEAL_H

#include "harness/base/buf.h"
#include "harness/base/err.h"

/* Append the sealed form, base64 in one line. about: what the bytes belong to, which may be known
 * to all; its salt is made of it. A libcrypto that is set up without what this needs ends the
 * process, with a line on standard error. */
void cf_seal(struct cf_buf *out, const char *key, const char *about, const char *bytes, size_t len);
/* Append what was sealed. Errors: CF_EINPUT (another key, or not what cf_seal() made). */
CF_MUST_CHECK enum cf_code cf_unseal(struct cf_buf *out, const char *key, const char *sealed,
                                     struct cf_err *err);

#endif
