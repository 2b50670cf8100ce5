/* Smaller sequences: what is left when a command, a field or a part of a text is left out. */
#include "suites/explore.h"
#include "suites/explore_values.h"
#include "suites/fields.h"

#include <stdlib.h>
#include <string.h>

enum { CHARACTERS_MAX = 24 }; /* of a text of which single characters are left out */

static cJSON *commands_of(const cJSON *sequence)
{
    return cf_json_get(sequence, "commands");
}

cJSON *cf_cvm_explore_until(const cJSON *sequence, int command)
{
    cJSON *copy = cJSON_Duplicate(sequence, 1);
    while (cJSON_GetArraySize(commands_of(copy)) > command + 1)
        cJSON_DeleteItemFromArray(commands_of(copy), command + 1);
    return copy;
}

static bool does(const cJSON *command, const char *what)
{
    return strcmp(cf_json_text(command, "do", ""), what) == 0;
}

static cJSON *new_command(const char *what, const char *role)
{
    cJSON *command = cJSON_CreateObject();
    cJSON_AddStringToObject(command, "do", what);
    cJSON_AddStringToObject(command, "cvm", role);
    return command;
}

/* All fields that are part of the compose hash, those that are not, or both. */
static cJSON *whole_update(struct cf_random *random, const struct cf_profile *profile,
                           const char *role, bool hashed, bool others)
{
    cJSON *command = new_command("update", role);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++) {
        const struct cf_cvm_field *field = &cf_cvm_fields[i];
        bool wanted = field->affects_hash ? hashed : others;
        cJSON *value = wanted ? cf_cvm_explore_value(random, profile, i, true) : NULL;
        if (value)
            cJSON_AddItemToObject(set, field->name, value);
    }
    return command;
}

/* In one phase what may be set so, and in two the rest. */
static void prepare_owned(cJSON *commands, struct cf_random *random,
                          const struct cf_profile *profile, const char *role)
{
    static const char name[] = "hash0";
    if (strcmp(role, "cvm") == 0 && cf_profile_hook(profile, "register-compose-hash")) {
        cJSON *first = whole_update(random, profile, role, true, false);
        cJSON *second = new_command("finish", role);
        cJSON_AddStringToObject(first, "as", name);
        cJSON_AddStringToObject(second, "of", name);
        cJSON_AddStringToObject(second, "proof", "right");
        cJSON_InsertItemInArray(commands, 0, second);
        cJSON_InsertItemInArray(commands, 0, first);
    }
    cJSON_InsertItemInArray(commands, 0, whole_update(random, profile, role, false, true));
}

cJSON *cf_cvm_explore_prepared(const cJSON *sequence, const struct cf_profile *profile,
                               const char *name)
{
    struct cf_random random;
    cJSON *copy = cJSON_Duplicate(sequence, 1);
    const cJSON *cvm;
    cf_random_init(&random, name);
    cJSON_ArrayForEach(cvm, cf_json_get(sequence, "cvms"))
    {
        if (strcmp(cvm->valuestring, "contract_owned") == 0)
            prepare_owned(commands_of(copy), &random, profile, cvm->string);
        else
            cJSON_InsertItemInArray(commands_of(copy), 0,
                                    whole_update(&random, profile, cvm->string, true, true));
    }
    cf_cvm_explore_fit(copy, profile);
    return copy;
}

/* ---- commands ---- */

static void without_commands(cJSON *all, const cJSON *sequence, int chunk)
{
    int count = cJSON_GetArraySize(commands_of(sequence));
    for (int from = 0; from < count; from += chunk) {
        cJSON *copy = cJSON_Duplicate(sequence, 1);
        for (int i = 0; i < chunk && from < cJSON_GetArraySize(commands_of(copy)); i++)
            cJSON_DeleteItemFromArray(commands_of(copy), from);
        if (commands_of(copy)->child)
            cJSON_AddItemToArray(all, copy);
        else
            cJSON_Delete(copy);
    }
}

/* ---- CVMs ---- */

static bool uses(const cJSON *sequence, const char *role)
{
    const cJSON *command;
    cJSON_ArrayForEach(command, commands_of(sequence))
    {
        if (strcmp(cf_json_text(command, "cvm", ""), role) == 0 || does(command, "beside"))
            return true;
    }
    return false;
}

