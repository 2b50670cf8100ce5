/* A run held against a baseline. */
#include "harness/base/intern.h"
#include "reports/baseline.h"

#include <stdlib.h>
#include <string.h>

const char *cf_report_known_state_text(enum cf_report_known_state state)
{
    static const char *const texts[] = {"fails as known",        "passes unexpectedly",
                                        "is not there any more", "is past its date",
                                        "could not be judged",   "was not run"};
    return texts[state];
}

bool cf_report_known_state_closes(enum cf_report_known_state state)
{
    return state == CF_REPORT_KNOWN_PASSES || state == CF_REPORT_KNOWN_STALE ||
           state == CF_REPORT_KNOWN_EXPIRED;
}

/* The source's cases by id: each is there once, so its number is its index. */
static enum cf_code index_cases(const struct cf_report_source *source, struct cf_intern *out)
{
    enum cf_code code = CF_OK;
    *out = (struct cf_intern){0};
    for (size_t i = 0; code == CF_OK && i < source->case_count; i++)
        cf_intern_add(out, cf_report_entry(source, &source->cases[i])->id);
    if (code != CF_OK)
        cf_intern_release(out);
    return code;
}

static const struct cf_report_case *case_of(const struct cf_report_source *source,
                                            const struct cf_intern *ids, const char *id)
{
    size_t number;
    return cf_intern_find(ids, id, &number) ? &source->cases[number] : NULL;
}

static enum cf_report_known_state state_of(const struct cf_report_case *item)
{
    switch (item->verdict) {
    case CF_FAIL:
        return CF_REPORT_KNOWN_FAILS;
    case CF_PASS:
        return CF_REPORT_KNOWN_PASSES;
    case CF_NOT_APPLICABLE:
        return CF_REPORT_KNOWN_STALE;
    default:
        return CF_REPORT_KNOWN_OPEN;
    }
}

enum cf_code cf_report_baseline_judge(const struct cf_report_baseline *baseline,
                                      const struct cf_report_source *source, const char *today,
                                      cf_report_case_exists_fn *exists, const void *context,
                                      struct cf_report_known **out, struct cf_err *err)
{
    struct cf_intern ids;
    struct cf_report_known *known = calloc(baseline->count + 1, sizeof(*known));
    if (!known || index_cases(source, &ids) != CF_OK) {
        free(known);
        return cf_err_nomem(err);
    }
    for (size_t i = 0; i < baseline->count; i++) {
        const struct cf_report_baseline_entry *entry = &baseline->items[i];
        const struct cf_report_case *item = case_of(source, &ids, entry->id);
        known[i].entry = entry;
        if (item)
            known[i].state = state_of(item);
        else
            known[i].state =
                exists(context, entry->id) ? CF_REPORT_KNOWN_NOT_RUN : CF_REPORT_KNOWN_STALE;
        if (strcmp(entry->expires, today) < 0)
            known[i].state = CF_REPORT_KNOWN_EXPIRED;
    }
    cf_intern_release(&ids);
    *out = known;
    return CF_OK;
}

static bool known_to_fail(const struct cf_report_known *known, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (known[i].state == CF_REPORT_KNOWN_FAILS && strcmp(known[i].entry->id, id) == 0)
            return true;
    }
    return false;
}

static bool fails_unknown(const struct cf_report_source *source, const struct cf_intern *ids,
                          const struct cf_report_known *known, size_t known_count,
                          const struct cf_requirement_info *info)
{
    for (size_t c = 0; c < info->case_count; c++) {
        const struct cf_report_case *item = case_of(source, ids, info->cases[c]);
        if (item && item->verdict == CF_FAIL && !known_to_fail(known, known_count, info->cases[c]))
            return true;
    }
    return false;
}

enum cf_code cf_report_baseline_unknown_failures(const struct cf_report_source *source,
                                                 const struct cf_report_known *known,
                                                 size_t known_count, enum cf_level level,
                                                 size_t *out_count, struct cf_err *err)
{
    struct cf_intern ids;
    if (index_cases(source, &ids) != CF_OK)
        return cf_err_nomem(err);
    *out_count = 0;
    for (size_t i = 0; i < source->summary->requirement_count; i++) {
        const struct cf_requirement_info *info = &source->summary->requirements[i];
        *out_count += info->level <= level && fails_unknown(source, &ids, known, known_count, info);
    }
    cf_intern_release(&ids);
    return CF_OK;
}
