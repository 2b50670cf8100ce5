/* Profiles: each faulty one of data/profile.txt against what is to be said of it, and what a good
 * one says. */
#include "harness/case/profile.h"
#include "suites/suites.h"
#include "tests/unit/texts.h"

static struct cf_profile profile;
static struct cf_err err;
static struct texts texts;

static int begin(void **state)
{
    (void)state;
    profile = (struct cf_profile){0};
    err = (struct cf_err){0};
    (void)setenv("CF_TEST_KEY", "secret-of-the-test", 1);
    (void)unsetenv("CF_TEST_UNSET");
    texts_read(&texts, "data/profile.txt");
    texts_unpack(&texts);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_profile_release(&profile);
    texts_release(&texts);
    return 0;
}

static enum cf_code load(const char *name)
{
    return cf_profile_load(&profile, name, cf_cvm_engine()->vocabulary, &err);
}

static enum cf_code parse(const char *text)
{
    cf_profile_release(&profile);
    return cf_profile_parse(&profile, "p", text, strlen(text), cf_cvm_engine()->vocabulary, &err);
}

/* The good profile with its base URL replaced. */
static enum cf_code parse_with_url(const char *url)
{
    struct cf_buf changed;
    const char *old = "http://127.0.0.1:8080";
    const char *text = texts_find(&texts, "good", "profile.json");
    cf_buf_init(&changed, 1 << 20);
    const char *at = strstr(text, old);
    cf_buf_append(&changed, text, (size_t)(at - text));
    cf_buf_puts(&changed, url);
    cf_buf_puts(&changed, at + strlen(old));
    enum cf_code code = parse(cf_buf_text(&changed));
    cf_buf_release(&changed);
    return code;
}

static void load_faulty_files_say_what_and_where(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < texts.count; i++) {
        const char *name = texts.entries[i].name;
        const char *says = texts_part(&texts.entries[i], "says");
        if (!says)
            continue;
        assert_int_equal(chdir(name), 0);
        enum cf_code code = load("profile.json");
        assert_int_equal(chdir(".."), 0);
        if (code == CF_OK || strncmp(err.text, says, strcspn(says, "\n")) != 0 ||
            strlen(err.text) != strcspn(says, "\n"))
            fail_msg("%s: \"%s\", not \"%s\"", name, code == CF_OK ? "good" : err.text, says);
        assert_null(profile.doc.root);
        assert_null(profile.auth.value);
        count++;
    }
    assert_true(count > 70);
}

static void load_good_file_is_understood(void **state)
{
    (void)state;
    assert_int_equal(load("good/profile.json"), CF_OK);
    assert_string_equal(profile.base_url, "http://127.0.0.1:8080");
    assert_true(profile.loopback);
    assert_false(profile.tls);
    assert_string_equal(profile.auth_header, "X-API-Key");
    assert_string_equal(profile.auth.value, "secret-of-the-test");
    assert_string_equal(profile.auth.placeholder, "$CF_TEST_KEY");
    assert_string_equal(profile.preset, "2026-01-21");
    assert_string_equal(profile.choice, "empty");
    assert_int_equal(profile.settle_timeout_ms, 1000);
    assert_int_equal(profile.poll_interval_ms, 10);
    assert_true(cf_profile_claims(&profile, "prepare_only"));
    assert_false(cf_profile_claims(&profile, "gpu_rental"));
    assert_false(cf_profile_claims(&profile, "instant_operations"));
    assert_int_equal(cf_profile_fixture_count(&profile, "managed"), 1);
    assert_int_equal(cf_profile_fixture_count(&profile, "gpu_rental"), 0);
    assert_non_null(cf_profile_hook(&profile, "reset"));
    assert_null(cf_profile_hook(&profile, "expire-compose-hash"));
    assert_non_null(cf_profile_values(&profile, "vcpu"));
    assert_null(cf_profile_values(&profile, "memory"));
    assert_int_equal(profile.fixture_count, 4);
    assert_true(profile.fixtures[0].kind->exclusive);
}

/* The good one with another line 8 or 9. */
static void parse_with(const char *values, const char *fields)
{
    struct cf_buf text = {0};
    const char *good = texts_find(&texts, "good", "profile.json");
    const char *at = strstr(good, "\"values\"");
    const char *after = strstr(good, "\"hooks\"");
    cf_buf_append(&text, good, (size_t)(at - good));
    cf_buf_printf(
        &text, "\"values\": {%s}, \"observe\": {\"preset\": \"2026-01-21\", \"fields\": {%s}}, %s",
        values, fields, after);
    if (cf_profile_parse(&profile, "profile.json", cf_buf_text(&text), text.len,
                         cf_cvm_engine()->vocabulary, &err) != CF_OK)
        fail_msg("%s", err.text);
    cf_buf_release(&text);
}

