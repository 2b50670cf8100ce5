/* What is asked of URLs, without any network. */
#include "harness/http/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct good {
    const char *url;
    bool loopback, tls;
};

static const struct good good_urls[] = {
    {"http://127.0.0.1:8080", true, false},
    {"http://127.255.0.9/base/path", true, false},
    {"http://127.1/", true, false}, /* libcurl connects to 127.0.0.1 */
    {"http://localhost:1", true, false},
    {"https://LOCALHOST/", true, true},
    {"http://[::1]:9/", true, false},
    {"https://api.acme.example", false, true},
    {"HTTPS://api.acme.example/v1", false, true},
    {"http://10.0.0.1", false, false},
    {"http://128.0.0.1", false, false},
    {"http://[::2]/", false, false},
    {"http://[::ffff:127.0.0.1]/", false, false},
    {"http://127.0.0.1.evil.example", false, false},
    {"http://localhost.evil.example", false, false},
    {"http://notlocalhost", false, false},
};

static void check_base_url_good_ones_are_classified(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(good_urls) / sizeof(good_urls[0]); i++) {
        const struct good *row = &good_urls[i];
        bool loopback = !row->loopback, tls = !row->tls;
        struct cf_err err = {0};
        enum cf_code code = cf_http_check_base_url(row->url, &loopback, &tls, &err);
        if (code != CF_OK || loopback != row->loopback || tls != row->tls) {
            print_error("%s: %s loopback=%d tls=%d\n", row->url, err.text, loopback, tls);
            fail();
        }
    }
}

static const struct {
    const char *url, *message;
} bad_urls[] = {
    /* "*" stands for libcurl's own words, which change with its version */
    {"", "\"\" is not an absolute http or https URL: *"},
    {"api.acme.example", "\"api.acme.example\" is not an absolute http or https URL: *"},
    {"/v1", "\"/v1\" is not an absolute http or https URL: *"},
    {"http://", "\"http://\" is not an absolute http or https URL: *"},
    {"http:///x", "\"http:///x\" names no host"},
    {"http://a b/", "\"http://a b/\" is not an absolute http or https URL: *"},
    {"http://a:99999", "\"http://a:99999\" is not an absolute http or https URL: *"},
    {"ftp://a/", "\"ftp://a/\" is neither http nor https"},
    {"file:///etc/passwd", "\"file:///etc/passwd\" names no host"},
    {"http://user:word@a/", "the URL holds user information"},
    {"http://@a/", "the URL holds user information"},
    {"http://a/?x=1", "\"http://a/?x=1\" has a query"},
    {"http://a?", "\"http://a?\" has a query"},
    {"http://a/#top", "\"http://a/#top\" has a fragment"},
};

static void check_base_url_bad_ones_are_refused_with_the_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_urls) / sizeof(bad_urls[0]); i++) {
        bool loopback = false, tls = false;
        struct cf_err err = {0};
        enum cf_code code = cf_http_check_base_url(bad_urls[i].url, &loopback, &tls, &err);
        size_t ours = strcspn(bad_urls[i].message, "*");
        bool whole = bad_urls[i].message[ours] == '\0';
        if (code != CF_EINPUT || strncmp(err.text, bad_urls[i].message, ours) != 0 ||
            whole != (err.text[ours] == '\0')) {
            print_error("%s: got %s: %s\n", bad_urls[i].url, cf_code_name(code), err.text);
            fail();
        }
    }
}

static void escape_segment_keeps_unreserved_only(void **state)
{
    static const char *const table[][2] = {
        {"", ""},
        {"AZaz09-._~", "AZaz09-._~"},
        {"a/b?c#d", "a%2Fb%3Fc%23d"},
        {"50% +&=;:@", "50%25%20%2B%26%3D%3B%3A%40"},
        {"\xc3\xa9\x7f\x01", "%C3%A9%7F%01"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct cf_buf out;
        cf_buf_init(&out, 1024);
        cf_http_escape_segment(&out, table[i][0]);
        assert_string_equal(cf_buf_text(&out), table[i][1]);
        cf_buf_release(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_base_url_good_ones_are_classified),
        cmocka_unit_test(check_base_url_bad_ones_are_refused_with_the_reason),
        cmocka_unit_test(escape_segment_keeps_unreserved_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
