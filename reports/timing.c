#include "reports/timing.h"
#include "harness/base/mem.h"
#include "reports/escape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bucket b holds times up to FIRST * GROWTH^b. */
static const double first_ms = 0.01;
static const double growth = 1.15;

enum { LABEL_MAX_BYTES = 200, WIDTH = 960, PLOT_LEFT = 380, PLOT_WIDTH = 560, ROW_HEIGHT = 28 };

void cf_report_timing_release(struct cf_report_timing *timing)
{
    if (!timing)
        return;
    for (size_t i = 0; i < timing->row_count; i++)
        free(timing->rows[i].label);
    *timing = (struct cf_report_timing){0};
}

/* ---- counting ---- */

static double bucket_end_ms(size_t bucket)
{
    return first_ms * pow(growth, (double)bucket);
}

static size_t bucket_of(double ms)
{
    if (!(ms > first_ms))
        return 0;
    double bucket = ceil(log(ms / first_ms) / log(growth));
    return bucket < CF_REPORT_TIMING_BUCKETS - 1 ? (size_t)bucket : CF_REPORT_TIMING_BUCKETS - 1;
}

static struct cf_report_timing_row *row_of(struct cf_report_timing *timing, const char *label)
{
    bool last = timing->row_count == CF_REPORT_TIMING_ROWS_MAX - 1;
    for (size_t i = 0; i < timing->row_count; i++) {
        if (strcmp(timing->rows[i].label, label) == 0)
            return &timing->rows[i];
    }
    if (timing->row_count == CF_REPORT_TIMING_ROWS_MAX)
        return &timing->rows[CF_REPORT_TIMING_ROWS_MAX - 1];
    timing->rows[timing->row_count].label = cf_strdup(last ? "other endpoints" : label);
    return &timing->rows[timing->row_count++];
}

static void add(struct cf_report_timing *timing, const char *label, double ms)
{
    struct cf_report_timing_row *row = row_of(timing, label);
    if (!isfinite(ms) || ms < 0)
        return;
    row->min_ms = row->count == 0 || ms < row->min_ms ? ms : row->min_ms;
    row->max_ms = row->count == 0 || ms > row->max_ms ? ms : row->max_ms;
    row->buckets[bucket_of(ms)]++;
    row->count++;
}

/* ---- endpoints ---- */

/* What a segment of a path names, NULL where it names itself: a CVM after "cvms", and some other
 * thing where it is long and hexadecimal. */
static const char *name_of(const char *segment, size_t len, const char *before, size_t before_len)
{
    if (before_len == 4 && memcmp(before, "cvms", 4) == 0)
        return "{cvm_id}";
    size_t digits = 0;
    for (size_t i = 0; i < len; i++) {
        if (!memchr("0123456789abcdefABCDEFx-", segment[i], 24))
            return NULL;
        digits += segment[i] >= '0' && segment[i] <= '9';
    }
    return len >= 12 && digits > 2 ? "{id}" : NULL;
}

/* "METHOD /path/{cvm_id}", without host and query. */
static void put_label(struct cf_buf *label, const struct cf_exchange *exchange)
{
    const char *host = exchange->url ? strstr(exchange->url, "://") : NULL;
    const char *at = host ? strchr(host + 3, '/') : NULL;
    const char *before = "";
    size_t before_len = 0;
    cf_buf_puts(label, exchange->method ? exchange->method : "GET");
    cf_buf_putc(label, ' ');
    while (at && *at == '/') {
        const char *segment = at + 1;
        size_t len = strcspn(segment, "/?#");
        const char *name = name_of(segment, len, before, before_len);
        cf_buf_putc(label, '/');
        cf_buf_append(label, name ? name : segment, name ? strlen(name) : len);
        before = segment;
        before_len = len;
        at = segment + len;
    }
}

/* ---- operations ---- */

static bool starts_operation(const struct cf_exchange *exchange)
{
    return exchange->kind == CF_EXCHANGE_HTTP && exchange->status == 202 && exchange->method &&
           strcmp(exchange->method, "GET") != 0;
}

/* Polls are known by what they were made for: "look for the operation", "settle ...". */
static bool is_poll(const struct cf_exchange *exchange)
{
    return exchange->purpose &&
           (strstr(exchange->purpose, "operation") || strstr(exchange->purpose, "settle"));
}

