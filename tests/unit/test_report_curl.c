/* curl lines mean in a shell what the exchange was: bash itself is asked. */
#include "reports/curl.h"
#include "reports/escape.h"
#include "tests/reports/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A curl that prints each argument in brackets, then its standard input where it is asked for. */
static const char fake_curl[] =
    "curl() { local a; for a in \"$@\"; do printf '[%s]' \"$a\"; done; "
    "case \" $* \" in *' @- '*|*' @-') printf '<'; cat; printf '>';; esac; }\n"
    "export LC_ALL=C ACME_API_KEY=s3cret\n";

/* What bash prints for the command. */
static void run_bash(const char *command, struct cf_buf *out)
{
    int ends[2];
    char path[] = "/tmp/cf-curl-XXXXXX";
    int script = mkstemp(path);
    assert_true(script >= 0 && pipe(ends) == 0);
    assert_int_equal(cf_fd_write(script, fake_curl, sizeof(fake_curl) - 1, NULL), CF_OK);
    assert_int_equal(cf_fd_write(script, command, strlen(command), NULL), CF_OK);
    (void)close(script);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)execlp("bash", "bash", "--norc", path, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    char piece[4096];
    ssize_t got;
    while ((got = read(ends[0], piece, sizeof(piece))) > 0)
        cf_buf_append(out, piece, (size_t)got);
    (void)close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    (void)unlink(path);
}

/* The command must be one line of printable text, and mean wanted. */
static void expect_bash(const struct cf_exchange *exchange, const char *wanted, size_t wanted_len)
{
    struct cf_buf command;
    struct cf_buf got;
    cf_buf_init(&command, 1 << 24);
    cf_buf_init(&got, 1 << 24);
    cf_report_curl(&command, exchange, 0);
    for (size_t i = 0; i < command.len; i++)
        assert_true((unsigned char)command.data[i] >= 0x20 && command.data[i] != 0x7f);
    run_bash(cf_buf_text(&command), &got);
    assert_int_equal(got.len, wanted_len);
    assert_memory_equal(cf_buf_text(&got), wanted, wanted_len);
    cf_buf_release(&command);
    cf_buf_release(&got);
}

static void set_body(struct cf_exchange *exchange, const char *bytes, size_t len)
{
    exchange->request_body.bytes = malloc(len + 1);
    assert_non_null(exchange->request_body.bytes);
    memcpy(exchange->request_body.bytes, bytes, len);
    exchange->request_body.bytes[len] = '\0';
    exchange->request_body.len = len;
}

static void body_of_any_bytes_reaches_curl_unchanged(void **state)
{
#define ROW(text)                                                                                  \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }
    static const struct {
        const char *bytes;
        size_t len;
    } rows[] = {ROW(""),
                ROW("{}"),
                ROW("it's \"quoted\" $HOME `id` $(id) \\ !x"),
                ROW("two\nlines\n\ttab\r\n"),
                ROW("\xff\xfe 7bit\x7f\x01"),
                ROW("nul\0in 100% 'of' \\n it"),
                ROW("-n\0"),
                ROW("@/etc/passwd"),
                ROW("caf\xc3\xa9 \xe2\x80\xae"
                    "evil"),
                ROW("\\x41 \\n '\\''")};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_exchange exchange = {.kind = CF_EXCHANGE_HTTP};
        struct cf_buf wanted;
        bool piped = memchr(rows[i].bytes, '\0', rows[i].len) != NULL;
        exchange.method = sample_copy("PATCH");
        exchange.url = sample_copy("http://127.0.0.1:1/a");
        set_body(&exchange, rows[i].bytes, rows[i].len);
        cf_buf_init(&wanted, 4096);
        cf_buf_puts(&wanted, "[-sSi][-X][PATCH][http://127.0.0.1:1/a][-H][Content-Type:]");
        cf_buf_puts(&wanted, rows[i].bytes[0] == '@' ? "[--data-raw]" : "[--data-binary]");
        cf_buf_puts(&wanted, piped ? "[@-]<" : "[");
        cf_buf_append(&wanted, rows[i].bytes, rows[i].len);
        cf_buf_puts(&wanted, piped ? ">" : "]");
        expect_bash(&exchange, wanted.data, wanted.len);
        cf_buf_release(&wanted);
        cf_exchange_release(&exchange);
    }
}

static void body_longer_than_an_argument_is_piped(void **state)
{
    enum { LEN = 300000 };
    struct cf_exchange exchange = {.kind = CF_EXCHANGE_HTTP};
    struct cf_buf wanted;
    char *bytes = malloc(LEN);
    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < LEN; i++)
        bytes[i] = (char)(i * 7);
    exchange.method = sample_copy("PATCH");
    exchange.url = sample_copy("http://127.0.0.1:1/a");
    set_body(&exchange, bytes, LEN);
    cf_buf_init(&wanted, 1 << 20);
    cf_buf_puts(&wanted, "[-sSi][-X][PATCH][http://127.0.0.1:1/a][-H][Content-Type:]"
                         "[--data-binary][@-]<");
    cf_buf_append(&wanted, bytes, LEN);
    cf_buf_puts(&wanted, ">");
    expect_bash(&exchange, wanted.data, wanted.len);
    cf_buf_release(&wanted);
    cf_exchange_release(&exchange);
    free(bytes);
}

