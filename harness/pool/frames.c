#include "harness/pool/frames.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/pool/forms.h"
#include "harness/pool/gone.h"
#include "harness/pool/late_locks.h"
#include "harness/pool/leases.h"
#include "harness/pool/processes.h"
#include "harness/pool/records.h"
#include "harness/pool/refusals.h"
#include "harness/pool/shared_locks.h"
#include "harness/pool/sharing.h"
#include "harness/pool/suspects.h"
#include "harness/pool/turns.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REAP_LIMIT_MS = 1000 };

/* ---- frames ---- */

static void quarantine(struct cf_pool_state *pool, size_t fixture, const char *why)
{
    if (pool->leases[fixture].quarantined)
        return;
    pool->leases[fixture].quarantined = true;
    pool->out->quarantined++;
    cf_pool_tell(pool, CF_EVENT_TROUBLE, "CVM %s is not used any more: %s",
                 pool->profile->fixtures[fixture].id, why);
}

/* A fixture of no use as it is: reset it if that can be done and was not in vain the last time,
 * else leave it alone. */
static void give_up(struct cf_pool_state *pool, uint32_t fixture, unsigned end)
{
    struct cf_lease *lease = &pool->leases[fixture];
    const struct cf_engine *engine = pool->options->worker.base.engine;
    bool can_reset = lease->snapshot && engine->can_reset && engine->can_reset(pool->profile);
    bool locked = end & CF_END_LOCKED;
    struct cf_buf why = {0};
    cf_buf_puts(&why,
                locked ? "it takes no update, though nothing runs" : "it does not become idle");
    if (locked)
        cf_suspects_name(pool, fixture, &why);
    if (can_reset && !(locked && lease->was_reset))
        lease->stuck = lease->was_reset = true;
    else
        quarantine(pool, fixture, cf_buf_text(&why));
    pool->lost_to_lock = pool->lost_to_lock || pool->leases[fixture].quarantined;
    cf_buf_release(&why);
}

/* What the case wrote cannot be read, so that the next case could not judge: put it back first. */
static void uncover(struct cf_pool_state *pool, size_t fixture)
{
    struct cf_lease *lease = &pool->leases[fixture];
    if (lease->snapshot && !lease->quarantined)
        lease->stuck = true;
}

static void reset_came_back(struct cf_pool_state *pool, const struct cf_frame *frame,
                            const char *payload)
{
    struct cf_lease *lease = &pool->leases[frame->index];
    lease->taken = lease->stuck = false;
    if (frame->verdict != CF_OK)
        quarantine(pool, frame->index, payload);
}

/* Only a case that could not be judged is tried again, never one that was: on a CVM that was stuck
 * it may have been another case's doing, and what was undecided may be told at a quieter moment.
 * One that found its CVM locked was judged by what another had left. */
static bool worth_another_try(const struct cf_pool_state *pool, size_t index,
                              const struct cf_frame *frame)
{
    bool met = frame->flags & CF_END_MET_LOCK && frame->verdict == CF_FAIL;
    int limit = frame->flags & CF_END_STUCK ? 2 : CF_TRIES_MAX;
    return (frame->flags &
            (CF_END_STUCK | CF_END_UNDECIDED | CF_END_OPERATION | CF_END_MET_LOCK)) &&
           (frame->verdict == CF_INCONCLUSIVE || met) && !pool->stopping &&
           pool->items[index].tries + 1 < limit &&
           cf_lease_possible(pool, cf_pool_case(pool, index));
}

static void put_back_in_line(struct cf_pool_state *pool, size_t index)
{
    pool->items[index].state = CF_ITEM_PENDING;
    pool->next = index < pool->next ? index : pool->next;
}

/* What only the moment was to blame for waits until nothing else runs; what a fixture may be to
 * blame for does not. */
