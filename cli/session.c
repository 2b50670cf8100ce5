#include "cli/session.h"
#include "cli/base/command.h"
#include "cli/base/duration.h"
#include "cli/conclusion.h"
#include "cli/exchanges.h"
#include "cli/leftovers.h"
#include "cli/put_back.h"
#include "harness/base/clock.h"
#include "harness/base/ending.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LATE_MS = 3000 };

/* ---- while it runs ---- */

static void show_exchanges(const struct cf_pool_event *event)
{
    struct cf_buf text = {0};
    cf_exchanges_put(&text, event->line, event->line_len);
    fputs(cf_buf_text(&text), stderr);
    cf_buf_release(&text);
}

static void keep_record(struct cf_session *s, const struct cf_pool_event *event)
{
    const struct cf_plan_item *item = &s->plan->items[event->index];
    bool good = s->folder.trouble.code == CF_OK;
    cf_out_folder_keep(&s->folder, event->line, event->line_len);
    if (s->options->costs)
        s->progress.spent +=
            cf_price_of(&s->options->price, &s->options->costs->of[item->one->index]);
    s->progress.failed += event->verdict == CF_FAIL || event->verdict == CF_ERROR;
    if (good && s->folder.trouble.code != CF_OK) {
        cf_progress_clear(&s->progress);
        cf_complain("%s", s->folder.trouble.text);
    }
    if (s->options->verbose) {
        cf_progress_clear(&s->progress);
        fprintf(stderr, "%-14s %s\n", cf_verdict_name(event->verdict), item->one->id);
    }
    if (s->options->exchanges)
        show_exchanges(event);
}

static void note_put_back(struct cf_session *s, const struct cf_pool_event *event)
{
    size_t before = s->left.count;
    cf_put_back_note(&s->snapshots, &s->target->profile, event, &s->left);
    cf_progress_clear(&s->progress);
    for (size_t i = before; i < s->left.count; i++)
        cf_complain("%s", s->left.items[i]);
}

enum { WORTH_A_LINE_MS = 60000 }; /* in a log, which has one a minute anyway */

/* It may take minutes, in which nothing else is said. */
static void tell_restoring(struct cf_session *s, size_t count)
{
    struct cf_buf text = {0};
    long most_ms = s->target->profile.settle_timeout_ms;
    if (s->options->quiet || (!s->progress.terminal && most_ms < WORTH_A_LINE_MS))
        return;
    cf_progress_clear(&s->progress);
    cf_buf_printf(&text, "putting back %zu CVM%s; what runs on one is waited for, at most ", count,
                  count == 1 ? "" : "s");
    cf_duration_put(&text, (double)most_ms);
    fprintf(stderr, "%s each (pixit.timing.settle_timeout_ms)\n", cf_buf_text(&text));
    cf_buf_release(&text);
}

/* The reference implementation's CVMs end with it. */
static enum cf_code keep_snapshots(void *context, const char *const *texts, struct cf_err *err)
{
    struct cf_session *s = context;
    if (s->target->reference > 0)
        return CF_OK;
    cf_snapshots_release(&s->snapshots);
    enum cf_code code = cf_snapshots_make(&s->snapshots, &s->target->profile, texts, err);
    if (code == CF_OK)
        code = cf_snapshots_write(&s->snapshots, s->folder.path, err);
    if (code != CF_OK)
        cf_err_prefix(err, "what the CVMs are like could not be kept, so nothing was changed");
    /* Of two that begin at the same moment each has told the other of itself by now. */
    return code == CF_OK ? cf_at_once_take(&s->at_once, &s->target->profile, &s->snapshots,
                                           s->folder.path, err)
                         : code;
}

/* ---- where it is ---- */

/* What --resume would be told of this run. */
static void describe(const struct cf_session *s, struct cf_resume *out)
{
    char *directory = realpath(".", NULL);
    *out = (struct cf_resume){
        .directory = cf_strdup(directory ? directory : "."),
        .suite_version = cf_strdup(CF_VERSION),
        .catalogue_sha256 = cf_strdup(s->target->catalogue.sha256),
        .plan_sha256 = cf_strdup(s->plan->sha256),
        .profile_sha256 = cf_strdup(s->target->reference > 0 ? NULL : s->target->profile.sha256),
        .started_at = cf_strdup(s->started_at)};
    cf_list_add_all(&out->words, &s->options->words);
    free(directory);
}

static enum cf_code say_what_was_asked(const struct cf_session *s, struct cf_err *err)
{
    struct cf_resume now;
    describe(s, &now);
    enum cf_code code = cf_resume_write(&now, s->folder.path, err);
    cf_resume_release(&now);
    return code;
}

/* Somebody may have taken our folder away: what a killed run is to be put back with, and gone on
 * with, is written again. */