/* One that nothing is sent to may be left out; the one that is left is the main one. */
static void without_a_cvm(cJSON *all, const cJSON *sequence)
{
    const cJSON *cvms = cf_json_get(sequence, "cvms");
    bool main_used = uses(sequence, "cvm");
    if (!cf_json_get(cvms, "other") || (main_used && uses(sequence, "other")))
        return;
    cJSON *copy = cJSON_Duplicate(sequence, 1);
    cJSON *left = cf_json_get(copy, "cvms");
    cJSON *kind = cJSON_CreateString(cf_json_text(cvms, main_used ? "cvm" : "other", ""));
    cJSON_DeleteItemFromObjectCaseSensitive(left, "other");
    cJSON_ReplaceItemInObjectCaseSensitive(left, "cvm", kind);
    cJSON *command;
    cJSON_ArrayForEach(command, commands_of(copy))
        cJSON_SetValuestring(cf_json_get(command, "cvm"), "cvm");
    cJSON_AddItemToArray(all, copy);
}

static void without_ids(cJSON *all, const cJSON *sequence)
{
    if (!cf_json_get(sequence, "ids"))
        return;
    cJSON *copy = cJSON_Duplicate(sequence, 1);
    cJSON_DeleteItemFromObjectCaseSensitive(copy, "ids");
    cJSON_AddItemToArray(all, copy);
}

/* ---- what a command has beside its fields ---- */

/* An update alone instead of one and what came during it, or beside it. */
static void make_alone(cJSON *command)
{
    bool script = cf_json_get(command, "upload") != NULL;
    static const char *const others[] = {"then", "between", "again", "upload", "script"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        cJSON_DeleteItemFromObjectCaseSensitive(command, others[i]);
    cJSON_SetValuestring(cf_json_get(command, "do"), "update");
    if (script)
        cJSON_AddTrueToObject(command, "script");
}

/* One phase 2 instead of several with the same proof. */
static void make_single(cJSON *command)
{
    cJSON_DeleteItemFromObjectCaseSensitive(command, "count");
}

static void with_one_request(cJSON *all, const cJSON *sequence)
{
    int count = cJSON_GetArraySize(commands_of(sequence));
    for (int i = 0; i < count; i++) {
        const cJSON *command = cJSON_GetArrayItem(commands_of(sequence), i);
        bool several = does(command, "during") || does(command, "beside");
        if (!several && !(does(command, "finish") && cf_json_get(command, "count")))
            continue;
        cJSON *copy = cJSON_Duplicate(sequence, 1);
        cJSON *one = cJSON_GetArrayItem(commands_of(copy), i);
        if (several)
            make_alone(one);
        else
            make_single(one);
        cJSON_AddItemToArray(all, copy);
    }
}

/* The same without being prepared only, without the request in between or the one once more, of two
 * contenders. */
static void with_plainer_commands(cJSON *all, const cJSON *sequence)
{
    static const char *const flags[] = {"prepare", "between", "again"};
    int count = cJSON_GetArraySize(commands_of(sequence));
    for (int i = 0; i < count; i++) {
        const cJSON *command = cJSON_GetArrayItem(commands_of(sequence), i);
        for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]); f++) {
            if (!cf_json_get(command, flags[f]))
                continue;
            cJSON *copy = cJSON_Duplicate(sequence, 1);
            cJSON_DeleteItemFromObjectCaseSensitive(cJSON_GetArrayItem(commands_of(copy), i),
                                                    flags[f]);
            cJSON_AddItemToArray(all, copy);
        }
        if (cf_json_number(command, "count", 0) <= 2)
            continue;
        cJSON *copy = cJSON_Duplicate(sequence, 1);
        cJSON_ReplaceItemInObjectCaseSensitive(cJSON_GetArrayItem(commands_of(copy), i), "count",
                                               cf_json_new_integer(2));
        cJSON_AddItemToArray(all, copy);
    }
}

/* ---- fields and values ---- */

/* The fields that a command names, in "set" or "then", of a copy of the sequence. */
static cJSON *fields_in(cJSON *copy, int command, const char *member)
{
    return cf_json_get(cJSON_GetArrayItem(commands_of(copy), command), member);
}

static void add_without_field(cJSON *all, const cJSON *sequence, int command, const char *member,
                              const char *field)
{
    cJSON *copy = cJSON_Duplicate(sequence, 1);
    cJSON_DeleteItemFromObjectCaseSensitive(fields_in(copy, command, member), field);
    cJSON_AddItemToArray(all, copy);
}

