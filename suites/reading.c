#include "suites/reading.h"
#include "harness/base/mem.h"
#include "harness/run/kept.h"
#include "suites/sent.h"
#include "suites/whole_body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const cf_cvm_presets[] = {[CF_CVM_PRESET_2026] = "2026-01-21",
                                      [CF_CVM_PRESET_2025] = "2025-10-28",
                                      [CF_CVM_PRESET_COUNT] = NULL};

const char *const cf_cvm_observed_names[] = {
#define CF_CVM_FIELD(name, ...) #name,
#include "suites/fields.def"
#undef CF_CVM_FIELD
    [CF_CVM_FIELD_COUNT + CF_CVM_IN_PROGRESS] = "in_progress",
    [CF_CVM_FIELD_COUNT + CF_CVM_APP_ID] = "app_id",
    [CF_CVM_FIELD_COUNT + CF_CVM_COMPOSE_HASH] = "compose_hash",
    [CF_CVM_FIELD_COUNT + CF_CVM_KMS_TYPE] = "kms_type",
    [CF_CVM_FIELD_COUNT + CF_CVM_VM_UUID] = "vm_uuid",
    [CF_CVM_FIELD_COUNT + CF_CVM_NAME] = "name",
    [CF_CVM_FIELD_COUNT + CF_CVM_OPERATIONS] = "operations",
    [CF_CVM_FIELD_COUNT + CF_CVM_APP_COMPOSE] = "app_compose",
    [CF_CVM_FIELD_COUNT + CF_CVM_ASPECT_COUNT] = NULL};

const char *cf_cvm_aspect_name(enum cf_cvm_aspect aspect)
{
    return cf_cvm_observed_names[CF_CVM_FIELD_COUNT + aspect];
}

/* ---- where things are read ---- */

#define CVM "/api/v1/cvms/{cvm_id}"

/* In both presets. */
static const struct cf_cvm_shown aspects[CF_CVM_ASPECT_COUNT] = {
    [CF_CVM_IN_PROGRESS] = {CVM, "/in_progress", 1, NULL},
    [CF_CVM_APP_ID] = {CVM, "/app_id", 1, NULL},
    [CF_CVM_COMPOSE_HASH] = {CVM, "/compose_hash", 1, NULL},
    [CF_CVM_KMS_TYPE] = {CVM, "/kms_type", 1, NULL},
    [CF_CVM_VM_UUID] = {CVM, "/vm_uuid", 1, NULL},
    [CF_CVM_NAME] = {CVM, "/name", 1, NULL},
    [CF_CVM_OPERATIONS] = {CVM "/operations", "/items", 1, NULL},
    [CF_CVM_APP_COMPOSE] = {CVM "/compose_file", "", 1, NULL},
};

/* The profile's own word before its preset's. False: shown nowhere. */
static bool find_shown(const struct cf_profile *profile, const char *name,
                       const struct cf_cvm_shown *preset, struct cf_cvm_shown *out)
{
    const cJSON *own = cf_json_get(profile->observe_fields, name);
    *out = *preset;
    if (cJSON_IsNull(own))
        *out = (struct cf_cvm_shown){0};
    else if (own)
        *out = (struct cf_cvm_shown){cf_json_text(own, "get", ""), cf_json_text(own, "pointer", ""),
                                     cf_json_number(own, "scale", 1),
                                     cf_json_text(own, "format", NULL)};
    return out->get != NULL;
}

static bool find_field(const struct cf_profile *profile, int index, struct cf_cvm_shown *out)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[index];
    bool older = strcmp(profile->preset, cf_cvm_presets[CF_CVM_PRESET_2025]) == 0;
    return find_shown(profile, field->name,
                      &field->shown[older ? CF_CVM_PRESET_2025 : CF_CVM_PRESET_2026], out);
}

bool cf_cvm_reading_finds(const struct cf_profile *profile, enum cf_cvm_aspect aspect,
                          struct cf_cvm_shown *out)
{
    return find_shown(profile, cf_cvm_aspect_name(aspect), &aspects[aspect], out);
}

bool cf_cvm_reading_maps_field(const struct cf_profile *profile, int field)
{
    struct cf_cvm_shown shown;
    return find_field(profile, field, &shown);
}

