#include "suites/reading.h"
#include "harness/match/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CVM "/api/v1/cvms/{cvm_id}"

const char *const cf_aspect_names[CF_ASPECT_COUNT] = {"in_progress", "app_id", "compose_hash",
                                                      "operations"};

const char *const cf_presets[] = {"2026-01-21", "2025-10-28", NULL};

const char *const cf_observed_names[] = {"docker_compose_file",
                                         "pre_launch_script",
                                         "allowed_envs",
                                         "public_logs",
                                         "public_sysinfo",
                                         "public_tcbinfo",
                                         "encrypted_env",
                                         "user_config",
                                         "gpus",
                                         "vcpu",
                                         "memory",
                                         "disk_size",
                                         "image",
                                         "shutdown_timeout",
                                         "allow_force_stop",
                                         "in_progress",
                                         "app_id",
                                         "compose_hash",
                                         "operations",
                                         NULL};

/* ---- where things are read ---- */

struct source {
    const char *name;
    const char *get;
    const char *pointer;
    double scale;       /* reading times scale is in the PATCH body's unit */
    const char *format; /* "json", "text", NULL: as the answer says */
};

/* The two shapes of the read side that the vendor documents. */
static const struct source preset_2026[] = {
    {"docker_compose_file", CVM "/compose_file", "/docker_compose_file", 1, NULL},
    {"pre_launch_script", CVM "/compose_file", "/pre_launch_script", 1, NULL},
    {"allowed_envs", CVM "/compose_file", "/allowed_envs", 1, NULL},
    {"public_logs", CVM, "/public_logs", 1, NULL},
    {"public_sysinfo", CVM, "/public_sysinfo", 1, NULL},
    {"public_tcbinfo", CVM, "/public_tcbinfo", 1, NULL},
    {"user_config", CVM "/user_config", "", 1, NULL},
    {"gpus", CVM, "/resource/gpus", 1, NULL},
    {"vcpu", CVM, "/resource/vcpu", 1, NULL},
    {"memory", CVM, "/resource/memory_in_gb", 1024, NULL},
    {"disk_size", CVM, "/resource/disk_in_gb", 1024, NULL},
    {"image", CVM, "/os/name", 1, NULL},
    {"in_progress", CVM, "/in_progress", 1, NULL},
    {"app_id", CVM, "/app_id", 1, NULL},
    {"compose_hash", CVM, "/compose_hash", 1, NULL},
    {"operations", CVM "/operations", "/items", 1, NULL},
    {0}};

static const struct source preset_2025[] = {
    {"docker_compose_file", CVM "/compose_file", "/docker_compose_file", 1, NULL},
    {"pre_launch_script", CVM "/compose_file", "/pre_launch_script", 1, NULL},
    {"allowed_envs", CVM "/compose_file", "/allowed_envs", 1, NULL},
    {"public_logs", CVM, "/public_logs", 1, NULL},
    {"public_sysinfo", CVM, "/public_sysinfo", 1, NULL},
    {"public_tcbinfo", CVM "/compose_file", "/public_tcbinfo", 1, NULL},
    {"user_config", CVM "/user_config", "", 1, NULL},
    {"vcpu", CVM, "/vcpu", 1, NULL},
    {"memory", CVM, "/memory", 1, NULL},
    {"disk_size", CVM, "/disk_size", 1024, NULL},
    {"image", CVM, "/base_image", 1, NULL},
    {"in_progress", CVM, "/in_progress", 1, NULL},
    {"app_id", CVM, "/app_id", 1, NULL},
    {"compose_hash", CVM, "/compose_hash", 1, NULL},
    {"operations", CVM "/operations", "/items", 1, NULL},
    {0}};

static bool find_source(const struct cf_profile *profile, const char *name, struct source *out)
{
    const cJSON *own = cf_json_get(profile->observe_fields, name);
    if (own) {
        *out = (struct source){name, cf_json_text(own, "get", ""), cf_json_text(own, "pointer", ""),
                               cf_json_number(own, "scale", 1), cf_json_text(own, "format", NULL)};
        return true;
    }
    const struct source *preset =
        strcmp(profile->preset, "2025-10-28") == 0 ? preset_2025 : preset_2026;
    for (; preset->name; preset++) {
        if (strcmp(preset->name, name) == 0) {
            *out = *preset;
            return true;
        }
    }
    return false;
}

bool cf_reading_maps(const struct cf_profile *profile, const char *name)
{
    struct source source;
    return find_source(profile, name, &source);
}

/* ---- one answer ---- */

static cJSON *scaled(const cJSON *value, double scale)
{
    char literal[64];
    if (!cJSON_IsNumber(value) || scale == 1)
        return cJSON_Duplicate(value, 1);
    (void)snprintf(literal, sizeof(literal), "%.17g", value->valuedouble * scale);
    return cf_json_new_number(literal);
}

