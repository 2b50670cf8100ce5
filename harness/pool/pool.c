#include "harness/pool/pool.h"
#include "harness/base/child.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/pool/frames.h"
#include "harness/pool/gone.h"
#include "harness/pool/leases.h"
#include "harness/pool/longest.h"
#include "harness/pool/orders.h"
#include "harness/pool/processes.h"
#include "harness/pool/records.h"
#include "harness/pool/refusals.h"
#include "harness/pool/sharing.h"
#include "harness/pool/signals.h"
#include "harness/pool/suspects.h"
#include "harness/pool/turns.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>

enum {
    END_LIMIT_MS = 10000,
    SAME_SIGNAL_MS = 200,
    JOBS_MAX = 16,
    JOBS_SLOW_MAX = 64,
    SLOW_MS = 1000
};

/* ---- the loop ---- */

/* What a worker has read of a fixture is good only as long as no other has it. */
static void note_last(struct cf_pool_state *pool, struct cf_order *order)
{
    bool cases = order->type == CF_ORDER_CASES;
    size_t roles = cases ? cf_pool_case(pool, order->items[0])->role_count : 0;
    for (size_t r = 0; r < roles; r++) {
        struct cf_lease *lease = &pool->leases[order->fixtures[r]];
        bool same = lease->last == pool->asking + 1;
        order->another |= same ? 0 : 1u << r;
        lease->last = pool->asking + 1;
    }
    if (!cases)
        pool->leases[order->items[0]].last = 0;
}

/* Those first that have a fixture at hand: others would take it from them, and read it anew. */
static void dispatch(struct cf_pool_state *pool)
{
    for (size_t turn = 0; turn < 2 * pool->worker_count; turn++) {
        size_t i = turn % pool->worker_count;
        bool early = turn < pool->worker_count;
        struct cf_worker *worker = &pool->workers[i];
        struct cf_order order;
        pool->asking = i;
        if (worker->busy || (early && !cf_lease_near(pool, NULL)) || !cf_order_next(pool, &order))
            continue;
        if (worker->pid == 0 && !cf_process_start(pool, worker)) {
            pool->failed = cf_err_errno(pool->err, errno, "cannot start a worker");
            return;
        }
        worker->deadline_ms = cf_clock_ms() + pool->case_limit_ms;
        note_last(pool, &order);
        cf_process_order(worker, &order, cf_order_payload(pool, &order));
        cf_turns_begin(pool, worker);
    }
}

/* First signal: give up what runs, put the CVMs back. Second: only leave. A pair is one: timeout(1)
 * sends to the program and to its group. */
static void handle_signal(struct cf_pool_state *pool)
{
    int number;
    double now = cf_clock_ms();
    while ((number = cf_signals_next()) != 0) {
        bool again = pool->out->signal != 0;
        if (again && number == pool->out->signal && now - pool->signal_ms < SAME_SIGNAL_MS)
            continue;
        pool->out->signal = number;
        pool->signal_ms = now;
        pool->stopping = true;
        if (again && pool->failed == CF_OK)
            pool->failed = cf_err_set(pool->err, CF_ESTOPPED, "interrupted twice");
        for (size_t i = 0; i < pool->worker_count; i++) {
            struct cf_worker *worker = &pool->workers[i];
            if (worker->busy && (worker->order.type != CF_ORDER_RESTORE || again))
                cf_frames_lose(pool, worker, CF_LOSS_INTERRUPTED);
        }
    }
}

static void kill_overdue(struct cf_pool_state *pool)
{
    double now = cf_clock_ms();
    for (size_t i = 0; i < pool->worker_count; i++) {
        struct cf_worker *worker = &pool->workers[i];
        if (worker->busy && worker->deadline_ms <= now)
            cf_frames_lose(pool, worker, CF_LOSS_OVERDUE);
    }
}

static int poll_timeout(const struct cf_pool_state *pool)
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

