/* cvm-conformance explore */
#include "cli/base/case_options.h"
#include "cli/base/duration.h"
#include "cli/base/formats.h"
#include "cli/base/limits.h"
#include "cli/commands.h"
#include "cli/explore_findings.h"
#include "cli/leftovers.h"
#include "cli/run_reports.h"
#include "cli/session.h"
#include "harness/base/mem.h"
#include "harness/http/client.h"
#include "suites/explore.h"

#include <stdlib.h>
#include <string.h>

enum { COMMANDS_DEFAULT = 2000, OPERATION_MS = 15 };
#define OUT_DEFAULT "conformance-report"

static const struct cf_option options[] = {
    {.name = "profile",
     .arg = "FILE",
     .help = "the implementation under test (default: the reference implementation)",
     .variable = CF_PROFILE_VARIABLE},
    {.name = "operations", .arg = "N", .help = "send at most N commands (2000)"},
    {.name = "budget", .arg = "DURATION", .help = "stop after so long: 90s, 30m, 2h"},
    {.name = "seed", .arg = "N", .help = "which sequences: the same seed draws the same (1)"},
    {.name = "steps", .arg = "N", .help = "commands in each sequence (12)"},
    {.name = "jobs", .arg = "N", .help = "workers at the same time"},
    {.name = "out",
     .arg = "DIR",
     .help = "where explore.json, cases/ and the reports go (conformance-report)",
     .variable = CF_OUT_VARIABLE},
    {.name = "deviation",
     .arg = "NAME",
     .help = "reference target: a bug to have",
     .repeatable = true},
    {.name = "variant",
     .arg = "NAME",
     .help = "reference target: a freedom to take",
     .repeatable = true},
    {.name = "quiet", .help = "only the closing lines"},
    {0}};

/* What the command line asks for. */
struct request {
    const struct cf_args *args;
    const char *out;
    bool quiet;
    struct cf_explorer explorer;
    struct cf_hunt hunt;
};

/* ---- the command line ---- */

static bool read_budget(const struct cf_args *args, double *out_ms)
{
    const char *text = cf_text(args, "budget", NULL);
    if (!text)
        return true;
    *out_ms = cf_duration_parse(text);
    return *out_ms > 0 || cf_refuse("--budget: \"%s\" is not a duration as 90s, 30m or 2h", text);
}

static bool read_numbers(struct request *a)
{
    long long seed;
    long long steps;
    long long jobs;
    bool timed = cf_given(a->args, "budget");
    if (!cf_number(a->args, "operations", 1, 100000000, timed ? 100000000 : COMMANDS_DEFAULT,
                   &a->hunt.commands_max) ||
        !cf_number(a->args, "seed", 0, 1000000000000, 1, &seed) ||
        !cf_number(a->args, "steps", 1, CF_CVM_EXPLORE_STEPS_MAX, CF_CVM_EXPLORE_STEPS, &steps) ||
        !cf_number(a->args, "jobs", 1, CF_JOBS_MAX, 0, &jobs) ||
        !read_budget(a->args, &a->hunt.budget_ms))
        return false;
    a->hunt.seed = (unsigned long long)seed;
    a->hunt.steps = (int)steps;
    a->explorer.jobs = (int)jobs;
    return true;
}

static bool read_target(struct request *a)
{
    struct cf_ref_options *reference = &a->explorer.reference;
    a->explorer.profile_path = cf_text(a->args, "profile", NULL);
    reference->deviations = cf_texts(a->args, "deviation");
    reference->deviation_count = cf_times(a->args, "deviation");
    reference->variants = cf_texts(a->args, "variant");
    reference->variant_count = cf_times(a->args, "variant");
    reference->operation_ms = OPERATION_MS;
    if (!a->explorer.profile_path)
        return cf_reference_known(reference);
    return (reference->deviation_count == 0 && reference->variant_count == 0) ||
           cf_refuse("--deviation and --variant are for the reference implementation, not for a "
                     "profile's");
}

static bool read_request(struct request *a)
{
    a->out = cf_text(a->args, "out", OUT_DEFAULT);
    a->quiet = cf_given(a->args, "quiet");
    a->hunt.explorer = &a->explorer;
    return read_numbers(a) && read_target(a) && cf_explorer_open(&a->explorer);
}

/* ---- the folder ---- */

/* Ours alone, without an earlier run's reports, and with all its CVMs back. CF_EXIT_OK: ready. */
static int prepare(struct request *a)
{
    struct cf_err err = {0};
    struct cf_out_folder *folder = &a->explorer.ours;
    struct cf_leftovers job = {.engine = a->explorer.engine,
                               .profile = a->explorer.profile_path ? &a->explorer.profile : NULL,
                               .ours = folder};
    int status = CF_EXIT_OK;
    if (cf_out_folder_have(folder, a->out, &err) != CF_OK)
        status = cf_complain("%s", err.text);
    enum cf_left left = status == CF_EXIT_OK ? cf_leftovers_put_back(&job, &a->explorer.snapshots)
                                             : CF_LEFT_NOTHING;
    if (left == CF_LEFT_SIGNAL)
        status = CF_EXIT_SIGNAL + job.signal;
    else if (left == CF_LEFT_REFUSED)
        status = CF_EXIT_USAGE;
    else if (left == CF_LEFT_SOME)
        status = CF_EXIT_UNJUDGED;
    if (status == CF_EXIT_OK && cf_out_folder_clear(folder, &err) != CF_OK)
        status = cf_complain("%s", err.text);
    return status;
}

