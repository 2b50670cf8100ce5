#include "reports/overview.h"
#include "reports/escape.h"

#include <stdarg.h>
#include <string.h>

/* ---- what to do next ---- */

static void add_line(struct cf_list *list, const char *fmt, ...) CF_PRINTF(2, 3);
static void add_line(struct cf_list *list, const char *fmt, ...)
{
    struct cf_buf line = {0};
    va_list args;
    va_start(args, fmt);
    cf_buf_vprintf(&line, fmt, args);
    va_end(args);
    cf_list_add(list, cf_buf_text(&line));
    cf_buf_release(&line);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* The folder of the run that these results are of, as a word for a shell. */
static void put_folder(struct cf_buf *out, const struct cf_report_gate *gate)
{
    const char *path = cf_results_path(gate->source->results);
    const char *slash = strrchr(path, '/');
    if (slash)
        cf_report_escape_shell(out, path, slash > path ? (size_t)(slash - path) : 1);
    else
        cf_buf_puts(out, ".");
}

static void add_with_folder(struct cf_list *list, const struct cf_report_gate *gate,
                            const char *before, const char *after)
{
    struct cf_buf line = {0};
    cf_buf_puts(&line, before);
    put_folder(&line, gate);
    cf_buf_puts(&line, after);
    cf_list_add(list, cf_buf_text(&line));
    cf_buf_release(&line);
}

/* What there is to do after a run that has nothing to complain of. */
static void add_after_good(struct cf_list *out, const struct cf_run_info *info)
{
    bool part = info->shard_count > 1;
    if (part)
        add_line(out,
                 "Nothing is left to do in shard %d of %d; \"report\" merges all of them and is "
                 "the gate.",
                 info->shard_index, info->shard_count);
    else if (info->selection && *info->selection)
        add_line(out, "Nothing is left to do in this part; run everything next, without \"%s\".",
                 info->selection);
    else
        cf_list_add(out, "Nothing is left to do here; \"run --certify\" writes a certificate.");
}

static void find_next(struct cf_list *out, const struct cf_report_gate *gate,
                      const struct cf_report_findings *findings)
{
    const struct cf_summary *summary = gate->source->summary;
    size_t open = summary->cases_inconclusive;
    for (size_t i = 0; i < gate->troubles.count; i++)
        add_line(out, "%.*s", (int)cf_report_trouble_len(gate->troubles.items[i]),
                 gate->troubles.items[i]);
    if (gate->source->info->left.count > 0)
        add_with_folder(out, gate, "\"restore ", "\" puts back what this run left changed.");
    if (gate->source->info->trouble && gate->source->record_count > 0)
        add_with_folder(out, gate, "\"run --resume ", "\" goes on where this run stopped.");
    if (findings->failed > 0)
        cf_list_add(out, "Mend the first cause, run its command until it passes, then run "
                         "everything again.");
    if (findings->late > 0)
        add_line(out,
                 "%zu failed case%s found what was asked for a moment too late: if the read side "
                 "lags, say so in the profile (pixit.timing.read_lag_ms).",
                 findings->late, plural(findings->late));
    if (findings->errors > 0)
        add_line(out,
                 "%zu case%s in error: the tester's side wants mending, a hook or the way to "
                 "the server.",
                 findings->errors, plural(findings->errors));
    if (open > 0)
        add_line(out,
                 "%zu case%s could not be judged: the reasons below say what failure that "
                 "follows from, or what the profile or the server lacks.",
                 open, plural(open));
    if (summary->cases_unstable > 0)
        add_line(out,
                 "%zu case%s ended differently from attempt to attempt: look for what is not "
                 "finished when it is said to be.",
                 summary->cases_unstable, plural(summary->cases_unstable));
    if (out->count == 0)
        add_after_good(out, gate->source->info);
}

enum cf_code cf_report_overview_init(struct cf_report_overview *out,
                                     const struct cf_report_source *source, struct cf_err *err)
{
    *out = (struct cf_report_overview){0};
    cf_report_gate_init(&out->gate, source);
    enum cf_code code = cf_report_findings_init(&out->findings, &out->gate, err);
    if (code == CF_OK)
        find_next(&out->next, &out->gate, &out->findings);
    return code;
}

void cf_report_overview_release(struct cf_report_overview *overview)
{
    cf_report_findings_release(&overview->findings);
    cf_report_gate_release(&overview->gate);
    cf_list_release(&overview->next);
}
