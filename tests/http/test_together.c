/* cf_http_warm() and cf_http_send_together(): requests that overlap, each on a connection of its
 * own. */
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
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { MANY = 16, TOO_MANY = 257, TIMEOUT_MS = 20000 };

struct fixture {
    struct hostile server;
    struct cf_http_client *client;
    char urls[MANY][64];
    struct cf_http_request requests[MANY];
    struct cf_exchange outs[MANY];
    enum cf_code codes[MANY];
    struct cf_err err;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (!f)
        return -1;
    f->server.bound_fd = -1;
    *state = f;
    return 0;
}

static void release_outs(struct fixture *f)
{
    for (size_t i = 0; i < MANY; i++) {
        cf_exchange_release(&f->outs[i]);
        f->outs[i] = (struct cf_exchange){0};
    }
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cf_http_client_free(f->client);
    release_outs(f);
    hostile_stop(&f->server);
    free(f);
    return 0;
}

/* Another one, without connections, where there is one already. */
static void make_client(struct fixture *f, double min_interval_ms)
{
    struct cf_http_options options = {.request_timeout_ms = TIMEOUT_MS,
                                      .min_interval_ms = min_interval_ms};
    cf_http_client_free(f->client);
    f->client = NULL;
    assert_int_equal(cf_http_client_new(&f->client, &options, NULL), CF_OK);
}

static struct fixture *arrange(void **state, const char *behaviour, double min_interval_ms)
{
    struct fixture *f = *state;
    assert_true(hostile_start(&f->server, behaviour));
    make_client(f, min_interval_ms);
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(f->urls[i], sizeof(f->urls[i]), "http://127.0.0.1:%d/%d", f->server.port, i);
        f->requests[i] = (struct cf_http_request){
            .method = "PATCH", .url = f->urls[i], .body = "{}", .body_len = 2};
    }
    return f;
}

static enum cf_code send_many(struct fixture *f, size_t count)
{
    release_outs(f);
    return cf_http_send_together(f->client, f->requests, count, f->outs, f->codes, &f->err);
}

static void send_together_requests_overlap_and_answers_are_in_order(void **state)
{
    struct fixture *f = arrange(state, "rendezvous", 0);
    struct cf_headers headers = {0};
    cf_headers_add(&headers, "X-Together", "16");
    for (size_t i = 0; i < MANY; i++)
        f->requests[i].headers = headers;
    enum cf_code code = send_many(f, MANY);
    cf_headers_release(&headers);
    assert_int_equal(code, CF_OK);
    double first = 1e9, last = 0;
    for (size_t i = 0; i < MANY; i++) {
        char target[32];
        (void)snprintf(target, sizeof(target), "\"target\":\"/%zu\"}", i);
        assert_int_equal(f->codes[i], CF_OK);
        assert_int_equal(f->outs[i].status, 200);
        assert_non_null(strstr(f->outs[i].response_body.bytes, target));
        assert_string_equal(f->outs[i].method, "PATCH");
        assert_true(f->outs[i].duration_ms > 0);
        first = f->outs[i].at_ms < first ? f->outs[i].at_ms : first;
        last = f->outs[i].at_ms > last ? f->outs[i].at_ms : last;
    }
    /* at_ms counts from the first release, not from anybody's boot */
    assert_true(first >= 0 && first <= 0 && last > 0 && last < TIMEOUT_MS);
    assert_int_equal(hostile_connections(&f->server), MANY);
    assert_int_equal(cf_http_request_count(f->client), MANY);
}

/* Warm connections and send on them at once. A connection idle for 2 s is not used again, which on
 * a busy machine may be too short for a test: false then, and the caller tries again. */
static bool send_warmed(struct fixture *f, size_t count, unsigned *out_connections)
{
    double start = cf_clock_ms();
    assert_int_equal(cf_http_warm(f->client, f->urls[0], NULL, count, &f->err), CF_OK);
    *out_connections = hostile_connections(&f->server);
    assert_int_equal(send_many(f, count), CF_OK);
    return cf_clock_ms() - start < 1900;
}

