#include "cli/selftest/selftest.h"
#include "cli/base/progress.h"
#include "cli/selftest/groups.h"
#include "cli/selftest/narrow.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct watching {
    struct cf_selftest *selftest;
    struct cf_progress progress;
    size_t done, total;
};

static void on_done(void *context, const struct cf_trial *trial)
{
    struct watching *watching = context;
    watching->done++;
    watching->selftest->requests += trial->requests;
    cf_progress_update(&watching->progress, watching->done, watching->total, 0);
}

/* A quick self-test tries a deviation with few cases first, then with those that name the
 * requirement, or its suite; then with all, as a must may be charged to any case. A full one begins
 * with all (see retry_one()). */
static void narrow(const struct cf_selftest *selftest, struct cf_subject *subject)
{
    const struct cf_catalogue *catalogue = &selftest->target.catalogue;
    bool again = subject->outcome == CF_OUTCOME_SURVIVOR;
    bool few = subject->with_few;
    subject->with_few = false;
    if (subject->kind != CF_SUBJECT_DEVIATION || selftest->full != (again && !few))
        return;
    if (!again && selftest->matrix && cf_narrow_to_few(subject, catalogue, selftest->matrix))
        subject->with_few = true;
    else
        cf_narrow_to_requirement(subject);
}

/* The field service has no path at which all is read. */
static bool is_of_the_field(const struct cf_subject *subject)
{
    return subject->row && strcmp(subject->row->level, "field") == 0;
}

static void renew_trial(struct cf_selftest *selftest, struct cf_subject *subject)
{
    const char *name = subject->row ? subject->row->name : "the reference implementation";
    cf_trial_init(&subject->trial, name, subject->kind == CF_SUBJECT_DEVIATION,
                  subject->kind == CF_SUBJECT_VARIANT);
    /* What a case costs is measured there. */
    subject->trial.as_served = subject->kind == CF_SUBJECT_CLEAN || is_of_the_field(subject);
    /* A value that cannot be shown there would hide the field from later cases. */
    subject->trial.put_back = is_of_the_field(subject);
    narrow(selftest, subject);
}

/* What the second trial did not run is as the first one left it. */
static void keep_first_results(struct cf_trial *second, struct cf_trial *first)
{
    for (size_t i = 0; second->results && first->results && i < second->case_count; i++) {
        struct cf_trial_result mine = second->results[i];
        if (mine.ran)
            continue;
        second->results[i] = first->results[i];
        first->results[i] = mine;
    }
}

/* What is not good is tried once more. Survivors of all cases are tried with their own alone, as
 * others may have left a CVM in a state in which theirs could not be judged; survivors of their
 * own, with all. */
static void retry_one(struct cf_selftest *selftest, struct cf_subject *subject,
                      struct watching *watching)
{
    struct cf_trial first = subject->trial;
    renew_trial(selftest, subject);
    watching->total++;
    cf_trials_run(&selftest->target, &subject->trial, 1, 1, on_done, watching);
    keep_first_results(&subject->trial, &first);
    cf_trial_release(&first);
    cf_subject_judge(subject, &selftest->target.catalogue);
}

/* Run and judge these, as they were prepared. */
static void try_all(struct cf_selftest *selftest, struct cf_subject *const *subjects, size_t count,
                    struct watching *watching)
{
    struct cf_trial *trials = cf_alloc_array(count + 1, sizeof(*trials));
    for (size_t i = 0; i < count; i++)
        trials[i] = subjects[i]->trial;
    watching->total += count;
    cf_trials_run(&selftest->target, trials, count, selftest->parallel, on_done, watching);
    for (size_t i = 0; i < count; i++) {
        subjects[i]->trial = trials[i];
        cf_subject_judge(subjects[i], &selftest->target.catalogue);
    }
    free(trials);
}

/* Survivors of a quick self-test, at the same time: with more cases, each takes a while. */
static void widen(struct cf_selftest *selftest, struct watching *watching)
{
    struct cf_subject **subjects = cf_alloc_array(selftest->count + 1, sizeof(*subjects));
    size_t count = 0;
    for (size_t i = 0; i < selftest->count; i++) {
        struct cf_subject *subject = &selftest->subjects[i];
        if (selftest->full || subject->outcome != CF_OUTCOME_SURVIVOR)
            continue;
        cf_trial_release(&subject->trial);
        renew_trial(selftest, subject);
        subjects[count++] = subject;
    }
    try_all(selftest, subjects, count, watching);
    free(subjects);
}

static void retry(struct cf_selftest *selftest, struct watching *watching)
{
    widen(selftest, watching);
    widen(selftest, watching);
    for (size_t i = 0; i < selftest->count; i++) {
        if (selftest->subjects[i].outcome == CF_OUTCOME_GOOD)
            continue;
        selftest->retried++;
        retry_one(selftest, &selftest->subjects[i], watching);
    }
}

