/*
 * Ordinary words, for texts that have to be new and by which nobody should know who wrote them.
 */
#ifndef CF_BASE_WORDLIST_H
#define CF_BASE_WORDLIST_H

#include "harness/base/digest.h"

enum { CF_WORDLIST_BYTES = 48 };

/* An English word of 3 to 8 lower-case letters. Static. */
const char *cf_wordlist_one(struct cf_random *random);

/* Three of them and a number, with the first character of between ("": nothing) after each word:
 * "maple-harbor-quiet-4821". One of 2^41 or so: two are the same by no chance that matters within
 * a run. */
void cf_wordlist_draw(struct cf_random *random, const char *between, char out[CF_WORDLIST_BYTES]);

#endif
