/* Sequences: drawn, written out as cases that the loader takes, and made smaller. */
#include "cli/selftest/trial.h"
#include "harness/base/mem.h"
#include "harness/run/language.h"
#include "suites/explore.h"
#include "suites/suites.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants those before it */
#include <setjmp.h>

#include <cmocka.h>

enum { DRAWN = 150 };

static struct cf_profile profile;

static int load_profile(void **state)
{
    struct cf_ref_options options = {.operation_ms = 20};
    (void)state;
    return cf_trial_profile(&profile, &options, 1, true, NULL) == CF_OK ? 0 : -1;
}

static int release_profile(void **state)
{
    (void)state;
    cf_profile_release(&profile);
    return 0;
}

static cJSON *drawn(int number)
{
    char name[40];
    snprintf(name, sizeof(name), "test/%d", number);
    return cf_cvm_explore_draw(name, &profile, CF_CVM_EXPLORE_STEPS);
}

static char *printed(const cJSON *node)
{
    struct cf_buf text = {0};
    cf_json_print(&text, node);
    char *out = cf_buf_take(&text, NULL);
    cf_buf_release(&text);
    return out;
}

static void take_problem(void *context, const char *text)
{
    (void)context;
    print_error("%s\n", text);
}

/* Whether the loader takes a sequence for a case; says why not. */
static bool loads(const cJSON *sequence)
{
    struct cf_buf text = {0};
    struct cf_requirement *requirement = NULL;
    struct cf_case_list list = {0};
    const struct cf_step_form **forms = cf_engine_forms(cf_cvm_engine());
    struct cf_catalogue_language language = cf_engine_language(cf_cvm_engine(), forms);
    struct cf_casefile_context context = {.language = &language,
                                          .rows = {.generators = language.generators},
                                          .problem = take_problem};
    struct cf_err err = {0};
    cJSON *one = cf_cvm_explore_case(sequence, &profile, "explore.drawn", NULL);
    cf_buf_puts(&text, "{\"requirement\": \"explore.drawn\", \"level\": \"must\", \"source\": "
                       "\"update-cvm.md description\", \"statement\": \"It holds.\", \"cases\": [");
    cf_json_print(&text, one);
    cf_buf_puts(&text, "]}");
    bool good = cf_casefile_read(&requirement, "explore", "drawn", "drawn", cf_buf_text(&text),
                                 text.len, &context, &list, &err) == CF_OK &&
                context.problem_count == 0 && list.count == 1;
    for (size_t i = 0; i < list.count; i++)
        cf_case_free(list.items[i]);
    free(list.items);
    cf_requirement_free(requirement);
    cJSON_Delete(one);
    cf_buf_release(&text);
    free(forms);
    return good;
}

static void draw_of_the_same_name_is_the_same(void **state)
{
    (void)state;
    cJSON *a = drawn(1);
    cJSON *b = drawn(1);
    cJSON *c = drawn(2);
    assert_true(cf_json_equal(a, b));
    assert_false(cf_json_equal(a, c));
    cJSON_Delete(a);
    cJSON_Delete(b);
    cJSON_Delete(c);
}

static void case_of_a_drawn_sequence_is_taken_by_the_loader(void **state)
{
    (void)state;
    for (int i = 0; i < DRAWN; i++) {
        cJSON *sequence = drawn(i);
        assert_int_equal(cJSON_GetArraySize(cf_json_get(sequence, "commands")),
                         CF_CVM_EXPLORE_STEPS);
        assert_true(loads(sequence));
        cJSON_Delete(sequence);
    }
}

/* The case of a sequence that overlaps an update of these fields. */
static char *case_of_overlap(const struct cf_profile *of, const char *fields)
{
    char text[300];
    struct cf_json_doc doc;
    snprintf(text, sizeof(text),
             "{\"cvms\": {\"cvm\": \"managed\"}, \"commands\": [{\"do\": \"during\", \"cvm\": "
             "\"cvm\", \"set\": %s, \"then\": {\"memory\": 4096}}]}",
             fields);
    assert_int_equal(cf_json_parse(&doc, "sequence", text, strlen(text), 0, NULL), CF_OK);
    cJSON *one = cf_cvm_explore_case(doc.root, of, "explore.drawn", NULL);
    char *out = printed(one);
    cJSON_Delete(one);
    cf_json_release(&doc);
    return out;
}

