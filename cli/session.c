#include "cli/session.h"
#include "cli/base/formats.h"
#include "cli/base/leaks.h"
#include "cli/certify/assembly.h"
#include "cli/certify/certificate.h"
#include "cli/exchanges.h"
#include "cli/exit_code.h"
#include "cli/leftovers.h"
#include "cli/put_back.h"
#include "cli/run_reports.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/run/secrets.h"
#include "reports/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* The reference implementation's CVMs end with it. */
static enum cf_code keep_snapshots(void *context, const char *const *texts, struct cf_err *err)
{
    struct cf_session *s = context;
    if (s->target->reference > 0)
        return CF_OK;
    cf_snapshots_release(&s->snapshots);
    enum cf_code code = cf_snapshots_make(&s->snapshots, &s->target->profile, texts, err);
    if (code == CF_OK)
        code = cf_snapshots_write(&s->snapshots, s->options->out_dir, err);
    if (code != CF_OK)
        cf_err_prefix(err, "what the CVMs are like could not be kept, so nothing was changed");
    return code;
}

static void on_event(void *context, const struct cf_pool_event *event)
{
    struct cf_session *s = context;
    if (event->kind == CF_EVENT_RECORD)
        keep_record(s, event);
    if (event->kind == CF_EVENT_TROUBLE) {
        cf_progress_clear(&s->progress);
        cf_complain("%s", event->text);
    }
    if (event->kind == CF_EVENT_PUT_BACK)
        note_put_back(s, event);
    cf_progress_update(&s->progress, event->done, event->total, event->running);
}

/* The forked worker must not keep the reference alive, nor write our file. */
static void in_child(void *context)
{
    struct cf_session *s = context;
    cf_out_folder_leave(&s->folder);
    if (s->target->reference > 0)
        close(s->target->stop_fd);
}

/* ---- the head ---- */

static char *json_text(const cJSON *node)
{
    struct cf_buf text = {0};
    cf_json_print(&text, node);
    char *out = cf_buf_take(&text, NULL);
    cf_buf_release(&text);
    return out;
}

static void begin_info(struct cf_run_info *info, const char *started_at, const char *trouble)
{
    char now[CF_TIMESTAMP_BYTES];
    cf_clock_timestamp(now);
    cf_run_info_init(info);
    info->suite_name = cf_strdup("cvm-conformance");
    info->suite_version = cf_strdup(CF_VERSION);
    info->started_at = cf_strdup(started_at);
    info->finished_at = cf_strdup(now);
    info->trouble = cf_strdup(trouble);
}

static void copy_list(struct cf_list *to, const struct cf_list *from)
{
    for (size_t i = 0; i < from->count; i++)
        cf_list_add(to, from->items[i]);
}

static void fill_gate(const struct cf_session *s, struct cf_gate_terms *gate)
{
    gate->fail_on = s->options->fail_on;
    gate->allow_inconclusive = s->options->allow_inconclusive;
    gate->min_cases = s->options->min_cases;
    gate->planned = (long long)s->plan->count;
    if (s->folder.trouble.code != CF_OK)
        cf_list_add(&gate->troubles, s->folder.trouble.text);
    if (s->outcome.worker_faults > 0)
        cf_list_add(&gate->troubles, "a process of the tester did not end well");
}

