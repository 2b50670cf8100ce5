#include "harness/run/language.h"
#include "harness/base/mem.h"
#include "harness/run/steps.h"

static const struct cf_step_word *const own_words[] = {
    &cf_step_request, &cf_step_hook, &cf_step_part, &cf_step_let, &cf_step_check, &cf_step_note};
enum { OWN_WORDS = sizeof(own_words) / sizeof(own_words[0]) };

static size_t word_count(const struct cf_engine *engine)
{
    size_t count = 0;
    while (engine->words[count])
        count++;
    return count;
}

const struct cf_step_word **cf_engine_words(const struct cf_engine *engine)
{
    size_t theirs = word_count(engine);
    const struct cf_step_word **all = cf_alloc_array(OWN_WORDS + theirs + 1, sizeof(*all));
    for (size_t i = 0; i < OWN_WORDS + theirs; i++)
        all[i] = i < OWN_WORDS ? own_words[i] : engine->words[i - OWN_WORDS];
    return all;
}

const struct cf_step_form **cf_engine_forms(const struct cf_engine *engine)
{
    size_t theirs = word_count(engine);
    const struct cf_step_form **all = cf_alloc_array(OWN_WORDS + theirs + 1, sizeof(*all));
    for (size_t i = 0; i < OWN_WORDS + theirs; i++)
        all[i] = i < OWN_WORDS ? &own_words[i]->form : &engine->words[i - OWN_WORDS]->form;
    return all;
}

struct cf_catalogue_language cf_engine_language(const struct cf_engine *engine,
                                                const struct cf_step_form *const *forms)
{
    return (struct cf_catalogue_language){.engine = engine,
                                          .vocabulary = engine->vocabulary,
                                          .forms = forms,
                                          .generators = engine->generators,
                                          .write_out = engine->write_out,
                                          .value_known = cf_run_value_known};
}

/* ---- running steps ---- */

static const struct cf_step_word *word_of(const struct cf_engine *engine, const cJSON *step)
{
    for (size_t i = 0; i < OWN_WORDS; i++) {
        if (cf_json_get(step, own_words[i]->form.word))
            return own_words[i];
    }
    for (size_t i = 0; engine->words[i]; i++) {
        if (cf_json_get(step, engine->words[i]->form.word))
            return engine->words[i];
    }
    return NULL;
}

bool cf_step_asks(const struct cf_engine *engine, const cJSON *step)
{
    const struct cf_step_word *word = word_of(engine, step);
    bool asks = cf_json_get(step, "expect") || cf_json_get(step, "capture");
    return (asks || (word && word->judges)) && !cf_json_bool(step, "setup", false);
}

void cf_run_step(struct cf_case_run *run, const cJSON *step)
{
    const struct cf_step_word *word = word_of(run->engine, step);
    if (!word) {
        cf_run_error(run, "a step has no known word"); /* the loader lets none through */
        return;
    }
    run->record->checks += word->judges;
    word->run(run, step);
}
