/* The model of the contract: what it allows after what. */
#include "suites/model/model.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants those before it */
#include <setjmp.h>

#include <cmocka.h>

static cJSON *parsed(const char *json)
{
    struct cf_json_doc doc;
    assert_int_equal(cf_json_parse(&doc, "test", json, strlen(json), 0, NULL), CF_OK);
    cJSON *root = doc.root;
    doc.root = NULL;
    cf_json_release(&doc);
    return root;
}

/* The status that a change is predicted to get; 0: anything. */
static int status_of(struct cf_cvm_model *model, int cvm, const char *fields, const char *name,
                     enum cf_cvm_effect *out_effect)
{
    struct cf_cvm_prediction prediction;
    cJSON *set = parsed(fields);
    struct cf_cvm_change change = {.cvm = cvm, .fields = set, .name = name};
    cf_cvm_model_update(model, &change, &prediction);
    int status = cJSON_IsNumber(prediction.status) ? (int)prediction.status->valuedouble : 0;
    *out_effect = prediction.effect;
    cf_cvm_prediction_release(&prediction);
    cJSON_Delete(set);
    return status;
}

static int proof_of(struct cf_cvm_model *model, const char *name, enum cf_cvm_proof proof,
                    enum cf_cvm_effect *out_effect)
{
    struct cf_cvm_prediction prediction;
    cf_cvm_model_finish(model, 0, name, proof, &prediction);
    int status = cJSON_IsNumber(prediction.status) ? (int)prediction.status->valuedouble : 0;
    *out_effect = prediction.effect;
    cf_cvm_prediction_release(&prediction);
    return status;
}

static void update_of_a_new_value_is_accepted_and_exact(void **state)
{
    struct cf_cvm_model model;
    enum cf_cvm_effect effect;
    (void)state;
    cf_cvm_model_init(&model, false, false);
    assert_int_equal(status_of(&model, 0,
                               "{\"user_config\": \"{\\\"hostname\\\":\\\"fresh0000000001\\\"}\"}",
                               "a", &effect),
                     202);
    assert_int_equal(effect, CF_CVM_EFFECT_EXACTLY);
    cf_cvm_model_release(&model);
}

static void update_of_what_may_be_the_same_allows_any_answer(void **state)
{
    struct cf_cvm_model model;
    enum cf_cvm_effect effect;
    (void)state;
    cf_cvm_model_init(&model, false, false);
    assert_int_equal(status_of(&model, 0, "{\"vcpu\": 2}", "a", &effect), 0);
    assert_int_equal(effect, CF_CVM_EFFECT_EXACTLY);
    assert_int_equal(status_of(&model, 0, "{\"vcpu\": 4}", "b", &effect), 202);
    assert_int_equal(status_of(&model, 0, "{\"vcpu\": 4}", "c", &effect), 0);
    cf_cvm_model_release(&model);
}

static void null_leaves_a_value_unknown(void **state)
{
    struct cf_cvm_model model;
    enum cf_cvm_effect effect;
    (void)state;
    cf_cvm_model_init(&model, false, false);
    status_of(&model, 0, "{\"vcpu\": 2}", "a", &effect);
    status_of(&model, 0, "{\"vcpu\": null}", "b", &effect);
    assert_int_equal(effect, CF_CVM_EFFECT_OPEN);
    assert_int_equal(status_of(&model, 0, "{\"vcpu\": 4}", "c", &effect), 0);
    assert_int_equal(status_of(&model, 0, "{\"shutdown_timeout\": null}", "d", &effect), 0);
    assert_int_equal(effect, CF_CVM_EFFECT_EXACTLY);
    cf_cvm_model_release(&model);
}

