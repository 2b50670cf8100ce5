#include "harness/base/gzip.h"
#include "harness/http/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct cf_redactor *redactor_for(const char *secret, const char *placeholder)
{
    struct cf_redactor *redactor = NULL;
    redactor = cf_redactor_new();
    assert_int_equal(cf_redactor_add(redactor, secret, strlen(secret), placeholder, NULL), CF_OK);
    return redactor;
}

/* The redacted text; freed by the caller. */
static char *redacted(const struct cf_redactor *redactor, const char *text)
{
    struct cf_buf out;
    cf_buf_init(&out, 1024 * 1024);
    cf_redactor_apply(redactor, text, strlen(text), &out);
    char *taken = cf_buf_take(&out, NULL);
    assert_non_null(taken);
    return taken;
}

struct row {
    const char *what;
    const char *secret;
    const char *text;
    const char *expected; /* NULL: untouched */
};

static const struct row rows[] = {
    {"plain", "s3cret/key", "<s3cret/key>", "<$K>"},
    {"twice", "s3cret/key", "s3cret/keys3cret/key", "$K$K"},
    {"at both ends", "s3cret/key", "s3cret/key and s3cret/key", "$K and $K"},
    /* made with base64(1): the secret alone, after one byte, after two */
    {"base64, alone", "s3cret/key", "[czNjcmV0L2tleQ==]", "[$KQ==]"},
    {"base64, after 1 byte", "s3cret/key", "YXMzY3JldC9rZXk=", "YX$Kk="},
    {"base64, after 2 bytes", "s3cret/key", "YWJzM2NyZXQva2V5", "YWJ$K"},
    {"base64, followed by more", "s3cret/key", "czNjcmV0L2tleTp4", "$KTp4"},
    {"base64, standard alphabet", "\xfb\xef\xbe\xfb\xef\xbe", "x=++++++++;", "x=$K;"},
    {"base64, URL alphabet", "\xfb\xef\xbe\xfb\xef\xbe", "x=--------;", "x=$K;"},
    {"base64 in JSON that escapes slashes", "\xff\xff\xff\xff\xff\xff", "\\/\\/\\/\\/\\/\\/\\/\\/",
     "$K"},
    {"base64 in a query", "\xfb\xef\xbe\xfb\xef\xbe", "%2B%2b%2B%2B%2B%2B%2B%2B", "$K"},
    {"URL, upper-case digits", "a b/c=d", "k=a%20b%2Fc%3Dd&", "k=$K&"},
    {"URL, lower-case digits", "a b/c=d", "k=a%20b%2fc%3dd&", "k=$K&"},
    {"URL, form encoding", "a b/c=d", "k=a+b%2Fc%3Dd&", "k=$K&"},
    {"URL, begins with a space", " b/c=d", "k=+b%2Fc%3Dd&", "k=$K&"},
    {"URL, only some bytes escaped", "a b/c=d", "k=a%20b/c%3Dd&", "k=$K&"},
    {"URL, every byte escaped", "secret", "%73%65%63%72%65%74", "$K"},
    {"URL, escaped twice", "a/b/c/d", "a%252Fb%252Fc%252Fd", "$K"},
    {"URL, escaped thrice", "a/b/c/d", "a%25252Fb%25252Fc%25252Fd", "$K"},
    {"JSON, escaped twice", "secret", "x\\\\u0073\\\\u0065cret", "x$K"},
    {"JSON, a quote escaped twice", "a\"b\"cd", "{\\\"a\\\\\\\"b\\\\\\\"cd", "{\\\"$K"},
    {"HTML of HTML", "a<b>c&d", "a&amp;lt;b&amp;gt;c&amp;amp;d", "$K"},
    {"HTML, without semicolons", "a<b>c;d", "a&#60b&#62c;d a&ltb&gtc;d", "$K $K"},
    {"quoted-printable", "secret", "se=63re=74", "$K"},
    {"quoted-printable, cut by a soft line break", "secret", "sec=\r\nret", "$K"},
    {"hex, with colons", "s3cret", "73:33:63:72:65:74", "$K"},
    {"hex, with spaces", "s3cret", "73 33 63 72 65 74", "$K"},
    {"hex, in a string of C", "s3cret", "\\x73\\x33\\x63\\x72\\x65\\x74", "\\x$K"},
    {"hex, a list of numbers", "s3cret", "[0x73, 0x33, 0x63, 0x72, 0x65, 0x74]", "[0x$K]"},
    {"codes", "s3cret", "[115,51,99,114,101,116]", "[$K]"},
    {"codes, with spaces", "s3cret", "[115, 51, 99, 114, 101, 116]", "[$K]"},
    {"codes, a line each", "s3cret", "115\n51\n99\n114\n101\n116", "$K"},
    {"codes of another text", "s3cret", "[115,51,99,114,101,117]", NULL},
    {"codes that go on", "s3cret", "[115,51,99,114,101,1160]", NULL},
    {"base64 with line breaks", "s3cret/key", "czNj\r\ncmV0\nL2tleQ==", "$KQ=="},
    {"base64 with a blank behind the first digit", "s3cret/key", "c zNjcmV0L2tleQ==", "$KQ=="},
    {"base64 with escaped line breaks", "s3cret/key", "czNj\\ncmV0\\r\\nL2tleQ==", "$KQ=="},
    {"base64 of base64", "s3cret/key", "Y3pOamNtVjBMMnRsZVE9PQ==", "$KVE9PQ=="},
    {"base64 of hex", "s3cret", "NzMzMzYzNzI2NTc0", "$K"},
    {"base64 of UTF-16", "s3cret", "cwAzAGMAcgBlAHQA", "$KQA"},
    {"escaped twice, of a secret with an escape", "a%25&b/c", "a%252525%2526b%252Fc", "$K"},
    {"URL, of a secret with a percent sign", "50%ABC", "50%25ABC", "$K"},
    {"plain, of a secret with an escaped percent sign", "50%25ABC", "50%25ABC", "$K"},
    {"plain, of a secret like an escape", "%41%42%43", "x%41%42%43x", "x$Kx"},
    {"hex, lower case", "s3cret", "0x733363726574.", "0x$K."},
    {"hex, upper case", "jklmno", "6A6B6C6D6E6F", "$K"},
    {"hex, begins with a letter", "\xc3\xa9t\xc3\xa9-x", "C3A974C3A92D78", "$K"},
    {"hex, mixed case", "jklmno", "6A6b6C6d6E6f", "$K"},
    {"JSON, quotes and backslashes", "a\"b\\c/d", "{\"a\\\"b\\\\c\\/d\":1}", "{\"$K\":1}"},
    {"JSON, control characters", "ab\tcd\n", "ab\\tcd\\n", "$K"},
    {"JSON, unicode escape of ASCII", "secret<1>", "secret\\u003c1\\u003E", "$K"},
    {"JSON, of a secret with what looks like an escape", "a\"b\\%25&c", "x a\\\"b\\\\%25&c",
     "x $K"},
    {"JSON, ends with a backslash", "secret\\", "\"secret\\\\\"", "\"$K\""},
    {"JSON twice, of a secret with what looks like an escape", "a\"b\\%25&c",
     "x a\\\\\\\"b\\\\\\\\%25&c", "x $K"},
    {"JSON, begins with an escape", "\"quoted\"", "\\\"quoted\\\"", "$K"},
    {"JSON, unicode escape of two bytes", "caf\xc3\xa9-key", "caf\\u00e9-key", "$K"},
    {"JSON, surrogate pair", "key-\xf0\x9f\x94\x91", "key-\\ud83d\\udd11", "$K"},
    {"JSON, lone surrogate", "key-\xf0\x9f\x94\x91", "key-\\ud83d.dd11", NULL},
    {"HTML, named", "a<b>&\"c", "a&lt;b&gt;&amp;&quot;c", "$K"},
    {"HTML, numbers", "it's-a-key", "it&#39;s-a-key it&#x27;s-a-key", "$K $K"},
    {"of another case", "s3cret/key", "S3CRET/KEY s3Cret/key", "$K $K"},
    {"short, of another case", "s3cret", "S3CRET", NULL},
    {"one byte short", "s3cret/key", "s3cret/ke", NULL},
    {"one byte off", "s3cret/key", "s3cret/kex", NULL},
    {"base64 of half of it", "s3cret/key", "czNjcmV0", NULL},
    {"cut escapes at the end", "secret", "%7 %73%6 \\u007 &#x7", NULL},
    {"backslash as last byte", "secret", "secre\\", NULL},
    {"cut escape as last byte", "secret", "secre%", NULL},
    {"cut entity as last bytes", "secret", "secre&#11", NULL},
    {"its placeholder", "s3cret/key", "$K", NULL},
    {"nothing", "s3cret/key", "", NULL},
};

