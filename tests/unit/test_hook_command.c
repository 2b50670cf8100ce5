/* Commands of hooks: what comes back, how each failure is told, and that nobody is left running. */
#include "harness/base/clock.h"
#include "harness/run/hook_command.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static struct cf_buf out;
static struct cf_err err;

static int begin(void **state)
{
    (void)state;
    cf_buf_init(&out, CF_HOOK_OUTPUT_MAX_BYTES);
    err = (struct cf_err){0};
    (void)signal(SIGPIPE, SIG_IGN); /* as workers have it */
    return 0;
}

static int end(void **state)
{
    (void)state;
    cf_buf_release(&out);
    return 0;
}

/* argv is not const, as exec() has it. */
static enum cf_code command(const char *const *words, const char *input, size_t len,
                            double timeout_ms)
{
    char *argv[8] = {0};
    for (size_t i = 0; words[i]; i++)
        argv[i] = strdup(words[i]);
    enum cf_code code = cf_hook_command(argv, input, len, timeout_ms, &out, &err);
    for (size_t i = 0; argv[i]; i++)
        free(argv[i]);
    return code;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static enum cf_code shell(const char *script, const char *input, size_t len, double timeout_ms)
{
    return command(WORDS("/bin/sh", "-c", script), input, len, timeout_ms);
}

static void run_gives_input_and_takes_output(void **state)
{
    (void)state;
    assert_int_equal(shell("printf 'got <'; cat; printf '>'", "{\"a\":1}", 7, 5000), CF_OK);
    assert_string_equal(cf_buf_text(&out), "got <{\"a\":1}>");
}

static void run_looks_a_bare_name_up_in_path_without_a_shell(void **state)
{
    (void)state;
    assert_int_equal(command(WORDS("printf", "%s", "$HOME;*"), "", 0, 5000), CF_OK);
    assert_string_equal(cf_buf_text(&out), "$HOME;*");
}

/* More than the pipes hold, both ways at once. */
static void run_large_input_comes_back_whole(void **state)
{
    (void)state;
    enum { LARGE = 900000 };
    char *input = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        input[i] = (char)('a' + i % 26);
    assert_int_equal(shell("cat", input, LARGE, 20000), CF_OK);
    assert_int_equal(out.len, LARGE);
    assert_memory_equal(out.data, input, LARGE);
    free(input);
}

static void run_unread_input_is_no_failure(void **state)
{
    (void)state;
    enum { LARGE = 500000 };
    char *input = calloc(1, LARGE);
    assert_int_equal(shell("echo done", input, LARGE, 5000), CF_OK);
    assert_string_equal(cf_buf_text(&out), "done\n");
    free(input);
}

static const struct {
    const char *script;
    enum cf_code code;
    const char *text;
} failures[] = {
    {"exit 3", CF_EIO, "exit code 3"},
    {"echo '{}'; exit 1", CF_EIO, "exit code 1"},
    {"echo '{\"error\": \"no funds\"}'; exit 1", CF_EIO, "no funds: exit code 1"},
    {"printf %s '{\"error\": \"two\\nlines\"}'; exit 4", CF_EIO, "two: exit code 4"},
    {"echo '{\"error\": 7}'; exit 1", CF_EIO, "exit code 1"},
    {"echo '{\"error\": \"cut'; exit 1", CF_EIO, "exit code 1"},
    {"echo '{\"error\": \"killed\"}'; kill -SEGV $$", CF_EIO, "killed: ended by signal 11"},
    {"kill -SEGV $$", CF_EIO, "ended by signal 11"},
    {"head -c 2000000 /dev/zero", CF_ELIMIT, "more than 1048576 bytes"},
    {"cat /dev/zero", CF_ELIMIT, "more than 1048576 bytes"},
};

static void run_failures_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        cf_buf_reset(&out);
        enum cf_code code = shell(failures[i].script, "", 0, 20000);
        if (code != failures[i].code || strcmp(err.text, failures[i].text) != 0)
            fail_msg("%s: %s", failures[i].script, err.text);
    }
}

static void run_missing_program_is_told(void **state)
{
    (void)state;
    assert_int_equal(command(WORDS("/nonexistent/hook"), "", 0, 1000), CF_EIO);
    assert_string_equal(err.text, "cannot start /nonexistent/hook: No such file or directory");
}

