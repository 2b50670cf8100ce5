/* Signatures and envelopes, by published vectors; openssl(1) is asked in e2e/test_certify.py. */
#include "cli/certify/dsse.h"
#include "harness/base/base64.h"
#include "tests/unit/unit.h"

#include <unistd.h>

static char folder[64];

static const char *file(const char *name)
{
    static char paths[4][128];
    static size_t next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
    return path;
}

static int begin(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/cf-dsse-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int end(void **state)
{
    static const char *const names[] = {"private", "public", "other"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)unlink(file(names[i]));
    return rmdir(folder);
}

static size_t from_hex(const char *hex, unsigned char *out)
{
    size_t len = 0;
    for (; hex[2 * len]; len++) {
        char pair[3] = {hex[2 * len], hex[2 * len + 1], '\0'};
        out[len] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return len;
}

/* RFC 8410: the fixed beginning of an Ed25519 key in DER, then its 32 bytes. */
static void write_pem(const char *path, const char *label, const char *prefix_hex,
                      const char *key_hex)
{
    unsigned char der[64];
    struct cf_buf pem;
    size_t len = from_hex(prefix_hex, der);
    len += from_hex(key_hex, der + len);
    cf_buf_init(&pem, 4096);
    cf_buf_printf(&pem, "-----BEGIN %s-----\n", label);
    cf_base64_encode(&pem, der, len);
    cf_buf_printf(&pem, "\n-----END %s-----\n", label);
    assert_int_equal(cf_file_write(path, cf_buf_text(&pem), pem.len, 0600, NULL), CF_OK);
    cf_buf_release(&pem);
}

static struct cf_key *private_key(const char *seed_hex)
{
    struct cf_key *key = NULL;
    write_pem(file("private"), "PRIVATE KEY", "302e020100300506032b657004220420", seed_hex);
    assert_int_equal(cf_key_read_private(&key, file("private"), NULL), CF_OK);
    return key;
}

static struct cf_key *public_key(const char *key_hex)
{
    struct cf_key *key = NULL;
    write_pem(file("public"), "PUBLIC KEY", "302a300506032b6570032100", key_hex);
    assert_int_equal(cf_key_read_public(&key, file("public"), NULL), CF_OK);
    return key;
}

/* RFC 8032 section 7.1, TEST 1 to 3. */
static const struct vector {
    const char *seed, *public, *message, *signature;
} vectors[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
     "4"
     "6bd25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
     "d"
     "8c387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
     "6"
     "594a7c15e9716ed28dc027beceea1ec40a"},
};

static void sign_rfc_8032_vectors_gives_their_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        unsigned char message[8];
        unsigned char wanted[CF_SIGNATURE_BYTES];
        unsigned char signature[CF_SIGNATURE_BYTES];
        struct cf_key *private = private_key(vectors[i].seed);
        struct cf_key *public = public_key(vectors[i].public);
        size_t len = from_hex(vectors[i].message, message);
        assert_int_equal(from_hex(vectors[i].signature, wanted), CF_SIGNATURE_BYTES);
        assert_int_equal(cf_key_sign(private, message, len, signature, NULL), CF_OK);
        assert_memory_equal(signature, wanted, CF_SIGNATURE_BYTES);
        assert_true(cf_key_verify(public, message, len, signature, CF_SIGNATURE_BYTES));
        assert_true(cf_key_verify(private, message, len, signature, CF_SIGNATURE_BYTES));
        cf_key_free(private);
        cf_key_free(public);
    }
}

