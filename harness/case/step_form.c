#include "harness/case/step_form.h"
#include "harness/case/shape.h"

#include <assert.h>
#include <stdio.h>

/* The first whose word the step has; NULL where there is none. */
static const struct cf_step_form *form_of(const struct cf_step_form *const *forms,
                                          const cJSON *step)
{
    for (; *forms; forms++) {
        if (cf_json_get(step, (*forms)->word))
            return *forms;
    }
    return NULL;
}

static enum cf_code check_members(const struct cf_json_doc *doc, const cJSON *step,
                                  const char *path, const struct cf_step_form *form,
                                  struct cf_err *err)
{
    enum { MEMBERS_MAX = 24 };
    const char *optional[MEMBERS_MAX + 1] = {form->word, "setup", "when", "why"};
    size_t count = 4;
    for (const char *const *name = form->optional; name && *name; name++) {
        assert(count < MEMBERS_MAX);
        optional[count++] = *name;
    }
    return cf_shape_object(doc, step, path, form->required, optional, err);
}

static enum cf_code check_step(const struct cf_json_doc *doc, const cJSON *step, const char *path,
                               const struct cf_step_form *const *forms,
                               const struct cf_engine *engine, const struct cf_step_form **out_form,
                               struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, step, path, "object", err);
    if (code != CF_OK)
        return code;
    const struct cf_step_form *form = form_of(forms, step);
    if (!form)
        return cf_json_fault(doc, step, err, "%s: no step word here (\"%s\"?)", path,
                             step->child ? step->child->string : "");
    *out_form = form;
    code = check_members(doc, step, path, form, err);
    const cJSON *setup = cf_json_get(step, "setup");
    if (code == CF_OK && setup)
        code = cf_shape_type(doc, setup, path, "boolean", err);
    static const char *const times[] = {"alone", "shared", NULL};
    const cJSON *when = cf_json_get(step, "when");
    if (code == CF_OK && when)
        code = cf_shape_choice(doc, when, path, times, err);
    return code == CF_OK ? form->check(engine, doc, step, path, err) : code;
}

enum cf_code cf_steps_check(const struct cf_json_doc *doc, const cJSON *steps, const char *path,
                            const struct cf_step_form *const *forms, const struct cf_engine *engine,
                            const struct cf_step_form *out_of_step[CF_STEPS_MAX],
                            struct cf_err *err)
{
    enum cf_code code = cf_shape_type(doc, steps, path, "array", err);
    if (code != CF_OK)
        return code;
    int count = cJSON_GetArraySize(steps);
    if (count < 1 || count > CF_STEPS_MAX)
        return cf_json_fault(doc, steps, err, "%s: wants 1 to %d steps", path, CF_STEPS_MAX);
    size_t index = 0;
    for (const cJSON *step = steps->child; code == CF_OK && step; step = step->next, index++) {
        char inner[160];
        cf_json_place_of_item(inner, sizeof(inner), path, index);
        code = check_step(doc, step, inner, forms, engine, &out_of_step[index], err);
    }
    return code;
}