/* The value that the last answer shows for source; false with why when it shows none. */
static bool value_of(struct cf_case_run *run, const struct source *source, cJSON **out, char *why,
                     size_t why_size)
{
    const struct cf_answer *answer = &run->last;
    bool as_text =
        source->format ? strcmp(source->format, "text") == 0 : !cf_answer_says_json(answer);
    *out = NULL;
    if (as_text && source->pointer[0] == '\0') {
        const struct cf_body *body = &answer->exchange->response_body;
        *out = cJSON_CreateString(body->bytes ? body->bytes : "");
        return *out != NULL;
    }
    if (!answer->json) {
        (void)snprintf(why, why_size, "GET %s: %.100s", source->get,
                       answer->json_error ? answer->json_error : "no body");
        return false;
    }
    const cJSON *value = cf_json_at(answer->json, source->pointer);
    *out = value ? scaled(value, source->scale) : NULL;
    return true;
}

struct target {
    struct source source;
    cJSON **value;
    bool *observed;
    char *why;
    size_t why_size;
    bool done;
};

static size_t list_targets(struct cf_case_run *run, struct cf_reading *out,
                           struct target targets[CF_FIELD_COUNT + CF_ASPECT_COUNT])
{
    size_t count = 0;
    for (int i = 0; i < CF_FIELD_COUNT; i++) {
        struct target *t = &targets[count];
        *t = (struct target){.value = &out->values[i],
                             .observed = &out->observed[i],
                             .why = out->why_not[i],
                             .why_size = sizeof(out->why_not[i])};
        if (find_source(run->profile, cf_fields[i].name, &t->source))
            count++;
        else
            (void)snprintf(t->why, t->why_size, "the profile does not say where to read it");
    }
    for (int i = 0; i < CF_OPERATIONS; i++) {
        struct target *t = &targets[count];
        *t = (struct target){.value = &out->aspects[i]};
        if (find_source(run->profile, cf_aspect_names[i], &t->source))
            count++;
    }
    return count;
}

/* Fetch one path and fill in every target that is read from it. */
static enum cf_code fetch(struct cf_case_run *run, const char *id, const char *purpose,
                          struct target *targets, size_t count, const char *path, size_t *got,
                          struct cf_err *err)
{
    enum cf_code code = cf_run_get(run, purpose, path, id, err);
    if (code != CF_OK)
        return code;
    int status = run->last.exchange->status;
    for (size_t i = 0; i < count; i++) {
        struct target *t = &targets[i];
        char why[160];
        if (t->done || strcmp(t->source.get, path) != 0)
            continue;
        t->done = true;
        (void)snprintf(why, sizeof(why), "GET %s answered %d", path, status);
        if (status == 200 && value_of(run, &t->source, t->value, why, sizeof(why))) {
            if (t->observed)
                *t->observed = true;
            (*got)++;
        } else if (t->why) {
            (void)snprintf(t->why, t->why_size, "%s", why);
        }
    }
    if (status != 200)
        (void)cf_err_set(err, CF_EPROTO, "GET %s answered %d", path, status);
    return CF_OK;
}

enum cf_code cf_reading_take(struct cf_case_run *run, const char *id, const char *purpose,
                             struct cf_reading *out, struct cf_err *err)
{
    struct target targets[CF_FIELD_COUNT + CF_ASPECT_COUNT];
    size_t got = 0;
    *out = (struct cf_reading){0};
    size_t count = list_targets(run, out, targets);
    size_t first = 0;
    while (first < count && targets[first].value != &out->aspects[CF_IN_PROGRESS])
        first++;
    /* Whether an operation runs is read before the rest: read after it, the operation could end in
     * between, and "idle" would stand beside values from before its end. */
    for (size_t n = 0; n <= count; n++) {
        size_t i = n == 0 ? first : n - 1;
        if (i == count || targets[i].done)
            continue;
        enum cf_code code =
            fetch(run, id, purpose, targets, count, targets[i].source.get, &got, err);
        if (code != CF_OK) {
            cf_reading_release(out);
            return code;
        }
    }
    if (got > 0)
        return CF_OK;
    cf_reading_release(out);
    (void)cf_err_prefix(err, "CVM %s cannot be read", id);
    return CF_EPROTO;
}

void cf_reading_release(struct cf_reading *reading)
{
    for (int i = 0; i < CF_FIELD_COUNT; i++)
        cJSON_Delete(reading->values[i]);
    for (int i = 0; i < CF_ASPECT_COUNT; i++)
        cJSON_Delete(reading->aspects[i]);
    *reading = (struct cf_reading){0};
}

int cf_reading_busy(const struct cf_reading *reading)
{
    const cJSON *flag = reading->aspects[CF_IN_PROGRESS];
    return cJSON_IsBool(flag) ? cJSON_IsTrue(flag) : -1;
}

