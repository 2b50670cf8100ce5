#include "harness/pool/pool.h"
#include "harness/base/clock.h"
#include "harness/pool/pool_state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { END_LIMIT_MS = 10000, TRIES_MAX = 3 };

/* ---- handing out ---- */

static const char *payload_of(const struct cf_pool_run *pool, const struct cf_order *order)
{
    return order->type == CF_ORDER_RESTORE ? pool->leases[order->items[0]].baseline : "";
}

static void dispatch(struct cf_pool_run *pool)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        struct cf_worker *worker = &pool->workers[i];
        struct cf_order order;
        if (worker->busy || !cf_pool_next_order(pool, &order))
            continue;
        if (worker->pid == 0 && !cf_pool_start_worker(pool, worker)) {
            pool->failed = cf_err_errno(pool->err, errno, "cannot start a worker");
            return;
        }
        worker->deadline_ms = cf_clock_ms() + pool->case_limit_ms;
        /* A worker that cannot be written to is dead; its end is noticed when it is read from. */
        (void)cf_worker_order(worker, &order, payload_of(pool, &order));
    }
}

/* ---- what came back ---- */

static void quarantine(struct cf_pool_run *pool, size_t fixture, const char *why)
{
    if (pool->leases[fixture].quarantined)
        return;
    pool->leases[fixture].quarantined = true;
    pool->out->quarantined++;
    cf_pool_tell(pool, CF_EVENT_TROUBLE, "CVM %s is not used any more: %s",
                 pool->profile->fixtures[fixture].id, why);
}

/* Only a case that could not be judged is tried again, never one that was: on a CVM that was stuck
 * it may have been another case's doing, and what was undecided may be told at a quieter moment. */
static bool worth_another_try(const struct cf_pool_run *pool, size_t index,
                              const struct cf_frame *frame)
{
    int limit = frame->flags & CF_END_STUCK ? 2 : TRIES_MAX;
    return frame->flags != 0 && frame->verdict == CF_INCONCLUSIVE && !pool->stopping &&
           pool->items[index].tries + 1 < limit &&
           cf_pool_can_lease(pool, cf_pool_case(pool, index));
}

static void case_came_back(struct cf_pool_run *pool, struct cf_worker *worker,
                           const struct cf_frame *frame, const char *payload)
{
    size_t index = frame->index;
    const struct cf_case *one = cf_pool_case(pool, index);
    worker->reported++;
    worker->deadline_ms = cf_clock_ms() + pool->case_limit_ms;
    pool->running--;
    if ((frame->flags & CF_END_STUCK) && one->role_count > 0 &&
        pool->profile->fixtures[worker->order.fixtures[0]].exclusive)
        quarantine(pool, worker->order.fixtures[0], "it does not become idle");
    if (worth_another_try(pool, index, frame)) {
        pool->items[index].tries++;
        pool->items[index].state = CF_ITEM_POSTPONED;
        return;
    }
    if (payload[0] == '{')
        cf_pool_record(pool, index, (enum cf_verdict)frame->verdict, payload, frame->payload_len);
    else
        cf_pool_synthesise(pool, index, CF_ERROR, NULL, "%s", payload);
}

static void baseline_came_back(struct cf_pool_run *pool, const struct cf_frame *frame,
                               const char *payload)
{
    struct cf_lease *lease = &pool->leases[frame->index];
    lease->taken = false;
    if (frame->verdict == CF_OK)
        lease->baseline = strdup(payload);
    else if (pool->failed == CF_OK)
        pool->failed = cf_err_set(pool->err, CF_ENET, "%s", payload);
}

static void restore_came_back(struct cf_pool_run *pool, const struct cf_frame *frame,
                              const char *payload)
{
    struct cf_lease *lease = &pool->leases[frame->index];
    lease->taken = false;
    lease->dirty = false;
    if (frame->verdict == CF_OK)
        return;
    pool->out->not_restored++;
    cf_pool_tell(pool, CF_EVENT_TROUBLE, "CVM %s could not be put back as it was: %s",
                 pool->profile->fixtures[frame->index].id, payload);
}

