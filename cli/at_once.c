#include "cli/at_once.h"
#include "cli/left_index.h"
#include "cli/out_folder.h"

#include <stdlib.h>
#include <string.h>

static enum cf_code check_folder(const struct cf_profile *profile, const struct cf_snapshots *ours,
                                 const char *folder, struct cf_err *err)
{
    struct cf_snapshots theirs = {0};
    enum cf_code code = CF_OK;
    if (cf_out_folder_in_use(folder) && cf_snapshots_read(&theirs, folder, NULL) == CF_OK) {
        const char *id = cf_snapshots_common(&theirs, profile, ours);
        if (id)
            code = cf_err_set(err, CF_EINPUT,
                              "CVM %s is being changed by the run in %s: each of two runs on one "
                              "CVM would see the other's updates; wait for its end, or give each "
                              "its own CVMs",
                              id, folder);
    }
    cf_snapshots_release(&theirs);
    return code;
}

enum cf_code cf_at_once_check(const struct cf_profile *profile, const struct cf_snapshots *ours,
                              const char *folder, struct cf_err *err)
{
    struct cf_list folders = {0};
    enum cf_code code = CF_OK;
    char *own = realpath(folder, NULL);
    cf_left_index_list("", &folders);
    for (size_t i = 0; code == CF_OK && i < folders.count; i++) {
        if (!own || strcmp(folders.items[i], own) != 0)
            code = check_folder(profile, ours, folders.items[i], err);
    }
    free(own);
    cf_list_release(&folders);
    return code;
}
