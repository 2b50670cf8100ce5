/* Drawing sequences: which CVMs, and what to do to them. */
#include "suites/explore.h"
#include "suites/explore_values.h"
#include "suites/fields.h"
#include "suites/model/model.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 64, NAME_BYTES = 16, FAVOURITES = 5, SCRIPTS_KEPT = 3 };

static const char *const roles[CF_CVM_MODEL_CVMS] = {"cvm", "other"};

/* What was drawn so far, as far as the next command depends on it. */
struct drawing {
    struct cf_random random;
    const struct cf_profile *profile;
    cJSON *commands;
    int cvms;
    bool owned[CF_CVM_MODEL_CVMS];
    cJSON *last[CF_CVM_MODEL_CVMS]; /* fields of the last update, in commands */
    struct {
        char name[NAME_BYTES];
        int cvm;
        bool with_token;
        bool open; /* no phase 2 was drawn yet */
    } hashes[NAMES_MAX];
    int hash_count;
    const cJSON *scripts[SCRIPTS_KEPT]; /* that were uploaded first, in commands */
    int script_count;
    int favourites[FAVOURITES]; /* fields that most updates of this sequence are about */
};

static bool chance(struct drawing *d, uint32_t percent)
{
    return cf_cvm_explore_chance(&d->random, percent);
}

static uint32_t below(struct drawing *d, uint32_t limit)
{
    return cf_random_below(&d->random, limit);
}

static cJSON *add_command(struct drawing *d, const char *what, int cvm)
{
    cJSON *command = cJSON_CreateObject();
    cJSON_AddStringToObject(command, "do", what);
    cJSON_AddStringToObject(command, "cvm", roles[cvm]);
    cJSON_AddItemToArray(d->commands, command);
    return command;
}

/* ---- fields ---- */

enum which { ANY, NOT_HASHED, FILES };

static bool wanted(int field, enum which which)
{
    const struct cf_cvm_field *f = &cf_cvm_fields[field];
    bool file =
        strcmp(f->name, "docker_compose_file") == 0 || strcmp(f->name, "pre_launch_script") == 0;
    return which == ANY || (which == FILES ? file : !f->affects_hash);
}

static void add_field(struct drawing *d, cJSON *set, int field, bool falsy)
{
    const char *name = cf_cvm_fields[field].name;
    cJSON *value = falsy ? cf_cvm_explore_falsy(d->profile, field)
                         : cf_cvm_explore_value(&d->random, d->profile, field, false);
    if (!value || cf_json_get(set, name))
        cJSON_Delete(value);
    else
        cJSON_AddItemToObject(set, name, value);
}

/* What goes wrong between two fields, or two updates, wants the same few again and again. */
static int draw_field(struct drawing *d)
{
    return chance(d, 60) ? d->favourites[below(d, FAVOURITES)] : (int)below(d, CF_CVM_FIELD_COUNT);
}

/* Some fields: mostly few, now and then nearly all. */
static cJSON *draw_fields(struct drawing *d, enum which which, uint32_t falsy_percent)
{
    cJSON *set = cJSON_CreateObject();
    uint32_t count = chance(d, 12) ? CF_CVM_FIELD_COUNT : 1 + below(d, chance(d, 50) ? 2 : 5);
    for (int tries = 0; tries < 60 && cJSON_GetArraySize(set) < (int)count; tries++) {
        int field = draw_field(d);
        if (wanted(field, which))
            add_field(d, set, field, chance(d, falsy_percent));
    }
    if (!set->child)
        add_field(d, set, cf_cvm_field_index("user_config"), false);
    return set;
}

/* ---- updates ---- */

static void remember(struct drawing *d, int cvm, cJSON *set)
{
    d->last[cvm] = set;
}

static enum which free_fields(const struct drawing *d, int cvm)
{
    return d->owned[cvm] ? NOT_HASHED : ANY;
}

static void draw_update(struct drawing *d, int cvm)
{
    cJSON *command = add_command(d, "update", cvm);
    cJSON *set = NULL;
    if (d->last[cvm] && chance(d, 6))
        set = cJSON_Duplicate(d->last[cvm], 1);
    else
        set = draw_fields(d, free_fields(d, cvm), chance(d, 25) ? 70 : 8);
    cJSON_AddItemToObject(command, "set", set);
    remember(d, cvm, set);
}

/* What the schema takes and the pages say no more of. */
static void add_nonsense(struct drawing *d, cJSON *set)
{
    static const char *const values[] = {
        "{\"image\": \"no-such-image\"}", "{\"vcpu\": 1000000}",
        "{\"gpus\": {\"gpus\": [], \"attach_mode\": \"sideways\"}}"};
    cJSON *all = cf_cvm_explore_parsed(values[below(d, sizeof(values) / sizeof(values[0]))]);
    cJSON *value = cJSON_DetachItemFromArray(all, 0);
    char *name = value->string;
    value->string = NULL;
    cJSON_AddItemToObject(set, name, value);
    cJSON_free(name);
    cJSON_Delete(all);
}

