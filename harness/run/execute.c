#include "harness/run/execute.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/run/io.h"
#include "harness/run/language.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char **copy_requirements(const struct cf_case *one, size_t *out_count)
{
    char **names = cf_alloc_array(one->also_count + 1, sizeof(char *));
    const char *id;
    *out_count = 0;
    while ((id = cf_case_requirement_id(one, *out_count)) != NULL)
        names[(*out_count)++] = cf_strdup(id);
    return names;
}

void cf_case_describe(const struct cf_case *one, int attempt, struct cf_case_record *record)
{
    char now[CF_TIMESTAMP_BYTES];
    const struct cf_requirement *r = one->requirement;
    cf_clock_timestamp(now);
    record->id = cf_strdup(one->id);
    record->suite = cf_strdup(r->suite);
    record->title = cf_strdup(one->title);
    record->requirements = copy_requirements(one, &record->requirement_count);
    record->level = r->level;
    record->statement = cf_strdup(r->statement);
    record->file = cf_strdup(r->file);
    record->line = one->line;
    record->control = cf_strdup(one->control);
    record->attempt = attempt;
    record->started_at = cf_strdup(now);
}

void cf_case_run_begin(struct cf_case_run *run, const struct cf_case_setting *setting,
                       const struct cf_case *one, const char *const *fixtures, struct cf_turn turn,
                       struct cf_io *io, struct cf_case_record *record)
{
    char name[640];
    const char *what = turn.shares ? turn.shares : one ? one->id : fixtures[0];
    *run = (struct cf_case_run){.engine = setting->engine,
                                .profile = setting->profile,
                                .one = one,
                                .io = io,
                                .record = record,
                                .texts = setting->texts,
                                .started_ms = io->ops->now(io),
                                .vars = cJSON_CreateObject()};
    size_t roles = one ? one->role_count : 1;
    for (size_t i = 0; i < roles; i++)
        run->fixtures[i] = fixtures[i];
    for (size_t i = 0; one && i < roles; i++)
        cf_case_record_add_cvm(record, fixtures[i]);
    snprintf(name, sizeof(name), "%llu/%d.%d/%s", setting->seed, turn.attempt, turn.tries, what);
    run->random_name = cf_strdup(name);
    cf_run_begin_part(run, turn.shares && one ? one->from : NULL);
    if (roles > 0 && !record->cvm && fixtures[0])
        record->cvm = cf_strdup(fixtures[0]);
}

static int count_operations(const struct cf_case_run *run)
{
    int count = 0;
    for (size_t i = 0; run->engine->starts_operation && i < run->record->exchange_count; i++)
        count += run->engine->starts_operation(&run->record->exchanges[i]);
    return count;
}

void cf_case_run_end(struct cf_case_run *run)
{
    cf_run_mend(run);
    if (run->engine->end)
        run->engine->end(run);
    cJSON_Delete(run->vars);
    free(run->random_name);
    cf_json_text_release(run->last_text);
    cf_headers_release(&run->usual);
    if (run->record->shares)
        return;
    run->record->operations = count_operations(run);
    run->record->duration_ms = run->io->ops->now(run->io) - run->started_ms;
}

/* What locked the fixture before is not to be this case's. */
static void begin_unlocked(struct cf_case_run *run)
{
    run->step = -1;
    run->engine->unlocked(run);
    run->step = 0;
}

/* Whether the step is one of a case that runs like this: "alone", or "shared". */
static bool is_due(const struct cf_case_run *run, const cJSON *step)
{
    const char *when = cf_json_text(step, "when", NULL);
    return !when || (strcmp(when, "shared") == 0) == (run->record->shares != NULL);
}

/* Index of the last step that tells something of what the case asks; -1: none does. */
static int last_asking(const struct cf_case_run *run)
{
    bool notes = run->one->requirement->level == CF_OBSERVE;
    const cJSON *step;
    int index = 0;
    int last = -1;
    cJSON_ArrayForEach(step, run->one->steps)
    {
        if (notes || cf_step_asks(run->engine, step))
            last = index;
        index++;
    }
    return last;
}

static char **copy_texts(const char *const *texts, size_t count, size_t *out_count)
{
    char **copy = cf_alloc_array(count, sizeof(*copy));
    for (size_t i = 0; i < count; i++)
        copy[i] = cf_strdup(texts[i]);
    *out_count = count;
    return copy;
}

unsigned cf_case_execute(const struct cf_case_setting *setting, const struct cf_case *one,
                         const char *const *fixtures, struct cf_turn turn, struct cf_io *io,
                         struct cf_case_record *record)
{
    struct cf_case_run run;
    const cJSON *step;
    const struct cf_case *played = turn.shares && one->whole ? one->whole : one;
    cf_case_describe(one, turn.attempt, record);
    record->tries = turn.tries;
    record->shares = cf_strdup(turn.shares);
    record->failed_on = copy_texts(turn.failed_on, turn.failed_on_count, &record->failed_on_count);
    record->failed_at = turn.failed_at;
    record->fails_at = -1;
    record->forms = copy_texts(turn.forms, turn.form_count, &record->form_count);
    cf_case_run_begin(&run, setting, played, fixtures, turn, io, record);
    run.last_asking = last_asking(&run);
    record->verdict = CF_PASS;
    record->seeks_lock = turn.seeks_lock;
    if (turn.seeks_lock && setting->engine->unlocked)
        begin_unlocked(&run);
    cJSON_ArrayForEach(step, played->steps)
    {
        if (run.over)
            break;
        run.step_node = step;
        run.setup = cf_json_bool(step, "setup", false);
        if (is_due(&run, step))
            cf_run_step(&run, step);
        run.step++;
    }
    run.setup = false;
    run.step = -1;
    if (setting->engine->finish)
        setting->engine->finish(&run);
    cf_case_run_end(&run);
    return run.end;
}
