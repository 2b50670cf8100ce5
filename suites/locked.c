#include "suites/locked.h"
#include "suites/running.h"
#include "suites/sent.h"

#include <stdio.h>

int cf_cvm_ask_lock(struct cf_case_run *run, int role)
{
    char json[64];
    char word[13];
    struct cf_err err = {0};
    cf_random_hex(&run->random, word, 12);
    snprintf(json, sizeof(json), "{\"user_config\":\"locked? %s\"}", word);
    enum cf_code code =
        cf_run_send_json(run, "is it locked", "update-cvm", run->fixtures[role], json, &err);
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
