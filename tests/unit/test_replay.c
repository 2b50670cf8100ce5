/* A transcript in the network's place: what it gives back, and every way to differ from it. */
#include "harness/run/io.h"
#include "harness/run/rejudge.h"
#include "harness/run/secrets.h"
#include "suites/suites.h"
#include "tests/unit/unit.h"

#include <math.h>

static const char profile_text[] =
    "{\"iut\": {\"name\": \"n\", \"version\": \"v\", \"base_url\": \"http://127.0.0.1:1\"},"
    "\"pics\": {\"contract_owned_kms\": false, \"prepare_only\": false, \"gpu_rental\": false},"
    "\"pixit\": {\"auth\": {\"header\": \"X-Key\", \"value_from\": {\"env\": \"NO_SUCH_KEY\"}},"
    "\"cvms\": {\"managed\": [\"a\"], \"contract_owned\": [], \"foreign\": [], \"gpu_rental\": [],"
    "\"unknown\": []}, \"values\": {}, \"observe\": {\"preset\": \"2026-01-21\"},"
    "\"timing\": {\"settle_timeout_ms\": 9, \"poll_interval_ms\": 1, \"request_timeout_ms\": 9}}}";

static struct replay_test {
    struct cf_profile profile;
    struct cf_redactor *redactor;
    struct cf_case_record record;
    struct cf_io *io;
    struct cf_exchange got;
    struct cf_err err;
} t;

static char *copy(const char *text)
{
    char *out = strdup(text);
    assert_non_null(out);
    return out;
}

static void set_body(struct cf_body *body, const char *text)
{
    body->bytes = copy(text);
    body->len = strlen(text);
}

static struct cf_exchange *add(enum cf_exchange_kind kind, double at_ms)
{
    struct cf_exchange *e = cf_case_record_add_exchange(&t.record);
    assert_non_null(e);
    e->kind = kind;
    e->at_ms = at_ms;
    e->duration_ms = 0.5;
    e->purpose = copy("why");
    return e;
}

static struct cf_exchange *add_http(double at_ms, const char *method, const char *body, int status)
{
    struct cf_exchange *e = add(CF_EXCHANGE_HTTP, at_ms);
    e->method = copy(method);
    e->url = copy("http://127.0.0.1:1/x");
    cf_headers_add(&e->request_headers, "X-Key", "$NO_SUCH_KEY");
    cf_headers_add(&e->request_headers, "A", "1");
    cf_headers_add(&e->request_headers, "A", "2");
    if (body)
        set_body(&e->request_body, body);
    e->status = status;
    set_body(&e->response_body, "answer");
    cf_headers_add(&e->response_headers, "B", "3");
    return e;
}

static int begin(void **state)
{
    (void)state;
    t = (struct replay_test){0};
    assert_int_equal(cf_profile_parse_sealed(&t.profile, "p", profile_text, strlen(profile_text),
                                             cf_cvm_engine()->vocabulary, &t.err),
                     CF_OK);
    assert_int_equal(cf_secrets_redactor(&t.redactor, &t.profile, &t.err), CF_OK);
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_io_free(t.io);
    cf_redactor_free(t.redactor);
    cf_exchange_release(&t.got);
    cf_case_record_release(&t.record);
    cf_profile_release(&t.profile);
    return 0;
}

static void open_replay(void)
{
    t.io = cf_io_replay_new(t.redactor, &t.record);
    assert_true(t.io->ops->now(t.io) < 0.0001); /* the start */
}

/* What add_http() recorded, with the stand-in for the credential; headers in another order. */
static struct cf_http_request request(const char *method, const char *body)
{
    struct cf_http_request r = {.method = method, .url = "http://127.0.0.1:1/x", .body = body};
    r.body_len = body ? strlen(body) : 0;
    cf_headers_add(&r.headers, "A", "1");
    cf_headers_add(&r.headers, "X-Key", t.profile.auth.value);
    cf_headers_add(&r.headers, "A", "2");
    return r;
}