/* A text that is no JSON, an empty one, one that is not ASCII, a size beyond 32 bits. */
static void value_that_a_rule_may_refuse_is_stored_or_refused(void **state)
{
    static const char *const rows[] = {
        "{\"user_config\": \"fresh0000000001\", \"vcpu\": 2}", "{\"pre_launch_script\": \"\"}",
        "{\"docker_compose_file\": \"services: \\u00e9 fresh0000000001\"}",
        "{\"memory\": 4294971392}", "{\"allowed_envs\": []}"};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_cvm_model model;
        enum cf_cvm_effect effect;
        cf_cvm_model_init(&model, false, true);
        assert_int_equal(status_of(&model, 0, rows[i], "a", &effect), 0);
        assert_int_equal(effect, CF_CVM_EFFECT_IF_TAKEN);
        /* Which of the two, nobody knows: of vcpu either. */
        assert_int_equal(status_of(&model, 0, "{\"vcpu\": 4}", "b", &effect), 0);
        cf_cvm_model_release(&model);
    }
}

static void what_is_no_field_leaves_all_open_but_what_it_is(void **state)
{
    struct cf_cvm_model model;
    enum cf_cvm_effect effect;
    (void)state;
    cf_cvm_model_init(&model, true, true);
    status_of(&model, 0, "{\"kms_type\": \"phala\", \"vcpu\": 2}", "a", &effect);
    assert_int_equal(effect, CF_CVM_EFFECT_OPEN);
    assert_int_equal(
        status_of(&model, 0, "{\"pre_launch_script\": \"#!fresh0000000001\"}", "b", &effect), 465);
    cf_cvm_model_release(&model);
}

/* Ignored or refused, it changes nothing of the rest. */
static void member_that_nobody_knows_leaves_the_rest_exact(void **state)
{
    struct cf_cvm_model model;
    struct cf_cvm_prediction prediction;
    cJSON *set = parsed("{\"no_such_field\": true, \"vcpu\": 2}");
    cJSON *known = parsed("{\"vcpu\": 2}");
    struct cf_cvm_change change = {.fields = set, .name = "a"};
    (void)state;
    cf_cvm_model_init(&model, true, false);
    cf_cvm_model_update(&model, &change, &prediction);
    assert_string_equal(prediction.status->child->valuestring, "2xx");
    assert_int_equal(prediction.effect, CF_CVM_EFFECT_IF_TAKEN);
    assert_true(cf_json_equal(prediction.fields, known));
    cf_cvm_prediction_release(&prediction);
    cf_cvm_model_release(&model);
    cJSON_Delete(set);
    cJSON_Delete(known);
}

/* A server may refuse an empty text; one that asked to register it commits it as a whole or not. */
static void phase_1_that_empties_a_script_may_be_refused_at_either_phase(void **state)
{
    struct cf_cvm_model model;
    struct cf_cvm_prediction prediction;
    cJSON *set = parsed("{\"docker_compose_file\": \"services: fresh0000000001\", "
                        "\"pre_launch_script\": \"\"}");
    struct cf_cvm_change change = {.fields = set, .name = "a"};
    (void)state;
    cf_cvm_model_init(&model, true, false);
    cf_cvm_model_update(&model, &change, &prediction);
    assert_string_equal(prediction.status->child->valuestring, "4xx");
    assert_true(prediction.registers && prediction.may_be_refused);
    cf_cvm_prediction_release(&prediction);
    cf_cvm_model_finish(&model, 0, "a", CF_CVM_PROOF_RIGHT, &prediction);
    assert_false(prediction.accepted);
    assert_int_equal(prediction.effect, CF_CVM_EFFECT_IF_TAKEN);
    assert_true(cf_json_equal(prediction.fields, set));
    cf_cvm_prediction_release(&prediction);
    cf_cvm_model_release(&model);
    cJSON_Delete(set);
}

static void gpus_without_a_mode_stay_listed(void **state)
{
    struct cf_cvm_model model;
    struct cf_cvm_prediction prediction;
    cJSON *listed = parsed("{\"gpus\": {\"gpus\": [], \"attach_mode\": \"listed\"}}");
    cJSON *plain = parsed("{\"gpus\": {\"gpus\": []}}");
    struct cf_cvm_change first = {.fields = listed, .name = "a"};
    struct cf_cvm_change second = {.fields = plain, .name = "b"};
    (void)state;
    cf_cvm_model_init(&model, false, false);
    cf_cvm_model_update(&model, &second, &prediction);
    assert_true(cf_json_equal(prediction.fields, plain));
    cf_cvm_prediction_release(&prediction);
    cf_cvm_model_update(&model, &first, &prediction);
    cf_cvm_prediction_release(&prediction);
    cf_cvm_model_update(&model, &second, &prediction);
    assert_true(cf_json_equal(prediction.fields, listed));
    cf_cvm_prediction_release(&prediction);
    cf_cvm_model_release(&model);
    cJSON_Delete(listed);
    cJSON_Delete(plain);
}