/* What is wrong with the row's outcome, NULL when all is well. The text is given without its NUL,
 * in memory that ends where it does, so that the sanitizer sees every read past it. */
static const char *judge_row(const struct cf_redactor *redactor, const struct row *row)
{
    const char *expected = row->expected ? row->expected : row->text;
    size_t len = strlen(row->text);
    char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, row->text, len);
    struct cf_buf out;
    cf_buf_init(&out, 1024);
    cf_redactor_apply(redactor, exact, len, &out);
    bool same = strcmp(cf_buf_text(&out), expected) == 0;
    bool found = cf_redactor_finds(redactor, exact, len);
    free(exact);
    cf_buf_release(&out);
    if (!same)
        return "is not replaced as it should";
    return found == (row->expected != NULL) ? NULL : "is not found, or found wrongly";
}

static void apply_table_of_forms_hides_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_redactor *redactor = redactor_for(rows[i].secret, "$K");
        const char *wrong = judge_row(redactor, &rows[i]);
        cf_redactor_free(redactor);
        if (wrong)
            fail_msg("%s: %s %s", rows[i].what, rows[i].text, wrong);
    }
}

/* ---- escapes of escapes ---- */

static const char *escape_json(char byte)
{
    return byte == '"' ? "\\\"" : byte == '\\' ? "\\\\" : NULL;
}

