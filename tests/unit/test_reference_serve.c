/* The reference IUT as a process: how it starts, answers and stops; its tables and its profile. */
#include "harness/base/json.h"
#include "reference/reference.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct served {
    pid_t pid;
    int stop_fd;
    unsigned port;
};

/* Fork a server; asserts nothing in the child. */
static struct served serve(const struct cf_ref_options *options)
{
    int ready[2];
    int stop[2];
    char line[16] = "";
    struct served served = {0};
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(stop), 0);
    served.pid = fork();
    assert_true(served.pid >= 0);
    if (served.pid == 0) {
        (void)close(ready[0]);
        (void)close(stop[1]);
        _exit(cf_ref_serve(options, ready[1], stop[0], NULL) == CF_OK ? 0 : 1);
    }
    (void)close(ready[1]);
    (void)close(stop[0]);
    served.stop_fd = stop[1];
    for (size_t n = 0; n + 1 < sizeof(line) && read(ready[0], line + n, 1) == 1; n++)
        ;
    (void)close(ready[0]);
    served.port = (unsigned)strtoul(line, NULL, 10);
    return served;
}

static int stop(struct served *served)
{
    int status = -1;
    (void)close(served->stop_fd);
    assert_int_equal(waitpid(served->pid, &status, 0), served->pid);
    return status;
}

