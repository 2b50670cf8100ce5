#include "reference/evm.h"
#include "tests/unit/unit.h"

#define APP "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HASH "1111111111111111111111111111111111111111111111111111111111111111"
#define ANOTHER "2222222222222222222222222222222222222222222222222222222222222222"
#define TX "3333333333333333333333333333333333333333333333333333333333333333"
/* cast sig-event 'ComposeHashAdded(bytes32)', and of ComposeHashRemoved(bytes32) */
#define ADDED "0xfecb34306dd9d8b785b54d65489d06afc8822a0893ddacedff40c50a4942d0af"
#define REMOVED "0x755b79bd4b0eeab344d032284a99003b2ddc018b646752ac72d681593a6e8947"

/* What the node says, in turn; NULL: it is away. And what it was asked. */
static const char *const *answers;
static char asked[512];

static enum cf_code answer(void *self, const char *method, const char *params,
                           struct cf_json_doc *doc, const cJSON **out_result, struct cf_err *err)
{
    const char *text = *answers++;
    size_t len = strlen(asked);
    (void)self;
    snprintf(asked + len, sizeof(asked) - len, "%s%s ", method, params);
    if (!text)
        return cf_err_set(err, CF_ENET, "away");
    enum cf_code code = cf_json_parse(doc, "answer", text, strlen(text), 0, err);
    *out_result = code == CF_OK ? doc->root : NULL;
    return code;
}

static struct cf_ref_evm node = {.call = answer};

static enum cf_code ask(const char *const *what, struct cf_ref_testimony *out, struct cf_err *err)
{
    struct cf_ref_witness witness = cf_ref_witness_of_evm(&node);
    answers = what;
    asked[0] = '\0';
    return cf_ref_witness_transaction(&witness, TX, APP, HASH, out, err);
}

#define ANSWERS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RECEIPT(status, to, logs)                                                                  \
    "{\"transactionHash\":\"0x" TX "\",\"status\":\"" status "\",\"to\":" to ",\"logs\":[" logs "]}"
#define LOG(address, topic, data)                                                                  \
    "{\"address\":\"0x" address "\",\"topics\":[\"" topic "\"],\"data\":\"0x" data "\"}"
#define TO_APP "\"0x" APP "\""
#define UNMINED "{\"hash\":\"0x" TX "\",\"blockNumber\":null}"
#define MINED "{\"hash\":\"0x" TX "\",\"blockNumber\":\"0x1\"}"
#define DONE RECEIPT("0x1", TO_APP, LOG(APP, ADDED, HASH))

static const struct {
    const char *name;
    const char *answers[4];
    struct cf_ref_testimony said;
} testimonies[] = {
    {"registered", {DONE}, {CF_REF_RECEIPT_SUCCEEDED, true, true}},
    {"in other letters",
     {RECEIPT("0x1", "null", LOG("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ADDED, HASH))},
     {CF_REF_RECEIPT_SUCCEEDED, true, true}},
    {"indexed",
     {RECEIPT("0x1", TO_APP,
              "{\"address\":\"0x" APP "\",\"topics\":[\"" ADDED "\",\"0x" HASH
              "\"],\"data\":\"0x\"}")},
     {CF_REF_RECEIPT_SUCCEEDED, true, true}},
    {"through a wallet's contract",
     {RECEIPT("0x1", "\"0x" OTHER "\"",
              "{\"address\":\"0x" OTHER
              "\",\"topics\":[],\"data\":\"0x\"}," LOG(APP, ADDED, HASH))},
     {CF_REF_RECEIPT_SUCCEEDED, true, true}},
    {"another hash",
     {RECEIPT("0x1", TO_APP, LOG(APP, ADDED, ANOTHER))},
     {CF_REF_RECEIPT_SUCCEEDED, true, false}},
    {"one hash of two",
     {RECEIPT("0x1", TO_APP, LOG(APP, ADDED, ANOTHER) "," LOG(APP, ADDED, HASH))},
     {CF_REF_RECEIPT_SUCCEEDED, true, true}},
    {"another contract",
     {RECEIPT("0x1", TO_APP, LOG(OTHER, ADDED, HASH))},
     {CF_REF_RECEIPT_SUCCEEDED, false, false}},
    {"another event",
     {RECEIPT("0x1", TO_APP, LOG(APP, REMOVED, HASH))},
     {CF_REF_RECEIPT_SUCCEEDED, false, false}},
    {"no event", {RECEIPT("0x1", TO_APP, "")}, {CF_REF_RECEIPT_SUCCEEDED, false, false}},
    {"reverted", {RECEIPT("0x0", TO_APP, "")}, {CF_REF_RECEIPT_REVERTED, true, true}},
    {"reverted elsewhere",
     {RECEIPT("0x0", "\"0x" OTHER "\"", "")},
     {CF_REF_RECEIPT_REVERTED, false, true}},
    {"unknown", {"null", "null"}, {CF_REF_RECEIPT_NONE, false, false}},
    {"in no block yet", {"null", UNMINED}, {CF_REF_RECEIPT_PENDING, false, false}},
    {"mined between", {"null", MINED, DONE}, {CF_REF_RECEIPT_SUCCEEDED, true, true}},
    {"mined, no receipt", {"null", MINED, "null"}, {CF_REF_RECEIPT_PENDING, false, false}},
};

static void transaction_is_told_by_receipt_and_event(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(testimonies); i++) {
        struct cf_ref_testimony said = {0};
        struct cf_err err = {0};
        if (ask(testimonies[i].answers, &said, &err) != CF_OK ||
            said.receipt != testimonies[i].said.receipt ||
            said.of_contract != testimonies[i].said.of_contract ||
            said.of_hash != testimonies[i].said.of_hash)
            fail_msg("%s: %d %d %d %s", testimonies[i].name, said.receipt, said.of_contract,
                     said.of_hash, err.text);
    }
}

static const struct {
    const char *answers[3];
    enum cf_code code;
    const char *text;
} troubles[] = {
    {{NULL}, CF_ENET, "eth_getTransactionReceipt: away"},
    {{"null", NULL}, CF_ENET, "eth_getTransactionByHash: away"},
    {{"{}"}, CF_EPROTO, "the node says something else than a receipt"},
    {{"\"0x1\""}, CF_EPROTO, "the node says something else than a receipt"},
    {{RECEIPT("0x2", TO_APP, "")}, CF_EPROTO, "the node says something else than a receipt"},
    {{"{\"transactionHash\":\"0x" TX "\",\"logs\":[]}"},
     CF_EPROTO,
     "the node says something else than a receipt"},
    {{"{\"transactionHash\":\"0x" ANOTHER "\",\"status\":\"0x1\",\"logs\":[]}"},
     CF_EPROTO,
     "the node says something else than a receipt"},
    {{"null", "{\"hash\":\"0x" ANOTHER "\"}"},
     CF_EPROTO,
     "the node says something else than a transaction"},
    {{"null", "true"}, CF_EPROTO, "the node says something else than a transaction"},
};

static void transaction_of_a_node_in_trouble_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(troubles); i++) {
        struct cf_ref_testimony said;
        struct cf_err err = {0};
        if (ask(troubles[i].answers, &said, &err) != troubles[i].code ||
            strcmp(err.text, troubles[i].text) != 0)
            fail_msg("%zu: %s", i, err.text);
    }
}

