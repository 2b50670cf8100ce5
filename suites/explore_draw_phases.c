/* Drawing what takes two phases. */
#include "suites/explore_drawing.h"
#include "suites/reading.h"

#include <stdio.h>

static void name_hash(struct cf_cvm_drawing *d, cJSON *command, int cvm, bool with_token)
{
    d->hashes[d->hash_count].set = cf_json_get(command, "set");
    char name[CF_CVM_DRAWING_NAME_BYTES];
    snprintf(name, sizeof(name), "hash%d", d->hash_count + 1);
    cJSON_AddStringToObject(command, "as", name);
    snprintf(d->hashes[d->hash_count].name, CF_CVM_DRAWING_NAME_BYTES, "%s", name);
    d->hashes[d->hash_count].cvm = cvm;
    d->hashes[d->hash_count].with_token = with_token;
    d->hashes[d->hash_count].script = cf_json_bool(command, "script", false);
    d->hashes[d->hash_count].open = true;
    d->hash_count++;
}

/* Beside a file: what is no part of the hash, and now and then what is. */
static enum cf_cvm_draw_which phase_1_fields(struct cf_cvm_drawing *d)
{
    if (cf_cvm_drawing_chance(d, 15))
        return CF_CVM_DRAW_FILES;
    return cf_cvm_drawing_chance(d, 15) ? CF_CVM_DRAW_ANY : CF_CVM_DRAW_NOT_HASHED;
}

/* One text that is nothing to some readers; a file beside it makes the hash a new one. */
static void put_odd_word(struct cf_cvm_drawing *d, cJSON *set)
{
    static const char *const texts[] = {"user_config", "pre_launch_script", "docker_compose_file"};
    uint32_t odd = cf_cvm_drawing_below(d, 3);
    cJSON_DeleteItemFromObjectCaseSensitive(set, texts[odd]);
    cJSON_AddItemToObject(set, texts[odd], cf_cvm_explore_odd_word(&d->random));
    cf_cvm_drawing_put(d, set, cf_cvm_field_index(texts[odd == 2 ? 1 : 2]), false);
}

/* A file that some servers refuse: there the sequence ends, so it is not done often. */
static void put_odd_file(struct cf_cvm_drawing *d, cJSON *set, int file)
{
    const char *name = cf_cvm_fields[file].name;
    cJSON_DeleteItemFromObjectCaseSensitive(set, name);
    if (cf_cvm_drawing_chance(d, 25))
        cJSON_AddItemToObject(set, name, cf_cvm_explore_long(&d->random, name, false));
    else
        cJSON_AddItemToObject(set, name, cf_cvm_explore_odd_text(&d->random, name));
}

void cf_cvm_draw_phase1(struct cf_cvm_drawing *d, int cvm)
{
    if (d->hash_count == CF_CVM_DRAWING_NAMES_MAX)
        return;
    bool script = cf_cvm_drawing_chance(d, 20);
    bool prepare =
        !script && cf_profile_claims(d->profile, "prepare_only") && cf_cvm_drawing_chance(d, 18);
    cJSON *command = cf_cvm_drawing_add(d, "update", cvm);
    d->careful = true;
    cJSON *set = cJSON_CreateObject();
    if (!script)
        cf_cvm_drawing_put_part(d, set, phase_1_fields(d), cf_cvm_drawing_chance(d, 40) ? 60 : 8);
    int file = cf_cvm_field_index(script || cf_cvm_drawing_chance(d, 50) ? "pre_launch_script"
                                                                         : "docker_compose_file");
    if (!prepare && !script && cf_cvm_drawing_chance(d, 12))
        put_odd_word(d, set);
    else if (!prepare && cf_cvm_drawing_chance(d, 18))
        put_odd_file(d, set, file);
    cf_cvm_drawing_put(d, set, file, false);
    if (cf_cvm_drawing_chance(d, 10) && !cf_json_get(set, "pre_launch_script"))
        cJSON_AddStringToObject(set, "pre_launch_script", "");
    d->careful = false;
    cJSON_AddItemToObject(command, "set", set);
    if (script)
        cJSON_AddTrueToObject(command, "script");
    if (prepare)
        cJSON_AddTrueToObject(command, "prepare");
    name_hash(d, command, cvm, prepare);
    d->last[cvm] = set;
}

/* The latest hash of a CVM, or now and then an earlier one; -1 without one. */
static int pick_hash(struct cf_cvm_drawing *d, int cvm)
{
    int found = -1;
    for (int i = 0; i < d->hash_count; i++) {
        if (d->hashes[i].cvm == cvm && (found < 0 || !cf_cvm_drawing_chance(d, 12)))
            found = i;
    }
    return found;
}

