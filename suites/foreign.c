#include "suites/foreign.h"

#include <string.h>

#define LIST "/api/v1/cvms"
#define EITHER_OR                                                                                  \
    "either it is one of the workspace's own and the profile is wrong, or the server lets the "    \
    "credential of one workspace into another"

static const char purpose[] = "whose CVM is it";

/* The CVM that a step sends to with the profile's credential, where it is listed as foreign; NULL
 * where it is not, or nothing but a read is sent. */
static const char *foreign_of(const struct cf_case_run *run, const cJSON *step)
{
    const char *endpoint = cf_json_text(step, "request", "");
    const char *auth = cf_json_text(step, "auth", "default");
    int role = cf_run_role(run, cf_json_text(step, "to", NULL));
    bool opens = strcmp(auth, "default") == 0 || strcmp(auth, "bearer") == 0;
    if (role < 0 || cf_json_get(step, "to_id") || strcmp(endpoint, "read") == 0 || !opens)
        return NULL;
    return strcmp(run->one->roles[role].kind->name, "foreign") == 0 ? run->fixtures[role] : NULL;
}

static bool names(const cJSON *item, const char *id, int depth)
{
    if (cJSON_IsString(item))
        return strcmp(item->valuestring, id) == 0;
    for (const cJSON *m = item && depth > 0 ? item->child : NULL; m; m = m->next) {
        if (names(m, id, depth - 1))
            return true;
    }
    return false;
}

bool cf_cvm_names(const cJSON *item, const char *id)
{
    enum { DEPTH = 3 };
    return names(item, id, DEPTH);
}

static bool has(const cJSON *items, const char *id)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, items)
    {
        if (cf_cvm_names(item, id))
            return true;
    }
    return false;
}

/* One that lists none of the CVMs that may be changed tells nothing of whose others are. */
static bool has_own(const struct cf_case_run *run, const cJSON *items)
{
    for (size_t i = 0; i < run->profile->fixture_count; i++) {
        const struct cf_fixture *fixture = &run->profile->fixtures[i];
        if (fixture->kind->exclusive && has(items, fixture->id))
            return true;
    }
    return false;
}

enum listed { NO_LIST, LISTED, NOT_LISTED };

/* Of a list in pages only what stands on the first one is known. */
static enum listed look_up(struct cf_case_run *run, const char *id)
{
    struct cf_err err = {0};
    const struct cf_run_wanted wanted = {.body = CF_BODY_JSON};
    if (cf_run_get(run, purpose, LIST, NULL, &wanted, &err) != CF_OK ||
        run->last.exchange->status != 200)
        return NO_LIST;
    const cJSON *root = run->last.json;
    const cJSON *items = cJSON_IsArray(root) ? root : cf_json_get(root, "items");
    if (has(items, id))
        return LISTED;
    return has_own(run, items) && cf_json_number(root, "pages", 1) <= 1 ? NOT_LISTED : NO_LIST;
}

static void tell_listed(struct cf_case_run *run, const char *id)
{
    cf_run_inconclusive(run,
                        "CVM %s stands in pixit.cvms.foreign, and GET %s%s lists it to this "
                        "credential: " EITHER_OR,
                        id, run->profile->base_url, LIST);
}

/* One look, and no more: a CVM that cannot be read is what one of others should be. */
void cf_cvm_foreign_withhold(struct cf_case_run *run, const cJSON *step)
{
    struct cf_err err = {0};
    struct cf_http_request request;
    const char *id = foreign_of(run, step);
    if (!id)
        return;
    cf_run_request_init(run, &request, "GET", LIST "/{cvm_id}", id, true);
    enum cf_code code = cf_run_send(run, purpose, &request, &err);
    cf_run_request_release(&request);
    if (code == CF_OK && run->last.exchange->status == 200 && look_up(run, id) == LISTED)
        tell_listed(run, id);
}

/* Whether an answer tells nothing of whose the CVM is, or that it is another's. */
static bool tells_nothing(const struct cf_exchange *answer)
{
    int status = answer->status;
    return status == 401 || status == 403 || status == 404 || status == 422 ||
           cf_run_may_be_anothers(answer) || cf_run_held_off(answer);
}

void cf_cvm_foreign_answered(struct cf_case_run *run, const cJSON *step)
{
    struct cf_err err = {0};
    size_t answer = run->last_index;
    int status = run->last.exchange->status;
    const struct cf_run_wanted anything = {.body = CF_BODY_AS_LABELLED};
    const char *id = foreign_of(run, step);
    if (!id || tells_nothing(run->last.exchange))
        return;
    bool readable = cf_run_get(run, purpose, LIST "/{cvm_id}", id, &anything, &err) == CF_OK &&
                    run->last.exchange->status == 200;
    enum listed listed = readable ? look_up(run, id) : NOT_LISTED;
    if (listed == LISTED)
        tell_listed(run, id);
    if (listed == NO_LIST)
        cf_run_inconclusive(run,
                            "CVM %s stands in pixit.cvms.foreign, this credential can read it, an "
                            "update of it is answered %d, and no list at GET %s%s tells whose it "
                            "is: " EITHER_OR,
                            id, status, run->profile->base_url, LIST);
    cf_run_look_at(run, answer);
}
