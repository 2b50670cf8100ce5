/* Values about CVMs: another legal value, a fresh text, what was read, the body of phase 2. */
#include "suites/app_compose.h"
#include "suites/memory.h"
#include "suites/two_phase.h"
#include "suites/words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static enum cf_code give(cJSON *value, cJSON **out)
{
    *out = value;
    return CF_OK;
}

/* ---- fresh: a value that no one has used before ---- */

static enum cf_code fresh_names(const char *word, cJSON **out)
{
    char first[64];
    char second[64];
    snprintf(first, sizeof(first), "FRESH_%s", word);
    snprintf(second, sizeof(second), "OTHER_%s", word);
    for (char *c = first; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    for (char *c = second; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    cJSON *list = cJSON_CreateArray();
    cJSON_AddItemToArray(list, cJSON_CreateString(first));
    cJSON_AddItemToArray(list, cJSON_CreateString(second));
    return give(list, out);
}

static enum cf_code resolve_fresh(struct cf_case_run *run, const char *name, cJSON **out,
                                  struct cf_err *err)
{
    char word[17];
    char text[400];
    cf_random_hex(&run->random, word, 16);
    if (strcmp(name, "allowed_envs") == 0)
        return fresh_names(word, out);
    if (strcmp(name, "docker_compose_file") == 0)
        snprintf(text, sizeof(text),
                 "services:\n  app:\n    image: busybox:1.36\n    command: [\"sleep\", "
                 "\"infinity\"]\n    labels:\n      fresh: \"%s\"\n",
                 word);
    else if (strcmp(name, "pre_launch_script") == 0)
        snprintf(text, sizeof(text), "#!/bin/bash\nset -e\necho \"fresh %s\"\n", word);
    else if (strcmp(name, "user_config") == 0)
        snprintf(text, sizeof(text), "{\"fresh\":\"%s\"}", word);
    else if (strcmp(name, "text") == 0)
        snprintf(text, sizeof(text), "fresh %s", word);
    else
        return cf_err_set(err, CF_ENOTFOUND, "no fresh value of that kind can be made");
    return give(cJSON_CreateString(text), out);
}

/* ---- another: a legal value that differs from the one last read ---- */

static enum cf_code another_of_list(struct cf_case_run *run, const struct cf_cvm_field *field,
                                    const cJSON *list, const cJSON *now, cJSON **out,
                                    struct cf_err *err)
{
    int count = cJSON_GetArraySize(list);
    int start = (int)cf_random_below(&run->random, (uint32_t)count);
    for (int i = 0; i < count; i++) {
        const cJSON *value = cJSON_GetArrayItem(list, (start + i) % count);
        if (!cf_cvm_field_same(field, now, value))
            return give(cJSON_Duplicate(value, 1), out);
    }
    return cf_err_set(err, CF_ENOTFOUND, "pixit.values.%s has no value but the present one",
                      field->name);
}

static enum cf_code another_timeout(struct cf_case_run *run, const cJSON *now, cJSON **out)
{
    long long value;
    do {
        value = 10 + cf_random_below(&run->random, 1191);
    } while (cJSON_IsNumber(now) && now->valuedouble == (double)value);
    return give(cf_json_new_integer(value), out);
}

static enum cf_code resolve_another(struct cf_case_run *run, const char *name, cJSON **out,
                                    struct cf_err *err)
{
    int index = cf_cvm_field_index(name);
    if (index < 0)
        return cf_err_set(err, CF_EINPUT, "the contract has no such field");
    const struct cf_cvm_field *field = &cf_cvm_fields[index];
    const struct cf_cvm_reading *reading = cf_cvm_memory_reading(run, NULL, 0);
    const cJSON *now = reading ? reading->values[index] : NULL;
    /* Another than what? */
    if (reading && reading->mapped[index] && !reading->observed[index])
        return cf_err_set(err, CF_ENOTFOUND, "%s cannot be observed: %s", name,
                          reading->why_not[index]);
    const cJSON *list = cf_profile_values(run->profile, name);
    if (list)
        return another_of_list(run, field, list, now, out, err);
    if (field->kind == CF_CVM_FIELD_BOOLEAN)
        return give(cJSON_CreateBool(!cJSON_IsTrue(now)), out);
    if (field->kind == CF_CVM_FIELD_INTEGER && !field->needs_values)
        return another_timeout(run, now, out);
    if (field->needs_values)
        return cf_err_set(err, CF_ENOTFOUND, "the profile has no pixit.values.%s to move between",
                          name);
    return resolve_fresh(run, name, out, err);
}

/* ---- an object with another value for each of several fields: ${change.all}, or the row's ---- */

static bool among(const cJSON *names, const char *name)
{
    for (const cJSON *n = names->child; n; n = n->next) {
        if (strcmp(n->valuestring, name) == 0)
            return true;
    }
    return false;
}

/* One field that cannot be moved, or not be read, must not keep all the others from being judged:
 * it is left out where it is one of many. The cases about that field alone say what is missing. */
static bool left_out(struct cf_case_run *run, int index)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[index];
    const struct cf_cvm_reading *reading = cf_cvm_memory_reading(run, NULL, 0);
    if (reading &&
        !(reading->observed[index] && cf_cvm_field_readable(field, reading->values[index])))
        return true;
    return field->needs_values && !cf_profile_values(run->profile, field->name);
}

static enum cf_code changes(struct cf_case_run *run, const cJSON *names, cJSON **out,
                            struct cf_err *err)
{
    bool many = !names || cJSON_GetArraySize(names) > 1;
    cJSON *all = cJSON_CreateObject();
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if ((names && !among(names, cf_cvm_fields[i].name)) || (many && left_out(run, i)))
            continue;
        cJSON *value = NULL;
        enum cf_code code = resolve_another(run, cf_cvm_fields[i].name, &value, err);
        if (code != CF_OK) {
            cJSON_Delete(all);
            return code;
        }
        cJSON_AddItemToObject(all, cf_cvm_fields[i].name, value);
    }
    if (!all->child) {
        cJSON_Delete(all);
        return cf_err_set(err, CF_ENOTFOUND,
                          "none of these fields has pixit.values and can be observed");
    }
    return give(all, out);
}

