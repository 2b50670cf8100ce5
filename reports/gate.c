#include "reports/gate.h"

#include "harness/base/intern.h"
#include "harness/base/mem.h"
#include <string.h>

#include <stdlib.h>

/* What a case's requirements make of it. */
struct bearing {
    bool counts; /* a failure would count */
    bool blurs;  /* a must is left inconclusive or unstable */
};

static void add_requirement(struct bearing *bearing, const struct cf_requirement_info *info,
                            const struct cf_gate_terms *terms)
{
    bearing->counts = bearing->counts || info->level <= terms->fail_on;
    bearing->blurs = bearing->blurs || (info->level == CF_MUST && !terms->allow_inconclusive &&
                                        (info->unstable || info->verdict == CF_INCONCLUSIVE));
}

/* By index of source->cases, for the caller to free. */
static struct bearing *find_bearings(const struct cf_report_source *source)
{
    struct bearing *bearings = cf_alloc_array(source->case_count, sizeof(*bearings));
    struct cf_intern ids = {0};
    for (size_t i = 0; i < source->case_count; i++)
        cf_intern_add(&ids, cf_report_entry(source, &source->cases[i])->id);
    for (size_t r = 0; r < source->summary->requirement_count; r++) {
        const struct cf_requirement_info *info = &source->summary->requirements[r];
        size_t number;
        for (size_t c = 0; c < info->case_count; c++) {
            if (cf_intern_find(&ids, info->cases[c], &number))
                add_requirement(&bearings[number], info, &source->info->gate);
        }
    }
    cf_intern_release(&ids);
    return bearings;
}

static enum cf_report_mark mark_of(const struct cf_report_source *source,
                                   const struct cf_report_case *item, struct bearing bearing)
{
    const char *id = cf_report_entry(source, item)->id;
    bool known = cf_list_has(&source->info->gate.known_failures, id);
    if (item->failed && bearing.counts && !known)
        return CF_REPORT_FAILURE;
    if (item->verdict == CF_ERROR ||
        (bearing.blurs && (item->unstable || item->verdict == CF_INCONCLUSIVE)))
        return CF_REPORT_ERROR;
    return item->verdict == CF_PASS ? CF_REPORT_GREEN : CF_REPORT_SKIPPED;
}

/* ---- the run as a whole ---- */

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

static void find_troubles(struct cf_list *troubles, const struct cf_report_source *source)
{
    const struct cf_run_info *info = source->info;
    const struct cf_gate_terms *terms = &info->gate;
    size_t judged = source->summary->cases_pass + source->summary->cases_fail;
    if (info->trouble)
        cf_list_add(troubles, info->trouble);
    cf_list_add_all(troubles, &terms->troubles);
    if (!info->complete && !info->trouble)
        cf_list_add(troubles, "the run was cut short: it says nothing about the cases left out");
    else if (info->complete && (long long)source->record_count < terms->planned)
        add_line(troubles, "%zu results of %lld planned were recorded: the others are not known",
                 source->record_count, terms->planned);
    if (!info->trouble && (judged == 0 || (long long)judged < terms->min_cases))
        add_line(troubles, "%zu cases were judged, fewer than the %lld asked for", judged,
                 terms->min_cases > 1 ? terms->min_cases : 1);
}

/* ---- all of it ---- */

void cf_report_gate_init(struct cf_report_gate *gate, const struct cf_report_source *source)
{
    struct bearing *bearings = find_bearings(source);
    *gate = (struct cf_report_gate){
        .source = source, .marks = cf_alloc_array(source->case_count, sizeof(*gate->marks))};
    for (size_t i = 0; i < source->case_count; i++) {
        gate->marks[i] = mark_of(source, &source->cases[i], bearings[i]);
        gate->counts[gate->marks[i]]++;
    }
    free(bearings);
    find_troubles(&gate->troubles, source);
}

void cf_report_gate_release(struct cf_report_gate *gate)
{
    free(gate->marks);
    cf_list_release(&gate->troubles);
    *gate = (struct cf_report_gate){0};
}

size_t cf_report_trouble_len(const char *trouble)
{
    const char *end = strstr(trouble, "; ");
    return end ? (size_t)(end - trouble) : strlen(trouble);
}

enum cf_report_mark cf_report_gate_result(const struct cf_report_gate *gate)
{
    if (gate->counts[CF_REPORT_FAILURE] + gate->source->info->gate.outdated.count > 0)
        return CF_REPORT_FAILURE;
    return gate->counts[CF_REPORT_ERROR] + gate->troubles.count > 0 ? CF_REPORT_ERROR
                                                                    : CF_REPORT_GREEN;
}

enum cf_report_mark cf_report_gate_of(const struct cf_report_source *source)
{
    struct cf_report_gate gate;
    cf_report_gate_init(&gate, source);
    enum cf_report_mark result = cf_report_gate_result(&gate);
    cf_report_gate_release(&gate);
    return result;
}

/* ---- messages ---- */

static const char *found(const struct cf_case_record *record)
{
    if (record->reason && *record->reason != '\0')
        return record->reason;
    if (record->failure_count > 0 && record->failures[0].message)
        return record->failures[0].message;
    return cf_record_reason(record);
}

void cf_report_gate_put_message(struct cf_buf *out, const struct cf_report_gate *gate, size_t index,
                                const struct cf_case_record *record)
{
    const struct cf_report_case *item = &gate->source->cases[index];
    bool known = cf_list_has(&gate->source->info->gate.known_failures, record->id);
    if (gate->marks[index] == CF_REPORT_SKIPPED && item->failed)
        cf_buf_puts(out, known ? "known failure: " : "should not met: ");
    else if (item->unstable)
        cf_buf_puts(out, "its attempts differ: ");
    else if (item->verdict == CF_INCONCLUSIVE)
        cf_buf_puts(out, "inconclusive: ");
    else if (item->verdict == CF_NOT_APPLICABLE)
        cf_buf_puts(out, "not applicable: ");
    cf_buf_puts(out, found(record));
}
