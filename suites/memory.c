#include "suites/memory.h"
#include "harness/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct cf_cvm_memory *cf_cvm_memory_of(struct cf_case_run *run)
{
    if (!run->domain)
        run->domain = cf_alloc(sizeof(struct cf_cvm_memory));
    return run->domain;
}

static void drop(struct cf_cvm_named_reading *named)
{
    free(named->name);
    cf_cvm_reading_release(&named->reading);
    free(named);
}

void cf_cvm_memory_end(struct cf_case_run *run)
{
    struct cf_cvm_memory *memory = run->domain;
    if (!memory)
        return;
    for (size_t i = 0; i < memory->reading_count; i++)
        drop(memory->readings[i]);
    for (size_t i = 0; i < CF_ROLES_MAX; i++)
        if (memory->watched[i].known)
            cf_cvm_reading_release(&memory->watched[i].reading);
    cJSON_Delete(memory->phase1);
    cJSON_Delete(memory->given);
    cJSON_Delete(memory->in_part);
    free(memory);
    run->domain = NULL;
}

void cf_cvm_memory_answered(struct cf_case_run *run, const cJSON *step,
                            const struct cf_answer *answer)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    int role = cf_run_role(run, cf_json_text(step, "to", NULL));
    const cJSON *body = cf_json_get(step, "json");
    if (answer->exchange->status == 202 && role >= 0)
        snprintf(memory->correlation[role], CF_CVM_CORRELATION_BYTES, "%s",
                 cf_json_text(answer->json, "correlation_id", ""));
    if (answer->exchange->status == 465 && body) {
        cJSON_Delete(memory->phase1);
        memory->phase1 = cJSON_Duplicate(body, 1);
    }
}

/* Forget what is kept under a name, so that a newer reading of that name comes last. */
static void forget(struct cf_cvm_memory *memory, const char *name, int role)
{
    for (size_t i = 0; i < memory->reading_count; i++) {
        if (memory->readings[i]->role != role || strcmp(memory->readings[i]->name, name) != 0)
            continue;
        drop(memory->readings[i]);
        memory->reading_count--;
        memmove(&memory->readings[i], &memory->readings[i + 1],
                (memory->reading_count - i) * sizeof(memory->readings[0]));
        return;
    }
}

void cf_cvm_memory_keep(struct cf_case_run *run, const char *name, int role,
                        struct cf_cvm_reading *reading)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    forget(memory, name, role);
    if (role == 0) {
        cJSON_Delete(memory->given);
        memory->given = NULL;
    }
    if (memory->reading_count == CF_CVM_READINGS_MAX) {
        cf_cvm_reading_release(reading);
        cf_run_error(run, "more than %d readings in one case", CF_CVM_READINGS_MAX);
        return;
    }
    struct cf_cvm_named_reading *named = cf_alloc(sizeof(*named));
    *named = (struct cf_cvm_named_reading){cf_strdup(name), role, *reading};
    memory->readings[memory->reading_count++] = named;
    *reading = (struct cf_cvm_reading){0};
}

const struct cf_cvm_reading *cf_cvm_memory_reading(struct cf_case_run *run, const char *name,
                                                   int role)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    for (size_t i = memory->reading_count; i > 0; i--) {
        const struct cf_cvm_named_reading *named = memory->readings[i - 1];
        if (named->role == role && (!name || strcmp(named->name, name) == 0))
            return &named->reading;
    }
    return NULL;
}

void cf_cvm_memory_renew(struct cf_case_run *run, int role, struct cf_cvm_reading *reading)
{
    struct cf_cvm_memory *memory = cf_cvm_memory_of(run);
    for (size_t i = 0; i < memory->reading_count; i++) {
        if (memory->readings[i]->role != role)
            continue;
        cf_cvm_reading_release(&memory->readings[i]->reading);
        cf_cvm_reading_share(&memory->readings[i]->reading, reading);
    }
    cf_cvm_reading_release(reading);
}