static const char *escape_url(char byte)
{
    static char text[4];
    (void)snprintf(text, sizeof(text), "%%%02X", (unsigned char)byte);
    return strchr("\"\\%&=;<", byte) ? text : NULL;
}

static const char *escape_html(char byte)
{
    return byte == '"' ? "&quot;" : byte == '&' ? "&amp;" : byte == '<' ? "&lt;" : NULL;
}

static const char *escape_quoted(char byte)
{
    return byte == '=' ? "=3D" : NULL;
}

typedef const char *(*escape_fn)(char byte);

static void escape(struct cf_buf *text, escape_fn escape_byte)
{
    struct cf_buf plain = *text;
    *text = (struct cf_buf){0};
    for (size_t i = 0; i < plain.len; i++) {
        const char *escaped = escape_byte(plain.data[i]);
        if (escaped)
            cf_buf_puts(text, escaped);
        else
            cf_buf_append(text, plain.data + i, 1);
    }
    cf_buf_release(&plain);
}

/* order: up to three digits to the base of 5, the innermost escape first; 0 is none. */
static void hide_escaped(const struct cf_redactor *redactor, const char *secret, int order)
{
    static const escape_fn fns[] = {NULL, escape_json, escape_url, escape_html, escape_quoted};
    struct cf_buf text = {0};
    cf_buf_puts(&text, secret);
    for (int rest = order; rest > 0; rest /= 5) {
        if (fns[rest % 5])
            escape(&text, fns[rest % 5]);
    }
    struct cf_buf whole = {0};
    cf_buf_printf(&whole, "x %s y", cf_buf_text(&text));
    char *got = redacted(redactor, cf_buf_text(&whole));
    if (strcmp(got, "x $K y") != 0)
        fail_msg("%s in order %d, %s: %s", secret, order, cf_buf_text(&whole), got);
    free(got);
    cf_buf_release(&whole);
    cf_buf_release(&text);
}

