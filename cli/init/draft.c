#include "cli/init/draft.h"
#include "harness/base/json_put.h"
#include "suites/reading.h"

#include <string.h>

#define CVM "/api/v1/cvms/{cvm_id}"

static void put_pair(struct cf_buf *out, const char *name, const char *value)
{
    cf_buf_printf(out, "\"%s\": ", name);
    cf_json_put_text(out, value);
}

/* As compact JSON, but with a space after each comma and colon outside texts. */
static void put_value(struct cf_buf *out, const cJSON *value)
{
    struct cf_buf compact = {0};
    bool in_text = false;
    cf_json_print(&compact, value);
    for (const char *c = cf_buf_text(&compact); *c; c++) {
        cf_buf_putc(out, *c);
        if (in_text && *c == '\\')
            cf_buf_putc(out, *++c);
        else if (*c == '"')
            in_text = !in_text;
        else if (!in_text && (*c == ',' || *c == ':'))
            cf_buf_putc(out, ' ');
    }
    cf_buf_release(&compact);
}

static const char *truth(bool value)
{
    return value ? "true" : "false";
}

/* ---- its parts ---- */

static void put_claims(const struct cf_survey *survey, bool stay, struct cf_buf *out)
{
    bool owned = cf_survey_count(survey, CF_SURVEY_CONTRACT_OWNED) > 0;
    bool rental = cf_survey_count(survey, CF_SURVEY_GPU_RENTAL) > 0;
    cf_buf_printf(out,
                  "  \"pics\": {\n    \"contract_owned_kms\": %s,\n    \"prepare_only\": %s,\n"
                  "    \"gpu_rental\": %s%s\n  },\n",
                  truth(owned), truth(owned), truth(rental),
                  owned && stay ? ",\n    \"hashes_outlive_runs\": true" : "");
}

static void put_access(const struct cf_survey *survey, const struct cf_draft_terms *terms,
                       struct cf_buf *out)
{
    cf_buf_puts(out, "    \"auth\": {");
    put_pair(out, "header", terms->auth_header);
    cf_buf_puts(out, ", \"value_from\": {");
    put_pair(out, terms->key_env ? "env" : "file",
             terms->key_env ? terms->key_env : terms->key_file);
    cf_buf_puts(out, "}},\n");
    if (terms->ca_file) {
        cf_buf_puts(out, "    \"tls\": {");
        put_pair(out, "ca_file", terms->ca_file);
        cf_buf_puts(out, "},\n");
    }
    cf_buf_printf(out, "    \"headers\": {\"X-Phala-Version\": \"%s\"},\n",
                  cf_cvm_presets[survey->preset]);
}

static void put_ids(struct cf_buf *out, const char *kind, const char *const *ids, size_t count)
{
    cf_buf_printf(out, "      \"%s\": [", kind);
    for (size_t i = 0; i < count; i++) {
        cf_buf_puts(out, i > 0 ? ",\n        " : "\n        ");
        cf_json_put_text(out, ids[i]);
    }
    cf_buf_puts(out, count > 0 ? "\n      ]" : "]");
}

static void put_cvms(const struct cf_survey *survey, struct cf_buf *out)
{
    cf_buf_puts(out, "    \"cvms\": {\n");
    for (int kind = 0; kind < CF_SURVEY_KIND_COUNT; kind++) {
        const char *before = "\n        ";
        cf_buf_printf(out, "      \"%s\": [", cf_survey_kind_name((enum cf_survey_kind)kind));
        for (size_t i = 0; i < survey->cvm_count; i++) {
            if (survey->cvms[i].kind != (enum cf_survey_kind)kind)
                continue;
            cf_buf_puts(out, before);
            cf_json_put_text(out, survey->cvms[i].id);
            before = ",\n        ";
        }
        cf_buf_puts(out, *before == ',' ? "\n      ],\n" : "],\n");
    }
    const char *const unknown[] = {survey->unknown[0], survey->unknown[1]};
    put_ids(out, "unknown", unknown, (size_t)(unknown[0] != NULL) + (unknown[1] != NULL));
    cf_buf_puts(out, "\n    },\n");
}