static void phase_1_is_for_files_that_were_never_registered(void **state)
{
    struct cf_cvm_model model;
    enum cf_cvm_effect effect;
    (void)state;
    cf_cvm_model_init(&model, true, true);
    const char *file = "{\"pre_launch_script\": \"#!fresh0000000001\"}";
    assert_int_equal(status_of(&model, 0, file, "a", &effect), 465);
    assert_int_equal(effect, CF_CVM_EFFECT_NONE);
    assert_int_equal(status_of(&model, 0, file, "b", &effect), 465);
    assert_int_equal(status_of(&model, 1, file, "c", &effect), 465);
    proof_of(&model, "b", CF_CVM_PROOF_REVERTED, &effect);
    assert_int_equal(status_of(&model, 0, file, "e", &effect), 0);
    assert_int_equal(effect, CF_CVM_EFFECT_OPEN);
    assert_int_equal(status_of(&model, 1, file, "f", &effect), 0);
    assert_int_equal(status_of(&model, 0, "{\"public_logs\": true}", "d", &effect), 0);
    assert_int_equal(effect, CF_CVM_EFFECT_OPEN);
    cf_cvm_model_release(&model);
}

static void phase_2_commits_the_last_phase_1_once(void **state)
{
    struct cf_cvm_model model;
    enum cf_cvm_effect effect;
    (void)state;
    cf_cvm_model_init(&model, true, true);
    status_of(&model, 0, "{\"docker_compose_file\": \"services: fresh0000000001\", \"vcpu\": 2}",
              "a", &effect);
    assert_int_equal(proof_of(&model, "a", CF_CVM_PROOF_RIGHT, &effect), 202);
    assert_int_equal(effect, CF_CVM_EFFECT_EXACTLY);
    assert_int_equal(status_of(&model, 0, "{\"vcpu\": 4}", "b", &effect), 202);
    assert_int_equal(proof_of(&model, "a", CF_CVM_PROOF_RIGHT, &effect), 0);
    assert_int_equal(effect, CF_CVM_EFFECT_OPEN);
    cf_cvm_model_release(&model);
}

static void phase_2_with_one_fault_has_one_answer(void **state)
{
    static const struct {
        enum cf_cvm_proof proof;
        int status;
    } rows[] = {{CF_CVM_PROOF_UNKNOWN_TRANSACTION, 467},
                {CF_CVM_PROOF_REVERTED, 467},
                {CF_CVM_PROOF_ELSEWHERE, 467},
                {CF_CVM_PROOF_TRANSACTION_BEGINS, 467},
                {CF_CVM_PROOF_TRANSACTION_ENDS, 467},
                {CF_CVM_PROOF_REMOVED, 468},
                {CF_CVM_PROOF_EXPIRED, 466},
                {CF_CVM_PROOF_UNKNOWN_HASH, 466},
                {CF_CVM_PROOF_OTHER_CVM, 466}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_cvm_model model;
        enum cf_cvm_effect effect;
        cf_cvm_model_init(&model, true, true);
        status_of(&model, 0, "{\"docker_compose_file\": \"services: fresh0000000001\"}", "a",
                  &effect);
        assert_int_equal(proof_of(&model, "a", rows[i].proof, &effect), rows[i].status);
        assert_int_equal(effect, CF_CVM_EFFECT_NONE);
        /* Whether the right one is good afterwards is no must. */
        assert_int_equal(proof_of(&model, "a", CF_CVM_PROOF_RIGHT, &effect), 0);
        cf_cvm_model_release(&model);
    }
}

