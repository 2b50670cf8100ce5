/* cvm-conformance check */
#include "cli/base/case_options.h"
#include "cli/base/target.h"
#include "cli/commands.h"

static const struct cf_option options[] = {
    {.name = "profile", .arg = "FILE", .help = "profile to check", .variable = CF_PROFILE_VARIABLE},
    CF_CASES_OPTION,
    {0}};

static const struct cf_example examples[] = {
    {"check --profile acme.json", "is the profile fit for a run?"},
    {"check --cases ./our-cases", "are these case files well formed?"},
    {0}};

static int run(const struct cf_args *args)
{
    struct cf_target target = {0};
    const char *profile = cf_text(args, "profile", NULL);
    bool cases = cf_target_load_cases(&target, cf_texts(args, "cases"));
    bool good = !profile || cf_target_load_profile(&target, profile, NULL, 0);
    if (cases)
        printf("%zu requirements, %zu cases: good\n", target.catalogue.requirement_count,
               target.catalogue.case_count);
    if (profile && good)
        printf("%s: good\n", profile);
    cf_target_release(&target);
    return cases && good ? CF_EXIT_OK : CF_EXIT_USAGE;
}

const struct cf_command cf_command_check = {
    .name = "check",
    .summary = "check profile and case files offline",
    .sentence = "Check case files and a profile without sending anything.",
    .about = "Every mistake is one line, FILE:LINE: what is wrong. Exit code 2 when there is one.",
    .operands = "",
    .options = options,
    .examples = examples,
    .run = run};
