/* cvm-conformance verify */
#include "cli/certify/files.h"
#include "cli/certify/verify.h"
#include "cli/cli.h"
#include "cli/target.h"
#include "harness/base/file.h"
#include "suites/suites.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct cf_command command = {
    "verify", "BUNDLE [--key PUB]", "Check a certificate, offline.",
    "BUNDLE is a certificate folder as run --certify writes it. Its files are held against their\n"
    "sums, its signature against the key, and every verdict is reached again from the transcripts\n"
    "with the case files that it holds. Exit codes: 0 a certificate that stands, 1 refused (each\n"
    "reason is told), or genuine but FAILED, 2 wrong usage.",
    cf_command_verify};

static const struct cf_option templates[] = {
    {.name = "key", .arg = "FILE", .help = "public key that must have signed it (Ed25519, PEM)"},
    {.name = "quiet", .help = "only refusals, and the last line"},
    {0}};

enum { PROFILE_MAX_BYTES = 4 << 20 };

void cf_verification_find(struct cf_verification *v, const char *fmt, ...)
{
    struct cf_err clean = {0};
    char text[CF_ERR_TEXT_MAX];
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (v->findings++ >= CF_FINDINGS_SHOWN_MAX)
        return;
    (void)cf_err_set(&clean, CF_OK, "%s", text);
    (void)fprintf(stderr, "refused: %s\n", clean.text);
}

/* ---- loading what the bundle holds ---- */

static void find_problem(void *context, const char *text)
{
    cf_verification_find(context, "%s", text);
}

static bool load_cases(struct cf_verification *v)
{
    struct cf_err err = {0};
    char path[CF_PATH_BYTES];
    const struct cf_catalogue_language language = {v->engine->vocabulary, v->forms,
                                                   v->engine->generators};
    if (cf_path_join(path, v->folder, CF_BUNDLE_CASES) &&
        cf_catalogue_load(&v->catalogue, path, NULL, 0, &language, find_problem, v, &err) == CF_OK)
        return true;
    cf_verification_find(v, "the case files cannot be read: %s", err.text);
    return false;
}

static bool load_profile(struct cf_verification *v)
{
    struct cf_err err = {0};
    struct cf_buf text;
    cf_buf_init(&text, PROFILE_MAX_BYTES);
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
    char path[CF_PATH_BYTES];
    if (cf_path_join(path, v->folder, CF_BUNDLE_RESULTS) &&
        cf_results_open(&v->results, path, &err) == CF_OK)
        return true;
    cf_verification_find(v, "%s", err.text);
    return false;
}

static bool load(struct cf_verification *v)
{
    v->engine = cf_suites_engine();
    v->forms = cf_engine_forms(v->engine);
    if (!v->forms) {
        cf_verification_find(v, "out of memory");
        return false;
    }
    bool cases = load_cases(v);
    bool profile = load_profile(v);
    return load_results(v) && cases && profile;
}

static void release(struct cf_verification *v)
{
    cf_plan_release(&v->plan);
    cf_results_close(v->results);
    if (v->has_profile)
        cf_profile_release(&v->profile);
    cf_catalogue_release(&v->catalogue);
    free(v->forms);
}

/* ---- the head ---- */

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* What a version of the suite says can only be said again by that version, with its own case files:
 * otherwise checks could have been taken out. */
static void check_suite(struct cf_verification *v)
{
    struct cf_target own = {0};
    const char *version = cf_results_info(v->results)->suite_version;
    if (!same(version, CF_VERSION)) {
        cf_verification_find(v,
                             "it was made by version %s of the suite, and has to be checked by "
                             "it; this is %s",
                             version ? version : "?", CF_VERSION);
        return;
    }
    if (!cf_target_load_cases(&own, NULL))
        cf_verification_find(v, "the case files of this program cannot be read");
    else if (strcmp(own.catalogue.sha256, v->catalogue.sha256) != 0)
        cf_verification_find(v, "its case files are not those of cvm-conformance %s", CF_VERSION);
    cf_target_release(&own);
}

static bool same_json(const char *recorded, const cJSON *node)
{
    struct cf_buf text;
    cf_buf_init(&text, PROFILE_MAX_BYTES);
    cf_json_print(&text, node);
    bool good = cf_report_same_json(recorded, cf_buf_text(&text));
    cf_buf_release(&text);
    return good;
}