/* ---- variants together ---- */

static void renew_whole(struct cf_selftest *selftest, struct cf_group *group)
{
    renew_trial(selftest, &group->whole);
    for (size_t i = 1; i < group->count; i++)
        cf_trial_join(&group->whole.trial, group->members[i]->row->name);
}

static const struct cf_trial *clean_trial(const struct cf_selftest *selftest)
{
    for (size_t i = 0; i < selftest->count; i++) {
        const struct cf_subject *subject = &selftest->subjects[i];
        if (subject->kind == CF_SUBJECT_CLEAN && subject->outcome == CF_OUTCOME_GOOD)
            return &subject->trial;
    }
    return NULL;
}

/* Each member by itself, with what its group leaves open of it; with all cases where the group did
 * not come to an end. */
static void try_members(struct cf_selftest *selftest, struct cf_groups *groups,
                        struct watching *watching)
{
    struct cf_subject **subjects = cf_alloc_array(selftest->count + 1, sizeof(*subjects));
    size_t count = 0;
    for (size_t i = 0; i < groups->count; i++) {
        struct cf_group *group = &groups->items[i];
        bool broken = group->whole.trial.broken;
        if (!broken)
            cf_group_again(group, &selftest->target.catalogue, clean_trial(selftest));
        for (size_t n = 0; n < group->count && (broken || group->again_count > 0); n++) {
            renew_trial(selftest, group->members[n]);
            group->members[n]->trial.cases = broken ? NULL : group->again;
            subjects[count++] = group->members[n];
        }
    }
    try_all(selftest, subjects, count, watching);
    free(subjects);
}

static void judge_members(struct cf_selftest *selftest, struct cf_group *group)
{
    for (size_t n = 0; n < group->count; n++) {
        cf_group_hand_down(group, n);
        struct cf_subject *member = group->members[n];
        cf_subject_judge(member, &selftest->target.catalogue);
        if (member->outcome != CF_OUTCOME_GOOD)
            continue;
        size_t len = (size_t)snprintf(member->detail, sizeof(member->detail), "together with ");
        cf_group_names(group, n, member->detail + len, sizeof(member->detail) - len);
    }
}

/* A finding that no member raises by itself is one all the same: the server conforms. */
static void blame_whole(struct cf_selftest *selftest, struct cf_group *group,
                        struct watching *watching)
{
    char names[300];
    for (size_t n = 0; n < group->count; n++) {
        if (group->members[n]->outcome != CF_OUTCOME_GOOD)
            return;
    }
    cf_trial_release(&group->whole.trial);
    renew_whole(selftest, group);
    selftest->retried++;
    try_all(selftest, &(struct cf_subject *){&group->whole}, 1, watching);
    for (size_t n = 0; n < group->count && group->whole.outcome != CF_OUTCOME_GOOD; n++) {
        struct cf_subject *member = group->members[n];
        cf_group_names(group, n, names, sizeof(names));
        member->outcome = group->whole.outcome;
        (void)snprintf(member->detail, sizeof(member->detail), "%.200s; only together with %s",
                       group->whole.detail, names);
    }
}

/* ---- all of it ---- */

static void try_first(struct cf_selftest *selftest, struct cf_groups *groups,
                      struct watching *watching)
{
    struct cf_subject **first = cf_alloc_array(selftest->count + 1, sizeof(*first));
    size_t count = 0;
    for (size_t i = 0; i < groups->count; i++) {
        renew_whole(selftest, &groups->items[i]);
        first[count++] = &groups->items[i].whole;
    }
    for (size_t i = 0; i < selftest->count; i++) {
        if (cf_groups_have(groups, &selftest->subjects[i]))
            continue;
        renew_trial(selftest, &selftest->subjects[i]);
        first[count++] = &selftest->subjects[i];
    }
    try_all(selftest, first, count, watching);
    free(first);
}

void cf_selftest_run(struct cf_selftest *selftest)
{
    double start = cf_clock_ms();
    struct watching watching = {.selftest = selftest};
    struct cf_groups groups = {0};
    cf_progress_init(&watching.progress, !selftest->quiet);
    if (selftest->groups)
        cf_groups_make(&groups, selftest->subjects, selftest->count);
    try_first(selftest, &groups, &watching);
    try_members(selftest, &groups, &watching);
    for (size_t i = 0; i < groups.count; i++)
        judge_members(selftest, &groups.items[i]);
    retry(selftest, &watching);
    for (size_t i = 0; i < groups.count; i++) {
        if (groups.items[i].whole.outcome != CF_OUTCOME_GOOD)
            blame_whole(selftest, &groups.items[i], &watching);
    }
    cf_groups_release(&groups);
    cf_progress_clear(&watching.progress);
    selftest->wall_ms = cf_clock_ms() - start;
}
