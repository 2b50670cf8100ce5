#include "cli/certify/assembly.h"
#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool in_plan(const struct cf_plan *plan, const char *requirement)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (cf_case_checks(plan->items[i].one, requirement))
            return true;
    }
    return false;
}

static bool left_out(const struct cf_run_info *info, const struct cf_catalogue *catalogue,
                     const char *requirement)
{
    for (size_t i = 0; i < info->left_out.count; i++) {
        const struct cf_case *one = cf_catalogue_case(catalogue, info->left_out.items[i]);
        if (one && cf_case_checks(one, requirement))
            return true;
    }
    return false;
}

/* What a budget did not reach to is declared as well: it counts as not run. */
static void declare_requirements(struct cf_assembly *assembly, const struct cf_catalogue *catalogue,
                                 const struct cf_plan *plan)
{
    for (size_t i = 0; i < catalogue->requirement_count; i++) {
        const struct cf_requirement *r = catalogue->requirements[i];
        if (in_plan(plan, r->id) || left_out(assembly->source.info, catalogue, r->id))
            cf_summary_add_requirement(&assembly->summary, r->id, r->level, r->statement, r->source,
                                       cf_kill_matrix_proves(assembly->causes.matrix, r->id));
    }
}

/* In the plan's order, not in that of arrival: lists and equal reasons come out the same. */
static void count_cases(struct cf_assembly *assembly)
{
    const struct cf_report_source *source = &assembly->source;
    for (size_t i = 0; i < source->record_count; i++)
        cf_summary_add_case(&assembly->summary,
                            cf_results_entry(source->results, source->order[i]));
    cf_summary_finish(&assembly->summary);
}

static void order_by_plan(struct cf_report_source *source, const struct cf_plan *plan)
{
    const char **ids = cf_alloc_array(plan->count, sizeof(*ids));
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_plan_item *item = &plan->items[plan->report_order[i]];
        if (item->attempt == 1)
            ids[count++] = item->one->id;
    }
    cf_report_source_order(source, ids, count);
    free(ids);
}

enum cf_code cf_assembly_make(struct cf_assembly *out, const struct cf_results *results,
                              const struct cf_catalogue *catalogue, const struct cf_plan *plan,
                              const struct cf_run_info *info, const struct cf_kill_matrix *shipped,
                              struct cf_err *err)
{
    *out = (struct cf_assembly){0};
    cf_summary_init(&out->summary);
    cf_causes_init(&out->causes, catalogue->sha256, shipped);
    cf_report_source_init(&out->source, results);
    out->source.info = info;
    out->source.summary = &out->summary;
    order_by_plan(&out->source, plan);
    declare_requirements(out, catalogue, plan);
    count_cases(out);
    return cf_causes_name(&out->causes, &out->source, err);
}

void cf_assembly_release(struct cf_assembly *assembly)
{
    cf_report_source_release(&assembly->source);
    cf_causes_release(&assembly->causes);
    cf_summary_release(&assembly->summary);
    *assembly = (struct cf_assembly){0};
}
