/*
 * Commands: what each is called, takes and says of itself, in one struct; and reading its command
 * line, in one place. Help, the nearest name for a slip of the pen, and whatever else is made from
 * the declarations look at nothing but them.
 *
 * Everything that may print or exit is in cli/; only here is it said how a complaint looks.
 */
#ifndef CF_CLI_BASE_COMMAND_H
#define CF_CLI_BASE_COMMAND_H

#include "harness/base/err.h"

#include <stdbool.h>
#include <stdio.h>

/* Exit codes; interfaces that scripts depend on. */
enum {
    CF_EXIT_OK = 0,
    CF_EXIT_FAILED = 1,
    CF_EXIT_USAGE = 2,
    CF_EXIT_UNJUDGED = 3,
    CF_EXIT_UNPROVEN = 4, /* verify without a key: consistent, made by anybody */
    CF_EXIT_SIGNAL = 128
};

enum { CF_OPTIONS_MAX = 48 };

struct cf_option {
    const char *name; /* without dashes */
    const char *arg;  /* name of its argument, NULL: a flag */
    const char *help;
    char letter;          /* short form of a flag, e.g. 'v', or 0 */
    bool repeatable;      /* otherwise the last one counts */
    const char *variable; /* of the environment: its value where the option is not given, or NULL */
};

struct cf_example {
    const char *line; /* after "cvm-conformance " */
    const char *does;
};

struct cf_args;

struct cf_command {
    const char *name;
    const char *summary;  /* a few words, for the list of commands */
    const char *sentence; /* the same as a sentence, for its own help */
    const char *about;    /* more lines, may be NULL */
    const char *operands; /* as usage shows them, "" for none */
    int operands_min, operands_max;
    const struct cf_option *options;   /* ends with a NULL name */
    const struct cf_example *examples; /* ends with a NULL line */
    int (*run)(const struct cf_args *args);
    /* Called instead where the line does not fit, which was said; what was read of it is in args.
     * NULL: nothing is to be done. */
    void (*refused)(const struct cf_args *args);
};

/* A command line that fits the command's declaration. All texts are argv's or the environment's. */
struct cf_args {
    const struct cf_command *command;
    const struct cf_command *const *commands; /* all there are, ended by NULL; or NULL */
    const char *program;                      /* as it was called */
    char *const *words; /* the whole line after it, in the order of the parser: options first */
    int word_count;
    char *const *operands;
    int operand_count;
    struct cf_option_values {
        const char **texts; /* NULL-terminated; NULL when it was not given */
        int count;
        bool from_environment;
    } options[CF_OPTIONS_MAX]; /* as command->options */
};

/* Run the command, one of commands, of program on argv, whose first element is its name: parse, and
 * call command->run unless the line asks for --help or does not fit. Help goes to standard output;
 * what does not fit is said on standard error with the nearest name. Returns the exit code. */
int cf_command_call(const struct cf_command *command, const struct cf_command *const *commands,
                    const char *program, int argc, char **argv);
/* Parse alone; the environment is not looked at. Returns false where there is nothing to be done
 * more, with the exit code in *out_exit, as cf_command_call() does. out is released by
 * cf_args_release() whatever comes back. */
bool cf_command_parse(const struct cf_command *command, const struct cf_command *const *commands,
                      const char *program, int argc, char **argv, struct cf_args *out,
                      int *out_exit);
void cf_args_release(struct cf_args *args);
/* Its help, on standard output. */
void cf_command_help(const struct cf_command *command);

/* ---- what was given; name must be one of the command's options ---- */

bool cf_given(const struct cf_args *args, const char *name);
/* Whether the option's value is the environment's. */
bool cf_given_by_environment(const struct cf_args *args, const char *name);
/* How often. */
size_t cf_times(const struct cf_args *args, const char *name);
/* The last value, or fallback. */
const char *cf_text(const struct cf_args *args, const char *name, const char *fallback);
/* NULL-terminated values, NULL when there are none. */
const char *const *cf_texts(const struct cf_args *args, const char *name);
/* A whole number from low to high into out, fallback where the option is not given. Returns false
 * when it is another text, which is said on standard error. */
bool cf_number(const struct cf_args *args, const char *name, long long low, long long high,
               long long fallback, long long *out);

/* ---- saying what is wrong ---- */

/* Prints "cvm-conformance: TEXT" on standard error. Returns CF_EXIT_USAGE. */
int cf_complain(const char *fmt, ...) CF_PRINTF(1, 2);
/* The text alone: it says where it is from. */
void cf_complain_plainly(const char *text);
/* All that was complained of so far, as one line, its end left out where it is long. */
const char *cf_complaints(void);
/* As cf_complain(), of a result that could not be written, which is nobody's wrong usage. Returns
 * CF_EXIT_UNJUDGED. */
int cf_unwritten(const struct cf_err *err);
/* The same for a caller that returns whether all is well. Returns false. */
bool cf_refuse(const char *fmt, ...) CF_PRINTF(1, 2);

#endif
