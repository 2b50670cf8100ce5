/* Sequences as cases: each command becomes requests, with what the model predicts as expectations.
 */
#include "suites/explore.h"
#include "suites/explore_faults.h"
#include "suites/explore_marks.h"
#include "suites/explore_proofs.h"
#include "suites/explore_values.h"
#include "suites/explore_writing.h"
#include "suites/model/value_kinds.h"
#include "suites/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TITLE_MAX_BYTES = 400 };

/* ---- what comes later ---- */

/* Whether a later command has the hash of that name, and does that, if what is not NULL. */
static bool is_used(const cJSON *command, const char *name, const char *what)
{
    if (!*name)
        return false;
    for (const cJSON *later = command->next; later; later = later->next) {
        bool here = strcmp(cf_json_text(later, "of", ""), name) == 0 ||
                    strcmp(cf_json_text(later, "other", ""), name) == 0;
        if (here && (!what || strcmp(cf_json_text(later, "do", ""), what) == 0))
            return true;
    }
    return false;
}

static void token_name(char *out, size_t size, const char *hash)
{
    snprintf(out, size, "%s_token", hash);
}

static void put_capture(cJSON *step, const cJSON *command, bool with_token)
{
    char token[32];
    const char *name = cf_json_text(command, "as", "");
    cJSON_AddStringToObject(cf_cvm_writing_capture(step), name, "@compose-hash");
    token_name(token, sizeof(token), name);
    if (with_token && is_used(command, name, "commit"))
        cJSON_AddStringToObject(cf_cvm_writing_capture(step), token, "@commit-token");
}

/* Where there is no phase 1, there is no phase 2 to be judged. */
static void let_if_registered(struct cf_cvm_writing *w, const cJSON *command)
{
    cJSON *check = cf_cvm_writing_step(w);
    cJSON_AddStringToObject(check, "check", "${last.status}");
    cJSON_AddItemToObject(check, "is", cf_cvm_explore_parsed("{\"one_of\": [465]}"));
    cJSON_AddStringToObject(check, "else", "what phase 1 asks for is refused here");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(cf_cvm_writing_step(w), "let"),
                            cf_json_text(command, "as", ""), "${found.compose-hash}");
}

/* ---- commands ---- */

/* Of a request that is no update, or no upload, nothing is known but which fields it may change. */
static void doubt_form(struct cf_cvm_writing *w, const struct cf_cvm_change *change,
                       struct cf_cvm_prediction *out)
{
    cJSON *fields = cJSON_Duplicate(change->fields, 1);
    if (change->script && !fields->child)
        cJSON_AddNullToObject(fields, "pre_launch_script");
    cf_cvm_model_doubt(&w->model, change->cvm, fields, out);
    cJSON_Delete(fields);
}

static bool is_in_strange_form(const char *form)
{
    return form[0] && strncmp(form, "text/", 5) != 0;
}

/* It is still whose it was; what a gateway answers says nothing of that. Where the profile reads it
 * from elsewhere, nothing may answer there. */
static void expect_still_ours(struct cf_cvm_writing *w, int cvm)
{
    struct cf_cvm_shown shown;
    if (!cf_cvm_reading_finds(w->profile, CF_CVM_IN_PROGRESS, &shown) ||
        strcmp(shown.get, "/api/v1/cvms/{cvm_id}") != 0)
        return;
    cJSON *step = cf_cvm_writing_send(w, "read", cvm);
    cJSON_AddItemToObject(cJSON_AddObjectToObject(step, "expect"), "status",
                          cf_cvm_explore_parsed("[200, 429, \"5xx\"]"));
}

