/* A run held against a baseline. */
#include "harness/base/intern.h"
#include "harness/base/mem.h"
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
static struct cf_intern index_cases(const struct cf_report_source *source)
{
    struct cf_intern ids = {0};
    for (size_t i = 0; i < source->case_count; i++)
        cf_intern_add(&ids, cf_report_entry(source, &source->cases[i])->id);
    return ids;
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

struct cf_report_known *cf_report_baseline_judge(const struct cf_report_baseline *baseline,
                                                 const struct cf_report_source *source,
                                                 const char *today,
                                                 cf_report_case_exists_fn *exists,
                                                 const void *context)
{
    struct cf_intern ids = index_cases(source);
    struct cf_report_known *known = cf_alloc_array(baseline->count, sizeof(*known));
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
    return known;
}
