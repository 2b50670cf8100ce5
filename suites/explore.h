/*
 * Exploring: sequences of commands that nobody wrote down, as cases that the model judges.
 *
 * A sequence is data: {"cvms": {ROLE: KIND}, "commands": [...]}, drawn at random
 * (explore_draw.c), written out as the steps of an ordinary case with the model's predictions as
 * expectations (explore_case.c), and made smaller (explore_smaller.c). Whether a predicted case is
 * right is decided as any case is: by running it.
 *
 * A command is one object. "do" is
 *
 *   update   "set": the fields; "script", "prepare": booleans; "as": what its hash is called;
 *            "form": instead, what is no update or no upload, or is one that some servers refuse
 *            for how it is sent; or the media type of the script
 *   refused  "set": valid fields beside the fault; "fault": {"kind": ..., ...}; "script"
 *   finish   phase 2 "of" a hash, with a "proof"; "other": the hash of another CVM;
 *            "count": so many with one proof at once
 *   commit   commit-update "of" a hash
 *   during   "set" by a first request, "then" by a second one while the first one's operation runs;
 *            "between": what comes between the two, a wrong "value", "key" or "form", or a "look";
 *            "upload": the first is a script's
 *   race     "count" updates of user_config at once, or "by" scripts, or by both in turn
 *   beside   "set" on the main CVM, and "then" on the other one while that operation runs
 *   wait     look again, for a while
 *
 * and "cvm" is the role of the CVM, of which the first is the main one. With "ids" in the sequence,
 * no two of its operations may share a correlation id.
 */
#ifndef CF_SUITES_EXPLORE_H
#define CF_SUITES_EXPLORE_H

#include "harness/base/digest.h"
#include "harness/case/profile.h"
#include "harness/case/step_form.h"

enum { CF_CVM_EXPLORE_STEPS = 12, CF_CVM_EXPLORE_STEPS_MAX = 30 };

/* A sequence of at most so many commands that this profile's CVMs can be sent, and that one case
 * has the steps for. The same name gives the same sequence. The caller frees it. */
cJSON *cf_cvm_explore_draw(const char *name, const struct cf_profile *profile, int commands);

/* Its commands as steps. The case fails where the contract is broken, and its title is a sentence.
 * commands: steps[i] belongs to the command of index commands[i]; CF_STEPS_MAX places, may be NULL.
 * The caller frees it. */
cJSON *cf_cvm_explore_case(const cJSON *sequence, const struct cf_profile *profile, const char *id,
                           int *commands);

/* Leave out the last commands of a sequence until its case has no more steps than a case may have.
 */
void cf_cvm_explore_fit(cJSON *sequence, const struct cf_profile *profile);

/* All sequences that are the next smaller ones, those with the most left out first: without some
 * commands, without a field, with a plainer or shorter value. An array; the caller frees it. */
cJSON *cf_cvm_explore_smaller(const cJSON *sequence);
/* The same without what follows a command. */
cJSON *cf_cvm_explore_until(const cJSON *sequence, int command);

/* The same with every CVM first brought to values that are drawn by name, by one update, or in two
 * phases besides: what a sequence shows may depend on what the CVMs were like. The caller frees it.
 */
cJSON *cf_cvm_explore_prepared(const cJSON *sequence, const struct cf_profile *profile,
                               const char *name);

/* What it does, in words, and what came of its last command, which is what a failure's message
 * says: "After an update that empties user_config, an update of vcpu changes user_config". Without
 * a message (NULL) what it does alone. The caller frees it. */
char *cf_cvm_explore_title(const cJSON *sequence, const char *message);

#endif
