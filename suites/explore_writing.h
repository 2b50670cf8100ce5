/* A case that is being written from a sequence: its steps, and what is expected of each. */
#ifndef CF_SUITES_EXPLORE_WRITING_H
#define CF_SUITES_EXPLORE_WRITING_H

#include "harness/case/profile.h"
#include "harness/case/step_form.h"
#include "suites/model/model.h"

struct cf_cvm_writing {
    struct cf_cvm_model model;
    const cJSON *sequence;
    const struct cf_profile *profile;
    cJSON *steps;
    cJSON *fixtures;
    const char *labels[CF_CVM_MODEL_CVMS]; /* of the last reading */
    int cvms;
    cJSON *ids;  /* array of references to correlation ids; NULL: they are not compared */
    int command; /* index of the one being written */
    int *commands;
};

const char *cf_cvm_writing_role(int cvm);
const char *cf_cvm_writing_endpoint(bool script);
/* Name the CVM in a member of a step, where it is not the main one. */
void cf_cvm_writing_put_role(cJSON *step, const char *member, int cvm);

/* A new step without a word yet; it is the case's. */
cJSON *cf_cvm_writing_step(struct cf_cvm_writing *w);
/* A request that is a member of a step; the caller's. */
cJSON *cf_cvm_writing_request(const char *endpoint, int cvm);
/* A new step that sends a request; it is the case's. */
cJSON *cf_cvm_writing_send(struct cf_cvm_writing *w, const char *endpoint, int cvm);

/* What the answer to a request step is to be. */
void cf_cvm_writing_answer(cJSON *step, const struct cf_cvm_prediction *prediction);
/* New steps: a reading to compare with later; nothing has changed since the last one; nothing has
 * where what was open has been refused; what the prediction says has become of the CVM. */
void cf_cvm_writing_look(struct cf_cvm_writing *w, int cvm, const char *label);
void cf_cvm_writing_as_before(struct cf_cvm_writing *w, int cvm);
void cf_cvm_writing_nothing_if_refused(struct cf_cvm_writing *w, int cvm,
                                       const struct cf_cvm_prediction *prediction);
void cf_cvm_writing_effect(struct cf_cvm_writing *w, int cvm,
                           const struct cf_cvm_prediction *prediction);
/* The same, and nothing of the other CVM. */
void cf_cvm_writing_own_effect(struct cf_cvm_writing *w, int cvm,
                               const struct cf_cvm_prediction *prediction);

/* A new step that calls a hook: "register", "unregister" or "expire" with a hash, by the hook of
 * that name where by is not NULL. */
void cf_cvm_writing_call(struct cf_cvm_writing *w, const char *word, const char *hash,
                         const char *by);
/* What a step captures; the step's. */
cJSON *cf_cvm_writing_capture(cJSON *step);
/* The id of an answer that has one for certain is another one than those before. */
void cf_cvm_writing_compare_id(struct cf_cvm_writing *w, cJSON *step,
                               const struct cf_cvm_prediction *prediction);

#endif
