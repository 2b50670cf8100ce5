/* What may be shown of a profile: its text, with the credentials written out in it replaced. */
#ifndef CF_CASE_PROFILE_PUBLIC_H
#define CF_CASE_PROFILE_PUBLIC_H

#include "harness/case/credential.h"

struct cf_profile_public {
    char *text;
    size_t len;
    struct cf_credential *hook_secrets; /* what hooks send, by the name "$HOOK_NAME" */
    size_t hook_secret_count;
};

/* bytes are those that doc, a checked profile, was parsed from. A literal pixit.auth credential
 * becomes auth_placeholder; in a hook's http.headers and http.json, the members whose names say
 * that they carry a credential become "$HOOK_NAME", unless they are an input such as "{cvm_id}". */
void cf_profile_public_make(struct cf_profile_public *out, const struct cf_json_doc *doc,
                            const char *bytes, size_t len, const char *auth_placeholder);
void cf_profile_public_release(struct cf_profile_public *shown);

#endif