static void put_values(const cJSON *values, struct cf_buf *out)
{
    const cJSON *field;
    cf_buf_puts(out, "    \"values\": {");
    cJSON_ArrayForEach(field, values)
    {
        cf_buf_printf(out, "%s\n      \"%s\": ", field == values->child ? "" : ",", field->string);
        put_value(out, field);
    }
    cf_buf_puts(out, "\n    },\n");
}

/* ---- where fields show ---- */

static void put_place(struct cf_buf *out, const struct cf_cvm_shown *shown)
{
    cf_buf_putc(out, '{');
    put_pair(out, "get", shown->get);
    cf_buf_puts(out, ", ");
    put_pair(out, "pointer", shown->pointer);
    if (shown->scale != 1)
        cf_buf_printf(out, ", \"scale\": %g", shown->scale);
    if (shown->format) {
        cf_buf_puts(out, ", ");
        put_pair(out, "format", shown->format);
    }
    cf_buf_putc(out, '}');
}

/* The fields that never show, for the gaps: the user may know better. */
static void tell_out_of_sight(struct cf_survey *survey)
{
    struct cf_buf names = {0};
    for (int f = 0; f < CF_CVM_FIELD_COUNT; f++) {
        if (survey->places[f].kind == CF_SURVEY_NOWHERE)
            cf_buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", cf_cvm_fields[f].name);
    }
    if (names.len > 0)
        cf_gap_add(survey->gaps, "/pixit/observe/fields",
                   "out of sight: %s; where a page of yours shows one, say where in place of null",
                   cf_buf_text(&names));
    cf_buf_release(&names);
}

static void put_observe(struct cf_survey *survey, struct cf_buf *out)
{
    const char *before = "\n        ";
    cf_buf_printf(out, "    \"observe\": {\n      \"preset\": \"%s\",\n      \"fields\": {",
                  cf_cvm_presets[survey->preset]);
    for (int f = 0; f < CF_CVM_FIELD_COUNT; f++) {
        const struct cf_survey_place *place = &survey->places[f];
        if (place->kind == CF_SURVEY_AS_THE_PRESET)
            continue;
        cf_buf_printf(out, "%s\"%s\": ", before, cf_cvm_fields[f].name);
        if (place->kind == CF_SURVEY_NOWHERE)
            cf_buf_puts(out, "null");
        else
            put_place(out, &place->shown);
        before = ",\n        ";
    }
    cf_buf_puts(out, *before == ',' ? "\n      }\n    },\n" : "}\n    },\n");
    tell_out_of_sight(survey);
}

/* ---- hooks ---- */

/* The first contract-owned CVM that says on which chain it is. */
static const cJSON *chain_of(struct cf_survey *survey)
{
    for (size_t i = 0; i < survey->cvm_count; i++) {
        struct cf_survey_cvm *cvm = &survey->cvms[i];
        if (cvm->kind != CF_SURVEY_CONTRACT_OWNED)
            continue;
        const cJSON *shown = cf_survey_page(survey, cvm, CVM, survey->preset)->doc.root;
        const cJSON *chain = cf_json_get(cf_json_get(shown, "kms_info"), "chain_id");
        if (cJSON_IsNumber(chain))
            return chain;
    }
    return NULL;
}

static void put_hooks(struct cf_survey *survey, const struct cf_draft_terms *terms,
                      struct cf_buf *out)
{
    static const char *const hooks[][2] = {{"register-compose-hash", "register"},
                                           {"revert-registration", "revert"},
                                           {"register-elsewhere", "register-elsewhere"},
                                           {"unregister-compose-hash", "unregister"}};
    const cJSON *chain = chain_of(survey);
    if (cf_survey_count(survey, CF_SURVEY_CONTRACT_OWNED) == 0)
        return;
    if (!chain || !terms->hooks) {
        cf_gap_add(survey->gaps, "/pixit",
                   "hooks: what registers compose hashes, and does not, is yours to bring "
                   "(docs/profile.md, pixit.hooks), or a run ends with exit code 3");
        return;
    }
    cf_buf_puts(out, "    \"hooks\": {\n");
    for (size_t i = 0; i < 4; i++) {
        cf_buf_printf(out, "      \"%s\": {\"command\": [", hooks[i][0]);
        struct cf_buf path = {0};
        cf_buf_printf(&path, "%s/%s", terms->hooks, hooks[i][1]);
        cf_json_put_text(out, cf_buf_text(&path));
        cf_buf_release(&path);
        cf_buf_printf(out, "], \"timeout_ms\": 60000}%s\n", i < 3 ? "," : "");
    }
    cf_buf_puts(out, "    },\n");
    cf_gap_add(survey->gaps, "/pixit/hooks",
               "hooks: set ETH_RPC_URL (a node), EVM_CHAIN_ID=%s, ETH_KEYSTORE and ETH_PASSWORD "
               "(a signer that owns the apps), EVM_CONTRACTS and EVM_ELSEWHERE, as README.md "
               "beside the scripts says",
               chain->valuestring);
}

