#include "cli/certify/verify_cases.h"
#include "harness/base/intern.h"
#include "harness/base/mem.h"
#include "harness/run/control.h"
#include "harness/run/distinct.h"
#include "harness/run/rejudge.h"
#include "harness/run/secrets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Records whose exchanges other cases share, read lately: those are many for one. */
enum { LENT_MAX = 64, LENT_MAX_BYTES = 32 << 20 };
struct lent {
    struct cf_case_record record;
    size_t number; /* in the results */
    size_t bytes;  /* of its text */
    size_t read;   /* when it was, counted in reads */
};

struct judging {
    struct cf_verification *v;
    struct lent lent[LENT_MAX];
    size_t lent_count, lent_bytes, reads;
    struct cf_case_setting setting;
    struct cf_intern keys;     /* "ATTEMPT ID" of each record, in the order of the records */
    enum cf_verdict *verdicts; /* by plan item, as they came out now */
    struct cf_distinct distinct;
};

static void key_of(char out[700], const char *id, int attempt)
{
    snprintf(out, 700, "%d %.600s", attempt, id);
}

/* Each record once; its number is its index. */
static bool index_records(struct judging *judging)
{
    struct cf_verification *v = judging->v;
    for (size_t i = 0; i < cf_results_count(v->results); i++) {
        const struct cf_results_entry *entry = cf_results_entry(v->results, i);
        char key[700];
        key_of(key, entry->id, entry->attempt);
        if (cf_intern_add(&judging->keys, key) != i) {
            cf_verification_find(v, "case %s, attempt %d, is there twice", entry->id,
                                 entry->attempt);
            return false;
        }
    }
    return true;
}

static void tell(struct judging *judging, const struct cf_plan_item *item, const char *what)
{
    cf_verification_find(judging->v, "case %s, attempt %d: %s", item->one->id, item->attempt, what);
}

/* What the record of an item that was not run has to be. */
static void describe_planned_out(const struct cf_plan_item *item, struct cf_case_record *out)
{
    cf_case_describe(item->one, item->attempt, out);
    out->verdict = item->verdict;
    out->reason = cf_strdup(item->reason);
}

/* ---- what others share ---- */

static void give_back_oldest(struct judging *judging)
{
    size_t oldest = 0;
    for (size_t i = 1; i < judging->lent_count; i++) {
        if (judging->lent[i].read < judging->lent[oldest].read)
            oldest = i;
    }
    judging->lent_bytes -= judging->lent[oldest].bytes;
    cf_case_record_release(&judging->lent[oldest].record);
    judging->lent[oldest] = judging->lent[--judging->lent_count];
}

static void give_back_all(struct judging *judging)
{
    while (judging->lent_count > 0)
        give_back_oldest(judging);
}

/* The record of that number, until the next call. Longer than the limit, it is the only one. */
static enum cf_code lend(struct judging *judging, size_t number, const struct cf_case_record **out,
                         struct cf_err *err)
{
    size_t bytes = 0;
    size_t at = 0;
    while (at < judging->lent_count && judging->lent[at].number != number)
        at++;
    if (at == judging->lent_count) {
        (void)cf_results_case_text(judging->v->results, number, &bytes);
        while (judging->lent_count > 0 &&
               (judging->lent_count == LENT_MAX || judging->lent_bytes + bytes > LENT_MAX_BYTES))
            give_back_oldest(judging);
        at = judging->lent_count;
        struct lent *lent = &judging->lent[at];
        *lent = (struct lent){.number = number, .bytes = bytes};
        enum cf_code code = cf_results_case(judging->v->results, number, &lent->record, err);
        if (code != CF_OK)
            return code;
        judging->lent_count++;
        judging->lent_bytes += bytes;
    }
    judging->lent[at].read = ++judging->reads;
    *out = &judging->lent[at].record;
    return CF_OK;
}

/* ---- judging ---- */

/* Over what stands in the record of the case that it shares. */
static enum cf_code judge_sharing(struct judging *judging, const struct cf_plan_item *item,
                                  const char *shares, struct cf_case_record *now,
                                  struct cf_err *err)
{
    const struct cf_verification *v = judging->v;
    const struct cf_case_record *other = NULL;
    char key[700];
    size_t number;
    unsigned end;
    key_of(key, shares, item->attempt);
    if (item->shares < 0 || strcmp(shares, item->one->shares) != 0)
        return cf_err_set(err, CF_EINPUT, "the record shares what %s did, the case does not",
                          shares);
    if (!cf_intern_find(&judging->keys, key, &number))
        return cf_err_set(err, CF_EINPUT, "there is no record of %s, which it shares", shares);
    enum cf_code code = lend(judging, number, &other, err);
    if (code != CF_OK)
        return code;
    if (!cf_case_share(&judging->setting, item->one, v->plan.items[item->shares].one, other, now,
                       &end))
        code =
            cf_err_set(err, CF_EINPUT, "what %s did, which it shares, is not what it does", shares);
    cf_case_record_leave_out_exchanges(now);
    return code;
}

static enum cf_code judge_again(struct judging *judging, const struct cf_plan_item *item,
                                const struct cf_case_record *recorded, struct cf_case_record *now,
                                struct cf_err *err)
{
    const struct cf_verification *v = judging->v;
    if (cf_distinct_decides(v->engine, item->one)) {
        cf_distinct_judge(&judging->distinct, item->one, item->attempt, now);
        return CF_OK;
    }
    enum cf_code code = recorded->shares && recorded->exchange_count == 0
                            ? judge_sharing(judging, item, recorded->shares, now, err)
                            : cf_case_rejudge(&judging->setting, item->one, recorded, now, err);
    if (code == CF_OK && item->control >= 0)
        cf_control_amend(now, judging->verdicts[item->control]);
    return code;
}

