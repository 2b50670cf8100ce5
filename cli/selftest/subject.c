#include "cli/selftest/subject.h"
#include "reference/stacks.h"

#include <stdio.h>
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
