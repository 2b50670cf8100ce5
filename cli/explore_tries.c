#include "cli/explore_tries.h"
#include "cli/base/command.h"
#include "cli/base/target.h"
#include "cli/put_back.h"
#include "cli/selftest/trial.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/base/utf8.h"
#include "harness/pool/pool.h"
#include "harness/run/language.h"
#include "suites/explore.h"
#include "suites/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    POLL_BEYOND_MS = 2,
    SETTLE_MS = 3000,
    REFERENCE_JOBS = 12,
    ID_BYTES = 64,
    SHOWN_BYTES = 120
};

#define REQUIREMENT "explore.sequence"

/* One call. */
struct round {
    struct cf_explorer *explorer;
    struct cf_try *tries;
    size_t count;
    int (*commands)[CF_STEPS_MAX]; /* of each try: which command a step belongs to */
    struct cf_catalogue catalogue;
    struct cf_plan plan;
    const struct cf_profile *profile;
    pid_t reference;
    int stop_fd;
};

/* ---- the profile ---- */

/* A service as it is in the field hides what a tester would look at. */
static bool is_of_the_field(const struct cf_ref_options *options)
{
    const struct cf_ref_switch *rows;
    size_t count = cf_ref_variants(&rows);
    for (size_t i = 0; i < options->variant_count; i++) {
        for (size_t r = 0; r < count; r++) {
            if (strcmp(rows[r].name, options->variants[i]) == 0 &&
                strcmp(rows[r].level, "field") == 0)
                return true;
        }
    }
    return false;
}

/* A server that stays may know what was sent to it an hour ago: a compose file that was registered
 * then is not new. */
static unsigned long long first_words(void)
{
    return (unsigned long long)time(NULL) << 20;
}

bool cf_explorer_open(struct cf_explorer *e)
{
    struct cf_err err = {0};
    e->as_served = is_of_the_field(&e->reference);
    e->engine = cf_cvm_engine();
    e->forms = cf_engine_forms(e->engine);
    enum cf_code code =
        e->profile_path ? cf_profile_load(&e->profile, e->profile_path, e->engine->vocabulary, &err)
                        : cf_trial_profile(&e->profile, &e->reference, 1, !e->as_served, &err);
    e->has_profile = code == CF_OK;
    if (e->profile_path)
        e->words = first_words();
    return code == CF_OK || cf_refuse("%s", err.text);
}

void cf_explorer_release(struct cf_explorer *e)
{
    if (e->has_profile)
        cf_profile_release(&e->profile);
    cf_snapshots_release(&e->snapshots);
    cf_list_release(&e->left);
    free(e->forms);
}

/* ---- the cases ---- */

static void case_id(char out[ID_BYTES], size_t index)
{
    snprintf(out, ID_BYTES, REQUIREMENT ".%06zu", index + 1);
}

static void write_cases(struct round *round, struct cf_buf *out)
{
    cf_buf_puts(out, "{\"requirement\": \"" REQUIREMENT "\", \"level\": \"must\", \"source\": "
                     "\"update-cvm.md description\", \"statement\": \"What came before changes "
                     "nothing of what a request does.\", \"cases\": [");
    for (size_t i = 0; i < round->count; i++) {
        char id[ID_BYTES];
        case_id(id, i);
        cJSON *one = cf_cvm_explore_case(round->tries[i].sequence, &round->explorer->profile, id,
                                         round->commands[i]);
        cf_buf_puts(out, i ? "," : "");
        cf_json_print(out, one);
        cJSON_Delete(one);
    }
    cf_buf_puts(out, "]}");
}

static void take_problem(void *context, const char *text)
{
    struct cf_err *err = context;
    if (err->code == CF_OK)
        cf_err_set(err, CF_EINPUT, "%s", text);
}

