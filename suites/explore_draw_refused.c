/* Drawing requests that have to be refused. */
#include "suites/explore_drawing.h"

static cJSON *add_fault(cJSON *command, const char *kind, const char *text)
{
    cJSON *fault = cJSON_AddObjectToObject(command, "fault");
    cJSON_AddStringToObject(fault, "kind", kind);
    if (text)
        cJSON_AddStringToObject(fault, "text", text);
    return fault;
}

/* Each wrong value with the same chance: some fields have many more than others. */
static int draw_fault_field(struct cf_cvm_drawing *d, enum cf_cvm_draw_which which)
{
    uint32_t all = 0;
    for (int i = 0; i < CF_CVM_FIELD_COUNT; i++)
        all += cf_cvm_drawing_wants(i, which) ? cf_cvm_explore_fault_count(i) : 0;
    uint32_t left = cf_cvm_drawing_below(d, all);
    int field = 0;
    for (;; field++) {
        uint32_t count = cf_cvm_drawing_wants(field, which) ? cf_cvm_explore_fault_count(field) : 0;
        if (left < count)
            return field;
        left -= count;
    }
}

static void draw_value_fault(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *command = cf_cvm_drawing_add(d, "refused", cvm);
    bool hashed = d->owned[cvm] && cf_cvm_drawing_chance(d, 30);
    cJSON *set =
        cf_cvm_drawing_fields(d, hashed ? CF_CVM_DRAW_ANY : cf_cvm_drawing_free(d, cvm), 20);
    int field = draw_fault_field(d, cf_cvm_drawing_free(d, cvm));
    cJSON_DeleteItemFromObjectCaseSensitive(set, cf_cvm_fields[field].name);
    cJSON_AddItemToObject(command, "set", set);
    cJSON *fault = add_fault(command, "value", NULL);
    if (hashed)
        cJSON_AddTrueToObject(fault, "hashed");
    if (cf_cvm_drawing_chance(d, 12))
        cJSON_AddTrueToObject(fault, "shape");
    cJSON_AddStringToObject(fault, "field", cf_cvm_fields[field].name);
    cJSON_AddItemToObject(fault, "value", cf_cvm_explore_fault(&d->random, field));
}

static void draw_body_fault(struct cf_cvm_drawing *d, int cvm)
{
    static const char *const bodies[] = {"null",
                                         "5",
                                         "\"user_config\"",
                                         "[1]",
                                         "this is not JSON",
                                         "{\"user_config\": \"half",
                                         "[\"text\"]",
                                         "",
                                         ""};
    add_fault(cf_cvm_drawing_add(d, "refused", cvm), "body",
              bodies[cf_cvm_drawing_below(d, sizeof(bodies) / sizeof(bodies[0]))]);
}

static void draw_caller_fault(struct cf_cvm_drawing *d, int cvm)
{
    static const char *const kinds[] = {
        "none",      "empty",        "wrong", "truncated", "extended", "bearer", "blank-inside",
        "other-end", "small-bearer", "basic", "null-word", "two",      "scheme"};
    cJSON *command = cf_cvm_drawing_add(d, "refused", cvm);
    bool script = cf_cvm_drawing_chance(d, 25);
    cJSON *set =
        script ? cJSON_CreateObject() : cf_cvm_drawing_fields(d, cf_cvm_drawing_free(d, cvm), 20);
    if (script)
        cf_cvm_drawing_put(d, set, cf_cvm_field_index("pre_launch_script"), false);
    cJSON_AddItemToObject(command, "set", set);
    if (script)
        cJSON_AddTrueToObject(command, "script");
    add_fault(command, "credentials",
              kinds[cf_cvm_drawing_below(d, sizeof(kinds) / sizeof(kinds[0]))]);
}

/* An id that is nearly right. */
static void draw_near_miss(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *command = cf_cvm_drawing_add(d, "refused", cvm);
    cJSON_AddItemToObject(command, "set",
                          cf_cvm_drawing_fields(d, cf_cvm_drawing_free(d, cvm), 20));
    static const char *const ids[] = {"shortened", "beheaded", "extended", "blank-behind"};
    add_fault(command, "id", ids[cf_cvm_drawing_below(d, sizeof(ids) / sizeof(ids[0]))]);
}

static void draw_target_fault(struct cf_cvm_drawing *d, int cvm)
{
    static const struct {
        const char *kind, *pics;
    } targets[] = {
        {"unknown", NULL}, {"unknown", NULL}, {"foreign", NULL}, {"gpu_rental", "gpu_rental"}};
    if (cf_cvm_drawing_chance(d, 50)) {
        draw_near_miss(d, cvm);
        return;
    }
    size_t which = cf_cvm_drawing_below(d, sizeof(targets) / sizeof(targets[0]));
    if (cf_profile_fixture_count(d->profile, targets[which].kind) == 0 ||
        (targets[which].pics && !cf_profile_claims(d->profile, targets[which].pics)))
        return;
    cJSON *command = cf_cvm_drawing_add(d, "refused", cvm);
    cJSON *set = cJSON_AddObjectToObject(command, "set");
    bool script = !targets[which].pics && cf_cvm_drawing_chance(d, 50);
    cf_cvm_drawing_put(d, set, cf_cvm_field_index(script ? "pre_launch_script" : "user_config"),
                       false);
    if (script)
        cJSON_AddTrueToObject(command, "script");
    add_fault(command, "target", targets[which].kind);
}

static void draw_script_fault(struct cf_cvm_drawing *d, int cvm)
{
    cJSON *command = cf_cvm_drawing_add(d, "refused", cvm);
    cJSON_AddTrueToObject(command, "script");
    static const char *const types[] = {"application/json", "application/xml", ""};
    add_fault(command, "script", types[cf_cvm_drawing_below(d, 3)]);
}

void cf_cvm_draw_refused(struct cf_cvm_drawing *d, int cvm)
{
    uint32_t kind = cf_cvm_drawing_below(d, 100);
    d->careful = true;
    if (kind < 51)
        draw_value_fault(d, cvm);
    else if (kind < 63)
        draw_body_fault(d, cvm);
    else if (kind < 81)
        draw_caller_fault(d, cvm);
    else if (kind < 92)
        draw_target_fault(d, cvm);
    else
        draw_script_fault(d, cvm);
    d->careful = false;
}
