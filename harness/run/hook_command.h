/* Running a hook's command: JSON on its standard input, JSON on its standard output. */
#ifndef CF_RUN_HOOK_COMMAND_H
#define CF_RUN_HOOK_COMMAND_H

#include "harness/base/buf.h"

#include <stdbool.h>

enum { CF_HOOK_OUTPUT_MAX_BYTES = 1 << 20 };

/*
 * Run argv (NULL-terminated, no shell; argv[0] without a slash is looked up in PATH) in a process
 * group of its own, write input to it and append its standard output to out. Standard error goes
 * to /dev/null: it may hold secrets. It gets no other descriptor of ours. Whatever happens, to
 * it or to us, no process that it started is left behind (see hook_keeper.h).
 * Errors: CF_EIO (cannot be started, non-zero exit, signal; where its output is an object with a
 * text as "error", the text's first line stands before it), CF_ETIMEOUT, CF_ELIMIT (more output
 * than out takes).
 */
CF_MUST_CHECK enum cf_code cf_hook_command(char *const *argv, const char *input, size_t input_len,
                                           double timeout_ms, struct cf_buf *out,
                                           struct cf_err *err);

#endif
