#include "reports/timeline.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "reports/escape.h"
#include "reports/timing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_BYTES = 40, WIDTH = 960, PLOT_LEFT = 300, PLOT_WIDTH = 640, ROW_HEIGHT = 18 };

void cf_report_timeline_release(struct cf_report_timeline *timeline)
{
    cf_intern_release(&timeline->cvms);
    free(timeline->events);
    *timeline = (struct cf_report_timeline){0};
}

/* ---- gathering ---- */

static void add(struct cf_report_timeline *timeline, const char *cvm, double start_ms,
                double end_ms, enum cf_verdict verdict)
{
    bool known = cf_intern_find(&timeline->cvms, cvm, NULL);
    if (timeline->count == CF_REPORT_TIMELINE_EVENTS_MAX ||
        (!known && timeline->cvms.count == CF_REPORT_TIMELINE_CVMS_MAX)) {
        timeline->left_out++;
        return;
    }
    timeline->events =
        cf_grow(timeline->events, timeline->count, &timeline->cap, sizeof(*timeline->events));
    timeline->events[timeline->count++] = (struct cf_report_timeline_event){
        cf_intern_add(&timeline->cvms, cvm), start_ms, end_ms, verdict};
}

void cf_report_timeline_add(struct cf_report_timeline *timeline,
                            const struct cf_case_record *record)
{
    double began_ms = 0;
    bool bad = record->verdict == CF_FAIL || record->verdict == CF_ERROR;
    if (record->shares || !record->cvm || !cf_clock_parse(record->started_at, &began_ms))
        return;
    for (size_t i = 0; i < record->exchange_count; i++) {
        double start_ms = 0;
        double end_ms = 0;
        if (cf_report_timing_operation(record, i, &start_ms, &end_ms))
            add(timeline, record->cvm, began_ms + start_ms, began_ms + end_ms, CF_PASS);
    }
    if (bad && isfinite(record->duration_ms))
        add(timeline, record->cvm, began_ms, began_ms + record->duration_ms, record->verdict);
}

/* ---- the drawing ---- */

struct span {
    double first_ms, length_ms;
};

static struct span span_of(const struct cf_report_timeline *timeline)
{
    double first = timeline->events[0].start_ms;
    double last = timeline->events[0].end_ms;
    for (size_t i = 1; i < timeline->count; i++) {
        first = fmin(first, timeline->events[i].start_ms);
        last = fmax(last, timeline->events[i].end_ms);
    }
    return (struct span){first, fmax(last - first, 1)};
}

static double x_of(struct span span, double ms)
{
    return PLOT_LEFT + PLOT_WIDTH * (ms - span.first_ms) / span.length_ms;
}

static void put_axis(struct cf_buf *out, struct span span, size_t rows)
{
    for (int i = 0; i <= 4; i++) {
        double ms = span.length_ms * i / 4;
        double x = PLOT_LEFT + PLOT_WIDTH * i / 4.0;
        cf_buf_printf(out,
                      "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"18\" y2=\"%zu\"/>"
                      "<text class=\"tick\" x=\"%.1f\" y=\"12\">%.*f s</text>\n",
                      x, x, 20 + rows * ROW_HEIGHT, x, span.length_ms < 10000 ? 1 : 0, ms / 1000);
    }
}

static void put_names(struct cf_buf *out, const struct cf_report_timeline *timeline)
{
    for (size_t i = 0; i < timeline->cvms.count; i++) {
        const char *name = timeline->cvms.items[i];
        struct cf_buf shown = {0};
        cf_report_escape_terminal(&shown, name, strlen(name), NAME_MAX_BYTES);
        cf_buf_printf(out, "<text class=\"label\" x=\"%d\" y=\"%zu\">", PLOT_LEFT - 8,
                      20 + i * ROW_HEIGHT + 13);
        cf_report_escape_html(out, cf_buf_text(&shown), shown.len);
        cf_buf_puts(out, "</text>\n");
        cf_buf_release(&shown);
    }
}

static void put_event(struct cf_buf *out, struct span span,
                      const struct cf_report_timeline_event *event)
{
    double x = x_of(span, event->start_ms);
    double width = fmax(x_of(span, event->end_ms) - x, 1);
    double y = 20.0 + (double)event->cvm * ROW_HEIGHT;
    if (event->verdict == CF_PASS)
        cf_buf_printf(out,
                      "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                      "height=\"8\"/>",
                      x, y + 8, width);
    else
        cf_buf_printf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"5\"/>",
                      cf_verdict_name(event->verdict), x, y + 2, width);
}

void cf_report_timeline_put_html(struct cf_buf *out, const struct cf_report_timeline *timeline)
{
    if (timeline->count == 0)
        return;
    struct span span = span_of(timeline);
    size_t rows = timeline->cvms.count;
    cf_buf_printf(out,
                  "<svg class=\"timing timeline\" role=\"img\" aria-labelledby=\"timeline-title\" "
                  "viewBox=\"0 0 %d %zu\"><title id=\"timeline-title\">Each CVM over the time of "
                  "the run: operations below, cases that failed or ended in error above</title>\n",
                  WIDTH, 26 + rows * ROW_HEIGHT);
    put_axis(out, span, rows);
    put_names(out, timeline);
    for (size_t i = 0; i < timeline->count; i++)
        put_event(out, span, &timeline->events[i]);
    cf_buf_puts(out, "</svg>\n");
    if (timeline->left_out > 0)
        cf_buf_printf(out, "<p>%zu more are not drawn.</p>\n", timeline->left_out);
}
