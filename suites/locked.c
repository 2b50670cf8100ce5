#include "suites/locked.h"
#include "suites/new_values.h"
#include "suites/running.h"
#include "suites/sent.h"

#include <stdio.h>

/* It may be taken, so it is a user_config that the read side goes on showing. */
int cf_cvm_ask_lock(struct cf_case_run *run, int role)
{
    cJSON *config = NULL;
    struct cf_buf json = {0};
    struct cf_err err = {0};
    enum cf_code code = cf_cvm_resolve_fresh(run, "user_config", &config, &err);
    if (code == CF_OK) {
        cJSON *body = cJSON_CreateObject();
        cJSON_AddItemToObject(body, "user_config", config);
        cf_json_print(&json, body);
        cJSON_Delete(body);
        code = cf_run_send_json(run, "is it locked", "update-cvm", run->fixtures[role],
                                cf_buf_text(&json), &err);
        cf_buf_release(&json);
    }
    return code == CF_OK ? run->last.exchange->status : 0;
}

/* Whether an update is answered 409 though no operation runs. */
static bool is_locked(struct cf_case_run *run, int role)
{
    const char *correlation = cf_cvm_memory_of(run)->correlation[role];
    if (*correlation && cf_cvm_runs_now(run, run->fixtures[role], correlation) != 0)
        return false;
    return cf_cvm_ask_lock(run, role) == 409;
}

void cf_cvm_charge_lock(struct cf_case_run *run, int role)
{
    char message[120];
    if (!run->one || !(run->end & CF_END_STUCK))
        return;
    struct cf_cvm_sent sent = cf_cvm_sent_since(run, role, 0);
    if (sent.refused_count == 0 || !is_locked(run, role))
        return;
    const struct cf_exchange *refused =
        &run->record->exchanges[sent.refused[sent.refused_count - 1]];
    snprintf(message, sizeof(message), "a request refused with %d left a lock behind",
             refused->status);
    const struct cf_mismatch mismatch = {NULL, NULL, "an idle CVM",
                                         "a busy one, and no operation that runs", message};
    cf_run_charge(run, "conflict.after-refusal", refused->step, &mismatch);
}
