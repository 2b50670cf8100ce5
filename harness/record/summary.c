#include "harness/base/intern.h"
#include "harness/record/results.h"

#include <stdlib.h>
#include <string.h>

static const size_t no_reason = (size_t)-1;

/* One case over all its attempts. */
struct tally {
    enum cf_verdict verdict; /* gravest */
    unsigned seen;           /* set of verdicts, one bit each */
    size_t reason;           /* number in reasons, or no_reason */
    size_t *requirements;    /* numbers */
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
    for (size_t i = 0; index->tallies && i < index->cases.count; i++)
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

static enum cf_code need_index(struct cf_summary *summary)
{
    if (!summary->index)
        summary->index = calloc(1, sizeof(*summary->index));
    return summary->index ? CF_OK : CF_ENOMEM;
}

static enum cf_code copy_text(char **out, const char *text)
{
    char *copy = text ? strdup(text) : NULL;
    if (text && !copy)
        return CF_ENOMEM;
    free(*out);
    *out = copy;
    return CF_OK;
}

/* The requirement's number, made with this level when it is new. */
static enum cf_code requirement_of(struct cf_summary *summary, const char *id, enum cf_level level,
                                   size_t *out_number)
{
    struct cf_summary_index *index = summary->index;
    if (cf_intern_find(&index->requirements, id, out_number))
        return CF_OK;
    if (summary->requirement_count == index->requirement_cap) {
        size_t cap = index->requirement_cap ? index->requirement_cap * 2 : 64;
        struct cf_requirement_info *items =
            realloc(summary->requirements, cap * sizeof(*summary->requirements));
        if (!items)
            return CF_ENOMEM;
        summary->requirements = items;
        index->requirement_cap = cap;
    }
    enum cf_code code = cf_intern_add(&index->requirements, id, out_number);
    if (code != CF_OK)
        return code;
    summary->requirements[summary->requirement_count++] =
        (struct cf_requirement_info){.id = index->requirements.items[*out_number], .level = level};
    return CF_OK;
}

enum cf_code cf_summary_add_requirement(struct cf_summary *summary, const char *id,
                                        enum cf_level level, const char *statement,
                                        const char *source, bool proven)
{
    size_t number;
    enum cf_code code = need_index(summary);
    if (code == CF_OK)
        code = requirement_of(summary, id, level, &number);
    if (code != CF_OK)
        return code;
    struct cf_requirement_info *info = &summary->requirements[number];
    info->level = level;
    info->proven = proven;
    code = copy_text(&info->statement, statement);
    return code == CF_OK ? copy_text(&info->source, source) : code;
}

static enum cf_code tally_of(struct cf_summary_index *index, const char *id,
                             struct tally **out_tally)
{
    size_t number;
    if (!cf_intern_find(&index->cases, id, &number)) {
        if (index->cases.count == index->tally_cap) {
            size_t cap = index->tally_cap ? index->tally_cap * 2 : 64;
            struct tally *items = realloc(index->tallies, cap * sizeof(*items));
            if (!items)
                return CF_ENOMEM;
            index->tallies = items;
            index->tally_cap = cap;
        }
        enum cf_code code = cf_intern_add(&index->cases, id, &number);
        if (code != CF_OK)
            return code;
        index->tallies[number] = (struct tally){.reason = no_reason};
    }
    *out_tally = &index->tallies[number];
    return CF_OK;
}

static enum cf_code add_to_tally(struct tally *tally, size_t requirement)
{
    for (size_t i = 0; i < tally->requirement_count; i++) {
        if (tally->requirements[i] == requirement)
            return CF_OK;
    }
    size_t *items = realloc(tally->requirements, (tally->requirement_count + 1) * sizeof(*items));
    if (!items)
        return CF_ENOMEM;
    tally->requirements = items;
    items[tally->requirement_count++] = requirement;
    return CF_OK;
}

static enum cf_code note_reason(struct cf_summary_index *index, struct tally *tally,
                                const struct cf_case_record *record)
{
    tally->reason = no_reason;
    if (record->verdict != CF_NOT_APPLICABLE && record->verdict != CF_INCONCLUSIVE)
        return CF_OK;
    const char *text = cf_record_reason(record);
    size_t size = strlen(text) + 2;
    char *key = malloc(size);
    if (!key)
        return CF_ENOMEM;
    key[0] = record->verdict == CF_NOT_APPLICABLE ? 'n' : 'i';
    memcpy(key + 1, text, size - 1);
    enum cf_code code = cf_intern_add(&index->reasons, key, &tally->reason);
    free(key);
    return code;
}

enum cf_code cf_summary_add_case(struct cf_summary *summary, const struct cf_case_record *record)
{
    struct tally *tally = NULL;
    enum cf_code code = need_index(summary);
    if (code == CF_OK)
        code = tally_of(summary->index, record->id, &tally);
    for (size_t i = 0; code == CF_OK && i < record->requirement_count; i++) {
        size_t number;
        code = requirement_of(summary, record->requirements[i], record->level, &number);
        if (code == CF_OK)
            code = add_to_tally(tally, number);
    }
    if (code == CF_OK && (tally->seen == 0 || record->verdict > tally->verdict)) {
        tally->verdict = record->verdict;
        code = note_reason(summary->index, tally, record);
    }
    if (code == CF_OK)
        tally->seen |= 1u << record->verdict;
    return code;
}

/* ---- counting ---- */

static bool differ(const struct tally *tally)
{
    return (tally->seen & (tally->seen - 1)) != 0;
}

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
    (*by_verdict[tally->verdict])++;
    summary->cases_unstable += differ(tally);
}

