/*
 * TLS: whom the client trusts, what it says when it does not, and how it shows a certificate of its
 * own. The certificates are made here, so that none ever expires in the repository.
 */
#include "harness/http/client.h"
#include "tests/http/hostile_server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- certificates ---- */

enum { PATH_BYTES = 96 };

static char folder[] = "/tmp/cf-tls-XXXXXX";
static const char *const made[] = {"ca.pem",     "ca.key",     "server.pem", "server.key",
                                   "other.pem",  "other.key",  "old.pem",    "old.key",
                                   "client.pem", "client.key", "junk.pem"};

static const char *path_of(const char *name)
{
    static char paths[4][PATH_BYTES]; /* the few that one expression needs */
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, PATH_BYTES, "%s/%s", folder, name);
    return path;
}

struct identity {
    EVP_PKEY *key;
    X509 *certificate;
};

static void free_identity(struct identity *identity)
{
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* issuer NULL: signs itself, and may sign others. ends_s: seconds from now. */
static struct identity make_identity(const char *name, const char *alternative_name, long ends_s,
                                     const struct identity *issuer)
{
    static long serial = 1;
    struct identity out = {.key = EVP_EC_gen("P-256"), .certificate = X509_new()};
    X509 *certificate = out.certificate;
    assert_true(out.key && certificate);
    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), -7200));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), ends_s));
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
                                                MBSTRING_ASC, (const unsigned char *)name, -1, -1,
                                                0),
                     1);
    const X509 *from = issuer ? issuer->certificate : certificate;
    assert_int_equal(X509_set_issuer_name(certificate, X509_get_subject_name(from)), 1);
    assert_int_equal(X509_set_pubkey(certificate, out.key), 1);
    if (!issuer)
        add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    if (alternative_name)
        add_extension(certificate, NID_subject_alt_name, alternative_name);
    assert_true(X509_sign(certificate, issuer ? issuer->key : out.key, EVP_sha256()) > 0);
    return out;
}

static void write_identity(const struct identity *identity, const char *name)
{
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s.pem", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, identity->certificate), 1);
    assert_int_equal(fclose(file), 0);
    (void)snprintf(path, sizeof(path), "%s/%s.key", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, identity->key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(file), 0);
}

static void make_and_write(const char *name, const char *alternative_name, long ends_s,
                           const struct identity *issuer)
{
    struct identity identity = make_identity(name, alternative_name, ends_s, issuer);
    write_identity(&identity, name);
    free_identity(&identity);
}

static int make_folder(void **state)
{
    enum { HOUR_S = 3600 };
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    struct identity ca = make_identity("ca", NULL, HOUR_S, NULL);
    write_identity(&ca, "ca");
    make_and_write("server", "IP:127.0.0.1,DNS:localhost", HOUR_S, &ca);
    make_and_write("other", "DNS:other.example", HOUR_S, &ca);
    make_and_write("old", "IP:127.0.0.1", -HOUR_S, &ca);
    make_and_write("client", NULL, HOUR_S, &ca);
    free_identity(&ca);
    FILE *junk = fopen(path_of("junk.pem"), "w");
    assert_non_null(junk);
    (void)fputs("not a certificate\n", junk);
    return fclose(junk);
}

static int remove_folder(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
        (void)unlink(path_of(made[i]));
    return rmdir(folder);
}

/* ---- server ---- */

struct fixture {
    pid_t pid;
    int port;
    atomic_uint *handshakes;
    struct cf_http_client *client;
    struct cf_exchange out;
    struct cf_err err;
};

