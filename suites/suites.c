#include "suites/suites.h"
#include "harness/base/name.h"
#include "harness/match/describe.h"
#include "suites/as_found.h"
#include "suites/foreign.h"
#include "suites/foresee.h"
#include "suites/hidden_lock.h"
#include "suites/housekeeping.h"
#include "suites/memory.h"
#include "suites/namesake.h"
#include "suites/short_forms.h"
#include "suites/two_phase.h"
#include "suites/warnings.h"
#include "suites/watch.h"
#include "suites/withheld.h"
#include "suites/words.h"

#include <string.h>

static const struct cf_fixture_kind fixture_kinds[] = {
    {"managed", NULL, true},  {"contract_owned", "contract_owned_kms", true},
    {"foreign", NULL, false}, {"gpu_rental", "gpu_rental", false},
    {"unknown", NULL, false}, {0},
};

static const char *const pics_required[] = {"contract_owned_kms", "prepare_only", "gpu_rental",
                                            NULL};
/* instant_operations: an operation is over before its 202 is sent, so that nothing can overlap. */
static const char *const pics_optional[] = {"instant_operations", "hashes_never_expire",
                                            "hashes_outlive_runs", NULL};

static const char *const hooks[] = {"register-compose-hash",
                                    "revert-registration",
                                    "register-elsewhere",
                                    "unregister-compose-hash",
                                    "expire-compose-hash",
                                    "reset",
                                    "break-chain",
                                    "mend-chain",
                                    NULL};

static const char *const hook_inputs[] = {"cvm_id", "app_id", "compose_hash", NULL};

static const char *hook_answer(const char *hook)
{
    static const char *const transact[] = {"register-compose-hash", "revert-registration",
                                           "register-elsewhere", NULL};
    return cf_name_known(transact, hook) ? "transaction_hash" : NULL;
}

static const struct cf_fault faults[] = {{"break-chain", "mend-chain"}, {0}};

static enum cf_code refuse_transaction(const cJSON *given, struct cf_err *err)
{
    struct cf_buf text = {0};
    cf_describe(&text, given);
    cf_err_set(err, CF_EPROTO,
               "transaction_hash has to be 64 hex digits, with or without 0x, and is %.200s",
               cf_buf_text(&text));
    cf_buf_release(&text);
    return CF_EPROTO;
}

/* A case must not be judged by what a hook of the tester's makes of it. */
static enum cf_code check_hook(const char *name, const cJSON *outputs, struct cf_err *err)
{
    const cJSON *given = cf_json_get(outputs, "transaction_hash");
    if (!hook_answer(name) || (cJSON_IsString(given) && cf_cvm_is_hash(given->valuestring)))
        return CF_OK;
    return refuse_transaction(given, err);
}

static const char *const phase2_bodies[] = {"empty", "repeat", NULL};

static const struct cf_vocabulary vocabulary = {
    .fixtures_member = "cvms",
    .fixture_kinds = fixture_kinds,
    .pics_required = pics_required,
    .pics_optional = pics_optional,
    .value_fields = cf_cvm_field_names,
    .needs_values = cf_cvm_field_names_listed,
    .observed = cf_cvm_observed_names,
    .presets = cf_cvm_presets,
    .hidden = cf_cvm_field_names_hidden,
    .value_fault = cf_cvm_field_value_fault,
    .values_alike = cf_cvm_field_values_alike,
    .foresee = cf_cvm_foresee,
    .hooks = hooks,
    .hook_inputs = hook_inputs,
    .hook_answer = hook_answer,
    .warn = cf_cvm_warn,
    .faults = faults,
    .shown_headers = (const char *const[]){"X-Phala-Version", NULL},
    .choice_member = "phase2_body",
    .choices = phase2_bodies,
};

static const struct cf_row_generator generators[] = {
    {"fields", cf_cvm_rows_fields},         {"presence-pairs", cf_cvm_rows_presence_pairs},
    {"all-others", cf_cvm_rows_all_others}, {"one-a-turn", cf_cvm_rows_one_a_turn},
    {"turns", cf_cvm_rows_turns},           {NULL, NULL},
};

static const struct cf_endpoint endpoints[] = {
    {"update-cvm", "PATCH", "/api/v1/cvms/{cvm_id}"},
    {"pre-launch-script", "PATCH", "/api/v1/cvms/{cvm_id}/pre-launch-script"},
    {"commit-update", "POST", "/api/v1/cvms/{cvm_id}/commit-update"},
    {"read", "GET", "/api/v1/cvms/{cvm_id}"},
    {NULL, NULL, NULL},
};

static const struct cf_step_word *const words[] = {
    &cf_cvm_word_observe,
    &cf_cvm_word_settle,
    &cf_cvm_word_track,
    &cf_cvm_word_expect_change,
    &cf_cvm_word_expect_value,
    &cf_cvm_word_there_and_back,
    &cf_cvm_word_expect_unchanged,
    &cf_cvm_word_expect_idle,
    &cf_cvm_word_note_change,
    &cf_cvm_word_in_parts,
    &cf_cvm_word_expect_distinct,
    &cf_cvm_word_overlap,
    &cf_cvm_word_race,
    NULL,
};

static const struct cf_expect_word *const expect_words[] = {&cf_cvm_word_detail, NULL};

static void answered(struct cf_case_run *run, const cJSON *step, const struct cf_answer *answer)
{
    cf_cvm_watch_answered(run, step, answer);
    cf_cvm_memory_answered(run, step, answer);
    cf_cvm_foreign_answered(run, step);
}

static void withhold(struct cf_case_run *run, const cJSON *step, const char *body, size_t body_len)
{
    cf_cvm_withhold(run, step, body, body_len);
    if (!run->over)
        cf_cvm_foreign_withhold(run, step);
    if (!run->over)
        cf_cvm_namesake_withhold(run, step);
}

/* The looks come first: they are about what the case itself did. */
static void finish(struct cf_case_run *run)
{
    cf_cvm_watch_end(run);
    cf_cvm_lock_end(run);
}

static const struct cf_engine engine = {
    .vocabulary = &vocabulary,
    .generators = generators,
    .write_out = cf_cvm_short_forms_write_out,
    .endpoints = endpoints,
    .sign_of_life = "/api/v1/cvms/{cvm_id}",
    .words = words,
    .expect_words = expect_words,
    .locators = cf_cvm_locators,
    .values = cf_cvm_value_sources,
    .distinct = &cf_cvm_distinct,
    .starts_operation = cf_cvm_starts_operation,
    .withhold = withhold,
    .answered = answered,
    .unlocked = cf_cvm_see_unlocked,
    .finish = finish,
    .ends_as_found = cf_cvm_ends_as_found,
    .look = cf_cvm_look,
    .left_nothing_out = cf_cvm_reading_left_nothing_out,
    .end = cf_cvm_memory_end,
    .check_hook = check_hook,
    .snapshot = cf_cvm_snapshot,
    .can_reset = cf_cvm_can_reset,
    .restore = cf_cvm_restore,
    .preflight = cf_cvm_preflight,
};

const struct cf_engine *cf_cvm_engine(void)
{
    return &engine;
}
