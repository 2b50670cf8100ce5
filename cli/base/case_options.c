#include "cli/base/case_options.h"

enum { SEED_DEFAULT = 1 };
static const long long seed_max = 9007199254740991LL; /* what a JSON number holds exactly */

bool cf_filter_read(const struct cf_args *args, struct cf_filter *out)
{
    long long seed;
    const char *level = cf_text(args, "level", "observe");
    *out = (struct cf_filter){.suites = cf_texts(args, "suite"),
                              .cases = cf_texts(args, "case"),
                              .requirements = cf_texts(args, "requirement"),
                              .repeat = 1,
                              .shard = 1,
                              .shards = 1};
    if (!cf_level_parse(level, &out->level))
        return cf_refuse("--level: \"%s\" is not must, should or observe", level);
    if (!cf_number(args, "seed", 0, seed_max, SEED_DEFAULT, &seed))
        return false;
    out->seed = (unsigned long long)seed;
    return true;
}