static enum cf_code send(struct cf_http_request r)
{
    cf_exchange_release(&t.got);
    enum cf_code code = t.io->ops->send(t.io, &r, &t.got, &t.err);
    cf_headers_release(&r.headers);
    return code;
}

static void differs(const char *says)
{
    const char *difference = cf_io_replay_difference(t.io);
    if (!difference || strcmp(difference, says) != 0)
        fail_msg("got:    %s\nwanted: %s", difference ? difference : "(none)", says);
}

static void send_as_recorded_gives_the_answer_back(void **state)
{
    (void)state;
    (void)add_http(1.25, "PATCH", "{}", 202);
    (void)add_http(7.5, "GET", NULL, 200);
    open_replay();
    assert_int_equal(send(request("PATCH", "{}")), CF_OK);
    assert_int_equal(t.got.status, 202);
    assert_string_equal(t.got.response_body.bytes, "answer");
    assert_string_equal(cf_headers_get(&t.got.response_headers, "b"), "3");
    assert_true(fabs(t.got.at_ms - 1.25) < 1e-9 && fabs(t.got.duration_ms - 0.5) < 1e-9);
    assert_true(fabs(t.io->ops->now(t.io) - 7.5) < 1e-9); /* of the exchange that comes next */
    assert_int_equal(send(request("GET", NULL)), CF_OK);
    assert_null(cf_io_replay_difference(t.io));
    assert_true(fabs(t.io->ops->now(t.io) - 8.0) < 1e-9);
}

static void send_failed_then_fails_the_same_way(void **state)
{
    static const enum cf_code codes[] = {CF_ENET, CF_ETIMEOUT, CF_EPROTO, CF_ELIMIT};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        struct cf_exchange *e = add_http((double)i, "GET", NULL, 0);
        e->message = copy("went wrong");
        e->error = codes[i];
    }
    open_replay();
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        assert_int_equal(send(request("GET", NULL)), codes[i]);
        assert_string_equal(t.err.text, "went wrong");
        assert_string_equal(t.got.message, "went wrong");
    }
    assert_null(cf_io_replay_difference(t.io));
}

static void send_anything_else_is_refused(void **state)
{
    static const struct {
        const char *method, *body, *header, *value, *says;
    } rows[] = {
        {"POST", "{}", NULL, NULL, "exchange 1: method: now \"POST\", recorded \"PATCH\""},
        {"PATCH", "{ }", NULL, NULL,
         "exchange 1: the body sent is another one from byte 1 (3 bytes, recorded 2)"},
        {"PATCH", "{", NULL, NULL,
         "exchange 1: the body sent is another one from byte 1 (1 bytes, recorded 2)"},
        {"PATCH", NULL, NULL, NULL, "exchange 1: a body is not sent now, and was sent then"},
        {"PATCH", "{}", "A", "3", "exchange 1: header A is sent that was not sent then"},
        {"PATCH", "{}", "C", "3", "exchange 1: header C is sent that was not sent then"},
    };
    (void)state;
    (void)add_http(1, "PATCH", "{}", 202);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        open_replay();
        struct cf_http_request r = request(rows[i].method, rows[i].body);
        if (rows[i].header)
            cf_headers_add(&r.headers, rows[i].header, rows[i].value);
        assert_int_equal(send(r), CF_ESTOPPED);
        differs(rows[i].says);
        assert_int_equal(send(request("PATCH", "{}")), CF_ESTOPPED); /* for good */
        differs(rows[i].says);
        cf_io_free(t.io);
        t.io = NULL;
    }
}

static void send_other_values_of_headers_is_refused(void **state)
{
    (void)state;
    (void)add_http(1, "GET", NULL, 200);
    open_replay();
    struct cf_http_request r = request("GET", NULL);
    free(r.headers.items[2].value);
    r.headers.items[2].value = copy("9");
    assert_int_equal(send(r), CF_ESTOPPED);
    differs("exchange 1: header A: now \"9\", recorded \"2\"");
    cf_io_free(t.io);
    open_replay();
    r = request("GET", NULL);
    free(r.headers.items[1].value);
    r.headers.items[1].value = copy("another key");
    assert_int_equal(send(r), CF_ESTOPPED);
    differs("exchange 1: header X-Key: now \"another key\", recorded \"$NO_SUCH_KEY\"");
    cf_io_free(t.io);
    open_replay();
    r = request("GET", NULL);
    r.headers.count--;
    free(r.headers.items[2].name);
    free(r.headers.items[2].value);
    assert_int_equal(send(r), CF_ESTOPPED);
    differs("exchange 1: 2 headers are sent, recorded are 3");
}

