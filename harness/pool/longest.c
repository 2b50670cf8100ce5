#include "harness/pool/longest.h"
#include "harness/base/mem.h"

#include <stdlib.h>

/* At least so many operations, and such a part of what each fixture of the kind will take. */
enum { LEAST = 2, PART = 4 };

struct one {
    size_t index;
    unsigned operations;
};

static const struct cf_fixture_kind *kind_of(const struct cf_pool_state *pool, size_t index)
{
    const struct cf_case *one = cf_pool_case(pool, index);
    return one->role_count > 0 ? one->roles[0].kind : NULL;
}

static bool is_to_run(const struct cf_pool_state *pool, size_t index)
{
    return pool->plan->items[index].verdict == CF_PASS &&
           pool->items[index].state == CF_ITEM_PENDING;
}

/* What each fixture of the kind will take, in operations. */
static double load_of(const struct cf_pool_state *pool, const struct cf_fixture_kind *kind)
{
    double operations = 0;
    size_t fixtures = 0;
    for (size_t i = 0; i < pool->plan->count; i++) {
        if (is_to_run(pool, i) && kind_of(pool, i) == kind)
            operations += pool->options->operations[i];
    }
    for (size_t i = 0; i < pool->profile->fixture_count; i++)
        fixtures += pool->profile->fixtures[i].kind == kind;
    return fixtures > 0 ? operations / (double)fixtures : 0;
}

/* The longest first; else in the plan's order. */
static int by_length(const void *a, const void *b)
{
    const struct one *x = a, *y = b;
    if (x->operations != y->operations)
        return x->operations > y->operations ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

void cf_longest_find(struct cf_pool_state *pool)
{
    const struct cf_fixture_kind *kind = NULL;
    double load = 0;
    if (!pool->options->operations)
        return;
    struct one *found = cf_alloc_array(pool->plan->count + 1, sizeof(*found));
    for (size_t i = 0; i < pool->plan->count; i++) {
        unsigned operations = pool->options->operations[i];
        if (operations < LEAST || !is_to_run(pool, i) || !kind_of(pool, i))
            continue;
        if (kind_of(pool, i) != kind)
            load = load_of(pool, kind = kind_of(pool, i));
        if (PART * (double)operations >= load)
            found[pool->longest_count++] = (struct one){i, operations};
    }
    qsort(found, pool->longest_count, sizeof(*found), by_length);
    pool->longest = cf_alloc_array(pool->longest_count + 1, sizeof(*pool->longest));
    for (size_t i = 0; i < pool->longest_count; i++)
        pool->longest[i] = found[i].index;
    free(found);
}
