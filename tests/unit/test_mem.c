/* Memory is there or the process ends: with one line, after its last words, with its own code. */
#include "tests/unit/unit.h"

#include "harness/base/mem.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <sys/wait.h>
#include <unistd.h>

#define TOLD "cvm-conformance: out of memory\n"

/* Run fn in a child, gather its standard error in out. Returns its exit code, -1 after a signal. */
static int in_child(void (*fn)(void), struct cf_buf *out)
{
    int ends[2];
    int status = 0;
    char piece[256];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(ends[1], STDERR_FILENO);
        fn();
        _exit(0);
    }
    (void)close(ends[1]);
    for (ssize_t got; (got = read(ends[0], piece, sizeof(piece))) > 0;)
        cf_buf_append(out, piece, (size_t)got);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void expect_end(void (*fn)(void), int code, const char *text)
{
    struct cf_buf out = {0};
    assert_int_equal(in_child(fn, &out), code);
    assert_string_equal(cf_buf_text(&out), text);
    cf_buf_release(&out);
}

/* Where the compiler does not see it and warn. */
static volatile size_t absurd = SIZE_MAX;

static void too_many_items(void)
{
    free(cf_alloc_array(absurd / 2, 3));
}

static void too_many_bytes(void)
{
    free(cf_alloc(absurd / 2 + 1));
}

static void growing_too_far(void)
{
    free(cf_realloc(NULL, absurd / 4, 5));
}

static void a_copy_too_long(void)
{
    free(cf_memdup("", absurd / 2));
}

static void a_buffer_too_long(void)
{
    struct cf_buf out = {0};
    cf_buf_puts(&out, "x");
    cf_buf_append(&out, "", absurd / 2);
    cf_buf_release(&out);
}

static void cjson_too_much(void)
{
    cf_mem_rule_libraries();
    cJSON_free(cJSON_malloc(absurd));
}

static void openssl_too_much(void)
{
    OPENSSL_free(OPENSSL_malloc(absurd));
}

static void an_errno_that_says_so(void)
{
    struct cf_err err;
    (void)cf_err_errno(&err, ENOMEM, "cannot read");
}

static void want_of_memory_ends_the_process_with_one_line(void **state)
{
    (void)state;
    static void (*const ways[])(void) = {too_many_items,   too_many_bytes,       growing_too_far,
                                         a_copy_too_long,  a_buffer_too_long,    cjson_too_much,
                                         openssl_too_much, an_errno_that_says_so};
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        expect_end(ways[i], CF_MEM_EXIT, TOLD);
}

static char farewell[] = "farewell\n";

static void say(void *context)
{
    (void)!write(STDERR_FILENO, context, strlen(context));
    too_many_bytes();
}

static void with_last_words(void)
{
    cf_mem_last_words(say, farewell);
    too_many_bytes();
}

static void without_the_parents(void)
{
    struct cf_buf out = {0};
    cf_mem_last_words(say, farewell);
    int code = in_child(too_many_bytes, &out);
    (void)!write(STDERR_FILENO, out.data, out.len);
    _exit(code + 1);
}

static void last_words_are_spoken_once(void **state)
{
    (void)state;
    expect_end(with_last_words, CF_MEM_EXIT, TOLD "farewell\n" TOLD);
}

static void a_child_does_not_speak_its_parents_last_words(void **state)
{
    (void)state;
    expect_end(without_the_parents, CF_MEM_EXIT + 1, TOLD);
}

static void nothing_is_a_block_too(void **state)
{
    (void)state;
    void *blocks[] = {cf_alloc(0), cf_alloc_array(0, 8), cf_alloc_array(8, 0),
                      cf_realloc(NULL, 0, 8), cf_memdup(NULL, 0)};
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        assert_non_null(blocks[i]);
        free(blocks[i]);
    }
}

static void storage_is_zeroed(void **state)
{
    (void)state;
    char *bytes = cf_alloc(100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(bytes[i], 0);
    free(bytes);
}

static void grow_makes_room_for_one_more_and_keeps_what_is_there(void **state)
{
    (void)state;
    size_t cap = 0;
    size_t moves = 0;
    int *items = NULL;
    for (int i = 0; i < 1000; i++) {
        size_t before = cap;
        items = cf_grow(items, (size_t)i, &cap, sizeof(*items));
        moves += cap != before;
        assert_true(cap > (size_t)i);
        items[i] = i;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    assert_true(moves < 12);
    free(items);
}

static void copies_are_whole(void **state)
{
    (void)state;
    char *whole = cf_strdup("text");
    char *start = cf_strndup("text", 2);
    char *all = cf_strndup("text", 9);
    char *bytes = cf_memdup("a\0b", 3);
    assert_string_equal(whole, "text");
    assert_string_equal(start, "te");
    assert_string_equal(all, "text");
    assert_memory_equal(bytes, "a\0b\0", 4);
    assert_null(cf_strdup(NULL));
    free(whole);
    free(start);
    free(all);
    free(bytes);
}

int main(void)
{
    cf_mem_rule_libraries();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(want_of_memory_ends_the_process_with_one_line),
        cmocka_unit_test(last_words_are_spoken_once),
        cmocka_unit_test(a_child_does_not_speak_its_parents_last_words),
        cmocka_unit_test(nothing_is_a_block_too),
        cmocka_unit_test(storage_is_zeroed),
        cmocka_unit_test(grow_makes_room_for_one_more_and_keeps_what_is_there),
        cmocka_unit_test(copies_are_whole),
    };
    return UNIT_RUN(tests);
}
