/* The handlers for a tester: the owner's side of the chain, time passing, and starting afresh. */
#include "reference/body.h"
#include "reference/handlers.h"

#include <stdio.h>
#include <string.h>

struct registration {
    char app_id[CF_REF_ADDRESS_HEX];
    char compose_hash[CF_SHA256_HEX];
};

static enum cf_code read_registration(struct cf_ref_server *server,
                                      const struct cf_ref_request *request,
                                      struct registration *out, struct cf_ref_answer *answer,
                                      bool *out_ok)
{
    struct cf_json_doc doc;
    enum cf_code code = cf_ref_body_parse(server, request, &doc, answer, out_ok);
    if (code != CF_OK || !*out_ok)
        return code;
    *out_ok = cf_ref_address_read(cf_json_text(doc.root, "app_id", NULL), out->app_id) &&
              cf_ref_hash_read(cf_json_text(doc.root, "compose_hash", NULL), out->compose_hash);
    if (!*out_ok)
        cf_ref_answer_sentence(answer, 400, "Send app_id (20 bytes) and compose_hash (32), in hex");
    cf_json_release(&doc);
    return CF_OK;
}

static void answer_done(struct cf_ref_answer *answer)
{
    cf_ref_answer_begin(answer, 200, "application/json");
    cf_buf_puts(&answer->body, "{\"done\":true}");
}

static enum cf_code mine(struct cf_ref_server *server, const char *contract,
                         const char *compose_hash, bool reverted, struct cf_ref_answer *answer)
{
    char hash[CF_SHA256_HEX];
    enum cf_code code = cf_ref_chain_mine(&server->chain, contract, compose_hash, reverted, hash);
    if (code != CF_OK)
        return code;
    cf_ref_answer_begin(answer, 200, "application/json");
    cf_buf_printf(&answer->body, "{\"transaction_hash\":\"0x%s\"}", hash);
    return CF_OK;
}

enum cf_code cf_ref_handle_chain_register(struct cf_ref_server *server,
                                          const struct cf_ref_request *request,
                                          struct cf_ref_answer *answer)
{
    struct registration what;
    bool ok = false;
    enum cf_code code = read_registration(server, request, &what, answer, &ok);
    if (code == CF_OK && ok)
        code = cf_ref_chain_allow(&server->chain, what.app_id, what.compose_hash, true);
    if (code == CF_OK && ok)
        code = mine(server, what.app_id, what.compose_hash, false, answer);
    return code;
}

enum cf_code cf_ref_handle_chain_revert(struct cf_ref_server *server,
                                        const struct cf_ref_request *request,
                                        struct cf_ref_answer *answer)
{
    struct registration what;
    bool ok = false;
    enum cf_code code = read_registration(server, request, &what, answer, &ok);
    if (code == CF_OK && ok)
        code = mine(server, what.app_id, what.compose_hash, true, answer);
    return code;
}

enum cf_code cf_ref_handle_chain_register_elsewhere(struct cf_ref_server *server,
                                                    const struct cf_ref_request *request,
                                                    struct cf_ref_answer *answer)
{
    struct registration what;
    char elsewhere[CF_SHA256_HEX];
    bool ok = false;
    enum cf_code code = read_registration(server, request, &what, answer, &ok);
    if (code != CF_OK || !ok)
        return code;
    /* A contract that is no app's, yet the same one each time for the same app. */
    cf_sha256_hex(what.app_id, strlen(what.app_id), elsewhere);
    elsewhere[CF_REF_ADDRESS_HEX - 1] = '\0';
    code = cf_ref_chain_allow(&server->chain, elsewhere, what.compose_hash, true);
    return code == CF_OK ? mine(server, elsewhere, what.compose_hash, false, answer) : code;
}

enum cf_code cf_ref_handle_chain_unregister(struct cf_ref_server *server,
                                            const struct cf_ref_request *request,
                                            struct cf_ref_answer *answer)
{
    struct registration what;
    bool ok = false;
    enum cf_code code = read_registration(server, request, &what, answer, &ok);
    if (code == CF_OK && ok)
        code = cf_ref_chain_allow(&server->chain, what.app_id, what.compose_hash, false);
    if (code == CF_OK && ok)
        answer_done(answer);
    return code;
}

/* The CVM that the body names; NULL with the refusal in answer. */
static struct cf_ref_cvm *named_cvm(struct cf_ref_server *server, const cJSON *body,
                                    struct cf_ref_answer *answer)
{
    struct cf_ref_cvm *cvm = cf_ref_server_find(server, cf_json_text(body, "cvm_id", ""));
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

enum cf_code cf_ref_handle_chain_expire(struct cf_ref_server *server,
                                        const struct cf_ref_request *request,
                                        struct cf_ref_answer *answer)
{
    struct cf_json_doc doc;
    char hash[CF_SHA256_HEX];
    bool ok = false;
    enum cf_code code = cf_ref_body_parse(server, request, &doc, answer, &ok);
    if (code != CF_OK || !ok)
        return code;
    struct cf_ref_cvm *cvm = named_cvm(server, doc.root, answer);
    if (cvm && cf_ref_hash_read(cf_json_text(doc.root, "compose_hash", NULL), hash)) {
        if (!cf_ref_has(&server->on, CF_REF_VAR_HASHES_NEVER_EXPIRE))
            expire(cvm, hash);
        answer_done(answer);
    } else if (cvm) {
        cf_ref_answer_sentence(answer, 400, "Send cvm_id and compose_hash");
    }
    cf_json_release(&doc);
    return CF_OK;
}

enum cf_code cf_ref_handle_test_reset(struct cf_ref_server *server,
                                      const struct cf_ref_request *request,
                                      struct cf_ref_answer *answer)
{
    struct cf_json_doc doc;
    bool ok = false;
    enum cf_code code = cf_ref_body_parse(server, request, &doc, answer, &ok);
    if (code != CF_OK || !ok)
        return code;
    struct cf_ref_cvm *cvm = named_cvm(server, doc.root, answer);
    if (cvm)
        code = cf_ref_server_reset(server, cvm);
    if (cvm && code == CF_OK)
        answer_done(answer);
    cf_json_release(&doc);
    return code;
}
