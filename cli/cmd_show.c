/* cvm-conformance show */
#include "cli/base/case_options.h"
#include "cli/base/target.h"
#include "cli/commands.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"

#include <stdlib.h>
#include <string.h>

static const struct cf_option options[] = {CF_CASES_OPTION, {0}};

static void show_requirement(const struct cf_catalogue *c, const struct cf_requirement *r)
{
    printf("requirement %s (%s)\n  %s\n  source: %s\n  file: %s\n", r->id, cf_level_name(r->level),
           r->statement, r->source, r->file);
    const char *why = cf_json_text(r->doc.root, "why", NULL);
    if (why)
        printf("  why: %s\n", why);
    printf("  cases:\n");
    for (size_t i = 0; i < c->case_count; i++) {
        const struct cf_case *one = c->cases[i];
        bool here = one->requirement == r;
        for (size_t k = 0; k < one->also_count && !here; k++)
            here = strcmp(one->also[k], r->id) == 0;
        if (here)
            printf("    %s: %s\n", one->id, one->title);
    }
}

static void show_deviations_of(const char *requirement)
{
    const struct cf_ref_switch *rows;
    size_t count = cf_ref_deviations(&rows);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].requirement, requirement) == 0)
            printf("  deviation %s: %s\n", rows[i].name, rows[i].sentence);
    }
}

static void show_case(const struct cf_case *one)
{
    const struct cf_requirement *r = one->requirement;
    printf("case %s\n  %s\n  requirement: %s (%s): %s\n", one->id, one->title, r->id,
           cf_level_name(r->level), r->statement);
    for (size_t i = 0; i < one->also_count; i++)
        printf("  also: %s\n", one->also[i]);
    printf("  source: %s\n  file: %s:%d\n", r->source, r->file, one->line);
    if (one->control)
        printf("  control: %s\n", one->control);
    for (size_t i = 0; i < one->role_count; i++)
        printf("  fixture %s: %s\n", one->roles[i].name, one->roles[i].kind->name);
    for (size_t i = 0; i < one->needs_pics_count; i++)
        printf("  needs: %s\n", one->needs_pics[i]);
    const char *why = cf_json_text(one->node, "why", NULL);
    if (why)
        printf("  why: %s\n", why);
    if (one->row) {
        struct cf_buf row = {0};
        cf_json_print(&row, one->row);
        printf("  row: %s\n", cf_buf_text(&row));
        cf_buf_release(&row);
    }
    printf("  steps:\n");
    const cJSON *step;
    int index = 0;
    cJSON_ArrayForEach(step, one->steps)
    {
        struct cf_buf text = {0};
        cf_json_print(&text, step);
        printf("    %d. %s\n", index++, cf_buf_text(&text));
        cf_buf_release(&text);
    }
}

static void show_freedom(const struct cf_ref_switch *variant)
{
    if (*variant->requirement)
        printf("  reading of: %s (cases/ledger.json)\n", variant->requirement);
    printf("  keeps: every must%s\n", *variant->level ? ", not every should" : " and should");
}

static bool show_switch(const char *id)
{
    const struct cf_ref_switch *rows;
    for (int variants = 0; variants < 2; variants++) {
        size_t count = variants ? cf_ref_variants(&rows) : cf_ref_deviations(&rows);
        for (size_t i = 0; i < count; i++) {
            if (strcmp(rows[i].name, id) != 0)
                continue;
            printf("%s %s\n  %s\n", variants ? "variant" : "deviation", id, rows[i].sentence);
            if (variants)
                show_freedom(&rows[i]);
            else
                printf("  breaks: %s (%s)\n", rows[i].requirement, rows[i].level);
            printf("  try it: cvm-conformance run --%s %s\n", variants ? "variant" : "deviation",
                   id);
            return true;
        }
    }
    return false;
}

/* All names that could have been meant: NULL-terminated, freed by the caller. */
static const char **all_names(const struct cf_catalogue *c)
{
    const struct cf_ref_switch *deviations;
    const struct cf_ref_switch *variants;
    size_t d = cf_ref_deviations(&deviations);
    size_t v = cf_ref_variants(&variants);
    const char **names =
        cf_alloc_array(c->case_count + c->requirement_count + d + v + 1, sizeof(*names));
    size_t n = 0;
    for (size_t i = 0; i < c->requirement_count; i++)
        names[n++] = c->requirements[i]->id;
    for (size_t i = 0; i < c->case_count; i++)
        names[n++] = c->cases[i]->id;
    for (size_t i = 0; i < d; i++)
        names[n++] = deviations[i].name;
    for (size_t i = 0; i < v; i++)
        names[n++] = variants[i].name;
    return names;
}

static int show(const struct cf_catalogue *c, const char *id)
{
    const struct cf_requirement *r = cf_catalogue_requirement(c, id);
    const struct cf_case *one = cf_catalogue_case(c, id);
    bool shown = r || one;
    if (r) {
        show_requirement(c, r);
        show_deviations_of(id);
    }
    if (one)
        show_case(one);
    /* A case with rows by its name without brackets: all of them. */
    size_t len = strlen(id);
    for (size_t i = 0; !one && i < c->case_count; i++) {
        if (strncmp(c->cases[i]->id, id, len) == 0 && c->cases[i]->id[len] == '[' && !r) {
            show_case(c->cases[i]);
            shown = true;
        }
    }
    if (show_switch(id) || shown)
        return CF_EXIT_OK;
    const char **names = all_names(c);
    const char *near = cf_name_nearest(names, id);
    cf_complain(near ? "nothing is called \"%s\"; did you mean \"%s\"?"
                     : "nothing is called \"%s\"%s",
                id, near ? near : "");
    free(names);
    return CF_EXIT_USAGE;
}

static int run(const struct cf_args *args)
{
    struct cf_target target = {0};
    int status = CF_EXIT_USAGE;
    if (cf_target_load_cases(&target, cf_texts(args, "cases")))
        status = show(&target.catalogue, args->operands[0]);
    cf_target_release(&target);
    return status;
}

static const struct cf_example examples[] = {
    {"show two-phase.commit", "a requirement, its cases and its source"},
    {"show accepted-200", "a bug that the reference implementation can have"},
    {0}};

const struct cf_command cf_command_show = {
    .name = "show",
    .summary = "one case, requirement or deviation in full",
    .sentence = "Show one case, requirement, deviation or variant in full.",
    .operands = "ID",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .examples = examples,
    .run = run};
