/*
 * The table of selftest --explore: after how many commands exploring finds each deviation of the
 * reference implementation, and that it finds nothing in any variant.
 */
#ifndef CF_CLI_EXPLORE_TABLE_H
#define CF_CLI_EXPLORE_TABLE_H

#include "harness/base/list.h"

struct cf_explore_table {
    long long commands_max; /* for each */
    unsigned long long seed;
    bool quiet;
    /* Names to be tried: the clean reference is "". */
    struct cf_list deviations, variants;
};

/* Run and print the table. Returns the exit code: 1 where a variant, or the clean reference, is
 * contradicted; 3 where one could not be run. What is not found in a deviation is shown, and no
 * failure. */
int cf_explore_table_run(const struct cf_explore_table *table);

#endif
