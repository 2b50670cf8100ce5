/* cvm-conformance run */
#include "cli/base/case_options.h"
#include "cli/base/formats.h"
#include "cli/base/limits.h"
#include "cli/certify/certificate.h"
#include "cli/commands.h"
#include "cli/conclusion.h"
#include "cli/cost/price.h"
#include "cli/plan_words.h"
#include "cli/purchase.h"
#include "cli/run_reports.h"
#include "cli/run_words.h"
#include "cli/session.h"
#include "harness/base/mem.h"
#include "harness/http/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cf_option options[] = {
    CF_FILTER_OPTIONS,
    {.name = "jobs", .arg = "N", .help = "workers at the same time"},
    {.name = "shuffle", .help = "run in a random order (of --seed)"},
    {.name = "repeat",
     .arg = "N",
     .help = "run each case N times; differing verdicts are unstable"},
    {.name = "fail-fast", .help = "stop at the first failure"},
    CF_BUDGET_OPTIONS,
    {.name = "dry-run", .help = "show the plan and send nothing"},
    {.name = "out",
     .arg = "DIR",
     .help = "where reports go (conformance-report)",
     .variable = CF_OUT_VARIABLE},
    {.name = "shard", .arg = "I/N", .help = "only the I-th of N parts of the plan"},
    {.name = "fail-on", .arg = "LEVEL", .help = "must (default) or should"},
    {.name = "allow-inconclusive", .help = "do not insist on a verdict for every must"},
    {.name = "min-cases", .arg = "N", .help = "fewer judged cases are not a result"},
    {.name = "rate", .arg = "N", .help = "at most N requests a second"},
    {.name = "operation-ms", .arg = "N", .help = "reference target: how long operations take (80)"},
    {.name = "deviation",
     .arg = "NAME",
     .help = "reference target: a bug to have",
     .repeatable = true},
    {.name = "variant",
     .arg = "NAME",
     .help = "reference target: a freedom to take",
     .repeatable = true},
    {.name = "baseline", .arg = "FILE", .help = "failures that are known and let the gate open"},
    {.name = "certify", .help = "write a certificate: everything, 3 times, shuffled"},
    {.name = "sign", .arg = "KEY", .help = "sign the certificate (Ed25519 private key, PEM)"},
    {.name = "failed", .arg = "DIR", .help = "only what did not pass in the run that DIR holds"},
    {.name = "report",
     .arg = "NAME,…",
     .help = "which reports: html, junit, json, markdown (these four), tap, har"},
    {.name = "keep-bodies",
     .arg = "WHICH",
     .help = "failed (default: of passed cases, digests only) or all"},
    {.name = "annotate",
     .arg = "WHERE",
     .help = "annotations on standard output: github (default in its jobs) or none"},
    {.name = "resume", .arg = "DIR", .help = "go on where the run in DIR stopped"},
    {.name = "quiet", .help = "only the verdict lines"},
    {.name = "verbose", .help = "a line for every case as it ends, or as a dry run foresees it"},
    {.name = "exchanges",
     .letter = 'v',
     .help = "that, and requests and answers as curl -v shows them"},
    {.name = "color", .arg = "WHEN", .help = "auto, always or never"},
    {0}};

#define OUT_DEFAULT "conformance-report"

/* What the command line asks for. */
struct request {
    const struct cf_args *args;
    struct cf_filter filter;
    struct cf_session_options session;
    struct cf_ref_options reference;
    struct cf_report_baseline baseline;
    struct cf_key *key;
    const char *profile;
    struct cf_budget budget;
    char selection[2048];
    struct cf_list failed; /* ids of what did not pass in an earlier run */
};

static bool read_shard(struct request *a)
{
    const char *text = cf_text(a->args, "shard", "1/1");
    char *end = NULL;
    long index = strtol(text, &end, 10);
    long count = *end == '/' ? strtol(end + 1, &end, 10) : 0;
    if (*end != '\0' || index < 1 || index > count || count > 1000) {
        cf_complain("--shard: \"%s\" is not I/N with I from 1 to N", text);
        return false;
    }
    a->filter.shard = (int)index;
    a->filter.shards = (int)count;
    return true;
}

