/* Which texts are likely to be secret, by their names and by their looks. */
#ifndef CF_CASE_HIDDEN_TEXT_H
#define CF_CASE_HIDDEN_TEXT_H

#include "harness/base/list.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether what has this name (of a header, a member, a parameter, an option) carries a secret. */
bool cf_hidden_by_name(const char *name, size_t len);
/* Whether a word looks made rather than chosen: eight bytes with letters and digits. Words
 * of a language and names do not, and numbers must not: replacing one would break JSON. */
bool cf_hidden_by_look(const char *word, size_t len);

/* Add what is to be searched for where text is hidden. Declared to be a secret: the whole, and what
 * stands after its last space ("Bearer ..."). Not declared: each word of it that looks like a
 * secret, or whose name in front of it ("token=...") or place (the password of a URL) says so. What
 * has fewer than min_bytes is left out. */
void cf_hidden_words(const char *text, bool declared, size_t min_bytes, struct cf_list *out);

#endif
