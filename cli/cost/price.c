#include "cli/cost/price.h"
#include "cli/base/duration.h"

#include <stdio.h>

enum {
    MORE = 2, /* fixtures of a kind that somebody may think of adding */
    WORTH_TELLING_MS = 60000,
    ASSUMED_LEAST_MS = 30000,
    ASSUMED_MOST_MS = 180000
};

/* ---- making it ---- */

static size_t count_fixtures(const struct cf_profile *profile, const struct cf_fixture_kind *kind)
{
    size_t count = 0;
    for (size_t i = 0; i < profile->fixture_count; i++)
        count += profile->fixtures[i].kind == kind;
    return count;
}

static struct cf_price_kind *kind_of(struct cf_price *price, const struct cf_profile *profile,
                                     const struct cf_fixture_kind *kind)
{
    for (size_t i = 0; i < price->kind_count; i++) {
        if (price->kinds[i].kind == kind)
            return &price->kinds[i];
    }
    if (price->kind_count == CF_PRICE_KINDS_MAX)
        return NULL;
    price->kinds[price->kind_count] =
        (struct cf_price_kind){.kind = kind, .fixtures = count_fixtures(profile, kind)};
    return &price->kinds[price->kind_count++];
}

static void add(struct cf_price *price, const struct cf_plan_item *item,
                const struct cf_profile *profile, const struct cf_kill_cost *cost)
{
    price->cases++;
    price->operations += cost->operations;
    price->whole += cf_price_of(price, cost);
    price->exchanges += cost->exchanges;
    if (cost->operations == 0 || item->one->role_count == 0)
        return;
    struct cf_price_kind *kind = kind_of(price, profile, item->one->roles[0].kind);
    if (kind)
        kind->operations += cost->operations;
}

static double time_at(double operation_ms, size_t operations, size_t fixtures)
{
    return fixtures > 0 ? operation_ms * (double)operations / (double)fixtures : 0;
}

static double time_of(const struct cf_price *price, size_t operations, size_t fixtures)
{
    return time_at(price->operation_ms, operations, fixtures);
}

static void slowest_first(struct cf_price *price)
{
    size_t at = 0;
    for (size_t i = 0; i < price->kind_count; i++) {
        struct cf_price_kind *kind = &price->kinds[i];
        kind->ms = time_of(price, kind->operations, kind->fixtures);
        if ((double)kind->operations * (double)price->kinds[at].fixtures >
            (double)price->kinds[at].operations * (double)kind->fixtures)
            at = i;
    }
    struct cf_price_kind first = price->kinds[at];
    price->kinds[at] = price->kinds[0];
    price->kinds[0] = first;
    price->ms = first.ms;
}

void cf_price_make(struct cf_price *out, const struct cf_plan *plan,
                   const struct cf_profile *profile, const struct cf_costs *costs)
{
    *out = (struct cf_price){.operation_ms = (double)profile->operation_ms};
    static const struct cf_kill_cost nothing = {0};
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_plan_item *item = &plan->items[i];
        bool shared = item->shares >= 0 && plan->items[item->shares].verdict == CF_PASS;
        if (item->verdict == CF_PASS)
            add(out, item, profile, shared ? &nothing : &costs->of[item->one->index]);
    }
    out->operations += out->operations > 0 ? CF_COST_TO_LOOK_FIRST : 0;
    if (out->kind_count > 0)
        slowest_first(out);
}

/* ---- telling it ---- */

/* The time with so many more of the kind that holds the run back. */
static double time_with_more(const struct cf_price *price)
{
    double longest = 0;
    for (size_t i = 0; i < price->kind_count; i++) {
        const struct cf_price_kind *kind = &price->kinds[i];
        double ms = time_of(price, kind->operations, kind->fixtures + (i == 0 ? MORE : 0));
        longest = ms > longest ? ms : longest;
    }
    return longest;
}

static void put_slowest(struct cf_buf *out, const struct cf_price *price)
{
    const struct cf_price_kind *kind = &price->kinds[0];
    cf_buf_printf(out, ", held back by %s (%zu operations on %zu; with %d more ", kind->kind->name,
                  kind->operations, kind->fixtures, MORE);
    cf_duration_put(out, price->ms - time_with_more(price));
    cf_buf_puts(out, " less)");
}

/* Between what real services are known to take. */
static void put_assumed(struct cf_buf *out, const struct cf_price *price)
{
    const struct cf_price_kind *kind = &price->kinds[0];
    cf_buf_puts(out, "; assuming ");
    cf_duration_put(out, ASSUMED_LEAST_MS);
    cf_buf_puts(out, " to ");
    cf_duration_put(out, ASSUMED_MOST_MS);
    cf_buf_puts(out, " an operation, for no pixit.timing.operation_ms says it, ");
    cf_duration_put(out, time_at(ASSUMED_LEAST_MS, kind->operations, kind->fixtures));
    cf_buf_puts(out, " to ");
    cf_duration_put(out, time_at(ASSUMED_MOST_MS, kind->operations, kind->fixtures));
    cf_buf_printf(out, ", held back by %s (%zu operations on %zu)", kind->kind->name,
                  kind->operations, kind->fixtures);
}

void cf_price_put(struct cf_buf *out, const struct cf_price *price)
{
    cf_buf_printf(out, "%zu cases, %zu operations, about %zu requests", price->cases,
                  price->operations, price->exchanges);
    if (price->ms <= 0 && price->operation_ms <= 0 && price->kind_count > 0)
        put_assumed(out, price);
    if (price->ms <= 0)
        return;
    cf_buf_puts(out, "; at ");
    cf_duration_put(out, price->operation_ms);
    cf_buf_puts(out, " an operation about ");
    cf_duration_put(out, price->ms);
    put_slowest(out, price);
}

void cf_price_put_kinds(struct cf_buf *out, const struct cf_price *price)
{
    for (size_t i = 0; i < price->kind_count; i++) {
        const struct cf_price_kind *kind = &price->kinds[i];
        cf_buf_printf(out, "%-14s %zu operations on %zu", kind->kind->name, kind->operations,
                      kind->fixtures);
        if (kind->ms > 0) {
            cf_buf_puts(out, ": ");
            cf_duration_put(out, kind->ms);
        }
        cf_buf_putc(out, '\n');
    }
}

double cf_price_of(const struct cf_price *price, const struct cf_kill_cost *cost)
{
    double ms = price->operation_ms > 0 ? price->operation_ms : CF_PRICE_OPERATION_MS;
    return (double)cost->operations * ms + (double)cost->exchanges * CF_PRICE_EXCHANGE_MS;
}

void cf_price_tell(const struct cf_price *price, const char *bought, bool always)
{
    struct cf_buf text = {0};
    bool much = price->operations > 0 && (price->ms <= 0 || price->ms > WORTH_TELLING_MS);
    if (!always && !much)
        return;
    cf_price_put(&text, price);
    if (bought)
        cf_buf_printf(&text, "\n%s", bought);
    fprintf(stderr, "%s\n", cf_buf_text(&text));
    cf_buf_release(&text);
}