static void send_more_or_less_than_recorded_is_told(void **state)
{
    (void)state;
    (void)add_http(1, "GET", NULL, 200);
    open_replay();
    differs("exchange 1: a request is recorded that is not made (why)");
    cf_io_free(t.io);
    open_replay();
    assert_int_equal(send(request("GET", NULL)), CF_OK);
    assert_int_equal(send(request("GET", NULL)), CF_ESTOPPED);
    differs("exchange 2: a request is made that the transcript does not have");
}

static void wait_ends_where_it_ended_then(void **state)
{
    (void)state;
    (void)add_http(1, "GET", NULL, 200);
    (void)add(CF_EXCHANGE_TIMEOUT, 40);
    (void)add_http(50, "GET", NULL, 200);
    open_replay();
    assert_true(t.io->ops->wait(t.io, 5, 10));
    assert_int_equal(send(request("GET", NULL)), CF_OK);
    /* A pause without a deadline is not a wait for the implementation. */
    assert_true(t.io->ops->wait(t.io, 5, INFINITY));
    assert_false(t.io->ops->wait(t.io, 5, 10));
    assert_true(fabs(t.io->ops->now(t.io) - 40) < 1e-9);
    assert_true(fabs(t.io->ops->now(t.io) - 50) < 1e-9); /* requests at once begin there */
    assert_int_equal(send(request("GET", NULL)), CF_OK);
    assert_true(fabs(t.got.at_ms - 50) < 1e-9);
    assert_null(cf_io_replay_difference(t.io));
}

static void wait_on_after_the_deadline_is_refused(void **state)
{
    (void)state;
    (void)add(CF_EXCHANGE_TIMEOUT, 40);
    open_replay();
    assert_int_equal(send(request("GET", NULL)), CF_ESTOPPED);
    differs("exchange 1: a request is made, recorded is the end of a wait");
    cf_io_free(t.io);
    open_replay();
    differs("exchange 1: the end of a wait is recorded that is not made (why)");
    cf_io_free(t.io);
    open_replay();
    assert_false(t.io->ops->wait(t.io, 5, 10));
    assert_null(cf_io_replay_difference(t.io));
}

static void wait_for_a_deadline_that_never_came_is_refused(void **state)
{
    (void)state;
    (void)add_http(1, "GET", NULL, 200);
    open_replay();
    for (int i = 0; t.io->ops->wait(t.io, 5, 10); i++)
        assert_in_range(i, 0, 1000);
    differs("exchange 1: an end is waited for that the transcript does not have");
    assert_false(t.io->ops->wait(t.io, 5, 10));
    assert_int_equal(send(request("GET", NULL)), CF_ESTOPPED);
}

static void hook_gives_its_output_back_for_the_same_input(void **state)
{
    struct cf_json_doc inputs = unit_json("{\"app_id\":\"x\"}");
    (void)state;
    struct cf_exchange *e = add(CF_EXCHANGE_HOOK, 3);
    e->hook = copy("reset");
    set_body(&e->request_body, "{\"app_id\":\"x\"}");
    set_body(&e->response_body, "{\"done\":true}");
    open_replay();
    assert_int_equal(t.io->ops->hook(t.io, &t.profile, "reset", inputs.root, &t.got, &t.err),
                     CF_OK);
    assert_string_equal(t.got.response_body.bytes, "{\"done\":true}");
    assert_null(cf_io_replay_difference(t.io));
    cf_io_free(t.io);
    cf_exchange_release(&t.got);
    open_replay();
    assert_int_equal(t.io->ops->hook(t.io, &t.profile, "unset", inputs.root, &t.got, &t.err),
                     CF_ESTOPPED);
    differs("exchange 1: hook: now \"unset\", recorded \"reset\"");
    cf_json_release(&inputs);
}

