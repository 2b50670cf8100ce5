/* cvm-conformance compare */
#include "cli/commands.h"
#include "reports/compare.h"

#include <string.h>

static const struct cf_option options[] = {
    {.name = "format", .arg = "FORMAT", .help = "text (default), json or markdown"},
    {.name = "out", .arg = "FILE", .help = "where to write it (- is standard output)"},
    {0}};

typedef enum cf_code write_fn(const struct cf_report_comparison *comparison, const char *path,
                              struct cf_err *err);

static write_fn *writer_of(const char *format)
{
    if (strcmp(format, "text") == 0)
        return cf_report_compare_write_text;
    if (strcmp(format, "json") == 0)
        return cf_report_compare_write_json;
    return strcmp(format, "markdown") == 0 ? cf_report_compare_write_markdown : NULL;
}

struct side {
    struct cf_results *results;
    struct cf_report_source source;
};

static enum cf_code open_side(struct side *side, const char *path, struct cf_err *err)
{
    enum cf_code code = cf_results_open(&side->results, path, err);
    if (code == CF_OK)
        cf_report_source_init(&side->source, side->results);
    return code;
}

static void close_side(struct side *side)
{
    cf_report_source_release(&side->source);
    cf_results_close(side->results);
}

static int compare(const char *old_path, const char *new_path, write_fn *write, const char *out)
{
    struct cf_err err = {0};
    struct side before = {0};
    struct side after = {0};
    struct cf_report_comparison comparison = {0};
    int status = CF_EXIT_OK;
    enum cf_code code = open_side(&before, old_path, &err);
    if (code == CF_OK)
        code = open_side(&after, new_path, &err);
    if (code == CF_OK)
        code = cf_report_compare(&comparison, &before.source, &after.source, &err);
    if (code != CF_OK)
        status = cf_complain("%s", err.text);
    else if (write(&comparison, out, &err) != CF_OK)
        status = cf_unwritten(&err);
    else if (comparison.worse)
        status = CF_EXIT_FAILED;
    cf_report_comparison_release(&comparison);
    close_side(&before);
    close_side(&after);
    return status;
}

static int run(const struct cf_args *args)
{
    const char *format = cf_text(args, "format", "text");
    write_fn *write = writer_of(format);
    if (!write)
        return cf_complain("--format: \"%s\" is not text, json or markdown", format);
    return compare(args->operands[0], args->operands[1], write, cf_text(args, "out", "-"));
}

static const struct cf_example examples[] = {
    {"compare last-week/results.json conformance-report/results.json", "what changed, as text"},
    {"compare old.json new.json --format markdown --out changes.md", "for a pull request"},
    {0}};

const struct cf_command cf_command_compare = {
    .name = "compare",
    .summary = "what changed between two saved runs",
    .sentence = "Compare two saved runs, case by case.",
    .about =
        "OLD and NEW are results.json files. Told are the cases that are newly failing, fixed,\n"
        "still failing, unstable, vanished and appeared, and what was checked before and is\n"
        "not any more. Exit code 1 when a case is newly failing or has vanished.",
    .operands = "OLD NEW",
    .operands_min = 2,
    .operands_max = 2,
    .options = options,
    .examples = examples,
    .run = run};
