#include "suites/namesake.h"
#include "suites/foreign.h"

#include <string.h>

#define CVM "/api/v1/cvms/{cvm_id}"

static const char purpose[] = "is there a CVM of that id";

/* The id that a step sends to with the profile's credential; NULL where it names a fixture. */
static const char *id_of(const cJSON *step)
{
    bool reads = strcmp(cf_json_text(step, "request", ""), "read") == 0;
    bool opens = strcmp(cf_json_text(step, "auth", "default"), "default") == 0;
    return opens && !reads ? cf_json_text(step, "to_id", NULL) : NULL;
}

static bool is_listed(const struct cf_profile *profile, const char *id)
{
    for (size_t i = 0; i < profile->fixture_count; i++) {
        const struct cf_fixture *fixture = &profile->fixtures[i];
        if (strcmp(fixture->id, id) == 0 && strcmp(fixture->kind->name, "unknown") != 0)
            return true;
    }
    return false;
}

/* One look: whether a CVM is shown under that id. run->last is the answer. */
static bool shows(struct cf_case_run *run, const char *id)
{
    struct cf_err err = {0};
    struct cf_http_request request;
    cf_run_request_init(run, &request, "GET", CVM, id, true);
    enum cf_code code = cf_run_send(run, purpose, &request, &err);
    cf_run_request_release(&request);
    return code == CF_OK && run->last.exchange->status == 200 && cJSON_IsObject(run->last.json);
}

static bool is_same(const cJSON *one, const cJSON *other, const char *member)
{
    const cJSON *a = cf_json_get(one, member);
    const cJSON *b = cf_json_get(other, member);
    return a && b && !cJSON_IsNull(a) && cf_json_equal(a, b);
}

/* Whether what is shown under the id calls itself so, or is not the CVM that the case is about. */
static bool is_somebody(struct cf_case_run *run, const char *id)
{
    if (!shows(run, id))
        return false;
    if (cf_cvm_names(run->last.json, id))
        return true;
    cJSON *found = cJSON_Duplicate(run->last.json, 1);
    bool same = shows(run, run->fixtures[0]) &&
                (is_same(found, run->last.json, "vm_uuid") || is_same(found, run->last.json, "id"));
    cJSON_Delete(found);
    return !same;
}

void cf_cvm_namesake_withhold(struct cf_case_run *run, const cJSON *step)
{
    const char *id = id_of(step);
    if (id && (is_listed(run->profile, id) || is_somebody(run, id)))
        cf_run_not_applicable(run, "%s, made of another CVM's id, is the id of a CVM itself", id);
}
