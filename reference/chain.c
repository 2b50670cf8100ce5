#include "reference/chain.h"

#include "harness/base/mem.h"

#include <stdlib.h>
#include <string.h>

void cf_ref_chain_init(struct cf_ref_chain *chain, const char *seed)
{
    *chain = (struct cf_ref_chain){0};
    cf_random_init(&chain->random, seed);
}

void cf_ref_chain_release(struct cf_ref_chain *chain)
{
    if (!chain)
        return;
    free(chain->transactions);
    free(chain->listings);
    free(chain->by_hash.slots);
    free(chain->by_listing.slots);
    *chain = (struct cf_ref_chain){0};
}

/* ---- growing ---- */

/* FNV-1a over two strings: keys are made of digests, so nothing better is needed. */
static uint64_t key_hash(const char *a, const char *b)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *a != '\0'; a++)
        hash = (hash ^ (unsigned char)*a) * UINT64_C(1099511628211);
    for (; *b != '\0'; b++)
        hash = (hash ^ (unsigned char)*b) * UINT64_C(1099511628211);
    return hash;
}

static void index_put(struct cf_ref_index *index, uint64_t hash, size_t row)
{
    size_t mask = index->slot_count - 1;
    size_t at = hash & mask;
    while (index->slots[at] != 0)
        at = (at + 1) & mask;
    index->slots[at] = (uint32_t)row + 1;
}

static uint64_t transaction_key(const struct cf_ref_chain *chain, size_t row)
{
    return key_hash(chain->transactions[row].hash, "");
}

static uint64_t listing_key(const struct cf_ref_chain *chain, size_t row)
{
    return key_hash(chain->listings[row].contract, chain->listings[row].compose_hash);
}

typedef uint64_t key_fn(const struct cf_ref_chain *chain, size_t row);

/* Room for count + 1 rows in an index, filled anew where it has to grow. */
static void reserve(const struct cf_ref_chain *chain, struct cf_ref_index *index, size_t count,
                    key_fn *key)
{
    if ((count + 1) * 2 <= index->slot_count)
        return;
    free(index->slots);
    index->slot_count = index->slot_count ? index->slot_count * 2 : 128;
    index->slots = cf_alloc_array(index->slot_count, sizeof(*index->slots));
    for (size_t i = 0; i < count; i++)
        index_put(index, key(chain, i), i);
}

/* ---- allow lists ---- */

static struct cf_ref_listing *find_listing(const struct cf_ref_chain *chain, const char *contract,
                                           const char *compose_hash)
{
    const struct cf_ref_index *index = &chain->by_listing;
    size_t mask = index->slot_count - 1;
    size_t at = key_hash(contract, compose_hash);
    for (; index->slot_count > 0 && index->slots[at & mask] != 0; at++) {
        struct cf_ref_listing *row = &chain->listings[index->slots[at & mask] - 1];
        if (strcmp(row->contract, contract) == 0 && strcmp(row->compose_hash, compose_hash) == 0)
            return row;
    }
    return NULL;
}

static struct cf_ref_listing *add_listing(struct cf_ref_chain *chain, const char *contract,
                                          const char *compose_hash)
{
    size_t count = chain->listing_count;
    chain->listings =
        cf_grow(chain->listings, count, &chain->listing_cap, sizeof(*chain->listings));
    reserve(chain, &chain->by_listing, count, listing_key);
    struct cf_ref_listing *row = &chain->listings[count];
    *row = (struct cf_ref_listing){0};
    memcpy(row->contract, contract, CF_REF_ADDRESS_HEX);
    memcpy(row->compose_hash, compose_hash, CF_SHA256_HEX);
    index_put(&chain->by_listing, listing_key(chain, count), count);
    chain->listing_count++;
    return row;
}

void cf_ref_chain_allow(struct cf_ref_chain *chain, const char *contract, const char *compose_hash,
                        bool allowed)
{
    struct cf_ref_listing *row = find_listing(chain, contract, compose_hash);
    if (!row && allowed)
        row = add_listing(chain, contract, compose_hash);
    if (row)
        row->allowed = allowed;
}

bool cf_ref_chain_allows(const struct cf_ref_chain *chain, const char *contract,
                         const char *compose_hash)
{
    const struct cf_ref_listing *row = find_listing(chain, contract, compose_hash);
    return row && row->allowed;
}

bool cf_ref_chain_knows(const struct cf_ref_chain *chain, const char *contract,
                        const char *compose_hash)
{
    return find_listing(chain, contract, compose_hash) != NULL;
}

void cf_ref_chain_forget_app(struct cf_ref_chain *chain, const char *contract)
{
    for (size_t i = 0; i < chain->listing_count; i++) {
        if (strcmp(chain->listings[i].contract, contract) == 0)
            chain->listings[i].allowed = false;
    }
}

/* ---- transactions ---- */

void cf_ref_chain_mine(struct cf_ref_chain *chain, const char *contract, const char *compose_hash,
                       bool reverted, char out_hash[CF_SHA256_HEX])
{
    size_t count = chain->transaction_count;
    chain->transactions =
        cf_grow(chain->transactions, count, &chain->transaction_cap, sizeof(*chain->transactions));
    reserve(chain, &chain->by_hash, count, transaction_key);
    struct cf_ref_transaction *row = &chain->transactions[count];
    *row = (struct cf_ref_transaction){.reverted = reverted};
    cf_random_hex(&chain->random, row->hash, CF_SHA256_HEX - 1);
    memcpy(row->contract, contract, CF_REF_ADDRESS_HEX);
    memcpy(row->compose_hash, compose_hash, CF_SHA256_HEX);
    index_put(&chain->by_hash, transaction_key(chain, count), count);
    chain->transaction_count++;
    memcpy(out_hash, row->hash, CF_SHA256_HEX);
}

const struct cf_ref_transaction *cf_ref_chain_receipt(const struct cf_ref_chain *chain,
                                                      const char *transaction_hash)
{
    const struct cf_ref_index *index = &chain->by_hash;
    size_t mask = index->slot_count - 1;
    size_t at = key_hash(transaction_hash, "");
    for (; index->slot_count > 0 && index->slots[at & mask] != 0; at++) {
        const struct cf_ref_transaction *row = &chain->transactions[index->slots[at & mask] - 1];
        if (strcmp(row->hash, transaction_hash) == 0)
            return row;
    }
    return NULL;
}
