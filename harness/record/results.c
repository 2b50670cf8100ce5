#include "harness/record/results.h"
#include "harness/base/clock.h"
#include "harness/base/digest.h"
#include "harness/base/gzip.h"
#include "harness/base/intern.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"
#include "harness/record/members.h"
#include "harness/record/reused.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEAD_MAX_BYTES = 64 << 20 /* of a record without its steps */ };

struct span {
    size_t start, end;
};

struct spans {
    struct span *items;
    size_t count, cap;
};

struct cf_results {
    char *path;
    char *bytes; /* mapped; NULL where the file is empty */
    size_t len;
    struct spans cases;
    struct spans steps; /* of the cases, what their "steps" is; empty where there is none */
    struct cf_results_entry *entries; /* as the cases */
    size_t entry_count, entry_cap;
    struct cf_intern ids, suites, reasons, requirements;
    struct cf_run_info info;
    struct cf_summary summary;
    bool torn;
};

/* ---- mapping ---- */

static const long long UNDONE_MAX_BYTES = 4LL << 30;

/* Three attempts at each case, one after the other, come out at 45 times the size of what they are
 * compressed to; what comes out at far more was made to fill a disk. */
static long long most_undone(int fd)
{
    enum { RATIO_MAX = 400, ALWAYS_BYTES = 16 << 20 };
    struct stat status;
    long long size = fstat(fd, &status) == 0 ? status.st_size : 0;
    long long most = size < UNDONE_MAX_BYTES / RATIO_MAX ? size * RATIO_MAX : UNDONE_MAX_BYTES;
    return most > ALWAYS_BYTES ? most : ALWAYS_BYTES;
}

/* A file that nobody else sees and that goes with its descriptor; -1 where there can be none. */
static int open_unnamed(void)
{
    char path[512];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof(path), "%s/cvm-conformance-XXXXXX", folder && *folder ? folder : "/tmp");
    int fd = mkstemp(path);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static enum cf_code map_plain(struct cf_results *results, int fd, struct cf_err *err);

static enum cf_code map_compressed(struct cf_results *results, int fd, struct cf_err *err)
{
    int plain = open_unnamed();
    if (plain < 0)
        return cf_err_errno(err, errno, "cannot make a temporary file for %s", results->path);
    enum cf_code code = cf_gzip_undo(fd, plain, most_undone(fd), results->path, err);
    if (code == CF_OK)
        code = map_plain(results, plain, err);
    close(plain);
    return code;
}

static enum cf_code map_open(struct cf_results *results, int fd, struct cf_err *err)
{
    char first[3];
    ssize_t got = pread(fd, first, sizeof(first), 0);
    bool compressed = got > 0 && cf_gzip_begins(first, (size_t)got);
    return compressed ? map_compressed(results, fd, err) : map_plain(results, fd, err);
}

static enum cf_code map_plain(struct cf_results *results, int fd, struct cf_err *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return cf_err_errno(err, errno, "cannot read %s", results->path);
    if (!S_ISREG(status.st_mode))
        return cf_err_set(err, CF_EIO, "cannot read %s: not a regular file", results->path);
    if (status.st_size == 0)
        return CF_OK;
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return cf_err_errno(err, errno, "cannot map %s", results->path);
    results->bytes = bytes;
    results->len = (size_t)status.st_size;
    return CF_OK;
}

