#include "cli/certify/certificate.h"
#include "cli/base/command.h"
#include "cli/certify/bundle.h"
#include "cli/certify/dsse.h"
#include "harness/base/file.h"
#include "harness/base/gzip.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool cf_certificate_is_new(const char *out_dir)
{
    char *path = cf_path_in(out_dir, CF_CERTIFICATE_FOLDER);
    bool there = access(path, F_OK) == 0;
    free(path);
    return !there || cf_refuse("%s/%s is there already: a certificate is written once", out_dir,
                               CF_CERTIFICATE_FOLDER);
}

/* Copy one file from a folder into another. */
static enum cf_code copy_file(const char *from, const char *to, const char *name,
                              struct cf_err *err)
{
    char *source = cf_path_in(from, name);
    char *copy = cf_path_in(to, name);
    enum cf_code code = cf_file_copy(source, copy, err);
    free(source);
    free(copy);
    return code;
}

/* ---- reports ---- */

/* Three runs' transcripts are mostly the same again: a thirtieth is left of them. */
static enum cf_code compress_results(const char *out_dir, const char *folder, struct cf_err *err)
{
    char *results = cf_path_in(out_dir, CF_RESULTS_FILE);
    char *compressed = cf_path_in(folder, CF_BUNDLE_RESULTS);
    enum cf_code code = cf_gzip_file(results, compressed, err);
    free(results);
    free(compressed);
    return code;
}

static enum cf_code copy_reports(const struct cf_certificate *from, const char *folder,
                                 struct cf_err *err)
{
    static const char *const files[] = {CF_BUNDLE_JUNIT, CF_BUNDLE_HTML};
    enum cf_code code = compress_results(from->out_dir, folder, err);
    for (size_t i = 0; code == CF_OK && i < sizeof(files) / sizeof(files[0]); i++)
        code = copy_file(from->out_dir, folder, files[i], err);
    return code;
}

/* ---- case files: those that the loader reads ---- */

static bool is_case_file(const char *name, mode_t mode)
{
    size_t len = strlen(name);
    return S_ISREG(mode) && len > 5 && strcmp(name + len - 5, ".json") == 0;
}

/* The mode of what is called name in folder, 0 for what is hidden or cannot be looked at. */
static mode_t mode_of(const char *folder, const char *name)
{
    struct stat info;
    char *path = cf_path_in(folder, name);
    bool known = name[0] != '.' && stat(path, &info) == 0;
    free(path);
    return known ? info.st_mode : 0;
}

static enum cf_code copy_suite(const char *suite, const char *copy, struct cf_err *err)
{
    enum cf_code code = cf_file_make_directory(copy, err);
    if (code != CF_OK)
        return code;
    DIR *dir = opendir(suite);
    if (!dir)
        return cf_err_errno(err, errno, "cannot read folder %s", suite);
    for (const struct dirent *e = readdir(dir); code == CF_OK && e; e = readdir(dir)) {
        if (is_case_file(e->d_name, mode_of(suite, e->d_name)))
            code = copy_file(suite, copy, e->d_name, err);
    }
    closedir(dir);
    return code;
}

/* Every suite, into the folder cases. */
static enum cf_code copy_suites(const char *cases_dir, const char *cases, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    DIR *dir = opendir(cases_dir);
    if (!dir)
        return cf_err_errno(err, errno, "cannot read folder %s", cases_dir);
    for (const struct dirent *e = readdir(dir); code == CF_OK && e; e = readdir(dir)) {
        if (!S_ISDIR(mode_of(cases_dir, e->d_name)))
            continue;
        char *suite = cf_path_in(cases_dir, e->d_name);
        char *copy = cf_path_in(cases, e->d_name);
        code = copy_suite(suite, copy, err);
        free(suite);
        free(copy);
    }
    closedir(dir);
    return code;
}

static enum cf_code copy_cases(const struct cf_certificate *from, const char *folder,
                               struct cf_err *err)
{
    char *cases = cf_path_in(folder, CF_BUNDLE_CASES);
    enum cf_code code = copy_suites(from->cases_dir, cases, err);
    free(cases);
    return code;
}

/* ---- what is made here ---- */

static enum cf_code write_file(const char *folder, const char *file, const char *text, size_t len,
                               struct cf_err *err)
{
    char *path = cf_path_in(folder, file);
    enum cf_code code = cf_file_write(path, text, len, 0644, err);
    free(path);
    return code;
}

static enum cf_code write_envelope(const struct cf_key *key, const struct cf_buf *statement,
                                   const char *folder, struct cf_err *err)
{
    struct cf_buf envelope = {0};
    enum cf_code code = cf_dsse_sign(&envelope, key, CF_STATEMENT_MEDIA_TYPE,
                                     cf_buf_text(statement), statement->len, err);
    if (code == CF_OK)
        code = write_file(folder, CF_BUNDLE_ENVELOPE, cf_buf_text(&envelope), envelope.len, err);
    cf_buf_release(&envelope);
    return code;
}

static enum cf_code write_statement(const struct cf_certificate *from, const char *folder,
                                    struct cf_err *err)
{
    struct cf_buf text = {0};
    struct cf_answerers answerers = {0};
    const struct cf_statement statement = {folder, from->source, from->catalogue, from->profile,
                                           &answerers};
    enum cf_code code = cf_answerers_find(&answerers, from->source->results, err);
    if (code == CF_OK)
        code = cf_statement_make(&text, &statement, err);
    cf_answerers_release(&answerers);
    if (code == CF_OK)
        code = write_file(folder, CF_BUNDLE_STATEMENT, cf_buf_text(&text), text.len, err);
    if (code == CF_OK && from->key)
        code = write_envelope(from->key, &text, folder, err);
    cf_buf_release(&text);
    return code;
}

/* Last of all: a bundle without it is unfinished. */
static enum cf_code write_sums(const char *folder, struct cf_err *err)
{
    struct cf_buf sums = {0};
    enum cf_code code = cf_sums_make(&sums, folder, CF_BUNDLE_SUMS, err);
    if (code == CF_OK)
        code = write_file(folder, CF_BUNDLE_SUMS, cf_buf_text(&sums), sums.len, err);
    cf_buf_release(&sums);
    return code;
}

static enum cf_code write_bundle(const struct cf_certificate *from, const char *folder,
                                 struct cf_err *err)
{
    enum cf_code code = cf_file_make_directory(folder, err);
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

enum cf_code cf_certificate_write(const struct cf_certificate *from, struct cf_err *err)
{
    char *folder = cf_path_in(from->out_dir, CF_CERTIFICATE_FOLDER);
    enum cf_code code = write_bundle(from, folder, err);
    free(folder);
    return code;
}
