#include "harness/pool/filter.h"
#include "harness/base/name.h"

#include <string.h>

bool cf_glob(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *resume = NULL;
    while (*text) {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
        } else if (*pattern == '?' || *pattern == *text) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++resume;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool any_glob(const char *const *patterns, const char *text)
{
    for (; patterns && *patterns; patterns++) {
        if (cf_glob(*patterns, text))
            return true;
    }
    return false;
}

bool cf_filter_wants(const struct cf_filter *filter, const struct cf_case *one)
{
    bool requirement = !filter->requirements;
    const char *id;
    for (size_t i = 0; !requirement && (id = cf_case_requirement_id(one, i)) != NULL; i++)
        requirement = any_glob(filter->requirements, id);
    return requirement && one->requirement->level <= filter->level &&
           (!filter->suites || any_glob(filter->suites, one->requirement->suite)) &&
           (!filter->cases || any_glob(filter->cases, one->id)) &&
           (!filter->only || cf_list_has(filter->only, one->id));
}

enum cf_code cf_filter_blame(const struct cf_filter *filter, const struct cf_catalogue *c,
                             struct cf_err *err)
{
    const char *const *const lists[] = {filter->suites, filter->cases, filter->requirements};
    for (size_t l = 0; l < 3; l++) {
        for (const char *const *p = lists[l]; p && *p; p++) {
            struct cf_nearest nearest = {0};
            bool hit = false;
            for (size_t i = 0; i < c->case_count && !hit; i++) {
                const struct cf_case *one = c->cases[i];
                const char *name = l == 0   ? one->requirement->suite
                                   : l == 1 ? one->id
                                            : one->requirement->id;
                hit = cf_glob(*p, name);
                cf_nearest_offer(&nearest, *p, name);
            }
            if (!hit)
                return cf_err_set(err, CF_ENOTFOUND,
                                  "nothing is called \"%s\"; the nearest is \"%s\"", *p,
                                  nearest.name ? nearest.name : "");
        }
    }
    return cf_err_set(err, CF_ENOTFOUND, "no case matches all filters together");
}
