/* cvm-conformance report */
#include "harness/cli/cli.h"
#include "harness/cli/formats.h"
#include "harness/cli/gate.h"
#include "harness/cli/scratch.h"
#include "reports/merge.h"

#include <stdlib.h>
#include <string.h>

static const struct cf_command command = {
    "report", "RESULTS… [options]", "Render saved results, or merge the shards of a run.",
    "RESULTS is a results.json, or a results.ndjson of a run that was cut short. Several are the\n"
    "shards of one run: they are merged, and refused where one is missing, comes twice, or belongs\n"
    "to another plan, profile, seed or suite version. FILE - is standard output. Without any\n"
    "format the summary is shown. Exit code 0 when everything was written, 2 when refused; with\n"
    "--fail-on the exit codes of run.",
    cf_command_report};

static const struct cf_option templates[] = {
    CF_FORMAT_OPTIONS,
    {.name = "annotate", .arg = "github", .help = "annotations on standard output"},
    {.name = "fail-on", .arg = "LEVEL", .help = "close the gate on failures: must or should"},
    {.name = "color", .arg = "WHEN", .help = "auto, always or never"},
    {0}};

enum { SHARDS_MAX = 1000 };

struct work {
    struct cf_option options[sizeof(templates) / sizeof(templates[0])];
    struct cf_results *shards[SHARDS_MAX];
    size_t shard_count;
    char scratch[CF_SCRATCH_BYTES]; /* where the merged results are, "" for nowhere */
    bool colour;
};

static bool open_shards(struct work *work, char **paths, size_t count)
{
    struct cf_err err = {0};
    if (count == 0 || count > SHARDS_MAX)
        return cf_complain("report wants 1 to %d results files; see cvm-conformance report --help",
                           SHARDS_MAX) == 0;
    for (size_t i = 0; i < count; i++) {
        if (cf_results_open(&work->shards[i], paths[i], &err) != CF_OK)
            return cf_complain("%s", err.text) == 0;
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
    (void)snprintf(path, sizeof(path), "%s/results.json", work->scratch);
    enum cf_code code = cf_merge_write((const struct cf_results *const *)work->shards,
                                       work->shard_count, path, &err);
    close_shards(work);
    if (code == CF_OK)
        code = cf_results_open(&work->shards[0], path, &err);
    work->shard_count = code == CF_OK;
    return code == CF_OK || cf_complain("%s", err.text) == 0;
}

/* One shard alone is part of a run, and must not pass for the whole. */
static void warn_of_parts(const struct cf_results *results)
{
    const struct cf_run_info *info = cf_results_info(results);
    if (info->shard_count > 1)
        (void)cf_complain("%s is shard %d of %d: it says nothing about the rest",
                          cf_results_path(results), info->shard_index, info->shard_count);
    if (cf_results_torn(results))
        (void)cf_complain("%s: its last line is torn, and left out", cf_results_path(results));
}

static bool gate_level(struct work *work, enum cf_level *out_level)
{
    const char *name = cf_option_text(work->options, "fail-on", "must");
    if (cf_level_parse(name, out_level) && *out_level != CF_OBSERVE)
        return true;
    return cf_complain("--fail-on: \"%s\" is not must or should", name) == 0;
}

static enum cf_code write_all(struct work *work, const struct cf_report_source *source,
                              struct cf_err *err)
{
    int written = 0;
    bool annotate = cf_option_given(work->options, "annotate");
    enum cf_code code = cf_formats_write(work->options, source, &written, err);
    if (code == CF_OK && annotate)
        code = cf_annotations_write(source, err);
    if (code == CF_OK && written == 0 && !annotate)
        code = cf_console_write(source, work->colour, false, err);
    return code;
}

static int render(struct work *work)
{
    struct cf_err err = {0};
    struct cf_report_source source;
    struct cf_gate gate = {.min_cases = 1};
    int status = CF_EXIT_OK;
    if (!gate_level(work, &gate.fail_on))
        return CF_EXIT_USAGE;
    enum cf_code code = cf_report_source_init(&source, work->shards[0], &err);
    if (code == CF_OK)
        code = write_all(work, &source, &err);
    if (code != CF_OK)
        status = cf_complain("%s", err.text);
    else if (cf_option_given(work->options, "fail-on"))
        status = cf_gate_status(&gate, &source);
    cf_report_source_release(&source);
    return status;
}

int cf_command_report(int argc, char **argv)
{
    struct work *work = calloc(1, sizeof(*work));
    int first;
    int status = CF_EXIT_USAGE;
    if (!work)
        return cf_complain("out of memory");
    memcpy(work->options, templates, sizeof(templates));
    if (cf_options_parse(&command, work->options, argc, argv, &first, &status)) {
        bool good = cf_colour_from_options(work->options, &work->colour) &&
                    cf_annotate_check(work->options) &&
                    open_shards(work, argv + first, (size_t)(argc - first)) &&
                    (work->shard_count == 1 || merge(work));
        if (good && !work->scratch[0])
            warn_of_parts(work->shards[0]);
        status = good ? render(work) : CF_EXIT_USAGE;
    }
    close_shards(work);
    cf_scratch_remove(work->scratch);
    free(work);
    return status;
}
