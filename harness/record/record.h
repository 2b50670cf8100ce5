/*
 * The run record: what running hands to reporting, and all that reporting knows.
 *
 * A worker fills one cf_case_record a case and writes it as one line of JSON; everything else
 * (results.json, JUnit, HTML, comparing, merging, verifying) is made from such lines. Fields marked
 * (ext) extend the fixed result format. All strings are owned by the record (malloc), UTF-8 unless
 * said otherwise, and already free of secrets.
 */
#ifndef CF_RECORD_RECORD_H
#define CF_RECORD_RECORD_H

#include "harness/base/buf.h"
#include "harness/base/err.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* In order of gravity: a requirement's verdict is the gravest of its cases'. */
enum cf_verdict {
    CF_NOT_APPLICABLE, /* stands outside the order: never outweighs another */
    CF_PASS,
    CF_INCONCLUSIVE,
    CF_FAIL,
    CF_ERROR
};

enum cf_level { CF_MUST, CF_SHOULD, CF_OBSERVE };

/* "not-applicable", "pass", "inconclusive", "fail", "error"; "must", "should", "observe". */
const char *cf_verdict_name(enum cf_verdict verdict);
const char *cf_level_name(enum cf_level level);
/* Inverse; false for any other text. */
bool cf_verdict_parse(const char *name, enum cf_verdict *out_verdict);
bool cf_level_parse(const char *name, enum cf_level *out_level);

struct cf_header {
    char *name;
    char *value; /* may hold bytes that are not UTF-8 */
};

struct cf_headers {
    struct cf_header *items;
    size_t count;
    size_t *holders; /* how many have these items; NULL: there are none */
};

/* Bytes of any kind; bytes == NULL means there was no body, or it was left out of the record: then
 * sha256 is its digest in hex and left_out its length. */
struct cf_body {
    char *bytes;
    size_t len;
    char *sha256;
    size_t left_out;
};

enum cf_exchange_kind {
    CF_EXCHANGE_HTTP,
    CF_EXCHANGE_HOOK,   /* a hook command: request.body is its input, response.body its output */
    CF_EXCHANGE_TIMEOUT /* a wait for the IUT gave up here; message says for what */
};

/* "http", "hook", "timeout"; and the inverse, false for any other text. */
const char *cf_exchange_kind_name(enum cf_exchange_kind kind);
bool cf_exchange_kind_parse(const char *name, enum cf_exchange_kind *out_kind);

/* One thing done to the outside world. */
struct cf_exchange {
    enum cf_exchange_kind kind;
    int step;      /* index of the case's step that did it, from 0; -1 for the harness' own */
    char *purpose; /* (ext) why, e.g. "observe before", "PATCH update-cvm"; never NULL */
    double at_ms;  /* (ext) when it was started, counted from the start of the case */
    double duration_ms;
    char *method; /* HTTP only */
    char *url;
    char *hook; /* hook only: its name */
    struct cf_headers request_headers;
    struct cf_body request_body;
    int status; /* 0: no answer; then message says why */
    struct cf_headers response_headers;
    struct cf_body response_body;
    char *message;      /* (ext) why there was no answer; NULL otherwise */
    enum cf_code error; /* (ext) the same as a code; CF_OK where there was an answer */
    bool reused;        /* (ext) a read that another case made on the same fixture: the one before,
                           and nothing was sent since that could have changed what it told; or, in
                           a look after the case, one that shares it (harness/pool/held.h) */
    char *peer;         /* (ext) the address that answered, with its port; NULL: not known, or that
                           of the exchange before */
    char *authority;    /* (ext) subject of the authority by which its TLS certificate was verified,
                           or NULL */
    int meanwhile;      /* (ext) so many exchanges, which follow in the record, were made before the
                           answer to this one was there */
};

/* One expectation that was not met. */
struct cf_failure {
    int step;          /* index of the case's step, from 0 */
    char *file;        /* case file, relative to the cases directory's parent: "cases/..." */
    int line;          /* line of the expectation in file */
    char *source;      /* (ext) that line of the file, without indentation */
    char *requirement; /* (ext) what it breaks, where that is none of what the case asks; or NULL */
    char *case_pointer; /* (ext) RFC 6901, to the expectation in file; "place" in JSON */
    char *pointer;      /* RFC 6901, into the response body; "" for the whole, NULL where it is not
                           in a body (status, header, state of the CVM) */
    char *expected;     /* with its type, e.g. "integer 202" */
    char *actual;
    char *message; /* one sentence */
};