/* What looks like an escape in a secret is left by the encoders that know no such escape. */
static void apply_every_order_of_escapes_hides_secrets_that_look_like_escapes(void **state)
{
    static const char *const secrets[] = {
        "a\"b\\%25&c",        "\\%25\\%25",    "%25\\\\%5C&amp;",
        "&amp;\\\"=3D%3D",    "=3D&quot;\\%",  "\\\\\\\\\\\\\\\\",
        "a\\u005c%5C&#x5c;=", "\\n%0a\"&lt;<", "%2525&amp;amp;\\"};
    (void)state;
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        struct cf_redactor *redactor = redactor_for(secrets[i], "$K");
        for (int order = 0; order < 5 * 5 * 5; order++)
            hide_escaped(redactor, secrets[i], order);
        cf_redactor_free(redactor);
    }
}

static void apply_secret_beginning_another_hides_the_longer(void **state)
{
    (void)state;
    struct cf_redactor *redactor = redactor_for("abcdef", "$SHORT");
    assert_int_equal(cf_redactor_add(redactor, "abcdefgh", 8, "$LONG", NULL), CF_OK);
    char *got = redacted(redactor, "abcdefgh abcdefg");
    assert_string_equal(got, "$LONG $SHORTg");
    free(got);
    cf_redactor_free(redactor);
}

static void apply_overlapping_secrets_leaves_no_tail(void **state)
{
    (void)state;
    struct cf_redactor *redactor = redactor_for("abcdef", "$FIRST");
    assert_int_equal(cf_redactor_add(redactor, "defghi", 6, "$SECOND", NULL), CF_OK);
    assert_int_equal(cf_redactor_add(redactor, "ghijkl", 6, "$THIRD", NULL), CF_OK);
    char *got = redacted(redactor, "<abcdefghijkl>");
    assert_string_equal(got, "<$FIRST>");
    free(got);
    cf_redactor_free(redactor);
}

static void apply_bytes_with_nul_keeps_the_rest(void **state)
{
    (void)state;
    static const char text[] = "a\0secret\0b";
    struct cf_redactor *redactor = redactor_for("secret", "$K");
    struct cf_buf out;
    cf_buf_init(&out, 64);
    cf_redactor_apply(redactor, text, sizeof(text) - 1, &out);
    assert_int_equal(out.len, 6);
    assert_memory_equal(out.data, "a\0$K\0b", 6);
    cf_buf_release(&out);
    cf_redactor_free(redactor);
}

static void apply_wide_characters_are_found(void **state)
{
    static const struct {
        const char *text;
        size_t len;
    } texts[] = {
        {"s\0e\0c\0r\0e\0t", 12},
        {"\0s\0e\0c\0r\0e\0t", 12},
        {"s\0\0\0e\0\0\0c\0\0\0r\0\0\0e\0\0\0t\0\0", 24},
        {"s\\u0000e\\u0000c\\u0000r\\u0000e\\u0000t", 36},
    };
    (void)state;
    struct cf_redactor *redactor = redactor_for("secret", "$K");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_true(cf_redactor_finds(redactor, texts[i].text, texts[i].len));
    cf_redactor_free(redactor);
}

static void apply_no_redactor_copies(void **state)
{
    (void)state;
    char *got = redacted(NULL, "secret");
    assert_string_equal(got, "secret");
    assert_false(cf_redactor_finds(NULL, "secret", 6));
    free(got);
}