static void run_too_long_is_killed_with_its_children(void **state)
{
    (void)state;
    char *last = NULL;
    double start = cf_clock_ms();
    assert_int_equal(shell("sleep 60 & echo $!; sleep 60", "", 0, 300), CF_ETIMEOUT);
    assert_string_equal(err.text, "no end within the time limit");
    assert_true(cf_clock_ms() - start < 10000);
    long child = strtol(cf_buf_text(&out), &last, 10);
    assert_true(child > 1 && *last == '\n');
    /* Killed; init may take a moment to collect it. */
    for (int i = 0; i < 5000 && kill((pid_t)child, 0) == 0; i++) {
        char path[64];
        char stat[512] = "";
        (void)snprintf(path, sizeof(path), "/proc/%ld/stat", child);
        FILE *file = fopen(path, "r");
        if (!file)
            break;
        size_t got = fread(stat, 1, sizeof(stat) - 1, file);
        (void)fclose(file);
        if (got == 0 || strstr(stat, ") Z "))
            break;
        assert_true(i < 4999);
        cf_clock_pause(1);
    }
}

static void run_output_closed_early_still_waits_for_the_end(void **state)
{
    (void)state;
    assert_int_equal(shell("echo x; exec >&-; exit 7", "", 0, 5000), CF_EIO);
    assert_string_equal(err.text, "exit code 7");
    double start = cf_clock_ms();
    assert_int_equal(shell("exec >&-; sleep 60", "", 0, 300), CF_ETIMEOUT);
    assert_true(cf_clock_ms() - start < 10000);
}

/* A background process that keeps the output open does not keep us, in a session of its own
 * neither: it ends with the command. */
static void run_background_child_ends_with_the_command(void **state)
{
    (void)state;
    double start = cf_clock_ms();
    assert_int_equal(shell("sleep 60 & setsid sleep 60 & echo '{}'", "", 0, 50000), CF_OK);
    assert_string_equal(cf_buf_text(&out), "{}\n");
    assert_true(cf_clock_ms() - start < 10000);
}

static void run_that_stops_its_keeper_ends_all_the_same(void **state)
{
    (void)state;
    double start = cf_clock_ms();
    assert_int_equal(shell("kill -STOP $PPID; sleep 60", "", 0, 300), CF_ETIMEOUT);
    assert_string_equal(err.text, "no end within the time limit");
    assert_true(cf_clock_ms() - start < 10000);
}

static void run_standard_error_is_dropped(void **state)
{
    (void)state;
    assert_int_equal(shell("echo secret >&2; readlink /proc/self/fd/2", "", 0, 5000), CF_OK);
    assert_string_equal(cf_buf_text(&out), "/dev/null\n");
}

static void run_other_descriptors_are_closed(void **state)
{
    (void)state;
    int open_one = dup(0);
    assert_true(open_one > 2);
    assert_int_equal(
        shell("for n in 3 4 5 6 7 8 9; do test -e /proc/$$/fd/$n && echo $n; done; :", "", 0, 5000),
        CF_OK);
    (void)close(open_one);
    assert_string_equal(cf_buf_text(&out), "");
}

static void run_signals_are_as_usual_in_the_command(void **state)
{
    (void)state;
    assert_int_equal(
        shell("grep SigIgn /proc/self/status | cut -f2; kill -TERM $$; sleep 5", "", 0, 5000),
        CF_EIO);
    assert_string_equal(err.text, "ended by signal 15");
    unsigned long long ignored = strtoull(cf_buf_text(&out), NULL, 16);
    assert_int_equal(ignored & (1ull << (SIGPIPE - 1)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(run_gives_input_and_takes_output),
        TEST(run_looks_a_bare_name_up_in_path_without_a_shell),
        TEST(run_large_input_comes_back_whole),
        TEST(run_unread_input_is_no_failure),
        TEST(run_failures_are_told_apart),
        TEST(run_missing_program_is_told),
        TEST(run_too_long_is_killed_with_its_children),
        TEST(run_output_closed_early_still_waits_for_the_end),
        TEST(run_background_child_ends_with_the_command),
        TEST(run_that_stops_its_keeper_ends_all_the_same),
        TEST(run_standard_error_is_dropped),
        TEST(run_other_descriptors_are_closed),
        TEST(run_signals_are_as_usual_in_the_command),
    };
    return UNIT_RUN(tests);
}
