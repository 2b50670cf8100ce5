/*
 * What the engine has to be told about the domain, as data: which fixtures, capabilities, values
 * and hooks a profile may name. The engine itself knows none of these words.
 */
#ifndef CF_CASE_DOMAIN_H
#define CF_CASE_DOMAIN_H

#include "harness/base/json.h"
#include "harness/base/list.h"
#include "harness/record/record.h"

struct cf_case;
struct cf_profile;

/* A kind of fixture of the IUT, listed in the profile under pixit's fixtures member. */
struct cf_fixture_kind {
    const char *name;
    const char *pics_item; /* a profile that denies this item need not list any; NULL: always */
    bool exclusive;        /* leased to one case at a time, and put back after the run */
};

/* A hook that puts the IUT as a whole out of order, and the hook that puts it in order again. A
 * case that calls one has the IUT to itself; whatever becomes of it, the other is called; and it is
 * not applicable where the profile lacks one of the two. */
struct cf_fault {
    const char *begin;
    const char *end;
};

/* What is known of a case before it runs. */
struct cf_foreseen {
    const struct cf_case *one;
    enum cf_verdict verdict; /* CF_PASS: nothing; CF_NOT_APPLICABLE, CF_INCONCLUSIVE: its end */
    char reason[600];        /* for that; "" for nothing */
};

struct cf_vocabulary {
    const char *fixtures_member;                 /* "cvms" */
    const struct cf_fixture_kind *fixture_kinds; /* ends with a NULL name */
    const char *const *pics_required; /* booleans a profile must state; NULL-terminated */
    const char *const *pics_optional; /* booleans it may state, false by default */
    const char *const *value_fields;  /* fields a profile may list legal values for */
    const char *const *needs_values;  /* those that cannot be changed without such a list */
    const char *const *observed;      /* what can be read, for overrides of the preset */
    const char *const *presets;       /* ways of reading */
    const char *const *const *hidden; /* as presets: what each says is shown nowhere. NULL: none */
    /* Why the field cannot have this value, NULL where it can. May be NULL. */
    const char *(*value_fault)(const char *field, const cJSON *value);
    /* Whether two different values are one and the same to the field. May be NULL. */
    bool (*values_alike)(const char *field, const cJSON *a, const cJSON *b);
    /* What the profile alone decides of cases (at least one) whose steps are the same ones: of each
     * whose verdict is CF_PASS still, as it has the fixtures, items and hooks it needs. May be
     * NULL. */
    void (*foresee)(struct cf_foreseen *cases, size_t count, const struct cf_profile *profile);
    const char *const *hooks;       /* hook names */
    const char *const *hook_inputs; /* what a hook is given; NULL-terminated. NULL: anything */
    /* The member that a hook's answer must have, NULL for none. May be NULL. */
    const char *(*hook_answer)(const char *hook);
    /* Add a line for each thing that will keep a run from judging, though it is no mistake. May be
     * NULL. */
    void (*warn)(const struct cf_profile *profile, struct cf_list *lines);
    const struct cf_fault *faults;    /* pairs of them; ends with a NULL begin. NULL: none */
    const char *const *shown_headers; /* of pixit.headers: not a secret; NULL-terminated, or NULL */
    const char *choice_member;        /* "phase2_body": one more member of pixit ... */
    const char *const *choices;       /* ... and its values, the default first */
};

#endif
