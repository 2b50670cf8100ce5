/*
 * Matchers: what a JSON value should be, as data.
 *
 *   a scalar or an array        equals exactly that (numbers by decimal value: 1 is 1.0)
 *   {"equals": V}               the same, for any V
 *   {"type": T}                 T: null boolean integer number string array object
 *   {"one_of": [M, ...]}        some matcher matches
 *   {"all": [M, ...]}           every matcher matches
 *   {"not": M}                  M does not match
 *   {"matches": "REGEX"}        a string; POSIX extended, unanchored
 *   {"length": N} or {"length": {"min": N, "max": N}}   characters, elements or members
 *   {"min": N}, {"max": N}      a number within bounds (both may stand in one object)
 *   {"every": M}, {"any": M}    elements of an array
 *   {"members": {NAME: M}}      members of an object; others are not looked at
 *   {"present": BOOL}           whether there is a value at all
 *
 * Several words in one object must all hold. An absent value satisfies only {"present": false}, and
 * {"not": ...} of what it does not satisfy.
 */
#ifndef CF_MATCH_MATCH_H
#define CF_MATCH_MATCH_H

#include "harness/base/json.h"

/* One thing that is not as expected; strings are valid during the call only. */
struct cf_mismatch {
    const cJSON *origin;  /* the expectation in the case file's tree, for its line */
    const char *pointer;  /* into the body; NULL where it does not stand in one */
    const char *expected; /* with types */
    const char *actual;
    const char *message;
};

typedef void cf_mismatch_fn(void *context, const struct cf_mismatch *mismatch);

/* Where mismatches go, and what to blame. */
struct cf_match_sink {
    cf_mismatch_fn *add; /* NULL: only the result counts */
    void *context;
    const cJSON *origin;
};

/* Whether value (NULL: absent) matches; every mismatch goes to sink with its pointer below base.
 * matcher must have passed cf_matcher_check(). */
bool cf_match(const cJSON *matcher, const cJSON *value, const char *base,
              const struct cf_match_sink *sink);

/* The same for the value that an RFC 6901 pointer leads to in root; where it leads nowhere, a
 * mismatch names what stands beside. */
bool cf_match_at(const cJSON *matcher, const cJSON *root, const char *pointer,
                 const struct cf_match_sink *sink);

/* Check a matcher's form. Errors: CF_EINPUT with file and line. */
CF_MUST_CHECK enum cf_code cf_matcher_check(const struct cf_json_doc *doc, const cJSON *matcher,
                                            const char *path, struct cf_err *err);

#endif