static void add_short_secret_is_refused_by_name(void **state)
{
    (void)state;
    struct cf_redactor *redactor = NULL;
    struct cf_err err = {0};
    redactor = cf_redactor_new();
    assert_int_equal(cf_redactor_add(redactor, "12345", 5, "$SHORT", &err), CF_EINPUT);
    assert_string_equal(err.text, "the secret $SHORT has 5 bytes; at least 6 are needed");
    assert_false(cf_redactor_finds(redactor, "12345", 5));
    cf_redactor_free(redactor);
}

/* Texts that came before are known; a new secret makes them unknown. */
static void add_another_secret_is_found_in_texts_that_were_clean(void **state)
{
    (void)state;
    struct cf_redactor *redactor = redactor_for("s3cret/key", "$K");
    const char *text = "s3cret/key, another-key, %73econd";
    for (int times = 0; times < 3; times++) {
        char *got = redacted(redactor, text);
        assert_string_equal(got, "$K, another-key, %73econd");
        assert_true(cf_redactor_finds(redactor, text, strlen(text)));
        assert_false(cf_redactor_finds(redactor, text + 10, strlen(text) - 10));
        assert_false(cf_redactor_finds(redactor, "another-key", 11));
        free(got);
    }
    assert_int_equal(cf_redactor_add(redactor, "another-key", 11, "$A", NULL), CF_OK);
    for (int times = 0; times < 3; times++) {
        char *got = redacted(redactor, text);
        assert_string_equal(got, "$K, $A, %73econd");
        assert_true(cf_redactor_finds(redactor, text + 10, strlen(text) - 10));
        assert_true(cf_redactor_finds(redactor, "another-key", 11));
        assert_false(cf_redactor_finds(redactor, "another-ke", 10));
        free(got);
    }
    cf_redactor_free(redactor);
}

/* ---- files ---- */

struct scratch {
    char path[64];
};

static struct scratch write_scratch(size_t before, const char *text, size_t after)
{
    struct scratch scratch = {"/tmp/cf-redact-XXXXXX"};
    int fd = mkstemp(scratch.path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < before; i++)
        (void)fputc('.', file);
    (void)fputs(text, file);
    for (size_t i = 0; i < after; i++)
        (void)fputc('.', file);
    assert_int_equal(fclose(file), 0);
    return scratch;
}

static bool scan(const struct cf_redactor *redactor, size_t before, const char *text, size_t after)
{
    const char *hit = NULL;
    struct scratch scratch = write_scratch(before, text, after);
    assert_int_equal(cf_redactor_scan_file(redactor, scratch.path, &hit, NULL), CF_OK);
    (void)unlink(scratch.path);
    return hit != NULL;
}

/* Files are read in pieces of 64 KiB; every way to cut the text at their edges must be found. */
static void scan_file_hit_across_pieces_is_found(void **state)
{
    (void)state;
    static const char *const texts[] = {"s3cret/key",
                                        "czNjcmV0L2tleQ==", "\\u0073\\u0033\\u0063ret\\/k%65y"};
    static const size_t edges[] = {64 * 1024, 128 * 1024};
    struct cf_redactor *redactor = redactor_for("s3cret/key", "$K");
    for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++)
        for (size_t e = 0; e < 2; e++)
            for (size_t back = 0; back <= strlen(texts[t]) + 1; back++)
                assert_true(scan(redactor, edges[e] - back, texts[t], 10));
    cf_redactor_free(redactor);
}