bool cf_cvm_reading_is_coarse(const struct cf_profile *profile, int field)
{
    struct cf_cvm_shown shown;
    return find_field(profile, field, &shown) && shown.scale > 1;
}

bool cf_cvm_reading_maps(const struct cf_profile *profile, enum cf_cvm_aspect aspect)
{
    struct cf_cvm_shown shown;
    return cf_cvm_reading_finds(profile, aspect, &shown);
}

/* ---- one answer ---- */

/* What readings with the same values have between them: the answers that these are part of. */
struct cf_cvm_holding {
    size_t readings;
    const struct cf_json_text *answers[CF_CVM_FIELD_COUNT + CF_CVM_ASPECT_COUNT];
    size_t count;
};

static struct cf_cvm_holding *holding_of(struct cf_cvm_reading *reading)
{
    if (!reading->holding) {
        reading->holding = cf_alloc(sizeof(*reading->holding));
        reading->holding->readings = 1;
    }
    return reading->holding;
}

static void hold(struct cf_cvm_reading *reading, const struct cf_json_text *answer)
{
    struct cf_cvm_holding *holding = holding_of(reading);
    holding->answers[holding->count++] = cf_json_text_hold(answer);
}

/* The value itself (*out_lent), or one that is made of it. */
static cJSON *scaled(cJSON *value, double scale, bool *out_lent)
{
    char literal[64];
    *out_lent = !cJSON_IsNumber(value) || scale == 1;
    if (*out_lent)
        return value;
    snprintf(literal, sizeof(literal), "%.17g", value->valuedouble * scale);
    return cf_json_new_number(literal);
}

/* What the last digit of a number stands for, in the unit of an update: as far as rounding may have
 * carried the reading away. */
static double grain_of(const cJSON *shown, double scale)
{
    double grain = scale;
    if (!cJSON_IsNumber(shown) || scale == 1)
        return 0;
    const char *digit = strchr(shown->valuestring, '.');
    while (digit && *++digit >= '0' && *digit <= '9')
        grain /= 10;
    return grain;
}

/* A body as text. What follows a NUL is part of it: that reads as in JSON (json.h). */
static cJSON *text_of(const struct cf_body *body)
{
    static const char nul[] = "\xef\xbf\xbd";
    struct cf_buf text = {0};
    for (size_t at = 0; at < body->len; at++) {
        const char *end = memchr(body->bytes + at, '\0', body->len - at);
        size_t len = end ? (size_t)(end - body->bytes) - at : body->len - at;
        cf_buf_append(&text, body->bytes + at, len);
        if (end)
            cf_buf_puts(&text, nul);
        at += len;
    }
    cJSON *value = cJSON_CreateString(cf_buf_text(&text));
    cf_buf_release(&text);
    return value;
}

static bool is_shown_as_text(const struct cf_cvm_shown *shown, const struct cf_answer *answer)
{
    return shown->format ? strcmp(shown->format, "text") == 0 : !cf_answer_says_json(answer);
}

/* The value that the last answer has where it is shown; false with why when it shows none. */
static bool value_of(struct cf_case_run *run, const struct cf_cvm_shown *shown, cJSON **out,
                     bool *out_lent, double *grain, char *why, size_t why_size)
{
    const struct cf_answer *answer = &run->last;
    *out = NULL;
    if (shown->pointer[0] == '\0' && is_shown_as_text(shown, answer)) {
        *out = text_of(&answer->exchange->response_body);
        return true;
    }
    if (!answer->json) {
        snprintf(why, why_size, "GET %.200s: %.100s", shown->get,
                 answer->json_error ? answer->json_error : "no body");
        return false;
    }
    if (shown->pointer[0] != '\0' && !cJSON_IsObject(answer->json) &&
        !cJSON_IsArray(answer->json)) {
        snprintf(why, why_size, "GET %.200s answered 200 with neither an object nor an array",
                 shown->get);
        return false;
    }
    cJSON *value = cf_json_at(answer->json, shown->pointer);
    *out = value ? scaled(value, shown->scale, out_lent) : NULL;
    *grain = value ? grain_of(value, shown->scale) : 0;
    return true;
}

