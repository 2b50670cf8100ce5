#include "cli/selftest/kill_matrix.h"
#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MATRIX_MAX_BYTES = 64 << 20,
    ROWS_MAX = 4096,
    CASES_MAX = 100000,
    SIGNED_MAX_BYTES = 1 << 16 /* of what was found: the rest of a huge value tells no more */
};

#define FORMAT "cvm-conformance-kill-matrix"

/* ---- lifetimes ---- */

void cf_traces_release(struct cf_traces *traces)
{
    free(traces->items);
    *traces = (struct cf_traces){0};
}

void cf_kill_matrix_release(struct cf_kill_matrix *matrix)
{
    for (size_t i = 0; i < matrix->case_count; i++)
        free(matrix->cases[i]);
    for (size_t i = 0; i < matrix->row_count; i++) {
        free(matrix->rows[i].name);
        free(matrix->rows[i].requirement);
        free(matrix->rows[i].sentence);
        cf_traces_release(&matrix->rows[i].traces);
    }
    free(matrix->cases);
    free(matrix->costs);
    free(matrix->rows);
    *matrix = (struct cf_kill_matrix){0};
}

static size_t add_case(struct cf_kill_matrix *matrix, const char *id)
{
    matrix->cases =
        cf_grow(matrix->cases, matrix->case_count, &matrix->case_cap, sizeof(*matrix->cases));
    matrix->cases[matrix->case_count] = cf_strdup(id);
    return matrix->case_count++;
}

size_t cf_kill_matrix_find(const struct cf_kill_matrix *matrix, const char *id)
{
    for (size_t i = 0; i < matrix->case_count; i++) {
        if (strcmp(matrix->cases[i], id) == 0)
            return i;
    }
    return SIZE_MAX;
}

size_t cf_kill_matrix_case(struct cf_kill_matrix *matrix, const char *id)
{
    size_t index = cf_kill_matrix_find(matrix, id);
    return index < SIZE_MAX ? index : add_case(matrix, id);
}

struct cf_kill_matrix_row *cf_kill_matrix_add_row(struct cf_kill_matrix *matrix)
{
    matrix->rows =
        cf_grow(matrix->rows, matrix->row_count, &matrix->row_cap, sizeof(*matrix->rows));
    matrix->rows[matrix->row_count] = (struct cf_kill_matrix_row){0};
    return &matrix->rows[matrix->row_count++];
}

/* ---- traces ---- */

/* Sixteen bits of each text. */
static unsigned digest_of(const struct cf_buf *text)
{
    unsigned char digest[CF_SHA256_BYTES];
    cf_sha256(cf_buf_text(text), text->len, digest);
    return (unsigned)digest[0] << 8 | digest[1];
}

/* The field that a failure is about, where it is about one: "vcpu: integer 2". */
static size_t field_len(const char *actual)
{
    size_t len = strcspn(actual, ": ");
    return actual[len] == ':' ? len : 0;
}

/* After the string that begins at text, or at the end of a text that was cut. */
static const char *skip_string(const char *text)
{
    for (text++; *text && *text != '"'; text++)
        text += *text == '\\' && text[1];
    return *text ? text + 1 : text;
}

/* The names of an object's members, of JSON text that may have been cut. */
static void put_names(struct cf_buf *out, const char *text)
{
    for (int depth = 0; *text;) {
        const char *end = *text == '"' ? skip_string(text) : text + 1;
        if (*text == '"' && *end == ':' && depth == 1)
            cf_buf_append(out, text, (size_t)(end - text));
        depth += (*text == '{' || *text == '[') - (*text == '}' || *text == ']');
        text = end;
    }
}

/* As much of what was found as does not differ from run to run: a status, the company that a
 * missing member was looked for in, an object's members, or else the type. */
