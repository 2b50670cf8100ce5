#include "harness/base/mem.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the process, as memory is: where it runs out nobody can hand a context down. */
static struct {
    cf_mem_last_words_fn *say;
    void *context;
    pid_t process;
} last_words;

void cf_mem_last_words(cf_mem_last_words_fn *say, void *context)
{
    last_words.say = say;
    last_words.context = context;
    last_words.process = getpid();
}

void cf_mem_exhausted(void)
{
    static const char message[] = "cvm-conformance: out of memory\n";
    cf_mem_last_words_fn *say = last_words.process == getpid() ? last_words.say : NULL;
    /* Last words that ask for memory themselves come here again: once is enough. */
    last_words.say = NULL;
    (void)!write(STDERR_FILENO, message, sizeof(message) - 1);
    if (say)
        say(last_words.context);
    _exit(CF_MEM_EXIT);
}

static void *checked(void *block)
{
    if (!block)
        cf_mem_exhausted();
    return block;
}

/* count times item_bytes; at least 1, so that NULL means one thing only. */
static size_t size_of(size_t count, size_t item_bytes)
{
    if (item_bytes != 0 && count > (size_t)PTRDIFF_MAX / item_bytes)
        cf_mem_exhausted();
    size_t bytes = count * item_bytes;
    return bytes > 0 ? bytes : 1;
}

void *cf_mem_malloc(size_t bytes)
{
    return checked(malloc(size_of(bytes, 1)));
}

void *cf_mem_calloc(size_t count, size_t item_bytes)
{
    return checked(calloc(1, size_of(count, item_bytes)));
}

void *cf_mem_realloc(void *block, size_t bytes)
{
    return checked(realloc(block, size_of(bytes, 1)));
}

char *cf_mem_strdup(const char *text)
{
    return cf_memdup(text, strlen(text));
}

void *cf_alloc(size_t bytes)
{
    return cf_mem_calloc(1, bytes);
}

void *cf_alloc_array(size_t count, size_t item_bytes)
{
    return cf_mem_calloc(count, item_bytes);
}

void *cf_realloc(void *items, size_t count, size_t item_bytes)
{
    return cf_mem_realloc(items, size_of(count, item_bytes));
}

void *cf_grow(void *items, size_t count, size_t *cap, size_t item_bytes)
{
    enum { FIRST = 8 };
    if (items && count < *cap)
        return items;
    size_t more = count < FIRST ? FIRST : count;
    *cap = count + more;
    return cf_realloc(items, *cap, item_bytes);
}

char *cf_strdup(const char *text)
{
    return text ? cf_mem_strdup(text) : NULL;
}

char *cf_strndup(const char *text, size_t len)
{
    return cf_memdup(text, strnlen(text, len));
}

void *cf_memdup(const void *bytes, size_t len)
{
    if (len >= (size_t)PTRDIFF_MAX)
        cf_mem_exhausted();
    char *copy = cf_mem_malloc(len + 1);
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

/* ---- libraries ---- */

static void *openssl_malloc(size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    return cf_mem_malloc(bytes);
}

/* To 0 bytes: gives the block back, as OpenSSL's own does. */
static void *openssl_realloc(void *block, size_t bytes, const char *file, int line)
{
    (void)file;
    (void)line;
    if (bytes > 0)
        return cf_mem_realloc(block, bytes);
    free(block);
    return NULL;
}

static void openssl_free(void *block, const char *file, int line)
{
    (void)file;
    (void)line;
    free(block);
}

void cf_mem_rule_libraries(void)
{
    cJSON_Hooks hooks = {.malloc_fn = cf_mem_malloc, .free_fn = free};
    cJSON_InitHooks(&hooks);
    /* 0 where OpenSSL has allocated before, and then stays with what it has. */
    (void)CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free);
}