static void verify_any_changed_bit_is_noticed(void **state)
{
    unsigned char message[] = "a statement";
    unsigned char signature[CF_SIGNATURE_BYTES];
    struct cf_key *private = private_key(vectors[0].seed);
    struct cf_key *public = public_key(vectors[0].public);
    (void)state;
    assert_int_equal(cf_key_sign(private, message, sizeof(message), signature, NULL), CF_OK);
    for (size_t bit = 0; bit < 8 * CF_SIGNATURE_BYTES; bit++) {
        signature[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_false(cf_key_verify(public, message, sizeof(message), signature, sizeof(signature)));
        signature[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    message[3] ^= 1;
    assert_false(cf_key_verify(public, message, sizeof(message), signature, sizeof(signature)));
    message[3] ^= 1;
    assert_false(cf_key_verify(public, message, sizeof(message) - 1, signature, sizeof(signature)));
    assert_false(cf_key_verify(public, message, sizeof(message), signature, 63));
    cf_key_free(private);
    cf_key_free(public);
}

/* As securesystemslib's SSlibKey.from_crypto() makes it. */
static void key_id_is_that_of_the_pair(void **state)
{
    char of_private[CF_KEY_ID_BYTES];
    char of_public[CF_KEY_ID_BYTES];
    struct cf_key *private = private_key(vectors[1].seed);
    struct cf_key *public = public_key(vectors[1].public);
    (void)state;
    cf_key_id(private, of_private);
    cf_key_id(public, of_public);
    assert_string_equal(of_private, of_public);
    assert_string_equal(of_public,
                        "eaf1e23f6c823132f437a2eaa299a7950f7386631deff273db195bbd26209e2b");
    cf_key_free(private);
    cf_key_free(public);
}

static void read_key_of_another_kind_is_refused(void **state)
{
    static const char x25519[] = "-----BEGIN PUBLIC KEY-----\n"
                                 "MCowBQYDK2VuAyEAhSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\n"
                                 "-----END PUBLIC KEY-----\n";
    struct cf_key *key = NULL;
    struct cf_err err = {0};
    unsigned char signature[CF_SIGNATURE_BYTES];
    (void)state;
    assert_int_equal(cf_key_read_public(&key, file("none"), &err), CF_ENOTFOUND);
    assert_int_equal(cf_file_write(file("other"), x25519, strlen(x25519), 0600, NULL), CF_OK);
    assert_int_equal(cf_key_read_public(&key, file("other"), &err), CF_EINPUT);
    assert_non_null(strstr(err.text, "no Ed25519 public key in PEM"));
    assert_int_equal(cf_file_write(file("other"), "", 0, 0600, NULL), CF_OK);
    assert_int_equal(cf_key_read_private(&key, file("other"), &err), CF_EINPUT);
    assert_non_null(strstr(err.text, "no Ed25519 private key in PEM without a passphrase"));
    assert_null(key);
    key = public_key(vectors[0].public);
    assert_int_equal(cf_key_read_private(&key, file("public"), &err), CF_EINPUT);
    assert_int_equal(cf_key_sign(key, "x", 1, signature, &err), CF_EINPUT);
    cf_key_free(key);
    cf_key_free(NULL);
}

/* ---- envelopes ---- */

static void pae_of_the_protocols_example(void **state)
{
    struct cf_buf pae;
    (void)state;
    cf_buf_init(&pae, 1000);
    cf_dsse_pae(&pae, "http://example.com/HelloWorld", "hello world", 11);
    assert_string_equal(cf_buf_text(&pae),
                        "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    cf_buf_reset(&pae);
    cf_dsse_pae(&pae, "", "\0\xff", 2);
    assert_int_equal(pae.len, 14);
    assert_memory_equal(pae.data, "DSSEv1 0  2 \0\xff", 14);
    cf_buf_release(&pae);
}

static void open_what_sign_made_gives_the_payload(void **state)
{
    static const char body[] = "{\"_type\": \"x\"}\n\0and a NUL";
    struct cf_key *private = private_key(vectors[2].seed);
    struct cf_key *public = public_key(vectors[2].public);
    struct cf_buf envelope;
    struct cf_buf payload;
    (void)state;
    cf_buf_init(&envelope, 10000);
    cf_buf_init(&payload, 10000);
    assert_int_equal(cf_dsse_sign(&envelope, private, "t/x", body, sizeof(body), NULL), CF_OK);
    assert_int_equal(
        cf_dsse_open(&payload, "e", cf_buf_text(&envelope), envelope.len, "t/x", public, NULL),
        CF_OK);
    assert_int_equal(payload.len, sizeof(body));
    assert_memory_equal(payload.data, body, sizeof(body));
    cf_buf_release(&envelope);
    cf_buf_release(&payload);
    cf_key_free(private);
    cf_key_free(public);
}

/* body "hi" of type "t", signed by the first vector's key; %s: the signatures. */
static enum cf_code open_with(const char *payload, const char *type, const char *signatures,
                              const struct cf_key *key, struct cf_err *err)
{
    struct cf_buf text;
    struct cf_buf out;
    cf_buf_init(&text, 100000);
    cf_buf_init(&out, 1000);
    cf_buf_printf(&text, "{\"payload\": \"%s\", \"payloadType\": \"%s\", \"signatures\": %s}",
                  payload, type, signatures);
    enum cf_code code = cf_dsse_open(&out, "env", cf_buf_text(&text), text.len, "t", key, err);
    cf_buf_release(&text);
    cf_buf_release(&out);
    return code;
}

static void open_looks_for_one_valid_signature(void **state)
{
    struct cf_key *private = private_key(vectors[0].seed);
    struct cf_key *public = public_key(vectors[0].public);
    struct cf_err err = {0};
    unsigned char signature[CF_SIGNATURE_BYTES];
    struct cf_buf pae;
    struct cf_buf sig;
    char good[300];
    char both[500];
    (void)state;
    cf_buf_init(&pae, 100);
    cf_buf_init(&sig, 200);
    cf_dsse_pae(&pae, "t", "hi", 2);
    assert_int_equal(cf_key_sign(private, pae.data, pae.len, signature, NULL), CF_OK);
    cf_base64_encode(&sig, signature, sizeof(signature));
    (void)snprintf(good, sizeof(good), "[{\"sig\": \"%s\"}]", cf_buf_text(&sig));
    (void)snprintf(both, sizeof(both),
                   "[{\"keyid\": \"other\", \"sig\": \"AAAA\"}, {}, {\"sig\": "
                   "\"%s\"}]",
                   cf_buf_text(&sig));
    assert_int_equal(open_with("aGk=", "t", good, public, &err), CF_OK);
    assert_int_equal(open_with("aGk", "t", good, public, &err), CF_OK); /* without padding */
    assert_int_equal(open_with("aGk=", "t", both, public, &err), CF_OK);
    /* the alphabet for URLs */
    for (char *c = good; *c; c++)
        *c = (char)(*c == '+' ? '-' : *c == '/' ? '_' : *c);
    assert_int_equal(open_with("aGk=", "t", good, public, &err), CF_OK);
    assert_int_equal(open_with("aGo=", "t", good, public, &err), CF_EINPUT);
    assert_string_equal(err.text, "env: no signature of this key is valid");
    assert_int_equal(open_with("aGk=", "u", good, public, &err), CF_EINPUT);
    assert_string_equal(err.text, "env: payloadType is not t");
    assert_int_equal(open_with("aGk=", "t", "[]", public, &err), CF_EINPUT);
    /* nobody asked whose it is, but there has to be one */
    assert_int_equal(open_with("aGk=", "t", "[]", NULL, &err), CF_EINPUT);
    assert_string_equal(err.text, "env: there is no signature in it");
    assert_int_equal(open_with("aGk=", "t", "[{}]", NULL, &err), CF_OK);
    assert_int_equal(open_with("a*k=", "t", good, public, &err), CF_EINPUT);
    assert_string_equal(err.text, "env: payload is not base64");
    assert_int_equal(open_with("aGk=", "t", "[}", public, &err), CF_EINPUT);
    cf_buf_release(&pae);
    cf_buf_release(&sig);
    cf_key_free(private);
    cf_key_free(public);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sign_rfc_8032_vectors_gives_their_signatures, begin, end),
        cmocka_unit_test_setup_teardown(verify_any_changed_bit_is_noticed, begin, end),
        cmocka_unit_test_setup_teardown(key_id_is_that_of_the_pair, begin, end),
        cmocka_unit_test_setup_teardown(read_key_of_another_kind_is_refused, begin, end),
        cmocka_unit_test(pae_of_the_protocols_example),
        cmocka_unit_test_setup_teardown(open_what_sign_made_gives_the_payload, begin, end),
        cmocka_unit_test_setup_teardown(open_looks_for_one_valid_signature, begin, end),
    };
    return UNIT_RUN(tests);
}
