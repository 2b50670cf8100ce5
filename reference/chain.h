/*
 * A blockchain as far as the contract can see one: app contracts with their allow lists of compose
 * hashes, and receipts of transactions. Nothing is ever forgotten, as on the real thing, except by
 * cf_ref_chain_forget_app(), which the tester's reset uses.
 */
#ifndef CF_REF_CHAIN_H
#define CF_REF_CHAIN_H

#include "harness/base/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CF_REF_ADDRESS_HEX = 41 };

struct cf_ref_transaction {
    char hash[CF_SHA256_HEX];
    char contract[CF_REF_ADDRESS_HEX]; /* the contract it called */
    char compose_hash[CF_SHA256_HEX];  /* of its ComposeHashAdded event */
    bool reverted;
};

struct cf_ref_listing {
    char contract[CF_REF_ADDRESS_HEX];
    char compose_hash[CF_SHA256_HEX];
    bool allowed;
};

/* An index of rows by the hash of their key: open addressing, row number + 1, 0 for empty. */
struct cf_ref_index {
    uint32_t *slots;
    size_t slot_count; /* a power of two */
};

struct cf_ref_chain {
    struct cf_ref_transaction *transactions;
    size_t transaction_count, transaction_cap;
    struct cf_ref_index by_hash;
    struct cf_ref_listing *listings;
    size_t listing_count, listing_cap;
    struct cf_ref_index by_listing;
    struct cf_random random;
};

/* An empty chain; seed makes its transaction hashes. Release accepts a zeroed chain. */
void cf_ref_chain_init(struct cf_ref_chain *chain, const char *seed);
void cf_ref_chain_release(struct cf_ref_chain *chain);

/* Put a hash on an app's allow list, or take it off. */
void cf_ref_chain_allow(struct cf_ref_chain *chain, const char *contract, const char *compose_hash,
                        bool allowed);
/* allowedComposeHashes(compose_hash) of the app's contract. */
bool cf_ref_chain_allows(const struct cf_ref_chain *chain, const char *contract,
                         const char *compose_hash);
/* Whether the hash ever was on the list. */
bool cf_ref_chain_knows(const struct cf_ref_chain *chain, const char *contract,
                        const char *compose_hash);
/* Empty the app's allow list. */
void cf_ref_chain_forget_app(struct cf_ref_chain *chain, const char *contract);

/* Record a transaction that called contract's addComposeHash(compose_hash); its effect on the
 * allow list is the caller's to record. */
void cf_ref_chain_mine(struct cf_ref_chain *chain, const char *contract, const char *compose_hash,
                       bool reverted, char out_hash[CF_SHA256_HEX]);
/* The receipt, or NULL. Valid until the next cf_ref_chain_mine(). */
const struct cf_ref_transaction *cf_ref_chain_receipt(const struct cf_ref_chain *chain,
                                                      const char *transaction_hash);

#endif
