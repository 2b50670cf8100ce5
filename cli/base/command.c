#include "cli/base/command.h"
#include "harness/base/mem.h"
#include "harness/base/name.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- saying what is wrong ---- */

/* Of the process, as standard error is; a report that there was no run repeats it. */
static char said[CF_ERR_TEXT_MAX];

static void remember(const char *text)
{
    size_t len = strlen(said);
    snprintf(said + len, sizeof(said) - len, "%s%s", len > 0 ? "; " : "", text);
}

static void complain(const char *fmt, va_list args) CF_PRINTF(1, 0);
static void complain(const char *fmt, va_list args)
{
    char text[CF_ERR_TEXT_MAX];
    vsnprintf(text, sizeof(text), fmt, args);
    remember(text);
    fprintf(stderr, "cvm-conformance: %s\n", text);
}

void cf_complain_plainly(const char *text)
{
    remember(text);
    fprintf(stderr, "%s\n", text);
}

const char *cf_complaints(void)
{
    return said;
}

int cf_complain(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain(fmt, args);
    va_end(args);
    return CF_EXIT_USAGE;
}

int cf_unwritten(const struct cf_err *err)
{
    cf_complain("%s", err->text);
    return CF_EXIT_UNJUDGED;
}

bool cf_refuse(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    complain(fmt, args);
    va_end(args);
    return false;
}

/* ---- help ---- */

static void print_options(const struct cf_option *option)
{
    printf("\noptions:\n");
    for (; option->name; option++) {
        char left[64];
        const char letter[] = {',', ' ', '-', option->letter, '\0'};
        snprintf(left, sizeof(left), "--%s%s%s", option->name, option->arg ? " " : "",
                 option->arg      ? option->arg
                 : option->letter ? letter
                                  : "");
        printf("  %-26s %s%s\n", left, option->help, option->repeatable ? " (repeatable)" : "");
        if (option->variable)
            printf("  %-26s (default: $%s)\n", "", option->variable);
    }
    printf("  %-26s %s\n", "-h, --help", "show this");
}

void cf_command_help(const struct cf_command *command)
{
    printf("usage: cvm-conformance %s%s%s [options]\n\n%s\n", command->name,
           *command->operands ? " " : "", command->operands, command->sentence);
    if (command->about)
        printf("\n%s\n", command->about);
    print_options(command->options);
    printf("\nexamples:\n");
    for (const struct cf_example *e = command->examples; e->line; e++)
        printf("  cvm-conformance %s\n      %s\n", e->line, e->does);
}

/* ---- reading a command line ---- */

/* The option's own slot; a text that is not an option's name is our own bug. */
static size_t index_of(const struct cf_args *args, const char *name)
{
    for (size_t i = 0; args->command->options[i].name; i++) {
        if (strcmp(args->command->options[i].name, name) == 0)
            return i;
    }
    abort();
}

/* The name of the command's option most like text, NULL when none is. */
static const char *nearest_option(const struct cf_command *command, const char *text)
{
    const char *names[CF_OPTIONS_MAX + 2] = {NULL};
    size_t count = 0;
    for (; command->options[count].name; count++)
        names[count] = command->options[count].name;
    names[count] = "help";
    return cf_name_nearest(names, text);
}

static bool refuse_unknown(const struct cf_command *command, const char *word)
{
    char name[64];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
    const char *near = nearest_option(command, name + strspn(name, "-"));
    if (near)
        return cf_refuse("unknown option %s; did you mean --%s?", name, near);
    return cf_refuse("unknown option %s; see cvm-conformance %s --help", name, command->name);
}

static void take(struct cf_args *args, size_t index, const char *value, int argc)
{
    struct cf_option_values *values = &args->options[index];
    if (!values->texts)
        values->texts = cf_alloc_array((size_t)argc + 1, sizeof(*values->texts));
    if (!args->command->options[index].repeatable)
        values->count = 0;
    values->texts[values->count++] = value ? value : "";
}

static void take_environment(struct cf_args *args)
{
    for (size_t i = 0; args->command->options[i].name; i++) {
        const char *variable = args->command->options[i].variable;
        const char *value = variable ? getenv(variable) : NULL;
        if (!value || *value == '\0' || args->options[i].texts)
            continue;
        take(args, i, value, 1);
        args->options[i].from_environment = true;
    }
}

enum { SEEN_OPTION = 1, SEEN_HELP = 'h' };

/* The command of all that there are with that option; NULL where none has it. */
static const struct cf_command *holder(const struct cf_command *const *commands, const char *option)
{
    for (; commands && *commands; commands++) {
        for (size_t i = 0; (*commands)->options[i].name; i++) {
            if (strcmp((*commands)->options[i].name, option) == 0)
                return *commands;
        }
    }
    return NULL;
}

/* "list suites" was meant as "list --suites", "list variants" as "serve --list-variants". */
static bool refuse_operand(const struct cf_args *args, const char *operand)
{
    const struct cf_command *command = args->command;
    char option[64];
    snprintf(option, sizeof(option), "list-%s", operand);
    const struct cf_command *other = holder(args->commands, option);
    if (other)
        return cf_refuse("%s takes no operand: \"%s\"; did you mean \"%s --%s\"?", command->name,
                         operand, other->name, option);
    const char *near = nearest_option(command, operand);
    if (near)
        return cf_refuse("%s takes no operand: \"%s\"; did you mean --%s?", command->name, operand,
                         near);
    return cf_refuse("%s takes no operand: \"%s\"", command->name, operand);
}