static void fill_info(const struct cf_session *s, struct cf_run_info *info, const char *trouble)
{
    begin_info(info, s->started_at, trouble);
    fill_gate(s, &info->gate);
    copy_list(&info->command, &s->options->command);
    copy_list(&info->again, &s->options->again);
    info->catalogue_sha256 = cf_strdup(s->target->catalogue.sha256);
    info->iut = json_text(s->target->profile.iut);
    info->pics = json_text(s->target->profile.pics);
    info->seed = s->filter->seed;
    info->complete = !trouble && !s->outcome.stopped;
    info->selection = cf_strdup(s->options->selection);
    info->profile_sha256 = cf_strdup(s->target->profile.sha256);
    if (s->target->reference <= 0)
        info->profile_hidden = cf_secrets_fingerprint(&s->target->profile);
    info->shard_index = s->filter->shard;
    info->shard_count = s->filter->shards;
    info->plan_sha256 = cf_strdup(s->plan->sha256);
    info->repeat = s->filter->repeat;
    info->operations_besides = s->outcome.operations;
    info->bought = cf_strdup(s->options->bought);
    if (s->options->left_out)
        copy_list(&info->left_out, s->options->left_out);
    copy_list(&info->left, &s->left);
    cf_profile_list_out_of_sight(&s->target->profile, &info->out_of_sight);
}

/* ---- reports ---- */

/* The verdict lines reach somebody: where standard output takes none (a full disk, a pipe that was
 * closed), standard error takes its place. */
static bool show(const struct cf_session *s, const struct cf_report_source *source)
{
    struct cf_err err = {0};
    enum cf_code code = cf_console_write(source, s->options->colour, s->options->quiet, &err);
    if (code == CF_OK && s->options->annotate)
        code = cf_annotations_write(source, &err);
    if (code == CF_OK)
        return true;
    cf_complain("%s; what it was to say follows here", err.text);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    if (cf_console_write(source, false, true, &err) != CF_OK)
        cf_complain("%s", err.text);
    return false;
}

static bool write_reports(const struct cf_session *s, const struct cf_report_source *source)
{
    bool written = cf_run_reports_write(s->options->reports, s->options->out_dir, source);
    if (s->options->annotate)
        cf_job_summary_write(source);
    return show(s, source) && written;
}

/* ---- the certificate ---- */

/* What the tester did not manage to do would be held against, or for, the implementation. */
static bool had_trouble(const struct cf_session *s)
{
    const struct cf_pool_outcome *o = &s->outcome;
    return s->folder.trouble.code != CF_OK || o->signal || o->stopped || o->gone[0] ||
           o->worker_faults > 0 || o->quarantined > 0;
}

/* Why there is none, or none that passed, in err; code CF_OK where nothing is wrong. */
static void certify(const struct cf_session *s, const struct cf_report_source *source, bool written,
                    struct cf_err *err)
{
    const struct cf_certificate certificate = {.out_dir = s->options->out_dir,
                                               .cases_dir = cf_cases_dir(),
                                               .source = source,
                                               .catalogue = &s->target->catalogue,
                                               .profile = &s->target->profile,
                                               .key = s->options->key};
    enum cf_certified result = cf_certified_result(source->summary);
    bool there = false;
    if (!written)
        cf_err_set(err, CF_EIO, "no certificate: the reports could not be written");
    else if (source->summary->cases_pass + source->summary->cases_fail == 0)
        cf_err_set(err, CF_EIO, "no certificate: nothing was judged");
    else if (had_trouble(s))
        cf_err_set(err, CF_EIO, "no certificate: the run did not go undisturbed");
    else if (cf_certificate_write(&certificate, err) != CF_OK)
        cf_err_prefix(err, "no certificate");
    else
        there = true;
    if (there && result == CF_CERTIFIED_FAILED)
        cf_err_set(err, CF_EIO, "the certificate says that the run failed");
    if (there)
        printf("%s/%s: %s%s\n", s->options->out_dir, CF_CERTIFICATE_FOLDER,
               cf_certified_name(result), s->options->key ? ", signed" : "");
}

/* What was recorded, as a source for reports. Everything may be released whatever comes back. */
struct findings {
    struct cf_run_info info;
    struct cf_results *results;
    struct cf_assembly assembly;
};