static void add_with_value(cJSON *all, const cJSON *sequence, int command, const char *member,
                           const char *field, cJSON *value)
{
    cJSON *copy = cJSON_Duplicate(sequence, 1);
    cJSON_ReplaceItemInObjectCaseSensitive(fields_in(copy, command, member), field, value);
    cJSON_AddItemToArray(all, copy);
}

/* Whether at is where a character of UTF-8 begins. */
static bool begins(const char *at)
{
    return ((unsigned char)*at & 0xc0) != 0x80;
}

static void add_without_part(cJSON *all, const cJSON *sequence, int command, const char *member,
                             const cJSON *value, size_t from, size_t to)
{
    const char *text = value->valuestring;
    while (from > 0 && !begins(text + from))
        from--;
    while (!begins(text + to))
        to++;
    struct cf_buf shorter = {0};
    cf_buf_append(&shorter, text, from);
    cf_buf_puts(&shorter, text + to);
    add_with_value(all, sequence, command, member, value->string,
                   cJSON_CreateString(cf_buf_text(&shorter)));
    cf_buf_release(&shorter);
}

/* Halves, quarters and so on; single characters where the text is short. A compose file stays what
 * it is, since a server may read it. */
static void add_shorter(cJSON *all, const cJSON *sequence, int command, const char *member,
                        const cJSON *value)
{
    size_t len = strlen(value->valuestring);
    size_t least = len > CHARACTERS_MAX ? len / 8 + 1 : 1;
    bool read = strcmp(value->string, "docker_compose_file") == 0;
    for (size_t part = len / 2; part >= least && part > 0 && !read; part /= 2) {
        for (size_t from = 0; from + part <= len; from += part)
            add_without_part(all, sequence, command, member, value, from, from + part);
    }
}

static void add_simpler(cJSON *all, const cJSON *sequence, int command, const char *member,
                        const cJSON *value)
{
    int field = cf_cvm_field_index(value->string);
    if (field >= 0 && cf_cvm_fields[field].needs_values)
        return; /* legal as it is listed */
    cJSON *plain = field < 0 ? NULL : cf_cvm_explore_plainest(field, value);
    bool is_plain = plain && strcmp(plain->valuestring, value->valuestring) == 0;
    if (plain && !is_plain)
        add_with_value(all, sequence, command, member, value->string, plain);
    else
        cJSON_Delete(plain);
    if (cJSON_IsString(value) && !is_plain)
        add_shorter(all, sequence, command, member, value);
    for (int i = 0; cJSON_IsArray(value) && i < cJSON_GetArraySize(value); i++) {
        cJSON *copy = cJSON_Duplicate(value, 1);
        cJSON_DeleteItemFromArray(copy, i);
        add_with_value(all, sequence, command, member, value->string, copy);
    }
}

typedef void each_fn(cJSON *all, const cJSON *sequence, int command, const char *member,
                     const cJSON *value);

static void without_field(cJSON *all, const cJSON *sequence, int command, const char *member,
                          const cJSON *value)
{
    add_without_field(all, sequence, command, member, value->string);
}

/* The last field is left out where the request has its fault without any. */
static bool may_be_empty(const cJSON *command)
{
    return strcmp(cf_json_text(cf_json_get(command, "fault"), "kind", ""), "value") == 0;
}

static void for_each_value(cJSON *all, const cJSON *sequence, each_fn *add)
{
    static const char *const members[] = {"set", "then"};
    int index = 0;
    const cJSON *command;
    cJSON_ArrayForEach(command, commands_of(sequence))
    {
        for (size_t m = 0; m < sizeof(members) / sizeof(members[0]); m++) {
            const cJSON *fields = cf_json_get(command, members[m]);
            bool one =
                cJSON_GetArraySize(fields) == 1 && add == without_field && !may_be_empty(command);
            const cJSON *value;
            cJSON_ArrayForEach(value, fields)
            {
                if (!one)
                    add(all, sequence, index, members[m], value);
            }
        }
        index++;
    }
}

cJSON *cf_cvm_explore_smaller(const cJSON *sequence)
{
    cJSON *all = cJSON_CreateArray();
    int count = cJSON_GetArraySize(commands_of(sequence));
    without_ids(all, sequence);
    for (int chunk = count / 2; chunk > 0; chunk /= 2)
        without_commands(all, sequence, chunk);
    without_a_cvm(all, sequence);
    with_one_request(all, sequence);
    with_plainer_commands(all, sequence);
    for_each_value(all, sequence, without_field);
    for_each_value(all, sequence, add_simpler);
    return all;
}