static void put_stable(struct cf_buf *out, const char *actual)
{
    bool whole = strncmp(actual, "status ", 7) == 0 || strncmp(actual, "absent", 6) == 0;
    cf_buf_append(out, actual, whole ? strlen(actual) : strcspn(actual, " \"0123456789"));
    if (strncmp(actual, "object {", 8) == 0)
        put_names(out, actual + 7);
}

/* How a case failed, by its first failure: the place of the expectation and the kind of mismatch in
 * the upper half, what was found in the lower. */
static unsigned signature_of(const struct cf_case_record *record)
{
    struct cf_buf kind;
    struct cf_buf found;
    cf_buf_init(&kind, SIGNED_MAX_BYTES);
    cf_buf_init(&found, SIGNED_MAX_BYTES);
    if (record->failure_count > 0) {
        const struct cf_failure *f = &record->failures[0];
        const char *actual = f->actual ? f->actual : "";
        size_t field = field_len(actual);
        cf_buf_puts(&kind, f->case_pointer ? f->case_pointer : "");
        cf_buf_puts(&kind, f->message ? f->message : "");
        cf_buf_puts(&kind, f->pointer ? f->pointer : "");
        cf_buf_append(&kind, actual, field);
        actual += field ? field + strspn(actual + field, ": ") : 0;
        put_stable(&found, actual);
    }
    unsigned signature = digest_of(&kind) << 16 | digest_of(&found);
    cf_buf_release(&kind);
    cf_buf_release(&found);
    return signature;
}

static int by_case(const void *a, const void *b)
{
    const struct cf_trace *left = a;
    const struct cf_trace *right = b;
    return (left->case_index > right->case_index) - (left->case_index < right->case_index);
}

static void put_trace(struct cf_traces *traces, struct cf_trace trace)
{
    traces->items = cf_grow(traces->items, traces->count, &traces->cap, sizeof(trace));
    traces->items[traces->count++] = trace;
}

void cf_traces_add(struct cf_traces *traces, size_t index, const struct cf_case_record *record)
{
    if (record->verdict != CF_FAIL && record->verdict != CF_INCONCLUSIVE)
        return;
    struct cf_trace trace = {(unsigned)index, record->verdict == CF_FAIL, 0};
    if (trace.failed)
        trace.signature = signature_of(record);
    put_trace(traces, trace);
    qsort(traces->items, traces->count, sizeof(trace), by_case);
}

/* ---- likeness ---- */

enum { WEIGHT_FAILED = 2, WEIGHT_KIND = 1, WEIGHT_FOUND = 1, WEIGHT_INCONCLUSIVE = 1 };

static double weight_of(const struct cf_trace *trace)
{
    if (!trace)
        return 0;
    return trace->failed ? WEIGHT_FAILED + WEIGHT_KIND + WEIGHT_FOUND : WEIGHT_INCONCLUSIVE;
}

static double common_weight(const struct cf_trace *a, const struct cf_trace *b)
{
    if (a->failed != b->failed)
        return 0;
    if (!a->failed)
        return WEIGHT_INCONCLUSIVE;
    if (a->signature >> 16 != b->signature >> 16)
        return WEIGHT_FAILED;
    return WEIGHT_FAILED + WEIGHT_KIND +
           ((a->signature & 0xffff) == (b->signature & 0xffff) ? WEIGHT_FOUND : 0);
}

/* What one case adds to the comparison. */
struct likeness {
    double common, all;
    size_t failed, shared;
};

static void compare_one(struct likeness *sum, const struct cf_trace *row,
                        const struct cf_trace *run)
{
    double left = weight_of(row);
    double right = weight_of(run);
    sum->all += left > right ? left : right;
    if (row && run)
        sum->common += common_weight(row, run);
    if (run && run->failed) {
        sum->failed++;
        sum->shared += row && row->failed;
    }
}