/* By its hash or by its token, its own or another CVM's. */
static void file_may_be_registered_by_whatever_names_its_phase_1(void **state)
{
    static const char file[] = "{\"pre_launch_script\": \"#!fresh0000000001\"}";
    (void)state;
    for (int by = 0; by < 2; by++) {
        struct cf_cvm_model model;
        struct cf_cvm_prediction prediction;
        enum cf_cvm_effect effect;
        cf_cvm_model_init(&model, true, true);
        status_of(&model, by, file, "a", &effect);
        status_of(&model, 0, "{\"pre_launch_script\": \"#!fresh0000000002\"}", "b", &effect);
        if (by == 0)
            cf_cvm_model_commit(&model, 0, "a", &prediction);
        else
            cf_cvm_model_finish(&model, 0, "b", CF_CVM_PROOF_OTHER_CVM, &prediction);
        cf_cvm_prediction_release(&prediction);
        assert_int_equal(status_of(&model, by, file, "c", &effect), 0);
        cf_cvm_model_release(&model);
    }
}

/* Of one content two CVMs may have one hash: then the other's proof is good here as well. */
static void another_cvms_proof_of_the_same_file_is_open(void **state)
{
    static const char file[] = "{\"docker_compose_file\": \"services: #fresh0000000001\"}";
    static const char another[] = "{\"docker_compose_file\": \"services: #fresh0000000002\"}";
    (void)state;
    for (int same = 0; same < 2; same++) {
        struct cf_cvm_model model;
        enum cf_cvm_effect effect;
        cf_cvm_model_init(&model, true, true);
        status_of(&model, 1, file, "theirs", &effect);
        status_of(&model, 0, same ? file : another, "a", &effect);
        assert_int_equal(proof_of(&model, "a", CF_CVM_PROOF_OTHER_CVM, &effect), same ? 0 : 466);
        assert_int_equal(effect, same ? CF_CVM_EFFECT_OPEN : CF_CVM_EFFECT_NONE);
        cf_cvm_model_release(&model);
    }
}

/* Of a hash that nobody registered nothing is committed, whatever stands beside it. */
static void phase_1_beside_what_is_open_is_refused(void **state)
{
    static const struct {
        const char *beside;
        bool pends; /* a rule alone is known by then: where it refused, nothing was registered */
    } rows[] = {{"\"kms_type\": \"phala\"", false},
                {"\"user_config\": null", false},
                {"\"user_config\": \"   \"", true}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_cvm_model model;
        struct cf_cvm_prediction prediction;
        char text[120];
        snprintf(text, sizeof(text), "{\"docker_compose_file\": \"services: fresh%010u\", %s}",
                 (unsigned)i, rows[i].beside);
        cJSON *set = parsed(text);
        struct cf_cvm_change change = {.cvm = 0, .fields = set, .name = "a"};
        cf_cvm_model_init(&model, true, false);
        cf_cvm_model_update(&model, &change, &prediction);
        assert_string_equal(prediction.status->child->valuestring, "4xx");
        assert_int_equal(prediction.effect, CF_CVM_EFFECT_NONE);
        assert_int_equal(cf_cvm_model_pends(&model, 0, "a"), rows[i].pends);
        cf_cvm_prediction_release(&prediction);
        cf_cvm_model_release(&model);
        cJSON_Delete(set);
    }
}

/* Only where both came together: else the file may have been registered without a script. */
static void script_is_not_taken_away_without_a_registration(void **state)
{
    static const struct {
        const char *set;
        enum cf_cvm_effect then;
    } rows[] = {{"{\"docker_compose_file\": \"services: fresh0000000001\", "
                 "\"pre_launch_script\": \"#!/bin/sh\\n# fresh0000000002\"}",
                 CF_CVM_EFFECT_NONE},
                {"{\"docker_compose_file\": \"services: fresh0000000001\"}", CF_CVM_EFFECT_OPEN}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cf_cvm_model model;
        enum cf_cvm_effect effect;
        cf_cvm_model_init(&model, true, false);
        status_of(&model, 0, rows[i].set, "a", &effect);
        assert_int_equal(proof_of(&model, "a", CF_CVM_PROOF_RIGHT, &effect), 202);
        status_of(&model, 0, "{\"pre_launch_script\": \"\"}", "b", &effect);
        assert_int_equal(effect, rows[i].then);
        cf_cvm_model_release(&model);
    }
}

