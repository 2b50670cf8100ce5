/* What may be shown of a profile, and profiles whose secrets nobody has. */
#include "harness/run/secrets.h"
#include "suites/suites.h"
#include "tests/unit/unit.h"

/* %s: iut.base_url, value_from, hooks, tls */
static const char form[] =
    "{\n  \"iut\": {\"name\": \"n\", \"version\": \"v\", \"base_url\": \"%s\"},\n"
    "  \"pics\": {\"contract_owned_kms\": false, \"prepare_only\": false, \"gpu_rental\": false},\n"
    "  \"pixit\": {\"auth\": {\"header\": \"X-Key\", \"value_from\": %s},\n"
    "  \"cvms\": {\"managed\": [\"a\"], \"contract_owned\": [], \"foreign\": [], \"gpu_rental\": "
    "[],\n    \"unknown\": []}, \"values\": {}, \"observe\": {\"preset\": \"2026-01-21\"},\n"
    "  \"hooks\": %s, \"tls\": %s,\n  \"timing\": {\"settle_timeout_ms\": 9, \"poll_interval_ms\": "
    "1, \"request_timeout_ms\": 9}}\n}\n";

static char text[8000];
static struct cf_profile profile;
static struct cf_err err;

static enum cf_code parse(bool sealed, const char *url, const char *from, const char *hooks,
                          const char *tls)
{
    const struct cf_vocabulary *vocabulary = cf_cvm_engine()->vocabulary;
    (void)snprintf(text, sizeof(text), form, url, from, hooks, tls);
    return sealed ? cf_profile_parse_sealed(&profile, "p", text, strlen(text), vocabulary, &err)
                  : cf_profile_parse(&profile, "p", text, strlen(text), vocabulary, &err);
}

static int end(void **state)
{
    (void)state;
    cf_profile_release(&profile);
    return 0;
}

#define LOOPBACK "http://127.0.0.1:1"

static void public_text_of_a_named_secret_is_the_text(void **state)
{
    (void)state;
    assert_int_equal(setenv("CF_TEST_KEY", "s3cret-s3cret", 1), 0);
    assert_int_equal(parse(false, LOOPBACK, "{\"env\": \"CF_TEST_KEY\"}", "{}", "{}"), CF_OK);
    assert_string_equal(profile.shown.text, text);
    assert_int_equal(profile.shown.len, strlen(text));
    assert_string_equal(profile.auth.value, "s3cret-s3cret");
}

static void public_text_of_a_literal_names_its_placeholder(void **state)
{
    char digest[65];
    (void)state;
    assert_int_equal(parse(false, LOOPBACK, "{\"value\": \"qu\\\"ote\\\\d {}\"}", "{}", "{}"),
                     CF_OK);
    assert_string_equal(profile.auth.value, "qu\"ote\\d {}");
    (void)snprintf(text, sizeof(text), form, LOOPBACK, "{\"value\": \"$API_KEY\"}", "{}", "{}");
    assert_string_equal(profile.shown.text, text);
    (void)snprintf(digest, sizeof(digest), "%s", profile.sha256);
    cf_profile_release(&profile);
    /* Whoever reads the public text has a profile of the same digest and the same placeholder. */
    assert_int_equal(parse(true, LOOPBACK, "{\"value\": \"$API_KEY\"}", "{}", "{}"), CF_OK);
    assert_string_equal(profile.sha256, digest);
    assert_string_equal(profile.auth.placeholder, "$API_KEY");
}

static void public_text_hides_credentials_of_hooks(void **state)
{
    static const char hooks[] =
        "{\"reset\": {\"http\": {\"method\": \"POST\", \"url\": \"{base_url}/%s\",\n"
        "  \"headers\": {\"Authorization\": \"%s\", \"X-Other\": \"%s\"},\n"
        "  \"json\": {\"deep\": [{\"api_token\": \"%s\", \"secret_id\": \"{app_id}\"}]},\n"
        "  \"capture\": {\"token\": \"/token\"}}}}";
    char with[1000];
    char without[1000];
    struct cf_redactor *redactor = NULL;
    (void)state;
    (void)snprintf(with, sizeof(with), hooks, "r", "Bearer t0psecret", "plain", "an0ther-one");
    (void)snprintf(without, sizeof(without), hooks, "$HOOK_URL", "$HOOK_AUTHORIZATION",
                   "$HOOK_X_OTHER", "$HOOK_API_TOKEN");
    assert_int_equal(parse(false, LOOPBACK, "{\"value\": \"literal-key\"}", with, "{}"), CF_OK);
    (void)snprintf(text, sizeof(text), form, LOOPBACK, "{\"value\": \"$API_KEY\"}", without, "{}");
    assert_string_equal(profile.shown.text, text);
    assert_int_equal(profile.shown.hidden_count, 4);
    assert_string_equal(profile.shown.hidden[1].value, "Bearer t0psecret");
    assert_int_equal(cf_secrets_redactor(&redactor, &profile, &err), CF_OK);
    assert_true(cf_redactor_finds(redactor, "x t0psecret y", 13));
    assert_true(cf_redactor_finds(redactor, "an0ther-one", 11));
    assert_false(cf_redactor_finds(redactor, "/token plain {app_id} Bearer", 28));
    cf_redactor_free(redactor);
}

