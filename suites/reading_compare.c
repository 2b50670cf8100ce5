/* Two readings compared, with what a request asked for between them. */
#include "harness/match/describe.h"
#include "suites/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- one value ---- */

bool cf_cvm_reading_sees(const struct cf_cvm_reading *reading, int field)
{
    return reading->observed[field] &&
           cf_cvm_field_readable(&cf_cvm_fields[field], reading->values[field]);
}

/* Rounded, whichever way: less than one of its last digits away. */
static bool rounds_to(const struct cf_cvm_reading *reading, int field, const cJSON *asked)
{
    const cJSON *read = reading->values[field];
    return reading->grain[field] > 0 && cJSON_IsNumber(read) && cJSON_IsNumber(asked) &&
           fabs(read->valuedouble - asked->valuedouble) < reading->grain[field];
}

bool cf_cvm_reading_shows(const struct cf_cvm_reading *reading, int field, const cJSON *asked)
{
    return rounds_to(reading, field, asked) ||
           cf_cvm_field_same(&cf_cvm_fields[field], reading->values[field], asked);
}

/* ---- what can be judged of a field that was asked for ---- */

enum sight {
    SEEN,
    PASSED_OVER, /* declared out of sight, or hidden by the form of the reading */
    BLIND        /* it should be readable, and is not */
};

#define OUT_OF_SIGHT "%s is out of sight"

struct view {
    const struct cf_profile *profile;
    const struct cf_cvm_reading *before, *after;
    const char *why; /* unless SEEN; or what shows only in part, NULL when all does */
    char text[120];
};

/* A change of which rounding leaves nothing to see. */
static bool rounded_away(const struct view *view, int i, const cJSON *asked)
{
    return rounds_to(view->after, i, asked) && view->before->observed[i] &&
           cf_cvm_reading_shows(view->before, i, asked) &&
           !cf_json_equal(view->after->values[i], asked);
}

static bool same_number_of_gpus(const struct view *view, int i, const cJSON *asked)
{
    return cf_cvm_fields[i].kind == CF_CVM_FIELD_GPUS && view->before->observed[i] &&
           cJSON_IsNumber(view->before->values[i]) && cf_cvm_reading_shows(view->before, i, asked);
}

/* Hidden by the form of the reading: why, else NULL. */
static const char *hidden(const struct view *view, int i, const cJSON *asked)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[i];
    const char *why = NULL;
    if (view->before->observed[i])
        why = cf_cvm_field_hides(field, view->before->values[i], asked);
    if (!why && view->after->observed[i])
        why = cf_cvm_field_hides(field, view->after->values[i], asked);
    if (why || !cf_cvm_reading_sees(view->after, i))
        return why;
    if (rounded_away(view, i, asked))
        return "the size is shown rounded, and this change is lost in it";
    if (same_number_of_gpus(view, i, asked) && cf_cvm_reading_shows(view->after, i, asked))
        return "only the number of GPUs shows, and it stays the same";
    return NULL;
}

/* Anything but what a read side may leave out. */
static bool is_asked_to_show(int i, const cJSON *asked)
{
    return !cf_cvm_field_same(&cf_cvm_fields[i], NULL, asked);
}

static enum sight look(struct view *view, int i, const cJSON *asked)
{
    const char *name = cf_cvm_fields[i].name;
    view->why = NULL;
    if (cf_profile_out_of_sight(view->profile, name)) {
        snprintf(view->text, sizeof(view->text), OUT_OF_SIGHT, name);
        view->why = view->text;
        return PASSED_OVER;
    }
    view->why = hidden(view, i, asked);
    if (view->why)
        return PASSED_OVER;
    if (view->after->nothing_there[i] && is_asked_to_show(i, asked) &&
        (!view->before->observed[i] || view->before->nothing_there[i])) {
        view->why = view->after->why_not[i];
        return BLIND;
    }
    if (!cf_cvm_reading_sees(view->after, i)) {
        view->why =
            view->after->observed[i] ? "its reading has another type" : view->after->why_not[i];
        return BLIND;
    }
    view->why = cf_cvm_field_shows_part(&cf_cvm_fields[i], view->after->values[i], asked);
    if (!view->why && rounds_to(view->after, i, asked) &&
        !cf_json_equal(view->after->values[i], asked))
        view->why = "the size is shown rounded";
    return SEEN;
}