/* ---- what was found, as a run ---- */

static void add_words(struct cf_list *list, const struct cf_args *args, const char *name)
{
    for (const char *const *v = cf_texts(args, name); v && *v; v++) {
        char option[40];
        snprintf(option, sizeof(option), "--%s", name);
        cf_list_add(list, option);
        cf_list_add(list, *v);
    }
}

static void describe(const struct request *a, const char *cases, struct cf_session_options *out)
{
    cf_list_add(&out->command, a->args->program);
    for (int i = 0; i < a->args->word_count; i++)
        cf_list_add(&out->command, a->args->words[i]);
    cf_list_add(&out->again, a->args->program);
    cf_list_add(&out->again, "run");
    add_words(&out->again, a->args, "profile");
    add_words(&out->again, a->args, "deviation");
    add_words(&out->again, a->args, "variant");
    cf_list_add(&out->again, "--cases");
    cf_list_add(&out->again, cases);
    cf_list_add(&out->words, "--cases");
    cf_list_add(&out->words, cases);
}

static int run_session(struct request *a, struct cf_target *target, const char *cases)
{
    static const char *const suites[] = {"explore", NULL};
    struct cf_err err = {0};
    struct cf_plan plan;
    struct cf_session_options session_options = {.out_dir = a->out,
                                                 .fail_on = CF_MUST,
                                                 .quiet = a->quiet,
                                                 .reports = CF_RUN_REPORT_USUAL,
                                                 .selection = "--suite explore"};
    struct cf_filter filter = {
        .suites = suites, .level = CF_OBSERVE, .seed = 1, .repeat = 1, .shard = 1, .shards = 1};
    describe(a, cases, &session_options);
    struct cf_session session = {
        .options = &session_options, .target = target, .filter = &filter, .plan = &plan};
    int status = CF_EXIT_UNJUDGED;
    if (cf_plan_make(&plan, &target->catalogue, &target->profile, &filter, &err) == CF_OK) {
        status = cf_session_run(&session);
        cf_plan_release(&plan);
    } else {
        cf_complain("%s", err.text);
    }
    cf_list_release(&session_options.command);
    cf_list_release(&session_options.again);
    cf_list_release(&session_options.words);
    return status;
}

/* The cases of what was found, run as anybody would, for the reports that everybody knows. */
static void report(struct request *a)
{
    struct cf_target target = {0};
    struct cf_ref_options reference = a->explorer.reference;
    unsigned port = 1;
    char cases[4200];
    const char *const extra[] = {cases, NULL};
    snprintf(cases, sizeof(cases), "%s/cases", a->out);
    reference.operation_ms = 80;
    if (!cf_target_load_cases(&target, extra))
        return;
    if (!a->explorer.profile_path)
        port = cf_reference_fork(&reference, &target.reference, &target.stop_fd);
    if (port != 0 && cf_target_load_profile(&target, a->explorer.profile_path, &reference, port))
        run_session(a, &target, cases);
    cf_target_release(&target);
}

/* ---- the end ---- */

static void tell_finding(const struct request *a, size_t index)
{
    const struct cf_finding *finding = &a->hunt.findings[index];
    char *title = cf_finding_title(finding);
    printf("%s: %s\n", finding->stable ? "CONTRADICTION" : "unstable", title);
    if (!strstr(title, finding->message))
        printf("  %s\n", finding->message);
    int before = cJSON_GetArraySize(cf_json_get(finding->first, "commands"));
    int after = cJSON_GetArraySize(cf_json_get(finding->smallest, "commands"));
    printf("  found by command %lld; a sequence of %d, of which %d command%s left\n",
           finding->after, before, after, after == 1 ? " is" : "s are");
    if (finding->stable)
        printf("  %s/cases/explore/found-%zu.json\n", a->out, index + 1);
    free(title);
}

static int conclude(struct request *a)
{
    const struct cf_hunt *hunt = &a->hunt;
    size_t stable = 0;
    for (size_t i = 0; i < hunt->finding_count; i++) {
        stable += hunt->findings[i].stable;
        tell_finding(a, i);
    }
    printf("explored %lld commands in %lld sequences, seed %llu: %zu contradiction%s, "
           "%zu unstable, %lld sequences judged, %lld not; %.1f s, %lu requests\n",
           hunt->commands, hunt->sequences, hunt->seed, stable, stable == 1 ? "" : "s",
           hunt->finding_count - stable, hunt->judged, hunt->unjudged, a->explorer.wall_ms / 1000,
           a->explorer.requests);
    if (hunt->why_unjudged)
        printf("not judged, the last one: %s\n", hunt->why_unjudged);
    if (a->explorer.signal)
        return CF_EXIT_SIGNAL + a->explorer.signal;
    if (stable > 0)
        return CF_EXIT_FAILED;
    return hunt->finding_count > 0 || hunt->judged == 0 ? CF_EXIT_UNJUDGED : CF_EXIT_OK;
}

