/* Every way in which a server can break off, lie or never stop: a code, and plain words. */
#include "harness/base/clock.h"
#include "harness/http/client.h"
#include "tests/http/hostile_server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Long where no row waits for it, so that a busy machine changes no outcome. */
enum {
    SHORT_TIMEOUT_MS = 800,
    LONG_TIMEOUT_MS = 10000,
    CONNECT_TIMEOUT_MS = 200,
    BODY_MAX = 100000
};

struct row {
    const char *behaviour;
    enum cf_code code;
    /* HOST stands for the address, N for a number, "*" at the end for libcurl's own words, which
     * change with its version; NULL: status 200 */
    const char *message;
};

static const struct row rows[] = {
    {"refuse", CF_ENET, "cannot connect to HOST: connection refused"},
    {"deaf", CF_ETIMEOUT, "cannot connect to HOST within N ms"},
    {"hang", CF_ETIMEOUT, "no answer from HOST within N ms"},
    {"no-answer", CF_EDROPPED, "HOST closed the connection without an answer"},
    {"reset", CF_EDROPPED,
     "HOST dropped the connection without an answer: connection reset by peer"},
    {"reset-midway", CF_EPROTO,
     "the answer of HOST is broken after N bytes of body: connection reset by peer"},
    {"garbage", CF_EPROTO, "what HOST answered is not HTTP/1.1: *"},
    {"binary", CF_EPROTO, "what HOST answered is not HTTP/1.1: *"},
    {"status-99", CF_EPROTO, "what HOST answered is not HTTP/1.1: *"},
    {"status-word", CF_EPROTO, "what HOST answered is not HTTP/1.1: *"},
    {"header-without-colon", CF_EPROTO, "what HOST answered is not HTTP/1.1: *"},
    {"ends-in-header", CF_EPROTO, "the answer of HOST ends within its header"},
    {"truncated-header", CF_EPROTO, "the answer of HOST is broken after N bytes of body: *"},
    {"truncated-body", CF_EPROTO, "the answer of HOST is broken after N bytes of body: *"},
    {"truncated-chunk", CF_EPROTO, "the answer of HOST is broken after N bytes of body: *"},
    {"no-last-chunk", CF_EPROTO, "the answer of HOST is broken after N bytes of body: *"},
    {"bad-chunk-size", CF_EPROTO, "the answer of HOST is broken after N bytes of body: *"},
    {"two-lengths", CF_EPROTO, "*"}, /* told by us or by libcurl */
    {"length-list", CF_EPROTO, "*"}, /* told by us or by libcurl */
    {"length-and-chunks", CF_EPROTO,
     "the answer of HOST contradicts itself about its length (Content-Length, Transfer-Encoding)"},
    {"endless-body", CF_ELIMIT, "the body of HOST's answer is over the limit of N bytes"},
    {"endless-chunks", CF_ELIMIT, "the body of HOST's answer is over the limit of N bytes"},
    {"endless-headers", CF_ELIMIT, "the header of HOST's answer is over the limit of N bytes"},
    {"endless-interim", CF_ELIMIT, "the answer of HOST has more than N header lines"},
    {"many-headers", CF_ELIMIT, "the answer of HOST has more than N header lines"},
    {"huge-header", CF_ELIMIT, "HOST answers with a header line of over N KiB"},
    {"drip", CF_ETIMEOUT, "the answer of HOST is not complete after N ms (N bytes of body so far)"},
    {"same-length-twice", CF_OK, NULL},
    {"until-close", CF_OK, NULL},
    {"close-after-answer", CF_OK, NULL},
};

struct fixture {
    struct hostile server;
    struct cf_http_client *client;
    char url[64];
    bool own_connection;
    struct cf_exchange out;
    struct cf_err err;
};

static void release(struct fixture *f)
{
    cf_http_client_free(f->client);
    cf_exchange_release(&f->out);
    hostile_stop(&f->server);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f)
        return -1;
    f->server.bound_fd = -1;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    release(*state);
    free(*state);
    return 0;
}

static void arrange_timed(struct fixture *f, const char *behaviour, size_t max_body_bytes,
                          enum cf_code expected)
{
    struct cf_http_options options = {.request_timeout_ms = LONG_TIMEOUT_MS,
                                      .max_body_bytes = max_body_bytes};
    if (expected == CF_ETIMEOUT) {
        options.request_timeout_ms = SHORT_TIMEOUT_MS;
        options.connect_timeout_ms = CONNECT_TIMEOUT_MS;
    }
    *f = (struct fixture){0};
    assert_true(hostile_start(&f->server, behaviour));
    assert_int_equal(cf_http_client_new(&f->client, &options, NULL), CF_OK);
    (void)snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d/x", f->server.port);
}

static void arrange(struct fixture *f, const char *behaviour, size_t max_body_bytes)
{
    arrange_timed(f, behaviour, max_body_bytes, CF_OK);
}

