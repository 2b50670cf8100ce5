/* Files compressed and undone. */
#include "harness/base/file.h"
#include "harness/base/gzip.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64], plain_path[96], path[96], undone_path[96];
static struct cf_buf text, undone;
static struct cf_err err;

static int start(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/test_gzip.XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(plain_path, sizeof(plain_path), "%s/plain", folder);
    snprintf(path, sizeof(path), "%s/plain.gz", folder);
    snprintf(undone_path, sizeof(undone_path), "%s/undone", folder);
    for (int i = 0; i < 100000; i++)
        cf_buf_printf(&text, "line %d\n", i);
    assert_int_equal(cf_file_write(plain_path, text.data, text.len, 0644, &err), CF_OK);
    assert_int_equal(cf_gzip_file(plain_path, path, &err), CF_OK);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(plain_path);
    unlink(path);
    unlink(undone_path);
    rmdir(folder);
    cf_buf_release(&text);
    cf_buf_release(&undone);
    return 0;
}

static enum cf_code undo(long long max_bytes)
{
    int in = open(path, O_RDONLY);
    int out = open(undone_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    enum cf_code code = cf_gzip_undo(in, out, max_bytes, "FILE", &err);
    close(in);
    close(out);
    cf_buf_reset(&undone);
    assert_int_equal(cf_file_read(undone_path, &undone, NULL), CF_OK);
    return code;
}

/* Put bytes in the place of the compressed file. */
static void replace(const char *bytes, size_t len)
{
    assert_int_equal(cf_file_write(path, bytes, len, 0644, &err), CF_OK);
}

static void undo_gives_what_was_compressed(void **state)
{
    struct cf_buf compressed = {0};
    (void)state;
    assert_int_equal(undo((long long)text.len), CF_OK);
    assert_int_equal(undone.len, text.len);
    assert_memory_equal(undone.data, text.data, text.len);
    assert_int_equal(cf_file_read(path, &compressed, &err), CF_OK);
    assert_true(compressed.len < text.len / 4);
    assert_true(cf_gzip_begins(compressed.data, compressed.len));
    assert_false(cf_gzip_begins(text.data, text.len));
    assert_false(cf_gzip_begins(compressed.data, 2));
    cf_buf_release(&compressed);
}

static void file_that_is_there_is_not_written_over(void **state)
{
    (void)state;
    assert_int_equal(cf_gzip_file(plain_path, path, &err), CF_EIO);
    assert_non_null(strstr(err.text, path));
    assert_int_equal(cf_gzip_file("/no/such/file", undone_path, &err), CF_EIO);
}

static void more_than_the_limit_is_refused(void **state)
{
    (void)state;
    assert_int_equal(undo((long long)text.len - 1), CF_ELIMIT);
    assert_non_null(strstr(err.text, "FILE"));
}

static void what_is_cut_off_altered_or_not_gzip_is_refused(void **state)
{
    struct cf_buf compressed = {0};
    (void)state;
    assert_int_equal(cf_file_read(path, &compressed, &err), CF_OK);
    replace(compressed.data, compressed.len - 9);
    assert_int_equal(undo((long long)text.len), CF_EINPUT);
    assert_string_equal(err.text, "FILE is cut off");
    compressed.data[compressed.len / 2] = (char)(compressed.data[compressed.len / 2] ^ 1);
    replace(compressed.data, compressed.len);
    assert_int_equal(undo((long long)text.len), CF_EINPUT);
    replace("plain", 5);
    assert_int_equal(undo((long long)text.len), CF_EINPUT);
    assert_string_equal(err.text, "FILE is not a file of gzip");
    replace("", 0);
    assert_int_equal(undo((long long)text.len), CF_EINPUT);
    cf_buf_release(&compressed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(undo_gives_what_was_compressed, start, end),
        cmocka_unit_test_setup_teardown(file_that_is_there_is_not_written_over, start, end),
        cmocka_unit_test_setup_teardown(more_than_the_limit_is_refused, start, end),
        cmocka_unit_test_setup_teardown(what_is_cut_off_altered_or_not_gzip_is_refused, start,
                                        end)};
    return UNIT_RUN(tests);
}