static void stay(struct cf_session *s)
{
    struct cf_err err = {0};
    if (!cf_out_folder_stay(&s->folder, &err))
        return;
    cf_progress_clear(&s->progress);
    cf_complain("%s", err.text);
    if ((s->snapshots.count > 0 &&
         cf_snapshots_write(&s->snapshots, s->folder.path, &err) != CF_OK) ||
        say_what_was_asked(s, &err) != CF_OK)
        cf_complain("%s", err.text);
}

static void on_event(void *context, const struct cf_pool_event *event)
{
    struct cf_session *s = context;
    stay(s);
    if (event->kind == CF_EVENT_RECORD)
        keep_record(s, event);
    if (event->kind == CF_EVENT_TROUBLE) {
        cf_progress_clear(&s->progress);
        cf_complain("%s", event->text);
    }
    if (event->kind == CF_EVENT_RESTORING)
        tell_restoring(s, event->index);
    if (event->kind == CF_EVENT_PUT_BACK)
        note_put_back(s, event);
    cf_progress_update(&s->progress, event->done, event->total, event->running);
}

/* The forked worker must not keep the reference alive, nor write our file. */
static void in_child(void *context)
{
    struct cf_session *s = context;
    cf_out_folder_leave(&s->folder);
    cf_at_once_leave(&s->at_once);
    if (s->target->reference > 0)
        close(s->target->stop_fd);
}

/* ---- CVMs that are not as they were ---- */

/* As the profile's fixtures; for the caller to free. */
static const char **given_snapshots(const struct cf_session *s)
{
    const struct cf_profile *profile = &s->target->profile;
    const char **given = cf_alloc_array(profile->fixture_count + 1, sizeof(*given));
    for (size_t i = 0; i < profile->fixture_count; i++)
        given[i] = cf_snapshots_text(&s->snapshots, profile->fixtures[i].id);
    return given;
}

static void keep_what_is_left(struct cf_session *s)
{
    struct cf_err err = {0};
    stay(s);
    if (cf_snapshots_write(&s->snapshots, s->folder.path, &err) != CF_OK)
        cf_complain("%s", err.text);
    if (s->snapshots.count > 0)
        cf_complain("%zu CVMs are not as they were; cvm-conformance restore %s puts them back",
                    s->snapshots.count, s->folder.path);
}

/* ---- the whole ---- */

static struct cf_pool_options pool_options(struct cf_session *s)
{
    struct cf_pool_options options = {.worker = {.base = {.engine = s->target->engine,
                                                          .profile = &s->target->profile,
                                                          .seed = s->filter->seed},
                                                 .plan = s->plan,
                                                 .late_ms = LATE_MS,
                                                 .transcripts = true,
                                                 .bodies = s->options->keep_bodies,
                                                 .shared = s->options->keep_shared},
                                      .jobs = s->options->jobs,
                                      .fail_fast = s->options->fail_fast,
                                      .fail_level = s->options->fail_on,
                                      .known = s->looked || s->options->no_operations,
                                      .event = on_event,
                                      .context = s,
                                      .in_child = in_child,
                                      .before_changes = keep_snapshots};
    if (s->options->rate > 0)
        options.worker.rate_interval_ms =
            1000.0 * (options.jobs > 0 ? options.jobs : cf_pool_jobs_max(&s->target->profile)) /
            s->options->rate;
    return options;
}

/* How long an operation takes, and the plan that follows from it. */
static enum cf_code choose_plan(struct cf_session *s, struct cf_err *err)
{
    const struct cf_session_options *o = s->options;
    double start = cf_clock_ms();
    struct cf_pool_options options = pool_options(s);
    const char **given = given_snapshots(s);
    options.snapshots = given;
    options.look_only = true;
    cf_progress_init(&s->progress, false);
    enum cf_code code = cf_pool_run(&options, &s->outcome, err);
    free(given);
    keep_what_is_left(s);
    s->looked = code == CF_OK;
    if (code != CF_OK || s->outcome.signal != 0)
        return code;
    return o->choose(o->choose_context, s->outcome.operation_ms, cf_clock_ms() - start, &s->plan,
                     err);
}

/* As the plan's items; NULL where they are to run in its order: so that the first failure comes
 * early, or because that order is random. */
static unsigned *known_operations(const struct cf_session *s)
{
    const struct cf_costs *costs = s->options->costs;
    if (!costs || s->options->fail_fast || s->filter->shuffle)
        return NULL;
    unsigned *operations = cf_alloc_array(s->plan->count + 1, sizeof(*operations));
    for (size_t i = 0; i < s->plan->count; i++)
        operations[i] = costs->of[s->plan->items[i].one->index].operations;
    return operations;
}

