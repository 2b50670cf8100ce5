#include "harness/case/names.h"
#include "harness/base/name.h"
#include "harness/case/expand.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 4 * CF_STEPS_MAX };

/* Texts borrowed from the case and the forms. */
struct names {
    const char *items[NAMES_MAX + 1]; /* NULL-terminated */
    size_t count;
};

static void add(struct names *names, const char *name)
{
    if (names->count < NAMES_MAX)
        names->items[names->count++] = name;
}

struct check {
    const struct cf_json_doc *doc;
    const char *path;
    const struct cf_engine *engine;
    cf_name_known_fn *known;
    struct names values, readings;
    struct cf_intern *of_case;
    bool told; /* err says where */
};

/* ---- what a step gives ---- */

static void add_members(struct names *names, const cJSON *object)
{
    for (const cJSON *member = object ? object->child : NULL; member; member = member->next)
        add(names, member->string);
}

/* Steps may hold requests that capture. */
static void add_captures(struct names *names, const cJSON *node)
{
    for (const cJSON *child = node->child; child; child = child->next) {
        if (child->string && strcmp(child->string, "capture") == 0)
            add_members(names, child);
        else
            add_captures(names, child);
    }
}

static void take_given(struct check *check, const cJSON *step, const struct cf_step_form *form)
{
    add_captures(&check->values, step);
    add_members(&check->values, cf_json_get(step, "let"));
    if (form->gives_value)
        add(&check->values, form->gives_value);
    const char *reading =
        form->gives_reading ? cf_json_text(step, form->gives_reading, NULL) : NULL;
    if (reading)
        add(&check->readings, reading);
    if (form->leaves_reading)
        add(&check->readings, form->leaves_reading);
}

/* ---- what it uses ---- */

static bool is_put_together(const char *name)
{
    return strstr(name, "${") != NULL;
}

static enum cf_code fault(struct check *check, const cJSON *node, const struct names *given,
                          const char *what, const char *name, struct cf_err *err)
{
    check->told = true;
    const char *near = cf_name_nearest(given->items, name);
    return cf_json_fault(check->doc, node, err, "%s: no step before gives %s \"%s\"%s%s%s",
                         check->path, what, name, near ? "; did you mean \"" : "", near ? near : "",
                         near ? "\"?" : "");
}

/* One that its row or its fixtures give, whatever the steps do. */
static bool is_of_case(const char *name)
{
    return cf_name_begins(name, "row.") ||
           (cf_name_begins(name, "fixture.") && !is_put_together(name));
}

static enum cf_code use_value(void *context, const cJSON *holder, const char *name,
                              struct cf_err *err)
{
    struct check *check = context;
    if (is_of_case(name)) {
        cf_intern_add(check->of_case, name);
        return CF_OK;
    }
    if (is_put_together(name) || check->known(check->engine, name) ||
        cf_name_known(check->values.items, name))
        return CF_OK;
    return fault(check, holder, &check->values, "a value", name, err);
}

static enum cf_code use_reading(struct check *check, const cJSON *step, const char *member,
                                struct cf_err *err)
{
    const cJSON *name = member ? cf_json_get(step, member) : NULL;
    if (!cJSON_IsString(name) || is_put_together(name->valuestring) ||
        cf_name_known(check->readings.items, name->valuestring))
        return CF_OK;
    return fault(check, name, &check->readings, "a reading", name->valuestring, err);
}

static enum cf_code check_step(struct check *check, const cJSON *step,
                               const struct cf_step_form *form, struct cf_err *err)
{
    take_given(check, step, form);
    enum cf_code code = cf_expand_each_reference(step, use_value, check, err);
    if (code == CF_OK)
        return use_reading(check, step, form->uses_reading, err);
    if (check->told)
        return code;
    return cf_json_fault(check->doc, step, err, "%s: %s", check->path,
                         "\"${\" without a name and \"}\"");
}

enum cf_code cf_names_check(const struct cf_json_doc *doc, const cJSON *steps, const char *path,
                            const struct cf_step_form *const *of_step,
                            const struct cf_engine *engine, cf_name_known_fn *known,
                            struct cf_intern *of_case, struct cf_err *err)
{
    struct check check = {.doc = doc, .engine = engine, .known = known, .of_case = of_case};
    enum cf_code code = CF_OK;
    size_t index = 0;
    for (const cJSON *step = steps->child; code == CF_OK && step; step = step->next, index++) {
        char where[160];
        cf_json_place_of_item(where, sizeof(where), path, index);
        check.path = where;
        code = check_step(&check, step, of_step[index], err);
    }
    return code;
}
