/* The small step words. */
#include "harness/run/steps.h"
#include "harness/case/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- hook: {"hook": NAME, "with": {...}, "capture": {VAR: MEMBER}} ---- */

/* map may be absent. */
static enum cf_code check_texts(const struct cf_json_doc *doc, const cJSON *map, const char *path,
                                struct cf_err *err)
{
    enum cf_code code = CF_OK;
    for (const cJSON *m = map ? map->child : NULL; code == CF_OK && m; m = m->next)
        code = cf_shape_type(doc, m, path, "string", err);
    return code;
}

static enum cf_code check_hook(const struct cf_engine *engine, const struct cf_json_doc *doc,
                               const cJSON *step, const char *path, struct cf_err *err)
{
    (void)engine;
    static const char *const members[] = {"with", "capture"};
    enum cf_code code = cf_shape_line(doc, cf_json_get(step, "hook"), path, 100, err);
    for (size_t i = 0; code == CF_OK && i < 2; i++)
        code = check_texts(doc, cf_json_get(step, members[i]), path, err);
    return code;
}

/* An input that no earlier answer gave is not for the hook to find out, and no trouble of ours. */
static bool has_inputs(struct cf_case_run *run, const char *name, const cJSON *inputs)
{
    const cJSON *input;
    cJSON_ArrayForEach(input, inputs)
    {
        if (!cJSON_IsNull(input))
            continue;
        cf_run_inconclusive(run, "hook %s was not called: its input %s is null", name,
                            input->string);
        return false;
    }
    return true;
}

static void capture_outputs(struct cf_case_run *run, const cJSON *step, const cJSON *outputs)
{
    const cJSON *capture = cf_json_get(step, "capture");
    for (const cJSON *c = capture ? capture->child : NULL; c && !run->over; c = c->next) {
        const cJSON *value = cf_json_get(outputs, c->valuestring);
        if (value)
            cf_run_set(run, c->string, cJSON_Duplicate(value, 1));
        else
            cf_run_error(run, "hook %s: its output has no member \"%s\"",
                         cf_json_text(step, "hook", ""), c->valuestring);
    }
}

static void run_hook(struct cf_case_run *run, const cJSON *step)
{
    struct cf_err err = {0};
    cJSON *outputs = NULL;
    const char *name = cf_json_text(step, "hook", "");
    const cJSON *with = cf_json_get(step, "with");
    cJSON *inputs = with ? cf_run_expand(run, with) : cJSON_CreateObject();
    if (inputs && has_inputs(run, name, inputs)) {
        enum cf_code code = cf_run_hook(run, name, inputs, &outputs, &err);
        if (code == CF_ENOTFOUND)
            cf_run_inconclusive(run, "%s", err.text);
        else if (code != CF_OK)
            cf_run_error(run, "%s", err.text);
        else
            capture_outputs(run, step, outputs);
    }
    cJSON_Delete(inputs);
    cJSON_Delete(outputs);
}

const struct cf_step_word cf_step_hook = {
    {"hook", NULL, (const char *const[]){"with", "capture", NULL}, .check = check_hook},
    run_hook,
    false};

/* ---- part: NAME, which a case that shares this one may begin from ---- */

static enum cf_code check_part(const struct cf_engine *engine, const struct cf_json_doc *doc,
                               const cJSON *step, const char *path, struct cf_err *err)
{
    (void)engine;
    return cf_shape_line(doc, cf_json_get(step, "part"), path, 60, err);
}

/* The values drawn from here on are to be the same where the case begins here. */
static void run_part(struct cf_case_run *run, const cJSON *step)
{
    cf_run_begin_part(run, cf_json_get(step, "part")->valuestring);
}

const struct cf_step_word cf_step_part = {
    {"part", NULL, NULL, .check = check_part}, run_part, false};

/* ---- let: {"let": {NAME: VALUE}} ---- */

static enum cf_code check_map(const struct cf_json_doc *doc, const cJSON *map, const char *path,
                              struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, map, path, "object", err);
    return code == CF_OK && !map->child ? cf_json_fault(doc, map, err, "%s: empty", path) : code;
}

static enum cf_code check_let(const struct cf_engine *engine, const struct cf_json_doc *doc,
                              const cJSON *step, const char *path, struct cf_err *err)
{
    (void)engine;
    return check_map(doc, cf_json_get(step, "let"), path, err);
}

static void run_let(struct cf_case_run *run, const cJSON *step)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cf_json_get(step, "let"))
    {
        cJSON *value = run->over ? NULL : cf_run_expand(run, item);
        if (value)
            cf_run_set(run, item->string, value);
    }
}

const struct cf_step_word cf_step_let = {{"let", NULL, NULL, .check = check_let}, run_let, false};

/* ---- check: {"check": VALUE, "is": MATCHER, "else": REASON} ---- */

static enum cf_code check_check(const struct cf_engine *engine, const struct cf_json_doc *doc,
                                const cJSON *step, const char *path, struct cf_err *err)
{
    (void)engine;
    char where[200];
    const cJSON *otherwise = cf_json_get(step, "else");
    snprintf(where, sizeof(where), "%s/is", path);
    enum cf_code code = cf_matcher_check(doc, cf_json_get(step, "is"), where, err);
    snprintf(where, sizeof(where), "%s/else", path);
    return code == CF_OK && otherwise ? cf_shape_line(doc, otherwise, where, 200, err) : code;
}

static void add_mismatch(void *context, const struct cf_mismatch *mismatch)
{
    struct cf_mismatch pointless = *mismatch;
    pointless.pointer = NULL; /* it is not in a body */
    cf_run_fail(context, &pointless);
}

/* A case that is not for IUTs of which this does not hold. */
static void add_reason(void *context, const struct cf_mismatch *mismatch)
{
    struct cf_case_run *run = context;
    (void)mismatch;
    cf_run_not_applicable(run, "%s", cf_json_text(run->step_node, "else", ""));
}

static void run_check(struct cf_case_run *run, const cJSON *step)
{
    const cJSON *written = cf_json_get(step, "is");
    cJSON *value = cf_run_expand(run, cf_json_get(step, "check"));
    cJSON *matcher = value ? cf_run_expand(run, written) : NULL;
    bool judges = !cf_json_get(step, "else");
    struct cf_match_sink sink = {judges ? add_mismatch : add_reason, run, written};
    if (matcher)
        cf_match(matcher, value, "", &sink);
    cJSON_Delete(value);
    cJSON_Delete(matcher);
}

const struct cf_step_word cf_step_check = {{"check", (const char *const[]){"is", NULL},
                                            (const char *const[]){"else", NULL},
                                            .check = check_check},
                                           run_check,
                                           true};

/* ---- note: {"note": {NAME: VALUE}} into the observation ---- */

static enum cf_code check_note(const struct cf_engine *engine, const struct cf_json_doc *doc,
                               const cJSON *step, const char *path, struct cf_err *err)
{
    (void)engine;
    return check_map(doc, cf_json_get(step, "note"), path, err);
}

static void run_note(struct cf_case_run *run, const cJSON *step)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cf_json_get(step, "note"))
    {
        cJSON *value = run->over ? NULL : cf_run_expand(run, item);
        if (value)
            cf_run_note(run, item->string, value);
    }
}

const struct cf_step_word cf_step_note = {
    {"note", NULL, NULL, .check = check_note}, run_note, false};