static bool check_operands(const struct cf_args *args)
{
    const struct cf_command *command = args->command;
    if (command->operands_max == 0 && args->operand_count > 0)
        return refuse_operand(args, args->operands[0]);
    if (args->operand_count < command->operands_min || args->operand_count > command->operands_max)
        return cf_refuse("wanted: cvm-conformance %s %s; see cvm-conformance %s --help",
                         command->name, command->operands, command->name);
    return true;
}

static bool index_of_letter(const struct cf_command *command, int letter, int *out)
{
    for (*out = 0; command->options[*out].name; ++*out) {
        if (command->options[*out].letter != 0 && command->options[*out].letter == letter)
            return true;
    }
    return false;
}

/* For getopt_long(): what is missing or unknown comes back, and is told here. */
static void list_letters(const struct cf_command *command, char out[CF_OPTIONS_MAX + 3])
{
    size_t count = 0;
    out[count++] = ':';
    out[count++] = SEEN_HELP;
    for (const struct cf_option *o = command->options; o->name; o++) {
        if (o->letter != 0)
            out[count++] = o->letter;
    }
    out[count] = '\0';
}

/* True: the line fits. False: *out_exit is the exit code, and what there is to say was printed. */
static bool parse(struct cf_args *args, int argc, char **argv, int *out_exit)
{
    struct option longs[CF_OPTIONS_MAX + 2] = {{0}};
    int count = 0;
    int index = 0;
    int c;
    char letters[CF_OPTIONS_MAX + 3];
    list_letters(args->command, letters);
    for (const struct cf_option *o = args->command->options; o->name; o++)
        longs[count++] =
            (struct option){o->name, o->arg ? required_argument : no_argument, NULL, SEEN_OPTION};
    longs[count] = (struct option){"help", no_argument, NULL, SEEN_HELP};
    opterr = 0;
    optind = 1;
    *out_exit = CF_EXIT_USAGE;
    while ((c = getopt_long(argc, argv, letters, longs, &index)) != -1) {
        if (c == SEEN_HELP) {
            cf_command_help(args->command);
            *out_exit = CF_EXIT_OK;
            return false;
        }
        if (c != SEEN_OPTION && index_of_letter(args->command, c, &index)) {
            take(args, (size_t)index, NULL, argc);
            continue;
        }
        if (c == ':')
            return cf_refuse("%s wants an argument; see cvm-conformance %s --help",
                             argv[optind - 1], args->command->name);
        if (c == '?' && optopt != 0)
            return cf_refuse("unknown option -%c; see cvm-conformance %s --help", optopt,
                             args->command->name);
        if (c == '?')
            return refuse_unknown(args->command, argv[optind - 1]);
        take(args, (size_t)index, optarg, argc);
    }
    args->operands = argv + optind;
    args->operand_count = argc - optind;
    return check_operands(args);
}

bool cf_command_parse(const struct cf_command *command, const struct cf_command *const *commands,
                      const char *program, int argc, char **argv, struct cf_args *out,
                      int *out_exit)
{
    *out = (struct cf_args){.command = command,
                            .commands = commands,
                            .program = program,
                            .words = argv,
                            .word_count = argc};
    return parse(out, argc, argv, out_exit);
}

void cf_args_release(struct cf_args *args)
{
    for (size_t i = 0; i < CF_OPTIONS_MAX; i++)
        free(args->options[i].texts);
    *args = (struct cf_args){0};
}

int cf_command_call(const struct cf_command *command, const struct cf_command *const *commands,
                    const char *program, int argc, char **argv)
{
    struct cf_args args;
    int status;
    if (cf_command_parse(command, commands, program, argc, argv, &args, &status)) {
        take_environment(&args);
        status = command->run(&args);
    } else if (status != CF_EXIT_OK && command->refused) {
        take_environment(&args);
        command->refused(&args);
    }
    cf_args_release(&args);
    return status;
}

/* ---- what was given ---- */

bool cf_given(const struct cf_args *args, const char *name)
{
    return cf_times(args, name) > 0;
}

bool cf_given_by_environment(const struct cf_args *args, const char *name)
{
    return args->options[index_of(args, name)].from_environment;
}

size_t cf_times(const struct cf_args *args, const char *name)
{
    return (size_t)args->options[index_of(args, name)].count;
}

const char *cf_text(const struct cf_args *args, const char *name, const char *fallback)
{
    const struct cf_option_values *values = &args->options[index_of(args, name)];
    return values->count > 0 ? values->texts[values->count - 1] : fallback;
}

const char *const *cf_texts(const struct cf_args *args, const char *name)
{
    return args->options[index_of(args, name)].texts;
}

bool cf_number(const struct cf_args *args, const char *name, long long low, long long high,
               long long fallback, long long *out)
{
    const char *text = cf_text(args, name, NULL);
    char *end = NULL;
    *out = fallback;
    if (!text)
        return true;
    *out = strtoll(text, &end, 10);
    if (*text != '\0' && *end == '\0' && *out >= low && *out <= high)
        return true;
    return cf_refuse("--%s: \"%s\" is not a whole number from %lld to %lld", name, text, low, high);
}
