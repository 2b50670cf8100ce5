/*
 * Cases with one expectation dropped or negated: what the self-test asks of every expectation,
 * answered with data alone. A copy of the case's steps is changed and run like any other case; what
 * the words of case files cannot say is said by words of the self-test's own:
 *
 *   {"dropped": STEP}              STEP, whose failure does not count
 *   {"negated": STEP}              STEP, which has to fail
 *   "expect": {"negated": EXPECT}  an answer that must not be as EXPECT says
 */
#ifndef CF_CLI_SELFTEST_EDITS_H
#define CF_CLI_SELFTEST_EDITS_H

#include "harness/case/catalogue.h"
#include "harness/run/engine.h"

/* What is to be changed in the cases of one node (all its rows). */
struct cf_edit {
    const cJSON *case_node;   /* as struct cf_case's node */
    const cJSON *expectation; /* in it: a member of an expect, its json or headers, or of a capture;
                               * or a step that is an expectation as a whole */
    bool negate;              /* else: drop */
};

/* A catalogue with edited cases in the places of those as written, and an engine that knows the
 * words. Everything else is the original's, which must outlive it. */
struct cf_edited {
    struct cf_engine engine;
    struct cf_catalogue catalogue;
    /* what it owns besides the catalogue's lists */
    struct cf_case *cases;
    cJSON **steps; /* one an edit */
    size_t edit_count;
    const struct cf_step_word **words;
    const struct cf_expect_word **expect_words;
};

/* At most one edit may name a case. */
void cf_edited_init(struct cf_edited *out, const struct cf_engine *engine,
                    const struct cf_catalogue *catalogue, const struct cf_edit *edits,
                    size_t count);
void cf_edited_release(struct cf_edited *edited);

#endif
