#include "cli/left_index.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096, PROFILE_DIGITS = 32, FOLDER_DIGITS = 32 };

static bool index_folder(char out[PATH_BYTES])
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int n = -1;
    if (state && state[0] == '/')
        n = snprintf(out, PATH_BYTES, "%s/cvm-conformance/left", state);
    else if (home && home[0] == '/')
        n = snprintf(out, PATH_BYTES, "%s/.local/state/cvm-conformance/left", home);
    return n > 0 && n < PATH_BYTES;
}

static bool entry_of(char out[PATH_BYTES], const char *profile_sha256, const char *absolute)
{
    char index[PATH_BYTES];
    char digest[65];
    if (!index_folder(index))
        return false;
    cf_sha256_hex(absolute, strlen(absolute), digest);
    int n = snprintf(out, PATH_BYTES, "%s/%.*s-%.*s", index, PROFILE_DIGITS, profile_sha256,
                     FOLDER_DIGITS, digest);
    return n > 0 && n < PATH_BYTES;
}

void cf_left_index_add(const char *profile_sha256, const char *folder)
{
    char index[PATH_BYTES];
    char entry[PATH_BYTES];
    struct cf_err ignored;
    char *absolute = realpath(folder, NULL);
    enum cf_code code = CF_ENOTFOUND;
    if (absolute && entry_of(entry, profile_sha256, absolute) && index_folder(index))
        code = cf_file_make_directory(index, &ignored);
    if (code == CF_OK)
        code = cf_file_write(entry, absolute, strlen(absolute), 0600, &ignored);
    free(absolute);
}

void cf_left_index_remove(const char *profile_sha256, const char *folder)
{
    char entry[PATH_BYTES];
    struct cf_err ignored;
    char *absolute = realpath(folder, NULL);
    /* An entry that stays does no harm: there is nothing where it leads. */
    enum cf_code code = entry_of(entry, profile_sha256, absolute ? absolute : folder)
                            ? cf_file_remove(entry, &ignored)
                            : CF_OK;
    (void)code;
    free(absolute);
}

int cf_left_index_locks(void)
{
    char index[PATH_BYTES];
    char path[PATH_BYTES];
    struct cf_err ignored;
    if (!index_folder(index) || cf_file_make_directory(index, &ignored) != CF_OK)
        return -1;
    int n = snprintf(path, sizeof(path), "%s/../locks", index);
    return n > 0 && (size_t)n < sizeof(path)
               ? open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)
               : -1;
}

static void add_entry(struct cf_list *out, const char *index, const char *name)
{
    char path[PATH_BYTES];
    struct cf_buf text;
    struct cf_err ignored;
    int n = snprintf(path, sizeof(path), "%s/%s", index, name);
    cf_buf_init(&text, PATH_BYTES);
    if (n > 0 && (size_t)n < sizeof(path) && cf_file_read(path, &text, &ignored) == CF_OK &&
        cf_buf_text(&text)[0] == '/')
        cf_list_add(out, cf_buf_text(&text));
    cf_buf_release(&text);
}

void cf_left_index_list(const char *profile_sha256, struct cf_list *out)
{
    char index[PATH_BYTES];
    DIR *dir = index_folder(index) ? opendir(index) : NULL;
    if (!dir)
        return;
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (strncmp(e->d_name, profile_sha256, strnlen(profile_sha256, PROFILE_DIGITS)) == 0)
            add_entry(out, index, e->d_name);
    }
    closedir(dir);
}
