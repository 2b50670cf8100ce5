/*
 * A run as a whole: its head (who, what, when), its requirements, its summary; and reading a saved
 * run back, from results.json or from results.ndjson, one case at a time.
 */
#ifndef CF_RECORD_RESULTS_H
#define CF_RECORD_RESULTS_H

#include "harness/base/list.h"
#include "harness/record/record.h"

#define CF_RESULTS_FORMAT "cvm-conformance-results"
enum { CF_RESULTS_VERSION = 1 };

struct cf_requirement_info {
    char *id;
    enum cf_level level;
    char *statement; /* (ext) */
    char *source;    /* (ext) place in the contract pages */
    bool proven;     /* (ext) a deviation that breaks it was caught by this suite's self-test */
    /* computed by cf_summary_finish() */
    enum cf_verdict verdict; /* gravest that its cases have of it; CF_NOT_APPLICABLE: none ran */
    bool unstable;           /* (ext) the attempts of one of its cases differ */
    char **cases;            /* ids; the array and the texts belong to the summary */
    size_t case_count;
};

/* (ext) By what terms the exit code was reached; reports/gate.h has the rule. */
struct cf_gate_terms {
    enum cf_level fail_on; /* must or should: failures of that level and stricter count */
    bool allow_inconclusive;
    long long min_cases;           /* that must have been judged; at least 1 always */
    long long planned;             /* records that the run should have; 0: not known */
    struct cf_list known_failures; /* ids of cases that a baseline lists, and that fail */
    struct cf_list outdated;       /* a line for each entry of it that is no longer true */
    struct cf_list troubles;       /* what else kept the run from judging, one line each */
};

struct cf_run_info {
    char *suite_name;
    char *suite_version;
    char *catalogue_sha256;
    char *iut;  /* JSON object: the profile's "iut" */
    char *pics; /* JSON object */
    unsigned long long seed;
    char *started_at;
    char *finished_at;
    bool complete;                /* false: interrupted, or read from .ndjson */
    char *trouble;                /* (ext) why the run could not start or was cut short, or NULL */
    char *selection;              /* (ext) the filters given, as one line, "" for all */
    char *profile_sha256;         /* (ext) of what may be shown of the profile */
    char *profile_hidden;         /* (ext) tells two profiles apart by what is hidden, or NULL */
    int shard_index, shard_count; /* (ext) 1 of 1 where not sharded */
    char *plan_sha256;            /* (ext) digest of the ids of the whole plan, all shards */
    int repeat;                   /* (ext) attempts planned a case, from 1 */
    size_t operations_besides;    /* (ext) started besides those in records: to look first, in tries
                                     that another followed, and to put back */
    struct cf_gate_terms gate;    /* (ext) */
    struct cf_list command;       /* (ext) the command line, word by word */
    struct cf_list left;          /* (ext) what was not put back as it was, a line each */
    char *bought;                 /* (ext) what the budget of the run buys, one line; NULL: it had
                                     none */
    struct cf_list left_out;      /* (ext) ids of cases that the budget did not reach to */
    struct cf_list out_of_sight;  /* what the profile says that the read side never shows */
    struct cf_list again;         /* (ext) its words that a case needs to be run again as it was;
                                     "--case ID" is to follow */
};

/* Nothing known, one shard of one, one attempt. */
void cf_run_info_init(struct cf_run_info *info);
void cf_run_info_release(struct cf_run_info *info);
/* Fill info from the head of a results.json (its cases are not looked at). info is zeroed or
 * initialised on failure. Errors: CF_EINPUT (not that format, or a later version). */
CF_MUST_CHECK enum cf_code cf_run_info_read(struct cf_run_info *info, const cJSON *head,
                                            struct cf_err *err);

/* Requirements of one level by verdict. A requirement none of whose cases was in the run counts in
 * total and in not_run alone. */
struct cf_level_counts {
    size_t total, passed, failed, inconclusive, not_applicable, error, unstable;
    size_t not_run; /* (ext) */
    size_t proven;  /* (ext) of those that are applicable: proven able to fail */
};

/* What is known of a record without reading it again. */
struct cf_results_entry {
    const char *id;
    const char *suite;
    const char **requirements; /* ids, the case's own first */
    enum cf_verdict *verdicts; /* what the record says of each of them */
    size_t requirement_count;
    enum cf_level level;
    enum cf_verdict verdict;
    int attempt;
    int operations; /* that it started */
    const char
        *reason;       /* of not-applicable and inconclusive records only, never empty; else NULL */
    double started_ms; /* since 1970; 0 where it is not known */
    double duration_ms;
};