bool cf_cvm_reading_passes_over(struct cf_case_run *run, const struct cf_cvm_reading *before,
                                const struct cf_cvm_reading *after, const cJSON *asked, char *why,
                                size_t why_size)
{
    struct view view = {.profile = run->profile, .before = before, .after = after};
    bool some = false;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const cJSON *wanted = cf_json_get(asked, cf_cvm_fields[i].name);
        if (!wanted)
            continue;
        if (look(&view, i, wanted) != PASSED_OVER)
            return false;
        if (!some)
            snprintf(why, why_size, "%s", view.why);
        some = true;
    }
    return some;
}

/* ---- telling ---- */

static void tell(struct cf_case_run *run, const struct cf_cvm_field *field, const cJSON *wanted,
                 const cJSON *read, const char *message)
{
    struct cf_buf expected = {0};
    struct cf_buf actual = {0};
    cf_buf_printf(&expected, "%s: ", field->name);
    cf_describe(&expected, wanted);
    cf_buf_printf(&actual, "%s: ", field->name);
    cf_describe(&actual, read);
    cf_describe_difference(&expected, &actual, wanted, read);
    cf_run_fail_text(run, NULL, cf_buf_text(&expected), cf_buf_text(&actual), message);
    cf_buf_release(&expected);
    cf_buf_release(&actual);
}

static const char in_part[] = "judged in part";

/* What was judged in part, or not at all, stands beside the verdict. */
static void note_part(struct cf_case_run *run, const char *name, const char *why)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    if (!memory->in_part)
        memory->in_part = cJSON_CreateObject();
    if (cf_json_get(memory->in_part, name))
        return;
    cJSON_AddStringToObject(memory->in_part, name, why);
    cf_run_note(run, in_part, cJSON_Duplicate(memory->in_part, 1));
}

/* Whether a member or a text of it has the name in it. */
static bool names(const cJSON *node, const char *name)
{
    const cJSON *child;
    if ((node->string && strstr(node->string, name)) ||
        (cJSON_IsString(node) && strstr(node->valuestring, name)))
        return true;
    cJSON_ArrayForEach(child, node)
    {
        if (names(child, name))
            return true;
    }
    return false;
}

/* part: why a field, by its name, was judged in part. */
static bool is_alike_for(const struct cf_case *one, const cJSON *part)
{
    char out_of_sight[120];
    const char *why = cJSON_IsString(part) ? part->valuestring : "";
    snprintf(out_of_sight, sizeof(out_of_sight), OUT_OF_SIGHT, part->string);
    if (strcmp(why, out_of_sight) == 0)
        return !names(one->steps, part->string) && !(one->row && names(one->row, part->string));
    return strcmp(why, CF_CVM_CONFIG_SHOWS) == 0;
}

bool cf_cvm_reading_left_nothing_out(const struct cf_case *one, const char *observation)
{
    struct cf_json_doc doc;
    bool parsed =
        cf_json_parse(&doc, "observation", observation, strlen(observation), 0, NULL) == CF_OK;
    const cJSON *parts = parsed ? cf_json_get(doc.root, in_part) : NULL;
    bool all = parts && cJSON_GetArraySize(doc.root) == 1;
    for (const cJSON *part = parts ? parts->child : NULL; part; part = part->next)
        all = all && is_alike_for(one, part);
    cf_json_release(&doc);
    return all;
}

/* ---- one field ---- */

static bool as_before(int i, const struct view *view)
{
    return view->before->observed[i] &&
           cf_cvm_field_same(&cf_cvm_fields[i], view->after->values[i], view->before->values[i]);
}

static int compare_asked(struct cf_case_run *run, int i, struct view *view, const cJSON *asked,
                         bool report)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[i];
    enum sight sight = look(view, i, asked);
    if (view->why && report && sight != BLIND)
        note_part(run, field->name, view->why);
    if (sight != SEEN || cf_cvm_reading_shows(view->after, i, asked))
        return 0;
    if (report)
        tell(run, field, asked, view->after->values[i],
             as_before(i, view) ? "a field of the request was not applied"
                                : "a field of the request has another value");
    return 1;
}

bool cf_cvm_reading_is_old(const struct cf_case_run *run, const struct cf_cvm_reading *before,
                           const struct cf_cvm_reading *after, const cJSON *asked)
{
    struct view view = {.profile = run->profile, .before = before, .after = after};
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const cJSON *wanted = cf_json_get(asked, cf_cvm_fields[i].name);
        if (wanted && look(&view, i, wanted) == SEEN && as_before(i, &view) &&
            !cf_cvm_reading_shows(after, i, wanted))
            return true;
    }
    return false;
}

