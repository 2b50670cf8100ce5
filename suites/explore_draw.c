/* Drawing sequences: which CVMs, and what to do to them. */
#include "suites/explore.h"
#include "suites/explore_drawing.h"
#include "suites/model/value_kinds.h"

#include <stdio.h>
#include <string.h>

enum { LONG_BYTES = 32 << 10 };

/* ---- updates ---- */

static void remember(struct cf_cvm_drawing *d, int cvm, cJSON *set)
{
    d->last[cvm] = set;
    d->before[cvm] = set;
    cf_cvm_drawing_note(d, cvm, set);
}

static void draw_update(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *command = cf_cvm_drawing_add(d, "update", cvm);
    cJSON *set = NULL;
    if (d->last[cvm] && cf_cvm_drawing_chance(d, 6))
        set = cJSON_Duplicate(d->last[cvm], 1);
    else
        set = cf_cvm_drawing_fields(d, cf_cvm_drawing_free(d, cvm),
                                    cf_cvm_drawing_chance(d, 40) ? 60 : 8);
    cJSON_AddItemToObject(command, "set", set);
    remember(d, cvm, set);
}

static const char *const sizes[] = {"vcpu", "memory", "disk_size"};
enum { SIZES = sizeof(sizes) / sizeof(sizes[0]) };

/* The least or the greatest of all sizes that the profile has: the ends of a list of types. */
static void draw_sizes(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *command = cf_cvm_drawing_add(d, "update", cvm);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    bool least = cf_cvm_drawing_chance(d, 50);
    for (size_t i = 0; i < SIZES; i++) {
        const cJSON *list = cf_profile_values(d->profile, sizes[i]);
        int last = cJSON_GetArraySize(list) - 1;
        if (last >= 0 && !cf_profile_moves_up(d->profile, sizes[i]))
            cJSON_AddItemToObject(set, sizes[i],
                                  cJSON_Duplicate(cJSON_GetArrayItem(list, least ? 0 : last), 1));
    }
    if (!set->child)
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("user_config"), false);
    remember(d, cvm, set);
}

/* A type of instance may be looked up by all that it is made of. */
static bool is_type(const cJSON *set)
{
    bool all = cJSON_GetArraySize(set) == SIZES;
    for (size_t i = 0; i < SIZES; i++)
        all = all && cf_json_get(set, sizes[i]);
    return all;
}

/* Other fields than those of the command right before: what that one did may not last. */
static void draw_rest(struct cf_cvm_drawing *d, int cvm, const cJSON *before)
{
    cJSON *command = cf_cvm_drawing_add(d, "update", cvm);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    const cJSON *value;
    if (is_type(before) && cf_cvm_drawing_chance(d, 60))
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("shutdown_timeout"), false);
    else
        cf_cvm_drawing_put_part(d, set, cf_cvm_drawing_free(d, cvm), 10);
    if (!is_type(before) && cf_cvm_drawing_chance(d, 50))
        cf_cvm_drawing_put_part(d, set, cf_cvm_drawing_free(d, cvm), 10);
    cJSON_ArrayForEach(value, before) cJSON_DeleteItemFromObjectCaseSensitive(set, value->string);
    if (!set->child)
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("vcpu"), false);
    remember(d, cvm, set);
}

/* What the schema takes and the pages say no more of. */
static void add_nonsense(struct cf_cvm_drawing *d, cJSON *set)
{
    static const char *const values[] = {"{\"image\": \"no-such-image\"}",
                                         "{\"image\": \"no-such-image\"}", "{\"vcpu\": 1000000}",
                                         "{\"memory\": 0}", "{\"disk_size\": -1}"};
    cJSON *all =
        cf_cvm_explore_parsed(values[cf_cvm_drawing_below(d, sizeof(values) / sizeof(values[0]))]);
    cJSON *value = cJSON_DetachItemFromArray(all, 0);
    char *name = value->string;
    value->string = NULL;
    cJSON_AddItemToObject(set, name, value);
    cJSON_free(name);
    cJSON_Delete(all);
}