/* Everything counted over one pass of the cases. A case with several attempts counts once, with its
 * gravest verdict; one whose attempts differ is also unstable.
 *
 * verdict: "non-conforming" when a case of a must requirement failed; else "error" when a case
 * ended in error; else "inconclusive" when a must requirement could not be judged, or nothing was
 * judged at all; else "conforming". */
struct cf_summary {
    struct cf_requirement_info *requirements; /* in catalogue order */
    size_t requirement_count;
    size_t cases_total, cases_pass, cases_fail, cases_inconclusive, cases_error,
        cases_not_applicable, cases_unstable;
    size_t operations;                /* started by all attempts of all cases */
    struct cf_level_counts levels[3]; /* by enum cf_level: requirements */
    /* Reasons of not-applicable and inconclusive cases, each once: by verdict, then the most
     * frequent first. */
    struct cf_reason {
        enum cf_verdict verdict;
        char *reason;
        size_t count;     /* cases */
        size_t levels[3]; /* (ext) by enum cf_level: requirements of this verdict for this reason */
    } * reasons;
    size_t reason_count;
    const char *verdict;            /* "conforming", "non-conforming", "inconclusive", "error" */
    struct cf_summary_index *index; /* private */
};

void cf_summary_init(struct cf_summary *summary);
void cf_summary_release(struct cf_summary *summary);
/* Declare a requirement of the catalogue (copied). */
void cf_summary_add_requirement(struct cf_summary *summary, const char *id, enum cf_level level,
                                const char *statement, const char *source, bool proven);
/* Count one record; requirements it names that were not declared take its level. */
void cf_summary_add_case(struct cf_summary *summary, const struct cf_results_entry *entry);
/* Compute verdicts and counts; may be called again after more cases. */
void cf_summary_finish(struct cf_summary *summary);

/* What plan_sha256 is: the digest of the ids, each ended by a newline, in byte order; ids may come
 * in any order, each once. */
void cf_plan_sha256(const char *const *ids, size_t count, char out_hex[65]);

/* ---- reading a saved run ---- */

struct cf_results;

/* Open results.json or results.ndjson, or either compressed by gzip (told by content; what comes
 * out goes to a file without a name in TMPDIR). The file is mapped, so memory stays flat
 * however many cases there are. The whole file has to be JSON, and all of a record but its steps
 * what record.h says; a torn last line of .ndjson is skipped and reported by cf_results_torn().
 * Errors: CF_ENOTFOUND, CF_EIO, CF_EINPUT (with FILE:LINE:COLUMN), CF_ELIMIT (nested too deep). */
CF_MUST_CHECK enum cf_code cf_results_open(struct cf_results **out, const char *path,
                                           struct cf_err *err);
/* The same from an open file, which stays the caller's; path is for messages. */
CF_MUST_CHECK enum cf_code cf_results_open_fd(struct cf_results **out, int fd, const char *path,
                                              struct cf_err *err);
void cf_results_close(struct cf_results *results);
const struct cf_run_info *cf_results_info(const struct cf_results *results);
/* Requirements declared and cases counted; made on open. */
const struct cf_summary *cf_results_summary(const struct cf_results *results);
bool cf_results_torn(const struct cf_results *results);
const char *cf_results_path(const struct cf_results *results);
/* Number of case records (attempts). */
size_t cf_results_count(const struct cf_results *results);
/* The record at index, in file order. Errors: CF_EINPUT (its steps are not what record.h says),
 * CF_ELIMIT. Caller releases. */
CF_MUST_CHECK enum cf_code cf_results_case(const struct cf_results *results, size_t index,
                                           struct cf_case_record *out, struct cf_err *err);
/* The same without the reads that it used again and that were answered with 200; *out_left_out: how
 * many. */
CF_MUST_CHECK enum cf_code cf_results_case_but_reused(const struct cf_results *results,
                                                      size_t index, struct cf_case_record *out,
                                                      size_t *out_left_out, struct cf_err *err);
/* The same without its steps, which takes a small part of the time. Errors: those that opening had
 * told. Caller releases. */
CF_MUST_CHECK enum cf_code cf_results_head(const struct cf_results *results, size_t index,
                                           struct cf_case_record *out, struct cf_err *err);
/* What is known of the record at index; valid until close. */
const struct cf_results_entry *cf_results_entry(const struct cf_results *results, size_t index);
/* SHA-256 of the whole file, not compressed. */
void cf_results_sha256(const struct cf_results *results, char out_hex[65]);
/* The JSON text of the record at index; valid until close. */
const char *cf_results_case_text(const struct cf_results *results, size_t index, size_t *out_len);

#endif
