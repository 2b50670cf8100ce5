#include "reports/compare.h"
#include "harness/base/intern.h"
#include "harness/base/mem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const size_t nowhere = (size_t)-1;

struct compare {
    struct cf_report_comparison *out;
    /* Case ids of either run; where each stands in both sources' cases, or nowhere. */
    struct cf_intern ids;
    size_t *old_at, *new_at;
    size_t lost_cap;
    struct cf_err *err;
};

const char *cf_report_change_name(enum cf_report_change change)
{
    static const char *const names[] = {"newly-failing", "fixed",    "still-failing", "unstable",
                                        "vanished",      "appeared", "changed"};
    size_t index = (size_t)change;
    return index < CF_REPORT_CHANGE_COUNT ? names[index] : "unknown";
}

/* ---- which cases changed ---- */

static bool is_bad(enum cf_verdict verdict)
{
    return verdict == CF_FAIL || verdict == CF_ERROR;
}

/* The list that a case belongs to; false for one that stands in none. */
static bool classify(struct cf_report_compared *item)
{
    bool was_bad = item->in_old && is_bad(item->old_verdict);
    bool now_bad = item->in_new && is_bad(item->new_verdict);
    if (!item->in_new)
        item->change = CF_REPORT_VANISHED;
    else if (now_bad)
        item->change = was_bad ? CF_REPORT_STILL_FAILING : CF_REPORT_NEWLY_FAILING;
    else if (was_bad && item->new_verdict == CF_PASS)
        item->change = CF_REPORT_FIXED;
    else if (item->unstable)
        item->change = CF_REPORT_UNSTABLE;
    else if (!item->in_old)
        item->change = CF_REPORT_APPEARED;
    else if (item->old_verdict != item->new_verdict)
        item->change = CF_REPORT_CHANGED;
    else
        return false;
    return true;
}

static struct cf_report_compared describe(const struct compare *compare, size_t number)
{
    const struct cf_report_source *before = compare->out->before;
    const struct cf_report_source *after = compare->out->after;
    struct cf_report_compared item = {.in_old = compare->old_at[number] != nowhere,
                                      .in_new = compare->new_at[number] != nowhere};
    if (item.in_old) {
        const struct cf_report_case *old_case = &before->cases[compare->old_at[number]];
        item.old_verdict = old_case->verdict;
        item.id = cf_report_entry(before, old_case)->id;
        item.level = cf_report_entry(before, old_case)->level;
    }
    if (item.in_new) {
        const struct cf_report_case *new_case = &after->cases[compare->new_at[number]];
        item.new_verdict = new_case->verdict;
        item.unstable = new_case->unstable;
        item.id = cf_report_entry(after, new_case)->id;
        item.level = cf_report_entry(after, new_case)->level;
    }
    return item;
}

/* Where each source's cases stand, by the number of their id. Returns them for the caller to free.
 */
static size_t *note_cases(struct cf_intern *ids, const struct cf_report_source *source, size_t most)
{
    size_t *at = cf_alloc_array(most, sizeof(*at));
    for (size_t i = 0; i < most; i++)
        at[i] = nowhere;
    for (size_t i = 0; i < source->case_count; i++)
        at[cf_intern_add(ids, cf_report_entry(source, &source->cases[i])->id)] = i;
    return at;
}

/* Items by change, each list in the order of ids: the new run's, then what vanished. */
static void list_changes(struct compare *compare)
{
    struct cf_report_comparison *out = compare->out;
    out->items = cf_alloc_array(compare->ids.count, sizeof(*out->items));
    for (int change = 0; change < CF_REPORT_CHANGE_COUNT; change++) {
        for (size_t number = 0; number < compare->ids.count; number++) {
            struct cf_report_compared item = describe(compare, number);
            if (!classify(&item) || (int)item.change != change)
                continue;
            out->items[out->count++] = item;
            out->counts[change]++;
            out->unstable += item.unstable;
        }
    }
    out->worse = out->counts[CF_REPORT_NEWLY_FAILING] + out->counts[CF_REPORT_VANISHED] > 0;
}

/* ---- what is no longer checked ---- */

static void lose(struct compare *compare, const char *id, const char *fmt, ...) CF_PRINTF(3, 4);
static void lose(struct compare *compare, const char *id, const char *fmt, ...)
{
    struct cf_report_comparison *out = compare->out;
    struct cf_buf text = {0};
    va_list args;
    va_start(args, fmt);
    cf_buf_vprintf(&text, fmt, args);
    va_end(args);
    out->lost = cf_grow(out->lost, out->lost_count, &compare->lost_cap, sizeof(*out->lost));
    out->lost[out->lost_count++] = (struct cf_report_lost){id, cf_buf_take(&text, NULL)};
}

static void lost_requirements(struct compare *compare, const char *id,
                              const struct cf_case_record *before,
                              const struct cf_case_record *after)
{
    for (size_t i = 0; i < before->requirement_count; i++) {
        bool kept = false;
        for (size_t k = 0; k < after->requirement_count && !kept; k++)
            kept = strcmp(before->requirements[i], after->requirements[k]) == 0;
        if (!kept)
            lose(compare, id, "no longer checks %.512s", before->requirements[i]);
    }
}

/* How many of the case's own steps reached the implementation, by index of the last. */
static int last_step(const struct cf_case_record *record)
{
    int last = -1;
    for (size_t i = 0; i < record->exchange_count; i++) {
        if (record->exchanges[i].step > last)
            last = record->exchanges[i].step;
    }
    return last;
}

