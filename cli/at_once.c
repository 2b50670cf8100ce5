#define _GNU_SOURCE /* F_OFD_SETLK */
#include "cli/at_once.h"
#include "cli/left_index.h"
#include "cli/out_folder.h"
#include "harness/base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TWO_RUNS                                                                                   \
    "each of two runs on one CVM would see the other's updates; wait for its end, or give each "   \
    "its own CVMs"

/* ---- by the index ---- */

static enum cf_code check_folder(const struct cf_profile *profile, const struct cf_snapshots *ours,
                                 const char *folder, struct cf_err *err)
{
    struct cf_snapshots theirs = {0};
    enum cf_code code = CF_OK;
    if (cf_out_folder_in_use(folder) && cf_snapshots_read(&theirs, folder, NULL) == CF_OK) {
        const char *id = cf_snapshots_common(&theirs, profile, ours);
        if (id)
            code = cf_err_set(err, CF_EINPUT, "CVM %s is being changed by the run in %s: " TWO_RUNS,
                              id, folder);
    }
    cf_snapshots_release(&theirs);
    return code;
}

static enum cf_code check_folders(const struct cf_profile *profile, const struct cf_snapshots *ours,
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

/* ---- by the locks ---- */

/* Two CVMs that share a byte by chance, one in 2^40, would be told to wait for each other. */
static off_t byte_of(const struct cf_profile *profile, const char *id)
{
    char digest[65];
    struct cf_buf text = {0};
    cf_buf_printf(&text, "%s\n%s", profile->base_url, id);
    cf_sha256_hex(cf_buf_text(&text), text.len, digest);
    cf_buf_release(&text);
    digest[10] = '\0';
    return (off_t)strtoull(digest, NULL, 16);
}

/* Where locks are not to be had, we go without. */
static bool another_has(int fd, off_t at)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
    return fcntl(fd, F_OFD_SETLK, &lock) != 0 && (errno == EAGAIN || errno == EACCES);
}

enum cf_code cf_at_once_take(struct cf_at_once *at_once, const struct cf_profile *profile,
                             const struct cf_snapshots *ours, const char *folder,
                             struct cf_err *err)
{
    enum cf_code code = check_folders(profile, ours, folder, err);
    if (at_once->fd < 0)
        at_once->fd = cf_left_index_locks();
    for (size_t i = 0; code == CF_OK && at_once->fd >= 0 && i < ours->count; i++) {
        const char *id = ours->items[i].id;
        if (another_has(at_once->fd, byte_of(profile, id)))
            code =
                cf_err_set(err, CF_EINPUT, "CVM %s is being changed by another run: " TWO_RUNS, id);
    }
    return code;
}

void cf_at_once_leave(struct cf_at_once *at_once)
{
    if (at_once->fd >= 0)
        close(at_once->fd);
    at_once->fd = -1;
}