static void answer_requests(SSL *tls)
{
    char request[4096], answer[256], name[64] = "nobody";
    X509 *peer = SSL_get1_peer_certificate(tls);
    if (peer)
        (void)X509_NAME_get_text_by_NID(X509_get_subject_name(peer), NID_commonName, name,
                                        sizeof(name));
    X509_free(peer);
    /* The client's requests are small and come in one record. */
    while (SSL_read(tls, request, sizeof(request)) > 0) {
        int len = snprintf(answer, sizeof(answer),
                           "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(name), name);
        if (SSL_write(tls, answer, len) <= 0)
            return;
    }
}

static void serve(int listener, const char *identity, bool ask, atomic_uint *handshakes)
{
    char path[PATH_BYTES], sink[256];
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    (void)snprintf(path, sizeof(path), "%s/%s.pem", folder, identity);
    (void)SSL_CTX_use_certificate_file(context, path, SSL_FILETYPE_PEM);
    (void)snprintf(path, sizeof(path), "%s/%s.key", folder, identity);
    (void)SSL_CTX_use_PrivateKey_file(context, path, SSL_FILETYPE_PEM);
    (void)SSL_CTX_load_verify_file(context, path_of("ca.pem"));
    if (ask)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        SSL *tls = SSL_new(context);
        (void)SSL_set_fd(tls, fd);
        if (SSL_accept(tls) == 1) {
            atomic_fetch_add(handshakes, 1);
            answer_requests(tls);
        }
        /* Closing with bytes unread would reset the connection and take the alert away with it. */
        (void)shutdown(fd, SHUT_WR);
        while (recv(fd, sink, sizeof(sink), 0) > 0) {
        }
        SSL_free(tls);
        (void)close(fd);
    }
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    void *shared = mmap(NULL, sizeof(*f->handshakes), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!f || shared == MAP_FAILED)
        return -1;
    f->handshakes = shared;
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cf_http_client_free(f->client);
    cf_exchange_release(&f->out);
    if (f->pid > 0) {
        (void)kill(f->pid, SIGKILL);
        (void)waitpid(f->pid, NULL, 0);
    }
    (void)munmap(f->handshakes, sizeof(*f->handshakes));
    free(f);
    return 0;
}

/* A server that shows that identity (and asks for the client's), and a client. */
static struct fixture *arrange(void **state, const char *identity, bool ask,
                               struct cf_http_options options)
{
    struct fixture *f = *state;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(listen(listener, 16), 0);
    f->port = ntohs(address.sin_port);
    (void)fflush(NULL);
    f->pid = fork();
    if (f->pid == 0)
        serve(listener, identity, ask, f->handshakes);
    (void)close(listener);
    options.request_timeout_ms = 20000;
    assert_int_equal(cf_http_client_new(&f->client, &options, NULL), CF_OK);
    return f;
}

static enum cf_code send_to(struct fixture *f, const char *host)
{
    char url[64];
    (void)snprintf(url, sizeof(url), "https://%s:%d/x", host, f->port);
    struct cf_http_request request = {.method = "PATCH", .url = url, .body = "{}", .body_len = 2};
    cf_exchange_release(&f->out);
    f->out = (struct cf_exchange){0};
    return cf_http_send(f->client, &request, &f->out, &f->err);
}

/* ---- tests ---- */

static void send_trusted_server_answers_on_one_connection(void **state)
{
    struct fixture *f =
        arrange(state, "server", false, (struct cf_http_options){.ca_file = path_of("ca.pem")});
    for (int i = 0; i < 5; i++) {
        assert_int_equal(send_to(f, "127.0.0.1"), CF_OK);
        assert_int_equal(f->out.status, 200);
        assert_string_equal(f->out.response_body.bytes, "nobody");
    }
    assert_int_equal(atomic_load(f->handshakes), 1);
}

static void send_untrusted_server_is_refused_plainly(void **state, const char *identity,
                                                     const char *ca_file)
{
    char expected[128];
    struct fixture *f =
        arrange(state, identity, false, (struct cf_http_options){.ca_file = ca_file});
    assert_int_equal(send_to(f, "127.0.0.1"), CF_ENET);
    (void)snprintf(expected, sizeof(expected),
                   "the TLS certificate of 127.0.0.1:%d cannot be verified: ", f->port);
    if (strncmp(f->err.text, expected, strlen(expected)) != 0)
        fail_msg("%s", f->err.text);
    assert_true(strlen(f->err.text) > strlen(expected));
    assert_string_equal(f->out.message, f->err.text);
    assert_int_equal(cf_http_request_count(f->client), 0);
}