static void wait_for_events(struct cf_pool_state *pool, struct pollfd *fds)
{
    size_t count = 0;
    fds[count++] = (struct pollfd){cf_signals_fd(), POLLIN, 0};
    /* Only what is open: poll() refuses more places than the process may have files. */
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].pid > 0)
            fds[count++] = (struct pollfd){pool->workers[i].fd, POLLIN, 0};
    }
    if (poll(fds, (nfds_t)count, poll_timeout(pool)) < 0)
        return;
    size_t at = 1;
    for (size_t i = 0; i < pool->worker_count && at < count; i++) {
        struct cf_worker *worker = &pool->workers[i];
        if (worker->pid > 0 && worker->fd == fds[at].fd && fds[at++].revents)
            cf_frames_read(pool, worker);
    }
    if (fds[0].revents)
        handle_signal(pool);
    kill_overdue(pool);
}

static const char NO_FIXTURE[] = "no CVM of the kind it needs is usable any more";

/* Cases that can get no fixture any more end here, so that every case has a record. */
static void give_up_unleasable(struct cf_pool_state *pool)
{
    const char *example = pool->refusals.example;
    for (size_t i = 0; i < pool->plan->count; i++) {
        enum cf_item_state state = pool->items[i].state;
        if ((state == CF_ITEM_PENDING || state == CF_ITEM_SHARING || state == CF_ITEM_POSTPONED) &&
            !cf_lease_possible(pool, cf_pool_case(pool, i)))
            cf_pool_synthesise(pool, i, CF_INCONCLUSIVE, NULL, "%s%s%.300s", NO_FIXTURE,
                               example ? ", locked by a refusal as the one in " : "",
                               example ? example : "");
    }
}

static void stop_in_time(struct cf_pool_state *pool)
{
    double until = pool->options->until_ms;
    if (pool->stopping || until <= 0 || cf_clock_ms() < until)
        return;
    pool->stopping = true;
    pool->out->stopped = true;
}

/* Nothing that the preflight could still find keeps the cases from beginning beside it. */
static bool may_go_on(const struct cf_pool_state *pool)
{
    return pool->fits && !pool->options->look_only;
}

static void run_phase(struct cf_pool_state *pool, enum cf_phase phase, struct pollfd *fds)
{
    pool->phase = phase;
    for (;;) {
        if (phase == CF_PHASE_CASES)
            stop_in_time(pool);
        if (phase == CF_PHASE_CASES && pool->out->quarantined > 0 && !pool->stopping)
            give_up_unleasable(pool);
        dispatch(pool);
        bool waits = phase == CF_PHASE_CASES && !pool->stopping && cf_turns_any_wait(pool);
        if ((!cf_order_any(pool) && !waits) || (phase == CF_PHASE_PREFLIGHT && may_go_on(pool)))
            return;
        cf_turns_go_on(pool);
        cf_pool_tell(pool, CF_EVENT_PROGRESS, "%s", "");
        wait_for_events(pool, fds);
    }
}

/* ---- beginning and end ---- */

/* What puts the IUT out of order waits for others (turns.h); what is decided over all
 * records, until they are all there. */
static void set_aside(struct cf_pool_state *pool)
{
    const struct cf_engine *engine = pool->options->worker.base.engine;
    for (size_t i = 0; i < pool->plan->count; i++) {
        if (pool->items[i].has_fault)
            pool->items[i].state = CF_ITEM_POSTPONED;
        if (pool->plan->items[i].verdict != CF_PASS ||
            !cf_distinct_decides(engine, cf_pool_case(pool, i)))
            continue;
        pool->items[i].state = CF_ITEM_LAST;
        pool->has_last = true;
    }
}

int cf_pool_jobs_max(const struct cf_profile *profile)
{
    return profile->operation_ms < SLOW_MS ? JOBS_MAX : JOBS_SLOW_MAX;
}

/* What may be taken as well shares a look where it is known to be refused elsewhere: one that is
 * taken in the middle of a row leaves those before it without theirs. */
static void note_as_found(struct cf_pool_state *pool)
{
    const struct cf_engine *engine = pool->options->worker.base.engine;
    const unsigned *operations = pool->options->operations;
    for (size_t i = 0; engine->ends_as_found && i < pool->plan->count; i++) {
        struct cf_item *item = &pool->items[i];
        unsigned looks = engine->ends_as_found(pool->plan->items[i].one, &item->if_refused);
        bool shares = !item->if_refused || (operations && operations[i] == 0);
        item->looks_at_end = shares ? looks : 0;
    }
}