static void end_order(struct cf_pool_run *pool, struct cf_worker *worker)
{
    worker->busy = false;
    if (worker->order.type == CF_ORDER_CASES)
        cf_pool_give_back(pool, cf_pool_case(pool, worker->order.items[0]), worker->order.fixtures);
}

static void handle_frame(struct cf_pool_run *pool, struct cf_worker *worker,
                         const struct cf_frame *frame, const char *payload)
{
    worker->requests = frame->requests;
    switch ((enum cf_order_type)frame->type) {
    case CF_ORDER_CASES:
        case_came_back(pool, worker, frame, payload);
        if (worker->reported == worker->order.count)
            end_order(pool, worker);
        return;
    case CF_ORDER_PREFLIGHT:
        if (frame->verdict != CF_OK)
            pool->failed = cf_err_set(pool->err, CF_ENET, "%s", payload);
        break;
    case CF_ORDER_BASELINE:
        baseline_came_back(pool, frame, payload);
        break;
    case CF_ORDER_RESTORE:
        restore_came_back(pool, frame, payload);
        break;
    }
    end_order(pool, worker);
}

/* Take whole frames out of the worker's buffer. */
static void handle_input(struct cf_pool_run *pool, struct cf_worker *worker)
{
    size_t at = 0;
    struct cf_frame frame;
    while (worker->in.len - at >= sizeof(frame)) {
        memcpy(&frame, worker->in.data + at, sizeof(frame));
        if (worker->in.len - at - sizeof(frame) < frame.payload_len)
            break;
        char *payload = strndup(worker->in.data + at + sizeof(frame), frame.payload_len);
        at += sizeof(frame) + frame.payload_len;
        if (payload)
            handle_frame(pool, worker, &frame, payload);
        free(payload);
    }
    if (at > 0) {
        memmove(worker->in.data, worker->in.data + at, worker->in.len - at);
        worker->in.len -= at;
        worker->in.data[worker->in.len] = '\0';
    }
}

static void lost_cases(struct cf_pool_run *pool, struct cf_worker *worker, const char *how)
{
    const struct cf_order *order = &worker->order;
    const char *fixture = cf_pool_case(pool, order->items[0])->role_count > 0
                              ? pool->profile->fixtures[order->fixtures[0]].id
                              : NULL;
    for (size_t i = worker->reported; i < order->count; i++) {
        size_t index = order->items[i];
        pool->running--;
        if (i > worker->reported) {
            pool->items[index].state = CF_ITEM_PENDING;
            pool->next = index < pool->next ? index : pool->next;
        } else {
            cf_pool_synthesise(pool, index, CF_ERROR, fixture,
                               "the tester's process that ran this case ended by %s", how);
        }
    }
}

/* A worker is gone: settle what it was doing. */
static void lost_worker(struct cf_pool_run *pool, struct cf_worker *worker, const char *how)
{
    struct cf_frame frame = {
        .type = worker->order.type, .index = worker->order.items[0], .verdict = CF_EIO};
    char text[200];
    pool->out->requests += worker->requests;
    pool->out->worker_faults++;
    if (!worker->busy)
        return;
    (void)snprintf(text, sizeof(text), "the tester's process ended by %s", how);
    if (worker->order.type == CF_ORDER_CASES) {
        lost_cases(pool, worker, how);
        end_order(pool, worker);
    } else {
        handle_frame(pool, worker, &frame, text);
    }
}

static void read_worker(struct cf_pool_run *pool, struct cf_worker *worker)
{
    char piece[65536];
    char how[100];
    ssize_t got = read(worker->fd, piece, sizeof(piece));
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got > 0) {
        cf_buf_append(&worker->in, piece, (size_t)got);
        handle_input(pool, worker);
        if (worker->in.code == CF_OK)
            return;
        (void)kill(worker->pid, SIGKILL); /* a record over every limit: the worker is broken */
    }
    bool was_busy = worker->busy;
    (void)cf_worker_reap(worker, 1000, how, sizeof(how));
    worker->busy = was_busy;
    lost_worker(pool, worker, how);
    worker->busy = false;
}