static bool any_stable(const struct cf_hunt *hunt)
{
    for (size_t i = 0; i < hunt->finding_count; i++) {
        if (hunt->findings[i].stable)
            return true;
    }
    return false;
}

/* A case that does not fail when it is run as anybody would is no contradiction that repeats. */
static void doubt_what_passed(struct request *a)
{
    char path[4200];
    struct cf_results *results = NULL;
    snprintf(path, sizeof(path), "%s/results.ndjson", a->out);
    bool read = cf_results_open(&results, path, NULL) == CF_OK;
    for (size_t i = 0; i < a->hunt.finding_count; i++) {
        char id[CF_FINDING_ID_BYTES];
        bool failed = false;
        cf_finding_id(id, i);
        for (size_t k = 0; read && k < cf_results_count(results); k++) {
            const struct cf_results_entry *entry = cf_results_entry(results, k);
            failed = failed || (strcmp(entry->id, id) == 0 && entry->verdict == CF_FAIL);
        }
        a->hunt.findings[i].stable = a->hunt.findings[i].stable && failed;
    }
    if (read)
        cf_results_close(results);
}

static int finish(struct request *a, const struct cf_err *trouble)
{
    struct cf_err err = {0};
    if (trouble->code != CF_OK && !a->explorer.signal) {
        cf_complain("%s", trouble->text);
        return CF_EXIT_UNJUDGED;
    }
    enum cf_code code = cf_findings_write_cases(&a->hunt, a->out, &err);
    if (code == CF_OK && any_stable(&a->hunt) && !a->explorer.signal) {
        cf_at_once_leave(&a->explorer.at_once); /* the run that follows has all of it */
        cf_out_folder_release(&a->explorer.ours);
        report(a);
        doubt_what_passed(a);
        code = cf_findings_write_cases(&a->hunt, a->out, &err);
    }
    if (code == CF_OK)
        code = cf_findings_write(&a->hunt, a->out, &err);
    if (code != CF_OK)
        return cf_unwritten(&err);
    for (size_t i = 0; i < a->explorer.left.count; i++)
        cf_complain("%s", a->explorer.left.items[i]);
    return conclude(a);
}

static int run(const struct cf_args *args)
{
    struct request a = {.args = args,
                        .explorer = {.ours = {.fd = -1, .spill_fd = -1}, .at_once = {.fd = -1}}};
    struct cf_err err = {0};
    if (!cf_limits_files())
        return CF_EXIT_UNJUDGED;
    if (cf_http_global_init(&err) != CF_OK)
        return cf_complain("%s", err.text);
    int status = read_request(&a) ? prepare(&a) : CF_EXIT_USAGE;
    if (status == CF_EXIT_OK) {
        enum cf_code code = cf_hunt_run(&a.hunt, &err);
        char *out = cf_strdup(a.explorer.ours.path); /* it may have been moved meanwhile */
        err.code = code;
        a.out = out;
        status = finish(&a, &err);
        free(out);
    }
    cf_at_once_leave(&a.explorer.at_once);
    cf_hunt_release(&a.hunt);
    cf_out_folder_release(&a.explorer.ours);
    cf_explorer_release(&a.explorer);
    cf_http_global_cleanup();
    return status;
}

static const struct cf_example examples[] = {
    {"explore", "2000 commands to the reference implementation"},
    {"explore --deviation partial-disk-only-grows", "what it makes of a bug"},
    {"explore --profile acme.json --budget 2h", "a server, for as long as there is time"},
    {"run --profile acme.json --cases conformance-report/cases", "what was found, again"},
    {0}};

const struct cf_command cf_command_explore = {
    .name = "explore",
    .summary = "send sequences that nobody wrote down",
    .sentence = "Send sequences that nobody wrote down, and hold them against the contract.",
    .about =
        "Random commands go to the CVMs of the profile, and what comes of each is held against a\n"
        "model of the contract, made of its musts alone. What contradicts it is run again, made\n"
        "smaller until nothing can be left out, and written as a case file to DIR/cases, which\n"
        "run --cases repeats. Making smaller takes at most as many sequences as there were "
        "commands.\n"
        "Exit codes: 0 nothing was found, 1 a contradiction that repeats, 2 wrong usage or "
        "profile,\n"
        "3 it could not judge, or what was found does not repeat, 128+n after signal n.",
    .operands = "",
    .options = options,
    .examples = examples,
    .run = run};
