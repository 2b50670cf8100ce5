#include "cli/certify/dsse.h"
#include "harness/base/base64.h"
#include "harness/base/json_put.h"

#include <string.h>

void cf_dsse_pae(struct cf_buf *out, const char *type, const void *body, size_t len)
{
    cf_buf_printf(out, "DSSEv1 %zu %s %zu ", strlen(type), type, len);
    cf_buf_append(out, body, len);
}

static void put_base64_member(struct cf_buf *out, const char *key, const void *bytes, size_t len)
{
    cf_json_put_key(out, key);
    cf_buf_putc(out, '"');
    cf_base64_encode(out, bytes, len);
    cf_buf_putc(out, '"');
}

/* Verifiers disagree about the id of a key. Go's securesystemslib takes an empty one for any key
 * and skips an id that it would not make itself; Python's only looks at those that it would make.
 * So the one signature stands there twice. */
static void put_signatures(struct cf_buf *out, const struct cf_key *key,
                           const unsigned char signature[CF_SIGNATURE_BYTES])
{
    char key_id[CF_KEY_ID_BYTES];
    cf_key_id(key, key_id);
    cf_json_put_key(out, "signatures");
    cf_buf_puts(out, "[{");
    cf_json_put_text_member(out, "keyid", "");
    put_base64_member(out, "sig", signature, CF_SIGNATURE_BYTES);
    cf_buf_puts(out, "},{");
    cf_json_put_text_member(out, "keyid", key_id);
    put_base64_member(out, "sig", signature, CF_SIGNATURE_BYTES);
    cf_buf_puts(out, "}]");
}

enum cf_code cf_dsse_sign(struct cf_buf *out, const struct cf_key *key, const char *type,
                          const void *body, size_t len, struct cf_err *err)
{
    struct cf_buf pae = {0};
    unsigned char signature[CF_SIGNATURE_BYTES];
    cf_dsse_pae(&pae, type, body, len);
    enum cf_code code = cf_key_sign(key, cf_buf_text(&pae), pae.len, signature, err);
    cf_buf_release(&pae);
    if (code != CF_OK)
        return code;
    cf_buf_putc(out, '{');
    put_base64_member(out, "payload", body, len);
    cf_json_put_text_member(out, "payloadType", type);
    put_signatures(out, key, signature);
    cf_buf_puts(out, "}\n");
    return cf_buf_check(out, err);
}

/* Signers may use either alphabet, with or without padding. */
static bool decode(struct cf_buf *out, const char *text)
{
    struct cf_buf standard = {0};
    for (; *text; text++)
        cf_buf_putc(&standard, (char)(*text == '-' ? '+' : *text == '_' ? '/' : *text));
    while (standard.len % 4 != 0)
        cf_buf_putc(&standard, '=');
    bool good = cf_base64_decode(out, cf_buf_text(&standard), standard.len);
    cf_buf_release(&standard);
    return good;
}

static bool one_is_valid(const cJSON *signatures, const struct cf_buf *pae,
                         const struct cf_key *key)
{
    int count = 0;
    bool valid = false;
    for (const cJSON *s = signatures ? signatures->child : NULL;
         s && !valid && count < CF_DSSE_SIGNATURES_MAX; s = s->next, count++) {
        struct cf_buf signature;
        cf_buf_init(&signature, 1024);
        valid = decode(&signature, cf_json_text(s, "sig", "")) &&
                cf_key_verify(key, cf_buf_text(pae), pae->len,
                              (const unsigned char *)cf_buf_text(&signature), signature.len);
        cf_buf_release(&signature);
    }
    return valid;
}

static enum cf_code check(const cJSON *envelope, const char *name, const struct cf_buf *payload,
                          const char *type, const struct cf_key *key, struct cf_err *err)
{
    struct cf_buf pae = {0};
    const cJSON *signatures = cf_json_get(envelope, "signatures");
    if (strcmp(cf_json_text(envelope, "payloadType", ""), type) != 0)
        return cf_err_set(err, CF_EINPUT, "%s: payloadType is not %s", name, type);
    if (!cJSON_IsArray(signatures) || !signatures->child)
        return cf_err_set(err, CF_EINPUT, "%s: there is no signature in it", name);
    if (!key)
        return CF_OK;
    cf_dsse_pae(&pae, type, cf_buf_text(payload), payload->len);
    bool valid = one_is_valid(signatures, &pae, key);
    cf_buf_release(&pae);
    if (!valid)
        return cf_err_set(err, CF_EINPUT, "%s: no signature of this key is valid", name);
    return CF_OK;
}

enum cf_code cf_dsse_open(struct cf_buf *out, const char *name, const char *text, size_t len,
                          const char *type, const struct cf_key *key, struct cf_err *err)
{
    struct cf_json_doc doc;
    struct cf_buf payload = {0};
    enum cf_code code = cf_json_parse(&doc, name, text, len, CF_JSON_UNIQUE_KEYS, err);
    if (code != CF_OK)
        return code;
    const char *coded = cf_json_text(doc.root, "payload", NULL);
    if (!coded || !decode(&payload, coded))
        code = cf_err_set(err, CF_EINPUT, "%s: payload is not base64", name);
    if (code == CF_OK)
        code = check(doc.root, name, &payload, type, key, err);
    if (code == CF_OK) {
        cf_buf_append(out, cf_buf_text(&payload), payload.len);
        code = cf_buf_check(out, err);
    }
    cf_buf_release(&payload);
    cf_json_release(&doc);
    return code;
}