/* From the answer 202 to the end of the last poll after it, before the next operation starts. */
bool cf_report_timing_operation(const struct cf_case_record *record, size_t index,
                                double *out_start_ms, double *out_end_ms)
{
    const struct cf_exchange *accepted = &record->exchanges[index];
    double end_ms = -1;
    if (!starts_operation(accepted))
        return false;
    for (size_t i = index + 1; i < record->exchange_count; i++) {
        const struct cf_exchange *exchange = &record->exchanges[i];
        if (starts_operation(exchange))
            break;
        if (is_poll(exchange))
            end_ms = exchange->at_ms + exchange->duration_ms;
    }
    if (end_ms < 0)
        return false;
    *out_start_ms = accepted->at_ms + accepted->duration_ms;
    *out_end_ms = end_ms;
    return true;
}

void cf_report_timing_add(struct cf_report_timing *timing, const struct cf_case_record *record)
{
    struct cf_buf label = {0};
    double start_ms = 0;
    double end_ms = 0;
    bool own = !record->shares; /* else the other case's record has them */
    for (size_t i = 0; own && i < record->exchange_count; i++) {
        const struct cf_exchange *exchange = &record->exchanges[i];
        if (exchange->kind != CF_EXCHANGE_HTTP || exchange->status == 0 || exchange->reused)
            continue;
        cf_buf_reset(&label);
        put_label(&label, exchange);
        add(timing, cf_buf_text(&label), exchange->duration_ms);
        if (cf_report_timing_operation(record, i, &start_ms, &end_ms))
            add(timing, "operation: 202 until settled", end_ms - start_ms);
    }
    cf_buf_release(&label);
}

double cf_report_timing_quantile(const struct cf_report_timing_row *row, double share)
{
    size_t wanted = (size_t)ceil(share * (double)row->count);
    size_t seen = 0;
    for (size_t b = 0; b < CF_REPORT_TIMING_BUCKETS; b++) {
        seen += row->buckets[b];
        if (seen >= wanted && seen > 0)
            return fmin(fmax(bucket_end_ms(b), row->min_ms), row->max_ms);
    }
    return row->max_ms;
}

/* ---- the plot ---- */

struct scale {
    int from, to; /* powers of ten */
};

static struct scale fit_scale(const struct cf_report_timing *timing)
{
    double min_ms = 1e9;
    double max_ms = first_ms;
    for (size_t i = 0; i < timing->row_count; i++) {
        min_ms = fmin(min_ms, fmax(timing->rows[i].min_ms, first_ms));
        max_ms = fmax(max_ms, timing->rows[i].max_ms);
    }
    struct scale scale = {(int)floor(log10(fmin(min_ms, max_ms))), (int)ceil(log10(max_ms))};
    if (scale.to == scale.from)
        scale.to++;
    return scale;
}

static double x_of(struct scale scale, double ms)
{
    double share = (log10(fmax(ms, first_ms)) - scale.from) / (double)(scale.to - scale.from);
    return PLOT_LEFT + PLOT_WIDTH * fmin(fmax(share, 0), 1);
}

static void put_label_html(struct cf_buf *out, const char *label)
{
    struct cf_buf shown = {0};
    cf_report_escape_terminal(&shown, label, strlen(label), LABEL_MAX_BYTES);
    cf_report_escape_html(out, cf_buf_text(&shown), shown.len);
    cf_buf_release(&shown);
}

/* "0.04 ms", "3.1 ms", "12 ms", "4.1 s" */
static void put_time(struct cf_buf *out, double ms)
{
    if (ms >= 1000)
        cf_buf_printf(out, "%.1f s", ms / 1000);
    else
        cf_buf_printf(out, "%.*f ms", ms < 1 ? 2 : ms < 10 ? 1 : 0, ms);
}

