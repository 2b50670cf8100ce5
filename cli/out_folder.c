#define _GNU_SOURCE /* memfd_create() */
#include "cli/out_folder.h"
#include "cli/run_reports.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINES_FILE "results.ndjson"

/* ---- having it ---- */

static bool path_of(char out[CF_OUT_PATH_BYTES], const char *folder, const char *file)
{
    int n = snprintf(out, CF_OUT_PATH_BYTES, "%s/%s", folder, file);
    return n > 0 && n < CF_OUT_PATH_BYTES;
}

static bool has_reports(const char *path)
{
    char file[CF_OUT_PATH_BYTES];
    for (size_t i = 0; cf_run_report_files[i]; i++) {
        if (path_of(file, path, cf_run_report_files[i]) && access(file, F_OK) == 0)
            return true;
    }
    return false;
}

bool cf_out_folder_is_one(const char *path)
{
    static const char *const others[] = {LINES_FILE, "run.json"};
    char file[CF_OUT_PATH_BYTES];
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (path_of(file, path, others[i]) && access(file, F_OK) == 0)
            return true;
    }
    return has_reports(path);
}

static enum cf_code remove_reports(const char *path, struct cf_err *err)
{
    char file[CF_OUT_PATH_BYTES];
    for (size_t i = 0; cf_run_report_files[i]; i++) {
        if (path_of(file, path, cf_run_report_files[i]) && unlink(file) != 0 && errno != ENOENT)
            return cf_err_errno(err, errno, "cannot remove %s of an earlier run", file);
    }
    return CF_OK;
}

/* Never through a link to somebody else's file, never waiting for a pipe's other end. */
static enum cf_code open_lines(struct cf_out_folder *folder, struct cf_err *err)
{
    struct stat info;
    const char *path = folder->lines_path;
    folder->fd =
        open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (folder->fd < 0 && errno == ELOOP)
        return cf_err_set(err, CF_EINPUT, "%s is a symbolic link: it is not written through", path);
    if (folder->fd < 0)
        return cf_err_errno(err, errno, "cannot write %s", path);
    if (fstat(folder->fd, &info) != 0 || !S_ISREG(info.st_mode))
        return cf_err_set(err, CF_EINPUT, "cannot write %s: it is not a regular file", path);
    return CF_OK;
}

/* Another run may have put a new file in the place of the one that was opened. */
static bool is_still_there(const struct cf_out_folder *folder)
{
    struct stat ours;
    struct stat named;
    return fstat(folder->fd, &ours) == 0 && lstat(folder->lines_path, &named) == 0 &&
           ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

static enum cf_code lock(const struct cf_out_folder *folder, struct cf_err *err)
{
    bool locked = flock(folder->fd, LOCK_EX | LOCK_NB) == 0;
    if (locked && is_still_there(folder))
        return CF_OK;
    if (locked || errno == EWOULDBLOCK)
        return cf_err_set(err, CF_EINPUT,
                          "%s is in use by another run; give this one a folder of its own (--out)",
                          folder->path);
    return cf_err_errno(err, errno, "cannot lock %s", folder->lines_path);
}

/* Which folder it is, by whatever name. */
static void know(struct cf_out_folder *folder)
{
    struct stat info;
    if (stat(folder->path, &info) != 0)
        return;
    folder->device = info.st_dev;
    folder->inode = info.st_ino;
}

enum cf_code cf_out_folder_have(struct cf_out_folder *out, const char *path, struct cf_err *err)
{
    *out = (struct cf_out_folder){.path = path, .fd = -1, .spill_fd = -1};
    if (!path_of(out->lines_path, path, LINES_FILE))
        return cf_err_set(err, CF_ELIMIT, "%s: the path is too long", path);
    enum cf_code code = cf_file_make_directory(path, err);
    if (code == CF_OK)
        code = open_lines(out, err);
    know(out);
    return code == CF_OK ? lock(out, err) : code;
}

bool cf_out_folder_in_use(const char *path)
{
    char file[CF_OUT_PATH_BYTES];
    int fd = path_of(file, path, LINES_FILE) ? open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    bool in_use = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    return in_use;
}

void cf_out_folder_retire(const char *path)
{
    struct cf_out_folder folder;
    struct cf_err ignored;
    if (!has_reports(path))
        return;
    if (cf_out_folder_have(&folder, path, &ignored) == CF_OK || !cf_out_folder_in_use(path)) {
        enum cf_code code = remove_reports(path, &ignored);
        (void)code; /* what cannot be removed cannot be written either, which will be told */
    }
    cf_out_folder_release(&folder);
}

/* The old file stays locked until the new one is. */
enum cf_code cf_out_folder_replace(struct cf_out_folder *folder, const char *lines, size_t len,
                                   struct cf_err *err)
{
    int old = folder->fd;
    enum cf_code code = cf_file_write_lasting(folder->lines_path, lines, len, 0666, err);
    if (code == CF_OK)
        code = open_lines(folder, err);
    if (code == CF_OK)
        code = lock(folder, err);
    close(old);
    folder->whole = len;
    return code == CF_OK ? remove_reports(folder->path, err) : code;
}

static bool is_begun_of(const char *name, const char *file)
{
    size_t len = strlen(file);
    if (strncmp(name, file, len) != 0 || name[len] != '.')
        return false;
    size_t digits = strspn(name + len + 1, "0123456789");
    return digits > 0 && strcmp(name + len + 1 + digits, ".tmp") == 0;
}

/* What a run that was killed had begun to write beside a file of ours (base/file.c). */
static bool is_begun(const char *name)
{
    static const char *const others[] = {LINES_FILE, "run.json", "snapshots.json", NULL};
    const char *const *const lists[] = {cf_run_report_files, others};
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; lists[i][k]; k++) {
            if (is_begun_of(name, lists[i][k]))
                return true;
        }
    }
    return false;
}