enum { ATTEMPTS = 20 };

static void send_together_after_warm_opens_no_connection(void **state)
{
    struct fixture *f = arrange(state, "ok", 0);
    unsigned warm = 0;
    bool in_time = false;
    for (int i = 0; i < ATTEMPTS && !in_time; i++)
        in_time = send_warmed(f, MANY, &warm);
    assert_true(in_time);
    assert_true(warm >= MANY);
    assert_int_equal(hostile_connections(&f->server), warm);
    assert_true(hostile_arrived(&f->server, "GET /0 ") >= MANY);
}

/* The server answers at once, so a contender could well be answered before the next one starts. */
static void send_together_each_contender_has_its_own_connection(void **state)
{
    struct fixture *f = arrange(state, "ok", 0);
    for (int round = 0; round < 50; round++) {
        unsigned seen[MANY] = {0};
        assert_int_equal(send_many(f, MANY), CF_OK);
        for (size_t i = 0; i < MANY; i++) {
            static const char before[] = "{\"connection\":";
            const char *body = f->outs[i].response_body.bytes;
            assert_memory_equal(body, before, strlen(before));
            seen[i] = (unsigned)strtoul(body + strlen(before), NULL, 10);
            for (size_t other = 0; other < i; other++)
                assert_int_not_equal(seen[i], seen[other]);
        }
    }
}

static void warm_passes_headers_and_reports_failure(void **state)
{
    struct fixture *f = arrange(state, "no-answer", 0);
    struct cf_headers headers = {0};
    cf_headers_add(&headers, "X-API-Key", "abc");
    enum cf_code code = cf_http_warm(f->client, f->urls[0], &headers, 2, &f->err);
    cf_headers_release(&headers);
    assert_int_equal(code, CF_EDROPPED);
    assert_non_null(strstr(f->err.text, "closed the connection without an answer"));
    assert_int_equal(hostile_arrived(&f->server, "X-API-Key: abc\r\n"), 2);
}

static void send_together_more_than_are_taken_at_once_are_all_answered(void **state)
{
    struct fixture *f = arrange(state, "few-at-once", 0);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(send_many(f, MANY), CF_OK);
        for (size_t i = 0; i < MANY; i++)
            assert_int_equal(f->codes[i], CF_OK);
    }
}

/* Those that wait for a connection while others are kept open for the race do so in vain. */
static void warm_more_than_are_taken_at_once_is_given_up_soon(void **state)
{
    struct fixture *f = arrange(state, "few-at-once", 0);
    double start = cf_clock_ms();
    assert_int_equal(cf_http_warm(f->client, f->urls[0], NULL, MANY, &f->err), CF_ETIMEOUT);
    assert_true(cf_clock_ms() - start < TIMEOUT_MS);
    assert_int_equal(send_many(f, MANY), CF_OK);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(f->codes[i], CF_OK);
}

static void send_together_on_dying_connections_resends_nothing(void **state)
{
    struct fixture *f = arrange(state, "drop-second", 0);
    unsigned warm = 0;
    bool in_time = false;
    unsigned attempts = 0;
    for (; attempts < ATTEMPTS && !in_time; attempts++) {
        make_client(f, 0); /* one that has not learnt yet what kept connections are worth here */
        in_time = send_warmed(f, 4, &warm);
    }
    assert_true(in_time);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(f->codes[i], CF_ENET);
        assert_int_equal(f->outs[i].status, 0);
        assert_non_null(strstr(f->outs[i].message, "is not sent twice"));
    }
    assert_int_equal(hostile_arrived(&f->server, "PATCH /"), 4 * attempts);
}