static bool read_numbers(struct request *a)
{
    long long jobs;
    long long repeat;
    long long rate;
    long long operation_ms;
    if (!cf_number(a->args, "jobs", 1, CF_JOBS_MAX, 0, &jobs) ||
        !cf_number(a->args, "repeat", 1, 1000, 1, &repeat) ||
        !cf_number(a->args, "rate", 1, 1000000, 0, &rate) ||
        !cf_number(a->args, "operation-ms", 0, 3600000, 80, &operation_ms) ||
        !cf_number(a->args, "min-cases", 0, 1000000, 0, &a->session.min_cases))
        return false;
    a->session.jobs = (int)jobs;
    a->session.rate = (double)rate;
    a->filter.repeat = (int)repeat;
    a->reference.operation_ms = (double)operation_ms;
    return true;
}

static bool read_baseline(struct request *a)
{
    struct cf_err err = {0};
    const char *path = cf_text(a->args, "baseline", NULL);
    if (!path)
        return true;
    if (cf_report_baseline_load(&a->baseline, path, &err) != CF_OK)
        return cf_refuse("%s", err.text);
    a->session.baseline = &a->baseline;
    return true;
}

static enum cf_code open_run(struct cf_results **out, const char *folder, struct cf_err *err)
{
    struct cf_buf path = {0};
    cf_buf_printf(&path, "%s/results.json", folder);
    enum cf_code code = cf_results_open(out, cf_buf_text(&path), err);
    bool none = code == CF_OK && cf_results_count(*out) == 0; /* the last one could not start */
    if (none)
        cf_results_close(*out);
    if (none || code == CF_ENOTFOUND) { /* it was cut short */
        *out = NULL;
        cf_buf_reset(&path);
        cf_buf_printf(&path, "%s/results.ndjson", folder);
        code = cf_results_open(out, cf_buf_text(&path), err);
    }
    cf_buf_release(&path);
    return code;
}

/* Read now: the folder may be the one that this run writes to. */
static bool read_failed(struct request *a)
{
    struct cf_err err = {0};
    struct cf_results *results = NULL;
    const char *folder = cf_text(a->args, "failed", NULL);
    if (!folder)
        return true;
    if (open_run(&results, folder, &err) != CF_OK)
        return cf_refuse("--failed: %s", err.text);
    for (size_t i = 0; i < cf_results_count(results); i++) {
        const struct cf_results_entry *entry = cf_results_entry(results, i);
        if (entry->verdict != CF_PASS && entry->verdict != CF_NOT_APPLICABLE &&
            !cf_list_has(&a->failed, entry->id))
            cf_list_add(&a->failed, entry->id);
    }
    cf_results_close(results);
    a->filter.only = &a->failed;
    return a->failed.count > 0 || cf_refuse("--failed: everything passed in %s", folder);
}

static bool read_reports(struct request *a)
{
    const char *names = cf_text(a->args, "report", NULL);
    a->session.reports = CF_RUN_REPORT_USUAL;
    return !names || cf_run_reports_read(names, &a->session.reports);
}

/* A certificate is judged again from the bodies. */
static bool read_bodies(struct request *a)
{
    const char *which = cf_text(a->args, "keep-bodies", "failed");
    bool all = strcmp(which, "all") == 0;
    a->session.keep_bodies = all || cf_given(a->args, "certify");
    a->session.keep_shared = all;
    return all || strcmp(which, "failed") == 0 ||
           cf_refuse("--keep-bodies: \"%s\" is not all or failed", which);
}

/* A certificate speaks of everything, without exceptions. */
static bool check_certify(struct request *a)
{
    static const char *const refused[] = {"suite",  "case",     "requirement", "cases",
                                          "shard",  "baseline", "fail-fast",   "allow-inconclusive",
                                          "failed", "report",   "operations",  "budget"};
    if (!a->session.certify)
        return !cf_given(a->args, "sign") ||
               cf_refuse("--sign is for the certificate of --certify");
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (cf_given(a->args, refused[i]))
            return cf_refuse("--certify does not go with --%s", refused[i]);
    }
    if (strcmp(cf_text(a->args, "keep-bodies", "all"), "all") != 0)
        return cf_refuse("--certify does not go with --keep-bodies failed: verify reads them all");
    if (a->filter.level != CF_OBSERVE)
        return cf_refuse("--certify does not go with --level: all levels are run");
    if (a->filter.repeat < CF_CERTIFIED_REPEAT_MIN)
        return cf_refuse("--certify wants --repeat %d or more", CF_CERTIFIED_REPEAT_MIN);
    return cf_certificate_is_new(a->session.out_dir);
}