/* The latest one of a CVM; -1 without one. */
static int latest_hash(const struct cf_cvm_drawing *d, int cvm)
{
    int found = d->hash_count - 1;
    while (found >= 0 && d->hashes[found].cvm != cvm)
        found--;
    return found;
}

bool cf_cvm_drawing_has_open(const struct cf_cvm_drawing *d)
{
    int own = latest_hash(d, 0);
    return own >= 0 && d->hashes[own].open;
}

bool cf_cvm_drawing_may_share(const struct cf_cvm_drawing *d)
{
    return d->owned[0] && d->owned[1] && d->cvms > 1 && cf_cvm_drawing_has_open(d) &&
           latest_hash(d, 0) == d->hash_count - 1 && d->hash_count < CF_CVM_DRAWING_NAMES_MAX;
}

void cf_cvm_draw_shared(struct cf_cvm_drawing *d)
{
    cJSON *command = cf_cvm_drawing_add(d, "update", 1);
    cJSON_AddItemToObject(command, "set", cJSON_Duplicate(d->hashes[latest_hash(d, 0)].set, 1));
    name_hash(d, command, 1, false);
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

static bool shows_files(const struct cf_cvm_drawing *d)
{
    return cf_cvm_reading_maps_field(d->profile, cf_cvm_field_index("docker_compose_file")) &&
           cf_cvm_reading_maps_field(d->profile, cf_cvm_field_index("pre_launch_script"));
}

/* Scripts are fewer, and have a phase 2 of their own. */
static enum cf_cvm_proof draw_proof(struct cf_cvm_drawing *d, bool script, bool theirs)
{
    if (theirs && cf_cvm_drawing_chance(d, 25))
        return CF_CVM_PROOF_OTHER_CVM;
    if (cf_cvm_drawing_chance(d, script ? 45 : 72))
        return CF_CVM_PROOF_RIGHT;
    return (enum cf_cvm_proof)cf_cvm_drawing_below(d, CF_CVM_PROOF_COUNT);
}

void cf_cvm_draw_finish(struct cf_cvm_drawing *d)
{
    int own = pick_hash(d, 0);
    int theirs = pick_hash(d, 1);
    bool script = own >= 0 && d->hashes[own].script;
    enum cf_cvm_proof proof = draw_proof(d, script, theirs >= 0);
    bool endless = cf_profile_claims(d->profile, "hashes_never_expire");
    if (own < 0 || !cf_profile_hook(d->profile, needed_hook(proof)) ||
        !cf_profile_hook(d->profile, "register-compose-hash") ||
        (proof == CF_CVM_PROOF_EXPIRED && endless) ||
        (proof == CF_CVM_PROOF_OTHER_CVM && theirs < 0) ||
        (proof == CF_CVM_PROOF_OTHER_BODY && !shows_files(d)))
        return;
    cJSON *command = cf_cvm_drawing_add(d, "finish", 0);
    d->hashes[own].open = false;
    if (proof == CF_CVM_PROOF_RIGHT)
        cf_cvm_drawing_note(d, 0, d->hashes[own].set);
    cJSON_AddStringToObject(command, "of", d->hashes[own].name);
    cJSON_AddStringToObject(command, "proof", cf_cvm_proof_names[proof]);
    if (proof == CF_CVM_PROOF_OTHER_CVM)
        cJSON_AddStringToObject(command, "other", d->hashes[theirs].name);
    if (proof == CF_CVM_PROOF_RIGHT && !cf_profile_claims(d->profile, "instant_operations") &&
        cf_cvm_drawing_chance(d, 8))
        cJSON_AddItemToObject(command, "count", cf_json_new_integer(4));
}

void cf_cvm_draw_commit(struct cf_cvm_drawing *d)
{
    int own = pick_hash(d, 0);
    if (own < 0 || !d->hashes[own].with_token ||
        !cf_profile_hook(d->profile, "register-compose-hash"))
        return;
    cJSON *command = cf_cvm_drawing_add(d, "commit", 0);
    cJSON_AddStringToObject(command, "of", d->hashes[own].name);
}

void cf_cvm_draw_emptied(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *command = cf_cvm_drawing_add(d, "update", cvm);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    cJSON_AddStringToObject(set, "pre_launch_script", "");
    if (cf_cvm_drawing_chance(d, 30))
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("user_config"), false);
}

bool cf_cvm_drawing_took_files(const struct cf_cvm_drawing *d, int cvm)
{
    const cJSON *last = d->hash_count > 0 ? d->hashes[d->hash_count - 1].set : NULL;
    const cJSON *file = cf_json_get(last, "docker_compose_file");
    return cvm == 0 && file && file == d->now[0][cf_cvm_field_index("docker_compose_file")] &&
           cf_json_get(last, "pre_launch_script");
}
