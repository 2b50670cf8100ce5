/* What cf_http_send() sends, keeps and leaves out, against a server that behaves well. */
#include "harness/base/clock.h"
#include "harness/http/client.h"
#include "tests/http/hostile_server.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char secret[] = "k3y-0f-th3-t3st";

struct fixture {
    struct hostile server;
    struct cf_http_client *client;
    struct cf_redactor *redactor;
    char url[64];
    struct cf_http_request request;
    struct cf_exchange out;
    struct cf_err err;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f)
        return -1;
    f->server.bound_fd = -1;
    *state = f;
    f->redactor = cf_redactor_new();
    return cf_redactor_add(f->redactor, secret, strlen(secret), "$KEY", NULL) == CF_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cf_http_client_free(f->client);
    cf_redactor_free(f->redactor);
    cf_headers_release(&f->request.headers);
    cf_exchange_release(&f->out);
    hostile_stop(&f->server);
    free(f);
    return 0;
}

/* A server of that behaviour, a client with these options, and a PATCH ready to go. */
static struct fixture *arrange(void **state, const char *behaviour, struct cf_http_options options)
{
    struct fixture *f = *state;
    assert_true(hostile_start(&f->server, behaviour));
    options.redactor = f->redactor;
    if (options.request_timeout_ms == 0)
        options.request_timeout_ms = 20000;
    assert_int_equal(cf_http_client_new(&f->client, &options, NULL), CF_OK);
    (void)snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d/x", f->server.port);
    f->request.method = "PATCH";
    f->request.url = f->url;
    return f;
}

static void add_header(struct fixture *f, const char *name, const char *value)
{
    cf_headers_add(&f->request.headers, name, value);
}

static void set_body(struct fixture *f, const char *body)
{
    f->request.body = body;
    f->request.body_len = strlen(body);
}

static enum cf_code send_it(struct fixture *f)
{
    cf_exchange_release(&f->out);
    f->out = (struct cf_exchange){0};
    return cf_http_send(f->client, &f->request, &f->out, &f->err);
}

static void assert_wire(const struct fixture *f, const char *fmt, ...) CF_PRINTF(2, 3);

/* The bytes of the last request, its Host line left out. */
static void assert_wire(const struct fixture *f, const char *fmt, ...)
{
    char expected[2048], got[2048], host[64];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(expected, sizeof(expected), fmt, args);
    va_end(args);
    const char *raw = hostile_request(&f->server, hostile_requests(&f->server) - 1);
    assert_non_null(raw);
    (void)snprintf(host, sizeof(host), "Host: 127.0.0.1:%d\r\n", f->server.port);
    const char *line = strstr(raw, host);
    assert_non_null(line);
    (void)snprintf(got, sizeof(got), "%.*s%s", (int)(line - raw), raw, line + strlen(host));
    assert_string_equal(got, expected);
}

#define OURS                                                                                       \
    "User-Agent: cvm-conformance/" CF_VERSION "\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"

/* ---- what goes out ---- */

static void send_patch_with_body_sends_only_what_was_asked(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    add_header(f, "X-API-Key", secret);
    add_header(f, "Content-Type", "application/json");
    add_header(f, "X-Empty", "");
    add_header(f, "X-Blank", "  ");
    add_header(f, "X-Twice", "1");
    add_header(f, "X-Twice", "2");
    set_body(f, "{\"vcpu\":2}");
    assert_int_equal(send_it(f), CF_OK);
    assert_wire(f,
                "PATCH /x HTTP/1.1\r\n" OURS "X-API-Key: %s\r\nContent-Type: application/json\r\n"
                "X-Empty:\r\nX-Blank:\r\nX-Twice: 1\r\nX-Twice: 2\r\nContent-Length: 10\r\n\r\n"
                "{\"vcpu\":2}",
                secret);
}

static void send_without_content_type_invents_none(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    set_body(f, "x");
    assert_int_equal(send_it(f), CF_OK);
    assert_wire(f, "PATCH /x HTTP/1.1\r\n" OURS "Content-Length: 1\r\n\r\nx");
}