/* An expired hash is what a run cannot come by itself. */
static void tell_of_expiry(struct cf_survey *survey, const struct cf_draft_terms *terms)
{
    if (cf_survey_count(survey, CF_SURVEY_CONTRACT_OWNED) == 0)
        return;
    if (terms->hashes_outlive_runs)
        cf_gap_add(survey->gaps, "/pics/hashes_outlive_runs",
                   "compose hashes wait 14 days here, longer than a run; where you can make one "
                   "expire, bring a hook expire-compose-hash and take this out");
    else
        cf_gap_add(survey->gaps, "/pixit/hooks",
                   "hooks: bring expire-compose-hash, or a run ends with exit code 3: what must be "
                   "refused for an expired hash cannot be judged; where none expires while a run "
                   "waits, set pics.hashes_never_expire or pics.hashes_outlive_runs instead");
}

/* ---- the whole ---- */

static void tell_missing_kinds(struct cf_survey *survey)
{
    if (cf_survey_count(survey, CF_SURVEY_FOREIGN) == 0)
        cf_gap_add(survey->gaps, "/pixit/cvms/foreign",
                   "name a CVM of another workspace (--foreign), or a run ends with exit code 3: "
                   "what must be refused for such a CVM cannot be judged");
    if (cf_survey_count(survey, CF_SURVEY_MANAGED) == 0)
        cf_gap_add(survey->gaps, "/pixit/cvms/managed",
                   "no CVM with managed KMS was named; most cases need one or two");
    if (cf_survey_count(survey, CF_SURVEY_CONTRACT_OWNED) == 0)
        cf_gap_add(survey->gaps, "/pics/contract_owned_kms",
                   "no CVM with contract-owned KMS was named, so two-phase updates are not "
                   "claimed; where the service has them, name two");
    if (cf_survey_count(survey, CF_SURVEY_GPU_RENTAL) == 0)
        cf_gap_add(survey->gaps, "/pics/gpu_rental",
                   "no CVM that rents GPUs was named (--gpu-rental), so none are claimed");
}

void cf_draft_profile(struct cf_survey *survey, const struct cf_draft_terms *terms,
                      const cJSON *values, struct cf_buf *out)
{
    cf_buf_puts(out, "{\n  \"iut\": {\n    ");
    put_pair(out, "name", terms->name);
    cf_buf_puts(out, ",\n    ");
    put_pair(out, "version", terms->version);
    cf_buf_puts(out, ",\n    ");
    put_pair(out, "base_url", terms->base_url);
    cf_buf_puts(out, "\n  },\n");
    put_claims(survey, terms->hashes_outlive_runs, out);
    cf_buf_puts(out, "  \"pixit\": {\n");
    put_access(survey, terms, out);
    put_cvms(survey, out);
    put_values(values, out);
    put_observe(survey, out);
    put_hooks(survey, terms, out);
    tell_of_expiry(survey, terms);
    cf_buf_printf(out,
                  "    \"timing\": {\"settle_timeout_ms\": %d, \"poll_interval_ms\": %d, "
                  "\"request_timeout_ms\": 30000}\n  }\n}\n",
                  terms->local ? 60000 : 900000, terms->local ? 50 : 2000);
    tell_missing_kinds(survey);
}
