#include "cli/selftest/edits.h"
#include "harness/base/mem.h"
#include "harness/run/language.h"
#include "suites/suites.h"

#include <stdlib.h>
#include <string.h>

/* ---- the words ---- */

/* Take back what a step said, verdict and failures. */
static void take_back(struct cf_case_run *run)
{
    struct cf_case_record *record = run->record;
    for (size_t i = 0; i < record->failure_count; i++)
        cf_failure_release(&record->failures[i]);
    record->failure_count = 0;
    free(record->reason);
    record->reason = NULL;
    record->verdict = CF_PASS;
    run->over = false;
}

/* False when the step failed; that is then taken back. Other verdicts stand. */
static bool holds(struct cf_case_run *run, const cJSON *step)
{
    cf_run_step(run, step);
    if (run->record->failure_count == 0)
        return true;
    take_back(run);
    return false;
}

static void run_dropped(struct cf_case_run *run, const cJSON *step)
{
    holds(run, cf_json_get(step, "dropped"));
}

static void run_negated(struct cf_case_run *run, const cJSON *step)
{
    if (holds(run, cf_json_get(step, "negated")) && !run->over)
        cf_run_fail_text(run, NULL, "the opposite", "what the case file says",
                         "the expectation was negated");
}

static void ignore(void *context, const struct cf_mismatch *mismatch)
{
    (void)context;
    (void)mismatch;
}

static bool judge_negated(const cJSON *wanted, const struct cf_answer *answer,
                          const struct cf_match_sink *sink)
{
    const struct cf_expect_word *const *words = cf_cvm_engine()->expect_words;
    if (!cf_expect_judge(wanted, wanted, answer, words, ignore, NULL))
        return true;
    struct cf_mismatch mismatch = {sink->origin, NULL, "the opposite", "what the case file says",
                                   "the expectation was negated"};
    sink->add(sink->context, &mismatch);
    return false;
}

/* No file is loaded with these words, so none checks its form. */
static const struct cf_step_word dropped = {{.word = "dropped"}, run_dropped, false};
static const struct cf_step_word negated = {{.word = "negated"}, run_negated, false};
static const struct cf_expect_word negated_expect = {"negated", NULL, judge_negated};

static void add_words(struct cf_edited *edited)
{
    struct cf_engine *engine = &edited->engine;
    size_t count = 0;
    while (engine->words[count])
        count++;
    edited->words = cf_alloc_array(count + 3, sizeof(struct cf_step_word *));
    memcpy(edited->words, engine->words, count * sizeof(struct cf_step_word *));
    edited->words[count++] = &dropped;
    edited->words[count] = &negated;
    engine->words = edited->words;
    for (count = 0; engine->expect_words[count];)
        count++;
    edited->expect_words = cf_alloc_array(count + 2, sizeof(struct cf_expect_word *));
    memcpy(edited->expect_words, engine->expect_words, count * sizeof(struct cf_expect_word *));
    edited->expect_words[count] = &negated_expect;
    engine->expect_words = edited->expect_words;
}

/* ---- the copies ---- */

/* A step that is an expectation as a whole goes into one of ours. */
static void wrap_step(cJSON *steps, cJSON *step, bool negate)
{
    cJSON *wrapper = cJSON_CreateObject();
    const char *when = cf_json_text(step, "when", NULL);
    if (cf_json_bool(step, "setup", false))
        cJSON_AddTrueToObject(wrapper, "setup");
    if (when)
        cJSON_AddStringToObject(wrapper, "when", when);
    cJSON_AddItemToObject(wrapper, negate ? "negated" : "dropped", cJSON_Duplicate(step, 1));
    cJSON_ReplaceItemViaPointer(steps, step, wrapper);
}

/* A value that must be there is looked for where there is none. */
static void edit_capture(cJSON *capture, cJSON *where, bool negate)
{
    if (negate)
        cJSON_SetValuestring(where, "/nothing has this name");
    else
        cJSON_Delete(cJSON_DetachItemViaPointer(capture, where));
}

/* map: expect itself, its json or its headers. */
static void edit_expect(cJSON *expect, cJSON *map, cJSON *wanted, bool negate)
{
    cJSON *taken = cJSON_DetachItemViaPointer(map, wanted);
    if (!negate) {
        cJSON_Delete(taken);
        return;
    }
    cJSON *to = cJSON_AddObjectToObject(expect, "negated");
    if (map != expect)
        to = cJSON_AddObjectToObject(to, map->string);
    cJSON_AddItemToObject(to, taken->string, taken);
}

