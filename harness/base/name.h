/* Names that people type, and what they may have meant. */
#ifndef CF_BASE_NAME_H
#define CF_BASE_NAME_H

#include <stdbool.h>
#include <string.h>

/* Most names differ in their first letter, which costs less to find out here than by a call. */
static inline bool cf_name_is(const char *name, const char *other)
{
    return *name == *other && strcmp(name, other) == 0;
}

/* prefix: not empty. */
static inline bool cf_name_begins(const char *name, const char *prefix)
{
    return *name == *prefix && strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Whether name is in the NULL-terminated list (which may be NULL). */
bool cf_name_known(const char *const *names, const char *name);
/* The listed name most like name, NULL when none is close: half of its letters may be wrong. */
const char *cf_name_nearest(const char *const *names, const char *name);

/* Edit distance, both texts cut to 64 bytes; two neighbours that changed places are one edit. */
unsigned cf_name_distance(const char *a, const char *b);

/* The name most like a wanted one among those offered one after another, however unlike; the first
 * of equals. Zeroed: none offered yet. */
struct cf_nearest {
    const char *name; /* borrowed; NULL while none was offered */
    unsigned distance;
};

void cf_nearest_offer(struct cf_nearest *nearest, const char *wanted, const char *name);

#endif