/* null for a field, {}, nonsense: what the pages leave open, to see what comes after. */
static void draw_open(struct drawing *d, int cvm)
{
    cJSON *command = add_command(d, "update", cvm);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    int field = (int)below(d, CF_CVM_FIELD_COUNT);
    if (chance(d, 15))
        return;
    if (chance(d, 40))
        add_nonsense(d, set);
    else if (cf_cvm_fields[field].nullable && wanted(field, free_fields(d, cvm)))
        cJSON_AddNullToObject(set, cf_cvm_fields[field].name);
    if (chance(d, 60))
        add_field(d, set, cf_cvm_field_index("user_config"), false);
    if (!d->owned[cvm] && chance(d, 30))
        add_field(d, set, draw_field(d), false);
}

static void draw_script(struct drawing *d, int cvm)
{
    cJSON *command = add_command(d, "update", cvm);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    if (d->script_count > 0 && chance(d, 20))
        cJSON_AddItemToObject(set, "pre_launch_script",
                              cJSON_Duplicate(d->scripts[below(d, (uint32_t)d->script_count)], 1));
    else
        add_field(d, set, cf_cvm_field_index("pre_launch_script"), false);
    if (d->script_count < SCRIPTS_KEPT)
        d->scripts[d->script_count++] = cf_json_get(set, "pre_launch_script");
    cJSON_AddTrueToObject(command, "script");
    remember(d, cvm, set);
}

/* ---- two phases ---- */

static void name_hash(struct drawing *d, cJSON *command, int cvm, bool with_token)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof(name), "hash%d", d->hash_count + 1);
    cJSON_AddStringToObject(command, "as", name);
    snprintf(d->hashes[d->hash_count].name, NAME_BYTES, "%s", name);
    d->hashes[d->hash_count].cvm = cvm;
    d->hashes[d->hash_count].with_token = with_token;
    d->hashes[d->hash_count].open = true;
    d->hash_count++;
}

static void draw_phase1(struct drawing *d, int cvm)
{
    if (d->hash_count == NAMES_MAX)
        return;
    bool script = chance(d, 30);
    bool prepare = !script && cf_profile_claims(d->profile, "prepare_only") && chance(d, 18);
    cJSON *command = add_command(d, "update", cvm);
    cJSON *set = script
                     ? cJSON_CreateObject()
                     : draw_fields(d, chance(d, 25) ? FILES : NOT_HASHED, chance(d, 25) ? 70 : 8);
    int file =
        cf_cvm_field_index(script || chance(d, 50) ? "pre_launch_script" : "docker_compose_file");
    add_field(d, set, file, false);
    cJSON_AddItemToObject(command, "set", set);
    if (script)
        cJSON_AddTrueToObject(command, "script");
    if (prepare)
        cJSON_AddTrueToObject(command, "prepare");
    name_hash(d, command, cvm, prepare);
    remember(d, cvm, set);
}

/* The latest hash of a CVM, or now and then an earlier one; -1 without one. */
static int pick_hash(struct drawing *d, int cvm)
{
    int found = -1;
    for (int i = 0; i < d->hash_count; i++) {
        if (d->hashes[i].cvm == cvm && (found < 0 || !chance(d, 12)))
            found = i;
    }
    return found;
}

static const char *needed_hook(enum cf_cvm_proof proof)
{
    switch (proof) {
    case CF_CVM_PROOF_REVERTED:
        return "revert-registration";
    case CF_CVM_PROOF_ELSEWHERE:
        return "register-elsewhere";
    case CF_CVM_PROOF_REMOVED:
        return "unregister-compose-hash";
    case CF_CVM_PROOF_EXPIRED:
        return "expire-compose-hash";
    default:
        return "register-compose-hash";
    }
}

static void draw_finish(struct drawing *d)
{
    int own = pick_hash(d, 0);
    int theirs = pick_hash(d, 1);
    enum cf_cvm_proof proof =
        chance(d, 60) ? CF_CVM_PROOF_RIGHT : (enum cf_cvm_proof)below(d, CF_CVM_PROOF_COUNT);
    bool endless = cf_profile_claims(d->profile, "hashes_never_expire");
    if (own < 0 || !cf_profile_hook(d->profile, needed_hook(proof)) ||
        !cf_profile_hook(d->profile, "register-compose-hash") ||
        (proof == CF_CVM_PROOF_EXPIRED && endless) ||
        (proof == CF_CVM_PROOF_OTHER_CVM && theirs < 0))
        return;
    cJSON *command = add_command(d, "finish", 0);
    d->hashes[own].open = false;
    cJSON_AddStringToObject(command, "of", d->hashes[own].name);
    cJSON_AddStringToObject(command, "proof", cf_cvm_proof_names[proof]);
    if (proof == CF_CVM_PROOF_OTHER_CVM)
        cJSON_AddStringToObject(command, "other", d->hashes[theirs].name);
}