static void send_without_body_announces_length_where_the_method_has_content(void **state)
{
    static const struct {
        const char *method, *length;
    } table[] = {{"PATCH", "Content-Length: 0\r\n"},
                 {"POST", "Content-Length: 0\r\n"},
                 {"PUT", "Content-Length: 0\r\n"},
                 {"GET", ""},
                 {"DELETE", ""},
                 {"OPTIONS", ""}};
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        f->request.method = table[i].method;
        assert_int_equal(send_it(f), CF_OK);
        assert_wire(f, "%s /x HTTP/1.1\r\n" OURS "%s\r\n", table[i].method, table[i].length);
        assert_null(f->out.request_body.bytes);
    }
}

static void send_empty_body_announces_length_zero(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    f->request.method = "DELETE";
    set_body(f, "");
    assert_int_equal(send_it(f), CF_OK);
    assert_wire(f, "DELETE /x HTTP/1.1\r\n" OURS "Content-Length: 0\r\n\r\n");
    assert_non_null(f->out.request_body.bytes);
}

static void send_get_after_patch_carries_nothing_over(void **state)
{
    struct fixture *f = arrange(state, "redirect", (struct cf_http_options){0});
    set_body(f, "first");
    add_header(f, "X-First", "1");
    assert_int_equal(send_it(f), CF_OK);
    f->request =
        (struct cf_http_request){.method = "HEAD", .url = f->url, .headers = f->request.headers};
    cf_headers_release(&f->request.headers);
    assert_int_equal(send_it(f), CF_OK);
    assert_wire(f, "HEAD /x HTTP/1.1\r\n" OURS "\r\n");
    f->request.method = "GET";
    assert_int_equal(send_it(f), CF_OK);
    assert_wire(f, "GET /x HTTP/1.1\r\n" OURS "\r\n");
    set_body(f, "why not");
    assert_int_equal(send_it(f), CF_OK);
    assert_wire(f, "GET /x HTTP/1.1\r\n" OURS "Content-Length: 7\r\n\r\nwhy not");
}

static void send_body_with_nul_sends_all_of_it(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    f->request.body = "a\0b";
    f->request.body_len = 3;
    assert_int_equal(send_it(f), CF_OK);
    const char *raw = hostile_request(&f->server, 0);
    const char *body = strstr(raw, "\r\n\r\n") + 4;
    assert_memory_equal(body, "a\0b", 3);
    assert_int_equal(f->out.request_body.len, 3);
    assert_memory_equal(f->out.request_body.bytes, "a\0b", 3);
}

static void send_large_body_does_not_ask_for_permission(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    size_t len = 3 * 1024 * 1024;
    char *body = malloc(len);
    assert_non_null(body);
    memset(body, 'x', len);
    f->request.body = body;
    f->request.body_len = len;
    enum cf_code code = send_it(f);
    free(body);
    assert_int_equal(code, CF_OK);
    assert_int_equal(hostile_arrived(&f->server, "Expect:"), 0);
    assert_int_equal(hostile_arrived(&f->server, "Content-Length: 3145728\r\n"), 1);
}

static void send_odd_target_goes_out_as_given(void **state)
{
    static const char *const table[][2] = {
        {"/a/../b/./%2f%7E//c;d?x=%c3&y=[1]&&", "/a/../b/./%2f%7E//c;d?x=%c3&y=[1]&&"},
        {"", "/"},
        {"?x=/a", "/?x=/a"},
        {"/a?b#c", "/a?b"},
        {"#c", "/"},
    };
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char url[128];
        (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", f->server.port, table[i][0]);
        f->request.url = url;
        assert_int_equal(send_it(f), CF_OK);
        assert_wire(f, "PATCH %s HTTP/1.1\r\n" OURS "Content-Length: 0\r\n\r\n", table[i][1]);
    }
}