struct target {
    struct cf_cvm_shown shown;
    const struct cf_cvm_field *field; /* NULL for an aspect */
    cJSON **value;
    bool *lent;
    double grain;     /* of the value */
    double *grain_to; /* NULL: nobody asks */
    bool *observed;   /* NULL for an aspect */
    bool *unread;     /* likewise */
    bool *nothing_there;
    char *why; /* NULL where nobody asks */
    bool own;  /* the profile's own word on where it shows, not its preset's */
    bool done;
};

enum { TARGETS_MAX = CF_CVM_FIELD_COUNT + CF_CVM_ASPECT_COUNT, SIDE_BY_SIDE_MS = 50 };

/* All that one reading is to tell, and how far it is. */
struct targets {
    struct cf_cvm_reading *reading;
    struct target items[TARGETS_MAX];
    size_t count, got;
    const char *ahead[TARGETS_MAX];  /* paths that have been asked for, side by side */
    size_t ahead_count, ahead_first; /* the first one's exchange */
};

static size_t list_targets(struct cf_case_run *run, struct cf_cvm_reading *out,
                           struct target targets[TARGETS_MAX])
{
    size_t count = 0;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        struct target *t = &targets[count];
        *t = (struct target){
            .value = &out->values[i],
            .lent = &out->lent[i],
            .grain_to = &out->grain[i],
            .observed = &out->observed[i],
            .unread = &out->unread[i],
            .nothing_there = &out->nothing_there[i],
            .why = out->why_not[i],
            .field = &cf_cvm_fields[i],
            .own = cf_json_get(run->profile->observe_fields, cf_cvm_fields[i].name) != NULL};
        out->mapped[i] = find_field(run->profile, i, &t->shown);
        if (out->mapped[i])
            count++;
        else if (cf_profile_out_of_sight(run->profile, cf_cvm_fields[i].name))
            snprintf(t->why, CF_CVM_WHY_BYTES, "%s is out of sight", cf_cvm_fields[i].name);
        else
            snprintf(t->why, CF_CVM_WHY_BYTES, "the profile does not say where to read it");
    }
    for (int i = 0; i < CF_CVM_OPERATIONS; i++) {
        struct target *t = &targets[count];
        *t = (struct target){.value = &out->aspects[i],
                             .lent = &out->lent_aspects[i],
                             .why = i == CF_CVM_IN_PROGRESS ? out->why_not_busy : NULL};
        if (cf_cvm_reading_finds(run->profile, (enum cf_cvm_aspect)i, &t->shown))
            count++;
    }
    return count;
}

static bool is_config(const struct target *target)
{
    return target->field && target->field->kind == CF_CVM_FIELD_CONFIG;
}

/* What the body of a path has to be for all that is read from it. A user_config alone is compared
 * so that it does not matter whose a mark is. */
static enum cf_run_body body_wanted(const struct targets *all, const char *path)
{
    bool config = true;
    for (size_t i = 0; i < all->count; i++) {
        const struct cf_cvm_shown *shown = &all->items[i].shown;
        bool json = shown->format && strcmp(shown->format, "json") == 0;
        if (strcmp(shown->get, path) == 0 && (json || shown->pointer[0] != '\0'))
            return CF_BODY_JSON;
        config = config && (strcmp(shown->get, path) != 0 || is_config(&all->items[i]));
    }
    return config ? CF_BODY_MAY_BEGIN_WITH_MARK : CF_BODY_AS_LABELLED;
}

/* A preset's read side is known to leave out what is empty, of another one nothing is known; but no
 * CVM is without sizes and an image. */
static bool is_nothing(const struct target *target)
{
    const cJSON *value = *target->value;
    bool has_one = target->field->needs_values && cf_cvm_field_never_empty(target->field);
    return has_one ? !value || cJSON_IsNull(value) : target->own && !value;
}

/* Fill in what is read from a path whose answer tells something, or say why nothing is. */
static bool fill(struct cf_case_run *run, struct target *target, enum cf_code code,
                 const struct cf_err *err)
{
    char why[CF_CVM_WHY_BYTES];
    const char *path = target->shown.get;
    int status = run->last.exchange->status;
    target->done = true;
    if (target->unread)
        *target->unread = code != CF_OK || status >= 500;
    if (code != CF_OK)
        snprintf(why, sizeof(why), "%.*s", CF_CVM_WHY_BYTES - 1, err->text);
    else if (status != 200)
        snprintf(why, sizeof(why), "GET %.200s answered %d", path, status);
    else if (value_of(run, &target->shown, target->value, target->lent, &target->grain, why,
                      sizeof(why))) {
        if (target->grain_to)
            *target->grain_to = target->grain;
        if (!target->field)
            return true;
        *target->observed = true;
        *target->nothing_there = is_nothing(target);
        if (*target->nothing_there)
            snprintf(target->why, CF_CVM_WHY_BYTES, "nothing shows at %.60s of GET %.200s",
                     target->shown.pointer, path);
        return true;
    }
    if (target->why)
        memcpy(target->why, why, sizeof(why));
    return false;
}

