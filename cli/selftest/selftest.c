#include "cli/selftest/selftest.h"
#include "cli/base/progress.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "reference/stacks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *cf_subject_outcome_name(enum cf_subject_outcome outcome)
{
    static const char *const names[] = {"good", "false-alarm", "survivor", "stray", "broken"};
    return names[outcome];
}

/* ---- judging ---- */

static void keep_detail(struct cf_subject *subject, const struct cf_case *one, size_t index)
{
    struct cf_case_record record;
    if (!cf_trial_record(&subject->trial, index, &record)) {
        snprintf(subject->detail, sizeof(subject->detail), "%s", one->id);
        return;
    }
    snprintf(subject->detail, sizeof(subject->detail), "%s: %s: %s", one->id,
             cf_verdict_name(record.verdict), record.reason ? record.reason : "");
    cf_case_record_release(&record);
}

/* What a case that failed breaks. A must that it does not ask about may have been charged to it. */
struct breach {
    enum cf_level level;
    bool named; /* the requirement in question */
};

static struct breach breach_of(const struct cf_subject *subject, const struct cf_case *one,
                               size_t index)
{
    struct cf_case_record record;
    const char *id = subject->row ? subject->row->requirement : NULL;
    struct breach breach = {one->requirement->level, id && cf_case_checks(one, id)};
    if (!cf_trial_record(&subject->trial, index, &record))
        return breach;
    breach.level = record.level;
    breach.named = false;
    for (size_t i = 0; id && i < record.requirement_count; i++)
        breach.named = breach.named || (strcmp(record.requirements[i], id) == 0 &&
                                        cf_record_verdict_of(&record, id) == CF_FAIL);
    cf_case_record_release(&record);
    return breach;
}

/* ---- what a stack is known to fail at ---- */

static bool is_lapse(const struct cf_subject *subject, const char *requirement)
{
    const struct cf_ref_lapse *lapse = NULL;
    const char *name = subject->row ? subject->row->name : "";
    for (size_t n = 0; (lapse = cf_ref_lapse(name, n)); n++) {
        if (strcmp(lapse->requirement, requirement) == 0)
            return true;
    }
    return false;
}

static bool fails(const struct cf_subject *subject, const struct cf_catalogue *catalogue,
                  const char *requirement)
{
    for (size_t i = 0; i < catalogue->case_count; i++) {
        if (subject->trial.results[i].verdict == CF_FAIL &&
            strcmp(catalogue->cases[i]->requirement->id, requirement) == 0)
            return true;
    }
    return false;
}

/* A list that says too much is as wrong as one that says too little. */
static void judge_lapses(struct cf_subject *subject, const struct cf_catalogue *catalogue)
{
    const struct cf_ref_lapse *lapse = NULL;
    for (size_t n = 0; subject->row && (lapse = cf_ref_lapse(subject->row->name, n)); n++) {
        if (subject->outcome != CF_OUTCOME_GOOD || fails(subject, catalogue, lapse->requirement))
            continue;
        subject->outcome = CF_OUTCOME_FALSE_ALARM;
        snprintf(subject->detail, sizeof(subject->detail),
                 "%s is listed among what this stack fails at, and no case of it fails",
                 lapse->requirement);
    }
}

/* Clean and variants: any failure or error is a finding, and so is a must that is left unjudged. */
static void judge_harmless(struct cf_subject *subject, const struct cf_catalogue *catalogue)
{
    bool should_too = !subject->row || strcmp(subject->row->level, "should") != 0;
    bool listed = subject->row && cf_ref_lapse(subject->row->name, 0);
    for (size_t i = 0; i < catalogue->case_count; i++) {
        const struct cf_case *one = catalogue->cases[i];
        enum cf_verdict verdict = subject->trial.results[i].verdict;
        enum cf_level level =
            verdict == CF_FAIL ? breach_of(subject, one, i).level : one->requirement->level;
        subject->failed += verdict == CF_FAIL;
        subject->must_failed += verdict == CF_FAIL && level == CF_MUST;
        bool finding = verdict == CF_ERROR ||
                       (level == CF_MUST && (verdict == CF_FAIL || verdict == CF_INCONCLUSIVE)) ||
                       (level == CF_SHOULD && should_too &&
                        (verdict == CF_FAIL || verdict == CF_INCONCLUSIVE)) ||
                       (level == CF_SHOULD && verdict == CF_FAIL && listed &&
                        !is_lapse(subject, one->requirement->id));
        if (!finding || subject->outcome != CF_OUTCOME_GOOD)
            continue;
        subject->outcome = CF_OUTCOME_FALSE_ALARM;
        keep_detail(subject, one, i);
    }
    judge_lapses(subject, catalogue);
}