/* What is no field of an update, and would be much if it were one. */
static void add_stranger(struct cf_cvm_drawing *d, cJSON *set, int cvm)
{
    char name[CF_CVM_DRAWING_NAME_BYTES];
    uint32_t kind = cf_cvm_drawing_below(d, 100);
    if (kind < 22)
        cJSON_AddStringToObject(set, "kms_type", d->owned[cvm] ? "phala" : "ethereum");
    else if (kind < 33)
        cJSON_AddStringToObject(set, "workspace_id", "nobodys");
    else if (kind < 52)
        cJSON_AddStringToObject(set, "owner", "nobodys");
    else if (kind < 78)
        cJSON_AddTrueToObject(set, CF_CVM_MODEL_NO_FIELD);
    if (kind < 78)
        return;
    snprintf(name, sizeof(name), "renamed-%u", (unsigned)cf_cvm_drawing_below(d, 10000));
    cJSON_AddStringToObject(set, "name", name);
}

/* An update that most servers take, or an upload, in a form that some refuse. */
static void draw_strange_update(struct cf_cvm_drawing *d, cJSON *command, int cvm)
{
    static const char *const forms[] = {"query", "query", "query", "twice", "twice", "large"};
    const char *form = forms[cf_cvm_drawing_below(d, 6)];
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    bool query = strcmp(form, "query") == 0;
    bool script = query && !d->owned[cvm] && cf_cvm_drawing_chance(d, 50);
    if (query)
        cf_cvm_drawing_put(d, set, cf_cvm_field_index(script ? "pre_launch_script" : "user_config"),
                           false);
    else
        cJSON_AddItemToObject(set, "shutdown_timeout", cf_json_new_integer(90));
    if (script)
        cJSON_AddTrueToObject(command, "script");
    cJSON_AddStringToObject(command, "form", form);
}

/* What is no update or no upload; and a script in a part of another media type than most use. */
static void draw_form(struct cf_cvm_drawing *d, cJSON *command, int cvm)
{
    static const char *const forms[] = {"xml",     "broken",     "no-file",
                                        "no-text", "text/plain", "text/plain; charset=utf-8"};
    static const char script[] = "#!/bin/sh\n# \xc3\xa9\n";
    const char *form = forms[d->owned[cvm] ? 0 : cf_cvm_drawing_below(d, 6)];
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    if (strncmp(form, "text/", 5) == 0)
        cJSON_AddStringToObject(set, "pre_launch_script", script);
    if (strcmp(form, "xml") != 0)
        cJSON_AddTrueToObject(command, "script");
    cJSON_AddStringToObject(command, "form", form);
}

/* Every later reading of the CVM would be as long. */
static void replace_long(struct cf_cvm_drawing *d, int cvm, const cJSON *value)
{
    if (!cJSON_IsString(value) || strlen(value->valuestring) < LONG_BYTES)
        return;
    int field = cf_cvm_field_index(value->string);
    cJSON *set = cJSON_AddObjectToObject(cf_cvm_drawing_add(d, "update", cvm), "set");
    d->careful = true;
    cf_cvm_drawing_put(d, set, field, false);
    d->careful = false;
    remember(d, cvm, set);
}

/* What may be refused, and if not must be stored as it is; and what is no update at all. */
static void draw_odd(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *command = cf_cvm_drawing_add(d, "update", cvm);
    uint32_t kind = cf_cvm_drawing_below(d, 100);
    if (kind < 50) {
        if (kind < 25)
            draw_form(d, command, cvm);
        else
            draw_strange_update(d, command, cvm);
        return;
    }
    cJSON *set = cf_cvm_explore_odd(&d->random, d->profile, !d->owned[cvm]);
    cJSON_AddItemToObject(command, "set", set);
    if (cf_json_get(set, "pre_launch_script") && cf_cvm_drawing_chance(d, 50))
        cJSON_AddTrueToObject(command, "script");
    if (cf_json_text(set, "docker_compose_file", NULL))
        d->before[cvm] = set;
    replace_long(d, cvm, set->child);
}

/* null for one field, or for some at once: what each of them takes along shows in the others. */
static void add_nulls(struct cf_cvm_drawing *d, cJSON *set, int cvm)
{
    bool several = cf_cvm_drawing_chance(d, 55);
    uint32_t first = cf_cvm_drawing_below(d, CF_CVM_FIELD_COUNT);
    for (uint32_t i = 0; i < CF_CVM_FIELD_COUNT && (several || !set->child); i++) {
        int field = (int)((first + i) % CF_CVM_FIELD_COUNT);
        if (cf_cvm_fields[field].nullable &&
            cf_cvm_drawing_wants(field, cf_cvm_drawing_free(d, cvm)) &&
            cf_cvm_drawing_chance(d, several ? 35 : 100))
            cJSON_AddNullToObject(set, cf_cvm_fields[field].name);
    }
}

