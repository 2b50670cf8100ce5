#include "suites/explore_drawing.h"

#include <string.h>

enum { SAME_TRIES = 4 };

const char *const cf_cvm_drawing_roles[CF_CVM_MODEL_CVMS] = {"cvm", "other"};

bool cf_cvm_drawing_chance(struct cf_cvm_drawing *d, uint32_t percent)
{
    return cf_cvm_explore_chance(&d->random, percent);
}

uint32_t cf_cvm_drawing_below(struct cf_cvm_drawing *d, uint32_t limit)
{
    return cf_random_below(&d->random, limit);
}

cJSON *cf_cvm_drawing_add(struct cf_cvm_drawing *d, const char *what, int cvm)
{
    cJSON *command = cJSON_CreateObject();
    d->at = cvm;
    cJSON_AddStringToObject(command, "do", what);
    cJSON_AddStringToObject(command, "cvm", cf_cvm_drawing_roles[cvm]);
    cJSON_AddItemToArray(d->commands, command);
    return command;
}

enum cf_cvm_draw_which cf_cvm_drawing_free(const struct cf_cvm_drawing *d, int cvm)
{
    return d->owned[cvm] ? CF_CVM_DRAW_NOT_HASHED : CF_CVM_DRAW_ANY;
}

bool cf_cvm_drawing_wants(int field, enum cf_cvm_draw_which which)
{
    const struct cf_cvm_field *f = &cf_cvm_fields[field];
    bool file =
        strcmp(f->name, "docker_compose_file") == 0 || strcmp(f->name, "pre_launch_script") == 0;
    return which == CF_CVM_DRAW_ANY || (which == CF_CVM_DRAW_FILES ? file : !f->affects_hash);
}

void cf_cvm_drawing_note(struct cf_cvm_drawing *d, int cvm, const cJSON *set)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, set)
    {
        int field = cf_cvm_field_index(value->string);
        if (field >= 0)
            d->now[cvm][field] = value;
    }
}

static cJSON *draw_value(struct cf_cvm_drawing *d, int field, bool falsy)
{
    enum cf_cvm_field_kind kind = cf_cvm_fields[field].kind;
    bool number = kind == CF_CVM_FIELD_BOOLEAN || kind == CF_CVM_FIELD_INTEGER;
    return falsy && (number || !d->careful)
               ? cf_cvm_explore_falsy(&d->random, d->profile, field)
               : cf_cvm_explore_value(&d->random, d->profile, field, d->careful);
}

void cf_cvm_drawing_put(struct cf_cvm_drawing *d, cJSON *set, int field, bool falsy)
{
    const char *name = cf_cvm_fields[field].name;
    const cJSON *now = d->now[d->at][field];
    cJSON *value = draw_value(d, field, falsy);
    for (int tries = 0; tries < SAME_TRIES && now && value && cf_json_equal(now, value) &&
                        cf_cvm_drawing_chance(d, 80);
         tries++) {
        cJSON_Delete(value);
        value = draw_value(d, field, false);
    }
    if (!value || cf_json_get(set, name))
        cJSON_Delete(value);
    else
        cJSON_AddItemToObject(set, name, value);
}

/* What goes wrong between two fields, or two updates, wants the same few again and again. */
int cf_cvm_drawing_field(struct cf_cvm_drawing *d)
{
    return cf_cvm_drawing_chance(d, 60)
               ? d->favourites[cf_cvm_drawing_below(d, CF_CVM_DRAWING_FAVOURITES)]
               : (int)cf_cvm_drawing_below(d, CF_CVM_FIELD_COUNT);
}

/* Each field with the same chance: what goes wrong with two of them, and without a third one. */
void cf_cvm_drawing_put_part(struct cf_cvm_drawing *d, cJSON *set, enum cf_cvm_draw_which which,
                             uint32_t falsy_percent)
{
    static const uint32_t parts[] = {30, 50};
    uint32_t part = parts[cf_cvm_drawing_below(d, 2)];
    for (int field = 0; field < CF_CVM_FIELD_COUNT; field++) {
        if (cf_cvm_drawing_wants(field, which) && cf_cvm_drawing_chance(d, part))
            cf_cvm_drawing_put(d, set, field, cf_cvm_drawing_chance(d, falsy_percent));
    }
}

/* Some fields: mostly few, often a part of them, now and then nearly all. */
cJSON *cf_cvm_drawing_fields(struct cf_cvm_drawing *d, enum cf_cvm_draw_which which,
                             uint32_t falsy_percent)
{
    cJSON *set = cJSON_CreateObject();
    uint32_t count = cf_cvm_drawing_chance(d, 6)
                         ? CF_CVM_FIELD_COUNT
                         : 1 + cf_cvm_drawing_below(d, cf_cvm_drawing_chance(d, 50) ? 2 : 5);
    if (cf_cvm_drawing_chance(d, 50)) {
        cf_cvm_drawing_put_part(d, set, which, falsy_percent);
        count = 1;
    }
    for (int tries = 0; tries < 60 && cJSON_GetArraySize(set) < (int)count; tries++) {
        int field = cf_cvm_drawing_field(d);
        if (cf_cvm_drawing_wants(field, which))
            cf_cvm_drawing_put(d, set, field, cf_cvm_drawing_chance(d, falsy_percent));
    }
    if (!set->child)
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("user_config"), false);
    return set;
}