/* A field that nobody asked for. One that shows nowhere costs nothing: its own cases say so. */
static int compare_left_alone(struct cf_case_run *run, int i, const struct view *view, bool report)
{
    const struct cf_cvm_reading *before = view->before;
    const struct cf_cvm_reading *after = view->after;
    if (!cf_cvm_reading_sees(before, i) || !after->observed[i] || as_before(i, view) ||
        !cf_cvm_reading_sees(after, i))
        return 0;
    if (report)
        tell(run, &cf_cvm_fields[i], before->values[i], after->values[i],
             "a field that should not have changed did");
    return 1;
}

static const char *why_unseen(const struct cf_cvm_reading *reading, int i)
{
    return reading->observed[i] ? "its reading has another type" : reading->why_not[i];
}

/* Whether the case's last word on user_config was a text without anything that a read side shows of
 * it as an object: an answer 5xx for good says no more than that. */
static bool has_hidden_config(const struct cf_case_run *run, int i)
{
    bool hidden = false;
    cJSON *object = cJSON_CreateObject();
    for (size_t e = 0; e < run->record->exchange_count; e++) {
        const struct cf_exchange *exchange = &run->record->exchanges[e];
        struct cf_json_doc doc = {0};
        if (exchange->status != 202 || exchange->request_body.len == 0 ||
            cf_json_parse(&doc, "body", exchange->request_body.bytes, exchange->request_body.len, 0,
                          NULL) != CF_OK)
            continue;
        const cJSON *config = cf_json_get(doc.root, cf_cvm_fields[i].name);
        if (config)
            hidden = cf_cvm_field_hides(&cf_cvm_fields[i], object, config) != NULL;
        cf_json_release(&doc);
    }
    cJSON_Delete(object);
    return hidden;
}

/* Whether nothing can be said of a field that counts: told where report says so. What a read told
 * nothing of is not known to be unchanged, whatever it is at another time. */
static bool is_unknown(struct cf_case_run *run, int i, struct view *view, const cJSON *asked,
                       bool report)
{
    const char *name = cf_cvm_fields[i].name;
    const struct cf_cvm_reading *before = view->before;
    const struct cf_cvm_reading *after = view->after;
    bool blind = asked && look(view, i, asked) == BLIND;
    bool lost = !asked && cf_cvm_reading_sees(before, i) && !cf_cvm_reading_sees(after, i);
    bool unread = !asked && (before->unread[i] || after->unread[i]);
    if (blind && report)
        cf_run_inconclusive(run, "%s cannot be observed: %s", name, view->why);
    else if (lost && report)
        cf_run_inconclusive(run, "%s cannot be observed any more: %s", name, why_unseen(after, i));
    else if (unread && report && has_hidden_config(run, i))
        cf_run_not_applicable(run, "what the read side shows of %s has nothing of this text", name);
    else if (unread && report)
        cf_run_inconclusive(run, "%s could not be observed%s: %s", name,
                            before->unread[i] ? " before" : "",
                            before->unread[i] ? before->why_not[i] : after->why_not[i]);
    return blind || lost || unread;
}

int cf_cvm_reading_compare(struct cf_case_run *run, const struct cf_cvm_reading *before,
                           const struct cf_cvm_reading *after, const cJSON *asked, bool report)
{
    struct view view = {.profile = run->profile, .before = before, .after = after};
    int differences = 0;
    bool unknown = false;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const cJSON *wanted = cf_json_get(asked, cf_cvm_fields[i].name);
        differences += wanted ? compare_asked(run, i, &view, wanted, report)
                              : compare_left_alone(run, i, &view, report);
    }
    /* What is wrong for sure was told before what cannot be seen. */
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++)
        unknown =
            is_unknown(run, i, &view, cf_json_get(asked, cf_cvm_fields[i].name), report) || unknown;
    return differences == 0 && unknown ? CF_CVM_UNKNOWN : differences;
}

/* ---- as values ---- */

cJSON *cf_cvm_reading_value(const struct cf_cvm_reading *reading, int field)
{
    const cJSON *value = reading->values[field];
    return value ? cJSON_Duplicate(value, 1) : cJSON_CreateNull();
}

cJSON *cf_cvm_reading_json(const struct cf_cvm_reading *reading)
{
    cJSON *all = cJSON_CreateObject();
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (reading->observed[i])
            cJSON_AddItemToObject(all, cf_cvm_fields[i].name, cf_cvm_reading_value(reading, i));
    }
    return all;
}
