/* cvm-conformance run */
#include "cli/certify/certificate.h"
#include "cli/cli.h"
#include "cli/formats.h"
#include "cli/session.h"
#include "harness/http/client.h"

#include <stdlib.h>
#include <string.h>

static const struct cf_command command = {
    "run", "[options]", "Certify the implementation under test.",
    "Without --profile the reference implementation is started on a free loopback port and\n"
    "certified. Exit codes: 0 conforming as asked, 1 a requirement failed, 2 wrong usage, profile\n"
    "or case file, 3 the run could not judge, 128+n after signal n.",
    cf_command_run};

static const struct cf_option templates[] = {
    CF_FILTER_OPTIONS,
    {.name = "jobs", .arg = "N", .help = "workers at the same time"},
    {.name = "shuffle", .help = "run in a random order (of --seed)"},
    {.name = "repeat",
     .arg = "N",
     .help = "run each case N times; differing verdicts are unstable"},
    {.name = "fail-fast", .help = "stop at the first failure"},
    {.name = "dry-run", .help = "show the plan and send nothing"},
    {.name = "out", .arg = "DIR", .help = "where reports go (conformance-report)"},
    {.name = "shard", .arg = "I/N", .help = "only the I-th of N parts of the plan"},
    {.name = "fail-on", .arg = "LEVEL", .help = "must (default) or should"},
    {.name = "allow-inconclusive", .help = "do not insist on a verdict for every must"},
    {.name = "min-cases", .arg = "N", .help = "fewer judged cases are no result"},
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
    {.name = "annotate", .arg = "github", .help = "annotations on standard output, for GitHub"},
    {.name = "quiet", .help = "only the verdict lines"},
    {.name = "verbose", .help = "a line for every case as it ends"},
    {.name = "color", .arg = "WHEN", .help = "auto, always or never"},
    {0}};

struct arguments {
    struct cf_option options[sizeof(templates) / sizeof(templates[0])];
    struct cf_filter filter;
    struct cf_session_options session;
    struct cf_ref_options reference;
    struct cf_report_baseline baseline;
    struct cf_key *key;
    const char *profile;
    char selection[2048];
};

static bool read_shard(struct arguments *a)
{
    const char *text = cf_option_text(a->options, "shard", "1/1");
    char *end = NULL;
    long index = strtol(text, &end, 10);
    long count = *end == '/' ? strtol(end + 1, &end, 10) : 0;
    if (*end != '\0' || index < 1 || index > count || count > 1000) {
        (void)cf_complain("--shard: \"%s\" is not I/N with I from 1 to N", text);
        return false;
    }
    a->filter.shard = (int)index;
    a->filter.shards = (int)count;
    return true;
}

static bool read_numbers(struct arguments *a)
{
    long long jobs;
    long long repeat;
    long long rate;
    long long operation_ms;
    if (!cf_option_number(a->options, "jobs", 1, CF_JOBS_MAX, 0, &jobs) ||
        !cf_option_number(a->options, "repeat", 1, 1000, 1, &repeat) ||
        !cf_option_number(a->options, "rate", 1, 1000000, 0, &rate) ||
        !cf_option_number(a->options, "operation-ms", 0, 3600000, 80, &operation_ms) ||
        !cf_option_number(a->options, "min-cases", 0, 1000000, 0, &a->session.min_cases))
        return false;
    a->session.jobs = (int)jobs;
    a->session.rate = (double)rate;
    a->filter.repeat = (int)repeat;
    a->reference.operation_ms = (double)operation_ms;
    return true;
}

static bool read_baseline(struct arguments *a)
{
    struct cf_err err = {0};
    const char *path = cf_option_text(a->options, "baseline", NULL);
    if (!path)
        return true;
    if (cf_report_baseline_load(&a->baseline, path, &err) != CF_OK)
        return cf_complain("%s", err.text) == 0;
    a->session.baseline = &a->baseline;
    return true;
}

/* The filters as one line, for the report's head; the same in every shard of a run. */
static void describe_selection(struct arguments *a)
{
    static const char *const names[] = {"suite", "case", "requirement", "level"};
    size_t used = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (const char *const *v = cf_option_list(a->options, names[i]); v && *v; v++) {
            int n = snprintf(a->selection + used, sizeof(a->selection) - used, "%s--%s %s",
                             used ? " " : "", names[i], *v);
            used += n > 0 && used + (size_t)n < sizeof(a->selection) ? (size_t)n : 0;
        }
    }
    a->session.selection = a->selection;
}

/* A certificate speaks of everything, without exceptions. */
static bool check_certify(struct arguments *a)
{
    static const char *const refused[] = {"suite", "case",     "requirement", "cases",
                                          "shard", "baseline", "fail-fast",   "allow-inconclusive"};
    if (!a->session.certify)
        return !cf_option_given(a->options, "sign") ||
               cf_complain("--sign is for the certificate of --certify") == 0;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (cf_option_given(a->options, refused[i]))
            return cf_complain("--certify does not go with --%s", refused[i]) == 0;
    }
    if (a->filter.level != CF_OBSERVE)
        return cf_complain("--certify does not go with --level: all levels are run") == 0;
    if (a->filter.repeat < CF_CERTIFIED_REPEAT_MIN)
        return cf_complain("--certify wants --repeat %d or more", CF_CERTIFIED_REPEAT_MIN) == 0;
    return cf_certificate_is_new(a->session.out_dir);
}