static void kill_overdue(struct cf_pool_run *pool)
{
    double now = cf_clock_ms();
    for (size_t i = 0; i < pool->worker_count; i++) {
        struct cf_worker *worker = &pool->workers[i];
        char how[160];
        if (!worker->busy || worker->deadline_ms > now)
            continue;
        (void)kill(worker->pid, SIGKILL);
        (void)cf_worker_reap(worker, 1000, how, sizeof(how));
        (void)snprintf(how, sizeof(how), "the time limit of %.0f ms", pool->case_limit_ms);
        worker->busy = true;
        lost_worker(pool, worker, how);
        worker->busy = false;
    }
}

/* ---- the loop ---- */

static bool any_busy(const struct cf_pool_run *pool)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].busy)
            return true;
    }
    return false;
}

/* First signal: give up what runs, put the CVMs back. Second: only leave. */
static void handle_signal(struct cf_pool_run *pool)
{
    int number;
    while ((number = cf_pool_next_signal()) != 0) {
        bool again = pool->out->signal != 0;
        pool->out->signal = number;
        pool->stopping = true;
        if (again && pool->failed == CF_OK)
            pool->failed = cf_err_set(pool->err, CF_ESTOPPED, "interrupted twice");
        for (size_t i = 0; i < pool->worker_count; i++) {
            struct cf_worker *worker = &pool->workers[i];
            char how[100];
            if (!worker->busy || (worker->order.type == CF_ORDER_RESTORE && !again))
                continue;
            (void)kill(worker->pid, SIGKILL);
            (void)cf_worker_reap(worker, 1000, how, sizeof(how));
            pool->out->requests += worker->requests;
            if (worker->order.type == CF_ORDER_CASES) {
                pool->running -= worker->order.count - worker->reported;
                end_order(pool, worker);
            } else {
                pool->leases[worker->order.items[0]].taken = false;
            }
        }
    }
}

static int poll_timeout(const struct cf_pool_run *pool)
{
    double nearest = 1000;
    double now = cf_clock_ms();
    for (size_t i = 0; i < pool->worker_count; i++) {
        const struct cf_worker *worker = &pool->workers[i];
        if (worker->busy && worker->deadline_ms - now < nearest)
            nearest = worker->deadline_ms - now;
    }
    return nearest < 0 ? 0 : (int)nearest + 1;
}

static void wait_for_events(struct cf_pool_run *pool, struct pollfd *fds)
{
    size_t count = 0;
    fds[count++] = (struct pollfd){cf_pool_signal_fd(), POLLIN, 0};
    for (size_t i = 0; i < pool->worker_count; i++)
        fds[count++] =
            (struct pollfd){pool->workers[i].pid > 0 ? pool->workers[i].fd : -1, POLLIN, 0};
    if (poll(fds, (nfds_t)count, poll_timeout(pool)) < 0)
        return;
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (fds[i + 1].revents && pool->workers[i].pid > 0)
            read_worker(pool, &pool->workers[i]);
    }
    if (fds[0].revents)
        handle_signal(pool);
    kill_overdue(pool);
}

/* Cases that can get no fixture any more end here, so that every case has a record. */
static void give_up_unleasable(struct cf_pool_run *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        enum cf_item_state state = pool->items[i].state;
        if ((state == CF_ITEM_PENDING || state == CF_ITEM_POSTPONED) &&
            !cf_pool_can_lease(pool, cf_pool_case(pool, i)))
            cf_pool_synthesise(pool, i, CF_INCONCLUSIVE, NULL,
                               "no CVM of the kind it needs is usable any more");
    }
}

static void run_phase(struct cf_pool_run *pool, enum cf_phase phase, struct pollfd *fds)
{
    pool->phase = phase;
    for (;;) {
        if (phase == CF_PHASE_CASES && pool->out->quarantined > 0 && !pool->stopping)
            give_up_unleasable(pool);
        dispatch(pool);
        if (!any_busy(pool))
            return;
        cf_pool_tell(pool, CF_EVENT_PROGRESS, "%s", "");
        wait_for_events(pool, fds);
    }
}

/* ---- beginning and end ---- */

