/* Which cases the user wants. */
#ifndef CF_POOL_FILTER_H
#define CF_POOL_FILTER_H

#include "harness/base/list.h"
#include "harness/case/catalogue.h"

struct cf_filter {
    const char *const *suites; /* each list: NULL-terminated, or NULL for all */
    const char *const *cases;  /* globs: * and ? */
    const char *const *requirements;
    const struct cf_list *only; /* ids; NULL: all */
    enum cf_level level;        /* that one and stricter */
    bool shuffle;
    unsigned long long seed;
    int repeat; /* attempts a case, from 1 */
    int shard;  /* 1 .. shards */
    int shards; /* 1: no sharding */
};

/* Whether its lists and its level let the case through. */
bool cf_filter_wants(const struct cf_filter *filter, const struct cf_case *one);

/* Say why nothing is let through: the first pattern that no name matches, with the nearest name.
 * Returns CF_ENOTFOUND. */
enum cf_code cf_filter_blame(const struct cf_filter *filter, const struct cf_catalogue *c,
                             struct cf_err *err);

/* Whether text matches a pattern of literal text, * and ?. */
bool cf_glob(const char *pattern, const char *text);

#endif