static void what_comes_between_two_updates_is_sent_and_told(void **state)
{
    static const struct {
        const char *between, *sent, *told;
    } rows[] = {
        {"value", "{\"request\":\"update-cvm\",\"json\":{\"vcpu\":\"four\"}}", "invalid update"},
        {"key", "\"auth\":\"wrong\"", "a wrong key"},
        {"form", "{\"request\":\"pre-launch-script\",\"json\"", "an upload that is none"},
        {"look", "\"between\":{\"request\":\"read\"}", "a look at the CVM"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cJSON *sequence = cJSON_Parse("{\"cvms\":{\"cvm\":\"managed\"},\"commands\":[{\"do\":"
                                      "\"during\",\"cvm\":\"cvm\",\"set\":{\"vcpu\":2},"
                                      "\"then\":{\"memory\":4096}}]}");
        cJSON_AddStringToObject(cJSON_GetArrayItem(cf_json_get(sequence, "commands"), 0), "between",
                                rows[i].between);
        cJSON *one = cf_cvm_explore_case(sequence, &profile, "explore.drawn", NULL);
        char *text = printed(one);
        assert_non_null(strstr(text, rows[i].sent));
        assert_non_null(strstr(cf_json_text(one, "title", ""), rows[i].told));
        assert_true(loads(sequence));
        free(text);
        cJSON_Delete(one);
        cJSON_Delete(sequence);
    }
}

static void what_is_out_of_sight_is_not_looked_at_after_an_overlap(void **state)
{
    static const char *const hidden[] = {"allow_force_stop", NULL};
    struct cf_ref_options options = {
        .operation_ms = 20, .out_of_sight = hidden, .out_of_sight_count = 1};
    struct cf_profile of;
    (void)state;
    assert_int_equal(cf_trial_profile(&of, &options, 1, false, NULL), CF_OK);
    char *alone = case_of_overlap(&of, "{\"allow_force_stop\": true}");
    char *beside = case_of_overlap(&of, "{\"allow_force_stop\": true, \"vcpu\": 2}");
    assert_null(strstr(alone, "expect_value"));
    assert_non_null(strstr(beside, "\"expect_value\":{\"vcpu\":2}"));
    free(alone);
    free(beside);
    cf_profile_release(&of);
}

static void update_in_each_form_is_taken_by_the_loader(void **state)
{
    static const char *const commands[] = {
        "{\"do\": \"update\", \"cvm\": \"cvm\", \"form\": \"query\", "
        "\"set\": {\"vcpu\": 2}}",
        "{\"do\": \"update\", \"cvm\": \"cvm\", \"form\": \"query\", \"script\": true, "
        "\"set\": {\"pre_launch_script\": \"#!/bin/sh\"}}",
        "{\"do\": \"update\", \"cvm\": \"cvm\", \"form\": \"twice\", "
        "\"set\": {\"shutdown_timeout\": 90}}",
        "{\"do\": \"update\", \"cvm\": \"cvm\", \"form\": \"large\", "
        "\"set\": {\"shutdown_timeout\": 90}}"};
    (void)state;
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        cJSON *sequence = cJSON_Parse("{\"cvms\": {\"cvm\": \"managed\"}, \"commands\": []}");
        cJSON_AddItemToArray(cf_json_get(sequence, "commands"), cJSON_Parse(commands[i]));
        assert_true(loads(sequence));
        cJSON_Delete(sequence);
    }
}

static void sequence_has_no_more_commands_than_one_case_has_steps_for(void **state)
{
    size_t cut = 0;
    (void)state;
    for (int i = 0; i < DRAWN; i++) {
        char name[40];
        snprintf(name, sizeof(name), "long/%d", i);
        cJSON *sequence = cf_cvm_explore_draw(name, &profile, CF_CVM_EXPLORE_STEPS_MAX);
        cJSON *prepared = cf_cvm_explore_prepared(sequence, &profile, name);
        cut += cJSON_GetArraySize(cf_json_get(sequence, "commands")) < CF_CVM_EXPLORE_STEPS_MAX;
        assert_true(loads(sequence));
        assert_true(loads(prepared));
        cJSON_Delete(prepared);
        cJSON_Delete(sequence);
    }
    assert_true(cut > 0);
}

