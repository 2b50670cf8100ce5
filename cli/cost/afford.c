#include "cli/cost/afford.h"
#include "harness/base/digest.h"
#include "harness/base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS_MAX = 16, HALVINGS_MAX = 40, ROUNDS = 2 };

/* What a case can show: a bug of the matrix that it catches, or a requirement that it judges. */
struct goal {
    bool must, bug;
    bool reachable; /* some case of the plan shows it */
    unsigned times; /* chosen cases that show it */
};

struct candidate {
    const struct cf_case *one; /* NULL: not in the plan, or not to be run */
    bool chosen;
    unsigned cost; /* by itself */
    unsigned paid; /* of it, where it is chosen: nothing where it shares */
    size_t *goals;
    size_t goal_count, goal_cap;
    struct candidate *control; /* NULL without */
    struct candidate *shares;  /* whose operations it shares where that is chosen; NULL: nobody's */
    struct candidate **leaning; /* cases that cost nothing more where this one is chosen */
    size_t leaning_count, leaning_cap;
    uint32_t luck; /* of the seed: the smaller comes first among equals */
};

enum step { STEP_MUSTS, STEP_ALL, STEP_AGAIN, STEP_REST };

struct shop {
    const struct cf_budget *budget;
    const struct cf_profile *profile;
    struct goal *goals;
    size_t goal_count;
    struct candidate *candidates; /* by index of the catalogue's cases */
    size_t candidate_count;
    size_t operations;
    struct {
        const struct cf_fixture_kind *kind;
        size_t fixtures, operations;
    } kinds[KINDS_MAX];
    size_t kind_count;
};

/* ---- what there is to choose from ---- */

static void add_goal(struct shop *shop, struct candidate *candidate, size_t goal)
{
    candidate->goals = cf_grow(candidate->goals, candidate->goal_count, &candidate->goal_cap,
                               sizeof(*candidate->goals));
    candidate->goals[candidate->goal_count++] = goal;
    shop->goals[goal].reachable = true;
}

static void add_bugs(struct shop *shop, const struct cf_costs *costs)
{
    const struct cf_kill_matrix *matrix = &costs->matrix;
    size_t *mine = cf_alloc_array(matrix->case_count + 1, sizeof(*mine));
    for (size_t i = 0; i < shop->candidate_count; i++) {
        if (costs->in_matrix[i] != CF_COSTS_NONE)
            mine[costs->in_matrix[i]] = i + 1;
    }
    for (size_t r = 0; r < matrix->row_count; r++) {
        const struct cf_kill_matrix_row *row = &matrix->rows[r];
        shop->goals[r] = (struct goal){.must = row->level == CF_MUST, .bug = true};
        for (size_t t = 0; t < row->traces.count; t++) {
            const struct cf_trace *trace = &row->traces.items[t];
            size_t at = mine[trace->case_index];
            if (trace->failed && at > 0 && shop->candidates[at - 1].one)
                add_goal(shop, &shop->candidates[at - 1], r);
        }
    }
    free(mine);
}

static void add_requirements(struct shop *shop, const struct cf_catalogue *catalogue, size_t first)
{
    for (size_t r = 0; r < catalogue->requirement_count; r++) {
        const struct cf_requirement *requirement = catalogue->requirements[r];
        shop->goals[first + r] = (struct goal){.must = requirement->level == CF_MUST};
        for (size_t i = 0; i < shop->candidate_count; i++) {
            struct candidate *candidate = &shop->candidates[i];
            if (candidate->one && cf_case_checks(candidate->one, requirement->id))
                add_goal(shop, candidate, first + r);
        }
    }
}

static uint32_t luck_of(unsigned long long seed, const char *id)
{
    struct cf_random random;
    struct cf_buf name = {0};
    cf_buf_printf(&name, "afford/%llu/%s", seed, id);
    cf_random_init(&random, cf_buf_text(&name));
    cf_buf_release(&name);
    return cf_random_u32(&random);
}

static void add_candidates(struct shop *shop, const struct cf_plan *plan,
                           const struct cf_costs *costs)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_case *one = plan->items[i].one;
        struct candidate *candidate = &shop->candidates[one->index];
        if (plan->items[i].verdict != CF_PASS)
            continue;
        candidate->one = one;
        candidate->cost = costs->of[one->index].operations;
        candidate->luck = luck_of(shop->budget->seed, one->id);
    }
}

