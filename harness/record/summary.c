#include "harness/base/intern.h"
#include "harness/base/mem.h"
#include "harness/record/attempts.h"
#include "harness/record/results.h"

#include <stdlib.h>
#include <string.h>

static const size_t no_reason = (size_t)-1;

/* One case over all its attempts. */
struct tally {
    struct cf_attempts attempts;
    size_t reason; /* number in reasons, or no_reason */
    struct of_requirement {
        size_t number;
        struct cf_attempts attempts; /* what each says of it */
    } * requirements;
    size_t requirement_count;
};

struct cf_summary_index {
    struct cf_intern cases, requirements;
    /* Keys: one letter for the verdict, then the reason. */
    struct cf_intern reasons;
    struct tally *tallies; /* by number of cases */
    size_t tally_cap, requirement_cap;
};

void cf_summary_init(struct cf_summary *summary)
{
    *summary = (struct cf_summary){.verdict = "inconclusive"};
}

static void release_index(struct cf_summary_index *index)
{
    if (!index)
        return;
    for (size_t i = 0; i < index->cases.count; i++)
        free(index->tallies[i].requirements);
    free(index->tallies);
    cf_intern_release(&index->cases);
    cf_intern_release(&index->requirements);
    cf_intern_release(&index->reasons);
    free(index);
}

void cf_summary_release(struct cf_summary *summary)
{
    if (!summary)
        return;
    for (size_t i = 0; i < summary->requirement_count; i++) {
        free(summary->requirements[i].statement);
        free(summary->requirements[i].source);
        free(summary->requirements[i].cases);
    }
    free(summary->requirements);
    free(summary->reasons);
    release_index(summary->index);
    cf_summary_init(summary);
}

/* ---- adding ---- */

static void need_index(struct cf_summary *summary)
{
    if (!summary->index)
        summary->index = cf_alloc(sizeof(*summary->index));
}

static void replace_text(char **text, const char *by)
{
    char *old = *text;
    *text = cf_strdup(by);
    free(old);
}

/* The requirement's number, made with this level when it is new. */
static size_t requirement_of(struct cf_summary *summary, const char *id, enum cf_level level)
{
    struct cf_summary_index *index = summary->index;
    size_t number;
    if (cf_intern_find(&index->requirements, id, &number))
        return number;
    summary->requirements = cf_grow(summary->requirements, summary->requirement_count,
                                    &index->requirement_cap, sizeof(*summary->requirements));
    number = cf_intern_add(&index->requirements, id);
    summary->requirements[summary->requirement_count++] =
        (struct cf_requirement_info){.id = index->requirements.items[number], .level = level};
    return number;
}

void cf_summary_add_requirement(struct cf_summary *summary, const char *id, enum cf_level level,
                                const char *statement, const char *source, bool proven)
{
    need_index(summary);
    size_t number = requirement_of(summary, id, level);
    struct cf_requirement_info *info = &summary->requirements[number];
    info->level = level;
    info->proven = proven;
    replace_text(&info->statement, statement);
    replace_text(&info->source, source);
}

static struct tally *tally_of(struct cf_summary_index *index, const char *id)
{
    size_t number;
    if (!cf_intern_find(&index->cases, id, &number)) {
        index->tallies =
            cf_grow(index->tallies, index->cases.count, &index->tally_cap, sizeof(*index->tallies));
        number = cf_intern_add(&index->cases, id);
        index->tallies[number] = (struct tally){.reason = no_reason};
    }
    return &index->tallies[number];
}

static struct cf_attempts *attempts_at(struct tally *tally, size_t requirement)
{
    for (size_t i = 0; i < tally->requirement_count; i++) {
        if (tally->requirements[i].number == requirement)
            return &tally->requirements[i].attempts;
    }
    tally->requirements =
        cf_realloc(tally->requirements, tally->requirement_count + 1, sizeof(*tally->requirements));
    struct of_requirement *added = &tally->requirements[tally->requirement_count++];
    *added = (struct of_requirement){.number = requirement};
    return &added->attempts;
}

