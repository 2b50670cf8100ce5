/*
 * What a certificate says: an in-toto Statement v1 with the test-result predicate v0.1.
 *
 * It is made from the bundle's own files and from nothing else, so that verification can make it
 * again and compare. The result is PASSED when every must was verified and no should failed, WARNED
 * when a should was not met or not judged, FAILED when a must was not verified or a case ended in
 * error.
 */
#ifndef CF_CLI_CERTIFY_STATEMENT_H
#define CF_CLI_CERTIFY_STATEMENT_H

#include "harness/case/catalogue.h"
#include "harness/case/profile.h"
#include "reports/report.h"

#define CF_STATEMENT_MEDIA_TYPE "application/vnd.in-toto+json"

#define CF_RESULTS_FILE "results.json" /* the run's, which the bundle has compressed */

/* The bundle's files besides cases/, all in its top folder. */
#define CF_BUNDLE_CASES "cases"
#define CF_BUNDLE_PROFILE "profile.json"
#define CF_BUNDLE_RESULTS "results.json.gz"
#define CF_BUNDLE_JUNIT "junit.xml"
#define CF_BUNDLE_HTML "report.html"
#define CF_BUNDLE_STATEMENT "statement.json"
#define CF_BUNDLE_ENVELOPE "statement.dsse.json"
#define CF_BUNDLE_SUMS "SHA256SUMS"

enum { CF_CERTIFIED_REPEAT_MIN = 3, CF_STATEMENT_MAX_BYTES = 64 << 20 };

enum cf_certified { CF_CERTIFIED_PASSED, CF_CERTIFIED_WARNED, CF_CERTIFIED_FAILED };
/* "PASSED", "WARNED", "FAILED". */
const char *cf_certified_name(enum cf_certified result);
enum cf_certified cf_certified_result(const struct cf_summary *summary);

/* Why a profile is not fit for a certificate, NULL when it is: TLS without verification, or plain
 * HTTP to anything but a loopback address. */
const char *cf_certified_refusal(const struct cf_profile *profile);

/* Who answered during a run, each once and in byte order: addresses, and the subjects of the
 * authorities that vouched for their certificates. */
struct cf_answerers {
    struct cf_list addresses, authorities;
};

struct cf_statement {
    const char *folder; /* the bundle */
    const struct cf_report_source *source;
    const struct cf_catalogue *catalogue;
    const struct cf_profile *profile;
    const struct cf_answerers *answerers;
};

/* out is empty. Errors: CF_EINPUT, CF_ELIMIT (a record that cannot be read). */
CF_MUST_CHECK enum cf_code cf_answerers_find(struct cf_answerers *out,
                                             const struct cf_results *results, struct cf_err *err);
/* The same where records are read one after the other: note each, then sort. */
void cf_answerers_note(struct cf_answerers *answerers, const struct cf_case_record *record);
void cf_answerers_sort(struct cf_answerers *answerers);
void cf_answerers_release(struct cf_answerers *answerers);

/* What requests say who sends them: the profile's User-Agent, or that of the suite. */
const char *cf_certified_user_agent(const struct cf_profile *profile);

/* Append the statement as JSON. Errors: CF_EIO, CF_ENOTFOUND, CF_EINPUT (as cf_files_list()),
 * CF_ELIMIT. */
CF_MUST_CHECK enum cf_code cf_statement_make(struct cf_buf *out, const struct cf_statement *from,
                                             struct cf_err *err);

#endif
