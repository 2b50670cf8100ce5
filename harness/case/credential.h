/*
 * A credential: its value, which stays in memory, and the placeholder by which everything that is
 * stored or shown knows it.
 */
#ifndef CF_CASE_CREDENTIAL_H
#define CF_CASE_CREDENTIAL_H

#include "harness/base/json.h"

struct cf_credential {
    char *value;       /* SECRET */
    char *placeholder; /* "$NAME" */
};

/* Where a credential may come from. */
struct cf_credential_rules {
    const char *beside; /* a relative file name is taken from this file's folder */
    bool literal;       /* it may be written out, as it may for loopback addresses only */
    bool sealed;        /* neither environment nor files are looked at; the value is a stand-in */
};

enum { CF_CREDENTIAL_MIN_BYTES = 6, CF_CREDENTIAL_MAX_BYTES = 16384 };

/* Read the credential named by from, the object at /pixit/auth/value_from: one of env, file, value.
 * out is released by cf_credential_release() also after a failure. Errors: CF_EINPUT (not such an
 * object; variable not set, file not readable; shorter than CF_CREDENTIAL_MIN_BYTES, longer than
 * CF_CREDENTIAL_MAX_BYTES, control characters). */
CF_MUST_CHECK enum cf_code cf_credential_read(struct cf_credential *out,
                                              const struct cf_json_doc *doc, const cJSON *from,
                                              const struct cf_credential_rules *rules,
                                              struct cf_err *err);
/* The text that from, a string member "env" or "file", names; where is the pointer to the object
 * that holds it. Caller frees. Errors: as above. */
CF_MUST_CHECK enum cf_code cf_credential_text(char **out, const struct cf_json_doc *doc,
                                              const cJSON *from, const char *where,
                                              const struct cf_credential_rules *rules,
                                              struct cf_err *err);
/* Overwrites the value before it is freed. */
void cf_credential_release(struct cf_credential *credential);

#endif
