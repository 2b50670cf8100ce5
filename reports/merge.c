#include "reports/merge.h"
#include "harness/base/intern.h"
#include "harness/base/mem.h"
#include "reports/report_file.h"
#include "reports/results_json.h"

#include <stdlib.h>
#include <string.h>

/* A record, and what it is sorted by. */
struct item {
    size_t shard, record;
    size_t suite; /* number, in the order of the first shard that has it */
    const char *id;
    int attempt;
};

struct merge {
    const struct cf_results **shards; /* by shard index */
    size_t count;
    struct cf_intern suites, ids;
    struct item *items;
    size_t item_count;
    struct cf_err *err;
};

/* ---- are they shards of one run? ---- */

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* What differs between two heads of one run; NULL for nothing. */
static const char *difference(const struct cf_run_info *a, const struct cf_run_info *b)
{
    if (!same_text(a->suite_name, b->suite_name) || !same_text(a->suite_version, b->suite_version))
        return "suite versions";
    if (!same_text(a->catalogue_sha256, b->catalogue_sha256))
        return "catalogues";
    if (!same_text(a->profile_sha256, b->profile_sha256) ||
        !same_text(a->profile_hidden, b->profile_hidden) || !cf_report_same_json(a->pics, b->pics))
        return "profiles";
    if (!cf_report_same_json(a->iut, b->iut))
        return "implementations under test";
    if (a->seed != b->seed)
        return "seeds";
    if (a->shard_count != b->shard_count)
        return "numbers of shards";
    if (!same_text(a->plan_sha256, b->plan_sha256))
        return "plans";
    if (!same_text(a->selection, b->selection))
        return "selections";
    return a->repeat != b->repeat ? "numbers of repetitions" : NULL;
}

static enum cf_code check_head(const struct cf_results *first, const struct cf_results *shard,
                               struct cf_err *err)
{
    const struct cf_run_info *info = cf_results_info(shard);
    if (!info->suite_version)
        return cf_err_set(err, CF_EINPUT,
                          "%s does not say which shard it is (lines of cases have no head): give "
                          "results.json",
                          cf_results_path(shard));
    if (!info->complete || cf_results_torn(shard))
        return cf_err_set(err, CF_EINPUT, "shard %d of %d was cut short: %s", info->shard_index,
                          info->shard_count, cf_results_path(shard));
    const char *what = difference(cf_results_info(first), info);
    return what ? cf_err_set(err, CF_EINPUT, "%s and %s have different %s", cf_results_path(first),
                             cf_results_path(shard), what)
                : CF_OK;
}

/* Put the shards into slots by their index; each slot must be filled once. */
static enum cf_code fill_slots(const struct cf_results *const *shards, size_t count,
                               const struct cf_results **slots, size_t slot_count,
                               struct cf_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct cf_run_info *info = cf_results_info(shards[i]);
        size_t index = (size_t)info->shard_index;
        if (index > slot_count)
            return cf_err_set(err, CF_EINPUT, "%s says that it is shard %zu of %zu",
                              cf_results_path(shards[i]), index, slot_count);
        if (slots[index - 1])
            return cf_err_set(err, CF_EINPUT, "shard %zu of %zu comes twice: %s and %s", index,
                              slot_count, cf_results_path(slots[index - 1]),
                              cf_results_path(shards[i]));
        slots[index - 1] = shards[i];
    }
    for (size_t i = 0; i < slot_count; i++) {
        if (!slots[i])
            return cf_err_set(err, CF_EINPUT, "shard %zu of %zu is missing", i + 1, slot_count);
    }
    return CF_OK;
}

static enum cf_code check_shards(const struct cf_results *const *shards, size_t count,
                                 const struct cf_results ***out_slots, struct cf_err *err)
{
    if (count == 0)
        return cf_err_set(err, CF_EINPUT, "no results to merge");
    for (size_t i = 0; i < count; i++) {
        enum cf_code code = check_head(shards[0], shards[i], err);
        if (code != CF_OK)
            return code;
    }
    size_t slot_count = (size_t)cf_results_info(shards[0])->shard_count;
    const struct cf_results **slots = cf_alloc_array(slot_count, sizeof(*slots));
    enum cf_code code = fill_slots(shards, count, slots, slot_count, err);
    if (code == CF_OK)
        *out_slots = slots;
    else
        free(slots);
    return code;
}

