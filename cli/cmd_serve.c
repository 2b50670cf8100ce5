/* cvm-conformance serve */
#include "cli/cli.h"
#include "cli/target.h"
#include "harness/base/file.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct cf_command command = {
    "serve", "[options]", "Run the reference implementation until SIGTERM.",
    "It listens on 127.0.0.1 only, keeps everything in memory, and takes no real action.",
    cf_command_serve};

static const struct cf_option templates[] = {
    {.name = "port", .arg = "N", .help = "port to listen on (0: a free one)"},
    {.name = "operation-ms", .arg = "N", .help = "how long operations take (80)"},
    {.name = "deviation", .arg = "NAME", .help = "have this bug", .repeatable = true},
    {.name = "variant",
     .arg = "NAME",
     .help = "take this freedom of the contract",
     .repeatable = true},
    {.name = "profile-out",
     .arg = "FILE",
     .help = "write a ready profile once connections are accepted"},
    {.name = "list-deviations", .help = "name every bug it can have"},
    {.name = "list-variants", .help = "name every freedom it can take"},
    {.name = "json", .help = "with a list: as JSON"},
    {0}};

static void list_as_json(const struct cf_ref_switch *rows, size_t count, bool deviations)
{
    struct cf_buf out;
    cf_buf_init(&out, 1 << 20);
    cf_buf_putc(&out, '[');
    for (size_t i = 0; i < count; i++) {
        const char *const members[] = {"name", deviations ? "requirement" : "ambiguity", "level",
                                       "sentence"};
        const char *const values[] = {rows[i].name, rows[i].requirement, rows[i].level,
                                      rows[i].sentence};
        cf_buf_puts(&out, i ? ",\n {" : "{");
        for (size_t m = 0; m < 4; m++) {
            cf_buf_puts(&out, m ? ", " : "");
            cf_json_put_text(&out, members[m]);
            cf_buf_puts(&out, ": ");
            cf_json_put_text(&out, values[m]);
        }
        cf_buf_putc(&out, '}');
    }
    (void)printf("%s]\n", cf_buf_text(&out));
    cf_buf_release(&out);
}

static int list(bool deviations, bool json)
{
    const struct cf_ref_switch *rows;
    size_t count = deviations ? cf_ref_deviations(&rows) : cf_ref_variants(&rows);
    if (json) {
        list_as_json(rows, count, deviations);
        return CF_EXIT_OK;
    }
    for (size_t i = 0; i < count; i++) {
        const char *kept = *rows[i].level ? "must" : "all"; /* by a variant */
        (void)printf("%-40s %-6s %s\n    %s\n", rows[i].name, deviations ? rows[i].level : kept,
                     rows[i].requirement, rows[i].sentence);
    }
    return CF_EXIT_OK;
}

static bool write_profile(const char *path, const struct cf_ref_options *options, unsigned port)
{
    struct cf_buf text;
    struct cf_err err = {0};
    cf_buf_init(&text, 1 << 20);
    enum cf_code code = cf_ref_profile(options, port, &text, &err);
    if (code == CF_OK)
        code = cf_file_write(path, cf_buf_text(&text), text.len, 0644, &err);
    cf_buf_release(&text);
    if (code != CF_OK)
        (void)cf_complain("%s", err.text);
    return code == CF_OK;
}

/* Wait for SIGTERM or SIGINT (blocked before the fork, so none is lost), or the server's end. */
static void wait_for_end(const sigset_t *signals)
{
    int number = 0;
    while (sigwait(signals, &number) != 0) {
    }
}

static int serve(const struct cf_ref_options *options, const char *profile_out)
{
    pid_t pid;
    int stop_fd;
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGCHLD);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    unsigned port = cf_reference_fork(options, &pid, &stop_fd);
    if (port == 0)
        return CF_EXIT_USAGE;
    if (profile_out && !write_profile(profile_out, options, port)) {
        cf_reference_stop(pid, stop_fd);
        return CF_EXIT_USAGE;
    }
    (void)printf("reference implementation at http://127.0.0.1:%u\n", port);
    if (profile_out)
        (void)printf("profile: %s\n", profile_out);
    (void)fflush(stdout);
    wait_for_end(&signals);
    cf_reference_stop(pid, stop_fd);
    return CF_EXIT_OK;
}

int cf_command_serve(int argc, char **argv)
{
    struct cf_option options[sizeof(templates) / sizeof(templates[0])];
    struct cf_ref_options reference = {0};
    long long port;
    long long operation_ms;
    int first;
    int status;
    memcpy(options, templates, sizeof(templates));
    if (!cf_options_parse(&command, options, argc, argv, &first, &status))
        return status;
    if (first < argc)
        return cf_complain("serve takes no operand: \"%s\"", argv[first]);
    bool deviations = cf_option_given(options, "list-deviations");
    if (deviations || cf_option_given(options, "list-variants"))
        return list(deviations, cf_option_given(options, "json"));
    if (!cf_option_number(options, "port", 0, 65535, 0, &port) ||
        !cf_option_number(options, "operation-ms", 0, 3600000, 80, &operation_ms))
        return CF_EXIT_USAGE;
    reference.port = (unsigned)port;
    reference.operation_ms = (double)operation_ms;
    reference.deviations = cf_option_list(options, "deviation");
    reference.deviation_count = (size_t)cf_option(options, "deviation")->count;
    reference.variants = cf_option_list(options, "variant");
    reference.variant_count = (size_t)cf_option(options, "variant")->count;
    return serve(&reference, cf_option_text(options, "profile-out", NULL));
}
