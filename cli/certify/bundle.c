#include "cli/certify/bundle.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 8, SUMS_MAX_BYTES = 64 << 20 };

char *cf_path_in(const char *folder, const char *path)
{
    struct cf_buf text = {0};
    cf_buf_printf(&text, "%s/%s", folder, path);
    return cf_buf_take(&text, NULL);
}

bool cf_folder_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* ---- listing ---- */

void cf_files_release(struct cf_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->paths[i]);
    free(files->paths);
    free(files->bare);
    *files = (struct cf_files){0};
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool cf_files_has(const struct cf_files *files, const char *path)
{
    return files->count > 0 &&
           bsearch(&path, files->paths, files->count, sizeof(char *), by_bytes) != NULL;
}

/* A line of sums ends at a newline, and sha256sum writes a backslash in another way. */
static bool name_is_plain(const char *name)
{
    for (const char *c = name; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f || *c == '\\')
            return false;
    }
    return true;
}

static enum cf_code add_path(struct cf_files *files, const char *path, struct cf_err *err)
{
    if (files->count == CF_FILES_MAX)
        return cf_err_set(err, CF_ELIMIT, "more than %d files", CF_FILES_MAX);
    files->paths = cf_grow(files->paths, files->count, &files->cap, sizeof(*files->paths));
    files->paths[files->count++] = cf_strdup(path);
    return CF_OK;
}

static enum cf_code list(struct cf_files *files, const char *folder, const char *below, int depth,
                         struct cf_err *err);

static enum cf_code list_folder(struct cf_files *files, const char *full, const char *path,
                                int depth, struct cf_err *err)
{
    size_t before = files->count;
    enum cf_code code = list(files, full, path, depth, err);
    if (code == CF_OK && files->count == before && !files->bare)
        files->bare = cf_strdup(path);
    return code;
}

/* full is path as the system finds it, path as the bundle names it. */
static enum cf_code list_entry(struct cf_files *files, const char *full, const char *path,
                               int depth, struct cf_err *err)
{
    struct stat info;
    if (!name_is_plain(path))
        return cf_err_set(err, CF_EINPUT, "\"%s\" is not a name for a file of a bundle", path);
    if (lstat(full, &info) != 0)
        return cf_err_errno(err, errno, "cannot look at %s", full);
    if (S_ISDIR(info.st_mode))
        return list_folder(files, full, path, depth + 1, err);
    if (!S_ISREG(info.st_mode))
        return cf_err_set(err, CF_EINPUT, "%s is neither a file nor a folder", path);
    if (info.st_size > CF_BUNDLE_FILE_MAX_BYTES)
        return cf_err_set(err, CF_ELIMIT, "%s is larger than any file of a certificate", path);
    return add_path(files, path, err);
}

/* The files of the folder at full, which the bundle names below. */
static enum cf_code list(struct cf_files *files, const char *full, const char *below, int depth,
                         struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (depth > DEPTH_MAX)
        return cf_err_set(err, CF_ELIMIT, "%s: nested too deep", below);
    DIR *dir = opendir(full);
    if (!dir)
        return cf_err_errno(err, errno, "cannot read folder %s", full);
    for (const struct dirent *e = readdir(dir); code == CF_OK && e; e = readdir(dir)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        char *inner = cf_path_in(full, e->d_name);
        char *path = *below ? cf_path_in(below, e->d_name) : cf_strdup(e->d_name);
        code = list_entry(files, inner, path, depth, err);
        free(inner);
        free(path);
    }
    closedir(dir);
    return code;
}

enum cf_code cf_files_list(struct cf_files *out, const char *folder, struct cf_err *err)
{
    *out = (struct cf_files){0};
    enum cf_code code = list(out, folder, "", 0, err);
    if (out->count > 0)
        qsort(out->paths, out->count, sizeof(*out->paths), by_bytes);
    return code;
}

/* ---- copying ---- */

static enum cf_code copy_piece(void *out, const char *bytes, size_t len, struct cf_err *err)
{
    return cf_fd_write(*(const int *)out, bytes, len, err);
}

enum cf_code cf_file_copy(const char *from, const char *to, struct cf_err *err)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return cf_err_errno(err, errno, "cannot read %s", from);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (out < 0) {
        close(in);
        return cf_err_errno(err, errno, "cannot write %s", to);
    }
    enum cf_code code = cf_fd_each(in, from, copy_piece, &out, err);
    close(in);
    if (close(out) != 0 && code == CF_OK)
        code = cf_err_errno(err, errno, "cannot write %s", to);
    return code;
}

/* ---- sums ---- */

static enum cf_code put_sum(struct cf_buf *out, const char *folder, const char *file,
                            struct cf_err *err)
{
    char hex[CF_SHA256_HEX];
    char *path = cf_path_in(folder, file);
    enum cf_code code = cf_sha256_file(path, hex, err);
    free(path);
    if (code == CF_OK)
        cf_buf_printf(out, "%s  %s\n", hex, file);
    return code;
}

enum cf_code cf_sums_make(struct cf_buf *out, const char *folder, const char *except,
                          struct cf_err *err)
{
    struct cf_files files;
    enum cf_code code = cf_files_list(&files, folder, err);
    for (size_t i = 0; code == CF_OK && i < files.count; i++) {
        if (!except || strcmp(files.paths[i], except) != 0)
            code = put_sum(out, folder, files.paths[i], err);
    }
    cf_files_release(&files);
    return code;
}

enum cf_code cf_folder_digest(const char *folder, char out_hex[65], struct cf_err *err)
{
    struct cf_buf sums = {0};
    enum cf_code code = cf_sums_make(&sums, folder, NULL, err);
    if (code == CF_OK)
        cf_sha256_hex(cf_buf_text(&sums), sums.len, out_hex);
    cf_buf_release(&sums);
    return code;
}
