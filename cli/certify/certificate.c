#include "cli/certify/certificate.h"
#include "cli/base/command.h"
#include "cli/certify/bundle.h"
#include "cli/certify/dsse.h"
#include "harness/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUMS_MAX_BYTES = 64 << 20 };

static enum cf_code join(char out[CF_PATH_BYTES], const char *folder, const char *path,
                         struct cf_err *err)
{
    return cf_path_join(out, folder, path)
               ? CF_OK
               : cf_err_set(err, CF_ELIMIT, "%s: the path is too long", folder);
}

bool cf_certificate_is_new(const char *out_dir)
{
    char path[CF_PATH_BYTES];
    if (!cf_path_join(path, out_dir, CF_CERTIFICATE_FOLDER) || access(path, F_OK) == 0)
        return cf_refuse("%s/%s is there already: a certificate is written once", out_dir,
                         CF_CERTIFICATE_FOLDER);
    return true;
}

/* ---- reports ---- */

static enum cf_code copy_reports(const struct cf_certificate *from, const char *folder,
                                 struct cf_err *err)
{
    static const char *const files[] = {CF_BUNDLE_RESULTS, CF_BUNDLE_LINES, CF_BUNDLE_JUNIT,
                                        CF_BUNDLE_HTML};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(files) / sizeof(files[0]); i++) {
        char source[CF_PATH_BYTES];
        char copy[CF_PATH_BYTES];
        code = join(source, from->out_dir, files[i], err);
        if (code == CF_OK)
            code = join(copy, folder, files[i], err);
        if (code == CF_OK)
            code = cf_file_copy(source, copy, err);
    }
    return code;
}

/* ---- case files: those that the loader reads ---- */

static bool is_case_file(const char *path, const char *name)
{
    struct stat info;
    size_t len = strlen(name);
    return name[0] != '.' && len > 5 && strcmp(name + len - 5, ".json") == 0 &&
           stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

static enum cf_code copy_suite(const char *suite, const char *copy, struct cf_err *err)
{
    enum cf_code code = cf_file_make_directory(copy, err);
    DIR *dir = code == CF_OK ? opendir(suite) : NULL;
    if (code == CF_OK && !dir)
        return cf_err_errno(err, errno, "cannot read folder %s", suite);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; code == CF_OK && e; e = readdir(dir)) {
        char from[CF_PATH_BYTES];
        char to[CF_PATH_BYTES];
        code = join(from, suite, e->d_name, err);
        if (code == CF_OK)
            code = join(to, copy, e->d_name, err);
        if (code == CF_OK && is_case_file(from, e->d_name))
            code = cf_file_copy(from, to, err);
    }
    if (dir)
        closedir(dir);
    return code;
}

static enum cf_code copy_cases(const struct cf_certificate *from, const char *folder,
                               struct cf_err *err)
{
    char cases[CF_PATH_BYTES];
    enum cf_code code = join(cases, folder, CF_BUNDLE_CASES, err);
    DIR *dir = code == CF_OK ? opendir(from->cases_dir) : NULL;
    if (code == CF_OK && !dir)
        return cf_err_errno(err, errno, "cannot read folder %s", from->cases_dir);
    for (const struct dirent *e = dir ? readdir(dir) : NULL; code == CF_OK && e; e = readdir(dir)) {
        char suite[CF_PATH_BYTES];
        char copy[CF_PATH_BYTES];
        struct stat info;
        code = join(suite, from->cases_dir, e->d_name, err);
        if (code == CF_OK)
            code = join(copy, cases, e->d_name, err);
        if (code == CF_OK && e->d_name[0] != '.' && stat(suite, &info) == 0 &&
            S_ISDIR(info.st_mode))
            code = copy_suite(suite, copy, err);
    }
    if (dir)
        closedir(dir);
    return code;
}

/* ---- what is made here ---- */

static enum cf_code write_file(const char *folder, const char *file, const void *bytes, size_t len,
                               struct cf_err *err)
{
    char path[CF_PATH_BYTES];
    enum cf_code code = join(path, folder, file, err);
    return code == CF_OK ? cf_file_write(path, bytes, len, 0644, err) : code;
}

static enum cf_code write_statement(const struct cf_certificate *from, const char *folder,
                                    struct cf_err *err)
{
    struct cf_buf text;
    struct cf_buf envelope;
    const struct cf_statement statement = {folder, from->source, from->catalogue, from->profile};
    cf_buf_init(&text, CF_STATEMENT_MAX_BYTES);
    cf_buf_init(&envelope, 2 * (size_t)CF_STATEMENT_MAX_BYTES);
    enum cf_code code = cf_statement_make(&text, &statement, err);
    if (code == CF_OK)
        code = write_file(folder, CF_BUNDLE_STATEMENT, cf_buf_text(&text), text.len, err);
    if (code == CF_OK && from->key) {
        code = cf_dsse_sign(&envelope, from->key, CF_STATEMENT_MEDIA_TYPE, cf_buf_text(&text),
                            text.len, err);
        if (code == CF_OK)
            code =
                write_file(folder, CF_BUNDLE_ENVELOPE, cf_buf_text(&envelope), envelope.len, err);
    }
    cf_buf_release(&text);
    cf_buf_release(&envelope);
    return code;
}

/* Last of all: a bundle without it is unfinished. */
static enum cf_code write_sums(const char *folder, struct cf_err *err)
{
    struct cf_buf sums;
    cf_buf_init(&sums, SUMS_MAX_BYTES);
    enum cf_code code = cf_sums_make(&sums, folder, CF_BUNDLE_SUMS, err);
    if (code == CF_OK)
        code = write_file(folder, CF_BUNDLE_SUMS, cf_buf_text(&sums), sums.len, err);
    cf_buf_release(&sums);
    return code;
}

enum cf_code cf_certificate_write(const struct cf_certificate *from, struct cf_err *err)
{
    char folder[CF_PATH_BYTES];
    enum cf_code code = join(folder, from->out_dir, CF_CERTIFICATE_FOLDER, err);
    if (code == CF_OK)
        code = cf_file_make_directory(folder, err);
    if (code == CF_OK)
        code = copy_reports(from, folder, err);
    if (code == CF_OK)
        code = copy_cases(from, folder, err);
    if (code == CF_OK)
        code = write_file(folder, CF_BUNDLE_PROFILE, from->profile->shown.text,
                          from->profile->shown.len, err);
    if (code == CF_OK)
        code = write_statement(from, folder, err);
    return code == CF_OK ? write_sums(folder, err) : code;
}