static void put_off(struct cf_pool_state *pool, size_t index, const struct cf_frame *frame,
                    const char *line, uint32_t fixture)
{
    struct cf_item *item = &pool->items[index];
    cf_late_locks_keep(pool, index, frame, line);
    item->tries++;
    pool->out->operations += frame->operations;
    item->state = CF_ITEM_POSTPONED;
    if (frame->flags & CF_END_OPERATION) {
        bool same = item->failed_on_count == 0 || item->failed_at == frame->fails_at;
        item->failed_at = same ? frame->fails_at : -1;
        item->failed_on[item->failed_on_count++] = fixture;
    } else if (!cf_forms_put_off(frame)) {
        return;
    }
    put_back_in_line(pool, index);
}

static void take_record(struct cf_pool_state *pool, size_t index, uint32_t fixture,
                        const struct cf_frame *frame, const char *payload)
{
    enum cf_verdict verdict = (enum cf_verdict)frame->verdict;
    if (payload[0] != '{')
        cf_pool_synthesise(pool, index, CF_ERROR, NULL, "%s", payload);
    else if ((frame->flags & CF_END_REFUSED) && !(frame->flags & CF_END_LOCKED))
        cf_suspects_add(pool, index, fixture, verdict, payload, frame->payload_len);
    else
        cf_pool_record(pool, index, verdict, payload, frame->payload_len);
}

/* What others refuse is not refused here: what need not be looks for itself from here on. */
static void share_less(struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++)
        pool->items[i].looks_at_end = pool->items[i].if_refused ? 0 : pool->items[i].looks_at_end;
}

/* As if it had not run. */
static void begin_unspoilt(struct cf_pool_state *pool, size_t index, const char *fixture,
                           const struct cf_frame *frame)
{
    pool->out->operations += frame->operations;
    if (!pool->fault_stays) {
        put_back_in_line(pool, index);
        return;
    }
    cf_sharing_end(pool, index);
    cf_pool_synthesise(pool, index, CF_INCONCLUSIVE, fixture, "%s",
                       "it did not pass, and ran when the server may have been out of order: a "
                       "case that puts it out of order could not end that");
}

static void case_came_back(struct cf_pool_state *pool, struct cf_worker *worker,
                           const struct cf_frame *frame, const char *payload)
{
    size_t index = frame->index;
    const struct cf_case *one = cf_pool_case(pool, index);
    uint32_t fixture = worker->order.fixtures[0];
    /* Its deadline was set when the worker was given it, or had told of the one before. */
    double took_ms = cf_clock_ms() - (worker->deadline_ms - pool->case_limit_ms);
    worker->reported++;
    worker->deadline_ms = cf_clock_ms() + pool->case_limit_ms;
    pool->running--;
    if (frame->flags & CF_FRAME_NOT_BEGUN) {
        put_back_in_line(pool, index);
        return;
    }
    cf_late_locks_drop(pool, index);
    if (frame->flags & CF_FRAME_DISTURBS)
        share_less(pool);
    bool exclusive = one->role_count > 0 && pool->profile->fixtures[fixture].kind->exclusive;
    if (frame->flags & CF_END_TAKEN) {
        pool->leases[fixture].was_reset = false; /* it was worth it, whatever came after */
        pool->leases[fixture].updated_ms = cf_late_locks_now(pool);
    }
    if (exclusive && cf_shared_locks_doubt(pool, worker, frame)) {
        pool->out->operations += frame->operations;
        put_back_in_line(pool, index);
        return;
    }
    if (exclusive && (frame->flags & (CF_END_STUCK | CF_END_LOCKED)))
        give_up(pool, fixture, frame->flags);
    else if (exclusive && (frame->flags & CF_END_HIDDEN))
        uncover(pool, fixture);
    if (cf_turns_spoilt(pool, worker, frame)) {
        begin_unspoilt(pool, index,
                       one->role_count > 0 ? pool->profile->fixtures[fixture].id : NULL, frame);
        return;
    }
    if (cf_turns_early(pool, worker, frame)) {
        pool->out->operations += frame->operations;
        pool->items[index].waits_for_calm = true;
        pool->items[index].state = CF_ITEM_POSTPONED;
        return;
    }
    if (frame->flags & CF_END_GONE)
        cf_pool_gone_note(pool, worker, payload, frame->payload_len);
    cf_pool_gone_remember(worker, payload, frame->payload_len);
    pool->items[index].operations = frame->operations;
    pool->items[index].exchanges = frame->exchanges;
    if ((frame->flags & (CF_END_STUCK | CF_END_LOCKED)) && !(frame->flags & CF_END_MET_LOCK) &&
        frame->verdict == CF_FAIL)
        cf_refusals_learn(pool, index, payload, frame->payload_len);
    else if (!(frame->flags & (CF_END_STUCK | CF_END_LOCKED)) &&
             (frame->verdict == CF_PASS || frame->verdict == CF_FAIL))
        cf_refusals_harmless(pool, one);
    if ((frame->flags & CF_END_LOCKED) && cf_suspects_try_again(pool, index, fixture))
        return;
    if (frame->flags & CF_END_TAKEN)
        cf_suspects_clear(pool, fixture);
    cf_forms_learn(pool, index, frame);
    bool expected = cf_late_locks_expected(pool, index, frame, took_ms);
    if (!expected && worth_another_try(pool, index, frame)) {
        put_off(pool, index, frame, payload, fixture);
        return;
    }
    cf_sharing_end(pool, index);
    take_record(pool, index, fixture, frame, payload);
}

