#include "cli/selftest/trial.h"
#include "harness/base/child.h"
#include "harness/base/clock.h"
#include "harness/base/file.h"
#include "harness/base/mem.h"
#include "harness/http/client.h"
#include "harness/pool/pool.h"
#include "suites/suites.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TRIAL_JOBS = 12,
    OPERATION_MS = 60, /* long enough that a second request arrives during it on a busy machine */
    POLL_MS = OPERATION_MS + 2, /* so that the second look at an operation sees its end */
    SETTLE_MS = 1500,
    OUTPUT_MAX_BYTES = 64 << 20,
    PARALLEL_MAX = 16,
    TRIAL_LIMIT_MS = 900000
};

void cf_trial_init(struct cf_trial *trial, const char *name, bool deviation, bool variant)
{
    *trial = (struct cf_trial){.name = name, .fd = -1};
    trial->switches[0] = name;
    trial->reference.operation_ms = OPERATION_MS;
    trial->reference.deviation_count = deviation;
    trial->reference.variant_count = variant;
    cf_buf_init(&trial->in, OUTPUT_MAX_BYTES);
}

void cf_trial_join(struct cf_trial *trial, const char *variant)
{
    trial->switches[trial->reference.variant_count++] = variant;
}

void cf_trial_release(struct cf_trial *trial)
{
    for (size_t i = 0; trial->results && i < trial->case_count; i++)
        free(trial->results[i].line);
    free(trial->results);
    cf_buf_release(&trial->in);
    *trial = (struct cf_trial){.fd = -1};
}

/* ---- in the trial's process ---- */

struct report {
    const struct cf_plan *plan;
    int fd;
};

/* One line a case: index, verdict, what it cost, and the record where there is something to tell.
 */
static void on_event(void *context, const struct cf_pool_event *event)
{
    struct report *report = context;
    char head[64];
    if (event->kind != CF_EVENT_RECORD)
        return;
    int n =
        snprintf(head, sizeof(head), "%zu %d %u %u ", report->plan->items[event->index].one->index,
                 (int)event->verdict, event->operations, event->exchanges);
    struct cf_buf line;
    cf_buf_init(&line, OUTPUT_MAX_BYTES);
    cf_buf_append(&line, head, (size_t)n);
    if (event->verdict != CF_PASS)
        cf_buf_append(&line, event->line, event->line_len);
    cf_buf_putc(&line, '\n');
    if (line.code == CF_OK && cf_fd_write(report->fd, line.data, line.len, NULL) != CF_OK)
        _exit(1);
    cf_buf_release(&line);
}

/* Point every reading at one path: a trial reads thousands of times, and the shapes of the read
 * side are not what it is about. */
static void observe_at_once(cJSON *profile)
{
    cJSON *observe = cf_json_get(cf_json_get(profile, "pixit"), "observe");
    cJSON *fields = cJSON_CreateObject();
    for (const char *const *name = cf_cvm_engine()->vocabulary->observed; *name; name++) {
        char pointer[64];
        if (strcmp(*name, "operations") == 0 || strcmp(*name, "app_compose") == 0)
            continue; /* read when they are asked for, and only where the preset says */
        cJSON *field = cJSON_AddObjectToObject(fields, *name);
        snprintf(pointer, sizeof(pointer), "/%s", *name);
        cJSON_AddStringToObject(field, "get", "/_inspect/{cvm_id}");
        cJSON_AddStringToObject(field, "pointer", pointer);
    }
    cJSON_ReplaceItemInObjectCaseSensitive(observe, "fields", fields);
}

enum cf_code cf_trial_profile(struct cf_profile *out, const struct cf_ref_options *options,
                              unsigned port, bool at_once, struct cf_err *err)
{
    struct cf_buf text = {0};
    struct cf_json_doc doc = {0};
    enum cf_code code = cf_ref_profile(options, port, &text, err);
    if (code == CF_OK)
        code = cf_json_parse(&doc, "reference profile", cf_buf_text(&text), text.len, 0, err);
    if (code == CF_OK) {
        if (at_once)
            observe_at_once(doc.root);
        cf_buf_reset(&text);
        cf_json_print(&text, doc.root);
        code = cf_profile_parse(out, "reference profile", cf_buf_text(&text), text.len,
                                cf_cvm_engine()->vocabulary, err);
    }
    cf_json_release(&doc);
    cf_buf_release(&text);
    return code;
}

