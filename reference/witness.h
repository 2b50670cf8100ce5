/*
 * What a chain bears witness of: what became of a transaction, and whether an app's contract allows
 * a compose hash now. There are two kinds, the simulator of chain.h and an EVM node (evm.h); the
 * server asks either in the same words. Both may be out of order, which is neither yes nor no: then
 * the functions return CF_ENET or CF_EPROTO, and the server answers that it cannot tell.
 *
 * Contracts, compose hashes and transaction hashes are lower-case hexadecimal without 0x, as
 * cf_ref_address_read() and cf_ref_hash_read() give them.
 */
#ifndef CF_REF_WITNESS_H
#define CF_REF_WITNESS_H

#include "harness/base/err.h"
#include "reference/chain.h"

enum cf_ref_receipt {
    CF_REF_RECEIPT_NONE,    /* there is no such transaction */
    CF_REF_RECEIPT_PENDING, /* there is, and it is in no block yet */
    CF_REF_RECEIPT_REVERTED,
    CF_REF_RECEIPT_SUCCEEDED
};

/* What a transaction did, as far as one contract and one hash go. */
struct cf_ref_testimony {
    enum cf_ref_receipt receipt;
    bool of_contract; /* the contract emitted ComposeHashAdded; it was called, if it was reverted */
    bool of_hash;     /* with this hash; true of a reverted one, which says nothing else */
};

struct cf_ref_witness;

struct cf_ref_witness_ops {
    enum cf_code (*transaction)(const struct cf_ref_witness *witness, const char *transaction_hash,
                                const char *contract, const char *compose_hash,
                                struct cf_ref_testimony *out, struct cf_err *err);
    enum cf_code (*allows)(const struct cf_ref_witness *witness, const char *contract,
                           const char *compose_hash, bool *out, struct cf_err *err);
};

struct cf_ref_witness {
    const struct cf_ref_witness_ops *ops;
    void *self;  /* the chain or node; not owned */
    bool broken; /* nothing can be had from it, at a tester's wish */
};

/* The simulator as a witness. It never fails. */
struct cf_ref_witness cf_ref_witness_of_chain(struct cf_ref_chain *chain);

/* Errors: CF_ENET (no answer, or broken), CF_EPROTO (an answer that is nonsense). */
CF_MUST_CHECK enum cf_code
cf_ref_witness_transaction(const struct cf_ref_witness *witness, const char *transaction_hash,
                           const char *contract, const char *compose_hash,
                           struct cf_ref_testimony *out, struct cf_err *err);
/* allowedComposeHashes(compose_hash) of the contract, as of now. Errors as above. */
CF_MUST_CHECK enum cf_code cf_ref_witness_allows(const struct cf_ref_witness *witness,
                                                 const char *contract, const char *compose_hash,
                                                 bool *out, struct cf_err *err);

#endif
