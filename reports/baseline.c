#include "reports/baseline.h"
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"
#include "reports/report_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 2000 };

/* ---- dates ---- */

static int digits_at(const char *text, size_t at, size_t count)
{
    int value = 0;
    for (size_t i = at; i < at + count; i++)
        value = value * 10 + (text[i] - '0');
    return value;
}

bool cf_report_date_valid(const char *text)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const char form[] = "dddd-dd-dd";
    if (strlen(text) != sizeof(form) - 1)
        return false;
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    }
    int year = digits_at(text, 0, 4);
    int month = digits_at(text, 5, 2);
    int day = digits_at(text, 8, 2);
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

void cf_report_date_today(char out[CF_REPORT_DATE_BYTES])
{
    char now[CF_TIMESTAMP_BYTES];
    cf_clock_timestamp(now);
    memcpy(out, now, CF_REPORT_DATE_BYTES - 1);
    out[CF_REPORT_DATE_BYTES - 1] = '\0';
}

/* ---- the list ---- */

static void release_entry(struct cf_report_baseline_entry *entry)
{
    free(entry->id);
    free(entry->reason);
    free(entry->owner);
    free(entry->expires);
}

void cf_report_baseline_release(struct cf_report_baseline *baseline)
{
    if (!baseline)
        return;
    for (size_t i = 0; i < baseline->count; i++)
        release_entry(&baseline->items[i]);
    free(baseline->items);
    free(baseline->path);
    *baseline = (struct cf_report_baseline){0};
}

const struct cf_report_baseline_entry *
cf_report_baseline_find(const struct cf_report_baseline *baseline, const char *id)
{
    for (size_t i = 0; i < baseline->count; i++) {
        if (strcmp(baseline->items[i].id, id) == 0)
            return &baseline->items[i];
    }
    return NULL;
}

void cf_report_baseline_add(struct cf_report_baseline *baseline, const char *id, const char *reason,
                            const char *owner, const char *expires)
{
    baseline->items = cf_realloc(baseline->items, baseline->count + 1, sizeof(*baseline->items));
    baseline->items[baseline->count++] = (struct cf_report_baseline_entry){
        cf_strdup(id), cf_strdup(reason), cf_strdup(owner), cf_strdup(expires), 0};
}

/* ---- reading ---- */

static const char *const entry_members[] = {"case", "reason", "owner", "expires"};
enum { ENTRY_MEMBERS = 4 };

static bool is_entry_member(const char *name)
{
    for (size_t i = 0; i < ENTRY_MEMBERS; i++) {
        if (strcmp(entry_members[i], name) == 0)
            return true;
    }
    return false;
}

static enum cf_code check_text(const struct cf_json_doc *doc, const cJSON *entry, const char *path,
                               const char *name, struct cf_err *err)
{
    const cJSON *text = cf_json_get(entry, name);
    if (!text)
        return cf_json_fault(doc, entry, err, "%s: member \"%s\" is missing", path, name);
    if (!cJSON_IsString(text))
        return cf_json_fault(doc, text, err, "%s/%s: expected string, got %s", path, name,
                             cf_json_type(text));
    size_t len = strlen(text->valuestring);
    if (len == 0)
        return cf_json_fault(doc, text, err, "%s/%s: empty", path, name);
    if (len > TEXT_MAX_BYTES)
        return cf_json_fault(doc, text, err, "%s/%s: more than %d bytes", path, name,
                             TEXT_MAX_BYTES);
    for (const char *c = text->valuestring; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return cf_json_fault(doc, text, err, "%s/%s: must be one line", path, name);
    }
    return CF_OK;
}

static enum cf_code read_entry(struct cf_report_baseline *out, const struct cf_json_doc *doc,
                               const cJSON *entry, size_t index, struct cf_err *err)
{
    char path[64];
    const char *texts[ENTRY_MEMBERS] = {"", "", "", ""};
    snprintf(path, sizeof(path), "/known_failures/%zu", index);
    if (!cJSON_IsObject(entry))
        return cf_json_fault(doc, entry, err, "%s: expected object, got %s", path,
                             cf_json_type(entry));
    for (const cJSON *m = entry->child; m; m = m->next) {
        if (!is_entry_member(m->string))
            return cf_json_fault(doc, m, err, "%s: unknown member \"%s\"", path, m->string);
    }
    for (size_t i = 0; i < ENTRY_MEMBERS; i++) {
        enum cf_code code = check_text(doc, entry, path, entry_members[i], err);
        if (code != CF_OK)
            return code;
        texts[i] = cf_json_text(entry, entry_members[i], "");
    }
    if (!cf_report_date_valid(texts[3]))
        return cf_json_fault(doc, cf_json_get(entry, "expires"), err,
                             "%s/expires: \"%s\" is not a date of the form 2030-01-31", path,
                             texts[3]);
    const struct cf_report_baseline_entry *same = cf_report_baseline_find(out, texts[0]);
    if (same)
        return cf_json_fault(doc, entry, err, "%s/case: \"%s\" is already listed in line %d", path,
                             texts[0], same->line);
    cf_report_baseline_add(out, texts[0], texts[1], texts[2], texts[3]);
    out->items[out->count - 1].line = cf_json_line(doc, entry);
    return CF_OK;
}