static enum cf_code send_method(struct fixture *f, const char *method)
{
    struct cf_http_request request = {
        .method = method, .url = f->url, .own_connection = f->own_connection};
    cf_exchange_release(&f->out);
    f->out = (struct cf_exchange){0};
    return cf_http_send(f->client, &request, &f->out, &f->err);
}

/* text with the address as HOST and every other run of digits that stands alone as N. */
static void generalise(const struct fixture *f, const char *text, char *out, size_t out_size)
{
    char host[32];
    size_t used = 0;
    (void)snprintf(host, sizeof(host), "127.0.0.1:%d", f->server.port);
    while (*text && used + 8 < out_size) {
        size_t digits = strspn(text, "0123456789");
        if (strncmp(text, host, strlen(host)) == 0) {
            memcpy(out + used, "HOST", 4);
            used += 4;
            text += strlen(host);
        } else if (digits && text[digits] == ' ' && used && strchr(" (", out[used - 1])) {
            out[used++] = 'N';
            text += digits;
        } else {
            out[used++] = *text++;
        }
    }
    out[used] = '\0';
}

/* What is wrong with the outcome, NULL when all is well. */
static const char *judge(const struct fixture *f, const struct row *row, enum cf_code code)
{
    char message[512] = "";
    if (code != row->code)
        return "code";
    if (code == CF_OK)
        return f->out.status == 200 && !f->out.message ? NULL : "status";
    if (f->out.status != 0 || f->out.response_headers.count || f->out.response_body.bytes)
        return "an answer is stored";
    if (!f->out.message || strcmp(f->out.message, f->err.text) != 0)
        return "message and error differ";
    generalise(f, f->err.text, message, sizeof(message));
    size_t ours = strcspn(row->message, "*");
    bool same = strncmp(message, row->message, ours) == 0 &&
                (row->message[ours] ? message[ours] != '\0' : message[ours] == '\0');
    return same ? NULL : "message";
}

static void send_table_of_faults_is_told_plainly_and_in_time(void **state)
{
    struct fixture *f = *state;
    int bad = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        arrange_timed(f, rows[i].behaviour, BODY_MAX, rows[i].code);
        double start = cf_clock_ms();
        enum cf_code code = send_method(f, "PATCH");
        double took = cf_clock_ms() - start;
        const char *wrong = judge(f, &rows[i], code);
        if (!wrong && took > SHORT_TIMEOUT_MS + 4000)
            wrong = "too late";
        if (!wrong && hostile_arrived(&f->server, "PATCH /x ") > 1)
            wrong = "sent twice";
        if (wrong) {
            bad++;
            print_error("%s: %s: %s: %s\n", rows[i].behaviour, wrong, cf_code_name(code),
                        f->err.text);
        }
        release(f);
        *f = (struct fixture){.server = {.bound_fd = -1}};
    }
    assert_int_equal(bad, 0);
}

/* A server that closes at once resets the connection when bytes of the request are under way, and
 * ends it orderly when not: two messages, one meaning. */
static void send_closed_at_once_is_a_network_error(void **state)
{
    struct fixture *f = *state;
    arrange(f, "close", 0);
    assert_int_equal(send_method(f, "PATCH"), CF_EDROPPED);
    assert_non_null(strstr(f->err.text, "the connection without an answer"));
}

/* Who refuses a long request before it has come may lose the refusal by it: no word of theirs. */
static void send_of_a_long_request_is_cut_off(void **state)
{
    struct fixture *f = *state;
    static char long_value[20 << 10];
    memset(long_value, 'a', sizeof(long_value) - 1);
    arrange(f, "reset", 0);
    struct cf_http_request request = {.method = "PATCH", .url = f->url};
    cf_headers_add(&request.headers, "X-Other", long_value);
    assert_int_equal(cf_http_send(f->client, &request, &f->out, &f->err), CF_ECUT);
    assert_non_null(strstr(f->err.text, "when a long request was on its way"));
    assert_int_equal(f->out.status, 0);
    cf_headers_release(&request.headers);
}

/* Not HTTP to libcurl 7.88.1, no answer at all to 8.23. */
static void send_status_of_four_digits_is_no_answer(void **state)
{
    struct fixture *f = *state;
    arrange(f, "status-1000", 0);
    enum cf_code code = send_method(f, "PATCH");
    assert_true(code == CF_EPROTO || code == CF_EDROPPED);
    assert_int_equal(f->out.status, 0);
}

