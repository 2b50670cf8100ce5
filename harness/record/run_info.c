#include "harness/base/digest.h"
#include "harness/base/json.h"
#include "harness/base/mem.h"
#include "harness/record/results.h"

#include <stdlib.h>
#include <string.h>

void cf_run_info_init(struct cf_run_info *info)
{
    *info = (struct cf_run_info){.shard_index = 1, .shard_count = 1, .repeat = 1};
}

void cf_run_info_release(struct cf_run_info *info)
{
    if (!info)
        return;
    char *texts[] = {info->suite_name,    info->suite_version, info->catalogue_sha256,
                     info->iut,           info->pics,          info->started_at,
                     info->finished_at,   info->selection,     info->profile_sha256,
                     info->plan_sha256,   info->trouble,       info->bought,
                     info->profile_hidden};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        free(texts[i]);
    cf_list_release(&info->gate.known_failures);
    cf_list_release(&info->gate.outdated);
    cf_list_release(&info->gate.troubles);
    cf_list_release(&info->command);
    cf_list_release(&info->left);
    cf_list_release(&info->left_out);
    cf_list_release(&info->out_of_sight);
    cf_list_release(&info->again);
    *info = (struct cf_run_info){0};
}

/* A member object as text, NULL where it is none. */
static char *print_member(const cJSON *object, const char *key)
{
    struct cf_buf text = {0};
    const cJSON *member = cf_json_get(object, key);
    if (!cJSON_IsObject(member))
        return NULL;
    cf_json_print(&text, member);
    return cf_buf_take(&text, NULL);
}

static void read_info_texts(struct cf_run_info *info, const cJSON *head)
{
    const cJSON *suite = cf_json_get(head, "suite");
    struct {
        const cJSON *object;
        const char *key;
        char **text;
    } texts[] = {{suite, "name", &info->suite_name},
                 {suite, "version", &info->suite_version},
                 {suite, "catalogue_sha256", &info->catalogue_sha256},
                 {head, "started_at", &info->started_at},
                 {head, "finished_at", &info->finished_at},
                 {head, "selection", &info->selection},
                 {head, "profile_sha256", &info->profile_sha256},
                 {head, "profile_hidden", &info->profile_hidden},
                 {head, "plan_sha256", &info->plan_sha256},
                 {head, "bought", &info->bought},
                 {head, "trouble", &info->trouble}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i].text = cf_strdup(cf_json_text(texts[i].object, texts[i].key, NULL));
    info->iut = print_member(head, "iut");
    info->pics = print_member(head, "pics");
}

static void read_list(struct cf_list *list, const cJSON *object, const char *key)
{
    const cJSON *member = cf_json_get(object, key);
    for (const cJSON *item = member ? member->child : NULL; item; item = item->next) {
        if (cJSON_IsString(item))
            cf_list_add(list, item->valuestring);
    }
}

/* A count, 0 for what is none. */
static long long count_of(const cJSON *object, const char *key)
{
    double value = cf_json_number(object, key, 0);
    return value >= 1 && value <= 1e9 ? (long long)value : 0;
}

static void read_gate(struct cf_gate_terms *gate, const cJSON *object)
{
    if (!cf_level_parse(cf_json_text(object, "fail_on", "must"), &gate->fail_on))
        gate->fail_on = CF_MUST;
    gate->allow_inconclusive = cf_json_bool(object, "allow_inconclusive", false);
    gate->min_cases = count_of(object, "min_cases");
    gate->planned = count_of(object, "planned");
    read_list(&gate->known_failures, object, "known_failures");
    read_list(&gate->outdated, object, "outdated");
    read_list(&gate->troubles, object, "troubles");
}

/* A small positive integer, or 1. */
static int small_count(const cJSON *object, const char *key)
{
    double value = cf_json_number(object, key, 1);
    return value >= 1 && value <= 1e6 ? (int)value : 1;
}

enum cf_code cf_run_info_read(struct cf_run_info *info, const cJSON *head, struct cf_err *err)
{
    cf_run_info_init(info);
    if (strcmp(cf_json_text(head, "format", ""), CF_RESULTS_FORMAT) != 0)
        return cf_err_set(err, CF_EINPUT, "not a results file: format is not \"%s\"",
                          CF_RESULTS_FORMAT);
    double version = cf_json_number(head, "version", 0);
    if (version < 1 || version > CF_RESULTS_VERSION)
        return cf_err_set(err, CF_EINPUT, "results version %g is not known here (1 to %d are)",
                          version, CF_RESULTS_VERSION);
    const cJSON *seed = cf_json_get(head, "seed");
    const cJSON *shard = cf_json_get(head, "shard");
    info->seed = cJSON_IsNumber(seed) ? strtoull(seed->valuestring, NULL, 10) : 0;
    info->complete = cf_json_bool(head, "complete", false);
    info->repeat = small_count(head, "repeat");
    info->shard_index = small_count(shard, "index");
    info->shard_count = small_count(shard, "count");
    read_gate(&info->gate, cf_json_get(head, "gate"));
    read_list(&info->command, head, "command");
    read_list(&info->left, head, "left");
    read_list(&info->left_out, head, "left_out");
    info->operations_besides = (size_t)count_of(cf_json_get(head, "summary"), "operations_besides");
    read_list(&info->out_of_sight, cf_json_get(head, "summary"), "out_of_sight");
    read_list(&info->again, head, "again");
    read_info_texts(info, head);
    return CF_OK;
}

static int by_text(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

void cf_plan_sha256(const char *const *ids, size_t count, char out_hex[65])
{
    struct cf_buf text = {0};
    const char **sorted = cf_alloc_array(count, sizeof(*sorted));
    for (size_t i = 0; i < count; i++)
        sorted[i] = ids[i];
    qsort(sorted, count, sizeof(*sorted), by_text);
    for (size_t i = 0; i < count; i++) {
        cf_buf_puts(&text, sorted[i]);
        cf_buf_putc(&text, '\n');
    }
    cf_sha256_hex(cf_buf_text(&text), text.len, out_hex);
    cf_buf_release(&text);
    free(sorted);
}