static void send_ignores_proxies_of_the_environment(void **state)
{
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1/", 1), 0);
    assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1/", 1), 0);
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    enum cf_code code = send_it(f);
    (void)unsetenv("http_proxy");
    (void)unsetenv("ALL_PROXY");
    assert_int_equal(code, CF_OK);
}

static void send_redirect_is_an_answer_and_not_followed(void **state)
{
    struct fixture *f = arrange(state, "redirect", (struct cf_http_options){0});
    add_header(f, "X-API-Key", secret);
    assert_int_equal(send_it(f), CF_OK);
    assert_int_equal(f->out.status, 307);
    assert_int_equal(hostile_strangers(&f->server), 0);
}

static void send_malformed_request_is_refused_unsent(void **state)
{
    static const struct {
        const char *method, *url, *name, *value, *message;
    } table[] = {
        {"PA TCH", NULL, NULL, NULL, "\"PA TCH\" is not an HTTP method"},
        {"", NULL, NULL, NULL, "\"\" is not an HTTP method"},
        {"GET", "127.0.0.1/x", NULL, NULL, "\"127.0.0.1/x\" is not an absolute http or https URL"},
        {"GET", "file:///etc/passwd", NULL, NULL,
         "\"file:///etc/passwd\" is not an absolute http or https URL"},
        {"GET", "http://127.0.0.1/k3y-0f-th3-t3st x", NULL, NULL,
         "\"http://127.0.0.1/$KEY x\" cannot be requested: *"},
        {"GET", "httpx://k3y-0f-th3-t3st", NULL, NULL,
         "\"httpx://$KEY\" is not an absolute http or https URL"},
        {"GET", "http://user:word@127.0.0.1/", NULL, NULL, "the URL holds user information"},
        {"GET", NULL, "X-A", "1\r\nX-B: 2", "the value of header X-A holds a line break"},
        {"GET", NULL, "X-A", "1\n", "the value of header X-A holds a line break"},
        {"GET", NULL, "X A", "1", "\"X A\" is not a header name"},
        {"GET", NULL, "X-A\r\nX-B", "1", "\"X-A??X-B\" is not a header name"},
        {"GET", NULL, "", "1", "\"\" is not a header name"},
    };
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        cf_headers_release(&f->request.headers);
        f->request.headers = (struct cf_headers){0};
        f->request.method = table[i].method;
        f->request.url = table[i].url ? table[i].url : f->url;
        if (table[i].name)
            add_header(f, table[i].name, table[i].value);
        assert_int_equal(send_it(f), CF_EINPUT);
        /* "*" stands for libcurl's own words, which change with its version */
        size_t ours = strcspn(table[i].message, "*");
        assert_memory_equal(f->err.text, table[i].message, ours);
        assert_int_equal(f->err.text[ours] == '\0', table[i].message[ours] == '\0');
        assert_string_equal(f->out.message, f->err.text);
    }
    assert_int_equal(hostile_requests(&f->server), 0);
    assert_int_equal(cf_http_request_count(f->client), 0);
}

/* libcurl takes no text of over 8 MB. */
static void send_request_that_libcurl_refuses_is_input(void **state)
{
    enum { TOO_LONG = 9000000 };
    static const char told[] = "libcurl refuses the request: ";
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    char *url = malloc(TOO_LONG + 1);
    assert_non_null(url);
    memset(url, 'x', TOO_LONG);
    url[TOO_LONG] = '\0';
    memcpy(url, "http://127.0.0.1/", 17);
    f->request.url = url;
    enum cf_code code = send_it(f);
    free(url);
    assert_int_equal(code, CF_EINPUT);
    assert_memory_equal(f->err.text, told, strlen(told));
    assert_int_equal(cf_http_request_count(f->client), 0);
}

/* ---- what is kept ---- */