static void write_update(struct cf_cvm_writing *w, const cJSON *command, int cvm)
{
    struct cf_cvm_prediction prediction;
    struct cf_cvm_change change = {.cvm = cvm,
                                   .fields = cf_json_get(command, "set"),
                                   .script = cf_json_bool(command, "script", false),
                                   .prepare = cf_json_bool(command, "prepare", false),
                                   .name = cf_json_text(command, "as", "none")};
    const char *form = cf_json_text(command, "form", "");
    change.may_be_refused = form[0] != '\0';
    if (is_in_strange_form(form))
        doubt_form(w, &change, &prediction);
    else
        cf_cvm_model_update(&w->model, &change, &prediction);
    cJSON *step = cf_cvm_writing_send(w, cf_cvm_writing_endpoint(change.script), cvm);
    if (form[0])
        cf_cvm_explore_put_form(step, form, change.fields);
    else
        cf_cvm_explore_put_fields(step, change.fields, change.script);
    if (change.prepare)
        cJSON_AddStringToObject(cJSON_AddObjectToObject(step, "headers"), "X-Prepare-Only", "true");
    cf_cvm_writing_answer(step, &prediction);
    bool used = prediction.registers && is_used(command, cf_json_text(command, "as", ""), NULL);
    if (used && prediction.may_be_refused)
        let_if_registered(w, command);
    else if (used)
        put_capture(step, command, prediction.with_token);
    cf_cvm_writing_compare_id(w, step, &prediction);
    if (prediction.with_token) {
        cJSON *check = cf_cvm_writing_step(w);
        cJSON_AddStringToObject(check, "check", "${found.commit-token}");
        cJSON_AddStringToObject(cJSON_AddObjectToObject(check, "is"), "type", "string");
    }
    cf_cvm_writing_nothing_if_refused(w, cvm, &prediction);
    if (cf_cvm_values_strange(change.fields))
        expect_still_ours(w, cvm);
    cf_cvm_writing_effect(w, cvm, &prediction);
    cf_cvm_prediction_release(&prediction);
}

static void write_finish(struct cf_cvm_writing *w, const cJSON *command)
{
    struct cf_cvm_prediction prediction;
    const char *name = cf_json_text(command, "of", "");
    const char *word = cf_json_text(command, "proof", "right");
    int proof = 0;
    while (cf_cvm_proof_names[proof] && strcmp(cf_cvm_proof_names[proof], word) != 0)
        proof++;
    if (proof == CF_CVM_PROOF_COUNT || !cf_cvm_model_pends(&w->model, 0, name) ||
        (proof == CF_CVM_PROOF_OTHER_CVM &&
         !cf_cvm_model_pends(&w->model, 1, cf_json_text(command, "other", ""))))
        return;
    cf_cvm_model_finish(&w->model, 0, name, (enum cf_cvm_proof)proof, &prediction);
    if (cf_json_get(command, "count") && prediction.effect == CF_CVM_EFFECT_EXACTLY) {
        cf_cvm_explore_put_proof_race(w, command, &prediction);
        prediction.effect = CF_CVM_EFFECT_OPEN; /* the race looked at it */
    } else {
        cf_cvm_explore_put_proof(w, command, (enum cf_cvm_proof)proof, &prediction);
        cf_cvm_writing_nothing_if_refused(w, 0, &prediction);
    }
    cf_cvm_writing_effect(w, 0, &prediction);
    if (proof == CF_CVM_PROOF_OTHER_BODY)
        cf_cvm_explore_expect_not_another(w, command);
    if (proof == CF_CVM_PROOF_OTHER_CVM && prediction.effect == CF_CVM_EFFECT_NONE)
        cf_cvm_writing_as_before(w, 1);
    cf_cvm_prediction_release(&prediction);
}

static void write_commit(struct cf_cvm_writing *w, const cJSON *command)
{
    struct cf_cvm_prediction prediction;
    char text[48];
    const char *name = cf_json_text(command, "of", "");
    if (!cf_cvm_model_pends(&w->model, 0, name))
        return;
    cf_cvm_model_commit(&w->model, 0, name, &prediction);
    cf_cvm_writing_call(w, "register", name, NULL);
    cJSON *step = cf_cvm_writing_send(w, "commit-update", 0);
    cJSON *json = cJSON_AddObjectToObject(step, "json");
    snprintf(text, sizeof(text), "${%s_token}", name);
    cJSON_AddStringToObject(json, "token", text);
    snprintf(text, sizeof(text), "${%s}", name);
    cJSON_AddStringToObject(json, "compose_hash", text);
    snprintf(text, sizeof(text), "${%s.transaction}", name);
    cJSON_AddStringToObject(json, "transaction_hash", text);
    cJSON_AddStringToObject(step, "auth", "none");
    cf_cvm_writing_nothing_if_refused(w, 0, &prediction);
    cf_cvm_writing_effect(w, 0, &prediction);
    cf_cvm_prediction_release(&prediction);
}

