/*
 * Checking a certificate: what verify.c, verify_files.c and verify_cases.c share.
 *
 * Every check goes as far as it can and tells all that it finds; one finding is enough to refuse.
 */
#ifndef CF_CLI_CERTIFY_VERIFY_H
#define CF_CLI_CERTIFY_VERIFY_H

#include "cli/certify/ed25519.h"
#include "cli/certify/statement.h"
#include "harness/case/profile.h"
#include "harness/pool/plan.h"
#include "harness/run/engine.h"

enum { CF_FINDINGS_SHOWN_MAX = 40 };

struct cf_verification {
    const char *folder;
    const struct cf_key *key; /* NULL: signatures are not checked */
    size_t findings;
    /* for the summary */
    size_t files;
    size_t judged;      /* cases judged again */
    size_t planned_out; /* cases that the profile leaves out, worked out again */
    bool is_signed;
    /* loaded on the way */
    const struct cf_engine *engine;
    const struct cf_step_form **forms;
    struct cf_results *results;
    struct cf_catalogue catalogue;
    struct cf_profile profile;
    bool has_profile;
    struct cf_plan plan;
};

/* Tell a finding: "refused: TEXT" on standard error. */
void cf_verification_find(struct cf_verification *v, const char *fmt, ...) CF_PRINTF(2, 3);

/* SHA256SUMS against the files, both ways; and nothing else is there. False when the folder holds
 * what is no file, which must not even be opened. */
bool cf_verify_sums(struct cf_verification *v);
/* The envelope against the statement and the key. */
void cf_verify_signature(struct cf_verification *v);
/* results.ndjson holds the same records as results.json. */
void cf_verify_lines(struct cf_verification *v);
/* Every record is in the plan, every item of the plan has its record, and each comes out the same
 * when it is judged again. */
void cf_verify_cases(struct cf_verification *v);
/* Reports and statement are what is made from the results again. */
void cf_verify_reports(struct cf_verification *v, enum cf_certified *out_result);

/* Read a file of the bundle; false with a finding. */
bool cf_verification_read(struct cf_verification *v, const char *file, struct cf_buf *out);

#endif