static enum cf_code check_head(const struct cf_json_doc *doc, const cJSON **out_list,
                               struct cf_err *err)
{
    static const char *const members[] = {"format", "version", "known_failures"};
    const cJSON *root = doc->root;
    if (!cJSON_IsObject(root))
        return cf_json_fault(doc, root, err, "expected object, got %s", cf_json_type(root));
    for (size_t i = 0; i < 3; i++) {
        if (!cf_json_get(root, members[i]))
            return cf_json_fault(doc, root, err, "member \"%s\" is missing", members[i]);
    }
    for (const cJSON *m = root->child; m; m = m->next) {
        if (strcmp(m->string, members[0]) != 0 && strcmp(m->string, members[1]) != 0 &&
            strcmp(m->string, members[2]) != 0)
            return cf_json_fault(doc, m, err, "unknown member \"%s\"", m->string);
    }
    const cJSON *version = cf_json_get(root, "version");
    const cJSON *list = cf_json_get(root, "known_failures");
    if (strcmp(cf_json_text(root, "format", ""), CF_REPORT_BASELINE_FORMAT) != 0)
        return cf_json_fault(doc, cf_json_get(root, "format"), err,
                             "/format: not a baseline: expected \"%s\"", CF_REPORT_BASELINE_FORMAT);
    if (!cf_json_is_integer(version) || version->valuedouble != CF_REPORT_BASELINE_VERSION)
        return cf_json_fault(doc, version, err, "/version: only version %d is known here",
                             CF_REPORT_BASELINE_VERSION);
    if (!cJSON_IsArray(list))
        return cf_json_fault(doc, list, err, "/known_failures: expected array, got %s",
                             cf_json_type(list));
    *out_list = list;
    return CF_OK;
}

enum cf_code cf_report_baseline_load(struct cf_report_baseline *out, const char *path,
                                     struct cf_err *err)
{
    struct cf_buf text;
    struct cf_json_doc doc = {0};
    const cJSON *list = NULL;
    size_t index = 0;
    *out = (struct cf_report_baseline){.path = cf_strdup(path)};
    cf_buf_init(&text, CF_REPORT_BASELINE_MAX_BYTES);
    enum cf_code code = cf_file_read(path, &text, err);
    if (code == CF_OK)
        code = cf_json_parse(&doc, path, cf_buf_text(&text), text.len, CF_JSON_FILE, err);
    if (code == CF_OK)
        code = check_head(&doc, &list, err);
    for (const cJSON *e = list ? list->child : NULL; code == CF_OK && e; e = e->next)
        code = read_entry(out, &doc, e, index++, err);
    cf_json_release(&doc);
    cf_buf_release(&text);
    if (code != CF_OK)
        cf_report_baseline_release(out);
    return code;
}

/* ---- writing ---- */

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct cf_report_baseline_entry *)a)->id,
                  ((const struct cf_report_baseline_entry *)b)->id);
}

static void put_entry(struct cf_buf *out, const struct cf_report_baseline_entry *entry)
{
    cf_buf_puts(out, "    {\"case\": ");
    cf_json_put_text(out, entry->id);
    cf_buf_puts(out, ",\n     \"reason\": ");
    cf_json_put_text(out, entry->reason);
    cf_buf_puts(out, ",\n     \"owner\": ");
    cf_json_put_text(out, entry->owner);
    cf_buf_puts(out, ", \"expires\": ");
    cf_json_put_text(out, entry->expires);
    cf_buf_putc(out, '}');
}

static void put_all(struct cf_buf *out, const struct cf_report_baseline_entry *entries,
                    size_t count)
{
    cf_buf_printf(out, "{\n  \"format\": \"%s\",\n  \"version\": %d,\n", CF_REPORT_BASELINE_FORMAT,
                  CF_REPORT_BASELINE_VERSION);
    cf_buf_puts(out, "  \"known_failures\": [");
    for (size_t i = 0; i < count; i++) {
        cf_buf_puts(out, i ? ",\n" : "\n");
        put_entry(out, &entries[i]);
    }
    cf_buf_puts(out, count ? "\n  ]\n}\n" : "]\n}\n");
}

enum cf_code cf_report_baseline_write(const struct cf_report_baseline *baseline, const char *path,
                                      struct cf_err *err)
{
    struct cf_report_file file;
    size_t count = baseline->count;
    enum cf_code code = cf_report_file_open(&file, path, err);
    if (code != CF_OK)
        return code;
    struct cf_report_baseline_entry *sorted = cf_alloc_array(count, sizeof(*sorted));
    for (size_t i = 0; i < count; i++)
        sorted[i] = baseline->items[i];
    qsort(sorted, count, sizeof(*sorted), by_id);
    put_all(&file.out, sorted, count);
    free(sorted);
    return cf_report_file_close(&file, CF_OK, err);
}