/* ---- whose answer it is ---- */

/* All that is read from one path. */
struct page {
    const struct targets *all;
    const char *path;
};

/* A body that has nothing of what is read in it may be a gateway's or a cache's ("null", an object
 * that tells of an error, a page in HTML). */
static bool shows_page(const struct cf_answer *answer, const void *context)
{
    const struct page *page = context;
    bool pointed = false;
    for (size_t i = 0; i < page->all->count; i++) {
        const struct cf_cvm_shown *shown = &page->all->items[i].shown;
        if (strcmp(shown->get, page->path) != 0)
            continue;
        if (shown->pointer[0] == '\0' && !cf_cvm_may_be_value(answer, shown))
            return false;
        if (shown->pointer[0] == '\0' || cf_json_at(answer->json, shown->pointer))
            return true;
        pointed = true;
    }
    return !pointed;
}

static bool shows_list(const struct cf_answer *answer, const void *pointer)
{
    return cJSON_IsArray(cf_json_at(answer->json, pointer));
}

/* 1 + the exchange in which a path was asked for ahead; 0: it was not. */
static size_t answer_ahead(const struct targets *all, const char *path)
{
    for (size_t i = 0; i < all->ahead_count; i++) {
        if (strcmp(all->ahead[i], path) == 0)
            return 1 + all->ahead_first + i;
    }
    return 0;
}

/* The page of a user_config alone: read sides that parse it answer 502 to a text that is no JSON.
 * With such a text in force there is nothing to wait for. */
static int own_status(const struct cf_case_run *run, enum cf_run_body body)
{
    return body == CF_BODY_MAY_BEGIN_WITH_MARK && cf_cvm_sent_plain_config(run) ? 502 : 0;
}

/* Fetch one path, or take the answer that it has already, and fill in every target that is read
 * from it. */
static enum cf_code fetch(struct cf_case_run *run, const char *id, const char *purpose,
                          struct targets *all, const char *path, struct cf_err *err)
{
    const struct page page = {all, path};
    const enum cf_run_body body = body_wanted(all, path);
    const struct cf_run_wanted wanted = {body, shows_page, &page, own_status(run, body)};
    enum cf_code code = CF_OK;
    size_t ahead = answer_ahead(all, path);
    if (ahead == 0 || !cf_run_get_answered(run, ahead - 1, &wanted))
        code = cf_run_get(run, purpose, path, id, &wanted, err);
    bool lent = false;
    for (size_t i = 0; i < all->count; i++) {
        struct target *t = &all->items[i];
        if (t->done || strcmp(t->shown.get, path) != 0)
            continue;
        all->got += fill(run, t, code, err);
        lent = lent || *t->lent;
    }
    if (lent)
        hold(all->reading, run->last_text);
    if (code == CF_OK && run->last.exchange->status != 200)
        return cf_err_set(err, CF_EPROTO, "GET %s answered %d", path, run->last.exchange->status);
    return code;
}

/* The index of the nth target to be fetched: the first one before all others, then in order. */
static size_t nth(size_t n, size_t first)
{
    return n == 0 ? first : n - 1;
}

/* Where one answer takes long, all others are asked for at the same moment. */
static void fetch_ahead(struct cf_case_run *run, const char *id, const char *purpose,
                        struct targets *all, size_t first)
{
    struct cf_err err = {0};
    if (all->ahead_count > 0 || !run->last.exchange ||
        run->last.exchange->duration_ms < SIDE_BY_SIDE_MS)
        return;
    for (size_t n = 0; n <= all->count; n++) {
        size_t i = nth(n, first);
        bool known = i == all->count || all->items[i].done;
        for (size_t k = 0; k < all->ahead_count && !known; k++)
            known = strcmp(all->ahead[k], all->items[i].shown.get) == 0;
        if (!known)
            all->ahead[all->ahead_count++] = all->items[i].shown.get;
    }
    if (all->ahead_count < 2 || !cf_run_get_together(run, purpose, all->ahead, all->ahead_count, id,
                                                     &all->ahead_first, &err))
        all->ahead_count = 0;
}