static enum cf_code run_trial(const struct cf_target *target, struct cf_trial *trial, int fd,
                              struct cf_err *err)
{
    struct cf_target own = *target; /* the catalogue is shared; profile and reference are ours */
    struct cf_edited edited;
    struct cf_plan plan;
    struct cf_pool_outcome outcome = {0};
    struct cf_filter filter = {.cases = trial->cases,
                               .requirements = trial->requirements,
                               .suites = trial->suites,
                               .level = CF_OBSERVE,
                               .seed = 1,
                               .repeat = 1,
                               .shard = 1,
                               .shards = 1};
    struct report report = {&plan, fd};
    unsigned port = cf_reference_fork(&trial->reference, &own.reference, &own.stop_fd);
    if (port == 0)
        return cf_err_set(err, CF_EIO, "the reference implementation did not start");
    enum cf_code code =
        cf_trial_profile(&own.profile, &trial->reference, port, !trial->as_served, err);
    if (code != CF_OK)
        return code;
    own.profile.poll_interval_ms = POLL_MS;
    own.profile.settle_timeout_ms = SETTLE_MS;
    struct cf_pool_options options = {
        .worker = {.base = {&edited.engine, &own.profile, 1}, .plan = &plan},
        .jobs = TRIAL_JOBS,
        .throw_away = !trial->put_back,
        .ignore_controls = trial->edit_count > 0,
        .event = on_event,
        .context = &report};
    cf_edited_init(&edited, target->engine, &target->catalogue, trial->edits, trial->edit_count);
    code = cf_plan_make(&plan, &edited.catalogue, &own.profile, &filter, err);
    if (code == CF_OK) {
        code = cf_pool_run(&options, &outcome, err);
        cf_plan_release(&plan);
    }
    cf_edited_release(&edited);
    char end[64];
    int n = snprintf(end, sizeof(end), "requests %lu\n", outcome.requests);
    if (code == CF_OK)
        code = cf_fd_write(fd, end, (size_t)n, err);
    cf_profile_release(&own.profile);
    cf_reference_stop(own.reference, own.stop_fd);
    return code;
}

static _Noreturn void trial_process(const struct cf_target *target, struct cf_trial *trial, int fd)
{
    struct cf_err err = {0};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)signal(SIGPIPE, SIG_IGN);
    trial->reference.deviations = trial->reference.deviation_count ? trial->switches : NULL;
    trial->reference.variants = trial->reference.variant_count ? trial->switches : NULL;
    enum cf_code code = run_trial(target, trial, fd, &err);
    if (code != CF_OK) {
        char text[CF_ERR_TEXT_MAX + 16];
        int n = snprintf(text, sizeof(text), "broken %s\n", err.text);
        (void)!write(fd, text, (size_t)n);
    }
    cf_child_end(code == CF_OK ? 0 : 1);
}

/* ---- in the parent ---- */

static void take_line(struct cf_trial *trial, char *line)
{
    char *rest = NULL;
    if (strncmp(line, "requests ", 9) == 0) {
        trial->requests = strtoul(line + 9, NULL, 10);
        return;
    }
    if (strncmp(line, "broken ", 7) == 0) {
        trial->broken = true;
        (void)snprintf(trial->message, sizeof(trial->message), "%s", line + 7);
        return;
    }
    size_t index = strtoul(line, &rest, 10);
    long verdict = strtol(rest, &rest, 10);
    if (index >= trial->case_count || verdict < CF_NOT_APPLICABLE || verdict > CF_ERROR)
        return;
    trial->results[index].ran = true;
    trial->results[index].verdict = (enum cf_verdict)verdict;
    trial->results[index].operations = (unsigned)strtoul(rest, &rest, 10);
    trial->results[index].exchanges = (unsigned)strtoul(rest, &rest, 10);
    if (*rest == ' ' && rest[1] == '{') {
        free(trial->results[index].line);
        trial->results[index].line = cf_strdup(rest + 1);
    }
}

