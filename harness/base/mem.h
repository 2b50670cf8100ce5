/*
 * Memory that is there, or the process ends.
 *
 * Nothing here returns NULL for want of memory. When the system has none left, or a size is absurd
 * (more than PTRDIFF_MAX bytes, a product that overflows), the process writes the one line
 * "cvm-conformance: out of memory" to standard error, runs its last words and ends with exit code
 * CF_MEM_EXIT. Callers therefore have no branch for it, and functions that could fail for nothing
 * else return nothing or the thing made. What came from here goes back by free(3).
 *
 * This does not limit what others send: how many foreign bytes are taken is a value with a name and
 * an error of its own (CF_ELIMIT; see buf.h).
 */
#ifndef CF_BASE_MEM_H
#define CF_BASE_MEM_H

#include <stddef.h>

enum { CF_MEM_EXIT = 3 };

#define CF_MEM_GIVES __attribute__((malloc, returns_nonnull, warn_unused_result))

/* Zeroed storage, for 0 bytes and 0 items too. */
void *cf_alloc(size_t bytes) CF_MEM_GIVES;
void *cf_alloc_array(size_t count, size_t item_bytes) CF_MEM_GIVES;

/* items (NULL: none yet) with room for count items. What is added is not zeroed. */
void *cf_realloc(void *items, size_t count, size_t item_bytes)
    __attribute__((returns_nonnull, warn_unused_result));

/* items with room for one more than count of them: at least doubled when *cap are used up, so that
 * adding one at a time is cheap. *cap is the number that fits; 0 at first. */
void *cf_grow(void *items, size_t count, size_t *cap, size_t item_bytes)
    __attribute__((returns_nonnull, warn_unused_result));

/* Copy of a text; of NULL, NULL. */
char *cf_strdup(const char *text) __attribute__((malloc, warn_unused_result));
/* Copy of the first len bytes of a text, or of all where it is shorter. */
char *cf_strndup(const char *text, size_t len) CF_MEM_GIVES;
/* Copy of len bytes, with a NUL after them that does not count. */
void *cf_memdup(const void *bytes, size_t len) CF_MEM_GIVES;

/* The end for want of memory, for the rare place that learns of it by itself (an errno of ENOMEM, a
 * library that says so). */
_Noreturn void cf_mem_exhausted(void);

/* What the process still does when memory has run out: leave things as others can use them, without
 * allocating. One process, one set of last words: a forked child does not speak its parent's. NULL:
 * none. */
typedef void cf_mem_last_words_fn(void *context);
void cf_mem_last_words(cf_mem_last_words_fn *say, void *context);

/* The same promise by the names and habits of the C library, for libraries that let their
 * allocator be set. cf_mem_realloc() to 0 bytes keeps a block. */
void *cf_mem_malloc(size_t bytes);
void *cf_mem_calloc(size_t count, size_t item_bytes);
void *cf_mem_realloc(void *block, size_t bytes);
char *cf_mem_strdup(const char *text);

/* Make cJSON and OpenSSL allocate by these. The first thing that main() does: OpenSSL keeps the
 * allocator that it was first used with. */
void cf_mem_rule_libraries(void);

#endif
