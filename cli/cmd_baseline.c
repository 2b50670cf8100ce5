/* cvm-conformance baseline update */
#include "cli/cli.h"
#include "reports/baseline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cf_command command = {
    "baseline", "update RESULTS --out FILE [options]", "Write down which failures are known.",
    "RESULTS is the results.json of a run. FILE will list each of its failed cases; entries that\n"
    "FILE has already stay as they are, those of cases that pass now are dropped. What is new\n"
    "takes --owner, --reason and --expires. Give FILE to run --baseline.",
    cf_command_baseline};

static const struct cf_option templates[] = {
    {.name = "out", .arg = "FILE", .help = "the baseline to write, or to bring up to date"},
    {.name = "owner", .arg = "TEXT", .help = "who looks after the new entries"},
    {.name = "reason", .arg = "TEXT", .help = "why they fail"},
    {.name = "expires", .arg = "DATE", .help = "last day on which they count, YYYY-MM-DD"},
    {0}};

struct update {
    struct cf_option options[sizeof(templates) / sizeof(templates[0])];
    struct cf_report_baseline before, after;
    size_t kept, added;
};

/* A file that is not there yet is an empty baseline. */
static bool load_before(struct update *u, const char *path)
{
    struct cf_err err = {0};
    if (strcmp(path, "-") == 0 || access(path, F_OK) != 0)
        return true;
    return cf_report_baseline_load(&u->before, path, &err) == CF_OK ||
           cf_complain("%s", err.text) == 0;
}

static bool can_add(struct update *u)
{
    static const char *const names[] = {"owner", "reason", "expires"};
    for (size_t i = 0; i < 3; i++) {
        const char *text = cf_option_text(u->options, names[i], "");
        if (*text == '\0')
            return cf_complain("a failure that is not listed yet wants --%s", names[i]) == 0;
        for (const char *c = text; *c; c++) {
            if ((unsigned char)*c < 0x20 || *c == 0x7f)
                return cf_complain("--%s must be one line", names[i]) == 0;
        }
    }
    const char *expires = cf_option_text(u->options, "expires", "");
    return cf_report_date_valid(expires) ||
           cf_complain("--expires: \"%s\" is not a date of the form 2030-01-31", expires) == 0;
}

static bool add(struct update *u, const char *id, const struct cf_report_baseline_entry *old)
{
    enum cf_code code =
        old ? cf_report_baseline_add(&u->after, id, old->reason, old->owner, old->expires)
            : cf_report_baseline_add(&u->after, id, cf_option_text(u->options, "reason", ""),
                                     cf_option_text(u->options, "owner", ""),
                                     cf_option_text(u->options, "expires", ""));
    u->kept += old != NULL;
    u->added += old == NULL;
    return code == CF_OK || cf_complain("out of memory") == 0;
}

static bool add_failures(struct update *u, const struct cf_report_source *source)
{
    for (size_t i = 0; i < source->case_count; i++) {
        const char *id = cf_report_entry(source, &source->cases[i])->id;
        const struct cf_report_baseline_entry *old = cf_report_baseline_find(&u->before, id);
        if (source->cases[i].verdict != CF_FAIL)
            continue;
        if ((!old && u->added == 0 && !can_add(u)) || !add(u, id, old))
            return false;
    }
    return true;
}

static bool always(const void *context, const char *id)
{
    (void)context;
    (void)id;
    return true;
}

/* Entries that this run says nothing about stay. */
static bool keep_unjudged(struct update *u, const struct cf_report_source *source)
{
    struct cf_err err = {0};
    struct cf_report_known *known = NULL;
    bool good = true;
    if (cf_report_baseline_judge(&u->before, source, "", always, NULL, &known, &err) != CF_OK)
        return cf_complain("%s", err.text) == 0;
    for (size_t i = 0; good && i < u->before.count; i++) {
        if (known[i].state == CF_REPORT_KNOWN_OPEN || known[i].state == CF_REPORT_KNOWN_NOT_RUN)
            good = add(u, known[i].entry->id, known[i].entry);
    }
    free(known);
    return good;
}

static int update(struct update *u, const char *results_path, const char *out)
{
    struct cf_err err = {0};
    struct cf_results *results = NULL;
    struct cf_report_source source = {0};
    int status = CF_EXIT_USAGE;
    enum cf_code code = cf_results_open(&results, results_path, &err);
    if (code == CF_OK)
        code = cf_report_source_init(&source, results, &err);
    if (code != CF_OK) {
        (void)cf_complain("%s", err.text);
    } else if (load_before(u, out) && add_failures(u, &source) && keep_unjudged(u, &source)) {
        status = CF_EXIT_OK;
        if (cf_report_baseline_write(&u->after, out, &err) != CF_OK)
            status = cf_complain("%s", err.text);
        else
            (void)fprintf(stderr, "%s: %zu known failures, %zu of them new; %zu dropped\n", out,
                          u->after.count, u->added, u->before.count - u->kept);
    }
    cf_report_source_release(&source);
    cf_results_close(results);
    return status;
}

int cf_command_baseline(int argc, char **argv)
{
    struct update u = {0};
    int first;
    int status;
    memcpy(u.options, templates, sizeof(templates));
    if (!cf_options_parse(&command, u.options, argc, argv, &first, &status))
        return status;
    const char *out = cf_option_text(u.options, "out", NULL);
    if (argc - first != 2 || strcmp(argv[first], "update") != 0)
        return cf_complain("wanted: cvm-conformance baseline update RESULTS --out FILE");
    if (!out)
        return cf_complain("baseline update wants --out FILE");
    status = update(&u, argv[first + 1], out);
    cf_report_baseline_release(&u.before);
    cf_report_baseline_release(&u.after);
    return status;
}
