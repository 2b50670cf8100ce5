/*
 * An EVM node as a witness: what the contract wants to know of a chain, in the node's JSON-RPC
 * methods (the Ethereum execution API). How a call travels is not decided here: rpc.h sends it over
 * HTTP, tests answer it themselves.
 *
 *   eth_getTransactionReceipt   status; the logs of the app's contract, for ComposeHashAdded
 *   eth_getTransactionByHash    where there is no receipt: is there such a transaction?
 *   eth_call                    allowedComposeHashes(bytes32), at the latest block
 *
 * A node is foreign: whatever it says in another form than these methods have is CF_EPROTO.
 */
#ifndef CF_REF_EVM_H
#define CF_REF_EVM_H

#include "harness/base/json.h"
#include "reference/witness.h"

struct cf_ref_evm {
    /* Call a method with params, a JSON array as text. *out_result is the result, in doc, which the
     * caller releases. CF_ENET, or CF_EPROTO for an error of the node's and for what is not an
     * answer. */
    enum cf_code (*call)(void *self, const char *method, const char *params,
                         struct cf_json_doc *doc, const cJSON **out_result, struct cf_err *err);
    void *self;
};

/* node must outlive the witness. */
struct cf_ref_witness cf_ref_witness_of_evm(struct cf_ref_evm *node);

#endif
