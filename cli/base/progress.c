#include "cli/base/progress.h"
#include "cli/base/duration.h"
#include "cli/base/terminal.h"
#include "harness/base/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { REDRAW_MS = 100, LOG_MS = 60000 };

/* Nothing is reckoned from less: the first cases tell little of the others. */
static const double spent_share_min = 0.02;

void cf_progress_init(struct cf_progress *progress, bool enabled)
{
    double now = cf_clock_ms();
    *progress = (struct cf_progress){
        .enabled = enabled, .terminal = cf_terminal_draws(STDERR_FILENO), .started_ms = now};
    progress->last_ms = progress->terminal ? 0 : now;
}

static void put_time_left(struct cf_buf *out, const struct cf_progress *progress, double now)
{
    double share = progress->price > 0 ? progress->spent / progress->price : 0;
    if (share < spent_share_min || share >= 1)
        return;
    cf_buf_puts(out, ", about ");
    cf_duration_put(out, (now - progress->started_ms) * (1 - share) / share);
    cf_buf_puts(out, " left");
}

void cf_progress_update(struct cf_progress *progress, size_t done, size_t total, size_t running)
{
    struct cf_buf line = {0};
    double now = cf_clock_ms();
    if (!progress->enabled || now - progress->last_ms < (progress->terminal ? REDRAW_MS : LOG_MS))
        return;
    progress->last_ms = now;
    progress->drawn = progress->terminal;
    cf_buf_printf(&line, "%zu/%zu cases, %zu running, %zu failed", done, total, running,
                  progress->failed);
    put_time_left(&line, progress, now);
    fprintf(stderr, progress->terminal ? "\r\033[K%s" : "%s\n", cf_buf_text(&line));
    fflush(stderr);
    cf_buf_release(&line);
}

void cf_progress_clear(struct cf_progress *progress)
{
    if (!progress->drawn)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->drawn = false;
}
