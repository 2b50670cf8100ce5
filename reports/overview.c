#include "reports/overview.h"

#include <stdarg.h>

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

static void find_next(struct cf_list *out, const struct cf_report_gate *gate,
                      const struct cf_report_findings *findings)
{
    const struct cf_summary *summary = gate->source->summary;
    size_t open = summary->cases_inconclusive;
    for (size_t i = 0; i < gate->troubles.count; i++)
        add_line(out, "%.*s", (int)cf_report_trouble_len(gate->troubles.items[i]),
                 gate->troubles.items[i]);
    if (gate->source->info->left.count > 0)
        cf_list_add(out, "\"restore DIR\" puts back what this run left changed; DIR is the folder "
                         "that it wrote to.");
    if (gate->source->info->trouble && gate->source->record_count > 0)
        cf_list_add(out, "\"run --resume DIR\" goes on where this run stopped; DIR is the folder "
                         "that it wrote to.");
    if (findings->failed > 0)
        cf_list_add(out, "Mend the first cause, run its command until it passes, then run "
                         "everything again.");
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
        cf_list_add(out, "Nothing is left to do here; \"run --certify\" writes a certificate.");
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