static void case_names_the_command_of_each_step(void **state)
{
    int commands[CF_STEPS_MAX] = {0};
    (void)state;
    cJSON *sequence = drawn(3);
    cJSON *one = cf_cvm_explore_case(sequence, &profile, "explore.drawn", commands);
    int count = cJSON_GetArraySize(cf_json_get(one, "steps"));
    for (int i = 1; i < count; i++) {
        assert_true(commands[i] >= commands[i - 1]);
        assert_true(commands[i] < CF_CVM_EXPLORE_STEPS);
    }
    assert_int_equal(commands[count - 1], CF_CVM_EXPLORE_STEPS - 1);
    cJSON_Delete(one);
    cJSON_Delete(sequence);
}

static void smaller_sequences_load_and_are_others(void **state)
{
    (void)state;
    for (int i = 0; i < DRAWN / 30; i++) {
        cJSON *sequence = drawn(i);
        cJSON *all = cf_cvm_explore_smaller(sequence);
        const cJSON *one;
        assert_non_null(all->child);
        cJSON_ArrayForEach(one, all)
        {
            assert_false(cf_json_equal(one, sequence));
            assert_true(loads(one));
        }
        cJSON_Delete(all);
        cJSON_Delete(sequence);
    }
}

/* Of what happens on two CVMs at once none can be left out. */
static void both_cvms_stay_where_they_are_updated_side_by_side(void **state)
{
    static const char json[] =
        "{\"cvms\": {\"cvm\": \"managed\", \"other\": \"managed\"}, \"commands\": [{\"do\": "
        "\"beside\", \"cvm\": \"cvm\", \"set\": {\"user_config\": \"fresh0000000001\"}, "
        "\"then\": {\"user_config\": \"fresh0000000002\"}}]}";
    struct cf_json_doc doc;
    (void)state;
    assert_int_equal(cf_json_parse(&doc, "test", json, sizeof(json) - 1, 0, NULL), CF_OK);
    assert_true(loads(doc.root));
    cJSON *all = cf_cvm_explore_smaller(doc.root);
    const cJSON *one;
    assert_non_null(all->child);
    cJSON_ArrayForEach(one, all)
    {
        assert_non_null(cf_json_get(cf_json_get(one, "cvms"), "other"));
        assert_true(loads(one));
    }
    cJSON_Delete(all);
    cf_json_release(&doc);
}

/* What comes of one request may be shown without the others. */
static void several_requests_may_become_one(void **state)
{
    static const struct {
        const char *command, *left;
    } rows[] = {{"{\"do\":\"during\",\"cvm\":\"cvm\",\"set\":{\"vcpu\":2},\"then\":{\"vcpu\":4}}",
                 "{\"do\":\"update\",\"cvm\":\"cvm\",\"set\":{\"vcpu\":2}}"},
                {"{\"do\":\"beside\",\"cvm\":\"cvm\",\"set\":{\"vcpu\":2},\"then\":{\"vcpu\":4}}",
                 "{\"do\":\"update\",\"cvm\":\"cvm\",\"set\":{\"vcpu\":2}}"},
                {"{\"do\":\"finish\",\"cvm\":\"cvm\",\"of\":\"a\",\"proof\":\"right\",\"count\":4}",
                 "{\"do\":\"finish\",\"cvm\":\"cvm\",\"of\":\"a\",\"proof\":\"right\"}"}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cJSON *sequence = cJSON_CreateObject();
        cJSON *commands = cJSON_AddArrayToObject(sequence, "commands");
        bool found = false;
        cJSON_AddItemToArray(commands, cJSON_Parse(rows[i].command));
        cJSON *all = cf_cvm_explore_smaller(sequence);
        const cJSON *one;
        cJSON_ArrayForEach(one, all)
        {
            char *text = printed(cJSON_GetArrayItem(cf_json_get(one, "commands"), 0));
            found = found || strcmp(text, rows[i].left) == 0;
            free(text);
        }
        assert_true(found);
        cJSON_Delete(all);
        cJSON_Delete(sequence);
    }
}

