#include "reports/findings.h"
#include "harness/base/intern.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is the same ---- */

/* After a text in quotes that begins at text, with what is said of its length; NULL where there is
 * none. A long one is cut, and then ends in dots. */
static const char *after_quoted(const char *text)
{
    if (*text != '"')
        return NULL;
    const char *end = text + 1;
    while (*end != '\0' && *end != '"' && strncmp(end, "... (", 5) != 0)
        end += *end == '\\' && end[1] != '\0' ? 2 : 1;
    if (*end == '\0')
        return NULL;
    end += *end == '"' ? 1 : 3;
    const char *close = strncmp(end, " (", 2) == 0 ? strchr(end, ')') : NULL;
    return close ? close + 1 : end;
}

/* Values differ from case to case: what stands in quotes, and numbers but for statuses. */
static void put_alike(struct cf_buf *out, const char *text)
{
    for (const char *at = text ? text : ""; *at != '\0';) {
        const char *end = after_quoted(at);
        bool status = out->len >= 7 && memcmp(out->data + out->len - 7, "status ", 7) == 0;
        if (end) {
            /* Lists of texts are alike, however long. */
            bool again = out->len >= 3 && memcmp(out->data + out->len - 3, "\"\",", 3) == 0;
            out->len -= again;
            cf_buf_puts(out, again ? "" : "\"\"");
            at = end;
        } else if (isdigit((unsigned char)*at) && !status) {
            cf_buf_putc(out, '0');
            at += strspn(at, "0123456789.");
        } else {
            size_t len = status ? strspn(at, "0123456789") : 0;
            cf_buf_append(out, at, len > 0 ? len : 1);
            at += len > 0 ? len : 1;
        }
    }
    cf_buf_putc(out, '\n');
}

static void put_key(struct cf_buf *out, const struct cf_case_record *record)
{
    const struct cf_failure *first = record->failure_count ? &record->failures[0] : NULL;
    bool error = record->verdict == CF_ERROR;
    cf_buf_puts(out, error ? "error\n" : "");
    put_alike(out, first && !error ? first->message : cf_record_reason(record));
    put_alike(out, first && !error ? first->expected : NULL);
    put_alike(out, first && !error ? first->actual : NULL);
}

/* The suite's own note in the observation of a case that failed. */
static bool was_late(const struct cf_case_record *record)
{
    struct cf_json_doc doc = {0};
    const char *text = record->observation;
    bool late = text && cf_json_parse(&doc, "observation", text, strlen(text), 0, NULL) == CF_OK &&
                cf_json_get(doc.root, "shown_later_ms");
    cf_json_release(&doc);
    return late && record->verdict == CF_FAIL;
}

/* ---- gathering ---- */

static void begin(struct cf_report_finding *finding, const struct cf_case_record *record)
{
    const struct cf_failure *first = record->failure_count ? &record->failures[0] : NULL;
    bool told = first && first->message && record->verdict != CF_ERROR;
    *finding = (struct cf_report_finding){.mark = CF_REPORT_SKIPPED, .level = CF_OBSERVE};
    finding->message = cf_strdup(told ? first->message : cf_record_reason(record));
    finding->expected = told ? cf_strdup(first->expected) : NULL;
    finding->actual = told ? cf_strdup(first->actual) : NULL;
    if (finding->expected && finding->actual) {
        struct cf_buf values = {0};
        put_alike(&values, finding->expected);
        put_alike(&values, finding->actual);
        finding->values = cf_strdup(values.data);
        cf_buf_release(&values);
    }
}

static void add_case(struct cf_report_findings *findings, size_t number, size_t index,
                     const struct cf_report_gate *gate, const struct cf_case_record *record)
{
    if (number == findings->count) {
        findings->items =
            cf_grow(findings->items, findings->count, &findings->cap, sizeof(*findings->items));
        begin(&findings->items[findings->count++], record);
    }
    struct cf_report_finding *finding = &findings->items[number];
    if (finding->count == 0 || record->level < finding->level) {
        free(finding->title);
        finding->title = cf_strdup(record->title);
        finding->example = index;
    }
    finding->cases =
        cf_grow(finding->cases, finding->count, &finding->cap, sizeof(*finding->cases));
    finding->cases[finding->count++] = index;
    finding->levels[record->level]++;
    if (gate->marks[index] > finding->mark)
        finding->mark = gate->marks[index];
    if (record->level < finding->level)
        finding->level = record->level;
    findings->errors += record->verdict == CF_ERROR;
    findings->failed += record->verdict == CF_FAIL;
}