static size_t reason_of(struct cf_summary_index *index, const struct cf_results_entry *entry)
{
    if (!entry->reason)
        return no_reason;
    struct cf_buf key = {0};
    cf_buf_putc(&key, entry->verdict == CF_NOT_APPLICABLE ? 'n' : 'i');
    cf_buf_puts(&key, entry->reason);
    size_t number = cf_intern_add(&index->reasons, key.data);
    cf_buf_release(&key);
    return number;
}

void cf_summary_add_case(struct cf_summary *summary, const struct cf_results_entry *entry)
{
    need_index(summary);
    struct tally *tally = tally_of(summary->index, entry->id);
    summary->operations += (size_t)entry->operations;
    for (size_t i = 0; i < entry->requirement_count; i++) {
        size_t number = requirement_of(summary, entry->requirements[i], entry->level);
        cf_attempts_add(attempts_at(tally, number), entry->verdicts[i]);
    }
    if (cf_attempts_add(&tally->attempts, entry->verdict))
        tally->reason = reason_of(summary->index, entry);
}

/* ---- counting ---- */

static void clear_counts(struct cf_summary *summary)
{
    summary->cases_total = summary->cases_pass = summary->cases_fail = 0;
    summary->cases_inconclusive = summary->cases_error = 0;
    summary->cases_not_applicable = summary->cases_unstable = 0;
    memset(summary->levels, 0, sizeof(summary->levels));
    for (size_t i = 0; i < summary->requirement_count; i++) {
        struct cf_requirement_info *info = &summary->requirements[i];
        free(info->cases);
        info->cases = NULL;
        info->case_count = 0;
        info->verdict = CF_NOT_APPLICABLE;
        info->unstable = false;
    }
}

static void count_case(struct cf_summary *summary, const struct tally *tally)
{
    size_t *const by_verdict[] = {&summary->cases_not_applicable, &summary->cases_pass,
                                  &summary->cases_inconclusive, &summary->cases_fail,
                                  &summary->cases_error};
    summary->cases_total++;
    (*by_verdict[tally->attempts.verdict])++;
    summary->cases_unstable += cf_attempts_differ(&tally->attempts);
}

/* First the numbers of cases, so that each requirement's list is allocated once. */
static void list_cases(struct cf_summary *summary)
{
    const struct cf_summary_index *index = summary->index;
    for (size_t c = 0; c < index->cases.count; c++) {
        for (size_t i = 0; i < index->tallies[c].requirement_count; i++)
            summary->requirements[index->tallies[c].requirements[i].number].case_count++;
    }
    for (size_t i = 0; i < summary->requirement_count; i++) {
        struct cf_requirement_info *info = &summary->requirements[i];
        info->cases = cf_alloc_array(info->case_count, sizeof(char *));
        info->case_count = 0;
    }
    for (size_t c = 0; c < index->cases.count; c++) {
        const struct tally *tally = &index->tallies[c];
        for (size_t i = 0; i < tally->requirement_count; i++) {
            const struct of_requirement *of = &tally->requirements[i];
            struct cf_requirement_info *info = &summary->requirements[of->number];
            info->cases[info->case_count++] = index->cases.items[c];
            if (of->attempts.verdict > info->verdict)
                info->verdict = of->attempts.verdict;
            info->unstable = info->unstable || cf_attempts_differ(&tally->attempts);
        }
    }
}

static void count_requirement(struct cf_level_counts *counts,
                              const struct cf_requirement_info *info)
{
    counts->total++;
    counts->unstable += info->unstable;
    counts->proven += info->proven && (info->case_count == 0 || info->verdict != CF_NOT_APPLICABLE);
    if (info->case_count == 0)
        counts->not_run++;
    else if (info->verdict == CF_PASS)
        counts->passed++;
    else if (info->verdict == CF_FAIL)
        counts->failed++;
    else if (info->verdict == CF_INCONCLUSIVE)
        counts->inconclusive++;
    else if (info->verdict == CF_ERROR)
        counts->error++;
    else
        counts->not_applicable++;
}

