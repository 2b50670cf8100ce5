#include "cli/certify/verify_order.h"
#include "cli/certify/bundle.h"
#include "harness/base/clock.h"
#include "harness/base/intern.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>

/* Bundles are foreign: what is compared with what must not grow with the square of a number there.
 */
enum { LOOKED_BACK_MAX = 4 };

/* By pairs of cases that the plan turns round: with fewer than FEW an honest run can have turned
 * none by chance, with fewer than MANY next to none. */
enum { FEW_PAIRS = 10, MANY_PAIRS = 1000, LEAST_SHARE_OF_PLAN = 8 };

/* One repetition: by number of the case, its place in the plan and when it began. */
struct repetition {
    double *place;
    double *began; /* since 1970; 0: not known */
};

struct orders {
    struct cf_intern cases; /* ids of those that run */
    size_t count;           /* of repetitions */
    struct repetition *repetitions;
};

/* ---- gathering ---- */

static void number_cases(struct orders *orders, const struct cf_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->items[i].verdict == CF_PASS)
            cf_intern_add(&orders->cases, plan->items[i].one->id);
    }
}

static void make_room(struct orders *orders, int repeat)
{
    orders->count = (size_t)repeat;
    orders->repetitions = cf_alloc_array(orders->count + 1, sizeof(*orders->repetitions));
    for (size_t i = 0; i < orders->count; i++) {
        orders->repetitions[i].place = cf_alloc_array(orders->cases.count + 1, sizeof(double));
        orders->repetitions[i].began = cf_alloc_array(orders->cases.count + 1, sizeof(double));
    }
}

/* The repetition, and the number of the case in it; NULL for what is not in the plan. */
static struct repetition *find(struct orders *orders, const char *id, int attempt, size_t *number)
{
    bool planned = attempt >= 1 && (size_t)attempt <= orders->count &&
                   cf_intern_find(&orders->cases, id, number);
    return planned ? &orders->repetitions[attempt - 1] : NULL;
}

static void gather(struct orders *orders, const struct cf_verification *v)
{
    size_t number;
    struct repetition *of;
    number_cases(orders, &v->plan);
    make_room(orders, cf_results_info(v->results)->repeat);
    for (size_t i = 0; i < v->plan.count; i++) {
        of = find(orders, v->plan.items[i].one->id, v->plan.items[i].attempt, &number);
        if (of)
            of->place[number] = (double)(i + 1);
    }
    for (size_t i = 0; i < cf_results_count(v->results); i++) {
        const struct cf_results_entry *entry = cf_results_entry(v->results, i);
        of = find(orders, entry->id, entry->attempt, &number);
        if (of)
            of->began[number] = entry->started_ms;
    }
}

static void release(struct orders *orders)
{
    for (size_t i = 0; i < orders->count; i++) {
        free(orders->repetitions[i].place);
        free(orders->repetitions[i].began);
    }
    free(orders->repetitions);
    cf_intern_release(&orders->cases);
}

/* ---- times ---- */

static void check_times(struct cf_verification *v)
{
    const struct cf_run_info *info = cf_results_info(v->results);
    double started = 0;
    double finished = 0;
    if (!cf_clock_parse(info->started_at, &started) ||
        !cf_clock_parse(info->finished_at, &finished))
        return; /* told already */
    for (size_t i = 0; i < cf_results_count(v->results); i++) {
        const struct cf_results_entry *entry = cf_results_entry(v->results, i);
        if (entry->started_ms <= 0)
            cf_verification_find(v, "case %s, attempt %d: it does not say when it began", entry->id,
                                 entry->attempt);
        else if (entry->started_ms < started || entry->started_ms > finished)
            cf_verification_find(v, "case %s, attempt %d: it began outside of the run", entry->id,
                                 entry->attempt);
    }
}

/* ---- order ---- */

struct pairs {
    size_t turned; /* stand one way round in one, and the other way round in the other */
    size_t untold; /* are at one time in one of the two: which came first is not recorded */
};

static struct pairs compare(const double *a, const double *b, size_t count)
{
    struct pairs pairs = {0};
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            pairs.turned += (a[i] < a[k] && b[i] > b[k]) || (a[i] > a[k] && b[i] < b[k]);
            pairs.untold += a[i] == a[k] || b[i] == b[k];
        }
    }
    return pairs;
}

static bool in_one_order(size_t planned, size_t recorded)
{
    if (planned < MANY_PAIRS)
        return planned >= FEW_PAIRS && recorded == 0;
    return recorded * LEAST_SHARE_OF_PLAN < planned;
}

static void check_pair(struct cf_verification *v, const struct orders *orders, size_t a, size_t b)
{
    size_t n = orders->cases.count;
    const struct repetition *one = &orders->repetitions[a];
    const struct repetition *other = &orders->repetitions[b];
    size_t planned = compare(one->place, other->place, n).turned;
    struct pairs recorded = compare(one->began, other->began, n);
    double share = 100.0 * (double)recorded.turned / ((double)n * (double)(n - 1) / 2);
    if (share < v->order.turned)
        v->order.turned = share;
    if (in_one_order(planned, recorded.turned + recorded.untold))
        cf_verification_find(v,
                             "%s: repetitions %zu and %zu ran their cases in the same order: %zu "
                             "pairs of cases began the other way round, and the plan has %zu",
                             CF_BUNDLE_RESULTS, a + 1, b + 1, recorded.turned, planned);
}

static void check_orders(struct cf_verification *v, const struct orders *orders)
{
    v->order.cases = orders->cases.count;
    v->order.turned = 100;
    for (size_t b = 0; orders->cases.count > 1 && b < orders->count; b++) {
        for (size_t a = b > LOOKED_BACK_MAX ? b - LOOKED_BACK_MAX : 0; a < b; a++)
            check_pair(v, orders, a, b);
    }
}

void cf_verify_order(struct cf_verification *v)
{
    struct orders orders = {0};
    check_times(v);
    if (v->findings > 0)
        return; /* what is missing or there twice is in no order */
    gather(&orders, v);
    check_orders(v, &orders);
    release(&orders);
}
