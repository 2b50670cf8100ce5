#include "cli/explore_hunt.h"
#include "harness/base/clock.h"
#include "harness/base/mem.h"
#include "suites/explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUND = 24,
    REPEATS = 2,
    BATCH_MAX = 24,
    ROUND_MAX = 384, /* of a profile's: each round looks at the CVMs first, and puts them back */
    ROUND_MAX_OF_REFERENCE = 96,
    COPIES = 24, /* twice on each CVM of the reference implementation */
    COPIES_OF_A_PROFILE = 3,
    PREPARATIONS = 3
};

struct batch {
    cJSON *sequences[ROUND_MAX];
    struct cf_try tries[ROUND_MAX];
    size_t count;
};

static void batch_release(struct batch *batch)
{
    cf_tries_release(batch->tries, batch->count);
    for (size_t i = 0; i < batch->count; i++)
        cJSON_Delete(batch->sequences[i]);
    *batch = (struct batch){0};
}

static void batch_add(struct batch *batch, cJSON *sequence)
{
    batch->sequences[batch->count] = sequence;
    batch->tries[batch->count].sequence = sequence;
    batch->count++;
}

static int length(const cJSON *sequence)
{
    return cJSON_GetArraySize(cf_json_get(sequence, "commands"));
}

static bool over(const struct cf_hunt *hunt)
{
    return hunt->explorer->signal ||
           (hunt->budget_ms > 0 && cf_clock_ms() - hunt->started_ms > hunt->budget_ms);
}

/* ---- again ---- */

/* Alone, on CVMs that are as they were; how often it fails. */
static enum cf_code run_again(struct cf_hunt *hunt, const cJSON *sequence, int times,
                              int *out_failed, struct cf_err *err)
{
    *out_failed = 0;
    for (int i = 0; i < times && !hunt->explorer->signal; i++) {
        struct cf_try one = {.sequence = sequence};
        enum cf_code code = cf_tries_run(hunt->explorer, &one, 1, err);
        *out_failed += one.verdict == CF_FAIL;
        hunt->shrinking++;
        cf_tries_release(&one, 1);
        if (code != CF_OK)
            return code;
    }
    return CF_OK;
}

/* ---- smaller ---- */

/* The first of a batch that still fails; its index, or -1. */
static enum cf_code try_batch(struct cf_hunt *hunt, struct batch *batch, int *out_index,
                              struct cf_err *err)
{
    *out_index = -1;
    enum cf_code code = cf_tries_run(hunt->explorer, batch->tries, batch->count, err);
    hunt->shrinking += (long long)batch->count;
    for (size_t i = batch->count; i > 0; i--) {
        if (batch->tries[i - 1].verdict == CF_FAIL)
            *out_index = (int)i - 1;
    }
    return code;
}

static void take(struct cf_finding *finding, struct batch *batch, int index)
{
    struct cf_try *one = &batch->tries[index];
    cJSON *smaller = cf_cvm_explore_until(one->sequence, one->command);
    cJSON_Delete(finding->smallest);
    finding->smallest = smaller;
    free(finding->message);
    free(finding->requirement);
    finding->message = one->message;
    finding->requirement = one->requirement;
    one->message = NULL;
    one->requirement = NULL;
}

/* One step down; *out_done where nothing can go. */
static enum cf_code make_smaller(struct cf_hunt *hunt, struct cf_finding *finding, bool *out_done,
                                 struct cf_err *err)
{
    enum cf_code code = CF_OK;
    cJSON *all = cf_cvm_explore_smaller(finding->smallest);
    *out_done = true;
    while (code == CF_OK && *out_done && all->child && !over(hunt)) {
        struct batch batch = {0};
        int index;
        while (all->child && batch.count < BATCH_MAX)
            batch_add(&batch, cJSON_DetachItemFromArray(all, 0));
        code = try_batch(hunt, &batch, &index, err);
        if (code == CF_OK && index >= 0) {
            take(finding, &batch, index);
            *out_done = false;
        }
        batch_release(&batch);
    }
    cJSON_Delete(all);
    return code;
}

/* ---- wherever it is run ---- */

/* Whether it fails on whichever CVMs it is run, that is on many at once; if so, it is cut after
 * where it does. */