static void together_gives_all_back_with_their_moments(void **state)
{
    struct cf_http_request requests[2];
    struct cf_exchange outs[2] = {{0}};
    enum cf_code codes[2];
    (void)state;
    (void)add_http(10.5, "PATCH", "1", 202);
    struct cf_exchange *second = add_http(10.25, "PATCH", "2", 0);
    second->message = copy("dropped");
    second->error = CF_ENET;
    open_replay();
    requests[0] = request("PATCH", "1");
    requests[1] = request("PATCH", "2");
    assert_int_equal(t.io->ops->together(t.io, "w", requests, 2, outs, codes, &t.err), CF_OK);
    assert_int_equal(codes[0], CF_OK);
    assert_int_equal(codes[1], CF_ENET);
    /* counted from the call, which was at the first one's time */
    assert_true(fabs(outs[0].at_ms) < 1e-9 && fabs(outs[1].at_ms + 0.25) < 1e-9);
    assert_null(cf_io_replay_difference(t.io));
    for (size_t i = 0; i < 2; i++) {
        cf_exchange_release(&outs[i]);
        cf_headers_release(&requests[i].headers);
    }
}

static void begin_ends_after_as_many_exchanges_as_then(void **state)
{
    (void)state;
    struct cf_exchange *open = add_http(1, "PATCH", "1", 202);
    open->meanwhile = 2;
    (void)add_http(2, "GET", NULL, 200);
    (void)add_http(3, "GET", NULL, 200);
    (void)add_http(4, "GET", NULL, 200);
    struct cf_http_request r = request("PATCH", "1");
    struct cf_exchange out = {0};
    open_replay();
    assert_int_equal(t.io->ops->begin(t.io, &r, &out, &t.err), CF_OK);
    for (int i = 0; i < 2; i++) {
        assert_false(t.io->ops->ended(t.io, 1000));
        assert_int_equal(send(request("GET", NULL)), CF_OK);
    }
    assert_true(t.io->ops->ended(t.io, 1000));
    assert_int_equal(t.io->ops->end(t.io, &r, &out, &t.err), CF_OK);
    assert_int_equal(out.status, 202);
    assert_int_equal(send(request("GET", NULL)), CF_OK);
    assert_null(cf_io_replay_difference(t.io));
    cf_exchange_release(&out);
    cf_headers_release(&r.headers);
}

static void begin_that_nothing_ends_is_refused(void **state)
{
    (void)state;
    struct cf_exchange *open = add_http(1, "PATCH", "1", 202);
    open->meanwhile = 2;
    (void)add_http(2, "GET", NULL, 200);
    struct cf_http_request r = request("PATCH", "1");
    struct cf_exchange out = {0};
    open_replay();
    assert_int_equal(t.io->ops->begin(t.io, &r, &out, &t.err), CF_OK);
    for (int i = 0; !t.io->ops->ended(t.io, 1); i++)
        assert_in_range(i, 0, 1000);
    assert_int_equal(t.io->ops->end(t.io, &r, &out, &t.err), CF_ESTOPPED);
    differs("exchange 2: an end is waited for that the transcript does not have");
    cf_exchange_release(&out);
    cf_headers_release(&r.headers);
}

static void begin_otherwise_than_then_is_refused_to_the_end(void **state)
{
    (void)state;
    add_http(1, "PATCH", "1", 202)->meanwhile = 5;
    struct cf_http_request r = request("PATCH", "2");
    struct cf_exchange out = {0};
    open_replay();
    assert_int_equal(t.io->ops->begin(t.io, &r, &out, &t.err), CF_ESTOPPED);
    assert_true(t.io->ops->ended(t.io, 1000));
    assert_int_equal(t.io->ops->end(t.io, &r, &out, &t.err), CF_ESTOPPED);
    differs("exchange 1: the body sent is another one from byte 0 (1 bytes, recorded 1)");
    cf_headers_release(&r.headers);
}

