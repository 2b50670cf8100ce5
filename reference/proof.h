/* Phase 2's evidence: which prepared update it names, and whether the chain agrees. */
#ifndef CF_REF_PROOF_H
#define CF_REF_PROOF_H

#include "reference/server.h"

/* What proves a registration: the texts as they came, NULL for absent. */
struct cf_ref_proof {
    const char *token; /* commit-update only; NULL for the headers of a PATCH */
    const char *compose_hash;
    const char *transaction_hash;
    bool prepare_only; /* X-Prepare-Only: true came with it */
    bool resumed;      /* others were asked between the look at this one and now (a bug) */
};

/*
 * Whether the proof is good. If so, *out_prepared is the update that it commits (NULL only where a
 * deviation takes a hash that nobody prepared). If not, answer is a 466, 467 or 468 with its
 * reason, the first that holds in this order, or a 500 or 503 where the chain could not be asked;
 * and nothing has changed: the right proof still works.
 */
bool cf_ref_proof_verify(struct cf_ref_server *server, struct cf_ref_cvm *cvm,
                         enum cf_ref_endpoint endpoint, const struct cf_ref_proof *proof,
                         struct cf_ref_prepared **out_prepared, struct cf_ref_answer *answer);

#endif