static int weight(const struct cf_report_finding *finding)
{
    return finding->mark == CF_REPORT_FAILURE ? 0 : finding->mark == CF_REPORT_SKIPPED ? 1 : 2;
}

static int by_gravity(const void *a, const void *b)
{
    const struct cf_report_finding *left = a;
    const struct cf_report_finding *right = b;
    if (weight(left) != weight(right))
        return weight(left) - weight(right);
    if (left->level != right->level)
        return (int)left->level - (int)right->level;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return left->cases[0] < right->cases[0] ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
    size_t left = *(const size_t *)a;
    size_t right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

static void release_finding(struct cf_report_finding *finding)
{
    free(finding->message);
    free(finding->title);
    free(finding->expected);
    free(finding->actual);
    free(finding->values);
    free(finding->cases);
}

/* Put the cases of other to those of finding, and release it. */
static void take_over(struct cf_report_finding *finding, struct cf_report_finding *other)
{
    for (size_t i = 0; i < other->count; i++) {
        finding->cases =
            cf_grow(finding->cases, finding->count, &finding->cap, sizeof(*finding->cases));
        finding->cases[finding->count++] = other->cases[i];
    }
    qsort(finding->cases, finding->count, sizeof(*finding->cases), by_number);
    for (int level = CF_MUST; level <= CF_OBSERVE; level++)
        finding->levels[level] += other->levels[level];
    finding->forms += 1 + other->forms;
    finding->whole = finding->whole && other->whole;
    release_finding(other);
}

static const struct cf_results_entry *entry_of(const struct cf_report_findings *findings,
                                               size_t index)
{
    return cf_report_entry(findings->source, &findings->source->cases[index]);
}

/* How many cases of the finding a cause explains. */
static size_t explained(const struct cf_report_findings *findings,
                        const struct cf_report_finding *finding,
                        const struct cf_report_cause *cause)
{
    size_t count = 0;
    for (size_t i = 0; i < finding->count; i++) {
        const char *id = entry_of(findings, finding->cases[i])->id;
        for (size_t k = 0; k < cause->case_count; k++)
            count += strcmp(cause->cases[k], id) == 0;
    }
    return count;
}

static void find_cause(const struct cf_report_findings *findings, struct cf_report_finding *finding)
{
    size_t most = finding->count / 2;
    for (size_t i = 0; i < findings->source->cause_count; i++) {
        const struct cf_report_cause *cause = &findings->source->causes[i];
        size_t count = explained(findings, finding, cause);
        if (count <= most)
            continue;
        finding->cause = cause;
        finding->whole = count == finding->count;
        most = count;
    }
}

/* One bug is found in other words, and in other values, where it is looked for in another way. */
static bool same_bug(const struct cf_report_finding *left, const struct cf_report_finding *right)
{
    if (!left->cause || left->cause != right->cause || left->mark == CF_REPORT_ERROR ||
        right->mark == CF_REPORT_ERROR)
        return false;
    return right->whole || strcmp(left->message, right->message) == 0 ||
           (left->values && right->values && strcmp(left->values, right->values) == 0);
}

/* In order of gravity before and after; so the words that stay, and the mark, are the graver's. */
static void put_together(struct cf_report_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        size_t kept = i + 1;
        for (size_t k = i + 1; k < findings->count; k++) {
            if (same_bug(&findings->items[i], &findings->items[k]))
                take_over(&findings->items[i], &findings->items[k]);
            else
                findings->items[kept++] = findings->items[k];
        }
        findings->count = kept;
    }
}

