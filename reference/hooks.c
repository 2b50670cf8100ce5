/* The handlers for a tester: the owner's side of the chain, time passing, and starting afresh. */
#include "reference/body.h"
#include "reference/handlers.h"

#include <string.h>

struct registration {
    char app_id[CF_REF_ADDRESS_HEX];
    char compose_hash[CF_SHA256_HEX];
};

static bool read_registration(struct cf_ref_server *server, const struct cf_ref_request *request,
                              struct registration *out, struct cf_ref_answer *answer)
{
    struct cf_json_doc doc;
    if (!cf_ref_body_parse(server, request, &doc, answer))
        return false;
    bool good = cf_ref_address_read(cf_json_text(doc.root, "app_id", NULL), out->app_id) &&
                cf_ref_hash_read(cf_json_text(doc.root, "compose_hash", NULL), out->compose_hash);
    if (!good)
        cf_ref_answer_sentence(answer, 400, "Send app_id (20 bytes) and compose_hash (32), in hex");
    cf_json_release(&doc);
    return good;
}

static void answer_done(struct cf_ref_answer *answer)
{
    cf_ref_answer_begin(answer, 200, "application/json");
    cf_buf_puts(&answer->body, "{\"done\":true}");
}

static void mine(struct cf_ref_server *server, const char *contract, const char *compose_hash,
                 bool reverted, struct cf_ref_answer *answer)
{
    char hash[CF_SHA256_HEX];
    cf_ref_chain_mine(&server->chain, contract, compose_hash, reverted, hash);
    cf_ref_answer_begin(answer, 200, "application/json");
    cf_buf_printf(&answer->body, "{\"transaction_hash\":\"0x%s\"}", hash);
}

void cf_ref_handle_chain_register(struct cf_ref_server *server,
                                  const struct cf_ref_request *request,
                                  struct cf_ref_answer *answer)
{
    struct registration what;
    if (!read_registration(server, request, &what, answer))
        return;
    cf_ref_chain_allow(&server->chain, what.app_id, what.compose_hash, true);
    mine(server, what.app_id, what.compose_hash, false, answer);
}

void cf_ref_handle_chain_revert(struct cf_ref_server *server, const struct cf_ref_request *request,
                                struct cf_ref_answer *answer)
{
    struct registration what;
    if (read_registration(server, request, &what, answer))
        mine(server, what.app_id, what.compose_hash, true, answer);
}

void cf_ref_handle_chain_register_elsewhere(struct cf_ref_server *server,
                                            const struct cf_ref_request *request,
                                            struct cf_ref_answer *answer)
{
    struct registration what;
    char elsewhere[CF_SHA256_HEX];
    if (!read_registration(server, request, &what, answer))
        return;
    /* A contract that is not an app's, yet the same one each time for the same app. */
    cf_sha256_hex(what.app_id, strlen(what.app_id), elsewhere);
    elsewhere[CF_REF_ADDRESS_HEX - 1] = '\0';
    cf_ref_chain_allow(&server->chain, elsewhere, what.compose_hash, true);
    mine(server, elsewhere, what.compose_hash, false, answer);
}

void cf_ref_handle_chain_unregister(struct cf_ref_server *server,
                                    const struct cf_ref_request *request,
                                    struct cf_ref_answer *answer)
{
    struct registration what;
    if (!read_registration(server, request, &what, answer))
        return;
    cf_ref_chain_allow(&server->chain, what.app_id, what.compose_hash, false);
    answer_done(answer);
}

/* ---- the way to the chain ---- */

void cf_ref_handle_chain_break(struct cf_ref_server *server, const struct cf_ref_request *request,
                               struct cf_ref_answer *answer)
{
    (void)request;
    server->witness.broken = true;
    answer_done(answer);
}

void cf_ref_handle_chain_mend(struct cf_ref_server *server, const struct cf_ref_request *request,
                              struct cf_ref_answer *answer)
{
    (void)request;
    server->witness.broken = false;
    answer_done(answer);
}

/* ---- what names a CVM ---- */

/* The body, and the CVM that it names; NULL with the refusal in answer. */
static struct cf_ref_cvm *read_cvm(struct cf_ref_server *server,
                                   const struct cf_ref_request *request, struct cf_json_doc *doc,
                                   struct cf_ref_answer *answer)
{
    if (!cf_ref_body_parse(server, request, doc, answer))
        return NULL;
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, cf_json_text(doc->root, "cvm_id", ""));
    if (!cvm)
        cf_ref_answer_sentence(answer, 404, "CVM not found");
    return cvm;
}

static void expire(struct cf_ref_cvm *cvm, const char *compose_hash)
{
    struct cf_ref_prepared *prepared = NULL;
    for (size_t n = 0; (prepared = cf_ref_cvm_prepared(cvm, n)); n++) {
        if (strcmp(prepared->compose_hash, compose_hash) == 0)
            prepared->expired = true;
    }
}

void cf_ref_handle_chain_expire(struct cf_ref_server *server, const struct cf_ref_request *request,
                                struct cf_ref_answer *answer)
{
    struct cf_json_doc doc;
    char hash[CF_SHA256_HEX];
    struct cf_ref_cvm *cvm = read_cvm(server, request, &doc, answer);
    if (cvm && cf_ref_hash_read(cf_json_text(doc.root, "compose_hash", NULL), hash)) {
        if (!cf_ref_has(&server->on, CF_REF_VAR_HASHES_NEVER_EXPIRE))
            expire(cvm, hash);
        answer_done(answer);
    } else if (cvm) {
        cf_ref_answer_sentence(answer, 400, "Send cvm_id and compose_hash");
    }
    cf_json_release(&doc);
}

void cf_ref_handle_test_reset(struct cf_ref_server *server, const struct cf_ref_request *request,
                              struct cf_ref_answer *answer)
{
    struct cf_json_doc doc;
    struct cf_ref_cvm *cvm = read_cvm(server, request, &doc, answer);
    if (cvm) {
        cf_ref_server_reset(server, cvm);
        answer_done(answer);
    }
    cf_json_release(&doc);
}
