#include "cli/base/leaks.h"
#include "cli/base/command.h"
#include "harness/run/secrets.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4096, FOLDER_DEPTH_MAX = 16 };

struct scan {
    const struct cf_redactor *redactor;
    size_t bad; /* files with a secret, or unread */
};

static void scan_file(struct scan *scan, const char *path)
{
    struct cf_err err = {0};
    const char *hit = NULL;
    if (cf_redactor_scan_file(scan->redactor, path, &hit, &err) != CF_OK)
        cf_complain("%s was not searched for secrets: %s", path, err.text);
    else if (hit)
        cf_complain("%s holds the credential %s, in some form; nothing was removed", path, hit);
    else
        return;
    scan->bad++;
}

static void scan_folder(struct scan *scan, const char *path, int depth)
{
    DIR *dir = depth < FOLDER_DEPTH_MAX ? opendir(path) : NULL;
    if (!dir) {
        cf_complain("%s was not searched for secrets: %s", path,
                    depth < FOLDER_DEPTH_MAX ? strerror(errno) : "nested too deep");
        scan->bad++;
        return;
    }
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char inner[PATH_BYTES];
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int n = snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name);
        if (n < 0 || (size_t)n >= sizeof(inner) || lstat(inner, &info) != 0) {
            cf_complain("%s/%s was not searched for secrets", path, entry->d_name);
            scan->bad++;
        } else if (S_ISDIR(info.st_mode)) {
            scan_folder(scan, inner, depth + 1);
        } else if (S_ISREG(info.st_mode)) {
            scan_file(scan, inner);
        }
    }
    closedir(dir);
}

static bool make_redactor(const struct cf_profile *profile, struct cf_redactor **out)
{
    struct cf_err err = {0};
    return cf_secrets_sure(out, profile, &err) == CF_OK ||
           cf_refuse("nothing was searched for secrets: %s", err.text);
}

bool cf_leaks_none(const struct cf_profile *profile, const char *folder)
{
    struct cf_redactor *redactor = NULL;
    if (!make_redactor(profile, &redactor))
        return false;
    struct scan scan = {.redactor = redactor};
    scan_folder(&scan, folder, 0);
    cf_redactor_free(redactor);
    return scan.bad == 0;
}

bool cf_leaks_none_in(const struct cf_profile *profile, const char *const *files, size_t count)
{
    struct cf_redactor *redactor = NULL;
    if (!make_redactor(profile, &redactor))
        return false;
    struct scan scan = {.redactor = redactor};
    for (size_t i = 0; i < count; i++) {
        if (files[i] && strcmp(files[i], "-") != 0)
            scan_file(&scan, files[i]);
    }
    cf_redactor_free(redactor);
    return scan.bad == 0;
}