static void sort(struct cf_report_findings *findings)
{
    if (findings->count > 0) /* qsort() wants no null, even for none */
        qsort(findings->items, findings->count, sizeof(*findings->items), by_gravity);
}

enum cf_code cf_report_findings_init(struct cf_report_findings *out,
                                     const struct cf_report_gate *gate, struct cf_err *err)
{
    const struct cf_report_source *source = gate->source;
    struct cf_intern keys = {0};
    struct cf_buf key = {0};
    enum cf_code code = CF_OK;
    *out = (struct cf_report_findings){.source = source};
    for (size_t i = 0; code == CF_OK && i < source->case_count; i++) {
        struct cf_case_record record;
        if (source->cases[i].verdict != CF_FAIL && source->cases[i].verdict != CF_ERROR)
            continue;
        code = cf_report_read(source, &source->cases[i], &record, err);
        if (code != CF_OK)
            break;
        cf_buf_reset(&key);
        put_key(&key, &record);
        add_case(out, cf_intern_add(&keys, key.data), i, gate, &record);
        out->late += was_late(&record);
        cf_case_record_release(&record);
    }
    cf_buf_release(&key);
    cf_intern_release(&keys);
    for (size_t i = 0; i < out->count; i++)
        find_cause(out, &out->items[i]);
    sort(out);
    put_together(out);
    sort(out);
    return code;
}

void cf_report_findings_release(struct cf_report_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        release_finding(&findings->items[i]);
    free(findings->items);
    *findings = (struct cf_report_findings){0};
}

/* ---- one of them ---- */

const char *cf_report_finding_example(const struct cf_report_findings *findings,
                                      const struct cf_report_finding *finding)
{
    return entry_of(findings, finding->example)->id;
}

/* After "status " where that is all but a code; NULL elsewhere. */
static const char *status_of(const char *text, bool code_alone)
{
    static const char word[] = "status ";
    if (!text || strncmp(text, word, sizeof(word) - 1) != 0)
        return NULL;
    const char *code = text + sizeof(word) - 1;
    return code_alone && code[strspn(code, "0123456789")] != '\0' ? NULL : code;
}

/* Length of the field's name that both texts begin with, as in "memory: integer 2048"; else 0. */
static size_t field_len(const struct cf_report_finding *finding)
{
    const char *expected = finding->expected;
    size_t len = expected ? strspn(expected, "abcdefghijklmnopqrstuvwxyz_") : 0;
    bool both = len > 0 && expected[len] == ':' && finding->actual &&
                strncmp(expected, finding->actual, len + 1) == 0;
    return both ? len : 0;
}

void cf_report_finding_put_headline(struct cf_buf *out, const struct cf_report_finding *finding)
{
    const char *wanted = status_of(finding->expected, false);
    const char *got = status_of(finding->actual, true);
    cf_buf_puts(out, finding->message);
    if (wanted && got)
        cf_buf_printf(out, ": %s instead of %s", got, wanted);
    else if (field_len(finding) > 0)
        cf_buf_printf(out, ": %.*s", (int)field_len(finding), finding->expected);
}

void cf_report_finding_put_forms(struct cf_buf *out, const struct cf_report_finding *finding)
{
    if (finding->forms > 0)
        cf_buf_printf(out, "the same cause shows in %zu other form%s", finding->forms,
                      finding->forms == 1 ? "" : "s");
}

void cf_report_finding_put_count(struct cf_buf *out, const struct cf_report_finding *finding)
{
    bool first = true;
    for (int level = CF_MUST; level <= CF_OBSERVE; level++) {
        if (finding->levels[level] == 0)
            continue;
        cf_buf_printf(out, "%s%zu %s", first ? "" : ", ", finding->levels[level],
                      cf_level_name((enum cf_level)level));
        first = false;
    }
    cf_buf_puts(out, finding->count == 1 ? " case" : " cases");
}

const char *cf_report_finding_kind(const struct cf_report_finding *finding)
{
    static const char *const kinds[] = {"failed", "not met", "in error"};
    return kinds[weight(finding)];
}