static void header_secret_is_put_back_by_the_shell(void **state)
{
    static const struct {
        const char *value;
        const char *wanted;
    } rows[] = {
        {"$ACME_API_KEY", "[X: s3cret]"},
        {"Bearer $ACME_API_KEY", "[X: Bearer s3cret]"},
        {"a \"b\" `id` $(id) $ACME_API_KEY'c'", "[X: a \"b\" `id` $(id) s3cret'c']"},
        {"$home ${HOME} $1 $", "[X: $home ${HOME} $1 $]"},
        {"a!b $ACME_API_KEY", "[X: a!b s3cret]"},
        {"a`id`b $ACME_API_KEY", "[X: a`id`b s3cret]"},
        {"a\\$ACME_API_KEY", "[X: a\\s3cret]"},
        {"\x01$ACME_API_KEY\xff", "[X: \x01s3cret\xff]"},
        {"", "[X;]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_exchange exchange = {.kind = CF_EXCHANGE_HTTP};
        struct cf_buf wanted;
        exchange.method = sample_copy("GET");
        exchange.url = sample_copy("http://127.0.0.1:1/a");
        sample_header(&exchange.request_headers, "X", rows[i].value);
        cf_buf_init(&wanted, 4096);
        cf_buf_printf(&wanted, "[-sSi][http://127.0.0.1:1/a][-H]%s", rows[i].wanted);
        expect_bash(&exchange, wanted.data, wanted.len);
        cf_buf_release(&wanted);
        cf_exchange_release(&exchange);
    }
}

static void command_of_exchange(const char *method, const char *url, const char *wanted)
{
    struct cf_exchange exchange = {.kind = CF_EXCHANGE_HTTP};
    struct cf_buf command;
    exchange.method = sample_copy(method);
    exchange.url = sample_copy(url);
    sample_header(&exchange.request_headers, "Host", "127.0.0.1:1");
    sample_header(&exchange.request_headers, "Content-Length", "0");
    cf_buf_init(&command, 4096);
    cf_report_curl(&command, &exchange, 0);
    assert_string_equal(cf_buf_text(&command), wanted);
    cf_buf_release(&command);
    cf_exchange_release(&exchange);
}

static void command_method_and_url_keep_their_meaning(void **state)
{
    (void)state;
    command_of_exchange("GET", "http://127.0.0.1:1/a", "curl -sSi http://127.0.0.1:1/a");
    command_of_exchange("HEAD", "http://127.0.0.1:1/a", "curl -sSi -I http://127.0.0.1:1/a");
    command_of_exchange("PATCH", "http://127.0.0.1:1/a/../b",
                        "curl -sSi -X PATCH --path-as-is http://127.0.0.1:1/a/../b");
    command_of_exchange("PATCH", "http://127.0.0.1:1/a?b={c}&d",
                        "curl -sSi -X PATCH -g 'http://127.0.0.1:1/a?b={c}&d'");
    command_of_exchange("GET", "http://other/a", "curl -sSi http://other/a -H 'Host: 127.0.0.1:1'");
}

static void command_of_long_body_names_it(void **state)
{
    struct cf_exchange exchange = {.kind = CF_EXCHANGE_HTTP};
    struct cf_buf command;
    (void)state;
    exchange.method = sample_copy("PATCH");
    exchange.url = sample_copy("http://h/a");
    sample_header(&exchange.request_headers, "Content-Type", "text/plain");
    set_body(&exchange, "0123456789", 10);
    cf_buf_init(&command, 4096);
    cf_report_curl(&command, &exchange, 9);
    assert_string_equal(cf_buf_text(&command),
                        "curl -sSi -X PATCH http://h/a -H 'Content-Type: text/plain' "
                        "--data-binary @BODY # BODY: the request's 10 bytes, in results.json");
    cf_buf_release(&command);
    cf_exchange_release(&exchange);
}

static void command_of_hook_is_nothing(void **state)
{
    struct cf_exchange exchange = {.kind = CF_EXCHANGE_HOOK};
    struct cf_buf command;
    (void)state;
    cf_buf_init(&command, 4096);
    cf_report_curl(&command, &exchange, 0);
    assert_int_equal(command.len, 0);
    cf_buf_release(&command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body_of_any_bytes_reaches_curl_unchanged),
        cmocka_unit_test(body_longer_than_an_argument_is_piped),
        cmocka_unit_test(header_secret_is_put_back_by_the_shell),
        cmocka_unit_test(command_method_and_url_keep_their_meaning),
        cmocka_unit_test(command_of_long_body_names_it),
        cmocka_unit_test(command_of_hook_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
