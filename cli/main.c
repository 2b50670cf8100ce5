#include "cli/cli.h"
#include "harness/base/mem.h"
#include "harness/case/shape.h"

#include <string.h>

const struct cf_command cf_commands[] = {
    {"run", "[options]", "certify an implementation", NULL, cf_command_run},
    {"list", "[options]", "list cases, requirements, suites", NULL, cf_command_list},
    {"show", "ID", "one case, requirement or deviation in full", NULL, cf_command_show},
    {"check", "[options]", "check profile and case files offline", NULL, cf_command_check},
    {"serve", "[options]", "run the reference implementation", NULL, cf_command_serve},
    {"report", "RESULTS…", "render saved results, or merge shards", NULL, cf_command_report},
    {"compare", "OLD NEW", "what changed between two saved runs", NULL, cf_command_compare},
    {"baseline", "update RESULTS", "write down which failures are known", NULL,
     cf_command_baseline},
    {"verify", "BUNDLE", "check a certificate, offline", NULL, cf_command_verify},
    {"selftest", "[options]", "certify the suite itself", NULL, cf_command_selftest},
    {0}};

static int usage(FILE *to)
{
    (void)fprintf(to, "usage: cvm-conformance COMMAND [options]\n\n"
                      "Tells whether a server conforms to the CVM update contract.\n\ncommands:\n");
    for (const struct cf_command *c = cf_commands; c->name; c++)
        (void)fprintf(to, "  %-10s %s\n", c->name, c->summary);
    (void)fprintf(to, "\nEach command explains itself with --help.\n");
    return to == stdout ? CF_EXIT_OK : CF_EXIT_USAGE;
}

static int unknown(const char *name)
{
    const char *names[16] = {0};
    for (size_t i = 0; cf_commands[i].name && i < 15; i++)
        names[i] = cf_commands[i].name;
    const char *near = cf_name_nearest(names, name);
    if (near)
        return cf_complain("unknown command \"%s\"; did you mean \"%s\"?", name, near);
    return cf_complain("unknown command \"%s\"; see cvm-conformance --help", name);
}

int main(int argc, char **argv)
{
    cf_mem_rule_libraries();
    if (argc < 2)
        return usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return usage(stdout);
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("cvm-conformance %s\n", CF_VERSION);
        return CF_EXIT_OK;
    }
    for (const struct cf_command *c = cf_commands; c->name; c++) {
        if (strcmp(argv[1], c->name) == 0)
            return c->run(argc - 1, argv + 1);
    }
    return unknown(argv[1]);
}