static int connect_to(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct timeval limit = {.tv_sec = 10};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* One exchange on a connection of its own: the status, and the rest of the answer in out. */
static int exchange(unsigned port, const char *request, struct cf_buf *out)
{
    char piece[4096];
    ssize_t got = 0;
    int fd = connect_to(port);
    cf_buf_reset(out);
    assert_int_equal(write(fd, request, strlen(request)), strlen(request));
    while ((got = read(fd, piece, sizeof(piece))) > 0)
        cf_buf_append(out, piece, (size_t)got);
    (void)close(fd);
    return strncmp(cf_buf_text(out), "HTTP/1.1 ", 9) == 0 ? (int)strtol(out->data + 9, NULL, 10)
                                                          : 0;
}

#define CLOSE " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"

static void serve_until_end_of_stop_fd_answers_then_returns(void **state)
{
    const struct cf_ref_options options = {0};
    struct served served = serve(&options);
    struct cf_buf out;
    (void)state;
    cf_buf_init(&out, 1 << 20);
    assert_true(served.port > 0);
    assert_int_equal(exchange(served.port, "GET /api/v1/cvms/x" CLOSE "\r\n", &out), 401);
    assert_non_null(strstr(out.data, "{\"detail\":\"Not authenticated\"}"));
    assert_int_equal(exchange(served.port, "GET /nowhere" CLOSE "\r\n", &out), 404);
    assert_int_equal(exchange(served.port, "GET /_chain/register" CLOSE "\r\n", &out), 405);
    assert_non_null(strstr(out.data, "Allow: POST"));
    cf_buf_release(&out);
    assert_int_equal(stop(&served), 0);
}

static void serve_stop_does_not_wait_for_idle_connections(void **state)
{
    const struct cf_ref_options options = {0};
    struct served served = serve(&options);
    int idle = connect_to(served.port);
    (void)state;
    assert_int_equal(write(idle, "PATCH /api", 10), 10);
    assert_int_equal(stop(&served), 0);
    (void)close(idle);
}

static void serve_ambiguous_framing_is_refused(void **state)
{
    static const char *const headers[] = {
        "Host: y\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    };
    const struct cf_ref_options options = {0};
    struct served served = serve(&options);
    struct cf_buf out;
    (void)state;
    cf_buf_init(&out, 1 << 20);
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        char request[256];
        (void)snprintf(request, sizeof(request), "POST /_test/reset" CLOSE "%s", headers[i]);
        assert_int_equal(exchange(served.port, request, &out), 400);
    }
    cf_buf_release(&out);
    assert_int_equal(stop(&served), 0);
}

static void serve_taken_port_fails_and_closes_ready_fd(void **state)
{
    const struct cf_ref_options first = {0};
    struct served served = serve(&first);
    struct cf_err err;
    int ready[2];
    char byte = 0;
    (void)state;
    const struct cf_ref_options second = {.port = served.port};
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(cf_ref_serve(&second, ready[1], -1, &err), CF_EIO);
    assert_non_null(strstr(err.text, "cannot serve on 127.0.0.1:"));
    assert_int_equal(read(ready[0], &byte, 1), 0);
    (void)close(ready[0]);
    assert_int_equal(stop(&served), 0);
}

static void serve_unknown_names_are_refused_with_the_nearest(void **state)
{
    static const char *const deviation[] = {"accepted-20"};
    static const char *const variant[] = {"foreign404"};
    struct cf_err err;
    (void)state;
    const struct cf_ref_options one = {.deviations = deviation, .deviation_count = 1};
    assert_int_equal(cf_ref_serve(&one, -1, -1, &err), CF_ENOTFOUND);
    assert_string_equal(err.text, "no deviation is named \"accepted-20\"; the nearest name is "
                                  "\"accepted-200\"");
    const struct cf_ref_options two = {.variants = variant, .variant_count = 1};
    assert_int_equal(cf_ref_serve(&two, -1, -1, &err), CF_ENOTFOUND);
    assert_string_equal(err.text,
                        "no variant is named \"foreign404\"; the nearest name is \"foreign-404\"");
}

static void serve_bad_options_are_refused(void **state)
{
    const struct cf_ref_options port = {.port = 65536};
    const struct cf_ref_options half = {.tls_key_file = "key.pem"};
    const struct cf_ref_options missing = {.tls_certificate_file = "/nonexistent/a",
                                           .tls_key_file = "/nonexistent/b"};
    struct cf_err err;
    (void)state;
    assert_int_equal(cf_ref_serve(&port, -1, -1, &err), CF_EINPUT);
    assert_string_equal(err.text, "port 65536 is over 65535");
    assert_int_equal(cf_ref_serve(&half, -1, -1, &err), CF_EINPUT);
    assert_string_equal(err.text, "TLS needs a certificate and a key");
    assert_int_equal(cf_ref_serve(&missing, -1, -1, &err), CF_EIO);
}

/* ---- tables ---- */

static void assert_rows_sound(const struct cf_ref_switch *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(rows[i].sentence);
        if (strspn(rows[i].name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(rows[i].name))
            fail_msg("%s: odd name", rows[i].name);
        if (len == 0 || rows[i].sentence[len - 1] != '.')
            fail_msg("%s: no sentence", rows[i].name);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(rows[i].name, rows[j].name) == 0)
                fail_msg("%s occurs twice", rows[i].name);
        }
    }
}

static void deviations_table_is_sound(void **state)
{
    const struct cf_ref_switch *rows = NULL;
    size_t count = cf_ref_deviations(&rows);
    (void)state;
    assert_true(count >= 130);
    assert_rows_sound(rows, count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].level, "must") != 0 && strcmp(rows[i].level, "should") != 0 &&
            strcmp(rows[i].level, "explore") != 0)
            fail_msg("%s: level %s", rows[i].name, rows[i].level);
        if (!strchr(rows[i].requirement, '.'))
            fail_msg("%s: requirement %s", rows[i].name, rows[i].requirement);
    }
}

static void variants_table_is_sound(void **state)
{
    const struct cf_ref_switch *rows = NULL;
    size_t count = cf_ref_variants(&rows);
    (void)state;
    assert_true(count >= 27);
    assert_rows_sound(rows, count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].level[0] != '\0' && strcmp(rows[i].level, "should") != 0 &&
            strcmp(rows[i].level, "field") != 0)
            fail_msg("%s: level %s", rows[i].name, rows[i].level);
    }
}

/* ---- the profile ---- */