/* The candidate of that id; NULL where it is not to be run, or there is no such (id NULL too). */
static struct candidate *candidate_of(struct shop *shop, const struct cf_catalogue *catalogue,
                                      const char *id)
{
    const struct cf_case *one = id ? cf_catalogue_case(catalogue, id) : NULL;
    return one && shop->candidates[one->index].one ? &shop->candidates[one->index] : NULL;
}

static void lean(struct candidate *candidate, struct candidate *on)
{
    on->leaning = cf_grow(on->leaning, on->leaning_count, &on->leaning_cap, sizeof(*on->leaning));
    on->leaning[on->leaning_count++] = candidate;
}

/* A control that is not to be run keeps nothing back here: the plan says what becomes of it. */
static void link_others(struct shop *shop, const struct cf_catalogue *catalogue)
{
    for (size_t i = 0; i < shop->candidate_count; i++) {
        struct candidate *candidate = &shop->candidates[i];
        if (!candidate->one)
            continue;
        candidate->control = candidate_of(shop, catalogue, candidate->one->control);
        candidate->shares = candidate_of(shop, catalogue, candidate->one->shares);
        if (candidate->control && candidate->cost == 0)
            lean(candidate, candidate->control);
        if (candidate->shares)
            lean(candidate, candidate->shares);
    }
}

static void count_kinds(struct shop *shop)
{
    const struct cf_profile *profile = shop->profile;
    for (size_t i = 0; i < profile->fixture_count; i++) {
        size_t k = 0;
        while (k < shop->kind_count && shop->kinds[k].kind != profile->fixtures[i].kind)
            k++;
        if (k == KINDS_MAX)
            continue;
        shop->kinds[k].kind = profile->fixtures[i].kind;
        shop->kinds[k].fixtures++;
        shop->kind_count = k < shop->kind_count ? shop->kind_count : k + 1;
    }
}

/* ---- is there money for it? ---- */

static size_t *operations_on(struct shop *shop, const struct candidate *candidate, size_t *fixtures)
{
    for (size_t k = 0; candidate->one->role_count > 0 && k < shop->kind_count; k++) {
        *fixtures = shop->kinds[k].fixtures;
        if (shop->kinds[k].kind == candidate->one->roles[0].kind)
            return &shop->kinds[k].operations;
    }
    return NULL;
}

static bool in_time(struct shop *shop, const struct candidate *candidate, size_t more)
{
    size_t fixtures = 0;
    const size_t *on = operations_on(shop, candidate, &fixtures);
    size_t operations = (on ? *on : 0) + more;
    /* One operation goes before all of them, and one after. */
    double left = shop->budget->ms - 2 * (double)shop->profile->operation_ms;
    return !on || fixtures == 0 ||
           (double)operations * (double)shop->budget->repeat *
                   (double)shop->profile->operation_ms <=
               left * (double)fixtures;
}

/* Its own operations; none where it shares those of another, which is chosen or is (coming). */
static unsigned own_price(const struct candidate *candidate, const struct candidate *coming)
{
    const struct candidate *shares = candidate->shares;
    return shares && (shares->chosen || shares == coming) ? 0 : candidate->cost;
}

/* With its control, where that is not chosen yet. */
static size_t price_of(const struct candidate *candidate)
{
    const struct candidate *control = candidate->control;
    bool more = control && !control->chosen;
    return own_price(candidate, control) + (more ? own_price(control, candidate) : 0);
}

static bool affordable(struct shop *shop, const struct candidate *candidate)
{
    size_t more = price_of(candidate);
    long long all = (long long)(shop->operations + more) * shop->budget->repeat;
    all += all > 0 ? CF_COST_TO_LOOK_FIRST : 0;
    return (shop->budget->operations < 0 || all <= shop->budget->operations) &&
           (shop->budget->ms < 0 || more == 0 || in_time(shop, candidate, more));
}

/* ---- choosing ---- */

static void pay(struct shop *shop, struct candidate *candidate, unsigned price)
{
    size_t fixtures;
    size_t *on = operations_on(shop, candidate, &fixtures);
    shop->operations += price;
    shop->operations -= candidate->paid;
    if (on)
        *on = *on + price - candidate->paid;
    candidate->paid = price;
}

