/* Where the fields of CVMs show; the other half of survey.c. */
#include "cli/init/survey.h"
#include "suites/reading.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CVM "/api/v1/cvms/{cvm_id}"

/* ---- which preset ---- */

static cJSON *scaled(const cJSON *value, double scale)
{
    char literal[64];
    double product = cJSON_IsNumber(value) ? value->valuedouble * scale : 0;
    if (!cJSON_IsNumber(value) || scale == 1)
        return cJSON_Duplicate(value, 1);
    if (floor(product) == product && fabs(product) < 1e15)
        return cf_json_new_integer((long long)product);
    snprintf(literal, sizeof(literal), "%.17g", product);
    return cf_json_new_number(literal);
}

/* What a page shows at a place, in the unit of an update; NULL: nothing that this field can be. */
static cJSON *shown_at(const struct cf_look_answer *answer, const struct cf_cvm_field *field,
                       const struct cf_cvm_shown *shown)
{
    bool as_text = shown->format ? strcmp(shown->format, "text") == 0 : !answer->says_json;
    if (answer->status != 200)
        return NULL;
    if (as_text && shown->pointer[0] == '\0')
        return cJSON_CreateString(answer->text);
    const cJSON *value = cf_json_at(answer->doc.root, shown->pointer);
    /* Of some fields the presets know a form that tells a part. */
    bool in_part = (field->kind == CF_CVM_FIELD_GPUS && cJSON_IsNumber(value)) ||
                   (shown->pointer[0] == '\0' && cJSON_IsObject(value));
    if (!value || !(in_part || cf_cvm_field_readable(field, value)))
        return NULL;
    return scaled(value, shown->scale);
}

static size_t count_shown(struct cf_survey *survey, struct cf_survey_cvm *cvm,
                          enum cf_cvm_preset preset)
{
    const struct cf_look_answer *answer = cf_survey_page(survey, cvm, CVM, preset);
    size_t count = 0;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const struct cf_cvm_shown *shown = &cf_cvm_fields[i].shown[preset];
        if (!shown->get || strcmp(shown->get, CVM) != 0)
            continue;
        cJSON *value = shown_at(answer, &cf_cvm_fields[i], shown);
        count += value != NULL;
        cJSON_Delete(value);
    }
    return count;
}

void cf_survey_find_preset(struct cf_survey *survey)
{
    size_t best = 0;
    survey->preset = CF_CVM_PRESET_2026;
    for (size_t i = 0; i < survey->cvm_count && best == 0; i++) {
        if (!cf_survey_is_ours(&survey->cvms[i]))
            continue;
        for (int preset = 0; preset < CF_CVM_PRESET_COUNT; preset++) {
            size_t count = count_shown(survey, &survey->cvms[i], (enum cf_cvm_preset)preset);
            if (count > best) {
                best = count;
                survey->preset = (enum cf_cvm_preset)preset;
            }
        }
    }
    if (best == 0)
        cf_gap_add(survey->gaps, "/pixit/observe",
                   "a CVM shows none of its settings where a preset looks; say under "
                   "pixit.observe.fields where each is read");
}

/* ---- where each field shows ---- */

/* Pages that are a field's value, and nothing else. */
static const struct {
    const char *name;
    const char *get;
} whole[] = {
    {"pre_launch_script", CVM "/pre-launch-script"},
    {"docker_compose_file", CVM "/docker-compose.yml"},
};

enum { CANDIDATES_MAX = 8, LOOKED_AT_MAX = 3 };

struct candidates {
    struct cf_cvm_shown items[CANDIDATES_MAX];
    size_t count;
    char pointers[2][CF_SURVEY_POINTER_BYTES];
};

static void offer(struct candidates *list, const char *get, const char *pointer, double scale,
                  const char *format)
{
    if (get)
        list->items[list->count++] = (struct cf_cvm_shown){get, pointer, scale, format};
}

static void list_candidates(const struct cf_survey *survey, const struct cf_cvm_field *field,
                            struct candidates *out)
{
    const struct cf_cvm_shown *own = &field->shown[survey->preset];
    const struct cf_cvm_shown *other = &field->shown[1 - (int)survey->preset];
    out->count = 0;
    offer(out, own->get, own->pointer, own->scale, own->format);
    offer(out, other->get, other->pointer, other->scale, other->format);
    snprintf(out->pointers[0], CF_SURVEY_POINTER_BYTES, "/%s", field->name);
    snprintf(out->pointers[1], CF_SURVEY_POINTER_BYTES, "/resource/%s", field->name);
    offer(out, CVM, out->pointers[0], 1, NULL);
    offer(out, CVM, out->pointers[1], 1, NULL);
    offer(out, CVM "/compose_file", out->pointers[0], 1, NULL);
    for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
        if (strcmp(whole[i].name, field->name) == 0)
            offer(out, whole[i].get, "", 1, "text");
    }
}