static void snapshot_came_back(struct cf_pool_state *pool, const struct cf_frame *frame,
                               const char *payload)
{
    struct cf_lease *lease = &pool->leases[frame->index];
    lease->taken = false;
    if (frame->verdict == CF_OK)
        lease->snapshot = cf_strdup(payload);
    else if (pool->failed == CF_OK)
        pool->failed = cf_err_set(pool->err, CF_ENET, "%s", payload);
}

static void restore_came_back(struct cf_pool_state *pool, const struct cf_frame *frame,
                              const char *payload)
{
    struct cf_lease *lease = &pool->leases[frame->index];
    lease->taken = false;
    lease->dirty = false;
    pool->restore_hopeless = pool->gone && frame->verdict != CF_OK;
    pool->out->not_restored += frame->verdict != CF_OK || strcmp(payload, "{}") != 0;
    cf_pool_put_back(pool, frame->index, frame->verdict == CF_OK ? payload : NULL, payload);
}

static void end_order(struct cf_pool_state *pool, struct cf_worker *worker)
{
    worker->busy = false;
    cf_turns_end(pool, worker);
    if (worker->order.type == CF_ORDER_CASES)
        cf_lease_give_back(pool, cf_pool_case(pool, worker->order.items[0]),
                           worker->order.fixtures);
}

static void handle_frame(struct cf_pool_state *pool, struct cf_worker *worker,
                         const struct cf_frame *frame, const char *payload)
{
    worker->requests = frame->requests;
    pool->out->operations += frame->besides;
    pool->out->operations += frame->type == CF_ORDER_CASES ? 0 : frame->operations;
    switch ((enum cf_order_type)frame->type) {
    case CF_ORDER_CASES:
        if (frame->flags & CF_FRAME_SHARED) {
            if (cf_turns_spoilt(pool, worker, frame) || cf_turns_early(pool, worker, frame))
                return;
            cf_sharing_take(pool, frame, worker->order.fixtures[0], payload);
            return;
        }
        case_came_back(pool, worker, frame, payload);
        if (worker->reported == worker->order.count)
            end_order(pool, worker);
        return;
    case CF_ORDER_PREFLIGHT:
        if (frame->flags & CF_FRAME_FITS) {
            pool->fits = true;
            return;
        }
        pool->leases[worker->order.items[0]].taken = false;
        if (frame->verdict != CF_OK && !pool->fits)
            pool->failed = cf_err_set(pool->err, CF_ENET, "%s", payload);
        break;
    case CF_ORDER_SNAPSHOT:
        snapshot_came_back(pool, frame, payload);
        break;
    case CF_ORDER_RESTORE:
        if (pool->phase == CF_PHASE_CASES)
            reset_came_back(pool, frame, payload);
        else
            restore_came_back(pool, frame, payload);
        break;
    case CF_ORDER_FAULT:
        cf_turns_note(pool, worker, frame);
        return;
    }
    end_order(pool, worker);
}

