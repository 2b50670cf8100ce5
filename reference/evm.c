#include "reference/evm.h"
#include "reference/compose.h"

#include <string.h>

/* Each with the command that shows it. */
#define SELECTOR_ALLOWED "2f6622e5" /* cast sig 'allowedComposeHashes(bytes32)' */
/* cast sig-event 'ComposeHashAdded(bytes32)' */
#define TOPIC_ADDED "fecb34306dd9d8b785b54d65489d06afc8822a0893ddacedff40c50a4942d0af"

/* One call, its parameters filled in. */
static enum cf_code call(const struct cf_ref_witness *witness, const char *method,
                         struct cf_buf *params, struct cf_json_doc *doc, const cJSON **out_result,
                         struct cf_err *err)
{
    struct cf_ref_evm *node = witness->self;
    enum cf_code code = node->call(node->self, method, cf_buf_text(params), doc, out_result, err);
    cf_buf_release(params);
    return code == CF_OK ? code : cf_err_prefix(err, "%s", method);
}

static enum cf_code nonsense(struct cf_json_doc *doc, struct cf_err *err, const char *what)
{
    cf_json_release(doc);
    return cf_err_set(err, CF_EPROTO, "the node says %s", what);
}

/* ---- the allow list ---- */

/* A word of 32 bytes that holds 0 or 1. */
static bool read_bool(const cJSON *result, bool *out)
{
    char word[CF_SHA256_HEX];
    if (!cJSON_IsString(result) || !cf_ref_hash_read(result->valuestring, word))
        return false;
    char last = word[CF_SHA256_HEX - 2];
    if (strspn(word, "0") < CF_SHA256_HEX - 2 || (last != '0' && last != '1'))
        return false;
    *out = last == '1';
    return true;
}

static enum cf_code evm_allows(const struct cf_ref_witness *witness, const char *contract,
                               const char *compose_hash, bool *out, struct cf_err *err)
{
    struct cf_json_doc doc;
    const cJSON *result = NULL;
    struct cf_buf params = {0};
    cf_buf_printf(&params, "[{\"to\":\"0x%s\",\"data\":\"0x%s%s\"},\"latest\"]", contract,
                  SELECTOR_ALLOWED, compose_hash);
    enum cf_code code = call(witness, "eth_call", &params, &doc, &result, err);
    if (code != CF_OK)
        return code;
    /* "0x": there is no contract at this address. */
    if (!read_bool(result, out))
        return nonsense(&doc, err, "something else than a bool of allowedComposeHashes()");
    cf_json_release(&doc);
    return CF_OK;
}

/* ---- a transaction ---- */

static bool is_hash(const cJSON *text, const char *hash)
{
    char read[CF_SHA256_HEX];
    return cJSON_IsString(text) && cf_ref_hash_read(text->valuestring, read) &&
           strcmp(read, hash) == 0;
}

static bool is_address(const cJSON *text, const char *address)
{
    char read[CF_REF_ADDRESS_HEX];
    return cJSON_IsString(text) && cf_ref_address_read(text->valuestring, read) &&
           strcmp(read, address) == 0;
}

/* Look for the event; it carries the hash as data, or as a topic where it is indexed. */
static void read_log(const cJSON *log, const char *contract, const char *compose_hash,
                     struct cf_ref_testimony *out)
{
    const cJSON *topics = cf_json_get(log, "topics");
    const cJSON *topic = cJSON_IsArray(topics) ? topics->child : NULL;
    if (!is_address(cf_json_get(log, "address"), contract) || !is_hash(topic, TOPIC_ADDED))
        return;
    out->of_contract = true;
    if (is_hash(topic->next ? topic->next : cf_json_get(log, "data"), compose_hash))
        out->of_hash = true;
}