static int by_weight(const void *a, const void *b)
{
    const struct cf_reason *left = a;
    const struct cf_reason *right = b;
    if (left->verdict != right->verdict)
        return left->verdict < right->verdict ? -1 : 1;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return strcmp(left->reason, right->reason);
}

/* A requirement counts once for each reason that its cases of its own verdict give. */
static void count_reason_levels(struct cf_summary *summary)
{
    const struct cf_summary_index *index = summary->index;
    size_t *last = cf_alloc_array(index->reasons.count, sizeof(*last));
    for (size_t i = 0; i < summary->requirement_count; i++) {
        const struct cf_requirement_info *info = &summary->requirements[i];
        for (size_t c = 0; c < info->case_count; c++) {
            size_t number = 0;
            cf_intern_find(&index->cases, info->cases[c], &number);
            const struct tally *tally = &index->tallies[number];
            if (tally->attempts.verdict != info->verdict || tally->reason == no_reason ||
                last[tally->reason] == i + 1)
                continue;
            last[tally->reason] = i + 1;
            summary->reasons[tally->reason].levels[info->level]++;
        }
    }
    free(last);
}

static void count_reasons(struct cf_summary *summary)
{
    const struct cf_summary_index *index = summary->index;
    size_t count = index->reasons.count;
    free(summary->reasons);
    summary->reason_count = 0;
    summary->reasons = cf_alloc_array(count, sizeof(*summary->reasons));
    for (size_t i = 0; i < count; i++) {
        char *key = index->reasons.items[i];
        summary->reasons[i].verdict = key[0] == 'n' ? CF_NOT_APPLICABLE : CF_INCONCLUSIVE;
        summary->reasons[i].reason = key + 1;
    }
    for (size_t c = 0; c < index->cases.count; c++) {
        if (index->tallies[c].reason != no_reason)
            summary->reasons[index->tallies[c].reason].count++;
    }
    count_reason_levels(summary);
    qsort(summary->reasons, count, sizeof(*summary->reasons), by_weight);
    /* A reason that a graver attempt replaced has no case left; those sort last in their group. */
    for (size_t i = 0; i < count; i++) {
        if (summary->reasons[i].count > 0)
            summary->reasons[summary->reason_count++] = summary->reasons[i];
    }
}

static bool must_failed(const struct cf_summary *summary)
{
    const struct cf_summary_index *index = summary->index;
    for (size_t c = 0; c < index->cases.count; c++) {
        const struct tally *tally = &index->tallies[c];
        for (size_t i = 0; i < tally->requirement_count; i++) {
            const struct of_requirement *of = &tally->requirements[i];
            if (cf_attempts_have(&of->attempts, CF_FAIL) &&
                summary->requirements[of->number].level == CF_MUST)
                return true;
        }
    }
    return false;
}

static const char *judge(const struct cf_summary *summary)
{
    if (must_failed(summary))
        return "non-conforming";
    if (summary->cases_error > 0)
        return "error";
    if (summary->levels[CF_MUST].inconclusive > 0 || summary->cases_pass + summary->cases_fail == 0)
        return "inconclusive";
    return "conforming";
}

void cf_summary_finish(struct cf_summary *summary)
{
    need_index(summary);
    const struct cf_summary_index *index = summary->index;
    clear_counts(summary);
    for (size_t c = 0; c < index->cases.count; c++)
        count_case(summary, &index->tallies[c]);
    list_cases(summary);
    count_reasons(summary);
    for (size_t i = 0; i < summary->requirement_count; i++)
        count_requirement(&summary->levels[summary->requirements[i].level],
                          &summary->requirements[i]);
    summary->verdict = judge(summary);
}