static void parse_null_puts_a_field_out_of_sight(void **state)
{
    (void)state;
    parse_with("", "\"gpus\": null, \"encrypted_env\": {\"get\": \"/x\", \"pointer\": \"/e\"}");
    assert_true(cf_profile_out_of_sight(&profile, "gpus"));
    assert_true(cf_profile_out_of_sight(&profile, "shutdown_timeout")); /* by the preset */
    assert_false(cf_profile_out_of_sight(&profile, "encrypted_env"));
    assert_false(cf_profile_out_of_sight(&profile, "vcpu"));
}

static void parse_upwards_lists_steps(void **state)
{
    (void)state;
    parse_with("\"disk_size\": {\"upwards\": [20480]}, \"vcpu\": [1, 2], \"memory\": []", "");
    assert_true(cf_profile_moves_up(&profile, "disk_size"));
    assert_false(cf_profile_moves_up(&profile, "vcpu"));
    assert_int_equal(cJSON_GetArraySize(cf_profile_values(&profile, "disk_size")), 1);
    assert_null(cf_profile_values(&profile, "memory"));
}

static void load_missing_file_is_told(void **state)
{
    (void)state;
    assert_int_equal(load("nowhere.json"), CF_ENOTFOUND);
    assert_string_equal(err.text, "cannot read nowhere.json: no such file");
}

static void load_secret_file_is_found_beside_the_profile(void **state)
{
    (void)state;
    char folder[] = "/tmp/cf-test-profile-XXXXXX";
    char path[200];
    const char *text = texts_find(&texts, "auth-file-missing", "profile.json");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/no-such-key", folder);
    assert_int_equal(cf_file_write(path, "  kept spaces \t\r\n\n", 18, 0600, &err), CF_OK);
    (void)snprintf(path, sizeof(path), "%s/p.json", folder);
    assert_int_equal(cf_file_write(path, text, strlen(text), 0600, &err), CF_OK);
    enum cf_code code = load(path);
    (void)unlink(path);
    (void)snprintf(path, sizeof(path), "%s/no-such-key", folder);
    (void)unlink(path);
    (void)rmdir(folder);
    assert_int_equal(code, CF_OK);
    assert_string_equal(profile.auth.value, "kept spaces");
    assert_string_equal(profile.auth.placeholder, "$API_KEY");
}

static const struct {
    const char *url, *base;
    bool loopback, tls;
} urls[] = {
    {"http://127.0.0.1:8080///", "http://127.0.0.1:8080", true, false},
    {"http://127.9.9.9/api/", "http://127.9.9.9/api", true, false},
    {"https://LocalHost", "https://LocalHost", true, true},
    {"http://[::1]:8080", "http://[::1]:8080", true, false},
    {"https://api.acme.example", "https://api.acme.example", false, true},
    {"http://[::2]", "http://[::2]", false, false},
    {"http://localhost.acme.example", "http://localhost.acme.example", false, false},
    {"http://127.acme.example", "http://127.acme.example", false, false},
    {"http://10.0.0.1", "http://10.0.0.1", false, false},
};

static void parse_base_urls_are_classified(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        if (parse_with_url(urls[i].url) != CF_OK)
            fail_msg("%s: %s", urls[i].url, err.text);
        assert_string_equal(profile.base_url, urls[i].base);
        if (profile.loopback != urls[i].loopback || profile.tls != urls[i].tls)
            fail_msg("%s: loopback %d, tls %d", urls[i].url, profile.loopback, profile.tls);
    }
}

static void resolve_is_relative_to_the_profile(void **state)
{
    (void)state;
    profile.path = strdup("some/where/p.json");
    char *beside = cf_profile_resolve(&profile, "./hook.sh");
    char *absolute = cf_profile_resolve(&profile, "/bin/hook");
    assert_string_equal(beside, "some/where/./hook.sh");
    assert_string_equal(absolute, "/bin/hook");
    free(beside);
    free(absolute);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(load_faulty_files_say_what_and_where),
        TEST(load_good_file_is_understood),
        TEST(parse_null_puts_a_field_out_of_sight),
        TEST(parse_upwards_lists_steps),
        TEST(load_missing_file_is_told),
        TEST(load_secret_file_is_found_beside_the_profile),
        TEST(parse_base_urls_are_classified),
        TEST(resolve_is_relative_to_the_profile),
    };
    return UNIT_RUN(tests);
}
