/* cvm-conformance report */
#include "cli/base/case_options.h"
#include "cli/base/formats.h"
#include "cli/base/leaks.h"
#include "cli/base/scratch.h"
#include "cli/base/target.h"
#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/selftest/causes.h"
#include "reports/merge.h"

#include <stdlib.h>
#include <string.h>

static const struct cf_option options[] = {
    CF_FORMAT_OPTIONS,
    {.name = "annotate", .arg = "WHERE", .help = "annotations on standard output: github or none"},
    {.name = "fail-on", .arg = "LEVEL", .help = "close the gate on failures: must or should"},
    {.name = "allow-inconclusive", .help = "gate: do not insist on a verdict for every must"},
    {.name = "min-cases", .arg = "N", .help = "gate: fewer judged cases are not a result"},
    {.name = "baseline", .arg = "FILE", .help = "gate: failures that are known"},
    CF_CASES_OPTION,
    {.name = "profile", .arg = "FILE", .help = "search everything for this profile's secrets"},
    {.name = "color", .arg = "WHEN", .help = "auto, always or never"},
    {0}};

enum { SHARDS_MAX = 1000 };

struct work {
    const struct cf_args *args;
    struct cf_results *shards[SHARDS_MAX];
    size_t shard_count;
    char scratch[CF_SCRATCH_BYTES]; /* where the merged results are, "" for nowhere */
    bool colour;
    bool gated;
    struct cf_gate_terms gate; /* as the command line has them */
    struct cf_report_baseline baseline;
    struct cf_target target; /* the baseline's cases, the profile */
};

static bool open_shards(struct work *work)
{
    struct cf_err err = {0};
    for (int i = 0; i < work->args->operand_count; i++) {
        if (cf_results_open(&work->shards[i], work->args->operands[i], &err) != CF_OK)
            return cf_refuse("%s", err.text);
        work->shard_count++;
    }
    return true;
}

static void close_shards(struct work *work)
{
    for (size_t i = 0; i < work->shard_count; i++)
        cf_results_close(work->shards[i]);
    work->shard_count = 0;
}

/* Put the shards together in a file of their own, and go on with that one. */
static bool merge(struct work *work)
{
    struct cf_err err = {0};
    char path[CF_SCRATCH_BYTES + 16];
    if (!cf_scratch_make(work->scratch))
        return false;
    snprintf(path, sizeof(path), "%s/results.json", work->scratch);
    enum cf_code code = cf_report_merge_write((const struct cf_results *const *)work->shards,
                                              work->shard_count, path, &err);
    close_shards(work);
    if (code == CF_OK)
        code = cf_results_open(&work->shards[0], path, &err);
    work->shard_count = code == CF_OK;
    return code == CF_OK || cf_refuse("%s", err.text);
}

/* One shard alone is part of a run, and must not pass for the whole. */
static void warn_of_parts(const struct cf_results *results)
{
    const struct cf_run_info *info = cf_results_info(results);
    if (info->shard_count > 1)
        cf_complain("%s is shard %d of %d: it says nothing about the rest",
                    cf_results_path(results), info->shard_index, info->shard_count);
    if (cf_results_torn(results))
        cf_complain("%s: its last line is torn, and left out", cf_results_path(results));
}

/* ---- the gate ---- */

static bool read_baseline(struct work *work)
{
    struct cf_err err = {0};
    const char *path = cf_text(work->args, "baseline", NULL);
    if (!path)
        return true;
    if (cf_report_baseline_load(&work->baseline, path, &err) != CF_OK)
        return cf_refuse("%s", err.text);
    return cf_target_load_cases(&work->target, cf_texts(work->args, "cases"));
}

static bool read_gate(struct work *work)
{
    static const char *const names[] = {"fail-on", "allow-inconclusive", "min-cases", "baseline"};
    struct cf_gate_terms *gate = &work->gate;
    const char *level = cf_text(work->args, "fail-on", "must");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        work->gated = work->gated || cf_given(work->args, names[i]);
    gate->allow_inconclusive = cf_given(work->args, "allow-inconclusive");
    if (!cf_number(work->args, "min-cases", 0, 1000000, 1, &gate->min_cases))
        return false;
    if (!cf_level_parse(level, &gate->fail_on) || gate->fail_on == CF_OBSERVE)
        return cf_refuse("--fail-on: \"%s\" is not must or should", level);
    return read_baseline(work);
}

/* ---- secrets ---- */

static bool read_profile(struct work *work)
{
    const char *path = cf_text(work->args, "profile", NULL);
    return !path || cf_target_load_profile(&work->target, path, NULL, 0);
}

static bool no_secret_in(struct work *work, const char *const *paths, size_t count)
{
    return !work->target.has_profile || cf_leaks_none_in(&work->target.profile, paths, count);
}

static bool no_secret_written(struct work *work)
{
    const char *paths[CF_FORMATS];
    return no_secret_in(work, paths, cf_formats_paths(work->args, paths));
}

