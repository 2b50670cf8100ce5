/*
 * Does every expectation earn its place? Each is negated in turn: a case that still passes did not
 * look (dead). Each is dropped in turn: when every deviation is still caught, nothing depends on
 * it. It is then either a second net, which some deviation falls into after another (redundant), or
 * one that no deviation touches (untouched): both are for review.
 */
#include "cli/selftest/selftest.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "harness/run/language.h"

#include <stdlib.h>
#include <string.h>

/* What an expectation looks at, and why it is kept although nothing needs it alone. */
enum look {
    LOOK_STATUS,
    LOOK_ANSWER,
    LOOK_CAPTURE,
    LOOK_CHANGE,
    LOOK_NO_CHANGE,
    LOOK_OTHER,
    LOOKS
};

static const struct {
    const char *name;
    const char *why;
} looks[LOOKS] = {
    {"status", "asked of each row, field and endpoint by itself; a bug in one shows in others too"},
    {"answer", "where one part of an answer is wrong, others often are"},
    {"capture", "what later steps of the case stand on"},
    {"change", "the same bug is seen by cases with other fields, fixtures and endpoints"},
    {"no change", "each refusal has to leave the CVM alone by itself, at once and a look later"},
    {"other", "checks of values, of operations and of simultaneous requests"},
};

struct expectation {
    const struct cf_requirement *requirement;
    const cJSON *case_node;
    const cJSON *node;
    char *place; /* pointer in the file */
    bool setup;  /* of a step that only prepares */
    enum look look;
    size_t rank;    /* among those of its case */
    size_t dead;    /* rows that pass although it is negated */
    size_t touched; /* times that a deviation failed it */
    size_t needed;  /* deviations that only it catches */
};

struct expectations {
    struct expectation *items;
    size_t count, cap;
    const struct cf_requirement *requirement;
    const cJSON *case_node;
    size_t rank;
    bool setup;
    enum look look;
};

/* ---- finding them ---- */

static void add(struct expectations *all, const cJSON *node)
{
    struct cf_buf place = {0};
    all->items = cf_grow(all->items, all->count, &all->cap, sizeof(*all->items));
    (void)cf_json_pointer_to(all->requirement->doc.root, node, &place);
    all->items[all->count++] = (struct expectation){.requirement = all->requirement,
                                                    .case_node = all->case_node,
                                                    .node = node,
                                                    .place = cf_buf_take(&place, NULL),
                                                    .setup = all->setup,
                                                    .look = all->look,
                                                    .rank = all->rank++};
    cf_buf_release(&place);
}

static void add_children(struct expectations *all, const cJSON *map)
{
    for (const cJSON *child = map ? map->child : NULL; child; child = child->next)
        add(all, child);
}

static enum look look_of_step(const cJSON *step)
{
    const cJSON *change = cf_json_get(step, "expect_change");
    bool none = cJSON_IsObject(change) && !change->child;
    if (none || cf_json_get(step, "expect_unchanged"))
        return LOOK_NO_CHANGE;
    return change ? LOOK_CHANGE : LOOK_OTHER;
}

static void add_step(struct expectations *all, const cJSON *step, const struct cf_engine *engine)
{
    const struct cf_step_word **words = cf_engine_words(engine);
    const cJSON *expect = cf_json_get(step, "expect");
    all->setup = cf_json_bool(step, "setup", false);
    for (const cJSON *m = expect ? expect->child : NULL; m; m = m->next) {
        all->look = strcmp(m->string, "status") == 0 ? LOOK_STATUS : LOOK_ANSWER;
        if (strcmp(m->string, "json") == 0 || strcmp(m->string, "headers") == 0)
            add_children(all, m);
        else
            add(all, m);
    }
    all->look = LOOK_CAPTURE;
    if (cf_json_get(step, "request"))
        add_children(all, cf_json_get(step, "capture"));
    all->look = look_of_step(step);
    for (size_t i = 0; words && words[i]; i++) {
        if (words[i]->judges && cf_json_get(step, words[i]->form.word))
            add(all, step);
    }
    free(words);
}

static void find_all(struct expectations *all, const struct cf_selftest *s)
{
    const struct cf_catalogue *c = &s->target.catalogue;
    for (size_t i = 0; i < c->requirement_count; i++) {
        const cJSON *node;
        all->requirement = c->requirements[i];
        cJSON_ArrayForEach(node, cf_json_get(c->requirements[i]->doc.root, "cases"))
        {
            const cJSON *step;
            all->case_node = node;
            all->rank = 0;
            cJSON_ArrayForEach(step, cf_json_get(node, "steps"))
                add_step(all, step, s->target.engine);
        }
    }
}

/* ---- negating: a pass edits one expectation of every case at once ---- */

