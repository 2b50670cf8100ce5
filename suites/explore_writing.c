#include "suites/explore_writing.h"
#include "suites/explore_values.h"

#include <stdio.h>

const char *cf_cvm_writing_role(int cvm)
{
    return cvm == 0 ? "cvm" : "other";
}

cJSON *cf_cvm_writing_step(struct cf_cvm_writing *w)
{
    cJSON *step = cJSON_CreateObject();
    int index = cJSON_GetArraySize(w->steps);
    if (w->commands && index < CF_STEPS_MAX)
        w->commands[index] = w->command;
    cJSON_AddItemToArray(w->steps, step);
    return step;
}

void cf_cvm_writing_put_role(cJSON *step, const char *member, int cvm)
{
    if (cvm != 0)
        cJSON_AddStringToObject(step, member, cf_cvm_writing_role(cvm));
}

cJSON *cf_cvm_writing_request(const char *endpoint, int cvm)
{
    cJSON *step = cJSON_CreateObject();
    cJSON_AddStringToObject(step, "request", endpoint);
    cf_cvm_writing_put_role(step, "to", cvm);
    return step;
}

cJSON *cf_cvm_writing_send(struct cf_cvm_writing *w, const char *endpoint, int cvm)
{
    cJSON *step = cf_cvm_writing_request(endpoint, cvm);
    cJSON *place = cf_cvm_writing_step(w);
    cJSON_ReplaceItemViaPointer(w->steps, place, step);
    return step;
}

const char *cf_cvm_writing_endpoint(bool script)
{
    return script ? "pre-launch-script" : "update-cvm";
}

/* ---- expectations ---- */

static cJSON *correlation_id(void)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *id = cJSON_AddObjectToObject(json, "/correlation_id");
    cJSON_AddStringToObject(id, "type", "string");
    cJSON_AddItemToObject(cJSON_AddObjectToObject(id, "length"), "min", cf_json_new_integer(1));
    return json;
}

void cf_cvm_writing_answer(cJSON *step, const struct cf_cvm_prediction *prediction)
{
    if (!prediction->status)
        return;
    cJSON *expect = cf_json_get(step, "expect");
    if (!expect)
        expect = cJSON_AddObjectToObject(step, "expect");
    cJSON_AddItemToObject(expect, "status", cJSON_Duplicate(prediction->status, 1));
    if (prediction->accepted)
        cJSON_AddItemToObject(expect, "json", correlation_id());
}

void cf_cvm_writing_as_before(struct cf_cvm_writing *w, int cvm)
{
    cJSON *step = cf_cvm_writing_step(w);
    cJSON_AddStringToObject(step, "expect_unchanged", w->labels[cvm]);
    cf_cvm_writing_put_role(step, "of", cvm);
}

void cf_cvm_writing_look(struct cf_cvm_writing *w, int cvm, const char *label)
{
    cJSON *step = cf_cvm_writing_step(w);
    cJSON_AddStringToObject(step, "observe", label);
    cf_cvm_writing_put_role(step, "of", cvm);
    w->labels[cvm] = label;
}

/* Whatever the pages leave open: what was refused is not applied. */
void cf_cvm_writing_nothing_if_refused(struct cf_cvm_writing *w, int cvm,
                                       const struct cf_cvm_prediction *prediction)
{
    if (prediction->effect != CF_CVM_EFFECT_OPEN)
        return;
    cf_cvm_writing_as_before(w, cvm);
    cJSON *last = cJSON_GetArrayItem(w->steps, cJSON_GetArraySize(w->steps) - 1);
    cJSON_AddTrueToObject(last, "if_refused");
}

/* An operation that came of what is open may fail. */
static void wait_and_look(struct cf_cvm_writing *w, int cvm)
{
    cJSON_AddStringToObject(cf_cvm_writing_step(w), "settle", cf_cvm_writing_role(cvm));
    cf_cvm_writing_look(w, cvm, "seen");
}

static void expect_exactly(struct cf_cvm_writing *w, int cvm, const cJSON *fields, bool or_refused)
{
    cJSON *step = cf_cvm_writing_step(w);
    cJSON_AddItemToObject(step, "expect_change", cf_cvm_explore_literal(fields));
    cJSON_AddStringToObject(step, "since", w->labels[cvm]);
    cf_cvm_writing_put_role(step, "of", cvm);
    cJSON_AddTrueToObject(step, "even_unseen");
    if (or_refused)
        cJSON_AddTrueToObject(step, "or_refused");
    w->labels[cvm] = "after";
}

void cf_cvm_writing_own_effect(struct cf_cvm_writing *w, int cvm,
                               const struct cf_cvm_prediction *prediction)
{
    if (prediction->effect == CF_CVM_EFFECT_NONE)
        cf_cvm_writing_as_before(w, cvm);
    else if (prediction->effect != CF_CVM_EFFECT_OPEN)
        expect_exactly(w, cvm, prediction->fields, prediction->effect == CF_CVM_EFFECT_IF_TAKEN);
    else
        wait_and_look(w, cvm);
}

void cf_cvm_writing_effect(struct cf_cvm_writing *w, int cvm,
                           const struct cf_cvm_prediction *prediction)
{
    cf_cvm_writing_own_effect(w, cvm, prediction);
    if (prediction->effect != CF_CVM_EFFECT_NONE && w->cvms > 1)
        cf_cvm_writing_as_before(w, 1 - cvm);
}

/* ---- what a request brings ---- */

void cf_cvm_writing_call(struct cf_cvm_writing *w, const char *word, const char *hash,
                         const char *by)
{
    cJSON *step = cf_cvm_writing_step(w);
    cJSON_AddStringToObject(step, word, hash);
    if (by)
        cJSON_AddStringToObject(step, "by", by);
}

cJSON *cf_cvm_writing_capture(cJSON *step)
{
    cJSON *capture = cf_json_get(step, "capture");
    return capture ? capture : cJSON_AddObjectToObject(step, "capture");
}

void cf_cvm_writing_compare_id(struct cf_cvm_writing *w, cJSON *step,
                               const struct cf_cvm_prediction *prediction)
{
    char name[24];
    char reference[32];
    if (!w->ids || !prediction->accepted)
        return;
    snprintf(name, sizeof(name), "id%d", cJSON_GetArraySize(w->ids) + 1);
    snprintf(reference, sizeof(reference), "${%s}", name);
    cJSON_AddStringToObject(cf_cvm_writing_capture(step), name, "/correlation_id");
    if (w->ids->child) {
        cJSON *check = cf_cvm_writing_step(w);
        cJSON_AddStringToObject(check, "check", reference);
        cJSON *other = cJSON_AddObjectToObject(cJSON_AddObjectToObject(check, "is"), "not");
        cJSON_AddItemToObject(other, "one_of", cJSON_Duplicate(w->ids, 1));
    }
    cJSON_AddItemToArray(w->ids, cJSON_CreateString(reference));
}
