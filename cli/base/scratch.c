#include "cli/base/scratch.h"
#include "cli/base/command.h"
#include "harness/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Allocates nothing: memory may have run out. */
static void empty(void *context)
{
    struct cf_scratch *scratch = context;
    DIR *dir = scratch->dir;
    rewinddir(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    rmdir(scratch->path);
}

bool cf_scratch_make(struct cf_scratch *scratch)
{
    const char *base = getenv("TMPDIR");
    snprintf(scratch->path, sizeof(scratch->path), "%.400s/cvm-conformance-XXXXXX",
             base && *base ? base : "/tmp");
    if (!mkdtemp(scratch->path)) {
        cf_complain("cannot make a folder %s: %s", scratch->path, strerror(errno));
        scratch->path[0] = '\0';
        return false;
    }
    scratch->dir = opendir(scratch->path);
    if (scratch->dir) {
        cf_mem_last_words(empty, scratch);
        return true;
    }
    int error = errno;
    rmdir(scratch->path);
    if (error == ENOMEM)
        cf_mem_exhausted();
    cf_complain("cannot open %s: %s", scratch->path, strerror(error));
    scratch->path[0] = '\0';
    return false;
}

void cf_scratch_remove(struct cf_scratch *scratch)
{
    if (!scratch->dir)
        return;
    cf_mem_last_words(NULL, NULL);
    empty(scratch);
    closedir(scratch->dir);
    *scratch = (struct cf_scratch){0};
}
