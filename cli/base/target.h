/*
 * What a command works on: the catalogue, the engine's language, a profile; and, without a profile,
 * the reference implementation in a process of its own.
 */
#ifndef CF_CLI_BASE_TARGET_H
#define CF_CLI_BASE_TARGET_H

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

/* The contract's pages and the list of their elements, likewise: name is "update-cvm.md",
 * "update-pre-launch-script.md" or "elements.json". The text is overwritten by the next call. */
const char *cf_contract_path(const char *name);
/* The shipped hooks for an EVM chain, likewise. */
const char *cf_evm_hooks_dir(void);

/* Load the shipped catalogue and the folders of extra (NULL-terminated, or NULL). Returns false
 * when there is a mistake in it; each is a line on standard error. */
bool cf_target_load_cases(struct cf_target *target, const char *const *extra);
/* Load the profile at path; NULL: the reference implementation's, as it would be at port. Returns
 * false when it cannot be used; standard error says why. */
bool cf_target_load_profile(struct cf_target *target, const char *path,
                            const struct cf_ref_options *options, unsigned port);
void cf_target_release(struct cf_target *target);

/* Whether its deviations and variants exist; standard error says which does not. */
bool cf_reference_known(const struct cf_ref_options *options);
/* Fork the reference implementation. Returns its port, or 0 when it does not start, with the reason
 * on standard error. It ends when stop_fd closes, or with us. Ends the process, as the other has
 * ended, where that found no memory to start with. */
unsigned cf_reference_fork(const struct cf_ref_options *options, pid_t *out_pid, int *out_stop_fd);
/* Stop it and wait. */
void cf_reference_stop(pid_t pid, int stop_fd);

#endif
