/*
 * What the contract lets a client expect of a CVM and its neighbours, whatever came before.
 *
 * The model knows of each CVM which settings it has (a setting may be unknown), and which updates
 * have been through phase 1. Told of a request, it predicts which answers are allowed and what may
 * have changed, and goes on from there. It is made of the requirements of level must alone; where
 * the pages are silent it allows everything, and takes what comes of it as unknown.
 *
 * It sends nothing and reads nothing, so that a whole sequence can be predicted before it is run,
 * and shares nothing with any implementation.
 */
#ifndef CF_SUITES_MODEL_MODEL_H
#define CF_SUITES_MODEL_MODEL_H

#include "harness/base/json.h"

enum { CF_CVM_MODEL_CVMS = 2 };

/* What has become of the state when an answer is there and the CVM is idle. */
enum cf_cvm_effect {
    CF_CVM_EFFECT_NONE,     /* as before, and no operation was started */
    CF_CVM_EFFECT_EXACTLY,  /* the fields have these values, all others are as before */
    CF_CVM_EFFECT_IF_TAKEN, /* so where it was accepted, as before where it was refused */
    CF_CVM_EFFECT_OPEN      /* the fields that were named may be anything */
};

struct cf_cvm_prediction {
    cJSON *status; /* as "status" of an expectation in a case file; NULL: any */
    enum cf_cvm_effect effect;
    cJSON *fields;       /* CF_CVM_EFFECT_EXACTLY: the fields and their values */
    bool accepted;       /* the answer is an acceptance, with a correlation id */
    bool registers;      /* the answer has a compose hash */
    bool may_be_refused; /* or refuses to register, for a rule of the server's own */
    bool with_token;     /* and a commit token */
};

struct cf_cvm_model {
    struct cf_cvm_model_cvm {
        bool contract_owned;
        cJSON *settings; /* object of those that are known */
        cJSON *pending;  /* array: what was through phase 1, oldest first */
    } cvms[CF_CVM_MODEL_CVMS];
    cJSON *sent; /* array of all marked values that were sent to any of them */
};

/* How phase 2 is done. */
enum cf_cvm_proof {
    CF_CVM_PROOF_RIGHT,
    CF_CVM_PROOF_UNREGISTERED,        /* not on the allow list; a transaction nobody sent */
    CF_CVM_PROOF_UNKNOWN_TRANSACTION, /* on the list; a transaction nobody sent */
    CF_CVM_PROOF_REVERTED,            /* on the list; a transaction that reverted */
    CF_CVM_PROOF_ELSEWHERE,           /* on the list; a transaction with another contract */
    CF_CVM_PROOF_REMOVED,             /* was on the list; the transaction that put it there */
    CF_CVM_PROOF_EXPIRED,             /* on the list, too late */
    CF_CVM_PROOF_UNKNOWN_HASH,        /* a hash that no phase 1 answered, on the list */
    CF_CVM_PROOF_OTHER_CVM,           /* the hash of another CVM's phase 1, on the list */
    CF_CVM_PROOF_HALF,                /* not on the list, and without a transaction */
    CF_CVM_PROOF_MALFORMED,           /* no hash at all, with a transaction nobody sent */
    CF_CVM_PROOF_ANONYMOUS,           /* the right one, from a caller without credentials */
    CF_CVM_PROOF_SHORTENED,           /* on the list; the hash without its last digit */
    CF_CVM_PROOF_BEHEADED,            /* on the list; the hash without its first digit */
    CF_CVM_PROOF_NO_TRANSACTION,      /* on the list; a transaction hash that is none */
    CF_CVM_PROOF_PREPARED,            /* as unregistered, with X-Prepare-Only: true */
    CF_CVM_PROOF_OTHER_BODY,          /* the right one, with a body that asks for another file */
    CF_CVM_PROOF_OTHER_BEGINNING,     /* on the list; a hash with another first digit */
    CF_CVM_PROOF_OTHER_END,           /* and with another last one */
    CF_CVM_PROOF_TRANSACTION_BEGINS,  /* on the list; the transaction with another last digit */
    CF_CVM_PROOF_TRANSACTION_ENDS,    /* and with another first one */
    CF_CVM_PROOF_COUNT
};
/* "right", "unregistered" and so on, by enum cf_cvm_proof; NULL-terminated. */
extern const char *const cf_cvm_proof_names[CF_CVM_PROOF_COUNT + 1];
/* Whether its hash is not put on the list. */
bool cf_cvm_proof_is_unlisted(enum cf_cvm_proof proof);

/* A change of one CVM. */
struct cf_cvm_change {
    int cvm;
    const cJSON *fields;
    bool script;         /* by the pre-launch-script endpoint */
    bool prepare;        /* with X-Prepare-Only: true */
    bool may_be_refused; /* for the form in which it is sent */
    const char *name;    /* of the compose hash, where the answer has one */
};

void cf_cvm_model_init(struct cf_cvm_model *model, bool first_owned, bool second_owned);
void cf_cvm_model_release(struct cf_cvm_model *model);
void cf_cvm_prediction_release(struct cf_cvm_prediction *prediction);

/* Each tells what is allowed, into out for the caller to release, and takes it for done. */

/* Values of the schema's types sent to an idle CVM. A server may have rules of its own for texts,
 * names and sizes: what a careful client would not send it may refuse. A text that holds a mark
 * (cf_cvm_model_find_mark()) and was not told of before is one that the server has never seen. */
void cf_cvm_model_update(struct cf_cvm_model *model, const struct cf_cvm_change *change,
                         struct cf_cvm_prediction *out);
/* Phase 2 of what that name's phase 1 asked for. */
void cf_cvm_model_finish(struct cf_cvm_model *model, int cvm, const char *name,
                         enum cf_cvm_proof proof, struct cf_cvm_prediction *out);
/* A commit by the token of that name's phase 1, which happened. */
void cf_cvm_model_commit(struct cf_cvm_model *model, int cvm, const char *name,
                         struct cf_cvm_prediction *out);
/* A request that has one fault beside these fields, and should be answered by one of these. */
void cf_cvm_model_refuse(struct cf_cvm_model *model, const cJSON *fields, cJSON *status,
                         struct cf_cvm_prediction *out);
/* A change, and a second request, of the fields in then, while its operation runs. Where the first
 * had ended before the second came, both are sent again: then may have been applied in between. */
void cf_cvm_model_conflict(struct cf_cvm_model *model, const struct cf_cvm_change *change,
                           const cJSON *then, struct cf_cvm_prediction *out);
/* What the pages do not speak of: the fields may be anything. fields: NULL for all. */
void cf_cvm_model_doubt(struct cf_cvm_model *model, int cvm, const cJSON *fields,
                        struct cf_cvm_prediction *out);

/* Whether that phase 1 happened, on that CVM, and was answered for certain with a hash. */
bool cf_cvm_model_pends(const struct cf_cvm_model *model, int cvm, const char *name);
/* What it asked for; NULL where it did not happen. */
const cJSON *cf_cvm_model_asked(const struct cf_cvm_model *model, int cvm, const char *name);
bool cf_cvm_model_asked_by_script(const struct cf_cvm_model *model, int cvm, const char *name);

#endif