/* ---- the cases ---- */

static enum cf_code add_case(struct merge *merge, size_t *owners, size_t shard, size_t record)
{
    const struct cf_results_entry *entry = cf_results_entry(merge->shards[shard], record);
    struct item *item = &merge->items[merge->item_count];
    size_t number;
    item->suite = cf_intern_add(&merge->suites, entry->suite);
    size_t known = merge->ids.count;
    number = cf_intern_add(&merge->ids, entry->id);
    if (number == known)
        owners[number] = shard;
    if (owners[number] != shard)
        return cf_err_set(merge->err, CF_EINPUT, "case %.512s ran in two shards: %s and %s",
                          entry->id, cf_results_path(merge->shards[owners[number]]),
                          cf_results_path(merge->shards[shard]));
    item->shard = shard;
    item->record = record;
    item->id = entry->id;
    item->attempt = entry->attempt;
    merge->item_count++;
    return CF_OK;
}

static enum cf_code check_plan(const struct merge *merge)
{
    const struct cf_run_info *info = cf_results_info(merge->shards[0]);
    char digest[65];
    if (!info->plan_sha256)
        return CF_OK;
    cf_plan_sha256((const char *const *)merge->ids.items, merge->ids.count, digest);
    if (strcmp(digest, info->plan_sha256) == 0)
        return CF_OK;
    return cf_err_set(merge->err, CF_EINPUT,
                      "the %zu cases of the %zu shards are not those of the plan: some are missing",
                      merge->ids.count, merge->count);
}

static int by_order(const void *a, const void *b)
{
    const struct item *left = a;
    const struct item *right = b;
    if (left->suite != right->suite)
        return left->suite < right->suite ? -1 : 1;
    int order = strcmp(left->id, right->id);
    return order ? order : (left->attempt > right->attempt) - (left->attempt < right->attempt);
}

static enum cf_code gather(struct merge *merge)
{
    size_t total = 0;
    for (size_t s = 0; s < merge->count; s++)
        total += cf_results_count(merge->shards[s]);
    size_t *owners = cf_alloc_array(total, sizeof(*owners));
    enum cf_code code = CF_OK;
    merge->items = cf_alloc_array(total, sizeof(*merge->items));
    for (size_t s = 0; code == CF_OK && s < merge->count; s++) {
        for (size_t i = 0; code == CF_OK && i < cf_results_count(merge->shards[s]); i++)
            code = add_case(merge, owners, s, i);
    }
    free(owners);
    if (code == CF_OK)
        code = check_plan(merge);
    if (code == CF_OK)
        qsort(merge->items, merge->item_count, sizeof(*merge->items), by_order);
    return code;
}

static enum cf_code merge_begin(struct merge *merge, const struct cf_results *const *shards,
                                size_t count, struct cf_err *err)
{
    const struct cf_results **slots = NULL;
    *merge = (struct merge){.err = err};
    enum cf_code code = check_shards(shards, count, &slots, err);
    if (code != CF_OK)
        return code;
    merge->shards = slots;
    merge->count = count;
    return gather(merge);
}

static void merge_end(struct merge *merge)
{
    free(merge->shards);
    free(merge->items);
    cf_intern_release(&merge->suites);
    cf_intern_release(&merge->ids);
}

/* ---- the one run ---- */

static void add_requirements(const struct merge *merge, struct cf_summary *summary)
{
    for (size_t s = 0; s < merge->count; s++) {
        const struct cf_summary *part = cf_results_summary(merge->shards[s]);
        for (size_t i = 0; i < part->requirement_count; i++) {
            const struct cf_requirement_info *info = &part->requirements[i];
            cf_summary_add_requirement(summary, info->id, info->level, info->statement,
                                       info->source, info->proven);
        }
    }
}