static void transaction_asks_by_hash(void **state)
{
    struct cf_ref_testimony said;
    struct cf_err err = {0};
    (void)state;
    assert_int_equal(ask(ANSWERS("null", "null"), &said, &err), CF_OK);
    assert_string_equal(asked, "eth_getTransactionReceipt[\"0x" TX
                               "\"] eth_getTransactionByHash[\"0x" TX "\"] ");
}

/* ---- the allow list ---- */

#define ZEROES "000000000000000000000000000000000000000000000000000000000000000"

static const struct {
    const char *answer;
    enum cf_code code;
    bool allowed;
} listings[] = {
    {"\"0x" ZEROES "1\"", CF_OK, true},
    {"\"0x" ZEROES "0\"", CF_OK, false},
    {"\"0x" ZEROES "2\"", CF_EPROTO, false},
    {"\"0x1" ZEROES "\"", CF_EPROTO, false},
    {"\"0x\"", CF_EPROTO, false}, /* no contract there */
    {"\"0x1\"", CF_EPROTO, false},
    {"true", CF_EPROTO, false},
    {"null", CF_EPROTO, false},
    {NULL, CF_ENET, false},
};

static void allows_takes_a_word_of_0_or_1_and_nothing_else(void **state)
{
    struct cf_ref_witness witness = cf_ref_witness_of_evm(&node);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(listings); i++) {
        bool allowed = false;
        struct cf_err err = {0};
        answers = ANSWERS(listings[i].answer);
        asked[0] = '\0';
        if (cf_ref_witness_allows(&witness, APP, HASH, &allowed, &err) != listings[i].code ||
            allowed != listings[i].allowed)
            fail_msg("%zu: %d %s", i, allowed, err.text);
        assert_string_equal(asked, "eth_call[{\"to\":\"0x" APP "\",\"data\":\"0x2f6622e5" HASH
                                   "\"},\"latest\"] ");
    }
}

static void witness_that_is_broken_asks_nobody(void **state)
{
    struct cf_ref_witness witness = cf_ref_witness_of_evm(&node);
    struct cf_ref_testimony said;
    struct cf_err err = {0};
    bool allowed = false;
    (void)state;
    witness.broken = true;
    answers = NULL;
    assert_int_equal(cf_ref_witness_allows(&witness, APP, HASH, &allowed, &err), CF_ENET);
    assert_int_equal(cf_ref_witness_transaction(&witness, TX, APP, HASH, &said, &err), CF_ENET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transaction_is_told_by_receipt_and_event),
        cmocka_unit_test(transaction_of_a_node_in_trouble_is_an_error),
        cmocka_unit_test(transaction_asks_by_hash),
        cmocka_unit_test(allows_takes_a_word_of_0_or_1_and_nothing_else),
        cmocka_unit_test(witness_that_is_broken_asks_nobody),
    };
    return UNIT_RUN(tests);
}
