#include "reports/report.h"
#include "harness/base/intern.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"
#include "harness/record/attempts.h"
#include "reports/escape.h"

#include <stdlib.h>
#include <string.h>

enum { NAME_SHOWN_BYTES = 120 };

/* ---- order and attempts ---- */

/* A record with what it is sorted by. */
struct ranked {
    size_t rank; /* of its case */
    int attempt;
    size_t record;
};

static int by_rank(const void *a, const void *b)
{
    const struct ranked *left = a;
    const struct ranked *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    if (left->attempt != right->attempt)
        return left->attempt < right->attempt ? -1 : 1;
    return (left->record > right->record) - (left->record < right->record);
}

static void fill_cases(struct cf_report_source *source, const struct ranked *records)
{
    struct cf_attempts attempts = {0};
    source->case_count = 0;
    for (size_t i = 0; i < source->record_count; i++) {
        size_t record = records[i].record;
        source->order[i] = record;
        if (i == 0 || records[i].rank != records[i - 1].rank) {
            source->cases[source->case_count++] = (struct cf_report_case){.first = i};
            attempts = (struct cf_attempts){0};
        }
        struct cf_report_case *item = &source->cases[source->case_count - 1];
        if (cf_attempts_add(&attempts, cf_results_entry(source->results, record)->verdict))
            item->shown = record;
        item->attempts = attempts.count;
        item->verdict = attempts.verdict;
        item->failed = cf_attempts_have(&attempts, CF_FAIL);
        item->unstable = cf_attempts_differ(&attempts);
    }
}

static void fill_suites(struct cf_report_source *source)
{
    struct cf_intern seen = {0};
    source->suite_count = 0;
    for (size_t i = 0; i < source->case_count; i++) {
        const char *suite = cf_report_entry(source, &source->cases[i])->suite;
        if (cf_intern_add(&seen, suite) == source->suite_count)
            source->suites[source->suite_count++] = suite;
    }
    cf_intern_release(&seen);
}

/* Ids of ranks come first in set; every other id gets the next rank when it is met. */
static void arrange(struct cf_report_source *source, struct cf_intern *ranks)
{
    struct ranked *records = cf_alloc_array(source->record_count, sizeof(*records));
    for (size_t i = 0; i < source->record_count; i++) {
        const struct cf_results_entry *entry = cf_results_entry(source->results, i);
        records[i] = (struct ranked){cf_intern_add(ranks, entry->id), entry->attempt, i};
    }
    qsort(records, source->record_count, sizeof(*records), by_rank);
    fill_cases(source, records);
    fill_suites(source);
    free(records);
}

void cf_report_source_init(struct cf_report_source *source, const struct cf_results *results)
{
    struct cf_intern ranks = {0};
    size_t count = cf_results_count(results);
    *source = (struct cf_report_source){.results = results,
                                        .info = cf_results_info(results),
                                        .summary = cf_results_summary(results),
                                        .record_count = count};
    source->order = cf_alloc_array(count, sizeof(*source->order));
    source->cases = cf_alloc_array(count, sizeof(*source->cases));
    source->suites = cf_alloc_array(count, sizeof(*source->suites));
    arrange(source, &ranks);
    cf_intern_release(&ranks);
}

void cf_report_source_release(struct cf_report_source *source)
{
    if (!source)
        return;
    free(source->order);
    free(source->cases);
    free(source->suites);
    *source = (struct cf_report_source){0};
}

void cf_report_source_order(struct cf_report_source *source, const char *const *ids, size_t count)
{
    struct cf_intern ranks = {0};
    for (size_t i = 0; i < count; i++)
        cf_intern_add(&ranks, ids[i]);
    arrange(source, &ranks);
    cf_intern_release(&ranks);
}

/* ---- one case ---- */

enum cf_code cf_report_read(const struct cf_report_source *source,
                            const struct cf_report_case *item, struct cf_case_record *out,
                            struct cf_err *err)
{
    return cf_results_case(source->results, item->shown, out, err);
}

enum cf_code cf_report_read_but_reused(const struct cf_report_source *source,
                                       const struct cf_report_case *item,
                                       struct cf_case_record *out, size_t *out_left_out,
                                       struct cf_err *err)
{
    return cf_results_case_but_reused(source->results, item->shown, out, out_left_out, err);
}

enum cf_code cf_report_read_head(const struct cf_report_source *source,
                                 const struct cf_report_case *item, struct cf_case_record *out,
                                 struct cf_err *err)
{
    return cf_results_head(source->results, item->shown, out, err);
}

const struct cf_results_entry *cf_report_entry(const struct cf_report_source *source,
                                               const struct cf_report_case *item)
{
    return cf_results_entry(source->results, item->shown);
}

const struct cf_report_cause *cf_report_cause_of(const struct cf_report_source *source,
                                                 const char *id)
{
    for (size_t i = 0; i < source->cause_count; i++) {
        for (size_t k = 0; k < source->causes[i].case_count; k++) {
            if (strcmp(source->causes[i].cases[k], id) == 0)
                return &source->causes[i];
        }
    }
    return NULL;
}

/* ---- what was verified ---- */