/* Take whole frames out of the worker's buffer. */
static void handle_input(struct cf_pool_state *pool, struct cf_worker *worker)
{
    size_t at = 0;
    struct cf_frame frame;
    while (worker->in.len - at >= sizeof(frame)) {
        memcpy(&frame, worker->in.data + at, sizeof(frame));
        if (worker->in.len - at - sizeof(frame) < frame.payload_len)
            break;
        char *payload = cf_strndup(worker->in.data + at + sizeof(frame), frame.payload_len);
        at += sizeof(frame) + frame.payload_len;
        handle_frame(pool, worker, &frame, payload);
        free(payload);
    }
    if (at > 0) {
        memmove(worker->in.data, worker->in.data + at, worker->in.len - at);
        worker->in.len -= at;
        worker->in.data[worker->in.len] = '\0';
    }
}

/* ---- a worker's end ---- */

/* A case that was lost can mend nothing any more. */
static void note_fault(struct cf_pool_state *pool, size_t index)
{
    if (pool->items[index].has_fault)
        cf_turns_leave(pool);
}

/* The case that was running has an error for its record; those behind it are run by another. */
static void lose_cases(struct cf_pool_state *pool, struct cf_worker *worker, const char *how)
{
    const struct cf_order *order = &worker->order;
    const char *fixture = cf_pool_case(pool, order->items[0])->role_count > 0
                              ? pool->profile->fixtures[order->fixtures[0]].id
                              : NULL;
    for (size_t i = worker->reported; i < order->count; i++) {
        size_t index = order->items[i];
        pool->running--;
        note_fault(pool, index);
        if (i > worker->reported) {
            pool->items[index].state = CF_ITEM_PENDING;
            pool->next = index < pool->next ? index : pool->next;
        } else {
            cf_sharing_end(pool, index);
            cf_pool_synthesise(pool, index, CF_ERROR, fixture,
                               "the tester's process that ran this case ended by %s", how);
        }
    }
}

static void lose_order(struct cf_pool_state *pool, struct cf_worker *worker, const char *how)
{
    struct cf_frame frame = {
        .type = worker->order.type, .index = worker->order.items[0], .verdict = CF_EIO};
    char text[200];
    if (worker->order.type == CF_ORDER_CASES) {
        lose_cases(pool, worker, how);
        end_order(pool, worker);
        return;
    }
    snprintf(text, sizeof(text), "the tester's process ended by %s", how);
    handle_frame(pool, worker, &frame, text);
}

static void abandon_order(struct cf_pool_state *pool, struct cf_worker *worker)
{
    for (size_t i = worker->reported;
         worker->order.type == CF_ORDER_CASES && i < worker->order.count; i++)
        note_fault(pool, worker->order.items[i]);
    if (worker->order.type == CF_ORDER_CASES)
        pool->running -= worker->order.count - worker->reported;
    else
        pool->leases[worker->order.items[0]].taken = false;
    end_order(pool, worker);
}

void cf_frames_lose(struct cf_pool_state *pool, struct cf_worker *worker, enum cf_loss loss)
{
    char how[160];
    /* One that ended by itself may still be about to say how. */
    if (loss != CF_LOSS_ENDED)
        kill(worker->pid, SIGKILL);
    cf_process_reap(worker, REAP_LIMIT_MS, how, sizeof(how));
    if (loss == CF_LOSS_OVERDUE)
        snprintf(how, sizeof(how), "the time limit of %.0f ms", pool->case_limit_ms);
    pool->out->requests += worker->requests;
    pool->out->worker_faults += loss != CF_LOSS_INTERRUPTED;
    if (!worker->busy)
        return;
    if (loss == CF_LOSS_INTERRUPTED)
        abandon_order(pool, worker);
    else
        lose_order(pool, worker, how);
}

void cf_frames_read(struct cf_pool_state *pool, struct cf_worker *worker)
{
    char piece[16384];
    ssize_t got = read(worker->fd, piece, sizeof(piece));
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        cf_frames_lose(pool, worker, CF_LOSS_ENDED);
        return;
    }
    cf_buf_append(&worker->in, piece, (size_t)got);
    handle_input(pool, worker);
    if (worker->in.code != CF_OK)
        cf_frames_lose(pool, worker, CF_LOSS_BROKEN); /* a record over every limit */
}