static void send_stores_the_exchange(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    add_header(f, "X-One", "1");
    set_body(f, "{}");
    assert_int_equal(send_it(f), CF_OK);
    assert_int_equal(f->out.kind, CF_EXCHANGE_HTTP);
    assert_string_equal(f->out.method, "PATCH");
    assert_string_equal(f->out.url, f->url);
    assert_int_equal(f->out.request_headers.count, 1);
    assert_string_equal(f->out.request_headers.items[0].name, "X-One");
    assert_string_equal(f->out.request_body.bytes, "{}");
    assert_int_equal(f->out.status, 200);
    assert_string_equal(cf_headers_get(&f->out.response_headers, "content-type"),
                        "application/json");
    assert_string_equal(f->out.response_body.bytes,
                        "{\"connection\":1,\"request\":1,\"target\":\"/x\"}");
    assert_null(f->out.message);
    assert_true(f->out.duration_ms > 0 && f->out.duration_ms < 20000);
}

static void send_headers_are_kept_in_order_joined_and_without_trailers(void **state)
{
    static const char *const expected[][2] = {{"Set-Cookie", "a=1"},
                                              {"X-Fold", "one two"},
                                              {"set-cookie", "b=2"},
                                              {"Transfer-Encoding", "chunked"}};
    struct fixture *f = arrange(state, "two-cookies", (struct cf_http_options){0});
    assert_int_equal(send_it(f), CF_OK);
    assert_int_equal(f->out.response_headers.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(f->out.response_headers.items[i].name, expected[i][0]);
        assert_string_equal(f->out.response_headers.items[i].value, expected[i][1]);
    }
}

static void send_answer_without_body_has_none(void **state)
{
    struct fixture *f = arrange(state, "redirect", (struct cf_http_options){0});
    assert_int_equal(send_it(f), CF_OK);
    assert_null(f->out.response_body.bytes);
}

static void send_secret_is_stored_as_placeholder_everywhere(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    char url[128];
    (void)snprintf(url, sizeof(url), "%s?key=%s", f->url, secret);
    f->request.url = url;
    add_header(f, "X-API-Key", secret);
    set_body(f, "{\"key\":\"k3y-0f-th3-t3st\"}");
    assert_int_equal(send_it(f), CF_OK);
    (void)snprintf(url, sizeof(url), "%s?key=$KEY", f->url);
    assert_string_equal(f->out.url, url);
    assert_string_equal(f->out.request_headers.items[0].value, "$KEY");
    assert_string_equal(f->out.request_body.bytes, "{\"key\":\"$KEY\"}");
    assert_int_equal(f->out.request_body.len, strlen("{\"key\":\"$KEY\"}"));
    assert_string_equal(f->out.response_body.bytes,
                        "{\"connection\":1,\"request\":1,\"target\":\"/x?key=$KEY\"}");
    /* The wire had the true one. */
    assert_int_equal(hostile_arrived(&f->server, "X-API-Key: k3y-0f-th3-t3st\r\n"), 1);
}

static void send_echoed_secret_is_stored_as_placeholder(void **state, const char *behaviour,
                                                        const char *header, const char *body)
{
    struct fixture *f = arrange(state, behaviour, (struct cf_http_options){0});
    add_header(f, "X-API-Key", secret);
    assert_int_equal(send_it(f), CF_OK);
    if (header)
        assert_string_equal(cf_headers_get(&f->out.response_headers, "X-You-Sent"), header);
    if (body)
        assert_string_equal(f->out.response_body.bytes, body);
}

static void send_secret_echoed_in_header_is_hidden(void **state)
{
    send_echoed_secret_is_stored_as_placeholder(state, "secret-header", "<$KEY>", NULL);
}

static void send_secret_echoed_in_body_is_hidden(void **state)
{
    send_echoed_secret_is_stored_as_placeholder(state, "secret-body", NULL, "key=$KEY;");
}

static void send_secret_echoed_in_pieces_is_hidden(void **state)
{
    send_echoed_secret_is_stored_as_placeholder(state, "secret-chunks", NULL, "key=$KEY");
}

/* ---- connections and pace ---- */

