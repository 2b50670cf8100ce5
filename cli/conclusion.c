#include "cli/conclusion.h"
#include "cli/base/formats.h"
#include "cli/base/leaks.h"
#include "cli/certify/assembly.h"
#include "cli/certify/certificate.h"
#include "cli/exit_code.h"
#include "cli/run_reports.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/run/secrets.h"
#include "reports/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- what the reports' head says ---- */

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
    cf_list_add_all(&info->command, &s->options->command);
    cf_list_add_all(&info->again, &s->options->again);
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
        cf_list_add_all(&info->left_out, s->options->left_out);
    cf_list_add_all(&info->left, &s->left);
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
    bool written = cf_run_reports_write(s->options->reports, s->folder.path, source);
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
    const struct cf_certificate certificate = {.out_dir = s->folder.path,
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
        printf("%s/%s: %s%s\n", s->folder.path, CF_CERTIFICATE_FOLDER, cf_certified_name(result),
               s->options->key ? ", signed" : "");
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
    const struct cf_costs *costs = s->options->costs;
    code = cf_assembly_make(&out->assembly, out->results, &s->target->catalogue, s->plan,
                            &out->info, costs ? &costs->matrix : NULL, err);
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
    cf_run_reports_write(s->options->reports & CF_RUN_REPORT_COLOURED, s->folder.path,
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
    bool leaked = !cf_leaks_none(&s->target->profile, s->folder.path);
    if (leaked)
        add_trouble(s, findings, "a secret is in what the run leaves behind");
    int status = cf_exit_code(source, s->options->baseline);
    if (s->outcome.signal)
        return CF_EXIT_SIGNAL + s->outcome.signal;
    return leaked ? CF_EXIT_UNJUDGED : status;
}

int cf_conclude(struct cf_session *s)
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

int cf_conclude_unstarted(struct cf_session *s, const char *why)
{
    struct cf_err err = {0};
    struct findings findings;
    cf_complain("%s", why);
    cf_complain("no case was run: nothing can be said about %s",
                cf_json_text(s->target->profile.iut, "name", "the implementation"));
    if (find_out(s, why, &findings, &err) != CF_OK)
        cf_complain("%s", err.text);
    else
        cf_run_reports_write(s->options->reports, s->folder.path, &findings.assembly.source);
    forget(&findings);
    cf_leaks_none(&s->target->profile, s->folder.path);
    return CF_EXIT_UNJUDGED;
}

void cf_conclude_refused(const char *out_dir, bool make)
{
    struct cf_out_folder folder;
    struct cf_results *results = NULL;
    struct cf_report_source source = {0};
    struct cf_run_info info = {0};
    struct cf_buf why = {0};
    char now[CF_TIMESTAMP_BYTES];
    if (!make && !cf_out_folder_is_one(out_dir))
        return;
    cf_clock_timestamp(now);
    cf_buf_printf(&why, "the run could not start: %s", cf_complaints());
    /* A folder that another run has is its own business. */
    if (cf_out_folder_borrow(&folder, out_dir, NULL) == CF_OK) {
        if (cf_out_folder_read(&folder, &results, NULL) == CF_OK) {
            cf_report_source_init(&source, results);
            begin_info(&info, now, cf_buf_text(&why));
            source.info = &info;
            cf_run_reports_write(CF_RUN_REPORT_USUAL, out_dir, &source);
        }
        cf_out_folder_release(&folder);
    }
    cf_buf_release(&why);
    cf_report_source_release(&source);
    cf_results_close(results);
    cf_run_info_release(&info);
}
