#include "harness/run/kept.h"
#include "harness/base/mem.h"
#include "harness/run/io.h"

#include <stdlib.h>
#include <string.h>

enum { FRESH_MS = 30000 };

struct cf_kept {
    struct cf_kept *next;
    char *id;
    double at_ms; /* io's time */
    struct cf_exchange *reads;
    size_t count;
    size_t taken; /* while it is open */
    bool open;
};

/* ---- putting ---- */

static bool is_good_read(const struct cf_exchange *exchange)
{
    return exchange->kind == CF_EXCHANGE_HTTP && exchange->status == 200 && exchange->method &&
           strcmp(exchange->method, "GET") == 0 && exchange->error == CF_OK && !exchange->reused;
}

/* All but purpose and step, which are the case's. */
static void copy(struct cf_exchange *to, const struct cf_exchange *from)
{
    *to = (struct cf_exchange){.kind = from->kind,
                               .duration_ms = from->duration_ms,
                               .method = cf_strdup(from->method),
                               .url = cf_strdup(from->url),
                               .status = from->status,
                               .reused = true};
    cf_headers_share(&to->request_headers, &from->request_headers);
    cf_headers_share(&to->response_headers, &from->response_headers);
    if (from->response_body.bytes)
        to->response_body.bytes = cf_memdup(from->response_body.bytes, from->response_body.len);
    to->response_body.len = from->response_body.len;
}

void cf_kept_put(struct cf_case_run *run, const char *id, size_t first)
{
    const struct cf_case_record *record = run->record;
    if (run->io->ops->reuses)
        return;
    bool taken = record->exchange_count > first;
    for (size_t i = first; i < record->exchange_count; i++)
        taken = taken && record->exchanges[i].reused;
    if (taken)
        return;
    cf_kept_drop(run->io, id);
    for (size_t i = first; i < record->exchange_count; i++) {
        if (!is_good_read(&record->exchanges[i]))
            return;
    }
    struct cf_kept *kept = cf_alloc(sizeof(*kept));
    kept->count = record->exchange_count - first;
    kept->reads = cf_alloc_array(kept->count + 1, sizeof(*kept->reads));
    kept->id = cf_strdup(id);
    kept->at_ms = run->io->ops->now(run->io);
    for (size_t i = 0; i < kept->count; i++)
        copy(&kept->reads[i], &record->exchanges[first + i]);
    kept->next = run->io->kept;
    run->io->kept = kept;
}

/* ---- taking ---- */

bool cf_kept_open(struct cf_case_run *run, const char *id)
{
    bool any = false;
    double now = run->io->ops->now(run->io);
    if (run->io->ops->reuses)
        any = run->io->ops->reuses(run->io);
    for (struct cf_kept *kept = run->io->kept; kept; kept = kept->next) {
        kept->open = strcmp(kept->id, id) == 0 && now - kept->at_ms < FRESH_MS;
        kept->taken = 0;
        any = any || kept->open;
    }
    run->io->reusing = any;
    return any;
}

bool cf_kept_open_assumed(struct cf_case_run *run, const char *id)
{
    size_t first = run->record->exchange_count;
    if (!run->io->assume || !cf_kept_open(run, id))
        return false;
    run->io->assumed = 1 + first;
    return true;
}

bool cf_kept_look_again(struct cf_case_run *run, const char *purpose)
{
    return !run->io->ops->did || run->io->ops->did(run->io, purpose);
}

void cf_kept_close(struct cf_case_run *run)
{
    run->io->reusing = false;
    for (struct cf_kept *kept = run->io->kept; kept; kept = kept->next)
        kept->open = false;
}

struct cf_exchange *cf_kept_take(struct cf_case_run *run, const char *url)
{
    struct cf_kept *kept = run->io->kept;
    while (kept && !kept->open)
        kept = kept->next;
    if (!kept || kept->taken == kept->count || strcmp(kept->reads[kept->taken].url, url) != 0)
        return NULL;
    struct cf_exchange *exchange = cf_case_record_add_exchange(run->record);
    copy(exchange, &kept->reads[kept->taken++]);
    return exchange;
}

/* ---- dropping ---- */

static void release(struct cf_kept *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        cf_exchange_release(&kept->reads[i]);
    free(kept->reads);
    free(kept->id);
    free(kept);
}

void cf_kept_drop(struct cf_io *io, const char *id)
{
    struct cf_kept **at = &io->kept;
    while (*at) {
        struct cf_kept *kept = *at;
        if (id && strcmp(kept->id, id) != 0) {
            at = &kept->next;
            continue;
        }
        *at = kept->next;
        release(kept);
    }
}

/* ---- aside ---- */

struct cf_kept *cf_kept_set_aside(struct cf_io *io)
{
    struct cf_kept *aside = io->kept;
    io->kept = NULL;
    return aside;
}

void cf_kept_bring_back(struct cf_io *io, struct cf_kept *aside)
{
    cf_kept_drop(io, NULL);
    io->kept = aside;
}

void cf_kept_release(struct cf_kept *aside)
{
    while (aside) {
        struct cf_kept *next = aside->next;
        release(aside);
        aside = next;
    }
}