static bool read_certify(struct request *a)
{
    struct cf_err err = {0};
    const char *key = cf_text(a->args, "sign", NULL);
    a->session.certify = cf_given(a->args, "certify");
    if (a->session.certify) {
        a->filter.shuffle = true;
        if (!cf_given(a->args, "repeat"))
            a->filter.repeat = CF_CERTIFIED_REPEAT_MIN;
    }
    if (!check_certify(a))
        return false;
    if (key && cf_key_read_private(&a->key, key, &err) != CF_OK)
        return cf_refuse("--sign: %s", err.text);
    a->session.key = a->key;
    return true;
}

/* A profile's implementation has the bugs it has. */
static bool check_reference(const struct request *a)
{
    if (!a->profile || (a->reference.deviation_count == 0 && a->reference.variant_count == 0 &&
                        !cf_given(a->args, "operation-ms")))
        return true;
    return cf_refuse("--deviation, --variant and --operation-ms are for the reference "
                     "implementation, not for a profile's%s",
                     cf_given_by_environment(a->args, "profile") ? "; " CF_PROFILE_VARIABLE
                                                                   " names a profile"
                                                                 : "");
}

static void read_session(struct request *a)
{
    struct cf_session_options *session = &a->session;
    session->out_dir = cf_text(a->args, "out", OUT_DEFAULT);
    session->fail_fast = cf_given(a->args, "fail-fast");
    session->no_operations = a->budget.operations == 0;
    session->allow_inconclusive = cf_given(a->args, "allow-inconclusive");
    session->quiet = cf_given(a->args, "quiet");
    session->exchanges = cf_given(a->args, "exchanges");
    session->verbose = cf_given(a->args, "verbose") || session->exchanges;
    /* A part of a run is shown when it is merged. */
    session->annotate =
        cf_annotate_asked(a->args) || (a->filter.shards == 1 && cf_annotate_expected(a->args));
}

static void read_target(struct request *a)
{
    a->profile = cf_text(a->args, "profile", NULL);
    a->reference.deviations = cf_texts(a->args, "deviation");
    a->reference.deviation_count = cf_times(a->args, "deviation");
    a->reference.variants = cf_texts(a->args, "variant");
    a->reference.variant_count = cf_times(a->args, "variant");
}

static bool read_request(struct request *a)
{
    const char *fail_on = cf_text(a->args, "fail-on", "must");
    if (!cf_filter_read(a->args, &a->filter) || !read_shard(a) || !read_numbers(a) ||
        !cf_colour_read(a->args, &a->session.colour) || !cf_annotate_check(a->args) ||
        !read_baseline(a) || !read_failed(a) || !read_reports(a) || !read_bodies(a) ||
        !cf_budget_read(a->args, &a->budget))
        return false;
    if (!cf_level_parse(fail_on, &a->session.fail_on) || a->session.fail_on == CF_OBSERVE)
        return cf_refuse("--fail-on: \"%s\" is not must or should", fail_on);
    a->filter.shuffle = cf_given(a->args, "shuffle");
    read_session(a);
    read_target(a);
    cf_run_words_selection(a->args, a->selection, sizeof(a->selection));
    a->session.selection = a->selection;
    cf_run_words_command(a->args, &a->session);
    return check_reference(a) && read_certify(a);
}

/* What matters first; each case after it where that is asked for. */
static int show_plan(const struct cf_plan *plan, const struct cf_target *target,
                     const struct cf_session_options *session)
{
    struct cf_buf text = {0};
    cf_price_put(&text, &session->price);
    cf_buf_putc(&text, '\n');
    cf_price_put_kinds(&text, &session->price);
    if (session->bought)
        cf_buf_printf(&text, "%s\n", session->bought);
    cf_plan_words_summary(&text, plan);
    if (!session->allow_inconclusive)
        cf_plan_words_exit(&text, plan, &target->catalogue, "This run");
    if (session->verbose)
        cf_plan_words_cases(&text, plan);
    else
        cf_buf_puts(&text, "With --verbose each case is listed, and what becomes of it.\n");
    fputs(cf_buf_text(&text), stdout);
    cf_buf_release(&text);
    return CF_EXIT_OK;
}

static int run_plan(struct request *a, struct cf_target *target, const struct cf_plan *plan)
{
    struct cf_err err = {0};
    struct cf_session session = {
        .options = &a->session, .target = target, .filter = &a->filter, .plan = plan};
    if (cf_http_global_init(&err) != CF_OK) {
        cf_complain("%s", err.text);
        return CF_EXIT_UNJUDGED;
    }
    int status = cf_session_run(&session);
    cf_http_global_cleanup();
    return status;
}