/* Only of some CVMs: what three do not show, the others do not show either. */
static bool is_looked_at(const struct cf_survey *survey, size_t index)
{
    size_t before = 0;
    for (size_t i = 0; i < index; i++)
        before += cf_survey_is_ours(&survey->cvms[i]);
    return before < LOOKED_AT_MAX && cf_survey_is_ours(&survey->cvms[index]);
}

/* Of this field null is a value like others: no timeout. */
static bool means_something_by_null(const struct cf_cvm_field *field)
{
    return strcmp(field->name, "shutdown_timeout") == 0;
}

/* Whether any CVM shows the field there, null_counts also as null. An answer that failed says
 * nothing about where. */
static bool shows(struct cf_survey *survey, const struct cf_cvm_field *field,
                  const struct cf_cvm_shown *shown, bool null_counts, bool *out_text)
{
    for (size_t i = 0; i < survey->cvm_count; i++) {
        if (!is_looked_at(survey, i))
            continue;
        const struct cf_look_answer *answer =
            cf_survey_page(survey, &survey->cvms[i], shown->get, survey->preset);
        cJSON *value = shown_at(answer, field, shown);
        bool found = value && (null_counts || !cJSON_IsNull(value));
        cJSON_Delete(value);
        *out_text = found && shown->pointer[0] == '\0' && !answer->says_json;
        if (found)
            return true;
    }
    return false;
}

/* A page that could not be had today: the preset is believed. */
static bool is_undecided(struct cf_survey *survey, const struct cf_cvm_shown *shown)
{
    for (size_t i = 0; shown->get && i < survey->cvm_count; i++) {
        if (is_looked_at(survey, i) &&
            cf_survey_page(survey, &survey->cvms[i], shown->get, survey->preset)->status >= 500)
            return true;
    }
    return false;
}

static void keep_place(struct cf_survey_place *place, const struct cf_cvm_shown *shown, bool preset)
{
    place->kind = preset ? CF_SURVEY_AS_THE_PRESET : CF_SURVEY_ELSEWHERE;
    place->shown = *shown;
    snprintf(place->pointer, sizeof(place->pointer), "%s", shown->pointer);
    place->shown.pointer = place->pointer;
}

/* Whether it shows somewhere that a candidate says; nulls: also where only null does. */
static bool find_among(struct cf_survey *survey, int index, const struct candidates *list,
                       bool nulls)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[index];
    const struct cf_cvm_shown *own = &field->shown[survey->preset];
    for (size_t i = 0; i < list->count; i++) {
        struct cf_cvm_shown shown = list->items[i];
        bool preset = own->get && i == 0;
        bool is_text;
        if (!shows(survey, field, &shown, preset || nulls, &is_text))
            continue;
        if (is_text)
            shown.format = "text";
        keep_place(&survey->places[index], &shown, preset && !is_text);
        return true;
    }
    return false;
}

static void find_place(struct cf_survey *survey, int index)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[index];
    const struct cf_cvm_shown *own = &field->shown[survey->preset];
    struct cf_survey_place *place = &survey->places[index];
    struct candidates list;
    list_candidates(survey, field, &list);
    if (find_among(survey, index, &list, false))
        return;
    if (means_something_by_null(field) && find_among(survey, index, &list, true)) {
        cf_gap_add(survey->gaps, "/pixit/observe/fields",
                   "%s shows as null, taken for none set; where it shows so whatever it is, say "
                   "null here",
                   field->name);
        return;
    }
    if (is_undecided(survey, own)) {
        keep_place(place, own, true);
        cf_gap_add(survey->gaps, "/pixit/observe",
                   "%s could not be read now; it is expected where the preset looks", field->name);
    }
}

/* What a CVM is set to, kept once. */
static void keep_current(struct cf_survey *survey, struct cf_survey_cvm *cvm, int index)
{
    const struct cf_cvm_shown *shown = &survey->places[index].shown;
    cJSON *value = shown_at(cf_survey_page(survey, cvm, shown->get, survey->preset),
                            &cf_cvm_fields[index], shown);
    const cJSON *other;
    bool is_new = value && !cJSON_IsNull(value);
    cJSON_ArrayForEach(other, survey->current[index]) is_new =
        is_new && !cf_json_equal(other, value);
    if (is_new)
        cJSON_AddItemToArray(survey->current[index], value);
    else
        cJSON_Delete(value);
}

void cf_survey_find_places(struct cf_survey *survey)
{
    for (int f = 0; f < CF_CVM_FIELD_COUNT; f++) {
        find_place(survey, f);
        survey->current[f] = cJSON_CreateArray();
        for (size_t i = 0; i < survey->cvm_count; i++) {
            if (survey->places[f].kind != CF_SURVEY_NOWHERE && cf_cvm_fields[f].needs_values &&
                cf_survey_is_ours(&survey->cvms[i]))
                keep_current(survey, &survey->cvms[i], f);
        }
    }
}