static size_t default_jobs(const struct cf_pool_state *pool)
{
    size_t exclusive = 0;
    for (size_t i = 0; i < pool->profile->fixture_count; i++)
        exclusive += pool->profile->fixtures[i].kind->exclusive &&
                     (cf_lease_wanted(pool, i) || pool->leases[i].snapshot);
    size_t most = (size_t)cf_pool_jobs_max(pool->profile);
    size_t jobs = exclusive < most ? exclusive : most;
    return jobs < 1 ? 1 : jobs;
}

static void leave_out_finished(struct cf_pool_state *pool)
{
    for (size_t i = 0; pool->options->finished && i < pool->plan->count; i++) {
        if (pool->options->finished[i] < 0)
            continue;
        pool->items[i].state = CF_ITEM_DONE;
        pool->items[i].verdict = (enum cf_verdict)pool->options->finished[i];
        pool->done++;
    }
}

static void record_unrunnable(struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        const struct cf_plan_item *item = &pool->plan->items[i];
        if (item->verdict != CF_PASS && pool->items[i].state != CF_ITEM_DONE)
            cf_pool_synthesise(pool, i, item->verdict, NULL, "%s", item->reason);
    }
}

static void end_workers(struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->worker_count; i++) {
        if (pool->workers[i].pid > 0)
            shutdown(pool->workers[i].fd, SHUT_WR);
    }
    for (size_t i = 0; i < pool->worker_count; i++) {
        struct cf_worker *worker = &pool->workers[i];
        char how[100];
        if (worker->pid > 0) {
            pool->out->requests += worker->requests;
            if (!cf_process_reap(worker, END_LIMIT_MS, how, sizeof(how))) {
                pool->out->worker_faults++;
                cf_pool_tell(pool, CF_EVENT_TROUBLE, "a process of the tester ended by %s", how);
            }
        }
        cf_buf_release(&worker->in);
        free(worker->record);
    }
}

static bool anything_to_run(const struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->plan->count; i++) {
        if (pool->plan->items[i].verdict == CF_PASS && pool->items[i].state != CF_ITEM_DONE)
            return true;
    }
    return false;
}

static void take_given_snapshots(struct cf_pool_state *pool)
{
    for (size_t i = 0; pool->options->snapshots && i < pool->profile->fixture_count; i++) {
        pool->leases[i].snapshot = cf_strdup(pool->options->snapshots[i]);
        pool->leases[i].dirty = pool->leases[i].snapshot != NULL;
        /* Nobody knows what else the earlier run left. */
        pool->fault_left = pool->fault_left || pool->leases[i].dirty;
    }
}

static void keep_snapshots(struct cf_pool_state *pool)
{
    const struct cf_pool_options *options = pool->options;
    if (pool->failed != CF_OK || pool->stopping || !options->before_changes)
        return;
    const char **snapshots = cf_alloc_array(pool->profile->fixture_count + 1, sizeof(*snapshots));
    for (size_t i = 0; i < pool->profile->fixture_count; i++)
        snapshots[i] = pool->leases[i].snapshot;
    pool->failed = options->before_changes(options->context, snapshots, pool->err);
    free(snapshots);
}

/* Those that nobody changed are as they were. */
static void tell_untouched(struct cf_pool_state *pool)
{
    for (size_t i = 0; i < pool->profile->fixture_count; i++) {
        const struct cf_lease *lease = &pool->leases[i];
        if (lease->snapshot && !lease->dirty && !lease->told)
            cf_pool_put_back(pool, i, "{}", "");
    }
}

static void look_first(struct cf_pool_state *pool, struct pollfd *fds)
{
    double start = cf_clock_ms();
    run_phase(pool, CF_PHASE_PREFLIGHT, fds);
    if (pool->failed == CF_OK && pool->preflight_sent && !pool->stopping && !cf_order_any(pool))
        pool->out->operation_ms = cf_clock_ms() - start;
}

