#include "harness/case/fault.h"

#include <string.h>

const struct cf_fault *cf_fault_of_hook(const struct cf_vocabulary *vocabulary, const char *hook)
{
    for (const struct cf_fault *fault = vocabulary->faults; fault && fault->begin; fault++) {
        if (strcmp(hook, fault->begin) == 0 || strcmp(hook, fault->end) == 0)
            return fault;
    }
    return NULL;
}

const struct cf_fault *cf_fault_of_case(const struct cf_vocabulary *vocabulary,
                                        const struct cf_case *one)
{
    const cJSON *step;
    cJSON_ArrayForEach(step, one->steps)
    {
        const struct cf_fault *fault = cf_fault_of_hook(vocabulary, cf_json_text(step, "hook", ""));
        if (fault)
            return fault;
    }
    return NULL;
}
