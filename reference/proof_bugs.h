/* What servers that look too little at a proof do; a conforming one does none of it. */
#ifndef CF_REF_PROOF_BUGS_H
#define CF_REF_PROOF_BUGS_H

#include "reference/server.h"

/* The checks of a proof that a bug may leave out. */
enum cf_ref_proof_check {
    CF_REF_CHECK_TOKEN,         /* the token is the prepared update's */
    CF_REF_CHECK_HASH_OF_TOKEN, /* the hash is the one that goes with the token */
    CF_REF_CHECK_PREPARED,      /* the hash names a prepared update */
    CF_REF_CHECK_NEWEST,        /* ... the newest one of its CVM */
    CF_REF_CHECK_UNUSED,        /* ... that was not committed */
    CF_REF_CHECK_NEWEST_UNUSED, /* ... one of the two above, looking for a used one */
    CF_REF_CHECK_THIS_CVM,      /* ... and is of this CVM */
    CF_REF_CHECK_UNEXPIRED,     /* ... and has not expired */
    CF_REF_CHECK_CHAIN,         /* the chain could be asked */
    CF_REF_CHECK_TRANSACTION,   /* all about the transaction */
    CF_REF_CHECK_RECEIPT,       /* there is a receipt */
    CF_REF_CHECK_SUCCESS,       /* it was not reverted */
    CF_REF_CHECK_CONTRACT,      /* it called the app's contract */
    CF_REF_CHECK_EVENT,         /* its event carries the hash */
    CF_REF_CHECK_THIS_CONTRACT, /* the allow list is the app's own */
    CF_REF_CHECK_DELISTING,     /* the allow list is asked anew */
    CF_REF_CHECK_RELISTING,     /* ... for a hash that was committed, too */
    CF_REF_CHECK_ALLOW_LIST,    /* all about the allow list */
    CF_REF_CHECK_HASH_FORM,     /* the hash is 32 bytes; value: the status instead */
    CF_REF_CHECK_TRANSACTION_FORM
};

/* The circumstances of a proof. */
enum {
    CF_REF_PROOF_BY_SCRIPT = 1,       /* at the pre-launch-script endpoint */
    CF_REF_PROOF_BY_TOKEN = 2,        /* at commit-update */
    CF_REF_PROOF_PREPARE_ONLY = 4,    /* X-Prepare-Only came with it */
    CF_REF_PROOF_NO_HASH = 8,         /* no compose hash was sent */
    CF_REF_PROOF_NO_TRANSACTION = 16, /* no transaction hash was sent */
    CF_REF_PROOF_LISTED = 32,         /* the hash is on the allow list */
    CF_REF_PROOF_EARLIER = 64,        /* the prepared update is not the newest */
    CF_REF_PROOF_TOKEN_OF_CVM = 128,  /* the token was handed out for this CVM once */
    CF_REF_PROOF_TOKEN_OF_ANY = 256,  /* ... for any CVM */
    CF_REF_PROOF_RESUMED = 512        /* it was looked at before others had their turn */
};

/* Whether a bug leaves the check out under these circumstances. */
bool cf_ref_proof_skips(const struct cf_ref_switches *on, enum cf_ref_proof_check check,
                        uint32_t facts);

/* The status of a malformed proof where it is not the contract's; 0: it is. */
int cf_ref_proof_status(const struct cf_ref_switches *on, enum cf_ref_proof_check check,
                        uint32_t facts);

/* Look further than to the newest update prepared for this CVM. token may be NULL. */
struct cf_ref_prepared *cf_ref_proof_find_elsewhere(struct cf_ref_server *server,
                                                    struct cf_ref_cvm *cvm, const char *hash,
                                                    const char *token, uint32_t facts);

/* What a refusal for this reason, of a proof with this hash, leaves behind. */
void cf_ref_proof_refused(struct cf_ref_server *server, struct cf_ref_cvm *cvm, const char *hash,
                          enum cf_ref_reason reason);

#endif