/* Polls come in any number, so what is compared is what a step did, not how often. */
static bool has_step(const struct cf_case_record *record, const struct cf_exchange *wanted)
{
    for (size_t i = 0; i < record->exchange_count; i++) {
        const struct cf_exchange *exchange = &record->exchanges[i];
        if (exchange->step == wanted->step && exchange->kind == wanted->kind)
            return true;
    }
    return false;
}

static void lost_steps(struct compare *compare, const char *id, const struct cf_case_record *before,
                       const struct cf_case_record *after)
{
    if (after->checks > 0 && before->checks > after->checks) {
        lose(compare, id, "%d checks ran, now %d", before->checks, after->checks);
        return;
    }
    for (size_t i = 0; i < before->exchange_count; i++) {
        const struct cf_exchange *exchange = &before->exchanges[i];
        if (exchange->kind == CF_EXCHANGE_TIMEOUT || exchange->step < 0 ||
            has_step(after, exchange))
            continue;
        lose(compare, id, "step %d (%.200s) no longer runs; the last now is %d", exchange->step,
             exchange->purpose, last_step(after));
        return;
    }
}

static void lost_in_records(struct compare *compare, const struct cf_report_case *old_case,
                            const struct cf_report_case *new_case,
                            const struct cf_case_record *before, const struct cf_case_record *after)
{
    const char *id = cf_report_entry(compare->out->after, new_case)->id;
    bool judged_now = new_case->verdict >= CF_FAIL || new_case->verdict == CF_PASS;
    if (!judged_now)
        lose(compare, id, "was %s, is %s: %.1000s", cf_verdict_name(old_case->verdict),
             cf_verdict_name(new_case->verdict), cf_record_reason(after));
    lost_requirements(compare, id, before, after);
    /* A case that fails stops early; what it did not reach is not news. */
    if (new_case->verdict == CF_PASS)
        lost_steps(compare, id, before, after);
}

static enum cf_code lost_in_case(struct compare *compare, const struct cf_report_case *old_case,
                                 const struct cf_report_case *new_case)
{
    struct cf_case_record before;
    struct cf_case_record after;
    enum cf_code code = cf_report_read(compare->out->before, old_case, &before, compare->err);
    if (code != CF_OK)
        return code;
    code = cf_report_read(compare->out->after, new_case, &after, compare->err);
    if (code == CF_OK)
        lost_in_records(compare, old_case, new_case, &before, &after);
    cf_case_record_release(&before);
    cf_case_record_release(&after);
    return code;
}

static enum cf_code lost_in_cases(struct compare *compare)
{
    const struct cf_report_comparison *out = compare->out;
    for (size_t number = 0; number < compare->ids.count; number++) {
        if (compare->old_at[number] == nowhere || compare->new_at[number] == nowhere)
            continue;
        const struct cf_report_case *old_case = &out->before->cases[compare->old_at[number]];
        if (old_case->verdict != CF_PASS && old_case->verdict != CF_FAIL)
            continue;
        enum cf_code code =
            lost_in_case(compare, old_case, &out->after->cases[compare->new_at[number]]);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

/* Requirements that had a case before and have none now. */
static void lost_catalogue(struct compare *compare)
{
    const struct cf_summary *before = compare->out->before->summary;
    const struct cf_summary *after = compare->out->after->summary;
    struct cf_intern covered = {0};
    for (size_t i = 0; i < after->requirement_count; i++) {
        if (after->requirements[i].case_count > 0)
            cf_intern_add(&covered, after->requirements[i].id);
    }
    for (size_t i = 0; i < before->requirement_count; i++) {
        const struct cf_requirement_info *info = &before->requirements[i];
        if (info->case_count > 0 && !cf_intern_find(&covered, info->id, NULL))
            lose(compare, info->id, "requirement: %zu case%s checked it, now none",
                 info->case_count, info->case_count == 1 ? "" : "s");
    }
    cf_intern_release(&covered);
}

/* ---- the runs themselves ---- */

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void compare_heads(struct cf_report_comparison *out)
{
    const struct cf_run_info *before = out->before->info;
    const struct cf_run_info *after = out->after->info;
    out->same_suite = same_text(before->suite_version, after->suite_version) &&
                      same_text(before->catalogue_sha256, after->catalogue_sha256);
    out->same_iut = cf_report_same_json(before->iut, after->iut);
    /* Results of older versions do not tell what was hidden. */
    bool same_hidden = !before->profile_hidden || !after->profile_hidden ||
                       strcmp(before->profile_hidden, after->profile_hidden) == 0;
    out->same_profile = same_text(before->profile_sha256, after->profile_sha256) && same_hidden &&
                        cf_report_same_json(before->pics, after->pics);
}

enum cf_code cf_report_compare(struct cf_report_comparison *out,
                               const struct cf_report_source *before,
                               const struct cf_report_source *after, struct cf_err *err)
{
    struct compare compare = {.out = out, .err = err};
    size_t most = before->case_count + after->case_count;
    *out = (struct cf_report_comparison){.before = before, .after = after};
    compare_heads(out);
    compare.new_at = note_cases(&compare.ids, after, most);
    compare.old_at = note_cases(&compare.ids, before, most);
    list_changes(&compare);
    enum cf_code code = lost_in_cases(&compare);
    if (code == CF_OK)
        lost_catalogue(&compare);
    else
        cf_report_comparison_release(out);
    free(compare.old_at);
    free(compare.new_at);
    cf_intern_release(&compare.ids);
    return code;
}

void cf_report_comparison_release(struct cf_report_comparison *comparison)
{
    if (!comparison)
        return;
    for (size_t i = 0; i < comparison->lost_count; i++)
        free(comparison->lost[i].what);
    free(comparison->lost);
    free(comparison->items);
    *comparison = (struct cf_report_comparison){0};
}
