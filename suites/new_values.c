/* Fresh texts, other legal values, and objects of them. */
#include "suites/new_values.h"
#include "harness/base/wordlist.h"
#include "suites/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static enum cf_code give(cJSON *value, cJSON **out)
{
    *out = value;
    return CF_OK;
}

/* ---- fresh: a value that no one has used before ---- */

/* Whether the names that the profile lists are spelt in small letters: a rule of the server's. */
static bool lists_small_letters(const struct cf_profile *profile)
{
    const cJSON *names = cJSON_GetArrayItem(cf_profile_values(profile, "allowed_envs"), 0);
    const cJSON *name = cJSON_GetArrayItem(names, 0);
    bool small = false;
    for (const char *c = cJSON_IsString(name) ? name->valuestring : ""; *c; c++) {
        if (isupper((unsigned char)*c))
            return false;
        small = small || islower((unsigned char)*c);
    }
    return small;
}

static cJSON *fresh_names(const struct cf_profile *profile, struct cf_random *random)
{
    char name[CF_WORDLIST_BYTES];
    bool small = lists_small_letters(profile);
    cJSON *list = cJSON_CreateArray();
    for (int i = 0; i < 2; i++) {
        cf_wordlist_draw(random, "_", name);
        for (char *c = name; *c && !small; c++)
            *c = (char)toupper((unsigned char)*c);
        cJSON_AddItemToArray(list, cJSON_CreateString(name));
    }
    return list;
}

/* The service runs and does nothing, from a small image that every registry has. */
static cJSON *fresh_compose_file(struct cf_random *random)
{
    static const char *const images[] = {"busybox:1.36", "busybox:1.37", "alpine:3.19",
                                         "alpine:3.20"};
    char text[400];
    char value[CF_WORDLIST_BYTES];
    const char *service = cf_wordlist_one(random);
    const char *image = images[cf_random_below(random, sizeof(images) / sizeof(images[0]))];
    const char *label = cf_wordlist_one(random);
    cf_wordlist_draw(random, "-", value);
    snprintf(text, sizeof(text),
             "services:\n  %s:\n    image: %s\n    command: [\"sleep\", \"infinity\"]\n"
             "    labels:\n      %s: \"%s\"\n",
             service, image, label, value);
    return cJSON_CreateString(text);
}

static cJSON *fresh_script(struct cf_random *random)
{
    char text[200];
    char value[CF_WORDLIST_BYTES];
    cf_wordlist_draw(random, " ", value);
    snprintf(text, sizeof(text), "#!/bin/bash\nset -e\necho \"%s\"\n", value);
    return cJSON_CreateString(text);
}

/* NULL: no such kind. */
static cJSON *draw_fresh(struct cf_case_run *run, const char *name)
{
    struct cf_random *random = &run->random;
    char text[100];
    char words[CF_WORDLIST_BYTES];
    if (strcmp(name, "allowed_envs") == 0)
        return fresh_names(run->profile, random);
    if (strcmp(name, "docker_compose_file") == 0)
        return fresh_compose_file(random);
    if (strcmp(name, "pre_launch_script") == 0)
        return fresh_script(random);
    bool config = strcmp(name, "user_config") == 0;
    if (!config && strcmp(name, "text") != 0)
        return NULL;
    cf_wordlist_draw(random, config ? "-" : " ", words);
    /* A host name is what every read side shows of user_config. */
    snprintf(text, sizeof(text), config ? "{\"hostname\":\"%s\"}" : "%s", words);
    return cJSON_CreateString(text);
}

/* A run of the same seed that could not put a CVM back has left it with the very value that is
 * drawn first. */
enum cf_code cf_cvm_resolve_fresh(struct cf_case_run *run, const char *name, cJSON **out,
                                  struct cf_err *err)
{
    int index = cf_cvm_field_index(name);
    const struct cf_cvm_reading *reading = index < 0 ? NULL : cf_cvm_memory_reading(run, NULL, 0);
    cJSON *value = draw_fresh(run, name);
    if (value && reading && cf_cvm_reading_shows(reading, index, value)) {
        cJSON_Delete(value);
        value = draw_fresh(run, name);
    }
    if (!value)
        return cf_err_set(err, CF_ENOTFOUND, "no fresh value of that kind can be made");
    return give(value, out);
}

/* ---- another: a legal value that differs from the one last read ---- */