static void summarise(const struct merge *merge, struct cf_summary *summary)
{
    add_requirements(merge, summary);
    for (size_t i = 0; i < merge->item_count; i++) {
        const struct item *item = &merge->items[i];
        cf_summary_add_case(summary, cf_results_entry(merge->shards[item->shard], item->record));
    }
    cf_summary_finish(summary);
}

static void add_all(struct cf_list *to, const struct cf_list *from)
{
    for (size_t i = 0; i < from->count; i++) {
        if (!cf_list_has(to, from->items[i]))
            cf_list_add(to, from->items[i]);
    }
}

/* The first shard's terms, and the troubles of all. The lists are the caller's. */
static struct cf_gate_terms whole_gate(const struct merge *merge)
{
    const struct cf_gate_terms *first = &cf_results_info(merge->shards[0])->gate;
    struct cf_gate_terms gate = {.fail_on = first->fail_on,
                                 .allow_inconclusive = first->allow_inconclusive,
                                 .min_cases = first->min_cases};
    for (size_t s = 0; s < merge->count; s++) {
        const struct cf_gate_terms *part = &cf_results_info(merge->shards[s])->gate;
        gate.planned += part->planned;
        add_all(&gate.known_failures, &part->known_failures);
        add_all(&gate.outdated, &part->outdated);
        add_all(&gate.troubles, &part->troubles);
    }
    return gate;
}

/* The first shard's head, from the first start to the last end. Borrows everything but the gate's
 * lists. */
static struct cf_run_info whole_info(const struct merge *merge)
{
    struct cf_run_info info = *cf_results_info(merge->shards[0]);
    for (size_t s = 1; s < merge->count; s++) {
        const struct cf_run_info *part = cf_results_info(merge->shards[s]);
        info.operations_besides += part->operations_besides;
        /* Time stamps of one form and zone sort as text. */
        if (part->started_at && info.started_at && strcmp(part->started_at, info.started_at) < 0)
            info.started_at = part->started_at;
        if (part->finished_at && info.finished_at &&
            strcmp(part->finished_at, info.finished_at) > 0)
            info.finished_at = part->finished_at;
    }
    info.shard_index = info.shard_count = 1;
    info.gate = whole_gate(merge);
    return info;
}

static void write_all(const struct merge *merge, const struct cf_summary *summary,
                      struct cf_report_file *file)
{
    struct cf_run_info info = whole_info(merge);
    struct cf_report_source source = {.info = &info, .summary = summary};
    cf_report_json_begin(file, &source);
    for (size_t i = 0; i < merge->item_count; i++) {
        size_t len;
        const struct item *item = &merge->items[i];
        const char *text = cf_results_case_text(merge->shards[item->shard], item->record, &len);
        cf_report_json_case(file, text, len, i == 0);
    }
    cf_report_json_end(file, merge->item_count == 0);
    cf_list_release(&info.gate.known_failures);
    cf_list_release(&info.gate.outdated);
    cf_list_release(&info.gate.troubles);
}

static enum cf_code write_file(const struct merge *merge, const struct cf_summary *summary,
                               const char *path)
{
    struct cf_report_file file;
    enum cf_code code = cf_report_file_open(&file, path, merge->err);
    if (code != CF_OK)
        return code;
    write_all(merge, summary, &file);
    return cf_report_file_close(&file, CF_OK, merge->err);
}

static enum cf_code merge_into(const struct merge *merge, const char *path)
{
    struct cf_summary summary;
    cf_summary_init(&summary);
    summarise(merge, &summary);
    enum cf_code code = write_file(merge, &summary, path);
    cf_summary_release(&summary);
    return code;
}

enum cf_code cf_report_merge_write(const struct cf_results *const *shards, size_t count,
                                   const char *path, struct cf_err *err)
{
    struct merge merge;
    enum cf_code code = merge_begin(&merge, shards, count, err);
    if (code == CF_OK)
        code = merge_into(&merge, path);
    merge_end(&merge);
    return code;
}

enum cf_code cf_report_merge_check(const struct cf_results *const *shards, size_t count,
                                   struct cf_err *err)
{
    struct merge merge;
    enum cf_code code = merge_begin(&merge, shards, count, err);
    merge_end(&merge);
    return code;
}
