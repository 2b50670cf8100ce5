/* cvm-conformance check */
#include "cli/base/case_options.h"
#include "cli/base/target.h"
#include "cli/commands.h"
#include "cli/openapi/drift.h"
#include "cli/openapi/elements.h"
#include "cli/plan_words.h"
#include "reports/escape.h"

#include <string.h>

static const struct cf_option options[] = {
    {.name = "profile", .arg = "FILE", .help = "profile to check", .variable = CF_PROFILE_VARIABLE},
    CF_CASES_OPTION,
    {.name = "openapi",
     .arg = "FILE|URL",
     .help = "hold the server's own OpenAPI document against the contract"},
    {0}};

static const struct cf_example examples[] = {
    {"check --profile acme.json", "is the profile fit for a run?"},
    {"check --cases ./our-cases", "are these case files well formed?"},
    {"check --openapi https://api.acme.example/openapi.json", "does it promise what is tested?"},
    {0}};

static const char *const page_names[] = {"update-cvm.md", "update-pre-launch-script.md"};
enum { PAGES = sizeof(page_names) / sizeof(page_names[0]), BEYOND_SHOWN = 20 };

static void print_kind(const struct cf_drift *drift, enum cf_drift_kind kind, const char *heading)
{
    size_t most = kind == CF_DRIFT_BEYOND ? BEYOND_SHOWN : drift->of_kind[kind];
    size_t shown = 0;
    if (drift->of_kind[kind] == 0)
        return;
    printf("%s\n", heading);
    for (size_t i = 0; i < drift->count && shown < most; i++) {
        const struct cf_drift_finding *finding = &drift->items[i];
        struct cf_buf line = {0};
        if (finding->kind != kind)
            continue;
        cf_report_escape_terminal(&line, finding->text, strlen(finding->text), 600);
        printf("  %s\n", cf_buf_text(&line));
        cf_buf_release(&line);
        shown++;
    }
    if (shown < drift->of_kind[kind])
        printf("  and %zu more\n", drift->of_kind[kind] - shown);
}

static int print_drift(const struct cf_drift *drift, const char *name)
{
    size_t contradictions = drift->of_kind[CF_DRIFT_CONTRADICTION];
    print_kind(drift, CF_DRIFT_CONTRADICTION, "contradicts the contract:");
    print_kind(drift, CF_DRIFT_REMARK,
               "says less than the contract, or narrows what it leaves open:");
    print_kind(drift, CF_DRIFT_BEYOND, "beyond the contract, not covered by any case:");
    printf("%s: %zu endpoints compared, %zu contradictions\n", name, drift->endpoints,
           contradictions);
    if (drift->endpoints == 0 && contradictions == 0)
        return cf_complain("%s has none of the contract's endpoints", name);
    return contradictions > 0 ? CF_EXIT_FAILED : CF_EXIT_OK;
}

static enum cf_code compare(const char *name, struct cf_drift *drift, struct cf_err *err)
{
    struct cf_drift_page pages[PAGES] = {{0}};
    struct cf_json_doc elements = {0};
    struct cf_openapi document = {0};
    enum cf_code code = cf_openapi_load(&document, name, err);
    for (size_t i = 0; i < PAGES && code == CF_OK; i++) {
        pages[i].name = page_names[i];
        code = cf_openapi_load(&pages[i].document, cf_contract_path(page_names[i]), err);
    }
    if (code == CF_OK)
        code = cf_elements_load(&elements, cf_contract_path("elements.json"), err);
    if (code == CF_OK)
        cf_drift_compare(drift, pages, PAGES, &elements, &document);
    cf_json_release(&elements);
    for (size_t i = 0; i < PAGES; i++)
        cf_openapi_release(&pages[i].document);
    cf_openapi_release(&document);
    return code;
}

static int check_openapi(const char *name)
{
    struct cf_drift drift = {0};
    struct cf_err err = {0};
    enum cf_code code = compare(name, &drift, &err);
    int status;
    if (code == CF_OK)
        status = print_drift(&drift, name);
    else
        status = cf_complain("%s", err.text);
    cf_drift_release(&drift);
    /* A document that could not be had is not one that is wrong. */
    bool unanswered = code != CF_OK && code != CF_EINPUT && code != CF_ELIMIT;
    return unanswered && cf_openapi_is_url(name) ? CF_EXIT_UNJUDGED : status;
}

/* What is no mistake, and will keep a run from judging all the same. */
static void put_warnings(const char *path, const struct cf_profile *profile)
{
    struct cf_list lines = {0};
    profile->vocabulary->warn(profile, &lines);
    for (size_t i = 0; i < lines.count; i++)
        printf("%s: warning: %s\n", path, lines.items[i]);
    cf_list_release(&lines);
}

/* How a run of everything with this profile would end, as far as the profile alone decides. */
static void put_exit(const char *path, const struct cf_target *target)
{
    static const struct cf_filter all = {.level = CF_OBSERVE, .repeat = 1, .shard = 1, .shards = 1};
    struct cf_plan plan;
    struct cf_buf text = {0};
    if (cf_plan_make(&plan, &target->catalogue, &target->profile, &all, NULL) != CF_OK)
        return;
    if (cf_plan_words_exit(&text, &plan, &target->catalogue, "a run of everything") > 0)
        printf("%s: %s", path, cf_buf_text(&text));
    cf_buf_release(&text);
    cf_plan_release(&plan);
}

static int run(const struct cf_args *args)
{
    struct cf_target target = {0};
    const char *profile = cf_text(args, "profile", NULL);
    bool cases = cf_target_load_cases(&target, cf_texts(args, "cases"));
    bool good = !profile || cf_target_load_profile(&target, profile, NULL, 0);
    if (cases)
        printf("%zu requirements, %zu cases: good\n", target.catalogue.requirement_count,
               target.catalogue.case_count);
    if (profile && good) {
        put_warnings(profile, &target.profile);
        printf("%s: good\n", profile);
        if (cases)
            put_exit(profile, &target);
    }
    cf_target_release(&target);
    if (!cases || !good)
        return CF_EXIT_USAGE;
    const char *openapi = cf_text(args, "openapi", NULL);
    return openapi ? check_openapi(openapi) : CF_EXIT_OK;
}

const struct cf_command cf_command_check = {
    .name = "check",
    .summary = "check profile and case files offline",
    .sentence = "Check case files and a profile without sending anything.",
    .about = "Every mistake is one line, FILE:LINE: what is wrong. Exit code 2 when there is one. "
             "What is no mistake but will keep a run from judging is a warning.",
    .operands = "",
    .options = options,
    .examples = examples,
    .run = run};
