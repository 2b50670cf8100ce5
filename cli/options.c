#include "cli/cli.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 48 };

int cf_complain(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)fputs("cvm-conformance: ", stderr);
    (void)vfprintf(stderr, fmt, args);
    (void)fputc('\n', stderr);
    va_end(args);
    return CF_EXIT_USAGE;
}

static void print_help(const struct cf_command *command, const struct cf_option *options)
{
    (void)printf("usage: cvm-conformance %s%s%s\n\n%s\n", command->name, *command->usage ? " " : "",
                 command->usage, command->summary);
    if (command->help)
        (void)printf("\n%s\n", command->help);
    (void)printf("\noptions:\n");
    for (; options->name; options++) {
        char left[64];
        (void)snprintf(left, sizeof(left), "--%s%s%s", options->name, options->arg ? " " : "",
                       options->arg ? options->arg : "");
        (void)printf("  %-26s %s%s\n", left, options->help,
                     options->repeatable ? " (repeatable)" : "");
    }
    (void)printf("  %-26s %s\n", "--help", "show this");
}

static bool take(struct cf_option *option, const char *value)
{
    if (!option->repeatable)
        option->count = 0;
    if (option->count == CF_OPTION_VALUES_MAX) {
        (void)cf_complain("--%s is given more than %d times", option->name, CF_OPTION_VALUES_MAX);
        return false;
    }
    option->values[option->count++] = value ? value : "";
    option->values[option->count] = NULL;
    return true;
}

bool cf_options_parse(const struct cf_command *command, struct cf_option *options, int argc,
                      char **argv, int *out_first, int *out_exit)
{
    struct option longs[OPTIONS_MAX + 2] = {{0}};
    int count = 0;
    int index = 0;
    int c;
    for (; options[count].name && count < OPTIONS_MAX; count++)
        longs[count] = (struct option){
            options[count].name, options[count].arg ? required_argument : no_argument, NULL, 1};
    longs[count] = (struct option){"help", no_argument, NULL, 2};
    opterr = 0;
    optind = 1;
    *out_exit = CF_EXIT_USAGE;
    while ((c = getopt_long(argc, argv, ":", longs, &index)) != -1) {
        if (c == 2) {
            print_help(command, options);
            *out_exit = CF_EXIT_OK;
            return false;
        }
        if (c == ':')
            (void)cf_complain("%s wants an argument; see cvm-conformance %s --help",
                              argv[optind - 1], command->name);
        if (c == '?')
            (void)cf_complain("unknown option %s; see cvm-conformance %s --help", argv[optind - 1],
                              command->name);
        if (c != 1 || !take(&options[index], optarg))
            return false;
    }
    *out_first = optind;
    return true;
}

struct cf_option *cf_option(struct cf_option *options, const char *name)
{
    for (; options->name; options++) {
        if (strcmp(options->name, name) == 0)
            return options;
    }
    abort(); /* our own bug: the command has no such option */
}

bool cf_option_given(struct cf_option *options, const char *name)
{
    return cf_option(options, name)->count > 0;
}

const char *cf_option_text(struct cf_option *options, const char *name, const char *fallback)
{
    const struct cf_option *option = cf_option(options, name);
    return option->count > 0 ? option->values[option->count - 1] : fallback;
}

const char *const *cf_option_list(struct cf_option *options, const char *name)
{
    const struct cf_option *option = cf_option(options, name);
    return option->count > 0 ? option->values : NULL;
}

bool cf_option_number(struct cf_option *options, const char *name, long long low, long long high,
                      long long fallback, long long *out)
{
    const char *text = cf_option_text(options, name, NULL);
    char *end = NULL;
    *out = fallback;
    if (!text)
        return true;
    *out = strtoll(text, &end, 10);
    if (*text != '\0' && *end == '\0' && *out >= low && *out <= high)
        return true;
    (void)cf_complain("--%s: \"%s\" is not a whole number from %lld to %lld", name, text, low,
                      high);
    return false;
}