static enum cf_code map_file(struct cf_results *results, struct cf_err *err)
{
    /* O_NONBLOCK: a pipe that nobody writes to is refused, not waited for. */
    int fd = open(results->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return cf_err_set(err, CF_ENOTFOUND, "cannot read %s: no such file", results->path);
    if (fd < 0)
        return cf_err_errno(err, errno, "cannot read %s", results->path);
    enum cf_code code = map_open(results, fd, err);
    close(fd);
    return code;
}

static void add_span(struct spans *spans, size_t start, size_t end)
{
    spans->items = cf_grow(spans->items, spans->count, &spans->cap, sizeof(*spans->items));
    spans->items[spans->count++] = (struct span){start, end};
}

/* Pages that were read stay resident until somebody says that they may go; without this a large
 * file would seem to fill the memory. Called once in so many cases. */
static void drop_pages(const struct cf_results *results, size_t index)
{
    enum { EVERY = 128 };
    if (index % EVERY == EVERY - 1)
        madvise(results->bytes, results->len, MADV_DONTNEED);
}

/* ---- what is known of a case without reading it again ---- */

static const char *keep(struct cf_intern *set, const char *text)
{
    size_t number = cf_intern_add(set, text); /* which may move the items */
    return set->items[number];
}

static void fill_entry(struct cf_results *results, const struct cf_case_record *record,
                       struct cf_results_entry *entry)
{
    bool has_reason = record->verdict == CF_NOT_APPLICABLE || record->verdict == CF_INCONCLUSIVE;
    const char **requirements = cf_alloc_array(record->requirement_count, sizeof(char *));
    enum cf_verdict *verdicts = cf_alloc_array(record->requirement_count, sizeof(*verdicts));
    for (size_t i = 0; i < record->requirement_count; i++) {
        requirements[i] = keep(&results->requirements, record->requirements[i]);
        verdicts[i] = cf_record_verdict_of(record, record->requirements[i]);
    }
    entry->requirements = requirements;
    entry->verdicts = verdicts;
    entry->requirement_count = record->requirement_count;
    entry->level = record->level;
    entry->verdict = record->verdict;
    entry->attempt = record->attempt;
    entry->operations = record->operations > 0 ? record->operations : 0;
    entry->duration_ms = record->duration_ms;
    if (!cf_clock_parse(record->started_at, &entry->started_ms))
        entry->started_ms = 0;
    entry->id = keep(&results->ids, record->id);
    entry->suite = keep(&results->suites, record->suite);
    entry->reason = has_reason ? keep(&results->reasons, cf_record_reason(record)) : NULL;
}

/* With other steps than its own; where it has none, they are left out. */
static enum cf_code parse_with(const struct cf_results *results, size_t index,
                               const struct cf_buf *other, size_t max_bytes,
                               struct cf_json_doc *doc, struct cf_err *err)
{
    struct span whole = results->cases.items[index];
    struct span steps = results->steps.items[index];
    struct cf_buf text;
    cf_buf_init(&text, max_bytes);
    if (steps.end == 0)
        steps = (struct span){whole.end, whole.end};
    cf_buf_append(&text, results->bytes + whole.start, steps.start - whole.start);
    if (steps.start < whole.end)
        cf_buf_append(&text, other->data, other->len);
    cf_buf_append(&text, results->bytes + steps.end, whole.end - steps.end);
    enum cf_code code = cf_buf_check(&text, err);
    if (code == CF_OK)
        code = cf_json_parse(doc, results->path, text.data, text.len, 0, err);
    cf_buf_release(&text);
    return code;
}

static enum cf_code read_record(const struct cf_results *results, size_t index,
                                struct cf_json_doc *doc, struct cf_case_record *out,
                                struct cf_err *err)
{
    enum cf_code code = cf_case_record_read(out, doc->root, err);
    if (code != CF_OK)
        cf_err_prefix(err, "%s: case %zu", results->path, index + 1);
    cf_json_release(doc);
    return code;
}

enum cf_code cf_results_head(const struct cf_results *results, size_t index,
                             struct cf_case_record *out, struct cf_err *err)
{
    struct cf_json_doc doc;
    struct cf_buf none = {0};
    *out = (struct cf_case_record){0};
    drop_pages(results, index);
    cf_buf_puts(&none, "[]");
    enum cf_code code = parse_with(results, index, &none, HEAD_MAX_BYTES, &doc, err);
    cf_buf_release(&none);
    return code == CF_OK ? read_record(results, index, &doc, out, err) : code;
}

/* The next entry. */
static enum cf_code add_entry(struct cf_results *results, struct cf_err *err)
{
    struct cf_case_record record;
    enum cf_code code = cf_results_head(results, results->entry_count, &record, err);
    if (code != CF_OK)
        return code;
    results->entries = cf_grow(results->entries, results->entry_count, &results->entry_cap,
                               sizeof(*results->entries));
    struct cf_results_entry *entry = &results->entries[results->entry_count++];
    fill_entry(results, &record, entry);
    cf_summary_add_case(&results->summary, entry);
    cf_case_record_release(&record);
    return CF_OK;
}

/* ---- results.json: one walk finds where everything is ---- */

struct walk {
    const struct cf_results *results;
    struct spans pending; /* elements of the top member that is being read */
    struct spans pending_steps;
    struct span steps; /* of the element that is being read */
    struct spans cases, steps_of_cases, requirements;
    struct cf_members head; /* the other top members */
};

static void adopt(struct spans *to, struct spans *from)
{
    free(to->items);
    *to = *from;
    *from = (struct spans){0};
}

/* Of a key that is there twice, the first value counts. */
static void note_steps(struct span *steps, const char *bytes, const struct cf_json_value *value)
{
    if (steps->end == 0 && cf_member_is(bytes, value, "steps"))
        *steps = (struct span){value->start, value->end};
}

/* Inner values are met first, so elements wait in pending until their member's name is known. */
static enum cf_code meet(void *context, const char *bytes, const struct cf_json_value *value)
{
    struct walk *walk = context;
    if (value->depth == 3)
        note_steps(&walk->steps, bytes, value);
    if (value->depth == 2 && value->key_end == 0) {
        drop_pages(walk->results, walk->pending.count);
        add_span(&walk->pending, value->start, value->end);
        add_span(&walk->pending_steps, walk->steps.start, walk->steps.end);
    }
    if (value->depth == 2)
        walk->steps = (struct span){0, 0};
    if (value->depth != 1)
        return CF_OK;
    if (cf_member_is(bytes, value, "cases")) {
        adopt(&walk->cases, &walk->pending);
        adopt(&walk->steps_of_cases, &walk->pending_steps);
    } else if (cf_member_is(bytes, value, "requirements"))
        adopt(&walk->requirements, &walk->pending);
    else
        cf_members_note(&walk->head, value);
    walk->pending.count = 0;
    walk->pending_steps.count = 0;
    return CF_OK;
}

static enum cf_code parse_span(const struct cf_results *results, struct span span,
                               struct cf_json_doc *doc, struct cf_err *err)
{
    return cf_json_parse(doc, results->path, results->bytes + span.start, span.end - span.start, 0,
                         err);
}

static enum cf_code read_head(struct cf_results *results, const cJSON *head, struct cf_err *err)
{
    enum cf_code code = cf_run_info_read(&results->info, head, err);
    if (code != CF_OK)
        cf_err_prefix(err, "%s", results->path);
    return code;
}

static enum cf_code read_requirement(struct cf_results *results, struct span span,
                                     struct cf_err *err)
{
    struct cf_json_doc doc;
    enum cf_level level;
    enum cf_code code = parse_span(results, span, &doc, err);
    if (code != CF_OK)
        return code;
    const char *id = cf_json_text(doc.root, "id", NULL);
    if (!id || !cf_level_parse(cf_json_text(doc.root, "level", ""), &level)) {
        code =
            cf_err_set(err, CF_EINPUT, "%s: a requirement needs an id and a level", results->path);
    } else {
        cf_summary_add_requirement(
            &results->summary, id, level, cf_json_text(doc.root, "statement", NULL),
            cf_json_text(doc.root, "source", NULL), cf_json_bool(doc.root, "proven", false));
    }
    cf_json_release(&doc);
    return code;
}

static enum cf_code read_walk(struct cf_results *results, struct walk *walk, struct cf_err *err)
{
    struct cf_json_doc head;
    enum cf_code code = cf_members_parse(&walk->head, results->path, results->bytes,
                                         CF_JSON_UNIQUE_KEYS, &head, err);
    if (code != CF_OK)
        return code;
    code = read_head(results, head.root, err);
    cf_json_release(&head);
    for (size_t i = 0; code == CF_OK && i < walk->requirements.count; i++)
        code = read_requirement(results, walk->requirements.items[i], err);
    adopt(&results->cases, &walk->cases);
    adopt(&results->steps, &walk->steps_of_cases);
    while (code == CF_OK && results->entry_count < results->cases.count)
        code = add_entry(results, err);
    return code;
}

static enum cf_code open_json(struct cf_results *results, struct cf_err *err)
{
    struct walk walk = {.results = results};
    enum cf_code code =
        cf_json_scan(results->path, results->bytes, results->len, 0, meet, &walk, err);
    if (code == CF_OK)
        code = read_walk(results, &walk, err);
    free(walk.pending.items);
    free(walk.pending_steps.items);
    free(walk.requirements.items);
    free(walk.cases.items);
    free(walk.steps_of_cases.items);
    return code;
}

/* ---- results.ndjson ---- */

/* Where a line ends, its newline not counted. */
static size_t line_end(const struct cf_results *results, size_t start)
{
    const char *newline = memchr(results->bytes + start, '\n', results->len - start);
    return newline ? (size_t)(newline - results->bytes) : results->len;
}

static bool blank(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!memchr(" \t\r", bytes[i], 3))
            return false;
    }
    return true;
}

