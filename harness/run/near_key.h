/*
 * Keys that are nearly the right one: cases send them to see them refused, and no report may show
 * them. Who sends and who redacts ask here, so that both mean the same bytes.
 */
#ifndef CF_NEAR_KEY_H
#define CF_NEAR_KEY_H

#include <stddef.h>

struct cf_near_key {
    const char *how;         /* as the "auth" of a request names it */
    const char *placeholder; /* what reports show instead */
};

/* All there are; the last one has no name. */
extern const struct cf_near_key cf_near_keys[];

/*
 * The key as how says: "truncated" (without its last character), "extended" (with one more), or
 * "swapped-case" (its letters in the other case) or "swapped-letters" (those of its letters that
 * are no hexadecimal digits, which may be read in either case), "blank-inside" (a blank in its
 * middle), or "other-end" (as long, with another letter or digit near its end). A key without such
 * letters, or too short to have a middle, gets one more character, so that the result never is the
 * key itself. The caller frees it. NULL: no such how.
 */
char *cf_near_key_make(const char *key, const char *how);

/* Every ASCII letter in the other case, in place; how many there were. */
size_t cf_swap_case(char *text);

#endif
