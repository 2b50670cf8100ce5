#include "cli/session.h"
#include "cli/base/formats.h"
#include "cli/base/leaks.h"
#include "cli/certify/assembly.h"
#include "cli/certify/certificate.h"
#include "cli/gate.h"
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- while it runs ---- */

static void keep_record(struct cf_session *s, const struct cf_pool_event *event)
{
    const struct cf_plan_item *item = &s->plan->items[event->index];
    if (cf_fd_write(s->ndjson, event->line, event->line_len, NULL) != CF_OK ||
        cf_fd_write(s->ndjson, "\n", 1, NULL) != CF_OK)
        s->write_failed = true;
    s->progress.failed += event->verdict == CF_FAIL || event->verdict == CF_ERROR;
    if (s->options->verbose) {
        cf_progress_clear(&s->progress);
        fprintf(stderr, "%-14s %s\n", cf_verdict_name(event->verdict), item->one->id);
    }
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
    cf_progress_update(&s->progress, event->done, event->total, event->running);
}

/* The forked worker must not keep the reference alive, nor write our file. */
static void in_child(void *context)
{
    struct cf_session *s = context;
    close(s->ndjson);
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

static void fill_info(const struct cf_session *s, struct cf_run_info *info)
{
    char now[CF_TIMESTAMP_BYTES];
    cf_clock_timestamp(now);
    cf_run_info_init(info);
    info->suite_name = cf_strdup("cvm-conformance");
    info->suite_version = cf_strdup(CF_VERSION);
    info->catalogue_sha256 = cf_strdup(s->target->catalogue.sha256);
    info->iut = json_text(s->target->profile.iut);
    info->pics = json_text(s->target->profile.pics);
    info->seed = s->filter->seed;
    info->started_at = cf_strdup(s->started_at);
    info->finished_at = cf_strdup(now);
    info->complete = s->outcome.signal == 0 && !s->outcome.stopped;
    info->selection = cf_strdup(s->options->selection);
    info->profile_sha256 = cf_strdup(s->target->profile.sha256);
    info->shard_index = s->filter->shard;
    info->shard_count = s->filter->shards;
    info->plan_sha256 = cf_strdup(s->plan->sha256);
    info->repeat = s->filter->repeat;
}

/* ---- reports ---- */

static enum cf_code write_reports(const struct cf_session *s, const struct cf_report_source *source,
                                  struct cf_err *err)
{
    static const struct {
        const char *format, *file;
    } files[] = {{"json", "results.json"},
                 {"junit", "junit.xml"},
                 {"html", "report.html"},
                 {"markdown", "summary.md"}};
    enum cf_code code = CF_OK;
    for (size_t i = 0; code == CF_OK && i < sizeof(files) / sizeof(files[0]); i++) {
        char path[4200];
        snprintf(path, sizeof(path), "%s/%s", s->options->out_dir, files[i].file);
        code = cf_format_write(files[i].format, source, path, err);
    }
    if (code == CF_OK)
        code = cf_console_write(source, s->options->colour, s->options->quiet, err);
    if (code == CF_OK && s->options->annotate)
        code = cf_annotations_write(source, err);
    return code;
}

/* ---- the exit code ---- */

static int exit_code(const struct cf_session *s, const struct cf_report_source *source)
{
    struct cf_gate gate = {.fail_on = s->options->fail_on,
                           .allow_inconclusive = s->options->allow_inconclusive,
                           .min_cases = s->options->min_cases,
                           .tester_trouble = s->write_failed || s->outcome.worker_faults > 0,
                           .baseline = s->options->baseline,
                           .catalogue = &s->target->catalogue};
    return s->outcome.signal ? CF_EXIT_SIGNAL + s->outcome.signal : cf_gate_status(&gate, source);
}

/* A secret in what the run leaves behind weighs more than what it found out. */
static int leak_gate(const struct cf_session *s, int status)
{
    bool clean = cf_leaks_none(&s->target->profile, s->options->out_dir);
    return clean || status > CF_EXIT_SIGNAL ? status : CF_EXIT_UNJUDGED;
}

/* ---- the certificate ---- */

/* What the tester did not manage to do would be held against, or for, the implementation. */
static bool had_trouble(const struct cf_session *s)
{
    const struct cf_pool_outcome *o = &s->outcome;
    return s->write_failed || o->signal || o->stopped || o->worker_faults > 0 || o->quarantined > 0;
}

static int certify(const struct cf_session *s, const struct cf_report_source *source, int status)
{
    struct cf_err err = {0};
    const struct cf_certificate certificate = {.out_dir = s->options->out_dir,
                                               .cases_dir = cf_cases_dir(),
                                               .source = source,
                                               .catalogue = &s->target->catalogue,
                                               .profile = &s->target->profile,
                                               .key = s->options->key};
    enum cf_certified result = cf_certified_result(source->summary);
    int refused = status == CF_EXIT_OK ? CF_EXIT_UNJUDGED : status;
    if (had_trouble(s)) {
        cf_complain("no certificate: the run did not go undisturbed");
        return refused;
    }
    if (cf_certificate_write(&certificate, &err) != CF_OK) {
        cf_complain("no certificate: %s", err.text);
        return refused;
    }
    printf("%s/%s: %s%s\n", s->options->out_dir, CF_CERTIFICATE_FOLDER, cf_certified_name(result),
           s->options->key ? ", signed" : "");
    return result == CF_CERTIFIED_FAILED ? refused : status;
}

static int conclude(struct cf_session *s)
{
    struct cf_err err = {0};
    struct cf_results *results = NULL;
    struct cf_run_info info;
    struct cf_assembly assembly = {0};
    int status = CF_EXIT_UNJUDGED;
    fill_info(s, &info);
    enum cf_code code = cf_results_open(&results, s->ndjson_path, &err);
    if (code == CF_OK)
        code = cf_assembly_make(&assembly, results, &s->target->catalogue, s->plan, &info, &err);
    if (code == CF_OK)
        code = write_reports(s, &assembly.source, &err);
    if (code == CF_OK)
        status = exit_code(s, &assembly.source);
    else
        cf_complain("%s", err.text);
    if (code == CF_OK && s->options->certify)
        status = certify(s, &assembly.source, status);
    cf_assembly_release(&assembly);
    cf_results_close(results);
    cf_run_info_release(&info);
    return status;
}

/* ---- the whole ---- */

static bool open_output(struct cf_session *s)
{
    struct cf_err err = {0};
    if (cf_file_make_directory(s->options->out_dir, &err) != CF_OK) {
        cf_complain("%s", err.text);
        return false;
    }
    snprintf(s->ndjson_path, sizeof(s->ndjson_path), "%s/results.ndjson", s->options->out_dir);
    s->ndjson = open(s->ndjson_path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
    if (s->ndjson < 0)
        cf_complain("cannot write %s: %s", s->ndjson_path, strerror(errno));
    return s->ndjson >= 0;
}

int cf_session_run(struct cf_session *s)
{
    struct cf_err err = {0};
    struct cf_pool_options options = {.worker = {.base = {.engine = s->target->engine,
                                                          .profile = &s->target->profile,
                                                          .seed = s->filter->seed},
                                                 .plan = s->plan,
                                                 .transcripts = true},
                                      .jobs = s->options->jobs,
                                      .fail_fast = s->options->fail_fast,
                                      .fail_level = s->options->fail_on,
                                      .event = on_event,
                                      .context = s,
                                      .in_child = in_child};
    if (s->options->rate > 0)
        options.worker.rate_interval_ms =
            1000.0 * (options.jobs > 0 ? options.jobs : CF_JOBS_DEFAULT_MAX) / s->options->rate;
    if (!open_output(s))
        return CF_EXIT_USAGE;
    cf_clock_timestamp(s->started_at);
    cf_progress_init(&s->progress, !s->options->quiet);
    enum cf_code code = cf_pool_run(&options, &s->outcome, &err);
    cf_progress_clear(&s->progress);
    close(s->ndjson);
    if (code != CF_OK && s->outcome.signal == 0) {
        cf_complain("%s", err.text);
        cf_complain("no case was run: nothing can be said about %s",
                    cf_json_text(s->target->profile.iut, "name", "the implementation"));
        return leak_gate(s, CF_EXIT_UNJUDGED);
    }
    return leak_gate(s, conclude(s));
}
