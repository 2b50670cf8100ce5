/*
 * Variants that a quick self-test tries together: a server that takes several liberties at once
 * conforms as well.
 *
 * What two liberties could hide from each other is held off in three ways. No group has two that
 * change the same part of the server or take the same ambiguity the other way, and none has more
 * than a few. What the profile says otherwise, and whole stacks, stay alone. And a case counts for
 * a member only where it passed: those that came out another way than against the clean reference
 * (failed, not applicable, undecided) are asked again of each member by itself. What is left to a
 * full self-test, which tries each alone: a case that fails by one liberty and passes again by
 * another one, which changes another part.
 */
#ifndef CF_CLI_SELFTEST_GROUPS_H
#define CF_CLI_SELFTEST_GROUPS_H

#include "cli/selftest/subject.h"

struct cf_group {
    struct cf_subject whole; /* its row is that of the first member: all have the same level */
    struct cf_subject *members[CF_TRIAL_SWITCHES_MAX];
    size_t count;
    const char **again; /* ids of the cases to ask of each member; NULL-terminated */
    size_t again_count;
};

struct cf_groups {
    struct cf_group *items;
    size_t count;
};

/* Which of the subjects to try together; they must outlive the groups. Deterministic. */
void cf_groups_make(struct cf_groups *out, struct cf_subject *subjects, size_t count);
void cf_groups_release(struct cf_groups *groups);

bool cf_groups_have(const struct cf_groups *groups, const struct cf_subject *subject);

/* Find the cases to ask of each member, from the whole's trial; clean: what came of the cases
 * against the clean reference, NULL where that is not known. */
void cf_group_again(struct cf_group *group, const struct cf_catalogue *catalogue,
                    const struct cf_trial *clean);

/* Give a member what the whole's trial tells of it, where its own trial, if any, did not ask. */
void cf_group_hand_down(const struct cf_group *group, size_t member);

/* The names of all members but one (count: of all), with commas between. */
void cf_group_names(const struct cf_group *group, size_t but, char *out, size_t size);

#endif
