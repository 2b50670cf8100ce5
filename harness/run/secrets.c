#include "harness/run/secrets.h"
#include "harness/run/near_key.h"

#include <stdlib.h>
#include <string.h>

/* What is nearly the key is as good as the key to who reads it. */
static enum cf_code add_near_key(struct cf_redactor *redactor, const char *key,
                                 const struct cf_near_key *kind, struct cf_err *err)
{
    char *near = cf_near_key_make(key, kind->how);
    size_t len = strlen(near);
    enum cf_code code = CF_OK;
    if (len >= CF_SECRET_MIN_BYTES)
        code = cf_redactor_add(redactor, near, len, kind->placeholder, err);
    free(near);
    return code;
}

enum cf_code cf_secrets_redactor(struct cf_redactor **out, const struct cf_profile *profile,
                                 struct cf_err *err)
{
    struct cf_redactor *redactor = cf_redactor_new();
    size_t len = strlen(profile->auth.value);
    enum cf_code code =
        cf_redactor_add(redactor, profile->auth.value, len, profile->auth.placeholder, err);
    for (const struct cf_near_key *k = cf_near_keys; code == CF_OK && k->how; k++)
        code = add_near_key(redactor, profile->auth.value, k, err);
    for (size_t i = 0; code == CF_OK && i < profile->shown.hook_secret_count; i++) {
        const struct cf_credential *secret = &profile->shown.hook_secrets[i];
        size_t secret_len = strlen(secret->value);
        /* A shorter one is not a secret worth the name, and would garble innocent text. */
        if (secret_len >= CF_SECRET_MIN_BYTES)
            code = cf_redactor_add(redactor, secret->value, secret_len, secret->placeholder, err);
    }
    if (code == CF_OK)
        *out = redactor;
    else
        cf_redactor_free(redactor);
    return code;
}
