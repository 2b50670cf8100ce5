/* Write a made-up run: make_results COUNT passing|mixed|hostile DIRECTORY
 * leaves results.ndjson and results.json there. */
#include "reports/results_json.h"
#include "tests/reports/sample.h"

static enum sample_kind kind_of(const char *name)
{
    if (strcmp(name, "passing") == 0)
        return SAMPLE_PASSING;
    return strcmp(name, "hostile") == 0 ? SAMPLE_HOSTILE : SAMPLE_MIXED;
}

/* As the runner counts: from a catalogue that knows more than the cases tell. */
static void summarise(const struct cf_results *results, struct cf_summary *out)
{
    const struct cf_summary *found = cf_results_summary(results);
    cf_summary_init(out);
    for (size_t i = 0; i < found->requirement_count; i++)
        cf_summary_add_requirement(
            out, found->requirements[i].id, found->requirements[i].level,
            "A value of the wrong JSON type is refused with 422 and nothing is applied.",
            "update-cvm.md, response 422", i % 3 != 0);
    cf_summary_add_requirement(out, "unused.requirement", CF_OBSERVE,
                               "No case of this run checks this one.", NULL, false);
    for (size_t i = 0; i < cf_results_count(results); i++)
        cf_summary_add_case(out, cf_results_entry(results, i));
    cf_summary_finish(out);
}

int main(int argc, char **argv)
{
    struct cf_err err = {0};
    struct cf_results *results = NULL;
    struct cf_report_source source = {0};
    struct cf_summary summary = {0};
    struct cf_run_info info;
    char lines[4096];
    char whole[4096];
    if (argc != 4)
        return 2;
    (void)snprintf(lines, sizeof(lines), "%s/results.ndjson", argv[3]);
    (void)snprintf(whole, sizeof(whole), "%s/results.json", argv[3]);
    sample_write_lines(lines, kind_of(argv[2]), (size_t)strtoul(argv[1], NULL, 10));
    sample_info(&info);
    enum cf_code code = cf_results_open(&results, lines, &err);
    if (code == CF_OK)
        cf_report_source_init(&source, results);
    source.info = &info;
    if (code == CF_OK)
        summarise(results, &summary);
    source.summary = &summary;
    if (code == CF_OK)
        code = cf_report_json_write(&source, whole, &err);
    if (code != CF_OK)
        (void)fprintf(stderr, "%s\n", err.text);
    cf_report_source_release(&source);
    cf_results_close(results);
    cf_run_info_release(&info);
    cf_summary_release(&summary);
    return code != CF_OK;
}