static void check_item(struct judging *judging, size_t index)
{
    struct cf_err err = {0};
    struct cf_verification *v = judging->v;
    const struct cf_plan_item *item = &v->plan.items[index];
    struct cf_case_record recorded = {0};
    struct cf_case_record now = {0};
    char key[700];
    size_t number;
    enum cf_code code = CF_OK;
    judging->verdicts[index] = CF_ERROR;
    key_of(key, item->one->id, item->attempt);
    if (!cf_intern_find(&judging->keys, key, &number)) {
        tell(judging, item, "its record is missing");
        return;
    }
    code = cf_results_case(v->results, number, &recorded, &err);
    cf_answerers_note(&v->answerers, &recorded);
    if (code == CF_OK && item->verdict != CF_PASS)
        describe_planned_out(item, &now);
    else if (code == CF_OK)
        code = judge_again(judging, item, &recorded, &now, &err);
    if (!cf_distinct_decides(v->engine, item->one))
        cf_distinct_add(&judging->distinct, index, &recorded);
    /* What leans on it is judged by what it was, so that one fault is told once. */
    judging->verdicts[index] = code == CF_OK ? now.verdict : recorded.verdict;
    if (code == CF_OK)
        code = cf_case_record_same(&now, &recorded, &err);
    if (code != CF_OK)
        tell(judging, item, err.text);
    v->judged += item->verdict == CF_PASS;
    v->planned_out += item->verdict != CF_PASS;
    cf_case_record_release(&recorded);
    cf_case_record_release(&now);
}

/* Records beyond the plan: each plan item has one record, so there are as many. */
static void check_extra(struct judging *judging)
{
    struct cf_verification *v = judging->v;
    struct cf_intern planned = {0};
    for (size_t i = 0; i < v->plan.count; i++) {
        char key[700];
        key_of(key, v->plan.items[i].one->id, v->plan.items[i].attempt);
        cf_intern_add(&planned, key);
    }
    for (size_t i = 0; i < judging->keys.count; i++) {
        const struct cf_results_entry *entry = cf_results_entry(v->results, i);
        if (!cf_intern_find(&planned, judging->keys.items[i], NULL))
            cf_verification_find(v, "case %s, attempt %d, is not in the plan", entry->id,
                                 entry->attempt);
    }
    cf_intern_release(&planned);
}

/* ---- in which order ---- */

/* What others lean on first, as it has to be judged before them; then each of the rest with those
 * that share what it did, while what was read of it is still at hand. For the caller to free. */
static size_t *order_of(const struct cf_plan *plan)
{
    size_t count = 0;
    size_t *order = cf_alloc_array(plan->count + 1, sizeof(*order));
    long *sharing = cf_alloc_array(plan->count + 1, sizeof(*sharing)); /* the last; -1: none */
    long *before = cf_alloc_array(plan->count + 1, sizeof(*before));   /* that shares the same */
    for (size_t i = 0; i < plan->count; i++)
        sharing[i] = before[i] = -1;
    for (size_t i = 0; i < plan->count; i++) {
        long shares = plan->items[i].shares;
        if (plan->items[i].is_control) {
            order[count++] = i;
        } else if (shares >= 0) {
            before[i] = sharing[shares];
            sharing[shares] = (long)i;
        }
    }
    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->items[i].is_control && plan->items[i].shares < 0)
            order[count++] = i;
        for (long n = sharing[i]; n >= 0; n = before[n])
            order[count++] = (size_t)n;
    }
    free(sharing);
    free(before);
    return order;
}

static struct cf_case_setting setting_of(const struct cf_verification *v,
                                         const struct cf_redactor *redactor,
                                         struct cf_json_texts *texts)
{
    return (struct cf_case_setting){.engine = v->engine,
                                    .profile = &v->profile,
                                    .redactor = redactor,
                                    .texts = texts,
                                    .seed = cf_results_info(v->results)->seed};
}

void cf_verify_cases(struct cf_verification *v)
{
    struct cf_err err = {0};
    struct cf_redactor *redactor = NULL;
    struct cf_json_texts texts = {.count = 0};
    if (cf_secrets_redactor(&redactor, &v->profile, &err) != CF_OK) {
        cf_verification_find(v, "%s", err.text);
        return;
    }
    struct judging judging = {
        .v = v, .setting = setting_of(v, redactor, &texts), .distinct = {.engine = v->engine}};
    judging.verdicts = cf_alloc_array(v->plan.count + 1, sizeof(*judging.verdicts));
    if (index_records(&judging)) {
        size_t *order = order_of(&v->plan);
        for (size_t i = 0; i < v->plan.count; i++) {
            if (!cf_distinct_decides(v->engine, v->plan.items[order[i]].one))
                check_item(&judging, order[i]);
        }
        free(order);
        /* What is decided over all of them comes after all of them. */
        for (size_t i = 0; i < v->plan.count; i++) {
            if (cf_distinct_decides(v->engine, v->plan.items[i].one))
                check_item(&judging, i);
        }
        check_extra(&judging);
        cf_answerers_sort(&v->answerers);
    }
    give_back_all(&judging);
    cf_distinct_release(&judging.distinct);
    cf_intern_release(&judging.keys);
    cf_json_texts_release(&texts);
    cf_redactor_free(redactor);
    free(judging.verdicts);
}
