#include "cli/certify/verification.h"
#include "cli/certify/bundle.h"
#include "harness/base/file.h"
#include "harness/run/language.h"
#include "suites/suites.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void cf_verification_find(struct cf_verification *v, const char *fmt, ...)
{
    struct cf_err clean = {0};
    char text[CF_ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (v->findings++ >= CF_FINDINGS_SHOWN_MAX)
        return;
    cf_err_set(&clean, CF_OK, "%s", text);
    fprintf(stderr, "refused: %s\n", clean.text);
}

bool cf_verification_read(struct cf_verification *v, const char *file, struct cf_buf *out)
{
    struct cf_err err = {0};
    char *path = cf_path_in(v->folder, file);
    enum cf_code code = cf_file_read(path, out, &err);
    free(path);
    if (code != CF_OK)
        cf_verification_find(v, "%s", err.text);
    return code == CF_OK;
}

/* ---- loading what the bundle holds ---- */

static void find_problem(void *context, const char *text)
{
    cf_verification_find(context, "%s", text);
}

static bool load_cases(struct cf_verification *v)
{
    struct cf_err err = {0};
    char *path = cf_path_in(v->folder, CF_BUNDLE_CASES);
    const struct cf_catalogue_language language = cf_engine_language(v->engine, v->forms);
    enum cf_code code =
        cf_catalogue_load(&v->catalogue, path, NULL, 0, &language, find_problem, v, &err);
    free(path);
    if (code != CF_OK)
        cf_verification_find(v, "the case files cannot be read: %s", err.text);
    return code == CF_OK;
}

static bool load_profile(struct cf_verification *v)
{
    struct cf_err err = {0};
    struct cf_buf text;
    cf_buf_init(&text, CF_PROFILE_PUBLIC_MAX_BYTES);
    bool good = cf_verification_read(v, CF_BUNDLE_PROFILE, &text);
    if (good) {
        v->has_profile = cf_profile_parse_sealed(&v->profile, CF_BUNDLE_PROFILE, cf_buf_text(&text),
                                                 text.len, v->engine->vocabulary, &err) == CF_OK;
        if (!v->has_profile)
            cf_verification_find(v, "%s", err.text);
    }
    cf_buf_release(&text);
    return good && v->has_profile;
}

static bool load_results(struct cf_verification *v)
{
    struct cf_err err = {0};
    char *path = cf_path_in(v->folder, CF_BUNDLE_RESULTS);
    enum cf_code code = cf_results_open(&v->results, path, &err);
    free(path);
    if (code != CF_OK)
        cf_verification_find(v, "%s", err.text);
    return code == CF_OK;
}

bool cf_verification_load(struct cf_verification *v)
{
    v->engine = cf_cvm_engine();
    v->forms = cf_engine_forms(v->engine);
    bool cases = load_cases(v);
    bool profile = load_profile(v);
    return load_results(v) && cases && profile;
}

void cf_verification_release(struct cf_verification *v)
{
    cf_answerers_release(&v->answerers);
    cf_plan_release(&v->plan);
    cf_results_close(v->results);
    if (v->has_profile)
        cf_profile_release(&v->profile);
    cf_catalogue_release(&v->catalogue);
    free(v->forms);
}