/* ---- refusals ---- */

/* False: the case has no role left for it. */
static bool have_target(struct cf_cvm_writing *w, const cJSON *fault)
{
    const char *kind = cf_json_text(fault, "text", "");
    if (strcmp(cf_json_text(fault, "kind", ""), "target") != 0 || cf_json_get(w->fixtures, kind))
        return true;
    if (cJSON_GetArraySize(w->fixtures) == CF_CVM_MODEL_CVMS * 2)
        return false;
    cJSON_AddStringToObject(w->fixtures, kind, kind);
    return true;
}

/* A CVM that may be read, and that nothing is sent to but what is refused. */
static void look_aside(struct cf_cvm_writing *w, const char *word, const char *role)
{
    cJSON *step = cf_cvm_writing_step(w);
    cJSON_AddStringToObject(step, word, "aside");
    cJSON_AddStringToObject(step, "of", role);
}

static void write_refused(struct cf_cvm_writing *w, const cJSON *command, int cvm)
{
    struct cf_cvm_prediction prediction;
    if (!have_target(w, cf_json_get(command, "fault")))
        return;
    const char *aside = cf_json_text(cf_json_get(command, "fault"), "text", "");
    bool rental = strcmp(aside, "gpu_rental") == 0;
    if (rental)
        look_aside(w, "observe", aside);
    cJSON *step = cf_cvm_writing_send(
        w, cf_cvm_writing_endpoint(cf_json_bool(command, "script", false)), cvm);
    cJSON *deserved = cf_cvm_explore_put_fault(step, command);
    cf_cvm_model_refuse(&w->model, cf_json_get(command, "set"), deserved, &prediction);
    cf_cvm_writing_answer(step, &prediction);
    if (rental)
        look_aside(w, "expect_unchanged", aside);
    cf_cvm_writing_effect(w, cvm, &prediction);
    cf_cvm_prediction_release(&prediction);
}

/* ---- several at once ---- */

/* What is out of sight cannot be looked at, and is no reason to judge nothing of the rest. */
static void expect_values_in_sight(struct cf_cvm_writing *w, const cJSON *fields, int cvm)
{
    cJSON *seen = cJSON_CreateObject();
    const cJSON *value;
    cJSON_ArrayForEach(value, fields)
    {
        if (!cf_profile_out_of_sight(w->profile, value->string))
            cJSON_AddItemToObject(seen, value->string, cf_cvm_explore_literal(value));
    }
    if (seen->child) {
        cJSON *step = cf_cvm_writing_step(w);
        cJSON_AddItemToObject(step, "expect_value", seen);
        cf_cvm_writing_put_role(step, "of", cvm);
    } else {
        cJSON_Delete(seen);
    }
}

/* What comes between two updates is refused, or only looks: it leaves the lock as it is. */
static cJSON *request_between(const char *kind, int cvm)
{
    bool form = strcmp(kind, "form") == 0;
    if (strcmp(kind, "look") == 0)
        return cf_cvm_writing_request("read", cvm);
    cJSON *request = cf_cvm_writing_request(cf_cvm_writing_endpoint(form), cvm);
    cJSON_AddItemToObject(request, "json",
                          cf_cvm_explore_parsed(strcmp(kind, "value") == 0
                                                    ? "{\"vcpu\": \"four\"}"
                                                    : "{\"shutdown_timeout\": 90}"));
    if (strcmp(kind, "key") == 0)
        cJSON_AddStringToObject(request, "auth", "wrong");
    return request;
}