static void send_together_unasked_answers_are_not_taken(void **state)
{
    struct fixture *f = arrange(state, "stale-answer", 0);
    assert_int_equal(cf_http_warm(f->client, f->urls[0], NULL, 4, &f->err), CF_OK);
    assert_true(hostile_wait_settled(&f->server, 4));
    assert_int_equal(send_many(f, 4), CF_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(f->outs[i].status, 200);
    assert_int_equal(hostile_arrived(&f->server, "PATCH /"), 4);
}

static void send_together_one_bad_request_leaves_the_others(void **state)
{
    struct fixture *f = arrange(state, "ok", 0);
    assert_int_equal(send_many(f, 3), CF_OK);
    f->requests[1].url = "nonsense";
    assert_int_equal(send_many(f, 3), CF_OK);
    assert_int_equal(f->codes[0], CF_OK);
    assert_int_equal(f->codes[1], CF_EINPUT);
    assert_string_equal(f->outs[1].message, "\"nonsense\" is not an absolute http or https URL");
    assert_int_equal(f->codes[2], CF_OK);
    assert_int_equal(hostile_requests(&f->server), 3 + 2);
}

static void send_together_nobody_there_is_told_for_each(void **state)
{
    struct fixture *f = arrange(state, "refuse", 0);
    assert_int_equal(send_many(f, 2), CF_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(f->codes[i], CF_ENET);
        assert_non_null(strstr(f->outs[i].message, "connection refused"));
    }
}

/* Descriptors past FD_SETSIZE do not fit into what libcurl tells us to wait for. */
static void send_together_with_a_thousand_open_files_is_not_held_up(void **state)
{
    enum { FILES = 1100 };
    static int files[FILES];
    struct rlimit limit;
    struct fixture *f = arrange(state, "ok", 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < 2 * FILES)
        skip();
    limit.rlim_cur = limit.rlim_max < 4 * FILES ? limit.rlim_max : 4 * FILES;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    for (size_t i = 0; i < FILES; i++)
        files[i] = dup(STDERR_FILENO);
    enum cf_code code = CF_OK;
    double took =
        1e9; /* of the quickest; held up, each waits for a timer of libcurl, 200 ms at least */
    for (int i = 0; i < ATTEMPTS && took >= 150 && code == CF_OK; i++) {
        make_client(f, 0);
        double start = cf_clock_ms();
        code = send_many(f, 4);
        took = cf_clock_ms() - start;
    }
    for (size_t i = 0; i < FILES; i++)
        (void)close(files[i]);
    assert_int_equal(code, CF_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(f->codes[i], CF_OK);
    assert_true(took < 150);
}

static void send_together_too_many_is_refused(void **state)
{
    struct fixture *f = arrange(state, "ok", 0);
    /* Refused by the count alone, before any element is looked at. */
    assert_int_equal(
        cf_http_send_together(f->client, f->requests, TOO_MANY, f->outs, f->codes, &f->err),
        CF_ELIMIT);
    assert_string_equal(f->err.text, "257 requests at once; the most is 256");
    assert_int_equal(cf_http_warm(f->client, f->urls[0], NULL, TOO_MANY, &f->err), CF_ELIMIT);
    assert_int_equal(hostile_connections(&f->server), 0);
}

static void send_together_none_is_nothing(void **state)
{
    struct fixture *f = arrange(state, "ok", 0);
    assert_int_equal(send_many(f, 0), CF_OK);
    assert_int_equal(cf_http_warm(f->client, f->urls[0], NULL, 0, &f->err), CF_OK);
    assert_int_equal(hostile_connections(&f->server), 0);
}

/* A rate limit is kept on average: after five at once, five intervals pass. */
/* The server answers each of two requests when both are there. */
static void begin_leaves_the_answer_open_while_others_are_sent(void **state)
{
    struct fixture *f = arrange(state, "rendezvous", 0);
    struct cf_headers headers = {0};
    cf_headers_add(&headers, "X-Together", "2");
    f->requests[0].headers = f->requests[1].headers = headers;
    assert_int_equal(cf_http_begin(f->client, &f->requests[0], &f->outs[0], &f->err), CF_OK);
    assert_int_equal(cf_http_request_count(f->client), 1);
    bool early = cf_http_ended(f->client, 20);
    enum cf_code meanwhile = cf_http_send(f->client, &f->requests[1], &f->outs[1], &f->err);
    bool ended = cf_http_ended(f->client, TIMEOUT_MS);
    enum cf_code code = cf_http_end(f->client, &f->requests[0], &f->outs[0], &f->err);
    cf_headers_release(&headers);
    assert_false(early);
    assert_int_equal(meanwhile, CF_OK);
    assert_true(ended);
    assert_int_equal(code, CF_OK);
    assert_int_equal(f->outs[0].status, 200);
    assert_non_null(strstr(f->outs[0].response_body.bytes, "\"target\":\"/0\"}"));
    assert_true(f->outs[0].duration_ms >= 20);
}

/* Who began it was busy for longer than there is time for the answer, which has long been there. */
static void ended_late_takes_the_answer_that_came_meanwhile(void **state)
{
    enum { LIMIT_MS = 150 };
    struct fixture *f = arrange(state, "ok", 0);
    struct cf_http_options options = {.request_timeout_ms = LIMIT_MS};
    cf_http_client_free(f->client);
    f->client = NULL;
    assert_int_equal(cf_http_client_new(&f->client, &options, NULL), CF_OK);
    assert_int_equal(cf_http_begin(f->client, &f->requests[0], &f->outs[0], &f->err), CF_OK);
    usleep(3 * LIMIT_MS * 1000);
    assert_true(cf_http_ended(f->client, LIMIT_MS));
    assert_int_equal(cf_http_end(f->client, &f->requests[0], &f->outs[0], &f->err), CF_OK);
    assert_int_equal(f->outs[0].status, 200);
}

static void begin_of_what_cannot_be_sent_is_refused(void **state)
{
    struct fixture *f = arrange(state, "ok", 0);
    f->requests[0].method = "NO METHOD";
    assert_int_equal(cf_http_begin(f->client, &f->requests[0], &f->outs[0], &f->err), CF_EINPUT);
    assert_non_null(f->outs[0].message);
    f->requests[0].method = "PATCH";
    release_outs(f);
    assert_int_equal(cf_http_begin(f->client, &f->requests[0], &f->outs[0], &f->err), CF_OK);
    assert_int_equal(cf_http_end(f->client, &f->requests[0], &f->outs[0], &f->err), CF_OK);
    assert_int_equal(f->outs[0].status, 200);
}

static void send_together_is_paid_back_by_the_next(void **state)
{
    struct fixture *f = arrange(state, "ok", 20);
    double start = cf_clock_ms();
    assert_int_equal(cf_http_warm(f->client, f->urls[0], NULL, 2, NULL), CF_OK);
    assert_int_equal(send_many(f, 3), CF_OK);
    assert_int_equal(send_many(f, 1), CF_OK);
    assert_true(cf_clock_ms() - start >= (2 + 3) * 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(send_together_requests_overlap_and_answers_are_in_order),
        TEST(begin_leaves_the_answer_open_while_others_are_sent),
        TEST(ended_late_takes_the_answer_that_came_meanwhile),
        TEST(begin_of_what_cannot_be_sent_is_refused),
        TEST(send_together_after_warm_opens_no_connection),
        TEST(send_together_each_contender_has_its_own_connection),
        TEST(warm_passes_headers_and_reports_failure),
        TEST(send_together_more_than_are_taken_at_once_are_all_answered),
        TEST(warm_more_than_are_taken_at_once_is_given_up_soon),
        TEST(send_together_on_dying_connections_resends_nothing),
        TEST(send_together_unasked_answers_are_not_taken),
        TEST(send_together_one_bad_request_leaves_the_others),
        TEST(send_together_nobody_there_is_told_for_each),
        TEST(send_together_with_a_thousand_open_files_is_not_held_up),
        TEST(send_together_too_many_is_refused),
        TEST(send_together_none_is_nothing),
        TEST(send_together_is_paid_back_by_the_next),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    if (cf_http_global_init(NULL) != CF_OK)
        return 2;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    cf_http_global_cleanup();
    return failed ? 1 : 0;
}
