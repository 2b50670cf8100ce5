#include "cli/explore_findings.h"
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/json_put.h"
#include "suites/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4200, COLUMNS = 100, TITLE_MAX_BYTES = 600, OLD_MAX = 100 };

void cf_finding_id(char out[CF_FINDING_ID_BYTES], size_t index)
{
    snprintf(out, CF_FINDING_ID_BYTES, "explore.found-%zu", index + 1);
}

char *cf_finding_title(const struct cf_finding *finding)
{
    char *title = cf_cvm_explore_title(finding->smallest, finding->message);
    if (strlen(title) > TITLE_MAX_BYTES)
        snprintf(title + TITLE_MAX_BYTES - 4, 5, " ...");
    return title;
}

/* ---- JSON that people read ---- */

static void put_indent(struct cf_buf *out, int depth)
{
    cf_buf_putc(out, '\n');
    for (int i = 0; i < depth; i++)
        cf_buf_puts(out, "  ");
}

/* On one line with a space after each comma and colon. */
static void put_line(struct cf_buf *out, const cJSON *node)
{
    bool array = cJSON_IsArray(node);
    if (!array && !cJSON_IsObject(node)) {
        cf_json_print(out, node);
        return;
    }
    cf_buf_putc(out, array ? '[' : '{');
    for (const cJSON *child = node->child; child; child = child->next) {
        if (!array) {
            cf_json_put_text(out, child->string);
            cf_buf_puts(out, ": ");
        }
        put_line(out, child);
        cf_buf_puts(out, child->next ? ", " : "");
    }
    cf_buf_putc(out, array ? ']' : '}');
}

/* As put_line() where that fits, else a member a line. */
static void put_pretty(struct cf_buf *out, const cJSON *node, int depth, size_t before)
{
    struct cf_buf line = {0};
    bool array = cJSON_IsArray(node);
    put_line(&line, node);
    bool fits = before + line.len <= COLUMNS || !node->child;
    if (fits)
        cf_buf_append(out, line.data, line.len);
    cf_buf_release(&line);
    if (fits)
        return;
    cf_buf_putc(out, array ? '[' : '{');
    for (const cJSON *child = node->child; child; child = child->next) {
        size_t used = (size_t)depth * 2 + 3;
        put_indent(out, depth + 1);
        if (!array) {
            size_t from = out->len;
            cf_json_put_text(out, child->string);
            cf_buf_puts(out, ": ");
            used += out->len - from;
        }
        put_pretty(out, child, depth + 1, used);
        cf_buf_puts(out, child->next ? "," : "");
    }
    put_indent(out, depth);
    cf_buf_putc(out, array ? ']' : '}');
}

/* ---- case files ---- */

static cJSON *case_file(const struct cf_hunt *hunt, const struct cf_finding *finding,
                        const char *id)
{
    char why[200];
    char *title = cf_finding_title(finding);
    cJSON *file = cJSON_CreateObject();
    cJSON_AddStringToObject(file, "requirement", id);
    cJSON_AddStringToObject(file, "level", "must");
    cJSON_AddStringToObject(file, "source", "update-cvm.md description; responses 202");
    cJSON_AddStringToObject(file, "statement",
                            "A request does what it asks for and nothing else, whatever came "
                            "before it.");
    snprintf(why, sizeof(why),
             "Found by exploring with seed %llu, after %lld commands; made smaller from %d "
             "commands to %d.",
             hunt->seed, finding->after,
             cJSON_GetArraySize(cf_json_get(finding->first, "commands")),
             cJSON_GetArraySize(cf_json_get(finding->smallest, "commands")));
    cJSON_AddStringToObject(file, "why", why);
    cJSON *one = cf_cvm_explore_case(finding->smallest, &hunt->explorer->profile, id, NULL);
    cJSON_ReplaceItemInObjectCaseSensitive(one, "title", cJSON_CreateString(title));
    cJSON_AddItemToArray(cJSON_AddArrayToObject(file, "cases"), one);
    free(title);
    return file;
}