static void write_during(struct cf_cvm_writing *w, const cJSON *command, int cvm)
{
    struct cf_cvm_prediction prediction;
    struct cf_cvm_change change = {.cvm = cvm, .fields = cf_json_get(command, "set")};
    bool script = cf_json_bool(command, "script", false);
    cf_cvm_model_conflict(&w->model, &change, cf_json_get(command, "then"), &prediction);
    bool upload = cf_json_bool(command, "upload", false);
    cJSON *first = cf_cvm_writing_request(cf_cvm_writing_endpoint(upload), cvm);
    cJSON *second = cf_cvm_writing_request(cf_cvm_writing_endpoint(script), cvm);
    cf_cvm_explore_put_fields(first, change.fields, upload);
    cf_cvm_explore_put_fields(second, cf_json_get(command, "then"), script);
    cJSON *step = cf_cvm_writing_step(w);
    cJSON_AddItemToObject(step, "overlap", first);
    cJSON *seconds = cf_json_bool(command, "again", false) ? cJSON_CreateArray() : NULL;
    if (seconds) { /* the other one on the connection of the first */
        cJSON_AddItemToArray(seconds, cJSON_Duplicate(second, 1));
        cJSON_AddItemToArray(seconds, second);
    }
    cJSON_AddItemToObject(step, "with", seconds ? seconds : second);
    const char *between = cf_json_text(command, "between", NULL);
    if (between)
        cJSON_AddItemToObject(step, "between", request_between(between, cvm));
    expect_values_in_sight(w, change.fields, cvm);
    prediction.effect = CF_CVM_EFFECT_OPEN;
    cf_cvm_writing_effect(w, cvm, &prediction);
    cf_cvm_prediction_release(&prediction);
}

static void write_race(struct cf_cvm_writing *w, const cJSON *command, int cvm)
{
    static const char script[] = "#!/bin/sh\necho '${contender}'\n";
    static const char config[] = "{\"hostname\":\"fresh-${contender}\"}";
    struct cf_cvm_prediction prediction;
    const char *by = cf_json_text(command, "by", "");
    cJSON *fields = cJSON_CreateObject();
    cJSON *step = cf_cvm_writing_step(w);
    cJSON_AddItemToObject(step, "race", cJSON_Duplicate(cf_json_get(command, "count"), 1));
    if (by[0]) {
        cJSON *with = cf_cvm_writing_request("pre-launch-script", cvm);
        cJSON_AddStringToObject(fields, "pre_launch_script", script);
        cJSON_AddStringToObject(with, "script", script);
        cJSON_AddItemToObject(step, "with", with);
        cJSON_AddItemToObject(step, "asks", cJSON_Duplicate(fields, 1));
    }
    if (strcmp(by, "script") != 0) {
        cJSON *update = cf_cvm_writing_request("update-cvm", cvm);
        cJSON *json = cJSON_AddObjectToObject(update, "json");
        cJSON_AddStringToObject(json, "user_config", config);
        cJSON_AddStringToObject(fields, "user_config", config);
        cJSON_AddItemToObject(step, by[0] ? "against" : "with", update);
    }
    cJSON_AddStringToObject(step, "since", w->labels[cvm]);
    cf_cvm_model_doubt(&w->model, cvm, fields, &prediction);
    cf_cvm_writing_effect(w, cvm, &prediction);
    cf_cvm_prediction_release(&prediction);
    cJSON_Delete(fields);
}

/* Each CVM has its own lock, and takes its own update. */
static void write_beside(struct cf_cvm_writing *w, const cJSON *command)
{
    static const char *const members[CF_CVM_MODEL_CVMS] = {"set", "then"};
    struct cf_cvm_prediction predictions[CF_CVM_MODEL_CVMS];
    if (w->cvms < CF_CVM_MODEL_CVMS)
        return;
    for (int i = 0; i < CF_CVM_MODEL_CVMS; i++) {
        struct cf_cvm_change change = {
            .cvm = i, .fields = cf_json_get(command, members[i]), .name = "none"};
        cf_cvm_model_update(&w->model, &change, &predictions[i]);
        cJSON *step = cf_cvm_writing_send(w, "update-cvm", i);
        cf_cvm_explore_put_fields(step, change.fields, false);
        cf_cvm_writing_answer(step, &predictions[i]);
        cf_cvm_writing_compare_id(w, step, &predictions[i]);
    }
    for (int i = 0; i < CF_CVM_MODEL_CVMS; i++) {
        cf_cvm_writing_own_effect(w, i, &predictions[i]);
        cf_cvm_prediction_release(&predictions[i]);
    }
}

