#include "cli/base/limits.h"
#include "cli/commands.h"
#include "harness/base/ending.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int usage(FILE *to)
{
    fprintf(to, "usage: cvm-conformance COMMAND [options]\n\n"
                "Tells whether a server conforms to the CVM update contract.\n\ncommands:\n");
    for (const struct cf_command *const *c = cf_commands; *c; c++)
        fprintf(to, "  %-10s %s\n", (*c)->name, (*c)->summary);
    fprintf(to, "\n\"cvm-conformance help COMMAND\", or --help after it, tells its options, with "
                "examples;\n--version (-V) which version this is.\n");
    return to == stdout ? CF_EXIT_OK : CF_EXIT_USAGE;
}

/* Says that there is no such word, with the one that was probably meant. */
static void refuse(const char *word)
{
    static const char *const options[] = {"--help", "--version", NULL};
    bool is_option = *word == '-';
    const char *what = is_option ? "option" : "command";
    const char *near = is_option ? cf_name_nearest(options, word) : cf_command_nearest(word);
    if (near)
        cf_complain("unknown %s \"%s\"; did you mean \"%s\"?", what, word, near);
    else
        cf_complain("unknown %s \"%s\"; see cvm-conformance --help", what, word);
}

static int help(int argc, char **argv)
{
    if (argc < 2)
        return usage(stdout);
    if (argc > 2)
        return cf_complain("wanted: cvm-conformance help COMMAND");
    const struct cf_command *command = cf_command_find(argv[1]);
    if (command)
        cf_command_help(command);
    else
        refuse(argv[1]);
    return command ? CF_EXIT_OK : CF_EXIT_USAGE;
}

static int version(void)
{
    printf("cvm-conformance %s\n", CF_VERSION);
    return CF_EXIT_OK;
}

static bool is(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

static int call(int argc, char **argv)
{
    if (argc < 2)
        return usage(stderr);
    if (is(argv[1], "--help", "-h"))
        return usage(stdout);
    if (is(argv[1], "--version", "-V"))
        return version();
    if (strcmp(argv[1], "help") == 0)
        return help(argc - 1, argv + 1);
    const struct cf_command *command = cf_command_find(argv[1]);
    if (command)
        return cf_command_call(command, cf_commands, argv[0], argc - 1, argv + 1);
    refuse(argv[1]);
    return CF_EXIT_USAGE;
}

/* The first file that is opened where a standard stream is closed would be taken for it, and the
 * verdict would be printed into the records. A folder takes no bytes, which is told. */
static void have_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            (void)open("/", O_RDONLY);
    }
}

/* What was printed has to have arrived: a list that a full disk cut short is not a list. */
static int finish(int status)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    cf_complain("cannot write to standard output: %s",
                errno ? strerror(errno) : "it was cut short");
    return status == CF_EXIT_OK ? CF_EXIT_UNJUDGED : status;
}

int main(int argc, char **argv)
{
    have_streams();
    cf_run_retire_reports(argc, argv);
    if (!cf_limits_stack())
        return CF_EXIT_UNJUDGED;
    cf_limits_take_files();
    cf_mem_rule_libraries();
    cf_ending_without_core();
    cf_ending_as_usual();
    /* A reader that went away, and a file that may not grow, are told like a full disk; no command
     * leaves things half done. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return finish(call(argc, argv));
}
