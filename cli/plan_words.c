#include "cli/plan_words.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

void cf_plan_words_cases(struct cf_buf *out, const struct cf_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_plan_item *item = &plan->items[i];
        enum cf_verdict foreseen = cf_plan_item_foreseen(item);
        cf_buf_printf(out, "%-14s %s%s%s%s\n",
                      foreseen == CF_PASS ? "run" : cf_verdict_name(foreseen), item->one->id,
                      item->reason[0] ? ": " : "", item->reason,
                      foreseen != item->verdict ? "; it runs, as it may fail" : "");
    }
}

/* ---- by reason ---- */

/* The reason by which cases are put together; of what hangs on a control the case is left out. */
static const char *reason_of(const struct cf_plan_item *item)
{
    return item->verdict == CF_PASS ? "the positive twin that they lean on cannot be judged"
                                    : item->reason;
}

static bool is_first_of_reason(const struct cf_plan *plan, size_t index)
{
    const struct cf_plan_item *item = &plan->items[index];
    for (size_t i = 0; i < index; i++) {
        if (cf_plan_item_foreseen(&plan->items[i]) == cf_plan_item_foreseen(item) &&
            strcmp(reason_of(&plan->items[i]), reason_of(item)) == 0)
            return false;
    }
    return true;
}

static size_t count_of_reason(const struct cf_plan *plan, const struct cf_plan_item *first)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        count += cf_plan_item_foreseen(&plan->items[i]) == cf_plan_item_foreseen(first) &&
                 strcmp(reason_of(&plan->items[i]), reason_of(first)) == 0;
    return count;
}

static void put_reasons(struct cf_buf *out, const struct cf_plan *plan, enum cf_verdict verdict,
                        const char *heading)
{
    bool any = false;
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_plan_item *item = &plan->items[i];
        if (cf_plan_item_foreseen(item) != verdict || !is_first_of_reason(plan, i))
            continue;
        cf_buf_puts(out, any ? "" : heading);
        any = true;
        cf_buf_printf(out, "  %s (%zu), for example\n    %s\n", reason_of(item),
                      count_of_reason(plan, item), item->one->id);
    }
}

void cf_plan_words_summary(struct cf_buf *out, const struct cf_plan *plan)
{
    size_t runnable = 0;
    for (size_t i = 0; i < plan->count; i++)
        runnable += plan->items[i].verdict == CF_PASS;
    cf_buf_printf(out, "%zu cases would run, %zu would not; nothing was sent\n", runnable,
                  plan->count - runnable);
    put_reasons(out, plan, CF_INCONCLUSIVE, "Cannot be judged with this profile:\n");
    put_reasons(out, plan, CF_NOT_APPLICABLE, "Not applicable:\n");
}

/* ---- how the run ends ---- */

/* The musts that a case leaves undecided, each once, in the plan's order. */
static void add_musts(struct cf_list *out, const struct cf_case *one,
                      const struct cf_catalogue *catalogue)
{
    for (size_t i = 0; i <= one->also_count; i++) {
        const char *id = cf_case_requirement_id(one, i);
        const struct cf_requirement *requirement = cf_catalogue_requirement(catalogue, id);
        if (requirement && requirement->level == CF_MUST && !cf_list_has(out, id))
            cf_list_add(out, id);
    }
}

static void musts_of_reason(struct cf_list *out, const struct cf_plan *plan, const char *reason,
                            const struct cf_catalogue *catalogue)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_plan_item *item = &plan->items[i];
        if (cf_plan_item_foreseen(item) == CF_INCONCLUSIVE &&
            (!reason || strcmp(reason_of(item), reason) == 0))
            add_musts(out, item->one, catalogue);
    }
}

static void put_musts(struct cf_buf *out, const struct cf_plan *plan, const char *reason,
                      const struct cf_catalogue *catalogue)
{
    struct cf_list musts = {0};
    musts_of_reason(&musts, plan, reason, catalogue);
    if (musts.count > 0)
        cf_buf_printf(out, "  %s: ", reason);
    for (size_t i = 0; i < musts.count; i++)
        cf_buf_printf(out, "%s%s", musts.items[i], i + 1 < musts.count ? ", " : "\n");
    cf_list_release(&musts);
}

size_t cf_plan_words_exit(struct cf_buf *out, const struct cf_plan *plan,
                          const struct cf_catalogue *catalogue, const char *whole)
{
    struct cf_list musts = {0};
    musts_of_reason(&musts, plan, NULL, catalogue);
    size_t count = musts.count;
    cf_list_release(&musts);
    if (count == 0)
        return 0;
    cf_buf_printf(out,
                  "%s will end with exit code 3 unless something fails: %zu must requirement%s "
                  "cannot be judged, for\n",
                  whole, count, count == 1 ? "" : "s");
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_plan_item *item = &plan->items[i];
        if (cf_plan_item_foreseen(item) == CF_INCONCLUSIVE && is_first_of_reason(plan, i))
            put_musts(out, plan, reason_of(item), catalogue);
    }
    cf_buf_puts(out, "Give in the profile what is missing there (check says what else would do), "
                     "or run with\n--allow-inconclusive.\n");
    return count;
}