static void send_after_a_fault_works_again(void **state)
{
    struct fixture *f = *state;
    struct hostile good;
    char url[64];
    arrange(f, "endless-body", 1000);
    assert_int_equal(send_method(f, "GET"), CF_ELIMIT);
    assert_true(hostile_start(&good, "ok"));
    (void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/x", good.port);
    memcpy(f->url, url, sizeof(url));
    enum cf_code code = send_method(f, "GET");
    hostile_stop(&good);
    assert_int_equal(code, CF_OK);
    assert_int_equal(f->out.status, 200);
}

static void send_body_at_the_limit_passes(void **state)
{
    struct fixture *f = *state;
    arrange(f, "until-close", 10);
    assert_int_equal(send_method(f, "GET"), CF_OK);
    assert_int_equal(f->out.response_body.len, 10);
}

static void send_body_one_over_the_limit_is_refused(void **state)
{
    struct fixture *f = *state;
    arrange(f, "until-close", 9);
    assert_int_equal(send_method(f, "GET"), CF_ELIMIT);
}

/* ---- dead connections ---- */

static void send_patch_on_dying_connection_is_never_resent(void **state)
{
    struct fixture *f = *state;
    char message[512];
    arrange(f, "drop-second", 0);
    assert_int_equal(send_method(f, "GET"), CF_OK);
    assert_int_equal(send_method(f, "PATCH"), CF_ENET);
    assert_int_equal(hostile_arrived(&f->server, "PATCH /x "), 1);
    assert_int_equal(hostile_requests(&f->server), 2);
    generalise(f, f->err.text, message, sizeof(message));
    assert_string_equal(message, "HOST closed a connection kept from an earlier request without an "
                                 "answer to this PATCH, which is not sent twice");
    /* and the client is fit for the next one */
    assert_int_equal(send_method(f, "PATCH"), CF_OK);
}

static void send_patch_after_a_dying_connection_has_one_of_its_own(void **state)
{
    struct fixture *f = *state;
    arrange(f, "drop-second", 0);
    assert_int_equal(send_method(f, "GET"), CF_OK);
    assert_int_equal(send_method(f, "PATCH"), CF_ENET);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(send_method(f, "GET"), CF_OK);
        assert_int_equal(send_method(f, "PATCH"), CF_OK);
    }
    assert_int_equal(hostile_arrived(&f->server, "PATCH /x "), 4);
}

static void send_on_its_own_connection_does_not_meet_a_dying_one(void **state)
{
    struct fixture *f = *state;
    arrange(f, "drop-second", 0);
    assert_int_equal(send_method(f, "GET"), CF_OK);
    f->own_connection = true;
    assert_int_equal(send_method(f, "POST"), CF_OK);
    assert_int_equal(hostile_arrived(&f->server, "POST /x "), 1);
    assert_int_equal(hostile_connections(&f->server), 2);
}

static void send_get_on_dying_connection_is_resent(void **state)
{
    struct fixture *f = *state;
    arrange(f, "drop-second", 0);
    assert_int_equal(send_method(f, "GET"), CF_OK);
    assert_int_equal(send_method(f, "GET"), CF_OK);
    assert_int_equal(hostile_arrived(&f->server, "GET /x "), 3);
    assert_int_equal(cf_http_request_count(f->client), 3);
}

static void send_patch_after_closed_connection_uses_a_new_one(void **state)
{
    struct fixture *f = *state;
    arrange(f, "close-after-answer", 0);
    enum { TIMES = 20 }; /* more than the client keeps track of at once */
    for (unsigned i = 1; i <= TIMES; i++) {
        assert_int_equal(send_method(f, "PATCH"), CF_OK);
        assert_true(hostile_wait_settled(&f->server, i));
    }
    assert_int_equal(hostile_connections(&f->server), TIMES);
    assert_int_equal(hostile_arrived(&f->server, "PATCH /x "), TIMES);
}

static void send_unasked_answer_is_not_taken_for_the_next(void **state)
{
    struct fixture *f = *state;
    arrange(f, "stale-answer", 0);
    assert_int_equal(send_method(f, "PATCH"), CF_OK);
    assert_true(hostile_wait_settled(&f->server, 1));
    assert_int_equal(send_method(f, "PATCH"), CF_OK);
    assert_int_equal(f->out.status, 200);
    assert_int_equal(hostile_connections(&f->server), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(send_table_of_faults_is_told_plainly_and_in_time),
        TEST(send_closed_at_once_is_a_network_error),
        TEST(send_of_a_long_request_is_cut_off),
        TEST(send_status_of_four_digits_is_no_answer),
        TEST(send_after_a_fault_works_again),
        TEST(send_body_at_the_limit_passes),
        TEST(send_body_one_over_the_limit_is_refused),
        TEST(send_patch_on_dying_connection_is_never_resent),
        TEST(send_patch_after_a_dying_connection_has_one_of_its_own),
        TEST(send_on_its_own_connection_does_not_meet_a_dying_one),
        TEST(send_get_on_dying_connection_is_resent),
        TEST(send_patch_after_closed_connection_uses_a_new_one),
        TEST(send_unasked_answer_is_not_taken_for_the_next),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    if (cf_http_global_init(NULL) != CF_OK)
        return 2;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cf_http_global_cleanup();
    return failed ? 1 : 0;
}