static enum cf_code resolve_change(struct cf_case_run *run, const char *name, cJSON **out,
                                   struct cf_err *err)
{
    if (strcmp(name, "all") == 0)
        return changes(run, NULL, out, err);
    if (strcmp(name, "row") == 0) {
        const cJSON *names = run->one ? cf_json_get(run->one->row, "fields") : NULL;
        return names ? changes(run, names, out, err)
                     : cf_err_set(err, CF_ENOTFOUND, "the row has no fields");
    }
    return cf_err_set(err, CF_ENOTFOUND, "change has all, row");
}

/* ---- what was read, what was sent ---- */

static enum cf_code resolve_now(struct cf_case_run *run, const char *name, cJSON **out,
                                struct cf_err *err)
{
    const struct cf_cvm_reading *reading = cf_cvm_memory_reading(run, NULL, 0);
    int index = cf_cvm_field_index(name);
    const cJSON *value = NULL;
    for (int i = 0; reading && i < CF_CVM_ASPECT_COUNT; i++) {
        if (strcmp(cf_cvm_aspect_name((enum cf_cvm_aspect)i), name) == 0)
            value = reading->aspects[i];
    }
    if (reading && index >= 0 && !reading->observed[index])
        return cf_err_set(err, CF_ENOTFOUND, "%s cannot be observed: %s", name,
                          reading->why_not[index]);
    if (reading && index >= 0)
        return give(cf_cvm_reading_value(reading, index), out);
    if (!value)
        return cf_err_set(err, CF_ENOTFOUND, "%s was not observed", name);
    return give(cJSON_Duplicate(value, 1), out);
}

static enum cf_code resolve_phase2(struct cf_case_run *run, const char *name, cJSON **out,
                                   struct cf_err *err)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    if (strcmp(name, "body") != 0)
        return cf_err_set(err, CF_ENOTFOUND, "phase2 has body");
    bool repeat = strcmp(run->profile->choice, "repeat") == 0;
    return give(
        repeat && memory->phase1 ? cJSON_Duplicate(memory->phase1, 1) : cJSON_CreateObject(), out);
}

/* ${found.LOCATOR}: what a locator finds in the last answer, null where it finds nothing. */
static enum cf_code resolve_found(struct cf_case_run *run, const char *name, cJSON **out,
                                  struct cf_err *err)
{
    for (const struct cf_locator *l = cf_cvm_locators; l->name; l++) {
        if (strcmp(l->name, name) != 0)
            continue;
        if (!run->last.exchange)
            return cf_err_set(err, CF_ENOTFOUND, "there is no last answer");
        cJSON *value = l->locate(&run->last);
        return give(value ? value : cJSON_CreateNull(), out);
    }
    return cf_err_set(err, CF_EINPUT, "found has compose-hash, commit-token, named-commit-token");
}

/* ${hash.HOW:NAME}: the same hash written another way. */
static enum cf_code resolve_hash(struct cf_case_run *run, const char *name, cJSON **out,
                                 struct cf_err *err)
{
    const char *colon = strchr(name, ':');
    const char *hash = colon ? cf_json_text(run->vars, colon + 1, NULL) : NULL;
    char text[80];
    if (!hash || !cf_cvm_is_hash(hash))
        return cf_err_set(err, CF_ENOTFOUND, "no hash was captured under that name");
    bool prefixed = strlen(hash) == 66;
    const char *digits = prefixed ? hash + 2 : hash;
    if (strncmp(name, "other-prefix:", 13) == 0) {
        snprintf(text, sizeof(text), "%s%s", prefixed ? "" : "0x", digits);
    } else if (strncmp(name, "upper:", 6) == 0) {
        snprintf(text, sizeof(text), "%s%s", prefixed ? "0x" : "", digits);
        for (char *c = text + (prefixed ? 2 : 0); *c; c++)
            *c = (char)toupper((unsigned char)*c);
    } else if (strncmp(name, "bare:", 5) == 0) {
        snprintf(text, sizeof(text), "%s", digits);
        for (char *c = text; *c; c++)
            *c = (char)tolower((unsigned char)*c);
    } else {
        return cf_err_set(err, CF_ENOTFOUND, "hash has other-prefix, upper, bare");
    }
    return give(cJSON_CreateString(text), out);
}

/* ${app_compose.hash}: of what the read side shows of the case's CVM, now. */
static enum cf_code resolve_app_compose(struct cf_case_run *run, const char *name, cJSON **out,
                                        struct cf_err *err)
{
    if (strcmp(name, "hash") != 0)
        return cf_err_set(err, CF_ENOTFOUND, "app_compose has hash");
    return cf_cvm_app_compose_hash(run, run->fixtures[0], out, err);
}

const struct cf_value_source cf_cvm_value_sources[] = {
    {"fresh.", resolve_fresh}, {"another.", resolve_another},         {"change.", resolve_change},
    {"now.", resolve_now},     {"phase2.", resolve_phase2},           {"found.", resolve_found},
    {"hash.", resolve_hash},   {"app_compose.", resolve_app_compose}, {NULL, NULL}};