/* The widest escape of the longest secret decides how much of a piece is looked at again. */
static void scan_file_longer_secret_after_a_short_one_is_found(void **state)
{
    (void)state;
    static const char secret[] = "the longer one of two secrets";
    char escaped[8 * sizeof(secret)] = "";
    for (size_t i = 0; i < strlen(secret); i++)
        (void)snprintf(escaped + 6 * i, 7, "\\u%04x", (unsigned)secret[i]);
    struct cf_redactor *redactor = redactor_for("short1", "$SHORT");
    assert_int_equal(cf_redactor_add(redactor, secret, strlen(secret), "$LONG", NULL), CF_OK);
    for (size_t back = 0; back <= strlen(escaped); back++)
        assert_true(scan(redactor, (size_t)64 * 1024 - back, escaped, 10));
    cf_redactor_free(redactor);
}

static void scan_file_without_secret_is_clean(void **state)
{
    (void)state;
    struct cf_redactor *redactor = redactor_for("s3cret/key", "$K");
    assert_false(scan(redactor, 0, "", 0));
    assert_false(scan(redactor, 70000, "s3cret/ke", 70000));
    cf_redactor_free(redactor);
}

/* A certificate's results are compressed. */
static void scan_file_compressed_is_searched_as_what_it_stands_for(void **state)
{
    (void)state;
    struct cf_err err = {0};
    const char *hit = NULL;
    char path[80];
    struct cf_redactor *redactor = redactor_for("s3cret/key", "$K");
    struct scratch scratch = write_scratch(70000, "s3cret\\/key", 300000);
    (void)snprintf(path, sizeof(path), "%s.gz", scratch.path);
    assert_int_equal(cf_gzip_file(scratch.path, path, NULL), CF_OK);
    assert_int_equal(cf_redactor_scan_file(redactor, path, &hit, &err), CF_OK);
    assert_string_equal(hit, "$K");
    assert_int_equal(truncate(path, 60), 0);
    assert_int_equal(cf_redactor_scan_file(redactor, path, &hit, &err), CF_EINPUT);
    (void)unlink(path);
    (void)unlink(scratch.path);
    cf_redactor_free(redactor);
}

static void scan_file_missing_says_so(void **state)
{
    (void)state;
    struct cf_redactor *redactor = redactor_for("s3cret/key", "$K");
    struct cf_err err = {0};
    const char *hit = NULL;
    assert_int_equal(cf_redactor_scan_file(redactor, "/nonexistent/file", &hit, &err),
                     CF_ENOTFOUND);
    assert_string_equal(err.text, "/nonexistent/file does not exist");
    assert_int_equal(cf_redactor_scan_file(redactor, "/", &hit, &err), CF_EIO);
    assert_string_equal(err.text, "cannot read /: Is a directory");
    cf_redactor_free(redactor);
}

static void scan_file_knowing_no_secret_is_clean(void **state)
{
    (void)state;
    struct cf_redactor *redactor = NULL;
    redactor = cf_redactor_new();
    assert_false(scan(redactor, 70000, "s3cret/key", 0));
    cf_redactor_free(redactor);
    cf_redactor_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apply_table_of_forms_hides_each),
        cmocka_unit_test(apply_every_order_of_escapes_hides_secrets_that_look_like_escapes),
        cmocka_unit_test(apply_secret_beginning_another_hides_the_longer),
        cmocka_unit_test(apply_overlapping_secrets_leaves_no_tail),
        cmocka_unit_test(apply_bytes_with_nul_keeps_the_rest),
        cmocka_unit_test(apply_wide_characters_are_found),
        cmocka_unit_test(apply_no_redactor_copies),
        cmocka_unit_test(add_short_secret_is_refused_by_name),
        cmocka_unit_test(add_another_secret_is_found_in_texts_that_were_clean),
        cmocka_unit_test(scan_file_hit_across_pieces_is_found),
        cmocka_unit_test(scan_file_longer_secret_after_a_short_one_is_found),
        cmocka_unit_test(scan_file_without_secret_is_clean),
        cmocka_unit_test(scan_file_compressed_is_searched_as_what_it_stands_for),
        cmocka_unit_test(scan_file_missing_says_so),
        cmocka_unit_test(scan_file_knowing_no_secret_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