static void put_axis(struct cf_buf *out, struct scale scale, size_t rows)
{
    for (int power = scale.from; power <= scale.to; power++) {
        double x = x_of(scale, pow(10, power));
        cf_buf_printf(out,
                      "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"20\" y2=\"%zu\"/>"
                      "<text class=\"tick\" x=\"%.1f\" y=\"14\">",
                      x, x, 24 + rows * ROW_HEIGHT, x);
        if (power < 0)
            cf_buf_printf(out, "%g ms", pow(10, power));
        else
            cf_buf_printf(out, "%.0f %s", pow(10, power >= 3 ? power - 3 : power),
                          power >= 3 ? "s" : "ms");
        cf_buf_puts(out, "</text>\n");
    }
}

static void put_row(struct cf_buf *out, struct scale scale, const struct cf_report_timing_row *row,
                    size_t number)
{
    double base = 24.0 + (double)(number + 1) * ROW_HEIGHT - 4;
    size_t most = 1;
    for (size_t b = 0; b < CF_REPORT_TIMING_BUCKETS; b++)
        most = row->buckets[b] > most ? row->buckets[b] : most;
    cf_buf_printf(out, "<text class=\"label\" x=\"%d\" y=\"%.1f\">", PLOT_LEFT - 10, base - 4);
    put_label_html(out, row->label);
    cf_buf_puts(out, "</text>");
    for (size_t b = 0; b < CF_REPORT_TIMING_BUCKETS; b++) {
        if (row->buckets[b] == 0)
            continue;
        double left = x_of(scale, b ? bucket_end_ms(b - 1) : 0);
        double right = x_of(scale, bucket_end_ms(b));
        /* Square roots: one slow answer among thousands must show. */
        double height = 20.0 * sqrt((double)row->buckets[b] / (double)most);
        cf_buf_printf(out,
                      "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
                      "<title>%zu up to ",
                      left, base - height, fmax(right - left - 0.5, 1.5), fmax(height, 2),
                      row->buckets[b]);
        put_time(out, bucket_end_ms(b));
        cf_buf_puts(out, "</title></rect>");
    }
    double median = x_of(scale, cf_report_timing_quantile(row, 0.5));
    cf_buf_printf(out, "<line class=\"median\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
                  median, median, base - 22, base + 2);
}

static void put_table(struct cf_buf *out, const struct cf_report_timing *timing)
{
    cf_buf_puts(out, "<div class=\"scroll\"><table class=\"numbers\"><caption>The same in "
                     "numbers</caption><thead><tr>"
                     "<th scope=\"col\">endpoint</th><th scope=\"col\">answers</th>"
                     "<th scope=\"col\">shortest</th><th scope=\"col\">half within</th>"
                     "<th scope=\"col\">95 of 100 within</th><th scope=\"col\">longest</th></tr>"
                     "</thead><tbody>\n");
    for (size_t i = 0; i < timing->row_count; i++) {
        const struct cf_report_timing_row *row = &timing->rows[i];
        const double times[] = {row->min_ms, cf_report_timing_quantile(row, 0.5),
                                cf_report_timing_quantile(row, 0.95), row->max_ms};
        cf_buf_puts(out, "<tr><th scope=\"row\">");
        put_label_html(out, row->label);
        cf_buf_printf(out, "</th><td>%zu</td>", row->count);
        for (size_t k = 0; k < 4; k++) {
            cf_buf_puts(out, "<td>");
            put_time(out, times[k]);
            cf_buf_puts(out, "</td>");
        }
        cf_buf_puts(out, "</tr>\n");
    }
    cf_buf_puts(out, "</tbody></table></div>\n");
}

void cf_report_timing_put_html(struct cf_buf *out, const struct cf_report_timing *timing)
{
    if (timing->row_count == 0)
        return;
    struct scale scale = fit_scale(timing);
    size_t height = 32 + timing->row_count * ROW_HEIGHT;
    cf_buf_printf(out,
                  "<svg class=\"timing\" role=\"img\" aria-labelledby=\"timing-title\" "
                  "viewBox=\"0 0 %d %zu\"><title id=\"timing-title\">How long answers and "
                  "operations took, by endpoint, on a logarithmic scale; the line marks the "
                  "median</title>\n",
                  WIDTH, height);
    put_axis(out, scale, timing->row_count);
    for (size_t i = 0; i < timing->row_count; i++)
        put_row(out, scale, &timing->rows[i], i);
    cf_buf_puts(out, "</svg>\n");
    put_table(out, timing);
}