static void send_keeps_its_connection(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    for (int i = 0; i < 20; i++)
        assert_int_equal(send_it(f), CF_OK);
    assert_int_equal(hostile_connections(&f->server), 1);
    assert_int_equal(cf_http_request_count(f->client), 20);
}

static int count_open_files(void)
{
    int count = 0;
    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) != -1;
    return count;
}

static void client_free_closes_its_connections(void **state)
{
    struct fixture *f = *state;
    int before = count_open_files();
    arrange(state, "ok", (struct cf_http_options){0});
    assert_int_equal(send_it(f), CF_OK);
    assert_int_equal(cf_http_warm(f->client, f->url, NULL, 3, NULL), CF_OK);
    assert_true(count_open_files() >= before + 4);
    cf_http_client_free(f->client);
    f->client = NULL;
    assert_int_equal(count_open_files(), before);
}

/* The pause is the subject: servers close idle connections after 2 s and more. */
static void send_after_2s_of_idleness_connects_anew(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){0});
    assert_int_equal(send_it(f), CF_OK);
    cf_clock_pause(2050);
    assert_int_equal(send_it(f), CF_OK);
    assert_int_equal(hostile_connections(&f->server), 2);
}

static void send_interval_keeps_requests_apart(void **state)
{
    struct fixture *f = arrange(state, "ok", (struct cf_http_options){.min_interval_ms = 30});
    double start = cf_clock_ms();
    for (int i = 0; i < 4; i++)
        assert_int_equal(send_it(f), CF_OK);
    double took = cf_clock_ms() - start;
    assert_true(took >= 90);
}

static void client_new_unreadable_file_is_named(void **state)
{
    static const char missing[] = "/nonexistent/file.pem";
    static const struct {
        struct cf_http_options options;
        const char *message;
    } table[] = {
        {{.ca_file = missing},
         "cannot read the CA file /nonexistent/file.pem: No such file or directory"},
        {{.client_cert_file = missing},
         "cannot read the client certificate /nonexistent/file.pem: No such file or directory"},
        {{.client_key_file = missing},
         "cannot read the client key /nonexistent/file.pem: No such file or directory"}};
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct cf_http_client *client = NULL;
        struct cf_err err = {0};
        assert_int_equal(cf_http_client_new(&client, &table[i].options, &err), CF_EINPUT);
        assert_string_equal(err.text, table[i].message);
        assert_null(client);
    }
    cf_http_client_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(send_patch_with_body_sends_only_what_was_asked),
        TEST(send_without_content_type_invents_none),
        TEST(send_without_body_announces_length_where_the_method_has_content),
        TEST(send_empty_body_announces_length_zero),
        TEST(send_get_after_patch_carries_nothing_over),
        TEST(send_body_with_nul_sends_all_of_it),
        TEST(send_large_body_does_not_ask_for_permission),
        TEST(send_odd_target_goes_out_as_given),
        TEST(send_ignores_proxies_of_the_environment),
        TEST(send_redirect_is_an_answer_and_not_followed),
        TEST(send_malformed_request_is_refused_unsent),
        TEST(send_request_that_libcurl_refuses_is_input),
        TEST(send_stores_the_exchange),
        TEST(send_headers_are_kept_in_order_joined_and_without_trailers),
        TEST(send_answer_without_body_has_none),
        TEST(send_secret_is_stored_as_placeholder_everywhere),
        TEST(send_secret_echoed_in_header_is_hidden),
        TEST(send_secret_echoed_in_body_is_hidden),
        TEST(send_secret_echoed_in_pieces_is_hidden),
        TEST(send_keeps_its_connection),
        TEST(client_free_closes_its_connections),
        TEST(send_after_2s_of_idleness_connects_anew),
        TEST(send_interval_keeps_requests_apart),
        cmocka_unit_test(client_new_unreadable_file_is_named),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    if (cf_http_global_init(NULL) != CF_OK)
        return 2;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cf_http_global_cleanup();
    return failed ? 1 : 0;
}
