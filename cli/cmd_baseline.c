/* cvm-conformance baseline update */
#include "cli/commands.h"
#include "reports/baseline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct cf_option options[] = {
    {.name = "out", .arg = "FILE", .help = "the baseline to write, or to bring up to date"},
    {.name = "owner", .arg = "TEXT", .help = "who looks after the new entries"},
    {.name = "reason", .arg = "TEXT", .help = "why they fail"},
    {.name = "expires", .arg = "DATE", .help = "last day on which they count, YYYY-MM-DD"},
    {0}};

struct update {
    const struct cf_args *args;
    struct cf_report_baseline before, after;
    size_t kept, added;
};

/* A file that is not there yet is an empty baseline. */
static bool load_before(struct update *u, const char *path)
{
    struct cf_err err = {0};
    if (strcmp(path, "-") == 0 || access(path, F_OK) != 0)
        return true;
    return cf_report_baseline_load(&u->before, path, &err) == CF_OK || cf_refuse("%s", err.text);
}

static bool can_add(struct update *u)
{
    static const char *const names[] = {"owner", "reason", "expires"};
    for (size_t i = 0; i < 3; i++) {
        const char *text = cf_text(u->args, names[i], "");
        if (*text == '\0')
            return cf_refuse("a failure that is not listed yet wants --%s", names[i]);
        for (const char *c = text; *c; c++) {
            if ((unsigned char)*c < 0x20 || *c == 0x7f)
                return cf_refuse("--%s must be one line", names[i]);
        }
    }
    const char *expires = cf_text(u->args, "expires", "");
    return cf_report_date_valid(expires) ||
           cf_refuse("--expires: \"%s\" is not a date of the form 2030-01-31", expires);
}

static void keep(struct update *u, const struct cf_report_baseline_entry *old)
{
    cf_report_baseline_add(&u->after, old->id, old->reason, old->owner, old->expires);
    u->kept++;
}

static void add_new(struct update *u, const char *id)
{
    cf_report_baseline_add(&u->after, id, cf_text(u->args, "reason", ""),
                           cf_text(u->args, "owner", ""), cf_text(u->args, "expires", ""));
    u->added++;
}

static bool add_failures(struct update *u, const struct cf_report_source *source)
{
    for (size_t i = 0; i < source->case_count; i++) {
        const char *id = cf_report_entry(source, &source->cases[i])->id;
        const struct cf_report_baseline_entry *old = cf_report_baseline_find(&u->before, id);
        if (source->cases[i].verdict != CF_FAIL)
            continue;
        if (!old && u->added == 0 && !can_add(u))
            return false;
        if (old)
            keep(u, old);
        else
            add_new(u, id);
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
static void keep_unjudged(struct update *u, const struct cf_report_source *source)
{
    struct cf_report_known *known = cf_report_baseline_judge(&u->before, source, "", always, NULL);
    for (size_t i = 0; i < u->before.count; i++) {
        if (known[i].state == CF_REPORT_KNOWN_OPEN || known[i].state == CF_REPORT_KNOWN_NOT_RUN)
            keep(u, known[i].entry);
    }
    free(known);
}

static int update(struct update *u, const char *results_path, const char *out)
{
    struct cf_err err = {0};
    struct cf_results *results = NULL;
    struct cf_report_source source = {0};
    int status = CF_EXIT_USAGE;
    enum cf_code code = cf_results_open(&results, results_path, &err);
    if (code == CF_OK)
        cf_report_source_init(&source, results);
    if (code != CF_OK) {
        cf_complain("%s", err.text);
    } else if (load_before(u, out) && add_failures(u, &source)) {
        status = CF_EXIT_OK;
        keep_unjudged(u, &source);
        if (cf_report_baseline_write(&u->after, out, &err) != CF_OK)
            status = cf_unwritten(&err);
        else
            fprintf(stderr, "%s: %zu known failures, %zu of them new; %zu dropped\n", out,
                    u->after.count, u->added, u->before.count - u->kept);
    }
    cf_report_source_release(&source);
    cf_results_close(results);
    return status;
}

static int run(const struct cf_args *args)
{
    struct update u = {.args = args};
    const char *out = cf_text(args, "out", NULL);
    if (strcmp(args->operands[0], "update") != 0)
        return cf_complain("wanted: cvm-conformance baseline update RESULTS --out FILE");
    if (!out)
        return cf_complain("baseline update wants --out FILE");
    int status = update(&u, args->operands[1], out);
    cf_report_baseline_release(&u.before);
    cf_report_baseline_release(&u.after);
    return status;
}

static const struct cf_example examples[] = {
    {"baseline update conformance-report/results.json --out known.json --owner api-team \\\n"
     "      --reason 'fixed in 2.5' --expires 2030-01-31",
     "list the failures of a run as known"},
    {"run --profile acme.json --baseline known.json", "run with them"},
    {0}};

const struct cf_command cf_command_baseline = {
    .name = "baseline",
    .summary = "write down which failures are known",
    .sentence = "Write down which failures are known.",
    .about =
        "RESULTS is the results.json of a run. The FILE of --out will list each of its failed\n"
        "cases; entries that it has already stay as they are, those of cases that pass now\n"
        "are dropped. What is new takes --owner, --reason and --expires. Give the file to\n"
        "run --baseline.",
    .operands = "update RESULTS",
    .operands_min = 2,
    .operands_max = 2,
    .options = options,
    .examples = examples,
    .run = run};
