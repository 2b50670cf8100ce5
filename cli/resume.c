#include "cli/resume.h"
#include "harness/base/file.h"
#include "harness/base/json_put.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUN_FILE "run.json"
#define FORMAT "cvm-conformance-run"
enum { VERSION = 1, PATH_BYTES = 4096, FILE_MAX_BYTES = 4 << 20 };

void cf_resume_release(struct cf_resume *resume)
{
    free(resume->directory);
    free(resume->suite_version);
    free(resume->catalogue_sha256);
    free(resume->plan_sha256);
    free(resume->profile_sha256);
    free(resume->started_at);
    cf_list_release(&resume->words);
    *resume = (struct cf_resume){0};
}

/* ---- the file ---- */

static bool path_in(char out[PATH_BYTES], const char *folder)
{
    int n = snprintf(out, PATH_BYTES, "%s/" RUN_FILE, folder);
    return n > 0 && n < PATH_BYTES;
}

enum cf_code cf_resume_write(const struct cf_resume *resume, const char *folder, struct cf_err *err)
{
    char path[PATH_BYTES];
    struct cf_buf out = {0};
    if (!path_in(path, folder))
        return cf_err_set(err, CF_ELIMIT, "%s: the path is too long", folder);
    cf_buf_putc(&out, '{');
    cf_json_put_text_member(&out, "format", FORMAT);
    cf_json_put_int_member(&out, "version", VERSION);
    cf_json_put_text_member(&out, "directory", resume->directory);
    cf_json_put_text_member(&out, "suite_version", resume->suite_version);
    cf_json_put_text_member(&out, "catalogue_sha256", resume->catalogue_sha256);
    cf_json_put_text_member(&out, "plan_sha256", resume->plan_sha256);
    cf_json_put_text_member(&out, "profile_sha256", resume->profile_sha256);
    cf_json_put_text_member(&out, "started_at", resume->started_at);
    cf_buf_puts(&out, ",\"words\":[");
    for (size_t i = 0; i < resume->words.count; i++) {
        cf_json_put_comma(&out);
        cf_json_put_text(&out, resume->words.items[i]);
    }
    cf_buf_puts(&out, "]}\n");
    enum cf_code code = cf_file_write_lasting(path, cf_buf_text(&out), out.len, 0666, err);
    cf_buf_release(&out);
    return code;
}

static enum cf_code take(struct cf_resume *out, const struct cf_json_doc *doc, struct cf_err *err)
{
    const struct {
        const char *key;
        char **text;
        bool optional;
    } texts[] = {{"directory", &out->directory, false},
                 {"suite_version", &out->suite_version, false},
                 {"catalogue_sha256", &out->catalogue_sha256, false},
                 {"plan_sha256", &out->plan_sha256, false},
                 {"profile_sha256", &out->profile_sha256, true},
                 {"started_at", &out->started_at, false}};
    const cJSON *words = cf_json_get(doc->root, "words");
    bool good = strcmp(cf_json_text(doc->root, "format", ""), FORMAT) == 0 &&
                cf_json_number(doc->root, "version", 0) == VERSION && cJSON_IsArray(words);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        *texts[i].text = cf_strdup(cf_json_text(doc->root, texts[i].key, NULL));
        good = good && (texts[i].optional || *texts[i].text);
    }
    for (const cJSON *word = good ? words->child : NULL; word; word = word->next) {
        good = good && cJSON_IsString(word);
        if (good)
            cf_list_add(&out->words, word->valuestring);
    }
    return good ? CF_OK
                : cf_json_fault(doc, doc->root, err, "not the run of a version that is known here");
}

enum cf_code cf_resume_read(struct cf_resume *out, const char *folder, struct cf_err *err)
{
    char path[PATH_BYTES];
    struct cf_json_doc doc;
    *out = (struct cf_resume){0};
    if (!path_in(path, folder))
        return cf_err_set(err, CF_ELIMIT, "%s: the path is too long", folder);
    enum cf_code code = cf_json_load(&doc, path, FILE_MAX_BYTES, CF_JSON_WHERE, err);
    if (code != CF_OK)
        return code;
    code = take(out, &doc, err);
    cf_json_release(&doc);
    return code;
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

enum cf_code cf_resume_fits(const struct cf_resume *then, const struct cf_resume *now,
                            struct cf_err *err)
{
    const struct {
        const char *what, *then, *now;
    } parts[] = {{"this program", then->suite_version, now->suite_version},
                 {"the catalogue of cases", then->catalogue_sha256, now->catalogue_sha256},
                 {"the profile", then->profile_sha256, now->profile_sha256},
                 {"the plan", then->plan_sha256, now->plan_sha256}};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!same(parts[i].then, parts[i].now))
            return cf_err_set(err, CF_EINPUT,
                              "--resume: %s is not the one that the run was begun with",
                              parts[i].what);
    }
    return CF_OK;
}

/* ---- what is finished ---- */

/* A record's number for each item of the plan, -1 without one. */
static long *find_records(const struct cf_results *results, const struct cf_plan *plan)
{
    long *found = cf_alloc_array(plan->count + 1, sizeof(*found));
    for (size_t i = 0; i < plan->count; i++)
        found[i] = -1;
    for (size_t r = 0; r < cf_results_count(results); r++) {
        const struct cf_results_entry *entry = cf_results_entry(results, r);
        for (size_t i = 0; i < plan->count; i++) {
            if (plan->items[i].attempt == entry->attempt &&
                strcmp(plan->items[i].one->id, entry->id) == 0) {
                found[i] = (long)r;
                break;
            }
        }
    }
    return found;
}

/* One that was told without its control was only given up; what it shares stands in the record of
 * the other, which may be told after it. */
static bool is_finished(const struct cf_plan *plan, const long *found, size_t index)
{
    long control = plan->items[index].control;
    long shares = plan->items[index].shares;
    return found[index] >= 0 && (control < 0 || found[control] >= 0) &&
           (shares < 0 || is_finished(plan, found, (size_t)shares));
}

static void keep(struct cf_buf *lines, signed char *finished, const struct cf_results *results,
                 const struct cf_plan *plan, const long *found)
{
    bool *kept = cf_alloc_array(cf_results_count(results) + 1, sizeof(*kept));
    for (size_t i = 0; i < plan->count; i++) {
        finished[i] = -1;
        if (!is_finished(plan, found, i))
            continue;
        finished[i] = (signed char)cf_results_entry(results, (size_t)found[i])->verdict;
        kept[found[i]] = true;
    }
    for (size_t r = 0; r < cf_results_count(results); r++) {
        size_t len;
        if (!kept[r])
            continue;
        const char *text = cf_results_case_text(results, r, &len);
        cf_buf_append(lines, text, len);
        cf_buf_putc(lines, '\n');
    }
    free(kept);
}

enum cf_code cf_resume_finished(signed char **out, struct cf_out_folder *folder,
                                const struct cf_plan *plan, struct cf_err *err)
{
    struct cf_results *results;
    struct cf_buf lines = {0};
    enum cf_code code = cf_out_folder_read(folder, &results, err);
    if (code != CF_OK)
        return code;
    long *found = find_records(results, plan);
    *out = cf_alloc_array(plan->count + 1, sizeof(**out));
    keep(&lines, *out, results, plan, found);
    cf_results_close(results);
    free(found);
    code = cf_out_folder_replace(folder, cf_buf_text(&lines), lines.len, err);
    cf_buf_release(&lines);
    return code;
}