static void check_head(struct cf_verification *v)
{
    const struct cf_run_info *info = cf_results_info(v->results);
    const char *refusal = cf_certified_refusal(&v->profile);
    if (!info->complete)
        cf_verification_find(v, "%s: the run was cut short", CF_BUNDLE_RESULTS);
    if (info->shard_count != 1)
        cf_verification_find(v, "%s: it is one shard of %d", CF_BUNDLE_RESULTS, info->shard_count);
    if (info->repeat < CF_CERTIFIED_REPEAT_MIN)
        cf_verification_find(v, "%s: %d repetitions; a certificate wants at least %d",
                             CF_BUNDLE_RESULTS, info->repeat, CF_CERTIFIED_REPEAT_MIN);
    if (!info->selection || *info->selection)
        cf_verification_find(v, "%s: only a part of the cases was selected", CF_BUNDLE_RESULTS);
    if (!same(info->catalogue_sha256, v->catalogue.sha256))
        cf_verification_find(v, "%s speaks of other case files than the bundle's",
                             CF_BUNDLE_RESULTS);
    if (!same(info->profile_sha256, v->profile.sha256) || !same_json(info->iut, v->profile.iut) ||
        !same_json(info->pics, v->profile.pics))
        cf_verification_find(v, "%s speaks of another profile than the bundle's",
                             CF_BUNDLE_RESULTS);
    if (refusal)
        cf_verification_find(v, "%s: %s", CF_BUNDLE_PROFILE, refusal);
}

static bool make_plan(struct cf_verification *v)
{
    struct cf_err err = {0};
    const struct cf_run_info *info = cf_results_info(v->results);
    const struct cf_filter filter = {.level = CF_OBSERVE,
                                     .shuffle = true,
                                     .seed = info->seed,
                                     .repeat = info->repeat < 1000 ? info->repeat : 1000,
                                     .shard = 1,
                                     .shards = 1};
    if (cf_plan_make(&v->plan, &v->catalogue, &v->profile, &filter, &err) != CF_OK) {
        cf_verification_find(v, "%s", err.text);
        return false;
    }
    if (!same(info->plan_sha256, v->plan.sha256))
        cf_verification_find(v, "%s speaks of another plan than case files and profile make",
                             CF_BUNDLE_RESULTS);
    return true;
}

/* ---- the whole ---- */

static void tell_good(const struct cf_verification *v)
{
    const struct cf_run_info *info = cf_results_info(v->results);
    (void)printf("%zu files are as %s says\n", v->files, CF_BUNDLE_SUMS);
    if (v->is_signed && v->key)
        (void)printf("the signature is that of the key\n");
    else
        (void)printf(v->is_signed ? "the signature was not checked: no --key was given\n"
                                  : "it is not signed: who made it is not proven\n");
    (void)printf("%zu verdicts reached again from the transcripts, %zu from the profile, all the "
                 "same (seed %llu, %d repetitions)\n",
                 v->judged, v->planned_out, info->seed, info->repeat);
    for (int level = CF_MUST; level <= CF_OBSERVE; level++) {
        struct cf_buf line;
        cf_buf_init(&line, 1 << 20);
        cf_report_put_level(&line, cf_results_summary(v->results), (enum cf_level)level);
        (void)printf("%s\n", cf_buf_text(&line));
        cf_buf_release(&line);
    }
}

static int conclude(const struct cf_verification *v, enum cf_certified result, bool quiet)
{
    if (v->findings > CF_FINDINGS_SHOWN_MAX)
        (void)fprintf(stderr, "refused: and %zu more\n", v->findings - CF_FINDINGS_SHOWN_MAX);
    if (v->findings > 0) {
        (void)printf("%s: refused, for %zu reason%s\n", v->folder, v->findings,
                     v->findings > 1 ? "s" : "");
        return CF_EXIT_FAILED;
    }
    if (!quiet)
        tell_good(v);
    (void)printf("%s: genuine, %s\n", v->folder, cf_certified_name(result));
    return result == CF_CERTIFIED_FAILED ? CF_EXIT_FAILED : CF_EXIT_OK;
}

static void verify_content(struct cf_verification *v, enum cf_certified *out_result)
{
    cf_verify_signature(v);
    if (load(v)) {
        check_head(v);
        check_suite(v);
        cf_verify_lines(v);
        if (make_plan(v)) {
            cf_verify_cases(v);
            cf_verify_reports(v, out_result);
        }
    }
}

static int verify(struct cf_verification *v, bool quiet)
{
    enum cf_certified result = CF_CERTIFIED_FAILED;
    if (cf_verify_sums(v))
        verify_content(v, &result);
    int status = conclude(v, result, quiet);
    release(v);
    return status;
}

int cf_command_verify(int argc, char **argv)
{
    struct cf_option options[sizeof(templates) / sizeof(templates[0])];
    struct cf_err err = {0};
    struct cf_key *key = NULL;
    int first;
    int status;
    memcpy(options, templates, sizeof(templates));
    if (!cf_options_parse(&command, options, argc, argv, &first, &status))
        return status;
    if (argc - first != 1)
        return cf_complain("verify wants one certificate folder; see cvm-conformance verify "
                           "--help");
    const char *path = cf_option_text(options, "key", NULL);
    if (path && cf_key_read_public(&key, path, &err) != CF_OK)
        return cf_complain("%s", err.text);
    if (!cf_folder_exists(argv[first])) {
        cf_key_free(key);
        return cf_complain("%s is no folder", argv[first]);
    }
    struct cf_verification v = {.folder = argv[first], .key = key};
    status = verify(&v, cf_option_given(options, "quiet"));
    cf_key_free(key);
    return status;
}