/* Always taking the first one, it comes to an end, at one command of one field. */
static void smaller_comes_to_an_end(void **state)
{
    (void)state;
    cJSON *sequence = drawn(5);
    for (int i = 0; i < 1000; i++) {
        cJSON *all = cf_cvm_explore_smaller(sequence);
        cJSON *next = cJSON_DetachItemFromArray(all, 0);
        cJSON_Delete(all);
        if (!next)
            break;
        cJSON_Delete(sequence);
        sequence = next;
    }
    assert_int_equal(cJSON_GetArraySize(cf_json_get(sequence, "commands")), 1);
    cJSON *rest = cf_cvm_explore_smaller(sequence);
    char *text = printed(sequence);
    if (rest->child)
        fail_msg("more can be left out of %s", text);
    free(text);
    cJSON_Delete(rest);
    cJSON_Delete(sequence);
}

/* Else what a CVM is like of what is in the hash could not be known. */
static void prepared_owned_cvm_has_been_through_two_phases(void **state)
{
    static const char json[] = "{\"cvms\": {\"cvm\": \"contract_owned\"}, \"commands\": []}";
    struct cf_json_doc doc;
    (void)state;
    assert_int_equal(cf_json_parse(&doc, "test", json, sizeof(json) - 1, 0, NULL), CF_OK);
    cJSON *sequence = cf_cvm_explore_prepared(doc.root, &profile, "explore/prepared/1");
    const cJSON *commands = cf_json_get(sequence, "commands");
    const cJSON *first = cJSON_GetArrayItem(commands, 1);
    const cJSON *second = cJSON_GetArrayItem(commands, 2);
    assert_int_equal(cJSON_GetArraySize(commands), 3);
    assert_non_null(cf_json_get(cf_json_get(first, "set"), "allowed_envs"));
    assert_null(cf_json_get(cf_json_get(first, "set"), "vcpu"));
    assert_string_equal(cf_json_text(second, "do", ""), "finish");
    assert_string_equal(cf_json_text(second, "of", ""), cf_json_text(first, "as", "none"));
    assert_true(loads(sequence));
    cJSON_Delete(sequence);
    cf_json_release(&doc);
}

static void until_a_command_nothing_follows_it(void **state)
{
    (void)state;
    cJSON *sequence = drawn(6);
    cJSON *cut = cf_cvm_explore_until(sequence, 3);
    assert_int_equal(cJSON_GetArraySize(cf_json_get(cut, "commands")), 4);
    cJSON_Delete(cut);
    cJSON_Delete(sequence);
}

