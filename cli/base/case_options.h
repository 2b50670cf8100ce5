/* Which cases: the options that run and list share, and the filter they ask for. */
#ifndef CF_CLI_BASE_CASE_OPTIONS_H
#define CF_CLI_BASE_CASE_OPTIONS_H

#include "cli/base/command.h"
#include "harness/pool/plan.h"

/* Of the environment: what a pipeline sets once for all its commands. */
#define CF_PROFILE_VARIABLE "CVM_CONFORMANCE_PROFILE"
#define CF_OUT_VARIABLE "CVM_CONFORMANCE_OUT"

#define CF_FILTER_OPTIONS                                                                          \
    {.name = "profile",                                                                            \
     .arg = "FILE",                                                                                \
     .help = "profile of the implementation under test",                                           \
     .variable = CF_PROFILE_VARIABLE},                                                             \
        {.name = "suite", .arg = "NAME", .help = "only this suite", .repeatable = true},           \
        {.name = "case", .arg = "GLOB", .help = "only these cases", .repeatable = true},           \
        {.name = "requirement",                                                                    \
         .arg = "GLOB",                                                                            \
         .help = "only cases that check these requirements",                                       \
         .repeatable = true},                                                                      \
        {.name = "level",                                                                          \
         .arg = "LEVEL",                                                                           \
         .help = "must, should or observe: that level and stricter"},                              \
        CF_CASES_OPTION,                                                                           \
    {                                                                                              \
        .name = "seed", .arg = "N", .help = "seed of all random choices (1)"                       \
    }

#define CF_CASES_OPTION                                                                            \
    {                                                                                              \
        .name = "cases", .arg = "DIR", .help = "a folder of further cases", .repeatable = true     \
    }

/* Fill in what the shared options say: one attempt, not shuffled, not sharded. The lists are those
 * of args. Returns false when a value is not understood, which is said on standard error. */
bool cf_filter_read(const struct cf_args *args, struct cf_filter *out);

#endif