/* The machine's trouble, said already. */
static int unstarted(const struct request *a)
{
    cf_conclude_refused(a->session.out_dir, true);
    return CF_EXIT_UNJUDGED;
}

/* What it costs, and what it buys where there is a limit, is told before it is paid. */
static int run_bought(struct request *a, struct cf_target *target, const struct cf_costs *costs)
{
    struct cf_err err = {0};
    bool dry = cf_given(a->args, "dry-run");
    struct cf_purchase purchase = {.session = &a->session,
                                   .target = target,
                                   .filter = &a->filter,
                                   .budget = &a->budget,
                                   .costs = costs,
                                   .measure = !dry && !a->session.resume};
    int status;
    if (cf_purchase_make(&purchase, &err) != CF_OK)
        status = cf_complain("%s", err.text);
    else if (dry)
        status = show_plan(&purchase.plan, target, &a->session);
    else
        status = run_plan(a, target, &purchase.plan);
    cf_purchase_release(&purchase);
    return status;
}

/* Everything is loaded and checked before the reference starts, and before anything is sent. */
static int run_target(struct request *a, struct cf_target *target)
{
    struct cf_costs costs;
    unsigned port = 1;
    bool dry = cf_given(a->args, "dry-run");
    if (!cf_target_load_cases(target, cf_texts(a->args, "cases")))
        return CF_EXIT_USAGE;
    if (!a->profile && !cf_reference_known(&a->reference))
        return CF_EXIT_USAGE;
    if (!dry && !cf_limits_files())
        return unstarted(a);
    if (!a->profile && !dry) {
        port = cf_reference_fork(&a->reference, &target->reference, &target->stop_fd);
        if (port == 0)
            return unstarted(a);
    }
    if (!cf_target_load_profile(target, a->profile, &a->reference, port))
        return CF_EXIT_USAGE;
    const char *refusal = a->session.certify ? cf_certified_refusal(&target->profile) : NULL;
    if (refusal)
        return cf_complain("--certify: %s", refusal);
    cf_costs_init(&costs, &target->catalogue);
    int status = run_bought(a, target, &costs);
    cf_costs_release(&costs);
    return status;
}

static int run_as_asked(const struct cf_args *args, const struct cf_resume *resume)
{
    struct request a = {.args = args, .session = {.resume = resume}};
    struct cf_target target = {0};
    int status = read_request(&a) ? run_target(&a, &target) : CF_EXIT_USAGE;
    if (status == CF_EXIT_USAGE && !cf_given(args, "dry-run"))
        cf_conclude_refused(cf_text(args, "out", OUT_DEFAULT), true);
    cf_target_release(&target);
    cf_report_baseline_release(&a.baseline);
    cf_list_release(&a.failed);
    cf_list_release(&a.session.command);
    cf_list_release(&a.session.again);
    cf_list_release(&a.session.words);
    cf_key_free(a.key);
    return status;
}

/* ---- going on ---- */

/* What is looked at, not what is run, may be chosen anew. */
static bool may_differ(const char *option)
{
    static const char *const names[] = {"quiet", "verbose", "exchanges", "color", "resume", NULL};
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(names[i], option) == 0)
            return true;
    }
    return false;
}

static bool check_resume(const struct cf_args *args, const struct cf_resume *resume)
{
    for (const struct cf_option *o = args->command->options; o->name; o++) {
        if (cf_given(args, o->name) && !cf_given_by_environment(args, o->name) &&
            !may_differ(o->name))
            return cf_refuse("--resume goes on with the options of that run: --%s cannot be given",
                             o->name);
    }
    if (cf_list_has(&resume->words, "--failed"))
        return cf_refuse("--resume: what had failed before is not known any more; run it again");
    if (cf_list_has(&resume->words, "--certify"))
        return cf_refuse("--resume: a certificate is of a run that went undisturbed; run it again");
    return true;
}

/* The old line, then what may differ, then the folder. Its texts are borrowed. */
static char **old_line(const struct cf_args *args, const struct cf_resume *resume, char *folder,
                       int *out_count)
{
    static char run_word[] = "run";
    static char out_word[] = "--out";
    char **line = cf_alloc_array(resume->words.count + (size_t)args->word_count + 4, sizeof(*line));
    int count = 0;
    line[count++] = run_word;
    for (size_t i = 0; i < resume->words.count; i++)
        line[count++] = resume->words.items[i];
    for (int i = 1; i < args->word_count; i++) {
        bool of_resume = strncmp(args->words[i], "--resume", strlen("--resume")) == 0;
        if (!of_resume)
            line[count++] = args->words[i];
        else if (strchr(args->words[i], '=') == NULL)
            i++; /* its argument */
    }
    line[count++] = out_word;
    line[count++] = folder;
    *out_count = count;
    return line;
}