static void judge_deviation(struct cf_subject *subject, const struct cf_catalogue *catalogue)
{
    bool should = strcmp(subject->row->level, "should") == 0;
    for (size_t i = 0; i < catalogue->case_count; i++) {
        const struct cf_case *one = catalogue->cases[i];
        if (subject->trial.results[i].verdict != CF_FAIL)
            continue;
        struct breach breach = breach_of(subject, one, i);
        bool must = breach.level == CF_MUST;
        subject->failed++;
        subject->must_failed += must;
        if (should && must && subject->outcome == CF_OUTCOME_GOOD) {
            subject->outcome = CF_OUTCOME_STRAY;
            keep_detail(subject, one, i);
        }
        if (!breach.named)
            continue;
        if (subject->requirement_failed++ == 0 && subject->outcome == CF_OUTCOME_GOOD)
            snprintf(subject->detail, sizeof(subject->detail), "%s", one->id);
    }
    if (subject->requirement_failed == 0 && subject->outcome == CF_OUTCOME_GOOD) {
        subject->outcome = CF_OUTCOME_SURVIVOR;
        snprintf(subject->detail, sizeof(subject->detail), "%zu other cases failed",
                 subject->failed);
    }
}

void cf_subject_judge(struct cf_subject *subject, const struct cf_catalogue *catalogue)
{
    subject->outcome = CF_OUTCOME_GOOD;
    subject->failed = subject->must_failed = subject->requirement_failed = 0;
    subject->detail[0] = '\0';
    if (subject->trial.broken) {
        subject->outcome = CF_OUTCOME_BROKEN;
        snprintf(subject->detail, sizeof(subject->detail), "%s", subject->trial.message);
    } else if (subject->kind == CF_SUBJECT_DEVIATION) {
        judge_deviation(subject, catalogue);
    } else {
        judge_harmless(subject, catalogue);
    }
}

/* ---- running ---- */

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

/* A quick self-test needs, of a must deviation, only the cases that name its requirement; of a
 * should deviation, which must fail no must, those of its suite. A must that these do not catch may
 * be charged to any case: then it takes them all. */
static void narrow(const struct cf_selftest *selftest, struct cf_subject *subject)
{
    bool again = subject->outcome == CF_OUTCOME_SURVIVOR;
    if (selftest->full != again || subject->kind != CF_SUBJECT_DEVIATION)
        return;
    const char *requirement = subject->row->requirement;
    snprintf(subject->suite, sizeof(subject->suite), "%.*s", (int)strcspn(requirement, "."),
             requirement);
    bool must = strcmp(subject->row->level, "must") == 0;
    subject->only[0] = must ? requirement : subject->suite;
    subject->only[1] = NULL;
    if (must)
        subject->trial.requirements = subject->only;
    else
        subject->trial.suites = subject->only;
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
    cf_trials_run(&selftest->target, &subject->trial, 1, 1, on_done, watching);
    keep_first_results(&subject->trial, &first);
    cf_trial_release(&first);
    cf_subject_judge(subject, &selftest->target.catalogue);
}

/* Survivors of a quick self-test, at the same time: with all cases, each takes a while. */
static void widen(struct cf_selftest *selftest, struct watching *watching)
{
    struct cf_subject **subjects = cf_alloc_array(selftest->count + 1, sizeof(*subjects));
    struct cf_trial *trials = cf_alloc_array(selftest->count + 1, sizeof(*trials));
    size_t count = 0;
    for (size_t i = 0; i < selftest->count; i++) {
        struct cf_subject *subject = &selftest->subjects[i];
        if (selftest->full || subject->outcome != CF_OUTCOME_SURVIVOR)
            continue;
        cf_trial_release(&subject->trial);
        renew_trial(selftest, subject);
        subjects[count] = subject;
        trials[count++] = subject->trial;
    }
    cf_trials_run(&selftest->target, trials, count, selftest->parallel, on_done, watching);
    for (size_t i = 0; i < count; i++) {
        subjects[i]->trial = trials[i];
        cf_subject_judge(subjects[i], &selftest->target.catalogue);
    }
    free(subjects);
    free(trials);
}

static void retry(struct cf_selftest *selftest, struct watching *watching)
{
    widen(selftest, watching);
    for (size_t i = 0; i < selftest->count; i++) {
        if (selftest->subjects[i].outcome == CF_OUTCOME_GOOD)
            continue;
        selftest->retried++;
        retry_one(selftest, &selftest->subjects[i], watching);
    }
}

void cf_selftest_run(struct cf_selftest *selftest)
{
    double start = cf_clock_ms();
    struct watching watching = {.selftest = selftest, .total = selftest->count};
    struct cf_trial *trials = cf_alloc_array(selftest->count + 1, sizeof(*trials));
    cf_progress_init(&watching.progress, !selftest->quiet);
    for (size_t i = 0; i < selftest->count; i++) {
        renew_trial(selftest, &selftest->subjects[i]);
        trials[i] = selftest->subjects[i].trial;
    }
    cf_trials_run(&selftest->target, trials, selftest->count, selftest->parallel, on_done,
                  &watching);
    for (size_t i = 0; i < selftest->count; i++) {
        selftest->subjects[i].trial = trials[i];
        cf_subject_judge(&selftest->subjects[i], &selftest->target.catalogue);
    }
    free(trials);
    retry(selftest, &watching);
    cf_progress_clear(&watching.progress);
    selftest->wall_ms = cf_clock_ms() - start;
}
