#include "cli/selftest/selftest.h"
#include "cli/base/progress.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"

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

/* Clean and variants: any failure or error is a finding, and so is a must that is left unjudged. */
static void judge_harmless(struct cf_subject *subject, const struct cf_catalogue *catalogue)
{
    bool should_too = !subject->row || strcmp(subject->row->level, "should") != 0;
    for (size_t i = 0; i < catalogue->case_count; i++) {
        const struct cf_case *one = catalogue->cases[i];
        enum cf_level level = one->requirement->level;
        enum cf_verdict verdict = subject->trial.results[i].verdict;
        subject->failed += verdict == CF_FAIL;
        subject->must_failed += verdict == CF_FAIL && level == CF_MUST;
        bool finding = verdict == CF_ERROR ||
                       (level == CF_MUST && (verdict == CF_FAIL || verdict == CF_INCONCLUSIVE)) ||
                       (level == CF_SHOULD && should_too &&
                        (verdict == CF_FAIL || verdict == CF_INCONCLUSIVE));
        if (!finding || subject->outcome != CF_OUTCOME_GOOD)
            continue;
        subject->outcome = CF_OUTCOME_FALSE_ALARM;
        keep_detail(subject, one, i);
    }
}

static void judge_deviation(struct cf_subject *subject, const struct cf_catalogue *catalogue)
{
    bool should = strcmp(subject->row->level, "should") == 0;
    for (size_t i = 0; i < catalogue->case_count; i++) {
        const struct cf_case *one = catalogue->cases[i];
        if (subject->trial.results[i].verdict != CF_FAIL)
            continue;
        bool must = one->requirement->level == CF_MUST;
        subject->failed++;
        subject->must_failed += must;
        if (should && must && subject->outcome == CF_OUTCOME_GOOD) {
            subject->outcome = CF_OUTCOME_STRAY;
            keep_detail(subject, one, i);
        }
        if (!cf_case_checks(one, subject->row->requirement))
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
 * should deviation, which must fail no must, those of its suite. */
static void narrow(const struct cf_selftest *selftest, struct cf_subject *subject)
{
    if ((selftest->full && subject->outcome != CF_OUTCOME_SURVIVOR) ||
        subject->kind != CF_SUBJECT_DEVIATION)
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

static void renew_trial(struct cf_selftest *selftest, struct cf_subject *subject)
{
    const char *name = subject->row ? subject->row->name : "the reference implementation";
    cf_trial_init(&subject->trial, name, subject->kind == CF_SUBJECT_DEVIATION,
                  subject->kind == CF_SUBJECT_VARIANT);
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

/* Survivors are tried with their own cases alone, as other cases may have left a CVM in a state in
 * which theirs could not be judged. */
static void retry(struct cf_selftest *selftest, struct watching *watching)
{
    for (size_t i = 0; i < selftest->count; i++) {
        struct cf_subject *subject = &selftest->subjects[i];
        if (subject->outcome == CF_OUTCOME_GOOD)
            continue;
        struct cf_trial first = subject->trial;
        selftest->retried++;
        renew_trial(selftest, subject);
        cf_trials_run(&selftest->target, &subject->trial, 1, 1, on_done, watching);
        keep_first_results(&subject->trial, &first);
        cf_trial_release(&first);
        cf_subject_judge(subject, &selftest->target.catalogue);
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
