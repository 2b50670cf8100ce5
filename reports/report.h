/*
 * What every report is made from, and what every report must say.
 *
 * A source bundles one saved run: its records (read one at a time, from a mapped file), its head,
 * its summary. All writers take a source, so a report can be made while the run's process is still
 * there or years later, and is the same. The source puts records in order and gathers the attempts
 * of one case: writers but the one of results.json show a case once, by its gravest attempt.
 *
 * Every writer is called
 *     enum cf_code cf_report_FORMAT_write(source, [options,] path, err)
 * with path as in cf_report_file_open(), and returns CF_OK, CF_EIO, or CF_EINPUT or CF_ELIMIT (the
 * results file changed under it); the file at path is then whole, or as it was.
 */
#ifndef CF_REPORTS_REPORT_H
#define CF_REPORTS_REPORT_H

#include "harness/record/results.h"

struct cf_report_case {
    size_t first; /* where its attempts start in source->order; they stand side by side */
    size_t attempts;
    size_t shown; /* index of the gravest attempt's record */
    enum cf_verdict verdict;
    bool failed;   /* one of its attempts did, whatever became of the others */
    bool unstable; /* its attempts differ */
};

/* A guess at why cases fail, made by the caller. */
struct cf_report_cause {
    const char *name;         /* short, stable */
    const char *sentence;     /* "an omitted boolean is reset to false"; of all that it may be */
    double share;             /* of the failed cases that it explains, 0 to 1 */
    const char *const *cases; /* ids it explains; NULL with case_count 0: not told */
    size_t case_count;
    const char *const *others; /* names of those that would have left the same */
    size_t other_count;
};

struct cf_report_source {
    const struct cf_results *results;
    /* From results; a caller that knows more than an .ndjson does (the run that has just ended)
     * puts its own here. Borrowed. */
    const struct cf_run_info *info;
    const struct cf_summary *summary;
    const struct cf_report_cause *causes;
    size_t cause_count;
    /* Made by cf_report_source_init(); read only. */
    size_t *order; /* record indexes: every record once */
    size_t record_count;
    struct cf_report_case *cases;
    size_t case_count;
    const char **suites; /* each once, in order of appearance */
    size_t suite_count;
};

/* Borrow results and work the rest out, cases in the file's order. */
void cf_report_source_init(struct cf_report_source *source, const struct cf_results *results);
void cf_report_source_release(struct cf_report_source *source);
/* Put cases in the order of these ids (the plan's); others follow as they stood. */
void cf_report_source_order(struct cf_report_source *source, const char *const *ids, size_t count);

/* The record by which a case is shown. Caller releases. Errors: CF_EINPUT, CF_ELIMIT. */
CF_MUST_CHECK enum cf_code cf_report_read(const struct cf_report_source *source,
                                          const struct cf_report_case *item,
                                          struct cf_case_record *out, struct cf_err *err);
/* The same without the reads that it used again; *out_left_out: how many. */
CF_MUST_CHECK enum cf_code cf_report_read_but_reused(const struct cf_report_source *source,
                                                     const struct cf_report_case *item,
                                                     struct cf_case_record *out,
                                                     size_t *out_left_out, struct cf_err *err);
/* The same without its exchanges, which takes a small part of the time. */
CF_MUST_CHECK enum cf_code cf_report_read_head(const struct cf_report_source *source,
                                               const struct cf_report_case *item,
                                               struct cf_case_record *out, struct cf_err *err);
/* Id, suite, level and reason of a case without reading it. */
const struct cf_results_entry *cf_report_entry(const struct cf_report_source *source,
                                               const struct cf_report_case *item);
/* The likely cause named for a case id; NULL without one. */
const struct cf_report_cause *cf_report_cause_of(const struct cf_report_source *source,
                                                 const char *id);

/* Append what was and was not verified at a level, one line without newline, never a percentage:
 * "MUST 61/61 verified, 60/61 proven able to fail, 0 failed, 0 inconclusive, 3 not applicable". An
 * observe requirement cannot fail, and where no kill matrix is of these cases nothing is said of
 * proofs. Why is a list of its own: cf_report_group(). */
void cf_report_put_level(struct cf_buf *out, const struct cf_summary *summary, enum cf_level level);
/* The three levels in one line, and the word in front when the run was cut short. */
void cf_report_put_headline(struct cf_buf *out, const struct cf_report_source *source);
/* Append the names of what the read side never shows, "gpus, image"; false where there are none. */
bool cf_report_put_out_of_sight(struct cf_buf *out, const struct cf_run_info *info);
/* Append "; 671 operations"; nothing where none was started. */
void cf_report_put_operations(struct cf_buf *out, const struct cf_report_source *source);
/* "Acme Cloud 2.4.1": the IUT's name and version, escaped as above; "the implementation" without.
 */
void cf_report_put_iut(struct cf_buf *out, const struct cf_report_source *source);

/* Whether two JSON texts of heads (iut, pics) denote the same value; NULL is the same as NULL only.
 */
bool cf_report_same_json(const char *a, const char *b);

/* Cases of one verdict side by side by reason, the most frequent reason first. */
struct cf_report_group {
    const char *reason;
    const size_t *cases; /* indexes into source->cases */
    size_t count;
};
struct cf_report_groups {
    struct cf_report_group *items;
    size_t count;
    size_t *cases; /* storage */
};
/* verdict: CF_NOT_APPLICABLE or CF_INCONCLUSIVE. */
void cf_report_group(const struct cf_report_source *source, enum cf_verdict verdict,
                     struct cf_report_groups *out);
void cf_report_groups_release(struct cf_report_groups *groups);

#endif
