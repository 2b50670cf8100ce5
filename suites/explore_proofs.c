#include "suites/explore_proofs.h"
#include "suites/explore_faults.h"
#include "suites/explore_values.h"

#include <stdio.h>
#include <string.h>

static void let_random(struct cf_cvm_writing *w, const char *name)
{
    cJSON_AddStringToObject(cJSON_AddObjectToObject(cf_cvm_writing_step(w), "let"), name,
                            "${random.hash}");
}

static bool has_nobodys(enum cf_cvm_proof proof)
{
    return proof == CF_CVM_PROOF_UNREGISTERED || proof == CF_CVM_PROOF_UNKNOWN_TRANSACTION ||
           proof == CF_CVM_PROOF_MALFORMED || proof == CF_CVM_PROOF_PREPARED;
}

/* form: with the name in the place of %s, if there is one. */
static void add_named(cJSON *headers, const char *header, const char *form, const char *name)
{
    char text[64];
    const char *place = strstr(form, "%s");
    if (place)
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(place - form), form, name, place + 2);
    cJSON_AddStringToObject(headers, header, place ? text : form);
}

/* The headers of what is no whole proof, or of one that is nearly right. */
static bool put_part_of_a_proof(cJSON *step, const char *hash, enum cf_cvm_proof proof)
{
    static const struct {
        enum cf_cvm_proof proof;
        const char *hash, *transaction; /* with the name of the hash; NULL: no such header */
    } forms[] = {
        {CF_CVM_PROOF_HALF, "${%s}", NULL},
        {CF_CVM_PROOF_MALFORMED, "not-a-hash", "${nobodys}"},
        {CF_CVM_PROOF_SHORTENED, "${hash.shortened:%s}", "${%s.transaction}"},
        {CF_CVM_PROOF_BEHEADED, "${hash.beheaded:%s}", "${%s.transaction}"},
        {CF_CVM_PROOF_OTHER_BEGINNING, "${hash.other-beginning:%s}", "${%s.transaction}"},
        {CF_CVM_PROOF_OTHER_END, "${hash.other-end:%s}", "${%s.transaction}"},
        {CF_CVM_PROOF_TRANSACTION_BEGINS, "${%s}", "${hash.other-end:%s.transaction}"},
        {CF_CVM_PROOF_TRANSACTION_ENDS, "${%s}", "${hash.other-beginning:%s.transaction}"}};
    size_t i = 0;
    while (i < sizeof(forms) / sizeof(forms[0]) && forms[i].proof != proof)
        i++;
    if (i == sizeof(forms) / sizeof(forms[0]))
        return false;
    cJSON *headers = cJSON_AddObjectToObject(step, "headers");
    add_named(headers, "X-Compose-Hash", forms[i].hash, hash);
    if (forms[i].transaction)
        add_named(headers, "X-Transaction-Hash", forms[i].transaction, hash);
    return true;
}

/* The chain's part; returns what the request has as its hash. */
static const char *prepare_proof(struct cf_cvm_writing *w, const cJSON *command,
                                 enum cf_cvm_proof proof)
{
    const char *hash = cf_json_text(command, "of", "");
    if (proof == CF_CVM_PROOF_OTHER_CVM)
        hash = cf_json_text(command, "other", "");
    if (proof == CF_CVM_PROOF_UNKNOWN_HASH) {
        hash = "nobodys_hash";
        let_random(w, hash);
    }
    if (!cf_cvm_proof_is_unlisted(proof))
        cf_cvm_writing_call(w, "register", hash, NULL);
    if (proof == CF_CVM_PROOF_REVERTED)
        cf_cvm_writing_call(w, "register", hash, "revert-registration");
    if (proof == CF_CVM_PROOF_ELSEWHERE)
        cf_cvm_writing_call(w, "register", hash, "register-elsewhere");
    if (proof == CF_CVM_PROOF_REMOVED)
        cf_cvm_writing_call(w, "unregister", hash, NULL);
    if (proof == CF_CVM_PROOF_EXPIRED)
        cf_cvm_writing_call(w, "expire", hash, NULL);
    if (has_nobodys(proof))
        let_random(w, "nobodys");
    return hash;
}

/* What the body asks for where phase 1 asked for something else. */
static void let_another(struct cf_cvm_writing *w, bool script)
{
    cJSON_AddStringToObject(cJSON_AddObjectToObject(cf_cvm_writing_step(w), "let"), "another",
                            script
                                ? "#!/bin/sh\n# ${random.word}\n"
                                : "services:\n  app:\n    image: busybox:1.36\n# ${random.word}\n");
}