static void draw_commit(struct drawing *d)
{
    int own = pick_hash(d, 0);
    if (own < 0 || !d->hashes[own].with_token ||
        !cf_profile_hook(d->profile, "register-compose-hash"))
        return;
    cJSON *command = add_command(d, "commit", 0);
    cJSON_AddStringToObject(command, "of", d->hashes[own].name);
}

/* ---- refusals ---- */

static cJSON *add_fault(cJSON *command, const char *kind, const char *text)
{
    cJSON *fault = cJSON_AddObjectToObject(command, "fault");
    cJSON_AddStringToObject(fault, "kind", kind);
    if (text)
        cJSON_AddStringToObject(fault, "text", text);
    return fault;
}

static void draw_value_fault(struct drawing *d, int cvm)
{
    cJSON *command = add_command(d, "refused", cvm);
    cJSON *set = draw_fields(d, free_fields(d, cvm), 20);
    int field;
    do {
        field = (int)below(d, CF_CVM_FIELD_COUNT);
    } while (!wanted(field, free_fields(d, cvm)));
    cJSON_DeleteItemFromObjectCaseSensitive(set, cf_cvm_fields[field].name);
    cJSON_AddItemToObject(command, "set", set);
    cJSON *fault = add_fault(command, "value", NULL);
    cJSON_AddStringToObject(fault, "field", cf_cvm_fields[field].name);
    cJSON_AddItemToObject(fault, "value", cf_cvm_explore_fault(&d->random, field));
}

static void draw_body_fault(struct drawing *d, int cvm)
{
    static const char *const bodies[] = {
        "null", "5", "\"user_config\"", "[1]", "this is not JSON", "{\"user_config\": \"half", ""};
    add_fault(add_command(d, "refused", cvm), "body",
              bodies[below(d, sizeof(bodies) / sizeof(bodies[0]))]);
}

static void draw_caller_fault(struct drawing *d, int cvm)
{
    static const char *const kinds[] = {"none",      "empty",    "wrong",
                                        "truncated", "extended", "bearer"};
    cJSON *command = add_command(d, "refused", cvm);
    bool script = chance(d, 25);
    cJSON *set = script ? cJSON_CreateObject() : draw_fields(d, free_fields(d, cvm), 20);
    if (script)
        add_field(d, set, cf_cvm_field_index("pre_launch_script"), false);
    cJSON_AddItemToObject(command, "set", set);
    if (script)
        cJSON_AddTrueToObject(command, "script");
    add_fault(command, "credentials", kinds[below(d, sizeof(kinds) / sizeof(kinds[0]))]);
}

static void draw_target_fault(struct drawing *d, int cvm)
{
    static const struct {
        const char *kind, *pics;
    } targets[] = {{"unknown", NULL}, {"foreign", NULL}, {"gpu_rental", "gpu_rental"}};
    size_t which = below(d, sizeof(targets) / sizeof(targets[0]));
    if (cf_profile_fixture_count(d->profile, targets[which].kind) == 0 ||
        (targets[which].pics && !cf_profile_claims(d->profile, targets[which].pics)))
        return;
    cJSON *command = add_command(d, "refused", cvm);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    bool script = !targets[which].pics && chance(d, 40);
    add_field(d, set, cf_cvm_field_index(script ? "pre_launch_script" : "user_config"), false);
    if (script)
        cJSON_AddTrueToObject(command, "script");
    add_fault(command, "target", targets[which].kind);
}

static void draw_script_fault(struct drawing *d, int cvm)
{
    cJSON *command = add_command(d, "refused", cvm);
    cJSON_AddTrueToObject(command, "script");
    static const char *const types[] = {"application/json", "application/xml", ""};
    add_fault(command, "script", types[below(d, 3)]);
}

static void draw_refused(struct drawing *d, int cvm)
{
    uint32_t kind = below(d, 100);
    if (kind < 50)
        draw_value_fault(d, cvm);
    else if (kind < 62)
        draw_body_fault(d, cvm);
    else if (kind < 80)
        draw_caller_fault(d, cvm);
    else if (kind < 90)
        draw_target_fault(d, cvm);
    else
        draw_script_fault(d, cvm);
}

