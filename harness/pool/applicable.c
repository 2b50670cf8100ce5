#include "harness/pool/applicable.h"
#include "harness/case/fault.h"

#include <stdio.h>
#include <string.h>

struct judge {
    const struct cf_profile *profile;
    enum cf_verdict verdict;
    char *reason;
    size_t reason_size;
};

static void judge_fixtures(const struct cf_case *one, struct judge *judge)
{
    for (size_t i = 0; i < one->role_count; i++) {
        const struct cf_fixture_kind *kind = one->roles[i].kind;
        size_t wanted = 0;
        for (size_t k = 0; k < one->role_count; k++)
            wanted += one->roles[k].kind == kind;
        size_t have = cf_profile_fixture_count(judge->profile, kind->name);
        if (kind->pics_item && !cf_profile_claims(judge->profile, kind->pics_item)) {
            judge->verdict = CF_NOT_APPLICABLE;
            snprintf(judge->reason, judge->reason_size, "pics.%s=false", kind->pics_item);
            return;
        }
        if (have < (kind->exclusive ? wanted : 1)) {
            judge->verdict = CF_INCONCLUSIVE;
            snprintf(judge->reason, judge->reason_size,
                     "needs %zu of pixit.%s.%s, the profile lists %zu",
                     kind->exclusive ? wanted : 1, judge->profile->vocabulary->fixtures_member,
                     kind->name, have);
        }
    }
}

static void judge_pics(const struct cf_case *one, struct judge *judge)
{
    for (size_t i = 0; i < one->needs_pics_count; i++) {
        const char *item = one->needs_pics[i];
        bool absent = item[0] == '!';
        if (cf_profile_claims(judge->profile, item + absent) != absent)
            continue;
        judge->verdict = CF_NOT_APPLICABLE;
        snprintf(judge->reason, judge->reason_size, "pics.%s=%s", item + absent,
                 absent ? "true" : "false");
    }
}

static void judge_hook(const char *name, struct judge *judge)
{
    if (strstr(name, "${") || cf_profile_hook(judge->profile, name))
        return;
    bool fault = cf_fault_of_hook(judge->profile->vocabulary, name);
    if (judge->verdict != CF_NOT_APPLICABLE)
        judge->verdict = fault ? CF_NOT_APPLICABLE : CF_INCONCLUSIVE;
    snprintf(judge->reason, judge->reason_size, "the profile has no hook \"%s\"", name);
}

/* Those of a step, and then those of the steps in it. */
static void judge_hooks(const cJSON *node, struct judge *judge)
{
    const char *hook = cf_json_text(node, "hook", NULL);
    if (hook)
        judge_hook(hook, judge);
    for (const cJSON *child = node->child; child; child = child->next) {
        if (child->child)
            judge_hooks(child, judge);
    }
}

enum cf_verdict cf_case_applicable(const struct cf_case *one, const struct cf_profile *profile,
                                   char *out_reason, size_t reason_size)
{
    struct judge judge = {profile, CF_PASS, out_reason, reason_size};
    out_reason[0] = '\0';
    judge_pics(one, &judge);
    if (judge.verdict == CF_PASS)
        judge_fixtures(one, &judge);
    if (judge.verdict == CF_PASS)
        judge_hooks(one->steps, &judge);
    if (judge.verdict == CF_PASS && profile->vocabulary->foresee)
        judge.verdict = profile->vocabulary->foresee(one, profile, out_reason, reason_size);
    return judge.verdict;
}