static void take_one(struct shop *shop, struct candidate *candidate)
{
    pay(shop, candidate, own_price(candidate, NULL));
    candidate->chosen = true;
    for (size_t i = 0; i < candidate->goal_count; i++)
        shop->goals[candidate->goals[i]].times++;
    for (size_t i = 0; i < candidate->leaning_count; i++) {
        struct candidate *leaning = candidate->leaning[i];
        if (leaning->chosen)
            pay(shop, leaning, own_price(leaning, NULL));
    }
}

/* With its control, and with what costs nothing more then. */
static void take(struct shop *shop, struct candidate *candidate)
{
    if (candidate->chosen)
        return;
    if (candidate->control)
        take(shop, candidate->control);
    if (!candidate->chosen)
        take_one(shop, candidate);
    for (size_t i = 0; i < candidate->leaning_count; i++) {
        if (!candidate->leaning[i]->chosen && price_of(candidate->leaning[i]) == 0)
            take(shop, candidate->leaning[i]);
    }
}

static double worth_of_goal(const struct goal *goal, enum step step)
{
    if (step == STEP_AGAIN) {
        unsigned halvings = goal->times < HALVINGS_MAX ? goal->times : HALVINGS_MAX;
        return goal->bug ? 1.0 / (double)(1ULL << halvings) : 0;
    }
    if (goal->times > 0 || (step == STEP_MUSTS && !goal->must))
        return 0;
    return goal->bug || goal->must ? 1 : 0.25;
}

/* A goal that two cases of the bundle show counts once: *seen has the number of the last bundle. */
static double worth_of_case(const struct shop *shop, const struct candidate *candidate,
                            enum step step, size_t *seen, size_t bundle)
{
    double worth = 0;
    for (size_t i = 0; !candidate->chosen && i < candidate->goal_count; i++) {
        size_t goal = candidate->goals[i];
        if (seen[goal] != bundle)
            worth += worth_of_goal(&shop->goals[goal], step);
        seen[goal] = bundle;
    }
    return worth;
}

static double worth_with_leaning(const struct shop *shop, const struct candidate *candidate,
                                 enum step step, size_t *seen, size_t bundle)
{
    double worth = worth_of_case(shop, candidate, step, seen, bundle);
    for (size_t i = 0; !candidate->chosen && i < candidate->leaning_count; i++)
        worth += worth_of_case(shop, candidate->leaning[i], step, seen, bundle);
    return worth;
}

static double worth_of(const struct shop *shop, const struct candidate *candidate, enum step step,
                       size_t *seen, size_t bundle)
{
    double worth = worth_with_leaning(shop, candidate, step, seen, bundle);
    if (candidate->control)
        worth += worth_with_leaning(shop, candidate->control, step, seen, bundle);
    return worth;
}

static struct candidate *best_of(struct shop *shop, enum step step, size_t *seen, size_t *bundle)
{
    struct candidate *best = NULL;
    double best_rate = 0;
    for (size_t i = 0; i < shop->candidate_count; i++) {
        struct candidate *candidate = &shop->candidates[i];
        if (!candidate->one || candidate->chosen || !affordable(shop, candidate))
            continue;
        double worth = step == STEP_REST ? 1 : worth_of(shop, candidate, step, seen, ++*bundle);
        size_t price = price_of(candidate);
        double rate = worth / (double)(price > 0 ? price : 1);
        if (worth <= 0 || rate < best_rate)
            continue;
        if (rate > best_rate || candidate->luck < best->luck)
            best = candidate;
        best_rate = rate;
    }
    return best;
}

static void take_what_is_free(struct shop *shop)
{
    for (size_t i = 0; i < shop->candidate_count; i++) {
        struct candidate *candidate = &shop->candidates[i];
        if (candidate->one && !candidate->chosen && price_of(candidate) == 0)
            take(shop, candidate);
    }
}

/* ---- giving back ---- */

static bool is_leant_on(const struct shop *shop, const struct candidate *candidate)
{
    for (size_t i = 0; i < shop->candidate_count; i++) {
        const struct candidate *other = &shop->candidates[i];
        if (other->chosen && (other->control == candidate || other->shares == candidate))
            return true;
    }
    return false;
}

static bool is_needed(const struct shop *shop, const struct candidate *candidate)
{
    for (size_t i = 0; i < candidate->goal_count; i++) {
        if (shop->goals[candidate->goals[i]].times < 2)
            return true;
    }
    return is_leant_on(shop, candidate);
}