/* The children of an expectation's ancestors, from its step down to itself. */
enum { DEPTH_MAX = 4 };

static size_t find(cJSON *steps, const cJSON *written, const cJSON *expectation,
                   cJSON *out_path[DEPTH_MAX])
{
    struct cf_buf pointer = {0};
    size_t depth = 0;
    cf_json_pointer_to(written, expectation, &pointer);
    for (size_t i = 1; i <= pointer.len && depth < DEPTH_MAX; i++) {
        if (pointer.data[i] != '/' && pointer.data[i] != '\0')
            continue;
        char after = pointer.data[i];
        pointer.data[i] = '\0';
        out_path[depth++] = cf_json_at(steps, pointer.data);
        pointer.data[i] = after;
    }
    cf_buf_release(&pointer);
    return depth;
}

/* When the step of the edit is done: "shared", "alone", or "" for always. */
static const char *when_of(const struct cf_edit *edit)
{
    const cJSON *written = cf_json_get(edit->case_node, "steps");
    struct cf_buf pointer = {0};
    cf_json_pointer_to(written, edit->expectation, &pointer);
    pointer.data[1 + strcspn(pointer.data + 1, "/")] = '\0';
    const cJSON *step = cf_json_at(written, pointer.data);
    cf_buf_release(&pointer);
    return cf_json_text(step, "when", "");
}

/* A case that does not pass as it shares is run alone: that is not to make up for it. */
static void fail_alone(cJSON *steps)
{
    cJSON *step = cJSON_CreateObject();
    cJSON_AddStringToObject(step, "when", "alone");
    cJSON_AddObjectToObject(cJSON_AddObjectToObject(step, "negated"), "let");
    cJSON_AddItemToArray(steps, step);
}

static cJSON *edited_steps(const struct cf_edit *edit)
{
    const cJSON *written = cf_json_get(edit->case_node, "steps");
    cJSON *steps = cJSON_Duplicate(written, 1);
    cJSON *path[DEPTH_MAX];
    size_t depth = find(steps, written, edit->expectation, path);
    if (depth == 1)
        wrap_step(steps, path[0], edit->negate);
    else if (strcmp(path[1]->string, "capture") == 0)
        edit_capture(path[1], path[2], edit->negate);
    else
        edit_expect(path[1], path[depth - 2], path[depth - 1], edit->negate);
    if (edit->negate && strcmp(when_of(edit), "shared") == 0)
        fail_alone(steps);
    return steps;
}

void cf_edited_init(struct cf_edited *out, const struct cf_engine *engine,
                    const struct cf_catalogue *catalogue, const struct cf_edit *edits, size_t count)
{
    size_t n = catalogue->case_count;
    *out = (struct cf_edited){.engine = *engine, .catalogue = *catalogue, .edit_count = count};
    add_words(out);
    out->cases = cf_alloc_array(n, sizeof(*out->cases));
    out->engine.own_questions_only = count > 0;
    out->steps = cf_alloc_array(count, sizeof(*out->steps));
    out->catalogue.cases = cf_alloc_array(n, sizeof(struct cf_case *));
    out->catalogue.by_id = cf_alloc_array(n, sizeof(struct cf_case *));
    for (size_t i = 0; i < n; i++) {
        out->cases[i] = *catalogue->cases[i];
        out->catalogue.cases[i] = &out->cases[i];
        out->catalogue.by_id[i] = &out->cases[catalogue->by_id[i]->index];
    }
    for (size_t e = 0; e < count; e++) {
        out->steps[e] = edited_steps(&edits[e]);
        for (size_t i = 0; i < n; i++) {
            if (out->cases[i].node != edits[e].case_node)
                continue;
            out->cases[i].steps = out->steps[e];
            if (strcmp(when_of(&edits[e]), "alone") == 0)
                out->cases[i].shares = NULL; /* else nothing would come to it */
        }
    }
}

void cf_edited_release(struct cf_edited *edited)
{
    for (size_t e = 0; e < edited->edit_count; e++)
        cJSON_Delete(edited->steps[e]);
    free(edited->steps);
    free(edited->cases);
    free(edited->catalogue.cases);
    free(edited->catalogue.by_id);
    free(edited->words);
    free(edited->expect_words);
    *edited = (struct cf_edited){0};
}
