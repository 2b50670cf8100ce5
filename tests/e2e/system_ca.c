/*
 * To be preloaded (LD_PRELOAD): a system that trusts other authorities, without being root.
 *
 * CF_SYSTEM_CA=FILE     stands in for the system's file of authorities, whoever opens that
 * CF_SYSTEM_CA_AT=FILE  where the system has it
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static FILE *open_as(const char *name, const char *path, const char *mode)
{
    FILE *(*next)(const char *, const char *);
    const char *at = getenv("CF_SYSTEM_CA_AT");
    const char *instead = getenv("CF_SYSTEM_CA");
    /* ISO C has no conversion from an object pointer to that of a function. */
    *(void **)&next = dlsym(RTLD_NEXT, name);
    return next(at && instead && strcmp(path, at) == 0 ? instead : path, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    return open_as("fopen", path, mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    return open_as("fopen64", path, mode);
}