static void remove_begun(const char *path)
{
    char file[CF_OUT_PATH_BYTES];
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (is_begun(e->d_name) && path_of(file, path, e->d_name))
            unlink(file);
    }
    closedir(dir);
}

/* Whoever reads the earlier run's records goes on with them: a file that is cut while it is mapped
 * is a bus error. */
enum cf_code cf_out_folder_clear(struct cf_out_folder *folder, struct cf_err *err)
{
    struct stat info;
    remove_begun(folder->path);
    if (fstat(folder->fd, &info) != 0)
        return cf_err_errno(err, errno, "cannot read %s", folder->lines_path);
    return info.st_size > 0 ? cf_out_folder_replace(folder, "", 0, err)
                            : remove_reports(folder->path, err);
}

enum cf_code cf_out_folder_borrow(struct cf_out_folder *out, const char *path, struct cf_err *err)
{
    enum cf_code code = cf_out_folder_have(out, path, err);
    if (code != CF_OK && cf_out_folder_in_use(path))
        return code;
    out->spill_fd = memfd_create(LINES_FILE, MFD_CLOEXEC);
    return out->spill_fd < 0 ? cf_err_errno(err, errno, "cannot keep records in memory")
                             : remove_reports(path, err);
}

void cf_out_folder_leave(struct cf_out_folder *folder)
{
    if (folder->fd >= 0)
        close(folder->fd);
    if (folder->spill_fd >= 0)
        close(folder->spill_fd);
    folder->fd = folder->spill_fd = -1;
}

void cf_out_folder_release(struct cf_out_folder *folder)
{
    cf_out_folder_leave(folder);
    free(folder->own_path);
    folder->own_path = NULL;
}

/* ---- records ---- */