static int index_of(const struct cf_cvm_field *field)
{
    return (int)(field - cf_cvm_fields);
}

static bool is_now(const struct cf_cvm_field *field, const struct cf_cvm_reading *reading,
                   const cJSON *value)
{
    return reading ? cf_cvm_reading_shows(reading, index_of(field), value)
                   : cf_cvm_field_same(field, NULL, value);
}

/* Where to look first: after the present value, so that a case which asks again and again meets all
 * of them; anywhere where the present value is none of them. */
static int first_place(struct cf_case_run *run, const struct cf_cvm_field *field, const cJSON *list,
                       const struct cf_cvm_reading *reading)
{
    int count = cJSON_GetArraySize(list);
    for (int i = 0; reading && i < count; i++) {
        if (is_now(field, reading, cJSON_GetArrayItem(list, i)))
            return i + 1;
    }
    return (int)cf_random_below(&run->random, (uint32_t)count);
}

static enum cf_code another_of_list(struct cf_case_run *run, const struct cf_cvm_field *field,
                                    const cJSON *list, const struct cf_cvm_reading *reading,
                                    cJSON **out, struct cf_err *err)
{
    int count = cJSON_GetArraySize(list);
    int start = first_place(run, field, list, reading);
    for (int i = 0; i < count; i++) {
        const cJSON *value = cJSON_GetArrayItem(list, (start + i) % count);
        if (!is_now(field, reading, value))
            return give(cJSON_Duplicate(value, 1), out);
    }
    /* What rounding makes alike may still differ. */
    for (int i = 0; i < count; i++) {
        const cJSON *value = cJSON_GetArrayItem(list, (start + i) % count);
        if (!reading || !cf_json_equal(reading->values[index_of(field)], value))
            return give(cJSON_Duplicate(value, 1), out);
    }
    return cf_err_set(err, CF_ENOTFOUND, "pixit.values.%s has no value but the present one",
                      field->name);
}

/* ---- a field that moves up only ---- */

/* The first step above where it stands; NULL when there is none left. */
static const cJSON *next_step(const struct cf_cvm_field *field,
                              const struct cf_cvm_reading *reading, const cJSON *steps)
{
    const cJSON *now = reading->values[index_of(field)];
    const cJSON *at = NULL;
    const cJSON *step;
    cJSON_ArrayForEach(step, steps)
    {
        if (is_now(field, reading, step))
            at = step;
    }
    if (at)
        return at->next;
    for (step = steps->child; step && cJSON_IsNumber(now); step = step->next) {
        if (step->valuedouble > now->valuedouble)
            return step;
    }
    return cJSON_IsNumber(now) ? NULL : steps->child;
}

static enum cf_code another_step(struct cf_case_run *run, const struct cf_cvm_field *field,
                                 const struct cf_cvm_reading *reading, const cJSON *steps,
                                 cJSON **out, struct cf_err *err)
{
    if (cf_profile_out_of_sight(run->profile, field->name))
        cf_run_not_applicable(run, "%s moves up only, and how far it has come is out of sight",
                              field->name);
    if (!reading || !cf_cvm_reading_sees(reading, index_of(field)))
        return cf_err_set(err, CF_ENOTFOUND,
                          "%s moves up only, and how far it has come was not seen", field->name);
    const cJSON *step = next_step(field, reading, steps);
    if (!step) {
        cf_run_not_applicable(run, "%s moves up only, and the steps of pixit.values.%s are used up",
                              field->name, field->name);
        return cf_err_set(err, CF_ENOTFOUND, "no step is left");
    }
    return give(cJSON_Duplicate(step, 1), out);
}

static enum cf_code another_timeout(struct cf_case_run *run, const cJSON *now, cJSON **out)
{
    long long value;
    do {
        value = 10 + cf_random_below(&run->random, 1191);
    } while (cJSON_IsNumber(now) && now->valuedouble == (double)value);
    return give(cf_json_new_integer(value), out);
}