static enum cf_code holds(struct cf_hunt *hunt, struct cf_finding *finding, const cJSON *sequence,
                          bool *out_holds, struct cf_err *err)
{
    struct batch batch = {0};
    size_t copies = hunt->explorer->profile_path ? COPIES_OF_A_PROFILE : COPIES;
    while (batch.count < copies)
        batch_add(&batch, cJSON_Duplicate(sequence, 1));
    enum cf_code code = cf_tries_run(hunt->explorer, batch.tries, batch.count, err);
    hunt->shrinking += (long long)batch.count;
    *out_holds = code == CF_OK;
    int latest = 0;
    for (size_t i = 0; i < batch.count; i++) {
        *out_holds = *out_holds && batch.tries[i].verdict == CF_FAIL;
        if (batch.tries[i].command > batch.tries[latest].command)
            latest = (int)i;
    }
    if (*out_holds)
        take(finding, &batch, latest);
    batch_release(&batch);
    return code;
}

/* Leave out what it holds without. */
static enum cf_code make_smaller_everywhere(struct cf_hunt *hunt, struct cf_finding *finding,
                                            struct cf_err *err)
{
    enum cf_code code = CF_OK;
    bool again = true;
    while (code == CF_OK && again && !over(hunt)) {
        cJSON *all = cf_cvm_explore_smaller(finding->smallest);
        const cJSON *one;
        again = false;
        cJSON_ArrayForEach(one, all)
        {
            if (code != CF_OK || again || over(hunt))
                break;
            code = holds(hunt, finding, one, &again, err);
        }
        cJSON_Delete(all);
    }
    return code;
}

/* A sequence may need CVMs that are like the one that it was found on: then it has to make them so
 * itself. What fails here and there only is not stable; where there is no time left to look, it is
 * what it was. */
static enum cf_code settle_on(struct cf_hunt *hunt, struct cf_finding *finding, struct cf_err *err)
{
    bool good = false;
    bool prepared = false;
    enum cf_code code = CF_OK;
    for (int i = 0; code == CF_OK && !good && i <= 2 * PREPARATIONS && !over(hunt); i++) {
        char name[40];
        snprintf(name, sizeof(name), "explore/prepared/%d", i);
        const cJSON *from = i <= PREPARATIONS ? finding->smallest : finding->first;
        cJSON *sequence = i == 0 ? cJSON_Duplicate(from, 1)
                                 : cf_cvm_explore_prepared(from, &hunt->explorer->profile, name);
        code = holds(hunt, finding, sequence, &good, err);
        prepared = i > 0;
        finding->stable = good;
        cJSON_Delete(sequence);
    }
    return code == CF_OK && good && prepared ? make_smaller_everywhere(hunt, finding, err) : code;
}

static enum cf_code follow(struct cf_hunt *hunt, struct cf_finding *finding, struct cf_err *err)
{
    int failed;
    bool done = false;
    enum cf_code code = run_again(hunt, finding->first, REPEATS, &failed, err);
    finding->stable = failed == REPEATS;
    if (!finding->stable)
        return code;
    while (code == CF_OK && !done && !over(hunt) && hunt->shrinking < hunt->commands_max)
        code = make_smaller(hunt, finding, &done, err);
    return code == CF_OK ? settle_on(hunt, finding, err) : code;
}

/* ---- rounds ---- */

/* False where there is nothing to be sent. */
static bool draw_round(struct cf_hunt *hunt, struct batch *batch, size_t size)
{
    int drawn = 0;
    long long planned = hunt->commands;
    while (batch->count < size && planned < hunt->commands_max) {
        char name[80];
        long long left = hunt->commands_max - planned;
        int steps = left < hunt->steps ? (int)left : hunt->steps;
        snprintf(name, sizeof(name), "explore/%llu/%lld", hunt->seed,
                 hunt->sequences + (long long)batch->count);
        batch_add(batch, cf_cvm_explore_draw(name, &hunt->explorer->profile, steps));
        planned += steps;
        drawn += length(batch->sequences[batch->count - 1]);
    }
    return drawn > 0;
}

/* Up to the value that was got: a message, or the field that it is about. */
static bool alike(const char *a, const char *b, const char *from, const char *to)
{
    const char *in_a = from ? strstr(a, from) : a;
    const char *in_b = from ? strstr(b, from) : b;
    if (!in_a || !in_b)
        return false;
    size_t len = strcspn(in_a, to);
    return len == strcspn(in_b, to) && strncmp(in_a, in_b, len) == 0;
}

/* The same message, or the same field, is the same bug, as far as anybody knows; but what did not
 * repeat hides nothing that does. */
