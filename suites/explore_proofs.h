/* Phase 2 as steps: what the chain is told, and the request with its proof, whole or not. */
#ifndef CF_SUITES_EXPLORE_PROOFS_H
#define CF_SUITES_EXPLORE_PROOFS_H

#include "suites/explore_writing.h"

/* New steps: a command "finish", which is sent with a proof of that kind. */
void cf_cvm_explore_put_proof(struct cf_cvm_writing *w, const cJSON *command,
                              enum cf_cvm_proof proof, const struct cf_cvm_prediction *prediction);
/* New steps: one that is right, so many times at once. */
void cf_cvm_explore_put_proof_race(struct cf_cvm_writing *w, const cJSON *command,
                                   const struct cf_cvm_prediction *prediction);
/* A new step: the last reading has nothing of what a CF_CVM_PROOF_OTHER_BODY asked for. */
void cf_cvm_explore_expect_not_another(struct cf_cvm_writing *w, const cJSON *command);

#endif
