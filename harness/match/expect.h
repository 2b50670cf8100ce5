/*
 * What an answer should be: {"status": S, "headers": {NAME: M}, "json": {POINTER: M}, ...}.
 *
 * status is an integer, a class such as "4xx", or an array of these. headers match texts; a header
 * that is not there is absent. json matches values of the body by RFC 6901 pointer, and demands a
 * body that is JSON and says so. Further words belong to the domain and are handed in.
 */
#ifndef CF_MATCH_EXPECT_H
#define CF_MATCH_EXPECT_H

#include "harness/match/match.h"
#include "harness/record/record.h"

/* An answer as the judges see it. */
struct cf_answer {
    const struct cf_exchange *exchange;
    const cJSON *json;      /* the parsed body, NULL when it is not JSON */
    const char *json_error; /* why not */
};

/* One more word that an expect object may hold. */
struct cf_expect_word {
    const char *name;
    enum cf_code (*check)(const struct cf_json_doc *doc, const cJSON *wanted, const char *path,
                          struct cf_err *err);
    bool (*judge)(const cJSON *wanted, const struct cf_answer *answer,
                  const struct cf_match_sink *sink);
};

/* Check the form of an expect object. words may be NULL. Errors: CF_EINPUT with file and line. */
CF_MUST_CHECK enum cf_code cf_expect_check(const struct cf_json_doc *doc, const cJSON *expect,
                                           const char *path,
                                           const struct cf_expect_word *const *words,
                                           struct cf_err *err);

/* Judge an answer: all mismatches go to sink. expect has its values filled in; origin is the same
 * object as written, so that each mismatch can name its line. True when there was none. When the
 * status is wrong, the body is not judged: it is another answer's. */
bool cf_expect_judge(const cJSON *expect, const cJSON *origin, const struct cf_answer *answer,
                     const struct cf_expect_word *const *words, cf_mismatch_fn *add, void *context);

/* The form of the status word's value. */
CF_MUST_CHECK enum cf_code cf_expect_check_status(const struct cf_json_doc *doc,
                                                  const cJSON *wanted, const char *path,
                                                  struct cf_err *err);
/* Whether status is what the status word wants. */
bool cf_expect_status(const cJSON *wanted, int status);
/* Whether some status from first to last is. */
bool cf_expect_status_within(const cJSON *wanted, int first, int last);
/* Whether the answer calls its body JSON: application/json or a +json type. */
bool cf_answer_says_json(const struct cf_answer *answer);
bool cf_exchange_says_json(const struct cf_exchange *exchange);
/* Whether an exchange's answer calls its body a page in HTML. */
bool cf_exchange_says_html(const struct cf_exchange *exchange);

#endif