static bool is_known(const struct cf_hunt *hunt, const char *message)
{
    for (size_t i = hunt->followed; i < hunt->finding_count; i++) {
        if (alike(hunt->findings[i].message, message, NULL, "(") ||
            alike(hunt->findings[i].message, message, "(expected ", ":"))
            return true;
    }
    return false;
}

static void note_finding(struct cf_hunt *hunt, struct cf_try *one, long long before)
{
    struct cf_finding *finding = &hunt->findings[hunt->finding_count];
    if (hunt->finding_count == hunt->followed + CF_ROUND_FINDINGS_MAX || !one->message ||
        is_known(hunt, one->message))
        return;
    finding->first = cf_cvm_explore_until(one->sequence, one->command);
    finding->smallest = cJSON_Duplicate(finding->first, 1);
    finding->after = before + one->command + 1;
    finding->message = cf_strdup(one->message);
    finding->requirement = cf_strdup(one->requirement);
    hunt->finding_count++;
}

static void take_in(struct cf_hunt *hunt, struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct cf_try *one = &batch->tries[i];
        bool judged = one->verdict == CF_PASS || one->verdict == CF_FAIL;
        if (!one->ran)
            continue;
        if (one->verdict == CF_FAIL)
            note_finding(hunt, one, hunt->commands);
        hunt->judged += judged;
        hunt->unjudged += !judged;
        hunt->sequences++;
        hunt->commands += length(batch->sequences[i]);
        if (!judged && one->message) {
            free(hunt->why_unjudged);
            hunt->why_unjudged = cf_strdup(one->message);
        }
    }
}

static void finding_release(struct cf_finding *finding)
{
    cJSON_Delete(finding->first);
    cJSON_Delete(finding->smallest);
    free(finding->message);
    free(finding->requirement);
    *finding = (struct cf_finding){0};
}

/* What else the same sequences showed is mostly the same bug: it comes again once that is mended.
 */
static void drop_others(struct cf_hunt *hunt, size_t kept)
{
    while (hunt->finding_count > kept + 1)
        finding_release(&hunt->findings[--hunt->finding_count]);
}

/* Whether what a round found repeats. */
static enum cf_code follow_all(struct cf_hunt *hunt, bool *out_stable, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    *out_stable = false;
    for (; code == CF_OK && hunt->followed < hunt->finding_count; hunt->followed++) {
        struct cf_finding *finding = &hunt->findings[hunt->followed];
        code = follow(hunt, finding, err);
        *out_stable = *out_stable || finding->stable;
        if (finding->stable)
            drop_others(hunt, hunt->followed);
    }
    return code;
}

static enum cf_code run_round(struct cf_hunt *hunt, size_t size, struct cf_err *err)
{
    struct batch batch = {0};
    enum cf_code code = CF_OK;
    if (draw_round(hunt, &batch, size))
        code = cf_tries_run(hunt->explorer, batch.tries, batch.count, err);
    else
        code = cf_err_set(err, CF_EINPUT, "the profile has no CVM that commands can be sent to");
    if (code == CF_OK)
        take_in(hunt, &batch);
    batch_release(&batch);
    return code;
}

enum cf_code cf_hunt_run(struct cf_hunt *hunt, struct cf_err *err)
{
    enum cf_code code = CF_OK;
    bool found = false;
    size_t size = ROUND;
    hunt->started_ms = cf_clock_ms();
    if (hunt->budget_ms > 0)
        hunt->explorer->until_ms = hunt->started_ms + hunt->budget_ms;
    while (code == CF_OK && hunt->commands < hunt->commands_max && !found &&
           hunt->followed < CF_UNSTABLE_MAX && !over(hunt)) {
        code = run_round(hunt, size, err);
        if (size < (hunt->explorer->profile_path ? ROUND_MAX : ROUND_MAX_OF_REFERENCE))
            size *= 2;
        if (hunt->progress)
            hunt->progress(hunt);
        if (code == CF_OK && hunt->only_find)
            found = hunt->finding_count > 0;
        else if (code == CF_OK)
            code = follow_all(hunt, &found, err);
        if (hunt->followed > 0 && !found && !hunt->explorer->in_turn) {
            hunt->explorer->in_turn = true;
            size = ROUND;
        }
    }
    return code;
}

void cf_hunt_release(struct cf_hunt *hunt)
{
    for (size_t i = 0; i < hunt->finding_count; i++)
        finding_release(&hunt->findings[i]);
    free(hunt->why_unjudged);
    hunt->finding_count = 0;
    hunt->why_unjudged = NULL;
}