/* What was chosen early may show nothing any more that later choices do not show as well. */
static void give_back(struct shop *shop)
{
    for (size_t i = shop->candidate_count; i-- > 0;) {
        struct candidate *candidate = &shop->candidates[i];
        if (!candidate->chosen || candidate->paid == 0 || is_needed(shop, candidate))
            continue;
        candidate->chosen = false;
        pay(shop, candidate, 0);
        for (size_t g = 0; g < candidate->goal_count; g++)
            shop->goals[candidate->goals[g]].times--;
    }
}

static void buy(struct shop *shop, enum step step, size_t *seen, size_t *bundle)
{
    struct candidate *next;
    while ((next = best_of(shop, step, seen, bundle)) != NULL)
        take(shop, next);
}

static void spend(struct shop *shop)
{
    size_t bundle = 0;
    size_t *seen = cf_alloc_array(shop->goal_count + 1, sizeof(*seen));
    take_what_is_free(shop);
    for (int round = 0; round < ROUNDS; round++) {
        buy(shop, STEP_MUSTS, seen, &bundle);
        buy(shop, STEP_ALL, seen, &bundle);
        give_back(shop);
    }
    buy(shop, STEP_MUSTS, seen, &bundle);
    buy(shop, STEP_ALL, seen, &bundle);
    buy(shop, STEP_AGAIN, seen, &bundle);
    buy(shop, STEP_REST, seen, &bundle);
    free(seen);
}

/* ---- the whole ---- */

static void tell(const struct shop *shop, const struct cf_plan *plan, struct cf_afforded *out)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_case *one = plan->items[i].one;
        const struct candidate *candidate = &shop->candidates[one->index];
        bool left_out = candidate->one && !candidate->chosen;
        cf_list_add(left_out ? &out->left_out : &out->cases, one->id);
    }
    for (size_t i = 0; i < shop->goal_count; i++) {
        const struct goal *goal = &shop->goals[i];
        bool reached = goal->times > 0;
        out->bugs += goal->bug && goal->reachable;
        out->bugs_caught += goal->bug && reached;
        out->musts += !goal->bug && goal->must && goal->reachable;
        out->musts_judged += !goal->bug && goal->must && reached;
    }
    out->operations = shop->operations * (size_t)shop->budget->repeat;
    out->operations += out->operations > 0 ? CF_COST_TO_LOOK_FIRST : 0;
}

void cf_afford(struct cf_afforded *out, const struct cf_plan *plan,
               const struct cf_catalogue *catalogue, const struct cf_profile *profile,
               const struct cf_costs *costs, const struct cf_budget *budget)
{
    struct shop shop = {.budget = budget, .profile = profile};
    *out = (struct cf_afforded){0};
    shop.candidate_count = catalogue->case_count;
    shop.candidates = cf_alloc_array(shop.candidate_count + 1, sizeof(*shop.candidates));
    shop.goal_count = costs->matrix.row_count + catalogue->requirement_count;
    shop.goals = cf_alloc_array(shop.goal_count + 1, sizeof(*shop.goals));
    count_kinds(&shop);
    add_candidates(&shop, plan, costs);
    add_bugs(&shop, costs);
    add_requirements(&shop, catalogue, costs->matrix.row_count);
    link_others(&shop, catalogue);
    spend(&shop);
    tell(&shop, plan, out);
    for (size_t i = 0; i < shop.candidate_count; i++) {
        free(shop.candidates[i].goals);
        free(shop.candidates[i].leaning);
    }
    free(shop.candidates);
    free(shop.goals);
}

void cf_afforded_release(struct cf_afforded *afforded)
{
    cf_list_release(&afforded->cases);
    cf_list_release(&afforded->left_out);
    *afforded = (struct cf_afforded){0};
}

void cf_afforded_put(struct cf_buf *out, const struct cf_afforded *afforded)
{
    cf_buf_printf(out,
                  "%zu operations: %zu of %zu known bugs, %zu of %zu musts; %zu of %zu cases left "
                  "out",
                  afforded->operations, afforded->bugs_caught, afforded->bugs,
                  afforded->musts_judged, afforded->musts, afforded->left_out.count,
                  afforded->left_out.count + afforded->cases.count);
}
