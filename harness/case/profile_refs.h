/*
 * Texts of a profile that are not written in it: {"env": NAME} and {"file": PATH}, wherever a text
 * of it may be secret: the values of pixit.headers, and a hook's url, headers and json.
 */
#ifndef CF_CASE_PROFILE_REFS_H
#define CF_CASE_PROFILE_REFS_H

#include "harness/case/credential.h"

/* A text that came from elsewhere: node is a string now. */
struct cf_profile_ref {
    cJSON *node;
    char *placeholder; /* "$NAME" of {"env": "NAME"}; NULL of a file: it goes by its place */
};

struct cf_profile_refs {
    struct cf_profile_ref *items;
    size_t count, cap;
};

/* Put the texts into doc in the place of what refers to them. Sealed, neither environment nor files
 * are looked at, and each text is left to cf_profile_public_make(). Errors: CF_EINPUT (variable not
 * set, file not readable, control characters, shorter than CF_CREDENTIAL_MIN_BYTES; such a word in
 * a command, where everybody on the machine could read it). out is released by
 * cf_profile_refs_release() also after a failure. */
CF_MUST_CHECK enum cf_code cf_profile_refs_resolve(struct cf_profile_refs *out,
                                                   const struct cf_json_doc *doc,
                                                   const struct cf_credential_rules *rules,
                                                   struct cf_err *err);
void cf_profile_refs_release(struct cf_profile_refs *refs);
/* The reference whose text node is; NULL where it stands in the profile. */
const struct cf_profile_ref *cf_profile_refs_find(const struct cf_profile_refs *refs,
                                                  const cJSON *node);

#endif
