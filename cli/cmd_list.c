/* cvm-conformance list */
#include "cli/base/case_options.h"
#include "cli/base/target.h"
#include "cli/commands.h"
#include "cli/selftest/causes.h"

#include <string.h>

static const struct cf_option options[] = {
    CF_FILTER_OPTIONS,
    {.name = "requirements", .help = "requirements instead of cases"},
    {.name = "suites", .help = "suites instead of cases"},
    {.name = "json", .help = "as JSON"},
    {0}};

static void put_member(struct cf_buf *out, const char *name, const char *value, bool first)
{
    cf_buf_puts(out, first ? "{" : ", ");
    cf_json_put_text(out, name);
    cf_buf_puts(out, ": ");
    cf_json_put_text(out, value);
}

static void put_column(struct cf_buf *out, const char *text, size_t width)
{
    cf_buf_puts(out, text);
    for (size_t len = strlen(text); len < width; len++)
        cf_buf_putc(out, ' ');
    cf_buf_putc(out, ' ');
}

static void list_cases(const struct cf_plan *plan, bool json, struct cf_buf *out)
{
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_plan_item *item = &plan->items[plan->report_order[i]];
        const struct cf_requirement *r = item->one->requirement;
        enum cf_verdict foreseen = cf_plan_item_foreseen(item);
        const char *applies = foreseen == CF_PASS ? "applicable" : cf_verdict_name(foreseen);
        if (!json) {
            put_column(out, cf_level_name(r->level), 8);
            put_column(out, applies, 14);
            cf_buf_puts(out, item->one->id);
            cf_buf_puts(out, item->reason[0] ? " (" : "");
            cf_buf_puts(out, item->reason);
            cf_buf_puts(out, item->reason[0] ? ")\n" : "\n");
            continue;
        }
        cf_buf_puts(out, i ? ",\n " : "");
        put_member(out, "id", item->one->id, true);
        put_member(out, "suite", r->suite, false);
        put_member(out, "title", item->one->title, false);
        put_member(out, "requirement", r->id, false);
        put_member(out, "level", cf_level_name(r->level), false);
        put_member(out, "applicability", applies, false);
        put_member(out, "reason", item->reason, false);
        cf_buf_putc(out, '}');
    }
}

static size_t cases_of(const struct cf_plan *plan, const struct cf_requirement *r,
                       const char *suite)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_requirement *own = plan->items[i].one->requirement;
        count += r ? own == r : suite && strcmp(own->suite, suite) == 0;
    }
    return count;
}

/* How many of a level's requirements some caught deviation breaks; cf_causes_init() finds none
 * proven when the kill matrix is of another catalogue. */
static void list_proven(const struct cf_catalogue *c, const struct cf_causes *causes,
                        struct cf_buf *out)
{
    for (int level = CF_MUST; level <= CF_SHOULD; level++) {
        size_t total = 0;
        size_t proven = 0;
        for (size_t i = 0; i < c->requirement_count; i++) {
            if (c->requirements[i]->level != (enum cf_level)level)
                continue;
            total++;
            proven += cf_kill_matrix_proves(causes->matrix, c->requirements[i]->id);
        }
        cf_buf_printf(out, "%s: %zu of %zu proven able to fail\n",
                      cf_level_name((enum cf_level)level), proven, total);
    }
}

static void list_requirements(const struct cf_catalogue *c, const struct cf_plan *plan, bool json,
                              struct cf_buf *out)
{
    bool first = true;
    struct cf_causes causes;
    cf_causes_init(&causes, c->sha256, NULL);
    for (size_t i = 0; i < c->requirement_count; i++) {
        const struct cf_requirement *r = c->requirements[i];
        size_t cases = cases_of(plan, r, NULL);
        if (cases == 0)
            continue;
        bool proven = cf_kill_matrix_proves(causes.matrix, r->id);
        if (!json) {
            cf_buf_printf(out, "%-8s %-38s %3zu %-7s %s\n", cf_level_name(r->level), r->id, cases,
                          proven ? "proven" : "", r->statement);
            continue;
        }
        cf_buf_puts(out, first ? "" : ",\n ");
        first = false;
        put_member(out, "id", r->id, true);
        put_member(out, "suite", r->suite, false);
        put_member(out, "level", cf_level_name(r->level), false);
        put_member(out, "statement", r->statement, false);
        put_member(out, "source", r->source, false);
        put_member(out, "file", r->file, false);
        cf_buf_printf(out, ", \"proven\": %s, \"cases\": %zu}", proven ? "true" : "false", cases);
    }
    if (!json)
        list_proven(c, &causes, out);
    cf_causes_release(&causes);
}

static void list_suites(const struct cf_catalogue *c, const struct cf_plan *plan, bool json,
                        struct cf_buf *out)
{
    const char *last = "";
    for (size_t i = 0; i < c->requirement_count; i++) {
        const char *suite = c->requirements[i]->suite;
        if (strcmp(suite, last) == 0 || cases_of(plan, NULL, suite) == 0)
            continue;
        size_t requirements = 0;
        for (size_t k = 0; k < c->requirement_count; k++)
            requirements += strcmp(c->requirements[k]->suite, suite) == 0;
        if (json) {
            cf_buf_puts(out, *last ? ",\n " : "");
            put_member(out, "suite", suite, true);
            cf_buf_printf(out, ", \"requirements\": %zu, \"cases\": %zu}", requirements,
                          cases_of(plan, NULL, suite));
        } else {
            cf_buf_printf(out, "%-14s %3zu requirements %4zu cases\n", suite, requirements,
                          cases_of(plan, NULL, suite));
        }
        last = suite;
    }
}

static int list(const struct cf_args *args, struct cf_target *target)
{
    struct cf_err err = {0};
    struct cf_filter filter;
    struct cf_plan plan;
    struct cf_buf out = {0};
    struct cf_ref_options reference = {0};
    bool json = cf_given(args, "json");
    reference.operation_ms = 80;
    if (!cf_filter_read(args, &filter) || !cf_target_load_cases(target, cf_texts(args, "cases")) ||
        !cf_target_load_profile(target, cf_text(args, "profile", NULL), &reference, 1))
        return CF_EXIT_USAGE;
    if (cf_plan_make(&plan, &target->catalogue, &target->profile, &filter, &err) != CF_OK)
        return cf_complain("%s", err.text);
    if (json)
        cf_buf_putc(&out, '[');
    if (cf_given(args, "requirements"))
        list_requirements(&target->catalogue, &plan, json, &out);
    else if (cf_given(args, "suites"))
        list_suites(&target->catalogue, &plan, json, &out);
    else
        list_cases(&plan, json, &out);
    if (json)
        cf_buf_puts(&out, "]\n");
    fputs(cf_buf_text(&out), stdout);
    cf_buf_release(&out);
    cf_plan_release(&plan);
    return CF_EXIT_OK;
}

static int run(const struct cf_args *args)
{
    /* Kept till the process ends, which this is nearly all of: giving back each node of all cases
     * would take a tenth as long as reading them. */
    static struct cf_target target;
    return list(args, &target);
}

static const struct cf_example examples[] = {
    {"list --profile acme.json", "which cases apply, and why others do not"},
    {"list --suites", "how many cases there are of what"},
    {"list --requirements --level must --json", "what must be so, for a program"},
    {0}};

const struct cf_command cf_command_list = {
    .name = "list",
    .summary = "list cases, requirements, suites",
    .sentence = "List cases, requirements or suites, under the filters of run.",
    .about = "Without --profile, applicability is shown for the reference implementation.",
    .operands = "",
    .options = options,
    .examples = examples,
    .run = run};