static void tell_restoring(struct cf_pool_state *pool)
{
    struct cf_pool_event event = {
        .kind = CF_EVENT_RESTORING, .done = pool->done, .total = pool->plan->count};
    for (size_t i = 0; i < pool->profile->fixture_count; i++)
        event.index += pool->leases[i].dirty && pool->leases[i].snapshot;
    if (event.index > 0 && pool->options->event)
        pool->options->event(pool->options->context, &event);
}

static void run_phases(struct cf_pool_state *pool, struct pollfd *fds)
{
    if (anything_to_run(pool) && !pool->options->throw_away) {
        run_phase(pool, CF_PHASE_SNAPSHOTS, fds);
        keep_snapshots(pool);
        if (pool->failed == CF_OK && !pool->stopping && !pool->options->known)
            look_first(pool, fds);
    }
    if (pool->failed == CF_OK && !pool->options->look_only) {
        record_unrunnable(pool);
        if (!pool->stopping)
            run_phase(pool, CF_PHASE_CASES, fds);
        cf_suspects_clear_all(pool);
        cf_pool_gone_conclude(pool);
        cf_pool_release_held(pool);
        cf_pool_decide_last(pool);
    }
    double start = cf_clock_ms();
    if (!pool->options->throw_away && (pool->failed == CF_OK || pool->failed == CF_ENET)) {
        enum cf_code failed = pool->failed;
        pool->failed = CF_OK;
        tell_restoring(pool);
        run_phase(pool, CF_PHASE_RESTORE, fds);
        cf_pool_gone_name_left(pool);
        pool->failed = pool->failed == CF_OK ? failed : pool->failed;
    }
    tell_untouched(pool);
    pool->out->restore_ms = cf_clock_ms() - start;
}

enum cf_code cf_pool_run(const struct cf_pool_options *options, struct cf_pool_outcome *out,
                         struct cf_err *err)
{
    struct cf_signals before;
    struct cf_children others;
    const struct cf_profile *profile = options->worker.base.profile;
    struct cf_pool_state pool = {
        .options = options,
        .plan = options->worker.plan,
        .profile = profile,
        .out = out,
        .err = err,
        .case_limit_ms =
            10.0 * (double)(profile->settle_timeout_ms + profile->request_timeout_ms) + 5000};
    *out = (struct cf_pool_outcome){0};
    pool.items = cf_alloc_array(pool.plan->count + 1, sizeof(*pool.items));
    pool.leases = cf_alloc_array(profile->fixture_count + 1, sizeof(*pool.leases));
    note_as_found(&pool);
    take_given_snapshots(&pool);
    if (options->distinct)
        pool.distinct = *options->distinct;
    pool.distinct.engine = options->worker.base.engine;
    cf_turns_find(&pool);
    set_aside(&pool);
    leave_out_finished(&pool);
    cf_sharing_begin(&pool);
    cf_longest_find(&pool);
    pool.worker_count = options->jobs > 0 ? (size_t)options->jobs : default_jobs(&pool);
    pool.workers = cf_alloc_array(pool.worker_count, sizeof(*pool.workers));
    struct pollfd *fds = cf_alloc_array(pool.worker_count + 1, sizeof(*fds));
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* keepers of hooks outlive a worker that was killed */
    cf_children_list(&others);
    if (!cf_signals_begin(&before)) {
        pool.failed = cf_err_errno(err, errno, "cannot make a pipe");
    } else {
        run_phases(&pool, fds);
        end_workers(&pool);
        cf_children_kill_others(&others, END_LIMIT_MS);
        cf_signals_end(&before, out->signal != 0);
    }
    for (size_t i = 0; i < profile->fixture_count; i++)
        free(pool.leases[i].snapshot);
    cf_distinct_release(&pool.distinct);
    if (options->distinct)
        *options->distinct = pool.distinct;
    cf_refusals_release(&pool.refusals);
    cf_intern_release(&pool.harmless);
    free(pool.longest);
    free(pool.gone_reason);
    cf_buf_release(&pool.gone_requests);
    free(pool.items);
    free(pool.leases);
    free(pool.workers);
    free(fds);
    return pool.failed;
}
