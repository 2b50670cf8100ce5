#include "harness/run/distinct.h"
#include "harness/base/mem.h"
#include "harness/run/execute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES_TOLD = 5 };

bool cf_distinct_decides(const struct cf_engine *engine, const struct cf_case *one)
{
    return engine->distinct && cf_json_get(one->steps->child, engine->distinct->word);
}

/* ---- adding ---- */

static void add(struct cf_distinct *all, struct cf_distinct_value value)
{
    all->items = cf_grow(all->items, all->count, &all->cap, sizeof(*all->items));
    all->items[all->count++] = value;
}

void cf_distinct_add(struct cf_distinct *all, size_t rank, const struct cf_case_record *record)
{
    bool own = !record->shares; /* else the other case's record has them */
    for (size_t i = 0; own && all->engine->distinct && i < record->exchange_count; i++) {
        char *text = all->engine->distinct->find(&record->exchanges[i]);
        if (text)
            add(all, (struct cf_distinct_value){text, cf_strdup(record->id), rank, i});
    }
}

/* Lines may end where other bytes follow. */
static bool holds(const char *line, size_t len, const char *mark)
{
    size_t wanted = strlen(mark);
    const char *end = line + len;
    for (const char *at = line; (size_t)(end - at) >= wanted; at++) {
        at = memchr(at, mark[0], (size_t)(end - at));
        if (!at || (size_t)(end - at) < wanted)
            return false;
        if (memcmp(at, mark, wanted) == 0)
            return true;
    }
    return false;
}

void cf_distinct_add_text(struct cf_distinct *all, size_t rank, const char *line, size_t len)
{
    struct cf_case_record record;
    const struct cf_distinct_kind *kind = all->engine->distinct;
    if (!kind || !holds(line, len, kind->mark) || !cf_case_record_parse(&record, line, len))
        return;
    cf_distinct_add(all, rank, &record);
    cf_case_record_release(&record);
}

void cf_distinct_release(struct cf_distinct *all)
{
    for (size_t i = 0; i < all->count; i++) {
        free(all->items[i].text);
        free(all->items[i].case_id);
    }
    free(all->items);
    all->items = NULL;
    all->count = all->cap = 0;
}

/* ---- judging ---- */

static int by_rank(const void *a, const void *b)
{
    const struct cf_distinct_value *left = a;
    const struct cf_distinct_value *right = b;
    if (left->rank != right->rank)
        return left->rank < right->rank ? -1 : 1;
    return left->ordinal < right->ordinal ? -1 : left->ordinal > right->ordinal;
}

static int by_text(const void *a, const void *b)
{
    int order = strcmp(((const struct cf_distinct_value *)a)->text,
                       ((const struct cf_distinct_value *)b)->text);
    return order != 0 ? order : by_rank(a, b);
}

/* Of the values that occur more than once, the one that occurs first: its first place in items,
 * which are in order of text; count when there is none. */
static size_t first_shared(const struct cf_distinct *all)
{
    size_t found = all->count;
    for (size_t i = 0; i + 1 < all->count; i++) {
        bool again = strcmp(all->items[i].text, all->items[i + 1].text) == 0;
        bool start = i == 0 || strcmp(all->items[i - 1].text, all->items[i].text) != 0;
        if (again && start &&
            (found == all->count || by_rank(&all->items[i], &all->items[found]) < 0))
            found = i;
    }
    return found;
}

static void tell_shared(const struct cf_distinct *all, size_t first, struct cf_buf *out)
{
    const char *text = all->items[first].text;
    size_t end = first;
    while (end < all->count && strcmp(all->items[end].text, text) == 0)
        end++;
    cf_buf_printf(out, "\"%.200s\" %zu times:", text, end - first);
    for (size_t i = first; i < end && i < first + CASES_TOLD; i++)
        cf_buf_printf(out, "%s %s", i > first ? "," : "", all->items[i].case_id);
    if (end - first > CASES_TOLD)
        cf_buf_puts(out, ", ...");
}

static void fail(const struct cf_distinct *all, size_t first, const struct cf_case *one,
                 struct cf_case_record *record)
{
    struct cf_buf expected = {0};
    struct cf_buf actual = {0};
    struct cf_buf reason = {0};
    const struct cf_distinct_kind *kind = all->engine->distinct;
    const struct cf_requirement *r = one->requirement;
    struct cf_failure *failure = cf_case_record_add_failure(record);
    cf_buf_printf(&expected, "%zu different %s", all->count, kind->name);
    tell_shared(all, first, &actual);
    cf_buf_printf(&reason, "expected %s, got %s (%s)", cf_buf_text(&expected), cf_buf_text(&actual),
                  kind->message);
    failure->file = cf_strdup(r->file);
    failure->line = cf_json_line(&r->doc, one->steps->child);
    failure->source = cf_json_line_text(&r->doc, failure->line);
    failure->expected = cf_strdup(cf_buf_text(&expected));
    failure->actual = cf_strdup(cf_buf_text(&actual));
    failure->message = cf_strdup(kind->message);
    record->verdict = CF_FAIL;
    record->reason = cf_strdup(cf_buf_text(&reason));
    cf_buf_release(&expected);
    cf_buf_release(&actual);
    cf_buf_release(&reason);
}

void cf_distinct_judge(struct cf_distinct *all, const struct cf_case *one, int attempt,
                       struct cf_case_record *record)
{
    char text[120];
    cf_case_describe(one, attempt, record);
    record->tries = 1;
    record->checks = 1;
    record->verdict = CF_PASS;
    if (all->count > 1)
        qsort(all->items, all->count, sizeof(*all->items), by_text);
    size_t shared = first_shared(all);
    if (shared < all->count) {
        fail(all, shared, one, record);
    } else if (all->count < 2) {
        record->verdict = CF_INCONCLUSIVE;
        snprintf(text, sizeof(text), "the run has %zu %s: there is nothing to compare", all->count,
                 all->engine->distinct->name);
        record->reason = cf_strdup(text);
    } else {
        snprintf(text, sizeof(text), "{\"%s\":%zu}", all->engine->distinct->name, all->count);
        record->observation = cf_strdup(text);
    }
}
