#include "cli/purchase.h"
#include "cli/base/duration.h"

#include <math.h>
#include <stdio.h>

static enum cf_code buy(struct cf_purchase *p, const struct cf_budget *budget, struct cf_err *err)
{
    enum cf_code code = cf_budget_plan(&p->plan, &p->afforded, &p->target->catalogue,
                                       &p->target->profile, p->filter, budget, p->costs, err);
    if (code != CF_OK)
        return code;
    p->session->costs = p->costs;
    cf_price_make(&p->session->price, &p->plan, &p->target->profile, p->costs);
    if (cf_budget_limits(budget)) {
        cf_afforded_put(&p->bought, &p->afforded);
        p->session->bought = cf_buf_text(&p->bought);
        p->session->left_out = &p->afforded.left_out;
    }
    return CF_OK;
}

static void tell_measured(const struct cf_purchase *p)
{
    struct cf_buf text = {0};
    cf_duration_put(&text, (double)p->target->profile.operation_ms);
    fprintf(stderr, "an operation takes about %s: measured, as the profile does not say\n",
            cf_buf_text(&text));
    cf_buf_release(&text);
}

/* What measuring took is spent. */
static enum cf_code choose(void *context, double operation_ms, double spent_ms,
                           const struct cf_plan **out_plan, struct cf_err *err)
{
    struct cf_purchase *p = context;
    struct cf_budget left = *p->budget;
    p->target->profile.operation_ms = operation_ms > 1 ? lround(operation_ms) : 1;
    if (!p->session->quiet)
        tell_measured(p);
    if (left.ms <= spent_ms)
        return cf_err_set(err, CF_ELIMIT,
                          "finding out how long an operation takes took the whole "
                          "budget");
    left.ms -= spent_ms;
    p->all = p->plan;
    p->plan = (struct cf_plan){0};
    enum cf_code code = buy(p, &left, err);
    *out_plan = code == CF_OK ? &p->plan : &p->all;
    return code;
}

enum cf_code cf_purchase_make(struct cf_purchase *p, struct cf_err *err)
{
    const struct cf_budget no_limit = {.operations = -1, .ms = -1, .repeat = 1};
    if (!p->measure || p->budget->ms < 0 || p->target->profile.operation_ms > 0)
        return buy(p, p->budget, err);
    p->session->choose = choose;
    p->session->choose_context = p;
    return buy(p, &no_limit, err);
}

void cf_purchase_release(struct cf_purchase *p)
{
    cf_plan_release(&p->plan);
    cf_plan_release(&p->all);
    cf_afforded_release(&p->afforded);
    cf_buf_release(&p->bought);
}