/* null for a field, {}, nonsense: what the pages leave open, to see what comes after. */
static void draw_open(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *command = cf_cvm_drawing_add(d, "update", cvm);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    uint32_t kind = cf_cvm_drawing_below(d, 100);
    if (kind < 6)
        return;
    if (cf_profile_claims(d->profile, "prepare_only") && cf_cvm_drawing_chance(d, 12))
        cJSON_AddTrueToObject(command, "prepare");
    if (kind < 24)
        add_nonsense(d, set);
    else if (kind < 52)
        add_stranger(d, set, cvm);
    else
        add_nulls(d, set, cvm);
    d->careful = cf_cvm_drawing_chance(d, 70);
    if (kind < 24 && cf_cvm_drawing_chance(d, 50))
        cf_cvm_drawing_put_part(d, set, cf_cvm_drawing_free(d, cvm), 10);
    if (cf_cvm_drawing_chance(d, kind < 52 ? 60 : 30))
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("user_config"), false);
    if (!d->owned[cvm] && cf_cvm_drawing_chance(d, 30))
        cf_cvm_drawing_put(d, set, cf_cvm_drawing_field(d), false);
    if (d->owned[cvm] && cf_cvm_drawing_chance(d, kind < 52 ? 50 : 20))
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("docker_compose_file"), false);
    d->careful = false;
}

static void note_script(struct cf_cvm_drawing *d, const cJSON *script)
{
    if (d->script_count == CF_CVM_DRAWING_SCRIPTS) {
        memmove(d->scripts, d->scripts + 1, sizeof(d->scripts) - sizeof(d->scripts[0]));
        d->script_count--;
    }
    d->scripts[d->script_count++] = script;
}

/* Now and then one that was uploaded before, the last but one as often as all others. */
static const cJSON *draw_former_script(struct cf_cvm_drawing *d)
{
    if (d->script_count > 1 && cf_cvm_drawing_chance(d, 50))
        return d->scripts[d->script_count - 2];
    return d->script_count > 0 && cf_cvm_drawing_chance(d, 30)
               ? d->scripts[cf_cvm_drawing_below(d, (uint32_t)d->script_count)]
               : NULL;
}

static void draw_script(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *command = cf_cvm_drawing_add(d, "update", cvm);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    const cJSON *former = draw_former_script(d);
    if (former)
        cJSON_AddItemToObject(set, "pre_launch_script", cJSON_Duplicate(former, 1));
    else
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("pre_launch_script"), false);
    note_script(d, cf_json_get(set, "pre_launch_script"));
    cJSON_AddTrueToObject(command, "script");
    remember(d, cvm, set);
}

/* ---- several at once ---- */

/* One field that is known to have another value: not every change may be taken for one. */
static cJSON *draw_single(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *set = cJSON_CreateObject();
    int field = (int)cf_cvm_drawing_below(d, CF_CVM_FIELD_COUNT);
    for (int tries = 0; tries < 3 && !d->now[cvm][field]; tries++)
        field = (int)cf_cvm_drawing_below(d, CF_CVM_FIELD_COUNT);
    const cJSON *now = d->now[cvm][field];
    if (now && cf_cvm_drawing_wants(field, cf_cvm_drawing_free(d, cvm)))
        cf_cvm_drawing_put(d, set, field, false);
    if (set->child && !cf_json_equal(set->child, now))
        return set;
    cJSON_Delete(set);
    return NULL;
}