static void write_wait(struct cf_cvm_writing *w, int cvm)
{
    cf_cvm_writing_as_before(w, cvm);
    cJSON *last = cJSON_GetArrayItem(w->steps, cJSON_GetArraySize(w->steps) - 1);
    cJSON_AddItemToObject(last, "polls", cf_json_new_integer(3));
}

static void write_command(struct cf_cvm_writing *w, const cJSON *command)
{
    const char *what = cf_json_text(command, "do", "");
    int cvm = strcmp(cf_json_text(command, "cvm", "cvm"), "other") == 0;
    if (strcmp(what, "update") == 0)
        write_update(w, command, cvm);
    else if (strcmp(what, "refused") == 0)
        write_refused(w, command, cvm);
    else if (strcmp(what, "finish") == 0)
        write_finish(w, command);
    else if (strcmp(what, "commit") == 0)
        write_commit(w, command);
    else if (strcmp(what, "during") == 0)
        write_during(w, command, cvm);
    else if (strcmp(what, "race") == 0)
        write_race(w, command, cvm);
    else if (strcmp(what, "beside") == 0)
        write_beside(w, command);
    else if (strcmp(what, "wait") == 0)
        write_wait(w, cvm);
}

/* ---- the whole ---- */

static void write_title(cJSON *one, const cJSON *sequence)
{
    char *words = cf_cvm_explore_title(sequence, NULL);
    if (strlen(words) > TITLE_MAX_BYTES)
        snprintf(words + TITLE_MAX_BYTES - 4, 5, " ...");
    cJSON_AddStringToObject(one, "title", words);
    free(words);
}

static bool is_owned(const cJSON *cvms, int cvm)
{
    return strcmp(cf_json_text(cvms, cf_cvm_writing_role(cvm), ""), "contract_owned") == 0;
}

cJSON *cf_cvm_explore_case(const cJSON *sequence, const struct cf_profile *profile, const char *id,
                           int *commands)
{
    const cJSON *cvms = cf_json_get(sequence, "cvms");
    struct cf_cvm_writing w = {.sequence = sequence, .profile = profile, .commands = commands};
    cJSON *one = cJSON_CreateObject();
    w.cvms = cf_json_get(cvms, "other") ? 2 : 1;
    w.ids = cf_json_get(sequence, "ids") ? cJSON_CreateArray() : NULL;
    cJSON_AddStringToObject(one, "id", id);
    write_title(one, sequence);
    w.fixtures = cJSON_AddObjectToObject(one, "fixtures");
    w.steps = cJSON_AddArrayToObject(one, "steps");
    cf_cvm_model_init(&w.model, is_owned(cvms, 0), is_owned(cvms, 1));
    for (int i = 0; i < w.cvms; i++) {
        cJSON_AddStringToObject(w.fixtures, cf_cvm_writing_role(i),
                                cf_json_text(cvms, cf_cvm_writing_role(i), ""));
        cf_cvm_writing_look(&w, i, "before");
    }
    cJSON *let = cf_cvm_explore_has_marks(sequence)
                     ? cJSON_AddObjectToObject(cf_cvm_writing_step(&w), "let")
                     : NULL;
    const cJSON *command;
    cJSON_ArrayForEach(command, cf_json_get(sequence, "commands"))
    {
        write_command(&w, command);
        w.command++;
    }
    if (let)
        cf_cvm_explore_refer(w.steps, let);
    cf_cvm_model_release(&w.model);
    cJSON_Delete(w.ids);
    return one;
}

void cf_cvm_explore_fit(cJSON *sequence, const struct cf_profile *profile)
{
    int command[CF_STEPS_MAX];
    cJSON *one = cf_cvm_explore_case(sequence, profile, "explore.sequence", command);
    /* The command that the first step too many belongs to may have begun before it. */
    if (cJSON_GetArraySize(cf_json_get(one, "steps")) > CF_STEPS_MAX) {
        cJSON *commands = cf_json_get(sequence, "commands");
        while (cJSON_GetArraySize(commands) > command[CF_STEPS_MAX - 1])
            cJSON_DeleteItemFromArray(commands, cJSON_GetArraySize(commands) - 1);
    }
    cJSON_Delete(one);
}
