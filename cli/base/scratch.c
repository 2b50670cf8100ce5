#include "cli/base/scratch.h"
#include "cli/base/command.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool cf_scratch_make(char out[CF_SCRATCH_BYTES])
{
    const char *base = getenv("TMPDIR");
    snprintf(out, CF_SCRATCH_BYTES, "%.400s/cvm-conformance-XXXXXX", base && *base ? base : "/tmp");
    if (mkdtemp(out))
        return true;
    cf_complain("cannot make a folder %s: %s", out, strerror(errno));
    out[0] = '\0';
    return false;
}

void cf_scratch_remove(char path[CF_SCRATCH_BYTES])
{
    DIR *dir = path[0] ? opendir(path) : NULL;
    if (!dir)
        return;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
    rmdir(path);
    path[0] = '\0';
}