static const char *file_of(bool script)
{
    return script ? "pre_launch_script" : "docker_compose_file";
}

static void put_body(struct cf_cvm_writing *w, cJSON *step, const cJSON *command,
                     enum cf_cvm_proof proof)
{
    const char *name = cf_json_text(command, "of", "");
    const cJSON *asked = cf_cvm_model_asked(&w->model, 0, name);
    bool script = cf_cvm_model_asked_by_script(&w->model, 0, name);
    bool repeat = strcmp(w->profile->choice, "repeat") == 0;
    cJSON *another = cJSON_CreateObject();
    cJSON_AddStringToObject(another, file_of(script), "${another}");
    if (proof == CF_CVM_PROOF_OTHER_BODY && script)
        cJSON_AddStringToObject(step, "script", "${another}");
    else if (proof == CF_CVM_PROOF_OTHER_BODY)
        cJSON_AddItemToObject(step, "json", cJSON_Duplicate(another, 1));
    else if (script || repeat || cf_cvm_proof_is_unlisted(proof))
        cf_cvm_explore_put_fields(step, asked, script);
    else
        cJSON_AddItemToObject(step, "json", cJSON_CreateObject());
    cJSON_Delete(another);
}

void cf_cvm_explore_put_proof(struct cf_cvm_writing *w, const cJSON *command,
                              enum cf_cvm_proof proof, const struct cf_cvm_prediction *prediction)
{
    bool script = cf_cvm_model_asked_by_script(&w->model, 0, cf_json_text(command, "of", ""));
    const char *hash = prepare_proof(w, command, proof);
    if (proof == CF_CVM_PROOF_OTHER_BODY)
        let_another(w, script);
    cJSON *step = cf_cvm_writing_send(w, cf_cvm_writing_endpoint(script), 0);
    put_body(w, step, command, proof);
    if (!put_part_of_a_proof(step, hash, proof)) {
        cJSON_AddStringToObject(step, "proof", hash);
        if (has_nobodys(proof) || proof == CF_CVM_PROOF_NO_TRANSACTION)
            cJSON_AddStringToObject(step, "transaction",
                                    has_nobodys(proof) ? "${nobodys}" : "not-a-hash");
    }
    if (proof == CF_CVM_PROOF_PREPARED)
        cJSON_AddStringToObject(cJSON_AddObjectToObject(step, "headers"), "X-Prepare-Only", "true");
    if (proof == CF_CVM_PROOF_ANONYMOUS)
        cJSON_AddStringToObject(step, "auth", "none");
    cf_cvm_writing_answer(step, prediction);
    cf_cvm_writing_compare_id(w, step, prediction);
}

/* A proof that was just used is as good a reason for the others as the operation that runs. */
void cf_cvm_explore_put_proof_race(struct cf_cvm_writing *w, const cJSON *command,
                                   const struct cf_cvm_prediction *prediction)
{
    bool script = cf_cvm_model_asked_by_script(&w->model, 0, cf_json_text(command, "of", ""));
    const char *hash = prepare_proof(w, command, CF_CVM_PROOF_RIGHT);
    cJSON *with = cf_cvm_writing_request(cf_cvm_writing_endpoint(script), 0);
    put_body(w, with, command, CF_CVM_PROOF_RIGHT);
    cJSON_AddStringToObject(with, "proof", hash);
    cJSON *step = cf_cvm_writing_step(w);
    cJSON_AddItemToObject(step, "race", cJSON_Duplicate(cf_json_get(command, "count"), 1));
    cJSON_AddItemToObject(step, "with", with);
    cJSON_AddItemToObject(step, "asks", cf_cvm_explore_literal(prediction->fields));
    cJSON_AddTrueToObject(step, "once");
    cJSON_AddItemToObject(step, "or", cf_cvm_explore_parsed("[409, 466]"));
    cJSON_AddStringToObject(step, "since", w->labels[0]);
}

void cf_cvm_explore_expect_not_another(struct cf_cvm_writing *w, const cJSON *command)
{
    char now[40];
    bool script = cf_cvm_model_asked_by_script(&w->model, 0, cf_json_text(command, "of", ""));
    snprintf(now, sizeof(now), "${now.%s}", file_of(script));
    cJSON *check = cf_cvm_writing_step(w);
    cJSON_AddStringToObject(check, "check", now);
    cJSON *other = cJSON_AddObjectToObject(cJSON_AddObjectToObject(check, "is"), "not");
    cJSON_AddStringToObject(other, "equals", "${another}");
}
