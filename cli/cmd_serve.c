/* cvm-conformance serve */
#include "cli/base/target.h"
#include "cli/commands.h"
#include "harness/base/file.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct cf_option options[] = {
    {.name = "port", .arg = "N", .help = "port to listen on (0: a free one)"},
    {.name = "operation-ms", .arg = "N", .help = "how long operations take (80)"},
    {.name = "deviation", .arg = "NAME", .help = "have this bug", .repeatable = true},
    {.name = "variant",
     .arg = "NAME",
     .help = "take this freedom of the contract",
     .repeatable = true},
    {.name = "out-of-sight",
     .arg = "FIELD",
     .help = "never show this field of the update body",
     .repeatable = true},
    {.name = "cvms", .arg = "N", .help = "how many CVMs of a kind the profile lists (12)"},
    {.name = "chain",
     .arg = "URL",
     .help = "ask the EVM node there instead of a simulated chain; needs --app-id"},
    {.name = "app-id",
     .arg = "ADDRESS",
     .help = "with --chain: a contract there, the app of contract-owned CVMs",
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
    struct cf_buf out = {0};
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
    printf("%s]\n", cf_buf_text(&out));
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
        printf("%-40s %-6s %s\n    %s\n", rows[i].name, deviations ? rows[i].level : kept,
               rows[i].requirement, rows[i].sentence);
    }
    return CF_EXIT_OK;
}

static bool write_profile(const char *path, const struct cf_ref_options *reference, unsigned port)
{
    struct cf_buf text = {0};
    struct cf_err err = {0};
    enum cf_code code = cf_ref_profile(reference, port, &text, &err);
    if (code == CF_OK)
        code = cf_file_write(path, cf_buf_text(&text), text.len, 0644, &err);
    cf_buf_release(&text);
    if (code != CF_OK)
        cf_complain("%s", err.text);
    return code == CF_OK;
}

/* Wait for SIGTERM or SIGINT (blocked before the fork, so none is lost), or the server's end. */
static void wait_for_end(const sigset_t *signals)
{
    int number = 0;
    while (sigwait(signals, &number) != 0) {
    }
}

static int serve(const struct cf_ref_options *reference, const char *profile_out)
{
    pid_t pid;
    int stop_fd;
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    unsigned port = cf_reference_fork(reference, &pid, &stop_fd);
    if (port == 0)
        return CF_EXIT_UNJUDGED;
    if (profile_out && !write_profile(profile_out, reference, port)) {
        cf_reference_stop(pid, stop_fd);
        return CF_EXIT_USAGE;
    }
    printf("reference implementation at http://127.0.0.1:%u\n", port);
    if (profile_out)
        printf("profile: %s\n", profile_out);
    fflush(stdout);
    wait_for_end(&signals);
    cf_reference_stop(pid, stop_fd);
    return CF_EXIT_OK;
}

static int run(const struct cf_args *args)
{
    long long port;
    long long operation_ms;
    long long cvms;
    bool deviations = cf_given(args, "list-deviations");
    if (deviations || cf_given(args, "list-variants"))
        return list(deviations, cf_given(args, "json"));
    if (!cf_number(args, "port", 0, 65535, 0, &port) ||
        !cf_number(args, "operation-ms", 0, 3600000, 80, &operation_ms) ||
        !cf_number(args, "cvms", 1, CF_REF_KIND_MAX, 12, &cvms))
        return CF_EXIT_USAGE;
    const struct cf_ref_options reference = {.port = (unsigned)port,
                                             .operation_ms = (double)operation_ms,
                                             .deviations = cf_texts(args, "deviation"),
                                             .deviation_count = cf_times(args, "deviation"),
                                             .variants = cf_texts(args, "variant"),
                                             .variant_count = cf_times(args, "variant"),
                                             .out_of_sight = cf_texts(args, "out-of-sight"),
                                             .out_of_sight_count = cf_times(args, "out-of-sight"),
                                             .of_a_kind = (size_t)cvms,
                                             .chain_url = cf_text(args, "chain", NULL),
                                             .app_ids = cf_texts(args, "app-id"),
                                             .app_id_count = cf_times(args, "app-id")};
    if (!cf_reference_known(&reference))
        return CF_EXIT_USAGE;
    return serve(&reference, cf_text(args, "profile-out", NULL));
}

static const struct cf_example examples[] = {
    {"serve --port 8080 --profile-out profile.json", "serve, and write a profile to run with"},
    {"serve --deviation accepted-200", "serve with a bug"},
    {"serve --chain http://127.0.0.1:8545 --app-id 0x5fbdb2315678afecb367f032d93f642f64180aa3",
     "decide 466, 467 and 468 from a chain"},
    {"serve --list-deviations", "which bugs there are"},
    {0}};

const struct cf_command cf_command_serve = {
    .name = "serve",
    .summary = "run the reference implementation",
    .sentence = "Run the reference implementation until SIGTERM.",
    .about = "It listens on 127.0.0.1 only, keeps everything in memory, and takes no real action.",
    .operands = "",
    .options = options,
    .examples = examples,
    .run = run};
