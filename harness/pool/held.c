#include "harness/pool/held.h"
#include "harness/base/mem.h"
#include "harness/run/io.h"
#include "harness/run/rejudge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Over the exchanges up to the look that was assumed, and the one that was taken. */
static bool judge(const struct cf_case_setting *setting, struct cf_held *held,
                  const struct cf_case_record *taken, double taken_ms, bool first)
{
    size_t count = held->looks + taken->exchange_count;
    struct cf_case_record whole = *held->record;
    struct cf_exchange *exchanges = cf_alloc_array(count + 1, sizeof(*exchanges));
    memcpy(exchanges, held->record->exchanges, held->looks * sizeof(*exchanges));
    for (size_t i = held->looks; i < count; i++) {
        exchanges[i] = taken->exchanges[i - held->looks];
        double at_ms = exchanges[i].at_ms + taken_ms - held->started_ms;
        exchanges[i].at_ms = round(at_ms * 1000) / 1000;
        exchanges[i].reused = !first;
    }
    whole.exchanges = exchanges;
    whole.exchange_count = count;
    cf_held_release(held);
    held->judged =
        cf_case_judge_over(setting, held->one, &whole, &held->outcome, &held->outcome_end);
    free(exchanges);
    return held->judged && held->outcome.verdict == CF_PASS &&
           (held->outcome_end & ~(unsigned)CF_END_REFUSED) == 0;
}

/* Look, and judge by that and the looks before. */
static bool look(struct cf_case_run *run, const struct cf_case_setting *setting,
                 struct cf_held *const *held, size_t count, unsigned looks)
{
    struct cf_err unread;
    bool seen = setting->engine->look(run, looks, &unread) == CF_OK;
    bool passed = seen;
    for (size_t i = 0; i < count && seen; i++)
        passed = judge(setting, held[i], run->record, run->started_ms, i == 0) && passed;
    return passed;
}

/* Whoever judges by a look that shows something asks for another one, which has no place between
 * several. */
bool cf_held_judge(const struct cf_case_setting *setting, struct cf_io *io,
                   struct cf_held *const *held, size_t count)
{
    struct cf_case_run run;
    struct cf_case_record taken = {0};
    struct cf_turn turn = {.attempt = 0, .tries = 1};
    cf_case_run_begin(&run, setting, NULL, held[0]->fixtures, turn, io, &taken);
    bool if_refused;
    unsigned looks = setting->engine->ends_as_found(held[0]->one, &if_refused);
    bool passed = look(&run, setting, held, count, looks) ||
                  (looks == 1 && look(&run, setting, held, count, looks));
    cf_case_run_end(&run);
    cf_case_record_release(&taken);
    return passed;
}

/* A snapshot made of what is kept. */
static bool recall(struct cf_case_run *run, struct cf_json_doc *out)
{
    struct cf_err err;
    char *text = NULL;
    bool known =
        cf_kept_open(run, run->fixtures[0]) && run->engine->snapshot(run, &text, &err) == CF_OK;
    cf_kept_close(run);
    known = known && cf_json_parse(out, "snapshot", text, strlen(text), 0, &err) == CF_OK;
    free(text);
    return known;
}

bool cf_held_put_back(const struct cf_case_setting *setting, struct cf_io *io,
                      const struct cf_held *held, struct cf_kept *before, uint32_t *operations)
{
    struct cf_case_run run;
    struct cf_case_record record = {0};
    struct cf_turn turn = {.attempt = 0, .tries = 1};
    struct cf_json_doc snapshot;
    struct cf_err err;
    cJSON *left = NULL;
    cf_kept_bring_back(io, before);
    cf_case_run_begin(&run, setting, NULL, held->fixtures, turn, io, &record);
    bool back = recall(&run, &snapshot);
    cf_kept_drop(io, NULL);
    if (back) {
        back = setting->engine->restore(&run, snapshot.root, &left, &err) == CF_OK;
        cf_json_release(&snapshot);
    }
    cJSON_Delete(left);
    cf_case_run_end(&run);
    *operations += (uint32_t)record.operations;
    cf_case_record_release(&record);
    return back;
}

void cf_held_take(struct cf_held *held)
{
    char *started_at = held->record->started_at;
    held->record->started_at = held->outcome.started_at;
    held->outcome.started_at = started_at;
    cf_case_record_release(held->record);
    *held->record = held->outcome;
    held->outcome = (struct cf_case_record){0};
}

void cf_held_release(struct cf_held *held)
{
    cf_case_record_release(&held->outcome);
    held->outcome = (struct cf_case_record){0};
}