static bool read_receipt(const cJSON *receipt, const char *transaction_hash, const char *contract,
                         const char *compose_hash, struct cf_ref_testimony *out)
{
    const char *status = cf_json_text(receipt, "status", "");
    const cJSON *logs = cf_json_get(receipt, "logs");
    if (!is_hash(cf_json_get(receipt, "transactionHash"), transaction_hash) ||
        !cJSON_IsArray(logs) || (strcmp(status, "0x0") != 0 && strcmp(status, "0x1") != 0))
        return false;
    *out = (struct cf_ref_testimony){.receipt = CF_REF_RECEIPT_SUCCEEDED};
    if (strcmp(status, "0x0") == 0) {
        *out = (struct cf_ref_testimony){.receipt = CF_REF_RECEIPT_REVERTED, .of_hash = true};
        out->of_contract = is_address(cf_json_get(receipt, "to"), contract);
        return true;
    }
    const cJSON *log;
    cJSON_ArrayForEach(log, logs) read_log(log, contract, compose_hash, out);
    return true;
}

static enum cf_code call_with_hash(const struct cf_ref_witness *witness, const char *method,
                                   const char *transaction_hash, struct cf_json_doc *doc,
                                   const cJSON **out_result, struct cf_err *err)
{
    struct cf_buf params = {0};
    cf_buf_printf(&params, "[\"0x%s\"]", transaction_hash);
    return call(witness, method, &params, doc, out_result, err);
}

/* Where there is no receipt. *out_mined: there has to be one by now. */
static enum cf_code look_for_transaction(const struct cf_ref_witness *witness,
                                         const char *transaction_hash, struct cf_ref_testimony *out,
                                         bool *out_mined, struct cf_err *err)
{
    struct cf_json_doc doc;
    const cJSON *result = NULL;
    enum cf_code code =
        call_with_hash(witness, "eth_getTransactionByHash", transaction_hash, &doc, &result, err);
    if (code != CF_OK)
        return code;
    if (!cJSON_IsNull(result) && !is_hash(cf_json_get(result, "hash"), transaction_hash))
        return nonsense(&doc, err, "something else than a transaction");
    *out = (struct cf_ref_testimony){.receipt = cJSON_IsNull(result) ? CF_REF_RECEIPT_NONE
                                                                     : CF_REF_RECEIPT_PENDING};
    *out_mined = cJSON_IsString(cf_json_get(result, "blockNumber"));
    cf_json_release(&doc);
    return CF_OK;
}

/* *out_found: there is a receipt, and out is filled in. */
static enum cf_code look_for_receipt(const struct cf_ref_witness *witness,
                                     const char *transaction_hash, const char *contract,
                                     const char *compose_hash, struct cf_ref_testimony *out,
                                     bool *out_found, struct cf_err *err)
{
    struct cf_json_doc doc;
    const cJSON *result = NULL;
    enum cf_code code =
        call_with_hash(witness, "eth_getTransactionReceipt", transaction_hash, &doc, &result, err);
    if (code != CF_OK)
        return code;
    *out_found = !cJSON_IsNull(result);
    if (*out_found && !read_receipt(result, transaction_hash, contract, compose_hash, out))
        return nonsense(&doc, err, "something else than a receipt");
    cf_json_release(&doc);
    return CF_OK;
}

static enum cf_code evm_transaction(const struct cf_ref_witness *witness,
                                    const char *transaction_hash, const char *contract,
                                    const char *compose_hash, struct cf_ref_testimony *out,
                                    struct cf_err *err)
{
    bool found = false;
    bool mined = false;
    enum cf_code code =
        look_for_receipt(witness, transaction_hash, contract, compose_hash, out, &found, err);
    if (code == CF_OK && !found)
        code = look_for_transaction(witness, transaction_hash, out, &mined, err);
    /* Mined between the two questions. */
    if (code == CF_OK && mined)
        code =
            look_for_receipt(witness, transaction_hash, contract, compose_hash, out, &found, err);
    return code;
}

static const struct cf_ref_witness_ops evm_ops = {evm_transaction, evm_allows};

struct cf_ref_witness cf_ref_witness_of_evm(struct cf_ref_evm *node)
{
    return (struct cf_ref_witness){.ops = &evm_ops, .self = node};
}