/* Mostly with a text that was never sent, so that it is accepted. */
static cJSON *draw_first(struct cf_cvm_drawing *d, cJSON *command, int cvm)
{
    cJSON *single = cf_cvm_drawing_chance(d, 40) ? draw_single(d, cvm) : NULL;
    if (single) {
        cJSON_AddItemToObject(command, "set", single);
        return single;
    }
    bool script = !d->owned[cvm] && cf_cvm_drawing_chance(d, 20);
    const char *fresh = script ? "pre_launch_script" : "user_config";
    cJSON *set =
        script ? cJSON_CreateObject() : cf_cvm_drawing_fields(d, cf_cvm_drawing_free(d, cvm), 10);
    cJSON_DeleteItemFromObjectCaseSensitive(set, fresh);
    cf_cvm_drawing_put(d, set, cf_cvm_field_index(fresh), false);
    if (script)
        cJSON_AddTrueToObject(command, "upload");
    cJSON_AddItemToObject(command, "set", set);
    return set;
}

static void draw_during(struct cf_cvm_drawing *d, int cvm)
{
    static const char *const between[] = {"value", "key", "form", "look"};
    if (cf_profile_claims(d->profile, "instant_operations"))
        return;
    cJSON *command = cf_cvm_drawing_add(d, "during", cvm);
    d->careful = true;
    cJSON *set = draw_first(d, command, cvm);
    cJSON *then = cJSON_AddObjectToObject(command, "then");
    if (!d->owned[cvm] && cf_cvm_drawing_chance(d, 30)) {
        cf_cvm_drawing_put(d, then, cf_cvm_field_index("pre_launch_script"), false);
        cJSON_AddTrueToObject(command, "script");
    } else if (cf_cvm_drawing_chance(d, 40)) {
        cf_cvm_drawing_put(
            d, then, cf_cvm_field_index(cf_cvm_drawing_chance(d, 50) ? "gpus" : "image"), false);
    }
    if (!then->child)
        cJSON_ReplaceItemInObjectCaseSensitive(
            command, "then", cf_cvm_drawing_fields(d, cf_cvm_drawing_free(d, cvm), 10));
    d->careful = false;
    if (cf_cvm_drawing_chance(d, 40))
        cJSON_AddStringToObject(command, "between", between[cf_cvm_drawing_below(d, 4)]);
    else if (cf_cvm_drawing_chance(d, 25))
        cJSON_AddTrueToObject(command, "again");
    remember(d, cvm, set);
}

/* Where operations take no time, one may be over before the next one comes: then both are done, and
 * only of those that ask for the same does the last one leave a state of its own. */
static void draw_race(struct cf_cvm_drawing *d, int cvm)
{
    bool instant = cf_profile_claims(d->profile, "instant_operations");
    cJSON *command = cf_cvm_drawing_add(d, "race", cvm);
    cJSON_AddItemToObject(command, "count", cf_json_new_integer(2 + cf_cvm_drawing_below(d, 3)));
    if (!d->owned[cvm] && cf_cvm_drawing_chance(d, 60))
        cJSON_AddStringToObject(command, "by",
                                cf_cvm_drawing_chance(d, 50) || instant ? "script" : "both");
}

/* Each has a text that was never sent, so that both are accepted. */
static void draw_beside(struct cf_cvm_drawing *d)
{
    static const char *const members[CF_CVM_MODEL_CVMS] = {"set", "then"};
    cJSON *command = cf_cvm_drawing_add(d, "beside", 0);
    d->careful = true;
    for (int i = 0; i < CF_CVM_MODEL_CVMS; i++) {
        cJSON *set = cJSON_AddObjectToObject(command, members[i]);
        d->at = i;
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("user_config"), false);
        remember(d, i, set);
    }
    d->careful = false;
}

/* ---- the whole ---- */

/* Weights, as each kind of bug needs them: what was found by how many operations. */
static void draw_managed(struct cf_cvm_drawing *d, int cvm)
{
    uint32_t kind = cf_cvm_drawing_below(d, 100);
    if (kind < 43)
        draw_update(d, cvm);
    else if (kind < 46)
        draw_sizes(d, cvm);
    else if (kind < 58)
        draw_script(d, cvm);
    else if (kind < 64)
        draw_open(d, cvm);
    else if (kind < 69)
        draw_odd(d, cvm);
    else if (kind < 89)
        cf_cvm_draw_refused(d, cvm);
    else if (kind < 96)
        draw_during(d, cvm);
    else if (kind < 99)
        draw_race(d, cvm);
    else
        cf_cvm_drawing_add(d, "wait", cvm);
}