static enum cf_code find_out(const struct cf_session *s, const char *trouble, struct findings *out,
                             struct cf_err *err)
{
    *out = (struct findings){0};
    fill_info(s, &out->info, trouble);
    enum cf_code code = cf_out_folder_read(&s->folder, &out->results, err);
    if (code != CF_OK)
        return code;
    code = cf_assembly_make(&out->assembly, out->results, &s->target->catalogue, s->plan,
                            &out->info, err);
    if (code == CF_OK && s->options->baseline)
        cf_baseline_apply(&out->info.gate, &out->assembly.source, s->options->baseline,
                          &s->target->catalogue);
    return code;
}

static void forget(struct findings *findings)
{
    cf_assembly_release(&findings->assembly);
    cf_results_close(findings->results);
    cf_run_info_release(&findings->info);
}

/* What went wrong after the reports were written makes them red as well. */
static void add_trouble(const struct cf_session *s, struct findings *findings, const char *text)
{
    cf_list_add(&findings->info.gate.troubles, text);
    cf_run_reports_write(s->options->reports & CF_RUN_REPORT_COLOURED, s->options->out_dir,
                         &findings->assembly.source);
}

static int judge(struct cf_session *s, struct findings *findings)
{
    const struct cf_report_source *source = &findings->assembly.source;
    struct cf_err err = {0};
    bool written = write_reports(s, source);
    if (!written)
        add_trouble(s, findings, "a report could not be written");
    if (s->options->certify)
        certify(s, source, written, &err);
    if (err.code != CF_OK && cf_report_gate_of(source) == CF_REPORT_GREEN)
        add_trouble(s, findings, err.text);
    else if (err.code != CF_OK)
        cf_complain("%s", err.text);
    /* A secret in what the run leaves behind weighs more than what it found out. */
    bool leaked = !cf_leaks_none(&s->target->profile, s->options->out_dir);
    if (leaked)
        add_trouble(s, findings, "a secret is in what the run leaves behind");
    int status = cf_exit_code(source, s->options->baseline);
    if (s->outcome.signal)
        return CF_EXIT_SIGNAL + s->outcome.signal;
    return leaked ? CF_EXIT_UNJUDGED : status;
}

static int conclude(struct cf_session *s)
{
    struct cf_err err = {0};
    struct findings findings;
    char trouble[120];
    int status = CF_EXIT_UNJUDGED;
    snprintf(trouble, sizeof(trouble), "the run was interrupted by signal %d", s->outcome.signal);
    const char *why = s->outcome.signal ? trouble : s->outcome.gone[0] ? s->outcome.gone : NULL;
    if (find_out(s, why, &findings, &err) == CF_OK)
        status = judge(s, &findings);
    else
        cf_complain("%s", err.text);
    forget(&findings);
    return status;
}

/* No case was run: the reports say why. */
static int conclude_unstarted(struct cf_session *s, const char *why)
{
    struct cf_err err = {0};
    struct findings findings;
    cf_complain("%s", why);
    cf_complain("no case was run: nothing can be said about %s",
                cf_json_text(s->target->profile.iut, "name", "the implementation"));
    if (find_out(s, why, &findings, &err) != CF_OK)
        cf_complain("%s", err.text);
    else
        cf_run_reports_write(s->options->reports, s->options->out_dir, &findings.assembly.source);
    forget(&findings);
    cf_leaks_none(&s->target->profile, s->options->out_dir);
    return CF_EXIT_UNJUDGED;
}

void cf_session_refused(const char *out_dir, const char *why)
{
    struct cf_out_folder folder;
    struct cf_results *results = NULL;
    struct cf_report_source source = {0};
    struct cf_run_info info = {0};
    char now[CF_TIMESTAMP_BYTES];
    cf_clock_timestamp(now);
    if (!cf_out_folder_has_reports(out_dir))
        return;
    /* A folder that another run has is its own business. */
    if (cf_out_folder_borrow(&folder, out_dir, NULL) == CF_OK &&
        cf_out_folder_read(&folder, &results, NULL) == CF_OK) {
        cf_report_source_init(&source, results);
        begin_info(&info, now, why);
        source.info = &info;
        cf_run_reports_write(CF_RUN_REPORT_VIEWS, out_dir, &source);
    }
    cf_report_source_release(&source);
    cf_results_close(results);
    cf_run_info_release(&info);
    cf_out_folder_release(&folder);
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
    if (cf_snapshots_write(&s->snapshots, s->options->out_dir, &err) != CF_OK)
        cf_complain("%s", err.text);
    if (s->snapshots.count > 0)
        cf_complain("%zu CVMs are not as they were; cvm-conformance restore %s puts them back",
                    s->snapshots.count, s->options->out_dir);
}

