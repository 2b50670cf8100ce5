/*
 * Errors: a code that callers branch on, and one line of text that people read.
 *
 * The place that detects a fault says what is wrong with cf_err_set(); each layer above says where
 * with cf_err_prefix(), so that a finished text reads "FILE:LINE: WHERE: WHAT". Storage is
 * fixed. A failing conformance case is not an error: verdicts are data in the run record. Nor is
 * memory that runs out: that ends the process (see mem.h).
 */
#ifndef CF_BASE_ERR_H
#define CF_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* code, short name, meaning */
#define CF_CODES(X)                                                                                \
    X(CF_OK, "ok", "done")                                                                         \
    X(CF_ELIMIT, "limit", "a named limit was exceeded")                                            \
    X(CF_EINPUT, "input", "a file, message or argument is malformed")                              \
    X(CF_EIO, "io", "the operating system refused a read, write or process call")                  \
    X(CF_ENOTFOUND, "not-found", "the thing asked for is not there")                               \
    X(CF_ETIMEOUT, "timeout", "a deadline passed")                                                 \
    X(CF_ENET, "network", "no answer could be had from the other side")                            \
    X(CF_EPROTO, "protocol", "the other side broke its protocol")                                  \
    X(CF_ESTOPPED, "stopped", "the work was interrupted on request")                               \
    X(CF_EDROPPED, "dropped", "the other side took the request and ended the connection unasked")  \
    X(CF_ECUT, "cut", "the other side cut a long request off")

enum cf_code {
#define CF_X(code, name, meaning) code,
    CF_CODES(CF_X)
#undef CF_X
        CF_CODE_COUNT
};

#define CF_ERR_TEXT_MAX 2048

struct cf_err {
    enum cf_code code;
    char text[CF_ERR_TEXT_MAX];
};

#define CF_MUST_CHECK __attribute__((warn_unused_result))
#define CF_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

/* Short stable name of a code, e.g. "timeout". */
const char *cf_code_name(enum cf_code code);
/* Inverse; false for any other text. */
bool cf_code_parse(const char *name, enum cf_code *out_code);

/* Record what is wrong; control bytes in the text become '?'. err may be NULL. Returns code. */
enum cf_code cf_err_set(struct cf_err *err, enum cf_code code, const char *fmt, ...)
    CF_PRINTF(3, 4);

/* As cf_err_set, with the text of the errno value appended after a colon. ENOMEM ends the process
 * (see mem.h). */
enum cf_code cf_err_errno(struct cf_err *err, int errnum, const char *fmt, ...) CF_PRINTF(3, 4);

/* Put "prefix: " before the text. Returns err's code (CF_EINPUT where err is NULL). */
enum cf_code cf_err_prefix(struct cf_err *err, const char *fmt, ...) CF_PRINTF(2, 3);

#endif
