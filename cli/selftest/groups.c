#include "cli/selftest/groups.h"
#include "harness/base/mem.h"
#include "reference/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- who may be with whom ---- */

static void put_profile(const char *const *variant, size_t count, struct cf_buf *out)
{
    struct cf_err err = {0};
    struct cf_ref_options options = {
        .operation_ms = 1, .variants = variant, .variant_count = count};
    if (cf_ref_profile(&options, 1, out, &err) != CF_OK)
        cf_buf_reset(out); /* like no other */
}

static bool has_profile_of_its_own(const struct cf_ref_switch *row)
{
    struct cf_buf mine = {0};
    struct cf_buf usual = {0};
    put_profile(&row->name, 1, &mine);
    put_profile(NULL, 0, &usual);
    bool same = strcmp(cf_buf_text(&mine), cf_buf_text(&usual)) == 0;
    cf_buf_release(&mine);
    cf_buf_release(&usual);
    return !same;
}

static bool is_made_of_others(const struct cf_ref_switch *row)
{
    struct cf_err err = {0};
    struct cf_ref_switches on;
    const struct cf_ref_options options = {.variants = &row->name, .variant_count = 1};
    int bits = 0;
    if (cf_ref_options_switches(&options, &on, &err) != CF_OK)
        return true;
    for (size_t i = 0; i < sizeof(on.bits) / sizeof(on.bits[0]); i++)
        bits += __builtin_popcountll(on.bits[i]);
    return bits > 1;
}

static bool may_be_together(const struct cf_subject *subject)
{
    return subject->kind == CF_SUBJECT_VARIANT && strcmp(subject->row->level, "field") != 0 &&
           !is_made_of_others(subject->row) && !has_profile_of_its_own(subject->row);
}

static bool excludes(const struct cf_ref_switch *a, const struct cf_ref_switch *b)
{
    return strcmp(a->level, b->level) != 0 || strcmp(a->part, b->part) == 0 ||
           (*a->requirement && strcmp(a->requirement, b->requirement) == 0);
}

static bool takes(const struct cf_group *group, const struct cf_subject *subject)
{
    for (size_t i = 0; i < group->count; i++) {
        if (excludes(group->members[i]->row, subject->row))
            return false;
    }
    return group->count < CF_TRIAL_SWITCHES_MAX;
}

/* ---- making them ---- */

/* The members of the largest part need a group each; the others are spread over as many. */
static size_t least_groups(struct cf_subject *const *subjects, size_t count)
{
    size_t least = (count + CF_TRIAL_SWITCHES_MAX - 1) / CF_TRIAL_SWITCHES_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t apart = 0;
        for (size_t j = 0; j < count; j++)
            apart += excludes(subjects[i]->row, subjects[j]->row);
        least = apart > least ? apart : least;
    }
    return least;
}

static void place(struct cf_groups *groups, size_t first, struct cf_subject *subject)
{
    struct cf_group *best = NULL;
    for (size_t i = first; i < groups->count; i++) {
        struct cf_group *group = &groups->items[i];
        if (takes(group, subject) && (!best || group->count < best->count))
            best = group;
    }
    if (!best)
        best = &groups->items[groups->count++];
    best->members[best->count++] = subject;
}

/* Who is of the level of the first one that is left, is placed, and leaves. */
static size_t place_level(struct cf_groups *out, struct cf_subject **left, size_t count)
{
    struct cf_subject **level = cf_alloc_array(count + 1, sizeof(*level));
    size_t first = out->count;
    size_t level_count = 0;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool same = i == 0 || strcmp(left[i]->row->level, level[0]->row->level) == 0;
        if (same)
            level[level_count++] = left[i];
        else
            left[kept++] = left[i];
    }
    out->count += least_groups(level, level_count);
    for (size_t i = 0; i < level_count; i++)
        place(out, first, level[i]);
    free(level);
    return kept;
}

/* One that found nobody to be with is tried as if there were no groups. */
static void drop_single(struct cf_groups *groups)
{
    size_t kept = 0;
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->items[i].count > 1)
            groups->items[kept++] = groups->items[i];
    }
    groups->count = kept;
}

void cf_groups_make(struct cf_groups *out, struct cf_subject *subjects, size_t count)
{
    struct cf_subject **left = cf_alloc_array(count + 1, sizeof(struct cf_subject *));
    size_t left_count = 0;
    *out = (struct cf_groups){.items = cf_alloc_array(count + 1, sizeof(*out->items))};
    for (size_t i = 0; i < count; i++) {
        if (may_be_together(&subjects[i]))
            left[left_count++] = &subjects[i];
    }
    while (left_count > 0)
        left_count = place_level(out, left, left_count);
    free(left);
    drop_single(out);
    for (size_t i = 0; i < out->count; i++) {
        struct cf_group *group = &out->items[i];
        group->whole =
            (struct cf_subject){.kind = CF_SUBJECT_VARIANT, .row = group->members[0]->row};
    }
}

void cf_groups_release(struct cf_groups *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        cf_trial_release(&groups->items[i].whole.trial);
        free(groups->items[i].again);
    }
    free(groups->items);
    *groups = (struct cf_groups){0};
}

bool cf_groups_have(const struct cf_groups *groups, const struct cf_subject *subject)
{
    for (size_t i = 0; i < groups->count; i++) {
        for (size_t n = 0; n < groups->items[i].count; n++) {
            if (groups->items[i].members[n] == subject)
                return true;
        }
    }
    return false;
}

/* ---- what the whole tells of each ---- */

void cf_group_again(struct cf_group *group, const struct cf_catalogue *catalogue,
                    const struct cf_trial *clean)
{
    const struct cf_trial *whole = &group->whole.trial;
    group->again = cf_alloc_array(catalogue->case_count + 1, sizeof(*group->again));
    group->again_count = 0;
    for (size_t i = 0; i < catalogue->case_count; i++) {
        enum cf_verdict verdict = whole->results[i].verdict;
        if (verdict != CF_PASS && !(clean && clean->results[i].verdict == verdict))
            group->again[group->again_count++] = catalogue->cases[i]->id;
    }
    group->again[group->again_count] = NULL;
}

void cf_group_hand_down(const struct cf_group *group, size_t member)
{
    const struct cf_trial *whole = &group->whole.trial;
    struct cf_trial *trial = &group->members[member]->trial;
    if (!trial->results) {
        trial->case_count = whole->case_count;
        trial->results = cf_alloc_array(whole->case_count + 1, sizeof(*trial->results));
    }
    for (size_t i = 0; i < trial->case_count; i++) {
        if (trial->results[i].ran)
            continue;
        trial->results[i] = whole->results[i];
        trial->results[i].line = NULL; /* the whole's */
    }
    /* Each request is counted once, whoever it is counted for. */
    trial->requests += whole->requests / group->count;
    if (member == 0)
        trial->requests += whole->requests % group->count;
    trial->duration_ms += whole->duration_ms;
}

void cf_group_names(const struct cf_group *group, size_t but, char *out, size_t size)
{
    size_t len = 0;
    *out = '\0';
    for (size_t i = 0; i < group->count && len < size; i++) {
        if (i != but)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "",
                                    group->members[i]->row->name);
    }
}