/* The title of commands, written with ' for ", and what came of the last one. */
static void assert_title(const char *commands, const char *message, const char *expected)
{
    struct cf_json_doc doc;
    struct cf_buf json = {0};
    cf_buf_printf(&json, "{'cvms': {'cvm': 'managed', 'other': 'managed'}, 'commands': [%s]}",
                  commands);
    for (char *c = json.data; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    assert_int_equal(cf_json_parse(&doc, "test", json.data, json.len, 0, NULL), CF_OK);
    char *title = cf_cvm_explore_title(doc.root, message);
    assert_string_equal(title, expected);
    free(title);
    cf_json_release(&doc);
    cf_buf_release(&json);
}

#define EMPTIES "{'do': 'update', 'cvm': 'cvm', 'set': {'user_config': '', 'vcpu': 2}}"
#define OF_VCPU "{'do': 'update', 'cvm': 'cvm', 'set': {'vcpu': 4}}"
#define PHASE_1 "{'do': 'update', 'as': 'hash1', 'set': {'image': 'i', 'docker_compose_file': 'd'}}"
#define PHASE_2 "{'do': 'finish', 'of': 'hash1', 'proof': 'right'}"

static void title_says_what_is_emptied(void **state)
{
    (void)state;
    assert_title(EMPTIES "," OF_VCPU, NULL,
                 "An update that sets vcpu and empties user_config, and then an update of vcpu");
}

/* A phase 1 whose file was left out is an update as any other. */
static void title_tells_phases_apart(void **state)
{
    (void)state;
    assert_title("{'do': 'update', 'as': 'hash1', 'set': {'vcpu': 2}}," PHASE_1 "," PHASE_2, NULL,
                 "An update of vcpu, then phase 1 of an update of image and docker_compose_file, "
                 "and then phase 2");
}

static void title_tells_two_phases_1_apart(void **state)
{
    (void)state;
    assert_title(PHASE_1 ",{'do': 'update', 'as': 'hash2', 'script': true, 'set': "
                         "{'pre_launch_script': 's'}}," PHASE_2,
                 NULL,
                 "Phase 1 of an update of image and docker_compose_file (hash1), then phase 1 of "
                 "the upload of a script (hash2), and then phase 2 (hash1)");
}

static void title_says_what_came_of_it(void **state)
{
    static const char changed[] = "a field that should not have changed did (expected user_config: "
                                  "string \"\", got user_config: string \"a\")";
    (void)state;
    assert_title(EMPTIES "," OF_VCPU, changed,
                 "After an update that sets vcpu and empties user_config, an update of vcpu "
                 "changes user_config from \"\" to \"a\"");
    assert_title(EMPTIES, changed,
                 "An update that sets vcpu and empties user_config changes user_config from "
                 "\"\" to \"a\" on the other CVM too");
    assert_title(EMPTIES,
                 "a field of the request was not applied (expected user_config: string \"\", got "
                 "user_config: string \"a\")",
                 "An update that sets vcpu and empties user_config does not empty user_config");
    assert_title(PHASE_1 "," PHASE_2,
                 "a field of the request was not applied (expected image: string \"i\", got image: "
                 "string \"j\")",
                 "After phase 1 of an update of image and docker_compose_file, phase 2 does not "
                 "set image");
    assert_title("{'do': 'refused', 'set': {}, 'fault': {'kind': 'credentials', 'text': 'none'}}",
                 "the status code is another one (expected status 401, got status 202)",
                 "An update without credentials is answered 202, not 401");
    assert_title("{'do': 'refused', 'set': {}, 'fault': {'kind': 'value', 'field': "
                 "'allowed_envs', 'value': ['NAME', {}]}}",
                 "the status code is another one (expected status 422, got status 202)",
                 "An update with allowed_envs [\"NAME\",{}] is answered 202, not 422");
    assert_title(OF_VCPU,
                 "an update changed a field that it does not name (expected memory: integer 1, got "
                 "memory: string \"a value that is far too long to be shown in a title\")",
                 "An update of vcpu changes memory");
}

/* What there are no better words for is said as the failure says it. */
static void title_ends_in_the_message(void **state)
{
    (void)state;
    assert_title("{'do': 'race', 'count': 3}", "nobody won the race",
                 "3 updates at once: nobody won the race");
    assert_title("", "it is so", "Nothing is done: it is so");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draw_of_the_same_name_is_the_same),
        cmocka_unit_test(case_of_a_drawn_sequence_is_taken_by_the_loader),
        cmocka_unit_test(what_comes_between_two_updates_is_sent_and_told),
        cmocka_unit_test(what_is_out_of_sight_is_not_looked_at_after_an_overlap),
        cmocka_unit_test(update_in_each_form_is_taken_by_the_loader),
        cmocka_unit_test(sequence_has_no_more_commands_than_one_case_has_steps_for),
        cmocka_unit_test(case_names_the_command_of_each_step),
        cmocka_unit_test(smaller_sequences_load_and_are_others),
        cmocka_unit_test(both_cvms_stay_where_they_are_updated_side_by_side),
        cmocka_unit_test(several_requests_may_become_one),
        cmocka_unit_test(smaller_comes_to_an_end),
        cmocka_unit_test(until_a_command_nothing_follows_it),
        cmocka_unit_test(prepared_owned_cvm_has_been_through_two_phases),
        cmocka_unit_test(title_says_what_is_emptied),
        cmocka_unit_test(title_tells_phases_apart),
        cmocka_unit_test(title_tells_two_phases_1_apart),
        cmocka_unit_test(title_says_what_came_of_it),
        cmocka_unit_test(title_ends_in_the_message),
    };
    return cmocka_run_group_tests(tests, load_profile, release_profile) ? 1 : 0;
}