enum cf_code cf_reading_operation(struct cf_case_run *run, const char *id,
                                  const char *correlation_id, char *out, size_t out_size,
                                  struct cf_err *err)
{
    struct source source;
    if (!find_source(run->profile, cf_aspect_names[CF_OPERATIONS], &source))
        return cf_err_set(err, CF_ENOTFOUND,
                          "the profile does not say where operations are listed");
    enum cf_code code = cf_run_get(run, "look for the operation", source.get, id, err);
    if (code != CF_OK)
        return code;
    const cJSON *items = cf_json_at(run->last.json, source.pointer);
    const cJSON *item;
    cJSON_ArrayForEach(item, items)
    {
        if (strcmp(cf_json_text(item, "correlation_id", ""), correlation_id) == 0) {
            (void)snprintf(out, out_size, "%s", cf_json_text(item, "status", "?"));
            return CF_OK;
        }
    }
    return cf_err_set(err, CF_ENOTFOUND, "GET %s (status %d) does not list operation %s",
                      source.get, run->last.exchange->status, correlation_id);
}

/* ---- comparing ---- */

static void tell(struct cf_case_run *run, const struct cf_field *field, const cJSON *wanted,
                 const cJSON *read, const char *message)
{
    struct cf_buf expected;
    struct cf_buf actual;
    cf_buf_init(&expected, 8192);
    cf_buf_init(&actual, 8192);
    cf_buf_printf(&expected, "%s: ", field->name);
    cf_describe(&expected, wanted);
    cf_buf_printf(&actual, "%s: ", field->name);
    cf_describe(&actual, read);
    cf_run_fail_text(run, NULL, cf_buf_text(&expected), cf_buf_text(&actual), message);
    cf_buf_release(&expected);
    cf_buf_release(&actual);
}

static bool as_before(const struct cf_field *field, int i, const struct cf_reading *before,
                      const struct cf_reading *after)
{
    return before->observed[i] && cf_field_same(field, after->values[i], before->values[i]);
}

static int compare_asked(struct cf_case_run *run, int i, const struct cf_reading *before,
                         const struct cf_reading *after, const cJSON *asked, bool report)
{
    const struct cf_field *field = &cf_fields[i];
    if (!after->observed[i] || !cf_field_readable(field, after->values[i])) {
        if (report)
            cf_run_inconclusive(run, "%s cannot be observed: %s", field->name,
                                after->observed[i] ? "its reading has another type"
                                                   : after->why_not[i]);
        return 1;
    }
    if (cf_field_same(field, after->values[i], asked))
        return 0;
    if (report)
        tell(run, field, asked, after->values[i],
             as_before(field, i, before, after) ? "a field of the request was not applied"
                                                : "a field of the request has another value");
    return 1;
}

int cf_reading_compare(struct cf_case_run *run, const struct cf_reading *before,
                       const struct cf_reading *after, const cJSON *asked, bool report)
{
    int differences = 0;
    int blind = 0;
    for (int i = 0; i < CF_FIELD_COUNT; i++) {
        const cJSON *wanted = cf_json_get(asked, cf_fields[i].name);
        if (wanted) {
            /* What is wrong for sure is told before what cannot be seen. */
            bool readable =
                after->observed[i] && cf_field_readable(&cf_fields[i], after->values[i]);
            blind += !readable;
            differences += readable ? compare_asked(run, i, before, after, wanted, report) : 0;
        } else if (before->observed[i] && after->observed[i]) {
            if (cf_field_same(&cf_fields[i], after->values[i], before->values[i]))
                continue;
            differences++;
            if (report)
                tell(run, &cf_fields[i], before->values[i], after->values[i],
                     "a field that should not have changed did");
        } else if (before->observed[i] && report) {
            cf_run_inconclusive(run, "%s cannot be observed any more: %s", cf_fields[i].name,
                                after->why_not[i]);
        }
    }
    for (int i = 0; blind > 0 && report && i < CF_FIELD_COUNT; i++) {
        const cJSON *wanted = cf_json_get(asked, cf_fields[i].name);
        if (wanted && !(after->observed[i] && cf_field_readable(&cf_fields[i], after->values[i])))
            (void)compare_asked(run, i, before, after, wanted, true);
    }
    return differences;
}

cJSON *cf_reading_json(const struct cf_reading *reading)
{
    cJSON *all = cJSON_CreateObject();
    for (int i = 0; i < CF_FIELD_COUNT; i++) {
        if (!reading->observed[i])
            continue;
        cJSON *copy =
            reading->values[i] ? cJSON_Duplicate(reading->values[i], 1) : cJSON_CreateNull();
        cJSON_AddItemToObject(all, cf_fields[i].name, copy);
    }
    return all;
}