static void take_lines(struct cf_trial *trial)
{
    char *at = trial->in.data;
    char *newline;
    while (at && (newline = strchr(at, '\n')) != NULL) {
        *newline = '\0';
        take_line(trial, at);
        at = newline + 1;
    }
    if (at && at > trial->in.data) {
        size_t left = trial->in.len - (size_t)(at - trial->in.data);
        memmove(trial->in.data, at, left + 1);
        trial->in.len = left;
    }
}

static void start(const struct cf_target *target, struct cf_trial *trial)
{
    int fds[2];
    trial->case_count = target->catalogue.case_count;
    trial->results = cf_alloc_array(trial->case_count + 1, sizeof(*trial->results));
    trial->started_ms = cf_clock_ms();
    if (pipe(fds) != 0) {
        trial->broken = true;
        (void)snprintf(trial->message, sizeof(trial->message), "cannot be started");
        return;
    }
    (void)fflush(NULL);
    trial->pid = fork();
    if (trial->pid == 0) {
        (void)close(fds[0]);
        trial_process(target, trial, fds[1]);
    }
    (void)close(fds[1]);
    trial->fd = fds[0];
}

/* The end of its output: reap it. */
static void finish(struct cf_trial *trial)
{
    int status = 0;
    (void)close(trial->fd);
    trial->fd = -1;
    while (waitpid(trial->pid, &status, 0) < 0 && errno == EINTR) {
    }
    trial->duration_ms = cf_clock_ms() - trial->started_ms;
    if (trial->broken || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
        return;
    trial->broken = true;
    (void)snprintf(trial->message, sizeof(trial->message), "its process ended with status %d",
                   status);
}

/* True when the trial has ended. */
static bool read_some(struct cf_trial *trial)
{
    char piece[16384];
    ssize_t got = read(trial->fd, piece, sizeof(piece));
    if (got < 0 && errno == EINTR)
        return false;
    if (got > 0) {
        cf_buf_append(&trial->in, piece, (size_t)got);
        take_lines(trial);
        return false;
    }
    finish(trial);
    return true;
}

void cf_trials_run(const struct cf_target *target, struct cf_trial *trials, size_t count,
                   size_t parallel, cf_trial_done_fn *done, void *context)
{
    size_t next = 0;
    struct cf_trial *running[PARALLEL_MAX] = {NULL};
    size_t live = 0;
    parallel = parallel < 1 ? 1 : parallel > PARALLEL_MAX ? PARALLEL_MAX : parallel;
    while (next < count || live > 0) {
        struct pollfd fds[PARALLEL_MAX];
        while (live < parallel && next < count) {
            struct cf_trial *trial = &trials[next++];
            start(target, trial);
            if (trial->fd >= 0)
                running[live++] = trial;
            else
                done(context, trial);
        }
        for (size_t i = 0; i < live; i++)
            fds[i] = (struct pollfd){running[i]->fd, POLLIN, 0};
        if (poll(fds, (nfds_t)live, 1000) < 0 && errno != EINTR)
            return;
        for (size_t i = live; i > 0; i--) {
            struct cf_trial *trial = running[i - 1];
            if (cf_clock_ms() - trial->started_ms > TRIAL_LIMIT_MS)
                (void)kill(trial->pid, SIGKILL);
            if (!fds[i - 1].revents || !read_some(trial))
                continue;
            running[i - 1] = running[--live];
            done(context, trial);
        }
    }
}

bool cf_trial_record(const struct cf_trial *trial, size_t index, struct cf_case_record *out)
{
    const char *line = trial->results[index].line;
    return line && cf_case_record_parse(out, line, strlen(line));
}