double cf_kill_matrix_score(const struct cf_kill_matrix_row *row, const struct cf_traces *run,
                            const bool *ran, double *out_share)
{
    struct likeness sum = {0};
    const struct cf_trace *a = row->traces.items;
    const struct cf_trace *b = run->items;
    const struct cf_trace *a_end = a + row->traces.count;
    const struct cf_trace *b_end = b + run->count;
    while (a != a_end || b != b_end) {
        bool left = a != a_end && (b == b_end || a->case_index <= b->case_index);
        bool right = b != b_end && (a == a_end || b->case_index <= a->case_index);
        if (right || ran[a->case_index])
            compare_one(&sum, left ? a : NULL, right ? b : NULL);
        a += left;
        b += right;
    }
    *out_share = sum.failed ? (double)sum.shared / (double)sum.failed : 0;
    return sum.all > 0 ? sum.common / sum.all : 0;
}

size_t cf_kill_matrix_guess(const struct cf_kill_matrix *matrix, const struct cf_traces *run,
                            const bool *ran, size_t max, size_t *out_rows, double *out_scores)
{
    size_t count = 0;
    for (size_t i = 0; i < matrix->row_count; i++) {
        double share;
        double score = cf_kill_matrix_score(&matrix->rows[i], run, ran, &share);
        if (score <= 0 || share <= 0)
            continue;
        size_t at = count < max ? count++ : max;
        while (at > 0 && out_scores[at - 1] < score) {
            if (at < max) {
                out_rows[at] = out_rows[at - 1];
                out_scores[at] = out_scores[at - 1];
            }
            at--;
        }
        if (at < max) {
            out_rows[at] = i;
            out_scores[at] = score;
        }
    }
    return count;
}

bool cf_kill_matrix_proves(const struct cf_kill_matrix *matrix, const char *requirement)
{
    for (size_t i = 0; i < matrix->row_count; i++) {
        if (matrix->rows[i].caught && strcmp(matrix->rows[i].requirement, requirement) == 0)
            return true;
    }
    return false;
}

/* ---- the file ---- */

static void put_member(struct cf_buf *out, const char *name, const char *value)
{
    cf_json_put_text(out, name);
    cf_buf_puts(out, ": ");
    cf_json_put_text(out, value ? value : "");
}

void cf_kill_matrix_write(struct cf_buf *out, const struct cf_kill_matrix *matrix)
{
    cf_buf_puts(out, "{\n");
    put_member(out, "format", FORMAT);
    cf_buf_puts(out, ",\n\"version\": 1,\n");
    put_member(out, "catalogue_sha256", matrix->catalogue_sha256);
    cf_buf_puts(out, ",\n\"cases\": [");
    for (size_t i = 0; i < matrix->case_count; i++) {
        cf_buf_puts(out, i ? ",\n" : "\n");
        cf_json_put_text(out, matrix->cases[i]);
    }
    cf_buf_puts(out, "],\n\"costs\": \"");
    for (size_t i = 0; i < matrix->cost_count; i++)
        cf_buf_printf(out, "%s%u:%u", i ? " " : "", matrix->costs[i].operations,
                      matrix->costs[i].exchanges);
    cf_buf_puts(out, "\",\n\"deviations\": [");
    for (size_t i = 0; i < matrix->row_count; i++) {
        const struct cf_kill_matrix_row *row = &matrix->rows[i];
        cf_buf_puts(out, i ? ",\n{" : "\n{");
        put_member(out, "name", row->name);
        cf_buf_puts(out, ", ");
        put_member(out, "requirement", row->requirement);
        cf_buf_puts(out, ", ");
        put_member(out, "level", cf_level_name(row->level));
        cf_buf_puts(out, ", ");
        put_member(out, "sentence", row->sentence);
        cf_buf_printf(out, ", \"caught\": %s, \"traces\": \"", row->caught ? "true" : "false");
        for (size_t t = 0; t < row->traces.count; t++) {
            const struct cf_trace *trace = &row->traces.items[t];
            cf_buf_printf(out, "%s%u", t ? " " : "", trace->case_index);
            if (trace->failed)
                cf_buf_printf(out, ":%08x", trace->signature);
        }
        cf_buf_puts(out, "\"}");
    }
    cf_buf_puts(out, "]\n}\n");
}