/* The scanner counts lines within what it is given; put the line of the file in their place. */
static enum cf_code line_fault(const struct cf_results *results, size_t line,
                               const struct cf_err *found, struct cf_err *err)
{
    return cf_err_set(err, found->code, "%s:%zu%.1024s", results->path, line,
                      strncmp(found->text, ":1", 2) == 0 ? found->text + 2 : found->text);
}

static enum cf_code note_in_line(void *context, const char *bytes,
                                 const struct cf_json_value *value)
{
    if (value->depth == 1)
        note_steps(context, bytes, value);
    return CF_OK;
}

static enum cf_code open_lines(struct cf_results *results, struct cf_err *err)
{
    size_t line = 1;
    size_t end;
    for (size_t start = 0; start < results->len; start = end + 1, line++) {
        struct cf_err found = {0};
        struct span steps = {0, 0};
        end = line_end(results, start);
        const char *text = results->bytes + start;
        if (blank(text, end - start))
            continue;
        enum cf_code code = cf_json_scan("", text, end - start, 0, note_in_line, &steps, &found);
        /* Lines are written whole, each with its newline: only the last may be torn. */
        if (code != CF_OK && end == results->len) {
            results->torn = true;
            return CF_OK;
        }
        if (code != CF_OK)
            return line_fault(results, line, &found, err);
        add_span(&results->cases, start, end);
        add_span(&results->steps, steps.end ? start + steps.start : 0,
                 steps.end ? start + steps.end : 0);
        code = add_entry(results, err);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

static enum cf_code note_format(void *context, const char *bytes, const struct cf_json_value *value)
{
    bool *found = context;
    if (value->depth == 1 && cf_member_is(bytes, value, "format"))
        *found = true;
    return CF_OK;
}

/* Lines of cases, unless the first line is not a value of its own (results.json is written over
 * many lines) or is a whole results.json. */
static bool is_lines(const struct cf_results *results)
{
    static const char case_start[] = "{\"id\":";
    size_t end = line_end(results, 0);
    bool has_format = false;
    if (results->len >= sizeof(case_start) - 1 &&
        memcmp(results->bytes, case_start, sizeof(case_start) - 1) == 0)
        return true;
    if (cf_json_scan("", results->bytes, end, 0, note_format, &has_format, NULL) != CF_OK)
        return false;
    return !has_format;
}

/* ---- the whole ---- */

static enum cf_code read_mapped(struct cf_results *results, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    if (results->bytes)
        code = is_lines(results) ? open_lines(results, err) : open_json(results, err);
    cf_summary_finish(&results->summary);
    return code;
}

static struct cf_results *new_results(const char *path)
{
    struct cf_results *results = cf_alloc(sizeof(*results));
    cf_summary_init(&results->summary);
    cf_run_info_init(&results->info);
    results->path = cf_strdup(path);
    return results;
}

/* Gives results to out when code is CF_OK and they can be read. */
static enum cf_code finish_open(struct cf_results *results, enum cf_code code,
                                struct cf_results **out, struct cf_err *err)
{
    if (code == CF_OK)
        code = read_mapped(results, err);
    if (code == CF_OK)
        *out = results;
    else
        cf_results_close(results);
    return code;
}

enum cf_code cf_results_open(struct cf_results **out, const char *path, struct cf_err *err)
{
    struct cf_results *results = new_results(path);
    return finish_open(results, map_file(results, err), out, err);
}

enum cf_code cf_results_open_fd(struct cf_results **out, int fd, const char *path,
                                struct cf_err *err)
{
    struct cf_results *results = new_results(path);
    return finish_open(results, map_open(results, fd, err), out, err);
}

void cf_results_close(struct cf_results *results)
{
    if (!results)
        return;
    if (results->bytes)
        munmap(results->bytes, results->len);
    free(results->path);
    free(results->cases.items);
    free(results->steps.items);
    for (size_t i = 0; i < results->entry_count; i++) {
        free(results->entries[i].requirements);
        free(results->entries[i].verdicts);
    }
    free(results->entries);
    cf_intern_release(&results->ids);
    cf_intern_release(&results->suites);
    cf_intern_release(&results->reasons);
    cf_intern_release(&results->requirements);
    cf_run_info_release(&results->info);
    cf_summary_release(&results->summary);
    free(results);
}

const struct cf_run_info *cf_results_info(const struct cf_results *results)
{
    return &results->info;
}

const struct cf_summary *cf_results_summary(const struct cf_results *results)
{
    return &results->summary;
}

bool cf_results_torn(const struct cf_results *results)
{
    return results->torn;
}

const char *cf_results_path(const struct cf_results *results)
{
    return results->path;
}

size_t cf_results_count(const struct cf_results *results)
{
    return results->cases.count;
}

const struct cf_results_entry *cf_results_entry(const struct cf_results *results, size_t index)
{
    return &results->entries[index];
}

const char *cf_results_case_text(const struct cf_results *results, size_t index, size_t *out_len)
{
    struct span span = results->cases.items[index];
    drop_pages(results, index);
    *out_len = span.end - span.start;
    return results->bytes + span.start;
}

void cf_results_sha256(const struct cf_results *results, char out_hex[65])
{
    cf_sha256_hex(results->bytes ? results->bytes : "", results->len, out_hex);
}

enum cf_code cf_results_case(const struct cf_results *results, size_t index,
                             struct cf_case_record *out, struct cf_err *err)
{
    struct cf_json_doc doc;
    *out = (struct cf_case_record){0};
    drop_pages(results, index);
    enum cf_code code = parse_span(results, results->cases.items[index], &doc, err);
    return code == CF_OK ? read_record(results, index, &doc, out, err) : code;
}

enum cf_code cf_results_case_but_reused(const struct cf_results *results, size_t index,
                                        struct cf_case_record *out, size_t *out_left_out,
                                        struct cf_err *err)
{
    struct span span = results->steps.items[index];
    struct cf_buf steps = {0};
    struct cf_json_doc doc;
    *out = (struct cf_case_record){0};
    drop_pages(results, index);
    *out_left_out = cf_reused_leave_out(&steps, results->bytes + span.start, span.end - span.start);
    enum cf_code code = parse_with(results, index, &steps, 0, &doc, err);
    cf_buf_release(&steps);
    return code == CF_OK ? read_record(results, index, &doc, out, err) : code;
}
