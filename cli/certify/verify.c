#include "cli/certify/verify.h"
#include "cli/base/target.h"
#include "cli/certify/verify_cases.h"
#include "cli/certify/verify_files.h"
#include "cli/certify/verify_order.h"
#include "cli/certify/verify_reports.h"
#include "harness/base/clock.h"

#include <string.h>

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
    cf_buf_init(&text, CF_PROFILE_PUBLIC_MAX_BYTES);
    cf_json_print(&text, node);
    bool good = cf_report_same_json(recorded, cf_buf_text(&text));
    cf_buf_release(&text);
    return good;
}

static bool same_names(const struct cf_list *a, const struct cf_list *b)
{
    bool equal = a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++)
        equal = same(a->items[i], b->items[i]);
    return equal;
}

static void check_sight(struct cf_verification *v)
{
    struct cf_list unseen = {0};
    cf_profile_list_out_of_sight(&v->profile, &unseen);
    if (!same_names(&cf_results_info(v->results)->out_of_sight, &unseen))
        cf_verification_find(v, "%s: summary.out_of_sight is not what the profile says",
                             CF_BUNDLE_RESULTS);
    cf_list_release(&unseen);
}

/* A run has ended before somebody verifies it, give or take what clocks differ by. */
static void check_times(struct cf_verification *v)
{
    enum { CLOCKS_DIFFER_MS = 5 * 60 * 1000 };
    const struct cf_run_info *info = cf_results_info(v->results);
    char now_text[CF_TIMESTAMP_BYTES];
    double started = 0;
    double finished = 0;
    double now = 0;
    cf_clock_timestamp(now_text);
    if (!cf_clock_parse(info->started_at, &started) ||
        !cf_clock_parse(info->finished_at, &finished) || !cf_clock_parse(now_text, &now))
        cf_verification_find(v, "%s does not say when the run began and ended", CF_BUNDLE_RESULTS);
    else if (finished < started)
        cf_verification_find(v, "%s: the run ended before it began", CF_BUNDLE_RESULTS);
    else if (finished > now + CLOCKS_DIFFER_MS)
        cf_verification_find(v, "%s: the run ends in the future, at %s", CF_BUNDLE_RESULTS,
                             info->finished_at);
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

static void verify_content(struct cf_verification *v, enum cf_certified *out_result)
{
    cf_verify_signature(v);
    if (!cf_verification_load(v))
        return;
    check_head(v);
    check_times(v);
    check_sight(v);
    check_suite(v);
    if (!make_plan(v))
        return;
    cf_verify_cases(v);
    cf_verify_order(v);
    cf_verify_reports(v, out_result);
}

enum cf_certified cf_verify(struct cf_verification *v)
{
    enum cf_certified result = CF_CERTIFIED_FAILED;
    if (cf_verify_sums(v))
        verify_content(v, &result);
    return result;
}
