/* Whole files: read within limits, written whole or not at all. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[] = "/tmp/cf-test-file-XXXXXX";
static struct cf_err err;

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static const char *in_folder(const char *name)
{
    static char path[200];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(in_folder("file"));
    (void)rmdir(in_folder("a/b/c"));
    (void)rmdir(in_folder("a/b"));
    (void)rmdir(in_folder("a"));
    return rmdir(folder); /* fails where a test left anything else */
}

static void write_then_read_gives_the_same_bytes(void **state)
{
    (void)state;
    struct cf_buf out;
    struct stat info;
    cf_buf_init(&out, 100);
    assert_int_equal(cf_file_write(in_folder("file"), "old", 3, 0600, &err), CF_OK);
    assert_int_equal(cf_file_write(in_folder("file"), "a\0b\n", 4, 0600, &err), CF_OK);
    assert_int_equal(cf_file_read(in_folder("file"), &out, &err), CF_OK);
    assert_int_equal(out.len, 4);
    assert_memory_equal(out.data, "a\0b\n", 4);
    assert_int_equal(stat(in_folder("file"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    cf_buf_release(&out);
}

static void read_over_the_limit_is_refused(void **state)
{
    (void)state;
    struct cf_buf out;
    cf_buf_init(&out, 3);
    assert_int_equal(cf_file_read("/dev/zero", &out, &err), CF_ELIMIT);
    assert_string_equal(err.text, "cannot read /dev/zero: more than 3 bytes");
    cf_buf_release(&out);
}

static void read_what_is_not_there_is_told(void **state)
{
    (void)state;
    struct cf_buf out;
    char expected[300];
    cf_buf_init(&out, 100);
    assert_int_equal(cf_file_read(in_folder("nothing"), &out, &err), CF_ENOTFOUND);
    (void)snprintf(expected, sizeof(expected), "cannot read %s/nothing: no such file", folder);
    assert_string_equal(err.text, expected);
    assert_int_equal(cf_file_read(folder, &out, &err), CF_EIO);
    (void)snprintf(expected, sizeof(expected), "cannot read %s: Is a directory", folder);
    assert_string_equal(err.text, expected);
    cf_buf_release(&out);
}

static void read_a_pipe_reads_its_writer_and_waits_for_nobody(void **state)
{
    (void)state;
    struct cf_buf text = {0};
    (void)unlink(in_folder("file"));
    assert_int_equal(mkfifo(in_folder("file"), 0600), 0);
    assert_int_equal(cf_file_read(in_folder("file"), &text, &err), CF_EIO);
    assert_non_null(strstr(err.text, "nobody writes to"));
    pid_t writer = fork();
    if (writer == 0) {
        int fd = open(in_folder("file"), O_WRONLY);
        _exit(write(fd, "hello", 5) == 5 ? 0 : 1);
    }
    int held = open(in_folder("file"), O_RDWR); /* the writer can open it; no end of file */
    int status = -1;
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
    int reader = open(in_folder("file"), O_RDONLY | O_NONBLOCK); /* keeps what was written */
    (void)close(held);
    assert_int_equal(cf_file_read(in_folder("file"), &text, &err), CF_OK);
    assert_string_equal(cf_buf_text(&text), "hello");
    (void)close(reader);
    cf_buf_release(&text);
    (void)unlink(in_folder("file"));
}

static void write_that_fails_leaves_nothing(void **state)
{
    (void)state;
    char missing[300];
    assert_int_equal(cf_file_make_directory(in_folder("a/b/c"), &err), CF_OK);
    /* a folder stands where the file should */
    assert_int_equal(cf_file_write(in_folder("a/b"), "x", 1, 0600, &err), CF_EIO);
    (void)snprintf(missing, sizeof(missing), "%s/none/file", folder);
    assert_int_equal(cf_file_write(missing, "x", 1, 0600, &err), CF_EIO);
    DIR *left = opendir(in_folder("a"));
    const struct dirent *entry;
    while ((entry = readdir(left)) != NULL)
        assert_null(strstr(entry->d_name, "tmp"));
    (void)closedir(left);
}

static void write_that_finds_no_room_names_the_file(void **state)
{
    (void)state;
    struct rlimit before;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit none = {0, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    enum cf_code code = cf_file_write(in_folder("file"), "x", 1, 0600, &err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(code, CF_EIO);
    assert_non_null(strstr(err.text, "/file: cannot write: File too large"));
}

static void make_directory_makes_parents_and_minds_files(void **state)
{
    (void)state;
    char blocked[300];
    assert_int_equal(cf_file_make_directory(in_folder("a/b/c"), &err), CF_OK);
    assert_int_equal(cf_file_make_directory(in_folder("a/b/c"), &err), CF_OK);
    assert_int_equal(cf_file_write(in_folder("file"), "", 0, 0600, &err), CF_OK);
    assert_int_equal(cf_file_make_directory(in_folder("file"), &err), CF_EIO);
    (void)snprintf(blocked, sizeof(blocked), "%s/file/below", folder);
    assert_int_equal(cf_file_make_directory(blocked, &err), CF_EIO);
    assert_int_equal(symlink("nowhere", in_folder("link")), 0);
    assert_int_equal(cf_file_make_directory(in_folder("link"), &err), CF_EIO);
    assert_non_null(strstr(err.text, "a link that leads nowhere"));
    assert_int_equal(cf_file_make_directory("", &err), CF_EIO);
}

static void fd_write_goes_on_after_short_writes(void **state)
{
    (void)state;
    enum { LARGE = 1 << 20 };
    int pipes[2];
    char *bytes = calloc(1, LARGE);
    char piece[4096];
    size_t total = 0;
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(pipes[0]);
        _exit(cf_fd_write(pipes[1], bytes, LARGE, NULL) == CF_OK ? 0 : 1);
    }
    (void)close(pipes[1]);
    for (ssize_t got; (got = read(pipes[0], piece, sizeof(piece))) > 0;)
        total += (size_t)got;
    assert_int_equal(total, LARGE);
    (void)close(pipes[0]);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_then_read_gives_the_same_bytes),
        cmocka_unit_test(read_over_the_limit_is_refused),
        cmocka_unit_test(read_what_is_not_there_is_told),
        cmocka_unit_test(read_a_pipe_reads_its_writer_and_waits_for_nobody),
        cmocka_unit_test(write_that_fails_leaves_nothing),
        cmocka_unit_test(write_that_finds_no_room_names_the_file),
        cmocka_unit_test(make_directory_makes_parents_and_minds_files),
        cmocka_unit_test(fd_write_goes_on_after_short_writes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder) ? 1 : 0;
}
