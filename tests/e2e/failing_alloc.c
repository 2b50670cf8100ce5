/*
 * To be preloaded (LD_PRELOAD): memory that runs out.
 *
 * CF_ALLOC_FAIL_AT=N    the N-th allocation from the start of main() on, and every one after it,
 *                       finds no memory; 0 or unset: none does
 * CF_ALLOC_FAIL_IN=...  "first": only in the process that was started, "forked": only in those that
 *                       it forks; else in all. A forked process goes on counting from its parent's
 *                       number; "afresh": as "forked", but each counts from its own start
 * CF_ALLOC_COUNT=FILE   the process that was started writes there, at its end by exit(), how many
 *                       allocations it made
 *
 * Not for sanitizers, which bring an allocator of their own.
 */
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* glibc's own, under its other names: looking them up by dlsym() would allocate. */
extern void *__libc_malloc(size_t bytes);
extern void *__libc_calloc(size_t count, size_t bytes);
extern void *__libc_realloc(void *block, size_t bytes);
extern void *__libc_memalign(size_t alignment, size_t bytes);

static atomic_ulong made;
static unsigned long fail_at;
static pid_t first;
static pid_t counting; /* of IN_AFRESH: whose number it is */
static enum { IN_ALL, IN_FIRST, IN_FORKED, IN_AFRESH } where;

/* Preloaded, this runs after every other library's constructors. */
__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("CF_ALLOC_FAIL_AT");
    const char *in = getenv("CF_ALLOC_FAIL_IN");
    fail_at = at ? strtoul(at, NULL, 10) : 0;
    where = in && strcmp(in, "first") == 0    ? IN_FIRST
            : in && strcmp(in, "forked") == 0 ? IN_FORKED
            : in && strcmp(in, "afresh") == 0 ? IN_AFRESH
                                              : IN_ALL;
    atomic_store(&made, 0);
    first = counting = getpid();
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("CF_ALLOC_COUNT");
    unsigned long count = atomic_load(&made);
    fail_at = 0;
    FILE *file = path && getpid() == first ? fopen(path, "w") : NULL;
    if (!file)
        return;
    (void)fprintf(file, "%lu\n", count);
    (void)fclose(file);
}

static bool refused(void)
{
    if (where == IN_AFRESH && getpid() != counting) {
        counting = getpid();
        atomic_store(&made, 0);
    }
    unsigned long number = atomic_fetch_add(&made, 1) + 1;
    if (fail_at == 0 || first == 0 || number < fail_at)
        return false;
    if (where != IN_ALL && (getpid() == first) != (where == IN_FIRST))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t bytes)
{
    return refused() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return refused() ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *block, size_t bytes)
{
    return refused() ? NULL : __libc_realloc(block, bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
    return refused() ? NULL : __libc_memalign(alignment, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return memalign(alignment, bytes);
}

int posix_memalign(void **out, size_t alignment, size_t bytes)
{
    *out = memalign(alignment, bytes);
    return *out ? 0 : ENOMEM;
}
