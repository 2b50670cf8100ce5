/* Case files from anywhere: every mistake is told, and every case that loads can be taken apart. */
#include "harness/case/casefile.h"
#include "harness/run/language.h"
#include "suites/suites.h"
#include "tests/fuzz/fuzz.h"

static void count_problem(void *context, const char *text)
{
    PROMISE(text[0] != '\0');
    (*(size_t *)context)++;
}

static const cJSON *no_rows(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct cf_step_form **forms; /* for the life of the process */
    const struct cf_engine *engine = cf_cvm_engine();
    forms = forms ? forms : cf_engine_forms(engine);
    struct cf_catalogue_language language = cf_engine_language(engine, forms);
    size_t problems = 0;
    struct cf_casefile_context context = {.language = &language,
                                          .rows = {engine->generators, no_rows, NULL},
                                          .problem = count_problem,
                                          .problem_context = &problems};
    struct cf_case_list list = {0};
    struct cf_requirement *requirement = NULL;
    struct cf_err err = {0};
    enum cf_code code = cf_casefile_read(&requirement, "s", "r", "cases/s/r.json",
                                         (const char *)data, size, &context, &list, &err);
    PROMISE(code == CF_OK || err.text[0] != '\0');
    PROMISE(problems == context.problem_count);
    PROMISE(code != CF_OK || requirement || problems > 0);
    for (size_t i = 0; i < list.count; i++) {
        PROMISE(list.items[i]->id && list.items[i]->title && list.items[i]->steps);
        cf_case_free(list.items[i]);
    }
    free(list.items);
    cf_requirement_free(requirement);
    return 0;
}
