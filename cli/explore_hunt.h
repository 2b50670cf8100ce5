/*
 * The hunt: rounds of sequences until one contradicts the model, or enough were run. What was found
 * is run again: where it repeats it is made smaller until nothing can be left out, and the hunt
 * ends; where it does not it goes on, until CF_UNSTABLE_MAX of those were seen. What did not repeat
 * may have come of another sequence at the same time: from then on one runs after the other.
 */
#ifndef CF_CLI_EXPLORE_HUNT_H
#define CF_CLI_EXPLORE_HUNT_H

#include "cli/explore_tries.h"

enum { CF_ROUND_FINDINGS_MAX = 3, CF_UNSTABLE_MAX = 5 };
enum { CF_FINDINGS_MAX = CF_UNSTABLE_MAX + CF_ROUND_FINDINGS_MAX };

struct cf_finding {
    cJSON *first;    /* the sequence as it was found, up to the command that showed it */
    cJSON *smallest; /* what is left of it */
    bool stable;     /* it failed each time that it was run */
    long long after; /* commands that were run up to it, itself included */
    char *message;
    char *requirement; /* may be NULL */
};

struct cf_hunt {
    struct cf_explorer *explorer;
    unsigned long long seed;
    long long commands_max;
    double budget_ms;                             /* 0: none */
    int steps;                                    /* commands a sequence */
    bool only_find;                               /* neither run it again nor make it smaller */
    void (*progress)(const struct cf_hunt *hunt); /* after each round; may be NULL */
    /* made by it */
    struct cf_finding findings[CF_FINDINGS_MAX];
    size_t finding_count;
    size_t followed;               /* of them, from the first */
    long long sequences, commands; /* that were run; shrinking not counted */
    long long judged, unjudged;    /* sequences */
    long long shrinking;           /* sequences run to make others smaller */
    char *why_unjudged;            /* of the last one; NULL where there is none */
    double started_ms;
};

/* Errors: as cf_tries_run(). Also without error it may have ended early: explorer->signal. */
CF_MUST_CHECK enum cf_code cf_hunt_run(struct cf_hunt *hunt, struct cf_err *err);
void cf_hunt_release(struct cf_hunt *hunt);

#endif