static void together_unconnected_then_is_unconnected_now(void **state)
{
    struct cf_http_request r;
    struct cf_exchange out = {0};
    enum cf_code code;
    (void)state;
    struct cf_exchange *e = add(CF_EXCHANGE_HTTP, 1);
    free(e->purpose);
    e->purpose = copy(CF_PURPOSE_CONNECT);
    e->url = copy("w");
    e->message = copy("cannot connect");
    e->error = CF_ENET;
    open_replay();
    r = request("PATCH", "1");
    assert_int_equal(t.io->ops->together(t.io, "w", &r, 1, &out, &code, &t.err), CF_ENET);
    assert_string_equal(t.err.text, "cannot connect");
    assert_null(cf_io_replay_difference(t.io));
    cf_headers_release(&r.headers);
}

/* ---- comparing records ---- */

static void record_same_ignores_only_when_and_how_long(void **state)
{
    struct cf_case_record other = {.verdict = CF_PASS, .attempt = 1};
    (void)state;
    t.record.id = copy("x");
    t.record.attempt = 1;
    t.record.verdict = CF_PASS;
    t.record.started_at = copy("then");
    t.record.duration_ms = 12;
    other.id = copy("x");
    assert_int_equal(cf_case_record_same(&other, &t.record, &t.err), CF_OK);
    other.verdict = CF_FAIL;
    assert_int_equal(cf_case_record_same(&other, &t.record, &t.err), CF_EINPUT);
    assert_string_equal(t.err.text, "/verdict: now \"fail\", recorded \"pass\"");
    other.verdict = CF_PASS;
    assert_non_null(cf_case_record_add_exchange(&other));
    other.exchanges[0].purpose = copy("p");
    assert_int_equal(cf_case_record_same(&other, &t.record, &t.err), CF_EINPUT);
    assert_int_equal(strncmp(t.err.text, "/steps/0: now {", 15), 0);
    assert_non_null(strstr(t.err.text, ", recorded absent"));
    assert_int_equal(cf_case_record_same(&t.record, &other, &t.err), CF_EINPUT);
    assert_int_equal(strncmp(t.err.text, "/steps/0: now absent, recorded {", 32), 0);
    cf_case_record_release(&other);
}

static void record_same_takes_what_json_cannot_hold_as_written(void **state)
{
    struct cf_case_record other = {.verdict = CF_FAIL, .attempt = 1};
    (void)state;
    t.record.verdict = CF_FAIL;
    t.record.attempt = 1;
    t.record.reason = copy("got \xff\xfe");
    t.record.observation = copy("{\"a\":\"\\u0000\"}");
    /* as it is read back from a file */
    other.reason = copy("got \xef\xbf\xbd\xef\xbf\xbd");
    other.observation = copy("{\"a\":\"\xef\xbf\xbd\"}");
    assert_int_equal(cf_case_record_same(&t.record, &other, &t.err), CF_OK);
    cf_case_record_release(&other);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(send_as_recorded_gives_the_answer_back),
        TEST(send_failed_then_fails_the_same_way),
        TEST(send_anything_else_is_refused),
        TEST(send_other_values_of_headers_is_refused),
        TEST(send_more_or_less_than_recorded_is_told),
        TEST(wait_ends_where_it_ended_then),
        TEST(wait_on_after_the_deadline_is_refused),
        TEST(wait_for_a_deadline_that_never_came_is_refused),
        TEST(hook_gives_its_output_back_for_the_same_input),
        TEST(together_gives_all_back_with_their_moments),
        TEST(begin_ends_after_as_many_exchanges_as_then),
        TEST(begin_that_nothing_ends_is_refused),
        TEST(begin_otherwise_than_then_is_refused_to_the_end),
        TEST(together_unconnected_then_is_unconnected_now),
        TEST(record_same_ignores_only_when_and_how_long),
        TEST(record_same_takes_what_json_cannot_hold_as_written),
    };
    return UNIT_RUN(tests);
}