enum cf_code cf_cvm_resolve_another(struct cf_case_run *run, const char *name, cJSON **out,
                                    struct cf_err *err)
{
    int index = cf_cvm_field_index(name);
    if (index < 0)
        return cf_err_set(err, CF_EINPUT, "the contract has no such field");
    const struct cf_cvm_field *field = &cf_cvm_fields[index];
    const struct cf_cvm_reading *reading = cf_cvm_memory_reading(run, NULL, 0);
    const cJSON *now = reading ? reading->values[index] : NULL;
    const cJSON *list = cf_profile_values(run->profile, name);
    if (reading && reading->unread[index]) /* another than what? */
        return cf_err_set(err, CF_ENOTFOUND, "%s cannot be observed: %s", name,
                          reading->why_not[index]);
    if (list && cf_profile_moves_up(run->profile, name))
        return another_step(run, field, reading, list, out, err);
    if (list)
        return another_of_list(run, field, list, reading, out, err);
    if (field->kind == CF_CVM_FIELD_BOOLEAN)
        return give(cJSON_CreateBool(!cJSON_IsTrue(now)), out);
    if (field->kind == CF_CVM_FIELD_INTEGER && !field->needs_values)
        return another_timeout(run, now, out);
    if (field->needs_values && cf_profile_values_none(run->profile, name))
        cf_run_not_applicable(run, "%s is left alone: pixit.values.%s is empty", name, name);
    if (field->needs_values)
        return cf_err_set(err, CF_ENOTFOUND, "the profile has no pixit.values.%s to move between",
                          name);
    return cf_cvm_resolve_fresh(run, name, out, err);
}

/* ---- legal: what no server may call invalid ---- */

enum cf_code cf_cvm_resolve_legal(struct cf_case_run *run, const char *name, cJSON **out,
                                  struct cf_err *err)
{
    bool of_row = strcmp(name, "row") == 0 && run->one;
    const char *wanted = of_row ? cf_json_text(run->one->row, "field", "") : name;
    int index = cf_cvm_field_index(wanted);
    if (index < 0)
        return cf_err_set(err, CF_EINPUT, "the contract has no such field");
    const struct cf_cvm_field *field = &cf_cvm_fields[index];
    bool movable = !field->needs_values || cf_profile_values(run->profile, field->name);
    if (field->nullable && (!movable || cf_profile_moves_up(run->profile, field->name)))
        return give(cJSON_CreateNull(), out);
    return cf_cvm_resolve_another(run, field->name, out, err);
}

/* ---- an object with another value for each of several fields ---- */

static unsigned field_bit(const char *name, size_t len)
{
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        if (strlen(cf_cvm_fields[i].name) == len && strncmp(cf_cvm_fields[i].name, name, len) == 0)
            return 1u << i;
    }
    return 0;
}

static unsigned row_bits(const cJSON *row)
{
    unsigned bits = 0;
    const cJSON *name;
    cJSON_ArrayForEach(name, cf_json_get(row, "fields"))
    {
        bits |= cJSON_IsString(name) ? field_bit(name->valuestring, strlen(name->valuestring)) : 0;
    }
    return bits;
}

/* The word that lets all of them be left out. */
static const char or_none[] = "or-none";

bool cf_cvm_change_may_be_none(const char *names)
{
    size_t len = sizeof(or_none) - 1;
    return strncmp(names, or_none, len) == 0 && names[len] == ',';
}

static unsigned group_bits(const char *name, size_t len, const cJSON *row)
{
    unsigned bits = 0;
    bool all = len == 3 && strncmp(name, "all", len) == 0;
    bool one_phase = len == 9 && strncmp(name, "one-phase", len) == 0;
    if (len == 3 && strncmp(name, "row", len) == 0)
        return row_bits(row);
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++)
        bits |= all || (one_phase && !cf_cvm_fields[i].affects_hash) ? 1u << i : 0;
    return bits ? bits : field_bit(name, len);
}

unsigned cf_cvm_change_fields(const char *names, const cJSON *row)
{
    unsigned bits = 0;
    names += cf_cvm_change_may_be_none(names) ? sizeof(or_none) : 0;
    while (*names) {
        size_t len = strcspn(names, ",");
        unsigned more = group_bits(names, len, row);
        if (more == 0)
            return 0;
        bits |= more;
        names += len + (names[len] == ',');
    }
    return bits;
}

bool cf_cvm_change_is_of_many(unsigned fields)
{
    return (fields & (fields - 1)) != 0;
}

bool cf_cvm_change_leaves_out(const struct cf_profile *profile, int index)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[index];
    return cf_profile_moves_up(profile, field->name) ||
           (field->needs_values && !cf_profile_values(profile, field->name)) ||
           (!cf_profile_out_of_sight(profile, field->name) &&
            !cf_cvm_reading_maps_field(profile, index));
}

