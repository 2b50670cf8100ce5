#include "cli/base/progress.h"
#include "harness/base/clock.h"

#include <stdio.h>
#include <unistd.h>

enum { REDRAW_MS = 100 };

void cf_progress_init(struct cf_progress *progress, bool enabled)
{
    *progress = (struct cf_progress){.shown = enabled && isatty(STDERR_FILENO)};
}

void cf_progress_update(struct cf_progress *progress, size_t done, size_t total, size_t running)
{
    double now = cf_clock_ms();
    if (!progress->shown || now - progress->last_ms < REDRAW_MS)
        return;
    progress->last_ms = now;
    progress->drawn = true;
    fprintf(stderr, "\r\033[K%zu/%zu cases, %zu running, %zu failed", done, total, running,
            progress->failed);
    fflush(stderr);
}

void cf_progress_clear(struct cf_progress *progress)
{
    if (!progress->drawn)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->drawn = false;
}