/* ---- several at once ---- */

/* The first one has a text that was never sent, so that it is accepted. */
static void draw_during(struct drawing *d, int cvm)
{
    if (cf_profile_claims(d->profile, "instant_operations"))
        return;
    cJSON *command = add_command(d, "during", cvm);
    cJSON *set = draw_fields(d, free_fields(d, cvm), 10);
    cJSON_DeleteItemFromObjectCaseSensitive(set, "user_config");
    cJSON *fresh =
        cf_cvm_explore_value(&d->random, d->profile, cf_cvm_field_index("user_config"), true);
    cJSON_AddItemToObject(set, "user_config", fresh);
    cJSON_AddItemToObject(command, "set", set);
    if (!d->owned[cvm] && chance(d, 30)) {
        cJSON *then = cJSON_AddObjectToObject(command, "then");
        add_field(d, then, cf_cvm_field_index("pre_launch_script"), false);
        cJSON_AddTrueToObject(command, "script");
    } else {
        cJSON_AddItemToObject(command, "then", draw_fields(d, free_fields(d, cvm), 10));
    }
    if (chance(d, 25))
        cJSON_AddTrueToObject(command, "between");
    remember(d, cvm, set);
}

static void draw_race(struct drawing *d, int cvm)
{
    cJSON *command = add_command(d, "race", cvm);
    cJSON_AddItemToObject(command, "count", cf_json_new_integer(2 + below(d, 3)));
}

/* ---- the whole ---- */

/* Weights, as each kind of bug needs them: what was found by how many operations. */
static void draw_managed(struct drawing *d, int cvm)
{
    uint32_t kind = below(d, 100);
    if (kind < 52)
        draw_update(d, cvm);
    else if (kind < 62)
        draw_script(d, cvm);
    else if (kind < 67)
        draw_open(d, cvm);
    else if (kind < 86)
        draw_refused(d, cvm);
    else if (kind < 95)
        draw_during(d, cvm);
    else if (kind < 97)
        draw_race(d, cvm);
    else
        add_command(d, "wait", cvm);
}

/* A phase 1 is mostly followed by its phase 2, and seldom by two. */
static void draw_owned(struct drawing *d, int cvm)
{
    uint32_t kind = below(d, 100);
    bool open = d->hash_count > 0 && d->hashes[d->hash_count - 1].open &&
                d->hashes[d->hash_count - 1].cvm == 0;
    if (chance(d, open ? 55 : 6))
        draw_finish(d);
    else if (kind < 30)
        draw_update(d, cvm);
    else if (kind < 68)
        draw_phase1(d, cvm);
    else if (kind < 72)
        draw_commit(d);
    else if (kind < 75)
        draw_open(d, cvm);
    else if (kind < 92)
        draw_refused(d, cvm);
    else if (kind < 98)
        draw_during(d, cvm);
    else
        add_command(d, "wait", cvm);
}

static void draw_command(struct drawing *d)
{
    int cvm = d->cvms > 1 && chance(d, 35) ? 1 : 0;
    if (d->owned[cvm])
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
static void draw_cvms(struct drawing *d)
{
    uint32_t kind = below(d, 100);
    bool managed = has(d->profile, false, 1);
    d->cvms = 1;
    d->owned[0] = (kind >= 45 && has(d->profile, true, 1)) || !managed;
    if (kind < 12 && managed && has(d->profile, false, 2)) {
        d->cvms = 2;
    } else if (kind >= 80) {
        d->owned[1] = kind < 92 && d->owned[0];
        d->cvms = has(d->profile, d->owned[1], 1 + (d->owned[0] == d->owned[1])) ? 2 : 1;
    }
}

cJSON *cf_cvm_explore_draw(const char *name, const struct cf_profile *profile, int commands)
{
    struct drawing d = {.profile = profile};
    cJSON *sequence = cJSON_CreateObject();
    cJSON *cvms = cJSON_AddObjectToObject(sequence, "cvms");
    cJSON_AddTrueToObject(sequence, "ids");
    cf_random_init(&d.random, name);
    draw_cvms(&d);
    for (int i = 0; i < FAVOURITES; i++)
        d.favourites[i] = (int)below(&d, CF_CVM_FIELD_COUNT);
    for (int i = 0; i < d.cvms; i++)
        cJSON_AddStringToObject(cvms, roles[i], kind_name(d.owned[i]));
    d.commands = cJSON_AddArrayToObject(sequence, "commands");
    for (int tries = 0; tries < commands * 8 && cJSON_GetArraySize(d.commands) < commands; tries++)
        draw_command(&d);
    cf_cvm_explore_fit(sequence, profile);
    return sequence;
}
