/*
 * What a command works on: the catalogue, the engine's language, a profile; and, without a profile,
 * the reference implementation in a process of its own.
 */
#ifndef CF_CLI_TARGET_H
#define CF_CLI_TARGET_H

#include "harness/case/catalogue.h"
#include "harness/case/profile.h"
#include "harness/run/engine.h"
#include "reference/reference.h"

#include <sys/types.h>

struct cf_target {
    const struct cf_engine *engine;
    const struct cf_step_form **forms;
    struct cf_catalogue catalogue;
    struct cf_profile profile;
    bool has_profile;
    /* the reference implementation, when it is the target */
    pid_t reference;
    int stop_fd;
};

/* Where the shipped case files are: beside the installed program, else in the source tree. */
const char *cf_cases_dir(void);
/* The shipped kill matrix, likewise. */
const char *cf_kill_matrix_path(void);

/* Load the catalogue with count extra folders. Mistakes are printed. False: the exit code is
 * CF_EXIT_USAGE. */
bool cf_target_load_cases(struct cf_target *target, const char *const *extra);
/* Load the profile at path; NULL: the reference implementation's, as it would be at port. */
bool cf_target_load_profile(struct cf_target *target, const char *path,
                            const struct cf_ref_options *options, unsigned port);
void cf_target_release(struct cf_target *target);

/* Fork the reference implementation; its port, or 0 (told) when it does not start. It ends when
 * stop_fd closes, or with us. */
unsigned cf_reference_fork(const struct cf_ref_options *options, pid_t *out_pid, int *out_stop_fd);
/* Stop it and wait. */
void cf_reference_stop(pid_t pid, int stop_fd);

/* ---- filters shared by run and list ---- */

#include "cli/cli.h"
#include "harness/pool/plan.h"

#define CF_FILTER_OPTIONS                                                                          \
    {.name = "profile", .arg = "FILE", .help = "profile of the implementation under test"},        \
        {.name = "suite", .arg = "NAME", .help = "only this suite", .repeatable = true},           \
        {.name = "case", .arg = "GLOB", .help = "only these cases", .repeatable = true},           \
        {.name = "requirement",                                                                    \
         .arg = "GLOB",                                                                            \
         .help = "only cases that check these requirements",                                       \
         .repeatable = true},                                                                      \
        {.name = "level",                                                                          \
         .arg = "LEVEL",                                                                           \
         .help = "must, should or observe: that level and stricter"},                              \
        {.name = "cases", .arg = "DIR", .help = "a folder of further cases", .repeatable = true},  \
    {                                                                                              \
        .name = "seed", .arg = "N", .help = "seed of all random choices"                           \
    }

/* Fill in what the shared options say. False: told, exit code CF_EXIT_USAGE. */
bool cf_filter_from_options(struct cf_option *options, struct cf_filter *out);

#endif
