#include "cli/certify/verify_files.h"
#include "cli/certify/bundle.h"
#include "cli/certify/dsse.h"
#include "harness/base/digest.h"
#include "harness/base/file.h"
#include "harness/base/json_put.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUMS_MAX_BYTES = 64 << 20, HEX_DIGITS = 64 };

/* ---- sums ---- */

struct sum {
    const char *hex;
    const char *path;
};

/* One line, cut in place: 64 hex digits, two spaces, a path that stays in the folder. */
static bool read_sum(char *line, struct sum *out)
{
    const char *path = line + HEX_DIGITS + 2;
    if (strlen(line) <= HEX_DIGITS + 2 || strspn(line, "0123456789abcdef") != HEX_DIGITS ||
        memcmp(line + HEX_DIGITS, "  ", 2) != 0)
        return false;
    line[HEX_DIGITS] = '\0';
    *out = (struct sum){line, path};
    return path[0] != '/' && strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0 &&
           !strstr(path, "/../");
}

static void check_sum(struct cf_verification *v, const struct cf_files *files,
                      const struct sum *sum)
{
    struct cf_err err = {0};
    char hex[CF_SHA256_HEX];
    if (!cf_files_has(files, sum->path)) {
        cf_verification_find(v, "%s is missing", sum->path);
        return;
    }
    char *path = cf_path_in(v->folder, sum->path);
    enum cf_code code = cf_sha256_file(path, hex, &err);
    free(path);
    if (code != CF_OK)
        cf_verification_find(v, "%s: %s", sum->path, err.text);
    else if (strcmp(hex, sum->hex) != 0)
        cf_verification_find(v, "%s was altered: its SHA-256 is another one than in %s", sum->path,
                             CF_BUNDLE_SUMS);
    else
        v->files++;
}

/* What the statement says nothing of must not look as if it were certified: not even a folder's
 * name. */
static void check_strangers(struct cf_verification *v, const struct cf_files *files)
{
    static const char *const parts[] = {
        CF_BUNDLE_PROFILE, CF_BUNDLE_RESULTS,   CF_BUNDLE_JUNIT,    CF_BUNDLE_HTML,
        CF_BUNDLE_SUMS,    CF_BUNDLE_STATEMENT, CF_BUNDLE_ENVELOPE, NULL};
    for (size_t i = 0; i < files->count; i++) {
        const char *const *part = parts;
        while (*part && strcmp(*part, files->paths[i]) != 0)
            part++;
        if (!*part && strncmp(files->paths[i], CF_BUNDLE_CASES "/", sizeof(CF_BUNDLE_CASES)) != 0)
            cf_verification_find(v, "%s is not part of a certificate", files->paths[i]);
    }
    if (files->bare)
        cf_verification_find(v, "%s is a folder without a file", files->bare);
}

static void check_unlisted(struct cf_verification *v, const struct cf_files *files,
                           struct cf_files *listed)
{
    for (size_t i = 0; i < files->count; i++) {
        if (!cf_files_has(listed, files->paths[i]) && strcmp(files->paths[i], CF_BUNDLE_SUMS) != 0)
            cf_verification_find(v, "%s is not in %s", files->paths[i], CF_BUNDLE_SUMS);
    }
}

/* Lines must be sorted and each path there once: then they can be searched. */
static void check_lines(struct cf_verification *v, const struct cf_files *files, char *text)
{
    struct cf_files listed = {0};
    char *save = NULL;
    size_t number = 0;
    listed.paths = cf_alloc_array(CF_FILES_MAX, sizeof(char *));
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        struct sum sum;
        number++;
        if (!read_sum(line, &sum) || listed.count == CF_FILES_MAX ||
            (listed.count > 0 && strcmp(listed.paths[listed.count - 1], sum.path) >= 0)) {
            cf_verification_find(v, "%s:%zu: not a line of sorted sums", CF_BUNDLE_SUMS, number);
            continue;
        }
        listed.paths[listed.count++] = line + HEX_DIGITS + 2;
        check_sum(v, files, &sum);
    }
    check_unlisted(v, files, &listed);
    free(listed.paths);
}

/* Nothing but lines: cutting them would pass over what is empty, and over all after a NUL. */
static bool only_lines(const struct cf_buf *text)
{
    return text->len > 0 && text->data[0] != '\n' && text->data[text->len - 1] == '\n' &&
           !memchr(text->data, '\0', text->len) && !strstr(text->data, "\n\n");
}

bool cf_verify_sums(struct cf_verification *v)
{
    struct cf_err err = {0};
    struct cf_files files;
    struct cf_buf text;
    cf_buf_init(&text, SUMS_MAX_BYTES);
    bool listed = cf_files_list(&files, v->folder, &err) == CF_OK;
    if (!listed)
        cf_verification_find(v, "%s", err.text);
    else if (cf_verification_read(v, CF_BUNDLE_SUMS, &text) && !only_lines(&text))
        cf_verification_find(v, "%s holds more, or less, than lines of sums", CF_BUNDLE_SUMS);
    else if (text.len > 0)
        check_lines(v, &files, text.data);
    check_strangers(v, &files);
    cf_files_release(&files);
    cf_buf_release(&text);
    return listed;
}

/* ---- signature ---- */

static void check_envelope(struct cf_verification *v, const struct cf_buf *statement)
{
    struct cf_err err = {0};
    struct cf_buf envelope;
    struct cf_buf payload;
    cf_buf_init(&envelope, 2 * (size_t)CF_STATEMENT_MAX_BYTES);
    cf_buf_init(&payload, 2 * (size_t)CF_STATEMENT_MAX_BYTES);
    if (cf_verification_read(v, CF_BUNDLE_ENVELOPE, &envelope)) {
        if (cf_dsse_open(&payload, CF_BUNDLE_ENVELOPE, cf_buf_text(&envelope), envelope.len,
                         CF_STATEMENT_MEDIA_TYPE, v->key, &err) != CF_OK)
            cf_verification_find(v, "%s", err.text);
        else if (payload.len != statement->len ||
                 memcmp(cf_buf_text(&payload), cf_buf_text(statement), payload.len) != 0)
            cf_verification_find(v, "%s signs another statement than %s", CF_BUNDLE_ENVELOPE,
                                 CF_BUNDLE_STATEMENT);
        else
            v->has_envelope = true;
    }
    cf_buf_release(&envelope);
    cf_buf_release(&payload);
}

void cf_verify_signature(struct cf_verification *v)
{
    struct cf_buf statement;
    char *path = cf_path_in(v->folder, CF_BUNDLE_ENVELOPE);
    bool there = access(path, F_OK) == 0;
    free(path);
    if (!there && v->key)
        cf_verification_find(v, "it is not signed: there is no %s", CF_BUNDLE_ENVELOPE);
    if (!there)
        return;
    cf_buf_init(&statement, CF_STATEMENT_MAX_BYTES);
    if (cf_verification_read(v, CF_BUNDLE_STATEMENT, &statement))
        check_envelope(v, &statement);
    cf_buf_release(&statement);
}