/* What no machine has may be accepted, for an operation that fails. */
static void phase_1_beside_an_impossible_value_is_open(void **state)
{
    struct cf_cvm_model model;
    enum cf_cvm_effect effect;
    (void)state;
    cf_cvm_model_init(&model, true, false);
    assert_int_equal(status_of(&model, 0,
                               "{\"docker_compose_file\": \"services: fresh0000000001\", "
                               "\"vcpu\": 1000000}",
                               "a", &effect),
                     0);
    assert_int_equal(effect, CF_CVM_EFFECT_OPEN);
    cf_cvm_model_release(&model);
}

static void refusal_that_may_be_a_phase_1_leaves_no_other_certain(void **state)
{
    static const char *const deserved[] = {"422", "[422, 465]"};
    (void)state;
    for (int open = 0; open < 2; open++) {
        struct cf_cvm_model model;
        struct cf_cvm_prediction prediction;
        enum cf_cvm_effect effect;
        cJSON *fields = parsed("{\"public_logs\": true}");
        cf_cvm_model_init(&model, true, false);
        status_of(&model, 0, "{\"docker_compose_file\": \"services: fresh0000000001\"}", "a",
                  &effect);
        cf_cvm_model_refuse(&model, fields, parsed(deserved[open]), &prediction);
        cf_cvm_prediction_release(&prediction);
        assert_int_equal(proof_of(&model, "a", CF_CVM_PROOF_RIGHT, &effect), open ? 0 : 202);
        cf_cvm_model_release(&model);
        cJSON_Delete(fields);
    }
}

static void proof_that_proves_nothing_is_refused_before_and_after(void **state)
{
    static const enum cf_cvm_proof proofs[] = {
        CF_CVM_PROOF_SHORTENED, CF_CVM_PROOF_BEHEADED,        CF_CVM_PROOF_NO_TRANSACTION,
        CF_CVM_PROOF_PREPARED,  CF_CVM_PROOF_OTHER_BEGINNING, CF_CVM_PROOF_OTHER_END};
    (void)state;
    for (size_t i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
        struct cf_cvm_model model;
        struct cf_cvm_prediction prediction;
        enum cf_cvm_effect effect;
        cf_cvm_model_init(&model, true, true);
        status_of(&model, 0, "{\"docker_compose_file\": \"services: fresh0000000001\"}", "a",
                  &effect);
        for (int n = 0; n < 2; n++) {
            cf_cvm_model_finish(&model, 0, "a", proofs[i], &prediction);
            assert_string_equal(prediction.status->valuestring, "4xx");
            assert_int_equal(prediction.effect, CF_CVM_EFFECT_NONE);
            cf_cvm_prediction_release(&prediction);
        }
        cf_cvm_model_release(&model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(update_of_a_new_value_is_accepted_and_exact),
        cmocka_unit_test(update_of_what_may_be_the_same_allows_any_answer),
        cmocka_unit_test(null_leaves_a_value_unknown),
        cmocka_unit_test(value_that_a_rule_may_refuse_is_stored_or_refused),
        cmocka_unit_test(what_is_no_field_leaves_all_open_but_what_it_is),
        cmocka_unit_test(member_that_nobody_knows_leaves_the_rest_exact),
        cmocka_unit_test(phase_1_that_empties_a_script_may_be_refused_at_either_phase),
        cmocka_unit_test(gpus_without_a_mode_stay_listed),
        cmocka_unit_test(phase_1_is_for_files_that_were_never_registered),
        cmocka_unit_test(phase_2_commits_the_last_phase_1_once),
        cmocka_unit_test(phase_2_with_one_fault_has_one_answer),
        cmocka_unit_test(file_may_be_registered_by_whatever_names_its_phase_1),
        cmocka_unit_test(another_cvms_proof_of_the_same_file_is_open),
        cmocka_unit_test(phase_1_beside_what_is_open_is_refused),
        cmocka_unit_test(script_is_not_taken_away_without_a_registration),
        cmocka_unit_test(phase_1_beside_an_impossible_value_is_open),
        cmocka_unit_test(refusal_that_may_be_a_phase_1_leaves_no_other_certain),
        cmocka_unit_test(proof_that_proves_nothing_is_refused_before_and_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