/* Everywhere that a profile may hold a secret; %s: in that place. */
static const char everywhere[] =
    "{\"reset\": {\"http\": {\"method\": \"POST\", \"url\": \"%s\",\n"
    "  \"headers\": {\"X-Sig\": \"%s\", \"Accept\": \"*/*\"}, \"json\": [%s, {\"a\": "
    "[\"%s\"]}]}},\n"
    "  \"expire-compose-hash\": {\"command\": [\"./x.sh\", \"%s\", \"%s\", \"%s\"]}}";

static void public_text_hides_by_default_and_twice_the_same(void **state)
{
    char with[1000];
    char without[1000];
    char first[8000];
    (void)state;
    (void)snprintf(with, sizeof(with), everywhere, "https://u:pass@h.example:1/p?token=abcdef",
                   "x1", "123456", "v", "--password", "swordfish", "--n=1");
    (void)snprintf(without, sizeof(without), everywhere, "https://h.example:1/$HOOK_URL",
                   "$HOOK_X_SIG", "\"$HOOK_JSON\"", "$HOOK_A", "$HOOK_WORD", "$HOOK_WORD_2",
                   "$HOOK_WORD_3");
    assert_int_equal(parse(false, LOOPBACK, "{\"value\": \"literal-key\"}", with, "{}"), CF_OK);
    (void)snprintf(text, sizeof(text), form, LOOPBACK, "{\"value\": \"$API_KEY\"}", without, "{}");
    assert_string_equal(profile.shown.text, text);
    (void)snprintf(first, sizeof(first), "%s", profile.shown.text);
    cf_profile_release(&profile);
    assert_int_equal(cf_profile_parse_sealed(&profile, "p", first, strlen(first),
                                             cf_cvm_engine()->vocabulary, &err),
                     CF_OK);
    assert_string_equal(profile.shown.text, first);
}

static void sealed_needs_neither_environment_nor_files(void **state)
{
    static const char *const sources[] = {"{\"env\": \"CF_NO_SUCH_KEY\"}",
                                          "{\"file\": \"/no/such/file\"}"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        const char *tls = "{\"ca_file\": \"/no/such/file\"}";
        assert_int_equal(parse(false, "https://a.example", sources[i], "{}", tls), CF_EINPUT);
        assert_int_equal(parse(true, "https://a.example", sources[i], "{}", tls), CF_OK);
        assert_true(profile.sealed);
        assert_true(strlen(profile.auth.value) > 6);
        assert_string_equal(profile.auth.placeholder, i ? "$API_KEY" : "$CF_NO_SUCH_KEY");
        cf_profile_release(&profile);
    }
}

static void sealed_is_as_strict_in_all_else(void **state)
{
    (void)state;
    assert_int_equal(parse(true, LOOPBACK, "{}", "{}", "{}"), CF_EINPUT);
    assert_int_equal(parse(true, "ftp://x", "{\"env\": \"X\"}", "{}", "{}"), CF_EINPUT);
    assert_int_equal(parse(true, LOOPBACK, "{\"env\": \"X\"}", "{\"rest\": {}}", "{}"), CF_EINPUT);
    assert_int_equal(parse(true, "https://a.example", "{\"value\": \"literal\"}", "{}", "{}"),
                     CF_EINPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(public_text_of_a_named_secret_is_the_text, end),
        cmocka_unit_test_teardown(public_text_of_a_literal_names_its_placeholder, end),
        cmocka_unit_test_teardown(public_text_hides_credentials_of_hooks, end),
        cmocka_unit_test_teardown(public_text_hides_by_default_and_twice_the_same, end),
        cmocka_unit_test(sealed_needs_neither_environment_nor_files),
        cmocka_unit_test(sealed_is_as_strict_in_all_else),
    };
    return UNIT_RUN(tests);
}