/* Nothing is to be had from any other path either. */
static bool is_final(const struct cf_case_run *run, enum cf_code code)
{
    bool ours = code == CF_EINPUT || code == CF_EIO || code == CF_ESTOPPED;
    bool stranger = code == CF_ENET && !run->one; /* nobody was ever there: said at once */
    return ours || stranger || (run->end & CF_END_GONE);
}

static bool is_exclusive(const struct cf_case_run *run, const char *id)
{
    for (size_t i = 0; i < run->profile->fixture_count; i++) {
        if (strcmp(run->profile->fixtures[i].id, id) == 0)
            return run->profile->fixtures[i].kind->exclusive;
    }
    return false;
}

/* For the next case on this CVM, which nobody else has meanwhile (the pool knows): one that is idle
 * and of which all was read stays as it is until something is sent. */
static void keep(struct cf_case_run *run, const char *id, const struct cf_cvm_reading *reading,
                 size_t first, bool known_idle)
{
    int busy = cf_cvm_reading_busy(reading);
    if (busy == 1 || (busy < 0 && !known_idle))
        cf_kept_drop(run->io, id); /* nor is it any more what was read before */
    else if (is_exclusive(run, id))
        cf_kept_put(run, id, first);
}

/* Where the reading begins: whether an operation runs is read before the rest. Read after it, the
 * operation could end in between, and "idle" would stand beside values from before its end. */
static size_t first_of(const struct targets *all, const struct cf_cvm_reading *reading)
{
    size_t first = 0;
    while (first < all->count && all->items[first].value != &reading->aspects[CF_CVM_IN_PROGRESS])
        first++;
    return first;
}

static enum cf_code take(struct cf_case_run *run, const char *id, const char *purpose, bool idle,
                         struct cf_cvm_reading *out, struct cf_err *err)
{
    struct targets all = {.reading = out};
    size_t first_exchange = run->record->exchange_count;
    enum cf_code failed = CF_EPROTO;
    *out = (struct cf_cvm_reading){0};
    all.count = list_targets(run, out, all.items);
    size_t first = first_of(&all, out);
    if (idle)
        fetch_ahead(run, id, purpose, &all, first);
    for (size_t n = 0; n <= all.count; n++) {
        size_t i = nth(n, first);
        if (i == all.count || all.items[i].done)
            continue;
        enum cf_code code = fetch(run, id, purpose, &all, all.items[i].shown.get, err);
        if (n == 0 && code == CF_OK)
            fetch_ahead(run, id, purpose, &all, first);
        if (code == CF_OK)
            continue;
        failed = code;
        if (is_final(run, code)) {
            cf_cvm_reading_release(out);
            return code;
        }
    }
    if (all.got > 0) {
        keep(run, id, out, first_exchange, idle);
        return CF_OK;
    }
    cf_cvm_reading_release(out);
    cf_err_prefix(err, "CVM %s cannot be read", id);
    return failed;
}

enum cf_code cf_cvm_reading_take(struct cf_case_run *run, const char *id, const char *purpose,
                                 struct cf_cvm_reading *out, struct cf_err *err)
{
    return take(run, id, purpose, false, out, err);
}

enum cf_code cf_cvm_reading_take_idle(struct cf_case_run *run, const char *id, const char *purpose,
                                      struct cf_cvm_reading *out, struct cf_err *err)
{
    return take(run, id, purpose, true, out, err);
}

void cf_cvm_reading_release(struct cf_cvm_reading *reading)
{
    struct cf_cvm_holding *holding = reading->holding;
    bool last = !holding || --holding->readings == 0;
    for (int i = 0; last && i < CF_CVM_FIELD_COUNT; i++) {
        if (!reading->lent[i])
            cJSON_Delete(reading->values[i]);
    }
    for (int i = 0; last && i < CF_CVM_ASPECT_COUNT; i++) {
        if (!reading->lent_aspects[i])
            cJSON_Delete(reading->aspects[i]);
    }
    for (size_t i = 0; last && holding && i < holding->count; i++)
        cf_json_text_release(holding->answers[i]);
    if (last)
        free(holding);
    *reading = (struct cf_cvm_reading){0};
}