/* ---- the whole ---- */

static struct cf_pool_options pool_options(struct cf_session *s)
{
    struct cf_pool_options options = {.worker = {.base = {.engine = s->target->engine,
                                                          .profile = &s->target->profile,
                                                          .seed = s->filter->seed},
                                                 .plan = s->plan,
                                                 .transcripts = true,
                                                 .bodies = s->options->keep_bodies},
                                      .jobs = s->options->jobs,
                                      .fail_fast = s->options->fail_fast,
                                      .fail_level = s->options->fail_on,
                                      .known = s->looked,
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

static int run_plan(struct cf_session *s)
{
    struct cf_err err = {0};
    unsigned long before = s->outcome.operations;
    struct cf_pool_options options = pool_options(s);
    const char **given = given_snapshots(s);
    options.snapshots = given;
    options.finished = s->finished;
    options.distinct = &s->distinct;
    cf_progress_init(&s->progress, !s->options->quiet);
    s->progress.price = s->options->price.whole;
    if (!s->options->quiet)
        cf_price_tell(&s->options->price, s->options->bought, s->progress.terminal);
    enum cf_code code = cf_pool_run(&options, &s->outcome, &err);
    s->outcome.operations += before;
    free(given);
    cf_progress_clear(&s->progress);
    keep_what_is_left(s);
    if (code != CF_OK && s->outcome.signal == 0)
        return conclude_unstarted(s, err.text);
    return conclude(s);
}

/* A run that is gone on with began when it began. */
static void begin(struct cf_session *s)
{
    if (s->options->resume)
        snprintf(s->started_at, sizeof(s->started_at), "%s", s->options->resume->started_at);
    else
        cf_clock_timestamp(s->started_at);
}

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
    copy_list(&out->words, &s->options->words);
    free(directory);
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
    struct cf_resume now;
    if (s->options->resume)
        return read_finished(s, err);
    enum cf_code code = cf_out_folder_clear(&s->folder, err);
    if (code != CF_OK)
        return code;
    describe(s, &now);
    code = cf_resume_write(&now, s->options->out_dir, err);
    cf_resume_release(&now);
    return code;
}

static int run_in_folder(struct cf_session *s)
{
    struct cf_err err = {0};
    s->distinct.engine = s->target->engine;
    begin(s);
    struct cf_leftovers job = {.engine = s->target->engine,
                               .profile = s->target->reference > 0 ? NULL : &s->target->profile,
                               .folder = s->options->out_dir,
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
        return conclude_unstarted(s, err.text);
    if (left == CF_LEFT_SOME)
        return conclude_unstarted(s, "CVMs of an earlier run could not be put back");
    return run_plan(s);
}

int cf_session_run(struct cf_session *s)
{
    struct cf_err err = {0};
    int status = CF_EXIT_USAGE;
    enum cf_code code = check_resumed(s, &err);
    if (code == CF_OK)
        code = cf_out_folder_have(&s->folder, s->options->out_dir, &err);
    if (code == CF_OK)
        status = run_in_folder(s);
    else
        cf_complain("%s", err.text);
    cf_out_folder_release(&s->folder);
    cf_snapshots_release(&s->snapshots);
    cf_list_release(&s->left);
    cf_distinct_release(&s->distinct);
    free(s->finished);
    return status;
}