static int run_plan(struct cf_session *s)
{
    struct cf_err err = {0};
    unsigned *operations = known_operations(s);
    unsigned long before = s->outcome.operations;
    struct cf_pool_options options = pool_options(s);
    const char **given = given_snapshots(s);
    options.snapshots = given;
    options.finished = s->finished;
    options.distinct = &s->distinct;
    options.operations = operations;
    cf_progress_init(&s->progress, !s->options->quiet);
    s->progress.price = s->options->price.whole;
    if (!s->options->quiet)
        cf_price_tell(&s->options->price, s->options->bought, s->progress.terminal);
    enum cf_code code = cf_pool_run(&options, &s->outcome, &err);
    cf_ending_ignore(); /* nothing is left to give up, and a report is whole or worth nothing */
    s->outcome.operations += before;
    free(given);
    free(operations);
    cf_progress_clear(&s->progress);
    keep_what_is_left(s);
    if (code != CF_OK && s->outcome.signal == 0)
        return cf_conclude_unstarted(s, err.text);
    return cf_conclude(s);
}

/* A run that is gone on with began when it began. */
static void begin(struct cf_session *s)
{
    if (s->options->resume)
        snprintf(s->started_at, sizeof(s->started_at), "%s", s->options->resume->started_at);
    else
        cf_clock_timestamp(s->started_at);
}

/* Before anything is sent. */
static enum cf_code check_resumed(const struct cf_session *s, struct cf_err *err)
{
    struct cf_resume now;
    if (!s->options->resume)
        return CF_OK;
    describe(s, &now);
    enum cf_code code = cf_resume_fits(s->options->resume, &now, err);
    cf_resume_release(&now);
    return code;
}

/* The rank of a record is that of its item in the plan; the count of items when it is in none. */
static size_t rank_of(const struct cf_plan *plan, const struct cf_results_entry *entry)
{
    size_t i = 0;
    while (i < plan->count && (plan->items[i].attempt != entry->attempt ||
                               strcmp(plan->items[i].one->id, entry->id) != 0))
        i++;
    return i;
}

/* What was finished before counts in what is decided over all records. */
static enum cf_code read_finished(struct cf_session *s, struct cf_err *err)
{
    struct cf_results *results;
    enum cf_code code = cf_resume_finished(&s->finished, &s->folder, s->plan, err);
    if (code == CF_OK)
        code = cf_out_folder_read(&s->folder, &results, err);
    if (code != CF_OK)
        return code;
    for (size_t i = 0; i < cf_results_count(results); i++) {
        size_t len = 0;
        const char *text = cf_results_case_text(results, i, &len);
        cf_distinct_add_text(&s->distinct, rank_of(s->plan, cf_results_entry(results, i)), text,
                             len);
    }
    cf_results_close(results);
    return CF_OK;
}

static enum cf_code prepare_folder(struct cf_session *s, struct cf_err *err)
{
    if (s->options->resume)
        return read_finished(s, err);
    enum cf_code code = cf_out_folder_clear(&s->folder, err);
    return code == CF_OK ? say_what_was_asked(s, err) : code;
}

static int run_in_folder(struct cf_session *s)
{
    struct cf_err err = {0};
    s->distinct.engine = s->target->engine;
    begin(s);
    struct cf_leftovers job = {.engine = s->target->engine,
                               .profile = s->target->reference > 0 ? NULL : &s->target->profile,
                               .ours = &s->folder,
                               .in_child = in_child,
                               .context = s};
    enum cf_left left = cf_leftovers_put_back(&job, &s->snapshots);
    if (left == CF_LEFT_REFUSED)
        return CF_EXIT_USAGE;
    s->outcome.signal = job.signal;
    if (left == CF_LEFT_SIGNAL)
        return CF_EXIT_SIGNAL + s->outcome.signal;
    enum cf_code chosen = CF_OK;
    if (s->options->choose && left != CF_LEFT_SOME)
        chosen = choose_plan(s, &err);
    if (s->outcome.signal != 0)
        return CF_EXIT_SIGNAL + s->outcome.signal;
    if (prepare_folder(s, &err) != CF_OK)
        return cf_complain("%s", err.text);
    if (chosen != CF_OK)
        return cf_conclude_unstarted(s, err.text);
    if (left == CF_LEFT_SOME)
        return cf_conclude_unstarted(s, "CVMs of an earlier run could not be put back");
    return run_plan(s);
}

int cf_session_run(struct cf_session *s)
{
    struct cf_err err = {0};
    int status = CF_EXIT_USAGE;
    s->at_once.fd = -1;
    enum cf_code code = check_resumed(s, &err);
    if (code == CF_OK)
        code = cf_out_folder_have(&s->folder, s->options->out_dir, &err);
    if (code == CF_OK)
        status = run_in_folder(s);
    else
        cf_complain("%s", err.text);
    cf_at_once_leave(&s->at_once);
    cf_out_folder_release(&s->folder);
    cf_snapshots_release(&s->snapshots);
    cf_list_release(&s->left);
    cf_distinct_release(&s->distinct);
    free(s->finished);
    return status;
}