struct cf_case_record {
    char *id;
    char *suite;
    char *title;
    char **requirements; /* the case's own first */
    size_t requirement_count;
    enum cf_level level;
    enum cf_verdict verdict;
    enum cf_verdict own_verdict; /* (ext) what its own questions come to, whatever else the case
                                    is charged with (a failure that names a requirement) */
    char *reason;                /* why, for everything but pass; else NULL */
    char *observation;           /* JSON text, NULL where there is none */
    char *cvm;                   /* NULL where none was leased */
    char **cvms;                 /* (ext) all that were leased, by role; cvm is the first */
    size_t cvm_count;
    char *statement;  /* (ext) the requirement in one sentence */
    char *file;       /* (ext) where the case stands, as in cf_failure */
    int line;         /* (ext) */
    char *control;    /* (ext) id of the case this one's verdict leans on, or NULL */
    char *shares;     /* (ext) id of the case that made its exchanges; NULL: made for it alone */
    int attempt;      /* from 1 */
    int tries;        /* how often it was run until it could be judged; 1 or more, 0: not run */
    char **failed_on; /* (ext) the main CVM of each earlier try in which an operation failed */
    size_t failed_on_count;
    int failed_at; /* (ext) with failed_on: the step in which all these failed; -1: none is */
    int fails_at;  /* the step in which an operation of this try failed; -1: none; not written */
    char **forms;  /* (ext) of answers that came in every try of other cases: status and
                      Content-Type, see cf_run_put_off_unreadable() */
    size_t form_count;
    char *met_form;  /* of its own answer without JSON; NULL: none; not written */
    bool seeks_lock; /* (ext) updates before and after it ask whether it locks its main CVM */
    char *started_at;
    double duration_ms;
    struct cf_failure *failures;
    size_t failure_count;
    int checks;     /* (ext) expectations that were evaluated, met or not; 0: not counted */
    int operations; /* (ext) that were started in this try; of shared ones the other case has them
                     */
    struct cf_exchange *exchanges; /* "steps" in JSON */
    size_t exchange_count;
};

void cf_case_record_release(struct cf_case_record *record);
/* (ext) What the record says of a requirement of its list. A failure counts against the one that it
 * names alone; what was failed by no other comes to the verdict of the case's own questions. */
enum cf_verdict cf_record_verdict_of(const struct cf_case_record *record, const char *requirement);
/* (ext) Whether it is charged with what it does not ask: one of its failures names a requirement.
 */
bool cf_record_charged(const struct cf_case_record *record);
/* (ext) Why the verdict is what it is; never empty: "no reason given" where nobody said. */
const char *cf_record_reason(const struct cf_case_record *record);
void cf_exchange_release(struct cf_exchange *exchange);
void cf_failure_release(struct cf_failure *failure);

/* Append to cvms, copying. */
void cf_case_record_add_cvm(struct cf_case_record *record, const char *id);
/* Append a zeroed element. It moves when the next one is added. */
struct cf_exchange *cf_case_record_add_exchange(struct cf_case_record *record);
struct cf_failure *cf_case_record_add_failure(struct cf_case_record *record);
/* Append a header, copying. */
void cf_headers_add(struct cf_headers *headers, const char *name, const char *value);
/* Make to, which has none, hold the items of from with it: they are only copied for who adds. */
void cf_headers_share(struct cf_headers *to, const struct cf_headers *from);
void cf_headers_release(struct cf_headers *headers);
/* First header of that name, whatever its case; NULL without one. */
const char *cf_headers_get(const struct cf_headers *headers, const char *name);

/* Let go of what a passed case hardly needs: bodies of more bytes than their digest takes, which
 * stays. What an answer says that is neither 200 nor a refusal's (202 and the like) is kept: what
 * is decided over all records asks for it. */
void cf_case_record_leave_out_bodies(struct cf_case_record *record);

/* Let go of all exchanges: they stand in the record of the case that it shares. */
void cf_case_record_leave_out_exchanges(struct cf_case_record *record);

/* Append the members of a body to a JSON object: "body", and "body_sha256", "body_bytes" and
 * "body_base64" where they are wanted. */
void cf_body_write(struct cf_buf *out, const struct cf_body *body);

/* Append the record as one line of JSON, without the newline. Bodies that are not UTF-8 (or hold
 * NUL) are written as base64 in "body_base64". */
void cf_case_record_write(struct cf_buf *out, const struct cf_case_record *record);

/* Build a record from such an object. out is zeroed on failure. Unknown members are ignored
 * (a later version may add some). Errors: CF_EINPUT (text names the member). */
CF_MUST_CHECK enum cf_code cf_case_record_read(struct cf_case_record *out, const cJSON *object,
                                               struct cf_err *err);
/* The record that a line holds, as cf_case_record_write() wrote it. False where it holds none, or
 * is NULL: then there is nothing to release. */
bool cf_case_record_parse(struct cf_case_record *out, const char *line, size_t len);

#endif