static void assert_at(const struct cf_json_doc *doc, const char *pointer, const char *expected)
{
    struct cf_buf text;
    cf_buf_init(&text, 1 << 16);
    cf_json_print(&text, cf_json_at(doc->root, pointer));
    assert_string_equal(cf_buf_text(&text), expected);
    cf_buf_release(&text);
}

static void profile_of_a_port_is_strict_json_with_its_address(void **state)
{
    const struct cf_ref_options options = {.operation_ms = 20};
    struct cf_json_doc doc;
    struct cf_buf out;
    struct cf_err err;
    (void)state;
    cf_buf_init(&out, 1 << 20);
    assert_int_equal(cf_ref_profile(&options, 4711, &out, &err), CF_OK);
    if (cf_json_parse(&doc, "profile", out.data, out.len, CF_JSON_FILE, &err) != CF_OK)
        fail_msg("%s", err.text);
    assert_at(&doc, "/iut/base_url", "\"http://127.0.0.1:4711\"");
    assert_at(&doc, "/pics/instant_operations", "null"); /* absent */
    assert_int_equal(cJSON_GetArraySize(cf_json_at(doc.root, "/pixit/cvms/managed")), 12);
    assert_int_equal(cJSON_GetArraySize(cf_json_at(doc.root, "/pixit/cvms/contract_owned")), 12);
    assert_int_equal(cJSON_GetArraySize(cf_json_at(doc.root, "/pixit/cvms/foreign")), 2);
    assert_int_equal(cJSON_GetArraySize(cf_json_at(doc.root, "/pixit/cvms/gpu_rental")), 1);
    assert_at(&doc, "/pixit/phase2_body", "\"empty\"");
    assert_at(&doc, "/pixit/observe/fields/gpus/pointer", "\"/gpus\"");
    cf_json_release(&doc);
    cf_buf_release(&out);
}

static void profile_of_instant_operations_says_so(void **state)
{
    const struct cf_ref_options options = {.tls_certificate_file = "a \"cert\".pem",
                                           .tls_key_file = "key.pem"};
    struct cf_json_doc doc;
    struct cf_buf out;
    struct cf_err err;
    (void)state;
    cf_buf_init(&out, 1 << 20);
    assert_int_equal(cf_ref_profile(&options, 1, &out, &err), CF_OK);
    assert_int_equal(cf_json_parse(&doc, "profile", out.data, out.len, CF_JSON_FILE, &err), CF_OK);
    assert_at(&doc, "/iut/base_url", "\"https://127.0.0.1:1\"");
    assert_at(&doc, "/pics/instant_operations", "true");
    assert_at(&doc, "/pixit/tls/ca_file", "\"a \\\"cert\\\".pem\"");
    cf_json_release(&doc);
    cf_buf_release(&out);
}

static void profile_in_a_small_buffer_is_a_limit(void **state)
{
    const struct cf_ref_options options = {0};
    struct cf_buf out;
    struct cf_err err;
    (void)state;
    cf_buf_init(&out, 100);
    assert_int_equal(cf_ref_profile(&options, 1, &out, &err), CF_ELIMIT);
    cf_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serve_until_end_of_stop_fd_answers_then_returns),
        cmocka_unit_test(serve_stop_does_not_wait_for_idle_connections),
        cmocka_unit_test(serve_ambiguous_framing_is_refused),
        cmocka_unit_test(serve_taken_port_fails_and_closes_ready_fd),
        cmocka_unit_test(serve_unknown_names_are_refused_with_the_nearest),
        cmocka_unit_test(serve_bad_options_are_refused),
        cmocka_unit_test(deviations_table_is_sound),
        cmocka_unit_test(variants_table_is_sound),
        cmocka_unit_test(profile_of_a_port_is_strict_json_with_its_address),
        cmocka_unit_test(profile_of_instant_operations_says_so),
        cmocka_unit_test(profile_in_a_small_buffer_is_a_limit),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