void cf_report_put_level(struct cf_buf *out, const struct cf_summary *summary, enum cf_level level)
{
    static const char *const names[] = {"MUST", "SHOULD", "OBSERVE"};
    const struct cf_level_counts *n = &summary->levels[level];
    size_t applicable = n->total - n->not_applicable;
    size_t proven = summary->levels[CF_MUST].proven + summary->levels[CF_SHOULD].proven;
    cf_buf_printf(out, "%s %zu/%zu %s", names[level], n->passed, applicable,
                  level == CF_OBSERVE ? "observed" : "verified");
    /* A matrix that is not of these cases says nothing of any. */
    if (level != CF_OBSERVE && proven > 0)
        cf_buf_printf(out, ", %zu/%zu proven able to fail", n->proven, applicable);
    cf_buf_printf(out, ", %zu failed, %zu inconclusive", n->failed, n->inconclusive);
    cf_buf_printf(out, ", %zu not applicable", n->not_applicable);
    if (n->error)
        cf_buf_printf(out, ", %zu in error", n->error);
    if (n->unstable)
        cf_buf_printf(out, ", %zu unstable", n->unstable);
    if (n->not_run)
        cf_buf_printf(out, ", %zu not run", n->not_run);
}

void cf_report_put_operations(struct cf_buf *out, const struct cf_report_source *source)
{
    size_t count = source->summary->operations + source->info->operations_besides;
    if (count > 0)
        cf_buf_printf(out, "; %zu operation%s", count, count == 1 ? "" : "s");
}

bool cf_report_put_out_of_sight(struct cf_buf *out, const struct cf_run_info *info)
{
    const struct cf_list *names = &info->out_of_sight;
    for (size_t i = 0; i < names->count; i++) {
        cf_buf_puts(out, i > 0 ? ", " : "");
        cf_report_escape_terminal(out, names->items[i], strlen(names->items[i]), NAME_SHOWN_BYTES);
    }
    return names->count > 0;
}

void cf_report_put_headline(struct cf_buf *out, const struct cf_report_source *source)
{
    if (!source->info->complete)
        cf_buf_puts(out, "INCOMPLETE RUN: ");
    for (int level = CF_MUST; level <= CF_OBSERVE; level++) {
        if (level != CF_MUST)
            cf_buf_puts(out, "; ");
        cf_report_put_level(out, source->summary, (enum cf_level)level);
    }
    if (source->info->out_of_sight.count > 0)
        cf_buf_puts(out, "; out of sight: ");
    cf_report_put_out_of_sight(out, source->info);
}

void cf_report_put_iut(struct cf_buf *out, const struct cf_report_source *source)
{
    struct cf_json_doc doc = {0};
    const char *text = source->info->iut;
    if (!text || cf_json_parse(&doc, "iut", text, strlen(text), 0, NULL) != CF_OK)
        doc.root = NULL;
    const char *name = cf_json_text(doc.root, "name", "the implementation");
    const char *version = cf_json_text(doc.root, "version", "");
    cf_report_escape_terminal(out, name, strlen(name), NAME_SHOWN_BYTES);
    if (*version != '\0') {
        cf_buf_putc(out, ' ');
        cf_report_escape_terminal(out, version, strlen(version), NAME_SHOWN_BYTES);
    }
    cf_json_release(&doc);
}

bool cf_report_same_json(const char *a, const char *b)
{
    struct cf_json_doc left = {0};
    struct cf_json_doc right = {0};
    if (!a || !b)
        return a == b;
    bool same = cf_json_parse(&left, "", a, strlen(a), 0, NULL) == CF_OK &&
                cf_json_parse(&right, "", b, strlen(b), 0, NULL) == CF_OK &&
                cf_json_equal(left.root, right.root);
    cf_json_release(&left);
    cf_json_release(&right);
    return same;
}

/* ---- reasons ---- */

struct member {
    size_t reason; /* its rank in the summary */
    size_t item;
};

static int by_reason(const void *a, const void *b)
{
    const struct member *left = a;
    const struct member *right = b;
    if (left->reason != right->reason)
        return left->reason < right->reason ? -1 : 1;
    return (left->item > right->item) - (left->item < right->item);
}

/* The cases of that verdict, side by side by reason; returns how many. */
static size_t collect(const struct cf_report_source *source, enum cf_verdict verdict,
                      struct member *members)
{
    const struct cf_summary *summary = source->summary;
    struct cf_intern ranks = {0};
    size_t count = 0;
    for (size_t i = 0; i < summary->reason_count; i++) {
        if (summary->reasons[i].verdict == verdict)
            cf_intern_add(&ranks, summary->reasons[i].reason);
    }
    for (size_t i = 0; i < source->case_count; i++) {
        const struct cf_report_case *item = &source->cases[i];
        if (item->verdict == verdict)
            members[count++] =
                (struct member){cf_intern_add(&ranks, cf_report_entry(source, item)->reason), i};
    }
    cf_intern_release(&ranks);
    qsort(members, count, sizeof(*members), by_reason);
    return count;
}

void cf_report_group(const struct cf_report_source *source, enum cf_verdict verdict,
                     struct cf_report_groups *out)
{
    struct member *members = cf_alloc_array(source->case_count, sizeof(*members));
    size_t count = collect(source, verdict, members);
    *out = (struct cf_report_groups){.cases = cf_alloc_array(count, sizeof(*out->cases)),
                                     .items = cf_alloc_array(count, sizeof(*out->items))};
    for (size_t i = 0; i < count; i++) {
        out->cases[i] = members[i].item;
        if (i == 0 || members[i].reason != members[i - 1].reason) {
            const struct cf_report_case *item = &source->cases[members[i].item];
            out->items[out->count++] = (struct cf_report_group){
                .reason = cf_report_entry(source, item)->reason, .cases = &out->cases[i]};
        }
        out->items[out->count - 1].count++;
    }
    free(members);
}

void cf_report_groups_release(struct cf_report_groups *groups)
{
    if (!groups)
        return;
    free(groups->items);
    free(groups->cases);
    *groups = (struct cf_report_groups){0};
}