static enum cf_code copy_lines(const struct cf_out_folder *folder, int to, struct cf_err *err)
{
    char piece[4096];
    for (size_t at = 0; at < folder->whole;) {
        size_t left = folder->whole - at;
        ssize_t got =
            pread(folder->fd, piece, left < sizeof(piece) ? left : sizeof(piece), (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return cf_err_errno(err, errno, "cannot read %s", folder->lines_path);
        enum cf_code code = cf_fd_write(to, piece, (size_t)got, err);
        if (code != CF_OK)
            return code;
        at += (size_t)got;
    }
    return CF_OK;
}

static void lose(struct cf_out_folder *folder)
{
    if (!folder->lost)
        cf_err_prefix(&folder->trouble, "records are lost");
    folder->lost = true;
}

/* From here on the lines are kept in memory: those in the file first. The file keeps its whole
 * lines. */
static void spill(struct cf_out_folder *folder)
{
    folder->spill_fd = memfd_create(LINES_FILE, MFD_CLOEXEC);
    if (ftruncate(folder->fd, (off_t)folder->whole) != 0 || folder->spill_fd < 0 ||
        copy_lines(folder, folder->spill_fd, NULL) != CF_OK)
        lose(folder);
}

static enum cf_code append(int fd, const char *line, size_t len, struct cf_err *err)
{
    enum cf_code code = cf_fd_write(fd, line, len, err);
    return code == CF_OK ? cf_fd_write(fd, "\n", 1, err) : code;
}

void cf_out_folder_keep(struct cf_out_folder *folder, const char *line, size_t len)
{
    if (folder->spill_fd < 0) {
        if (append(folder->fd, line, len, &folder->trouble) == CF_OK) {
            folder->whole += len + 1;
            return;
        }
        cf_err_prefix(&folder->trouble, "%s", folder->lines_path);
        spill(folder);
    }
    if (folder->spill_fd >= 0 && append(folder->spill_fd, line, len, NULL) != CF_OK)
        lose(folder);
}

enum cf_code cf_out_folder_read(const struct cf_out_folder *folder, struct cf_results **out,
                                struct cf_err *err)
{
    int fd = folder->spill_fd >= 0 ? folder->spill_fd : folder->fd;
    return cf_results_open_fd(out, fd, folder->lines_path, err);
}

/* ---- staying ---- */

static void go_to(struct cf_out_folder *folder, struct cf_out_folder *there)
{
    free(folder->own_path);
    folder->path = folder->own_path = cf_strdup(there->path);
    memcpy(folder->lines_path, there->lines_path, sizeof(folder->lines_path));
    folder->device = there->device;
    folder->inode = there->inode;
}

/* The kernel knows where the open file is now. */
static bool follow(struct cf_out_folder *folder)
{
    char link[40];
    char path[CF_OUT_PATH_BYTES];
    struct cf_out_folder there = {.path = path, .fd = folder->fd};
    snprintf(link, sizeof(link), "/proc/self/fd/%d", folder->fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    path[len > 0 ? len : 0] = '\0';
    char *name = strrchr(path, '/');
    if (!name || name == path || strcmp(name + 1, LINES_FILE) != 0)
        return false;
    *name = '\0';
    if (!path_of(there.lines_path, path, LINES_FILE) || !is_still_there(&there))
        return false;
    know(&there);
    go_to(folder, &there);
    return true;
}

/* Whether it can be ours again. What somebody else has put in its place is not touched; a file of
 * records in our own folder goes, for the rest of what is there is ours too. */
static bool make_free(const struct cf_out_folder *folder)
{
    struct stat info;
    bool same = stat(folder->path, &info) == 0 && info.st_dev == folder->device &&
                info.st_ino == folder->inode;
    if (!same)
        return !cf_out_folder_is_one(folder->path);
    return !cf_out_folder_in_use(folder->path) &&
           (unlink(folder->lines_path) == 0 || errno == ENOENT);
}

static bool move_to(struct cf_out_folder *folder, const char *path)
{
    struct cf_out_folder there;
    bool good = cf_out_folder_have(&there, path, NULL) == CF_OK;
    if (good && copy_lines(folder, there.fd, NULL) == CF_OK) {
        close(folder->fd);
        folder->fd = there.fd;
        go_to(folder, &there);
    } else {
        cf_out_folder_release(&there);
        good = false;
    }
    return good;
}

static bool move_beside(struct cf_out_folder *folder)
{
    char beside[CF_OUT_PATH_BYTES];
    int len = (int)strlen(folder->path);
    while (len > 1 && folder->path[len - 1] == '/')
        len--;
    int n = snprintf(beside, sizeof(beside), "%.*s-%ld", len, folder->path, (long)getpid());
    return n > 0 && n < CF_OUT_PATH_BYTES && move_to(folder, beside);
}

bool cf_out_folder_stay(struct cf_out_folder *folder, struct cf_err *out_what)
{
    char before[CF_OUT_PATH_BYTES];
    if (folder->fd < 0 || is_still_there(folder))
        return false;
    snprintf(before, sizeof(before), "%s", folder->path);
    if (!follow(folder) && !(make_free(folder) && move_to(folder, folder->path)) &&
        !move_beside(folder))
        return false;
    cf_err_set(out_what, CF_EIO,
               "%s was moved, removed or replaced while the run had it: the run goes on in %s",
               before, folder->path);
    return true;
}
