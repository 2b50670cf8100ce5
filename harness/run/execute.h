/* One case, from its steps to its record. */
#ifndef CF_RUN_EXECUTE_H
#define CF_RUN_EXECUTE_H

#include "harness/run/run.h"

struct cf_case_setting {
    const struct cf_engine *engine;
    const struct cf_profile *profile;
    unsigned long long seed;
    const struct cf_redactor *redactor; /* of the profile's secrets; making one takes a while */
    struct cf_json_texts *texts;        /* answers that cases read more than once; or NULL */
};

/* Which run of a case this is. No two use the same random values. */
struct cf_turn {
    int attempt;                  /* of those that the user asked for, from 1 */
    int tries;                    /* of this attempt, this one included; see cf_run_undecided() */
    const char *const *failed_on; /* main fixtures of earlier tries that ended CF_END_OPERATION */
    size_t failed_on_count;
    int failed_at;            /* the step in which all of those did; -1: none is */
    const char *const *forms; /* of answers that came in every try of other cases */
    size_t form_count;
    bool seeks_lock; /* find out whether this case locks its main fixture for good */
    /* Id of the case whose exchanges these are; NULL: its own. Random values are that case's too,
     * the steps where this one is within it, and no operation is counted again. */
    const char *shares;
};

/* Run a case on these fixtures (ids in the order of its roles) over io and fill record (zeroed by
 * the caller). Never fails: trouble is a verdict. Returns enum cf_case_end. */
unsigned cf_case_execute(const struct cf_case_setting *setting, const struct cf_case *one,
                         const char *const *fixtures, struct cf_turn turn, struct cf_io *io,
                         struct cf_case_record *record);
/* Fill in what a record says about its case before it runs. */
void cf_case_describe(const struct cf_case *one, int attempt, struct cf_case_record *record);
/* Start and end a run without a case, for housekeeping on one fixture. */
void cf_case_run_begin(struct cf_case_run *run, const struct cf_case_setting *setting,
                       const struct cf_case *one, const char *const *fixtures, struct cf_turn turn,
                       struct cf_io *io, struct cf_case_record *record);
void cf_case_run_end(struct cf_case_run *run);

#endif
