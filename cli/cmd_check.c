/* cvm-conformance check */
#include "cli/cli.h"
#include "cli/target.h"

#include <string.h>

static const struct cf_command command = {
    "check", "[--profile FILE] [--cases DIR]",
    "Check case files and a profile without sending anything.",
    "Every mistake is one line, FILE:LINE: what is wrong. Exit code 2 when there is one.",
    cf_command_check};

static const struct cf_option templates[] = {
    {.name = "profile", .arg = "FILE", .help = "profile to check"},
    {.name = "cases", .arg = "DIR", .help = "a folder of further cases", .repeatable = true},
    {0}};

int cf_command_check(int argc, char **argv)
{
    struct cf_option options[sizeof(templates) / sizeof(templates[0])];
    struct cf_target target = {0};
    int first;
    int status;
    memcpy(options, templates, sizeof(templates));
    if (!cf_options_parse(&command, options, argc, argv, &first, &status))
        return status;
    if (first < argc)
        return cf_complain("check takes no operand: \"%s\"", argv[first]);
    const char *profile = cf_option_text(options, "profile", NULL);
    bool cases = cf_target_load_cases(&target, cf_option_list(options, "cases"));
    bool good = !profile || cf_target_load_profile(&target, profile, NULL, 0);
    if (cases)
        (void)printf("%zu requirements, %zu cases: good\n", target.catalogue.requirement_count,
                     target.catalogue.case_count);
    if (profile && good)
        (void)printf("%s: good\n", profile);
    cf_target_release(&target);
    return cases && good ? CF_EXIT_OK : CF_EXIT_USAGE;
}