/* A phase 1 is mostly followed by its phase 2, and seldom by two. */
static void draw_owned(struct cf_cvm_drawing *d, int cvm)
{
    uint32_t kind = cf_cvm_drawing_below(d, 100);
    if (cf_cvm_drawing_chance(d, cf_cvm_drawing_has_open(d) ? 84 : 6))
        cf_cvm_draw_finish(d);
    else if (cf_cvm_drawing_took_files(d, cvm) && cf_cvm_drawing_chance(d, 25))
        cf_cvm_draw_emptied(d, cvm);
    else if (kind < 25)
        draw_update(d, cvm);
    else if (kind < 27)
        draw_sizes(d, cvm);
    else if (kind < 67)
        cf_cvm_draw_phase1(d, cvm);
    else if (kind < 70)
        cf_cvm_draw_commit(d);
    else if (kind < 77)
        draw_open(d, cvm);
    else if (kind < 81)
        draw_odd(d, cvm);
    else if (kind < 93)
        cf_cvm_draw_refused(d, cvm);
    else if (kind < 98)
        draw_during(d, cvm);
    else
        cf_cvm_drawing_add(d, "wait", cvm);
}

static void draw_command(struct cf_cvm_drawing *d)
{
    int cvm = d->cvms > 1 && cf_cvm_drawing_chance(d, 35) ? 1 : 0;
    const cJSON *before = d->before[cvm];
    d->before[cvm] = NULL;
    if (before && cf_cvm_drawing_chance(d, cJSON_GetArraySize(before) <= 3 ? 50 : 20))
        draw_rest(d, cvm, before);
    else if (d->cvms > 1 && cf_cvm_drawing_chance(d, 10))
        draw_beside(d);
    else if (cf_cvm_drawing_may_share(d) && cf_cvm_drawing_chance(d, 20))
        cf_cvm_draw_shared(d);
    else if (d->owned[cvm])
        draw_owned(d, cvm);
    else
        draw_managed(d, cvm);
}

static const char *kind_name(bool owned)
{
    return owned ? "contract_owned" : "managed";
}

static bool has(const struct cf_profile *profile, bool owned, size_t count)
{
    return cf_profile_fixture_count(profile, kind_name(owned)) >= count &&
           (!owned || cf_profile_claims(profile, "contract_owned_kms"));
}

/* Mostly one CVM: two are needed by few bugs, and half as many sequences run at once then. */
static void draw_cvms(struct cf_cvm_drawing *d)
{
    uint32_t kind = cf_cvm_drawing_below(d, 100);
    bool managed = has(d->profile, false, 1);
    d->cvms = 1;
    d->owned[0] = (kind >= 42 && has(d->profile, true, 1)) || !managed;
    if (kind < 12 && managed && has(d->profile, false, 2)) {
        d->cvms = 2;
    } else if (kind >= 80) {
        d->owned[1] = kind < 92 && d->owned[0];
        d->cvms = has(d->profile, d->owned[1], 1 + (d->owned[0] == d->owned[1])) ? 2 : 1;
    }
}

cJSON *cf_cvm_explore_draw(const char *name, const struct cf_profile *profile, int commands)
{
    struct cf_cvm_drawing d = {.profile = profile};
    cJSON *sequence = cJSON_CreateObject();
    cJSON *cvms = cJSON_AddObjectToObject(sequence, "cvms");
    cJSON_AddTrueToObject(sequence, "ids");
    cf_random_init(&d.random, name);
    draw_cvms(&d);
    for (int i = 0; i < CF_CVM_DRAWING_FAVOURITES; i++)
        d.favourites[i] = (int)cf_cvm_drawing_below(&d, CF_CVM_FIELD_COUNT);
    for (int i = 0; i < d.cvms; i++)
        cJSON_AddStringToObject(cvms, cf_cvm_drawing_roles[i], kind_name(d.owned[i]));
    d.commands = cJSON_AddArrayToObject(sequence, "commands");
    for (int tries = 0; tries < commands * 8 && cJSON_GetArraySize(d.commands) < commands; tries++)
        draw_command(&d);
    while (cJSON_GetArraySize(d.commands) > commands)
        cJSON_DeleteItemFromArray(d.commands, cJSON_GetArraySize(d.commands) - 1);
    cf_cvm_explore_fit(sequence, profile);
    return sequence;
}