static void ignore(void *context, const struct cf_trial *trial)
{
    (void)context;
    (void)trial;
}

static void edit_rank(struct cf_trial *trial, const struct expectations *all, size_t rank,
                      struct cf_edit *edits)
{
    cf_trial_init(trial, "negated", false, false);
    trial->edits = edits;
    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].rank == rank)
            edits[trial->edit_count++] =
                (struct cf_edit){all->items[i].case_node, all->items[i].node, true};
    }
}

static bool count_dead(const struct cf_selftest *s, struct expectations *all, size_t rank,
                       const struct cf_trial *trial)
{
    const struct cf_catalogue *c = &s->target.catalogue;
    for (size_t i = 0; !trial->broken && i < all->count; i++) {
        struct expectation *e = &all->items[i];
        for (size_t k = 0; e->rank == rank && k < c->case_count; k++)
            e->dead += c->cases[k]->node == e->case_node && trial->results[k].verdict == CF_PASS;
    }
    return !trial->broken;
}

static bool negate_all(struct cf_selftest *s, struct expectations *all)
{
    size_t ranks = 0;
    for (size_t i = 0; i < all->count; i++)
        ranks = all->items[i].rank + 1 > ranks ? all->items[i].rank + 1 : ranks;
    struct cf_trial *trials = cf_alloc_array(ranks + 1, sizeof(*trials));
    struct cf_edit *edits = cf_alloc_array(all->count + 1, sizeof(*edits));
    bool good = true;
    size_t used = 0;
    for (size_t rank = 0; rank < ranks; rank++) {
        edit_rank(&trials[rank], all, rank, edits + used);
        used += trials[rank].edit_count;
    }
    cf_trials_run(&s->target, trials, ranks, s->parallel, ignore, NULL);
    for (size_t rank = 0; good && rank < ranks; rank++)
        good = count_dead(s, all, rank, &trials[rank]);
    for (size_t rank = 0; rank < ranks; rank++)
        cf_trial_release(&trials[rank]);
    free(trials);
    free(edits);
    return good;
}

/* ---- touching: which deviation fails which expectation ---- */

static bool is_below(const char *place, const char *above)
{
    size_t len = strlen(above);
    return strncmp(place, above, len) == 0 && (place[len] == '\0' || place[len] == '/');
}

/* A body that is not JSON fails whatever is expected of its values: the first stands for all. */
static bool is_body(const char *place)
{
    size_t len = strlen(place);
    return len > 5 && strcmp(place + len - 5, "/json") == 0;
}

static struct expectation *by_place(struct expectations *all, const struct cf_case *one,
                                    const char *place)
{
    for (size_t i = 0; i < all->count; i++) {
        struct expectation *e = &all->items[i];
        /* A mismatch inside a matcher is its expectation's. */
        if (e->case_node == one->node &&
            (is_below(place, e->place) || (is_body(place) && is_below(e->place, place))))
            return e;
    }
    return NULL;
}

/* Where an expectation failed; NULL for what was charged to the case, which no step expects. */
static const char *own_place(const struct cf_failure *failure)
{
    return failure->requirement ? NULL : failure->case_pointer;
}

static void touch(struct expectations *all, const struct cf_case *one,
                  const struct cf_case_record *record)
{
    for (size_t f = 0; f < record->failure_count; f++) {
        const char *place = own_place(&record->failures[f]);
        struct expectation *e = place ? by_place(all, one, place) : NULL;
        if (e)
            e->touched++;
    }
}

static void touch_all(const struct cf_selftest *s, struct expectations *all)
{
    const struct cf_catalogue *c = &s->target.catalogue;
    for (size_t i = 0; i < s->count; i++) {
        const struct cf_subject *subject = &s->subjects[i];
        for (size_t k = 0; subject->kind == CF_SUBJECT_DEVIATION && k < c->case_count; k++) {
            struct cf_case_record record;
            if (!cf_trial_record(&subject->trial, k, &record))
                continue;
            touch(all, c->cases[k], &record);
            cf_case_record_release(&record);
        }
    }
}

/* ---- dropping: only what a deviation is caught by alone can be missed ---- */

/* The one expectation of one case that every case catching the deviation failed by; NULL when there
 * are several, so that none of them alone can be missed. */
static struct expectation *only_catcher(struct expectations *all, const struct cf_selftest *s,
                                        const struct cf_subject *subject)
{
    const struct cf_catalogue *c = &s->target.catalogue;
    struct expectation *only = NULL;
    for (size_t i = 0; i < c->case_count; i++) {
        struct cf_case_record record;
        if (subject->trial.results[i].verdict != CF_FAIL ||
            !cf_case_checks(c->cases[i], subject->row->requirement) ||
            !cf_trial_record(&subject->trial, i, &record))
            continue;
        bool several = record.failure_count == 0;
        for (size_t f = 0; f < record.failure_count && !several; f++) {
            const char *place = own_place(&record.failures[f]);
            if (record.failures[f].requirement)
                continue;
            struct expectation *e = place ? by_place(all, c->cases[i], place) : NULL;
            several = !e || (only && e != only);
            only = e;
        }
        cf_case_record_release(&record);
        if (several)
            return NULL;
    }
    return only;
}