/* A catalogue of this one requirement. The ids are in order already. */
static enum cf_code load_cases(struct round *round, struct cf_err *err)
{
    struct cf_buf text = {0};
    struct cf_case_list list = {0};
    struct cf_requirement *requirement = NULL;
    struct cf_catalogue_language language =
        cf_engine_language(round->explorer->engine, round->explorer->forms);
    struct cf_casefile_context context = {.language = &language,
                                          .rows = {.generators = language.generators},
                                          .problem = take_problem,
                                          .problem_context = err};
    struct cf_catalogue *c = &round->catalogue;
    write_cases(round, &text);
    enum cf_code code = cf_casefile_read(&requirement, "explore", "sequence", "explored sequences",
                                         cf_buf_text(&text), text.len, &context, &list, err);
    cf_buf_release(&text);
    c->requirements = cf_alloc_array(1, sizeof(*c->requirements));
    c->requirements[0] = requirement;
    c->requirement_count = requirement ? 1 : 0;
    c->cases = list.items;
    c->case_count = list.count;
    c->by_id = cf_alloc_array(list.count + 1, sizeof(*c->by_id));
    for (size_t i = 0; i < list.count; i++) {
        c->cases[i]->index = i;
        c->by_id[i] = c->cases[i];
    }
    return code != CF_OK ? code : err->code;
}

/* ---- while it runs ---- */

static void put_cut(struct cf_buf *out, const char *before, const char *text)
{
    cf_buf_puts(out, before);
    cf_buf_append(out, text, cf_utf8_cut(text, strlen(text), SHOWN_BYTES));
}

static void take_failure(struct round *round, struct cf_try *one, size_t index,
                         const struct cf_case_record *record)
{
    const struct cf_failure *failure = &record->failures[0];
    struct cf_buf text = {0};
    bool known = failure->step >= 0 && failure->step < CF_STEPS_MAX;
    cf_buf_puts(&text, failure->message ? failure->message : "the contract was broken");
    if (failure->expected && failure->actual) {
        put_cut(&text, " (expected ", failure->expected);
        put_cut(&text, ", got ", failure->actual);
        cf_buf_puts(&text, ")");
    }
    one->command = known ? round->commands[index][failure->step] : 0;
    one->message = cf_buf_take(&text, NULL);
    one->requirement = cf_strdup(failure->requirement);
    cf_buf_release(&text);
}

static void take_record(struct round *round, const struct cf_pool_event *event)
{
    size_t index = round->plan.items[event->index].one->index;
    struct cf_try *one = &round->tries[index];
    struct cf_case_record record;
    one->verdict = event->verdict;
    one->ran = true;
    if (event->verdict == CF_PASS || !cf_case_record_parse(&record, event->line, event->line_len))
        return;
    if (record.verdict == CF_FAIL && record.failure_count > 0)
        take_failure(round, one, index, &record);
    else
        one->message = cf_strdup(cf_record_reason(&record));
    cf_case_record_release(&record);
}

/* As a run does it (session.c). */
static void stay(struct cf_explorer *e)
{
    struct cf_err err = {0};
    if (!cf_out_folder_stay(&e->ours, &err))
        return;
    cf_complain("%s", err.text);
    if (e->snapshots.count > 0 && cf_snapshots_write(&e->snapshots, e->ours.path, &err) != CF_OK)
        cf_complain("%s", err.text);
}

static void on_event(void *context, const struct cf_pool_event *event)
{
    struct round *round = context;
    struct cf_explorer *e = round->explorer;
    stay(e);
    if (event->kind == CF_EVENT_RECORD)
        take_record(round, event);
    if (event->kind == CF_EVENT_TROUBLE)
        cf_complain("%s", event->text);
    if (event->kind == CF_EVENT_PUT_BACK)
        cf_put_back_note(&e->snapshots, &e->profile, event, &e->left);
}

/* The reference implementation's CVMs end with it. */
static enum cf_code keep_snapshots(void *context, const char *const *texts, struct cf_err *err)
{
    struct round *round = context;
    struct cf_explorer *e = round->explorer;
    if (round->reference > 0)
        return CF_OK;
    cf_snapshots_release(&e->snapshots);
    enum cf_code code = cf_snapshots_make(&e->snapshots, &e->profile, texts, err);
    if (code == CF_OK)
        code = cf_snapshots_write(&e->snapshots, e->ours.path, err);
    return code == CF_OK
               ? cf_at_once_take(&e->at_once, &e->profile, &e->snapshots, e->ours.path, err)
               : code;
}

