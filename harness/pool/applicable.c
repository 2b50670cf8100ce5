#include "harness/pool/applicable.h"
#include "harness/case/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void decide(struct cf_foreseen *out, enum cf_verdict verdict, const char *fmt, ...)
    CF_PRINTF(3, 4);
static void decide(struct cf_foreseen *out, enum cf_verdict verdict, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(out->reason, sizeof(out->reason), fmt, args);
    va_end(args);
    out->verdict = verdict;
}

static void judge_pics(struct cf_foreseen *out, const struct cf_profile *profile)
{
    const struct cf_case *one = out->one;
    for (size_t i = 0; i < one->needs_pics_count; i++) {
        const char *item = one->needs_pics[i];
        bool absent = item[0] == '!';
        if (cf_profile_claims(profile, item + absent) != absent)
            continue;
        decide(out, CF_NOT_APPLICABLE, "pics.%s=%s", item + absent, absent ? "true" : "false");
    }
}

static void judge_fixtures(struct cf_foreseen *out, const struct cf_profile *profile)
{
    const struct cf_case *one = out->one;
    for (size_t i = 0; i < one->role_count; i++) {
        const struct cf_fixture_kind *kind = one->roles[i].kind;
        size_t wanted = 0;
        for (size_t k = 0; k < one->role_count; k++)
            wanted += one->roles[k].kind == kind;
        wanted = kind->exclusive ? wanted : 1;
        size_t have = cf_profile_fixture_count(profile, kind->name);
        if (kind->pics_item && !cf_profile_claims(profile, kind->pics_item)) {
            decide(out, CF_NOT_APPLICABLE, "pics.%s=false", kind->pics_item);
            return;
        }
        if (have < wanted)
            decide(out, CF_INCONCLUSIVE, "needs %zu of pixit.%s.%s, the profile lists %zu", wanted,
                   profile->vocabulary->fixtures_member, kind->name, have);
    }
}

static void judge_hook(const char *name, struct cf_foreseen *out, const struct cf_profile *profile)
{
    if (strstr(name, "${") || cf_profile_hook(profile, name))
        return;
    bool fault = cf_fault_of_hook(profile->vocabulary, name);
    bool not_applicable = fault || out->verdict == CF_NOT_APPLICABLE;
    decide(out, not_applicable ? CF_NOT_APPLICABLE : CF_INCONCLUSIVE,
           "the profile has no hook \"%s\"", name);
}

/* Those of a step, and then those of the steps in it. */
static void judge_hooks(const cJSON *node, struct cf_foreseen *out,
                        const struct cf_profile *profile)
{
    const char *hook = cf_json_text(node, "hook", NULL);
    if (hook)
        judge_hook(hook, out, profile);
    for (const cJSON *child = node->child; child; child = child->next) {
        if (child->child)
            judge_hooks(child, out, profile);
    }
}

void cf_cases_applicable(struct cf_foreseen *cases, size_t count, const struct cf_profile *profile)
{
    struct cf_foreseen of_hooks = {.verdict = CF_PASS};
    judge_hooks(cases->one->steps, &of_hooks, profile);
    for (struct cf_foreseen *out = cases; out < cases + count; out++) {
        out->verdict = CF_PASS;
        out->reason[0] = '\0';
        judge_pics(out, profile);
        if (out->verdict == CF_PASS)
            judge_fixtures(out, profile);
        if (out->verdict == CF_PASS && of_hooks.verdict != CF_PASS)
            decide(out, of_hooks.verdict, "%s", of_hooks.reason);
    }
    if (profile->vocabulary->foresee)
        profile->vocabulary->foresee(cases, count, profile);
}
