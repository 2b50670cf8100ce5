/* cvm-conformance show */
#include "cli/cli.h"
#include "cli/target.h"
#include "harness/case/shape.h"

#include <stdlib.h>
#include <string.h>

static const struct cf_command command = {
    "show", "ID", "Show one case, requirement, deviation or variant in full.", NULL,
    cf_command_show};

static const struct cf_option templates[] = {
    {.name = "cases", .arg = "DIR", .help = "a folder of further cases", .repeatable = true}, {0}};

static void show_requirement(const struct cf_catalogue *c, const struct cf_requirement *r)
{
    (void)printf("requirement %s (%s)\n  %s\n  source: %s\n  file: %s\n", r->id,
                 cf_level_name(r->level), r->statement, r->source, r->file);
    const char *why = cf_json_text(r->doc.root, "why", NULL);
    if (why)
        (void)printf("  why: %s\n", why);
    (void)printf("  cases:\n");
    for (size_t i = 0; i < c->case_count; i++) {
        const struct cf_case *one = c->cases[i];
        if (cf_case_checks(one, r->id))
            (void)printf("    %s: %s\n", one->id, one->title);
    }
}

static void show_deviations_of(const char *requirement)
{
    const struct cf_ref_switch *rows;
    size_t count = cf_ref_deviations(&rows);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].requirement, requirement) == 0)
            (void)printf("  deviation %s: %s\n", rows[i].name, rows[i].sentence);
    }
}

static void show_case(const struct cf_case *one)
{
    const struct cf_requirement *r = one->requirement;
    (void)printf("case %s\n  %s\n  requirement: %s (%s): %s\n", one->id, one->title, r->id,
                 cf_level_name(r->level), r->statement);
    for (size_t i = 0; i < one->also_count; i++)
        (void)printf("  also: %s\n", one->also[i]);
    (void)printf("  source: %s\n  file: %s:%d\n", r->source, r->file, one->line);
    if (one->control)
        (void)printf("  control: %s\n", one->control);
    for (size_t i = 0; i < one->role_count; i++)
        (void)printf("  fixture %s: %s\n", one->roles[i].name, one->roles[i].pool);
    for (size_t i = 0; i < one->needs_pics_count; i++)
        (void)printf("  needs: %s\n", one->needs_pics[i]);
    const char *why = cf_json_text(one->node, "why", NULL);
    if (why)
        (void)printf("  why: %s\n", why);
    if (one->row) {
        struct cf_buf row;
        cf_buf_init(&row, 1 << 20);
        cf_json_print(&row, one->row);
        (void)printf("  row: %s\n", cf_buf_text(&row));
        cf_buf_release(&row);
    }
    (void)printf("  steps:\n");
    const cJSON *step;
    int index = 0;
    cJSON_ArrayForEach(step, one->steps)
    {
        struct cf_buf text;
        cf_buf_init(&text, 1 << 20);
        cf_json_print(&text, step);
        (void)printf("    %d. %s\n", index++, cf_buf_text(&text));
        cf_buf_release(&text);
    }
}

static void show_freedom(const struct cf_ref_switch *variant)
{
    if (*variant->requirement)
        (void)printf("  reading of: %s (cases/ledger.json)\n", variant->requirement);
    (void)printf("  keeps: every must%s\n", *variant->level ? ", not every should" : " and should");
}

static bool show_switch(const char *id)
{
    const struct cf_ref_switch *rows;
    for (int variants = 0; variants < 2; variants++) {
        size_t count = variants ? cf_ref_variants(&rows) : cf_ref_deviations(&rows);
        for (size_t i = 0; i < count; i++) {
            if (strcmp(rows[i].name, id) != 0)
                continue;
            (void)printf("%s %s\n  %s\n", variants ? "variant" : "deviation", id, rows[i].sentence);
            if (variants)
                show_freedom(&rows[i]);
            else
                (void)printf("  breaks: %s (%s)\n", rows[i].requirement, rows[i].level);
            (void)printf("  try it: cvm-conformance run --%s %s\n",
                         variants ? "variant" : "deviation", id);
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
    const char **names = calloc(c->case_count + c->requirement_count + d + v + 1, sizeof(*names));
    size_t n = 0;
    for (size_t i = 0; names && i < c->requirement_count; i++)
        names[n++] = c->requirements[i]->id;
    for (size_t i = 0; names && i < c->case_count; i++)
        names[n++] = c->cases[i]->id;
    for (size_t i = 0; names && i < d; i++)
        names[n++] = deviations[i].name;
    for (size_t i = 0; names && i < v; i++)
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
    const char *near = names ? cf_name_nearest(names, id) : NULL;
    (void)cf_complain(near ? "nothing is called \"%s\"; did you mean \"%s\"?"
                           : "nothing is called \"%s\"%s",
                      id, near ? near : "");
    free(names);
    return CF_EXIT_USAGE;
}

int cf_command_show(int argc, char **argv)
{
    struct cf_option options[sizeof(templates) / sizeof(templates[0])];
    struct cf_target target = {0};
    int first;
    int status;
    memcpy(options, templates, sizeof(templates));
    if (!cf_options_parse(&command, options, argc, argv, &first, &status))
        return status;
    if (first + 1 != argc)
        return cf_complain("show wants one id");
    status = CF_EXIT_USAGE;
    if (cf_target_load_cases(&target, cf_option_list(options, "cases")))
        status = show(&target.catalogue, argv[first]);
    cf_target_release(&target);
    return status;
}