static size_t default_jobs(const struct cf_pool_run *pool)
{
    size_t exclusive = 0;
    for (size_t i = 0; i < pool->profile->fixture_count; i++)
        exclusive += pool->profile->fixtures[i].exclusive && cf_pool_uses(pool, i);
    size_t jobs = exclusive < CF_JOBS_DEFAULT_MAX ? exclusive : CF_JOBS_DEFAULT_MAX;
    return jobs < 1 ? 1 : jobs;
}

static void record_unrunnable(struct cf_pool_run *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        const struct cf_plan_item *item = &pool->plan->items[i];
        if (item->verdict != CF_PASS)
            cf_pool_synthesise(pool, i, item->verdict, NULL, "%s", item->reason);
    }
}

static void end_workers(struct cf_pool_run *pool)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].pid > 0)
            (void)shutdown(pool->workers[i].fd, SHUT_WR);
    }
    for (size_t i = 0; i < pool->worker_count; i++) {
        struct cf_worker *worker = &pool->workers[i];
        char how[100];
        if (worker->pid > 0) {
            pool->out->requests += worker->requests;
            if (!cf_worker_reap(worker, END_LIMIT_MS, how, sizeof(how))) {
                pool->out->worker_faults++;
                cf_pool_tell(pool, CF_EVENT_TROUBLE, "a process of the tester ended by %s", how);
            }
        }
        cf_buf_release(&worker->in);
    }
}

static bool anything_to_run(const struct cf_pool_run *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        if (pool->plan->items[i].verdict == CF_PASS)
            return true;
    }
    return false;
}

static void run_phases(struct cf_pool_run *pool, struct pollfd *fds)
{
    if (anything_to_run(pool) && !pool->options->throw_away) {
        run_phase(pool, CF_PHASE_BASELINES, fds);
        if (pool->failed == CF_OK && !pool->stopping)
            run_phase(pool, CF_PHASE_PREFLIGHT, fds);
    }
    if (pool->failed == CF_OK) {
        record_unrunnable(pool);
        if (!pool->stopping)
            run_phase(pool, CF_PHASE_CASES, fds);
        cf_pool_release_held(pool);
    }
    double start = cf_clock_ms();
    if (!pool->options->throw_away && (pool->failed == CF_OK || pool->failed == CF_ENET)) {
        enum cf_code failed = pool->failed;
        pool->failed = CF_OK;
        run_phase(pool, CF_PHASE_RESTORE, fds);
        pool->failed = pool->failed == CF_OK ? failed : pool->failed;
    }
    pool->out->restore_ms = cf_clock_ms() - start;
}

enum cf_code cf_pool_run(const struct cf_pool_options *options, struct cf_pool_outcome *out,
                         struct cf_err *err)
{
    struct sigaction old[3];
    const struct cf_profile *profile = options->worker.base.profile;
    struct cf_pool_run pool = {
        .options = options,
        .plan = options->worker.plan,
        .profile = profile,
        .out = out,
        .err = err,
        .case_limit_ms =
            10.0 * (double)(profile->settle_timeout_ms + profile->request_timeout_ms) + 5000};
    *out = (struct cf_pool_outcome){0};
    pool.worker_count = options->jobs > 0 ? (size_t)options->jobs : default_jobs(&pool);
    pool.items = calloc(pool.plan->count + 1, sizeof(*pool.items));
    pool.leases = calloc(profile->fixture_count + 1, sizeof(*pool.leases));
    pool.workers = calloc(pool.worker_count, sizeof(*pool.workers));
    struct pollfd *fds = calloc(pool.worker_count + 1, sizeof(*fds));
    if (!pool.items || !pool.leases || !pool.workers || !fds) {
        pool.failed = cf_err_nomem(err);
    } else if (!cf_pool_signals_begin(old)) {
        pool.failed = cf_err_errno(err, errno, "cannot make a pipe");
    } else {
        run_phases(&pool, fds);
        end_workers(&pool);
        cf_pool_signals_end(old, out->signal != 0);
    }
    for (size_t i = 0; pool.leases && i < profile->fixture_count; i++)
        free(pool.leases[i].baseline);
    free(pool.items);
    free(pool.leases);
    free(pool.workers);
    free(fds);
    return pool.failed;
}
