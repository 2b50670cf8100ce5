#include "suites/withheld.h"
#include "suites/memory.h"

#include <string.h>

/* The number of GPUs that are there and that nothing can bring back; 0: there are none such. */
static int at_stake(struct cf_case_run *run, int field, int role)
{
    const struct cf_cvm_watched *last = &cf_cvm_memory_of(run)->watched[role];
    const cJSON *now = last->known ? last->reading.values[field] : NULL;
    const cJSON *value;
    if (!now || !cJSON_IsNumber(now) || now->valuedouble < 1)
        return 0;
    cJSON_ArrayForEach(value, cf_profile_values(run->profile, "gpus"))
    {
        if (cf_cvm_field_same(&cf_cvm_fields[field], now, value))
            return 0;
    }
    return (int)now->valuedouble;
}

static bool may_be_taken(const cJSON *gpus)
{
    return gpus && (cJSON_IsNull(gpus) || !cf_cvm_field_value_fault("gpus", gpus));
}

void cf_cvm_withhold(struct cf_case_run *run, const cJSON *step, const char *body, size_t body_len)
{
    struct cf_json_doc doc = {0};
    int field = cf_cvm_field_index("gpus");
    int role = cf_run_role(run, cf_json_text(step, "to", NULL));
    if (!body || strcmp(cf_json_text(step, "request", ""), "update-cvm") != 0 || role < 0 ||
        cf_json_parse(&doc, "body", body, body_len, 0, NULL) != CF_OK)
        return;
    int count = may_be_taken(cf_json_get(doc.root, "gpus")) ? at_stake(run, field, role) : 0;
    if (count > 0)
        cf_run_inconclusive(run,
                            "gpus is left alone: only the number of GPUs shows, and "
                            "pixit.values.gpus lists no %d of them to put back",
                            count);
    cf_json_release(&doc);
}