bool cf_cvm_change_never(const struct cf_profile *profile, unsigned fields)
{
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const char *name = cf_cvm_fields[i].name;
        if ((fields >> i & 1) && !cf_profile_moves_up(profile, name) &&
            !(cf_cvm_fields[i].needs_values && cf_profile_values_none(profile, name)))
            return false;
    }
    return true;
}

static bool is_without(const struct cf_cvm_reading *reading, int index)
{
    return reading->nothing_there[index] && cf_cvm_field_never_empty(&cf_cvm_fields[index]);
}

static bool left_out(struct cf_case_run *run, int index)
{
    const struct cf_cvm_reading *reading = cf_cvm_memory_reading(run, NULL, 0);
    return cf_cvm_change_leaves_out(run->profile, index) ||
           (reading && !cf_profile_out_of_sight(run->profile, cf_cvm_fields[index].name) &&
            (!cf_cvm_reading_sees(reading, index) || is_without(reading, index)));
}

/* Whether the read side, by the form in which it shows the field now, would show nothing of an
 * empty one. */
static bool hides_falsy(struct cf_case_run *run, int index)
{
    const struct cf_cvm_reading *reading = cf_cvm_memory_reading(run, NULL, 0);
    cJSON *empty = cJSON_CreateString("");
    bool hides = cf_cvm_fields[index].kind == CF_CVM_FIELD_CONFIG && reading &&
                 cf_cvm_field_hides(&cf_cvm_fields[index], reading->values[index], empty);
    cJSON_Delete(empty);
    return hides;
}

static enum cf_code none_left(struct cf_case_run *run, unsigned fields, struct cf_err *err)
{
    if (cf_cvm_change_never(run->profile, fields))
        cf_run_not_applicable(run, CF_CVM_CHANGE_NEVER);
    return cf_err_set(err, CF_ENOTFOUND,
                      "none of these fields has pixit.values to move between and can be observed");
}

typedef enum cf_code resolve_fn(struct cf_case_run *run, const char *name, cJSON **out,
                                struct cf_err *err);

/* An object of the fields that those names stand for, each with what it resolves to. */
static enum cf_code resolve_each(struct cf_case_run *run, const char *name, resolve_fn *resolve,
                                 cJSON **out, struct cf_err *err)
{
    unsigned fields = cf_cvm_change_fields(name, run->one ? run->one->row : NULL);
    bool may_be_none = cf_cvm_change_may_be_none(name);
    bool many = may_be_none || cf_cvm_change_is_of_many(fields);
    if (fields == 0)
        return cf_err_set(
            err, CF_EINPUT,
            "change, falsy, least and most have all, row, one-phase, and names of fields");
    cJSON *all = cJSON_CreateObject();
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        cJSON *value = NULL;
        bool hidden = resolve != cf_cvm_resolve_another && hides_falsy(run, i);
        if (!(fields >> i & 1) || (many && (hidden || left_out(run, i))))
            continue;
        enum cf_code code = resolve(run, cf_cvm_fields[i].name, &value, err);
        if (code != CF_OK) {
            cJSON_Delete(all);
            return code;
        }
        cJSON_AddItemToObject(all, cf_cvm_fields[i].name, value);
    }
    if (all->child || may_be_none)
        return give(all, out);
    cJSON_Delete(all);
    return none_left(run, fields, err);
}

enum cf_code cf_cvm_resolve_change(struct cf_case_run *run, const char *name, cJSON **out,
                                   struct cf_err *err)
{
    return resolve_each(run, name, cf_cvm_resolve_another, out, err);
}

/* ---- values at their bounds ---- */

static bool has_bounds(const struct cf_cvm_field *field)
{
    return field->kind == CF_CVM_FIELD_INTEGER || field->kind == CF_CVM_FIELD_HEX ||
           field->kind == CF_CVM_FIELD_GPUS;
}

/* What makes one value greater than another. */
static double size_of(const struct cf_cvm_field *field, const cJSON *value)
{
    if (field->kind == CF_CVM_FIELD_GPUS)
        return cJSON_GetArraySize(cf_json_get(value, "gpus"));
    return cJSON_IsString(value) ? (double)strlen(value->valuestring) : value->valuedouble;
}

/* sign: 1 for the greatest value of the field, -1 for the least. An empty one counts only where
 * there is no other. */
