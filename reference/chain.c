#include "reference/chain.h"

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

/* Room for one more row of this size in *rows, and in an index that is emptied when it grows:
 * out_grew tells the caller, who alone knows the rows' type, to fill it again. */
static enum cf_code grow(void **rows, size_t row_bytes, size_t count, size_t *cap,
                         struct cf_ref_index *index, bool *out_grew)
{
    *out_grew = count >= *cap;
    if (!*out_grew)
        return CF_OK;
    size_t more = *cap ? *cap * 2 : 64;
    if (more > CF_REF_CHAIN_MAX)
        return CF_ELIMIT;
    uint32_t *slots = calloc(more * 2, sizeof(*slots));
    void *grown = slots ? realloc(*rows, more * row_bytes) : NULL;
    if (!grown) {
        free(slots);
        return CF_ENOMEM;
    }
    *rows = grown;
    *cap = more;
    free(index->slots);
    *index = (struct cf_ref_index){.slots = slots, .slot_count = more * 2};
    return CF_OK;
}

static void reindex(const struct cf_ref_chain *chain, struct cf_ref_index *index, size_t count,
                    key_fn *key)
{
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

static enum cf_code add_listing(struct cf_ref_chain *chain, const char *contract,
                                const char *compose_hash, struct cf_ref_listing **out)
{
    void *rows = chain->listings;
    bool grew = false;
    enum cf_code code = grow(&rows, sizeof(**out), chain->listing_count, &chain->listing_cap,
                             &chain->by_listing, &grew);
    if (code != CF_OK)
        return code;
    chain->listings = rows;
    if (grew)
        reindex(chain, &chain->by_listing, chain->listing_count, listing_key);
    struct cf_ref_listing *row = &chain->listings[chain->listing_count];
    *row = (struct cf_ref_listing){0};
    memcpy(row->contract, contract, CF_REF_ADDRESS_HEX);
    memcpy(row->compose_hash, compose_hash, CF_SHA256_HEX);
    index_put(&chain->by_listing, listing_key(chain, chain->listing_count), chain->listing_count);
    chain->listing_count++;
    *out = row;
    return CF_OK;
}

enum cf_code cf_ref_chain_allow(struct cf_ref_chain *chain, const char *contract,
                                const char *compose_hash, bool allowed)
{
    struct cf_ref_listing *row = find_listing(chain, contract, compose_hash);
    enum cf_code code = row || !allowed ? CF_OK : add_listing(chain, contract, compose_hash, &row);
    if (code == CF_OK && row)
        row->allowed = allowed;
    return code;
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

enum cf_code cf_ref_chain_mine(struct cf_ref_chain *chain, const char *contract,
                               const char *compose_hash, bool reverted,
                               char out_hash[CF_SHA256_HEX])
{
    void *rows = chain->transactions;
    struct cf_ref_transaction row = {.reverted = reverted};
    bool grew = false;
    enum cf_code code = grow(&rows, sizeof(row), chain->transaction_count, &chain->transaction_cap,
                             &chain->by_hash, &grew);
    if (code != CF_OK)
        return code;
    chain->transactions = rows;
    if (grew)
        reindex(chain, &chain->by_hash, chain->transaction_count, transaction_key);
    cf_random_hex(&chain->random, row.hash, CF_SHA256_HEX - 1);
    memcpy(row.contract, contract, CF_REF_ADDRESS_HEX);
    memcpy(row.compose_hash, compose_hash, CF_SHA256_HEX);
    chain->transactions[chain->transaction_count] = row;
    index_put(&chain->by_hash, transaction_key(chain, chain->transaction_count),
              chain->transaction_count);
    chain->transaction_count++;
    memcpy(out_hash, row.hash, CF_SHA256_HEX);
    return CF_OK;
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