/* A deviation, tried without the one expectation that catches it. */
struct drop {
    struct cf_subject subject;
    struct expectation *expectation;
    struct cf_edit edit;
    const char *requirements[2];
};

static size_t find_drops(const struct cf_selftest *s, struct expectations *all, struct drop *drops)
{
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct cf_subject *subject = &s->subjects[i];
        if (subject->kind != CF_SUBJECT_DEVIATION || subject->requirement_failed == 0)
            continue;
        struct expectation *e = only_catcher(all, s, subject);
        if (e)
            drops[count++] = (struct drop){.subject = {.kind = subject->kind, .row = subject->row},
                                           .expectation = e,
                                           .edit = {e->case_node, e->node, false},
                                           .requirements = {subject->row->requirement, NULL}};
    }
    return count;
}

static void run_drops(struct cf_selftest *s, struct drop *drops, struct cf_trial *trials,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cf_trial_init(&trials[i], drops[i].subject.row->name, true, false);
        trials[i].requirements = drops[i].requirements;
        trials[i].edits = &drops[i].edit;
        trials[i].edit_count = 1;
    }
    cf_trials_run(&s->target, trials, count, s->parallel, ignore, NULL);
    for (size_t i = 0; i < count; i++) {
        struct cf_subject *subject = &drops[i].subject;
        subject->trial = trials[i];
        cf_subject_judge(subject, &s->target.catalogue);
        drops[i].expectation->needed += subject->requirement_failed == 0;
        cf_trial_release(&subject->trial);
    }
}

static void drop_all(struct cf_selftest *s, struct expectations *all)
{
    struct drop *drops = cf_alloc_array(s->count + 1, sizeof(*drops));
    struct cf_trial *trials = cf_alloc_array(s->count + 1, sizeof(*trials));
    run_drops(s, drops, trials, find_drops(s, all, drops));
    free(drops);
    free(trials);
}

/* ---- telling ---- */

static void tell(struct cf_buf *out, const char *what, const struct expectation *e)
{
    cf_buf_printf(out, "%-10s %s:%d %s\n", what, e->requirement->file,
                  cf_json_line(&e->requirement->doc, e->node), e->place);
}

struct counts {
    size_t dead, setup;
    size_t redundant[LOOKS + 1], untouched[LOOKS + 1]; /* the last: all */
};

/* Those that prepare, and those of observe cases, can fail no deviation. */
static void tell_one(struct cf_buf *out, const struct expectation *e, struct counts *counts)
{
    counts->setup += e->setup;
    if (e->dead > 0) {
        counts->dead++;
        tell(out, "dead", e);
    } else if (e->needed > 0 || e->setup || e->requirement->level == CF_OBSERVE) {
        return;
    } else if (e->touched > 0) {
        counts->redundant[e->look]++;
        counts->redundant[LOOKS]++;
        tell(out, "redundant", e);
    } else {
        counts->untouched[e->look]++;
        counts->untouched[LOOKS]++;
        tell(out, "untouched", e);
    }
}

static void tell_looks(struct cf_buf *out, const struct counts *counts)
{
    cf_buf_printf(out, "%9s %9s  kept, because\n", "redundant", "untouched");
    for (int look = 0; look < LOOKS; look++)
        cf_buf_printf(out, "%9zu %9zu  %s: %s\n", counts->redundant[look], counts->untouched[look],
                      looks[look].name, looks[look].why);
}

long cf_selftest_expectations(struct cf_selftest *s, struct cf_buf *out)
{
    struct expectations all = {0};
    struct counts counts = {0};
    double start = cf_clock_ms();
    find_all(&all, s);
    touch_all(s, &all);
    bool good = negate_all(s, &all);
    if (good)
        drop_all(s, &all);
    for (size_t i = 0; i < all.count; i++) {
        tell_one(out, &all.items[i], &counts);
        free(all.items[i].place);
    }
    tell_looks(out, &counts);
    cf_buf_printf(out,
                  "%zu expectations, %zu of them prepare: %zu dead, %zu redundant, %zu untouched; "
                  "%.1f s\n",
                  all.count, counts.setup, counts.dead, counts.redundant[LOOKS],
                  counts.untouched[LOOKS], (cf_clock_ms() - start) / 1000);
    free(all.items);
    return good ? (long)counts.dead : -1;
}
