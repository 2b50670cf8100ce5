#include "reports/compare.h"
#include "harness/base/intern.h"

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

static enum cf_code note_places(struct compare *compare)
{
    const struct cf_report_source *sources[] = {compare->out->after, compare->out->before};
    size_t most = sources[0]->case_count + sources[1]->case_count + 1;
    size_t **places[] = {&compare->new_at, &compare->old_at};
    for (size_t s = 0; s < 2; s++) {
        *places[s] = malloc(most * sizeof(size_t));
        if (!*places[s])
            return CF_ENOMEM;
        for (size_t i = 0; i < most; i++)
            (*places[s])[i] = nowhere;
    }
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sources[s]->case_count; i++) {
            size_t number;
            const char *id = cf_report_entry(sources[s], &sources[s]->cases[i])->id;
            number = cf_intern_add(&compare->ids, id);
            (*places[s])[number] = i;
        }
    }
    return CF_OK;
}

/* Items by change, each list in the order of ids: the new run's, then what vanished. */
static enum cf_code list_changes(struct compare *compare)
{
    struct cf_report_comparison *out = compare->out;
    out->items = malloc((compare->ids.count + 1) * sizeof(*out->items));
    if (!out->items)
        return CF_ENOMEM;
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
    return CF_OK;
}

/* ---- what is no longer checked ---- */

static enum cf_code lose(struct compare *compare, const char *id, const char *fmt, ...)
    CF_PRINTF(3, 4);
static enum cf_code lose(struct compare *compare, const char *id, const char *fmt, ...)
{
    struct cf_report_comparison *out = compare->out;
    if (out->lost_count == compare->lost_cap) {
        size_t cap = compare->lost_cap ? compare->lost_cap * 2 : 16;
        struct cf_report_lost *items = realloc(out->lost, cap * sizeof(*items));
        if (!items)
            return CF_ENOMEM;
        out->lost = items;
        compare->lost_cap = cap;
    }
    struct cf_buf text;
    va_list args;
    cf_buf_init(&text, 1 << 20);
    va_start(args, fmt);
    cf_buf_vprintf(&text, fmt, args);
    va_end(args);
    char *what = cf_buf_take(&text, NULL);
    cf_buf_release(&text);
    if (!what)
        return CF_ENOMEM;
    out->lost[out->lost_count++] = (struct cf_report_lost){id, what};
    return CF_OK;
}

static enum cf_code lost_requirements(struct compare *compare, const char *id,
                                      const struct cf_case_record *before,
                                      const struct cf_case_record *after)
{
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < before->requirement_count; i++) {
        bool kept = false;
        for (size_t k = 0; k < after->requirement_count && !kept; k++)
            kept = strcmp(before->requirements[i], after->requirements[k]) == 0;
        if (!kept)
            code = lose(compare, id, "no longer checks %.512s", before->requirements[i]);
    }
    return code;
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

static enum cf_code lost_steps(struct compare *compare, const char *id,
                               const struct cf_case_record *before,
                               const struct cf_case_record *after)
{
    if (after->checks > 0 && before->checks > after->checks)
        return lose(compare, id, "%d checks ran, now %d", before->checks, after->checks);
    for (size_t i = 0; i < before->exchange_count; i++) {
        const struct cf_exchange *exchange = &before->exchanges[i];
        if (exchange->kind == CF_EXCHANGE_TIMEOUT || exchange->step < 0 ||
            has_step(after, exchange))
            continue;
        return lose(compare, id, "step %d (%.200s) no longer runs; the last now is %d",
                    exchange->step, exchange->purpose, last_step(after));
    }
    return CF_OK;
}

static enum cf_code lost_in_case(struct compare *compare, const struct cf_report_case *old_case,
                                 const struct cf_report_case *new_case)
{
    struct cf_case_record before;
    struct cf_case_record after = {0};
    const char *id = cf_report_entry(compare->out->after, new_case)->id;
    enum cf_code code = cf_report_read(compare->out->before, old_case, &before, compare->err);
    if (code == CF_OK)
        code = cf_report_read(compare->out->after, new_case, &after, compare->err);
    bool judged_now = new_case->verdict >= CF_FAIL || new_case->verdict == CF_PASS;
    if (code == CF_OK && !judged_now)
        code = lose(compare, id, "was %s, is %s: %.1000s", cf_verdict_name(old_case->verdict),
                    cf_verdict_name(new_case->verdict), cf_record_reason(&after));
    if (code == CF_OK)
        code = lost_requirements(compare, id, &before, &after);
    /* A case that fails stops early; what it did not reach is no news. */
    if (code == CF_OK && new_case->verdict == CF_PASS)
        code = lost_steps(compare, id, &before, &after);
    cf_case_record_release(&before);
    cf_case_record_release(&after);
    return code;
}

static enum cf_code lost_in_cases(struct compare *compare)
{
    enum cf_code code = CF_OK;
    for (size_t number = 0; code == CF_OK && number < compare->ids.count; number++) {
        if (compare->old_at[number] == nowhere || compare->new_at[number] == nowhere)
            continue;
        const struct cf_report_case *old_case =
            &compare->out->before->cases[compare->old_at[number]];
        if (old_case->verdict == CF_PASS || old_case->verdict == CF_FAIL)
            code = lost_in_case(compare, old_case,
                                &compare->out->after->cases[compare->new_at[number]]);
    }
    return code;
}

/* Requirements that had a case before and have none now. */
static enum cf_code lost_catalogue(struct compare *compare)
{
    const struct cf_summary *before = compare->out->before->summary;
    const struct cf_summary *after = compare->out->after->summary;
    struct cf_intern covered = {0};
    enum cf_code code = CF_OK;
    for (size_t i = 0; i < after->requirement_count; i++) {
        if (after->requirements[i].case_count > 0)
            cf_intern_add(&covered, after->requirements[i].id);
    }
    for (size_t i = 0; code == CF_OK && i < before->requirement_count; i++) {
        const struct cf_requirement_info *info = &before->requirements[i];
        if (info->case_count > 0 && !cf_intern_find(&covered, info->id, NULL))
            code = lose(compare, info->id, "requirement: %zu case%s checked it, now none",
                        info->case_count, info->case_count == 1 ? "" : "s");
    }
    cf_intern_release(&covered);
    return code;
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
    out->same_profile = same_text(before->profile_sha256, after->profile_sha256) &&
                        cf_report_same_json(before->pics, after->pics);
}

enum cf_code cf_report_compare(struct cf_report_comparison *out,
                               const struct cf_report_source *before,
                               const struct cf_report_source *after, struct cf_err *err)
{
    struct compare compare = {.out = out, .err = err};
    *out = (struct cf_report_comparison){.before = before, .after = after};
    compare_heads(out);
    enum cf_code code = note_places(&compare);
    if (code == CF_OK)
        code = list_changes(&compare);
    if (code == CF_OK)
        code = lost_in_cases(&compare);
    if (code == CF_OK)
        code = lost_catalogue(&compare);
    free(compare.old_at);
    free(compare.new_at);
    cf_intern_release(&compare.ids);
    if (code == CF_ENOMEM)
        (void)cf_err_nomem(err);
    if (code != CF_OK)
        cf_report_comparison_release(out);
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