static enum cf_code read_traces(const char *text, size_t case_count, struct cf_traces *out)
{
    while (*text) {
        char *end;
        unsigned long index = strtoul(text, &end, 10);
        if (end == text || index >= case_count)
            return CF_EINPUT;
        struct cf_trace trace = {(unsigned)index, *end == ':', 0};
        if (trace.failed) {
            text = end + 1;
            trace.signature = (unsigned)strtoul(text, &end, 16);
        }
        put_trace(out, trace);
        text = *end == ' ' ? end + 1 : end;
        if (*end != ' ' && *end != '\0')
            return CF_EINPUT;
    }
    return CF_OK;
}

/* "OPERATIONS:EXCHANGES" a case, in their order. */
static enum cf_code read_costs(struct cf_kill_matrix *matrix, const char *text)
{
    matrix->costs = cf_alloc_array(matrix->case_count + 1, sizeof(*matrix->costs));
    while (*text) {
        char *end;
        struct cf_kill_cost cost = {.operations = (unsigned)strtoul(text, &end, 10)};
        if (end == text || *end != ':' || matrix->cost_count == matrix->case_count)
            return CF_EINPUT;
        cost.exchanges = (unsigned)strtoul(end + 1, &end, 10);
        matrix->costs[matrix->cost_count++] = cost;
        text = *end == ' ' ? end + 1 : end;
        if (*end != ' ' && *end != '\0')
            return CF_EINPUT;
    }
    return CF_OK;
}

static enum cf_code read_row(struct cf_kill_matrix *matrix, const cJSON *node)
{
    struct cf_kill_matrix_row *row = cf_kill_matrix_add_row(matrix);
    row->name = cf_strdup(cf_json_text(node, "name", ""));
    row->requirement = cf_strdup(cf_json_text(node, "requirement", ""));
    row->sentence = cf_strdup(cf_json_text(node, "sentence", ""));
    row->caught = cf_json_bool(node, "caught", false);
    if (!cf_level_parse(cf_json_text(node, "level", ""), &row->level))
        return CF_EINPUT;
    return read_traces(cf_json_text(node, "traces", ""), matrix->case_count, &row->traces);
}

static enum cf_code read_matrix(struct cf_kill_matrix *out, const cJSON *root)
{
    const cJSON *node;
    if (strcmp(cf_json_text(root, "format", ""), FORMAT) != 0 ||
        cf_json_number(root, "version", 0) != 1)
        return CF_EINPUT;
    snprintf(out->catalogue_sha256, sizeof(out->catalogue_sha256), "%s",
             cf_json_text(root, "catalogue_sha256", ""));
    cJSON_ArrayForEach(node, cf_json_get(root, "cases"))
    {
        if (out->case_count == CASES_MAX)
            return CF_EINPUT;
        add_case(out, cJSON_IsString(node) ? node->valuestring : "");
    }
    if (read_costs(out, cf_json_text(root, "costs", "")) != CF_OK)
        return CF_EINPUT;
    cJSON_ArrayForEach(node, cf_json_get(root, "deviations"))
    {
        enum cf_code code = out->row_count < ROWS_MAX ? read_row(out, node) : CF_EINPUT;
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

enum cf_code cf_kill_matrix_read(struct cf_kill_matrix *out, const char *path, struct cf_err *err)
{
    struct cf_json_doc doc;
    *out = (struct cf_kill_matrix){0};
    enum cf_code code = cf_json_load(&doc, path, MATRIX_MAX_BYTES, CF_JSON_UNIQUE_KEYS, err);
    if (code == CF_OK) {
        code = read_matrix(out, doc.root);
        if (code != CF_OK)
            cf_err_set(err, code, "%s: not a kill matrix of this version", path);
    }
    cf_json_release(&doc);
    if (code != CF_OK)
        cf_kill_matrix_release(out);
    return code;
}