static bool read_certify(struct arguments *a)
{
    struct cf_err err = {0};
    const char *key = cf_option_text(a->options, "sign", NULL);
    a->session.certify = cf_option_given(a->options, "certify");
    if (a->session.certify) {
        a->filter.shuffle = true;
        if (!cf_option_given(a->options, "repeat"))
            a->filter.repeat = CF_CERTIFIED_REPEAT_MIN;
    }
    if (!check_certify(a))
        return false;
    if (key && cf_key_read_private(&a->key, key, &err) != CF_OK)
        return cf_complain("--sign: %s", err.text) == 0;
    a->session.key = a->key;
    return true;
}

static bool read_arguments(struct arguments *a, int argc, char **argv, int *out_exit)
{
    int first;
    memcpy(a->options, templates, sizeof(templates));
    if (!cf_options_parse(&command, a->options, argc, argv, &first, out_exit))
        return false;
    *out_exit = CF_EXIT_USAGE;
    if (first < argc)
        return cf_complain("run takes no operand: \"%s\"", argv[first]) == 0;
    const char *fail_on = cf_option_text(a->options, "fail-on", "must");
    if (!cf_filter_from_options(a->options, &a->filter) || !read_shard(a) || !read_numbers(a) ||
        !cf_colour_from_options(a->options, &a->session.colour) || !cf_annotate_check(a->options) ||
        !read_baseline(a))
        return false;
    if (!cf_level_parse(fail_on, &a->session.fail_on) || a->session.fail_on == CF_OBSERVE)
        return cf_complain("--fail-on: \"%s\" is not must or should", fail_on) == 0;
    a->profile = cf_option_text(a->options, "profile", NULL);
    a->filter.shuffle = cf_option_given(a->options, "shuffle");
    a->session.out_dir = cf_option_text(a->options, "out", "conformance-report");
    a->session.fail_fast = cf_option_given(a->options, "fail-fast");
    a->session.allow_inconclusive = cf_option_given(a->options, "allow-inconclusive");
    a->session.quiet = cf_option_given(a->options, "quiet");
    a->session.annotate = cf_option_given(a->options, "annotate");
    a->session.verbose = cf_option_given(a->options, "verbose");
    a->reference.deviations = cf_option_list(a->options, "deviation");
    a->reference.deviation_count = (size_t)cf_option(a->options, "deviation")->count;
    a->reference.variants = cf_option_list(a->options, "variant");
    a->reference.variant_count = (size_t)cf_option(a->options, "variant")->count;
    if (a->profile && (a->reference.deviation_count || a->reference.variant_count ||
                       cf_option_given(a->options, "operation-ms")))
        return cf_complain("--deviation, --variant and --operation-ms are for the reference "
                           "implementation, not for a profile's") == 0;
    describe_selection(a);
    return read_certify(a);
}

static int show_plan(const struct cf_plan *plan)
{
    size_t runnable = 0;
    for (size_t i = 0; i < plan->count; i++) {
        const struct cf_plan_item *item = &plan->items[i];
        runnable += item->verdict == CF_PASS;
        (void)printf("%-14s %s%s%s\n",
                     item->verdict == CF_PASS ? "run" : cf_verdict_name(item->verdict),
                     item->one->id, item->reason[0] ? ": " : "", item->reason);
    }
    (void)printf("%zu cases would run, %zu would not; nothing was sent\n", runnable,
                 plan->count - runnable);
    return CF_EXIT_OK;
}

static int run_plan(struct arguments *a, struct cf_target *target, const struct cf_plan *plan)
{
    struct cf_err err = {0};
    struct cf_session session = {
        .options = &a->session, .target = target, .filter = &a->filter, .plan = plan, .ndjson = -1};
    if (cf_http_global_init(&err) != CF_OK) {
        (void)cf_complain("%s", err.text);
        return CF_EXIT_UNJUDGED;
    }
    int status = cf_session_run(&session);
    cf_http_global_cleanup();
    return status;
}

/* Everything is loaded and checked before the reference starts, and before anything is sent. */
static int run_target(struct arguments *a, struct cf_target *target)
{
    struct cf_err err = {0};
    struct cf_plan plan;
    unsigned port = 1;
    bool dry = cf_option_given(a->options, "dry-run");
    if (!cf_target_load_cases(target, cf_option_list(a->options, "cases")))
        return CF_EXIT_USAGE;
    if (!a->profile && !dry) {
        port = cf_reference_fork(&a->reference, &target->reference, &target->stop_fd);
        if (port == 0)
            return CF_EXIT_USAGE;
    }
    if (!cf_target_load_profile(target, a->profile, &a->reference, port))
        return CF_EXIT_USAGE;
    const char *refusal = a->session.certify ? cf_certified_refusal(&target->profile) : NULL;
    if (refusal)
        return cf_complain("--certify: %s", refusal);
    enum cf_code code = cf_plan_make(&plan, &target->catalogue, &target->profile, &a->filter, &err);
    if (code != CF_OK)
        return cf_complain("%s", err.text);
    int status = dry ? show_plan(&plan) : run_plan(a, target, &plan);
    cf_plan_release(&plan);
    return status;
}

int cf_command_run(int argc, char **argv)
{
    struct arguments a = {0};
    struct cf_target target = {0};
    int status = CF_EXIT_USAGE;
    if (read_arguments(&a, argc, argv, &status))
        status = run_target(&a, &target);
    cf_target_release(&target);
    cf_report_baseline_release(&a.baseline);
    cf_key_free(a.key);
    return status;
}