static enum cf_code write_case(const struct cf_hunt *hunt, size_t index, const char *folder,
                               struct cf_err *err)
{
    char id[CF_FINDING_ID_BYTES];
    char path[PATH_BYTES];
    struct cf_buf text = {0};
    cf_finding_id(id, index);
    cJSON *file = case_file(hunt, &hunt->findings[index], id);
    put_pretty(&text, file, 0, 0);
    cf_buf_putc(&text, '\n');
    snprintf(path, sizeof(path), "%s/found-%zu.json", folder, index + 1);
    enum cf_code code = cf_file_write(path, cf_buf_text(&text), text.len, 0644, err);
    cf_buf_release(&text);
    cJSON_Delete(file);
    return code;
}

enum cf_code cf_findings_write_cases(const struct cf_hunt *hunt, const char *folder,
                                     struct cf_err *err)
{
    char place[PATH_BYTES];
    char old[PATH_BYTES + 32];
    snprintf(place, sizeof(place), "%s/cases/explore", folder);
    enum cf_code code = cf_file_make_directory(place, err);
    for (int i = 1; code == CF_OK && i <= CF_FINDINGS_MAX; i++) {
        snprintf(old, sizeof(old), "%s/found-%d.json", place, i);
        code = cf_file_remove(old, err);
    }
    for (size_t i = 0; code == CF_OK && i < hunt->finding_count; i++) {
        if (hunt->findings[i].stable)
            code = write_case(hunt, i, place, err);
    }
    return code;
}

/* ---- explore.json ---- */

static cJSON *finding_json(const struct cf_finding *finding, size_t index)
{
    char id[CF_FINDING_ID_BYTES];
    cJSON *out = cJSON_CreateObject();
    char *title = cf_finding_title(finding);
    cf_finding_id(id, index);
    cJSON_AddStringToObject(out, "case", id);
    cJSON_AddStringToObject(out, "title", title);
    cJSON_AddStringToObject(out, "message", finding->message);
    if (finding->requirement)
        cJSON_AddStringToObject(out, "requirement", finding->requirement);
    cJSON_AddStringToObject(out, "verdict", finding->stable ? "fail" : "unstable");
    cJSON_AddItemToObject(out, "after_commands", cf_json_new_integer(finding->after));
    cJSON_AddItemToObject(out, "found", cJSON_Duplicate(finding->first, 1));
    cJSON_AddItemToObject(out, "smallest", cJSON_Duplicate(finding->smallest, 1));
    free(title);
    return out;
}

static void add_count(cJSON *to, const char *name, long long value)
{
    cJSON_AddItemToObject(to, name, cf_json_new_integer(value));
}

enum cf_code cf_findings_write(const struct cf_hunt *hunt, const char *folder, struct cf_err *err)
{
    char path[PATH_BYTES];
    struct cf_buf text = {0};
    cJSON *out = cJSON_CreateObject();
    cJSON_AddStringToObject(out, "format", "cvm-conformance-explore");
    add_count(out, "version", 1);
    cJSON_AddItemToObject(out, "iut", cJSON_Duplicate(hunt->explorer->profile.iut, 1));
    add_count(out, "seed", (long long)hunt->seed);
    add_count(out, "steps", hunt->steps);
    add_count(out, "sequences", hunt->sequences);
    add_count(out, "commands", hunt->commands);
    add_count(out, "judged", hunt->judged);
    add_count(out, "unjudged", hunt->unjudged);
    if (hunt->why_unjudged)
        cJSON_AddStringToObject(out, "why_unjudged", hunt->why_unjudged);
    add_count(out, "sequences_for_shrinking", hunt->shrinking);
    add_count(out, "duration_ms", (long long)(cf_clock_ms() - hunt->started_ms));
    cJSON *findings = cJSON_AddArrayToObject(out, "findings");
    for (size_t i = 0; i < hunt->finding_count; i++)
        cJSON_AddItemToArray(findings, finding_json(&hunt->findings[i], i));
    put_pretty(&text, out, 0, 0);
    cf_buf_putc(&text, '\n');
    snprintf(path, sizeof(path), "%s/explore.json", folder);
    enum cf_code code = cf_file_write(path, cf_buf_text(&text), text.len, 0644, err);
    cf_buf_release(&text);
    cJSON_Delete(out);
    return code;
}