int cf_cvm_reading_busy(const struct cf_cvm_reading *reading)
{
    const cJSON *flag = reading->aspects[CF_CVM_IN_PROGRESS];
    return cJSON_IsBool(flag) ? cJSON_IsTrue(flag) : -1;
}

static enum cf_cvm_listing no_list(struct cf_err *err, const char *path, int status)
{
    if (status == 200)
        cf_err_set(err, CF_ENOTFOUND, "GET %s answered 200 and shows no list of operations", path);
    else
        cf_err_set(err, CF_ENOTFOUND, "GET %s answered %d", path, status);
    return CF_CVM_NO_LIST;
}

/* The operations that are listed; NULL, with what that means, where there are none to be had. */
static const cJSON *read_list(struct cf_case_run *run, const char *purpose, const char *id,
                              struct cf_cvm_shown *shown, enum cf_cvm_listing *out,
                              struct cf_err *err)
{
    *out = CF_CVM_NO_LIST;
    if (!cf_cvm_reading_finds(run->profile, CF_CVM_OPERATIONS, shown)) {
        cf_err_set(err, CF_ENOTFOUND, "the profile does not say where operations are listed");
        return NULL;
    }
    const struct cf_run_wanted wanted = {
        .body = CF_BODY_JSON, .shows = shows_list, .context = shown->pointer};
    if (cf_run_get(run, purpose, shown->get, id, &wanted, err) != CF_OK) {
        *out = CF_CVM_LIST_UNREAD;
        return NULL;
    }
    int status = run->last.exchange->status;
    const cJSON *items = status == 200 ? cf_json_at(run->last.json, shown->pointer) : NULL;
    if (cJSON_IsArray(items))
        return items;
    *out = no_list(err, shown->get, status);
    return NULL;
}

enum cf_cvm_listing cf_cvm_reading_operation(struct cf_case_run *run, const char *purpose,
                                             const char *id, const char *correlation_id, char *out,
                                             size_t out_size, struct cf_err *err)
{
    struct cf_cvm_shown shown;
    enum cf_cvm_listing listing;
    const cJSON *items = read_list(run, purpose, id, &shown, &listing, err);
    const cJSON *item;
    if (!items)
        return listing;
    cJSON_ArrayForEach(item, items)
    {
        if (strcmp(cf_json_text(item, "correlation_id", ""), correlation_id) == 0) {
            snprintf(out, out_size, "%s", cf_json_text(item, "status", "?"));
            return CF_CVM_LISTED;
        }
    }
    cf_err_set(err, CF_ENOTFOUND, "GET %s does not list operation %s", shown.get, correlation_id);
    return CF_CVM_NOT_LISTED;
}

int cf_cvm_reading_running(struct cf_case_run *run, const char *purpose, const char *id,
                           struct cf_err *err)
{
    int running = 0;
    struct cf_cvm_shown shown;
    enum cf_cvm_listing listing;
    const cJSON *items = read_list(run, purpose, id, &shown, &listing, err);
    const cJSON *item;
    if (!items)
        return CF_CVM_UNKNOWN;
    cJSON_ArrayForEach(item, items)
    {
        running += strcmp(cf_json_text(item, "status", ""), CF_CVM_RUNNING) == 0;
    }
    return running;
}

/* ---- what was read ---- */

void cf_cvm_reading_failed(struct cf_case_run *run, enum cf_code code, const struct cf_err *err)
{
    if (code == CF_EINPUT || code == CF_EIO || code == CF_ESTOPPED)
        cf_run_error(run, "%s", err->text);
    else
        cf_run_inconclusive(run, "%s", err->text);
}

bool cf_cvm_reading_take_or_end(struct cf_case_run *run, const char *id, bool idle,
                                struct cf_cvm_reading *out)
{
    struct cf_err err = {0};
    enum cf_code code = take(run, id, "read", idle, out, &err);
    if (code != CF_OK)
        cf_cvm_reading_failed(run, code, &err);
    return code == CF_OK;
}

void cf_cvm_reading_share(struct cf_cvm_reading *to, struct cf_cvm_reading *from)
{
    holding_of(from)->readings++;
    *to = *from;
}