static void send_unknown_authority_is_refused(void **state)
{
    send_untrusted_server_is_refused_plainly(state, "server", path_of("client.pem"));
}

static void send_certificate_of_another_name_is_refused(void **state)
{
    send_untrusted_server_is_refused_plainly(state, "other", path_of("ca.pem"));
}

static void send_expired_certificate_is_refused(void **state)
{
    send_untrusted_server_is_refused_plainly(state, "old", path_of("ca.pem"));
}

static void send_insecure_client_trusts_anybody(void **state)
{
    struct fixture *f = arrange(state, "other", false, (struct cf_http_options){.insecure = true});
    assert_int_equal(send_to(f, "127.0.0.1"), CF_OK);
}

static void send_client_certificate_is_shown(void **state)
{
    struct fixture *f = arrange(state, "server", true,
                                (struct cf_http_options){.ca_file = path_of("ca.pem"),
                                                         .client_cert_file = path_of("client.pem"),
                                                         .client_key_file = path_of("client.key")});
    assert_int_equal(send_to(f, "127.0.0.1"), CF_OK);
    assert_string_equal(f->out.response_body.bytes, "client");
}

/* With TLS 1.3 the server's refusal comes after the request is out. */
static void send_client_certificate_missing_is_told(void **state)
{
    struct fixture *f =
        arrange(state, "server", true, (struct cf_http_options){.ca_file = path_of("ca.pem")});
    assert_int_equal(send_to(f, "127.0.0.1"), CF_ENET);
    if (!strstr(f->err.text, "certificate required"))
        fail_msg("%s", f->err.text);
}

static void send_unusable_files_are_input_errors(void **state)
{
    struct fixture *f =
        arrange(state, "server", false, (struct cf_http_options){.ca_file = path_of("junk.pem")});
    assert_int_equal(send_to(f, "127.0.0.1"), CF_EINPUT);
    assert_memory_equal(f->err.text, "the CA file cannot be used: ", 28);
    cf_http_client_free(f->client);
    f->client = NULL;
    struct cf_http_options options = {.ca_file = path_of("ca.pem"),
                                      .client_cert_file = path_of("junk.pem"),
                                      .client_key_file = path_of("client.key")};
    assert_int_equal(cf_http_client_new(&f->client, &options, NULL), CF_OK);
    assert_int_equal(send_to(f, "127.0.0.1"), CF_EINPUT);
    assert_memory_equal(f->err.text, "the client certificate or its key cannot be used: ", 50);
}

static void send_https_to_a_plain_server_is_told(void **state)
{
    struct hostile plain;
    char expected[96];
    struct fixture *f = *state;
    struct cf_http_options options = {.request_timeout_ms = 20000, .ca_file = path_of("ca.pem")};
    assert_int_equal(cf_http_client_new(&f->client, &options, NULL), CF_OK);
    assert_true(hostile_start(&plain, "speaks-first"));
    f->port = plain.port;
    enum cf_code code = send_to(f, "127.0.0.1");
    (void)snprintf(expected, sizeof(expected),
                   "the TLS handshake with 127.0.0.1:%d failed: ", plain.port);
    hostile_stop(&plain);
    assert_int_equal(code, CF_ENET);
    if (strncmp(f->err.text, expected, strlen(expected)) != 0)
        fail_msg("%s", f->err.text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(send_trusted_server_answers_on_one_connection),
        TEST(send_unknown_authority_is_refused),
        TEST(send_certificate_of_another_name_is_refused),
        TEST(send_expired_certificate_is_refused),
        TEST(send_insecure_client_trusts_anybody),
        TEST(send_client_certificate_is_shown),
        TEST(send_client_certificate_missing_is_told),
        TEST(send_unusable_files_are_input_errors),
        TEST(send_https_to_a_plain_server_is_told),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    if (cf_http_global_init(NULL) != CF_OK)
        return 2;
    int failed = cmocka_run_group_tests(tests, make_folder, remove_folder);
    cf_http_global_cleanup();
    return failed ? 1 : 0;
}