static void in_child(void *context)
{
    const struct round *round = context;
    cf_out_folder_leave(&round->explorer->ours);
    cf_at_once_leave(&round->explorer->at_once);
    if (round->reference > 0)
        close(round->stop_fd);
}

/* ---- running ---- */

static int jobs_of(const struct round *round)
{
    if (round->explorer->in_turn)
        return 1;
    return round->reference > 0 ? REFERENCE_JOBS : round->explorer->jobs;
}

static enum cf_code run_pool(struct round *round, struct cf_err *err)
{
    struct cf_explorer *e = round->explorer;
    struct cf_pool_outcome outcome = {0};
    struct cf_filter filter = {
        .level = CF_OBSERVE, .seed = 1, .repeat = 1, .shard = 1, .shards = 1};
    const char **given = cf_alloc_array(round->profile->fixture_count + 1, sizeof(*given));
    struct cf_pool_options options = {
        .worker = {.base = {e->engine, round->profile, ++e->words}, .plan = &round->plan},
        .jobs = jobs_of(round),
        .throw_away = round->reference > 0,
        .known = e->looked,
        .until_ms = e->until_ms,
        .event = on_event,
        .context = round,
        .snapshots = given,
        .in_child = in_child,
        .before_changes = keep_snapshots};
    for (size_t i = 0; i < round->profile->fixture_count; i++)
        given[i] = cf_snapshots_text(&e->snapshots, round->profile->fixtures[i].id);
    enum cf_code code = cf_plan_make(&round->plan, &round->catalogue, round->profile, &filter, err);
    if (code == CF_OK)
        code = cf_pool_run(&options, &outcome, err);
    e->signal = outcome.signal;
    e->requests += outcome.requests;
    e->looked = e->looked || (code == CF_OK && round->reference <= 0);
    if (code == CF_OK && outcome.gone[0])
        code = cf_err_set(err, CF_ENET, "%s", outcome.gone);
    stay(e);
    if (round->reference <= 0 && cf_snapshots_write(&e->snapshots, e->ours.path, err) != CF_OK)
        code = err->code;
    cf_plan_release(&round->plan);
    free(given);
    return code;
}

static enum cf_code run_on_reference(struct round *round, struct cf_err *err)
{
    struct cf_explorer *e = round->explorer;
    struct cf_profile own;
    unsigned port = cf_reference_fork(&e->reference, &round->reference, &round->stop_fd);
    if (port == 0)
        return cf_err_set(err, CF_EIO, "the reference implementation did not start");
    enum cf_code code = cf_trial_profile(&own, &e->reference, port, !e->as_served, err);
    if (code == CF_OK) {
        own.poll_interval_ms = (long)e->reference.operation_ms + POLL_BEYOND_MS;
        own.settle_timeout_ms = SETTLE_MS;
        if (!cf_profile_claims(&own, "instant_operations"))
            own.operation_ms = own.poll_interval_ms; /* so that nobody looks at once */
        own.idle_tells = !e->as_served;
        round->profile = &own;
        code = run_pool(round, err);
        cf_profile_release(&own);
    }
    cf_reference_stop(round->reference, round->stop_fd);
    return code;
}

enum cf_code cf_tries_run(struct cf_explorer *e, struct cf_try *tries, size_t count,
                          struct cf_err *err)
{
    struct round round = {.explorer = e, .tries = tries, .count = count, .profile = &e->profile};
    double started_ms = cf_clock_ms();
    round.commands = cf_alloc_array(count + 1, sizeof(*round.commands));
    for (size_t i = 0; i < count; i++)
        tries[i].verdict = CF_INCONCLUSIVE;
    enum cf_code code = load_cases(&round, err);
    if (code == CF_OK)
        code = e->profile_path ? run_pool(&round, err) : run_on_reference(&round, err);
    cf_catalogue_release(&round.catalogue);
    free(round.commands);
    e->wall_ms += cf_clock_ms() - started_ms;
    return code;
}

void cf_tries_release(struct cf_try *tries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(tries[i].message);
        free(tries[i].requirement);
        tries[i].message = NULL;
        tries[i].requirement = NULL;
    }
}