/* First the numbers of cases, so that each requirement's list is allocated once. */
static enum cf_code list_cases(struct cf_summary *summary)
{
    const struct cf_summary_index *index = summary->index;
    for (size_t c = 0; c < index->cases.count; c++) {
        for (size_t i = 0; i < index->tallies[c].requirement_count; i++)
            summary->requirements[index->tallies[c].requirements[i]].case_count++;
    }
    for (size_t i = 0; i < summary->requirement_count; i++) {
        struct cf_requirement_info *info = &summary->requirements[i];
        info->cases = info->case_count ? malloc(info->case_count * sizeof(char *)) : NULL;
        if (info->case_count && !info->cases)
            return CF_ENOMEM;
        info->case_count = 0;
    }
    for (size_t c = 0; c < index->cases.count; c++) {
        const struct tally *tally = &index->tallies[c];
        for (size_t i = 0; i < tally->requirement_count; i++) {
            struct cf_requirement_info *info = &summary->requirements[tally->requirements[i]];
            info->cases[info->case_count++] = index->cases.items[c];
            if (tally->verdict > info->verdict)
                info->verdict = tally->verdict;
            info->unstable = info->unstable || differ(tally);
        }
    }
    return CF_OK;
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
static enum cf_code count_reason_levels(struct cf_summary *summary)
{
    const struct cf_summary_index *index = summary->index;
    size_t *last = calloc(index->reasons.count ? index->reasons.count : 1, sizeof(*last));
    if (!last)
        return CF_ENOMEM;
    for (size_t i = 0; i < summary->requirement_count; i++) {
        const struct cf_requirement_info *info = &summary->requirements[i];
        for (size_t c = 0; c < info->case_count; c++) {
            size_t number = 0;
            (void)cf_intern_find(&index->cases, info->cases[c], &number);
            const struct tally *tally = &index->tallies[number];
            if (tally->verdict != info->verdict || tally->reason == no_reason ||
                last[tally->reason] == i + 1)
                continue;
            last[tally->reason] = i + 1;
            summary->reasons[tally->reason].levels[info->level]++;
        }
    }
    free(last);
    return CF_OK;
}

static enum cf_code count_reasons(struct cf_summary *summary)
{
    const struct cf_summary_index *index = summary->index;
    size_t count = index->reasons.count;
    free(summary->reasons);
    summary->reason_count = 0;
    summary->reasons = calloc(count ? count : 1, sizeof(*summary->reasons));
    if (!summary->reasons)
        return CF_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        char *key = index->reasons.items[i];
        summary->reasons[i].verdict = key[0] == 'n' ? CF_NOT_APPLICABLE : CF_INCONCLUSIVE;
        summary->reasons[i].reason = key + 1;
    }
    for (size_t c = 0; c < index->cases.count; c++) {
        if (index->tallies[c].reason != no_reason)
            summary->reasons[index->tallies[c].reason].count++;
    }
    enum cf_code code = count_reason_levels(summary);
    if (code != CF_OK)
        return code;
    qsort(summary->reasons, count, sizeof(*summary->reasons), by_weight);
    /* A reason that a graver attempt replaced has no case left; those sort last in their group. */
    for (size_t i = 0; i < count; i++) {
        if (summary->reasons[i].count > 0)
            summary->reasons[summary->reason_count++] = summary->reasons[i];
    }
    return CF_OK;
}

static bool must_failed(const struct cf_summary *summary)
{
    const struct cf_summary_index *index = summary->index;
    for (size_t c = 0; c < index->cases.count; c++) {
        const struct tally *tally = &index->tallies[c];
        if (!(tally->seen & 1u << CF_FAIL))
            continue;
        for (size_t i = 0; i < tally->requirement_count; i++) {
            if (summary->requirements[tally->requirements[i]].level == CF_MUST)
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

enum cf_code cf_summary_finish(struct cf_summary *summary)
{
    enum cf_code code = need_index(summary);
    if (code != CF_OK)
        return code;
    const struct cf_summary_index *index = summary->index;
    clear_counts(summary);
    for (size_t c = 0; c < index->cases.count; c++)
        count_case(summary, &index->tallies[c]);
    code = list_cases(summary);
    if (code == CF_OK)
        code = count_reasons(summary);
    if (code != CF_OK)
        return code;
    for (size_t i = 0; i < summary->requirement_count; i++)
        count_requirement(&summary->levels[summary->requirements[i].level],
                          &summary->requirements[i]);
    summary->verdict = judge(summary);
    return CF_OK;
}