static int go_on(const struct cf_args *args, const struct cf_resume *resume, char *folder)
{
    struct cf_args old = {0};
    int count;
    int status = CF_EXIT_USAGE;
    char **line = old_line(args, resume, folder, &count);
    if (chdir(resume->directory) != 0)
        cf_complain("--resume: cannot go to %s, where the run was: %s", resume->directory,
                    strerror(errno));
    else if (cf_command_parse(args->command, args->commands, args->program, count, line, &old,
                              &status))
        status = run_as_asked(&old, resume);
    cf_args_release(&old);
    free(line);
    return status;
}

static const char *value_of(const char *option, const char *word, const char *next)
{
    size_t len = strlen(option);
    if (strncmp(word, option, len) != 0)
        return NULL;
    return word[len] == '=' ? word + len + 1 : word[len] == '\0' ? next : NULL;
}

/* Where the line says that reports go, whether or not it can be parsed; NULL where it writes none.
 * named: in so many words, so that a folder is made there even for a line that is mistyped. */
static const char *out_of(int count, char *const *words, bool *named)
{
    const char *variable = getenv(CF_OUT_VARIABLE);
    *named = variable && *variable;
    const char *out = *named ? variable : OUT_DEFAULT;
    for (int i = 1; i < count; i++) {
        const char *next = i + 1 < count ? words[i + 1] : NULL;
        const char *given = value_of("--out", words[i], next);
        const char *resumed = value_of("--resume", words[i], next);
        if (strcmp(words[i], "--dry-run") == 0 || strcmp(words[i], "--help") == 0 ||
            strcmp(words[i], "-h") == 0)
            return NULL;
        if (given || resumed) {
            out = given ? given : resumed;
            *named = given;
        }
    }
    return out;
}

static void refused(const struct cf_args *args)
{
    bool named;
    const char *out = out_of(args->word_count, args->words, &named);
    if (out)
        cf_conclude_refused(out, named);
}

static int run(const struct cf_args *args)
{
    struct cf_err err = {0};
    struct cf_resume resume;
    if (!cf_given(args, "resume"))
        return run_as_asked(args, NULL);
    char *folder = realpath(cf_text(args, "resume", ""), NULL);
    if (!folder) {
        const char *missing = cf_text(args, "resume", "");
        cf_complain("--resume: %s: %s", missing, strerror(errno));
        cf_conclude_refused(cf_text(args, "out", missing), true);
        return CF_EXIT_USAGE;
    }
    int status = CF_EXIT_USAGE;
    if (cf_resume_read(&resume, folder, &err) != CF_OK)
        cf_complain("--resume: %s", err.text);
    else if (check_resume(args, &resume))
        status = go_on(args, &resume, folder);
    if (status == CF_EXIT_USAGE)
        cf_conclude_refused(folder, false);
    cf_resume_release(&resume);
    free(folder);
    return status;
}

void cf_run_retire_reports(int argc, char *const *argv)
{
    bool named;
    const char *out = NULL;
    if (argc > 1 && strcmp(argv[1], "run") == 0)
        out = out_of(argc - 1, argv + 1, &named);
    if (out)
        cf_out_folder_retire(out);
}

static const struct cf_example examples[] = {
    {"run", "see it work, on the reference implementation"},
    {"run --profile acme.json", "certify a server, reports to conformance-report/"},
    {"run --profile acme.json --dry-run", "what would be run, and what not and why"},
    {"run --profile acme.json --case 'two-phase.*' --verbose", "a part of it"},
    {"run --resume conformance-report", "go on after a signal, a crash or a loss of power"},
    {"run --profile acme.json --failed conformance-report", "again, what did not pass last time"},
    {"run --profile acme.json --certify --sign key.pem", "write a signed certificate"},
    {0}};

const struct cf_command cf_command_run = {
    .name = "run",
    .summary = "certify an implementation",
    .sentence = "Certify the implementation under test.",
    .about =
        "Without --profile the reference implementation is started on a free loopback port and\n"
        "certified. Exit codes: 0 conforming as asked, 1 a requirement failed, 2 wrong usage,\n"
        "profile or case file, 3 the run could not judge, 128+n after signal n.",
    .operands = "",
    .options = options,
    .examples = examples,
    .run = run,
    .refused = refused};
