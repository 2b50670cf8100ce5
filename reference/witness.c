#include "reference/witness.h"

#include <string.h>

static enum cf_code chain_transaction(const struct cf_ref_witness *witness,
                                      const char *transaction_hash, const char *contract,
                                      const char *compose_hash, struct cf_ref_testimony *out,
                                      struct cf_err *err)
{
    const struct cf_ref_transaction *row = cf_ref_chain_receipt(witness->self, transaction_hash);
    (void)err;
    *out = (struct cf_ref_testimony){.receipt = CF_REF_RECEIPT_NONE};
    if (!row)
        return CF_OK;
    out->receipt = row->reverted ? CF_REF_RECEIPT_REVERTED : CF_REF_RECEIPT_SUCCEEDED;
    out->of_contract = strcmp(row->contract, contract) == 0;
    out->of_hash = strcmp(row->compose_hash, compose_hash) == 0;
    return CF_OK;
}

static enum cf_code chain_allows(const struct cf_ref_witness *witness, const char *contract,
                                 const char *compose_hash, bool *out, struct cf_err *err)
{
    (void)err;
    *out = cf_ref_chain_allows(witness->self, contract, compose_hash);
    return CF_OK;
}

static const struct cf_ref_witness_ops chain_ops = {chain_transaction, chain_allows};

struct cf_ref_witness cf_ref_witness_of_chain(struct cf_ref_chain *chain)
{
    return (struct cf_ref_witness){.ops = &chain_ops, .self = chain};
}

static enum cf_code check_order(const struct cf_ref_witness *witness, struct cf_err *err)
{
    return witness->broken ? cf_err_set(err, CF_ENET, "the chain is out of order") : CF_OK;
}

enum cf_code cf_ref_witness_transaction(const struct cf_ref_witness *witness,
                                        const char *transaction_hash, const char *contract,
                                        const char *compose_hash, struct cf_ref_testimony *out,
                                        struct cf_err *err)
{
    enum cf_code code = check_order(witness, err);
    return code == CF_OK ? witness->ops->transaction(witness, transaction_hash, contract,
                                                     compose_hash, out, err)
                         : code;
}

enum cf_code cf_ref_witness_allows(const struct cf_ref_witness *witness, const char *contract,
                                   const char *compose_hash, bool *out, struct cf_err *err)
{
    enum cf_code code = check_order(witness, err);
    return code == CF_OK ? witness->ops->allows(witness, contract, compose_hash, out, err) : code;
}
