/*
 * The command line: the only place that prints, reads arguments and exits, and the only one that
 * sees both a suite and a report.
 */
#ifndef CF_CLI_CLI_H
#define CF_CLI_CLI_H

#include "harness/base/err.h"

#include <stdbool.h>
#include <stdio.h>

/* Exit codes; interfaces that scripts depend on. */
enum {
    CF_EXIT_OK = 0,
    CF_EXIT_FAILED = 1,
    CF_EXIT_USAGE = 2,
    CF_EXIT_UNJUDGED = 3,
    CF_EXIT_SIGNAL = 128
};

/* ---- options of a command ---- */

enum { CF_OPTION_VALUES_MAX = 64 };

struct cf_option {
    const char *name; /* without dashes */
    const char *arg;  /* name of its argument, NULL: a flag */
    const char *help;
    bool repeatable;
    /* filled in by the parser */
    const char *values[CF_OPTION_VALUES_MAX + 1]; /* NULL-terminated */
    int count;
};

struct cf_command {
    const char *name;
    const char *usage;   /* after the name */
    const char *summary; /* one line */
    const char *help;    /* more, may be NULL */
    int (*run)(int argc, char **argv);
};

extern const struct cf_command cf_commands[]; /* ends with a NULL name */

/* Parse argv[1..] by options (ending with a NULL name); --help is understood everywhere. Returns
 * true to go on; operands are then argv[*out_first..argc-1]. False: *out_exit is the exit code. */
bool cf_options_parse(const struct cf_command *command, struct cf_option *options, int argc,
                      char **argv, int *out_first, int *out_exit);
struct cf_option *cf_option(struct cf_option *options, const char *name);
bool cf_option_given(struct cf_option *options, const char *name);
/* The last value, or fallback. */
const char *cf_option_text(struct cf_option *options, const char *name, const char *fallback);
/* NULL-terminated values, NULL when there are none. */
const char *const *cf_option_list(struct cf_option *options, const char *name);
/* A whole number from low to high; tells and returns false otherwise. */
bool cf_option_number(struct cf_option *options, const char *name, long long low, long long high,
                      long long fallback, long long *out);

/* "cvm-conformance: TEXT" on standard error. Returns CF_EXIT_USAGE. */
int cf_complain(const char *fmt, ...) CF_PRINTF(1, 2);

/* ---- commands ---- */

int cf_command_run(int argc, char **argv);
int cf_command_list(int argc, char **argv);
int cf_command_show(int argc, char **argv);
int cf_command_check(int argc, char **argv);
int cf_command_serve(int argc, char **argv);
int cf_command_selftest(int argc, char **argv);
int cf_command_report(int argc, char **argv);
int cf_command_compare(int argc, char **argv);
int cf_command_baseline(int argc, char **argv);
int cf_command_verify(int argc, char **argv);

#endif
