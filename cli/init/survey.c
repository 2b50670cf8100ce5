#include "cli/init/survey.h"
#include "harness/base/mem.h"
#include "harness/http/url.h"
#include "suites/kms_types.h"
#include "suites/reading.h"

#include <stdlib.h>
#include <string.h>

#define CVM "/api/v1/cvms/{cvm_id}"

const char *cf_survey_kind_name(enum cf_survey_kind kind)
{
    static const char *const names[] = {[CF_SURVEY_MANAGED] = "managed",
                                        [CF_SURVEY_CONTRACT_OWNED] = "contract_owned",
                                        [CF_SURVEY_FOREIGN] = "foreign",
                                        [CF_SURVEY_GPU_RENTAL] = "gpu_rental",
                                        [CF_SURVEY_KIND_COUNT] = "?"};
    return names[kind];
}

bool cf_survey_is_ours(const struct cf_survey_cvm *cvm)
{
    return cvm->kind == CF_SURVEY_MANAGED || cvm->kind == CF_SURVEY_CONTRACT_OWNED;
}

size_t cf_survey_count(const struct cf_survey *survey, enum cf_survey_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < survey->cvm_count; i++)
        count += survey->cvms[i].kind == kind;
    return count;
}

void cf_survey_release(struct cf_survey *survey)
{
    for (size_t i = 0; i < survey->cvm_count; i++) {
        for (size_t p = 0; p < survey->cvms[i].page_count; p++)
            cf_look_answer_release(&survey->cvms[i].pages[p].answer);
    }
    for (int f = 0; f < CF_CVM_FIELD_COUNT; f++)
        cJSON_Delete(survey->current[f]);
    free(survey->cvms);
    for (size_t i = 0; i < 2; i++)
        free(survey->unknown[i]);
    *survey = (struct cf_survey){0};
}

/* ---- pages ---- */

void cf_survey_ask(struct cf_survey *survey, const char *path, const char *id,
                   enum cf_cvm_preset preset, struct cf_look_answer *out)
{
    static const char mark[] = "{cvm_id}";
    const char *hole = strstr(path, mark);
    struct cf_buf filled = {0};
    cf_buf_append(&filled, path, (size_t)(hole - path));
    cf_http_escape_segment(&filled, id);
    cf_buf_puts(&filled, hole + strlen(mark));
    cf_look_get(survey->look, cf_buf_text(&filled), cf_cvm_presets[preset], out);
    cf_buf_release(&filled);
}

const struct cf_look_answer *cf_survey_page(struct cf_survey *survey, struct cf_survey_cvm *cvm,
                                            const char *path, enum cf_cvm_preset preset)
{
    for (size_t i = 0; i < cvm->page_count; i++) {
        const struct cf_survey_page *page = &cvm->pages[i];
        if (page->preset == preset && strcmp(page->path, path) == 0)
            return &page->answer;
    }
    struct cf_survey_page *page = &cvm->pages[cvm->page_count++];
    *page = (struct cf_survey_page){.path = path, .preset = preset};
    cf_survey_ask(survey, path, cvm->id, preset, &page->answer);
    return &page->answer;
}

/* ---- CVMs ---- */

enum cf_survey_kind cf_survey_kms(const cJSON *shown)
{
    static const char *const of_contracts[] = {"chain_id", "kms_contract_address",
                                               "dstack_app_address"};
    const char *type = cf_json_text(shown, "kms_type", NULL);
    const cJSON *info = cf_json_get(shown, "kms_info");
    const char *kind = cf_cvm_kms_kind(type);
    if (kind)
        return strcmp(kind, "managed") == 0 ? CF_SURVEY_MANAGED : CF_SURVEY_CONTRACT_OWNED;
    for (size_t i = 0; i < 3; i++) {
        const cJSON *member = cf_json_get(info, of_contracts[i]);
        if (cJSON_IsNumber(member) || (cJSON_IsString(member) && *member->valuestring))
            return CF_SURVEY_CONTRACT_OWNED;
    }
    return cJSON_IsObject(info) ? CF_SURVEY_MANAGED : CF_SURVEY_KIND_COUNT;
}

/* What an answer makes of a CVM that the user named without more. */
static enum cf_code find_kind(struct cf_survey *survey, struct cf_survey_cvm *cvm,
                              const struct cf_look_answer *answer, struct cf_err *err)
{
    if (answer->status == 403) {
        cvm->kind = CF_SURVEY_FOREIGN;
        return CF_OK;
    }
    if (answer->status == 404)
        return cf_err_set(err, CF_EINPUT,
                          "%s: no such CVM in this workspace (one of another workspace: --foreign)",
                          answer->why);
    if (answer->status != 200)
        return cf_err_set(err, CF_EPROTO, "%s%s", answer->why,
                          answer->status == 401 ? ": the credential is refused" : "");
    if (!cJSON_IsObject(answer->doc.root))
        return cf_err_set(err, CF_EPROTO, "%s, but not with a JSON object", answer->why);
    cvm->kind = cf_survey_kms(answer->doc.root);
    if (cvm->kind == CF_SURVEY_KIND_COUNT) {
        cvm->kind = CF_SURVEY_MANAGED;
        cf_gap_add(survey->gaps, "/pixit/cvms/managed",
                   "nothing tells which KMS %s runs on (kms_type, kms_info); it was taken for a "
                   "managed one",
                   cvm->id);
    }
    if (cf_json_bool(answer->doc.root, "in_progress", false))
        cf_gap_add(survey->gaps, "", "CVM %s is busy now; a run waits until it is not", cvm->id);
    return CF_OK;
}

static enum cf_code check_foreign(const struct cf_look_answer *answer, struct cf_err *err)
{
    if (answer->status == 403 || answer->status == 404)
        return CF_OK;
    return cf_err_set(err, answer->status == 200 ? CF_EINPUT : CF_EPROTO,
                      "%s; for a CVM of another workspace 403 or 404 is expected", answer->why);
}

enum cf_code cf_survey_add(struct cf_survey *survey, const char *id, enum cf_survey_kind what,
                           struct cf_err *err)
{
    for (size_t i = 0; i < survey->cvm_count; i++) {
        if (strcmp(survey->cvms[i].id, id) == 0)
            return cf_err_set(err, CF_EINPUT, "CVM %s is named twice", id);
    }
    survey->cvms =
        cf_grow(survey->cvms, survey->cvm_count, &survey->cvm_cap, sizeof(*survey->cvms));
    struct cf_survey_cvm *cvm = &survey->cvms[survey->cvm_count++];
    *cvm = (struct cf_survey_cvm){.id = id, .kind = what};
    const struct cf_look_answer *answer = cf_survey_page(survey, cvm, CVM, CF_CVM_PRESET_2026);
    if (what == CF_SURVEY_FOREIGN)
        return check_foreign(answer, err);
    if (what == CF_SURVEY_MANAGED)
        return find_kind(survey, cvm, answer, err);
    return answer->status == 200 ? CF_OK : cf_err_set(err, CF_EPROTO, "%s", answer->why);
}
