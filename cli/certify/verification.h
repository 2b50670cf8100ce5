/*
 * A certificate that is being checked: what its bundle holds, and what was found against it.
 *
 * Every check goes as far as it can and says all that it finds; one finding is enough to refuse.
 */
#ifndef CF_CLI_CERTIFY_VERIFICATION_H
#define CF_CLI_CERTIFY_VERIFICATION_H

#include "cli/certify/ed25519.h"
#include "cli/certify/statement.h"
#include "harness/pool/plan.h"
#include "harness/run/engine.h"

enum { CF_FINDINGS_SHOWN_MAX = 40, CF_PROFILE_PUBLIC_MAX_BYTES = 4 << 20 };

struct cf_verification {
    const char *folder;
    const struct cf_key *key; /* NULL: signatures are not checked */
    size_t findings;
    /* for the summary */
    size_t files;
    size_t judged;      /* cases judged again */
    size_t planned_out; /* cases that the profile leaves out, worked out again */
    struct {
        size_t cases;  /* that run in each repetition; below 2 there is no order */
        double turned; /* of all pairs of them, how many percent began the other way round in
                          another repetition, where that is least */
    } order;
    bool has_envelope; /* it holds one; whether its signature is good is known only with a key */
    /* loaded on the way */
    const struct cf_engine *engine;
    const struct cf_step_form **forms;
    struct cf_results *results;
    struct cf_catalogue catalogue;
    struct cf_profile profile;
    bool has_profile;
    struct cf_plan plan;
    struct cf_answerers answerers; /* as the records say that were judged again */
};

/* Count a finding, and print "refused: TEXT" on standard error while there are few of them. */
void cf_verification_find(struct cf_verification *v, const char *fmt, ...) CF_PRINTF(2, 3);
/* Append a file of the bundle to out. Returns false, with a finding, when it cannot be read. */
bool cf_verification_read(struct cf_verification *v, const char *file, struct cf_buf *out);
/* Load case files, profile and results. Returns false, with a finding for each that is not good. */
bool cf_verification_load(struct cf_verification *v);
void cf_verification_release(struct cf_verification *v);

#endif