static enum cf_code at_bound(struct cf_case_run *run, const char *name, int sign, cJSON **out,
                             struct cf_err *err)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[cf_cvm_field_index(name)];
    const cJSON *list = cf_profile_values(run->profile, name);
    const cJSON *found = list ? list->child : NULL;
    const cJSON *value;
    if (!has_bounds(field))
        return cf_err_set(err, CF_EINPUT, "%s has no bounds", name);
    if (!field->needs_values)
        return give(cf_json_new_integer(sign < 0 ? field->least : CF_CVM_TIMEOUT_MOST), out);
    cJSON_ArrayForEach(value, list)
    {
        double size = size_of(field, value);
        double best = size_of(field, found);
        if (best == 0 || (size != 0 && sign * size > sign * best))
            found = value;
    }
    if (!found)
        return cf_err_set(err, CF_ENOTFOUND, "the profile has no pixit.values.%s", name);
    return give(cJSON_Duplicate(found, 1), out);
}

static enum cf_code resolve_least(struct cf_case_run *run, const char *name, cJSON **out,
                                  struct cf_err *err)
{
    return at_bound(run, name, -1, out, err);
}

static enum cf_code resolve_most(struct cf_case_run *run, const char *name, cJSON **out,
                                 struct cf_err *err)
{
    return at_bound(run, name, 1, out, err);
}

enum cf_code cf_cvm_resolve_least(struct cf_case_run *run, const char *names, cJSON **out,
                                  struct cf_err *err)
{
    return resolve_each(run, names, resolve_least, out, err);
}

enum cf_code cf_cvm_resolve_most(struct cf_case_run *run, const char *names, cJSON **out,
                                 struct cf_err *err)
{
    return resolve_each(run, names, resolve_most, out, err);
}

/* ---- values that mean nothing elsewhere ---- */

static enum cf_code resolve_falsy(struct cf_case_run *run, const char *name, cJSON **out,
                                  struct cf_err *err)
{
    const struct cf_cvm_field *field = &cf_cvm_fields[cf_cvm_field_index(name)];
    cJSON *value;
    if (field->kind == CF_CVM_FIELD_INTEGER)
        return at_bound(run, name, -1, out, err);
    if (field->needs_values && !cf_profile_values(run->profile, name))
        return cf_err_set(err, CF_ENOTFOUND, "the profile has no pixit.values.%s", name);
    switch (field->kind) {
    case CF_CVM_FIELD_BOOLEAN:
        return give(cJSON_CreateFalse(), out);
    case CF_CVM_FIELD_NAMES:
        return give(cJSON_CreateArray(), out);
    case CF_CVM_FIELD_GPUS:
        value = cJSON_CreateObject();
        cJSON_AddItemToObject(value, "gpus", cJSON_CreateArray());
        return give(value, out);
    default:
        return give(cJSON_CreateString(""), out);
    }
}

enum cf_code cf_cvm_resolve_falsy(struct cf_case_run *run, const char *names, cJSON **out,
                                  struct cf_err *err)
{
    return resolve_each(run, names, resolve_falsy, out, err);
}

/* ---- words that are something else where a text is read once more ---- */

static enum cf_code give_word(const char *name, const char *word, cJSON **out, struct cf_err *err)
{
    enum cf_cvm_field_kind kind = cf_cvm_fields[cf_cvm_field_index(name)].kind;
    if (kind != CF_CVM_FIELD_TEXT && kind != CF_CVM_FIELD_CONFIG)
        return cf_err_set(err, CF_EINPUT, "%s is not a text", name);
    return give(cJSON_CreateString(word), out);
}

#define DEFINE_WORD(NAME, WORD)                                                                    \
    static enum cf_code give_##NAME(struct cf_case_run *run, const char *name, cJSON **out,        \
                                    struct cf_err *err)                                            \
    {                                                                                              \
        (void)run;                                                                                 \
        return give_word(name, WORD, out, err);                                                    \
    }                                                                                              \
    enum cf_code cf_cvm_resolve_##NAME(struct cf_case_run *run, const char *names, cJSON **out,    \
                                       struct cf_err *err)                                         \
    {                                                                                              \
        return resolve_each(run, names, give_##NAME, out, err);                                    \
    }
CF_CVM_WORDS(DEFINE_WORD)
#undef DEFINE_WORD
