#include "cli/explore_table.h"
#include "cli/base/command.h"
#include "cli/explore_hunt.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "suites/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPERATION_MS = 15 };

struct tally {
    size_t variants, contradicted, broken;
    size_t deviations, found;
    long long *after; /* of those found */
    long long commands;
};

static int by_size(const void *a, const void *b)
{
    const long long *x = a;
    const long long *y = b;
    return (*x > *y) - (*x < *y);
}

static const struct cf_ref_switch *row_of(const char *name, bool deviation)
{
    const struct cf_ref_switch *rows;
    size_t count = deviation ? cf_ref_deviations(&rows) : cf_ref_variants(&rows);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

static void print_row(const struct cf_hunt *hunt, const char *name, bool deviation)
{
    const struct cf_ref_switch *row = row_of(name, deviation);
    const struct cf_finding *finding = hunt->finding_count > 0 ? &hunt->findings[0] : NULL;
    char after[32] = "-";
    if (finding)
        snprintf(after, sizeof(after), "%lld", finding->after);
    printf("%-9s %-42s %-6s %-36s %6s  %s\n", deviation ? "deviation" : "variant",
           name[0] ? name : "reference", row ? row->level : "", row ? row->requirement : "", after,
           finding ? finding->message : "");
    fflush(stdout);
}

static void count(struct tally *tally, const struct cf_hunt *hunt, bool deviation)
{
    bool found = hunt->finding_count > 0;
    tally->commands += hunt->commands;
    if (!deviation) {
        tally->variants++;
        tally->contradicted += found;
        return;
    }
    tally->deviations++;
    if (found)
        tally->after[tally->found++] = hunt->findings[0].after;
}

/* False where a signal came. */
static bool try_one(const struct cf_explore_table *table, struct tally *tally, const char *name,
                    bool deviation)
{
    struct cf_err err = {0};
    const char *names[] = {name, NULL};
    struct cf_explorer explorer = {.ours = {.fd = -1, .spill_fd = -1},
                                   .at_once = {.fd = -1},
                                   .reference = {.operation_ms = OPERATION_MS}};
    struct cf_hunt hunt = {.explorer = &explorer,
                           .seed = table->seed,
                           .commands_max = table->commands_max,
                           .steps = CF_CVM_EXPLORE_STEPS,
                           .only_find = true};
    if (name[0] && deviation) {
        explorer.reference.deviations = names;
        explorer.reference.deviation_count = 1;
    } else if (name[0]) {
        explorer.reference.variants = names;
        explorer.reference.variant_count = 1;
    }
    if (!cf_explorer_open(&explorer) || cf_hunt_run(&hunt, &err) != CF_OK || hunt.judged == 0) {
        cf_complain("%s: %s", name,
                    err.text[0]         ? err.text
                    : hunt.why_unjudged ? hunt.why_unjudged
                                        : "not judged");
        tally->broken++;
    } else {
        count(tally, &hunt, deviation);
        if (!table->quiet || (!deviation && hunt.finding_count > 0))
            print_row(&hunt, name, deviation);
    }
    bool go_on = explorer.signal == 0;
    cf_hunt_release(&hunt);
    cf_explorer_release(&explorer);
    return go_on;
}

static void conclude(struct tally *tally, double wall_ms)
{
    qsort(tally->after, tally->found, sizeof(*tally->after), by_size);
    long long sum = 0;
    for (size_t i = 0; i < tally->found; i++)
        sum += tally->after[i];
    printf("explored %lld commands in %.1f s: %zu contradictions in %zu variants; %zu of %zu "
           "deviations found",
           tally->commands, wall_ms / 1000, tally->contradicted, tally->variants, tally->found,
           tally->deviations);
    if (tally->found > 0)
        printf(", after %lld commands on average, %lld in the middle",
               sum / (long long)tally->found, tally->after[tally->found / 2]);
    printf("; %zu broken\n", tally->broken);
}

int cf_explore_table_run(const struct cf_explore_table *table)
{
    double started_ms = cf_clock_ms();
    bool go_on = true;
    struct tally tally = {.after =
                              cf_alloc_array(table->deviations.count + 1, sizeof(*tally.after))};
    for (size_t i = 0; go_on && i < table->variants.count; i++)
        go_on = try_one(table, &tally, table->variants.items[i], false);
    for (size_t i = 0; go_on && i < table->deviations.count; i++)
        go_on = try_one(table, &tally, table->deviations.items[i], true);
    conclude(&tally, cf_clock_ms() - started_ms);
    free(tally.after);
    if (tally.contradicted > 0)
        return CF_EXIT_FAILED;
    return tally.broken > 0 || !go_on ? CF_EXIT_UNJUDGED : CF_EXIT_OK;
}
