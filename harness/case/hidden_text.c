#include "harness/case/hidden_text.h"
#include "harness/base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LOOK_MIN_BYTES = 8 };

static bool holds(const char *text, size_t len, const char *word)
{
    size_t word_len = strlen(word);
    for (size_t at = 0; at + word_len <= len; at++) {
        if (strncasecmp(text + at, word, word_len) == 0)
            return true;
    }
    return false;
}

bool cf_hidden_by_name(const char *name, size_t len)
{
    static const char *const words[] = {"auth",       "cookie",    "token",   "secret",
                                        "passw",      "api-key",   "api_key", "apikey",
                                        "credential", "signature", "private", "session"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (holds(name, len, words[i]))
            return true;
    }
    return false;
}

bool cf_hidden_by_look(const char *word, size_t len)
{
    size_t digits = 0;
    size_t letters = 0;
    for (size_t i = 0; i < len; i++) {
        digits += isdigit((unsigned char)word[i]) != 0;
        letters += isalpha((unsigned char)word[i]) != 0 || (unsigned char)word[i] >= 0x80;
    }
    return len >= LOOK_MIN_BYTES && digits > 0 && letters > 0;
}

static void add(struct cf_list *out, const char *word, size_t len, size_t min_bytes)
{
    char *copy = cf_strndup(word, len);
    if (len >= min_bytes && !cf_list_has(out, copy))
        cf_list_add(out, copy);
    free(copy);
}

/* The password of "scheme://user:password@host", and the user's name. */
static void add_userinfo(const char *text, size_t min_bytes, struct cf_list *out)
{
    const char *start = strstr(text, "://");
    size_t len = start ? strcspn(start + 3, "/?# ") : 0;
    const char *at = NULL;
    for (size_t i = 0; i < len; i++) {
        if (start[3 + i] == '@')
            at = start + 3 + i;
    }
    if (!at)
        return;
    size_t all = (size_t)(at - start - 3);
    size_t user = 0;
    while (user < all && start[3 + user] != ':')
        user++;
    add(out, start + 3, user, min_bytes);
    if (user < all)
        add(out, start + 3 + user + 1, all - user - 1, min_bytes);
}

void cf_hidden_words(const char *text, bool declared, size_t min_bytes, struct cf_list *out)
{
    static const char ends[] = " \t\"'{}<>,;:@/?&=#|";
    const char *space = strrchr(text, ' ');
    if (declared) {
        add(out, text, strlen(text), min_bytes);
        if (space)
            add(out, space + 1, strlen(space + 1), min_bytes);
        return;
    }
    add_userinfo(text, min_bytes, out);
    if (!strpbrk(text, "{ ") && cf_hidden_by_look(text, strlen(text)))
        add(out, text, strlen(text), min_bytes);
    bool named = false;
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, ends);
        if (named || cf_hidden_by_look(at, len))
            add(out, at, len, min_bytes);
        named = len > 0 && (at[len] == '=' || at[len] == ':') && cf_hidden_by_name(at, len);
        at += len;
        at += *at ? 1 : 0;
    }
}
