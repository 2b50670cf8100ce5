#include "harness/run/secrets.h"
#include "harness/base/digest.h"
#include "harness/base/mem.h"
#include "harness/base/slow_key.h"
#include "harness/case/hidden_text.h"
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

/* What is only hidden by default is no secret where the profile shows it elsewhere. */
static bool is_shown(const struct cf_profile *profile, const char *word)
{
    const struct cf_profile_public *shown = &profile->shown;
    return strstr(shown->text, word) != NULL;
}

static enum cf_code add_hidden(struct cf_redactor *redactor, const struct cf_profile *profile,
                               const struct cf_hidden_text *hidden, struct cf_err *err)
{
    struct cf_list words = {0};
    enum cf_code code = CF_OK;
    cf_hidden_words(hidden->value, hidden->declared, CF_SECRET_MIN_BYTES, &words);
    for (size_t i = 0; code == CF_OK && i < words.count; i++) {
        const char *word = words.items[i];
        if (hidden->declared || !is_shown(profile, word))
            code = cf_redactor_add(redactor, word, strlen(word), hidden->placeholder, err);
    }
    if (hidden->header)
        cf_redactor_add_header(redactor, hidden->header, hidden->value, hidden->placeholder);
    cf_list_release(&words);
    return code;
}

static enum cf_code make_redactor(struct cf_redactor **out, const struct cf_profile *profile,
                                  bool guesses, struct cf_err *err)
{
    struct cf_redactor *redactor = cf_redactor_new();
    size_t len = strlen(profile->auth.value);
    enum cf_code code =
        cf_redactor_add(redactor, profile->auth.value, len, profile->auth.placeholder, err);
    for (const struct cf_near_key *k = cf_near_keys; code == CF_OK && k->how; k++)
        code = add_near_key(redactor, profile->auth.value, k, err);
    for (size_t i = 0; code == CF_OK && i < profile->shown.hidden_count; i++) {
        if (guesses || profile->shown.hidden[i].declared)
            code = add_hidden(redactor, profile, &profile->shown.hidden[i], err);
    }
    if (code == CF_OK)
        *out = redactor;
    else
        cf_redactor_free(redactor);
    return code;
}

enum cf_code cf_secrets_redactor(struct cf_redactor **out, const struct cf_profile *profile,
                                 struct cf_err *err)
{
    return make_redactor(out, profile, true, err);
}

enum cf_code cf_secrets_sure(struct cf_redactor **out, const struct cf_profile *profile,
                             struct cf_err *err)
{
    return make_redactor(out, profile, false, err);
}

/* ---- telling profiles apart ---- */

/* All hidden texts, each with its place's name. */
static void put_hidden(const struct cf_profile *profile, struct cf_buf *out)
{
    for (size_t i = 0; i < profile->shown.hidden_count; i++) {
        const struct cf_hidden_text *hidden = &profile->shown.hidden[i];
        cf_json_put_text(out, hidden->placeholder);
        cf_buf_putc(out, ':');
        cf_json_put_text(out, hidden->value);
        cf_buf_putc(out, '\n');
    }
}

char *cf_secrets_fingerprint(const struct cf_profile *profile)
{
    char hex[CF_SHA256_HEX];
    unsigned char salt[CF_SLOW_KEY_SALT_BYTES];
    unsigned char key[CF_SLOW_KEY_BYTES];
    struct cf_buf text = {0};
    if (profile->shown.hidden_count == 0 || profile->sealed)
        return NULL;
    put_hidden(profile, &text);
    cf_slow_key_salt(profile->sha256, salt);
    cf_slow_key(profile->auth.value, salt, key);
    cf_keyed_digest_hex(key, sizeof(key), cf_buf_text(&text), text.len, hex);
    explicit_bzero(key, sizeof(key));
    explicit_bzero(text.data, text.len);
    cf_buf_release(&text);
    return cf_strdup(hex);
}
