/*
 * What each case costs: operations, as on a real service each restarts a machine, and requests.
 * Measured by the self-test, on the reference implementation, and shipped in the kill matrix. A
 * case that the matrix does not have (a --cases folder, a changed file) is estimated from its
 * steps.
 */
#ifndef CF_CLI_COST_COSTS_H
#define CF_CLI_COST_COSTS_H

#include "cli/selftest/kill_matrix.h"
#include "harness/case/catalogue.h"

struct cf_costs {
    struct cf_kill_matrix matrix; /* empty where there is none */
    struct cf_kill_cost *of;      /* by index of the catalogue's cases, each run by itself */
    size_t *in_matrix;            /* likewise: index of the matrix' case, CF_COSTS_NONE */
    bool current;                 /* the matrix is of this very catalogue */
};

#define CF_COSTS_NONE ((size_t)-1)

/* The update that a run begins with, which shows whether the profile fits; in no case's cost. */
enum { CF_COST_TO_LOOK_FIRST = 1 };

void cf_costs_init(struct cf_costs *costs, const struct cf_catalogue *catalogue);
void cf_costs_release(struct cf_costs *costs);

#endif