/* ---- the whole ---- */

static enum cf_code write_all(struct work *work, const struct cf_report_source *source,
                              struct cf_err *err)
{
    int written = 0;
    bool annotate = cf_annotate_asked(work->args);
    enum cf_code code = cf_formats_write(work->args, source, &written, err);
    if (code == CF_OK && annotate)
        code = cf_annotations_write(source, err);
    if (code == CF_OK && written == 0 && !annotate)
        code = cf_console_write(source, work->colour, false, err);
    return code;
}

/* Whoever passes such results on is told, also where nobody asked for the gate. */
static bool never_started(const struct cf_report_source *source)
{
    const char *trouble = source->info->trouble;
    if (!trouble || source->record_count > 0)
        return false;
    cf_complain("the run did not start: %s", trouble);
    return true;
}

/* The run is judged by the terms that it ran under, unless the command line has its own. */
static void set_terms(struct work *work, struct cf_report_source *source, struct cf_run_info *info)
{
    *info = *cf_results_info(work->shards[0]); /* borrowed */
    source->info = info;
    if (!work->gated)
        return;
    work->gate.planned = info->gate.planned;
    work->gate.troubles = info->gate.troubles;
    info->gate = work->gate;
    if (work->baseline.path)
        cf_baseline_apply(&info->gate, source, &work->baseline, &work->target.catalogue);
}

static void release_terms(struct work *work, struct cf_run_info *info)
{
    if (!work->gated)
        return;
    cf_list_release(&info->gate.known_failures);
    cf_list_release(&info->gate.outdated);
}

static int render(struct work *work)
{
    struct cf_err err = {0};
    struct cf_report_source source;
    struct cf_run_info info;
    struct cf_causes causes;
    int status = CF_EXIT_OK;
    cf_causes_init(&causes, cf_results_info(work->shards[0])->catalogue_sha256, NULL);
    cf_report_source_init(&source, work->shards[0]);
    set_terms(work, &source, &info);
    enum cf_code code = cf_causes_name(&causes, &source, &err);
    if (code != CF_OK)
        status = cf_complain("%s", err.text);
    else if (write_all(work, &source, &err) != CF_OK)
        status = cf_unwritten(&err);
    else if (!no_secret_written(work))
        status = CF_EXIT_UNJUDGED;
    else if (work->gated)
        status = cf_exit_code(&source, work->baseline.path ? &work->baseline : NULL);
    else if (never_started(&source))
        status = CF_EXIT_UNJUDGED;
    release_terms(work, &info);
    cf_report_source_release(&source);
    cf_causes_release(&causes);
    return status;
}

/* One part is not asked to be the whole, unless the gate is to open for it. */
static bool put_together(struct work *work)
{
    const struct cf_run_info *info = cf_results_info(work->shards[0]);
    return (work->shard_count == 1 && !(work->gated && info->shard_count > 1)) || merge(work);
}

static int report(struct work *work)
{
    const struct cf_args *args = work->args;
    if (!cf_colour_read(args, &work->colour) || !cf_annotate_check(args) || !read_gate(work) ||
        !read_profile(work) || !open_shards(work))
        return CF_EXIT_USAGE;
    if (!no_secret_in(work, (const char *const *)args->operands, (size_t)args->operand_count))
        return CF_EXIT_UNJUDGED;
    if (!put_together(work))
        return CF_EXIT_USAGE;
    if (!work->scratch[0])
        warn_of_parts(work->shards[0]);
    return render(work);
}

static int run(const struct cf_args *args)
{
    struct work work = {.args = args};
    int status = report(&work);
    close_shards(&work);
    cf_scratch_remove(work.scratch);
    cf_report_baseline_release(&work.baseline);
    cf_target_release(&work.target);
    return status;
}

static const struct cf_example examples[] = {
    {"report conformance-report/results.json", "the summary again"},
    {"report shard-*/results.json --html report.html --fail-on must", "merge shards, and judge"},
    {"report conformance-report/results.ndjson --har run.har", "of a run that was cut short"},
    {0}};

const struct cf_command cf_command_report = {
    .name = "report",
    .summary = "render saved results, or merge shards",
    .sentence = "Render saved results, or merge the shards of a run.",
    .about =
        "RESULTS is a results.json, or a results.ndjson of a run that was cut short. Several are\n"
        "the shards of one run: they are merged, and refused where one is missing, comes twice,\n"
        "or belongs to another plan, profile, seed or suite version. FILE - is standard output.\n"
        "Without any format the summary is shown. Exit code 0 when everything was written, 2\n"
        "when refused, 3 for a run that did not start; with --fail-on or another option of the\n"
        "gate the exit codes of run.",
    .operands = "RESULTS…",
    .operands_min = 1,
    .operands_max = SHARDS_MAX,
    .options = options,
    .examples = examples,
    .run = run};
